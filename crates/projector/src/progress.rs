//! How far a read model is, and waiting for it.

use std::sync::Arc;

use ledger::Position;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::Digest;

/// How far a read model is. What it says is committed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The last entry that the rows show.
    pub position: Position,
    /// What the rows add up to there.
    pub digest: Digest,
    /// Why it follows the journal no more, with all causes.
    pub stopped: Option<Arc<str>>,
    /// What keeps it from following just now, with all causes: it tries again.
    pub interrupted: Option<Arc<str>>,
    /// Whether another process keeps the read model, and this one waits to take over and knows nothing yet.
    pub is_waiting: bool,
    /// Who looks oftener while somebody waits.
    pub(crate) asked: Asked,
}

/// Hears of positions that somebody waits for. All of them are equal.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked(Option<watch::Sender<Wanted>>);

/// A position that somebody waits for, and until when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) position: Position,
    pub(crate) until: Instant,
}

impl Asked {
    /// And its other end.
    pub(crate) fn channel() -> (Self, watch::Receiver<Wanted>) {
        let nothing = Wanted { position: Position::START, until: Instant::now() };
        let (sender, receiver) = watch::channel(nothing);
        (Self(Some(sender)), receiver)
    }

    fn want(&self, position: Position, until: Instant) {
        if let Some(sender) = &self.0 {
            sender.send_modify(|wanted| {
                wanted.position = wanted.position.max(position);
                wanted.until = wanted.until.max(until);
            });
        }
    }
}

impl PartialEq for Asked {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Asked {}

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
    let now = progress.borrow().clone();
    if !is_decided(&now) {
        now.asked.want(position, deadline);
    }
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
