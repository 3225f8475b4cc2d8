//! The writer's end of the way to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rpc::Submission;
use tokio::sync::{mpsc, oneshot};

/// Commands, until all who may send some are gone or the writer is asked to stop. What has come before is received still.
pub(crate) struct Inbox {
    queue: mpsc::Receiver<Submission>,
    stop: Option<oneshot::Receiver<()>>,
    turns: Turns,
}

/// How often a writer has gone round: another number every second, at least, as long as it is well.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns(Arc<AtomicU64>);

impl Turns {
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Inbox {
    /// One that lasts as long as somebody may send.
    pub(crate) fn new(queue: mpsc::Receiver<Submission>) -> Self {
        Self { queue, stop: None, turns: Turns::default() }
    }

    /// One that is closed as well when `stop` is sent or dropped, and whose writer is seen by its turns.
    pub(crate) fn watched(
        queue: mpsc::Receiver<Submission>,
        stop: oneshot::Receiver<()>,
        turns: Turns,
    ) -> Self {
        Self { queue, stop: Some(stop), turns }
    }

    /// Notes that the writer goes round.
    pub(super) fn turn(&self) {
        self.turns.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How many commands wait.
    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Waits for commands, and says how many there are; none, when no more will come.
    pub(super) async fn recv_many(&mut self, received: &mut Vec<Submission>, max: usize) -> usize {
        loop {
            let Some(stop) = &mut self.stop else {
                return self.queue.recv_many(received, max).await;
            };
            tokio::select! {
                biased;
                _ = stop => {
                    self.queue.close();
                    self.stop = None;
                }
                count = self.queue.recv_many(received, max) => return count,
            }
        }
    }

    /// Waits for a command; `None`, when no more will come.
    pub(super) async fn recv(&mut self) -> Option<Submission> {
        let mut received = Vec::with_capacity(1);
        self.recv_many(&mut received, 1).await;
        received.pop()
    }
}
