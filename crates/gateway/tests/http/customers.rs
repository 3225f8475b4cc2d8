//! Customers: the same holders that LedgerOS calls users.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::world::{World, id};

#[tokio::test]
async fn a_customer_is_active_at_once_and_may_more_once_approved() {
    let world = World::new().await;
    let person = json!({
        "type": "individual", "email": "ada@example.com", "firstName": "Ada", "lastName": "Byron",
        "phone": "+441632960000", "metadata": { "tier": "gold" },
    });
    let made = world.made("/v1/customers", &person).await;
    for (field, expected) in person.as_object().unwrap() {
        assert_eq!(&made[field], expected, "{field}");
    }
    assert!(id(&made).starts_with("cus_"));
    assert_eq!((&made["status"], &made["kycStatus"]), (&json!("active"), &json!("not_started")));
    let nothing = json!({ "cryptoWallets": false, "virtualAccounts": false, "transfers": false });
    assert_eq!(made["capabilities"], nothing);
    for link in ["kycLink", "tosLink"] {
        assert!(made[link].as_str().unwrap().starts_with("https://"), "{made}");
    }
    let created_at = made["createdAt"].as_str().unwrap();
    assert!(created_at.len() == 24 && created_at.ends_with('Z'), "{created_at}");

    let customer = id(&made);
    world.judge(&customer, "approved").await;
    let approved = world.shown(&format!("/v1/customers/{customer}")).await;
    assert_eq!(approved["kycStatus"], "approved");
    let all = json!({ "cryptoWallets": true, "virtualAccounts": true, "transfers": true });
    assert_eq!(approved["capabilities"], all);
    assert_eq!(approved["kycLink"], made["kycLink"]);
}

#[tokio::test]
async fn every_verification_has_its_words_here() {
    let world = World::new().await;
    let customer = world.stranger().await;
    for (outcome, status, kyc_status) in [
        ("pending", "active", "under_review"),
        ("manualReview", "active", "under_review"),
        ("needsInformation", "active", "incomplete"),
        ("needsVerification", "active", "incomplete"),
        ("denied", "rejected", "rejected"),
        ("locked", "suspended", "under_review"),
        ("approved", "active", "approved"),
    ] {
        world.judge(&customer, outcome).await;
        let shown = world.shown(&format!("/v1/customers/{customer}")).await;
        let said = (&shown["status"], &shown["kycStatus"]);
        assert_eq!(said, (&json!(status), &json!(kyc_status)), "{outcome}");
        assert_eq!(shown["capabilities"]["transfers"], kyc_status == "approved");
    }
}

#[tokio::test]
async fn what_one_surface_creates_the_other_can_read() {
    let world = World::new().await;
    let customer = world.stranger().await;
    let user = customer.replace("cus_", "user_");
    world.reach(world.ask_money("/v1/customers").await.position()).await;
    let shown = world.seen(&format!("/v1/users/{user}")).await;
    assert_eq!((&shown["firstName"], &shown["email"]), (&json!("Ada"), &json!("ada@example.com")));
    world.verify(&user, "approved").await;

    let user = world.user().await;
    let customer = user.replace("user_", "cus_");
    world.verify(&user, "approved").await;
    world.reach(world.get("/v1/users").await.position()).await;
    let shown = world.shown(&format!("/v1/customers/{customer}")).await;
    let said = [&shown["type"], &shown["firstName"], &shown["kycStatus"], &shown["phone"]];
    assert_eq!(said, [&json!("individual"), &json!("John"), &json!("approved"), &Value::Null]);
    world.wallet(&customer).await;
}

