use ledger::cards::CardKind;
use ledger::holders::VerificationStatus;
use ledger::{Amount, CardId, Timestamp, TransactionId};
use tempfile::TempDir;

use super::*;
use crate::snapshot::{At, Page};
use crate::testing::Play;

mod cards;
mod lists;
mod sums;
mod usage;
mod wallets;

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
