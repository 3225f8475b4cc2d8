use ledger::keys::{Family, Scope};
use ledger::{KeyId, Timestamp};

use super::*;

const WROTE: Position = Position(3);

fn key(prefix: [u8; 8]) -> Key {
    Key {
        prefix,
        id: KeyId([1; 16]),
        position: Position(1),
        at: Timestamp::default(),
        family: Family::LedgerOs,
        scope: Scope::Write,
        digest: [0; 32],
        agent: None,
        revoked_at: None,
    }
}

#[test]
fn a_key_is_believed_in_for_half_a_second() {
    let (ring, prefix, asked_at) = (Ring::default(), [1; 8], Instant::now());
    assert!(ring.fresh(prefix, asked_at).is_none());
    ring.learn(prefix, Some(key(prefix)), asked_at, WROTE);
    assert!(ring.fresh(prefix, asked_at + RENEWED_AFTER - Duration::from_millis(1)).is_some());
    assert!(ring.fresh(prefix, asked_at + FRESH).is_none());
}

#[test]
fn one_request_renews_a_key_while_the_others_go_on() {
    let (ring, prefix, asked_at) = (Ring::default(), [1; 8], Instant::now());
    for renewed_at in [asked_at, asked_at + RENEWED_AFTER] {
        ring.learn(prefix, Some(key(prefix)), renewed_at, WROTE);
        let later = renewed_at + RENEWED_AFTER;
        assert!(ring.fresh(prefix, later).is_none(), "the first one asks");
        assert!(ring.fresh(prefix, later).is_some());
        assert!(ring.fresh(prefix, renewed_at + FRESH).is_none(), "its answer did not come");
    }
}

#[test]
fn a_key_that_is_gone_is_forgotten_at_once() {
    let (ring, prefix, asked_at) = (Ring::default(), [1; 8], Instant::now());
    ring.learn(prefix, Some(key(prefix)), asked_at, WROTE);
    assert!(ring.learn(prefix, None, asked_at, WROTE).is_none());
    assert!(ring.fresh(prefix, asked_at).is_none());
}

#[test]
fn what_a_key_wrote_is_known_after_it_was_asked_for_again() {
    let (ring, prefix, asked_at) = (Ring::default(), [1; 8], Instant::now());
    let before = ring.learn(prefix, Some(key(prefix)), asked_at, WROTE).unwrap();
    assert_eq!(before.wrote(), WROTE, "it may have been this key");
    before.note(Position(7));
    let after = ring.learn(prefix, Some(key(prefix)), asked_at + FRESH, WROTE).unwrap();
    // Of a request that was under way meanwhile.
    before.note(Position(9));
    before.note(Position(8));
    assert_eq!(after.wrote(), Position(9));
}

#[test]
fn no_more_keys_are_remembered_than_there_may_be() {
    let (ring, asked_at) = (Ring::default(), Instant::now());
    let prefix = |number: usize| (number as u64).to_be_bytes();
    for number in 0..=KEYS_MAX {
        assert!(ring.learn(prefix(number), Some(key(prefix(number))), asked_at, WROTE).is_some());
    }
    assert_eq!(ring.0.read().unwrap().keys.len(), KEYS_MAX);
    let last = prefix(KEYS_MAX + 1);
    ring.learn(last, Some(key(last)), asked_at + FRESH, WROTE);
    assert_eq!(ring.0.read().unwrap().keys.len(), 1, "the old ones made room");
}

#[test]
fn a_key_that_was_revoked_here_is_refused_whatever_the_directory_still_says() {
    let (ring, prefix, asked_at) = (Ring::default(), [1; 8], Instant::now());
    ring.learn(prefix, Some(key(prefix)), asked_at, WROTE);
    ring.revoke(KeyId([2; 16]));
    assert!(ring.fresh(prefix, asked_at).is_some(), "that was another one");
    ring.revoke(KeyId([1; 16]));
    assert!(ring.fresh(prefix, asked_at).is_none());
    assert!(ring.learn(prefix, Some(key(prefix)), asked_at, WROTE).is_none());
}

#[test]
fn a_key_that_was_revoked_elsewhere_is_refused_once_the_directory_says_so() {
    let (ring, prefix, asked_at) = (Ring::default(), [1; 8], Instant::now());
    ring.learn(prefix, Some(key(prefix)), asked_at, WROTE);
    let revoked = Key { revoked_at: Some(Timestamp::default()), ..key(prefix) };
    assert!(ring.learn(prefix, Some(revoked), asked_at + FRESH, WROTE).is_none());
    assert!(ring.fresh(prefix, asked_at).is_none());
}
