//! Ledgers of a platform: transfers between them, and journals.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{World, id};

async fn balance(world: &World, ledger: &str) -> i64 {
    let balance = world.shown(&format!("/v1/ledgers/{ledger}/balance")).await;
    balance["balance"].as_i64().unwrap()
}

async fn transfer(world: &World, from: &str, to: &str, amount: u64) -> Value {
    let body = json!({ "destination_ledger_id": to, "amount": amount });
    world.made(&format!("/v1/ledgers/{from}/transfer"), &body).await
}

#[tokio::test]
async fn a_ledger_is_created_listed_and_found() {
    let world = World::new().await;
    let body = json!({
        "code": "float", "name": "Float", "type": "asset", "currency": "usdc", "overdraftLimit": 5,
    });
    let reply = world.post("/v1/ledgers", &body).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    let made = reply.json();
    let expected = json!({
        "id": made["id"], "code": "float", "name": "Float", "type": "asset", "currency": "USDC",
        "overdraftLimit": 5, "status": "active", "created_at": made["created_at"],
    });
    assert_eq!(made, expected);
    let path = format!("/v1/ledgers/{}", id(&made));
    assert_eq!(path.len(), "/v1/ledgers/".len() + 36);
    assert_eq!(world.get(&path).await.json(), made);
    assert_eq!(
        world.get(&path.to_uppercase().replace("/V1/LEDGERS", "/v1/ledgers")).await.json(),
        made
    );
    let listed = world.get("/v1/ledgers").await.json();
    assert_eq!(listed, json!({ "data": [made], "has_more": false, "cursor": null }));
    let (status, code, message) = world.refused("/v1/ledgers", &body).await;
    assert_eq!((status, code.as_str()), (409, "ledger_code_taken"));
    assert!(message.contains("`float`"));
}

