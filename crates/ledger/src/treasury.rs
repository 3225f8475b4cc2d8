//! The programme's own money: what it has of one asset, sold for another (row 37b).

use crate::amount::{AMOUNT_MAX, AssetKind, COIN_AMOUNT_MAX};
use crate::book::{Book, Effects, Lines};
use crate::{Account, Amount, Event, Money, Rejection, Text};

/// Records that the programme has sold an asset for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertTreasury {
    /// What it had.
    pub sold: Money,
    /// What it has instead. The rate is the quotient of the two.
    pub bought: Money,
    /// With whom.
    pub source: Text<32>,
}

/// The programme has another asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreasuryConverted {
    /// What it had.
    pub sold: Money,
    /// What it has instead.
    pub bought: Money,
    /// With whom.
    pub source: Text<32>,
}

impl Book {
    pub(crate) fn convert_treasury(&self, command: &ConvertTreasury) -> Result<Effects, Rejection> {
        let ConvertTreasury { sold, bought, .. } = *command;
        if sold.asset == bought.asset {
            return Err(Rejection::SameAsset);
        }
        for money in [sold, bought] {
            let most = match money.asset.kind() {
                AssetKind::Currency | AssetKind::Token => AMOUNT_MAX,
                AssetKind::Coin => COIN_AMOUNT_MAX,
            };
            if money.amount.is_zero() || most < money.amount {
                return Err(Rejection::AmountOutOfRange);
            }
        }
        let available: Amount = self.accounts.excess(Account::home(sold.asset), sold.asset);
        if available < sold.amount {
            return Err(Rejection::InsufficientFunds { available });
        }
        let gained = Lines::of(bought.asset)
            .debit(Account::home(bought.asset), bought.amount)
            .credit(Account::Exchange, bought.amount);
        let given = Lines::of(sold.asset)
            .debit(Account::Exchange, sold.amount)
            .credit(Account::home(sold.asset), sold.amount);
        let event = TreasuryConverted { sold, bought, source: command.source.clone() };
        Ok(Effects {
            events: vec![Event::TreasuryConverted(event)],
            postings: gained.extend(given).balanced(),
        })
    }
}
