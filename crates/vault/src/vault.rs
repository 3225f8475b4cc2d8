use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction};

use self::writer::{Row, Writer};
use crate::card_number::{CardNumber, Cvv, Expiry};
use crate::item::{
    CONTENT_BYTES_MAX, Kind, Plaintext, Reference, SALT_BYTES, Sealed, Subject, commit,
};
use crate::key::{Key, random};
use crate::master_key::{MasterKey, Subkeys};

pub mod copy;
mod database;
mod writer;

/// Encrypted items by reference, in an SQLite file.
///
/// Threads share it. Each call may wait for the disk: async callers give it a thread for that.
pub struct Vault {
    path: PathBuf,
    keys: Subkeys,
    // Before `writer`, so that it is closed first: the last to close takes the log away.
    reader: Mutex<Connection>,
    writer: Writer,
}

/// What a vault can't do. Says nothing of any content.
///
/// `TooLong` is invalid, `Erased` a rejection; all others are failures.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Not the key that the vault was made with.
    #[error("the vault was made with another master key")]
    WrongMasterKey,
    /// SQLite does not keep a setting that a promise rests on.
    #[error("SQLite leaves `{name}` at `{found}`")]
    Setting {
        /// The pragma.
        name: &'static str,
        /// What it is.
        found: String,
    },
    /// Made by a newer program.
    #[error("the vault has version `{found}`, which this program does not know")]
    Version {
        /// The version in the file.
        found: i64,
    },
    /// The subject was erased.
    #[error("subject `{subject}` is erased")]
    Erased {
        /// The subject.
        subject: Subject,
    },
    /// Longer than [`CONTENT_BYTES_MAX`].
    #[error("`{bytes}` bytes are more than the `{CONTENT_BYTES_MAX}` that an item may have")]
    TooLong {
        /// The content's length.
        bytes: usize,
    },
    /// The reference is to an item of another kind than was asked for.
    #[error("item `{reference}` is not of kind `{}`", kind.name())]
    OtherKind {
        /// The item.
        reference: Reference,
        /// What was asked for.
        kind: Kind,
    },
    /// An item is not there, and nobody has erased it: the file has lost it, or is an older copy.
    #[error("item `{reference}` is not in the vault, and its subject was not erased")]
    LostItem {
        /// The item.
        reference: Reference,
    },
    /// The same of a subject's key.
    #[error("the key of subject `{subject}` is not in the vault, and the subject was not erased")]
    LostKey {
        /// The subject.
        subject: Subject,
    },
    /// An item is not what was stored under its name.
    #[error("item `{reference}` was changed or moved since it was stored")]
    TamperedItem {
        /// The item.
        reference: Reference,
    },
    /// A subject's key is not what was stored under its name.
    #[error("the key of subject `{subject}` was changed or moved since it was stored")]
    TamperedKey {
        /// The subject.
        subject: Subject,
    },
    /// Deleted, but another's long read keeps old pages in the write-ahead log: repeat the call.
    #[error("deleted, but another reader holds old pages in the write-ahead log")]
    LogInUse,
    /// The file is not in order.
    #[error("the vault's file is damaged: {found}")]
    Damaged {
        /// What SQLite says.
        found: String,
    },
    /// A file can't be read or written.
    #[error("the vault's file can't be used")]
    File(#[source] Arc<io::Error>),
    /// SQLite failed; of what was to be stored or deleted, all is done or nothing.
    #[error("the vault's database failed")]
    Database(#[source] Arc<rusqlite::Error>),
}

impl Vault {
    /// Opens the vault in this file, or makes one that belongs to the key.
    ///
    /// What an erasure that was cut short has left in the write-ahead log goes, unless another's long read holds it there.
    pub fn open(path: &Path, master: MasterKey) -> Result<Self, Error> {
        let connection = database::open_or_create(path, &master)?;
        Self::begin(path, &master, connection)
    }

    /// The same of a vault that was made before: where there is none, none is made.
    pub fn open_existing(path: &Path, master: MasterKey) -> Result<Self, Error> {
        let connection = database::open(path, &master)?;
        Self::begin(path, &master, connection)
    }

    fn begin(path: &Path, master: &MasterKey, connection: Connection) -> Result<Self, Error> {
        let writer = Writer::new(connection);
        Ok(Self {
            path: path.to_owned(),
            keys: master.subkeys(),
            reader: Mutex::new(database::open_reader(path)?),
            writer,
        })
    }

    /// The file that it is in.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Stores the first item of a new subject.
    pub fn create_subject(
        &self,
        kind: Kind,
        content: &[u8],
        stored_at_ms: i64,
    ) -> Result<Sealed, Error> {
        let subject = Subject(random());
        let key = Key::random();
        let wrapped_key = self.keys.wrapping.seal(&key_context(subject), &[key.bytes()]);
        let (mut row, sealed) = self.seal(subject, &key, kind, content, stored_at_ms)?;
        row.wrapped_key = Some(wrapped_key);
        self.writer.insert(row)?;
        Ok(sealed)
    }

    /// Stores an item of a subject: always another one, and durable when this returns.
    ///
    /// So a command may be repeated, with the same content or another, whatever became of it the last time: items that no
    /// entry comes to name are [discarded](Self::discard), or [swept](Self::sweep) where nobody knew.
    pub fn put(
        &self,
        subject: Subject,
        kind: Kind,
        content: &[u8],
        stored_at_ms: i64,
    ) -> Result<Sealed, Error> {
        let wrapped_key = lock(&self.reader)
            .prepare_cached("select wrapped_key from subject where reference = ?1")?
            .query_row([subject.0], |row| row.get(0))
            .optional()?;
        let Some(wrapped_key) = wrapped_key else {
            return Err(without_key(&lock(&self.reader), subject)?);
        };
        let key = self.subject_key(subject, wrapped_key)?;
        let (row, sealed) = self.seal(subject, &key, kind, content, stored_at_ms)?;
        self.writer.insert(row)?;
        Ok(sealed)
    }

    /// What an entry recorded an item of; `None` when its subject was erased.
    ///
    /// What it returns is what was stored under this name, and what the entry was about.
    pub fn get(&self, kind: Kind, sealed: &Sealed) -> Result<Option<Plaintext>, Error> {
        let Sealed { subject, reference, commitment } = *sealed;
        let reader = lock(&self.reader);
        let found: Option<(_, Vec<u8>, String, Vec<u8>)> = reader
            .prepare_cached(
                "select item.subject, subject.wrapped_key, item.kind, item.ciphertext
                 from item join subject on subject.reference = item.subject
                 where item.reference = ?1",
            )?
            .query_row([reference.0], |row| row.try_into())
            .optional()?;
        let Some((owner, wrapped_key, stored_kind, ciphertext)) = found else {
            let is_erased = is_erased(&reader, subject)?;
            return if is_erased { Ok(None) } else { Err(Error::LostItem { reference }) };
        };
        drop(reader);
        if Subject(owner) != subject {
            return Err(Error::TamperedItem { reference });
        }
        if stored_kind != kind.name() {
            return Err(Error::OtherKind { reference, kind });
        }
        self.subject_key(subject, wrapped_key)?
            .open(&item_context(subject, reference, kind), ciphertext)
            .and_then(Plaintext::new)
            .filter(|content| content.opens(&commitment))
            .map(Some)
            .ok_or(Error::TamperedItem { reference })
    }

    /// Erases subjects: their keys and their items are gone from the vault's files when this returns, and that they were
    /// erased is kept.
    ///
    /// Not from copies of the files that were made before. Repeating it is harmless.
    pub fn forget(&self, subjects: &[Subject]) -> Result<(), Error> {
        self.writer.delete(|tx| {
            let mut delete = tx.prepare("delete from subject where reference = ?1")?;
            let mut keep = tx.prepare("insert or ignore into erased (subject) values (?1)")?;
            for subject in subjects {
                delete.execute([subject.0])?;
                keep.execute([subject.0])?;
            }
            Ok(())
        })
    }

    /// Deletes items that no entry names and none will, and the subjects that have nothing else. Repeating it is harmless.
    ///
    /// Old pages of theirs may lie in the write-ahead log until the next [`Vault::sweep`] or [`Vault::forget`].
    pub fn discard(&self, references: &[Reference]) -> Result<(), Error> {
        self.writer.update(|tx| {
            references.iter().try_for_each(|reference| delete_item(tx, *reference).map(drop))
        })
    }

    /// Deletes the items that no entry names, and the subjects that have nothing else; says how many items.
    ///
    /// Nobody may be about to send a command, and `is_named` must know all entries: what it answers `false` for is gone from
    /// the vault's files.
    pub fn sweep(&self, is_named: impl Fn(Reference) -> bool) -> Result<usize, Error> {
        let mut unnamed = self.references()?;
        unnamed.retain(|reference| !is_named(*reference));
        self.writer.delete(|tx| {
            let mut swept = 0;
            for reference in unnamed {
                swept += usize::from(delete_item(tx, reference)?);
            }
            Ok(swept)
        })
    }

    /// Tells request bodies apart, in an entry, without revealing them to who guesses.
    pub fn fingerprint(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mac = self.keys.fingerprint.mac(parts);
        *mac.first_chunk().expect("a MAC has 32 bytes")
    }

    /// The part of a link that nobody can guess: always the same for the same parts.
    pub fn link_token(&self, parts: &[&[u8]]) -> [u8; 32] {
        *self.keys.link.mac(parts)
    }

    /// A card's verification value, which is stored nowhere.
    pub fn cvv(&self, number: &CardNumber, expiry: Expiry) -> Cvv {
        let year = expiry.year.to_be_bytes();
        let parts: [&[u8]; 3] = [number.expose().as_bytes(), &year, &[expiry.month]];
        Cvv::from_mac(&self.keys.cvv.mac(&parts))
    }

    fn seal(
        &self,
        subject: Subject,
        key: &Key,
        kind: Kind,
        content: &[u8],
        stored_at_ms: i64,
    ) -> Result<(Row, Sealed), Error> {
        if CONTENT_BYTES_MAX < content.len() {
            let bytes = content.len();
            return Err(Error::TooLong { bytes });
        }
        let reference = Reference(random());
        let salt: [u8; SALT_BYTES] = random();
        let sealed = Sealed { subject, reference, commitment: commit(&salt, content) };
        let row = Row {
            subject,
            wrapped_key: None,
            reference,
            kind,
            stored_at_ms,
            ciphertext: key.seal(&item_context(subject, reference, kind), &[&salt, content]),
        };
        Ok((row, sealed))
    }

    fn references(&self) -> Result<Vec<Reference>, Error> {
        let reader = lock(&self.reader);
        let mut statement = reader.prepare_cached("select reference from item")?;
        let references = statement.query_map([], |row| row.get(0).map(Reference))?;
        Ok(references.collect::<Result<_, _>>()?)
    }

    fn subject_key(&self, subject: Subject, wrapped_key: Vec<u8>) -> Result<Key, Error> {
        self.keys
            .wrapping
            .open(&key_context(subject), wrapped_key)
            .and_then(|key| Key::from_slice(&key))
            .ok_or(Error::TamperedKey { subject })
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::File(Arc::new(error))
    }
}

/// Why a subject has no key.
fn without_key(db: &Connection, subject: Subject) -> Result<Error, rusqlite::Error> {
    let is_erased = is_erased(db, subject)?;
    Ok(if is_erased { Error::Erased { subject } } else { Error::LostKey { subject } })
}

fn is_erased(db: &Connection, subject: Subject) -> Result<bool, rusqlite::Error> {
    db.prepare_cached("select 1 from erased where subject = ?1")?.exists([subject.0])
}

/// Takes the subject along when it was its last; `false` when the item has gone already.
fn delete_item(tx: &Transaction<'_>, reference: Reference) -> Result<bool, rusqlite::Error> {
    let subject: Option<[u8; 16]> = tx
        .prepare_cached("delete from item where reference = ?1 returning subject")?
        .query_row([reference.0], |row| row.get(0))
        .optional()?;
    let Some(subject) = subject else {
        return Ok(false);
    };
    tx.prepare_cached(
        "delete from subject where reference = ?1
         and not exists (select 1 from item where subject = ?1)",
    )?
    .execute([subject])?;
    Ok(true)
}

/// Binds a wrapped key to its subject.
fn key_context(subject: Subject) -> Vec<u8> {
    [&b"ledgeros vault 1: key"[..], &subject.0].concat()
}

/// Binds a ciphertext to its subject, its name and its kind. All but the last have a fixed length.
fn item_context(subject: Subject, reference: Reference, kind: Kind) -> Vec<u8> {
    let name = kind.name().as_bytes();
    [&b"ledgeros vault 1: item"[..], &subject.0, &reference.0, name].concat()
}

/// A panic under the lock harms nothing: an open transaction is rolled back as it unwinds.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
