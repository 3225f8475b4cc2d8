//! An anchor's file, as a disk may keep it.

use std::io;

use journal::anchor::Medium;

use crate::counters::Path;
use crate::options::Fault;
use crate::outside::{Effect, Outside, Shared};
use crate::random::Random;

/// What is on a disk, and what was written and not synced.
#[derive(Debug, Default)]
pub struct Disk {
    synced: Vec<u8>,
    /// In the order in which it was written.
    unsynced: Vec<(usize, Vec<u8>)>,
    /// What the book was made with.
    first: Vec<u8>,
}

impl Disk {
    /// Whether the file was never made.
    pub fn is_empty(&self) -> bool {
        self.synced.is_empty()
    }

    /// Whether something was written and not synced.
    pub fn is_dirty(&self) -> bool {
        !self.unsynced.is_empty()
    }

    fn seen(&self) -> Vec<u8> {
        let mut seen = self.synced.clone();
        self.unsynced.iter().for_each(|(offset, bytes)| put(&mut seen, *offset, bytes));
        seen
    }

    fn sync(&mut self) {
        for (offset, bytes) in self.unsynced.drain(..) {
            put(&mut self.synced, offset, &bytes);
        }
    }

    /// The book is made with what is there now.
    pub fn begin(&mut self) {
        self.first = self.seen();
    }

    /// The machine is gone for good: another one has what the book was made with.
    pub fn replace(&mut self) {
        self.synced.clone_from(&self.first);
        self.unsynced.clear();
    }

    /// The machine is gone: of what was not synced, a part is there at most.
    pub fn tear(&mut self, random: &mut Random) {
        for (offset, bytes) in std::mem::take(&mut self.unsynced) {
            let length = random.index(bytes.len() + 1);
            put(&mut self.synced, offset, &bytes[..length]);
        }
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if file.len() < offset + bytes.len() {
        file.resize(offset + bytes.len(), 0);
    }
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
}

/// The file, opened by a process.
#[derive(Debug)]
pub struct AnchorFile {
    /// What is outside.
    pub shared: Shared,
    /// Whose it is.
    pub process: usize,
}

impl AnchorFile {
    fn with<T>(
        &self,
        does: impl FnOnce(&mut Outside) -> Result<T, io::Error>,
    ) -> Result<T, io::Error> {
        let outside = &mut *self.shared.lock();
        match outside.effect(self.process) {
            Effect::Never => Err(failed()),
            Effect::HappensUnheard => does(outside).and_then(|_| Err(failed())),
            Effect::Happens => does(outside),
        }
    }
}

impl Medium for AnchorFile {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        let outside = self.shared.lock();
        let seen = outside.disks[self.process].seen();
        let found = seen.get(offset as usize..offset as usize + bytes.len());
        let found = found.ok_or(io::ErrorKind::UnexpectedEof)?;
        bytes.copy_from_slice(found);
        Ok(())
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.with(|outside| {
            if outside.hits(Fault::AnchorFails) {
                outside.counters.add(Path::AnchorFailed);
                return Err(failed());
            }
            outside.disks[self.process].unsynced.push((offset as usize, bytes.to_vec()));
            Ok(())
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.with(|outside| {
            if outside.hits(Fault::AnchorFails) {
                outside.counters.add(Path::AnchorFailed);
                // What it should have written may be there, or not, or in part.
                let mut random = outside.random.clone();
                outside.disks[self.process].tear(&mut random);
                outside.random = random;
                return Err(failed());
            }
            outside.disks[self.process].sync();
            Ok(())
        })
    }
}

fn failed() -> io::Error {
    io::Error::other("the disk has failed")
}
