//! Ledgers that the platform has opened itself.

use ledger::ledgers::LedgerStatus;
use ledger::{Account, Amount, Asset, LedgerId, LedgerKind, Position, Text, Timestamp};

use super::Directory;
use crate::Error;
use crate::field::Column;
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

/// Which ledgers; all of them, if nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub struct LedgerFilter {
    /// What they are.
    pub kind: Option<LedgerKind>,
    /// What they are in.
    pub asset: Option<Asset>,
    /// Whether they may be posted to.
    pub status: Option<LedgerStatus>,
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

    /// The ledgers that are so, the newest first.
    pub fn ledgers(&self, filter: LedgerFilter, page: Page) -> Result<At<List<Ledger>>, Error> {
        let LedgerFilter { kind, asset, status } = &filter;
        self.0.read(|snapshot| {
            let kind = kind.as_ref().map(|kind| ("kind", kind.field()));
            let asset = asset.as_ref().map(|asset| ("asset", asset.field()));
            let status = status.as_ref().map(|status| ("status", status.field()));
            let of = kind.into_iter().chain(asset).chain(status);
            snapshot.list_of(of, page, |ledger: &Ledger| ledger.position)
        })
    }
}
