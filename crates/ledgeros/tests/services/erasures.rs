//! Who is erased stays so, also where no writer has taken the book over yet.

use std::fs;
use std::path::Path;

use ledgeros::client::Client;
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::cluster::{Cluster, approve, position};
use crate::restores::book_of;
use crate::role::wait_until;

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_makes_an_older_vault_forget_before_it_serves() {
    let mut cluster = Cluster::start(&[]);
    let mut client = cluster.client(0, "default").await;
    let user = person_with_a_card(&mut client).await;
    cluster.end_roles();
    let (vault, older) = (cluster.data().join("vault.sqlite"), cluster.data().join("older.sqlite"));
    fs::copy(&vault, &older).unwrap();
    approve(&cluster.data(), &["holders", "erase", &user], "--approved");
    assert_eq!(erased(&vault), 2, "a name and a number");

    // The directory has not read of it.
    put_back(&older, &vault);
    let end = block_in_place(|| book_of(&cluster).1.head().unwrap().position.0);
    let gateway = &mut cluster.gateways[0];
    gateway.start_again();
    gateway.wait_until_ready();
    gateway.stop();
    assert_eq!(erased(&vault), 2);

    let directory = cluster.projectors.last_mut().unwrap();
    directory.start_again();
    wait_until("the directory follows", || {
        end <= position(directory, "ledgeros_projection_position")
    });
    directory.stop();
    put_back(&older, &vault);
    cluster.gateways[0].start_again();
    cluster.gateways[0].wait_until_ready();
    let mut client = cluster.client(0, "default").await;
    let shown = client.get(&format!("/v1/users/{user}")).await.unwrap().json();
    assert_eq!((&shown["id"], &shown["firstName"]), (&json!(user), &Value::Null), "{shown}");
    cluster.gateways[0].stop();
    assert_eq!(erased(&vault), 2);
}

/// How many subjects a vault knows as erased. Nobody has it open.
fn erased(vault: &Path) -> u32 {
    let vault = Connection::open(vault).unwrap();
    vault.query_row("select count(*) from erased", (), |row| row.get(0)).unwrap()
}

fn put_back(older: &Path, vault: &Path) {
    fs::copy(older, vault).unwrap();
    assert_eq!(erased(vault), 0);
}

async fn person_with_a_card(client: &mut Client) -> String {
    let person = json!({ "firstName": "Ada", "lastName": "Quux", "email": "ada@example.com" });
    let user = id(&post(client, "/v1/users", &person).await);
    let path = format!("/v1/sandbox/verifications/{user}");
    post(client, &path, &json!({ "outcome": "approved" })).await;
    let agent = json!({
        "userId": user, "name": "bot", "spendingLimit": 50_000,
        "spendingLimitFrequency": "perMonth",
    });
    let agent = id(&post(client, "/v1/agents/register", &agent).await);
    let card = json!({ "purpose": "test", "type": "single", "maxAmount": 15_000 });
    post(client, &format!("/v1/agents/{agent}/cards"), &card).await;
    user
}

async fn post(client: &mut Client, path: &str, body: &Value) -> Value {
    let answer = client.post(path, body).await.unwrap();
    assert!(answer.status.is_success(), "{path}: {}", answer.json());
    answer.json()
}

fn id(body: &Value) -> String {
    body["id"].as_str().unwrap().to_owned()
}
