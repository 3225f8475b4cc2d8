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

pub(crate) use verification::{VERIFICATION_PAGES, VerificationView};

use crate::front::Audience::{Agents, Platforms};
use crate::front::Routes;
use crate::routes::Route;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .write(Route::CreateUser, Platforms, users::create)
        .read("/v1/users", Platforms, users::list)
        .read("/v1/users/{userId}", Platforms, users::show)
        .read("/v1/users/{userId}/funding", Platforms, users::funding)
        .write(Route::StartVerification, Platforms, verification::start)
        .read("/v1/verification/user/{userId}", Platforms, verification::show)
        .write(Route::AddDocument, Platforms, documents::add)
        .read("/v1/balances/{userId}", Platforms, balances::show)
        .write(Route::RegisterAgent, Platforms, agents::register)
        .read("/v1/agents", Platforms, agents::list)
        .read("/v1/agents/{agentId}", Agents, agents::show)
        .write(Route::ChangeAgent, Platforms, agents::change_policy)
        .write(Route::SuspendAgent, Platforms, agents::suspend)
        .write(Route::ReactivateAgent, Platforms, agents::reactivate)
        .write(Route::CreateCard, Agents, cards::create)
        .read("/v1/cards/{cardId}", Agents, cards::show)
        .write(Route::ChangeCard, Platforms, cards::change_limits)
        .write(Route::FreezeCard, Agents, cards::freeze)
        .write(Route::UnfreezeCard, Platforms, cards::unfreeze)
        .write(Route::CloseCard, Agents, cards::close)
        .write(Route::DeclareIntent, Agents, intents::declare)
        .read("/v1/cards/{cardId}/intents", Agents, intents::list)
        .read("/v1/intents/{intentId}", Agents, intents::show)
        .write(Route::CancelIntent, Agents, intents::cancel)
        .write(Route::ApproveIntent, Platforms, intents::approve)
        .write(Route::RejectIntent, Platforms, intents::reject)
        .write(Route::ReadDetails, Agents, details::read)
}
