//! Read models in PostgreSQL.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;

use audit::{CouldNotTell, Evidence};
use postgres::{Client, NoTls};
use projector::{Place, ReadModel};
use servers::Postgres;

use crate::play::{everything, purchase};
use crate::support::{BOOK, Kept, assert_only, told, verify, wrong};

/// A book in a folder whose read models are in a database.
struct Published {
    kept: Kept,
    place: Place,
}

impl Published {
    fn in_database(url: String, kept: Kept) -> Self {
        let place = Place::Postgres { url, book: BOOK };
        kept.project_into(&place, ReadModel::ALL);
        Self { kept, place }
    }

    fn of(kept: Kept) -> Self {
        Self::in_database(servers::shared().new_database().owner, kept)
    }

    fn evidence(&self) -> Evidence {
        Evidence { read_models: self.place.clone(), ..self.kept.evidence() }
    }

    fn wrong(&self) -> Vec<(u64, String)> {
        wrong(&verify(self.evidence()).unwrap())
    }

    /// Does something to a read model by hand.
    fn change(&self, model: ReadModel, sql: &str) {
        let Place::Postgres { url, book } = &self.place else { panic!("it is no schema") };
        let mut client = Client::connect(url, NoTls).unwrap();
        let schema = model.schema(*book);
        client.batch_execute(&format!("set search_path = {schema}; {sql}")).unwrap();
    }
}

#[test]
fn everything_is_sound_and_has_the_digests_that_it_has_in_files() {
    let published = Published::of(Kept::of(&everything().entries));
    let report = verify(published.evidence()).unwrap();
    assert!(report.sound(), "{report:?}");
    assert!(told(&report).is_empty(), "{report:?}");
    for model in ReadModel::ALL {
        let in_schema = projector::verify(model, &published.place).unwrap();
        let in_file = projector::verify(model, &published.kept.place()).unwrap();
        assert_eq!(in_schema, in_file, "{model}");
    }
}

#[test]
fn a_changed_row_is_found_and_named() {
    let published = Published::of(Kept::journal_of(&purchase().entries));
    for (model, table, change, back) in [
        (ReadModel::Balances, "account", "debits = debits || '1'", "debits = rtrim(debits, '1')"),
        (ReadModel::Transactions, "step", "at = at + 1", "at = at - 1"),
        (ReadModel::Directory, "card", "last4 = last4 || '\\x30'", "last4 = substr(last4, 1, 4)"),
    ] {
        let of_one = format!("where ctid = (select min(ctid) from {table})");
        let of_last = format!("where ctid = (select max(ctid) from {table})");
        published.change(model, &format!("update {table} set {change} {of_one}"));
        assert_only(&published.wrong(), 0, &format!("` of `{table}` is not what the journal says"));
        published.change(model, &format!("update {table} set {back} {of_last}"));
        assert!(verify(published.evidence()).unwrap().sound(), "{table}");
    }
    published.change(ReadModel::Intents, "delete from attestation");
    assert_only(&published.wrong(), 0, "` of `attestation` is missing");
}

#[test]
fn what_was_taken_away_is_damage() {
    let published = Published::of(Kept::journal_of(&purchase().entries));
    published.change(ReadModel::Directory, "delete from checkpoint");
    assert_only(&published.wrong(), 0, "directory: column `version` of table `checkpoint`");
    published.change(ReadModel::Directory, "drop table checkpoint");
    assert_only(&published.wrong(), 0, "directory: the read model's database failed");
}

#[test]
fn a_column_that_is_gone_or_another_is_damage() {
    let published = Published::of(Kept::journal_of(&purchase().entries));
    let to_text = "alter table card alter column expiry_year type text";
    published.change(ReadModel::Directory, &format!("{to_text} using expiry_year::text"));
    let wrong = published.wrong();
    assert_only(&wrong, 0, "directory: the row `");
    published.change(ReadModel::Directory, "alter table card drop column expiry_year");
    assert_only(&published.wrong(), 0, "directory: the read model's database failed");
}

#[test]
fn a_schema_that_is_not_there_is_told_and_another_version_can_t_be_told() {
    let published = Published::of(Kept::journal_of(&purchase().entries));
    let schema = ReadModel::Intents.schema(BOOK);
    published.change(ReadModel::Intents, &format!("drop schema {schema} cascade"));
    let report = verify(published.evidence()).unwrap();
    assert!(report.sound(), "{report:?}");
    assert!(matches!(&told(&report)[..], [note] if note.contains("intents")), "{report:?}");

    published.change(ReadModel::Balances, "update checkpoint set version = 99");
    let refused = verify(published.evidence());
    let Err(CouldNotTell::ReadModel { model, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(model, ReadModel::Balances);
}

#[test]
fn broken_pages_are_damage_and_a_server_that_is_away_is_not() {
    let mut server = Postgres::start();
    let url = server.new_database().owner;
    let published = Published::in_database(url.clone(), Kept::journal_of(&purchase().entries));
    let mut client = Client::connect(&url, NoTls).unwrap();
    let table = format!("{}.step", ReadModel::Transactions.schema(BOOK));
    let path = client.query_one("select pg_relation_filepath($1::text::regclass)", &[&table]);
    let path: String = path.unwrap().get(0);
    drop(client);

    server.stop_fast();
    let refused = verify(published.evidence());
    assert!(matches!(refused, Err(CouldNotTell::ReadModel { .. })), "{refused:?}");

    let file = OpenOptions::new().write(true).open(server.data_folder().join(path)).unwrap();
    file.write_all_at(&[0xff; 100], 4_000).unwrap();
    server.start_again();
    assert_only(&published.wrong(), 0, "transactions: the read model's database failed");
}
