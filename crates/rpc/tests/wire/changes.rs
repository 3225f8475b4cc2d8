//! The client, while leaders change.

use ledger::{CommandId, Rejection};
use rpc::Refusal;
use rpc::client::{Leader, leader};
use tokio::net::TcpListener;

use crate::play::{
    BOOK, Process, client_of, done, in_time, request, result, submitted, writers_of,
};

#[tokio::test]
async fn commands_come_to_the_writer_and_each_answer_to_whoever_asked() {
    let process = Process::start().await;
    let mut writer = process.lead(1);
    let client = process.client();
    let calls: Vec<_> = (0..50).map(|id| submitted(&client, id)).collect();
    let mut taken = Vec::new();
    for _ in 0..50 {
        taken.push(writer.next().await);
    }
    taken.into_iter().rev().for_each(|submission| done(submission, false));
    for (id, call) in (0..50).zip(calls) {
        assert_eq!(result(call).await, Ok((CommandId([id; 16]), false)));
    }
}

#[tokio::test]
async fn rejections_and_trials_go_through() {
    let process = Process::start().await;
    let mut writer = process.lead(1);
    let client = process.client();
    let call = submitted(&client, 1);
    let rejection = Rejection::TooManyCards { max: 3 };
    writer.next().await.reply.send(Err(rejection.clone().into())).unwrap();
    let refusal = call.await.unwrap().unwrap_err();
    assert!(matches!(refusal, Refusal::Rejected(found) if found == rejection));

    let trial = tokio::spawn(async move { client.try_out(request(2)).await });
    let submission = writer.next().await;
    assert!(submission.is_trial);
    done(submission, false);
    assert_eq!(result(trial).await, Ok((CommandId([2; 16]), false)));
}

#[tokio::test]
async fn a_replay_is_one() {
    let process = Process::start().await;
    let mut writer = process.lead(1);
    let call = submitted(&process.client(), 1);
    done(writer.next().await, true);
    assert_eq!(result(call).await, Ok((CommandId([1; 16]), true)));
}

#[tokio::test]
async fn the_leader_is_found_through_another_process() {
    let (other, process) = (Process::start().await, Process::start().await);
    other.follow(Some(&process));
    let mut writer = process.lead(1);
    let call = submitted(&client_of([other.address]), 1);
    writer.do_next().await;
    assert_eq!(result(call).await, Ok((CommandId([1; 16]), false)));
}

#[tokio::test]
async fn a_command_waits_for_a_leader() {
    let process = Process::start().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client_of([process.address, silent.local_addr().unwrap()]);
    let call = submitted(&client, 1);
    // The client asks.
    drop(in_time(silent.accept()).await.unwrap());
    let mut writer = process.lead(1);
    writer.do_next().await;
    assert_eq!(result(call).await, Ok((CommandId([1; 16]), false)));
}

#[tokio::test]
async fn what_a_leader_takes_no_more_goes_to_the_next() {
    let (first, second) = (Process::start().await, Process::start().await);
    let mut writer = first.lead(1);
    let client = client_of([first.address, second.address]);
    let call = submitted(&client, 1);
    writer.do_next().await;
    result(call).await.unwrap();

    let mut writer = second.lead(2);
    first.follow(Some(&second));
    let call = submitted(&client, 2);
    writer.do_next().await;
    assert_eq!(result(call).await, Ok((CommandId([2; 16]), false)));
}

#[tokio::test]
async fn what_a_leader_had_and_did_not_do_is_done_by_the_next() {
    let (first, second) = (Process::start().await, Process::start().await);
    let mut writer = first.lead(1);
    let call = submitted(&client_of([first.address, second.address]), 1);
    let taken = writer.next().await;
    let mut writer = second.lead(2);
    first.follow(Some(&second));
    taken.reply.send(Err(Refusal::Unavailable)).unwrap();
    writer.do_next().await;
    assert_eq!(result(call).await, Ok((CommandId([1; 16]), false)));
}

#[tokio::test]
async fn what_a_leader_has_done_before_it_died_is_answered_by_the_next_as_done_now() {
    let (first, second) = (Process::start().await, Process::start().await);
    let mut writer = first.lead(1);
    let call = submitted(&client_of([first.address, second.address]), 1);
    let taken = writer.next().await;
    let mut writer = second.lead(2);
    first.kill().await;
    drop(taken);
    let again = writer.next().await;
    assert_eq!(again.request, request(1));
    done(again, true);
    assert_eq!(result(call).await, Ok((CommandId([1; 16]), false)));
}

#[tokio::test]
async fn what_is_sent_while_the_leader_dies_is_done_once_by_the_next() {
    let (first, second) = (Process::start().await, Process::start().await);
    let mut writer = first.lead(1);
    let client = client_of([first.address, second.address]);
    let call = submitted(&client, 1);
    writer.do_next().await;
    result(call).await.unwrap();
    first.kill().await;
    let call = submitted(&client, 2);
    let mut writer = second.lead(2);
    writer.do_next().await;
    assert_eq!(result(call).await, Ok((CommandId([2; 16]), false)));
    assert!(writer.is_idle());
}

#[tokio::test]
async fn a_rejection_by_the_same_claim_after_a_loss_is_not_certain() {
    let process = Process::start().await;
    let mut writer = process.lead(1);
    let call = submitted(&process.client(), 1);
    // The writer does not know, and is asked again.
    writer.next().await.reply.send(Err(Refusal::Unknown)).unwrap();
    writer.next().await.reply.send(Err(Rejection::NotDue.into())).unwrap();
    assert_eq!(result(call).await, Err("Unknown".to_owned()));
}

#[tokio::test]
async fn of_two_that_think_they_lead_the_later_claim_counts() {
    let (old, new) = (Process::start().await, Process::start().await);
    let (_old, _new) = (old.lead(4), new.lead(5));
    let writers = writers_of([old.address, new.address]);
    let found = leader(&writers, BOOK).await;
    let address = new.address.to_string();
    assert_eq!(found, Some(Leader { address, epoch: journal::Epoch(5) }));
}
