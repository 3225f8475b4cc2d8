//! Several books in one folder.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use hyper::StatusCode;
use ledgeros::client::Client;
use serde_json::{Value, json};

use crate::support::{
    Served, Spender, command, get, name_database, post, prepare_database, prepare_folder, verify,
};

/// `ledgeros books …`, of a folder that nobody serves.
pub(crate) fn books_in(data: &Path, arguments: &[&str]) -> Output {
    command().arg("books").args(arguments).arg("--data").arg(data).output().unwrap()
}

/// `ledgeros books …`, of a service.
fn books_of(served: &Served, arguments: &[&str]) -> Output {
    let url = format!("http://{}", served.authority);
    let key = served.folder.join("service.key");
    command()
        .arg("books")
        .args(arguments)
        .args(["--url", &url, "--key-file"])
        .arg(key)
        .output()
        .unwrap()
}

/// A line of JSON a book.
pub(crate) fn printed(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn codes(books: &[Value]) -> Vec<&str> {
    books.iter().map(|book| book["code"].as_str().unwrap()).collect()
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub(crate) async fn client(served: &Served, key: &Value) -> Client {
    Client::connect(&served.authority, key.as_str().unwrap()).await.unwrap()
}

async fn users(client: &mut Client) -> usize {
    get(client, "/v1/users").await["data"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_made_while_it_runs_is_served_at_once_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    let made = printed(&books_of(&served, &["create", "acme"]));
    let key = &made[0]["keys"]["ledgerOs"];
    let kept: Value =
        serde_json::from_slice(&fs::read(data.join("books/acme/keys.json")).unwrap()).unwrap();
    assert_eq!(kept, made[0]["keys"]);

    let mut default = served.client().await;
    let mut acme = client(&served, key).await;
    let theirs = Spender::with(&mut default, "10.00").await;
    let ours = Spender::with(&mut acme, "20.00").await;
    assert_eq!(refused(&books_of(&served, &["create", "acme"])).matches("`409`").count(), 1);
    assert!(served.stop().success(), "both were drained");

    let served = Served::start(&data);
    let (mut default, mut acme) = (served.client().await, client(&served, key).await);
    assert_eq!(codes(&printed(&books_of(&served, &["list"]))), ["acme", "default"]);
    assert_eq!((users(&mut default).await, users(&mut acme).await), (1, 1));
    assert_eq!(theirs.balance(&mut default).await["available"], 1_000);
    assert_eq!(ours.balance(&mut acme).await["available"], 2_000);
    for path in [format!("/v1/users/{}", theirs.user), format!("/v1/cards/{}", theirs.card)] {
        assert_eq!(acme.get(&path).await.unwrap().status, StatusCode::NOT_FOUND, "{path}");
    }
    let purchase = json!({ "amount": 100, "merchant": { "name": "Bistro" } });
    let crossed = default.post(&ours.authorizations(), &purchase).await.unwrap();
    assert_eq!(crossed.status, StatusCode::NOT_FOUND);
    assert!(served.stop().success());
    for data in [data.clone(), data.join("books/acme")] {
        let (code, report) = verify(&data);
        assert_eq!((code, &report["sound"]), (0, &json!(true)), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_made_while_nobody_serves_is_served_by_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    for arguments in [&["create", "acme"][..], &["list"]] {
        let said = refused(&books_in(&data, arguments));
        assert!(said.contains("--url") && said.contains("another process"), "{said}");
    }
    assert!(served.stop().success());
    let made = printed(&books_in(&data, &["create", "acme", "--live"]));
    assert_eq!(made[0]["environment"], "live");
    assert!(refused(&books_in(&data, &["create", "acme"])).contains("there already"));
    assert!(refused(&books_in(&data, &["create", "default"])).contains("default"));
    assert!(refused(&books_in(&data, &["create", "../acme"])).contains("no code"));
    assert_eq!(codes(&printed(&books_in(&data, &["list"]))), ["default", "acme"]);

    let served = Served::start(&data);
    let mut acme = client(&served, &made[0]["keys"]["ledgerOs"]).await;
    assert_eq!(users(&mut acme).await, 0);
    let clock = acme.post("/v1/sandbox/clock", &json!({})).await.unwrap();
    assert_eq!(clock.status, StatusCode::NOT_FOUND, "there is no sandbox with real money");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_that_was_killed_anywhere_can_be_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (mut unfinished, mut whole) = (0, 0);
    let moments = ["", "anchor", "journal.sqlite", "master.key", "vault.sqlite", "keys.json"];
    let moments = moments.map(|name| format!(".unfinished/{name}"));
    for (number, moment) in moments.into_iter().chain([String::new()]).enumerate() {
        let code = format!("book-{number}");
        let mut served = Served::start(&data);
        let (authority, body) = (served.authority.clone(), json!({ "code": code }));
        let key = fs::read_to_string(data.join("service.key")).unwrap();
        let creation = tokio::spawn(async move {
            let mut client = Client::connect(&authority, key.trim_end()).await.unwrap();
            // Nobody answers who was killed.
            let _ = client.post("/v1/books", &body).await;
        });
        let (moment, place) =
            (data.join(format!("books/{code}{moment}")), data.join("books").join(&code));
        while !moment.exists() && !place.exists() {
            tokio::task::yield_now().await;
        }
        served.kill();
        creation.await.unwrap();

        match place.exists() {
            true => whole += 1,
            false => unfinished += 1,
        }
        let served = Served::start(&data);
        if !place.exists() {
            printed(&books_of(&served, &["create", &code]));
        }
        assert!(refused(&books_of(&served, &["create", &code])).contains("`409`"));
        let keys: Value =
            serde_json::from_slice(&fs::read(place.join("keys.json")).unwrap()).unwrap();
        assert_eq!(users(&mut client(&served, &keys["ledgerOs"]).await).await, 0);
        assert_eq!(printed(&books_of(&served, &["list"])).len(), number + 2);
        assert!(served.stop().success());
        assert_eq!(verify(&place).0, 0);
    }
    assert!(0 < unfinished, "none was killed in the middle");
    println!("kills while a book is made: {unfinished} before it was whole, {whole} after");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_book_is_made_by_the_same_command_wherever_it_was_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let database = name_database(&data, servers::shared());
    for _ in 0..2 {
        let said = refused(&books_in(&data, &["create", "default", "--live"]));
        assert!(said.contains("version `0`"), "the database is not prepared: {said}");
        assert!(data.join("anchor").exists(), "which is found out after the anchor was made");
    }
    prepare_database(&data, &database);
    let is_live = |made: &Value| {
        assert_eq!(made["environment"], "live");
        assert!(made["keys"]["ledgerOs"].as_str().unwrap().starts_with("lk_live_"));
    };
    is_live(&printed(&books_in(&data, &["create", "default", "--live"]))[0]);
    let twice = refused(&books_in(&data, &["create", "default", "--live"]));
    assert!(twice.contains("has its own book already"), "{twice}");

    // Killed before its keys were written down, or before the service had one.
    let mut made = Value::Null;
    for missing in ["keys.json", "service.key"] {
        fs::remove_file(data.join(missing)).unwrap();
        let other = refused(&books_in(&data, &["create", "default"]));
        assert!(other.contains("not with the same `--live`"), "{other}");
        made = printed(&books_in(&data, &["create", "default", "--live"]))[0].take();
        is_live(&made);
        assert!(data.join(missing).exists());
    }
    let served = Served::start(&data);
    assert_eq!(users(&mut client(&served, &made["keys"]["ledgerOs"]).await).await, 0);
    assert!(served.stop().success());
    assert_eq!(verify(&data).0, 0);
}

#[test]
fn a_folder_with_a_damaged_book_is_not_served_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert!(Served::start(&data).stop().success());
    printed(&books_in(&data, &["create", "acme"]));
    let acme = data.join("books/acme");
    let start = || match Served::try_start(&data) {
        Ok(_) => panic!("it is served"),
        Err(output) => refused(&output),
    };

    fs::rename(acme.join("anchor"), folder.path().join("anchor")).unwrap();
    let said = start();
    assert!(said.contains("books/acme") && said.contains("anchor` is missing"), "{said}");
    fs::rename(folder.path().join("anchor"), acme.join("anchor")).unwrap();

    let copy = data.join("books/copy");
    fs::create_dir(&copy).unwrap();
    for file in fs::read_dir(&acme).unwrap().map(Result::unwrap) {
        if file.path().is_file() {
            fs::copy(file.path(), copy.join(file.file_name())).unwrap();
        }
    }
    let said = start();
    assert!(said.contains("books/copy") && said.contains("the same book"), "{said}");
    fs::rename(&copy, data.join("books/Copy")).unwrap();
    let said = start();
    assert!(said.contains("books/Copy") && said.contains("no name"), "{said}");
    fs::remove_dir_all(data.join("books/Copy")).unwrap();

    let key = data.join("service.key");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    assert!(start().contains("mode `644`"));
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    assert!(Served::start(&data).stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_book_goes_to_the_database_of_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _database = prepare_folder(&data, servers::shared());
    let served = Served::start(&data);
    let made = printed(&books_of(&served, &["create", "acme"]));
    let mut acme = client(&served, &made[0]["keys"]["ledgerOs"]).await;
    Spender::with(&mut acme, "10.00").await;
    assert_eq!(users(&mut served.client().await).await, 0);
    assert!(served.stop().success());
    let acme = data.join("books/acme");
    assert!(!acme.join("journal.sqlite").exists());
    let mode = fs::metadata(acme.join("database.url")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let (code, report) = verify(&acme);
    assert_eq!((code, &report["books"][0]["id"]), (0, &made[0]["id"]), "{report}");
    let served = Served::start(&data);
    assert_eq!(codes(&printed(&books_of(&served, &["list"]))), ["acme", "default"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_told_when_it_asks_too_often() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start_with(&data, &["--writes-per-minute", "2"]);
    let mut client = served.client().await;
    let user = json!({ "firstName": "A", "lastName": "B", "email": "a@example.com" });
    for _ in 0..2 {
        post(&mut client, "/v1/users", user.clone()).await;
    }
    let refused = client.post("/v1/users", &user).await.unwrap();
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let header = |name: &str| refused.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("ratelimit-policy"), r#""writes";q=2;w=60"#);
    assert_eq!(header("ratelimit"), r#""writes";r=0;t=60"#);
    assert!((1..=30).contains(&header("retry-after").parse().unwrap()));
    let read = client.get("/v1/users").await.unwrap();
    assert_eq!(read.headers["ratelimit-policy"], r#""reads";q=120000;w=60"#);
}
