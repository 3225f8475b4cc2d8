//! Telling once more what has happened.

use journal::Reader;
use ledger::{Timestamp, WebhookId};

use super::follow::{Post, load};
use super::{Store, Webhook};
use crate::Error;
use crate::facts::Facts;
use crate::news::told;

/// How many entries are told again in one transaction: live ones wait for some milliseconds.
const ENTRIES_MAX: u64 = 256;

/// How many messages may wait for a webhook when more are told again: it hears them at its own pace.
const WAITING_MAX: u64 = 1_000;

/// How far a replay came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replayed {
    /// Nothing is to be told again.
    Nothing,
    /// Something is, but whoever wants it has enough to hear.
    Later,
    /// Something was, for this webhook, and there may be more.
    Some(WebhookId),
}

impl Store {
    /// Tells a webhook some entries again, if one is to be told and does not have enough to hear.
    pub(crate) fn replay(
        &self,
        reader: &mut dyn Reader,
        now: Timestamp,
    ) -> Result<Replayed, Error> {
        let mut webhooks = Webhook::all(&self.db)?;
        webhooks.retain(|webhook| webhook.replay.is_some());
        if webhooks.is_empty() {
            return Ok(Replayed::Nothing);
        }
        let has_time = |webhook: &Webhook| webhook.waiting < WAITING_MAX;
        let Some(mut webhook) = webhooks.into_iter().find(has_time) else {
            return Ok(Replayed::Later);
        };
        let (next, end) = webhook.replay.expect("it is to be told");
        let count = ENTRIES_MAX.min(end.0.saturating_sub(next.0));
        let entries = reader.read(next, count as usize)?;
        if entries.is_empty() && 0 < count {
            // A standby that this reads from may be behind.
            return Ok(Replayed::Later);
        }
        let book = reader.book();
        self.db.in_transaction(|| {
            let load = |name: &str| load(&self.db, name);
            let post = Post { db: &self.db, book, now, is_replay: true };
            for stored in &entries {
                // All facts are known: these entries were followed.
                let told = told(&stored.entry, &mut Facts::of_replay(&load))?;
                post.tell(&mut webhook, &stored.entry, &told.news)?;
            }
            webhook.replay = match entries.last().map(|stored| stored.entry.position.next()) {
                Some(next) if next < end => Some((next, end)),
                Some(_) | None => None,
            };
            webhook.write(&self.db)
        })?;
        Ok(Replayed::Some(webhook.id))
    }
}
