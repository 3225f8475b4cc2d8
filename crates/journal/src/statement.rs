//! What operators sign before it is done: a text that fits one act, on one book, at one moment.
//!
//! ```text
//! ledgeros statement 1
//! erase user_01…
//! book book_01…
//! incarnation 0123456789abcdef0123456789abcdef
//! head 17 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
//! ```
//!
//! The head is the journal's end before the act, whose own entry comes right after it: so a statement can be used once,
//! and on this journal only. That of a recovery says `accept the loss of what the journal lacks` instead, and has a fifth
//! line, with what the anchor says:
//!
//! ```text
//! anchor 0123456789abcdef0123456789abcdef 25 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
//! anchor unknown
//! ```
//!
//! Operators sign it as a [`note`](crate::note), each with a key of their own.

use std::fmt;

use ledger::erasure::HolderErased;
use ledger::recovery::{Anchored, JournalRecovered};
use ledger::{BookId, Event, HolderId, Position};

use crate::form::Hash;
use crate::note::{InvalidNote, Note, VerifyingKey};
use crate::store::Head;

/// How many operators must have signed.
pub const OPERATORS_MIN: usize = 2;

const FORM: &str = "ledgeros statement 1";
const ACCEPT_LOSS: &str = "accept the loss of what the journal lacks";

/// What is to be done, where, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// The book.
    pub book: BookId,
    /// What tells its journal from any other of the same book.
    pub incarnation: [u8; 16],
    /// The journal's end before it is done.
    pub head: Head,
    /// What is to be done.
    pub act: Act,
}

/// What operators do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// They erase a person.
    Erase(HolderId),
    /// They accept that entries are lost.
    AcceptLoss {
        /// What the anchor says, if that is known.
        anchored: Option<Anchored>,
    },
}

impl Statement {
    /// Reads the text form, and no other way to write the same.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let mut line = || lines.next();
        let (form, act) = (line()?, line()?);
        let book = BookId::parse(line()?.strip_prefix("book ")?)?;
        let incarnation = bytes(line()?.strip_prefix("incarnation ")?)?;
        let (position, hash) = place(line()?.strip_prefix("head ")?)?;
        let head = Head { position, hash: Hash(hash) };
        let act = match act.strip_prefix("erase ") {
            Some(holder) => Act::Erase(HolderId::parse(holder)?),
            None => Act::AcceptLoss { anchored: anchored(line()?.strip_prefix("anchor ")?)? },
        };
        let found = Self { book, incarnation, head, act };
        (form == FORM && found.to_string() == text).then_some(found)
    }

    /// Whether an event is the one that was signed for: `false` also for all that need no approval.
    pub fn allows(&self, event: &Event) -> bool {
        match (self.act, event) {
            (Act::Erase(holder), Event::HolderErased(HolderErased { holder: erased, .. })) => {
                holder == *erased
            }
            (Act::AcceptLoss { anchored }, Event::JournalRecovered(event)) => {
                let JournalRecovered { from, anchored: recorded, .. } = event;
                (self.incarnation, anchored) == (*from, *recorded)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { book, incarnation, head, act } = self;
        writeln!(f, "{FORM}")?;
        match act {
            Act::Erase(holder) => writeln!(f, "erase {holder}")?,
            Act::AcceptLoss { .. } => writeln!(f, "{ACCEPT_LOSS}")?,
        }
        writeln!(f, "book {book}\nincarnation {}", hex(incarnation))?;
        writeln!(f, "head {} {}", head.position, head.hash)?;
        match act {
            Act::Erase(_) => Ok(()),
            Act::AcceptLoss { anchored: None } => writeln!(f, "anchor unknown"),
            Act::AcceptLoss { anchored: Some(Anchored { incarnation, position, hash }) } => {
                writeln!(f, "anchor {} {position} {}", hex(incarnation), hex(hash))
            }
        }
    }
}

/// Who of these operators has signed a note. Refused is one that fewer than [`OPERATORS_MIN`] have signed, with keys of
/// their own and under names of their own, and one with a signature of theirs that is wrong.
pub fn approvers<'a>(
    note: &Note<'_>,
    operators: &'a [VerifyingKey],
) -> Result<Vec<&'a VerifyingKey>, NotApproved> {
    let mut found = Vec::new();
    for operator in operators {
        match note.check(operator) {
            Ok(()) => found.push(operator),
            Err(InvalidNote::NotSigned) => {}
            Err(InvalidNote::BadSignature | InvalidNote::Form) => {
                return Err(NotApproved::BadSignature { operator: operator.name().to_owned() });
            }
        }
    }
    // A key under two names is one key, and two keys of one name are one operator's.
    let different = |of: fn(&VerifyingKey) -> &[u8]| {
        let mut all: Vec<_> = found.iter().map(|key| of(key)).collect();
        all.sort_unstable();
        all.dedup();
        all.len()
    };
    let count = different(|key| key.name().as_bytes()).min(different(|key| key.bytes()));
    if count < OPERATORS_MIN { Err(NotApproved::TooFew { count }) } else { Ok(found) }
}

/// Why a statement can't be acted on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotApproved {
    /// Not enough operators have signed it.
    #[error("`{count}` of the operators have signed, {OPERATORS_MIN} must")]
    TooFew {
        /// How many have.
        count: usize,
    },
    /// The text was changed after somebody has signed it, or the signature was.
    #[error("the signature of `{operator}` is not one of this text")]
    BadSignature {
        /// Whose.
        operator: String,
    },
}

fn anchored(text: &str) -> Option<Option<Anchored>> {
    if text == "unknown" {
        return Some(None);
    }
    let (incarnation, place_of) = text.split_once(' ')?;
    let (position, hash) = place(place_of)?;
    Some(Some(Anchored { incarnation: bytes(incarnation)?, position, hash }))
}

/// A position and a hash.
fn place(text: &str) -> Option<(Position, [u8; 32])> {
    let (position, hash) = text.split_once(' ')?;
    Some((Position(position.parse().ok()?), bytes(hash)?))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut found = [0; N];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let digit = |letter: u8| char::from(letter).to_digit(16);
    for (byte, [high, low]) in found.iter_mut().zip(pairs) {
        *byte = u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?;
    }
    Some(found)
}

#[cfg(test)]
mod tests;
