//! What is lost, and what is not as it was.

use ::postgres::{Client, NoTls};
use ledger::time::{DAY_MS, HOUR_MS};
use ledger::webhooks::{RotateWebhookSecret, TestWebhook};
use ledger::{Command, WebhookId};
use metrics_exporter_prometheus::PrometheusBuilder;
use standardwebhooks::Webhook as Standard;

use super::*;
use crate::database::Connection;
use crate::machine::Verdict;
use crate::testing::{Received, SECRET, WAIT_MAX, pause};

on_each_store! {
    what_the_feed_has_lost_is_read_from_the_journal
    what_the_feed_has_lost_is_read_while_attempts_go_on_ending
    a_message_that_failed_before_the_clock_was_set_back_is_sent
    of_two_couriers_one_works_and_the_other_takes_over
    an_attempt_counts_for_nothing_when_there_was_another_since
    another_history_is_refused
    both_secrets_sign_for_a_day
    an_address_within_is_never_reached
    what_the_vault_has_lost_is_tried_again
    old_messages_go_and_what_is_too_much_is_parked
    what_was_removed_is_told_once_more_under_the_same_ids
}

fn what_the_feed_has_lost_is_read_from_the_journal(mut platform: Platform) {
    let receiver = Receiver::kind();
    platform.webhook(Family::LedgerOs, &receiver.url);
    let courier = platform.courier();
    platform.wait_for(&courier);
    // Nobody listens to what is published from here on.
    let nobodys = rpc::Publisher::new(platform.head());
    let _followed = std::mem::replace(&mut platform.publisher, nobodys);
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Approved);
    receiver.wait(|seen| seen.len() == 2);
}

fn what_the_feed_has_lost_is_read_while_attempts_go_on_ending(mut platform: Platform) {
    const BACKLOG: usize = 1_000;
    let (answers, answered): (Vec<_>, Vec<_>) = (0..BACKLOG).map(|_| watch::channel(false)).unzip();
    let slow = Receiver::start(move |number, _| Behavior::Late(answered[number].clone()));
    let other = Receiver::kind();
    platform.webhook(Family::LedgerApi, &slow.url);
    let webhook = platform.webhook(Family::LedgerOs, &other.url);
    for _ in 0..BACKLOG {
        platform.holder();
    }
    let recorder = PrometheusBuilder::new().build_recorder();
    let courier = metrics::with_local_recorder(&recorder, || platform.courier());
    platform.wait_for(&courier);
    let nobodys = rpc::Publisher::new(platform.head());
    let _followed = std::mem::replace(&mut platform.publisher, nobodys);
    platform.act(Command::TestWebhook(TestWebhook { webhook }));

    let gauge =
        format!("ledgeros_courier_waiting_messages{{book=\"{}\"}} ", platform.journal.book());
    let waiting = || {
        let shown = recorder.handle().render();
        let count = shown.lines().find_map(|line| line.strip_prefix(&gauge)).unwrap();
        count.parse::<usize>().unwrap()
    };
    // For as long as this takes, one more attempt ends each time.
    let mut ended = 0;
    while other.seen().is_empty() || BACKLOG <= waiting() {
        assert!(ended < BACKLOG, "{} were told, {} wait", other.seen().len(), waiting());
        slow.wait(|seen| ended < seen.len());
        answers[ended].send(true).unwrap();
        ended += 1;
        pause();
    }
}

fn a_message_that_failed_before_the_clock_was_set_back_is_sent(mut platform: Platform) {
    let receiver = Receiver::start(|number, _| match number {
        0 => Behavior::Answer(500),
        _ => Behavior::Answer(200),
    });
    let webhook = platform.webhook(Family::LedgerOs, &receiver.url);
    let _courier = platform.courier();
    let holder = platform.holder();
    platform.clock.pass(DAY_MS);
    platform.verify(holder, VerificationStatus::Denied);
    platform.wait_for_log(webhook, |log| log.iter().any(|message| message.attempts.len() == 1));
    platform.clock.set_back(DAY_MS);
    platform.wait_for_log(webhook, |log| log[0].state == State::Delivered);
}

