//! NATS is killed, wiped, put back, frozen and cut off while entries are written.

use servers::{Gate, Nats, Passing};

use crate::messages::messages;
use crate::stage::{Fed, Journal, carried, connect};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_costs_time_only() {
    let mut nats = Nats::start();
    let stream = connect(nats.port()).await;
    let mut journal = Journal::new(1);
    let _relay = journal.relay(&stream);
    let fed = Fed::start(&stream, &journal);
    for _ in 0..3 {
        journal.grow(300);
        // Whatever it is doing now.
        nats.kill();
        fed.shows_all_of(&journal).await;
        journal.grow(100);
        fed.shows_all_of(&journal).await;
        nats.start_again();
        carried(&stream, &journal).await;
        journal.grow(20);
        fed.shows_all_of(&journal).await;
    }
    carried(&stream, &journal).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_wiped_is_filled_from_the_journal() {
    let mut nats = Nats::start();
    let stream = connect(nats.port()).await;
    let mut journal = Journal::new(1);
    let _relay = journal.relay(&stream);
    let fed = Fed::start(&stream, &journal);
    journal.grow(300);
    carried(&stream, &journal).await;
    for while_away in [0, 200] {
        nats.stop();
        nats.wipe();
        journal.grow(while_away);
        nats.start_again();
        carried(&stream, &journal).await;
        assert_eq!(messages(&nats).await.len(), journal.entries.len());
        journal.grow(50);
        fed.shows_all_of(&journal).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_that_is_put_back_is_filled_up() {
    let mut nats = Nats::start();
    let stream = connect(nats.port()).await;
    let mut journal = Journal::new(1);
    let _relay = journal.relay(&stream);
    let fed = Fed::start(&stream, &journal);
    journal.grow(100);
    carried(&stream, &journal).await;
    nats.stop();
    let copy = nats.keep();
    nats.start_again();
    journal.grow(100);
    carried(&stream, &journal).await;
    fed.shows_all_of(&journal).await;

    nats.stop();
    nats.put_back(&copy);
    nats.start_again();
    carried(&stream, &journal).await;
    assert_eq!(messages(&nats).await.len(), journal.entries.len());
    journal.grow(100);
    fed.shows_all_of(&journal).await;
    carried(&stream, &journal).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_never_there_or_says_nothing_holds_nobody_up() {
    let mut nats = Nats::start();
    nats.stop();
    let stream = connect(nats.port()).await;
    let mut journal = Journal::new(1);
    let _relay = journal.relay(&stream);
    let fed = Fed::start(&stream, &journal);
    journal.grow(2_000);
    fed.shows_all_of(&journal).await;
    nats.start_again();
    carried(&stream, &journal).await;

    nats.freeze();
    journal.grow(2_000);
    fed.shows_all_of(&journal).await;
    nats.thaw();
    carried(&stream, &journal).await;
    assert_eq!(messages(&nats).await.len(), journal.entries.len(), "none twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_acknowledgements_double_nothing() {
    let nats = Nats::start();
    let gate = Gate::before(nats.port());
    let (through, direct) = (connect(gate.port()).await, connect(nats.port()).await);
    let mut journal = Journal::new(1);
    let _relay = journal.relay(&through);
    carried(&direct, &journal).await;

    gate.set(Passing::Questions);
    journal.grow(100);
    carried(&direct, &journal).await;
    gate.set(Passing::All);
    journal.grow(100);
    carried(&direct, &journal).await;

    assert_eq!(messages(&nats).await.len(), journal.entries.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_on_the_way_when_a_connection_was_cut_stands_in_its_place_or_nowhere() {
    let nats = Nats::start();
    let gate = Gate::before(nats.port());
    let (through, direct) = (connect(gate.port()).await, connect(nats.port()).await);
    let mut journal = Journal::new(1);
    let _relay = journal.relay(&through);
    let fed = Fed::start(&direct, &journal);
    carried(&direct, &journal).await;
    for _ in 0..5 {
        journal.grow(200);
        gate.set(Passing::Nothing);
        journal.grow(100);
        gate.set(Passing::All);
        carried(&direct, &journal).await;
        let messages = messages(&nats).await;
        let carried = messages.iter().map(|message| message.headers.get("Ledger-Position"));
        let carried = carried.map(|position| position.unwrap().as_str().parse().unwrap());
        let carried: Vec<u64> = carried.collect();
        assert!(carried.is_sorted_by(|one, next| one < next), "{carried:?}");
        fed.shows_all_of(&journal).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_that_is_cut_off_shows_what_the_journal_has() {
    let nats = Nats::start();
    let gate = Gate::before(nats.port());
    let (through, direct) = (connect(gate.port()).await, connect(nats.port()).await);
    let mut journal = Journal::new(1);
    let _relay = journal.relay(&direct);
    let fed = Fed::start(&through, &journal);
    for passing in [Passing::Nothing, Passing::Questions, Passing::All] {
        gate.set(passing);
        journal.grow(200);
        fed.shows_all_of(&journal).await;
    }
    carried(&direct, &journal).await;
}
