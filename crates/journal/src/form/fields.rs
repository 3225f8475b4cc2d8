//! Single values of the stored form.

use ledger::{Amount, Approval, Money, Position, Sealed, Text, Timestamp};
use prost::bytes::Bytes;

use super::Undecodable;
use super::words::Word;
use crate::proto;

/// A value that must be there.
pub(super) fn some<'a, T>(value: &'a Option<T>, field: &'static str) -> Result<&'a T, Undecodable> {
    value.as_ref().ok_or(Undecodable::Invalid { field })
}

/// An id or a hash.
pub(super) fn array<const N: usize>(
    bytes: &[u8],
    field: &'static str,
) -> Result<[u8; N], Undecodable> {
    bytes.try_into().map_err(|_| Undecodable::Invalid { field })
}

pub(super) fn optional_array<const N: usize>(
    bytes: &Option<Bytes>,
    field: &'static str,
) -> Result<Option<[u8; N]>, Undecodable> {
    bytes.as_ref().map(|bytes| array(bytes, field)).transpose()
}

pub(super) fn bytes<const N: usize>(array: &[u8; N]) -> Bytes {
    Bytes::from_owner(*array)
}

pub(super) fn optional_bytes<const N: usize>(array: Option<[u8; N]>) -> Option<Bytes> {
    array.map(|array| bytes(&array))
}

/// A text exactly as [`Text`] keeps it: one that it would trim is refused.
pub(super) fn text<const MAX: usize>(
    text: &str,
    field: &'static str,
) -> Result<Text<MAX>, Undecodable> {
    Text::new(text)
        .ok()
        .filter(|kept| kept.as_str().len() == text.len())
        .ok_or(Undecodable::Invalid { field })
}

pub(super) fn optional_text<const MAX: usize>(
    value: &Option<String>,
    field: &'static str,
) -> Result<Option<Text<MAX>>, Undecodable> {
    value.as_ref().map(|value| text(value, field)).transpose()
}

pub(super) fn string<const MAX: usize>(text: &Text<MAX>) -> String {
    text.as_str().to_owned()
}

pub(super) fn optional_string<const MAX: usize>(text: &Option<Text<MAX>>) -> Option<String> {
    text.as_ref().map(string)
}

pub(super) fn approval(text: &str, field: &'static str) -> Result<Approval, Undecodable> {
    Approval::new(text).map_err(|_| Undecodable::Invalid { field })
}

/// A number that fits a smaller type.
pub(super) fn number<T: TryFrom<u32>>(number: u32, field: &'static str) -> Result<T, Undecodable> {
    number.try_into().map_err(|_| Undecodable::Invalid { field })
}

pub(super) fn time(millis: u64, field: &'static str) -> Result<Timestamp, Undecodable> {
    let time = Timestamp::from_millis(millis);
    if time.as_millis() == millis { Ok(time) } else { Err(Undecodable::Invalid { field }) }
}

/// The place of an entry.
pub(super) fn position(number: u64, field: &'static str) -> Result<Position, Undecodable> {
    match Position(number) {
        Position::START => Err(Undecodable::Invalid { field }),
        position => Ok(position),
    }
}

/// # Panics
///
/// When it is the place before the first entry: nothing stands there, and it would not be read back.
pub(super) fn position_number(position: Position) -> u64 {
    assert_ne!(position, Position::START, "an entry's position is at least 1");
    position.0
}

pub(super) fn amount(
    value: &Option<proto::Amount>,
    field: &'static str,
) -> Result<Amount, Undecodable> {
    some(value, field).map(Amount::from)
}

/// An amount that is left out when it is zero.
pub(super) fn amount_or_zero(
    value: &Option<proto::Amount>,
    field: &'static str,
) -> Result<Amount, Undecodable> {
    match value.as_ref().map(Amount::from) {
        None => Ok(Amount::ZERO),
        Some(Amount::ZERO) => Err(Undecodable::Invalid { field }),
        Some(amount) => Ok(amount),
    }
}

pub(super) fn unless_zero(amount: Amount) -> Option<proto::Amount> {
    (!amount.is_zero()).then(|| amount.into())
}

/// The lower and the upper 64 bits.
pub(super) fn low_and_high(amount: Amount) -> (u64, u64) {
    (amount.0 as u64, (amount.0 >> 64) as u64)
}

pub(super) fn from_low_and_high(low: u64, high: u64) -> Amount {
    Amount(u128::from(high) << 64 | u128::from(low))
}

impl From<Amount> for proto::Amount {
    fn from(amount: Amount) -> Self {
        let (low, high) = low_and_high(amount);
        Self { low, high }
    }
}

impl From<&proto::Amount> for Amount {
    fn from(message: &proto::Amount) -> Self {
        from_low_and_high(message.low, message.high)
    }
}

impl From<Money> for proto::Money {
    fn from(money: Money) -> Self {
        Self { amount: Some(money.amount.into()), asset: money.asset.number() }
    }
}

impl TryFrom<&proto::Money> for Money {
    type Error = Undecodable;

    fn try_from(message: &proto::Money) -> Result<Self, Undecodable> {
        Ok(Self {
            amount: amount(&message.amount, "amount")?,
            asset: Word::read(message.asset, "asset")?,
        })
    }
}

impl From<Sealed> for proto::Sealed {
    fn from(sealed: Sealed) -> Self {
        Self {
            subject: bytes(&sealed.subject),
            reference: bytes(&sealed.reference),
            commitment: bytes(&sealed.commitment),
        }
    }
}

impl TryFrom<&proto::Sealed> for Sealed {
    type Error = Undecodable;

    fn try_from(message: &proto::Sealed) -> Result<Self, Undecodable> {
        Ok(Self {
            subject: array(&message.subject, "subject")?,
            reference: array(&message.reference, "reference")?,
            commitment: array(&message.commitment, "commitment")?,
        })
    }
}
