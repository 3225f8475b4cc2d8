//! Readers: from a field to a domain type.

use ledger::amount::AMOUNT_MAX;
use ledger::matching::Mcc;
use ledger::{
    AgentId, Amount, Asset, CardId, HolderId, IntentId, Position, Text, Timestamp, TransactionId,
};

use super::fields::Field;
use super::json::Json;
use crate::error::Error;
use crate::words::Word;

/// Text of 1 to `MAX` characters.
pub(crate) fn text<const MAX: usize>(field: Field) -> Result<Text<MAX>, Error> {
    Text::new(field.text()?).map_err(|error| field.invalid(error.to_string()))
}

/// An amount in integer minor units.
pub(crate) fn cents(field: Field) -> Result<Amount, Error> {
    match field.value {
        Json::Integer(cents) if (1..=AMOUNT_MAX.0).contains(&u128::from(cents)) => {
            Ok(Amount(u128::from(cents)))
        }
        _ => Err(field.invalid(format!("must be an integer of cents, from 1 to {}", AMOUNT_MAX.0))),
    }
}

/// An amount of an asset, as a decimal in a string.
pub(crate) fn decimal(asset: Asset) -> impl FnOnce(Field) -> Result<Amount, Error> {
    move |field| {
        let amount = asset.parse(field.text()?).filter(|amount| !amount.is_zero());
        amount.filter(|amount| *amount <= AMOUNT_MAX).ok_or_else(|| {
            let (decimals, max) = (asset.scale(), asset.format(AMOUNT_MAX));
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

/// A place in the journal, in a header.
pub(crate) fn position(field: Field) -> Result<Position, Error> {
    digits(&field).map(Position).ok_or_else(|| field.invalid("must be a position: an integer"))
}

/// Digits and nothing else, which fit 64 bits.
pub(crate) fn digits(field: &Field) -> Option<u64> {
    let Json::Text(text) = &field.value else { return None };
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// An id of the kind that the field asks for. One of this kind that can't be read belongs to nothing.
pub(crate) fn id<T: Id>(field: Field) -> Result<T, Error> {
    let text = field.text()?;
    if text.strip_prefix(T::PREFIX).is_none_or(|rest| !rest.starts_with('_')) {
        return Err(field.invalid(format!("must be the id of a {}: `{}_…`", T::NOUN, T::PREFIX)));
    }
    T::parse(text).ok_or(Error::UnknownId { noun: T::NOUN })
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
    HolderId "user";
    AgentId "agent";
    CardId "card";
    IntentId "intent";
    TransactionId "transaction";
}
