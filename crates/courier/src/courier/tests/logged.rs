//! What an operator reads.

use std::io::{self, Write};
use std::sync::Mutex;

use tracing::Level;

use super::*;
use crate::testing::{WAIT_MAX, pause};

/// A log that can be read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Waits for a line in which all of these stand.
    fn wait(&self, words: &[&str]) {
        let until = Instant::now() + WAIT_MAX;
        let is_it = |line: &str| words.iter().all(|word| line.contains(word));
        loop {
            let log = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            if log.lines().any(is_it) {
                return;
            }
            assert!(Instant::now() < until, "{words:?} in\n{log}");
            pause();
        }
    }
}

#[test]
fn a_line_of_the_log_names_its_book_and_every_cause() {
    let log = Log::default();
    let subscriber = {
        let log = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(Level::WARN)
            .with_ansi(false)
            .with_writer(move || log.clone())
            .finish()
    };
    // For all threads: what another one meets first is else taken as logged by nobody.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let database = servers::shared().new_database();
    let mut platform = Platform::on(database.owner.clone());
    let book = format!("book={}", platform.journal.book());
    let receiver = Receiver::kind();
    platform.webhook(Family::LedgerOs, &receiver.url);
    let holder = platform.holder();
    let courier = platform.courier();
    platform.wait_for(&courier);
    database.cut_connections();
    log.wait(&["courier interrupted", &book]);

    let vault = rusqlite::Connection::open(platform.vault.path()).unwrap();
    vault.execute_batch("drop table item").unwrap();
    platform.verify(holder, VerificationStatus::Denied);
    log.wait(&["the vault can't be read", &book, "no such table: item"]);

    platform.place.remove().unwrap();
    log.wait(&["courier stopped", &book]);
}
