use ledger::time::MINUTE_MS;

use super::*;

const NOW: Timestamp = Timestamp::MAX;

fn now() -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000)
}

fn webhook(number: u8) -> WebhookId {
    WebhookId([number; 16])
}

#[test]
fn waits_double_and_are_spread_but_never_long() {
    let at = |attempts, seed| {
        let tried = Tried { id: "evt_1", since: now(), attempts };
        match judge(tried, Outcome::Failed, now(), seed) {
            Verdict::Again(at) => at.as_millis() - now().as_millis(),
            verdict => panic!("{verdict:?}"),
        }
    };
    let mut waits = BTreeSet::new();
    for attempts in 1..60 {
        let longest = (5_000_u64 << (attempts - 1).min(20)).min(6 * HOUR_MS);
        for seed in 0..20 {
            let wait = at(attempts, seed);
            assert!(longest / 2 <= wait && wait <= longest, "{attempts}: {wait}");
            assert_eq!(wait, at(attempts, seed), "it is no chance");
            waits.insert(wait);
        }
    }
    assert!(900 < waits.len(), "{}", waits.len());
}

#[test]
fn a_message_is_parked_after_three_days_and_a_constant_number_of_attempts() {
    for seed in 0..50 {
        let (mut at, mut attempts) = (now(), 1);
        loop {
            let tried = Tried { id: "evt_1", since: now(), attempts };
            match judge(tried, Outcome::Failed, at, seed) {
                Verdict::Again(next) => (at, attempts) = (next, attempts + 1),
                Verdict::Parked => break,
                Verdict::Delivered => panic!("it was not"),
            }
        }
        let took = at.as_millis() - now().as_millis();
        assert!((TRIED_MS..TRIED_MS + 6 * HOUR_MS).contains(&took), "{took}");
        assert!((20..=40).contains(&attempts), "{attempts}");
    }
}

#[test]
fn what_is_old_already_is_tried_once() {
    let tried = Tried { id: "evt_1", since: now().minus_ms(TRIED_MS), attempts: 1 };
    assert_eq!(judge(tried, Outcome::Failed, now(), 0), Verdict::Parked);
    assert_eq!(judge(tried, Outcome::Taken, now(), 0), Verdict::Delivered);
}

#[test]
fn a_webhook_is_looked_at_when_its_time_has_come() {
    let mut machine = Machine::default();
    assert_eq!((machine.look(NOW), machine.next_at()), (None, None));
    machine.wake(webhook(1), now().plus_ms(MINUTE_MS));
    machine.wake(webhook(1), now().plus_ms(2 * MINUTE_MS));
    assert_eq!(machine.look(now()), None);
    assert_eq!(machine.next_at(), Some(now().plus_ms(MINUTE_MS)));
    let look = machine.look(now().plus_ms(MINUTE_MS));
    assert_eq!(look, Some(Look { webhook: webhook(1), room: LANE_MAX }));
    assert_eq!(machine.look(NOW), None, "whoever looks wakes it again");
}

#[test]
fn a_time_that_no_failure_leads_to_is_not_waited_for() {
    let mut machine = Machine::default();
    machine.wake(webhook(1), latest_again(now()));
    machine.wake(webhook(2), latest_again(now()).plus_ms(1));
    assert_eq!(machine.look(now()).map(|look| look.webhook), Some(webhook(2)));
    assert_eq!(machine.look(now()), None);
}

#[test]
fn a_webhook_that_hangs_has_a_lane_of_its_own() {
    let mut machine = Machine::default();
    for number in 0..LANE_MAX {
        machine.sent(webhook(1), &format!("card_{number}"));
    }
    machine.wake(webhook(1), now());
    machine.wake(webhook(2), now());
    assert_eq!(machine.next_at(), Some(now()), "of the second");
    assert_eq!(machine.look(now()).map(|look| look.webhook), Some(webhook(2)));
    assert_eq!((machine.look(now()), machine.next_at()), (None, None));
    machine.ended(webhook(1), "card_0", Outcome::Taken, now());
    assert_eq!(machine.look(now()), Some(Look { webhook: webhook(1), room: 1 }));
}

#[test]
fn a_webhook_that_fails_is_tried_with_one_message_at_a_time() {
    let mut machine = Machine::default();
    for number in 0..3 {
        machine.sent(webhook(1), &format!("card_{number}"));
    }
    machine.ended(webhook(1), "card_0", Outcome::Failed, now());
    machine.ended(webhook(1), "card_1", Outcome::Failed, now());
    assert_eq!(machine.look(now()), None, "one is on its way");
    machine.ended(webhook(1), "card_2", Outcome::Failed, now());
    assert_eq!(machine.look(now()), Some(Look { webhook: webhook(1), room: 1 }));
    machine.sent(webhook(1), "card_0");
    machine.ended(webhook(1), "card_0", Outcome::Taken, now());
    assert_eq!(machine.look(now()), Some(Look { webhook: webhook(1), room: LANE_MAX }));
}

#[test]
fn there_is_an_end_to_what_is_on_its_way_and_each_has_its_turn() {
    let mut machine = Machine::default();
    let webhooks = ALL_MAX / LANE_MAX + 2;
    for number in 0..webhooks {
        machine.wake(webhook(number as u8), now());
    }
    let mut turns = Vec::new();
    while let Some(Look { webhook, room }) = machine.look(now()) {
        turns.push(webhook);
        for number in 0..room {
            assert!(!machine.is_busy(webhook, &format!("card_{number}")));
            machine.sent(webhook, &format!("card_{number}"));
            assert!(machine.is_busy(webhook, &format!("card_{number}")));
        }
        assert_eq!(machine.busy(webhook), room);
        machine.wake(webhook, now());
    }
    assert_eq!(turns.len(), webhooks - 2);
    machine.ended(webhook(0), "card_0", Outcome::Taken, now());
    let next = machine.look(now()).unwrap();
    assert_eq!(next, Look { webhook: webhook(webhooks as u8 - 2), room: 1 }, "whose turn it is");
}
