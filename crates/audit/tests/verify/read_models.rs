//! Rows that are not what the journal says.

use projector::{ReadModel, Row, balances, directory, intents, transactions};

use crate::play::{everything, longer_than_an_epoch, purchase};
use crate::support::{Kept, assert_only};

/// A change to a row of every table that a purchase fills, and what the row is of.
const CHANGES: [(ReadModel, &str, &str); 11] = [
    (ReadModel::Balances, "update holder_balance set available = '100000000'", "holder_balance"),
    (ReadModel::Balances, "update account set debits = '1' where asset = 'USDC'", "account"),
    (ReadModel::Transactions, "update card_transaction set cleared = '1'", "card_transaction"),
    (ReadModel::Transactions, "update card_transaction set merchant = 'X'", "card_transaction"),
    (ReadModel::Transactions, "update deposit set rate_source = 'X'", "deposit"),
    (ReadModel::Transactions, "update step set kind = 'refund'", "step"),
    (ReadModel::Intents, "update intent set status = 'pending'", "intent"),
    (ReadModel::Intents, "update attestation set amount = '1'", "attestation"),
    (ReadModel::Directory, "update holder set status = 'denied'", "holder"),
    (ReadModel::Directory, "update card set last4 = x'30303030'", "card"),
    (ReadModel::Directory, "update api_key set scope = 'admin'", "api_key"),
];

#[test]
fn a_changed_row_is_found_and_named() {
    let sound = Kept::of(&purchase().entries);
    for (model, sql, table) in CHANGES {
        let kept = sound.copy();
        kept.change(model, sql, ());
        let row = format!("` of `{table}` is not what the journal says");
        assert_only(&kept.wrong(), 0, &row);
        assert_only(&kept.wrong(), 0, &format!("{model}: the row `"));
    }
}

#[test]
fn a_change_to_any_field_of_any_table_is_found() {
    let sound = Kept::of(&everything().entries);
    every_field::<balances::HolderBalance>(&sound);
    every_field::<balances::AccountTotals>(&sound);
    every_field::<balances::LedgerPosting>(&sound);
    every_field::<balances::Journal>(&sound);
    every_field::<transactions::CardTransaction>(&sound);
    every_field::<transactions::Deposit>(&sound);
    every_field::<transactions::WalletDeposit>(&sound);
    every_field::<transactions::Transfer>(&sound);
    every_field::<transactions::Step>(&sound);
    every_field::<intents::Intent>(&sound);
    every_field::<intents::Attestation>(&sound);
    every_field::<directory::Book>(&sound);
    every_field::<directory::Holder>(&sound);
    every_field::<directory::Document>(&sound);
    every_field::<directory::Agent>(&sound);
    every_field::<directory::Card>(&sound);
    every_field::<directory::Key>(&sound);
    every_field::<directory::Wallet>(&sound);
    every_field::<directory::VirtualAccount>(&sound);
    every_field::<directory::Ledger>(&sound);
}

#[test]
fn what_accounts_had_when_an_epoch_ended_is_compared() {
    let sound = Kept::of(&longer_than_an_epoch().entries);
    assert!(sound.verify().unwrap().sound());
    for (sql, table) in [
        ("update closing set credits = '1' where account like 'liab%'", "closing"),
        ("delete from closing where account like 'liab%'", "closing"),
        ("update epoch set at = at + 1", "epoch"),
    ] {
        let kept = sound.copy();
        kept.change(ReadModel::Balances, sql, ());
        assert_only(&kept.wrong(), 0, &format!("` of `{table}` is "));
    }
}

