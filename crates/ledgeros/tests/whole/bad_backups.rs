//! Backups that are damaged, cut short or foreign: never restored wrongly.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use servers::Random;

use crate::backups::{Bench, back_up, purchase, refused, refuses_to_serve, restore, succeeded};
use crate::support::{Served, Spender};

const DAMAGES: u64 = 40;
const FILES: [&str; 3] = ["journal.sqlite", "vault.sqlite", "backup.json"];

/// A folder with some history, at rest, and a backup of it.
async fn history(bench: &Bench) -> (PathBuf, PathBuf) {
    let (data, backup) = (bench.path("data"), bench.path("backup"));
    let served = Served::start(&data);
    let mut client = served.client().await;
    let spender = Spender::with(&mut client, "500.00").await;
    for _ in 0..30 {
        purchase(&mut client, &spender).await;
    }
    assert!(served.stop().success());
    succeeded(&back_up(&data, &backup, None));
    (data, backup)
}

fn copy_backup(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for name in FILES {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

fn restored_bytes(data: &Path) -> [Vec<u8>; 3] {
    ["journal.sqlite", "vault.sqlite", "anchor"].map(|name| fs::read(data.join(name)).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_backup_is_refused_or_restored_as_it_was() {
    let (bench, mut random) = (Bench::new(), Random::for_test("ledgeros --test whole", "backups"));
    let (data, backup) = history(&bench).await;
    let anchor = data.join("anchor");
    let sound = bench.path("sound");
    succeeded(&restore(&backup, &sound, Some(&anchor), None));
    let sound = restored_bytes(&sound);

    let mut harmless = 0;
    for name in FILES {
        let written = fs::read(backup.join(name)).unwrap();
        for number in 0..DAMAGES {
            let damaged = bench.path(&format!("{name}-{number}"));
            copy_backup(&backup, &damaged);
            let mut bytes = written.clone();
            let at = random.below(bytes.len());
            match number % 4 {
                0 => bytes.truncate(at),
                1 => bytes[at] = random.below(256) as u8,
                _ => bytes[at] ^= 1 << random.below(8),
            }
            fs::write(damaged.join(name), &bytes).unwrap();
            let into = bench.path(&format!("into-{name}-{number}"));
            let output = restore(&damaged, &into, Some(&anchor), None);
            if output.status.success() {
                assert_eq!(restored_bytes(&into), sound, "{name}, byte {at}");
                harmless += u64::from(bytes != written);
                // Who made it and when is all that may be wrong.
                assert!(bytes == written || name == "backup.json", "{name}, byte {at}");
            } else {
                assert_eq!(output.status.code(), Some(1), "{output:?}");
                let journal = into.join("journal.sqlite");
                assert!(!journal.exists() && !into.join("vault.sqlite").exists());
            }
            fs::remove_dir_all(damaged).unwrap();
            fs::remove_dir_all(into).unwrap();
        }
    }
    println!("{} damages: {harmless} harmless, the others refused", DAMAGES * 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_backup_says_of_itself_must_be_so() {
    let bench = Bench::new();
    let (_, backup) = history(&bench).await;
    let said: Value =
        serde_json::from_slice(&fs::read(backup.join("backup.json")).unwrap()).unwrap();
    let other = bench.path("other");
    assert!(Served::start(&other).stop().success());
    let theirs = bench.path("theirs");
    succeeded(&back_up(&other, &theirs, None));
    let foreign: Value =
        serde_json::from_slice(&fs::read(theirs.join("backup.json")).unwrap()).unwrap();

    for (field, value, because) in [
        ("form", json!(2), "has form `2`, which this program does not know"),
        ("form", json!("1"), "is damaged"),
        ("more", json!(true), "is damaged"),
        ("entries", json!(7), "does not say what is in"),
        ("book", foreign["book"].clone(), "does not say what is in"),
        ("incarnation", foreign["incarnation"].clone(), "does not say what is in"),
        ("root", foreign["root"].clone(), "does not say what is in"),
        ("checkpoint", foreign["checkpoint"].clone(), "does not say what is in"),
        ("checkpoint", Value::Null, "does not say what is in"),
        ("journal", foreign["journal"].clone(), "journal.sqlite` is not what was written"),
        ("vault", foreign["vault"].clone(), "vault.sqlite` is not what was written"),
    ] {
        let changed = bench.path("changed");
        copy_backup(&backup, &changed);
        let mut says = said.clone();
        says[field] = value;
        fs::write(changed.join("backup.json"), says.to_string()).unwrap();
        refused(&restore(&changed, &bench.path("into"), None, None), because);
        fs::remove_dir_all(changed).unwrap();
    }
    for (name, because) in [
        ("journal.sqlite", "journal.sqlite` is not what was written"),
        ("vault.sqlite", "vault.sqlite` is not what was written"),
        ("backup.json", "journal.sqlite` is not what was written"),
    ] {
        let mixed = bench.path("mixed");
        copy_backup(&backup, &mixed);
        fs::copy(theirs.join(name), mixed.join(name)).unwrap();
        refused(&restore(&mixed, &bench.path("into"), None, None), because);
        fs::remove_file(mixed.join(name)).unwrap();
        refused(&restore(&mixed, &bench.path("into"), None, None), name);
        fs::remove_dir_all(mixed).unwrap();
    }
    let foreign = restore(&theirs, &bench.path("into"), Some(&bench.path("data/anchor")), None);
    refused(&foreign, "the backup does not agree with the anchor");
    succeeded(&restore(&backup, &bench.path("into"), None, None));
}

/// Runs the command where no file may have more than so many kilobytes. A write beyond that fails, or ends the process.
fn with_limit(kilobytes: u64, is_fatal: bool, arguments: &[&Path]) -> Output {
    let ignored = if is_fatal { "" } else { "trap '' XFSZ;" };
    let script = format!("ulimit -c 0; ulimit -f {kilobytes}; {ignored} exec \"$0\" \"$@\"");
    let mut shell = Command::new("bash");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_ledgeros")]).args(arguments).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_space_nothing_is_half_there() {
    let bench = Bench::new();
    let (data, backup) = history(&bench).await;
    let sizes = FILES.map(|name| fs::metadata(backup.join(name)).unwrap().len() / 1_024);
    let enough = 1 + sizes.iter().max().unwrap();
    let anchor = data.join("anchor");
    for kilobytes in [0, 1, 20, sizes[0] / 2, sizes[0] - 1, sizes[1] / 2, sizes[1] - 1] {
        let to = bench.path("to");
        let words = ["backup", "--data", "--to"].map(Path::new);
        let output = with_limit(kilobytes, false, &[words[0], words[1], &data, words[2], &to]);
        assert_eq!(output.status.code(), Some(1), "{kilobytes} kB: {output:?}");
        assert!(!to.exists(), "{kilobytes} kB");

        let into = bench.path("into");
        let words = ["restore", "--data", "--anchor"].map(Path::new);
        let restore_it = [words[0], &backup, words[1], &into, words[2], &anchor];
        let output = with_limit(kilobytes, false, &restore_it);
        assert_eq!(output.status.code(), Some(1), "{kilobytes} kB: {output:?}");
        assert!(!into.join("journal.sqlite").exists() && !into.join("anchor").exists());
        fs::remove_dir_all(&into).unwrap();
    }
    let (to, into) = (bench.path("to"), bench.path("into"));
    let words = ["backup", "--data", "--to"].map(Path::new);
    succeeded(&with_limit(enough, false, &[words[0], words[1], &data, words[2], &to]));
    let words = ["restore", "--data", "--anchor"].map(Path::new);
    let restore_it = [words[0], &*to, words[1], &into, words[2], &anchor];
    succeeded(&with_limit(enough, false, &restore_it));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_or_restore_that_ends_half_way_is_never_taken_for_a_whole_one() {
    let bench = Bench::new();
    let (data, backup) = history(&bench).await;
    let sizes = FILES.map(|name| fs::metadata(backup.join(name)).unwrap().len() / 1_024);
    let anchor = data.join("anchor");
    for (number, kilobytes) in
        [0, 1, 20, sizes[0] / 2, sizes[0] - 1, sizes[1] / 2, sizes[1] - 1].into_iter().enumerate()
    {
        let to = bench.path(&format!("to-{number}"));
        let words = ["backup", "--data", "--to"].map(Path::new);
        let output = with_limit(kilobytes, true, &[words[0], words[1], &data, words[2], &to]);
        assert_eq!(output.status.signal(), Some(25), "{kilobytes} kB: {output:?}");
        assert!(to.exists());
        refused(&restore(&to, &bench.path("nowhere"), None, None), "one that was cut short");

        let into = bench.path(&format!("into-{number}"));
        let words = ["restore", "--data", "--anchor"].map(Path::new);
        let restore_it = [words[0], &backup, words[1], &into, words[2], &anchor];
        let output = with_limit(kilobytes, true, &restore_it);
        assert_eq!(output.status.signal(), Some(25), "{kilobytes} kB: {output:?}");
        assert!(!into.join("journal.sqlite").exists() && !into.join("anchor").exists());
        let has_vault = into.join("vault.sqlite").exists();
        fs::copy(&anchor, into.join("anchor")).unwrap();
        refuses_to_serve(&into, "journal");
        fs::remove_file(into.join("anchor")).unwrap();
        if has_vault {
            refuses_to_serve(&into, "anchor");
            let again = restore(&backup, &into, Some(&anchor), None);
            refused(&again, "vault.sqlite` is there");
            fs::remove_file(into.join("vault.sqlite")).unwrap();
        }
        succeeded(&restore(&backup, &into, Some(&anchor), None));
        assert_eq!(
            fs::read(into.join("journal.sqlite")).unwrap(),
            fs::read(backup.join("journal.sqlite")).unwrap()
        );
    }
}
