//! Ledgers: accounts that the platform opens itself, and what it posts to them.

use std::collections::BTreeMap;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::LedgerKind;
use crate::amount::AMOUNT_MAX;
use crate::book::{Book, Effects, Lines, require_in_range};
use crate::posting::Balance;
use crate::{
    Account, Amount, Asset, CommandId, Event, JournalId, LedgerId, Metadata, Postings, Rejection,
    Side, Text, Timestamp,
};

mod journals;

pub(crate) use journals::Journal;
pub use journals::{
    JournalLine, JournalPosted, JournalReversed, PostJournal, ReverseJournal, ReversedPart,
};

/// Opens a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateLedger {
    /// What people find it by; no other ledger has it.
    pub code: Text<50>,
    /// What people call it.
    pub name: Text<100>,
    /// What it is.
    pub kind: LedgerKind,
    /// What it is in.
    pub asset: Asset,
    /// How far it may fall below zero.
    pub overdraft_limit: Amount,
}

/// A ledger can be posted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerCreated {
    /// The new id.
    pub ledger: LedgerId,
    /// What people find it by.
    pub code: Text<50>,
    /// What people call it.
    pub name: Text<100>,
    /// What it is.
    pub kind: LedgerKind,
    /// What it is in.
    pub asset: Asset,
    /// How far it may fall below zero.
    pub overdraft_limit: Amount,
}

/// Freezes, unfreezes or closes a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeLedger {
    /// Which.
    pub ledger: LedgerId,
    /// What it is to be.
    pub status: LedgerStatus,
}

/// Whether a ledger may be posted to.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize,
)]
pub enum LedgerStatus {
    /// It may.
    #[default]
    Active,
    /// Not for now.
    Frozen,
    /// Never again.
    Closed,
}

impl fmt::Display for LedgerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Frozen => "frozen",
            Self::Closed => "closed",
        })
    }
}

/// A ledger has another status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerStatusChanged {
    /// Which.
    pub ledger: LedgerId,
    /// What it is now.
    pub status: LedgerStatus,
}

/// Moves money from one ledger to another that grows on the same side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferBetweenLedgers {
    /// The one whose balance falls.
    pub source: LedgerId,
    /// The one whose balance rises.
    pub destination: LedgerId,
    /// How much.
    pub amount: Amount,
    /// What for.
    pub description: Option<Text<500>>,
    /// What the platform notes.
    pub metadata: Metadata,
}

/// Row 39: money has moved between ledgers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerTransferred {
    /// The new id.
    pub transfer: JournalId,
    /// The one whose balance fell.
    pub source: LedgerId,
    /// The one whose balance rose.
    pub destination: LedgerId,
    /// How much.
    pub amount: Amount,
    /// What for.
    pub description: Option<Text<500>>,
    /// What the platform notes.
    pub metadata: Metadata,
}

/// What the rules need to know of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Ledger {
    kind: LedgerKind,
    asset: Asset,
    overdraft_limit: Amount,
    status: LedgerStatus,
}

impl Book {
    fn ledger(&self, ledger: LedgerId) -> Result<&Ledger, Rejection> {
        self.ledgers.get(ledger).ok_or(Rejection::UnknownLedger(ledger))
    }

    /// The ledger, if it may be posted to.
    fn active_ledger(&self, id: LedgerId) -> Result<&Ledger, Rejection> {
        let ledger = self.ledger(id)?;
        match ledger.status {
            LedgerStatus::Active => Ok(ledger),
            status => Err(Rejection::LedgerNotActive { ledger: id, status }),
        }
    }

    pub(crate) fn create_ledger(
        &self,
        command: &CreateLedger,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let CreateLedger { kind, asset, overdraft_limit, .. } = *command;
        if AMOUNT_MAX < overdraft_limit {
            return Err(Rejection::AmountOutOfRange);
        }
        if self.ledger_codes.contains(&command.code) {
            return Err(Rejection::LedgerCodeTaken { code: command.code.clone() });
        }
        Ok(Effects::memo([Event::LedgerCreated(LedgerCreated {
            ledger: LedgerId::derive(now, id, 0),
            code: command.code.clone(),
            name: command.name.clone(),
            kind,
            asset,
            overdraft_limit,
        })]))
    }

