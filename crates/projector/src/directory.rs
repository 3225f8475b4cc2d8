//! Who and what there is: the book, its holders, agents, cards and keys.

use std::path::Path;

use ledger::agents::{AgentStatus, OnExceeded};
use ledger::book::Environment;
use ledger::cards::{CardKind, CardLimits, CardStatus};
use ledger::holders::{DenialReason, DocumentKind, VerificationStatus};
use ledger::keys::{Family, Scope};
use ledger::limits::Window;
use ledger::{
    AgentId, Amount, BookId, CardId, DocumentId, HolderId, KeyId, Position, Sealed, Text, Timestamp,
};

use crate::field::Column;
use crate::row::row;
use crate::snapshot::{At, List, Page, Pool};
use crate::{Error, ReadModel};

mod model;

pub(crate) use model::DirectoryModel;

/// The book itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// Its id.
    pub id: BookId,
    /// Whether its money is real.
    pub environment: Environment,
    /// How far its clock is ahead of the wall clock.
    pub clock_offset_ms: u64,
}

row! {
    Book in Directory "book"
    key { id: BookId }
    fixed { environment }
    changing { clock_offset_ms }
}

/// A person who holds money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The id.
    pub id: HolderId,
    /// The entry that added the person.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// Name and contact.
    pub profile: Sealed,
    /// Where the verification stands.
    pub status: VerificationStatus,
    /// The documents that are wanted.
    pub required: Vec<DocumentKind>,
    /// Why the verification was denied.
    pub reason: Option<DenialReason>,
}

row! {
    Holder in Directory "holder"
    key { id: HolderId }
    fixed { position, at, profile }
    changing { status, required, reason }
}

/// A document that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// The entry that recorded it.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub holder: HolderId,
    /// What it is.
    pub kind: DocumentKind,
    /// Its content.
    pub content: Sealed,
}

row! {
    Document in Directory "document"
    key { id: DocumentId }
    fixed { position, at, holder, kind, content }
    changing {}
}

/// A program that spends for a holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// The entry that registered it.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// For whom it spends.
    pub holder: HolderId,
    /// Its name.
    pub name: Text<100>,
    /// What it does.
    pub description: Option<Text<500>>,
    /// The platform's own id.
    pub external_id: Option<Text<100>>,
    /// What its limit is counted over.
    pub limit_window: Window,
    /// How much it may spend in that.
    pub limit_amount: Amount,
    /// What happens at the limit.
    pub on_exceeded: OnExceeded,
    /// How many open cards it may have, if that is limited.
    pub cards_max: Option<u32>,
    /// Whether it may spend.
    pub status: AgentStatus,
}

row! {
    Agent in Directory "agent"
    key { id: AgentId }
    fixed {
        position, at, holder, name, description, external_id, limit_window, limit_amount,
        on_exceeded, cards_max
    }
    changing { status }
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its id.
    pub id: CardId,
    /// The entry that made it.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub agent: AgentId,
    /// Whose money it spends.
    pub holder: HolderId,
    /// What it is for, in words.
    pub purpose: Text<500>,
    /// For one purchase or for many.
    pub kind: CardKind,
    /// How much may be spent in all.
    pub total: Amount,
    /// How much at once.
    pub per_authorization: Option<Amount>,
    /// How much within 24 hours.
    pub per_day: Option<Amount>,
    /// How much within a calendar month.
    pub per_month: Option<Amount>,
    /// Its number.
    pub number: Sealed,
    /// The last four digits.
    pub last4: [u8; 4],
    /// The year of its last month.
    pub expiry_year: u16,
    /// Its last month, 1 to 12.
    pub expiry_month: u8,
    /// Whether it may be used.
    pub status: CardStatus,
}

row! {
    Card in Directory "card"
    key { id: CardId }
    fixed {
        position, at, agent, holder, purpose, kind, total, per_authorization, per_day, per_month,
        number, last4, expiry_year, expiry_month
    }
    changing { status }
}

impl Card {
    /// How much may be spent with it.
    pub fn limits(&self) -> CardLimits {
        let Self { total, per_authorization, per_day, per_month, .. } = *self;
        CardLimits { total, per_authorization, per_day, per_month }
    }
}

/// An API key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// What it is found by: the part of it that is no secret.
    pub prefix: [u8; 8],
    /// Its id.
    pub id: KeyId,
    /// The entry that made it.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// The surface.
    pub family: Family,
    /// What it may be used for.
    pub scope: Scope,
    /// SHA-256 of the secret part.
    pub digest: [u8; 32],
    /// The agent that it is bound to.
    pub agent: Option<AgentId>,
}

row! {
    Key in Directory "api_key"
    key { prefix: [u8; 8] }
    fixed { id, position, at, family, scope, digest, agent }
    changing {}
}

/// Queries over the directory. Each blocks for as long as the database takes.
#[derive(Debug)]
pub struct Directory(Pool);

impl Directory {
    /// Opens the read model, which a projector must have made.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Pool::open(ReadModel::Directory, folder).map(Self)
    }

    /// The book, once it is open.
    pub fn book(&self) -> Result<At<Option<Book>>, Error> {
        self.0.read(|snapshot| Ok(snapshot.rows("true", &[])?.pop()))
    }

    /// The key that is found by this prefix.
    pub fn key(&self, prefix: [u8; 8]) -> Result<At<Option<Key>>, Error> {
        self.0.read(|snapshot| snapshot.row(prefix))
    }

    /// The person with this id.
    pub fn holder(&self, id: HolderId) -> Result<At<Option<Holder>>, Error> {
        self.0.read(|snapshot| snapshot.row(id))
    }

    /// All persons, the newest first.
    pub fn holders(&self, page: Page) -> Result<At<List<Holder>>, Error> {
        self.0.read(|snapshot| snapshot.list(None, page, |holder: &Holder| holder.position))
    }

    /// The documents that a person has handed in, in order.
    pub fn documents(&self, holder: HolderId) -> Result<At<Vec<Document>>, Error> {
        self.0.read(|snapshot| snapshot.rows("holder = ?1 order by position", &[holder.field()]))
    }

    /// The agent with this id.
    pub fn agent(&self, id: AgentId) -> Result<At<Option<Agent>>, Error> {
        self.0.read(|snapshot| snapshot.row(id))
    }

    /// All agents, or those of a person, the newest first.
    pub fn agents(&self, holder: Option<HolderId>, page: Page) -> Result<At<List<Agent>>, Error> {
        self.0.read(|snapshot| {
            let of = holder.as_ref().map(|holder| ("holder", holder.field()));
            snapshot.list(of, page, |agent: &Agent| agent.position)
        })
    }

    /// The card with this id.
    pub fn card(&self, id: CardId) -> Result<At<Option<Card>>, Error> {
        self.0.read(|snapshot| snapshot.row(id))
    }

    /// The cards of an agent, the newest first.
    pub fn cards(&self, agent: AgentId, page: Page) -> Result<At<List<Card>>, Error> {
        self.0.read(|snapshot| {
            snapshot.list(Some(("agent", agent.field())), page, |card: &Card| card.position)
        })
    }
}

#[cfg(test)]
mod tests;
