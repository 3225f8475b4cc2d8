//! Names the rules by a hash of their sources: state that other rules have made can be told apart.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=src");
    let mut hasher = DefaultHasher::new();
    for file in sources(Path::new("src")) {
        fs::read(&file).expect("a source file can be read").hash(&mut hasher);
    }
    println!("cargo::rustc-env=LEDGER_RULES={:016x}", hasher.finish());
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a source folder can be read")
        .map(|item| item.expect("a source folder can be read").path())
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .collect();
    found.sort();
    found
}
