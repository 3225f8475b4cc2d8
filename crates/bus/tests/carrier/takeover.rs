//! Two processes that keep the same read model, played by one.

use ledger::Position;
use projector::{Place, verify};
use servers::Nats;
use tokio::task::block_in_place;

use crate::stage::{Fed, Journal, MODEL, carried, connect};

#[tokio::test(flavor = "multi_thread")]
async fn one_that_waits_takes_nothing_and_goes_on_when_the_first_is_gone() {
    let nats = Nats::start();
    let (one, other) = (connect(nats.port()).await, connect(nats.port()).await);
    let mut journal = Journal::new(1);
    let _relay = journal.relay(&one);
    let url = block_in_place(|| servers::shared().new_database().owner);
    let place = Place::Postgres { url, book: journal.id };

    let first = Fed::start_in(&place, &one, &journal);
    first.shows_all_of(&journal).await;
    let second = Fed::start_in(&place, &other, &journal);
    for _ in 0..10 {
        journal.grow(30);
        first.shows_all_of(&journal).await;
        assert!(second.projector.progress().borrow().is_waiting);
    }
    carried(&one, &journal).await;
    assert_ne!(first.brought.head(), Position::START);
    assert_eq!(second.brought.head(), Position::START);

    block_in_place(|| drop(first));
    second.shows_all_of(&journal).await;
    journal.grow(30);
    second.shows_all_of(&journal).await;
    assert!(block_in_place(|| verify(MODEL, &place)).unwrap().is_sound());
}
