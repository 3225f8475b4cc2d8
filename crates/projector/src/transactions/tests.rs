use std::collections::BTreeMap;

use ledger::cards::CardKind;
use ledger::holders::VerificationStatus;
use ledger::limits::Window;
use ledger::time::{DAY_MS, HOUR_MS};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::snapshot::{At, Cursor, List, Page};
use crate::testing::{Play, history};

fn project(play: &Play) -> (TempDir, Transactions) {
    let folder = tempfile::tempdir().unwrap();
    play.project::<TransactionsModel>(folder.path());
    let transactions = Transactions::open(folder.path()).unwrap();
    (folder, transactions)
}

fn find(play: &Play, id: TransactionId) -> (CardTransaction, Vec<Step>) {
    let (_folder, transactions) = project(play);
    let At { position, value } = transactions.transaction(id).unwrap();
    assert_eq!(position, play.book().position());
    match value.unwrap() {
        History { transaction: Transaction::Card(transaction), steps } => (transaction, steps),
        other => panic!("{other:?}"),
    }
}

/// Where a transaction stands, what is held, cleared and refunded.
fn stand(play: &Play, id: TransactionId) -> (State, [u128; 3]) {
    let (row, _) = find(play, id);
    (row.state, [row.held.0, row.cleared.0, row.refunded.0])
}

fn spender() -> (Play, CardId) {
    let mut play = Play::new();
    let (_, _, card) = play.spender(500_00, CardKind::Multi);
    (play, card)
}

#[test]
fn a_purchase_is_pending_then_settled_then_refunded() {
    let (mut play, card) = spender();
    let id = play.authorize(card, 100_00, "Bistro");
    assert_eq!(stand(&play, id), (State::Pending, [100_00, 0, 0]));
    play.clear(id, 100_00, true);
    assert_eq!(stand(&play, id), (State::Settled, [0, 100_00, 0]));
    play.refund(id, 30_00);
    assert_eq!(stand(&play, id), (State::Refunded, [0, 100_00, 30_00]));
}

#[test]
fn several_clearings_settle_it_with_the_last() {
    let (mut play, card) = spender();
    let id = play.authorize(card, 100_00, "Bistro");
    play.clear(id, 40_00, false);
    assert_eq!(stand(&play, id), (State::Pending, [60_00, 40_00, 0]));
    play.refund(id, 10_00);
    assert_eq!(stand(&play, id), (State::Pending, [60_00, 40_00, 10_00]));
    play.clear(id, 50_00, true);
    assert_eq!(stand(&play, id), (State::Refunded, [0, 90_00, 10_00]));
}

#[test]
fn what_is_given_back_in_full_is_voided_unless_a_part_has_cleared() {
    let (mut play, card) = spender();
    let id = play.authorize(card, 100_00, "Bistro");
    play.reverse(id, 20_00);
    assert_eq!(stand(&play, id), (State::Pending, [80_00, 0, 0]));
    play.reverse(id, 80_00);
    assert_eq!(stand(&play, id), (State::Voided, [0, 0, 0]));

    let id = play.authorize(card, 100_00, "Bistro");
    play.clear(id, 40_00, false);
    play.reverse(id, 60_00);
    assert_eq!(stand(&play, id), (State::Settled, [0, 40_00, 0]));
}

#[test]
fn nobody_clears_it_and_it_expires_but_a_late_clearing_settles_it() {
    let (mut play, card) = spender();
    let id = play.authorize(card, 100_00, "Bistro");
    play.pass(7 * DAY_MS);
    assert_eq!(stand(&play, id), (State::Expired, [0, 0, 0]));
    play.clear(id, 100_00, true);
    assert_eq!(stand(&play, id), (State::Settled, [0, 100_00, 0]));
    let (_, steps) = find(&play, id);
    let late: Vec<_> = steps.iter().map(|step| (step.kind, step.ends_hold, step.is_late)).collect();
    assert_eq!(
        late,
        [
            (StepKind::Authorization, false, false),
            (StepKind::Expiry, true, false),
            (StepKind::Clearing, false, true),
        ]
    );
}

#[test]
fn a_decline_says_why_and_at_which_limit() {
    let (mut play, card) = spender();
    let id = play.authorize(card, 600_00, "Bistro");
    let (row, _) = find(&play, id);
    assert_eq!((row.state, row.reason), (State::Declined, Some(DeclineReason::InsufficientFunds)));

    let id = play.authorize(card, 1_000_01, "Bistro");
    let (row, steps) = find(&play, id);
    assert_eq!(row.reason, Some(DeclineReason::LimitPerAuthorization));
    assert_eq!(row.exceeded.unwrap().left, Amount(1_000_00));
    assert_eq!((row.held, row.expires_at), (Amount::ZERO, None));
    assert_eq!((steps.len(), steps[0].kind), (1, StepKind::Decline));
    assert!(steps[0].postings.is_empty());
}

#[test]
fn the_history_has_the_postings_of_each_step() {
    let (mut play, card) = spender();
    let id = play.authorize(card, 100_00, "Bistro");
    play.clear(id, 120_00, true);
    let (row, steps) = find(&play, id);
    assert_eq!((row.merchant.as_str(), row.mcc.unwrap().code()), ("Bistro", 5732));
    let lines = |step: &Step| -> Vec<_> {
        let lines = step.postings.iter();
        lines.map(|line| (line.side, line.account, line.amount.0)).collect()
    };
    use ledger::Account::{Available, Held, NetworkPayable};
    use ledger::Side::{Credit, Debit};
    let holder = row.holder;
    assert_eq!(
        lines(&steps[0]),
        [(Debit, Available(holder), 100_00), (Credit, Held(holder, id), 100_00)]
    );
    assert_eq!(
        lines(&steps[1]),
        [
            (Debit, Held(holder, id), 100_00),
            (Debit, Available(holder), 20_00),
            (Credit, NetworkPayable(ledger::Scheme::Visa), 120_00),
        ]
    );
}

