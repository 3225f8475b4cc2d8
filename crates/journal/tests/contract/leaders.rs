//! What writers say of themselves.

use journal::postgres::{Leader, Leaders, PostgresStore, Standing, prepare};
use journal::{Epoch, OpenError, Store, WriterId};
use ledger::BookId;
use postgres::{Client, NoTls};

use crate::{BOOK, INCARNATION, Place, Postgres, WRITER};

const OTHER: WriterId = WriterId([2; 16]);

fn leaders(place: &Postgres) -> Leaders {
    Leaders::open(&place.0.writer).unwrap()
}

fn look(leaders: &mut Leaders) -> Leader {
    leaders.look(BOOK).unwrap().unwrap()
}

fn at(address: &str) -> Standing {
    Standing::Leads { address: address.to_owned() }
}

#[test]
fn a_writer_is_seen_where_it_said_it_is_until_another_claims_the_book() {
    let place = Postgres::new();
    let (mut writers, mut watcher) = (leaders(&place), leaders(&place));
    let nobody = look(&mut watcher);
    assert_eq!((nobody.epoch, &nobody.standing), (Epoch::UNCLAIMED, &Standing::Vacant));
    assert_eq!(writers.beat(BOOK, WRITER, "a:1").unwrap(), None, "it has not claimed the book");
    assert_eq!(look(&mut watcher), nobody);

    let epoch = place.open().claim(WRITER).unwrap();
    let claimed = look(&mut watcher);
    assert_eq!((claimed.epoch, claimed.standing), (epoch, Standing::Silent));
    assert_eq!(writers.beat(BOOK, WRITER, "a:1").unwrap(), Some(epoch));
    let first = look(&mut watcher);
    assert_eq!((first.epoch, &first.standing), (epoch, &at("a:1")));
    assert_eq!(look(&mut watcher), first, "without a beat nothing changes");
    writers.beat(BOOK, WRITER, "a:1").unwrap();
    assert!(first.beat < look(&mut watcher).beat);

    let later = place.open().claim(OTHER).unwrap();
    assert_eq!(look(&mut watcher).standing, Standing::Silent);
    assert_eq!(writers.beat(BOOK, WRITER, "a:1").unwrap(), None);
    writers.resign(BOOK, WRITER).unwrap();
    assert_eq!(look(&mut watcher).standing, Standing::Silent, "it is not its book any more");
    assert_eq!(writers.beat(BOOK, OTHER, "b:2").unwrap(), Some(later));
    assert_eq!(look(&mut watcher).standing, at("b:2"));
}

#[test]
fn a_writer_that_claims_its_book_again_still_leads() {
    let place = Postgres::new();
    let mut leaders = leaders(&place);
    let mut store = place.open();
    store.claim(WRITER).unwrap();
    leaders.beat(BOOK, WRITER, "a:1").unwrap();
    let epoch = store.reclaim(WRITER).unwrap();
    assert_eq!(leaders.beat(BOOK, WRITER, "a:1").unwrap(), Some(epoch));
    assert_eq!(look(&mut leaders).standing, at("a:1"));
}

#[test]
fn a_book_that_was_put_down_is_vacant() {
    let place = Postgres::new();
    let mut leaders = leaders(&place);
    let epoch = place.open().claim(WRITER).unwrap();
    leaders.beat(BOOK, WRITER, "a:1").unwrap();
    leaders.resign(BOOK, WRITER).unwrap();
    let put_down = look(&mut leaders);
    assert_eq!((put_down.epoch, put_down.standing), (epoch, Standing::Vacant));
}

#[test]
fn each_book_has_its_own_leader_and_a_lost_connection_is_replaced() {
    let place = Postgres::new();
    let other_book = BookId([8; 16]);
    let mut other = PostgresStore::create(&place.0.writer, other_book, INCARNATION).unwrap();
    let mut leaders = leaders(&place);
    other.claim(OTHER).unwrap();
    leaders.beat(other_book, OTHER, "b:2").unwrap();
    assert_eq!(look(&mut leaders).standing, Standing::Vacant);
    assert_eq!(leaders.look(other_book).unwrap().unwrap().standing, at("b:2"));
    assert_eq!(leaders.look(BookId([9; 16])).unwrap(), None);

    drop(other);
    place.0.cut_connections();
    let seen = leaders.look(other_book).or_else(|_| leaders.look(other_book)).unwrap();
    assert_eq!(seen.unwrap().standing, at("b:2"));
}

#[test]
fn a_beat_waits_neither_for_an_append_nor_for_a_disk() {
    let place = Postgres::new();
    let mut leaders = leaders(&place);
    let epoch = place.open().claim(WRITER).unwrap();
    let mut appending = Client::connect(&place.0.writer, NoTls).unwrap();
    appending.batch_execute("begin; select 1 from journal.book for update").unwrap();
    assert_eq!(leaders.beat(BOOK, WRITER, "a:1").unwrap(), Some(epoch));
}

/// As the program before this one has left it, with a book in it.
#[test]
fn a_database_of_the_first_version_is_brought_up_when_it_is_prepared() {
    let place = Postgres::new();
    let mut owner = Client::connect(&place.0.owner, NoTls).unwrap();
    owner
        .batch_execute("drop table journal.leader; update journal.version set number = 1")
        .unwrap();
    for refused in [
        Leaders::open(&place.0.writer).map(drop).unwrap_err(),
        PostgresStore::open(&place.0.writer, BOOK).map(drop).unwrap_err(),
    ] {
        assert!(matches!(refused, OpenError::Version { found: 1 }), "{refused}");
    }
    prepare(&place.0.owner, &place.0.writer_role).unwrap();
    let mut leaders = leaders(&place);
    assert_eq!(look(&mut leaders).standing, Standing::Vacant);
    let epoch = place.open().claim(WRITER).unwrap();
    assert_eq!(leaders.beat(BOOK, WRITER, "a:1").unwrap(), Some(epoch));
}
