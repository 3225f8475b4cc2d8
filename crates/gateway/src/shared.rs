//! Paths that two surfaces share: the key decides which of them answers.

mod keys;

use ledger::keys::Family;

use crate::call::{Answer, Call, Read};
use crate::error::Error;
use crate::front::Audience::{Admins, Agents};
use crate::front::Routes;
use crate::routes::Route;
use crate::{ledger_api, ledgeros};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .read("/v1/transactions", Agents, transactions)
        .read("/v1/transactions/{transactionId}", Agents, transaction)
        .write(Route::CreateKey, Admins, keys::create)
        .read("/v1/keys", Admins, keys::list)
        .write(Route::RevokeKey, Admins, keys::revoke)
}

/// `GET /v1/transactions`
async fn transactions(call: Call<Read>) -> Result<Answer, Error> {
    match call.caller.family {
        Family::LedgerOs => ledgeros::transactions::list(call).await,
        Family::LedgerApi => ledger_api::transactions::list(call).await,
    }
}

/// `GET /v1/transactions/{transactionId}`
async fn transaction(call: Call<Read>) -> Result<Answer, Error> {
    match call.caller.family {
        Family::LedgerOs => ledgeros::transactions::show(call).await,
        Family::LedgerApi => ledger_api::transactions::show(call).await,
    }
}
