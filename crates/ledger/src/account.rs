//! The accounts of a book.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::amount::AssetKind;
use crate::{Asset, HolderId, IntentId, LedgerId, Side, TransactionId, id};

/// An account of a book. With an asset it has one balance.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub enum Account {
    /// What a holder may spend now.
    Available(HolderId),
    /// What one card authorization holds; it ends at zero.
    Held(HolderId, TransactionId),
    /// The budget that an intent has reserved; it ends at zero.
    Reserved(HolderId, IntentId),
    /// Credits that are seen but not released.
    Incoming(HolderId),
    /// Payouts in flight.
    Withdrawing(HolderId),
    /// What a holder owes because of postings that could not be refused.
    Overdrawn(HolderId),
    /// Cleared purchases owed to a card network.
    NetworkPayable(Scheme),
    /// Refunds that a card network owes.
    NetworkReceivable(Scheme),
    /// Clearings that nobody can place.
    Presentments,
    /// Money at the sponsor bank.
    Bank,
    /// Tokens in custody.
    Custody,
    /// Position account: a conversion has a line here in each of its two assets.
    Exchange,
    /// What the programme earns.
    Income(Income),
    /// What the programme pays.
    Expense(Expense),
    /// An account that the platform has opened itself.
    Ledger(LedgerKind, LedgerId),
}

/// What the programme earns.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub enum Income {
    /// A share of each cleared purchase.
    Interchange,
    /// Purchases in a foreign currency.
    ForeignExchange,
    /// Payouts.
    Transfers,
}

/// What the programme pays.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub enum Expense {
    /// What a card network charges.
    NetworkFees,
    /// What moving tokens costs on their chain.
    Gas,
    /// Clearings that nobody could place.
    PresentmentLosses,
}

/// What a ledger of the platform is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
#[expect(missing_docs, reason = "they are the words of accounting")]
pub enum LedgerKind {
    Asset,
    Liability,
    Equity,
    Income,
    Expense,
}

impl LedgerKind {
    /// The side on which it grows.
    pub fn normal_side(self) -> Side {
        match self {
            Self::Asset | Self::Expense => Side::Debit,
            Self::Liability | Self::Equity | Self::Income => Side::Credit,
        }
    }
}

impl Account {
    /// The side on which the account grows: debit for assets and expenses, credit for liabilities, income, equity.
    pub fn normal_side(self) -> Side {
        match self {
            Self::Overdrawn(_)
            | Self::NetworkReceivable(_)
            | Self::Presentments
            | Self::Bank
            | Self::Custody
            | Self::Expense(_) => Side::Debit,
            Self::Available(_)
            | Self::Held(..)
            | Self::Reserved(..)
            | Self::Incoming(_)
            | Self::Withdrawing(_)
            | Self::NetworkPayable(_)
            | Self::Exchange
            | Self::Income(_) => Side::Credit,
            Self::Ledger(kind, _) => kind.normal_side(),
        }
    }

    /// Where the programme itself has what it has of an asset.
    pub fn home(asset: Asset) -> Self {
        match asset.kind() {
            AssetKind::Currency => Self::Bank,
            AssetKind::Token | AssetKind::Coin => Self::Custody,
        }
    }

    /// The holder whose account it is.
    pub fn holder(self) -> Option<HolderId> {
        match self {
            Self::Available(holder)
            | Self::Held(holder, _)
            | Self::Reserved(holder, _)
            | Self::Incoming(holder)
            | Self::Withdrawing(holder)
            | Self::Overdrawn(holder) => Some(holder),
            Self::NetworkPayable(_)
            | Self::NetworkReceivable(_)
            | Self::Presentments
            | Self::Bank
            | Self::Custody
            | Self::Exchange
            | Self::Income(_)
            | Self::Expense(_)
            | Self::Ledger(..) => None,
        }
    }

    /// Whether the account is made for one purpose and forgotten when its balance returns to zero.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Held(..) | Self::Reserved(..))
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let liability = |f: &mut fmt::Formatter<'_>, holder: &HolderId, kind: &str| {
            ["liabilities:holders:", &id::encode(holder.0), ":", kind]
                .iter()
                .try_for_each(|part| f.write_str(part))
        };
        match self {
            Self::Available(holder) => liability(f, holder, "available"),
            Self::Held(holder, transaction) => {
                liability(f, holder, "held:")?;
                f.write_str(&id::encode(transaction.0))
            }
            Self::Reserved(holder, intent) => {
                liability(f, holder, "reserved:")?;
                f.write_str(&id::encode(intent.0))
            }
            Self::Incoming(holder) => liability(f, holder, "incoming"),
            Self::Withdrawing(holder) => liability(f, holder, "withdrawing"),
            Self::Overdrawn(holder) => {
                write!(f, "assets:holders:{}:overdrawn", id::encode(holder.0))
            }
            Self::NetworkPayable(scheme) => write!(f, "liabilities:network:{scheme}:payable"),
            Self::NetworkReceivable(scheme) => write!(f, "assets:network:{scheme}:receivable"),
            Self::Presentments => f.write_str("assets:suspense:presentments"),
            Self::Bank => f.write_str("assets:bank:settlement"),
            Self::Custody => f.write_str("assets:custody"),
            Self::Exchange => f.write_str("equity:exchange"),
            Self::Income(Income::Interchange) => f.write_str("income:interchange"),
            Self::Income(Income::ForeignExchange) => f.write_str("income:fees:fx"),
            Self::Income(Income::Transfers) => f.write_str("income:fees:transfer"),
            Self::Expense(Expense::NetworkFees) => f.write_str("expenses:network:fees"),
            Self::Expense(Expense::Gas) => f.write_str("expenses:gas"),
            Self::Expense(Expense::PresentmentLosses) => {
                f.write_str("expenses:losses:presentments")
            }
            Self::Ledger(kind, ledger) => {
                let family = match kind {
                    LedgerKind::Asset => "assets",
                    LedgerKind::Liability => "liabilities",
                    LedgerKind::Equity => "equity",
                    LedgerKind::Income => "income",
                    LedgerKind::Expense => "expenses",
                };
                write!(f, "{family}:ledgers:{}", id::encode(ledger.0))
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_or_reserved_is_forgotten_once_it_is_zero_and_nothing_else() {
        let holder = HolderId([1; 16]);
        assert!(Account::Held(holder, TransactionId([2; 16])).is_transient());
        assert!(Account::Reserved(holder, IntentId([3; 16])).is_transient());
        assert!(!Account::Available(holder).is_transient() && !Account::Bank.is_transient());
    }
}
