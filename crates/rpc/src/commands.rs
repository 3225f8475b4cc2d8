//! Commands to the writer of a book, and its answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::{Command, Entry, Rejection, Request};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout_at;
use tracing::{Instrument, debug_span};

/// A command that was done: the entry that it wrote, durably. Or one that was tried out: the entry that it would write.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The entry.
    pub entry: Arc<Entry>,
    /// Whether it was written for an earlier request that carried the same id.
    pub is_replay: bool,
}

/// Why a command was not answered with an entry.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// The rules say no. Nothing was written.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The command's id was used for another request before. Nothing was written.
    #[error("the idempotency key was used for another request")]
    Reused {
        /// The route that it was used on; see [`ledger::Origin::route`].
        route: u16,
    },
    /// The queue is full. Nothing was written.
    #[error("too many commands are waiting")]
    Busy,
    /// The writer is not there, or could not write. Nothing was written.
    #[error("the writer is not available")]
    Unavailable,
    /// The connection to the writer was lost after the command was sent: it may have been done. The same id asks again.
    #[error("it is not known whether the command was done")]
    Unknown,
}

/// How long a command is waited for. Another leader takes over within 5 seconds, and is found within one or two.
pub const PATIENCE: Duration = Duration::from_secs(8);

/// How much longer an answer is waited for than somebody wants it: what comes at the last moment is told.
const OVERTIME: Duration = Duration::from_secs(1);

/// A command on its way to the writer.
#[derive(Debug)]
pub struct Submission {
    /// The command.
    pub request: Request,
    /// Whether it is only tried out.
    pub is_trial: bool,
    /// Until when somebody waits for the answer.
    pub answer_by: Instant,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Result<Answer, Refusal>>,
}

/// Of so many places in a queue one is kept for what a card network waits for, which gives up after seconds: what fills the
/// queue otherwise can come again.
const PLACES_FOR_ONE_KEPT: usize = 8;

/// The way to the writer of a book.
#[derive(Debug, Clone)]
pub struct Commands(mpsc::Sender<Submission>);

impl Commands {
    /// A way that holds at most `capacity` waiting commands, and its other end. An eighth of the places is kept for what a
    /// card network waits for: authorizations, and what changes one.
    pub fn channel(capacity: usize) -> (Self, mpsc::Receiver<Submission>) {
        let (sender, receiver) = mpsc::channel(capacity);
        (Self(sender), receiver)
    }

    /// Sends a command and waits until it is durable or refused. A full queue is refused at once.
    /// Its answer is waited for as long as [`PATIENCE`] says: a merchant is promised money no later. Who has none a second after
    /// that hears that nobody knows.
    ///
    /// # Panics
    ///
    /// Outside of a runtime that has a timer; so do the others.
    pub async fn submit(&self, request: Request) -> Result<Answer, Refusal> {
        self.submit_by(request, patient()).await
    }

    /// The same where somebody says until when.
    pub async fn submit_by(&self, request: Request, answer_by: Instant) -> Result<Answer, Refusal> {
        self.send(request, false, answer_by).await
    }

    /// Asks what a command would do if it came now, and waits until all that the answer rests on is durable. Nothing is
    /// written, and its id is neither looked up nor remembered.
    pub async fn try_out(&self, request: Request) -> Result<Answer, Refusal> {
        self.send(request, true, patient()).await
    }

    async fn send(
        &self,
        request: Request,
        is_trial: bool,
        answer_by: Instant,
    ) -> Result<Answer, Refusal> {
        let name = u128::from_be_bytes(request.origin.request);
        let span = debug_span!(
            "rpc.submit",
            request = format_args!("{name:032x}"),
            otel.kind = "client",
            is_trial
        );
        let answer = self.hand_over(request, is_trial, answer_by)?.instrument(span);
        match timeout_at((answer_by + OVERTIME).into(), answer).await {
            Ok(answer) => answer.unwrap_or(Err(Refusal::Unknown)),
            Err(_) => Err(if is_trial { Refusal::Unavailable } else { Refusal::Unknown }),
        }
    }

    /// Sends a command, or refuses it at once. Where the answer comes from says nothing more once the writer is gone: it
    /// is not known then whether the command was done.
    pub(crate) fn hand_over(
        &self,
        request: Request,
        is_trial: bool,
        answer_by: Instant,
    ) -> Result<oneshot::Receiver<Result<Answer, Refusal>>, Refusal> {
        // Threads that look at the same moment take a place of those that are kept, each one at most.
        let kept = self.0.max_capacity() / PLACES_FOR_ONE_KEPT;
        if !is_awaited_by_a_network(&request.command) && self.0.capacity() <= kept {
            return Err(if self.0.is_closed() { Refusal::Unavailable } else { Refusal::Busy });
        }
        let (reply, answer) = oneshot::channel();
        let submission = Submission { request, is_trial, answer_by, reply };
        match self.0.try_send(submission) {
            Ok(()) => Ok(answer),
            Err(mpsc::error::TrySendError::Full(_)) => Err(Refusal::Busy),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(Refusal::Unavailable),
        }
    }
}

/// Until when the answer to what comes now is waited for.
pub(crate) fn patient() -> Instant {
    (tokio::time::Instant::now() + PATIENCE).into_std()
}

fn is_awaited_by_a_network(command: &Command) -> bool {
    matches!(
        command,
        Command::Authorize(_) | Command::Increment(_) | Command::Confirm(_) | Command::Reverse(_)
    )
}
