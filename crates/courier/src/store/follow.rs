//! How entries change what a courier knows.

use std::collections::{BTreeMap, BTreeSet};

use journal::{Head, Stored};
use ledger::webhooks::WebhookStatus;
use ledger::{BookId, Entry, Position, Timestamp, WebhookId};

use super::{Store, Webhook, place_values, with};
use crate::Error;
use crate::database::{Connection, Value};
use crate::facts::Facts;
use crate::message::{self, Place};
use crate::news::{Change, News, told};

/// How many messages may wait for one webhook: what a busy book makes in the days until the first is parked, in some
/// hundred megabytes. Those beyond are parked at once; a replay tells them.
pub(super) const WAITING_MAX: u64 = 500_000;

/// What came of entries.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    /// Whether entries before one of them were missing.
    pub(crate) has_gap: bool,
    /// For whom there are messages.
    pub(crate) told: BTreeSet<WebhookId>,
    /// Whether somebody is to be told something again.
    pub(crate) has_replay: bool,
    /// How many messages wait.
    pub(crate) waiting: u64,
}

/// How an entry stands to the one that was followed last.
enum Fit {
    Next,
    Duplicate,
    Gap,
}

/// Compares an entry with the last one. An entry that names another one before it is no continuation, but another history.
fn fit(head: Head, stored: &Stored) -> Result<Fit, Error> {
    let position = stored.entry.position;
    if position <= head.position {
        Ok(Fit::Duplicate)
    } else if head.position.next() < position {
        Ok(Fit::Gap)
    } else if stored.previous == head.hash {
        Ok(Fit::Next)
    } else {
        Err(Error::Broken { position, named: stored.previous, followed: head.hash })
    }
}

/// The messages of one transaction.
pub(super) struct Post<'a> {
    pub(super) db: &'a Connection,
    pub(super) book: BookId,
    pub(super) now: Timestamp,
    pub(super) is_replay: bool,
}

impl Store {
    /// Follows entries up to the first gap, in one transaction. What was followed before is skipped.
    pub(crate) fn follow<'a>(
        &mut self,
        book: BookId,
        entries: impl IntoIterator<Item = &'a Stored>,
        now: Timestamp,
    ) -> Result<Followed, Error> {
        let db = &self.db;
        let mut followed = Followed::default();
        let mut head = self.checkpoint;
        db.in_transaction(|| {
            let load = |name: &str| load(db, name);
            let mut facts = Facts::of_live(&load);
            let post = Post { db, book, now, is_replay: false };
            let mut webhooks: BTreeMap<_, _> =
                Webhook::all(db)?.into_iter().map(|webhook| (webhook.id, webhook)).collect();
            let before = webhooks.clone();
            for stored in entries {
                match fit(head, stored)? {
                    Fit::Duplicate => {}
                    Fit::Gap => {
                        followed.has_gap = true;
                        break;
                    }
                    Fit::Next => {
                        let entry = &stored.entry;
                        let told = told(entry, &mut facts)?;
                        for webhook in webhooks.values_mut() {
                            if 0 < post.tell(webhook, entry, &told.news)? {
                                followed.told.insert(webhook.id);
                            }
                        }
                        for change in told.changes {
                            followed.has_replay |= matches!(change, Change::Replayed(_));
                            subscribe(&mut webhooks, &post, change, entry.position)?;
                        }
                        head = Head { position: entry.position, hash: stored.hash };
                    }
                }
            }
            followed.waiting = webhooks.values().map(|webhook| webhook.waiting).sum();
            if head == self.checkpoint {
                return Ok(());
            }
            for webhook in webhooks.values().filter(|now| before.get(&now.id) != Some(now)) {
                webhook.write(db)?;
            }
            for (name, value) in facts.into_changed() {
                db.execute(
                    "insert into fact (name, value) values (?1, ?2)
                     on conflict (name) do update set value = excluded.value",
                    &[name.into(), value.into()],
                )?;
            }
            let values = [head.position.into(), head.hash.0.into()];
            db.execute("update checkpoint set position = ?1, hash = ?2", &values)?;
            Ok(())
        })?;
        self.checkpoint = head;
        Ok(followed)
    }
}

