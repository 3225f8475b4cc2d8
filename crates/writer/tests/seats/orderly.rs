//! Books that are put down and taken up in order, or not taken up at all.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use journal::anchor::{self, Mismatch};
use journal::postgres::Leaders;
use journal::{Hash, Head};
use ledger::{BookId, Position};
use rpc::Role;
use writer::{StartError, Witness, WriterStopped};

use crate::process::{
    AnchorFault, BOOK, PATIENCE, Process, Sitting, ask, journals, request, submit, wait,
    wait_until, written,
};

#[test]
fn one_leads_the_other_follows_and_takes_up_what_was_put_down() {
    let database = journals(servers::shared(), &[BOOK]);
    let (here, there) =
        (Process::new("here:1", &database.writer), Process::new("there:1", &database.writer));
    let mut first = here.sit(BOOK);
    let (epoch, commands) = first.leads();
    let mut second = there.sit(BOOK);
    second.follows("here:1");
    assert_eq!((here.led.count(), there.led.count()), (1, 0));
    for number in 1..=20 {
        assert!(!ask(&commands, &request(number)).unwrap().is_replay);
    }
    let known = || anchor::read(&there.anchor_of(BOOK)).unwrap().head.position;
    let until = Instant::now() + PATIENCE;
    while known() < Position(20) {
        assert!(Instant::now() < until, "an anchor of who follows goes on, too");
    }

    first.stop().unwrap();
    let stopped_at = Instant::now();
    let (later, commands) = second.leads();
    assert!(stopped_at.elapsed() < Duration::from_millis(1_900), "nothing was waited for");
    assert!(epoch < later);
    assert_eq!((here.led.count(), there.led.count()), (0, 1));
    for number in 1..=20 {
        let again = ask(&commands, &request(number)).unwrap();
        assert_eq!((again.entry.position, again.is_replay), (Position(number), true));
    }
    assert_eq!(ask(&commands, &request(21)).unwrap().entry.position, Position(21));
    drop(commands);
    second.stop().unwrap();
    assert_eq!(written(&database.writer, BOOK).len(), 21);
}

#[test]
fn an_anchor_that_failed_while_its_process_stood_by_is_at_the_end_when_that_leads() {
    for fault in [AnchorFault::Once, AnchorFault::Lasting] {
        let database = journals(servers::shared(), &[BOOK]);
        let (here, there) =
            (Process::new("here:1", &database.writer), Process::new("there:1", &database.writer));
        let mut first = here.sit(BOOK);
        let (_, commands) = first.leads();
        let mut second = there.sit(BOOK);
        let known = || anchor::read(&there.anchor_of(BOOK)).unwrap().head.position;
        ask(&commands, &request(1)).unwrap();
        wait_until("it stands by", || known() == Position(1));

        *there.anchor_fault.lock().unwrap() = Some(fault);
        ask(&commands, &request(2)).unwrap();
        wait_until("a write fails", || there.anchor_fault.lock().unwrap().is_none());
        if fault == AnchorFault::Once {
            wait_until("the anchor is written again", || known() == Position(2));
        }
        first.stop().unwrap();
        second.leads();
        assert_eq!(known(), Position(2), "{fault:?}");
    }
}

/// A claim is what others take for a sign of life.
#[test]
fn a_process_that_can_t_write_its_anchor_claims_nothing() {
    let database = journals(servers::shared(), &[BOOK]);
    let (here, there) =
        (Process::new("here:1", &database.writer), Process::new("there:1", &database.writer));
    let mut first = here.sit(BOOK);
    let (epoch, commands) = first.leads();
    let mut second = there.sit(BOOK);
    let known = || anchor::read(&there.anchor_of(BOOK)).unwrap().head.position;
    ask(&commands, &request(1)).unwrap();
    wait_until("it stands by", || known() == Position(1));
    *there.anchor_fault.lock().unwrap() = Some(AnchorFault::Always);
    ask(&commands, &request(2)).unwrap();
    let tried = there.opened.load(Ordering::Relaxed);
    first.stop().unwrap();
    wait_until("it tries to lead", || tried + 2 < there.opened.load(Ordering::Relaxed));
    let mut leaders = Leaders::open(&database.writer).unwrap();
    assert_eq!(leaders.look(BOOK).unwrap().map(|leader| leader.epoch), Some(epoch));

    *there.anchor_fault.lock().unwrap() = None;
    second.leads();
}

