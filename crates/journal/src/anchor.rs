//! The head of the journal, kept outside its store.
//!
//! A journal that was cut short, or put back to an older copy, is still a valid journal: nothing within it tells. The
//! anchor does. It is a file of two blocks which are written in turn, so that one of them is whole whenever the machine
//! stops; each holds a mark, the number of the write, and a checksum.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use ledger::{BookId, Position};
use sha2::{Digest, Sha256};

use crate::form::Hash;
use crate::store::{Head, ReadError, Reader};
use crate::whole;

/// Where a book's journal ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The book.
    pub book: BookId,
    /// What tells its journal from any other of the same book.
    pub incarnation: [u8; 16],
    /// The end.
    pub head: Head,
}

/// A small file that says where a book's journal ended at the last acknowledgement.
#[derive(Debug)]
pub struct Anchor {
    file: Box<dyn Medium>,
    slot: Slot,
    /// A write failed: what the file says is not known.
    is_poisoned: bool,
}

/// What an anchor is written to: a file, and in simulations what may happen to one.
pub trait Medium: fmt::Debug + Send {
    /// Fills `bytes` with what stands from `offset` on. Fails with [`io::ErrorKind::UnexpectedEof`] where there is less.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()>;

    /// Writes all of `bytes`. Before a [`sync`](Self::sync) nobody knows how much of it would be there after a crash.
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// What was written before is there after a crash. After an error nobody knows.
    fn sync(&mut self) -> io::Result<()>;
}

impl Medium for File {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.read_exact_at(bytes, offset)
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Why an anchor can't be had.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// The file can't be opened, read or made.
    #[error("the anchor's file can't be used")]
    Io(#[from] io::Error),
    /// Neither of the two blocks is whole.
    #[error("the anchor is unreadable")]
    Unreadable,
}

impl Anchor {
    /// Makes the file. It appears with the mark in it, or not at all.
    ///
    /// Fails with [`io::ErrorKind::AlreadyExists`] when there is one.
    pub fn create(path: &Path, mark: Mark) -> Result<Self, AnchorError> {
        let (anchor, unfinished) = Self::unfinished(path, mark)?;
        whole::finish(&unfinished, path)?;
        Ok(anchor)
    }

    /// Makes the file, in the place of another one, if there is one: either of the two is there at any time.
    ///
    /// What the other one said is forgotten. So this is for a loss that was accepted, and recorded, and nothing else.
    pub fn replace(path: &Path, mark: Mark) -> Result<Self, AnchorError> {
        let (anchor, unfinished) = Self::unfinished(path, mark)?;
        whole::replace(&unfinished, path)?;
        Ok(anchor)
    }

    /// The file under another name, and the name.
    fn unfinished(path: &Path, mark: Mark) -> Result<(Self, PathBuf), AnchorError> {
        let unfinished = whole::unfinished(path);
        whole::remove(&unfinished)?;
        let mut file = OpenOptions::new();
        let file = file.read(true).write(true).create_new(true).open(&unfinished)?;
        Ok((Self::begin(Box::new(file), mark)?, unfinished))
    }

    /// Writes the first mark to something that nobody relies on yet.
    pub fn begin(mut medium: Box<dyn Medium>, mark: Mark) -> Result<Self, AnchorError> {
        let slot = Slot { sequence: 0, mark };
        medium.write_at(&[0; FILE_BYTES], 0)?;
        medium.write_at(&slot.encode(), slot.offset())?;
        medium.sync()?;
        Ok(Self { file: medium, slot, is_poisoned: false })
    }

    /// Opens an anchor, with the mark that was written last.
    pub fn open(path: &Path) -> Result<(Self, Mark), AnchorError> {
        Self::resume(Box::new(OpenOptions::new().read(true).write(true).open(path)?))
    }

    /// The same wherever it was written to.
    pub fn resume(mut medium: Box<dyn Medium>) -> Result<(Self, Mark), AnchorError> {
        let slot = settled(medium.as_mut())?;
        Ok((Self { file: medium, slot, is_poisoned: false }, slot.mark))
    }

    /// The mark that was written last. After a failed write it is looked for as if the anchor were opened anew.
    pub fn reopen(&mut self) -> Result<Mark, AnchorError> {
        if self.is_poisoned {
            self.slot = settled(self.file.as_mut())?;
            self.is_poisoned = false;
        }
        Ok(self.slot.mark)
    }

