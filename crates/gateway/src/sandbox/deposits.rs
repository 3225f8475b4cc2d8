//! Tokens that arrive.

use ledger::deposits::ConfirmDeposit;
use ledger::{Asset, Command, Event, Rate, Text};
use providers::Address;
use providers::sandbox::custody;
use serde::Serialize;

use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::hex;
use crate::input::Field;
use crate::input::read::{asset, count, decimal, text};
use crate::reference;

/// A token is worth a dollar here.
const RATE: Rate = Rate::ONE;
const RATE_SOURCE: &str = "sandbox";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DepositView {
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

/// `POST /v1/sandbox/deposits`
pub(super) async fn play(call: Call<Write>) -> Result<Answer, Error> {
    let (address, asset, amount, hash, index) = call.body(|fields| {
        let address = fields.required("address", address)?;
        let asset = fields.required("asset", asset)?;
        let amount = fields.required("amount", decimal(asset))?;
        let hash = fields.optional("transactionHash", text::<100>)?;
        let index = fields.optional("index", count(0, u32::MAX))?;
        Ok((address, asset, amount, hash, index.unwrap_or(0)))
    })?;
    let recipient = custody::recipient(&call.gateway.seed, &address);
    let (holder, chain) = recipient.ok_or(Error::UnknownAddress)?;
    if !custody::chains(asset).contains(&chain) {
        return Err(Error::invalid("asset", format!("is not taken on `{chain}`")));
    }
    // Without a hash, every command is a deposit of its own.
    let hash = hash
        .as_ref()
        .map_or_else(|| hex::encode(&call.kind.command.0), |hash| hash.as_str().to_owned());
    let command = ConfirmDeposit {
        holder,
        chain,
        asset,
        amount,
        rate: RATE,
        rate_source: Text::new(RATE_SOURCE).expect("the name is short"),
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

fn address(field: Field) -> Result<Address, Error> {
    Address::parse(field.text()?).map_err(|error| field.invalid(format!("is refused: {error}")))
}
