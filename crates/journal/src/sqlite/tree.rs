//! The tree and its checkpoints, in the tables of a file.

use ledger::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use crate::checkpoint::{self, SigningKey};
use crate::form::{Hash, Stored};
use crate::tree::Tree;

/// The tree of a new journal.
pub(super) fn create(connection: &Connection, book: i64) -> rusqlite::Result<()> {
    connection.execute("insert into tree (book, size, peaks) values (?1, 0, x'')", [book])?;
    Ok(())
}

/// Makes the tree of a journal from its entries: for a file that is older than its trees.
pub(super) fn build(connection: &Connection, book: i64) -> rusqlite::Result<()> {
    create(connection, book)?;
    let mut tree = Tree::default();
    let mut statement =
        connection.prepare("select bytes from entry where book = ?1 order by position")?;
    let mut rows = statement.query([book])?;
    while let Some(row) = rows.next()? {
        tree.push(Hash::of(row.get_ref(0)?.as_blob()?));
    }
    write(connection, book, &tree, None)
}

/// The tree as it was kept. `None` when what was kept is no tree.
pub(super) fn read(connection: &Connection, book: i64) -> rusqlite::Result<Option<Tree>> {
    let kept: Option<(i64, Vec<u8>)> = connection
        .prepare_cached("select size, peaks from tree where book = ?1")?
        .query_row([book], |row| row.try_into())
        .optional()?;
    Ok(kept.and_then(|(size, peaks)| {
        let (peaks, rest) = peaks.as_chunks();
        let tree =
            Tree::from_peaks(size.cast_unsigned(), peaks.iter().copied().map(Hash).collect());
        tree.filter(|_| rest.is_empty())
    }))
}

/// Adds a batch to the tree, and signs it, if there is a key. `false`, and nothing is changed, when the tree that was kept
/// has not `before` leaves.
pub(super) fn extend(
    connection: &Connection,
    book: i64,
    before: u64,
    batch: &[Stored],
    key: Option<&SigningKey>,
) -> rusqlite::Result<bool> {
    let Some(mut tree) = read(connection, book)?.filter(|tree| tree.size() == before) else {
        return Ok(false);
    };
    tree.extend(batch.iter().map(|stored| stored.hash));
    let note = key.map(|key| key.sign(tree.size(), tree.root()));
    write(connection, book, &tree, note.as_deref())?;
    if let (Some(note), Some(last)) = (note, batch.last()) {
        keep(connection, book, tree.size(), last.entry.at, &note)?;
    }
    Ok(true)
}

pub(super) fn write(
    connection: &Connection,
    book: i64,
    tree: &Tree,
    note: Option<&str>,
) -> rusqlite::Result<()> {
    let peaks: Vec<u8> = tree.peaks().iter().flat_map(|peak| peak.0).collect();
    connection
        .prepare_cached("update tree set size = ?2, peaks = ?3, note = ?4 where book = ?1")?
        .execute((book, tree.size().cast_signed(), peaks, note))?;
    Ok(())
}

/// Keeps a checkpoint, if one is due.
fn keep(
    connection: &Connection,
    book: i64,
    size: u64,
    at: Timestamp,
    note: &str,
) -> rusqlite::Result<()> {
    let last = connection
        .prepare_cached(
            "select size, at from checkpoint where book = ?1 order by size desc limit 1",
        )?
        .query_row([book], |row| {
            let (size, at): (i64, i64) = row.try_into()?;
            Ok((size.cast_unsigned(), Timestamp::from_millis(at.cast_unsigned())))
        })
        .optional()?;
    if checkpoint::is_due(last, size, at) {
        insert_checkpoint(connection, book, size, at, note)?;
    }
    Ok(())
}

pub(super) fn insert_checkpoint(
    connection: &Connection,
    book: i64,
    size: u64,
    at: Timestamp,
    note: &str,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("insert into checkpoint (book, size, at, note) values (?1, ?2, ?3, ?4)")?
        .execute((book, size.cast_signed(), at.as_millis().cast_signed(), note))?;
    Ok(())
}
