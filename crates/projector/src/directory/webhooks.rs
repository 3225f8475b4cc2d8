//! Webhooks.

use ledger::keys::Family;
use ledger::webhooks::{Topics, WebhookStatus};
use ledger::{Position, Sealed, Timestamp, WebhookId};

use super::Directory;
use crate::Error;
use crate::row::row;
use crate::snapshot::{At, List, Page};

/// A webhook that is not removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// The entry that added it.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// The surface in whose dialect it is told.
    pub family: Family,
    /// Of what it is told.
    pub topics: Topics,
    /// Where.
    pub url: Sealed,
    /// Whether it is told anything.
    pub status: WebhookStatus,
    /// When something last happened to it.
    pub updated_at: Timestamp,
}

row! {
    Webhook in Directory "webhook"
    key { id: WebhookId }
    fixed { position, at, family }
    changing { topics, url, status, updated_at }
}

impl Directory {
    /// The webhook with this id.
    pub fn webhook(&self, id: WebhookId) -> Result<At<Option<Webhook>>, Error> {
        self.0.read(|snapshot| snapshot.row(id))
    }

    /// All webhooks, the newest first.
    pub fn webhooks(&self, page: Page) -> Result<At<List<Webhook>>, Error> {
        self.0.read(|snapshot| snapshot.list(None, page, |webhook: &Webhook| webhook.position))
    }
}
