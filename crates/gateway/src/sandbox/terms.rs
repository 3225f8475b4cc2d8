//! What the network says of a purchase, however it comes.

use ledger::amount::AMOUNT_MAX;
use ledger::authorizations::{Original, Terms};
use ledger::matching::Merchant;
use ledger::{Amount, Asset};
use providers::sandbox::network;

use crate::error::Error;
use crate::input::read::{asset, country, mcc, text};
use crate::input::{Field, Fields};
use crate::reference;

/// Reads who asks for how much. What is in a foreign currency, the network has converted.
pub(super) fn terms(
    fields: &mut Fields,
    amount: impl FnOnce(Field) -> Result<Amount, Error>,
) -> Result<Terms, Error> {
    let amount = fields.required("amount", amount)?;
    let asset = fields.optional("currency", asset)?.unwrap_or(Asset::Usd);
    let merchant = fields.required("merchant", merchant)?;
    let network_id = network_id(fields, "networkId")?;
    let (amount, asset, original) = match network::original(amount, asset) {
        None => (amount, asset, None),
        Some(original) => (in_dollars(&original)?, Asset::Usd, Some(original)),
    };
    Ok(Terms { amount, asset, original, merchant, network_id })
}

/// Reads the network's id of a message.
pub(super) fn network_id(
    fields: &mut Fields,
    name: &'static str,
) -> Result<Option<[u8; 16]>, Error> {
    Ok(fields.optional(name, text)?.as_ref().map(reference::network))
}

/// A purchase that is worth less than a cent would look like a check of the card.
fn in_dollars(original: &Original) -> Result<Amount, Error> {
    let least = original.amount.min(Amount(1));
    let dollars = network::converted(original);
    dollars.filter(|cents| (least..=AMOUNT_MAX).contains(cents)).ok_or_else(|| {
        Error::invalid("amount", format!("must be worth from 1 to {} US cents", AMOUNT_MAX.0))
    })
}

fn merchant(field: Field) -> Result<Merchant, Error> {
    field.object(|fields| {
        Ok(Merchant {
            name: fields.required("name", text)?,
            mcc: fields.optional("mcc", mcc)?,
            city: fields.optional("city", text)?,
            country: fields.optional("country", country)?,
        })
    })
}
