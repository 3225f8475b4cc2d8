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
use utoipa::ToSchema;
use utoipa::openapi::Object;

use crate::front::Audience::Platforms;
use crate::front::Routes;
use crate::openapi::schema;
use crate::routes::Route;

/// What a message of the network did to a card transaction, where an amount says all.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PlayedAmount)]
struct AmountView {
    #[schema(schema_with = amount_objects)]
    object: &'static str,
    transaction_id: String,
    amount: u128,
}

fn amount_objects() -> Object {
    schema::one_of(["correction", "presentment", "refund", "refundReversal", "release", "writeOff"])
}

impl AmountView {
    fn new(object: &'static str, transaction: TransactionId, amount: Amount) -> Self {
        Self { object, transaction_id: transaction.to_string(), amount: amount.0 }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Money)]
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
        .write(
            Route::PlayVerification,
            Platforms,
            verifications::play,
            verifications::describe_play(),
        )
        .write(Route::PlayDeposit, Platforms, deposits::play, deposits::describe_play())
        .write(
            Route::PlayAuthorization,
            Platforms,
            authorizations::play,
            authorizations::describe_play(),
        )
        .write(Route::PlayReversal, Platforms, holds::reverse, holds::describe_reverse())
        .write(Route::PlayClearing, Platforms, clearings::clear, clearings::describe_clear())
        .write(Route::PlayExpiry, Platforms, holds::expire, holds::describe_expire())
        .write(Route::PlayRefund, Platforms, refunds::refund, refunds::describe_refund())
        .write(Route::AdvanceClock, Platforms, clock::advance, clock::describe_advance())
        .write(
            Route::PlayIncrement,
            Platforms,
            authorizations::increment,
            authorizations::describe_increment(),
        )
        .write(Route::PlayConfirmation, Platforms, holds::confirm, holds::describe_confirm())
        .write(Route::PlayCorrection, Platforms, clearings::correct, clearings::describe_correct())
        .write(Route::PlayRefundReversal, Platforms, refunds::reverse, refunds::describe_reverse())
        .write(Route::PlayRelease, Platforms, refunds::release, refunds::describe_release())
        .write(Route::PlayForcePost, Platforms, clearings::force, clearings::describe_force())
        .write(
            Route::PlayUnlinkedRefund,
            Platforms,
            refunds::unlinked,
            refunds::describe_unlinked(),
        )
        .write(Route::PlayPresentment, Platforms, presentments::play, presentments::describe_play())
        .write(
            Route::AssignPresentment,
            Platforms,
            presentments::assign,
            presentments::describe_assign(),
        )
        .write(
            Route::WriteOffPresentment,
            Platforms,
            presentments::write_off,
            presentments::describe_write_off(),
        )
        .write(Route::SettleNetwork, Platforms, settlement::settle, settlement::describe_settle())
        .write(
            Route::ReverseDeposit,
            Platforms,
            reorganisations::reverse,
            reorganisations::describe_reverse(),
        )
        .write(Route::AdvanceTransfer, Platforms, transfers::advance, transfers::describe_advance())
        .write(Route::ConvertTreasury, Platforms, treasury::convert, treasury::describe_convert())
}
