//! Copies of a journal: bytes, ids, tree and checkpoints as they are, into a store of either kind.
//!
//! A copy ends at the signed checkpoint of the journal's end, where its writer has a key, and at its end where not. A
//! writer may be at work: what it appends meanwhile is not in the copy. Everything is checked on the way: that each entry
//! follows the one before, that the tree is the signed one, and that the index has the entries' ids and no others.
//!
//! A copy that was cut short is no journal: a file gets its name, and a database its book, once all is there.

use std::io;
use std::path::Path;

use ledger::{Position, Reference};
use sha2::{Digest, Sha256};

use crate::form::{Hash, Stored};
use crate::postgres::copy::DatabaseCopy;
use crate::sqlite::copy::FileCopy;
use crate::store::{Failure, Head, OpenError, ReadError, Reader};
use crate::tree::Tree;
use crate::{chain, checkpoint, lookup};

/// Entries that are read and checked at once: an entry may take megabytes, and a page of them is in memory.
const PAGE: usize = 256;
/// Entries, and checkpoints, that are written at once: their ids are written in the order of the index, and with those of a
/// single page at a time a backup took a fifth longer.
const WRITTEN: usize = 10_000;
/// Bytes of entries that are written at once, however few those are. So many entries mostly have less.
const WRITTEN_BYTES: usize = 8 << 20;

/// What was copied, or checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The last entry.
    pub head: Head,
    /// The root of the tree over all entries.
    pub root: Hash,
    /// The signed checkpoint that says so. Who has the key checks its signature.
    pub checkpoint: Option<String>,
}

