use ledger::cards::CardKind;
use ledger::holders::VerificationStatus;
use ledger::{Amount, CardId, Timestamp, TransactionId};

use super::*;
use crate::snapshot::{At, Page};
use crate::testing::{Home, Play, Store, on_each_store};

mod cards;
mod lists;
mod sums;
mod usage;
mod wallets;

on_each_store! {
    deposits_wait_for_approval_and_are_released_together
}

fn project(play: &Play) -> (Home, Transactions) {
    let home = play.home();
    play.project::<TransactionsModel>(&home);
    let transactions = Transactions::open(home.place()).unwrap();
    (home, transactions)
}

fn find(play: &Play, id: TransactionId) -> (CardTransaction, Vec<Step>) {
    let (_home, transactions) = project(play);
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

fn spender(store: Store) -> (Play, CardId) {
    let mut play = Play::new(store);
    let (_, _, card) = play.spender(500_00, CardKind::Multi);
    (play, card)
}

fn deposits_wait_for_approval_and_are_released_together(store: Store) {
    let mut play = Play::new(store);
    let holder = play.holder();
    let other = play.holder();
    let ids = [play.deposit(holder, 10_00), play.deposit(holder, 5_00)];
    let waits = play.deposit(other, 1_00);
    let approved = play.entries.len();
    play.verify(holder, VerificationStatus::Approved);
    let at_once = play.deposit(holder, 1);

    let home = play.home();
    let mut projection =
        crate::projection::Projection::<TransactionsModel>::open(home.place()).unwrap();
    let transactions = Transactions::open(home.place()).unwrap();
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
