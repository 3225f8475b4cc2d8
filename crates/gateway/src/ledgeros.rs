//! LedgerOS: people, their agents, and what these spend.

mod agents;
mod balances;
mod cards;
mod details;
mod documents;
mod intents;
pub(crate) mod transactions;
mod users;
mod verification;

pub(crate) use verification::{VERIFICATION_PAGES, VerificationView, as_shown};

use crate::front::Audience::{Agents, Platforms};
use crate::front::Routes;
use crate::routes::Route;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .write(Route::CreateUser, Platforms, users::create, users::describe_create())
        .read("/v1/users", Platforms, users::list, users::describe_list())
        .read("/v1/users/{userId}", Platforms, users::show, users::describe_show())
        .read("/v1/users/{userId}/funding", Platforms, users::funding, users::describe_funding())
        .write(
            Route::StartVerification,
            Platforms,
            verification::start,
            verification::describe_start(),
        )
        .read(
            "/v1/verification/user/{userId}",
            Platforms,
            verification::show,
            verification::describe_show(),
        )
        .write(Route::AddDocument, Platforms, documents::add, documents::describe_add())
        .read("/v1/balances/{userId}", Platforms, balances::show, balances::describe_show())
        .write(Route::RegisterAgent, Platforms, agents::register, agents::describe_register())
        .read("/v1/agents", Platforms, agents::list, agents::describe_list())
        .read("/v1/agents/{agentId}", Agents, agents::show, agents::describe_show())
        .write(
            Route::ChangeAgent,
            Platforms,
            agents::change_policy,
            agents::describe_change_policy(),
        )
        .write(Route::SuspendAgent, Platforms, agents::suspend, agents::describe_suspend())
        .write(Route::ReactivateAgent, Platforms, agents::reactivate, agents::describe_reactivate())
        .write(Route::CreateCard, Agents, cards::create, cards::describe_create())
        .read("/v1/cards/{cardId}", Agents, cards::show, cards::describe_show())
        .write(Route::ChangeCard, Platforms, cards::change_limits, cards::describe_change_limits())
        .write(Route::FreezeCard, Agents, cards::freeze, cards::describe_freeze())
        .write(Route::UnfreezeCard, Platforms, cards::unfreeze, cards::describe_unfreeze())
        .write(Route::CloseCard, Agents, cards::close, cards::describe_close())
        .write(Route::DeclareIntent, Agents, intents::declare, intents::describe_declare())
        .read("/v1/cards/{cardId}/intents", Agents, intents::list, intents::describe_list())
        .read("/v1/intents/{intentId}", Agents, intents::show, intents::describe_show())
        .write(Route::CancelIntent, Agents, intents::cancel, intents::describe_cancel())
        .write(Route::ApproveIntent, Platforms, intents::approve, intents::describe_approve())
        .write(Route::RejectIntent, Platforms, intents::reject, intents::describe_reject())
        .write(Route::ReadDetails, Agents, details::read, details::describe_read())
}
