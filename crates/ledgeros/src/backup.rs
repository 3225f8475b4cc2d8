//! A backup: a folder with a journal, a vault, and a file that says that both are whole.
//!
//! | file | what it is |
//! | --- | --- |
//! | `journal.sqlite` | every entry up to a signed checkpoint, whichever store the journal is in |
//! | `vault.sqlite` | the vault as it was after that, encrypted as ever |
//! | `backup.json` | of what, and how much; written last, so that a backup without it is none |

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use journal::anchor::Mark;
use journal::copy::{self, Copied};
use journal::sqlite::{self, SqliteReader};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The journal's file.
pub(crate) const JOURNAL: &str = "journal.sqlite";
/// The vault's.
pub(crate) const VAULT: &str = "vault.sqlite";
const MANIFEST: &str = "backup.json";
/// Which form of a backup this program writes, and the only one that it reads.
const FORM: u32 = 1;

/// What `backup.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Manifest {
    /// Which form the backup has.
    pub(crate) form: u32,
    /// The version of the program that made it.
    pub(crate) program: String,
    /// The book.
    pub(crate) book: String,
    /// What tells its journal from any other of the same book.
    pub(crate) incarnation: String,
    /// How many entries the journal has.
    pub(crate) entries: u64,
    /// The root of the tree over them.
    pub(crate) root: String,
    /// The signed checkpoint that says so.
    pub(crate) checkpoint: Option<String>,
    /// When the copying began: all that was answered before is in it.
    pub(crate) begun_at: String,
    /// When it ended.
    pub(crate) ended_at: String,
    /// SHA-256 of the journal's file.
    pub(crate) journal: String,
    /// SHA-256 of the vault's.
    pub(crate) vault: String,
}

/// A backup that is whole.
pub(crate) struct Backup {
    path: PathBuf,
    /// Its journal.
    pub(crate) journal: SqliteReader,
    /// What is in it.
    pub(crate) copied: Copied,
}

/// When a backup was made.
pub(crate) struct Times {
    pub(crate) begun_at: String,
    pub(crate) ended_at: String,
}

impl Manifest {
    /// Of the files that are in `folder`.
    pub(crate) fn new(folder: &Path, mark: Mark, copied: &Copied, times: Times) -> Result<Self> {
        Ok(Self {
            form: FORM,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            book: mark.book.to_string(),
            incarnation: hex(&mark.incarnation),
            entries: copied.head.position.0,
            root: copied.root.to_string(),
            checkpoint: copied.checkpoint.clone(),
            begun_at: times.begun_at,
            ended_at: times.ended_at,
            journal: digest(&folder.join(JOURNAL))?,
            vault: digest(&folder.join(VAULT))?,
        })
    }

    /// Writes it: from now on, the backup is one.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let unfinished = folder.join(MANIFEST).with_added_extension("new");
        let mut file = OpenOptions::new();
        let mut file = file.write(true).create_new(true).mode(0o600).open(&unfinished)?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(unfinished, folder.join(MANIFEST))?;
        File::open(folder)?.sync_all()?;
        Ok(sync_parent(folder)?)
    }

    fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(MANIFEST);
        let named = path.display();
        let text = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                bail!("`{named}` is missing: this is no backup, or one that was cut short")
            }
            text => text.with_context(|| format!("`{named}` can't be read"))?,
        };
        let Form { form } =
            serde_json::from_slice(&text).with_context(|| format!("`{named}` is damaged"))?;
        ensure!(form == FORM, "`{named}` has form `{form}`, which this program does not know");
        serde_json::from_slice(&text).with_context(|| format!("`{named}` is damaged"))
    }
}

/// What every form of `backup.json` has.
#[derive(Deserialize)]
struct Form {
    form: u32,
}

impl Backup {
    /// Opens a backup, once every byte of it is checked: the files are those that were written, the chain, the tree and
    /// its checkpoint, the vault's database.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let manifest = Manifest::read(path)?;
        for (name, written) in [(JOURNAL, &manifest.journal), (VAULT, &manifest.vault)] {
            let file = path.join(name);
            let named = file.display();
            let found = digest(&file).with_context(|| format!("`{named}` can't be read"))?;
            ensure!(found == *written, "`{named}` is not what was written");
        }
        vault::copy::check(&path.join(VAULT))?;
        let file = path.join(JOURNAL);
        let books = sqlite::books(&file)?;
        let [book] = books[..] else { bail!("`{}` has not one book", file.display()) };
        let mut journal = SqliteReader::open(&file, book)?;
        let copied = copy::check(&mut journal)?;
        let says = Manifest {
            book: book.to_string(),
            incarnation: hex(&journal.incarnation()),
            entries: copied.head.position.0,
            root: copied.root.to_string(),
            checkpoint: copied.checkpoint.clone(),
            ..manifest.clone()
        };
        ensure!(says == manifest, "`{MANIFEST}` does not say what is in `{}`", file.display());
        Ok(Self { path: path.to_owned(), journal, copied })
    }

    /// The vault's file.
    pub(crate) fn vault(&self) -> PathBuf {
        self.path.join(VAULT)
    }
}

/// A new folder is found after a power cut only once the one that it is in is on disk.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

/// SHA-256 of a file.
fn digest(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let (mut hash, mut part) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hex(&hash.finalize())),
            count => hash.update(&part[..count]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
