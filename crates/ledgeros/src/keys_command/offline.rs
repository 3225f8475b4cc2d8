//! Keys of a book that nobody serves.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use gateway::keys;
use ledger::book::Environment;
use ledger::keys::{CreateKey, Family, KeyCreated, RevokeKey};
use ledger::{Command, CommandId, Entry, Event, KeyId, Origin, Position, Request};
use sha2::{Digest, Sha256};
use writer::Offline;

use super::{FamilyName, Listed, ScopeName, word};
use crate::folder::{self, Folder};
use crate::place::SERVED;

/// How many entries are read at a time.
const ENTRIES_MAX: usize = 4_096;

/// Makes a key: its id and its text.
pub(super) fn create(
    data: &Path,
    scope: ScopeName,
    family: Option<FamilyName>,
) -> Result<(String, String)> {
    let folder = open(data)?;
    let family = family.map_or(Family::LedgerOs, FamilyName::family);
    let (text, new) = keys::generate(family, environment(data)?, scope.scope());
    let id = CommandId(*new.digest.first_chunk().expect("a hash has more than sixteen bytes"));
    let entry = write(&folder, id, Command::CreateKey(CreateKey(new)))?;
    let created = entry.events.iter().find_map(|event| match event {
        Event::KeyCreated(event) => Some(event.key),
        _ => None,
    });
    let id = created.expect("what makes a key says which");
    Ok((id.to_string(), text))
}

/// Takes a key out of use.
pub(super) fn revoke(data: &Path, key: KeyId) -> Result<()> {
    let hash = Sha256::new().chain_update(b"revoke").chain_update(key.0).finalize();
    let id = CommandId(*hash.first_chunk().expect("a hash has more than sixteen bytes"));
    write(&open(data)?, id, Command::RevokeKey(RevokeKey { key })).map(drop)
}

/// Every key, the newest first. Reads the whole journal.
pub(super) fn list(data: &Path) -> Result<Vec<Listed>> {
    let _folder = open(data)?;
    let mut journal = folder::reader(data)?.journal;
    let mut keys: BTreeMap<KeyId, (Position, Listed)> = BTreeMap::new();
    let mut next = Position::START.next();
    loop {
        let entries = journal.read(next, ENTRIES_MAX)?;
        let Some(last) = entries.last() else { break };
        next = last.entry.position.next();
        for entry in entries.iter().map(|stored| &stored.entry) {
            for event in &entry.events {
                if let Event::KeyCreated(event) = event {
                    keys.insert(event.key, (entry.position, listed(event)));
                } else if let Event::KeyRevoked(event) = event
                    && let Some((_, key)) = keys.get_mut(&event.key)
                {
                    key.is_revoked = true;
                }
            }
        }
    }
    let mut keys: Vec<_> = keys.into_values().collect();
    keys.sort_by_key(|(position, _)| std::cmp::Reverse(*position));
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

fn listed(event: &KeyCreated) -> Listed {
    Listed {
        id: event.key.to_string(),
        prefix: event.new.prefix.iter().map(|byte| format!("{byte:02x}")).collect(),
        family: word(FamilyName::of(event.new.family)),
        scope: word(ScopeName::of(event.new.scope)),
        is_revoked: false,
        agent: event.agent.map(|agent| agent.to_string()),
    }
}

fn open(data: &Path) -> Result<Folder> {
    let anchor = folder::anchor_of(data);
    ensure!(anchor.try_exists()?, "there is no `{}`", anchor.display());
    Folder::open(data).context(SERVED)
}

/// Whether the book's money is real.
fn environment(data: &Path) -> Result<Environment> {
    let opening = folder::opening(data)?.context("the book is not open: serve the folder once")?;
    Ok(opening.environment)
}

fn write(folder: &Folder, id: CommandId, command: Command) -> Result<std::sync::Arc<Entry>> {
    let key = folder.checkpoint_key()?;
    let home = folder::home(folder.path(), &folder.journal()?, folder.book(), &key)?;
    let book = Offline::open(home)?;
    let entry = book.decide(&Request { id, origin: Origin::LEDGER, command })?;
    book.write(&entry)?;
    Ok(entry.entry)
}
