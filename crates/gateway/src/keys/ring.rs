//! The keys that were used lately.

use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ledger::{KeyId, Position};
use projector::directory::Key;
use tokio::time::Instant;

/// How long a key is believed in without asking the directory again: half of the second within which a revoked key stops
/// working everywhere.
pub const FRESH: Duration = Duration::from_millis(500);

/// After what time one request asks anew, while the others go on believing: none has to wait in a queue of equals.
const RENEWED_AFTER: Duration = Duration::from_millis(250);

/// Keys that are remembered. A look-up costs some ten microseconds, so more are not worth the memory.
const KEYS_MAX: usize = 10_000;

/// The keys that were used lately, and what each last wrote.
#[derive(Debug, Default)]
pub(crate) struct Ring(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    keys: HashMap<[u8; 8], Remembered>,
    /// What was revoked through this gateway since it started, 16 bytes each: the directory may not show it yet.
    revoked: HashSet<KeyId>,
}

#[derive(Debug)]
struct Remembered {
    caller: Caller,
    asked_at: Instant,
    /// Whether a request is asking anew.
    is_renewed: AtomicBool,
}

/// Who calls: a key of this book.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    row: Arc<Key>,
    wrote: Arc<AtomicU64>,
}

impl Ring {
    /// A key that can be believed in. `None`: ask the directory.
    pub(crate) fn fresh(&self, prefix: [u8; 8], now: Instant) -> Option<Caller> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let remembered = known.keys.get(&prefix)?;
        let age = now.duration_since(remembered.asked_at);
        let is_first_to_renew =
            || RENEWED_AFTER <= age && !remembered.is_renewed.swap(true, Ordering::Relaxed);
        (age < FRESH && !is_first_to_renew()).then(|| remembered.caller.clone())
    }

    /// Takes in what the directory says of a key. A key that is new here may have written everything that anyone has:
    /// up to `wrote`.
    pub(crate) fn learn(
        &self,
        prefix: [u8; 8],
        row: Option<Key>,
        asked_at: Instant,
        wrote: Position,
    ) -> Option<Caller> {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Known { keys: known, revoked } = &mut *known;
        let before = known.remove(&prefix);
        if known.len() == KEYS_MAX {
            known.retain(|_, remembered| asked_at.duration_since(remembered.asked_at) < FRESH);
        }
        let wrote = match before {
            Some(before) => before.caller.wrote,
            None => Arc::new(AtomicU64::new(wrote.0)),
        };
        let is_usable = |row: &Key| row.revoked_at.is_none() && !revoked.contains(&row.id);
        let caller = Caller { row: Arc::new(row.filter(is_usable)?), wrote };
        if known.len() < KEYS_MAX {
            let is_renewed = AtomicBool::new(false);
            known.insert(prefix, Remembered { caller: caller.clone(), asked_at, is_renewed });
        }
        Some(caller)
    }

    /// Forgets a key for ever.
    pub(crate) fn revoke(&self, key: KeyId) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.revoked.insert(key);
        known.keys.retain(|_, remembered| remembered.caller.id != key);
    }
}

impl Caller {
    /// The last position that the key wrote through this gateway.
    pub(crate) fn wrote(&self) -> Position {
        Position(self.wrote.load(Ordering::Relaxed))
    }

    /// Takes note of what it wrote.
    pub(crate) fn note(&self, position: Position) {
        self.wrote.fetch_max(position.0, Ordering::Relaxed);
    }
}

impl Deref for Caller {
    type Target = Key;

    fn deref(&self) -> &Key {
        &self.row
    }
}

#[cfg(test)]
mod tests;
