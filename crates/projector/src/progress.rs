//! How far a read model is, and waiting for it.

use std::sync::Arc;

use ledger::Position;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::Digest;

/// How far a read model is. What it says is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The last entry that the rows show.
    pub position: Position,
    /// What the rows add up to there.
    pub digest: Digest,
    /// Why it follows the journal no more, with all causes.
    pub stopped: Option<Arc<str>>,
}

/// Why a read model does not show an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Late {
    /// It will, but not yet.
    #[error("the read model is at `{position}` only")]
    Behind {
        /// Where it is.
        position: Position,
    },
    /// It stopped before.
    #[error("the read model has stopped at `{position}`: {reason}")]
    Stopped {
        /// Where it is.
        position: Position,
        /// Why.
        reason: Arc<str>,
    },
}

/// Waits until a read model shows the entry at `position`.
pub async fn wait_for(
    progress: &mut watch::Receiver<Progress>,
    position: Position,
    deadline: Instant,
) -> Result<(), Late> {
    let is_decided =
        |progress: &Progress| position <= progress.position || progress.stopped.is_some();
    // Whether it was decided, too late, or the projector is gone: what it said last counts.
    let _ = timeout_at(deadline, progress.wait_for(is_decided)).await;
    let Progress { position: reached, stopped, .. } = progress.borrow().clone();
    match stopped {
        _ if position <= reached => Ok(()),
        None => Err(Late::Behind { position: reached }),
        Some(reason) => Err(Late::Stopped { position: reached, reason }),
    }
}

#[cfg(test)]
mod tests;
