//! Lists, their filters and their pages.

use std::cmp::Reverse;

use ledger::time::HOUR_MS;
use ledger::transfers::TransferStatus;
use proptest::prelude::*;

use super::*;
use crate::snapshot::{Cursor, List};
use crate::testing::{history, holds, text};

on_each_store! {
    going_on_from_a_cursor_neither_skips_nor_repeats_when_rows_are_added
    the_pages_of_a_list_are_all_that_the_filter_accepts_newest_first
    the_pages_of_wallets_are_all_that_the_filter_accepts_newest_first
}

fn going_on_from_a_cursor_neither_skips_nor_repeats_when_rows_are_added(store: Store) {
    let (mut play, card) = spender(store);
    let ids: Vec<_> = (1..=5).map(|amount| play.authorize(card, amount, "Bistro")).collect();
    let home = play.home();
    let mut projection = play.project::<TransactionsModel>(&home);
    let transactions = Transactions::open(home.place()).unwrap();
    let filter = Filter { card: Some(card), ..Filter::default() };
    let list = |from: Option<Cursor>| {
        let List { rows, next } =
            transactions.list(&filter, Page { from, limit: 2 }).unwrap().value;
        (rows.iter().map(id).collect::<Vec<_>>(), next)
    };

    let (first, next) = list(None);
    play.authorize(card, 6, "Bistro");
    projection.follow(&play.entries).unwrap();
    let (second, next) = list(next);
    let (third, end) = list(next);
    assert_eq!([first, second, third].concat(), ids.into_iter().rev().collect::<Vec<_>>());
    assert_eq!(end, None);
}

fn id(transaction: &Transaction) -> TransactionId {
    match transaction {
        Transaction::Card(transaction) => transaction.id,
        Transaction::Deposit(deposit) => deposit.id,
    }
}

impl Filter {
    /// The filter in other words.
    fn accepts(&self, transaction: &Transaction) -> bool {
        let (holder, agent, card, state, at) = match transaction {
            Transaction::Card(t) => (t.holder, Some(t.agent), Some(t.card), t.state, t.at),
            Transaction::Deposit(t) => (t.holder, None, None, t.state, t.at),
        };
        self.holder.is_none_or(|wanted| wanted == holder)
            && (self.agent.is_none() || self.agent == agent)
            && (self.card.is_none() || self.card == card)
            && self.state.is_none_or(|wanted| wanted == state)
            && self.from.is_none_or(|from| from <= at)
            && self.to.is_none_or(|to| at < to)
    }
}

impl<S: PartialEq> Wanted<S> {
    fn accepts(&self, standing: &S) -> bool {
        match self {
            Self::All => true,
            Self::Only(wanted) => wanted == standing,
            Self::Nothing => false,
        }
    }
}

impl WalletFilter {
    /// The filter in other words.
    fn accepts(&self, transaction: &WalletTransaction) -> bool {
        let (holder, wallet, at, is_wanted, called) = match transaction {
            WalletTransaction::Deposit(t) => {
                (t.holder, t.wallet, t.at, self.deposits.accepts(&t.state), None)
            }
            WalletTransaction::Transfer(t) => {
                let is_wanted = self.transfers.accepts(&t.status);
                (t.holder, t.wallet, t.at, is_wanted, t.client_reference.as_ref())
            }
        };
        is_wanted
            && self.client_reference.as_ref().is_none_or(|wanted| called == Some(wanted))
            && self.holder.is_none_or(|wanted| wanted == holder)
            && self.wallet.is_none_or(|wanted| wanted == wallet)
            && self.from.is_none_or(|from| from <= at)
            && self.to.is_none_or(|to| at < to)
    }
}

/// All pages of a list, one after the other.
fn pages<T>(limit: usize, list: impl Fn(Page) -> List<T>) -> Vec<T> {
    let (mut found, mut from) = (Vec::new(), None);
    loop {
        let List { rows, next } = list(Page { from, limit });
        assert!(rows.len() <= limit);
        found.extend(rows);
        from = next;
        if from.is_none() {
            return found;
        }
    }
}