/// Why a journal was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The journal can't be read, or is not what was written.
    #[error("the journal can't be read")]
    Source(#[from] ReadError),
    /// What is kept as a checkpoint is none of a journal that is so long.
    #[error("the checkpoint of the first `{size}` entries is none")]
    NoCheckpoint {
        /// What it is filed under.
        size: u64,
    },
    /// The entries are not those that the checkpoint was signed for, or that the tree was kept of.
    #[error("the first `{size}` entries are not those that the tree was made of")]
    TreeDiffers {
        /// How many there should be.
        size: u64,
    },
    /// Ids are looked up that the entries don't carry, or the other way round.
    #[error(
        "the journal's index is not that of its entries: it has `{indexed}` ids, they carry `{carried}`"
    )]
    IndexDiffers {
        /// How many stand in the index.
        indexed: u64,
        /// How many the entries carry.
        carried: u64,
    },
    /// The copy can't be begun.
    #[error("the copy can't be made")]
    Open(#[from] OpenError),
    /// The copy can't be written.
    #[error("the copy can't be written")]
    Write(#[from] Failure),
    /// The copy's file can't be had.
    #[error("the copy's file can't be made")]
    File(#[from] io::Error),
}

/// Checks a journal as a copy would.
pub fn check(source: &mut dyn Reader) -> Result<Copied, CopyError> {
    copy(source, &mut Nowhere).map(|(_, copied)| copied)
}

/// Copies a journal with this incarnation into a new file. It appears whole and on disk, or not at all.
pub fn to_sqlite(
    source: &mut dyn Reader,
    incarnation: [u8; 16],
    path: &Path,
) -> Result<Copied, CopyError> {
    let book = source.book();
    let mut target = FileCopy::begin(path)?;
    match copy(source, &mut target) {
        Ok((tree, copied)) => {
            target.finish(book, incarnation, &tree, copied.checkpoint.as_deref())?;
            Ok(copied)
        }
        Err(error) => {
            // It takes space; what becomes of it matters no more.
            let _ = target.abandon();
            Err(error)
        }
    }
}

/// Copies a journal with this incarnation into a database that was [prepared](crate::postgres::prepare) and has no such
/// book, in one transaction.
pub fn to_postgres(
    source: &mut dyn Reader,
    incarnation: [u8; 16],
    url: &str,
) -> Result<Copied, CopyError> {
    let mut target = DatabaseCopy::begin(url, source.book(), incarnation)?;
    let (tree, copied) = copy(source, &mut target)?;
    target.finish(&tree, copied.checkpoint.as_deref())?;
    Ok(copied)
}

/// What a copy is written into.
pub(crate) trait Target {
    /// Adds entries that follow those that are there, with the ids that they carry.
    fn add(&mut self, page: &[Stored]) -> Result<(), CopyError>;

    /// Adds checkpoints that are kept, each after the size of its journal. Their entries are there.
    fn keep(&mut self, checkpoints: &[(u64, String)]) -> Result<(), CopyError>;
}

/// For who only checks.
struct Nowhere;

impl Target for Nowhere {
    fn add(&mut self, _: &[Stored]) -> Result<(), CopyError> {
        Ok(())
    }

    fn keep(&mut self, _: &[(u64, String)]) -> Result<(), CopyError> {
        Ok(())
    }
}

fn copy(source: &mut dyn Reader, target: &mut impl Target) -> Result<(Tree, Copied), CopyError> {
    let end = End::of(source)?;
    let (head, tree, carried) = copy_entries(source, end.size, target)?;
    if tree.root() != end.root {
        return Err(CopyError::TreeDiffers { size: end.size });
    }
    let mut indexed = Ids::default();
    source.references(&mut |reference, position| {
        if position.0 <= end.size {
            indexed.add(reference, position);
        }
    })?;
    if indexed != carried {
        let (indexed, carried) = (indexed.count, carried.count);
        return Err(CopyError::IndexDiffers { indexed, carried });
    }
    copy_checkpoints(source, &end, target)?;
    Ok((tree, Copied { head, root: end.root, checkpoint: end.note }))
}

/// Where a copy ends.
struct End {
    size: u64,
    root: Hash,
    note: Option<String>,
}

impl End {
    fn of(source: &mut dyn Reader) -> Result<Self, CopyError> {
        let at_least = source.head()?.position.0;
        let end = match source.last_checkpoint()? {
            Some(note) => {
                let checkpoint = checkpoint::read(&note);
                let checkpoint =
                    checkpoint.map_err(|_| CopyError::NoCheckpoint { size: at_least })?;
                Self { size: checkpoint.size, root: checkpoint.root, note: Some(note) }
            }
            None => {
                let tree = source.tree()?;
                Self { size: tree.size(), root: tree.root(), note: None }
            }
        };
        // It is kept with the entries: one of fewer than there were is not what was kept.
        if end.size < at_least { Err(CopyError::TreeDiffers { size: at_least }) } else { Ok(end) }
    }
}

fn copy_entries(
    source: &mut dyn Reader,
    size: u64,
    target: &mut impl Target,
) -> Result<(Head, Tree, Ids), CopyError> {
    let (mut head, mut tree, mut carried) = (Head::EMPTY, Tree::default(), Ids::default());
    let (mut read, mut bytes) = (Vec::new(), 0);
    while head.position.0 < size {
        let limit = usize::try_from(size - head.position.0).map_or(PAGE, |rest| rest.min(PAGE));
        let page = source.read(head.position.next(), limit)?;
        let (Some(first), Some(last)) = (page.first(), page.last()) else {
            return Err(ReadError::Missing { position: head.position.next() }.into());
        };
        if first.previous != head.hash {
            let (position, named_by) = (head.position, "the entry after it");
            return Err(ReadError::Changed { position, named_by }.into());
        }
        tree.extend(page.iter().map(|stored| stored.hash));
        for (reference, position) in chain::references(&page) {
            carried.add(reference, position);
        }
        head = Head { position: last.entry.position, hash: last.hash };
        bytes += page.iter().map(|stored| stored.bytes.len()).sum::<usize>();
        read.extend(page);
        if WRITTEN <= read.len() || WRITTEN_BYTES <= bytes || size <= head.position.0 {
            target.add(&read)?;
            read.clear();
            bytes = 0;
        }
    }
    Ok((head, tree, carried))
}

fn copy_checkpoints(
    source: &mut dyn Reader,
    end: &End,
    target: &mut impl Target,
) -> Result<(), CopyError> {
    let mut page = Vec::new();
    let mut at_end = Vec::new();
    let mut last = 0;
    let mut written = Ok(());
    source.checkpoints(&mut |size, note| {
        last = size;
        if size == end.size {
            at_end.push(note.to_owned());
        }
        if end.size <= size || written.is_err() {
            return;
        }
        match checkpoint::read(note) {
            Ok(checkpoint) if checkpoint.size == size => page.push((size, note.to_owned())),
            Ok(_) | Err(_) => written = Err(CopyError::NoCheckpoint { size }),
        }
        if page.len() == WRITTEN {
            written = target.keep(&page);
            page.clear();
        }
    })?;
    written?;
    // Where the journal still ends there, the last one is the tree's, and kept only if it stands twice.
    if end.note.is_some() && last == end.size {
        at_end.pop();
    }
    page.extend(at_end.into_iter().map(|note| (end.size, note)));
    target.keep(&page)
}

/// Tells sets of ids apart, whatever their order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ids {
    count: u64,
    sum: u128,
}

impl Ids {
    fn add(&mut self, reference: Reference, position: Position) {
        let hash = Sha256::new()
            .chain_update(lookup::kind(reference).to_be_bytes())
            .chain_update(reference.hash())
            .chain_update(position.0.to_be_bytes())
            .finalize();
        let part = hash.first_chunk().expect("SHA-256 has 32 bytes");
        self.count += 1;
        self.sum = self.sum.wrapping_add(u128::from_be_bytes(*part));
    }
}

#[cfg(test)]
mod tests;
