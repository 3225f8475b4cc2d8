use std::ops::RangeInclusive;

use zeroize::Zeroizing;

use crate::key::random;

const DIGITS: RangeInclusive<usize> = 12..=19;
const NEW_DIGITS: usize = 16;
const ISSUER_DIGITS: RangeInclusive<usize> = 6..=8;

/// A card number: 12 to 19 digits, the last of which checks the others.
///
/// It has no `Debug`, `Display` or serialization, so that it can't slip into a log, an error or a
/// journal; [`expose`](Self::expose) is the one way to its digits.
pub struct CardNumber(Zeroizing<String>);

/// Why something is no card number. Says nothing of the digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCardNumber {
    /// A byte that is no digit; spaces and dashes are none either.
    #[error("a card number consists of digits")]
    NotDigits,
    /// Too short or too long.
    #[error("a card number has 12 to 19 digits, not `{digits}`")]
    Length {
        /// How many there are.
        digits: usize,
    },
    /// The Luhn sum is off: mistyped or made up.
    #[error("the check digit is wrong")]
    CheckDigit,
}

impl CardNumber {
    /// Checks digits, length and check digit. Takes text, or the bytes that the vault gave back.
    pub fn parse(digits: impl AsRef<[u8]>) -> Result<Self, InvalidCardNumber> {
        let bytes = digits.as_ref();
        if !bytes.iter().all(u8::is_ascii_digit) {
            return Err(InvalidCardNumber::NotDigits);
        }
        if !DIGITS.contains(&bytes.len()) {
            let digits = bytes.len();
            return Err(InvalidCardNumber::Length { digits });
        }
        if !luhn_sum(bytes).is_multiple_of(10) {
            return Err(InvalidCardNumber::CheckDigit);
        }
        let mut number = Zeroizing::new(String::with_capacity(bytes.len()));
        number.extend(bytes.iter().copied().map(char::from));
        Ok(Self(number))
    }

    /// A new number of 16 digits that begins with the issuer's and goes on at random: nothing makes
    /// it unique.
    ///
    /// # Panics
    ///
    /// Unless the issuer has 6 to 8 digits (ISO/IEC 7812-1).
    pub fn random(issuer: &str) -> Self {
        assert!(
            ISSUER_DIGITS.contains(&issuer.len()) && issuer.bytes().all(|b| b.is_ascii_digit()),
            "an issuer has 6 to 8 digits"
        );
        let mut number = Zeroizing::new(String::with_capacity(NEW_DIGITS));
        number.push_str(issuer);
        let mut account = Zeroizing::new(u64::from_be_bytes(random()));
        while number.len() < NEW_DIGITS - 1 {
            number.push(digit(*account % 10));
            *account /= 10;
        }
        number.push('0');
        let check = (10 - luhn_sum(number.as_bytes()) % 10) % 10;
        number.pop();
        number.push(digit(check));
        Self(number)
    }

    /// The digits. Mind where they go.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last four digits, which may be shown.
    pub fn last4(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}

/// The month after which a card is no longer taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// Of four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
}

/// A card verification value: three digits that follow from number, expiry and the master key.
pub struct Cvv(Zeroizing<String>);

impl Cvv {
    pub(crate) fn from_mac(mac: &[u8; 32]) -> Self {
        let value = u64::from_be_bytes(*mac.first_chunk().expect("a MAC has 32 bytes"));
        Self(Zeroizing::new(format!("{:03}", value % 1_000)))
    }

    /// The digits. Mind where they go.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The sum by Luhn (ISO/IEC 7812-1, annex B): a multiple of ten when the last digit is right.
fn luhn_sum(digits: &[u8]) -> u64 {
    digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match u64::from(digit - b'0') {
            value if place % 2 == 0 => value,
            value => value * 2 / 10 + value * 2 % 10,
        })
        .sum()
}

fn digit(value: u64) -> char {
    char::from(b"0123456789"[value as usize])
}

#[cfg(test)]
mod tests;