fn of_two_couriers_one_works_and_the_other_takes_over(mut platform: Platform) {
    let receiver = Receiver::kind();
    let webhook = platform.webhook(Family::LedgerOs, &receiver.url);
    let (first, second) = (platform.courier(), platform.courier());
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Approved);
    receiver.wait(|seen| seen.len() == 2);
    // What ends before it has written down that it told a message is told again.
    platform
        .wait_for_log(webhook, |log| log.iter().all(|message| message.state == State::Delivered));
    assert!(first.progress().borrow().is_working);
    assert_eq!(
        *second.progress().borrow(),
        Progress { position: Position::START, is_working: false, stopped: None },
    );
    drop(first);
    platform.verify(holder, VerificationStatus::Denied);
    let seen = receiver.wait(|seen| 3 <= seen.len());
    assert_eq!(seen.len(), 3, "no message is told by both");
    assert!(second.progress().borrow().is_working);
}

fn an_attempt_counts_for_nothing_when_there_was_another_since(mut platform: Platform) {
    let webhook = platform.webhook(Family::LedgerOs, "http://127.0.0.1/");
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Denied);
    let mut store = Store::open(&platform.place).unwrap();
    let (book, now) = (platform.journal.clone().book(), platform.now);
    store.follow(book, &platform.entries(1), now).unwrap();
    let later = now.plus_ms(7);
    let due = || store.due(webhook, later, (8, 0), |_| false).unwrap().0.pop().unwrap();
    let record = |message: &Due, answer, verdict| {
        let message = message.clone();
        let attempted = Attempted { message, at: now, duration_ms: 3, answer };
        store.record(&[(attempted, verdict)], now).unwrap();
    };
    let old = due();
    record(&old, Err("timeout"), Verdict::Again(later));
    for (answer, verdict) in
        [(Ok(200), Verdict::Delivered), (Ok(500), Verdict::Again(now)), (Ok(500), Verdict::Parked)]
    {
        record(&old, answer, verdict);
        let log = platform.log(webhook);
        let (state, next_at, attempts) = (log[0].state, log[0].next_at, &log[0].attempts);
        assert_eq!((state, next_at, attempts.len()), (State::Waiting, Some(later), 1));
    }

    record(&due(), Ok(200), Verdict::Delivered);
    assert!(!store.prune(now.plus_ms(31 * DAY_MS)).unwrap());
    record(&old, Ok(200), Verdict::Delivered);
    let db = Connection::open_reader(&platform.place).unwrap();
    assert!(db.first("select number from attempt", &[]).unwrap().is_none(), "of no message");
}

fn another_history_is_refused(mut platform: Platform) {
    let courier = platform.courier();
    platform.holder();
    platform.wait_for(&courier);
    drop(courier);
    let mut other = Platform::on_sqlite();
    other.pass(1);
    let start = |platform: &Platform, place| {
        let (reader, feed) = (Box::new(platform.journal.clone()), platform.publisher.subscribe());
        let vault = Arc::clone(&platform.vault);
        Courier::start(place, reader, feed, vault, platform.options())
    };
    // Its journal is shorter.
    let refused = start(&other, &platform.place).unwrap_err();
    assert!(matches!(refused, Error::Ahead { .. }), "{refused}");
    other.holder();
    let refused = start(&other, &platform.place).unwrap_err();
    assert!(matches!(refused, Error::OtherEntry { .. }), "{refused}");
    // It is longer, and goes on from another entry.
    other.holder();
    let courier = start(&other, &platform.place).unwrap();
    let mut progress = courier.progress();
    let stopped = progress.wait_for(|progress| progress.stopped.is_some());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let stopped =
        runtime.block_on(async { timeout(WAIT_MAX, stopped).await.unwrap().unwrap().clone() });
    let reason = stopped.stopped.unwrap();
    assert!(reason.contains("as the entry before it"), "{reason}");
}

/// Which of the secrets a message is signed with.
fn signed(request: &Received, now_s: u64, secrets: [&str; 2]) -> [bool; 2] {
    let headers = &request.headers;
    assert_eq!(headers["webhook-timestamp"], now_s.to_string());
    let (id, body) = (request.field("id"), request.body.as_bytes());
    let signatures: Vec<_> = headers["webhook-signature"].to_str().unwrap().split(' ').collect();
    secrets.map(|secret| {
        let signature = Standard::new(secret).unwrap().sign(&id, now_s as i64, body).unwrap();
        signatures.contains(&signature.as_str())
    })
}

