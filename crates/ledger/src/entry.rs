//! What one accepted command writes.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Event, KeyId, Postings, Timestamp};

/// What one accepted command wrote, atomically: its events and its postings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the journal.
    pub position: Position,
    /// The book's time when it was decided; never earlier than the entry before.
    pub at: Timestamp,
    /// The command it is the effect of.
    pub command: CommandId,
    /// Where the command came from.
    pub origin: Origin,
    /// What happened; at least one.
    pub events: Vec<Event>,
    /// What it does to the accounts.
    pub postings: Postings,
}

impl Entry {
    /// Every id under which the entry must be found again, and which therefore may stand in one entry only.
    pub fn references(&self) -> impl Iterator<Item = Reference> {
        std::iter::once(Reference::Command(self.command))
            .chain(self.events.iter().filter_map(Event::reference))
    }
}

/// A place in a journal: 1, 2, 3 … without a gap. Zero is before the first.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
)]
pub struct Position(pub u64);

impl Position {
    /// Before the first entry.
    pub const START: Self = Self(0);

    /// The next place.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A hash of book and idempotency key: the same key is the same command, for ever.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub struct CommandId(pub [u8; 16]);

/// Where a command came from. The rules don't look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Number of the route that was called; zero for what the ledger does by itself.
    pub route: u16,
    /// Keyed hash of path and body, by which a repeated request is told from another under the same key.
    pub fingerprint: [u8; 16],
    /// The `Request-Id` of the answer.
    pub request: [u8; 16],
    /// The key that authenticated the call.
    pub actor: Option<KeyId>,
}

impl Origin {
    /// What the ledger does by itself: deadlines, and the first entry of a book.
    pub const LEDGER: Self = Self { route: 0, fingerprint: [0; 16], request: [0; 16], actor: None };
}

/// An id that may have one effect only, whoever sends it again. All but the command's own are hashes of what
/// the outside world calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// The command.
    Command(CommandId),
    /// A deposit: chain, transaction hash, index.
    Deposit([u8; 16]),
    /// A message of a card network.
    Network([u8; 16]),
    /// A platform's own id of a holder's agent.
    Agent([u8; 16]),
}

impl Reference {
    /// The hash it is found by.
    pub fn hash(self) -> [u8; 16] {
        match self {
            Self::Command(CommandId(hash))
            | Self::Deposit(hash)
            | Self::Network(hash)
            | Self::Agent(hash) => hash,
        }
    }
}

/// Something in the vault: where it is, and a salted hash of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Sealed {
    /// Whose it is: what is erased together.
    pub subject: [u8; 16],
    /// Where the vault keeps it.
    pub reference: [u8; 16],
    /// SHA-256 over a salt, which the vault keeps, and the content.
    pub commitment: [u8; 32],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_found_by_the_hash_that_it_carries() {
        let hash = std::array::from_fn(|byte| byte as u8);
        for reference in [
            Reference::Command(CommandId(hash)),
            Reference::Deposit(hash),
            Reference::Network(hash),
            Reference::Agent(hash),
        ] {
            assert_eq!(reference.hash(), hash);
        }
    }
}
