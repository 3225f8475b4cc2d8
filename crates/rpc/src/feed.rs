//! Committed entries, for whoever follows the journal.

use std::sync::Arc;

use journal::Stored;
use ledger::Position;
use tokio::sync::{broadcast, watch};

/// How many batches a follower may be behind before it must read the journal itself.
const BATCHES_KEPT: usize = 256;

/// The writer's end.
#[derive(Debug, Clone)]
pub struct Publisher {
    batches: broadcast::Sender<Arc<[Stored]>>,
    head: watch::Sender<Position>,
}

impl Publisher {
    /// A feed of a journal that ends at `head`.
    pub fn new(head: Position) -> Self {
        let (batches, _) = broadcast::channel(BATCHES_KEPT);
        let (head, _) = watch::channel(head);
        Self { batches, head }
    }

    /// Tells every follower of a committed batch. Those that are too slow miss it.
    pub fn publish(&self, batch: Arc<[Stored]>) {
        if let Some(last) = batch.last() {
            self.head.send_replace(last.entry.position);
            // No receiver is no error: nobody follows.
            let _ = self.batches.send(batch);
        }
    }

    /// The end of the journal, as far as it was published.
    pub fn head(&self) -> Position {
        *self.head.borrow()
    }

    /// A follower's end, from now on.
    pub fn subscribe(&self) -> Feed {
        Feed { batches: self.batches.subscribe(), head: self.head.subscribe() }
    }
}

/// A follower's end.
#[derive(Debug)]
pub struct Feed {
    batches: broadcast::Receiver<Arc<[Stored]>>,
    head: watch::Receiver<Position>,
}

/// What a follower is told.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// Entries in order.
    Batch(Arc<[Stored]>),
    /// Some were missed: the journal has them.
    Missed,
    /// The writer is gone, and nothing will follow.
    Closed,
}

impl Feed {
    /// The end of the journal, as far as it was published.
    pub fn head(&self) -> Position {
        *self.head.borrow()
    }

    /// Waits for the next delivery.
    pub async fn next(&mut self) -> Delivery {
        match self.batches.recv().await {
            Ok(batch) => Delivery::Batch(batch),
            Err(broadcast::error::RecvError::Lagged(_)) => Delivery::Missed,
            Err(broadcast::error::RecvError::Closed) => Delivery::Closed,
        }
    }

    /// The next delivery, if it is there already.
    pub fn try_next(&mut self) -> Option<Delivery> {
        match self.batches.try_recv() {
            Ok(batch) => Some(Delivery::Batch(batch)),
            Err(broadcast::error::TryRecvError::Lagged(_)) => Some(Delivery::Missed),
            Err(broadcast::error::TryRecvError::Closed) => Some(Delivery::Closed),
            Err(broadcast::error::TryRecvError::Empty) => None,
        }
    }

    /// Waits for the next delivery, on a thread that may block.
    pub fn blocking_next(&mut self) -> Delivery {
        match self.batches.blocking_recv() {
            Ok(batch) => Delivery::Batch(batch),
            Err(broadcast::error::RecvError::Lagged(_)) => Delivery::Missed,
            Err(broadcast::error::RecvError::Closed) => Delivery::Closed,
        }
    }
}
