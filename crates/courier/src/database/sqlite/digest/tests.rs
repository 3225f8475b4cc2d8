use std::fs;
use std::path::PathBuf;

use journal::Reader as _;
use ledger::cards::CardKind;
use ledger::keys::Family;
use ledger::time::DAY_MS;
use ledger::webhooks::{RemoveWebhook, RotateWebhookSecret};
use ledger::{Command, WebhookId};
use rusqlite::types::Value;
use tempfile::TempDir;
use vault::Kind;

use super::*;
use crate::Place;
use crate::database::Connection as Opened;
use crate::machine::Verdict;
use crate::store::{Attempted, Replayed, Store};
use crate::testing::{Platform, SECRET};

/// What a courier has left behind.
struct Left {
    folder: TempDir,
}

impl Left {
    /// By one that has done all that couriers do: some messages wait, some have ended, some are gone.
    fn behind() -> Self {
        let mut platform = Platform::on_sqlite();
        let webhook = platform.webhook(Family::LedgerOs, "http://127.0.0.1/");
        let removed = platform.webhook(Family::LedgerOs, "http://127.0.0.1/");
        let (_, agent) = platform.spender(100_00);
        platform.suspend(agent);
        platform.card(agent, CardKind::Single);
        let store = followed(&platform);
        send(&store, webhook, &platform);
        drop(store);

        let secret = platform.seal(Kind::WebhookSecret, SECRET);
        platform.act(Command::RotateWebhookSecret(RotateWebhookSecret { webhook, secret }));
        platform.act(Command::RemoveWebhook(RemoveWebhook { webhook: removed }));
        platform.replay(webhook, 1);
        let store = followed(&platform);
        let mut reader = platform.journal.clone();
        while store.replay(&mut reader, platform.now).unwrap() != Replayed::Nothing {}
        send(&store, webhook, &platform);
        let messages = count(&platform.place, "message");
        platform.pass(31 * DAY_MS);
        store.prune(platform.now).unwrap();
        assert!(count(&platform.place, "message") < messages, "some are gone");
        drop(store);

        platform.spender(100_00);
        send(&followed(&platform), webhook, &platform);
        let left = Self { folder: tempfile::tempdir().unwrap() };
        let Place::File(path) = &platform.place else { unreachable!("it is on SQLite") };
        fs::copy(path, left.path("left")).unwrap();
        left
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A copy of its own.
    fn copy(&self) -> PathBuf {
        let copy = self.path("copy");
        Place::File(copy.clone()).remove().unwrap();
        fs::copy(self.path("left"), &copy).unwrap();
        copy
    }

    /// A copy in which somebody has changed one row.
    fn changed(&self, sql: &str, value: Option<Value>) -> PathBuf {
        let copy = self.copy();
        let db = Connection::open(&copy).unwrap();
        db.pragma_update(None, "ignore_check_constraints", true).unwrap();
        let rows = db.execute(sql, rusqlite::params_from_iter(value)).unwrap();
        assert_eq!(rows, 1, "{sql}");
        copy
    }
}

/// Follows the journal to its end.
fn followed(platform: &Platform) -> Store {
    let mut store = Store::open(&platform.place).unwrap();
    let book = platform.journal.clone().book();
    store.follow(book, &platform.entries(1), platform.now).unwrap();
    store
}

/// Tries what is due: of three messages one is taken, one is parked, one is to be tried again.
fn send(store: &Store, webhook: WebhookId, platform: &Platform) {
    let now = platform.now;
    let again = Verdict::Again(now.plus_ms(1));
    let mut outcomes =
        [(Ok(204), Verdict::Delivered), (Ok(500), Verdict::Parked), (Err("timeout"), again)]
            .into_iter()
            .cycle();
    loop {
        let (due, _) = store.due(webhook, now, (8, 0), |_| false).unwrap();
        if due.is_empty() {
            break;
        }
        let tried = due.into_iter().zip(&mut outcomes).map(|(message, (answer, verdict))| {
            (Attempted { message, at: now, duration_ms: 3, answer }, verdict)
        });
        store.record(&tried.collect::<Vec<_>>(), now).unwrap();
    }
    Opened::open_reader(&platform.place).unwrap();
}

fn count(place: &Place, table: &str) -> u64 {
    let db = Opened::open_reader(place).unwrap();
    let found = db.first(&format!("select count(*) from {table}"), &[]).unwrap();
    found.unwrap().take().unwrap()
}

/// Whether nobody is told what it says.
fn is_refused(path: &Path) -> bool {
    let place = Place::File(path.to_owned());
    let opened = [Opened::open_reader(&place), Opened::open(&place)];
    let [reader, writer] =
        opened.map(|opened| matches!(opened.map(drop), Err(Error::Damaged { .. })));
    assert_eq!(reader, writer);
    reader
}

#[test]
fn what_a_courier_has_done_is_not_refused() {
    assert!(!is_refused(&Left::behind().copy()));
}

#[test]
fn whatever_value_is_changed_is_found() {
    let left = Left::behind();
    let db = Connection::open(left.path("left")).unwrap();
    let tables = tables(&db).unwrap();
    assert_eq!(tables.len(), 6);
    for table in tables {
        let keys = "select name from pragma_table_info(?1) where 0 < pk";
        let key = names(&db, keys, &[&table]).unwrap().join(", ");
        for column in columns(&db, &table).unwrap() {
            let first = format!("from {table} order by {key} limit 1");
            let value = db.query_row(&format!("select {column} {first}"), [], |row| row.get(0));
            let kind = "select type from pragma_table_info(?1) where name = ?2";
            let kind: String = db.query_row(kind, [&table, &column], |row| row.get(0)).unwrap();
            let other = other(value.unwrap(), &kind);
            let sql =
                format!("update {table} set {column} = ?1 where ({key}) = (select {key} {first})");
            assert!(is_refused(&left.changed(&sql, Some(other))), "{table}.{column}");
        }
    }
}

/// Another value of a column.
fn other(value: Value, kind: &str) -> Value {
    match (value, kind) {
        (Value::Null, "INTEGER") => Value::Integer(0),
        (Value::Null, "TEXT") => Value::Text(String::new()),
        (Value::Null, "BLOB") => Value::Blob(Vec::new()),
        (Value::Integer(number), _) => Value::Integer(number + 1_000),
        (Value::Text(text), _) => Value::Text(text + " "),
        (Value::Blob(mut bytes), _) => {
            bytes[0] ^= 1;
            Value::Blob(bytes)
        }
        (value, kind) => panic!("{value:?} in a column of {kind}"),
    }
}

#[test]
fn a_row_that_is_removed_or_added_is_found() {
    let left = Left::behind();
    for sql in [
        "delete from attempt where (position, ordinal, number) =
             (select position, ordinal, number from attempt limit 1)",
        "insert into fact (name, value) values ('a', 'b')",
        "insert into line (webhook, resource, next_at) values (x'00', '', 0)",
        "delete from digest",
        "update digest set sum = zeroblob(16)",
    ] {
        assert!(is_refused(&left.changed(sql, None)), "{sql}");
    }
}

#[test]
fn a_bit_that_is_flipped_is_found_in_tables_and_indexes() {
    let left = Left::behind();
    let db = Connection::open(left.path("left")).unwrap();
    // What stands in no row stands in no page then.
    db.execute_batch("pragma journal_mode = delete; vacuum").unwrap();
    let resource = "select resource from message where state = 'waiting'";
    let resource: String = db.query_row(resource, [], |row| row.get(0)).unwrap();
    let bytes = fs::read(left.path("left")).unwrap();
    let found = bytes.windows(resource.len()).enumerate();
    let found: Vec<_> =
        found.filter(|(_, bytes)| *bytes == resource.as_bytes()).map(|it| it.0).collect();
    assert!(4 <= found.len(), "messages, lines, and an index of each");
    for at in found {
        let copy = left.copy();
        let mut bytes = bytes.clone();
        bytes[at] ^= 2;
        fs::write(&copy, bytes).unwrap();
        assert!(is_refused(&copy), "byte {at}");
    }
}

#[test]
fn a_file_of_the_version_before_is_brought_forward() {
    let left = Left::behind();
    let copy = left.copy();
    let db = Connection::open(&copy).unwrap();
    db.execute_batch("drop table digest; pragma user_version = 1").unwrap();
    let place = Place::File(copy.clone());
    assert!(matches!(Opened::open_reader(&place), Err(Error::Version { found: 1, .. })));
    Opened::open(&place).unwrap();
    assert!(!is_refused(&copy));
    db.execute_batch("update attempt set duration_ms = duration_ms + 1").unwrap();
    assert!(is_refused(&copy));
}

#[test]
fn values_that_look_alike_have_other_hashes() {
    use ValueRef::{Blob, Integer, Null, Text};
    let rows: [&[ValueRef<'_>]; 8] = [
        &[],
        &[Null],
        &[Null, Null],
        &[Text(b"")],
        &[Blob(b"")],
        &[Text(b"ab"), Text(b"c")],
        &[Text(b"a"), Text(b"bc")],
        &[Integer(0)],
    ];
    let hashes = rows.map(|row| hash(row.iter().copied()));
    let distinct: std::collections::BTreeSet<_> = hashes.into_iter().collect();
    assert_eq!(distinct.len(), rows.len());
}
