//! Ledgers of the platform.

use ledger::ledgers::{
    JournalLine, JournalPosted, JournalReversed, LedgerCreated, LedgerStatusChanged,
    LedgerTransferred,
};
use ledger::{JournalId, LedgerId, Metadata, Timestamp};

use super::Undecodable;
use super::fields::{amount, array, bytes, optional_string, optional_text, string, text, time};
use super::words::Word;
use crate::proto;

impl From<&LedgerCreated> for proto::LedgerCreated {
    fn from(event: &LedgerCreated) -> Self {
        Self {
            ledger: bytes(&event.ledger.0),
            code: string(&event.code),
            name: string(&event.name),
            kind: event.kind.number(),
            asset: event.asset.number(),
            overdraft_limit: Some(event.overdraft_limit.into()),
        }
    }
}

impl TryFrom<&proto::LedgerCreated> for LedgerCreated {
    type Error = Undecodable;

    fn try_from(message: &proto::LedgerCreated) -> Result<Self, Undecodable> {
        Ok(Self {
            ledger: LedgerId(array(&message.ledger, "ledger")?),
            code: text(&message.code, "code")?,
            name: text(&message.name, "name")?,
            kind: Word::read(message.kind, "kind")?,
            asset: Word::read(message.asset, "asset")?,
            overdraft_limit: amount(&message.overdraft_limit, "overdraft_limit")?,
        })
    }
}

impl From<&LedgerStatusChanged> for proto::LedgerStatusChanged {
    fn from(event: &LedgerStatusChanged) -> Self {
        Self { ledger: bytes(&event.ledger.0), status: event.status.number() }
    }
}

impl TryFrom<&proto::LedgerStatusChanged> for LedgerStatusChanged {
    type Error = Undecodable;

    fn try_from(message: &proto::LedgerStatusChanged) -> Result<Self, Undecodable> {
        Ok(Self {
            ledger: LedgerId(array(&message.ledger, "ledger")?),
            status: Word::read(message.status, "status")?,
        })
    }
}

impl From<&LedgerTransferred> for proto::LedgerTransferred {
    fn from(event: &LedgerTransferred) -> Self {
        Self {
            transfer: bytes(&event.transfer.0),
            source: bytes(&event.source.0),
            destination: bytes(&event.destination.0),
            amount: Some(event.amount.into()),
            description: optional_string(&event.description),
            metadata: members(&event.metadata),
        }
    }
}

impl TryFrom<&proto::LedgerTransferred> for LedgerTransferred {
    type Error = Undecodable;

    fn try_from(message: &proto::LedgerTransferred) -> Result<Self, Undecodable> {
        Ok(Self {
            transfer: JournalId(array(&message.transfer, "transfer")?),
            source: LedgerId(array(&message.source, "source")?),
            destination: LedgerId(array(&message.destination, "destination")?),
            amount: amount(&message.amount, "amount")?,
            description: optional_text(&message.description, "description")?,
            metadata: metadata(&message.metadata)?,
        })
    }
}

impl From<&JournalPosted> for proto::JournalPosted {
    fn from(event: &JournalPosted) -> Self {
        Self {
            journal: bytes(&event.journal.0),
            lines: event.lines.iter().map(Into::into).collect(),
            description: optional_string(&event.description),
            effective_at_ms: event.effective_at.map(Timestamp::as_millis),
            metadata: members(&event.metadata),
        }
    }
}

impl TryFrom<&proto::JournalPosted> for JournalPosted {
    type Error = Undecodable;

    fn try_from(message: &proto::JournalPosted) -> Result<Self, Undecodable> {
        let effective_at = message.effective_at_ms.map(|millis| time(millis, "effective_at_ms"));
        Ok(Self {
            journal: JournalId(array(&message.journal, "journal")?),
            lines: message.lines.iter().map(JournalLine::try_from).collect::<Result<_, _>>()?,
            description: optional_text(&message.description, "description")?,
            effective_at: effective_at.transpose()?,
            metadata: metadata(&message.metadata)?,
        })
    }
}

impl From<&JournalReversed> for proto::JournalReversed {
    fn from(event: &JournalReversed) -> Self {
        Self {
            journal: bytes(&event.journal.0),
            of: bytes(&event.of.0),
            lines: event.lines.iter().map(Into::into).collect(),
            description: optional_string(&event.description),
            metadata: members(&event.metadata),
        }
    }
}

impl TryFrom<&proto::JournalReversed> for JournalReversed {
    type Error = Undecodable;

    fn try_from(message: &proto::JournalReversed) -> Result<Self, Undecodable> {
        Ok(Self {
            journal: JournalId(array(&message.journal, "journal")?),
            of: JournalId(array(&message.of, "of")?),
            lines: message.lines.iter().map(JournalLine::try_from).collect::<Result<_, _>>()?,
            description: optional_text(&message.description, "description")?,
            metadata: metadata(&message.metadata)?,
        })
    }
}

impl From<&JournalLine> for proto::JournalLine {
    fn from(line: &JournalLine) -> Self {
        Self {
            ledger: bytes(&line.ledger.0),
            side: line.side.number(),
            amount: Some(line.amount.into()),
            description: optional_string(&line.description),
        }
    }
}

impl TryFrom<&proto::JournalLine> for JournalLine {
    type Error = Undecodable;

    fn try_from(message: &proto::JournalLine) -> Result<Self, Undecodable> {
        Ok(Self {
            ledger: LedgerId(array(&message.ledger, "ledger")?),
            side: Word::read(message.side, "side")?,
            amount: amount(&message.amount, "amount")?,
            description: optional_text(&message.description, "description")?,
        })
    }
}

fn members(metadata: &Metadata) -> Vec<proto::MetadataMember> {
    let member = |(name, text)| proto::MetadataMember { name: string(name), text: string(text) };
    metadata.iter().map(member).collect()
}

/// Members in the one order in which they are written.
fn metadata(members: &[proto::MetadataMember]) -> Result<Metadata, Undecodable> {
    let field = "metadata";
    let member = |member: &proto::MetadataMember| -> Result<_, Undecodable> {
        Ok((text(&member.name, field)?, text(&member.text, field)?))
    };
    let is_sorted = members.is_sorted_by(|one, other| one.name < other.name);
    let members: Vec<_> = members.iter().map(member).collect::<Result<_, _>>()?;
    Metadata::new(members).filter(|_| is_sorted).ok_or(Undecodable::Invalid { field })
}
