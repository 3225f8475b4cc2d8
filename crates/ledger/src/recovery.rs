//! The end of a book's entries was lost, and two operators have accepted that.

use crate::approval::Approval;
use crate::book::{Book, Effects};
use crate::{Event, Position};

/// Goes on after a loss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoverJournal {
    /// The incarnation that has lost its end.
    pub from: [u8; 16],
    /// The one that begins.
    pub to: [u8; 16],
    /// What the anchor said, if that is known.
    pub anchored: Option<Anchored>,
    /// The operators' word.
    pub approval: Approval,
}

/// Every entry that came after the one before this was lost, as far as there were any, and the journal goes on as another
/// incarnation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRecovered {
    /// The incarnation that has lost its end.
    pub from: [u8; 16],
    /// The one that begins with this entry.
    pub to: [u8; 16],
    /// What the anchor said, if that is known: what was lost.
    pub anchored: Option<Anchored>,
    /// The operators' word.
    pub approval: Approval,
}

/// What an anchor says: where a journal ended when it was last answered from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchored {
    /// Which journal of the book.
    pub incarnation: [u8; 16],
    /// Its last entry; [`Position::START`] when it had none.
    pub position: Position,
    /// That entry's hash.
    pub hash: [u8; 32],
}

impl Book {
    /// Nothing that is left forbids it: what was lost is not in the book.
    pub(crate) fn recover_journal(command: &RecoverJournal) -> Effects {
        let RecoverJournal { from, to, anchored, approval } = command.clone();
        let event = JournalRecovered { from, to, anchored, approval };
        Effects::memo([Event::JournalRecovered(event)])
    }
}
