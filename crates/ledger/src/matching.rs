//! Whether a purchase is the one that was declared.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Amount, Text};

/// ISO 18245 merchant category code, 0 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Mcc(u16);

impl Mcc {
    /// `None` above 9999.
    pub fn new(code: u16) -> Option<Self> {
        (code <= 9_999).then_some(Self(code))
    }

    /// The code.
    pub fn code(self) -> u16 {
        self.0
    }

    /// Lodging, airlines and car rental: airlines 3000–3299 and 4511, car rental 3300–3499 and 7512,
    /// lodging 3500–3999 and 7011 (Visa Merchant Data Standards). They hold for longer than others.
    pub fn is_travel(self) -> bool {
        matches!(self.0, 3000..=3999 | 4511 | 7011 | 7512)
    }
}

/// Who asks for money.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Merchant {
    /// The name as the network sends it.
    pub name: Text<100>,
    /// Its category.
    pub mcc: Option<Mcc>,
    /// Its town.
    pub city: Option<Text<50>>,
    /// Its country, ISO 3166-1 alpha-2.
    pub country: Option<Text<2>>,
}

impl Merchant {
    /// Whether one name contains the other, whatever their case, punctuation and legal form.
    pub fn is_called(&self, name: &Text<100>) -> bool {
        is_same_merchant(name.as_str(), self.name.as_str())
    }
}

/// How far an amount may be from the declared one, inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Tolerance {
    /// So many minor units.
    Amount(Amount),
    /// So many hundredths of the declared amount.
    Percent(u8),
}

impl Tolerance {
    /// What holds unless the intent says otherwise.
    pub const DEFAULT: Self = Self::Percent(10);
}

/// The purchase that an agent declares.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Expectation {
    /// In minor units of US dollars.
    pub amount: Amount,
    /// Some part of the merchant's name.
    pub merchant: Text<100>,
    /// The categories it may be in; any, when empty.
    pub mccs: Vec<Mcc>,
    /// How far the amount may be off.
    pub tolerance: Tolerance,
}

/// How a purchase compares with a declared one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Comparison {
    /// The amount is within the tolerance.
    pub amount: bool,
    /// One name contains the other.
    pub merchant: bool,
    /// The category is among the declared ones.
    pub mcc: bool,
}

impl Comparison {
    /// Nothing differs.
    pub fn is_match(self) -> bool {
        self.amount && self.merchant && self.mcc
    }
}

impl Expectation {
    /// Compares a purchase with the declared one. A category that was declared and is not known differs.
    pub fn compare(&self, amount: Amount, merchant: &str, mcc: Option<Mcc>) -> Comparison {
        Comparison {
            amount: self.tolerates(amount),
            merchant: is_same_merchant(self.merchant.as_str(), merchant),
            mcc: self.mccs.is_empty() || mcc.is_some_and(|mcc| self.mccs.contains(&mcc)),
        }
    }

    /// Whether an amount is above the declared one by more than the tolerance.
    pub fn is_exceeded_by(&self, amount: Amount) -> bool {
        self.amount < amount && !self.tolerates(amount)
    }

    fn tolerates(&self, amount: Amount) -> bool {
        let difference = self.amount.abs_diff(amount);
        match self.tolerance {
            Tolerance::Amount(allowed) => difference <= allowed,
            // Both sides are products of a bounded amount and a byte.
            Tolerance::Percent(percent) => {
                difference.0 * 100 <= self.amount.0 * u128::from(percent)
            }
        }
    }
}

/// Whether one name contains the other, whatever their case, punctuation and legal form.
fn is_same_merchant(one: &str, other: &str) -> bool {
    let (one, other) = (bare_name(one), bare_name(other));
    !one.is_empty() && !other.is_empty() && (one.contains(&other) || other.contains(&one))
}

/// Lower case, letters and digits only, without the words at the end that say what kind of company it is.
fn bare_name(name: &str) -> String {
    const SUFFIXES: [&str; 14] = [
        "inc",
        "llc",
        "ltd",
        "limited",
        "corp",
        "corporation",
        "co",
        "company",
        "plc",
        "gmbh",
        "ag",
        "sa",
        "bv",
        "com",
    ];
    let words: Vec<String> = name
        .split(|letter: char| !letter.is_alphanumeric() && letter != '\'')
        .map(|word| word.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>())
        .map(|word| word.to_lowercase())
        .filter(|word| !word.is_empty())
        .collect();
    let kept = words
        .iter()
        .rposition(|word| !SUFFIXES.contains(&word.as_str()))
        .map_or(words.len(), |last| last + 1);
    words[..kept].concat()
}

#[cfg(test)]
mod tests;
