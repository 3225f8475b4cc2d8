//! The accounts of a book.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{HolderId, Side, TransactionId, id};

/// An account of a book. With an asset it has one balance.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub enum Account {
    /// What a holder may spend now.
    Available(HolderId),
    /// What one card authorization holds; it ends at zero.
    Held(HolderId, TransactionId),
    /// Credits that are seen but not released.
    Incoming(HolderId),
    /// What a holder owes because of postings that could not be refused.
    Overdrawn(HolderId),
    /// Cleared purchases owed to a card network.
    NetworkPayable(Scheme),
    /// Refunds that a card network owes.
    NetworkReceivable(Scheme),
    /// Tokens in custody.
    Custody,
    /// Position account: a conversion has a line here in each of its two assets.
    Exchange,
}

impl Account {
    /// The side on which the account grows: debit for assets and expenses, credit for liabilities, income, equity.
    pub fn normal_side(self) -> Side {
        match self {
            Self::Overdrawn(_) | Self::NetworkReceivable(_) | Self::Custody => Side::Debit,
            Self::Available(_)
            | Self::Held(..)
            | Self::Incoming(_)
            | Self::NetworkPayable(_)
            | Self::Exchange => Side::Credit,
        }
    }

    /// The holder whose account it is.
    pub fn holder(self) -> Option<HolderId> {
        match self {
            Self::Available(holder)
            | Self::Held(holder, _)
            | Self::Incoming(holder)
            | Self::Overdrawn(holder) => Some(holder),
            Self::NetworkPayable(_)
            | Self::NetworkReceivable(_)
            | Self::Custody
            | Self::Exchange => None,
        }
    }

    /// Whether the account is made for one purpose and forgotten when its balance returns to zero.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Held(..))
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Available(holder) => {
                write!(f, "liabilities:holders:{}:available", id::encode(holder.0))
            }
            Self::Held(holder, transaction) => write!(
                f,
                "liabilities:holders:{}:held:{}",
                id::encode(holder.0),
                id::encode(transaction.0)
            ),
            Self::Incoming(holder) => {
                write!(f, "liabilities:holders:{}:incoming", id::encode(holder.0))
            }
            Self::Overdrawn(holder) => {
                write!(f, "assets:holders:{}:overdrawn", id::encode(holder.0))
            }
            Self::NetworkPayable(scheme) => write!(f, "liabilities:network:{scheme}:payable"),
            Self::NetworkReceivable(scheme) => write!(f, "assets:network:{scheme}:receivable"),
            Self::Custody => f.write_str("assets:custody"),
            Self::Exchange => f.write_str("equity:exchange"),
        }
    }
}

/// A card network.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub enum Scheme {
    /// Visa.
    Visa,
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Visa => f.write_str("visa"),
        }
    }
}
