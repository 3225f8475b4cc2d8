use std::collections::BTreeSet;

use ledger::LedgerKind;
use ledger::cards::CardKind;
use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::balances::BalancesModel;
use crate::directory::DirectoryModel;
use crate::intents::IntentsModel;
use crate::row::Row;
use crate::testing::Play;
use crate::transactions::TransactionsModel;

fn projected() -> TempDir {
    let mut play = Play::new();
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
    let folder = tempfile::tempdir().unwrap();
    play.project::<BalancesModel>(folder.path());
    play.project::<TransactionsModel>(folder.path());
    play.project::<IntentsModel>(folder.path());
    play.project::<DirectoryModel>(folder.path());
    folder
}

/// Changes rows by hand, and says whether that is found.
fn is_found(model: ReadModel, sql: &str) -> bool {
    let folder = projected();
    assert!(verify(model, folder.path()).unwrap().is_sound());
    let db = Connection::open(model.file(folder.path())).unwrap();
    assert_eq!(db.execute(sql, []).unwrap(), 1, "one row is changed");
    !verify(model, folder.path()).unwrap().is_sound()
}

#[test]
fn a_row_that_was_changed_by_hand_is_found() {
    use ReadModel::{Balances, Directory, Intents, Transactions};
    assert!(is_found(Balances, "update holder_balance set available = '1' where asset = 'USD'"));
    assert!(is_found(
        Balances,
        "update holder_balance set withdrawing = '0' where withdrawing <> '0'"
    ));
    assert!(is_found(Balances, "update account set debits = '1' where account = 'assets:custody'"));
    assert!(is_found(Transactions, "update card_transaction set state = 'voided'"));
    assert!(is_found(Transactions, "update deposit set credited = credited || '0'"));
    assert!(is_found(Transactions, "update wallet_deposit set rate = '1' where rate is not null"));
    assert!(is_found(Transactions, "update transfer set status = 'completed'"));
    assert!(is_found(Transactions, "update step set at = at + 1 where kind = 'clearing'"));
    assert!(is_found(Intents, "update intent set summary = summary || ' '"));
    assert!(is_found(Intents, "update attestation set amount = '1'"));
    assert!(is_found(Directory, "update card set status = 'active'"));
    assert!(is_found(Directory, "update card set cooldown_minutes = 1"));
    assert!(is_found(Directory, "update wallet set at = at + 1"));
    assert!(is_found(Directory, "update virtual_account set currency = 'EUR'"));
    assert!(is_found(Directory, "update ledger set overdraft_limit = '0'"));
    assert!(is_found(Directory, "update agent set description = null"));
    assert!(is_found(Directory, "update book set clock_offset_ms = 1"));
    assert!(is_found(Directory, "update api_key set scope = 'admin'"));
    assert!(is_found(Directory, "update holder set reason = ''"));
}

#[test]
fn a_row_that_was_removed_or_added_is_found() {
    assert!(is_found(ReadModel::Balances, "delete from account where account = 'assets:custody'"));
    assert!(is_found(ReadModel::Balances, "insert into account values ('x', 'USD', '1', '0')"));
}

#[test]
fn a_checkpoint_that_was_moved_by_hand_is_found() {
    assert!(is_found(ReadModel::Balances, "update checkpoint set digest = zeroblob(32)"));
}

#[test]
fn every_table_and_every_column_is_read() {
    fn columns<R: Row>() -> Vec<(&'static str, &'static str)> {
        R::COLUMNS.iter().map(|column| (R::TABLE, *column)).collect()
    }
    let folder = projected();
    for model in ReadModel::ALL {
        let read = match model {
            ReadModel::Balances => {
                [columns::<HolderBalance>(), columns::<AccountTotals>(), columns::<LedgerBalance>()]
                    .concat()
            }
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
            ]
            .concat(),
        };
        let db = Connection::open(model.file(folder.path())).unwrap();
        let there: BTreeSet<(String, String)> = db
            .prepare(
                "select t.name, c.name from pragma_table_list t, pragma_table_info(t.name) c
                 where t.schema = 'main' and t.name not in ('checkpoint', 'sqlite_schema')",
            )
            .unwrap()
            .query_map([], |row| row.try_into())
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let read: BTreeSet<_> =
            read.into_iter().map(|(table, column)| (table.into(), column.into())).collect();
        assert_eq!(read, there, "{model}");
    }
}