    pub(crate) fn change_ledger(&self, command: &ChangeLedger) -> Result<Effects, Rejection> {
        let ChangeLedger { ledger: id, status } = *command;
        let ledger = self.ledger(id)?;
        if ledger.status == LedgerStatus::Closed {
            return Err(Rejection::LedgerNotActive { ledger: id, status: ledger.status });
        }
        let totals = self.accounts.totals(Account::Ledger(ledger.kind, id), ledger.asset);
        if status == LedgerStatus::Closed && totals.debits != totals.credits {
            return Err(Rejection::LedgerNotEmpty(id));
        }
        let changed = LedgerStatusChanged { ledger: id, status };
        Ok(Effects::memo([Event::LedgerStatusChanged(changed)]))
    }

    /// Row 39.
    pub(crate) fn transfer_between_ledgers(
        &self,
        command: &TransferBetweenLedgers,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let TransferBetweenLedgers { source, destination, amount, .. } = *command;
        if source == destination {
            return Err(Rejection::SameLedger);
        }
        let (from, to) = (self.active_ledger(source)?, self.active_ledger(destination)?);
        require_in_range(amount)?;
        if from.asset != to.asset {
            return Err(Rejection::DifferentAssets);
        }
        if from.kind.normal_side() != to.kind.normal_side() {
            return Err(Rejection::DifferentSides);
        }
        let falls = Lines::of(from.asset).debit(Account::Ledger(from.kind, source), amount);
        let moved = falls.credit(Account::Ledger(to.kind, destination), amount);
        let lines = match from.kind.normal_side() {
            Side::Credit => moved,
            Side::Debit => moved.swapped(),
        };
        let postings = lines.balanced();
        self.require_ledger_funds(&postings)?;
        let event = LedgerTransferred {
            transfer: JournalId::derive(now, id, 0),
            source,
            destination,
            amount,
            description: command.description.clone(),
            metadata: command.metadata.clone(),
        };
        Ok(Effects { events: vec![Event::LedgerTransferred(event)], postings })
    }

    /// Refuses postings that leave a ledger further below zero than it may be. One that they do not lower may stay there.
    fn require_ledger_funds(&self, postings: &Postings) -> Result<(), Rejection> {
        let mut changes: BTreeMap<(Account, Asset), Balance> = BTreeMap::new();
        for posting in postings {
            let change = changes.entry((posting.account, posting.asset)).or_default();
            change.checked_add(posting.side, posting.amount).expect("the postings are bounded");
        }
        for ((account, asset), change) in changes {
            let Account::Ledger(kind, id) = account else { continue };
            let ledger = self.ledger(id).expect("the postings name a ledger");
            let before = self.accounts.totals(account, asset);
            let (rises, falls) = by_normal_side(kind, change);
            let (more, less) = by_normal_side(kind, before);
            if falls <= rises {
                continue;
            }
            let left = (more + ledger.overdraft_limit).saturating_sub(less);
            if left < falls - rises {
                return Err(Rejection::LedgerInsufficientFunds { ledger: id, left });
            }
        }
        Ok(())
    }

    pub(crate) fn apply_ledger(&mut self, event: &LedgerCreated) {
        self.ledger_codes.insert(event.code.clone());
        let ledger = Ledger {
            kind: event.kind,
            asset: event.asset,
            overdraft_limit: event.overdraft_limit,
            status: LedgerStatus::Active,
        };
        self.ledgers.insert(event.ledger, ledger);
    }

    pub(crate) fn apply_ledger_status(&mut self, event: &LedgerStatusChanged) {
        let ledger = self.ledgers.get_mut(event.ledger).expect("the event names a ledger");
        ledger.status = event.status;
    }
}

/// What makes a ledger larger, and what makes it smaller.
fn by_normal_side(kind: LedgerKind, balance: Balance) -> (Amount, Amount) {
    match kind.normal_side() {
        Side::Debit => (balance.debits, balance.credits),
        Side::Credit => (balance.credits, balance.debits),
    }
}
