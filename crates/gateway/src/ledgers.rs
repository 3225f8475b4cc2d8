//! Ledgers: accounts that platforms open themselves, and the books as a whole, for whoever reads double entry.

mod accounts;
mod entries;
mod journals;
mod reports;
mod statements;
mod transfers;

use crate::front::Audience::Platforms;
use crate::front::Routes;
use crate::routes::Route;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .write(Route::CreateLedger, Platforms, accounts::create)
        .read("/v1/ledgers", Platforms, accounts::list)
        .read("/v1/ledgers/{ledgerId}", Platforms, accounts::show)
        .read("/v1/ledgers/{ledgerId}/balance", Platforms, accounts::balance)
        .read("/v1/ledgers/{ledgerId}/entries", Platforms, statements::entries)
        .read("/v1/ledgers/{ledgerId}/statement", Platforms, statements::statement)
        .write(Route::FreezeLedger, Platforms, accounts::freeze)
        .write(Route::UnfreezeLedger, Platforms, accounts::unfreeze)
        .write(Route::CloseLedger, Platforms, accounts::close)
        .write(Route::TransferBetweenLedgers, Platforms, transfers::create)
        .write(Route::PostJournal, Platforms, journals::post)
        .read("/v1/ledgers/journals/{journalId}", Platforms, journals::show)
        .write(Route::ReverseJournal, Platforms, journals::reverse)
        .read("/v1/ledgers/reports/trial-balance", Platforms, reports::trial_balance)
}
