//! Money that arrives.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::book::{Book, Effects, Lines};
use crate::holders::VerificationStatus;
use crate::time::DAY_MS;
use crate::wallets::token;
use crate::{
    Account, Amount, Asset, CommandId, Event, HolderId, Money, Postings, Rate, Rejection, Text,
    Timestamp, TransactionId,
};

/// A blockchain on which tokens arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
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

    /// What moving tokens on it is paid in.
    pub fn coin(self) -> Asset {
        match self {
            Self::Solana => Asset::Sol,
            Self::Ethereum | Self::Arbitrum | Self::Base | Self::Optimism => Asset::Eth,
            Self::Polygon => Asset::Pol,
            Self::Avalanche => Asset::Avax,
            Self::Tron => Asset::Trx,
        }
    }

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

/// Takes a deposit back that its chain has reorganised away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReverseDeposit {
    /// Which.
    pub transaction: TransactionId,
}

/// A deposit was never made: all that it posted is posted the other way round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepositReversed {
    /// Which.
    pub transaction: TransactionId,
    /// What had arrived.
    pub arrived: Money,
    /// What had been credited for it.
    pub credited: Money,
}

/// How long a deposit can be taken back: many times as long as any chain takes to be final.
/// May be lengthened, never shortened: replaying an old journal relies on it.
pub const REVERSAL_MS: u64 = 7 * DAY_MS;

/// What the rules need to know of a deposit that can still be taken back.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Deposit {
    /// Whose verification it waits for, if it does.
    pub(crate) person: HolderId,
    /// Under whose name the money stands: the person's, or a wallet's.
    pub(crate) owner: HolderId,
    pub(crate) arrived: Money,
    pub(crate) credited: Money,
}

impl Deposit {
    /// The debit of what has arrived, and the legs of the exchange, if it is credited in another asset.
    pub(crate) fn arrival(&self) -> Lines {
        let Self { arrived, credited, .. } = self;
        let home = Account::home(arrived.asset);
        let lines = Lines::of(arrived.asset).debit(home, arrived.amount);
        if arrived.asset == credited.asset {
            return lines;
        }
        lines
            .credit(Account::Exchange, arrived.amount)
            .extend(Lines::of(credited.asset).debit(Account::Exchange, credited.amount))
    }
}

impl Book {
    /// Whether a deposit for the person can be spent at once, or waits for approval.
    pub(crate) fn releases_deposits(&self, person: HolderId) -> Result<bool, Rejection> {
        Ok(self.holder(person)?.verification.status == VerificationStatus::Approved)
    }

    /// The postings of a deposit.
    pub(crate) fn deposit_postings(&self, deposit: &Deposit, released: bool) -> Postings {
        let Money { amount, asset } = deposit.credited;
        let lines = deposit.arrival();
        let lines = if released {
            lines.extend(self.repayment(deposit.owner, asset, amount))
        } else {
            lines.extend(Lines::of(asset).credit(Account::Incoming(deposit.owner), amount))
        };
        lines.balanced()
    }

    /// Remembers a deposit as long as it can be taken back.
    pub(crate) fn remember_deposit(
        &mut self,
        id: TransactionId,
        deposit: Deposit,
        released: bool,
        at: Timestamp,
    ) {
        if !released {
            let person = self.holders.get_mut(deposit.person).expect("a deposit names a holder");
            person.waiting.insert(id, (deposit.owner, deposit.credited));
        }
        self.deposits.insert(id, deposit, at.plus_ms(REVERSAL_MS), at);
    }

    /// What was credited is taken from where it is; what was spent already, is owed.
    pub(crate) fn reverse_deposit(
        &self,
        command: &ReverseDeposit,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let id = command.transaction;
        let unknown = Rejection::UnknownTransaction(id);
        let deposit = self.deposits.get(id, now).ok_or(unknown)?;
        let Deposit { person, owner, arrived, credited } = *deposit;
        let person = self.holder(person).expect("a deposit names a holder");
        let taken = if person.waiting.contains_key(&id) {
            Lines::of(credited.asset).debit(Account::Incoming(owner), credited.amount)
        } else {
            self.shortfall(owner, credited.asset, credited.amount)
        };
        let postings = taken.extend(deposit.arrival().swapped()).balanced();
        let event = DepositReversed { transaction: id, arrived, credited };
        Ok(Effects { events: vec![Event::DepositReversed(event)], postings })
    }

    pub(crate) fn apply_deposited(&mut self, event: &DepositConfirmed, at: Timestamp) {
        let deposit = Deposit {
            person: event.holder,
            owner: event.holder,
            arrived: Money { amount: event.amount, asset: event.asset },
            credited: Money { amount: event.credited, asset: Asset::Usd },
        };
        self.remember_deposit(event.transaction, deposit, event.released, at);
    }

    pub(crate) fn apply_deposit_reversed(&mut self, event: &DepositReversed) {
        let deposit = self.deposits.remove(event.transaction).expect("a deposit ends once");
        let person = self.holders.get_mut(deposit.person).expect("a deposit names a holder");
        person.waiting.remove(&event.transaction);
    }

    pub(crate) fn confirm_deposit(
        &self,
        command: &ConfirmDeposit,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let holder = command.holder;
        let released = self.releases_deposits(holder)?;
        let arrived = token(command.asset, command.amount)?;
        let credited = command
            .rate
            .convert(command.amount, command.asset, Asset::Usd)
            .ok_or(Rejection::AmountOutOfRange)?;
        let deposit = Deposit {
            person: holder,
            owner: holder,
            arrived,
            credited: Money { amount: credited, asset: Asset::Usd },
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
            postings: self.deposit_postings(&deposit, released),
        })
    }
}
