//! Finds the leader of a book, and opens a stream to it.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use journal::Epoch;
use ledger::BookId;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use super::writers::{Leader, SILENCE_MAX, Word, Writers, ask};
use crate::limits::MESSAGE_BYTES_MAX;
use crate::proto::commands_client::CommandsClient;
use crate::proto::{NumberedRequest, SubmitStreamRequest, SubmitStreamResponse};

/// How long to wait before all are asked again.
const PAUSE: Duration = Duration::from_millis(100);

/// How many processes are asked that were named by others.
const HINTS_MAX: usize = 8;

/// How many messages wait to be written: one, while what comes meanwhile gathers for the next.
const REQUESTS_WAITING: usize = 1;

/// A stream to a leader.
pub(super) struct Open {
    /// The claim under which it leads.
    pub(super) epoch: Epoch,
    /// Where commands go.
    pub(super) requests: mpsc::Sender<SubmitStreamRequest>,
    /// Where results come from.
    pub(super) answers: Streaming<SubmitStreamResponse>,
}

/// A message of commands that follows the first.
pub(super) fn message(requests: Vec<NumberedRequest>) -> SubmitStreamRequest {
    SubmitStreamRequest { book: Bytes::new(), requests }
}

/// A stream to the leader of a book, whenever there is one. `last` is the claim of the one before: the same one is gone
/// back to only when nobody has a later claim. `hints` are where the leader may be besides, and are used up.
pub(super) async fn stream(
    writers: &Writers,
    book: BookId,
    last: Option<Epoch>,
    hints: &mut Vec<String>,
) -> Open {
    loop {
        if let Some(open) = ask_all(writers, book, last, std::mem::take(hints)).await {
            return open;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Asks every process at once, and those that these name.
async fn ask_all(
    writers: &Writers,
    book: BookId,
    last: Option<Epoch>,
    hints: Vec<String>,
) -> Option<Open> {
    let mut asked = Vec::new();
    let mut answers = FuturesUnordered::new();
    for address in hints.iter().chain(writers.addresses()) {
        if !asked.contains(address) {
            asked.push(address.clone());
            answers.push(ask(writers, book, address.clone()));
        }
    }
    let asked_max = writers.addresses().len() + HINTS_MAX;
    let mut before: Option<Leader> = None;
    while let Some((_, word)) = answers.next().await {
        match word {
            Some(Word::Leads(leader)) if last < Some(leader.epoch) => {
                if let Some(open) = open(writers, book, &leader).await {
                    return Some(open);
                }
            }
            Some(Word::Leads(leader)) => before = Some(leader),
            Some(Word::Follows(Some(address))) => {
                if !asked.contains(&address) && asked.len() < asked_max {
                    asked.push(address.clone());
                    answers.push(ask(writers, book, address));
                }
            }
            Some(Word::Follows(None)) | None => {}
        }
    }
    open(writers, book, &before?).await
}

/// Opens a stream. Nothing is sent before the leader has said under which claim it leads.
async fn open(writers: &Writers, book: BookId, leader: &Leader) -> Option<Open> {
    let channel = writers.channel(&leader.address).ok()?;
    let (requests, messages) = mpsc::channel(REQUESTS_WAITING);
    let first = SubmitStreamRequest { book: Bytes::copy_from_slice(&book.0), requests: Vec::new() };
    requests.try_send(first).ok()?;
    let mut client = CommandsClient::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let opening = async {
        let mut answers = client.submit_stream(ReceiverStream::new(messages)).await?.into_inner();
        let greeting = answers.message().await?;
        Ok::<_, tonic::Status>((answers, greeting))
    };
    match tokio::time::timeout(SILENCE_MAX, opening).await {
        Ok(Ok((answers, Some(greeting)))) => {
            Some(Open { epoch: Epoch(greeting.epoch), requests, answers })
        }
        Ok(Ok((_, None))) | Err(_) => None,
        Ok(Err(status)) => {
            tracing::debug!(address = leader.address, %status, "leader does not take commands");
            None
        }
    }
}
