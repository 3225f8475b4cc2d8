//! The journal in forms that other programs read.

use std::io::{self, Write};

use journal::{Head, ReadError, Reader, Stored};
use ledger::{BookId, Position, Timestamp};

use crate::pages::{self, PAGE};

mod accounts;
mod beancount;
mod calendar;
mod hledger;
mod jsonl;
mod line;
mod words;

use beancount::Beancount;
pub use calendar::time as rfc3339;
use hledger::Hledger;
use jsonl::Jsonl;
pub(crate) use line::Line;

/// What an export is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// hledger: what moved, and what every account must end with.
    Hledger,
    /// beancount: the same.
    Beancount,
    /// Every entry as a line of JSON, with its stored bytes.
    Jsonl,
}

/// Writes all entries that the journal has now, and says where it ended.
///
/// `anchor` is the end of the journal as it was acknowledged, where that is known. Each entry is checked as it is read;
/// what was written before an error is no export. Memory holds a page of entries and, but for [`Format::Jsonl`], the
/// balance of each account that was ever used.
pub fn export(
    journal: &mut dyn Reader,
    anchor: Option<Head>,
    format: Format,
    out: &mut dyn Write,
) -> Result<Head, ExportError> {
    let mut form: Box<dyn Form> = match format {
        Format::Hledger => Box::<Hledger>::default(),
        Format::Beancount => Box::<Beancount>::default(),
        Format::Jsonl => Box::new(Jsonl),
    };
    let unreadable = |from| move |source| ExportError::Journal { from, source };
    let mut last = Head::EMPTY;
    let end = journal.head().map_err(unreadable(last.position.next()))?;
    // Of the last two entries no third one tells which was changed; the anchor does.
    agree(anchor, end)?;
    if let Some(anchor) = anchor.filter(|anchor| end.position < anchor.position) {
        return Err(ExportError::Lost { found: end.position, reached: anchor.position });
    }

    form.begin(journal.book(), out)?;
    let mut at = Timestamp::default();
    while last.position < end.position {
        let from = last.position.next();
        let limit = PAGE.min(end.position.0 - last.position.0);
        for stored in pages::read_whole(journal, from, limit).map_err(unreadable(from))? {
            let position = stored.entry.position;
            if stored.previous != last.hash || stored.entry.at < at {
                return Err(ExportError::DoesNotFollow { position });
            }
            at = stored.entry.at;
            last = Head { position, hash: stored.hash };
            agree(anchor, last)?;
            form.entry(&stored, out)?;
        }
    }
    form.end(out)?;
    Ok(last)
}

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The journal can't be read, or is not what was written.
    #[error("the journal can't be exported from entry `{from}` on")]
    Journal {
        /// The first entry that was to be read.
        from: Position,
        /// Why not.
        #[source]
        source: ReadError,
    },
    /// An entry does not follow the one before it.
    #[error("entry `{position}` does not follow the one before it")]
    DoesNotFollow {
        /// The entry.
        position: Position,
    },
    /// Another entry was acknowledged.
    #[error("entry `{position}` is not the one that the anchor names")]
    NotAnchored {
        /// The entry.
        position: Position,
    },
    /// The journal ends before its anchor.
    #[error(
        "the journal ends at entry `{found}`, and the anchor says that it had reached `{reached}`"
    )]
    Lost {
        /// Where it ends.
        found: Position,
        /// Where it ended before.
        reached: Position,
    },
    /// All that was ever posted to an account does not fit.
    #[error("with entry `{position}` an account exceeds 128 bits")]
    TooLarge {
        /// The entry.
        position: Position,
    },
    /// A sandbox's clock has gone where the format can't follow.
    #[error(
        "entry `{position}` is later than the dates that beancount has: they end with the year 9999"
    )]
    TooLate {
        /// The entry.
        position: Position,
    },
    /// The export could not be written.
    #[error("the export can't be written")]
    Output(#[from] io::Error),
}

/// How entries are written.
trait Form {
    /// What comes before the first entry.
    fn begin(&mut self, book: BookId, out: &mut dyn Write) -> io::Result<()>;

    /// The next entry.
    fn entry(&mut self, stored: &Stored, out: &mut dyn Write) -> Result<(), ExportError>;

    /// What comes after the last entry.
    fn end(&mut self, out: &mut dyn Write) -> Result<(), ExportError>;
}

/// Whether an entry is the anchor's, if it stands at the anchor's position.
fn agree(anchor: Option<Head>, found: Head) -> Result<(), ExportError> {
    match anchor {
        Some(anchor) if anchor.position == found.position && anchor.hash != found.hash => {
            Err(ExportError::NotAnchored { position: found.position })
        }
        Some(_) | None => Ok(()),
    }
}
