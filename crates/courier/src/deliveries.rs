//! What became of messages, for whoever asks.

use std::fmt;

use ledger::{Position, Timestamp, WebhookId};

use crate::database::{Connection, Row, Value};
use crate::store::checkpoint;
use crate::{Error, Place};

mod desk;

use desk::Desk;

/// What became of messages.
///
/// It can be opened before a courier was ever started: there is nothing then. It blocks for as long as the database takes; the
/// first time for as long as it takes to look through a file. One reads at a time; who waits for that longer than two seconds
/// is told that the database is silent.
pub struct Deliveries(Desk);

/// A message, and how it was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its name, which the receiver was told.
    pub id: String,
    /// Its type.
    pub topic: String,
    /// What it is about.
    pub resource: String,
    /// Where it stands in the list; its position is that of the entry it tells of.
    pub cursor: Cursor,
    /// What becomes of it.
    pub state: State,
    /// Whether it was told before, and is because somebody asked for it.
    pub is_replay: bool,
    /// Since when it is to be delivered.
    pub since: Timestamp,
    /// When it is tried next, if it is the first that waits of those about the same.
    pub next_at: Option<Timestamp>,
    /// How it was tried, the first time first.
    pub attempts: Vec<Attempt>,
}

/// An attempt to deliver a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// How long it took.
    pub duration_ms: u64,
    /// The answer's status, if there was an answer.
    pub status: Option<u16>,
    /// What went wrong, if there was none, in a word.
    pub fault: Option<String>,
    /// Whether it was of a replay.
    pub is_replay: bool,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is tried, or waits for its turn.
    Waiting,
    /// The receiver has it.
    Delivered,
    /// It was tried for long enough, or too many waited before it. A replay tries it again.
    Parked,
    /// The webhook was disabled or removed before.
    Dropped,
}

impl State {
    /// Its name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Parked => "parked",
            Self::Dropped => "dropped",
        }
    }
}

/// A place in the list of a webhook's messages, which goes from the newest entry to the oldest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The entry that it tells of.
    pub position: Position,
    /// Which of the messages that the entry has made.
    pub ordinal: u32,
}

/// A part of a list, newest message first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The last entry whose messages are in it.
    pub position: Position,
    /// The messages.
    pub deliveries: Vec<Delivery>,
    /// Where to go on, if there is more.
    pub next: Option<Cursor>,
}

impl Deliveries {
    /// Of the couriers that work in this place.
    pub fn open(place: &Place) -> Self {
        Self(Desk::new(place.clone()))
    }

    /// The last entry whose messages are there.
    pub fn position(&self) -> Result<Position, Error> {
        let found = self.0.read(|db| Ok(checkpoint(db)?.position))?;
        Ok(found.unwrap_or(Position::START))
    }

    /// The messages of a webhook that come after `from`, at most `limit`.
    pub fn list(
        &self,
        webhook: WebhookId,
        from: Option<Cursor>,
        limit: usize,
    ) -> Result<List, Error> {
        let found = self.0.read(|db| list(db, webhook, from, limit))?;
        let nothing = List { position: Position::START, deliveries: Vec::new(), next: None };
        Ok(found.unwrap_or(nothing))
    }
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliveries").field("place", &self.0.place).finish_non_exhaustive()
    }
}

fn list(
    db: &Connection,
    webhook: WebhookId,
    from: Option<Cursor>,
    limit: usize,
) -> Result<List, Error> {
    let end = Cursor { position: Position(i64::MAX as u64), ordinal: 0 };
    let Cursor { position, ordinal } = from.unwrap_or(end);
    // One more than is shown tells whether there is more.
    let limit_and_one = limit as u64 + 1;
    let parameters: [Value; 4] =
        [webhook.into(), position.into(), ordinal.into(), limit_and_one.into()];
    let rows = db.query(
        "select position, ordinal, id, topic, resource, state, is_replay, since,
             (select next_at from line where line.webhook = message.webhook
              and line.resource = message.resource and not exists (
                  select 1 from message as before where before.webhook = message.webhook
                  and before.resource = message.resource and before.state = 'waiting'
                  and (before.position, before.ordinal) < (message.position, message.ordinal)))
         from message where webhook = ?1 and (position, ordinal) < (?2, ?3)
         order by position desc, ordinal desc limit ?4",
        &parameters,
    )?;
    let mut deliveries = rows.into_iter().map(delivery).collect::<Result<Vec<_>, _>>()?;
    let has_more = limit < deliveries.len();
    deliveries.truncate(limit);
    for delivery in &mut deliveries {
        let Cursor { position, ordinal } = delivery.cursor;
        let attempts = db.query(
            "select at, duration_ms, status, fault, is_replay from attempt
             where webhook = ?1 and position = ?2 and ordinal = ?3 order by number",
            &[webhook.into(), position.into(), ordinal.into()],
        )?;
        delivery.attempts = attempts.into_iter().map(attempt).collect::<Result<_, _>>()?;
    }
    let next = deliveries.last().filter(|_| has_more).map(|delivery| delivery.cursor);
    Ok(List { position: checkpoint(db)?.position, deliveries, next })
}

fn delivery(row: Row) -> Result<Delivery, Error> {
    let mut row = row.of("message");
    let cursor = Cursor { position: row.take()?, ordinal: row.take()? };
    let (id, topic, resource) = (row.take()?, row.take()?, row.take()?);
    let state = match row.take::<String>()?.as_str() {
        "waiting" => State::Waiting,
        "delivered" => State::Delivered,
        "parked" => State::Parked,
        "dropped" => State::Dropped,
        _ => return Err(Error::Unreadable { table: "message" }),
    };
    let (is_replay, since) = (row.take()?, row.take()?);
    let next_at = row.take::<Option<_>>()?.filter(|_| state == State::Waiting);
    let attempts = Vec::new();
    Ok(Delivery { id, topic, resource, cursor, state, is_replay, since, next_at, attempts })
}

fn attempt(row: Row) -> Result<Attempt, Error> {
    let mut row = row.of("attempt");
    let (at, duration_ms) = (row.take()?, row.take()?);
    let status = row.take::<Option<u32>>()?.map(u16::try_from).transpose();
    let status = status.map_err(|_| Error::Unreadable { table: "attempt" })?;
    Ok(Attempt { at, duration_ms, status, fault: row.take()?, is_replay: row.take()? })
}
