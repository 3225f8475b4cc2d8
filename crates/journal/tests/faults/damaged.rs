//! Rows in PostgreSQL that no table's checks let in: each is an error, none a panic, none is served.

use journal::postgres::{PostgresReader, PostgresStore, prepare};
use journal::{Head, Outcome, Reader, Store};
use ledger::Position;
use postgres::{Client, NoTls};

use crate::entries::{batch, end};
use crate::{BOOK, INCARNATION, WRITER};

#[test]
fn a_row_that_no_check_let_in_is_an_error() {
    for damage in [
        "alter table journal.book drop constraint book_incarnation_length;
         update journal.book set incarnation = '\\x01'",
        "alter table journal.book alter incarnation drop not null;
         update journal.book set incarnation = null",
        "alter table journal.lookup drop constraint lookup_hash_length;
         update journal.lookup set hash = '\\x01' where position = 2 and kind = 1",
        "alter table journal.lookup drop constraint lookup_kind;
         update journal.lookup set kind = 9 where position = 2 and kind = 1",
        "alter table journal.entry drop constraint entry_position;
         update journal.entry set position = -position",
        "alter table journal.entry drop constraint entry_place;
         alter table journal.entry alter position drop not null;
         update journal.entry set position = null where position = 3",
        "alter table journal.entry alter bytes drop not null;
         update journal.entry set bytes = null where position = 3",
        "alter table journal.tree alter peaks drop not null; update journal.tree set peaks = null",
        "alter table journal.tree alter size drop not null; update journal.tree set size = null",
    ] {
        let database = servers::shared().new_database();
        prepare(&database.owner, &database.writer_role).unwrap();
        let mut store = PostgresStore::create(&database.writer, BOOK, INCARNATION).unwrap();
        let epoch = store.claim(WRITER).unwrap();
        let written = batch(Head::EMPTY, 3);
        assert!(matches!(store.append(&written, Head::EMPTY, epoch), Outcome::Committed));
        let mut owner = Client::connect(&database.owner, NoTls).unwrap();
        for table in ["entry", "lookup"] {
            let trigger = format!("alter table journal.{table} disable trigger user");
            owner.batch_execute(&trigger).unwrap();
        }
        owner.batch_execute(damage).unwrap();

        let more = batch(end(&written), 1);
        let outcome = store.append(&more, end(&written), epoch);
        let appends = matches!(outcome, Outcome::Committed);
        let reads = PostgresReader::open(&database.writer, BOOK).is_ok_and(|mut reader| {
            let entries = reader.read(Position(1), 10);
            entries.is_ok_and(|entries| 3 <= entries.len())
                && reader.tree().is_ok()
                && reader.references(&mut |_, _| {}).is_ok()
        });
        assert!(!appends || !reads, "{damage}");
    }
}
