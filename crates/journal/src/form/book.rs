//! The book itself: its opening, its recovery after a loss, its keys, its clock.

use ledger::book::BookOpened;
use ledger::clock::ClockAdvanced;
use ledger::keys::{KeyCreated, KeyRevoked, NewKey};
use ledger::recovery::{Anchored, JournalRecovered};
use ledger::{AgentId, BookId, KeyId, Position};

use super::Undecodable;
use super::fields::{approval, array, bytes, optional_array, optional_bytes};
use super::words::Word;
use crate::proto;

impl From<&BookOpened> for proto::BookOpened {
    fn from(event: &BookOpened) -> Self {
        Self { book: bytes(&event.book.0), environment: event.environment.number() }
    }
}

impl TryFrom<&proto::BookOpened> for BookOpened {
    type Error = Undecodable;

    fn try_from(message: &proto::BookOpened) -> Result<Self, Undecodable> {
        Ok(Self {
            book: BookId(array(&message.book, "book")?),
            environment: Word::read(message.environment, "environment")?,
        })
    }
}

impl From<&JournalRecovered> for proto::JournalRecovered {
    fn from(event: &JournalRecovered) -> Self {
        Self {
            from: bytes(&event.from),
            to: bytes(&event.to),
            anchored: event.anchored.map(proto::Anchored::from),
            approval: event.approval.as_str().to_owned(),
        }
    }
}

impl TryFrom<&proto::JournalRecovered> for JournalRecovered {
    type Error = Undecodable;

    fn try_from(message: &proto::JournalRecovered) -> Result<Self, Undecodable> {
        Ok(Self {
            from: array(&message.from, "from")?,
            to: array(&message.to, "to")?,
            anchored: message.anchored.as_ref().map(Anchored::try_from).transpose()?,
            approval: approval(&message.approval, "approval")?,
        })
    }
}

impl From<Anchored> for proto::Anchored {
    fn from(anchored: Anchored) -> Self {
        let Anchored { incarnation, position, hash } = anchored;
        Self { incarnation: bytes(&incarnation), position: position.0, hash: bytes(&hash) }
    }
}

impl TryFrom<&proto::Anchored> for Anchored {
    type Error = Undecodable;

    fn try_from(message: &proto::Anchored) -> Result<Self, Undecodable> {
        Ok(Self {
            incarnation: array(&message.incarnation, "incarnation")?,
            position: Position(message.position),
            hash: array(&message.hash, "hash")?,
        })
    }
}

impl From<&KeyCreated> for proto::KeyCreated {
    fn from(event: &KeyCreated) -> Self {
        Self {
            key: bytes(&event.key.0),
            family: event.new.family.number(),
            scope: event.new.scope.number(),
            prefix: bytes(&event.new.prefix),
            digest: bytes(&event.new.digest),
            agent: optional_bytes(event.agent.map(|id| id.0)),
        }
    }
}

impl TryFrom<&proto::KeyCreated> for KeyCreated {
    type Error = Undecodable;

    fn try_from(message: &proto::KeyCreated) -> Result<Self, Undecodable> {
        Ok(Self {
            key: KeyId(array(&message.key, "key")?),
            new: NewKey {
                family: Word::read(message.family, "family")?,
                scope: Word::read(message.scope, "scope")?,
                prefix: array(&message.prefix, "prefix")?,
                digest: array(&message.digest, "digest")?,
            },
            agent: optional_array(&message.agent, "agent")?.map(AgentId),
        })
    }
}

impl From<&KeyRevoked> for proto::KeyRevoked {
    fn from(event: &KeyRevoked) -> Self {
        Self { key: bytes(&event.key.0) }
    }
}

impl TryFrom<&proto::KeyRevoked> for KeyRevoked {
    type Error = Undecodable;

    fn try_from(message: &proto::KeyRevoked) -> Result<Self, Undecodable> {
        Ok(Self { key: KeyId(array(&message.key, "key")?) })
    }
}

impl From<&ClockAdvanced> for proto::ClockAdvanced {
    fn from(event: &ClockAdvanced) -> Self {
        Self { by_ms: event.by_ms }
    }
}

impl TryFrom<&proto::ClockAdvanced> for ClockAdvanced {
    type Error = Undecodable;

    fn try_from(message: &proto::ClockAdvanced) -> Result<Self, Undecodable> {
        Ok(Self { by_ms: message.by_ms })
    }
}
