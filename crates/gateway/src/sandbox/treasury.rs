//! The programme sells what it has of one asset for another.

use ledger::amount::AssetKind;
use ledger::treasury::ConvertTreasury;
use ledger::{Command, Event, Money};
use providers::sandbox::rates;
use serde::Serialize;
use utoipa::ToSchema;

use super::MoneyView;
use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::Field;
use crate::input::read::{asset, decimal};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Conversion)]
struct ConversionView {
    object: &'static str,
    sold: MoneyView,
    bought: MoneyView,
    created_at: u64,
}

/// `POST /v1/sandbox/treasury/conversions`
pub(super) async fn convert(call: Call<Write>) -> Result<Answer, Error> {
    let (sold, bought) = call
        .body(|fields| Ok((fields.required("sold", money)?, fields.required("bought", money)?)))?;
    let command = ConvertTreasury { sold, bought, source: rates::source() };
    let written = call.submit(Command::ConvertTreasury(command)).await?;
    let converted = written.event("Idempotency-Key", |event| match event {
        Event::TreasuryConverted(event) => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&ConversionView {
        object: "conversion",
        sold: converted.sold.into(),
        bought: converted.bought.into(),
        created_at: written.at_ms(),
    }))
}

/// What [`convert`] does.
pub(super) fn describe_convert() -> Operation {
    let money = object()
        .required("asset", schema::asset(&[AssetKind::Currency, AssetKind::Token, AssetKind::Coin]))
        .required("amount", schema::decimal());
    Operation::new(Tag::Sandbox, "convertTreasury", "Sell one asset of the programme for another")
        .takes(object().required("sold", money.clone()).required("bought", money))
        .answers::<ConversionView>()
}

fn money(field: Field) -> Result<Money, Error> {
    field.object(|fields| {
        let asset = fields.required("asset", asset)?;
        Ok(Money { amount: fields.required("amount", decimal(asset))?, asset })
    })
}
