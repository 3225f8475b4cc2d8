//! The outside world of a test book, played by hand.

mod authorizations;
mod clock;
mod deposits;
mod transactions;
mod verifications;

use crate::front::Audience::Platforms;
use crate::front::Routes;
use crate::routes::Route;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .write(Route::PlayVerification, Platforms, verifications::play)
        .write(Route::PlayDeposit, Platforms, deposits::play)
        .write(Route::PlayAuthorization, Platforms, authorizations::play)
        .write(Route::PlayReversal, Platforms, transactions::reverse)
        .write(Route::PlayClearing, Platforms, transactions::clear)
        .write(Route::PlayExpiry, Platforms, transactions::expire)
        .write(Route::PlayRefund, Platforms, transactions::refund)
        .write(Route::AdvanceClock, Platforms, clock::advance)
}
