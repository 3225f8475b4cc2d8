//! What a courier knows: where it is in the journal, whom it tells what, and how that went.

use std::ops::RangeInclusive;

use journal::{Hash, Head, Reader};
use ledger::time::DAY_MS;
use ledger::{Sealed, Timestamp, WebhookId};

use crate::database::{Connection, Row, Value};
use crate::machine::{Verdict, latest_again};
use crate::message::Place as MessagePlace;
use crate::{Error, Place};

mod follow;
mod replay;
mod webhook;

pub(crate) use follow::Followed;
pub(crate) use replay::Replayed;
pub(crate) use webhook::Webhook;

/// How many attempts of a message are kept: more than it takes until it is parked.
const ATTEMPTS_KEPT: u32 = 64;

/// How long a message is kept after it was sent for the last time.
const KEPT_MS: u64 = 30 * DAY_MS;

/// How many old messages go in one transaction: some milliseconds.
const PRUNED_MAX: u64 = 500;

/// The tables of a courier, which no other one changes. After an error they must be opened again.
pub(crate) struct Store {
    db: Connection,
    checkpoint: Head,
}

/// A message that may be sent.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    pub(crate) webhook: WebhookId,
    pub(crate) place: MessagePlace,
    pub(crate) id: String,
    pub(crate) topic: String,
    pub(crate) resource: String,
    pub(crate) body: String,
    pub(crate) since: Timestamp,
    /// How often it was tried.
    pub(crate) attempts: u32,
    pub(crate) is_replay: bool,
    attempts_ever: u32,
}

/// An attempt that has ended.
#[derive(Debug)]
pub(crate) struct Attempted {
    pub(crate) message: Due,
    pub(crate) at: Timestamp,
    pub(crate) duration_ms: u64,
    /// The answer's status, or what went wrong.
    pub(crate) answer: Result<u16, &'static str>,
}

impl Store {
    /// Opens the tables, or makes them.
    pub(crate) fn open(place: &Place) -> Result<Self, Error> {
        let db = Connection::open(place)?;
        let checkpoint = checkpoint(&db)?;
        Ok(Self { db, checkpoint })
    }

    /// The last entry that was followed.
    pub(crate) fn checkpoint(&self) -> Head {
        self.checkpoint
    }

    /// Refuses a journal that ends before the courier, or at another entry.
    pub(crate) fn check_against(&self, reader: &mut dyn Reader) -> Result<(), Error> {
        let (checkpoint, head) = (self.checkpoint, reader.head()?);
        if head.position < checkpoint.position {
            return Err(Error::Ahead { checkpoint, head });
        }
        if head.position == checkpoint.position && head.hash != checkpoint.hash {
            return Err(Error::OtherEntry { position: head.position });
        }
        Ok(())
    }

    /// A webhook, if it still is one.
    pub(crate) fn webhook(&self, id: WebhookId) -> Result<Option<Webhook>, Error> {
        Webhook::find(&self.db, id)
    }

    /// All webhooks.
    pub(crate) fn webhooks(&self) -> Result<Vec<Webhook>, Error> {
        Webhook::all(&self.db)
    }

    /// How many messages wait.
    pub(crate) fn waiting(&self) -> Result<u64, Error> {
        Ok(self.webhooks()?.iter().map(|webhook| webhook.waiting).sum())
    }

    /// Up to `room` messages of a webhook that may be sent now, the longest due first, one for each thing that is not
    /// `busy`; and when to look again, if there are or will be more.
    pub(crate) fn due(
        &self,
        webhook: WebhookId,
        now: Timestamp,
        (room, busy): (usize, usize),
        is_busy: impl Fn(&str) -> bool,
    ) -> Result<(Vec<Due>, Option<Timestamp>), Error> {
        // One more than can be sent tells whether there is more.
        let limit = room + busy + 1;
        let mut lines = self.lines(webhook, Timestamp::default()..=now, limit)?;
        let latest = latest_again(now);
        if lines.len() < limit {
            // What a clock that was set back has left. A statement of its own, which goes by the index: the lines between
            // may be many.
            lines.extend(self.lines(webhook, latest.plus_ms(1)..=Timestamp::MAX, limit)?);
        }
        let mut due = Vec::new();
        for resource in lines {
            if is_busy(&resource) {
                continue;
            }
            if due.len() == room {
                return Ok((due, Some(now)));
            }
            due.push(self.first_in_line(webhook, resource)?);
        }
        let later = self.db.first(
            "select next_at from line where webhook = ?1 and ?2 < next_at and next_at <= ?3
             order by next_at limit 1",
            &[webhook.into(), now.into(), latest.into()],
        )?;
        let later = later.map(|row| row.of("line").take()).transpose()?;
        Ok((due, later))
    }

