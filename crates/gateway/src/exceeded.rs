//! The limit at which an authorization was declined.

use ledger::authorizations::DeclineReason;
use ledger::limits::ExceededLimit;
use serde::Serialize;

use crate::words::{Word, card_limit};

#[derive(Serialize)]
pub(crate) struct ExceededView {
    /// Whose it is: the card's or the agent's.
    of: &'static str,
    /// What its owner calls it.
    limit: &'static str,
    amount: u128,
    left: u128,
}

impl ExceededView {
    pub(crate) fn new(reason: DeclineReason, exceeded: ExceededLimit) -> Self {
        let ExceededLimit { limit, left } = exceeded;
        let (of, name) = match reason {
            DeclineReason::LimitAgent => ("agent", limit.window.word()),
            _ => ("card", card_limit(limit.window)),
        };
        Self { of, limit: name, amount: limit.amount.0, left: left.0 }
    }
}
