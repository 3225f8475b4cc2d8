//! A stream of commands, as the client's machine must be able to rely on it.

use bytes::Bytes;
use rpc::proto::commands_client::CommandsClient;
use rpc::proto::{
    Command, NumberedRequest, Request, StartVerification, SubmitStreamRequest,
    SubmitStreamResponse, command,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

use crate::play::{BOOK, Process, done, in_time};

struct Stream {
    requests: mpsc::Sender<SubmitStreamRequest>,
    answers: Streaming<SubmitStreamResponse>,
}

impl Stream {
    async fn open(process: &Process) -> Self {
        let (requests, messages) = mpsc::channel(8);
        let book = Bytes::from(BOOK.0.to_vec());
        requests.send(SubmitStreamRequest { book, requests: Vec::new() }).await.unwrap();
        let mut client = CommandsClient::new(process.channel());
        let stream = client.submit_stream(ReceiverStream::new(messages));
        let answers = in_time(stream).await.unwrap().into_inner();
        Self { requests, answers }
    }

    async fn send(&self, requests: Vec<NumberedRequest>) {
        self.requests.send(SubmitStreamRequest { book: Bytes::new(), requests }).await.unwrap();
    }

    async fn next(&mut self) -> Result<Option<SubmitStreamResponse>, Status> {
        in_time(self.answers.message()).await
    }

    /// The numbers of so many results.
    async fn numbers(&mut self, count: usize) -> Vec<u64> {
        let mut numbers = Vec::new();
        while numbers.len() < count {
            let response = self.next().await.unwrap().expect("results come");
            assert_eq!(response.epoch, 3);
            numbers.extend(response.results.iter().map(|result| result.number));
        }
        numbers.sort_unstable();
        numbers
    }
}

fn numbered(number: u64) -> NumberedRequest {
    let id = Bytes::from(vec![number as u8; 16]);
    let kind = command::Kind::StartVerification(StartVerification { holder: id.clone() });
    let command = Some(Command { kind: Some(kind) });
    let request = Some(Request { id, origin: None, command });
    NumberedRequest { number, request, trial: false, patience_ms: None }
}

#[tokio::test]
async fn a_stream_begins_with_the_claim_and_answers_in_any_order() {
    let process = Process::start().await;
    let mut writer = process.lead(3);
    let mut stream = Stream::open(&process).await;
    let greeting = stream.next().await.unwrap().unwrap();
    assert_eq!((greeting.epoch, greeting.results.len()), (3, 0));
    stream.send((1..=3).map(numbered).collect()).await;
    let first = writer.next().await;
    writer.do_next().await;
    writer.do_next().await;
    assert_eq!(stream.numbers(2).await, [2, 3]);
    done(first, false);
    assert_eq!(stream.numbers(1).await, [1]);
}

#[tokio::test]
async fn a_message_with_a_bad_command_has_nothing_done() {
    let process = Process::start().await;
    let mut writer = process.lead(3);
    for bad in [
        vec![numbered(1), NumberedRequest { request: None, ..numbered(2) }],
        (0..1_025).map(numbered).collect(),
    ] {
        let mut stream = Stream::open(&process).await;
        stream.next().await.unwrap();
        stream.send(bad).await;
        assert_eq!(stream.next().await.unwrap_err().code(), Code::InvalidArgument);
        assert!(writer.is_idle());
    }
    let mut stream = Stream::open(&process).await;
    stream.next().await.unwrap();
    let book = Bytes::from(BOOK.0.to_vec());
    let again = SubmitStreamRequest { book, requests: vec![numbered(1)] };
    stream.requests.send(again).await.unwrap();
    assert_eq!(stream.next().await.unwrap_err().code(), Code::InvalidArgument);
    assert!(writer.is_idle());
}

#[tokio::test]
async fn what_was_taken_is_answered_before_a_process_stops_leading_or_ends() {
    let mut process = Process::start().await;
    for is_stopped in [false, true] {
        let mut writer = process.lead(3);
        let mut stream = Stream::open(&process).await;
        stream.next().await.unwrap();
        stream.send(vec![numbered(1)]).await;
        let taken = writer.next().await;
        match is_stopped {
            false => process.follow(None),
            true => process.stop(),
        }
        done(taken, false);
        assert_eq!(stream.numbers(1).await, [1]);
        let code = stream.next().await.unwrap_err().code();
        assert_eq!(code, if is_stopped { Code::Unavailable } else { Code::FailedPrecondition });
    }
    process.ended().await;
}

#[tokio::test]
async fn a_stream_ends_though_a_writer_that_leads_no_more_never_answers() {
    let process = Process::start().await;
    let mut writer = process.lead(3);
    let mut stream = Stream::open(&process).await;
    stream.next().await.unwrap();
    stream.send(vec![numbered(1)]).await;
    let taken = writer.next().await;
    process.follow(None);
    assert_eq!(stream.next().await.unwrap_err().code(), Code::FailedPrecondition);
    done(taken, false);
}

#[tokio::test]
async fn a_client_that_has_no_more_is_answered_and_the_stream_ends() {
    let process = Process::start().await;
    let mut writer = process.lead(3);
    let mut stream = Stream::open(&process).await;
    stream.next().await.unwrap();
    stream.send(vec![numbered(1)]).await;
    let Stream { requests, answers } = stream;
    drop(requests);
    writer.do_next().await;
    let (requests, _) = mpsc::channel(1);
    let mut stream = Stream { requests, answers };
    assert_eq!(stream.numbers(1).await, [1]);
    assert_eq!(stream.next().await.unwrap(), None);
}

#[tokio::test]
async fn what_a_full_queue_refuses_is_told_by_its_number() {
    let process = Process::start().await;
    let _writer = process.lead_with(3, 1);
    let mut stream = Stream::open(&process).await;
    stream.next().await.unwrap();
    stream.send((1..=3).map(numbered).collect()).await;
    assert_eq!(stream.numbers(2).await, [2, 3]);
}
