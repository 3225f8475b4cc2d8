//! Read models that are verified and rebuilt by the command, beside the service.

use std::path::Path;

use postgres::NoTls;
use serde_json::json;
use tokio::task::spawn_blocking;

use crate::support::{Served, Spender, command, post, prepare_folder};

/// The users that are made before the rebuild.
const USERS: usize = 20;

/// `projections`: its exit code, and what it prints.
fn projections(arguments: &[&str], data: &Path) -> (i32, String) {
    let mut command = command();
    let output = command.arg("projections").args(arguments).arg("--data").arg(data).output();
    let output = output.unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

async fn fill(served: &Served) -> Spender {
    let mut client = served.client().await;
    for number in 0..USERS {
        let email = format!("{number}@example.com");
        let person = json!({ "firstName": "Ada", "lastName": "Quux", "email": email });
        post(&mut client, "/v1/users", person).await;
    }
    Spender::with(&mut client, "500.00").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_row_is_told_of_and_cured_while_the_service_reads() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let database = prepare_folder(&data, servers::shared());
    let served = Served::start(&data);
    let spender = fill(&served).await;
    let mut client = served.client().await;
    let before = spender.balance(&mut client).await;
    assert_eq!(projections(&["verify", "balances"], &data).0, 0);

    // What somebody does by hand, to whichever schema has this ending.
    let change = move |ending: &str, sql: &str| {
        let mut client = ::postgres::Client::connect(&database.writer, NoTls).unwrap();
        let schema = "select nspname::text from pg_namespace where nspname ~ $1";
        let pattern = format!("^balances_[0-9a-f]{{32}}{ending}$");
        let schema: String = client.query_one(schema, &[&pattern]).unwrap().get(0);
        client.batch_execute(&format!("set search_path = {schema}; {sql}")).unwrap();
    };
    let poor = "update holder_balance set available = '1' where available <> '0'";
    let by_hand = change.clone();
    spawn_blocking(move || by_hand("", poor)).await.unwrap();
    let (code, told) = projections(&["verify", "balances"], &data);
    assert!(code == 1 && told.contains("` of `holder_balance` is not what"), "{told}");
    let (code, told) = projections(&["rebuild", "balances"], &data);
    assert!(code == 1 && told.contains("differs in `available`"), "{told}");

    // A rebuilt set with a fault is thrown away, whatever the options are.
    let by_hand = change.clone();
    spawn_blocking(move || by_hand("_next", poor)).await.unwrap();
    let (code, told) = projections(&["rebuild", "balances", "--replace"], &data);
    assert!(code == 1 && told.contains("was thrown away"), "{told}");
    let (_, told) = projections(&["status"], &data);
    assert!(!told.contains("next") && !told.contains("old"), "{told}");

    let (code, told) = projections(&["rebuild", "balances", "--replace"], &data);
    assert!(code == 0 && told.starts_with("replaced: "), "{told}");
    assert_eq!(projections(&["verify", "balances"], &data).0, 0);
    assert_eq!(spender.balance(&mut client).await, before);
    // The projector goes on with the tables that are new.
    Spender::with(&mut client, "1.00").await;
    let (code, told) = projections(&["status"], &data);
    assert!(code == 0 && told.lines().any(|line| line.starts_with("balances live")), "{told}");
    assert_eq!(projections(&["verify", "balances"], &data).0, 0);
    assert_eq!(projections(&["drop-old", "balances"], &data).0, 0);
    assert!(served.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_rebuilt_beside_the_service_and_put_in_place_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    fill(&served).await;
    let models = ["balances", "transactions", "intents", "directory"];
    for model in models {
        assert_eq!(projections(&["rebuild", model], &data).0, 2, "{model}");
    }
    assert!(served.stop().success());
    for model in models {
        let (code, told) = projections(&["rebuild", model], &data);
        assert_eq!(code, 0, "{told}");
        assert_eq!(projections(&["verify", model], &data).0, 0);
    }
    let served = Served::start(&data);
    Spender::with(&mut served.client().await, "1.00").await;
    assert!(served.stop().success());
}
