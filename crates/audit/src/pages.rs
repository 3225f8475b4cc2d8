//! Reading entries in pages.

use std::collections::VecDeque;
use std::iter;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use journal::{ReadError, Reader, Stored};
use ledger::Position;

/// Entries read at once: few enough that they stay in a processor's cache, enough that handing them over costs nothing.
pub(crate) const PAGE: u64 = 256;

/// Pages that wait for the next thread, between each two.
pub(crate) const PAGES_WAITING: usize = 4;

/// Pages that may be in use behind the reading thread: those that wait for the walk and the replay, and one at each.
const PAGES_IN_USE: usize = 2 * (PAGES_WAITING + 1);

/// Entries in order, without their bytes.
pub(crate) type Page = Arc<Vec<Stored>>;

/// Sends pages of entries. The first error is the last thing that is sent.
pub(crate) fn send<E>(
    pages: impl Iterator<Item = Result<Vec<Stored>, E>>,
    listener: &SyncSender<Result<Page, E>>,
) {
    // Memory is given back by the thread that took it: across threads, the allocator's locks take longer than all checks.
    let mut in_use = VecDeque::with_capacity(PAGES_IN_USE);
    for page in pages {
        let page = page.map(Arc::new);
        if let Ok(page) = &page {
            if in_use.len() == PAGES_IN_USE {
                in_use.pop_front();
            }
            in_use.push_back(Arc::clone(page));
        }
        // Nobody listens after an entry that does not follow, and then nobody wants to know.
        if listener.send(page).is_err() {
            return;
        }
    }
}

/// The entries up to `end`, in pages. The first error is the last thing that comes; what can be read of its page comes
/// before.
pub(crate) fn of(
    journal: &mut dyn Reader,
    end: Position,
) -> impl Iterator<Item = Result<Vec<Stored>, ReadError>> {
    let (mut from, mut fault) = (Position::START.next(), None);
    iter::from_fn(move || {
        if let Some(error) = fault.take() {
            from = end.next();
            return Some(Err(error));
        }
        if end < from {
            return None;
        }
        let limit = PAGE.min(end.0 - from.0 + 1);
        let page = read(journal, from, limit).unwrap_or_else(|error| {
            fault = Some(error);
            one_by_one(journal, from, limit)
        });
        from.0 += page.len() as u64;
        Some(Ok(page))
    })
}

/// Calls `each` with every entry of the pages, in order.
pub(crate) fn walk<E>(
    pages: impl Iterator<Item = Result<Vec<Stored>, E>>,
    mut each: impl FnMut(&Stored),
) -> Result<(), E> {
    for page in pages {
        page?.iter().for_each(&mut each);
    }
    Ok(())
}

/// Entries from `from` on, which must be there.
pub(crate) fn read_whole(
    journal: &mut dyn Reader,
    from: Position,
    limit: u64,
) -> Result<Vec<Stored>, ReadError> {
    let entries = journal.read(from, limit as usize)?;
    if entries.is_empty() {
        return Err(ReadError::Missing { position: from });
    }
    Ok(entries)
}

fn read(journal: &mut dyn Reader, from: Position, limit: u64) -> Result<Vec<Stored>, ReadError> {
    let mut entries = read_whole(journal, from, limit)?;
    for stored in &mut entries {
        // They were hashed, and nobody else needs them.
        stored.bytes = Vec::new();
    }
    Ok(entries)
}

/// What can be read from `from` on before the first fault.
fn one_by_one(journal: &mut dyn Reader, from: Position, limit: u64) -> Vec<Stored> {
    let positions = (from.0..from.0 + limit).map(Position);
    positions.map_while(|position| read(journal, position, 1).ok()).flatten().collect()
}
