//! `ledgeros holders erase`.

use std::collections::HashSet;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use journal::statement::{Act, Statement};
use journal::{Head, Reader};
use ledger::erasure::EraseHolder;
use ledger::{Approval, Command, Event, HolderId, Position};
use tracing::{info, warn};
use vault::Vault;
use writer::Offline;

use crate::folder::{self, Folder};
use crate::operators;
use crate::output::print;
use crate::running::{NOT_FORGOTTEN, forget};

/// How many entries are read at a time.
const ENTRIES_MAX: usize = 1_000;

/// Prints what has to be approved, or, once it is, does it: the entry first, then the vault.
pub(crate) fn run(data: &Path, holder: &str, approved: Option<&Path>) -> Result<ExitCode> {
    let holder = HolderId::parse(holder).with_context(|| format!("`{holder}` is no user's id"))?;
    let anchor = folder::anchor_of(data);
    ensure!(anchor.try_exists()?, "there is no `{}`", anchor.display());
    let folder = Folder::open(data)?;
    let key = folder.checkpoint_key()?;
    let book = Offline::open(folder::home(data, &folder.journal()?, folder.book(), &key)?)?;
    let vault = folder.vault()?;
    // An erasure that was cut short after its entry is finished here.
    let erased: Vec<_> = book.book().erased_subjects().collect();
    forget(&vault, &erased).context(NOT_FORGOTTEN)?;
    sweep(&vault, &mut *folder.journal()?.reader(folder.book())?.journal, book.head())?;

    let statement = Statement {
        book: folder.book(),
        incarnation: folder.incarnation(),
        head: book.head(),
        act: Act::Erase(holder),
    };
    let decide = |approval| {
        let command = Command::EraseHolder(EraseHolder { holder, approval });
        book.decide(&operators::request(&statement, command))
    };
    // Whether it can be done at all comes before who has approved it.
    let entry = decide(Approval::new(&statement.to_string())?)?;
    let subjects = entry.entry.events.iter().find_map(|event| match event {
        Event::HolderErased(event) => Some(event.subjects.clone()),
        _ => None,
    });
    let subjects = subjects.expect("an erasure says what is erased");
    let Some(approved) = approved else {
        warn!(
            user = %holder,
            cards = subjects.len() - 1,
            "nobody will be able to read this user's name, contact, documents and card numbers any more"
        );
        return print(&statement.to_string());
    };
    let entry = decide(operators::approved(data, approved, &statement)?)?;
    book.write(&entry)?;
    forget(&vault, &subjects).context(NOT_FORGOTTEN)?;
    info!(user = %holder, position = entry.entry.position.0, "erased");
    Ok(ExitCode::SUCCESS)
}

/// Takes from the vault what no entry names: another copy of somebody's name, say, left by a request that was cut short.
/// Nobody else writes now.
fn sweep(vault: &Vault, journal: &mut dyn Reader, head: Head) -> Result<()> {
    let mut named = HashSet::new();
    let mut next = Position::START.next();
    loop {
        let entries = journal.read(next, ENTRIES_MAX)?;
        let Some(last) = entries.last() else { break };
        next = last.entry.position.next();
        let events = entries.iter().flat_map(|stored| &stored.entry.events);
        named.extend(events.flat_map(Event::sealed).map(|item| item.reference));
    }
    // What a reader that lags behind does not know of would be gone.
    ensure!(
        next == head.position.next(),
        "the journal can't be read to its end, entry {}",
        head.position.0
    );
    let swept = vault.sweep(|item| named.contains(&item.0)).context("the vault can't be swept")?;
    if 0 < swept {
        info!(items = swept, "swept from the vault what no entry names");
    }
    Ok(())
}