#[test]
fn what_cleared_is_compared_with_the_intent_again() {
    let (mut play, card) = spender();
    let intent = play.intent(card, 100_00, "Bistro");
    let id = play.authorize(card, 100_00, "Bistro");
    let (row, _) = find(&play, id);
    assert_eq!((row.intent, row.comparison.unwrap().is_match()), (Some(intent), true));
    play.clear(id, 150_00, true);
    assert!(!find(&play, id).0.comparison.unwrap().amount);
}

#[test]
fn deposits_wait_for_approval_and_are_released_together() {
    let mut play = Play::new();
    let holder = play.holder();
    let other = play.holder();
    let ids = [play.deposit(holder, 10_00), play.deposit(holder, 5_00)];
    let waits = play.deposit(other, 1_00);
    let approved = play.entries.len();
    play.verify(holder, VerificationStatus::Approved);
    let at_once = play.deposit(holder, 1);

    let folder = tempfile::tempdir().unwrap();
    let mut projection =
        crate::projection::Projection::<TransactionsModel>::open(folder.path()).unwrap();
    let transactions = Transactions::open(folder.path()).unwrap();
    let find = |id| match transactions.transaction(id).unwrap().value.unwrap() {
        History { transaction: Transaction::Deposit(deposit), steps } => {
            (deposit.state, steps.iter().map(|step| step.kind).collect::<Vec<_>>())
        }
        other => panic!("{other:?}"),
    };
    // One deposit is in the database already when its release comes, one is not.
    projection.follow(&play.entries[..approved - 2]).unwrap();
    assert_eq!(find(ids[0]).0, State::Waiting);
    projection.follow(&play.entries[approved - 2..]).unwrap();
    for id in ids {
        let released = vec![StepKind::Deposit, StepKind::Release];
        assert_eq!(find(id), (State::Completed, released));
    }
    assert_eq!(find(waits), (State::Waiting, vec![StepKind::Deposit]));
    assert_eq!(find(at_once), (State::Completed, vec![StepKind::Deposit]));
}

#[test]
fn what_counts_towards_limits_is_held_or_cleared_in_the_window() {
    let (mut play, card) = spender();
    let used = |play: &Play| -> BTreeMap<_, _> {
        let (_folder, transactions) = project(play);
        let windows = [Window::Authorization, Window::Day, Window::Month, Window::Total];
        let used = transactions.used(card, windows, play.now).unwrap().value;
        used.into_iter().map(|(window, amount)| (window, amount.0)).collect()
    };
    let expected = |day, month, total| {
        BTreeMap::from([
            (Window::Authorization, 0),
            (Window::Day, day),
            (Window::Month, month),
            (Window::Total, total),
        ])
    };
    assert_eq!(used(&play), expected(0, 0, 0));
    let first = play.authorize(card, 100_00, "Bistro");
    play.authorize(card, 9_999_00, "Bistro");
    assert_eq!(used(&play), expected(100_00, 100_00, 100_00));
    play.clear(first, 110_00, true);
    play.refund(first, 50_00);
    assert_eq!(used(&play), expected(110_00, 110_00, 110_00));

    play.pass(DAY_MS - 1);
    let second = play.authorize(card, 10_00, "Bistro");
    assert_eq!(used(&play), expected(120_00, 120_00, 120_00));
    play.pass(1);
    assert_eq!(used(&play), expected(10_00, 120_00, 120_00));
    play.reverse(second, 4_00);
    assert_eq!(used(&play), expected(6_00, 116_00, 116_00));
    play.pass(31 * DAY_MS);
    assert_eq!(used(&play), expected(0, 0, 110_00));
}

#[test]
fn going_on_from_a_cursor_neither_skips_nor_repeats_when_rows_are_added() {
    let (mut play, card) = spender();
    let ids: Vec<_> = (1..=5).map(|amount| play.authorize(card, amount, "Bistro")).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut projection = play.project::<TransactionsModel>(folder.path());
    let transactions = Transactions::open(folder.path()).unwrap();
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_pages_of_a_list_are_all_that_the_filter_accepts_newest_first(
        choices in prop::collection::vec(any::<(u8, u8, u16)>(), 1..80),
        picks in prop::collection::vec((any::<[bool; 6]>(), any::<[u8; 2]>()), 8),
        limit in 1_usize..5,
    ) {
        let play = history(&choices);
        let (folder, transactions) = project(&play);
        let mut all = Vec::new();
        crate::read(ReadModel::Transactions, folder.path(), |snapshot| {
            snapshot.each(|row| all.push(Transaction::Card(row)))?;
            snapshot.each(|row| all.push(Transaction::Deposit(row)))
        })
        .unwrap();
        all.sort_by_key(|transaction| std::cmp::Reverse(transaction.position()));

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
            let expected: Vec<_> =
                all.iter().filter(|row| filter.accepts(row)).cloned().collect();
            let (mut found, mut from) = (Vec::new(), None);
            loop {
                let page = transactions.list(&filter, Page { from, limit }).unwrap().value;
                prop_assert!(page.rows.len() <= limit);
                found.extend(page.rows);
                from = page.next;
                if from.is_none() {
                    break;
                }
            }
            prop_assert_eq!(found, expected);
        }
    }
}