/// Changes who is told what.
fn subscribe(
    webhooks: &mut BTreeMap<WebhookId, Webhook>,
    post: &Post<'_>,
    change: Change<'_>,
    position: Position,
) -> Result<(), Error> {
    match change {
        Change::Registered(event) => {
            webhooks.insert(event.webhook, Webhook::new(event));
        }
        Change::Changed(event) => {
            let webhook = known(webhooks, event.webhook, position)?;
            webhook.change(event);
            match event.status {
                WebhookStatus::Enabled => {}
                WebhookStatus::Disabled => post.drop_waiting(webhook)?,
            }
        }
        Change::Removed(event) => {
            post.drop_waiting(known(webhooks, event.webhook, position)?)?;
            post.db.execute("delete from webhook where id = ?1", &[event.webhook.into()])?;
            webhooks.remove(&event.webhook);
        }
        Change::Rotated(event) => known(webhooks, event.webhook, position)?.rotate(event),
        Change::Replayed(event) => {
            known(webhooks, event.webhook, position)?.replay(event, position);
        }
    }
    Ok(())
}

/// A webhook that an entry names.
fn known(
    webhooks: &mut BTreeMap<WebhookId, Webhook>,
    id: WebhookId,
    position: Position,
) -> Result<&mut Webhook, Error> {
    let unknown = || Error::NoSuchFact { position, name: id.to_string() };
    webhooks.get_mut(&id).ok_or_else(unknown)
}

impl Post<'_> {
    /// Puts what a webhook wants to hear of an entry where it waits to be sent. How many messages that are.
    pub(super) fn tell(
        &self,
        webhook: &mut Webhook,
        entry: &Entry,
        news: &[News],
    ) -> Result<u64, Error> {
        let mut told = 0;
        for (ordinal, news) in (0..).zip(news) {
            if !webhook.wants(news) {
                continue;
            }
            let place = Place { position: entry.position, ordinal };
            let is_full = WAITING_MAX <= webhook.waiting;
            if self.put(webhook.id, place, entry, news, is_full)? && !is_full {
                self.stand_in_line(webhook.id, &news.resource)?;
                webhook.waiting += 1;
                told += 1;
            }
        }
        Ok(told)
    }

    /// Adds a message, or lets one that has ended wait again; `false` where it waits already.
    fn put(
        &self,
        webhook: WebhookId,
        place: Place,
        entry: &Entry,
        news: &News,
        is_full: bool,
    ) -> Result<bool, Error> {
        let id = message::id(self.book, entry.at, place, webhook);
        let body = (!is_full).then(|| message::body(&id, entry, news));
        let state = if is_full { "parked" } else { "waiting" };
        let values: [Value; 8] = [
            id.into(),
            news.topic.name().into(),
            news.resource.as_str().into(),
            body.into(),
            state.into(),
            self.is_replay.into(),
            self.now.into(),
            is_full.then_some(self.now).into(),
        ];
        let changed = self.db.execute(
            "insert into message (webhook, position, ordinal, id, topic, resource, body, state,
                 is_replay, since, ended_at, attempts, attempts_ever)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 0)
             on conflict (webhook, position, ordinal) do update set body = excluded.body,
                 state = excluded.state, is_replay = excluded.is_replay, since = excluded.since,
                 ended_at = excluded.ended_at, attempts = 0
             where message.state <> 'waiting'",
            &with(&place_values(webhook, place), values),
        )?;
        Ok(changed == 1)
    }

    /// Nothing that waits is sent any more.
    fn drop_waiting(&self, webhook: &mut Webhook) -> Result<(), Error> {
        self.db.execute(
            "update message set state = 'dropped', body = null, ended_at = ?2
             where webhook = ?1 and state = 'waiting'",
            &[webhook.id.into(), self.now.into()],
        )?;
        self.db.execute("delete from line where webhook = ?1", &[webhook.id.into()])?;
        webhook.waiting = 0;
        Ok(())
    }

    /// What stands in line already says when its first message may be sent.
    fn stand_in_line(&self, webhook: WebhookId, resource: &str) -> Result<(), Error> {
        self.db.execute(
            "insert into line (webhook, resource, next_at) values (?1, ?2, ?3)
             on conflict (webhook, resource) do nothing",
            &[webhook.into(), resource.into(), self.now.into()],
        )?;
        Ok(())
    }
}

/// A fact that was written.
pub(super) fn load(db: &Connection, name: &str) -> Result<Option<String>, Error> {
    let found = db.first("select value from fact where name = ?1", &[name.into()])?;
    found.map(|row| row.of("fact").take()).transpose()
}
