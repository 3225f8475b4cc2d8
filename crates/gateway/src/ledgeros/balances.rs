//! What users have.

use ledger::{Asset, HolderId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::call::{Answer, Call, Read};
use crate::error::Error;
use crate::input::read::Id;
use crate::openapi::{Operation, Tag};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Balance)]
struct BalanceView {
    object: &'static str,
    user_id: String,
    /// What may be spent now.
    available: u128,
    /// What open authorizations hold, what intents have set aside, and what is on its way out.
    pending: u128,
    /// What has really moved, and is the user's; below zero when the user owes money.
    settled: i128,
    /// All confirmed deposits ever.
    deposited: u128,
    currency: &'static str,
    position: u64,
}

/// `GET /v1/balances/{userId}`
pub(super) async fn show(mut call: Call<Read>) -> Result<Answer, Error> {
    let holder = call.path_id("userId")?;
    call.no_query()?;
    let found =
        call.ask(|models| &models.balances, move |balances| balances.holder(holder)).await?;
    let balance = found.value.ok_or(Error::UnknownId { noun: HolderId::NOUN })?;
    let pending = balance.held + balance.reserved + balance.withdrawing;
    let owned = (balance.available + pending).0.cast_signed();
    let view = BalanceView {
        object: "balance",
        user_id: holder.to_string(),
        available: balance.available.0,
        pending: pending.0,
        settled: owned - balance.overdrawn.0.cast_signed(),
        deposited: balance.deposited.0,
        currency: Asset::Usd.code(),
        position: found.position.0,
    };
    Ok(Answer::shown(found.position, &view))
}

/// What [`show`] does.
pub(super) fn describe_show() -> Operation {
    Operation::new(Tag::Balances, "getBalance", "Show what a user has").answers::<BalanceView>()
}
