//! Leaders that fall silent, lose their database, or fail.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use journal::postgres::{Leader, Leaders};
use ledger::CommandId;
use postgres::{Client, NoTls};
use rpc::{Refusal, Role};
use writer::WriterStopped;

use crate::process::{BOOK, Process, journals, refusable, request, submit, written};

fn client(url: &str) -> Client {
    Client::connect(url, NoTls).unwrap()
}

/// What blocks must not be called where tests wait.
async fn apart<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(what).await.unwrap()
}

fn look(url: &str) -> Leader {
    Leaders::open(url).unwrap().look(BOOK).unwrap().unwrap()
}

/// Its beats are held up; its writer lives, and knows of nothing.
#[tokio::test]
async fn a_writer_that_was_replaced_without_noticing_answers_nothing() {
    for question in ["command", "replay", "refusal", "trial"] {
        let database = journals(servers::shared(), &[BOOK]);
        let (here, there) =
            (Process::new("here:1", &database.writer), Process::new("there:1", &database.writer));
        let mut old = here.sit(BOOK);
        let (epoch, commands) = old.leads().await;
        let mut new = there.sit(BOOK);
        new.follows("here:1").await;
        commands.submit(request(1)).await.unwrap();
        let refused = commands.submit(refusable()).await;
        assert!(matches!(refused, Err(Refusal::Rejected(_))), "{refused:?}");

        let (owner, writer) = (database.owner.clone(), database.writer.clone());
        let holding = apart(move || {
            let mut holding = client(&owner);
            holding.batch_execute("begin; lock table journal.leader in exclusive mode").unwrap();
            while look(&writer).epoch == epoch {}
            holding
        })
        .await;
        let answer = match question {
            "command" => commands.submit(request(2)).await,
            "replay" => commands.submit(request(1)).await,
            "refusal" => commands.submit(refusable()).await,
            _ => commands.try_out(request(2)).await,
        };
        let is_nothing = matches!(answer, Err(Refusal::Unavailable | Refusal::Unknown));
        assert!(is_nothing, "{question}: {answer:?}");
        apart(move || drop(holding)).await;

        new.leads().await;
        old.follows("there:1").await;
        let mut both = [old, new];
        assert!(submit(&mut both, &request(1)).await.is_replay);
        submit(&mut both, &request(2)).await;
        assert_eq!(written(&database.writer, BOOK).len(), 2);
        let [old, new] = both;
        new.stop().await.unwrap();
        let mut back = [old];
        back[0].leads().await;
        assert!(submit(&mut back, &request(2)).await.is_replay, "what it knew was thrown away");
    }
}

#[tokio::test]
async fn whose_connections_are_cut_loses_nothing_and_does_nothing_twice() {
    let database = journals(servers::shared(), &[BOOK]);
    let (here, there) =
        (Process::new("here:1", &database.writer), Process::new("there:1", &database.writer));
    let mut both = [here.sit(BOOK), there.sit(BOOK)];
    let cut = database.clone();
    let cutting = tokio::task::spawn_blocking(move || {
        for _ in 0..10 {
            let length = written(&cut.owner, BOOK).len();
            while written(&cut.owner, BOOK).len() < length + 10 {}
            cut.cut_connections();
        }
    });
    let mut number = 0;
    while !cutting.is_finished() {
        number += 1;
        let answer = submit(&mut both, &request(number)).await;
        assert_eq!(answer.entry.position.0, number);
    }
    cutting.await.unwrap();
    assert_eq!(written(&database.owner, BOOK).len() as u64, number);
}

#[tokio::test]
async fn a_database_that_is_killed_under_both_comes_back_and_nothing_is_lost() {
    let mut server = servers::Postgres::start();
    let database = journals(&server, &[BOOK]);
    let (here, there) =
        (Process::new("here:1", &database.writer), Process::new("there:1", &database.writer));
    let mut both = [here.sit(BOOK), there.sit(BOOK)];
    submit(&mut both, &request(1)).await;
    let url = database.owner.clone();
    let killing = tokio::task::spawn_blocking(move || {
        for _ in 0..3 {
            let length = written(&url, BOOK).len();
            while written(&url, BOOK).len() < length + 5 {}
            server.kill();
            server.start_again();
        }
        server
    });
    let mut number = 1;
    while !killing.is_finished() {
        number += 1;
        submit(&mut both, &request(number)).await;
    }
    let _server = killing.await.unwrap();
    let ids: BTreeSet<CommandId> = written(&database.owner, BOOK).into_iter().collect();
    let expected: BTreeSet<CommandId> = (1..=number).map(|number| request(number).id).collect();
    assert_eq!(ids, expected);
    for sitting in both {
        sitting.stop().await.unwrap();
    }
}

/// It is the reopening that panics here; a rule would on the same thread.
#[tokio::test]
async fn a_process_whose_writer_has_panicked_does_not_take_the_book_again() {
    let database = journals(servers::shared(), &[BOOK]);
    let (here, there) =
        (Process::new("here:1", &database.writer), Process::new("there:1", &database.writer));
    let mut broken = here.sit(BOOK);
    let (_, commands) = broken.leads().await;
    let mut whole = there.sit(BOOK);
    whole.follows("here:1").await;
    commands.submit(request(1)).await.unwrap();

    here.panics.store(true, Ordering::Relaxed);
    let cut = database.clone();
    apart(move || cut.cut_connections()).await;
    // Whichever of the two comes first: the end of the writer, or of the one who asks.
    let _ = commands.submit(request(2)).await;
    let mut role = broken.role.clone();
    assert!(matches!(broken.ended().await, Err(WriterStopped::Panicked)));
    while role.changed().await.is_ok() {}
    assert!(matches!(&*role.borrow(), Role::Follows { .. }));
    assert_eq!(here.led.count(), 0);

    let mut left = [whole];
    assert!(submit(&mut left, &request(1)).await.is_replay);
    submit(&mut left, &request(2)).await;
    assert_eq!(written(&database.writer, BOOK).len(), 2);
}
