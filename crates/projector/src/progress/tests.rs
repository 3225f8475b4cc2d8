use super::*;

fn progress(position: u64, stopped: Option<&str>) -> Progress {
    let (position, digest) = (Position(position), Digest::default());
    Progress { position, digest, stopped: stopped.map(Into::into), ..Progress::default() }
}

fn soon() -> Instant {
    Instant::now() + std::time::Duration::from_secs(60)
}

#[tokio::test]
async fn who_waits_goes_on_when_the_entry_is_shown() {
    let (sender, mut receiver) = watch::channel(progress(1, None));
    let waiting = tokio::spawn(async move { wait_for(&mut receiver, Position(3), soon()).await });
    sender.send_replace(progress(2, None));
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    sender.send_replace(progress(4, None));
    assert_eq!(waiting.await.unwrap(), Ok(()));
}

#[tokio::test]
async fn what_is_shown_already_is_not_waited_for() {
    let (_sender, mut receiver) = watch::channel(progress(3, Some("a fault")));
    assert_eq!(wait_for(&mut receiver, Position(3), Instant::now()).await, Ok(()));
}

#[tokio::test]
async fn the_deadline_ends_the_waiting() {
    let (_sender, mut receiver) = watch::channel(progress(1, None));
    let late = wait_for(&mut receiver, Position(3), Instant::now()).await;
    assert_eq!(late, Err(Late::Behind { position: Position(1) }));
}

#[tokio::test]
async fn nobody_waits_for_a_read_model_that_has_stopped() {
    let (_sender, mut receiver) = watch::channel(progress(1, Some("a fault")));
    let late = wait_for(&mut receiver, Position(3), soon()).await;
    assert_eq!(late, Err(Late::Stopped { position: Position(1), reason: "a fault".into() }));
}

#[tokio::test]
async fn nobody_waits_for_a_projector_that_is_gone() {
    let (sender, mut receiver) = watch::channel(progress(1, None));
    drop(sender);
    let late = wait_for(&mut receiver, Position(3), soon()).await;
    assert_eq!(late, Err(Late::Behind { position: Position(1) }));
}