#[test]
fn a_book_that_is_being_written_is_loaded_as_it_was_at_one_moment() {
    let database = journals(servers::shared(), &[BOOK]);
    let here = Process::new("here:1", &database.writer);
    let mut leader = here.sit(BOOK);
    let (_, commands) = leader.leads();
    let is_over = AtomicBool::new(false);
    let ended: Vec<_> = thread::scope(|scope| {
        scope.spawn(|| {
            let mut numbers = 1..;
            while !is_over.load(Ordering::Relaxed) {
                let number = numbers.next().unwrap();
                ask(&commands, &request(number)).unwrap();
            }
        });
        let ended = (0..20).map(|_| {
            let there = Process::new("there:1", &database.writer);
            let mut sitting = there.sit(BOOK);
            sitting.follows("here:1");
            sitting.stop()
        });
        let ended = ended.collect();
        is_over.store(true, Ordering::Relaxed);
        ended
    });
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
}

#[test]
fn what_was_accepted_is_written_before_a_book_is_put_down() {
    let database = journals(servers::shared(), &[BOOK]);
    let here = Process::new("here:1", &database.writer);
    let mut sitting = here.sit(BOOK);
    let (_, commands) = sitting.leads();
    let answers = wait(async {
        let mut sent = tokio::task::JoinSet::new();
        for number in 1..=500 {
            let commands = commands.clone();
            sent.spawn(async move { commands.submit(request(number)).await });
        }
        // All of them are on their way.
        tokio::task::yield_now().await;
        sitting.seat.stop();
        sent.join_all().await
    });
    sitting.seat.join().unwrap();
    let answered = answers.into_iter().filter(Result::is_ok).count();
    assert_eq!(written(&database.writer, BOOK).len(), answered, "who was told no was not served");
    assert!(ask(&commands, &request(501)).is_err());
}

#[test]
fn books_spread_over_processes_and_all_go_to_the_one_that_is_left() {
    let books: Vec<_> = (1..=6).map(|number| BookId([number; 16])).collect();
    let database = journals(servers::shared(), &books);
    let (here, there) =
        (Process::new("here:1", &database.writer), Process::new("there:1", &database.writer));
    let mut pairs: Vec<[Sitting; 2]> =
        books.iter().map(|book| [here.sit(*book), there.sit(*book)]).collect();
    for (pair, book) in pairs.iter_mut().zip(&books) {
        submit(pair, &request(u64::from(book.0[0])));
    }
    let led = pairs.iter().filter(|[here, _]| here.commands().is_some()).count();
    assert!((2..=4).contains(&led), "{led} of six");

    let mut left = Vec::new();
    for [gone, stays] in pairs {
        gone.stop().unwrap();
        left.push(stays);
    }
    for sitting in &mut left {
        sitting.leads();
    }
    assert_eq!([here.led.count(), there.led.count()], [0, 6]);
    for (sitting, book) in left.iter_mut().zip(&books) {
        let again = submit(std::slice::from_mut(sitting), &request(u64::from(book.0[0])));
        assert!(again.is_replay);
    }
}

#[test]
fn a_journal_that_is_behind_what_another_has_seen_is_not_taken_and_other_books_are() {
    let other = BookId([8; 16]);
    let database = journals(servers::shared(), &[BOOK, other]);
    let here = Process::new("here:1", &database.writer);
    let mut goes_on = [here.sit(other)];
    submit(&mut goes_on, &request(1));

    let head = Head { position: Position(5), hash: Hash([5; 32]) };
    *here.witnesses.lock().unwrap() = vec![Witness { name: "the stream".to_owned(), head }];
    let refused = here.sit(BOOK);
    let mut role = refused.role.clone();
    let WriterStopped::Start(error) = refused.seat.join().unwrap_err() else { panic!() };
    let StartError::Witness { name, source } = error else { panic!("{error:?}") };
    assert_eq!(name, "the stream");
    assert!(matches!(source, Mismatch::Behind { anchored: Position(5), found: Position(0) }));
    assert!(matches!(*role.borrow_and_update(), Role::Follows { leader: None }));
    assert!(wait(role.changed()).is_err(), "it will never be anything to it");
    assert!(!submit(&mut goes_on, &request(2)).is_replay);
}
