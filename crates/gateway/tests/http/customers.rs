//! Customers: the same holders that LedgerOS calls users.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{Reply, World, id};

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
        ("locked", "suspended", "rejected"),
        ("locked", "suspended", "rejected"),
        ("approved", "active", "approved"),
        ("locked", "suspended", "approved"),
        ("manualReview", "active", "under_review"),
    ] {
        world.judge(&customer, outcome).await;
        let shown = world.shown(&format!("/v1/customers/{customer}")).await;
        let said = (&shown["status"], &shown["kycStatus"]);
        assert_eq!(said, (&json!(status), &json!(kyc_status)), "{outcome}");
        assert_eq!(shown["capabilities"]["transfers"], outcome == "approved");
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

impl World {
    async fn change(&self, customer: &str, key: &str, body: &Value) -> Reply {
        let headers = [("x-api-key", self.ld.as_str()), ("idempotency-key", key)];
        let path = format!("/v1/customers/{customer}");
        self.raw(Method::PATCH, &path, &headers, body.to_string()).await
    }
}

#[tokio::test]
async fn what_is_said_of_a_customer_changes_and_the_rest_stays() {
    let world = World::new().await;
    let person = json!({
        "type": "individual", "email": "ada@example.com", "firstName": "Ada", "lastName": "Byron",
        "phone": "+441632960000", "metadata": { "tier": "gold" },
    });
    let mut expected = world.made("/v1/customers", &person).await;
    assert_eq!(expected["updatedAt"], expected["createdAt"]);
    let (customer, links) = (id(&expected), expected["kycLink"].clone());
    for (number, (change, shown)) in [
        (json!({ "email": "ada@example.net" }), json!({ "email": "ada@example.net" })),
        (json!({ "lastName": "King" }), json!({ "lastName": "King" })),
        (json!({ "phone": null }), json!({ "phone": null })),
        (json!({ "phone": "+15550100" }), json!({ "phone": "+15550100" })),
        (json!({ "metadata": { "a": "b" } }), json!({ "metadata": { "a": "b" } })),
        (
            json!({ "metadata": null, "firstName": "A" }),
            json!({ "metadata": {}, "firstName": "A" }),
        ),
        (json!({ "metadata": { "c": "d" } }), json!({ "metadata": { "c": "d" } })),
        (json!({ "metadata": {} }), json!({ "metadata": {} })),
    ]
    .into_iter()
    .enumerate()
    {
        let reply = world.change(&customer, &format!("change-{number}"), &change).await;
        assert_eq!(reply.status, StatusCode::OK, "{change}: {}", reply.text);
        expected.as_object_mut().unwrap().extend(shown.as_object().unwrap().clone());
        let now = world.shown(&format!("/v1/customers/{customer}")).await;
        assert!(expected["updatedAt"].as_str() <= now["updatedAt"].as_str());
        expected["updatedAt"] = now["updatedAt"].clone();
        assert_eq!((&reply.json()["data"], &now), (&expected, &expected), "{change}");
    }
    assert_eq!(expected["kycLink"], links);
    let listed = world.shown("/v1/customers").await;
    assert_eq!(listed["items"], json!([expected]));
    world.reach(world.ask_money("/v1/customers").await.position()).await;
    let user = world.seen(&format!("/v1/users/{}", customer.replace("cus_", "user_"))).await;
    assert_eq!((&user["email"], &user["lastName"]), (&json!("ada@example.net"), &json!("King")));
}

#[tokio::test]
async fn a_repeated_change_is_answered_with_the_customer_of_then() {
    let world = World::new().await;
    let customer = world.customer().await;
    world.judge(&customer, "locked").await;
    let body = json!({ "email": "first@example.com" });
    let first = world.change(&customer, "first", &body).await;
    let said = first.json()["data"].clone();
    assert_eq!((&said["status"], &said["kycStatus"]), (&json!("suspended"), &json!("approved")));
    world.judge(&customer, "denied").await;
    let later = json!({ "email": "second@example.com", "firstName": "Augusta" });
    let later = world.change(&customer, "second", &later).await;
    assert_eq!(later.json()["data"]["kycStatus"], "rejected");
    let again = world.change(&customer, "first", &body).await;
    assert_eq!((again.status, &again.text), (StatusCode::OK, &first.text));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let now = world.shown(&format!("/v1/customers/{customer}")).await;
    assert_eq!(
        (&now["email"], &now["firstName"]),
        (&json!("second@example.com"), &json!("Augusta"))
    );
}

#[tokio::test]
async fn every_name_that_a_customer_has_had_is_erased() {
    let world = World::new().await;
    let customer = world.stranger().await;
    let changed = world.change(&customer, "k", &json!({ "lastName": "King" })).await;
    assert_eq!(changed.status, StatusCode::OK);
    let journal = String::from_utf8_lossy(&world.journal()).into_owned();
    assert!(!journal.contains("King"));
    world.forget(&customer.replace("cus_", "user_"));
    let shown = world.shown(&format!("/v1/customers/{customer}")).await;
    assert_eq!((shown.get("lastName"), &shown["email"]), (None, &Value::Null));
    let before = world.submitted();
    let reply = world.change(&customer, "other", &json!({ "lastName": "Byron" })).await;
    assert_eq!((reply.status, world.submitted()), (StatusCode::CONFLICT, before), "{}", reply.text);
    let created = world.change(&customer, "k", &json!({ "lastName": "King" })).await;
    assert!(!created.text.contains("King") && !created.text.contains("Byron"), "{}", created.text);
}

#[tokio::test]
async fn a_customer_stays_what_it_is() {
    let world = World::new().await;
    let person = world.stranger().await;
    let business = json!({ "type": "business", "email": "a@example.com", "businessName": "Acme" });
    let business = id(&world.made("/v1/customers", &business).await);
    let before = world.submitted();
    for (customer, body, field) in [
        (&person, json!({ "businessName": "Acme" }), "businessName"),
        (&business, json!({ "firstName": "A" }), "firstName"),
        (&business, json!({ "lastName": "A" }), "lastName"),
        (&business, json!({ "type": "business" }), "type"),
        (&person, json!({ "type": "business", "businessName": "Acme" }), "type"),
        (&person, json!({}), "body"),
    ] {
        let reply = world.change(customer, "k", &body).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}: {}", reply.text);
        assert!(reply.message().contains(&format!("`{field}`")), "{body}: {}", reply.text);
    }
    let nobody = "cus_01h455vb4pex5vsknk084sn02q";
    let email = json!({ "email": "a@example.com" });
    assert_eq!(world.change(nobody, "k", &email).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.change("user_x", "k", &email).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.submitted(), before);
    let reply = world.change(&business, "k", &json!({ "businessName": "Emca" })).await;
    assert_eq!(reply.json()["data"]["businessName"], "Emca");
}

#[tokio::test]
async fn changes_at_the_same_time_do_not_undo_each_other() {
    let world = World::new().await;
    let customer = world.stranger().await;
    let (email, phone) = (json!({ "email": "b@example.com" }), json!({ "phone": "+15550100" }));
    let (one, two) = tokio::join!(
        world.change(&customer, "one", &email),
        world.change(&customer, "two", &phone)
    );
    let now = world.shown(&format!("/v1/customers/{customer}")).await;
    let is_done = |reply: &Reply| match reply.status {
        StatusCode::OK => true,
        StatusCode::CONFLICT => false,
        other => panic!("{other}: {}", reply.text),
    };
    assert!(is_done(&one) || is_done(&two));
    assert_eq!(now["email"] == "b@example.com", is_done(&one));
    assert_eq!(now["phone"] == "+15550100", is_done(&two));
    let again = world.change(&customer, "two", &phone).await;
    assert_eq!(again.status, StatusCode::OK, "who was refused repeats it: {}", again.text);
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
