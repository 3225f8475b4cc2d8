//! What is told in order, at least once, whatever fails.

use ledger::time::{MINUTE_MS, SECOND_MS};

use super::*;
use crate::testing::{Received, WAIT_MAX, pause};

on_each_store! {
    killed_ten_times_each_message_arrives_and_in_order_for_each_resource
    a_webhook_that_hangs_holds_up_no_other
    a_message_is_parked_after_three_days_and_the_next_goes_on
    a_replay_tells_the_same_again
    what_nobody_wants_any_more_is_not_sent
}

/// Lets the test's time pass until something is so.
fn let_pass(platform: &Platform, ms: u64, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + WAIT_MAX;
    while !is_so() {
        assert!(Instant::now() < until, "it does not come to be so");
        platform.clock.pass(ms);
        pause();
    }
}

/// In the order in which they came, what a resource's messages are called.
fn by_resource(seen: &[Received]) -> BTreeMap<String, Vec<String>> {
    let mut by_resource = BTreeMap::<_, Vec<_>>::new();
    for request in seen {
        let resource = ["transactionId", "agentId", "userId"].map(|name| request.field(name));
        let resource = resource.into_iter().find(|id| !id.is_empty()).unwrap();
        by_resource.entry(resource).or_default().push(request.field("id"));
    }
    by_resource
}

fn killed_ten_times_each_message_arrives_and_in_order_for_each_resource(mut platform: Platform) {
    const AGENTS: usize = 6;
    const TURNS: usize = 10;
    let elsewhere = Receiver::kind();
    let to = elsewhere.url.clone();
    // A third of what it is sent goes wrong.
    let receiver = Receiver::start(move |number, _| match number % 9 {
        0 => Behavior::Answer(500),
        3 => Behavior::Close,
        6 => Behavior::Redirect(to.clone()),
        _ => Behavior::Answer(204),
    });
    let webhook = platform.webhook(Family::LedgerOs, &receiver.url);
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Approved);
    let agents = [(); AGENTS].map(|()| platform.agent(holder));
    for turn in 0..TURNS {
        let courier = platform.courier();
        agents.iter().for_each(|agent| platform.suspend(*agent));
        let (taken, before) = (|seen: &[Received]| seen.len(), receiver.seen().len());
        let_pass(&platform, SECOND_MS, || before + turn < taken(&receiver.seen()));
        drop(courier);
    }
    let expected = 2 + AGENTS * (1 + TURNS);
    let courier = platform.courier();
    let_pass(&platform, 10 * SECOND_MS, || {
        let log = platform.log(webhook);
        log.len() == expected && log.iter().all(|message| message.state == State::Delivered)
    });
    drop(courier);

    let (seen, log) = (receiver.seen(), platform.log(webhook));
    let ids: BTreeSet<_> = log.iter().map(|message| message.id.clone()).collect();
    let taken = seen.iter().filter(|request| request.was_taken());
    let taken: BTreeSet<_> = taken.map(|request| request.field("id")).collect();
    assert_eq!(ids.len(), expected);
    assert_eq!(taken, ids, "each has arrived");
    for (resource, came) in by_resource(&seen) {
        let of_it = log.iter().filter(|message| message.resource == resource);
        let in_order: Vec<_> = of_it.map(|message| message.id.clone()).collect();
        let mut came = came;
        came.dedup();
        assert_eq!(came, in_order, "{resource}");
    }
    let logged: usize = log.iter().map(|message| message.attempts.len()).sum();
    assert!(expected < logged && logged <= seen.len(), "{logged} of {}", seen.len());
    let attempts = log.iter().flat_map(|message| &message.attempts);
    let words: BTreeSet<_> = attempts
        .map(|attempt| {
            attempt.status.map_or_else(|| attempt.fault.clone().unwrap(), |s| s.to_string())
        })
        .collect();
    let expected = ["204", "307", "500", "connection_lost"];
    assert_eq!(words, expected.map(str::to_owned).into());
    assert!(elsewhere.seen().is_empty(), "redirects are not followed");
}

fn a_webhook_that_hangs_holds_up_no_other(mut platform: Platform) {
    let (slow, fast) = (Receiver::start(|_, _| Behavior::Hang), Receiver::kind());
    let hanging = platform.webhook(Family::LedgerOs, &slow.url);
    platform.webhook(Family::LedgerOs, &fast.url);
    let _courier = platform.courier();
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Approved);
    for _ in 0..30 {
        platform.agent(holder);
    }
    assert_eq!(fast.wait(|seen| seen.len() == 32).len(), 32);
    // Of each thing one message, and no more than a lane holds.
    assert_eq!(slow.wait(|seen| seen.len() == 8).len(), 8);
    let log = platform.wait_for_log(hanging, |log| log.len() == 32);
    assert!(log.iter().all(|message| message.state == State::Waiting));
}

