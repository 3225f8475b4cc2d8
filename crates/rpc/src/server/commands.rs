//! Commands: one by one, and the beginning of a stream.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::{Shelf, stream};
use crate::Refusal;
use crate::commands::patient;
use crate::form;
use crate::proto::commands_server::Commands;
use crate::proto::{SubmitRequest, SubmitResponse, SubmitStreamRequest, SubmitStreamResponse};
use crate::status::Error;

/// How many answers of a stream wait to be sent: enough that the next one is made while one is being written.
const ANSWERS_WAITING: usize = 4;

/// Hands commands to the writers.
pub(super) struct Service {
    books: Shelf,
}

impl Service {
    pub(super) fn new(books: Shelf) -> Self {
        Self { books }
    }
}

/// When a call is over, as the client wants it.
#[derive(Debug, Clone, Copy)]
struct Deadline(Instant);

/// Notes the deadline of a call when its head has come: what follows may take its time to arrive.
pub(super) fn note_deadline(mut request: Request<()>) -> Result<Request<()>, Status> {
    let timeout = request.metadata().get("grpc-timeout");
    if let Some(timeout) = timeout.and_then(|value| value.to_str().ok()).and_then(timeout_of)
        && let Some(deadline) = Instant::now().checked_add(timeout)
    {
        request.extensions_mut().insert(Deadline(deadline));
    }
    Ok(request)
}

/// At most eight digits and a unit, as the protocol has it.
fn timeout_of(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let count: u64 = digits.parse().ok().filter(|_| digits.len() <= 8)?;
    match unit {
        "H" => Some(Duration::from_secs(count * 3_600)),
        "M" => Some(Duration::from_secs(count * 60)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[tonic::async_trait]
impl Commands for Service {
    async fn submit(
        &self,
        request: Request<SubmitRequest>,
    ) -> Result<Response<SubmitResponse>, Status> {
        let deadline = request.extensions().get::<Deadline>().copied();
        let message = request.into_inner();
        let leading = self.books.leading(&message.book)?;
        let command = form::read_request(&message.request).map_err(Error::from)?;
        if deadline.is_some_and(|Deadline(deadline)| deadline <= Instant::now()) {
            return Err(Error::TooLate.into());
        }
        let result = match message.trial {
            true => leading.commands.try_out(command).await,
            false => {
                let answer_by =
                    deadline.map_or_else(patient, |Deadline(deadline)| deadline.into_std());
                leading.commands.submit_by(command, answer_by).await
            }
        };
        match result {
            Ok(_) | Err(Refusal::Rejected(_) | Refusal::Reused { .. }) => {
                Ok(Response::new(SubmitResponse { outcome: Some(form::outcome(&result)) }))
            }
            Err(failure @ (Refusal::Busy | Refusal::Unavailable | Refusal::Unknown)) => {
                Err(Error::from(failure).into())
            }
        }
    }

    type SubmitStreamStream = ReceiverStream<Result<SubmitStreamResponse, Status>>;

    async fn submit_stream(
        &self,
        request: Request<Streaming<SubmitStreamRequest>>,
    ) -> Result<Response<Self::SubmitStreamStream>, Status> {
        let mut requests = request.into_inner();
        let first = requests.message().await?.unwrap_or_default();
        let leading = self.books.leading(&first.book)?;
        let (answers, responses) = mpsc::channel(ANSWERS_WAITING);
        let stopping = self.books.stopping.clone();
        tokio::spawn(stream::converse(leading, stopping, first, requests, answers));
        Ok(Response::new(ReceiverStream::new(responses)))
    }
}

#[cfg(test)]
mod tests;
