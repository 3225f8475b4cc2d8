//! `ledgeros restore`: a backup, put into a folder or into the database that the folder names.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use journal::anchor::{self, Mark, Mismatch};
use journal::postgres::Leaders;
use journal::{Anchor, Epoch, Reader, copy};
use tracing::warn;

use crate::backup::{Backup, VAULT, sync_parent};
use crate::journal_place::{JournalPlace, Opened};
use crate::output::print;
use crate::{checkpoint_keys, folder, secrets};

/// What a folder that is restored into must not have: it would be mixed up with what is restored.
const IN_THE_WAY: [&str; 8] = [
    "anchor",
    "journal.sqlite",
    "journal.sqlite-wal",
    "vault.sqlite",
    "vault.sqlite-wal",
    "snapshot",
    "read_model",
    "courier.sqlite",
];

/// Restores a backup. The anchor comes last: a folder without it does not start.
pub(crate) fn run(
    backup: &Path,
    data: &Path,
    anchor: Option<&Path>,
    secrets: Option<&Path>,
) -> Result<ExitCode> {
    folder::make(data)?;
    let _lock = folder::lock(data)?;
    for name in IN_THE_WAY {
        let path = data.join(name);
        ensure!(!path.try_exists()?, "`{}` is there: it would be overwritten", path.display());
    }
    let place = JournalPlace::of(data)?;
    let mut backup = Backup::open(backup)?;
    let (book, incarnation) = (backup.journal.book(), backup.journal.incarnation());
    let mark = anchor.map(|anchor| surviving_mark(anchor, &mut backup)).transpose()?;
    let is_there = place.has(book)?;
    ensure!(
        !is_there || is_its_copy(&place, &backup)?,
        "the database has a journal of `{book}` already"
    );
    if let Some(secrets) = secrets {
        checkpoint_keys::believe(secrets, backup.copied.checkpoint.as_deref())
            .context("the backup is not of the book of these secrets")?;
        secrets::put_back(secrets, data)?;
    }

    put_vault(&backup, data)?;
    if !is_there {
        match &place {
            JournalPlace::Sqlite(path) => copy::to_sqlite(&mut backup.journal, incarnation, path)?,
            JournalPlace::Postgres(url) => {
                copy::to_postgres(&mut backup.journal, incarnation, url)?
            }
        };
    }
    match mark {
        Some(mark) => drop(Anchor::create(&folder::anchor_of(data), mark)?),
        None => warn!(
            "there is no anchor: the ledger does not start until the surviving one is put there, \
             or what was lost is accepted with `ledgeros recover --accept-loss`"
        ),
    }
    sync_parent(data)?;
    let entries = backup.copied.head.position;
    print(&format!("{book}: {entries} entries, root {}\n", backup.copied.root))
}

/// Whether the database has the backup's journal, and no writer has claimed it yet: a restore that was cut short after its
/// commit leaves it so. All of it is checked.
fn is_its_copy(place: &JournalPlace, backup: &Backup) -> Result<bool> {
    let JournalPlace::Postgres(url) = place else { return Ok(false) };
    let book = backup.journal.book();
    let leader = Leaders::open(url)?.look(book)?;
    if leader.is_none_or(|leader| leader.epoch != Epoch::UNCLAIMED) {
        return Ok(false);
    }
    let Opened { mut journal, incarnation } = place.reader(book)?;
    Ok(incarnation == backup.journal.incarnation() && copy::check(&mut *journal)? == backup.copied)
}

/// What the anchor that survived says, once the backup contains it.
fn surviving_mark(path: &Path, backup: &mut Backup) -> Result<Mark> {
    let named = path.display();
    let mark = anchor::read(path).with_context(|| format!("`{named}` can't be used"))?;
    let incarnation = backup.journal.incarnation();
    match anchor::check(&mut backup.journal, incarnation, mark) {
        Ok(()) => Ok(mark),
        Err(Mismatch::Behind { anchored, found }) => bail!(
            "the backup is older than `{named}`: entries `{}` to `{anchored}` are missing",
            found.next()
        ),
        Err(mismatch) => Err(mismatch).context("the backup does not agree with the anchor"),
    }
}

/// Copies the vault, whole and on disk, or not at all; not with its mode: a backup may be kept where nobody writes.
fn put_vault(backup: &Backup, data: &Path) -> Result<()> {
    let (path, from) = (data.join(VAULT), backup.vault());
    let unfinished = path.with_added_extension("new");
    // One that a restore which was cut short has left keeps its mode when it is written to.
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        removed => removed?,
    }
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(&unfinished)?;
    File::open(&from)
        .and_then(|mut from| io::copy(&mut from, &mut file))
        .with_context(|| format!("`{}` can't be copied", from.display()))?;
    file.sync_all()?;
    fs::rename(unfinished, &path)?;
    Ok(File::open(data)?.sync_all()?)
}
