use std::borrow::Cow;

use ledger::BookId;
use servers::{Postgres, free_port};

use super::*;
use crate::directory::{Agent, Book};
use crate::row::{Row, table};
use crate::testing::{Home, Store, on_each_store};

on_each_store! {
    what_is_written_is_read_back_as_it_is
    rows_are_changed_and_removed_by_their_keys
    a_number_that_no_database_holds_is_refused
    what_is_no_value_of_ours_is_not_read
}

const MODEL: ReadModel = ReadModel::Directory;

fn text(text: &'static str) -> Field<'static> {
    Field::Text(Cow::Borrowed(text))
}

fn bytes(bytes: &'static [u8]) -> Field<'static> {
    Field::Bytes(Cow::Borrowed(bytes))
}

fn write<R: Row>(home: &Home, write: impl FnOnce(&mut Writer<'_>)) -> Result<(), Error> {
    let db = Connection::open(MODEL, home.place())?;
    let tx = db.begin()?;
    let mut writer = db.writer(table::<R>());
    write(&mut writer);
    writer.finish()?;
    tx.commit()
}

fn rows<R: Row>(home: &Home) -> Vec<Vec<Option<Field<'static>>>> {
    let db = Connection::open_reader(MODEL, Set::Live, home.place()).unwrap();
    let sql = format!("select {} from {} order by 1", table::<R>().column_list(), R::TABLE);
    let read = |row: Found<'_>| {
        let columns = 0..R::COLUMNS.len();
        columns.map(|column| Ok(row.field(column)?.map(|field| field.to_owned()))).collect()
    };
    db.query(&sql, &[], read).unwrap()
}

fn some(rows: Vec<Vec<Field<'static>>>) -> Vec<Vec<Option<Field<'static>>>> {
    rows.into_iter().map(|row| row.into_iter().map(Some).collect()).collect()
}

fn what_is_written_is_read_back_as_it_is(store: Store) {
    let agent = |id, position, description: Field<'static>| {
        let (at, holder) = (Field::Integer(0), bytes(&[0; 16]));
        let (name, nothing) = (text("Žižkov \u{1f980} ' \" \\ $1 ?1 {}"), Field::Absent);
        let (window, amount) = (text("day"), text("340282366920938463463374607431768211455"));
        let (ignore, max, status) = (text("ignore"), Field::Absent, text("NULL"));
        vec![
            id,
            Field::Integer(position),
            at,
            holder,
            name,
            description,
            nothing,
            window,
            amount,
            ignore,
            max,
            status,
        ]
    };
    let agents = vec![
        agent(bytes(b""), 0, text("")),
        agent(bytes(b"\0"), i64::MAX as u64, Field::Absent),
        agent(bytes(b"\xff"), 1, text("null")),
    ];
    let home = store.home();
    write::<Agent>(&home, |writer| {
        agents.iter().for_each(|row| writer.insert(row).unwrap());
    })
    .unwrap();
    assert_eq!(rows::<Agent>(&home), some(agents));
}

fn rows_are_changed_and_removed_by_their_keys(store: Store) {
    let home = store.home();
    let id = |number: u8| Field::Bytes(Cow::Owned(vec![number; 16]));
    let book = |number, offset| vec![id(number), text("live"), Field::Integer(offset)];
    write::<Book>(&home, |writer| {
        (0..100).for_each(|number| writer.insert(&book(number, 0)).unwrap());
    })
    .unwrap();
    write::<Book>(&home, |writer| {
        (0..50).for_each(|number| writer.delete(&[id(number)]).unwrap());
        (50..80).for_each(|number| writer.update(&book(number, u64::from(number))).unwrap());
        (100..110).for_each(|number| writer.insert(&book(number, 7)).unwrap());
    })
    .unwrap();
    let offset = |number: u8| match number {
        50..80 => u64::from(number),
        80..100 => 0,
        _ => 7,
    };
    let expected = (50..110).map(|number| book(number, offset(number))).collect();
    assert_eq!(rows::<Book>(&home), some(expected));

    let taken = write::<Book>(&home, |writer| {
        // SQLite says so at once, PostgreSQL at the end.
        let _ = writer.insert(&book(200, 0)).and_then(|()| writer.insert(&book(200, 0)));
    });
    assert_eq!(taken.is_err(), matches!(store, Store::Postgres));
}

fn a_number_that_no_database_holds_is_refused(store: Store) {
    let home = store.home();
    let mut refused = None;
    let written = write::<Book>(&home, |writer| {
        let row = [bytes(&[0; 16]), text("live"), Field::Integer(i64::MAX as u64 + 1)];
        refused = writer.insert(&row).err();
    });
    let refused = refused.or(written.err()).unwrap();
    assert!(matches!(refused, Error::Database(_)), "{refused}");
    assert!(rows::<Book>(&home).is_empty());
}

fn what_is_no_value_of_ours_is_not_read(store: Store) {
    let home = store.home();
    drop(Connection::open(MODEL, home.place()).unwrap());
    let db = Connection::open_reader(MODEL, Set::Live, home.place()).unwrap();
    let read = |row: Found<'_>| Ok(row.field(0)?.is_some());
    for (sql, is_value) in [
        ("select -1 + position - position from checkpoint", false),
        ("select 1.5 from checkpoint", false),
        ("select position from checkpoint", true),
        ("select null from checkpoint", true),
        ("select hash from checkpoint", true),
    ] {
        assert_eq!(db.query(sql, &[], read).unwrap(), [is_value], "{sql}");
    }
}

#[test]
fn a_server_soon_notices_that_who_writes_has_vanished() {
    let mut server = Postgres::start();
    let (name, port) = (server.new_database().name, free_port());
    server.stop_fast();
    server.add_settings(&format!("listen_addresses = '127.0.0.1'\nport = {port}"));
    server.start_again();
    let home = Home::in_database(format!("postgresql://postgres@127.0.0.1:{port}/{name}"));

    for db in [Connection::open(MODEL, home.place()), Connection::open_next(MODEL, home.place())] {
        let sql = "select setting from pg_settings where name like 'tcp%' order by name";
        let read = |row: Found<'_>| Ok(row.field(0)?.map(|field| field.to_owned()));
        let found = db.unwrap().query(sql, &[], read).unwrap();
        // Count, idle and interval of keepalives, and milliseconds.
        assert_eq!(found, ["3", "10", "5", "25000"].map(|setting| Some(text(setting))));
    }
}

#[test]
fn a_url_that_can_not_be_read_is_not_shown() {
    let url = "postgre://ledger:secret@db/books?connect_timeout=5";
    let place = Place::Postgres { url: url.to_owned(), book: BookId([7; 16]) };
    for refused in [
        Connection::open(MODEL, &place).map(drop).unwrap_err(),
        Connection::open_reader(MODEL, Set::Live, &place).map(drop).unwrap_err(),
        prepare(url, "projector").unwrap_err(),
    ] {
        let told = "the read model's database failed: the database's URL can't be read";
        assert_eq!(refused.chain(), told);
    }
}
