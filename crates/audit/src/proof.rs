//! Proofs for those who have a checkpoint and not the journal.
//!
//! The text is that of [C2SP tlog-proof](https://c2sp.org/tlog-proof). Its extra data is the entry's stored bytes.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use journal::checkpoint::{self, Checkpoint, InvalidNote, VerifyingKey};
use journal::tree::{InvalidProof, Proof};
use journal::{Hash, ReadError, Reader, Stored, Undecodable, decode};
use ledger::Position;

use crate::pages;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// That an entry is in a journal, for whoever trusts the key of its checkpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryProof {
    position: Position,
    bytes: Vec<u8>,
    path: Proof,
    note: String,
}

/// What a proof has shown.
#[derive(Debug)]
pub struct Shown {
    /// The entry.
    pub entry: Stored,
    /// The journal that it is in.
    pub checkpoint: Checkpoint,
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum NoProof {
    /// The journal is not that long.
    #[error("the journal ends at `{end}`")]
    NoSuchEntry {
        /// Its last entry.
        end: Position,
    },
    /// The entry is newer than the last checkpoint.
    #[error("no checkpoint speaks of entry `{position}` yet")]
    NotSigned {
        /// The entry.
        position: Position,
    },
    /// A checkpoint in the journal is none.
    #[error("the journal's last checkpoint can't be relied on")]
    Note(#[from] InvalidNote),
    /// The journal can't be read.
    #[error("the journal can't be read")]
    Journal(#[from] ReadError),
}

/// Why a proof shows nothing.
#[derive(Debug, thiserror::Error)]
pub enum InvalidEntryProof {
    /// It does not read like one.
    #[error("the text is no proof of an entry")]
    Form,
    /// Its checkpoint is not signed by a trusted key.
    #[error("its checkpoint can't be relied on")]
    Note(#[source] InvalidNote),
    /// The entry is not in the journal that the checkpoint speaks of.
    #[error("the entry is not in the journal of the checkpoint")]
    Proof(#[from] InvalidProof),
    /// The bytes are no entry.
    #[error("what is proved is no entry")]
    Undecodable(#[from] Undecodable),
    /// The entry has another position than its place in the tree.
    #[error("the entry says that it is `{found}`")]
    Position {
        /// What it says.
        found: Position,
    },
}

/// Proves an entry by the journal's last checkpoint. Reads the whole journal once.
pub fn prove(journal: &mut dyn Reader, position: Position) -> Result<EntryProof, NoProof> {
    let end = journal.head()?.position;
    if position == Position::START || end < position {
        return Err(NoProof::NoSuchEntry { end });
    }
    let note = journal.last_checkpoint()?;
    let size = note.as_deref().and_then(size_of).unwrap_or(0);
    let note = note.filter(|_| position.0 <= size).ok_or(NoProof::NotSigned { position })?;
    let read = journal.read(position, 1)?;
    let stored = read.into_iter().next().ok_or(ReadError::Missing { position })?;
    let leaves = leaves(journal, Position(size))?;
    let path = Proof::of_inclusion(position.0 - 1, size, leaves.into_iter());
    Ok(EntryProof { position, bytes: stored.bytes, path, note })
}

/// Proves that the journal of the checkpoint `new` begins with that of `old`. Reads the journal up to there once.
pub fn prove_consistency(
    journal: &mut dyn Reader,
    old: &Checkpoint,
    new: &Checkpoint,
) -> Result<Proof, NoProof> {
    let end = journal.head()?.position;
    if end.0 < new.size {
        return Err(NoProof::NoSuchEntry { end });
    }
    let leaves = leaves(journal, Position(new.size))?;
    Ok(Proof::of_consistency(old.size.min(new.size), new.size, leaves.into_iter()))
}

impl EntryProof {
    /// Checks everything that the text says.
    pub fn check(&self, keys: &[VerifyingKey]) -> Result<Shown, InvalidEntryProof> {
        let checkpoint = checkpoint::open(keys, &self.note).map_err(InvalidEntryProof::Note)?;
        let leaf = Hash::of(&self.bytes);
        let index = self.position.0.checked_sub(1).ok_or(InvalidEntryProof::Form)?;
        self.path.check_inclusion(leaf, index, checkpoint.size, checkpoint.root)?;
        let entry = decode(self.bytes.clone())?;
        let found = entry.entry.position;
        if found != self.position {
            return Err(InvalidEntryProof::Position { found });
        }
        Ok(Shown { entry, checkpoint })
    }

    /// Reads the text form.
    pub fn parse(text: &str) -> Result<Self, InvalidEntryProof> {
        let (proof, note) = text.split_once("\n\n").ok_or(InvalidEntryProof::Form)?;
        let mut lines = proof.lines();
        let mut field = |name: &str| {
            let line = lines.next().ok_or(InvalidEntryProof::Form)?;
            line.strip_prefix(name).ok_or(InvalidEntryProof::Form)
        };
        field(HEADER)?;
        let bytes = BASE64.decode(field("extra ")?).map_err(|_| InvalidEntryProof::Form)?;
        let index: u64 = field("index ")?.parse().map_err(|_| InvalidEntryProof::Form)?;
        let hashes = lines.map(|line| {
            let hash = BASE64.decode(line).ok().and_then(|hash| hash.try_into().ok());
            hash.map(Hash).ok_or(InvalidEntryProof::Form)
        });
        let path = Proof(hashes.collect::<Result<_, _>>()?);
        let position = Position(index.checked_add(1).ok_or(InvalidEntryProof::Form)?);
        let read = Self { position, bytes, path, note: note.to_owned() };
        if read.to_string() == text { Ok(read) } else { Err(InvalidEntryProof::Form) }
    }
}

impl fmt::Display for EntryProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}\nextra {}", BASE64.encode(&self.bytes))?;
        writeln!(f, "index {}", self.position.0 - 1)?;
        self.path.0.iter().try_for_each(|hash| writeln!(f, "{}", BASE64.encode(hash.0)))?;
        write!(f, "\n{}", self.note)
    }
}

/// The hashes of the entries up to `end`.
fn leaves(journal: &mut dyn Reader, end: Position) -> Result<Vec<Hash>, ReadError> {
    let mut leaves = Vec::new();
    pages::walk(pages::of(journal, end), |stored| leaves.push(stored.hash))?;
    Ok(leaves)
}

/// The number of entries that a note speaks of, unchecked.
fn size_of(note: &str) -> Option<u64> {
    note.lines().nth(1)?.parse().ok()
}
