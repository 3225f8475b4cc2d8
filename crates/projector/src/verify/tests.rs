use std::collections::BTreeSet;

use ledger::LedgerKind;
use ledger::cards::CardKind;

use super::*;
use crate::balances::BalancesModel;
use crate::directory::DirectoryModel;
use crate::intents::IntentsModel;
use crate::row::Row;
use crate::testing::{Home, Play, Store, on_each_store};
use crate::transactions::TransactionsModel;

on_each_store! {
    a_row_that_was_changed_by_hand_is_found
    a_row_that_was_removed_or_added_is_found
    a_checkpoint_that_was_moved_by_hand_is_found
    every_table_and_every_column_is_read
}

fn projected(store: Store) -> Home {
    let mut play = Play::new(store);
    let (holder, _, card) = play.spender(500_00, CardKind::Single);
    play.intent(card, 349_99, "Amazon");
    play.attest(card, 349_99, "Amazon");
    let transaction = play.authorize(card, 349_99, "Amazon");
    play.clear(transaction, 349_99, true);
    let (account, wallet) = play.virtual_account(holder);
    play.bank_deposit(account, 20_00);
    play.wallet_deposit(wallet, 20_000_000);
    play.transfer(wallet, 10_000_000);
    play.ledger("1000", LedgerKind::Asset);
    let home = play.home();
    play.project::<BalancesModel>(&home);
    play.project::<TransactionsModel>(&home);
    play.project::<IntentsModel>(&home);
    play.project::<DirectoryModel>(&home);
    home
}

/// Changes rows by hand, and says whether that is found.
fn is_found(store: Store, model: ReadModel, sql: &str) -> bool {
    let home = projected(store);
    assert!(verify(model, home.place()).unwrap().is_sound());
    look_through(model, home.place()).unwrap();
    assert_eq!(home.change(model, sql), 1, "one row is changed");
    let is_found = !verify(model, home.place()).unwrap().is_sound();
    let is_refused = matches!(look_through(model, home.place()), Err(Error::Damaged { .. }));
    let is_file = matches!(home.place(), Place::Folder(_));
    assert_eq!(is_refused, is_found && is_file, "{sql}");
    is_found
}

fn a_row_that_was_changed_by_hand_is_found(store: Store) {
    use ReadModel::{Balances, Directory, Intents, Transactions};
    assert!(is_found(
        store,
        Balances,
        "update holder_balance set available = '1' where asset = 'USD'"
    ));
    assert!(is_found(
        store,
        Balances,
        "update holder_balance set withdrawing = '0' where withdrawing <> '0'"
    ));
    assert!(is_found(
        store,
        Balances,
        "update account set debits = '1' where account = 'assets:custody'"
    ));
    assert!(is_found(store, Transactions, "update card_transaction set state = 'voided'"));
    assert!(is_found(store, Transactions, "update deposit set credited = credited || '0'"));
    assert!(is_found(
        store,
        Transactions,
        "update wallet_deposit set rate = '1' where rate is not null"
    ));
    assert!(is_found(store, Transactions, "update transfer set status = 'completed'"));
    assert!(is_found(store, Transactions, "update step set at = at + 1 where kind = 'clearing'"));
    assert!(is_found(store, Intents, "update intent set summary = summary || ' '"));
    assert!(is_found(store, Intents, "update attestation set amount = '1'"));
    assert!(is_found(store, Directory, "update card set status = 'active'"));
    assert!(is_found(store, Directory, "update card set cooldown_minutes = 1"));
    assert!(is_found(store, Directory, "update wallet set at = at + 1"));
    assert!(is_found(store, Directory, "update virtual_account set currency = 'EUR'"));
    assert!(is_found(store, Directory, "update ledger set overdraft_limit = '0'"));
    assert!(is_found(store, Directory, "update agent set description = null"));
    assert!(is_found(store, Directory, "update book set clock_offset_ms = 1"));
    assert!(is_found(store, Directory, "update api_key set scope = 'admin'"));
    assert!(is_found(store, Directory, "update holder set reason = ''"));
}

fn a_row_that_was_removed_or_added_is_found(store: Store) {
    assert!(is_found(
        store,
        ReadModel::Balances,
        "delete from account where account = 'assets:custody'"
    ));
    assert!(is_found(
        store,
        ReadModel::Balances,
        "insert into account values ('x', 'USD', '1', '0', 0)"
    ));
}

fn a_checkpoint_that_was_moved_by_hand_is_found(store: Store) {
    assert!(is_found(store, ReadModel::Balances, "update checkpoint set digest = hash"));
}

fn every_table_and_every_column_is_read(store: Store) {
    fn columns<R: Row>() -> Vec<(&'static str, &'static str)> {
        R::COLUMNS.iter().map(|column| (R::TABLE, *column)).collect()
    }
    let home = projected(store);
    for model in ReadModel::ALL {
        let read = match model {
            ReadModel::Balances => [
                columns::<HolderBalance>(),
                columns::<AccountTotals>(),
                columns::<ClosingTotals>(),
                columns::<Epoch>(),
                columns::<LedgerPosting>(),
                columns::<Journal>(),
            ]
            .concat(),
            ReadModel::Transactions => [
                columns::<CardTransaction>(),
                columns::<Deposit>(),
                columns::<WalletDeposit>(),
                columns::<Transfer>(),
                columns::<Step>(),
            ]
            .concat(),
            ReadModel::Intents => [columns::<Intent>(), columns::<Attestation>()].concat(),
            ReadModel::Directory => [
                columns::<Book>(),
                columns::<Holder>(),
                columns::<Document>(),
                columns::<Agent>(),
                columns::<Card>(),
                columns::<Key>(),
                columns::<Wallet>(),
                columns::<VirtualAccount>(),
                columns::<Ledger>(),
                columns::<Webhook>(),
            ]
            .concat(),
        };
        let there = home.columns(model);
        let read: BTreeSet<_> =
            read.into_iter().map(|(table, column)| (table.into(), column.into())).collect();
        assert_eq!(read, there, "{model}");
    }
}
