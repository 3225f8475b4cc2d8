//! Readers: from a field to a domain type.

use std::fmt;

use ledger::amount::{AMOUNT_MAX, AssetKind, COIN_AMOUNT_MAX};
use ledger::matching::Mcc;
use ledger::{
    AgentId, Amount, Asset, CardId, HolderId, IntentId, JournalId, KeyId, LedgerId, Position, Text,
    Timestamp, TransactionId, VirtualAccountId, WalletId, WebhookId, id as ids,
};

use super::calendar;
use super::fields::Field;
use super::json::Json;
use crate::error::Error;
use crate::uuid;
use crate::words::Word;

/// Text of 1 to `MAX` characters.
pub(crate) fn text<const MAX: usize>(field: Field) -> Result<Text<MAX>, Error> {
    Text::new(field.text()?).map_err(|error| field.invalid(error.to_string()))
}

/// An amount in integer minor units.
pub(crate) fn cents(field: Field) -> Result<Amount, Error> {
    cents_from(1, &field)
}

/// An amount in integer minor units, or zero.
pub(crate) fn cents_or_zero(field: Field) -> Result<Amount, Error> {
    cents_from(0, &field)
}

fn cents_from(min: u128, field: &Field) -> Result<Amount, Error> {
    match field.value {
        Json::Integer(cents) if (min..=AMOUNT_MAX.0).contains(&u128::from(cents)) => {
            Ok(Amount(u128::from(cents)))
        }
        _ => {
            let max = AMOUNT_MAX.0;
            Err(field.invalid(format!("must be an integer of cents, from {min} to {max}")))
        }
    }
}

/// An amount in integer minor units of any asset.
pub(crate) fn minor_units(min: u32) -> impl FnOnce(Field) -> Result<Amount, Error> {
    move |field| match field.value {
        Json::Integer(units) if (u128::from(min)..=AMOUNT_MAX.0).contains(&units.into()) => {
            Ok(Amount(units.into()))
        }
        _ => {
            let max = AMOUNT_MAX.0;
            Err(field.invalid(format!("must be an integer of minor units, from {min} to {max}")))
        }
    }
}

/// A value, or `null` for none.
pub(crate) fn nullable<T>(
    read: impl FnOnce(Field) -> Result<T, Error>,
) -> impl FnOnce(Field) -> Result<Option<T>, Error> {
    move |field| match field.value {
        Json::Null => Ok(None),
        _ => read(field).map(Some),
    }
}

/// An amount of an asset, as a decimal in a string.
pub(crate) fn decimal(asset: Asset) -> impl FnOnce(Field) -> Result<Amount, Error> {
    move |field| {
        let max = match asset.kind() {
            AssetKind::Currency | AssetKind::Token => AMOUNT_MAX,
            AssetKind::Coin => COIN_AMOUNT_MAX,
        };
        let amount = asset.parse(field.text()?).filter(|amount| !amount.is_zero());
        amount.filter(|amount| *amount <= max).ok_or_else(|| {
            let (decimals, max) = (asset.scale(), asset.format(max));
            field.invalid(format!(
                "must be a decimal above zero and at most {max}, with at most {decimals} decimals"
            ))
        })
    }
}

/// A number from `min` to `max`.
pub(crate) fn count(min: u32, max: u32) -> impl FnOnce(Field) -> Result<u32, Error> {
    move |field| match field.value {
        Json::Integer(count) if (u64::from(min)..=u64::from(max)).contains(&count) => {
            Ok(u32::try_from(count).expect("the range is one of 32 bits"))
        }
        _ => Err(field.invalid(format!("must be an integer from {min} to {max}"))),
    }
}

/// `true` or `false`.
pub(crate) fn boolean(field: Field) -> Result<bool, Error> {
    match field.value {
        Json::Bool(value) => Ok(value),
        _ => Err(field.invalid("must be `true` or `false`")),
    }
}

/// A word of a closed list.
pub(crate) fn word<T: Word>(field: Field) -> Result<T, Error> {
    let text = field.text()?;
    T::ALL.iter().copied().find(|value| value.word() == text).ok_or_else(|| {
        let words: Vec<_> = T::ALL.iter().map(|value| format!("`{}`", value.word())).collect();
        field.invalid(format!("must be one of {}", words.join(", ")))
    })
}

/// The code of an asset, whatever its case.
pub(crate) fn asset(field: Field) -> Result<Asset, Error> {
    Asset::from_code(field.text()?)
        .ok_or_else(|| field.invalid("must be the code of a currency or a token"))
}

/// US dollars: nothing else is spent with cards.
pub(crate) fn usd(field: Field) -> Result<(), Error> {
    match Asset::from_code(field.text()?) {
        Some(Asset::Usd) => Ok(()),
        _ => Err(field.invalid("must be `usd`")),
    }
}

/// A merchant category code, in four digits or as an integer.
pub(crate) fn mcc(field: Field) -> Result<Mcc, Error> {
    let code = match &field.value {
        Json::Integer(code) => u16::try_from(*code).ok(),
        Json::Text(digits) if digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse().ok()
        }
        _ => None,
    };
    code.and_then(Mcc::new).ok_or_else(|| field.invalid("must be a code of four digits"))
}