fn both_secrets_sign_for_a_day(mut platform: Platform) {
    let new = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    let receiver = Receiver::kind();
    let webhook = platform.webhook(Family::LedgerOs, &receiver.url);
    let other = Receiver::kind();
    platform.webhook(Family::LedgerOs, &other.url);
    let _courier = platform.courier();
    let secret = platform.seal(Kind::WebhookSecret, new);
    let test = |webhook: WebhookId| Command::TestWebhook(TestWebhook { webhook });
    platform.act(test(webhook));
    let first = receiver.wait(|seen| seen.len() == 1).pop().unwrap();
    let now_s = |platform: &Platform| platform.clock.now().as_millis() / 1_000;
    assert_eq!(signed(&first, now_s(&platform), [SECRET, new]), [true, false]);
    assert_eq!(first.field("type"), "webhook.test");
    assert_eq!(first.field("webhookId"), webhook.to_string());

    platform.act(Command::RotateWebhookSecret(RotateWebhookSecret { webhook, secret }));
    for (pass_ms, expected) in [(0, [true; 2]), (DAY_MS - 1, [true; 2]), (1, [false, true])] {
        platform.clock.pass(pass_ms);
        platform.pass(pass_ms);
        let count = receiver.seen().len();
        platform.act(test(webhook));
        let last = receiver.wait(|seen| count < seen.len()).pop().unwrap();
        assert_eq!(signed(&last, now_s(&platform), [SECRET, new]), expected, "{pass_ms}");
    }
    assert!(other.seen().is_empty(), "it is not the one that is tried out");
}

fn an_address_within_is_never_reached(mut platform: Platform) {
    let receiver = Receiver::kind();
    let port = receiver.url.split(':').nth(2).unwrap().to_owned();
    let hosts =
        ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f000001", "2130706433"];
    let webhooks =
        hosts.map(|host| platform.webhook(Family::LedgerOs, &format!("http://{host}:{port}")));
    let _courier = platform.courier_with(platform.options());
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Denied);
    for webhook in webhooks {
        let log = platform.wait_for_log(webhook, |log| {
            log.first().is_some_and(|message| !message.attempts.is_empty())
        });
        let attempt = &log[0].attempts[0];
        assert_eq!(attempt.fault.as_deref(), Some("forbidden_address"), "{webhook}");
        assert_eq!(attempt.status, None);
    }
    assert!(receiver.seen().is_empty());
}

fn what_the_vault_has_lost_is_tried_again(mut platform: Platform) {
    let receiver = Receiver::kind();
    let webhook = platform.webhook(Family::LedgerOs, &receiver.url);
    let event = platform.entries(platform.head().0).pop().unwrap();
    let ledger::Event::WebhookRegistered(ref registered) = event.entry.events[0] else { panic!() };
    platform.vault.forget(&[vault::Subject(registered.secret.subject)]).unwrap();
    let courier = platform.courier();
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Denied);
    let log = platform.wait_for_log(webhook, |log| {
        log.first().is_some_and(|message| !message.attempts.is_empty())
    });
    assert_eq!(log[0].attempts[0].fault.as_deref(), Some("secret_unavailable"));
    let secret = platform.seal(Kind::WebhookSecret, SECRET);
    platform.act(Command::RotateWebhookSecret(RotateWebhookSecret { webhook, secret }));
    // An attempt that did not know of it would be the last by this clock.
    platform.wait_for(&courier);
    // The one before still belongs to it for a day.
    platform.clock.pass(DAY_MS + HOUR_MS);
    receiver.wait(|seen| seen.len() == 1);
}

fn old_messages_go_and_what_is_too_much_is_parked(mut platform: Platform) {
    let receiver = Receiver::kind();
    let webhook = platform.webhook(Family::LedgerOs, &receiver.url);
    let courier = platform.courier();
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Denied);
    platform.wait_for_log(webhook, |log| log.len() == 1 && log[0].state == State::Delivered);
    platform.clock.pass(30 * DAY_MS);
    platform.verify(holder, VerificationStatus::Approved);
    platform.wait_for_log(webhook, |log| log.len() == 3 && log[2].state == State::Delivered);
    platform.clock.pass(HOUR_MS);
    platform.wait_for_log(webhook, |log| log.len() == 2);
    drop(courier);

    let db = Connection::open(&platform.place).unwrap();
    db.execute("update webhook set waiting = 500000", &[]).unwrap();
    drop(db);
    let seen = receiver.seen().len();
    let _courier = platform.courier();
    platform.verify(holder, VerificationStatus::NeedsInformation);
    let log = platform.wait_for_log(webhook, |log| log.len() == 3);
    assert_eq!((log[2].state, log[2].attempts.len()), (State::Parked, 0));
    assert_eq!(receiver.seen().len(), seen);
}

