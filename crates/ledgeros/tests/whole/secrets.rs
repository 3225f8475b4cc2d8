//! What must not be anywhere but in the vault.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::{Served, get, post};

const FIRST_NAME: &str = "Wilhelmina";
const LAST_NAME: &str = "Vandersloot";
const EMAIL: &str = "wilhelmina.vandersloot@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn no_name_number_or_secret_is_in_any_file_but_the_vaults() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&folder.path().join("data"));
    let mut client = served.client().await;
    let mut secrets = vec![FIRST_NAME.to_owned(), LAST_NAME.to_owned(), EMAIL.to_owned()];
    secrets.push(served.key().rsplit('_').next().unwrap().to_owned());

    let person = json!({ "firstName": FIRST_NAME, "lastName": LAST_NAME, "email": EMAIL });
    let user = post(&mut client, "/v1/users", person).await["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/sandbox/verifications/{user}");
    post(&mut client, &path, json!({ "outcome": "approved" })).await;
    let agent = json!({
        "userId": user, "name": "bot", "spendingLimit": 50_000,
        "spendingLimitFrequency": "perMonth",
    });
    let agent = post(&mut client, "/v1/agents/register", agent).await;
    let token = agent["agentToken"].as_str().expect("the token is shown once");
    secrets.push(token.rsplit('_').next().unwrap().to_owned());
    for _ in 0..5 {
        secrets.extend(card_secrets(&mut client, agent["id"].as_str().unwrap()).await);
    }
    // Requests that fail must not be logged with what they carried either.
    let bad = json!({ "firstName": FIRST_NAME, "lastName": LAST_NAME, "email": EMAIL, "pan": 1 });
    assert_eq!(client.post("/v1/users", &bad).await.unwrap().status, 400);
    let shown = get(&mut client, &format!("/v1/users/{user}")).await;
    assert_eq!(shown["firstName"], FIRST_NAME, "the vault gives it back");
    assert!(served.stop().success());

    let files = files(folder.path());
    assert!(files.iter().any(|path| path.ends_with("journal.sqlite")));
    assert!(files.iter().any(|path| path.ends_with("data.log")));
    for path in files {
        let content = fs::read(&path).unwrap();
        let may_hold_keys = path.ends_with("keys.json");
        for secret in secrets.iter().filter(|_| !may_hold_keys) {
            let found = content.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "a secret of {} characters stands in {}", secret.len(), path.display());
        }
    }
}

/// The number of a new card.
async fn card_secrets(client: &mut ledgeros::client::Client, agent: &str) -> Vec<String> {
    let card = json!({ "purpose": "test", "type": "single", "maxAmount": 15_000 });
    let card = post(client, &format!("/v1/agents/{agent}/cards"), card).await;
    let card = card["id"].as_str().unwrap();
    let intent = json!({ "summary": "test", "amount": 100, "merchantText": "Bistro" });
    post(client, &format!("/v1/cards/{card}/intents"), intent).await;
    let attest = json!({ "summary": "test", "expectedAmount": 100, "merchantText": "Bistro" });
    let details = post(client, &format!("/v1/cards/{card}/details"), attest).await;
    let number = details["pan"].as_str().unwrap();
    assert_eq!(number.len(), 16);
    vec![number.to_owned()]
}

/// Every file, the vault's among them: its content is encrypted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|item| item.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
