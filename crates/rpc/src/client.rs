//! The other end of [`Commands`](crate::Commands) in a process that has no writer: finds the leader of a book, and has it
//! do what is asked.

use futures_util::future::{Either, select};
use journal::Epoch;
use ledger::BookId;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

pub use journals::{Entries, JournalError, head, read};
pub use writers::{ConnectError, Leader, Writers, leader};

use crate::{Answer, Refusal, Submission, form};
use machine::Machine;
use seek::Open;

mod journals;
mod machine;
mod seek;
mod writers;

/// Hands every command that comes to the leader of `book`, and what became of it back, until no more can come.
///
/// What is known not to have been done is sent again, and so is what may have been done: its id makes that harmless. Who
/// waits for longer than [`PATIENCE`](crate::PATIENCE) is told whether it is certain that nothing was done.
pub async fn run(book: BookId, submissions: mpsc::Receiver<Submission>, writers: &Writers) {
    let mut callers = Callers { machine: Machine::new(), submissions, has_ended: false };
    let mut hints = Vec::new();
    let mut last = None;
    while !callers.are_served() {
        let open = {
            let seeking = std::pin::pin!(seek::stream(writers, book, last, &mut hints));
            match select(seeking, std::pin::pin!(callers.wait_in_vain())).await {
                Either::Left((open, _)) => open,
                Either::Right(((), _)) => return,
            }
        };
        last = Some(open.epoch);
        hints.extend(converse(&mut callers, open).await);
    }
}

/// Speaks with the leader until its stream ends, or nobody waits for anything any more. Returns where another leader is,
/// if it says so.
async fn converse(callers: &mut Callers, mut open: Open) -> Option<String> {
    let status = loop {
        tokio::select! {
            response = open.answers.message() => match response {
                Ok(Some(response)) => callers.answer(open.epoch, response.results),
                Ok(None) => break None,
                Err(status) => break Some(status),
            },
            permit = open.requests.reserve(), if callers.machine.has_unsent(now()) => match permit {
                Ok(permit) => permit.send(seek::message(callers.machine.batch(now()))),
                Err(_) => break None,
            },
            () = callers.wait() => if callers.are_served() { return None },
        }
    };
    callers.machine.lost(open.epoch);
    status.as_ref().and_then(crate::status::leader).map(str::to_owned)
}

type Reply = oneshot::Sender<Result<Answer, Refusal>>;

/// Those who have asked for something.
struct Callers {
    machine: Machine<Reply>,
    submissions: mpsc::Receiver<Submission>,
    /// Whether nobody can ask for more.
    has_ended: bool,
}

impl Callers {
    /// Whether nobody waits, and nobody ever will.
    fn are_served(&self) -> bool {
        self.has_ended && self.machine.is_empty()
    }

    /// Waits while there is no leader, until nobody waits for one.
    async fn wait_in_vain(&mut self) {
        while !self.are_served() {
            self.wait().await;
        }
    }

    /// Takes what is asked for, or gives up what has taken too long, whatever comes first. Nothing is lost when it is
    /// dropped halfway.
    async fn wait(&mut self) {
        let room = self.machine.room();
        let mut taken = Vec::new();
        let wake = self.machine.wake();
        tokio::select! {
            count = self.submissions.recv_many(&mut taken, room), if !self.has_ended && 0 < room => {
                self.has_ended = count == 0;
            }
            () = sleep_until(wake) => {}
        }
        for Submission { request, is_trial, answer_by, reply } in taken {
            self.machine.submit(reply, request, is_trial, answer_by);
        }
        for (reply, refusal) in self.machine.expire(now()) {
            send(reply, Err(refusal));
        }
    }

    fn answer(&mut self, epoch: Epoch, results: Vec<crate::proto::NumberedOutcome>) {
        for result in results {
            // What can't be read says nothing about the command.
            let outcome = form::read_outcome(&result.outcome).unwrap_or_else(|error| {
                tracing::error!(error = &error as &dyn std::error::Error, "answer unreadable");
                Err(Refusal::Unknown)
            });
            if let Some((reply, result)) =
                self.machine.answered(result.number, epoch, outcome, now())
            {
                send(reply, result);
            }
        }
    }
}

/// Whoever has asked may be gone.
fn send(reply: Reply, result: Result<Answer, Refusal>) {
    let _ = reply.send(result);
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}

async fn sleep_until(time: Option<std::time::Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time.into()).await,
        None => std::future::pending().await,
    }
}
