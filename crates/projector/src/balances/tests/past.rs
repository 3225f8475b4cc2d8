//! What stood on all accounts at any time is what a plain fold of the entries up to there says.

use std::collections::BTreeMap;

use journal::Stored;
use ledger::Timestamp;

use super::*;
use crate::projection::Projection;

on_each_store! {
    what_stood_on_all_accounts_at_any_time_is_a_fold_of_the_entries_up_to_there
    an_account_that_changes_all_the_time_costs_a_row_an_epoch
    the_last_entry_of_an_epoch_belongs_to_it
}

/// Few enough that a history crosses many ends of epochs.
const EPOCH: u64 = 8;

fn project(play: &Play) -> (Home, Balances) {
    let home = play.home();
    let mut projection = Projection::<BalancesModel<EPOCH>>::open(home.place()).unwrap();
    for entries in play.entries.chunks(5) {
        assert!(!projection.follow(entries).unwrap());
    }
    let journal = Box::new(play.journal(play.entries.len()));
    let balances = Balances::with_epochs(home.place(), journal, EPOCH).unwrap();
    (home, balances)
}

/// All accounts after the entries that were not later than `at`.
fn fold(entries: &[Stored], at: Timestamp) -> Vec<AccountBalance> {
    let mut totals: BTreeMap<(String, &str), AccountBalance> = BTreeMap::new();
    for stored in entries.iter().filter(|stored| stored.entry.at <= at) {
        for posting in &stored.entry.postings {
            let (account, asset) = (posting.account, posting.asset);
            let key = (account.to_string(), asset.code());
            let new = AccountBalance { account, asset, balance: Balance::default() };
            let balance = &mut totals.entry(key.clone()).or_insert(new).balance;
            balance.checked_add(posting.side, posting.amount).unwrap();
            if account.is_transient() && balance.debits == balance.credits {
                totals.remove(&key);
            }
        }
    }
    totals.into_values().collect()
}

fn what_stood_on_all_accounts_at_any_time_is_a_fold_of_the_entries_up_to_there(store: Store) {
    let choices = prop::collection::vec(any::<(u8, u8, u16)>(), 1..120);
    holds(store, 24, choices, |choices| {
        let play = history(store, &choices);
        let (_home, balances) = project(&play);
        let mut times: Vec<_> = play.entries.iter().map(|stored| stored.entry.at).collect();
        times.dedup();
        let around = times.into_iter().flat_map(|at| [at.minus_ms(1), at, at.plus_ms(1)]);
        for at in around.chain([Timestamp::from_millis(0), Timestamp::MAX.minus_ms(1)]) {
            assert_eq!(balances.accounts_at(at).unwrap().value, fold(&play.entries, at), "{at:?}");
        }
    });
}

fn an_account_that_changes_all_the_time_costs_a_row_an_epoch(store: Store) {
    let mut play = Play::new(store);
    let [cash, ada] = play.two_ledgers();
    for _ in 0..10 * EPOCH {
        play.journal_of(&[(cash, Side::Debit, 1), (ada, Side::Credit, 1)]);
    }
    let epochs = play.book().position().0 / EPOCH;
    let (home, _) = project(&play);
    let mut of_cash = Vec::new();
    crate::read(ReadModel::Balances, home.place(), |snapshot| {
        snapshot.each(|row: ClosingTotals| {
            let is_cash = matches!(row.account, Account::Ledger(_, ledger) if ledger == cash);
            of_cash.extend(is_cash.then_some((row.epoch, row.until)));
        })
    })
    .unwrap();
    assert_eq!(of_cash, (0..epochs).map(|epoch| (epoch, epoch + 1)).collect::<Vec<_>>());
}

fn the_last_entry_of_an_epoch_belongs_to_it(store: Store) {
    let mut play = Play::new(store);
    let [cash, ada] = play.two_ledgers();
    while play.book().position().0 < 3 * EPOCH {
        play.pass(1_000);
        play.journal_of(&[(cash, Side::Debit, 1), (ada, Side::Credit, 1)]);
    }
    let (home, balances) = project(&play);
    let at = |position: u64| play.entries[position as usize - 1].entry.at;
    let mut epochs = Vec::new();
    crate::read(ReadModel::Balances, home.place(), |snapshot| {
        snapshot.each(|row: Epoch| epochs.push((row.number, row.at)))
    })
    .unwrap();
    let ends = (0..3).map(|epoch| (epoch, at((epoch + 1) * EPOCH - 1)));
    assert_eq!(epochs, ends.collect::<Vec<_>>());
    for position in EPOCH - 1..=2 * EPOCH {
        let found = balances.accounts_at(at(position)).unwrap().value;
        assert_eq!(found, fold(&play.entries, at(position)), "{position}");
    }
}
