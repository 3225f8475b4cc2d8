//! What strangers may send, and what must hold whatever it is: for `cargo fuzz` (`crates/testkit/fuzz`), and for a test that
//! tries the same on a few thousand values.
//!
//! Each [`Target`] takes bytes and reads them by the narrowest public function. It panics where something panics, where what
//! was accepted is not what is written again, where something is accepted that nobody made, or a secret is shown.

use std::env;
use std::fs;
use std::path::Path;

mod entry;
#[cfg(feature = "whole")]
mod grpc;
#[cfg(feature = "whole")]
mod history;
#[cfg(feature = "whole")]
mod history_of_a_player;
#[cfg(feature = "whole")]
mod http;
mod marks;
mod notes;
#[cfg(feature = "whole")]
mod proofs;
#[cfg(feature = "whole")]
mod snapshots;
#[cfg(feature = "whole")]
mod words;

/// Something that reads strangers' bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// What it is called, here and by `cargo fuzz`.
    pub name: &'static str,
    /// Values that it accepts, to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Tries a value.
    pub try_on: fn(&[u8]),
}

/// All of them: those that need little to be built, and the others.
pub const ALL: &[Target] = &[
    entry::TARGET,
    marks::TARGET,
    notes::TARGET,
    #[cfg(feature = "whole")]
    grpc::TARGET,
    #[cfg(feature = "whole")]
    history::TARGET,
    #[cfg(feature = "whole")]
    http::TARGET,
    #[cfg(feature = "whole")]
    proofs::TARGET,
    #[cfg(feature = "whole")]
    snapshots::TARGET,
    #[cfg(feature = "whole")]
    words::TARGET,
];

/// The target of that name.
///
/// # Panics
///
/// When there is none.
pub fn target(name: &str) -> Target {
    *ALL.iter().find(|target| target.name == name).expect("a target has this name")
}

impl Target {
    /// Writes the seeds into the folder that `LEDGEROS_SEEDS` names, if it names one.
    ///
    /// # Panics
    ///
    /// When they can't be written.
    pub fn sow(&self) {
        let Some(folder) = env::var_os("LEDGEROS_SEEDS") else { return };
        let folder = Path::new(&folder);
        fs::create_dir_all(folder).expect("the folder can be made");
        for (number, seed) in (self.seeds)().iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed).expect("a seed can be written");
        }
    }
}

/// Splits off what stands behind its length in two bytes. `None` at the end.
#[cfg(feature = "whole")]
fn next_part<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::from(u16::from_le_bytes(*length)).min(rest.len());
    let (part, rest) = rest.split_at(length);
    *bytes = rest;
    Some(part)
}

/// Puts a part behind its length.
#[cfg(feature = "whole")]
fn part(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("a part is short").to_le_bytes();
    [&length, bytes].concat()
}

/// The stored bytes of the golden files, which are entries of every kind.
fn golden() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../journal/tests/golden");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the golden files are there")
        .map(|item| item.expect("the golden files are there").path())
        .collect();
    files.sort();
    let bytes = files.iter().map(|file| {
        let text = fs::read_to_string(file).expect("a golden file can be read");
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        let pairs = digits.as_chunks::<2>().0;
        let digit = |digit: u8| char::from(digit).to_digit(16).expect("only digits are left");
        pairs.iter().map(|[high, low]| (digit(*high) << 4 | digit(*low)) as u8).collect()
    });
    bytes.collect()
}
