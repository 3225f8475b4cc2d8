//! Money that arrives.

use std::fmt;

use crate::book::{Book, Effects, Lines, require_in_range};
use crate::holders::VerificationStatus;
use crate::{
    Account, Amount, Asset, CommandId, Event, HolderId, Rate, Rejection, Text, Timestamp,
    TransactionId,
};

/// A blockchain on which tokens arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are names")]
pub enum Chain {
    Solana,
    Ethereum,
    Arbitrum,
    Base,
    Optimism,
    Polygon,
    Avalanche,
    Tron,
}

impl Chain {
    /// Every chain, in the order of their declaration.
    pub const ALL: [Self; 8] = [
        Self::Solana,
        Self::Ethereum,
        Self::Arbitrum,
        Self::Base,
        Self::Optimism,
        Self::Polygon,
        Self::Avalanche,
        Self::Tron,
    ];

    /// Its name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Solana => "solana",
            Self::Ethereum => "ethereum",
            Self::Arbitrum => "arbitrum",
            Self::Base => "base",
            Self::Optimism => "optimism",
            Self::Polygon => "polygon",
            Self::Avalanche => "avalanche",
            Self::Tron => "tron",
        }
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A deposit that is final on its chain. It can't be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmDeposit {
    /// Whose address it came to.
    pub holder: HolderId,
    /// The chain.
    pub chain: Chain,
    /// The token.
    pub asset: Asset,
    /// How much of it, at most [`crate::amount::AMOUNT_MAX`].
    pub amount: Amount,
    /// The price of the token in US dollars.
    pub rate: Rate,
    /// Who said so.
    pub rate_source: Text<32>,
    /// A hash of chain, transaction hash and index.
    pub reference: [u8; 16],
}

/// Tokens are in custody, and their worth in US dollars is the holder's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepositConfirmed {
    /// The new id.
    pub transaction: TransactionId,
    /// Whose.
    pub holder: HolderId,
    /// The chain.
    pub chain: Chain,
    /// The token.
    pub asset: Asset,
    /// How much of it.
    pub amount: Amount,
    /// In whole cents; the rest stays in the exchange account.
    pub credited: Amount,
    /// The price of the token in US dollars.
    pub rate: Rate,
    /// Who said so.
    pub rate_source: Text<32>,
    /// Whether the holder can spend it, or it waits for approval.
    pub released: bool,
    /// A hash of chain, transaction hash and index.
    pub reference: [u8; 16],
}

impl Book {
    pub(crate) fn confirm_deposit(
        &self,
        command: &ConfirmDeposit,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let holder = command.holder;
        let released = self.holder(holder)?.verification.status == VerificationStatus::Approved;
        require_in_range(command.amount)?;
        let credited = command
            .rate
            .convert(command.amount, command.asset, Asset::Usd)
            .ok_or(Rejection::AmountOutOfRange)?;
        let tokens = Lines::of(command.asset)
            .debit(Account::Custody, command.amount)
            .credit(Account::Exchange, command.amount);
        let dollars = Lines::of(Asset::Usd).debit(Account::Exchange, credited);
        let dollars = if released {
            dollars.extend(self.repayment(holder, credited))
        } else {
            dollars.credit(Account::Incoming(holder), credited)
        };
        let event = DepositConfirmed {
            transaction: TransactionId::derive(now, id, 0),
            holder,
            chain: command.chain,
            asset: command.asset,
            amount: command.amount,
            credited,
            rate: command.rate,
            rate_source: command.rate_source.clone(),
            released,
            reference: command.reference,
        };
        Ok(Effects {
            events: vec![Event::DepositConfirmed(event)],
            postings: tokens.extend(dollars).balanced(),
        })
    }
}