fn what_was_removed_is_told_once_more_under_the_same_ids(mut platform: Platform) {
    let receiver = Receiver::kind();
    platform.webhook(Family::LedgerOs, &receiver.url);
    let courier = platform.courier();
    let (_, agent) = platform.spender(100_00);
    platform.suspend(agent);
    let told = receiver.wait(|seen| seen.len() == 5);
    drop(courier);
    platform.place.remove().unwrap();
    platform.place.remove().unwrap();
    let _courier = platform.courier();
    let again = receiver.wait(|seen| seen.len() == 10).split_off(5);
    let bodies = |requests: Vec<Received>| -> BTreeSet<_> {
        requests.into_iter().map(|request| request.body).collect()
    };
    assert_eq!(bodies(told), bodies(again));
}

#[test]
fn a_server_that_was_killed_costs_time_only() {
    let mut server = servers::Postgres::start();
    let url = server.new_database().owner;
    let mut platform = Platform::on(url);
    let receiver = Receiver::kind();
    let webhook = platform.webhook(Family::LedgerOs, &receiver.url);
    let _courier = platform.courier();
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Approved);
    receiver.wait(|seen| seen.len() == 2);
    server.kill();
    platform.verify(holder, VerificationStatus::Denied);
    server.start_again();
    let denied = |request: &Received| request.field("type") == "user.application.denied";
    let seen = receiver.wait(|seen| seen.iter().any(denied));
    let ids: BTreeSet<_> = seen.iter().map(|request| request.field("id")).collect();
    assert_eq!(ids.len(), 3);
    platform.wait_for_log(webhook, |log| {
        log.len() == 3 && log.iter().all(|message| message.state == State::Delivered)
    });
}

#[test]
fn a_courier_that_gets_its_place_back_goes_on() {
    // Ends the connection of the courier that works when another one asks for its place.
    const END: &str = "
        select pg_terminate_backend(held.pid) from pg_locks held
        join pg_locks asked using (locktype, database, classid, objid, objsubid)
        join pg_database on pg_database.oid = database and datname = current_database()
        where locktype = 'advisory' and held.granted and not asked.granted";
    let database = servers::shared().new_database();
    let mut client = Client::connect(&database.owner, NoTls).unwrap();
    let mut platform = Platform::on(database.owner);
    let (answer, answered) = watch::channel(false);
    let receiver = Receiver::start(move |number, _| match number {
        0 => Behavior::Late(answered.clone()),
        _ => Behavior::Answer(200),
    });
    let webhook = platform.webhook(Family::LedgerOs, &receiver.url);
    let first = platform.courier();
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Denied);
    receiver.wait(|seen| seen.len() == 1);

    let second = platform.courier();
    let is_working = |courier: &Courier| courier.progress().borrow().is_working;
    let until = Instant::now() + WAIT_MAX;
    // One that has not noticed would hear how the message went, and forget it with the connection.
    while is_working(&first) || !is_working(&second) {
        assert!(Instant::now() < until, "it does not take over");
        client.execute(END, &[]).unwrap();
        pause();
    }
    let are_delivered = |log: &[crate::Delivery], count| {
        let is_so = |m: &crate::Delivery| m.state == State::Delivered && m.attempts.len() == 1;
        log.len() == count && log.iter().all(is_so)
    };
    platform.wait_for_log(webhook, |log| are_delivered(log, 1));
    answer.send(true).unwrap();
    drop(second);
    // Of the same thing: it waits for the end of what was on its way.
    platform.verify(holder, VerificationStatus::Approved);
    platform.wait_for_log(webhook, |log| are_delivered(log, 3));
    let (position, is_working) = (platform.head(), true);
    assert_eq!(*first.progress().borrow(), Progress { position, is_working, stopped: None });
}

#[test]
fn a_replay_that_comes_back_with_the_tables_goes_on() {
    let database = servers::shared().new_database();
    let mut client = Client::connect(&database.owner, NoTls).unwrap();
    let mut platform = Platform::on(database.owner.clone());
    let receiver = Receiver::kind();
    let webhook = platform.webhook(Family::LedgerOs, &receiver.url);
    let _courier = platform.courier();
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Denied);
    platform.wait_for_log(webhook, |log| log.len() == 1 && log[0].state == State::Delivered);

    // As a server that has crashed may have it, or another courier that has died.
    let schema = Place::schema(platform.journal.clone().book());
    let end = platform.head().next();
    let begun = format!("update {schema}.webhook set replay_next = 1, replay_end = {end}");
    assert_eq!(client.execute(&begun, &[]).unwrap(), 1);
    database.cut_connections();
    platform.wait_for_log(webhook, |log| {
        log[0].state == State::Delivered && log[0].attempts.len() == 2 && log[0].is_replay
    });
}
