//! How entries follow each other: asserted before they are written, checked after they are read. For whoever makes a store.

use ledger::{Position, Reference};

use crate::form::{Stored, Undecodable, decode};
use crate::store::{Head, ReadError, Reader};

/// A row of a store: its position and its bytes.
pub type Row = (Position, Vec<u8>);

/// Asserts it before a batch is written.
///
/// # Panics
///
/// When the batch is empty or its entries don't follow `expected` and each other.
pub fn assert_follows(batch: &[Stored], expected: Head) {
    assert!(!batch.is_empty(), "a batch has entries");
    let mut head = expected;
    for stored in batch {
        assert_eq!(stored.entry.position, head.position.next(), "positions have no gap");
        assert_eq!(stored.previous, head.hash, "an entry names the hash of the one before");
        head = Head { position: stored.entry.position, hash: stored.hash };
    }
}

/// Every reference of a batch with its place, in order. An entry may carry the same one twice.
pub fn references(batch: &[Stored]) -> Vec<(Reference, Position)> {
    let mut references: Vec<_> = batch
        .iter()
        .flat_map(|stored| {
            let position = stored.entry.position;
            stored.entry.references().map(move |reference| (reference, position))
        })
        .collect();
    references.sort_unstable();
    references.dedup();
    references
}

/// Up to `limit` entries from the rows that stand at `from` and after it.
///
/// Asks for the row after the last entry, which names its hash; and, when a hash is not the one that is named, for one
/// more, which tells whose fault that is.
pub fn verify(
    from: Position,
    limit: usize,
    mut next_row: impl FnMut() -> Result<Option<Row>, ReadError>,
) -> Result<Vec<Stored>, ReadError> {
    let mut entries: Vec<Stored> = Vec::new();
    let mut position = from.max(Position::START.next());
    while let Some(row) = next_row()? {
        let stored = read(position, row)?;
        if let Some(last) = entries.last()
            && last.hash != stored.previous
        {
            return Err(changed(last, &stored, next_row()?));
        }
        if entries.len() == limit {
            break;
        }
        entries.push(stored);
        position = position.next();
    }
    Ok(entries)
}

/// The entry that an index names, once it says so, too.
pub fn verify_found(
    reader: &mut impl Reader,
    reference: Reference,
    position: Position,
) -> Result<Stored, ReadError> {
    let found = reader.read(position, 1)?.into_iter().next();
    let stored = found.ok_or(ReadError::Missing { position })?;
    if stored.entry.references().any(|carried| carried == reference) {
        Ok(stored)
    } else {
        Err(ReadError::Misfiled { position })
    }
}

fn read(position: Position, (found, bytes): Row) -> Result<Stored, ReadError> {
    if found != position {
        return Err(ReadError::Missing { position });
    }
    let stored = decode(bytes).map_err(|source| ReadError::Undecodable { position, source })?;
    if stored.entry.position != position {
        let source = Undecodable::Invalid { field: "position" };
        return Err(ReadError::Undecodable { position, source });
    }
    Ok(stored)
}

/// An entry's hash is not the one that its successor names. Either of them was changed; when the hash of the successor
/// is not the one that is named after it, it was the successor.
fn changed(entry: &Stored, successor: &Stored, after: Option<Row>) -> ReadError {
    let witness = after.and_then(|(_, bytes)| decode(bytes).ok());
    let position = match witness {
        Some(witness) if witness.previous != successor.hash => successor.entry.position,
        Some(_) | None => entry.entry.position,
    };
    ReadError::Changed { position, named_by: "the entry after it" }
}

#[cfg(test)]
mod tests;
