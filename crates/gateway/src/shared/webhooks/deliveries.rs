//! What became of a webhook's messages.

use courier::{Attempt, Delivery, List};
use ledger::WebhookId;
use ledger::keys::Family;
use projector::Cursor;
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;

use super::{Time, find};
use crate::call::{Answer, Call, Read};
use crate::error::Error;
use crate::input::read::Id;
use crate::openapi::{Operation, Tag, schema};

/// What becomes of a message.
const STATES: [&str; 4] = ["waiting", "delivered", "parked", "dropped"];

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Delivery)]
struct DeliveryView {
    object: &'static str,
    /// The message's own: each attempt carries it.
    id: String,
    r#type: String,
    /// `parked` was tried for three days; `dropped` belongs to a webhook that was disabled or removed before.
    #[schema(schema_with = states)]
    status: &'static str,
    /// Whether it is sent once more because somebody asked for it.
    replay: bool,
    created_at: Time,
    /// When it is tried next; null when it is not, or waits for another one.
    next_attempt_at: Option<Time>,
    attempts: Vec<AttemptView>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeliveryAttempt)]
struct AttemptView {
    at: Time,
    duration_ms: u64,
    /// Of the answer; null when there was none.
    status: Option<u16>,
    /// What went wrong when there was none.
    error: Option<String>,
    /// Whether it was of a replay.
    replay: bool,
}

/// `GET /v1/webhooks/{webhookId}/deliveries`: newest first.
pub(crate) async fn list(mut call: Call<Read>) -> Result<Answer, Error> {
    let (surface, began) = (call.caller.family, Instant::now());
    let webhook = call.path_id("webhookId")?;
    let listing = match surface {
        Family::LedgerOs => call.listing(|_| Ok(()))?,
        Family::LedgerApi => call.long_listing(|_| Ok(()))?,
    };
    let known = find(&call, webhook).await?.value;
    known.ok_or(Error::UnknownId { noun: WebhookId::NOUN })?;
    if let Some(asked) = call.kind.asked {
        call.gateway.reach_deliveries(asked, began).await?;
    }
    let (from, limit) = (listing.page.from.map(courier_cursor), listing.page.limit);
    let found = call.blocking(move |gateway| gateway.deliveries.list(webhook, from, limit)).await?;
    let List { position, deliveries, next } = found;
    // A server that crashes loses its last commits.
    if let Some(asked) = call.kind.asked.filter(|asked| position < *asked) {
        return Err(Error::Behind { position: asked });
    }
    let views = deliveries.into_iter().map(|row| DeliveryView::new(row, surface)).collect();
    let next = next.map(|next| Cursor {
        position: next.position,
        number: u16::try_from(next.ordinal).unwrap_or(u16::MAX),
    });
    Ok(match surface {
        Family::LedgerOs => Answer::shown(position, &listing.view(views, next)),
        Family::LedgerApi => Answer::shown(position, &listing.items(views, next)),
    })
}

/// What [`list`] does.
pub(crate) fn describe_list() -> Operation {
    Operation::new(Tag::Webhooks, "listDeliveries", "List what became of a webhook's messages")
        .about(
            "Newest first, each with its attempts. It does not wait for what was just written: `Ledger-Position` says up to \
             which entry messages are shown. Where `Ledger-Min-Position` asks for more, it waits.",
        )
        .lists::<DeliveryView>()
}

fn courier_cursor(Cursor { position, number }: Cursor) -> courier::Cursor {
    courier::Cursor { position, ordinal: number.into() }
}

impl DeliveryView {
    fn new(row: Delivery, surface: Family) -> Self {
        let Delivery { id, topic, state, is_replay, since, next_at, attempts, .. } = row;
        Self {
            object: "delivery",
            id,
            r#type: topic,
            status: state.name(),
            replay: is_replay,
            created_at: Time::of(since, surface),
            next_attempt_at: next_at.map(|at| Time::of(at, surface)),
            attempts: attempts.into_iter().map(|it| AttemptView::new(it, surface)).collect(),
        }
    }
}

impl AttemptView {
    fn new(row: Attempt, surface: Family) -> Self {
        let Attempt { at, duration_ms, status, fault, is_replay } = row;
        let at = Time::of(at, surface);
        Self { at, duration_ms, status, error: fault, replay: is_replay }
    }
}

fn states() -> Schema {
    schema::one_of(STATES).into()
}
