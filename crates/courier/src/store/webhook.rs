//! Whom a courier tells what, as the entries say.

use std::collections::BTreeSet;

use ledger::keys::Family;
use ledger::webhooks::{
    Topic, Topics, WebhookChanged, WebhookRegistered, WebhookReplayed, WebhookSecretRotated,
    WebhookStatus,
};
use ledger::{Position, Sealed, Timestamp, WebhookId};

use super::{sealed_value, take_sealed};
use crate::Error;
use crate::database::{Connection, Row, Value};
use crate::news::News;

const COLUMNS: &str = "id, family, topics, url, secret, secret_before, before_until, is_enabled, \
     waiting, replay_next, replay_end";

/// Someone who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Webhook {
    pub(crate) id: WebhookId,
    pub(crate) family: Family,
    pub(crate) topics: Topics,
    pub(crate) url: Sealed,
    pub(crate) secret: Sealed,
    /// The secret before, and until when it is used, too.
    pub(crate) before: Option<(Sealed, Timestamp)>,
    pub(crate) is_enabled: bool,
    /// How many messages wait.
    pub(crate) waiting: u64,
    /// What is told once more: the entry that is next, and the first that is not.
    pub(crate) replay: Option<(Position, Position)>,
}

impl Webhook {
    pub(super) fn new(event: &WebhookRegistered) -> Self {
        let WebhookRegistered { webhook, family, topics, url, secret } = event.clone();
        let (before, waiting, replay) = (None, 0, None);
        Self { id: webhook, family, topics, url, secret, before, is_enabled: true, waiting, replay }
    }

    pub(super) fn change(&mut self, event: &WebhookChanged) {
        let WebhookChanged { webhook: _, family, topics, url, status } = event.clone();
        let is_enabled = status == WebhookStatus::Enabled;
        let replay = self.replay.filter(|_| is_enabled);
        *self = Self { family, topics, url, is_enabled, replay, ..self.clone() };
    }

    pub(super) fn rotate(&mut self, event: &WebhookSecretRotated) {
        self.before = Some((self.secret, event.before_until));
        self.secret = event.secret;
    }

    /// What is being told again already is told on.
    pub(super) fn replay(&mut self, event: &WebhookReplayed, position: Position) {
        let next = self.replay.map_or(event.from, |(next, _)| next.min(event.from));
        self.replay = Some((next, position));
    }

    /// Whether it is to be told.
    pub(super) fn wants(&self, news: &News) -> bool {
        self.is_enabled
            && self.family == news.family
            && self.topics.want(news.topic)
            && news.only.is_none_or(|only| only == self.id)
    }

    pub(super) fn all(db: &Connection) -> Result<Vec<Self>, Error> {
        let rows = db.query(&format!("select {COLUMNS} from webhook order by id"), &[])?;
        rows.into_iter().map(Self::read).collect()
    }

    pub(super) fn find(db: &Connection, id: WebhookId) -> Result<Option<Self>, Error> {
        let sql = format!("select {COLUMNS} from webhook where id = ?1");
        db.first(&sql, &[id.into()])?.map(Self::read).transpose()
    }

    /// Writes it as it is now.
    pub(super) fn write(&self, db: &Connection) -> Result<(), Error> {
        let (before, until) = self.before.unzip();
        let (next, end) = self.replay.unzip();
        let values = [
            self.id.into(),
            family_word(self.family).into(),
            topics_text(&self.topics).into(),
            sealed_value(&self.url),
            sealed_value(&self.secret),
            before.as_ref().map_or(Value::Absent, sealed_value),
            until.into(),
            self.is_enabled.into(),
            self.waiting.into(),
            next.into(),
            end.into(),
        ];
        db.execute(
            &format!(
                "insert into webhook ({COLUMNS})
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                 on conflict (id) do update set topics = excluded.topics, url = excluded.url,
                 secret = excluded.secret, secret_before = excluded.secret_before,
                 before_until = excluded.before_until, is_enabled = excluded.is_enabled,
                 waiting = excluded.waiting, replay_next = excluded.replay_next,
                 replay_end = excluded.replay_end"
            ),
            &values,
        )?;
        Ok(())
    }

    fn read(row: Row) -> Result<Self, Error> {
        let unreadable = || Error::Unreadable { table: "webhook" };
        let mut row = row.of("webhook");
        let id = row.take()?;
        let family = match row.take::<String>()?.as_str() {
            "ledger_api" => Family::LedgerApi,
            "ledger_os" => Family::LedgerOs,
            _ => return Err(unreadable()),
        };
        let topics = topics(row.take()?).ok_or_else(unreadable)?;
        let url = take_sealed(&mut row)?.ok_or_else(unreadable)?;
        let secret = take_sealed(&mut row)?.ok_or_else(unreadable)?;
        let before = take_sealed(&mut row)?.zip(row.take()?);
        let (is_enabled, waiting) = (row.take()?, row.take()?);
        let replay = row.take::<Option<_>>()?.zip(row.take()?);
        Ok(Self { id, family, topics, url, secret, before, is_enabled, waiting, replay })
    }
}

fn family_word(family: Family) -> &'static str {
    match family {
        Family::LedgerApi => "ledger_api",
        Family::LedgerOs => "ledger_os",
    }
}

/// Names with commas between; nothing for all.
fn topics_text(topics: &Topics) -> Option<String> {
    match topics {
        Topics::All => None,
        Topics::Some(topics) => Some(topics.iter().map(Topic::name).collect::<Vec<_>>().join(",")),
    }
}

fn topics(text: Option<String>) -> Option<Topics> {
    let Some(text) = text else { return Some(Topics::All) };
    Topics::new(text.split(',').map(Topic::from_name).collect::<Option<BTreeSet<_>>>()?)
}
