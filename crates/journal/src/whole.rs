//! Files that appear whole, or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// What a file is called until it is whole.
pub(crate) fn unfinished(path: &Path) -> PathBuf {
    path.with_added_extension("new")
}

/// Removes what a crash left of an unfinished file. It may be a second name of the finished one: it is removed, not
/// written to.
pub(crate) fn remove(unfinished: &Path) -> io::Result<()> {
    match fs::remove_file(unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Gives a file its name, once it is whole and on disk. Unlike a rename, that never takes the place of another file.
pub(crate) fn finish(unfinished: &Path, path: &Path) -> io::Result<()> {
    let linked = fs::hard_link(unfinished, path);
    fs::remove_file(unfinished)?;
    linked?;
    sync_directory(path)
}

/// The same in the place of another file: either of the two is there at any time.
pub(crate) fn replace(unfinished: &Path, path: &Path) -> io::Result<()> {
    fs::rename(unfinished, path)?;
    sync_directory(path)
}

/// A new file is found after a power cut only once its directory is on disk.
fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_removed_and_what_stays_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        remove(&unfinished(&folder.path().join("anchor"))).unwrap();
        let refused = remove(folder.path()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::IsADirectory);
    }
}
