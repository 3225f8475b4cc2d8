//! The example files, as an operator would copy them.

use std::path::{Path, PathBuf};
use std::process::Output;

use crate::cluster::command;

const ROLES: [(&str, &[&str]); 4] = [
    ("writer", &["writer"]),
    ("projector", &["projector", "balances"]),
    ("courier", &["courier"]),
    ("gateway", &["gateway"]),
];

fn file(role: &str) -> PathBuf {
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/config");
    deploy.join(role).with_extension("toml")
}

fn ask(arguments: &[&str], file: &Path, what: &str) -> Output {
    command().args(arguments).arg("--config").arg(file).arg(what).output().unwrap()
}

#[test]
fn the_example_files_are_well_and_are_printed_as_files_that_give_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for (role, arguments) in ROLES {
        let checked = ask(arguments, &file(role), "--check-config");
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        let dumped = ask(arguments, &file(role), "--dump-config").stdout;
        let copy = folder.path().join(role);
        std::fs::write(&copy, &dumped).unwrap();
        assert_eq!(ask(arguments, &copy, "--dump-config").stdout, dumped);
    }
}

#[test]
fn what_a_configuration_lacks_or_should_not_have_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong.toml");
    std::fs::write(&wrong, "data = \"/nowhere\"\n[writer]\nlisten = \"here\"\n").unwrap();
    let refused = ask(&["writer"], &wrong, "--check-config");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("listen"), "{said}");
    std::fs::write(&wrong, "data = \"/nowhere\"\n[writre]\n").unwrap();
    let refused = ask(&["writer"], &wrong, "--check-config");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("writre"), "{said}");
}
