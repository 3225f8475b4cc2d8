//! Histories that were rewritten as a whole: every hash fits.

use std::sync::Arc;

use audit::{Evidence, Report};
use journal::tree::Tree;
use journal::{Head, ReadError, Reader, Stored, encode};
use ledger::authorizations::AuthorizationApproved;
use ledger::{
    Amount, BookId, CardId, Entry, Event, Position, Posting, Postings, Reference, TransactionId,
};
use projector::Place;

use crate::play::purchase;
use crate::support::{Altered, BOOK, INCARNATION, Kept, assert_first, assert_only, verify, wrong};

/// Changes an entry, and writes it and all that follow anew.
pub(crate) fn forge(
    entries: &[Stored],
    position: u64,
    change: impl FnOnce(&mut Entry),
) -> Vec<Stored> {
    let mut change = Some(change);
    let mut previous = Head::EMPTY.hash;
    let mut forged = Vec::with_capacity(entries.len());
    for stored in entries {
        let mut entry = (*stored.entry).clone();
        if entry.position.0 == position {
            change.take().unwrap()(&mut entry);
        }
        let stored = encode(Arc::new(entry), previous);
        previous = stored.hash;
        forged.push(stored);
    }
    forged
}

/// Puts forged entries into the place of those that were written.
pub(crate) fn replace(kept: &Kept, forged: &[Stored]) {
    for stored in forged {
        kept.set_bytes(stored.entry.position.0, &stored.bytes);
    }
}

/// The position of the deposit.
pub(crate) fn deposit(entries: &[Stored]) -> u64 {
    let is_deposit =
        |stored: &&Stored| matches!(stored.entry.events[0], Event::DepositConfirmed(_));
    entries.iter().find(is_deposit).unwrap().entry.position.0
}

/// Makes of a deposit of 300.00 one of `cents`.
pub(crate) fn deposit_of(cents: u128) -> impl FnOnce(&mut Entry) {
    move |entry| {
        let Event::DepositConfirmed(event) = &mut entry.events[0] else { panic!() };
        (event.amount, event.credited) = (Amount(cents * 10_000), Amount(cents));
        let postings = entry.postings.iter().map(|posting| Posting {
            amount: Amount(posting.amount.0 / 300_00 * cents),
            ..*posting
        });
        entry.postings = Postings::new(postings.collect()).unwrap();
    }
}

#[test]
fn another_amount_is_found_through_the_anchor() {
    let entries = purchase().entries;
    let kept = Kept::of(&entries);
    replace(&kept, &forge(&entries, deposit(&entries), deposit_of(900_00)));
    assert_only(&kept.wrong(), entries.len() as u64, "the anchor names another entry");
}

#[test]
fn without_the_anchor_another_amount_is_found_through_the_read_models() {
    let entries = purchase().entries;
    let kept = Kept::of(&entries);
    replace(&kept, &forge(&entries, deposit(&entries), deposit_of(900_00)));
    let mut evidence = kept.evidence();
    evidence.anchor = None;
    let found = wrong(&verify(evidence).unwrap());
    let last = entries.len() as u64;
    assert_first(&found, last, "balances: it has followed another entry");
    assert!(found.iter().any(|(_, what)| what.contains("balances: the row")), "{found:?}");
    assert!(found.iter().any(|(_, what)| what.contains("transactions: the row")), "{found:?}");
}

#[test]
fn a_forgery_of_everything_is_found_where_it_breaks_the_rules() {
    let entries = purchase().entries;
    let last = entries.len() as u64;
    let breaks = |position, change: fn(&mut Entry), words| {
        let kept = Kept::journal_of(&forge(&entries, position, change));
        assert_only(&kept.wrong(), position, words);
    };
    breaks(last - 3, |entry| entry.at = entry.at.minus_ms(1), "its time is before");
    breaks(last, |entry| approval(entry).card = CardId([1; 16]), "a card transaction names a card");
    breaks(last - 20, refund_of_nothing, "the event names a card transaction");
}

