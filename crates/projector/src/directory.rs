//! Who and what there is: the book, its holders, agents, cards, keys, wallets, ledgers and webhooks.

use ledger::book::Environment;
use ledger::holders::{DenialReason, DocumentKind, VerificationStatus};
use ledger::keys::{Family, Scope};
use ledger::{AgentId, BookId, DocumentId, HolderId, KeyId, Position, Sealed, Timestamp};

use crate::field::Column;
use crate::row::row;
use crate::snapshot::{At, List, Page, Pool};
use crate::{Error, Place, ReadModel};

mod agents;
mod cards;
mod ledgers;
mod model;
mod wallets;
mod webhooks;

pub use agents::Agent;
pub use cards::Card;
pub use ledgers::{Ledger, LedgerFilter};
pub(crate) use model::DirectoryModel;
pub use wallets::{VirtualAccount, Wallet};
pub use webhooks::Webhook;

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
    /// Where it stood before the lock, as long as one lasts.
    pub before_lock: Option<VerificationStatus>,
    /// The documents that are wanted.
    pub required: Vec<DocumentKind>,
    /// Why the verification was denied.
    pub reason: Option<DenialReason>,
    /// When the person was erased.
    pub erased_at: Option<Timestamp>,
    /// When something last happened to the person.
    pub updated_at: Timestamp,
}

row! {
    Holder in Directory "holder"
    key { id: HolderId }
    fixed { position, at }
    changing { profile, status, before_lock, required, reason, erased_at, updated_at }
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
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

row! {
    Key in Directory "api_key"
    key { prefix: [u8; 8] }
    fixed { id, position, at, family, scope, digest, agent }
    changing { revoked_at }
}

/// Queries over the directory. Each blocks for as long as the database takes.
#[derive(Debug)]
pub struct Directory(Pool);

impl Directory {
    /// Opens the read model, which a projector must have made.
    pub fn open(place: &Place) -> Result<Self, Error> {
        Pool::open(ReadModel::Directory, place).map(Self)
    }

    /// The book, once it is open.
    pub fn book(&self) -> Result<At<Option<Book>>, Error> {
        self.0.read(|snapshot| Ok(snapshot.rows("true", &[])?.pop()))
    }

    /// The key that is found by this prefix.
    pub fn key(&self, prefix: [u8; 8]) -> Result<At<Option<Key>>, Error> {
        self.0.read(|snapshot| snapshot.row(prefix))
    }

    /// All keys, revoked or not, the newest first.
    pub fn keys(&self, page: Page) -> Result<At<List<Key>>, Error> {
        self.0.read(|snapshot| snapshot.list(None, page, |key: &Key| key.position))
    }

    /// The person with this id.
    pub fn holder(&self, id: HolderId) -> Result<At<Option<Holder>>, Error> {
        self.0.read(|snapshot| snapshot.row(id))
    }

    /// All persons, the newest first.
    pub fn holders(&self, page: Page) -> Result<At<List<Holder>>, Error> {
        self.0.read(|snapshot| snapshot.list(None, page, |holder: &Holder| holder.position))
    }

    /// The vault's subjects of all persons who were erased: their own, and those of their cards. Looks at all persons and
    /// cards.
    pub fn erased_subjects(&self) -> Result<At<Vec<[u8; 16]>>, Error> {
        self.0.read(|snapshot| {
            let erased = "erased_at is not null";
            let theirs = format!("holder in (select id from holder where {erased})");
            let holders: Vec<Holder> = snapshot.rows(erased, &[])?;
            let cards: Vec<Card> = snapshot.rows(&theirs, &[])?;
            let holders = holders.iter().map(|holder| holder.profile.subject);
            Ok(holders.chain(cards.iter().map(|card| card.number.subject)).collect())
        })
    }

    /// The documents that a person has handed in, in order.
    pub fn documents(&self, holder: HolderId) -> Result<At<Vec<Document>>, Error> {
        self.0.read(|snapshot| snapshot.rows("holder = ?1 order by position", &[holder.field()]))
    }
}

#[cfg(test)]
mod tests;
