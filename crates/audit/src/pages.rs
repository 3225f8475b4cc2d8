//! Reading the journal in pages.

use std::sync::mpsc::SyncSender;

use journal::{ReadError, Reader, Stored};
use ledger::Position;

/// Entries read at once: few enough that they stay in a processor's cache, enough that handing them over costs nothing.
const PAGE: u64 = 512;

/// Pages that wait for the checks.
pub(crate) const PAGES_WAITING: usize = 4;

/// Entries in order, without their bytes; or why they can't be read.
pub(crate) type Page = Result<Vec<Stored>, ReadError>;

/// Sends the entries up to `end`, in order. The first error is the last thing that is sent; what can be read of its page
/// comes before.
pub(crate) fn send(journal: &mut dyn Reader, end: Position, pages: &SyncSender<Page>) {
    let mut from = Position::START.next();
    while from <= end {
        let limit = PAGE.min(end.0 - from.0 + 1);
        let page = read(journal, from, limit);
        let (read, is_last) = match &page {
            Ok(entries) => (entries.len() as u64, false),
            Err(_) => {
                let before = one_by_one(journal, from, limit);
                // The receiver is there to take the error, or nobody wants either.
                let _ = pages.send(Ok(before));
                (0, true)
            }
        };
        from.0 += read;
        if pages.send(page).is_err() || is_last {
            return;
        }
    }
}

/// Calls `each` with the entries up to `end`, in order.
pub(crate) fn walk(
    journal: &mut dyn Reader,
    end: Position,
    mut each: impl FnMut(&Stored),
) -> Result<(), ReadError> {
    let mut from = Position::START.next();
    while from <= end {
        let page = read(journal, from, PAGE.min(end.0 - from.0 + 1))?;
        page.iter().for_each(&mut each);
        from.0 += page.len() as u64;
    }
    Ok(())
}

fn read(journal: &mut dyn Reader, from: Position, limit: u64) -> Page {
    let mut entries = journal.read(from, limit as usize)?;
    if entries.is_empty() {
        return Err(ReadError::Missing { position: from });
    }
    for stored in &mut entries {
        // They were hashed; the thread that takes the entries would only have to free them.
        stored.bytes = Vec::new();
    }
    Ok(entries)
}

/// What can be read from `from` on before the first fault.
fn one_by_one(journal: &mut dyn Reader, from: Position, limit: u64) -> Vec<Stored> {
    let positions = (from.0..from.0 + limit).map(Position);
    positions.map_while(|position| read(journal, position, 1).ok()).flatten().collect()
}
