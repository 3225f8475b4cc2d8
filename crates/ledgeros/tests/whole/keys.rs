//! `ledgeros keys`, on a folder that nobody serves and beside the service.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use ledgeros::client::Client;

use crate::support::{Served, command, verify};

fn keys(arguments: &[&str], place: &[&str]) -> Output {
    command().arg("keys").args(arguments).args(place).output().unwrap()
}

/// What a command that succeeds prints.
fn printed(arguments: &[&str], place: &[&str]) -> String {
    let output = keys(arguments, place);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What one that fails says.
fn refused(arguments: &[&str], place: &[&str]) -> String {
    let output = keys(arguments, place);
    assert!(!output.status.success() && output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

/// A folder that was served once, so that its book is open.
fn folder(root: &Path) -> String {
    let folder = root.join("ledger");
    assert!(Served::start(&folder).stop().success());
    folder.to_str().unwrap().to_owned()
}

/// Keeps a key in a file that nobody else may read.
fn keep(path: &Path, key: &str) {
    fs::write(path, key).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

async fn status(served: &Served, key: &str) -> u16 {
    let mut client = Client::connect(&served.authority, key).await.unwrap();
    client.get("/v1/keys").await.unwrap().status.as_u16()
}

/// The first word of each line that ends like this.
fn ids(listed: &str, end: &str) -> Vec<String> {
    let lines = listed.lines().filter(|line| line.ends_with(end));
    lines.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_book_whose_keys_are_all_revoked_gets_another_while_nobody_serves_it() {
    let root = tempfile::tempdir().unwrap();
    let data = folder(root.path());
    let offline = ["--data", data.as_str()];
    let first = printed(&["list"], &offline);
    assert_eq!(ids(&first, " admin active -").len(), 2, "{first}");
    for key in ids(&first, "") {
        assert_eq!(printed(&["revoke", &key], &offline), format!("{key}\n"));
        assert!(refused(&["revoke", &key], &offline).contains("revoked already"));
    }
    let served = Served::start(Path::new(&data));
    assert_eq!(status(&served, &served.key()).await, 401);
    served.stop();

    let key = printed(&["create", "--scope", "admin", "--family", "ledgerApi"], &offline);
    let listed = printed(&["list"], &offline);
    assert_eq!(ids(&listed, " ledgerApi admin active -").len(), 1, "{listed}");
    assert_eq!(ids(&listed, " revoked -").len(), 2, "{listed}");
    let served = Served::start(Path::new(&data));
    assert!(key.starts_with("ld_test_"));
    assert_eq!(status(&served, key.trim()).await, 200);
    served.stop();
    assert_eq!(verify(Path::new(&data)).0, 0);
}

#[tokio::test]
async fn keys_of_a_served_book_are_managed_with_an_admin_key() {
    let root = tempfile::tempdir().unwrap();
    let data = folder(root.path());
    let served = Served::start(Path::new(&data));
    let said = refused(&["create", "--scope", "read"], &["--data", &data]);
    assert!(said.contains("--url") && said.contains("another process serves"), "{said}");

    let (admin, writer) = (root.path().join("admin.key"), root.path().join("writer.key"));
    keep(&admin, &format!("{}\n", served.key()));
    let url = format!("http://{}/", served.authority);
    let online = ["--url", &url, "--key-file", admin.to_str().unwrap()];
    let key = printed(&["create", "--scope", "write"], &online);
    keep(&writer, &key);
    assert!(key.starts_with("lk_test_"));
    let listed = printed(&["list"], &online);
    let [id] = &ids(&listed, " ledgerOs write active -")[..] else { panic!("{listed}") };

    let as_writer = ["--url", &url, "--key-file", writer.to_str().unwrap()];
    assert!(refused(&["list"], &as_writer).contains("`admin`"));
    assert_eq!(printed(&["revoke", id], &online), format!("{id}\n"));
    assert!(refused(&["list"], &as_writer).contains("invalid API key"));
    let listed = printed(&["list"], &online);
    assert_eq!(ids(&listed, " ledgerOs write revoked -"), [id.as_str()]);

    // More than one part of a list, in the other dialect.
    let keys = fs::read_to_string(Path::new(&data).join("keys.json")).unwrap();
    let keys: serde_json::Value = serde_json::from_str(&keys).unwrap();
    keep(&admin, keys["ledgerApi"].as_str().unwrap());
    let mut client = served.client().await;
    for _ in 0..100 {
        let made = client.post("/v1/keys", &serde_json::json!({ "scope": "read" })).await.unwrap();
        assert!(made.status.is_success());
    }
    let listed = printed(&["list"], &online);
    assert_eq!(ids(&listed, " read active -").len(), 100);
    served.stop();
    assert_eq!(printed(&["list"], &["--data", &data]), listed);
}

#[test]
fn a_place_is_a_folder_or_a_url() {
    let root = tempfile::tempdir().unwrap();
    let nothing = root.path().join("nothing");
    let said = refused(&["list"], &["--data", nothing.to_str().unwrap()]);
    assert!(said.contains("there is no") && !nothing.exists(), "{said}");
    for place in [
        &[][..],
        &["--url", "http://127.0.0.1:1"],
        &["--key-file", "admin.key"],
        &["--data", "ledger", "--url", "http://127.0.0.1:1", "--key-file", "admin.key"],
    ] {
        refused(&["list"], place);
    }
    let key = root.path().join("admin.key");
    fs::write(&key, "lk_test_0").unwrap();
    for url in ["https://127.0.0.1:1", "127.0.0.1:1", "http://127.0.0.1:1/v1"] {
        let said = refused(&["list"], &["--url", url, "--key-file", key.to_str().unwrap()]);
        assert!(said.contains("http://127.0.0.1:8080"), "{said}");
    }
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    let said =
        refused(&["list"], &["--url", "http://127.0.0.1:1", "--key-file", key.to_str().unwrap()]);
    assert!(said.contains("only its owner may read it"), "{said}");
}
