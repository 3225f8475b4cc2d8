//! What was posted to the platform's own ledgers.

use ledger::ledgers::ReverseJournal;
use ledger::{Amount, Event, JournalId, LedgerId, Metadata, Position, Timestamp};

use super::*;
use crate::snapshot::{Cursor, List, Page};

on_each_store! {
    what_stood_on_a_ledger_is_known_after_each_entry
    postings_are_listed_newest_first_and_none_is_left_out_or_stands_twice
    a_statement_begins_and_ends_with_what_stood_there
    a_journal_is_found_by_its_id_and_tells_what_has_taken_it_back
}

/// Number of the posting, debits and credits after it.
fn told(list: &List<Posted>) -> Vec<(u64, u16, u128, u128)> {
    let told =
        |row: &Posted| (row.entry.position.0, row.number, row.after.debits.0, row.after.credits.0);
    list.rows.iter().map(told).collect()
}

fn page(from: Option<Cursor>, limit: usize) -> Page {
    Page { from, limit }
}

/// Two journals of three lines, two of which are the same ledger's.
fn two_journals(store: Store) -> (Play, [LedgerId; 2], [Position; 2]) {
    let mut play = Play::new(store);
    let [cash, ada] = play.two_ledgers();
    let after = [[3, 4], [5, 1]].map(|[one, other]| {
        play.pass(1_000);
        let lines = [
            (cash, Side::Debit, one + other),
            (ada, Side::Credit, one),
            (ada, Side::Credit, other),
        ];
        play.journal_of(&lines).position
    });
    (play, [cash, ada], after)
}

fn what_stood_on_a_ledger_is_known_after_each_entry(store: Store) {
    let (play, [cash, ada], after) = two_journals(store);
    let (_home, balances) = project(&play);
    let of = |ledger, position| {
        let found = balances.ledgers_after(&[ledger], position).unwrap().value[&ledger];
        (found.debits.0, found.credits.0)
    };
    assert_eq!((of(ada, after[0]), of(ada, after[1])), ((0, 7), (0, 13)));
    assert_eq!((of(cash, after[0]), of(cash, after[1])), ((7, 0), (13, 0)));
    assert_eq!(of(ada, Position(after[0].0 - 1)), (0, 0));
}

fn postings_are_listed_newest_first_and_none_is_left_out_or_stands_twice(store: Store) {
    let (play, [_, ada], [first, second]) = two_journals(store);
    let (_home, balances) = project(&play);
    let list =
        |limit, from, period| balances.postings(ada, period, page(from, limit)).unwrap().value;
    let (one, other) = (first.0, second.0);
    let all = [(other, 2, 0, 13), (other, 1, 0, 12), (one, 2, 0, 7), (one, 1, 0, 3)];
    for limit in 1..=4 {
        let (mut found, mut from) = (Vec::new(), None);
        loop {
            let part = list(limit, from, Period::default());
            assert!(part.rows.len() <= limit);
            found.extend(told(&part));
            from = part.next;
            if from.is_none() {
                break;
            }
        }
        assert_eq!(found, all, "{limit} at a time");
    }
    let at = |position: Position| Some(play.entries[position.0 as usize - 1].entry.at);
    let until = Period { from: None, until: at(second) };
    assert_eq!(told(&list(9, None, until)), all[2..]);
    let from = Period { from: at(second), until: None };
    assert_eq!(told(&list(9, None, from)), all[..2]);
    let later = at(second).map(|at| at.plus_ms(1));
    assert_eq!(told(&list(9, None, Period { from: later, until: None })), []);
}

fn a_statement_begins_and_ends_with_what_stood_there(store: Store) {
    let (play, [_, ada], [first, second]) = two_journals(store);
    let (_home, balances) = project(&play);
    let statement = |from: Option<Timestamp>, until: Option<Timestamp>| {
        let period = Period { from, until };
        let found = balances.statement(ada, period, page(None, 9)).unwrap().value;
        (found.opening.credits.0, found.closing.credits.0, found.postings.rows.len())
    };
    let at = |position: Position| Some(play.entries[position.0 as usize - 1].entry.at);
    assert_eq!(statement(None, None), (0, 13, 4));
    assert_eq!(statement(at(first), at(second)), (0, 7, 2));
    assert_eq!(statement(at(second), None), (7, 13, 2));
    assert_eq!(statement(at(second), at(first)), (7, 7, 0), "a period that ends before it begins");
}

fn a_journal_is_found_by_its_id_and_tells_what_has_taken_it_back(store: Store) {
    let (mut play, _, [first, second]) = two_journals(store);
    let id_of = |play: &Play, position: Position| match play.entries[position.0 as usize - 1]
        .entry
        .events[..]
    {
        [Event::JournalPosted(ref event)] => event.journal,
        ref events => panic!("{events:?}"),
    };
    let [one, other] = [first, second].map(|position| id_of(&play, position));
    let reversal = play.act(Command::ReverseJournal(ReverseJournal {
        journal: one,
        parts: None,
        description: None,
        metadata: Metadata::default(),
    }));
    let Event::JournalReversed(reversed) = &reversal.events[0] else { panic!("{reversal:?}") };
    let (_home, balances) = project(&play);
    let find = |id| {
        let found = balances.journal(id).unwrap().value;
        found.map(|found| (found.entry.position, found.reversed_by))
    };
    assert_eq!(find(one), Some((first, Some(reversed.journal))));
    assert_eq!(find(other), Some((second, None)));
    assert_eq!(find(reversed.journal), Some((reversal.position, None)));
    assert_eq!(find(JournalId([1; 16])), None);
    assert_eq!(reversed.lines[0].amount, Amount(7));
}
