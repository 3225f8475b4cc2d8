//! Tokens for a person: their worth in US dollars.

use ledger::deposits::{Chain, ConfirmDeposit};
use ledger::{Asset, Command, Event, HolderId, Rate};
use providers::sandbox::{custody, rates};
use serde::Serialize;
use utoipa::ToSchema;

use super::Sent;
use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::reference;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PlayedDeposit)]
pub(super) struct DepositView {
    object: &'static str,
    transaction_id: String,
    user_id: String,
    chain: &'static str,
    asset: &'static str,
    amount: String,
    /// In cents.
    credited: u128,
    currency: &'static str,
    /// Whether the user can spend it, or it waits for approval.
    released: bool,
    created_at: u64,
}

pub(super) async fn on_chain(
    call: Call<Write>,
    holder: HolderId,
    chain: Chain,
    sent: Sent,
) -> Result<Answer, Error> {
    let Sent { asset, amount, hash, index } = sent;
    let is_taken =
        custody::FUNDING_ASSETS.contains(&asset) && custody::chains(asset).contains(&chain);
    if !is_taken {
        return Err(Error::invalid("asset", format!("is not taken on `{chain}`")));
    }
    let command = ConfirmDeposit {
        holder,
        chain,
        asset,
        amount,
        rate: Rate::ONE,
        rate_source: rates::source(),
        reference: reference::deposit(chain, &hash, index),
    };
    let written = call.submit(Command::ConfirmDeposit(command)).await?;

    let confirmed = written.event("transactionHash", |event| match event {
        Event::DepositConfirmed(event) if event.holder == holder => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&DepositView {
        object: "deposit",
        transaction_id: confirmed.transaction.to_string(),
        user_id: confirmed.holder.to_string(),
        chain: confirmed.chain.name(),
        asset: confirmed.asset.code(),
        amount: confirmed.asset.format(confirmed.amount),
        credited: confirmed.credited.0,
        currency: Asset::Usd.code(),
        released: confirmed.released,
        created_at: written.at_ms(),
    }))
}
