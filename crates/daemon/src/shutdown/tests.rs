use std::{future::Future, pin::pin, task::Poll};

use super::*;

/// Polls once.
fn is_done(future: impl Future) -> bool {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    matches!(pin!(future).poll(&mut context), Poll::Ready(_))
}

#[test]
fn nothing_is_triggered_until_someone_does() {
    assert!(!is_done(Shutdown::new().triggered()));
}

#[test]
fn a_trigger_reaches_every_clone_before_and_after_it() {
    let shutdown = Shutdown::new();
    let before = shutdown.clone();
    shutdown.trigger();
    assert!(is_done(before.triggered()));
    assert!(is_done(shutdown.clone().triggered()));
}

#[test]
fn a_second_trigger_changes_nothing() {
    let shutdown = Shutdown::new();
    shutdown.trigger();
    shutdown.trigger();
    assert!(is_done(shutdown.triggered()));
}

#[tokio::test]
async fn a_trigger_wakes_who_already_waits() {
    let shutdown = Shutdown::new();
    tokio::join!(shutdown.triggered(), async { shutdown.trigger() });
}