fn a_message_is_parked_after_three_days_and_the_next_goes_on(mut platform: Platform) {
    let receiver = Receiver::start(|_, body| match body.contains("agent.created") {
        true => Behavior::Answer(503),
        false => Behavior::Answer(200),
    });
    let webhook = platform.webhook(Family::LedgerOs, &receiver.url);
    let _courier = platform.courier();
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Approved);
    let agent = platform.agent(holder);
    platform.suspend(agent);
    let begun = platform.clock.now();
    let state = |log: &[crate::Delivery], topic: &str| {
        log.iter().find(|message| message.topic == topic).map(|message| message.state)
    };
    let log = platform.wait_for_log(webhook, |log| {
        let tried = log
            .iter()
            .any(|message| message.topic == "agent.created" && !message.attempts.is_empty());
        tried && state(log, "user.approved") == Some(State::Delivered)
    });
    assert_eq!(state(&log, "agent.suspended"), Some(State::Waiting));
    let (mut last, until) = (0, Instant::now() + WAIT_MAX);
    let log = loop {
        assert!(Instant::now() < until, "it is tried for ever");
        let log = platform.log(webhook);
        let first = log.iter().find(|message| message.topic == "agent.created").unwrap();
        if first.state == State::Parked {
            break log;
        }
        let second = log.iter().find(|message| message.topic == "agent.suspended").unwrap();
        assert_eq!(
            (second.state, second.next_at),
            (State::Waiting, None),
            "it waits for the first"
        );
        let next_at = first.next_at.unwrap();
        if last < first.attempts.len() {
            // Straight to the next attempt.
            last = first.attempts.len();
            let now = platform.clock.now();
            platform.clock.pass(next_at.as_millis().saturating_sub(now.as_millis()));
        }
        pause();
    };
    let first = log.iter().find(|message| message.topic == "agent.created").unwrap();
    let passed = platform.clock.now().as_millis() - begun.as_millis();
    assert!(
        (3 * 24 * 60 * MINUTE_MS..=3 * 24 * 60 * MINUTE_MS + 6 * 60 * MINUTE_MS).contains(&passed)
    );
    assert!((20..=40).contains(&first.attempts.len()), "{}", first.attempts.len());
    assert!(first.attempts.iter().all(|attempt| attempt.status == Some(503)));
    assert_eq!(first.next_at, None);
    platform.wait_for_log(webhook, |log| state(log, "agent.suspended") == Some(State::Delivered));
}

fn a_replay_tells_the_same_again(mut platform: Platform) {
    let receiver = Receiver::kind();
    let early = platform.holder();
    platform.deposit(early, 5_00);
    platform.verify(early, VerificationStatus::Approved);
    let webhook = platform.webhook(Family::LedgerOs, &receiver.url);
    let _courier = platform.courier();
    let (_, agent) = platform.spender(100_00);
    platform.suspend(agent);
    let told = receiver.wait(|seen| seen.len() == 5);
    platform.wait_for_log(webhook, |log| log.iter().all(|m| m.state == State::Delivered));

    platform.replay(webhook, 1);
    // With what happened before there was a webhook.
    let seen = receiver.wait(|seen| seen.len() == 5 + 3 + 5);
    let body = |request: &Received| (request.field("id"), request.body.clone());
    let before: BTreeMap<_, _> = told.iter().map(body).collect();
    let again: BTreeMap<_, _> = seen[5..].iter().map(body).collect();
    assert_eq!((before.len(), again.len()), (5, 8));
    assert!(before.iter().all(|(id, body)| again.get(id) == Some(body)), "the same bytes");
    let log = platform.wait_for_log(webhook, |log| log.iter().all(|m| m.state == State::Delivered));
    assert_eq!(log.len(), 8);
    for message in log {
        let was_told = before.contains_key(&message.id);
        let replays: Vec<_> = message.attempts.iter().map(|attempt| attempt.is_replay).collect();
        assert!(message.is_replay);
        assert_eq!(replays, if was_told { vec![false, true] } else { vec![true] });
    }
    // What happens afterwards is told as always.
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Denied);
    receiver.wait(|seen| seen.len() == 14);
}

fn what_nobody_wants_any_more_is_not_sent(mut platform: Platform) {
    use ledger::Command;
    use ledger::webhooks::{ChangeWebhook, RemoveWebhook, Topics, WebhookStatus};

    let receiver = Receiver::start(|number, _| match number {
        0..2 => Behavior::Answer(500),
        _ => Behavior::Answer(200),
    });
    let (disabled, removed) = (
        platform.webhook(Family::LedgerOs, &receiver.url),
        platform.webhook(Family::LedgerOs, &receiver.url),
    );
    let _courier = platform.courier();
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Denied);
    receiver.wait(|seen| seen.len() == 2);
    let change = |status, topics| ChangeWebhook { webhook: disabled, url: None, topics, status };
    platform.act(Command::ChangeWebhook(change(Some(WebhookStatus::Disabled), None)));
    platform.act(Command::RemoveWebhook(RemoveWebhook { webhook: removed }));
    platform.verify(holder, VerificationStatus::NeedsInformation);
    for webhook in [disabled, removed] {
        let log = platform.wait_for_log(webhook, |log| {
            log.first().is_some_and(|m| m.state == State::Dropped && m.attempts.len() == 1)
        });
        assert_eq!(log.len(), 1, "what happened meanwhile is not there");
    }
    // Their time has come, and nobody is told.
    platform.clock.pass(24 * 60 * MINUTE_MS);
    let topics = Topics::new([ledger::webhooks::Topic::UserApproved].into());
    platform.act(Command::ChangeWebhook(change(Some(WebhookStatus::Enabled), topics)));
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Approved);
    let seen = receiver.wait(|seen| seen.len() == 3);
    assert_eq!(seen[2].field("type"), "user.approved");
    assert_eq!(platform.log(disabled).len(), 2);
}
