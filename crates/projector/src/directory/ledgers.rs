//! Ledgers that the platform has opened itself.

use ledger::ledgers::LedgerStatus;
use ledger::{Account, Amount, Asset, LedgerId, LedgerKind, Position, Text, Timestamp};

use super::Directory;
use crate::Error;
use crate::row::row;
use crate::snapshot::{At, List, Page};

/// A ledger. What it has is what its [`Ledger::account`] has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// Its id.
    pub id: LedgerId,
    /// The entry that made it.
    pub position: Position,
    /// When.
    pub at: Timestamp,
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
    /// Whether it may be posted to.
    pub status: LedgerStatus,
}

row! {
    Ledger in Directory "ledger"
    key { id: LedgerId }
    fixed { position, at, code, name, kind, asset, overdraft_limit }
    changing { status }
}

impl Ledger {
    /// The account that is posted to.
    pub fn account(&self) -> Account {
        Account::Ledger(self.kind, self.id)
    }
}

impl Directory {
    /// The ledger with this id.
    pub fn ledger(&self, id: LedgerId) -> Result<At<Option<Ledger>>, Error> {
        self.0.read(|snapshot| snapshot.row(id))
    }

    /// All ledgers, the newest first.
    pub fn ledgers(&self, page: Page) -> Result<At<List<Ledger>>, Error> {
        self.0.read(|snapshot| snapshot.list(None, page, |ledger: &Ledger| ledger.position))
    }
}