#[tokio::test]
async fn a_business_has_one_name() {
    let world = World::new().await;
    let business = json!({ "type": "business", "email": "a@example.com", "businessName": "Acme" });
    let made = world.made("/v1/customers", &business).await;
    assert_eq!((&made["type"], &made["businessName"]), (&json!("business"), &json!("Acme")));
    assert_eq!((made.get("firstName"), &made["metadata"]), (None, &json!({})));
    world.reach(world.ask_money("/v1/customers").await.position()).await;
    let user = world.seen(&format!("/v1/users/{}", id(&made).replace("cus_", "user_"))).await;
    assert_eq!((&user["firstName"], &user["email"]), (&Value::Null, &json!("a@example.com")));

    let mixed = json!({ "type": "business", "email": "a@example.com", "businessName": "A", "firstName": "B" });
    let (status, _, message) = world.refused("/v1/customers", &mixed).await;
    assert_eq!((status, message.contains("`firstName`")), (400, true), "{message}");
}

#[tokio::test]
async fn what_is_known_of_a_customer_is_in_the_vault_only() {
    let world = World::new().await;
    let customer = world.stranger().await;
    let journal = String::from_utf8_lossy(&world.journal()).into_owned();
    assert!(!journal.contains("Byron") && !journal.contains("ada@example.com"));
    world.forget(&customer.replace("cus_", "user_"));
    let shown = world.shown(&format!("/v1/customers/{customer}")).await;
    let known = [&shown["type"], &shown["email"], &shown["phone"]];
    assert!(known.iter().all(|value| value.is_null()), "{shown}");
    assert_eq!(shown.get("firstName"), None);
}

#[tokio::test]
async fn customers_are_listed_in_parts_newest_first() {
    let world = World::new().await;
    let mut expected = Vec::new();
    for _ in 0..3 {
        expected.insert(0, json!(world.stranger().await));
    }
    let first = world.shown("/v1/customers?limit=2").await;
    let cursor = first["nextCursor"].as_str().unwrap();
    let second = world.shown(&format!("/v1/customers?limit=2&cursor={cursor}")).await;
    assert_eq!(second["nextCursor"], Value::Null);
    let parts = [&first, &second].map(|part| part["items"].as_array().unwrap().clone());
    let ids: Vec<_> = parts.concat().iter().map(|customer| customer["id"].clone()).collect();
    assert_eq!(ids, expected);
    for (query, is_taken) in [("limit=200", true), ("limit=201", false), ("limit=0", false)] {
        let reply = world.ask_money(&format!("/v1/customers?{query}")).await;
        assert_eq!(reply.status == StatusCode::OK, is_taken, "{query}");
    }
}

#[tokio::test]
async fn an_id_of_the_wrong_kind_is_400_and_an_unknown_one_404() {
    let world = World::new().await;
    let suffix = "01h455vb4pex5vsknk084sn02q";
    let status = async |path: &str, prefix: &str| {
        let path = path.replace("{}", &format!("{prefix}_{suffix}"));
        world.ask_money(&path).await.status.as_u16()
    };
    for (path, prefix) in [
        ("/v1/customers/{}", "cus"),
        ("/v1/crypto-wallets/{}", "wal"),
        ("/v1/crypto-wallets/{}/balance", "wal"),
        ("/v1/crypto-wallets/{}/crypto-deposit-addresses", "wal"),
        ("/v1/virtual-accounts/{}", "va"),
        ("/v1/transactions/{}", "txn"),
    ] {
        assert_eq!(status(path, prefix).await, 404, "{path}");
        assert_eq!(status(path, "user").await, 400, "{path}");
    }
    let before = world.submitted();
    for (path, body) in [
        (format!("/v1/sandbox/verifications/agent_{suffix}"), json!({ "outcome": "approved" })),
        (format!("/v1/sandbox/transfers/wal_{suffix}/advance"), json!({ "status": "failed" })),
        ("/v1/ledgers/x/freeze".to_owned(), json!({})),
    ] {
        assert_eq!(world.refused(&path, &body).await.0, 400, "{path}");
    }
    let path = format!("/v1/sandbox/transfers/txn_{suffix}/advance");
    assert_eq!(world.refused(&path, &json!({ "status": "failed" })).await.0, 404);
    assert_eq!(world.submitted(), before);
}
