//! Times after which nothing changes any more.

use std::collections::VecDeque;

use ledger::{Timestamp, TransactionId};

/// Until when each of some transactions can change. All have the same time for it, so that they end as they came.
#[derive(Default)]
pub(super) struct Ends(VecDeque<(Timestamp, TransactionId)>);

impl Ends {
    pub(super) fn push(&mut self, end: Timestamp, id: TransactionId) {
        self.0.push_back((end, id));
    }

    /// Takes those whose time is over.
    pub(super) fn over(&mut self, now: Timestamp) -> impl Iterator<Item = TransactionId> {
        std::iter::from_fn(move || self.0.pop_front_if(|(end, _)| *end <= now).map(|(_, id)| id))
    }
}
