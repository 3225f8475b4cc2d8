//! What stood on all accounts at a past time.
//!
//! Positions are divided into epochs of equal length. An account that changes leaves what it had when the last epoch ended
//! in which it had changed before; so one that changes all the time costs a row an epoch. A report takes what all accounts
//! had when an epoch ended, and adds the entries from there on: at most those of one epoch.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use ledger::posting::Balance;
use ledger::{Account, Amount, Asset, Entry, Position, Timestamp};

use super::entries::Entries;
use super::{AccountBalance, AccountTotals, Balances};
use crate::Error;
use crate::field::Column;
use crate::row::row;
use crate::snapshot::{At, Snapshot};

/// How many positions an epoch has: as many entries are read and added within a second.
pub const EPOCH_ENTRIES: u64 = 65_536;

/// How many entries are read at a time.
const READ_ENTRIES: u64 = 4_096;

/// All debits and credits of an account when an epoch ended in which it had changed; and so they stayed up to another epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosingTotals {
    /// The first epoch in which it changed again. Rows are added in this order.
    pub until: u64,
    /// The account.
    pub account: Account,
    /// The asset.
    pub asset: Asset,
    /// The epoch that ended.
    pub epoch: u64,
    /// Sum of the debits.
    pub debits: Amount,
    /// Sum of the credits.
    pub credits: Amount,
}

row! {
    ClosingTotals in Balances "closing"
    key { until: u64, account: Account, asset: Asset }
    fixed { epoch, debits, credits }
    changing {}
}

/// An epoch that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// Counted from zero.
    pub number: u64,
    /// The time of its last entry.
    pub at: Timestamp,
}

row! {
    Epoch in Balances "epoch"
    key { number: u64 }
    fixed { at }
    changing {}
}

impl Balances {
    /// Every account that existed after the last entry that was not later than `at`, in the order of its path. Reads at
    /// most [`EPOCH_ENTRIES`] entries of the journal, and a row for each account and for each that changed in an epoch
    /// since.
    pub fn accounts_at(&self, at: Timestamp) -> Result<At<Vec<AccountBalance>>, Error> {
        self.pool.read(|snapshot| {
            let totals = Past::new(snapshot, &self.entries, self.epoch_entries).totals_at(at)?;
            let mut list: Vec<_> = totals
                .into_iter()
                .map(|((account, asset), balance)| AccountBalance { account, asset, balance })
                .collect();
            list.sort_by_cached_key(|row| (row.account.to_string(), row.asset.code()));
            Ok(list)
        })
    }
}

/// Debits and credits of every account.
type Totals = BTreeMap<(Account, Asset), Balance>;

/// What a snapshot and the journal together know of past times.
pub(super) struct Past<'a> {
    snapshot: &'a Snapshot<'a>,
    entries: &'a Entries,
    epoch_entries: u64,
}

impl<'a> Past<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot<'a>,
        entries: &'a Entries,
        epoch_entries: u64,
    ) -> Self {
        Self { snapshot, entries, epoch_entries }
    }

    /// The first entry that is not earlier than `at`; the place after the last one that is shown, if there is none.
    /// Halves the positions of an epoch.
    pub(super) fn first_since(&self, at: Timestamp) -> Result<Position, Error> {
        let earlier: Vec<Epoch> =
            self.snapshot.rows("at < ?1 order by number desc limit 1", &[at.field()])?;
        let epoch = earlier.first().map_or(0, |epoch| epoch.number + 1);
        let mut low = Position((epoch * self.epoch_entries).max(1));
        let last = Position((epoch + 1) * self.epoch_entries - 1);
        let mut high = last.min(self.snapshot.position().next());
        while low < high {
            let middle = Position(low.0 + (high.0 - low.0) / 2);
            let is_earlier = self.entries.at(middle)?.at < at;
            if is_earlier { low = middle.next() } else { high = middle }
        }
        Ok(low)
    }

    /// All debits and credits of each account after the last entry that was not later than `at`.
    fn totals_at(&self, at: Timestamp) -> Result<Totals, Error> {
        let end = self.first_since(at.plus_ms(1))?;
        let epoch = end.0 / self.epoch_entries;
        let mut totals = self.totals_before(epoch)?;
        let mut next = Position((epoch * self.epoch_entries).max(1));
        while next < end {
            let limit = READ_ENTRIES.min(end.0 - next.0);
            for stored in self.entries.read(next, limit as usize)? {
                add(&mut totals, &stored.entry)?;
                next = stored.entry.position.next();
            }
        }
        Ok(totals)
    }

    /// The same before the first entry of an epoch.
    fn totals_before(&self, epoch: u64) -> Result<Totals, Error> {
        let (snapshot, epoch) = (self.snapshot, [epoch.field()]);
        let unchanged: Vec<AccountTotals> = snapshot.rows("epoch < ?1", &epoch)?;
        let changed: Vec<ClosingTotals> = snapshot.rows("epoch < ?1 and ?1 <= until", &epoch)?;
        let unchanged = unchanged.into_iter().map(|row| {
            let AccountBalance { account, asset, balance } = row.into();
            ((account, asset), balance)
        });
        let changed = changed.into_iter().map(|row| {
            let ClosingTotals { account, asset, debits, credits, .. } = row;
            ((account, asset), Balance { debits, credits })
        });
        Ok(unchanged.chain(changed).collect())
    }
}

/// Adds what an entry posts. An account that is made for one purpose leaves when its totals are equal.
fn add(totals: &mut Totals, entry: &Entry) -> Result<(), Error> {
    let out_of_range = Error::OutOfRange { position: entry.position, table: "account" };
    for posting in &entry.postings {
        let mut total = match totals.entry((posting.account, posting.asset)) {
            Slot::Occupied(slot) => slot,
            Slot::Vacant(slot) => slot.insert_entry(Balance::default()),
        };
        let sum = total.get_mut();
        if sum.checked_add(posting.side, posting.amount).is_none() {
            return Err(out_of_range);
        }
        if posting.account.is_transient() && sum.debits == sum.credits {
            total.remove();
        }
    }
    Ok(())
}