/// Changes each field of some row, one at a time.
fn every_field<R: Row>(sound: &Kept) {
    let (table, key) = (R::TABLE, R::COLUMNS[..R::KEY_LENGTH].join("\", \""));
    for column in R::COLUMNS {
        let kept = sound.copy();
        let sql = format!(
            "update {table} set \"{column}\" = case (
                 select type from pragma_table_info('{table}') where name = '{column}'
             )
                 when 'INTEGER' then coalesce(\"{column}\", 0) + 1000000
                 when 'TEXT' then coalesce(\"{column}\", '') || '1'
                 else cast(hex(\"{column}\") || '1' as blob)
             end
             where (\"{key}\") = (select \"{key}\" from {table} limit 1)"
        );
        kept.change(R::MODEL, &sql, ());
        let row = format!("` of `{table}` is not what the journal says");
        assert_only(&kept.wrong(), 0, &row);
    }
}

#[test]
fn a_changed_row_is_found_also_when_the_digest_was_changed_with_it() {
    let sound = Kept::of(&purchase().entries);
    for (model, sql, _) in CHANGES {
        let kept = sound.copy();
        kept.change(model, sql, ());
        let found = projector::verify(model, &kept.place()).unwrap().found;
        kept.change(model, "update checkpoint set digest = ?1", [found.to_bytes()]);
        assert!(projector::verify(model, &kept.place()).unwrap().is_sound());
        assert_only(&kept.wrong(), 0, &format!("{model}: the row `"));
    }
}

#[test]
fn a_row_is_called_by_the_letters_of_its_id() {
    let play = purchase();
    let kept = Kept::of(&play.entries);
    let card = play.last_card();
    kept.change(ReadModel::Directory, "update card set status = 'closed'", ());
    let name = card.to_string().replace("card_", "");
    assert_only(&kept.wrong(), 0, &format!("directory: the row `{name}` of `card`"));
}

#[test]
fn a_missing_row_is_found_and_named() {
    let kept = Kept::of(&purchase().entries);
    kept.change(ReadModel::Intents, "delete from attestation", ());
    assert_only(&kept.wrong(), 0, "` of `attestation` is missing");
}

#[test]
fn an_added_row_is_found_and_named() {
    let kept = Kept::of(&purchase().entries);
    let sql = "insert into book values (zeroblob(16), 'live', 0)";
    kept.change(ReadModel::Directory, sql, ());
    let row = "directory: the row `00000000000000000000000000` of `book` is not what";
    assert_only(&kept.wrong(), 0, row);
}

#[test]
fn a_changed_digest_is_found() {
    let kept = Kept::of(&purchase().entries);
    for model in ReadModel::ALL {
        let kept = kept.copy();
        kept.change(model, "update checkpoint set digest = zeroblob(32)", ());
        assert_only(&kept.wrong(), 0, &format!("{model}: the digest that it keeps"));
    }
}

#[test]
fn a_moved_checkpoint_is_found() {
    let play = purchase();
    let last = play.entries.len() as u64;
    let sound = Kept::of(&play.entries);

    // Back, with the hash of the entry that it left.
    let kept = sound.copy();
    kept.change(ReadModel::Transactions, "update checkpoint set position = position - 1", ());
    let wrong = kept.wrong();
    assert_eq!(wrong[0].0, last - 1);
    assert!(wrong[0].1.contains("transactions: it has followed another entry"), "{wrong:?}");

    // Back, as a whole.
    let kept = sound.copy();
    let before = play.entries[play.entries.len() - 2].hash.0;
    let sql = "update checkpoint set position = position - 1, hash = ?1";
    kept.change(ReadModel::Transactions, sql, [before]);
    assert_only(&kept.wrong(), 0, "transactions: the row `");

    // Beyond the journal.
    let kept = sound.copy();
    kept.change(ReadModel::Intents, "update checkpoint set position = position + 1", ());
    assert_only(&kept.wrong(), 0, "intents: it shows entry");

    // To the beginning.
    let kept = sound.copy();
    kept.change(ReadModel::Directory, "update checkpoint set position = 0", ());
    let wrong = kept.wrong();
    assert!(wrong[0].1.contains("directory: "), "{wrong:?}");
}
