//! The example files, as an operator would copy them.

use std::path::{Path, PathBuf};
use std::process::Output;

use crate::cluster::{command, run, write_secret};
use crate::role::{Role, free_address};

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

#[test]
fn a_password_is_refused_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong.toml");
    let bus = "[bus]\nurl = \"nats://someone:secret@127.0.0.1:4222\"\n";
    std::fs::write(&wrong, format!("data = \"/nowhere\"\n{bus}")).unwrap();
    for what in ["--check-config", "--dump-config"] {
        let refused = ask(&["projector", "balances"], &wrong, what);
        let said = String::from_utf8([refused.stdout, refused.stderr].concat()).unwrap();
        assert!(!refused.status.success() && said.contains("credentials_file"), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
}

/// Its book is in a file, which no role serves: it would look for ever.
#[test]
fn a_writer_without_its_certificate_ends_and_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    run(&["books", "create", "default", "--data", &path("data")]);
    write_secret(&folder.path().join("key.pem"), "a key");
    let listen = free_address();
    let variables = [
        ("LEDGEROS__DATA", path("data")),
        ("LEDGEROS__WRITER__STATE", path("state")),
        ("LEDGEROS__WRITER__LISTEN", listen.clone()),
        ("LEDGEROS__WRITER__ADVERTISE", listen),
        ("LEDGEROS__WRITER__TLS__CERTIFICATE_FILE", path("missing.pem")),
        ("LEDGEROS__WRITER__TLS__KEY_FILE", path("key.pem")),
    ];
    let mut writer = Role::start(&["writer"], &variables, &folder.path().join("log"));
    assert!(!writer.ends().success());
    assert!(writer.log().contains("missing.pem"), "{}", writer.log());
}
