//! Keeping the write-ahead log short without making a commit wait for it.
//!
//! SQLite would copy the log into the file within the commit that made it long enough: 14 to 27 ms, most of them spent in
//! syncs, measured beside commits of 0.3 ms. A thread with a connection of its own does it while commits go on, and stops
//! them only for what has come meanwhile.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use super::file;
use crate::chain;
use crate::form::Stored;

/// After so many pages (16 MB) the log is copied. A page that many commits changed is copied once.
const PAGES: usize = 4_000;
const PAGE_BYTES: usize = 4_096;

/// Copies a file's log in the background, until it is dropped.
#[derive(Debug)]
pub(super) struct LogKeeper {
    /// About how many pages have come since the last copy.
    pages: usize,
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    has_failed: Arc<AtomicBool>,
}

impl LogKeeper {
    pub(super) fn start(path: &Path) -> rusqlite::Result<Self> {
        let connection = file::connect_to_copy(path)?;
        let (wake, woken) = sync_channel(1);
        let has_failed = Arc::new(AtomicBool::new(false));
        let failed = Arc::clone(&has_failed);
        let thread = thread::spawn(move || copy_when_woken(&connection, &woken, &failed));
        Ok(Self { pages: 0, wake: Some(wake), thread: Some(thread), has_failed })
    }

    /// A batch is in the log.
    pub(super) fn committed(&mut self, batch: &[Stored]) {
        let bytes: usize = batch.iter().map(|stored| stored.bytes.len()).sum();
        // Look-ups are in no order: each lies on a page of its own.
        self.pages += bytes / PAGE_BYTES + chain::references(batch).len() + 3;
        if PAGES <= self.pages
            && let Some(wake) = &self.wake
            && wake.try_send(()).is_ok()
        {
            self.pages = 0;
        }
    }

    /// Whether a copy went wrong. What the system has in memory is then not what it has on disk, and only who opens the file
    /// again finds out what is there.
    pub(super) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
    }
}

impl Drop for LogKeeper {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did, there is nothing to be done about it here.
            let _ = thread.join();
        }
    }
}

fn copy_when_woken(connection: &Connection, woken: &Receiver<()>, has_failed: &AtomicBool) {
    while woken.recv().is_ok() {
        // First what can be copied beside commits. Then the rest, which stops them, so that the next one begins the log anew.
        for mode in ["passive", "restart"] {
            let copied =
                connection.query_row(&format!("pragma wal_checkpoint({mode})"), [], |_| Ok(()));
            if copied.is_err() {
                has_failed.store(true, Ordering::Relaxed);
                return;
            }
        }
    }
}