    /// Writes that the journal ends at `head`. It is on disk when this returns.
    ///
    /// After an error nobody knows what the file says until it is [opened again](Self::reopen); until then this fails.
    ///
    /// # Panics
    ///
    /// When `head` lies before the mark: a journal does not get shorter.
    pub fn advance(&mut self, head: Head) -> io::Result<()> {
        let Slot { sequence, mark } = self.slot;
        assert!(mark.head.position <= head.position, "an anchor does not go back");
        if self.is_poisoned {
            return Err(io::Error::other("an earlier write of the anchor failed"));
        }
        let slot = Slot { sequence: sequence + 1, mark: Mark { head, ..mark } };
        self.is_poisoned = true;
        self.file.write_at(&slot.encode(), slot.offset())?;
        self.file.sync()?;
        self.is_poisoned = false;
        self.slot = slot;
        Ok(())
    }
}

/// The mark that was written last, for who only looks.
pub fn read(path: &Path) -> Result<Mark, AnchorError> {
    Ok(newest(&File::open(path)?)?.mark)
}

/// The same of what is no file.
pub fn look(medium: &dyn Medium) -> Result<Mark, AnchorError> {
    Ok(newest(medium)?.mark)
}

/// Why a journal is not the one that an anchor is about, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum Mismatch {
    /// Another book's.
    #[error("the anchor is of `{anchored}`, the journal of `{found}`")]
    OtherBook {
        /// The anchor's.
        anchored: BookId,
        /// The journal's.
        found: BookId,
    },
    /// A journal of the same book that began anew.
    #[error("the anchor is of another incarnation of the journal")]
    OtherIncarnation,
    /// The journal was cut short or put back.
    #[error("the journal ends at `{found}`, but had reached `{anchored}`")]
    Behind {
        /// The anchor's position.
        anchored: Position,
        /// The journal's last.
        found: Position,
    },
    /// Another entry stands at the anchor's position.
    #[error("entry `{position}` is not the one that the anchor names")]
    Differs {
        /// The position.
        position: Position,
    },
    /// The journal can't be read there.
    #[error("the journal can't be compared with the anchor")]
    Unreadable(#[from] ReadError),
}

/// Checks that a journal with this incarnation contains what a mark names. It may go on after it: the anchor is written
/// after the journal.
pub fn check(reader: &mut dyn Reader, incarnation: [u8; 16], mark: Mark) -> Result<(), Mismatch> {
    let Mark { book, head: anchored, .. } = mark;
    if reader.book() != book {
        return Err(Mismatch::OtherBook { anchored: book, found: reader.book() });
    }
    if incarnation != mark.incarnation {
        return Err(Mismatch::OtherIncarnation);
    }
    let position = anchored.position;
    let found = reader.head()?.position;
    if found < position {
        return Err(Mismatch::Behind { anchored: position, found });
    }
    if position == Position::START {
        return Ok(());
    }
    match reader.read(position, 1)?.first() {
        Some(stored) if stored.hash == anchored.hash => Ok(()),
        Some(_) | None => Err(Mismatch::Differs { position }),
    }
}

/// The blocks lie as far apart as disks and page caches write at once, so that writing one never touches the other.
const BLOCK_BYTES: usize = 4096;
const FILE_BYTES: usize = 2 * BLOCK_BYTES;
/// What is written of a block: a sector, which disks write whole.
const SLOT_BYTES: usize = 512;
const CHECKSUM_BYTES: usize = 32;

/// What every slot begins with: what it is, and in which form.
const MAGIC: [u8; 16] = *b"ledgeros anchor1";

/// What a block holds: big-endian numbers one after the other, zeros, and SHA-256 over all before it.
#[derive(Debug, Clone, Copy)]
struct Slot {
    /// Number of the write; its parity says which block.
    sequence: u64,
    mark: Mark,
}

impl Slot {
    fn offset(self) -> u64 {
        self.sequence % 2 * BLOCK_BYTES as u64
    }

    fn encode(self) -> [u8; SLOT_BYTES] {
        let Mark { book, incarnation, head } = self.mark;
        let content = [
            &MAGIC[..],
            &self.sequence.to_be_bytes(),
            &book.0,
            &incarnation,
            &head.position.0.to_be_bytes(),
            &head.hash.0,
        ]
        .concat();
        let mut bytes = [0; SLOT_BYTES];
        bytes[..content.len()].copy_from_slice(&content);
        let (content, checksum) = bytes.split_at_mut(SLOT_BYTES - CHECKSUM_BYTES);
        checksum.copy_from_slice(&Sha256::digest(content));
        bytes
    }

    /// `None` when it was not written as a whole.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (content, checksum) = bytes.split_at_checked(SLOT_BYTES - CHECKSUM_BYTES)?;
        if Sha256::digest(content)[..] != *checksum {
            return None;
        }
        let (magic, rest) = content.split_first_chunk()?;
        let (sequence, rest) = rest.split_first_chunk()?;
        let (book, rest) = rest.split_first_chunk()?;
        let (incarnation, rest) = rest.split_first_chunk()?;
        let (position, rest) = rest.split_first_chunk()?;
        let (hash, _) = rest.split_first_chunk()?;
        let head = Head { position: Position(u64::from_be_bytes(*position)), hash: Hash(*hash) };
        let mark = Mark { book: BookId(*book), incarnation: *incarnation, head };
        let slot = Self { sequence: u64::from_be_bytes(*sequence), mark };
        (*magic == MAGIC).then_some(slot)
    }
}

/// What was written last, on disk.
fn settled(medium: &mut dyn Medium) -> Result<Slot, AnchorError> {
    let slot = newest(medium)?;
    // A process that was killed before its sync has left the block in the system's memory only. The other block is
    // written next: without this, a machine that stops then may have neither.
    medium.sync()?;
    Ok(slot)
}

fn newest(file: &dyn Medium) -> Result<Slot, AnchorError> {
    let mut blocks = [0; FILE_BYTES];
    match file.read_at(&mut blocks, 0) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(AnchorError::Unreadable);
        }
        read => read?,
    }
    blocks
        .chunks_exact(BLOCK_BYTES)
        .filter_map(|block| Slot::decode(&block[..SLOT_BYTES]))
        .max_by_key(|slot| slot.sequence)
        .ok_or(AnchorError::Unreadable)
}

#[cfg(test)]
mod tests;
