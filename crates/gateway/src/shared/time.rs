//! Times as each surface writes them.

use ledger::Timestamp;
use ledger::keys::Family;
use serde::Serialize;
use utoipa::ToSchema;

use crate::input::instant;

/// A time in the form of the surface.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Time {
    /// LedgerOS's.
    Millis(u64),
    /// The Ledger API's.
    Text(String),
}

impl Time {
    pub(super) fn of(at: Timestamp, surface: Family) -> Self {
        match surface {
            Family::LedgerOs => Self::Millis(at.as_millis()),
            Family::LedgerApi => Self::Text(instant::text(at)),
        }
    }
}
