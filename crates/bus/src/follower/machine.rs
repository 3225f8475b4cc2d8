//! What a follower makes of what comes, without IO.

use std::collections::VecDeque;

use journal::Stored;
use ledger::Position;

/// Messages that the server brings before one is acknowledged: two transactions of a projector.
pub const PENDING_MAX: usize = 8_192;

/// Messages that were brought and not acknowledged, in the order in which they came: fewer than [`PENDING_MAX`].
#[derive(Debug)]
pub struct Brought<R>(VecDeque<(Position, R)>);

impl<R> Brought<R> {
    /// Nothing yet.
    #[expect(clippy::new_without_default, reason = "it begins, it is not empty")]
    pub fn new() -> Self {
        Self(VecDeque::new())
    }

    /// A message that `reply` acknowledges. It is done when this entry is; what carries none, at once.
    ///
    /// With as many as the server brings, the first is forgotten: what it waits for may never be in the journal, and nothing
    /// more would come. A later acknowledgement speaks for it, or it is brought again.
    pub fn push(&mut self, position: Option<Position>, reply: R) {
        self.0.push_back((position.unwrap_or(Position::START), reply));
        if self.0.len() == PENDING_MAX {
            self.0.pop_front();
        }
    }

    /// What acknowledges all that is done, if anything is: a later acknowledgement speaks for those before.
    pub fn done(&mut self, up_to: Position) -> Option<R> {
        let mut last = None;
        while let Some((_, reply)) = self.0.pop_front_if(|(position, _)| *position <= up_to) {
            last = Some(reply);
        }
        last
    }
}

/// Parts what came together into runs of entries that follow each other.
pub fn runs(entries: Vec<Stored>) -> Vec<Vec<Stored>> {
    let mut runs: Vec<Vec<Stored>> = Vec::new();
    for stored in entries {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| follows(last, &stored)) => run.push(stored),
            Some(_) | None => runs.push(vec![stored]),
        }
    }
    runs
}

fn follows(last: &Stored, next: &Stored) -> bool {
    // Whoever has sent them may have counted to the end of numbers.
    last.entry.position.0.checked_add(1) == Some(next.entry.position.0)
        && next.previous == last.hash
}

#[cfg(test)]
mod tests;
