//! `ledgeros backup`: a copy of a folder's journal and vault, beside `serve` if it runs.

use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Instant, SystemTime};

use anyhow::{Context, Result};
use journal::anchor;
use journal::copy;
use ledger::Timestamp;

use crate::backup::{self, Manifest, Times};
use crate::journal_place::Opened;
use crate::output::print;
use crate::{checkpoint_keys, folder, secrets};

/// Makes a backup in a new folder.
pub(crate) fn run(data: &Path, to: &Path, secrets: Option<&Path>) -> Result<ExitCode> {
    let mut folder = DirBuilder::new();
    folder.mode(0o700).create(to).with_context(|| format!("`{}` can't be made", to.display()))?;
    let said = make(data, to, secrets);
    if said.is_err() {
        // It takes space and is no backup. Nobody else knows the folder yet.
        let _ = fs::remove_dir_all(to);
    }
    print(&said?)
}

fn make(data: &Path, to: &Path, secrets: Option<&Path>) -> Result<String> {
    let (began, begun_at) = (Instant::now(), now());
    if let Some(secrets) = secrets {
        secrets::back_up(data, secrets, to)?;
    }
    // What was answered until now is to be in it.
    let mark = anchor::read(&folder::anchor_of(data))?;
    let Opened { mut journal, incarnation } = folder::reader(data)?;
    anchor::check(&mut *journal, incarnation, mark)
        .context("the journal does not agree with its anchor")?;
    let copied = copy::to_sqlite(&mut *journal, incarnation, &to.join(backup::JOURNAL))?;
    checkpoint_keys::believe(data, copied.checkpoint.as_deref())?;
    let seconds = began.elapsed().as_secs_f64();
    // After the journal: what an entry names was in the vault before it.
    vault::copy::copy(&data.join("vault.sqlite"), &to.join(backup::VAULT))
        .context("the vault can't be copied")?;
    File::open(to)?.sync_all()?;

    let times = Times { begun_at, ended_at: now() };
    Manifest::new(to, mark, &copied, times)?.write(to)?;
    let (book, entries, root) = (mark.book, copied.head.position.0, copied.root);
    let rate = entries as f64 / seconds;
    Ok(format!(
        "{book}: {entries} entries, root {root}\n{rate:.0} entries/s, {:.2} s in all\n",
        began.elapsed().as_secs_f64()
    ))
}

fn now() -> String {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX);
    audit::rfc3339(Timestamp::from_millis(millis))
}
