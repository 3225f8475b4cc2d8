//! The limit at which an authorization was declined.

use ledger::authorizations::DeclineReason;
use ledger::limits::ExceededLimit;
use serde::Serialize;
use utoipa::ToSchema;

use crate::words::{MAX_AUTH_COUNT, Word, card_limit};

#[derive(Serialize, ToSchema)]
#[schema(as = ExceededLimit)]
pub(crate) struct ExceededView {
    /// Whose it is: the card's or the agent's.
    of: &'static str,
    /// What its owner calls it.
    limit: &'static str,
    /// The limit, where it is one of amounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<u128>,
    left: u128,
}

impl ExceededView {
    /// `None` when no limit was the reason.
    pub(crate) fn of(reason: DeclineReason, exceeded: Option<ExceededLimit>) -> Option<Self> {
        if reason == DeclineReason::LimitAuthorizationCount {
            return Some(Self { of: "card", limit: MAX_AUTH_COUNT, amount: None, left: 0 });
        }
        let ExceededLimit { limit, left } = exceeded?;
        let (of, name) = match reason {
            DeclineReason::LimitAgent => ("agent", limit.window.word()),
            _ => ("card", card_limit(limit.window)),
        };
        Some(Self { of, limit: name, amount: Some(limit.amount.0), left: left.0 })
    }
}
