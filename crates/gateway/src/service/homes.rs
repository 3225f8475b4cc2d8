//! Which book a key is of.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::error::Error;

/// How long a prefix that no book knows is not looked for again: a quarter of the second within which a key that was made
/// elsewhere works here.
const UNKNOWN_FOR: Duration = Duration::from_millis(250);

/// Searches that are remembered. When there are more within [`UNKNOWN_FOR`], the rest is looked for each time.
const SEARCHES_MAX: usize = 10_000;

/// The home of every key that was ever used here, and what was looked for lately.
#[derive(Debug)]
pub(super) struct Homes<B> {
    /// A key never moves: what is here stays. It has no more than the keys that there are.
    known: RwLock<HashMap<[u8; 8], B>>,
    searches: Mutex<HashMap<[u8; 8], Arc<Search<B>>>>,
}

#[derive(Debug)]
struct Search<B> {
    began: Instant,
    home: OnceCell<Option<B>>,
}

impl<B> Default for Homes<B> {
    fn default() -> Self {
        Self { known: RwLock::default(), searches: Mutex::default() }
    }
}

impl<B: Clone> Homes<B> {
    /// The home of a key. One request looks it up, while those that come meanwhile wait for it.
    pub(super) async fn find<R>(
        &self,
        prefix: [u8; 8],
        now: Instant,
        look_up: impl FnOnce() -> R,
    ) -> Result<Option<B>, Error>
    where
        R: Future<Output = Result<Option<B>, Error>>,
    {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&prefix).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let search = self.search(prefix, now);
        let home = search.home.get_or_try_init(look_up).await?.clone();
        if let Some(home) = &home {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(prefix, home.clone());
            self.searches.lock().unwrap_or_else(PoisonError::into_inner).remove(&prefix);
        }
        Ok(home)
    }

    fn search(&self, prefix: [u8; 8], now: Instant) -> Arc<Search<B>> {
        let is_fresh =
            |search: &Arc<Search<B>>| now.saturating_duration_since(search.began) < UNKNOWN_FOR;
        let mut searches = self.searches.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(search) = searches.get(&prefix).filter(|search| is_fresh(search)) {
            return search.clone();
        }
        if searches.len() == SEARCHES_MAX {
            searches.retain(|_, search| is_fresh(search));
        }
        let search = Arc::new(Search { began: now, home: OnceCell::new() });
        if searches.len() < SEARCHES_MAX {
            searches.insert(prefix, search.clone());
        }
        search
    }
}

#[cfg(test)]
mod tests;
