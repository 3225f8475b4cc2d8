//! A clock on the wall that jumps, for programs that are told of it by libfaketime.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

/// What processes believe to be the time of day. The clock that only counts is left alone.
#[derive(Debug)]
pub struct Clock {
    folder: TempDir,
    library: String,
}

impl Clock {
    /// One that shows the time.
    ///
    /// # Panics
    ///
    /// When the library is missing; the message says what to install.
    pub fn new() -> Self {
        let said = Command::new("faketime").args(["-f", "+0", "env"]).output();
        let said =
            said.expect("the tests need `faketime`: install the package of that name").stdout;
        let said = String::from_utf8_lossy(&said).into_owned();
        let library = said.lines().find_map(|line| line.strip_prefix("LD_PRELOAD="));
        let library = library.expect("it preloads its library").to_owned();
        let clock = Self { folder: tempfile::tempdir().expect("a temporary folder"), library };
        clock.set(0);
        clock
    }

    /// Puts it so many seconds ahead of the time, or behind.
    pub fn set(&self, offset_s: i64) {
        // Renamed, for nobody to read half of it.
        let unfinished = self.folder.path().join("new");
        fs::write(&unfinished, format!("{offset_s:+}\n")).expect("the folder is there");
        fs::rename(unfinished, self.folder.path().join("offset")).expect("the folder is there");
    }

    /// The environment of a process that goes by it.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("LD_PRELOAD", self.library.clone()),
            ("FAKETIME_TIMESTAMP_FILE", self.folder.path().join("offset").display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}