#[tokio::test]
async fn ledgers_are_filtered_and_a_cursor_brings_its_filters_along() {
    let world = World::new().await;
    let [cash, ada, bob] = world.books().await;
    world.made(&format!("/v1/ledgers/{bob}/freeze"), &json!({})).await;
    let euro = json!({ "code": "e", "name": "E", "type": "liability", "currency": "EUR" });
    let euro = id(&world.made("/v1/ledgers", &euro).await);
    let list = async |query: &str| {
        let list = world.shown(&format!("/v1/ledgers?{query}")).await;
        let ids: Vec<_> = list["data"].as_array().unwrap().iter().map(id).collect();
        (ids, list["cursor"].as_str().map(str::to_owned))
    };
    let ids = async |query: &str| list(query).await.0;
    assert_eq!(ids("type=asset").await, [&*cash]);
    assert_eq!(ids("currency=eur").await, [&*euro]);
    assert_eq!(ids("type=liability&currency=USD&status=active").await, [&*ada]);
    assert_eq!(ids("status=closed").await, [""; 0]);
    let (first, cursor) = list("type=liability&limit=2").await;
    assert_eq!(first, [euro, bob]);
    assert_eq!(ids(&format!("cursor={}", cursor.unwrap())).await, [ada]);
    for query in ["type=Asset", "currency=xyz", "status=open", "kind=asset"] {
        let reply = world.ask_money(&format!("/v1/ledgers?{query}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn a_transfer_answers_as_seed_003() {
    let world = World::new().await;
    let [_, ada, bob] = world.books().await;
    let transfer_id = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
    let body = json!({
        "destination_ledger_id": bob, "amount": 30_00, "description": "lunch", "transfer_id": transfer_id,
    });
    let reply = world.send_money(&format!("/v1/ledgers/{ada}/transfer"), &body).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    let made = reply.json();
    let (source, destination) = (&made["source_entry"], &made["destination_entry"]);
    let entry = |shown: &Value, ledger: &str, side: &str, balance: i64| {
        json!({
            "id": shown["id"], "ledger_id": ledger, "transaction_id": source["transaction_id"],
            "amount": 30_00, "type": side, "description": "lunch", "balance": balance,
            "timestamp": made["timestamp"], "metadata": {}, "created_at": made["timestamp"],
            "created_by": source["created_by"],
        })
    };
    let expected = json!({
        "transfer_id": transfer_id,
        "source_entry": entry(source, &ada, "debit", 70_00),
        "destination_entry": entry(destination, &bob, "credit", 30_00),
        "timestamp": made["timestamp"],
    });
    assert_eq!(made, expected);
    assert_ne!(source["id"], destination["id"]);
    for id in [&source["id"], &destination["id"], &source["transaction_id"], &source["created_by"]]
    {
        let id = id.as_str().unwrap();
        assert_eq!((id.len(), id.matches('-').count()), (36, 4), "{id}");
    }
    assert_eq!((balance(&world, &ada).await, balance(&world, &bob).await), (70_00, 30_00));
}

#[tokio::test]
async fn the_trial_balance_says_which_ledgers_its_accounts_are() {
    let world = World::new().await;
    world.funded_user(5).await;
    let [cash, ada, _] = world.books().await;
    let shown = world.shown("/v1/ledgers/reports/trial-balance").await;
    let accounts = shown["currencies"][0]["accounts"].as_array().unwrap();
    let ledgers = accounts.iter().filter_map(|account| account.get("ledger_id"));
    assert_eq!(ledgers.collect::<Vec<_>>(), [&json!(cash), &json!(ada)]);
    for account in accounts {
        let is_ledgers = account["account"].as_str().unwrap().contains(":ledgers:");
        assert_eq!(account.get("ledger_id").is_some(), is_ledgers, "{account}");
    }
}

#[tokio::test]
async fn assets_move_the_other_way_round() {
    let world = World::new().await;
    let [cash, ..] = world.books().await;
    let vault = world.ledger("vault", "asset").await;
    let made = transfer(&world, &cash, &vault, 25_00).await;
    let (source, destination) = (&made["source_entry"], &made["destination_entry"]);
    assert_eq!((&source["ledger_id"], &source["type"]), (&json!(cash), &json!("credit")));
    assert_eq!((&source["balance"], &destination["balance"]), (&json!(75_00), &json!(25_00)));
    assert_eq!((&destination["ledger_id"], &destination["type"]), (&json!(vault), &json!("debit")));
}

#[tokio::test]
async fn a_transfer_id_is_the_key_of_its_call() {
    let world = World::new().await;
    let [_, ada, bob] = world.books().await;
    let id = "3C90C3CC-0d44-4b50-8888-8dd25736052a";
    let path = format!("/v1/ledgers/{ada}/transfer");
    let body = json!({ "destination_ledger_id": bob, "amount": 10_00, "transfer_id": id });
    let first = world.send_money(&path, &body).await;
    let again = world.send_money(&path, &body).await;
    assert_eq!((again.status, &again.text), (StatusCode::CREATED, &first.text));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.json()["transfer_id"], id.to_lowercase());
    assert_eq!(balance(&world, &ada).await, 90_00);

    let other = json!({ "destination_ledger_id": bob, "amount": 10_01, "transfer_id": id });
    let (status, code, message) = world.refused(&path, &other).await;
    assert_eq!((status, code.as_str()), (409, "idempotency_key_reused"), "{message}");
    let send = async |key: &str| {
        let headers = [("api-key", world.lk.as_str()), ("idempotency-key", key)];
        world.raw(Method::POST, &path, &headers, body.to_string()).await
    };
    assert_eq!(send("3c90c3cc-0d44-4b50-8888-8dd25736052a").await.text, first.text);
    let refused = send("another").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text.contains("`transfer_id`"), "{}", refused.text);
}

#[tokio::test]
async fn a_transfer_that_can_not_be_says_why() {
    let world = World::new().await;
    let [cash, ada, bob] = world.books().await;
    let euro = json!({ "code": "e", "name": "E", "type": "liability", "currency": "EUR" });
    let euro = id(&world.made("/v1/ledgers", &euro).await);
    let frozen = world.ledger("frozen", "liability").await;
    world.made(&format!("/v1/ledgers/{frozen}/freeze"), &json!({})).await;
    let nobody = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
    for (from, to, amount, status, code, said) in [
        (
            &ada,
            &bob,
            100_01,
            409,
            "insufficient_funds",
            format!("the ledger `{ada}` has `10000` left"),
        ),
        (&bob, &ada, 1, 409, "insufficient_funds", "`0`".to_owned()),
        (&ada, &euro, 1, 409, "different_currencies", "currencies".to_owned()),
        (&ada, &cash, 1, 400, "different_sides", "journal".to_owned()),
        (&ada, &ada, 1, 400, "same_ledger", "same ledger".to_owned()),
        (&ada, &frozen, 1, 409, "ledger_frozen", format!("the ledger `{frozen}` is `frozen`")),
        (&ada, &nobody.to_owned(), 1, 404, "not_found", format!("`{nobody}`")),
    ] {
        let body = json!({ "destination_ledger_id": to, "amount": amount });
        let refused = world.refused(&format!("/v1/ledgers/{from}/transfer"), &body).await;
        assert_eq!((refused.0, refused.1.as_str()), (status, code), "{}", refused.2);
        assert!(refused.2.contains(&said), "{}", refused.2);
    }
}

#[tokio::test]
async fn a_ledger_goes_below_zero_as_far_as_its_overdraft() {
    let world = World::new().await;
    let [_, ada, _] = world.books().await;
    let credit = json!({
        "code": "credit", "name": "C", "type": "liability", "currency": "USD", "overdraftLimit": 500,
    });
    let credit = id(&world.made("/v1/ledgers", &credit).await);
    let made = transfer(&world, &credit, &ada, 500).await;
    assert_eq!(made["source_entry"]["balance"], -500);
    assert_eq!(balance(&world, &credit).await, -500);
    let body = json!({ "destination_ledger_id": ada, "amount": 1 });
    assert_eq!(world.refused(&format!("/v1/ledgers/{credit}/transfer"), &body).await.0, 409);
}

#[tokio::test]
async fn a_journal_posts_all_of_its_lines_or_none() {
    let world = World::new().await;
    let [cash, ada, bob] = world.books().await;
    let line = |ledger: &str, side: &str, amount: u64| json!({ "ledger_id": ledger, "type": side, "amount": amount, "description": side });
    let path = "/v1/ledgers/journals";
    let lines = [
        line(&cash, "debit", 9),
        line(&ada, "credit", 4),
        line(&ada, "credit", 2),
        line(&bob, "credit", 3),
    ];
    let reply = world.send_money(path, &json!({ "entries": lines, "description": "split" })).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    let made = reply.json();
    let entries = made["entries"].as_array().unwrap();
    let running: Vec<_> = entries.iter().map(|entry| entry["balance"].as_i64().unwrap()).collect();
    assert_eq!(running, [100_09, 100_04, 100_06, 3]);
    assert_eq!(
        (&made["description"], &entries[1]["description"]),
        (&json!("split"), &json!("credit"))
    );
    let ids: std::collections::BTreeSet<_> = entries.iter().map(id).collect();
    assert_eq!(ids.len(), 4);

    let before = (balance(&world, &cash).await, balance(&world, &bob).await);
    let euro = json!({ "code": "e", "name": "E", "type": "asset", "currency": "EUR" });
    let euro = id(&world.made("/v1/ledgers", &euro).await);
    for (lines, status, code, said) in [
        (
            vec![line(&cash, "debit", 9), line(&bob, "credit", 4)],
            400,
            "journal_unbalanced",
            "`USD` differ by `5`",
        ),
        (
            vec![line(&euro, "debit", 9), line(&bob, "credit", 9)],
            400,
            "journal_unbalanced",
            "differ by `9`",
        ),
        (
            vec![line(&cash, "debit", 9)],
            400,
            "invalid_field",
            "`entries` must have at least 2 items",
        ),
        (
            vec![line(&cash, "credit", 200_00), line(&ada, "debit", 200_00)],
            409,
            "insufficient_funds",
            "left",
        ),
    ] {
        let refused = world.refused(path, &json!({ "entries": lines })).await;
        assert_eq!((refused.0, refused.1.as_str()), (status, code), "{}", refused.2);
        assert!(refused.2.contains(said), "{}", refused.2);
    }
    assert_eq!((balance(&world, &cash).await, balance(&world, &bob).await), before);
}

#[tokio::test]
async fn a_ledger_is_frozen_unfrozen_and_closed_once_empty() {
    let world = World::new().await;
    let [_, ada, bob] = world.books().await;
    let path = |verb: &str| format!("/v1/ledgers/{ada}/{verb}");
    let frozen = world.made(&path("freeze"), &json!({})).await;
    assert_eq!(frozen, json!({ "id": ada, "status": "frozen" }));
    assert_eq!(world.shown(&format!("/v1/ledgers/{ada}")).await["status"], "frozen");
    assert_eq!(world.made(&path("unfreeze"), &json!({})).await["status"], "active");
    let (status, code, _) = world.refused(&path("close"), &json!({})).await;
    assert_eq!((status, code.as_str()), (409, "ledger_not_empty"));
    transfer(&world, &ada, &bob, 100_00).await;
    assert_eq!(world.made(&path("close"), &json!({})).await["status"], "closed");
    let (status, code, _) = world.refused(&path("unfreeze"), &json!({})).await;
    assert_eq!((status, code.as_str()), (409, "ledger_closed"));
}

#[tokio::test]
async fn ledgers_are_for_platforms_whatever_their_keys() {
    let world = World::new().await;
    let [_, ada, _] = world.books().await;
    let user = world.user().await;
    let (_, token) = world.agent(&user).await;
    for (method, path) in [
        (Method::POST, "/v1/ledgers".to_owned()),
        (Method::GET, "/v1/ledgers".to_owned()),
        (Method::GET, format!("/v1/ledgers/{ada}")),
        (Method::GET, format!("/v1/ledgers/{ada}/balance")),
        (Method::GET, format!("/v1/ledgers/{ada}/entries")),
        (Method::GET, format!("/v1/ledgers/{ada}/statement")),
        (Method::GET, "/v1/ledgers/reports/trial-balance".to_owned()),
        (Method::GET, format!("/v1/journals/{ada}")),
        (Method::POST, format!("/v1/ledgers/journals/{ada}/reverse")),
        (Method::POST, format!("/v1/ledgers/{ada}/transfer")),
        (Method::POST, format!("/v1/ledgers/{ada}/freeze")),
        (Method::POST, "/v1/ledgers/journals".to_owned()),
    ] {
        let reply = world.raw(method, &path, &[("api-key", &token)], "{}").await;
        assert_eq!(
            (reply.status, &reply.json()["code"]),
            (StatusCode::FORBIDDEN, &json!("not_for_agents"))
        );
    }
    world.reach(world.ask_money("/v1/ledgers").await.position()).await;
    assert_eq!(world.get("/v1/ledgers").await.text, world.ask_money("/v1/ledgers").await.text);
    for (path, status) in [
        ("/v1/ledgers/led_01h455vb4pex5vsknk084sn02q", 400),
        ("/v1/ledgers/3c90c3cc-0d44-4b50-8888-8dd25736052a", 404),
        ("/v1/ledgers/3c90c3cc-0d44-4b50-8888-8dd25736052a/balance", 404),
        ("/v1/ledgers/3c90c3cc-0d44-4b50-8888-8dd25736052a/entries", 404),
        ("/v1/ledgers/3c90c3cc-0d44-4b50-8888-8dd25736052a/statement", 404),
        ("/v1/journals/3c90c3cc-0d44-4b50-8888-8dd25736052a", 404),
        ("/v1/journals/jrn_01h455vb4pex5vsknk084sn02q", 400),
    ] {
        assert_eq!(world.ask_money(path).await.status.as_u16(), status, "{path}");
    }
}
