//! Paths that two surfaces share: the key decides which of them answers.

mod keys;
mod time;
mod webhooks;

use ledger::keys::Family;

use crate::call::{Answer, Call, Read};
use crate::error::Error;
use crate::front::Audience::{Admins, Agents, Platforms};
use crate::front::{Does, Routes};
use crate::routes::Route;
use crate::{ledger_api, ledgeros};

pub(crate) fn routes(routes: Routes) -> Routes {
    let list = Does {
        ledger_os: ledgeros::transactions::describe_list(),
        ledger_api: ledger_api::transactions::describe_list(),
    };
    let show = Does {
        ledger_os: ledgeros::transactions::describe_show(),
        ledger_api: ledger_api::transactions::describe_show(),
    };
    routes
        .read("/v1/transactions", Agents, transactions, list)
        .read("/v1/transactions/{transactionId}", Agents, transaction, show)
        .write(Route::CreateKey, Admins, keys::create, keys::describe_create())
        .read("/v1/keys", Admins, keys::list, keys::describe_list())
        .write(Route::RevokeKey, Admins, keys::revoke, keys::describe_revoke())
        .write(Route::CreateWebhook, Platforms, webhooks::create, webhooks::describe_create())
        .read("/v1/webhooks", Platforms, webhooks::list, webhooks::describe_list())
        .read("/v1/webhooks/{webhookId}", Platforms, webhooks::show, webhooks::describe_show())
        .read(
            "/v1/webhooks/{webhookId}/deliveries",
            Platforms,
            webhooks::deliveries,
            webhooks::describe_deliveries(),
        )
        .write(Route::ChangeWebhook, Platforms, webhooks::change, webhooks::describe_change())
        .write(Route::RemoveWebhook, Platforms, webhooks::remove, webhooks::describe_remove())
        .write(Route::RotateWebhookSecret, Platforms, webhooks::rotate, webhooks::describe_rotate())
        .write(Route::TestWebhook, Platforms, webhooks::test, webhooks::describe_test())
        .write(Route::ReplayWebhook, Platforms, webhooks::replay, webhooks::describe_replay())
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
