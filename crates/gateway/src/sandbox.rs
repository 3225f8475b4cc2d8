//! The outside world of a test book, played by hand.

mod authorizations;
mod clearings;
mod clock;
mod deposits;
mod holds;
mod presentments;
mod refunds;
mod reorganisations;
mod settlement;
mod terms;
mod transfers;
mod treasury;
mod verifications;

use ledger::{Amount, Money, TransactionId};
use serde::Serialize;

use crate::front::Audience::Platforms;
use crate::front::Routes;
use crate::routes::Route;

/// What a message of the network did to a card transaction, where an amount says all.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AmountView {
    object: &'static str,
    transaction_id: String,
    amount: u128,
}

impl AmountView {
    fn new(object: &'static str, transaction: TransactionId, amount: Amount) -> Self {
        Self { object, transaction_id: transaction.to_string(), amount: amount.0 }
    }
}

#[derive(Serialize)]
struct MoneyView {
    asset: &'static str,
    amount: String,
}

impl From<Money> for MoneyView {
    fn from(Money { amount, asset }: Money) -> Self {
        Self { asset: asset.code(), amount: asset.format(amount) }
    }
}

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .write(Route::PlayVerification, Platforms, verifications::play)
        .write(Route::PlayDeposit, Platforms, deposits::play)
        .write(Route::PlayAuthorization, Platforms, authorizations::play)
        .write(Route::PlayReversal, Platforms, holds::reverse)
        .write(Route::PlayClearing, Platforms, clearings::clear)
        .write(Route::PlayExpiry, Platforms, holds::expire)
        .write(Route::PlayRefund, Platforms, refunds::refund)
        .write(Route::AdvanceClock, Platforms, clock::advance)
        .write(Route::PlayIncrement, Platforms, authorizations::increment)
        .write(Route::PlayConfirmation, Platforms, holds::confirm)
        .write(Route::PlayCorrection, Platforms, clearings::correct)
        .write(Route::PlayRefundReversal, Platforms, refunds::reverse)
        .write(Route::PlayRelease, Platforms, refunds::release)
        .write(Route::PlayForcePost, Platforms, clearings::force)
        .write(Route::PlayUnlinkedRefund, Platforms, refunds::unlinked)
        .write(Route::PlayPresentment, Platforms, presentments::play)
        .write(Route::AssignPresentment, Platforms, presentments::assign)
        .write(Route::WriteOffPresentment, Platforms, presentments::write_off)
        .write(Route::SettleNetwork, Platforms, settlement::settle)
        .write(Route::ReverseDeposit, Platforms, reorganisations::reverse)
        .write(Route::AdvanceTransfer, Platforms, transfers::advance)
        .write(Route::ConvertTreasury, Platforms, treasury::convert)
}
