//! A power cut, as the files of a read model come through it.

use std::ffi::OsStr;
use std::path::{Path as FilePath, PathBuf};
use std::{fs, io};

use crate::random::Random;

/// The files of a folder, as they lie there while somebody writes them.
pub(crate) struct Files(Vec<(PathBuf, Vec<u8>)>);

impl Files {
    /// Reads them. What connections share in memory is none of them.
    pub(crate) fn read(folder: &FilePath) -> io::Result<Self> {
        let mut files = Vec::new();
        for found in fs::read_dir(folder)? {
            let path = found?.path();
            if !ends_with(&path, "-shm") {
                files.push((path.clone(), fs::read(path)?));
            }
        }
        files.sort();
        Ok(Self(files))
    }

    /// Puts them back into the empty place of the folder, when nobody has them open any more. Nobody has waited for the disk after a
    /// transaction (`synchronous` is `normal`): of the log of transactions, any part of the end is lost.
    pub(crate) fn put_back(self, folder: &FilePath, random: &mut Random) -> io::Result<()> {
        fs::remove_dir_all(folder)?;
        fs::create_dir(folder)?;
        for (path, mut bytes) in self.0 {
            if ends_with(&path, "-wal") {
                bytes.truncate(random.index(bytes.len() + 1));
            }
            fs::write(path, bytes)?;
        }
        Ok(())
    }
}

fn ends_with(path: &FilePath, ending: &str) -> bool {
    path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.ends_with(ending))
}
