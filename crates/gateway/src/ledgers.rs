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
        .write(Route::CreateLedger, Platforms, accounts::create, accounts::describe_create())
        .read("/v1/ledgers", Platforms, accounts::list, accounts::describe_list())
        .read("/v1/ledgers/{ledgerId}", Platforms, accounts::show, accounts::describe_show())
        .read(
            "/v1/ledgers/{ledgerId}/balance",
            Platforms,
            accounts::balance,
            accounts::describe_balance(),
        )
        .read(
            "/v1/ledgers/{ledgerId}/entries",
            Platforms,
            statements::entries,
            statements::describe_entries(),
        )
        .read(
            "/v1/ledgers/{ledgerId}/statement",
            Platforms,
            statements::statement,
            statements::describe_statement(),
        )
        .write(Route::FreezeLedger, Platforms, accounts::freeze, accounts::describe_freeze())
        .write(Route::UnfreezeLedger, Platforms, accounts::unfreeze, accounts::describe_unfreeze())
        .write(Route::CloseLedger, Platforms, accounts::close, accounts::describe_close())
        .write(
            Route::TransferBetweenLedgers,
            Platforms,
            transfers::create,
            transfers::describe_create(),
        )
        .write(Route::PostJournal, Platforms, journals::post, journals::describe_post())
        .read("/v1/journals/{journalId}", Platforms, journals::show, journals::describe_show())
        .write(Route::ReverseJournal, Platforms, journals::reverse, journals::describe_reverse())
        .read(
            "/v1/ledgers/reports/trial-balance",
            Platforms,
            reports::trial_balance,
            reports::describe_trial_balance(),
        )
}