/// One to `max` merchant category codes.
pub(crate) fn mccs(max: usize) -> impl FnOnce(Field) -> Result<Vec<Mcc>, Error> {
    move |field| match &field.value {
        Json::List(codes) if codes.is_empty() => Err(field.invalid("must not be empty")),
        _ => field.list(max, mcc),
    }
}

/// ISO 3166-1 alpha-2: two letters.
pub(crate) fn country(field: Field) -> Result<Text<2>, Error> {
    let code = field.text()?.to_ascii_uppercase();
    if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(field.invalid("must be a country code of two letters"));
    }
    Text::new(&code).map_err(|error| field.invalid(error.to_string()))
}

/// A number of milliseconds since 1970, in a query.
pub(crate) fn time(field: Field) -> Result<Timestamp, Error> {
    let millis =
        digits(&field).ok_or_else(|| field.invalid("must be a time in milliseconds since 1970"))?;
    Ok(Timestamp::from_millis(millis))
}

/// A day, such as `2026-11-30`: its midnight.
pub(crate) fn date(field: Field) -> Result<Timestamp, Error> {
    let day = calendar::day(field.text()?);
    day.ok_or_else(|| field.invalid("must be a day from 1970 on, such as `2026-11-30`"))
}

/// A minute of the day, such as `09:30`: how many minutes after midnight it is.
pub(crate) fn minute_of_day(field: Field) -> Result<u16, Error> {
    let minute = calendar::minute_of_day(field.text()?);
    minute.ok_or_else(|| field.invalid("must be a time from `00:00` to `23:59`"))
}

/// A place in the journal, in a header.
pub(crate) fn position(field: Field) -> Result<Position, Error> {
    digits(&field).map(Position).ok_or_else(|| field.invalid("must be a position: an integer"))
}

/// The place of an entry, in a body.
pub(crate) fn whole_position(field: Field) -> Result<Position, Error> {
    match field.value {
        Json::Integer(place @ 1..=SAFE_MAX) => Ok(Position(place)),
        _ => Err(field.invalid(format!("must be an integer from 1 to {SAFE_MAX}"))),
    }
}

/// The largest integer that every client can count to: 2^53 − 1 (RFC 8259, 6).
pub(crate) const SAFE_MAX: u64 = (1 << 53) - 1;

/// Digits and nothing else: an integer that every client can read.
pub(crate) fn digits(field: &Field) -> Option<u64> {
    let Json::Text(text) = &field.value else { return None };
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then(|| text.parse().ok())?.filter(|number| *number <= SAFE_MAX)
}

/// An id of the kind that the field asks for. One of this kind that can't be read belongs to nothing.
pub(crate) fn id<T: Id>(field: Field) -> Result<T, Error> {
    let text = field.text()?;
    if text.strip_prefix(T::PREFIX).is_none_or(|rest| !rest.starts_with('_')) {
        return Err(field.invalid(format!("must be an id of the form `{}_…`", T::PREFIX)));
    }
    T::parse(text).ok_or(Error::UnknownId { noun: T::NOUN })
}

/// A person, by the id of either surface.
pub(crate) fn holder(field: Field) -> Result<HolderId, Error> {
    match field.text()?.starts_with(CustomerId::PREFIX) {
        true => id(field).map(|CustomerId(holder)| holder),
        false => id(field),
    }
}

/// A ledger, by its UUID.
pub(crate) fn ledger(field: Field) -> Result<LedgerId, Error> {
    uuid::parse(field.text()?).map(LedgerId).ok_or_else(|| field.invalid("must be a UUID"))
}

/// A journal, by its UUID.
pub(crate) fn journal(field: Field) -> Result<JournalId, Error> {
    uuid::parse(field.text()?).map(JournalId).ok_or_else(|| field.invalid("must be a UUID"))
}

/// A person as the Ledger API names them: `cus_` with what stands behind `user_`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CustomerId(pub(crate) HolderId);

impl Id for CustomerId {
    const NOUN: &'static str = "customer";
    const PREFIX: &'static str = "cus";

    fn parse(text: &str) -> Option<Self> {
        let suffix = text.strip_prefix(Self::PREFIX)?.strip_prefix('_')?;
        ids::decode(suffix).map(|bytes| Self(HolderId(bytes)))
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", Self::PREFIX, ids::encode(self.0.0))
    }
}

/// An id that clients name.
pub(crate) trait Id: Sized {
    /// What people call what it names.
    const NOUN: &'static str;
    /// What its text begins with.
    const PREFIX: &'static str;

    fn parse(text: &str) -> Option<Self>;
}

macro_rules! ids {
    ($($name:ident $noun:literal;)*) => {$(
        impl Id for $name {
            const NOUN: &'static str = $noun;
            const PREFIX: &'static str = $name::PREFIX;

            fn parse(text: &str) -> Option<Self> {
                $name::parse(text)
            }
        }
    )*};
}

ids! {
    KeyId "key";
    HolderId "user";
    AgentId "agent";
    CardId "card";
    IntentId "intent";
    TransactionId "transaction";
    WalletId "wallet";
    VirtualAccountId "virtual account";
    WebhookId "webhook";
}
