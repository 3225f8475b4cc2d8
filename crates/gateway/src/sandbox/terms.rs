//! What the network says of a purchase, however it comes.

use ledger::amount::{AMOUNT_MAX, AssetKind};
use ledger::authorizations::{Original, Terms};
use ledger::matching::Merchant;
use ledger::{Amount, Asset};
use providers::sandbox::network;

use crate::error::Error;
use crate::input::read::{asset, country, mcc, text};
use crate::input::{Field, Fields};
use crate::openapi::schema::{self, Body, object};
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

/// What [`terms`] reads besides the amount.
pub(super) fn describe(body: Body) -> Body {
    let merchant = object()
        .required("name", schema::text(100))
        .optional("mcc", schema::mcc())
        .optional("city", schema::text(50))
        .optional("country", schema::country());
    body.optional("currency", schema::asset(&[AssetKind::Currency]))
        .required("merchant", merchant)
        .optional("networkId", schema::text(100))
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
