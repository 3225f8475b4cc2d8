use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;

use serde::Deserialize;
use tempfile::TempDir;

use super::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Role {
    #[serde(default)]
    log: Log,
    #[serde(default)]
    admin: Admin,
    #[serde(default)]
    traces: Traces,
    listener: Listener,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listener {
    listen: SocketAddr,
    #[serde(default)]
    connections: Option<u16>,
    #[serde(default)]
    books: Vec<String>,
    key_file: Option<SecretFile>,
}

const WELL: &str = "[listener]\nlisten = '127.0.0.1:8080'\n";

/// A file with this text, in a folder that is removed in the end.
fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("role.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Role, String> {
    let (_folder, path) = file(text);
    let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
    load(Some(&path), variables).map_err(|error| {
        let folder = format!("{}/", path.parent().unwrap().display());
        error.to_string().replace(&folder, "")
    })
}

#[test]
fn what_is_not_said_has_its_default() {
    let role = read(WELL, &[]).unwrap();
    assert_eq!(role.log, Log { format: LogFormat::Auto, filter: "info".to_owned() });
    assert_eq!(role.admin, Admin { listen: None, allow_remote: false });
    assert_eq!(role.traces, Traces { endpoint: None });
    let Listener { listen, connections, books, key_file } = role.listener;
    assert_eq!(listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!((connections, books, key_file), (None, vec![], None));
}

#[test]
fn a_variable_goes_before_the_file() {
    let role = read(
        "[listener]\nlisten = '127.0.0.1:8080'\nconnections = 3\n[log]\nfilter = 'warn'",
        &[
            ("LEDGEROS__LISTENER__CONNECTIONS", "4"),
            ("LEDGEROS__LISTENER__BOOKS", "['a', 'b']"),
            ("LEDGEROS__LOG__FORMAT", "json"),
            ("LEDGEROS__ADMIN__LISTEN", "[::1]:9000"),
            ("LEDGEROS_LOG", "debug"),
            ("PATH", "/bin"),
        ],
    );
    let Role { log, admin, listener, .. } = role.unwrap();
    assert_eq!(log, Log { format: LogFormat::Json, filter: "warn".to_owned() });
    assert_eq!(admin.listen, Some("[::1]:9000".parse().unwrap()));
    assert_eq!(listener.connections, Some(4));
    assert_eq!(listener.books, ["a", "b"]);
}

#[test]
fn variables_alone_are_enough() {
    let listen = ("LEDGEROS__LISTENER__LISTEN".into(), "127.0.0.1:1".into());
    let role: Role = load(None, [listen]).unwrap();
    assert_eq!(role.listener.listen.port(), 1);
}

#[test]
fn what_is_refused_is_named_with_its_file() {
    for (more, said) in [
        ("[lgo]", "`lgo` in `role.toml`: unknown field `lgo`, expected one of"),
        ("[log]\nfromat = 'json'", "`log.fromat` in `role.toml`: unknown field `fromat`, expected"),
        (
            "[log]\nfilter = 3",
            "`log.filter` in `role.toml`: invalid type: integer `3`, expected a string",
        ),
        (
            "[log]\nformat = 'loud'",
            "`log.format` in `role.toml`: unknown variant `loud`, expected one of",
        ),
        ("[log]\nformat = 1", "`log.format` in `role.toml`: must be a word"),
        ("log = 3", "`log` in `role.toml`: invalid type: integer `3`, expected struct Log"),
        ("admin.listen = 'here'", "`admin.listen` in `role.toml`: invalid socket address syntax"),
        (
            "traces.endpoint = 'https://a'",
            "`traces` in `role.toml`: `endpoint` is `https://a`, but must begin with `http://`",
        ),
        ("admin.liste = 'here'", "`admin.liste` in `role.toml`: unknown field"),
        (
            "admin.allow_remote = 'yes'",
            "`admin.allow_remote` in `role.toml`: invalid type: string \"yes\", expected a boolean",
        ),
    ] {
        let error = read(&format!("{more}\n{WELL}"), &[]).unwrap_err();
        assert!(error.starts_with(said), "{error}");
    }
    for (more, said) in [
        (
            "connections = 3.5",
            "`listener.connections` in `role.toml`: invalid type: floating point",
        ),
        (
            "connections = 65536",
            "`listener.connections` in `role.toml`: invalid value: integer `65536`",
        ),
        (
            "connections = '3'",
            "`listener.connections` in `role.toml`: invalid type: string \"3\", expected u16",
        ),
        (
            "books = [1]",
            "`listener.books` in `role.toml`: invalid type: integer `1`, expected a string",
        ),
        (
            "key_file = 'nowhere'",
            "`listener.key_file` in `role.toml`: `nowhere` can't be read: No such file",
        ),
        ("listen = '127.0.0.1:1'", "`role.toml` is not TOML"),
    ] {
        let error = read(&format!("{WELL}{more}"), &[]).unwrap_err();
        assert!(error.starts_with(said), "{error}");
    }
    let error = read("", &[]).unwrap_err();
    assert_eq!(error, "`role.toml`: missing field `listener`");
    let error = read("[listener]", &[]).unwrap_err();
    assert_eq!(error, "`listener` in `role.toml`: missing field `listen`");
    let error = load::<Role>(Some(Path::new("nowhere.toml")), []).unwrap_err();
    assert_eq!(error.to_string(), "`nowhere.toml` can't be read");
}

#[test]
fn what_is_refused_is_named_with_its_variable() {
    for (name, value, said) in [
        ("LEDGEROS__LGO__FILTER", "info", "`LEDGEROS__LGO__FILTER`: unknown field `lgo`"),
        ("LEDGEROS__LOG__FLITER", "info", "`LEDGEROS__LOG__FLITER`: unknown field `fliter`"),
        (
            "LEDGEROS__LOG",
            "info",
            "`LEDGEROS__LOG`: invalid type: string \"info\", expected struct Log",
        ),
        (
            "LEDGEROS__LOG__FILTER__IT",
            "1",
            "`LEDGEROS__LOG__FILTER__IT`: invalid type: map, expected a string",
        ),
        (
            "LEDGEROS__LISTENER__CONNECTIONS",
            "many",
            "`LEDGEROS__LISTENER__CONNECTIONS`: invalid type: string",
        ),
        (
            "LEDGEROS__ADMIN__LISTEN",
            "0.0.0.0:9000",
            "`LEDGEROS__ADMIN__LISTEN`: `listen` is `0.0.0.0:9000`, which is not a loopback",
        ),
        ("LEDGEROS____LOG", "info", "`LEDGEROS____LOG` is no key"),
        ("LEDGEROS__Log__Filter", "info", "`LEDGEROS__Log__Filter` is no key"),
    ] {
        let error = read(WELL, &[(name, value)]).unwrap_err();
        assert!(error.starts_with(said), "{error}");
    }
    let garbage = ("LEDGEROS__LOG__FILTER".into(), OsString::from_vec(vec![0xff]));
    let error = load::<Role>(None, [garbage]).unwrap_err();
    assert_eq!(error.to_string(), "`LEDGEROS__LOG__FILTER` is not UTF-8");
}

#[test]
fn text_that_looks_like_a_number_is_quoted() {
    let name = "LEDGEROS__LOG__FILTER";
    assert!(read(WELL, &[(name, "1")]).is_err());
    assert_eq!(read(WELL, &[(name, "'1'")]).unwrap().log.filter, "1");
    assert_eq!(read(WELL, &[(name, "2026-01-01")]).unwrap().log.filter, "2026-01-01");
}

#[test]
fn the_admin_port_is_for_this_machine_unless_it_is_allowed() {
    let remote = format!("[admin]\nlisten = '0.0.0.0:9000'\n{WELL}");
    assert!(read(&remote, &[]).unwrap_err().contains("`0.0.0.0:9000`, which is not a loopback"));
    let role = read(&remote, &[("LEDGEROS__ADMIN__ALLOW_REMOTE", "true")]).unwrap();
    assert!(role.admin.allow_remote);
}

#[test]
fn a_secret_stands_in_a_file_that_only_its_owner_reads() {
    let (_folder, path) = file("sesame\n");
    let text = format!("{WELL}key_file = '{}'", path.display());
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let error = read(&text, &[]).unwrap_err();
    assert!(error.contains("has mode `640`, but only its owner may read it"), "{error}");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let role = read(&text, &[]).unwrap();
    let key = role.listener.key_file.as_ref().unwrap();
    assert_eq!(key.read().unwrap(), "sesame");
    assert!(!format!("{role:?}{}", dump(&role).unwrap()).contains("sesame"));
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(key.read(), Err(SecretFileError::Open { mode: 0o644, .. })));
}

#[test]
fn what_is_dumped_loads_as_the_same() {
    let text = format!("{WELL}connections = 90\nbooks = ['a']\n[admin]\nlisten = '127.0.0.1:9000'");
    let role = read(&text, &[]).unwrap();
    let dumped = dump(&role).unwrap();
    assert_eq!(read(&dumped, &[]), Ok(role));
    assert!(
        dumped.contains("connections = 90") && dumped.contains("filter = \"info\""),
        "{dumped}"
    );
}