    /// Up to `limit` things of a webhook whose first message waits for one of these times, the earliest first.
    fn lines(
        &self,
        webhook: WebhookId,
        times: RangeInclusive<Timestamp>,
        limit: usize,
    ) -> Result<Vec<String>, Error> {
        let (first, last) = times.into_inner();
        let lines = self.db.query(
            "select resource from line where webhook = ?1 and next_at between ?2 and ?3
             order by next_at, resource limit ?4",
            &[webhook.into(), first.into(), last.into(), (limit as u64).into()],
        )?;
        lines.into_iter().map(|line| line.of("line").take()).collect()
    }

    fn first_in_line(&self, webhook: WebhookId, resource: String) -> Result<Due, Error> {
        let found = self.db.first(
            "select position, ordinal, id, topic, body, since, attempts, attempts_ever, is_replay
             from message where webhook = ?1 and resource = ?2 and state = 'waiting'
             order by position, ordinal limit 1",
            &[webhook.into(), resource.as_str().into()],
        )?;
        let mut row = found.ok_or(Error::Unreadable { table: "line" })?.of("message");
        Ok(Due {
            webhook,
            place: MessagePlace { position: row.take()?, ordinal: row.take()? },
            id: row.take()?,
            topic: row.take()?,
            resource,
            body: row.take()?,
            since: row.take()?,
            attempts: row.take()?,
            attempts_ever: row.take()?,
            is_replay: row.take()?,
        })
    }

    /// Keeps how attempts ended, and what becomes of their messages. Of an attempt that is not the message's next any more,
    /// neither counts.
    pub(crate) fn record(
        &self,
        attempts: &[(Attempted, Verdict)],
        now: Timestamp,
    ) -> Result<(), Error> {
        self.db.in_transaction(|| {
            for (attempted, verdict) in attempts {
                if !self.keep(attempted)? {
                    continue;
                }
                match verdict {
                    Verdict::Again(at) => {
                        let Due { webhook, resource, .. } = &attempted.message;
                        self.db.execute(
                            "update line set next_at = ?3 where webhook = ?1 and resource = ?2",
                            &[(*webhook).into(), resource.as_str().into(), (*at).into()],
                        )?;
                    }
                    Verdict::Delivered => self.end(&attempted.message, "delivered", now)?,
                    Verdict::Parked => self.end(&attempted.message, "parked", now)?,
                }
            }
            Ok(())
        })
    }

    /// Adds an attempt to the log. `false` where the message has had another since it was read, by a courier that worked
    /// while this one had lost its connection, or is gone: that one has said what becomes of it.
    fn keep(&self, attempted: &Attempted) -> Result<bool, Error> {
        let Attempted { message, at, duration_ms, answer } = attempted;
        let number = message.attempts_ever + 1;
        let place = place_values(message.webhook, message.place);
        let kept = self.db.execute(
            "update message set attempts = attempts + 1, attempts_ever = ?4
             where webhook = ?1 and position = ?2 and ordinal = ?3 and attempts_ever = ?5",
            &with(&place, [number.into(), message.attempts_ever.into()]),
        )?;
        if kept == 0 {
            return Ok(false);
        }
        let status = answer.ok().map(u32::from);
        let values = [
            number.into(),
            (*at).into(),
            (*duration_ms).into(),
            status.into(),
            answer.err().into(),
            message.is_replay.into(),
        ];
        self.db.execute(
            "insert into attempt
             (webhook, position, ordinal, number, at, duration_ms, status, fault, is_replay)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            &with(&place, values),
        )?;
        self.db.execute(
            "delete from attempt
             where webhook = ?1 and position = ?2 and ordinal = ?3 and number <= ?4",
            &with(&place, [number.saturating_sub(ATTEMPTS_KEPT).into()]),
        )?;
        Ok(true)
    }

