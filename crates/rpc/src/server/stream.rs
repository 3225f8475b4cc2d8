//! A stream of commands and of what became of them.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use journal::{Epoch, Undecodable};
use ledger::Request;
use prost::Message;
use tokio::sync::{mpsc, oneshot, watch};
use tonic::{Status, Streaming};

use super::{Leading, stopped};
use crate::commands::patient;
use crate::limits::{BATCH_BYTES, BATCH_MAX};
use crate::proto::{NumberedOutcome, NumberedRequest, SubmitStreamRequest, SubmitStreamResponse};
use crate::status::Error;
use crate::{Answer, Commands, Refusal, Role, RoleWatch, form};

/// How many commands of a stream wait for the writer before no more are read: as many as the writer puts in one append.
const IN_FLIGHT_MAX: usize = 8_192;

/// How long a stream waits for the last answers of a process that leads no more: longer than a commit takes. Of one that is
/// cut off from its database none may come, while another process leads.
const LAST_ANSWERS_MAX: Duration = Duration::from_millis(500);

/// A stream's end, when it is not the client's.
type End = Option<Status>;

/// Takes commands until the client has no more, the process no longer leads under the same claim, or is to end. Then what
/// was taken is answered, for [`LAST_ANSWERS_MAX`] where the process leads no more: whoever waits for longer asks again.
pub(super) async fn converse(
    leading: Leading,
    mut stopping: watch::Receiver<bool>,
    first: SubmitStreamRequest,
    mut requests: Streaming<SubmitStreamRequest>,
    answers: mpsc::Sender<Result<SubmitStreamResponse, Status>>,
) {
    let Leading { mut role, epoch, commands } = leading;
    let mut taken = Taken { in_flight: FuturesUnordered::new(), refused: Vec::new() };
    let mut end: Option<End> = None;
    let mut last_answers = pin!(tokio::time::sleep(LAST_ANSWERS_MAX));
    let mut leads = true;
    // The first message is answered at once: the client then knows under which claim it is served.
    let greeting = SubmitStreamResponse { epoch: epoch.0, results: Vec::new() };
    if answers.send(Ok(greeting)).await.is_err() {
        return;
    }
    if let Err(error) = taken.take(&commands, first.requests) {
        end = Some(Some(error.into()));
    }

    while end.is_none() || !taken.is_answered() {
        tokio::select! {
            results = taken.next_results(), if !taken.is_answered() => {
                let response = SubmitStreamResponse { epoch: epoch.0, results };
                if answers.send(Ok(response)).await.is_err() {
                    return;
                }
            }
            message = requests.message(), if end.is_none() && taken.has_room() => match message {
                Ok(Some(message)) => {
                    if let Err(error) = taken.take_more(&commands, message) {
                        end = Some(Some(error.into()));
                    }
                }
                Ok(None) => end = Some(None),
                Err(status) => end = Some(Some(status)),
            },
            leader = leads_no_more(&mut role, epoch), if end.is_none() => {
                end = Some(Some(Error::NotLeading { leader }.into()));
                last_answers.as_mut().reset(tokio::time::Instant::now() + LAST_ANSWERS_MAX);
                leads = false;
            }
            () = &mut last_answers, if !leads => break,
            () = stopped(&mut stopping), if end.is_none() => {
                end = Some(Some(Error::Stopping.into()));
            }
        }
    }
    if let Some(Some(status)) = end {
        // The client may be gone.
        let _ = answers.send(Err(status)).await;
    }
}

/// Waits until the process does not lead under this claim any more. Returns who does, if that is known.
async fn leads_no_more(role: &mut RoleWatch, epoch: Epoch) -> Option<String> {
    let is_over = |role: &Role| match role {
        Role::Leads { epoch: now, .. } => *now != epoch,
        Role::Follows { .. } => true,
    };
    match role.wait_for(is_over).await.as_deref() {
        Ok(Role::Follows { leader }) => leader.clone(),
        Ok(Role::Leads { .. }) | Err(_) => None,
    }
}

/// Commands that were taken and not answered.
struct Taken {
    in_flight: FuturesUnordered<Waiting>,
    refused: Vec<NumberedOutcome>,
}

impl Taken {
    fn has_room(&self) -> bool {
        self.in_flight.len() < IN_FLIGHT_MAX
    }

    fn is_answered(&self) -> bool {
        self.in_flight.is_empty() && self.refused.is_empty()
    }

    fn take_more(
        &mut self,
        commands: &Commands,
        message: SubmitStreamRequest,
    ) -> Result<(), Error> {
        if !message.book.is_empty() {
            return Err(Undecodable::Invalid { field: "book" }.into());
        }
        self.take(commands, message.requests)
    }

    /// Hands all of them to the writer, or none when one of them can't be read.
    fn take(&mut self, commands: &Commands, requests: Vec<NumberedRequest>) -> Result<(), Error> {
        if BATCH_MAX < requests.len() {
            return Err(Error::TooMany { field: "requests", max: BATCH_MAX });
        }
        let read = requests
            .iter()
            .map(|message| form::read_request(&message.request))
            .collect::<Result<Vec<Request>, _>>()?;
        for (message, request) in requests.iter().zip(read) {
            let number = message.number;
            let answer_by = message.patience_ms.map_or_else(patient, |patience_ms| {
                Instant::now() + Duration::from_millis(patience_ms.into())
            });
            match commands.hand_over(request, message.trial, answer_by) {
                Ok(answer) => self.in_flight.push(Waiting { number, answer }),
                Err(refusal) => self.refused.push(numbered(number, &Err(refusal))),
            }
        }
        Ok(())
    }

    /// What there is to say: at least one result, and those that are there besides.
    async fn next_results(&mut self) -> Vec<NumberedOutcome> {
        let mut results = std::mem::take(&mut self.refused);
        if results.is_empty() {
            let (number, result) = self.in_flight.next().await.expect("a command is in flight");
            results.push(numbered(number, &result));
        }
        let mut bytes = 0;
        while results.len() < BATCH_MAX
            && bytes < BATCH_BYTES
            && let Some(Some((number, result))) = self.in_flight.next().now_or_never()
        {
            let result = numbered(number, &result);
            bytes += result.encoded_len();
            results.push(result);
        }
        results
    }
}

fn numbered(number: u64, result: &Result<Answer, Refusal>) -> NumberedOutcome {
    NumberedOutcome { number, outcome: Some(form::outcome(result)) }
}

/// A command that the writer has.
struct Waiting {
    number: u64,
    answer: oneshot::Receiver<Result<Answer, Refusal>>,
}

impl Future for Waiting {
    type Output = (u64, Result<Answer, Refusal>);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let number = self.number;
        self.answer
            .poll_unpin(context)
            .map(|answer| (number, answer.unwrap_or(Err(Refusal::Unknown))))
    }
}
