//! One command at a time, as any client sends it.

use bytes::Bytes;
use ledger::Rejection;
use rpc::Refusal;
use rpc::proto::commands_client::CommandsClient;
use rpc::proto::leadership_client::LeadershipClient;
use rpc::proto::outcome::Outcome;
use rpc::proto::{
    Command, LeaderRequest, Rejection as Rejected, Request, Role, StartVerification, SubmitRequest,
    command, rejection,
};
use tonic::{Code, Status};

use crate::play::{BOOK, Process, done, in_time};

fn message(id: u8) -> SubmitRequest {
    let holder = Bytes::from(vec![id; 16]);
    let kind = command::Kind::StartVerification(StartVerification { holder });
    let request = Request {
        id: Bytes::from(vec![id; 16]),
        origin: None,
        command: Some(Command { kind: Some(kind) }),
    };
    SubmitRequest { book: Bytes::from(BOOK.0.to_vec()), request: Some(request), trial: false }
}

/// Submits to a process, in the background.
fn submit(
    process: &Process,
    message: impl tonic::IntoRequest<SubmitRequest>,
) -> tokio::task::JoinHandle<Result<Outcome, Status>> {
    let mut client = CommandsClient::new(process.channel());
    let message = message.into_request();
    tokio::spawn(async move {
        let response = client.submit(message).await?;
        Ok(response.into_inner().outcome.unwrap().outcome.unwrap())
    })
}

async fn refused(process: &Process, message: impl tonic::IntoRequest<SubmitRequest>) -> Status {
    in_time(submit(process, message)).await.unwrap().unwrap_err()
}

#[tokio::test]
async fn a_command_comes_to_the_writer_and_its_entry_back() {
    let process = Process::start().await;
    let mut writer = process.lead(1);
    let call = submit(&process, message(1));
    let submission = writer.next().await;
    assert!(!submission.is_trial);
    let request = submission.request.clone();
    done(submission, true);
    let Outcome::Answer(answer) = in_time(call).await.unwrap().unwrap() else {
        panic!("it was done")
    };
    assert!(answer.replay);
    let stored = journal::decode(answer.entry.to_vec()).unwrap();
    assert_eq!(stored.entry.command, request.id);
}

#[tokio::test]
async fn a_trial_is_one() {
    let process = Process::start().await;
    let mut writer = process.lead(1);
    let call = submit(&process, SubmitRequest { trial: true, ..message(1) });
    let submission = writer.next().await;
    assert!(submission.is_trial);
    done(submission, false);
    assert!(matches!(in_time(call).await.unwrap(), Ok(Outcome::Answer(_))));
}

#[tokio::test]
async fn a_rejection_is_an_outcome() {
    let process = Process::start().await;
    let mut writer = process.lead(1);
    let call = submit(&process, message(1));
    let rejection = Rejection::TooManyCards { max: 3 };
    writer.next().await.reply.send(Err(Refusal::Rejected(rejection))).unwrap();
    let kind = Some(rejection::Kind::TooManyCards(3));
    assert_eq!(in_time(call).await.unwrap().unwrap(), Outcome::Rejected(Rejected { kind }));
}

#[tokio::test]
async fn failures_are_statuses() {
    let process = Process::start().await;
    let mut writer = process.lead(1);
    for (refusal, code) in
        [(Refusal::Unavailable, Code::Unavailable), (Refusal::Unknown, Code::Unknown)]
    {
        let call = submit(&process, message(1));
        writer.next().await.reply.send(Err(refusal)).unwrap();
        assert_eq!(in_time(call).await.unwrap().unwrap_err().code(), code);
    }
    let call = submit(&process, message(1));
    drop(writer.next().await);
    assert_eq!(in_time(call).await.unwrap().unwrap_err().code(), Code::Unknown);
    drop(writer);
    assert_eq!(refused(&process, message(1)).await.code(), Code::Unavailable);
}

#[tokio::test]
async fn a_full_queue_says_when_to_come_again() {
    let process = Process::start().await;
    let _writer = process.lead_with(1, 1);
    let mut calls = tokio::task::JoinSet::new();
    for id in 0..3 {
        let mut client = CommandsClient::new(process.channel());
        calls.spawn(async move { client.submit(message(id)).await });
    }
    // One waits in the queue.
    let status = in_time(calls.join_next()).await.unwrap().unwrap().unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.metadata().contains_key("grpc-retry-pushback-ms"));
}

#[tokio::test]
async fn who_comes_to_another_process_is_told_the_leader() {
    let (process, leader) = (Process::start().await, Process::start().await);
    let status = refused(&process, message(1)).await;
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert!(!status.metadata().contains_key("ledgeros-leader"));
    process.follow(Some(&leader));
    let status = refused(&process, message(1)).await;
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(
        status.metadata().get("ledgeros-leader").unwrap(),
        leader.address.to_string().as_str()
    );
}

#[tokio::test]
async fn a_process_says_what_it_is_to_a_book() {
    let (process, leader) = (Process::start().await, Process::start().await);
    let mut client = LeadershipClient::new(process.channel());
    let asked = LeaderRequest { book: Bytes::from(BOOK.0.to_vec()) };
    process.follow(Some(&leader));
    let answer = in_time(client.leader(asked.clone())).await.unwrap().into_inner();
    assert_eq!(answer.role(), Role::Follows);
    assert_eq!((answer.epoch, answer.leader), (None, Some(leader.address.to_string())));
    let _writer = process.lead(7);
    let answer = in_time(client.leader(asked)).await.unwrap().into_inner();
    assert_eq!(answer.role(), Role::Leads);
    assert_eq!((answer.epoch, answer.leader), (Some(7), None));
}

#[tokio::test]
async fn what_is_no_command_is_refused_by_the_name_of_its_field() {
    let process = Process::start().await;
    let mut writer = process.lead(1);
    let status = refused(&process, SubmitRequest { book: Bytes::new(), ..message(1) }).await;
    assert_eq!((status.code(), status.message().contains("`book`")), (Code::InvalidArgument, true));
    let other = Bytes::from(vec![9; 16]);
    let status = refused(&process, SubmitRequest { book: other, ..message(1) }).await;
    assert_eq!(status.code(), Code::NotFound);
    let status = refused(&process, SubmitRequest { request: None, ..message(1) }).await;
    assert!(status.message().contains("`request`"), "{status}");
    let mut short = message(1);
    short.request.as_mut().unwrap().id.truncate(15);
    let status = refused(&process, short).await;
    assert_eq!((status.code(), status.message().contains("`id`")), (Code::InvalidArgument, true));
    assert!(writer.is_idle());
}

/// A request of a later version, which wants more.
#[derive(Clone, PartialEq, prost::Message)]
struct Newer {
    #[prost(bytes = "bytes", tag = "1")]
    book: Bytes,
    #[prost(message, optional, tag = "2")]
    request: Option<Request>,
    #[prost(uint32, tag = "99")]
    more: u32,
}

#[tokio::test]
async fn a_field_that_is_not_known_is_refused() {
    let process = Process::start().await;
    let mut writer = process.lead(1);
    let SubmitRequest { book, request, .. } = message(1);
    let mut client = tonic::client::Grpc::new(process.channel());
    in_time(client.ready()).await.unwrap();
    let call = client.unary(
        tonic::Request::new(Newer { book, request, more: 1 }),
        "/ledgeros.v1.Commands/Submit".parse().unwrap(),
        tonic_prost::ProstCodec::<Newer, rpc::proto::SubmitResponse>::default(),
    );
    assert_eq!(in_time(call).await.unwrap_err().code(), Code::InvalidArgument);
    assert!(writer.is_idle());
}
