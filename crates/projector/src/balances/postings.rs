//! What was posted to the platform's own ledgers, and in which journals.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::posting::Balance;
use ledger::{Amount, Entry, JournalId, LedgerId, Position, Timestamp};

use super::Balances;
use super::past::Past;
use crate::Error;
use crate::field::Column;
use crate::row::row;
use crate::snapshot::{At, Cursor, List, Page, Snapshot};

/// All debits and credits of a platform's ledger after a posting to it. What was posted, and why, the entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerPosting {
    /// The ledger.
    pub ledger: LedgerId,
    /// The entry.
    pub position: Position,
    /// Which of its postings, counted from zero.
    pub number: u16,
    /// Sum of the debits.
    pub debits: Amount,
    /// Sum of the credits.
    pub credits: Amount,
}

row! {
    LedgerPosting in Balances "ledger_posting"
    key { ledger: LedgerId, position: Position, number: u16 }
    fixed { debits, credits }
    changing {}
}

/// A journal of the platform, or the reversal of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// Its id.
    pub id: JournalId,
    /// The entry.
    pub position: Position,
    /// What has taken it back.
    pub reversed_by: Option<JournalId>,
}

row! {
    Journal in Balances "journal"
    key { id: JournalId }
    fixed { position }
    changing { reversed_by }
}

/// A journal with all that it posted.
#[derive(Debug, Clone)]
pub struct PostedJournal {
    /// Its entry.
    pub entry: Arc<Entry>,
    /// What has taken it back.
    pub reversed_by: Option<JournalId>,
}

/// A posting to a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The entry that it stands in.
    pub entry: Arc<Entry>,
    /// Which of its postings, counted from zero.
    pub number: u16,
    /// What stands on the ledger after it.
    pub after: Balance,
}

/// From a time on, up to another, which is not part of it. Without them, from the first posting, to the last.
#[derive(Debug, Clone, Copy, Default)]
pub struct Period {
    /// The first time that is part of it.
    pub from: Option<Timestamp>,
    /// The first that is not any more.
    pub until: Option<Timestamp>,
}

/// What happened to a ledger in a period.
#[derive(Debug, Clone)]
pub struct Statement {
    /// What stood on it before.
    pub opening: Balance,
    /// What stood on it at the end.
    pub closing: Balance,
    /// A part of the postings between.
    pub postings: List<Posted>,
}

impl Balances {
    /// What stood on ledgers after an entry.
    pub fn ledgers_after(
        &self,
        ledgers: &[LedgerId],
        position: Position,
    ) -> Result<At<BTreeMap<LedgerId, Balance>>, Error> {
        self.pool.read(|snapshot| {
            let found = ledgers.iter().map(|id| Ok((*id, before(snapshot, *id, position.next())?)));
            found.collect()
        })
    }

    /// The postings to a ledger in a period, the newest first.
    pub fn postings(
        &self,
        ledger: LedgerId,
        period: Period,
        page: Page,
    ) -> Result<At<List<Posted>>, Error> {
        self.pool.read(|snapshot| {
            let span = self.span(snapshot, period)?;
            self.posted(snapshot, ledger, span, page)
        })
    }

    /// What happened to a ledger in a period, with a part of the postings, the newest first.
    pub fn statement(
        &self,
        ledger: LedgerId,
        period: Period,
        page: Page,
    ) -> Result<At<Statement>, Error> {
        self.pool.read(|snapshot| {
            let span @ (first, end) = self.span(snapshot, period)?;
            Ok(Statement {
                opening: before(snapshot, ledger, first)?,
                closing: before(snapshot, ledger, first.max(end))?,
                postings: self.posted(snapshot, ledger, span, page)?,
            })
        })
    }

    /// The journal with this id.
    pub fn journal(&self, id: JournalId) -> Result<At<Option<PostedJournal>>, Error> {
        self.pool.read(|snapshot| {
            let Some(Journal { position, reversed_by, .. }) = snapshot.row(id)? else {
                return Ok(None);
            };
            Ok(Some(PostedJournal { entry: self.entries.at(position)?, reversed_by }))
        })
    }

    /// The first position of a period, and the first one after it.
    fn span(&self, snapshot: &Snapshot<'_>, period: Period) -> Result<(Position, Position), Error> {
        let past = Past::new(snapshot, &self.entries, self.epoch_entries);
        let first = period.from.map_or(Ok(Position::START), |from| past.first_since(from))?;
        let end = snapshot.position().next();
        Ok((first, period.until.map_or(Ok(end), |until| past.first_since(until))?))
    }

    fn posted(
        &self,
        snapshot: &Snapshot<'_>,
        ledger: LedgerId,
        (first, end): (Position, Position),
        page: Page,
    ) -> Result<List<Posted>, Error> {
        let end = Cursor { position: end, number: 0 };
        let end = page.from.map_or(end, |from| from.min(end));
        let rows: Vec<LedgerPosting> = snapshot.rows(
            "ledger = ?1 and ?2 <= position and (position, number) < (?3, ?4) \
             order by position desc, number desc limit ?5",
            &[
                ledger.field(),
                first.field(),
                end.position.field(),
                end.number.field(),
                page.limit_and_one().field(),
            ],
        )?;
        let List { rows, next } = page.list(rows, |row: &LedgerPosting| Cursor {
            position: row.position,
            number: row.number,
        });
        let mut posted: Vec<Posted> = Vec::with_capacity(rows.len());
        for LedgerPosting { position, number, debits, credits, .. } in rows {
            let entry = match posted.last() {
                Some(last) if last.entry.position == position => last.entry.clone(),
                _ => self.entries.at(position)?,
            };
            posted.push(Posted { entry, number, after: Balance { debits, credits } });
        }
        Ok(List { rows: posted, next })
    }
}

/// What stood on a ledger before an entry.
fn before(snapshot: &Snapshot<'_>, ledger: LedgerId, position: Position) -> Result<Balance, Error> {
    let rows: Vec<LedgerPosting> = snapshot.rows(
        "ledger = ?1 and position < ?2 order by position desc, number desc limit 1",
        &[ledger.field(), position.field()],
    )?;
    let last = rows.first().map(|row| Balance { debits: row.debits, credits: row.credits });
    Ok(last.unwrap_or_default())
}