    /// Ends a message, unless that was dropped meanwhile, and lets the next one of its line go on.
    fn end(&self, message: &Due, state: &str, now: Timestamp) -> Result<(), Error> {
        let Due { webhook, place, ref resource, .. } = *message;
        let ended = self.db.execute(
            "update message set state = ?4, body = null, ended_at = ?5
             where webhook = ?1 and position = ?2 and ordinal = ?3 and state = 'waiting'",
            &with(&place_values(webhook, place), [state.into(), now.into()]),
        )?;
        if ended == 0 {
            return Ok(());
        }
        self.db
            .execute("update webhook set waiting = waiting - 1 where id = ?1", &[webhook.into()])?;
        let line: [Value; 2] = [webhook.into(), resource.as_str().into()];
        let next = self.db.first(
            "select position from message
             where webhook = ?1 and resource = ?2 and state = 'waiting' limit 1",
            &line,
        )?;
        match next {
            Some(_) => self.db.execute(
                "update line set next_at = ?3 where webhook = ?1 and resource = ?2",
                &with(&line, [now.into()]),
            )?,
            None => {
                self.db.execute("delete from line where webhook = ?1 and resource = ?2", &line)?
            }
        };
        Ok(())
    }

    /// Lets old messages go; says whether there may be more.
    pub(crate) fn prune(&self, now: Timestamp) -> Result<bool, Error> {
        self.db.in_transaction(|| {
            let old = self.db.query(
                "select webhook, position, ordinal from message
                 where ended_at is not null and ended_at < ?1 order by ended_at limit ?2",
                &[now.minus_ms(KEPT_MS).into(), PRUNED_MAX.into()],
            )?;
            let count = old.len() as u64;
            for row in old {
                let mut row = row.of("message");
                let webhook = row.take()?;
                let place = MessagePlace { position: row.take()?, ordinal: row.take()? };
                let place = place_values(webhook, place);
                for table in ["attempt", "message"] {
                    let of = "where webhook = ?1 and position = ?2 and ordinal = ?3";
                    self.db.execute(&format!("delete from {table} {of}"), &place)?;
                }
            }
            Ok(count == PRUNED_MAX)
        })
    }
}

/// The last entry that was followed.
pub(crate) fn checkpoint(db: &Connection) -> Result<Head, Error> {
    let found = db.first("select position, hash from checkpoint", &[])?;
    let mut row = found.ok_or(Error::Unreadable { table: "checkpoint" })?.of("checkpoint");
    Ok(Head { position: row.take()?, hash: Hash(row.take()?) })
}

/// What is in the vault, as one value.
fn sealed_value(sealed: &Sealed) -> Value {
    let Sealed { subject, reference, commitment } = sealed;
    Value::Bytes([&subject[..], reference, commitment].concat())
}

fn take_sealed(row: &mut Row) -> Result<Option<Sealed>, Error> {
    let Some(bytes) = row.take::<Option<[u8; 64]>>()? else { return Ok(None) };
    let (subject, rest) = bytes.split_first_chunk().expect("64 bytes");
    let (reference, rest) = rest.split_first_chunk().expect("48 bytes");
    let commitment = rest.first_chunk().expect("32 bytes");
    Ok(Some(Sealed { subject: *subject, reference: *reference, commitment: *commitment }))
}

fn place_values(webhook: WebhookId, place: MessagePlace) -> [Value; 3] {
    [webhook.into(), place.position.into(), place.ordinal.into()]
}

fn with<const N: usize>(first: &[Value], rest: [Value; N]) -> Vec<Value> {
    first.iter().cloned().chain(rest).collect()
}
