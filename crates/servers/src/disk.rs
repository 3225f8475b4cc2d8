//! A small disk.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A file system in memory that is soon full. It goes with the process that made it.
#[derive(Debug)]
pub struct SmallDisk {
    folder: TempDir,
    /// Unmounts it when its input is closed.
    guard: Child,
}

impl SmallDisk {
    /// Mounts one of so many MiB. Says why, when this process may not.
    pub fn mount(size_mib: usize) -> Result<Self, String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let script = r#"
            mount -t tmpfs -o size="$1"m ledgeros "$0" && echo mounted || exit 1
            cat > /dev/null
            umount "$0" || umount -l "$0"
        "#;
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg(folder.path()).arg(size_mib.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Away from the keyboard's signals.
        let mut guard = command.process_group(0).spawn().expect("a shell is there");
        let mut said = String::new();
        let mut stdout = BufReader::new(guard.stdout.take().expect("it is a pipe"));
        stdout.read_line(&mut said).expect("a shell says something or ends");
        if said.is_empty() {
            let output = guard.wait_with_output().expect("it is our child");
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(Self { folder, guard })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all the room that is left.
    pub fn fill(&self) {
        let zeros = vec![0; 64 * 1024];
        let mut file = fs::File::create(self.ballast()).expect("a name needs no room");
        while std::io::Write::write_all(&mut file, &zeros).is_ok() {}
    }

    /// Gives it back.
    pub fn make_room(&self) {
        fs::remove_file(self.ballast()).expect("it was filled");
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}