fn approval(entry: &mut Entry) -> &mut AuthorizationApproved {
    let Event::AuthorizationApproved(event) = &mut entry.events[0] else { panic!() };
    event
}

fn refund_of_nothing(entry: &mut Entry) {
    let Event::Refunded(event) = &mut entry.events[0] else { panic!() };
    event.transaction = TransactionId([1; 16]);
}

#[test]
fn a_read_model_is_not_compared_with_what_speaks_of_nothing() {
    let entries = purchase().entries;
    let position = entries.len() as u64 - 20;
    let kept = Kept::of(&entries);
    replace(&kept, &forge(&entries, position, refund_of_nothing));
    let mut evidence = kept.evidence();
    evidence.anchor = None;
    let found = wrong(&verify(evidence).unwrap());
    assert!(
        found.iter().any(|(_, what)| what.contains("transactions: the entry speaks of")),
        "{found:?}"
    );
}

/// A store that does not check what it reads.
pub(crate) struct Careless(pub(crate) Vec<Stored>);

impl Reader for Careless {
    fn book(&self) -> BookId {
        BOOK
    }

    fn head(&mut self) -> Result<Head, ReadError> {
        let last = self.0.last().unwrap();
        Ok(Head { position: last.entry.position, hash: last.hash })
    }

    fn read(&mut self, from: Position, limit: usize) -> Result<Vec<Stored>, ReadError> {
        Ok(self.0.iter().skip(from.0 as usize - 1).take(limit).cloned().collect())
    }

    fn find(&mut self, _: Reference) -> Result<Option<Stored>, ReadError> {
        unreachable!("an audit looks for no reference")
    }

    fn tree(&mut self) -> Result<Tree, ReadError> {
        Ok(self.0.iter().map(|stored| stored.hash).collect())
    }

    fn checkpoints(&mut self, _: &mut dyn FnMut(u64, &str)) -> Result<(), ReadError> {
        Ok(())
    }

    fn last_checkpoint(&mut self) -> Result<Option<String>, ReadError> {
        Ok(None)
    }

    fn references(&mut self, each: &mut dyn FnMut(Reference, Position)) -> Result<(), ReadError> {
        for stored in &self.0 {
            stored.entry.references().for_each(|id| each(id, stored.entry.position));
        }
        Ok(())
    }
}

pub(crate) fn of_a_careless_store(journal: impl Reader + 'static) -> Report {
    let evidence = Evidence {
        anchor: None,
        journal: Box::new(journal),
        incarnation: INCARNATION,
        keys: Vec::new(),
        operators: None,
        checkpoints: Vec::new(),
        read_models: Place::Folder("nowhere".into()),
    };
    verify(evidence).unwrap()
}

#[test]
fn the_chain_is_not_taken_on_trust() {
    let entries = purchase().entries;
    let verified = |entries| of_a_careless_store(Careless(entries));
    assert!(verified(entries.clone()).sound());

    let mut changed = entries.clone();
    changed[9] = forge(&entries, 10, |entry| entry.command.0[0] ^= 1).swap_remove(9);
    assert_only(&wrong(&verified(changed)), 11, "follows");

    let mut gap = entries.clone();
    gap.remove(9);
    assert_only(&wrong(&verified(gap)), 10, "follows");

    // A gap that no hash shows.
    let shifted = forge(&entries[..20], 10, |entry| entry.position.0 += 1);
    assert_only(&wrong(&verified(shifted)), 10, "follows");
}

#[test]
fn a_journal_that_stops_before_its_end_is_found() {
    let mut entries = purchase().entries;
    let last = entries.pop().unwrap();
    let end = Some(Head { position: last.entry.position, hash: last.hash });
    let journal = Altered { end, ..Altered::of(Box::new(Careless(entries))) };
    let report = of_a_careless_store(journal);
    assert_only(&wrong(&report), last.entry.position.0, "missing");
}