fn the_pages_of_a_list_are_all_that_the_filter_accepts_newest_first(store: Store) {
    let choices = prop::collection::vec(any::<(u8, u8, u16)>(), 1..80);
    let picks = prop::collection::vec((any::<[bool; 6]>(), any::<[u8; 2]>()), 8);
    let limit = 1_usize..5;
    holds(store, 24, (choices, picks, limit), |(choices, picks, limit)| {
        let play = history(store, &choices);
        let (home, transactions) = project(&play);
        let mut all = Vec::new();
        crate::read(ReadModel::Transactions, home.place(), |snapshot| {
            snapshot.each(|row| all.push(Transaction::Card(row)))?;
            snapshot.each(|row| all.push(Transaction::Deposit(row)))
        })
        .unwrap();
        all.sort_by_key(|transaction| Reverse(transaction.position()));

        let states = [State::Pending, State::Settled, State::Declined, State::Completed];
        for (asked, [which, hours]) in picks {
            let purchase = all.iter().find_map(|transaction| match transaction {
                Transaction::Card(transaction) => Some(transaction.clone()),
                Transaction::Deposit(_) => None,
            });
            let time = Timestamp::of_month(2026, 11).plus_ms(u64::from(hours) * HOUR_MS);
            let filter = Filter {
                holder: asked[0].then(|| match &all[usize::from(which) % all.len()] {
                    Transaction::Card(transaction) => transaction.holder,
                    Transaction::Deposit(deposit) => deposit.holder,
                }),
                agent: purchase.as_ref().filter(|_| asked[1]).map(|row| row.agent),
                card: purchase.as_ref().filter(|_| asked[2]).map(|row| row.card),
                state: asked[3].then(|| states[usize::from(which) % states.len()]),
                from: asked[4].then_some(time),
                to: asked[5].then(|| time.plus_ms(u64::from(which) * HOUR_MS)),
            };
            let expected: Vec<_> = all.iter().filter(|row| filter.accepts(row)).cloned().collect();
            let found = pages(limit, |page| transactions.list(&filter, page).unwrap().value);
            assert_eq!(found, expected);
        }
    });
}

fn the_pages_of_wallets_are_all_that_the_filter_accepts_newest_first(store: Store) {
    let moves = prop::collection::vec((36_u8..43, any::<u8>(), any::<u16>()), 1..80);
    let picks = prop::collection::vec((any::<[bool; 5]>(), any::<[u8; 4]>()), 8);
    let limit = 1_usize..5;
    holds(store, 24, (moves, picks, limit), |(moves, picks, limit)| {
        let play = history(store, &moves);
        let (home, transactions) = project(&play);
        let mut all = Vec::new();
        crate::read(ReadModel::Transactions, home.place(), |snapshot| {
            snapshot.each(|row| all.push(WalletTransaction::Deposit(row)))?;
            snapshot.each(|row| all.push(WalletTransaction::Transfer(row)))
        })
        .unwrap();
        all.sort_by_key(|transaction| Reverse(transaction.position()));

        let statuses =
            [TransferStatus::InReview, TransferStatus::Completed, TransferStatus::Failed];
        for (asked, [which, hours, deposits, transfers]) in picks {
            let time = Timestamp::of_month(2026, 11).plus_ms(u64::from(hours) * HOUR_MS);
            let one = all.get(usize::from(which) % all.len().max(1));
            let of = one.map(|transaction| match transaction {
                WalletTransaction::Deposit(deposit) => (deposit.holder, deposit.wallet),
                WalletTransaction::Transfer(transfer) => (transfer.holder, transfer.wallet),
            });
            let filter = WalletFilter {
                holder: of.filter(|_| asked[0]).map(|(holder, _)| holder),
                wallet: of.filter(|_| asked[1]).map(|(_, wallet)| wallet),
                deposits: match deposits % 3 {
                    0 => Wanted::All,
                    1 => Wanted::Only(State::Completed),
                    _ => Wanted::Nothing,
                },
                transfers: match transfers % 4 {
                    0 => Wanted::All,
                    1 | 2 => Wanted::Only(statuses[usize::from(which) % statuses.len()]),
                    _ => Wanted::Nothing,
                },
                client_reference: asked[4].then(|| text("order-7")),
                from: asked[2].then_some(time),
                to: asked[3].then(|| time.plus_ms(u64::from(which) * HOUR_MS)),
            };
            let expected: Vec<_> = all.iter().filter(|row| filter.accepts(row)).cloned().collect();
            let found = pages(limit, |page| transactions.wallet_list(&filter, page).unwrap().value);
            assert_eq!(found, expected);
        }
    });
}
