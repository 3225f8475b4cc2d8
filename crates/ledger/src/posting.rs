//! Debits and credits, and the rule that they are equal.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Account, Amount, Asset};

/// The most postings that an entry may have: a platform's journal may have as many lines. An approval that
/// releases what waits in [`crate::wallets::WALLETS_MAX`] wallets makes about six hundred.
pub const POSTINGS_MAX: usize = 1_000;

/// A side of an account.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub enum Side {
    /// Left: assets and expenses grow.
    Debit,
    /// Right: liabilities, income and equity grow.
    Credit,
}

impl Side {
    /// The other side.
    pub fn opposite(self) -> Self {
        match self {
            Self::Debit => Self::Credit,
            Self::Credit => Self::Debit,
        }
    }
}

/// One debit or one credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// The side it is on.
    pub side: Side,
    /// The account it changes.
    pub account: Account,
    /// What it is in.
    pub asset: Asset,
    /// How much.
    pub amount: Amount,
}

/// Postings that are recorded together or not at all.
///
/// # Invariants
///
/// Held by every value, because [`Postings::new`] and [`Postings::NONE`] are the only ways to have one:
///
/// - at most [`POSTINGS_MAX`] postings;
/// - in each asset, debits equal credits;
/// - none is zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postings(Vec<Posting>);

impl Postings {
    /// The postings of a memo entry.
    pub const NONE: Self = Self(Vec::new());

    /// Checks the invariants, cheapest first.
    pub fn new(postings: Vec<Posting>) -> Result<Self, InvalidPostings> {
        if POSTINGS_MAX < postings.len() {
            return Err(InvalidPostings::TooMany { count: postings.len() });
        }
        if postings.iter().any(|posting| posting.amount.is_zero()) {
            return Err(InvalidPostings::Zero);
        }
        if !is_plain_pair(&postings) {
            balance(&postings)?;
        }
        Ok(Self(postings))
    }

    /// The postings, in the order of the entry.
    pub fn iter(&self) -> std::slice::Iter<'_, Posting> {
        self.0.iter()
    }

    /// Whether there are none: the entry is a memo.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Postings {
    type Item = &'a Posting;
    type IntoIter = std::slice::Iter<'a, Posting>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Most entries move one amount between two accounts: they balance at a glance.
fn is_plain_pair(postings: &[Posting]) -> bool {
    matches!(postings, [a, b] if a.side != b.side && a.asset == b.asset && a.amount == b.amount)
}

fn balance(postings: &[Posting]) -> Result<(), InvalidPostings> {
    let mut balances: BTreeMap<Asset, Balance> = BTreeMap::new();
    for posting in postings {
        balances
            .entry(posting.asset)
            .or_default()
            .checked_add(posting.side, posting.amount)
            .ok_or(InvalidPostings::TooLarge { asset: posting.asset })?;
    }
    match balances.into_iter().find(|(_, balance)| balance.debits != balance.credits) {
        Some((asset, balance)) => Err(InvalidPostings::Unbalanced { asset, balance }),
        None => Ok(()),
    }
}

/// Why postings can't be an entry's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPostings {
    /// More than [`POSTINGS_MAX`].
    #[error("`{count}` postings are more than `{POSTINGS_MAX}`")]
    TooMany {
        /// How many there are.
        count: usize,
    },
    /// A posting of nothing.
    #[error("a posting is zero")]
    Zero,
    /// A total exceeds 128 bits.
    #[error("the postings in `{asset}` exceed 128 bits")]
    TooLarge {
        /// The asset.
        asset: Asset,
    },
    /// Debits and credits differ.
    #[error("in `{asset}` debits of `{}` stand against credits of `{}`", balance.debits.0, balance.credits.0)]
    Unbalanced {
        /// The first asset that does not balance.
        asset: Asset,
        /// Its totals.
        balance: Balance,
    },
}

/// All debits and all credits of an account ever: two totals that only grow, from which the balance follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Balance {
    /// Sum of the debits.
    pub debits: Amount,
    /// Sum of the credits.
    pub credits: Amount,
}

impl Balance {
    /// Adds a posting; `None`, and unchanged, when the total exceeds 128 bits.
    pub fn checked_add(&mut self, side: Side, amount: Amount) -> Option<()> {
        let total = match side {
            Side::Debit => &mut self.debits,
            Side::Credit => &mut self.credits,
        };
        *total = total.checked_add(amount)?;
        Some(())
    }

    /// How much stands on `side`; `None` when the other side is larger.
    pub fn on(self, side: Side) -> Option<Amount> {
        let (own, other) = match side {
            Side::Debit => (self.debits, self.credits),
            Side::Credit => (self.credits, self.debits),
        };
        own.0.checked_sub(other.0).map(Amount)
    }
}

#[cfg(test)]
mod tests;
