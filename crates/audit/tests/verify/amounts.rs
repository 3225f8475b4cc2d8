//! Entries whose postings are not what their events say: every sum and every hash fits.

use std::collections::BTreeSet;

use ledger::{Account, Amount, Asset, Entry, Event, Expense, Posting, Postings, Side};

use crate::forgery::{Careless, deposit, forge, of_a_careless_store};
use crate::kinds::kind;
use crate::play::{Play, everything, purchase};
use crate::support::{assert_only, wrong};

/// What is wrong with a journal that ends with this entry, once its postings are others.
fn posted(play: &Play, position: u64, postings: Vec<Posting>) -> Vec<(u64, String)> {
    let postings = Postings::new(postings).unwrap();
    let before = &play.entries[..position as usize];
    let forged = forge(before, position, |entry| entry.postings = postings);
    let report = of_a_careless_store(Careless(forged));
    if report.sound() { Vec::new() } else { wrong(&report) }
}

fn times(entry: &Entry, factor: u128) -> Vec<Posting> {
    let postings = entry.postings.iter();
    postings
        .map(|posting| Posting { amount: Amount(posting.amount.0 * factor), ..*posting })
        .collect()
}

/// Every entry with postings, or every one without.
fn entries(play: &Play, are_memos: bool) -> impl Iterator<Item = &Entry> {
    let all = play.entries.iter().map(|stored| &*stored.entry);
    all.filter(move |entry| entry.postings.is_empty() == are_memos)
}

#[test]
fn a_deposit_that_credits_more_than_it_says_is_found() {
    let play = purchase();
    let position = deposit(&play.entries);
    let entry = &play.entries[position as usize - 1].entry;
    let postings = entry.postings.iter().map(|posting| match posting.asset {
        Asset::Usd => Posting { amount: Amount(600_00), ..*posting },
        _ => *posting,
    });
    let wrong = posted(&play, position, postings.collect());
    assert_only(&wrong, position, "in `USD` with `30000`, its postings with `60000`");
}

#[test]
fn twice_what_events_say_is_found_unless_they_say_no_amount() {
    let play = everything();
    let (mut found, mut not_found) = (BTreeSet::new(), BTreeSet::new());
    for entry in entries(&play, false) {
        let wrong = posted(&play, entry.position.0, times(entry, 2));
        let kinds = entry.events.iter().map(kind);
        if wrong.is_empty() {
            not_found.extend(kinds);
        } else {
            assert_only(&wrong, entry.position.0, "its events");
            found.extend(kinds);
        }
    }
    let without_amount = ["IntentClosed", "VerificationChanged"];
    assert_eq!(Vec::from_iter(not_found), without_amount);
    assert!(28 <= found.len(), "{found:?}");
}

#[test]
fn a_posting_to_another_account_is_found_whatever_the_events() {
    let losses = Account::Expense(Expense::PresentmentLosses);
    let play = everything();
    for entry in entries(&play, false) {
        for place in 0..entry.postings.iter().count() {
            let mut postings = times(entry, 1);
            let account = &mut postings[place].account;
            *account = if *account == losses { Account::Custody } else { losses };
            let wrong = posted(&play, entry.position.0, postings);
            assert_only(&wrong, entry.position.0, "its events");
        }
    }
}

#[test]
fn events_that_move_nothing_have_no_postings() {
    let posting = |side, account| Posting { side, account, asset: Asset::Usd, amount: Amount(1) };
    let moved = [posting(Side::Debit, Account::Custody), posting(Side::Credit, Account::Exchange)];
    let play = everything();
    for entry in entries(&play, true) {
        // The book is not there before it.
        let Event::BookOpened(_) = entry.events[0] else {
            let wrong = posted(&play, entry.position.0, moved.to_vec());
            assert_only(&wrong, entry.position.0, "with `0`, its postings with `1`");
            continue;
        };
    }
}

#[test]
fn what_can_be_refused_is_never_owed() {
    let play = everything();
    let mut asked = 0;
    for entry in entries(&play, false) {
        let holder = match &entry.events[0] {
            Event::AuthorizationApproved(event) if !event.is_advice => event.holder,
            Event::TransferCreated(event) => event.wallet.holder(),
            _ => continue,
        };
        let owed = |posting: &Posting| match (posting.side, posting.account) {
            (Side::Debit, Account::Available(_)) => {
                Posting { account: Account::Overdrawn(holder), ..*posting }
            }
            _ => *posting,
        };
        let postings = entry.postings.iter().map(owed).collect();
        let wrong = posted(&play, entry.position.0, postings);
        assert_only(&wrong, entry.position.0, "its events debit");
        asked += 1;
    }
    assert!(10 < asked, "{asked}");
}
