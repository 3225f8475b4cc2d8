//! Who is erased: what was done before is answered again, nothing else is done, and what is shown says so.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::money::{ELSEWHERE, ten_to};
use crate::uploads::multipart;
use crate::world::{Reply, World};

/// A write that keeps something of a person.
struct Write {
    method: Method,
    path: String,
    body: Vec<u8>,
    /// What of its answer nobody can read any more, and what stands there.
    unreadable: Value,
}

impl Write {
    async fn send(&self, world: &World, key: &str) -> Reply {
        let (ld, lk) = (world.ld.as_str(), world.lk.as_str());
        let own = if self.path.starts_with("/v1/verification/") { lk } else { ld };
        let form = "multipart/form-data; boundary=erased";
        let headers = [("x-api-key", own), ("idempotency-key", key), ("content-type", form)];
        world.raw(self.method.clone(), &self.path, &headers, self.body.clone()).await
    }
}

/// All three, of a customer who may send ten dollars.
fn writes(customer: &str, wallet: &str) -> [Write; 3] {
    let user = customer.replace("cus_", "user_");
    let parts: [(&str, &[u8]); 2] = [("documentType", b"selfie"), ("file", b"%PDF-1.7")];
    [
        Write {
            method: Method::PUT,
            path: format!("/v1/verification/user/{user}/document"),
            body: multipart("erased", &parts),
            unreadable: json!({}),
        },
        Write {
            method: Method::PATCH,
            path: format!("/v1/customers/{customer}"),
            body: json!({ "lastName": "King" }).to_string().into_bytes(),
            unreadable: json!({ "type": null, "email": null }),
        },
        Write {
            method: Method::POST,
            path: "/v1/transfers".to_owned(),
            body: ten_to(customer, wallet, ELSEWHERE).to_string().into_bytes(),
            unreadable: json!({ "destinationAddress": null }),
        },
    ]
}

#[tokio::test]
async fn what_was_done_before_is_answered_again_and_nothing_else_is_done() {
    let world = World::new().await;
    let customer = world.customer().await;
    let user = customer.replace("cus_", "user_");
    let wallet = world.wallet(&customer).await;
    world.fill(&wallet, "USDC", "10").await;
    let writes = writes(&customer, &wallet);
    let mut firsts = Vec::new();
    for (number, write) in writes.iter().enumerate() {
        let is_document = write.method == Method::PUT;
        world.judge(&customer, if is_document { "manualReview" } else { "approved" }).await;
        let first = write.send(&world, &format!("key-{number}")).await;
        assert_eq!(first.status, StatusCode::OK, "{}: {}", write.path, first.text);
        firsts.push(first);
    }
    let transfer = firsts[2].json()["data"]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/sandbox/transfers/{transfer}/advance");
    world.made(&path, &json!({ "status": "completed" })).await;

    world.erase(&user).await;
    for (number, (write, first)) in writes.iter().zip(firsts).enumerate() {
        let again = write.send(&world, &format!("key-{number}")).await;
        assert_eq!(again.status, StatusCode::OK, "{}: {}", write.path, again.text);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.position(), first.position());
        let mut expected = first.json();
        let answer = if expected["ok"] == true { &mut expected["data"] } else { &mut expected };
        let answer = answer.as_object_mut().unwrap();
        answer.extend(write.unreadable.as_object().unwrap().clone());
        answer.retain(|name, _| !["firstName", "lastName"].contains(&name.as_str()));
        assert_eq!(again.json(), expected, "{}", write.path);

        let refused = write.send(&world, &format!("other-{number}")).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{}: {}", write.path, refused.text);
        assert_eq!(refused.message(), format!("the user `{user}` is erased"));
    }
    assert_eq!(world.vault.sweep(|_| false).unwrap(), 0, "nothing of the person is kept");
}

#[tokio::test]
async fn who_is_erased_looks_so() {
    let world = World::new().await;
    let user = world.funded_user(0).await;
    let customer = user.replace("user_", "cus_");
    let other = world.customer().await;
    world.erase(&user).await;

    let shown = world.shown(&format!("/v1/customers/{customer}")).await;
    let nothing = json!({ "cryptoWallets": false, "virtualAccounts": false, "transfers": false });
    let said = [&shown["status"], &shown["kycStatus"], &shown["type"], &shown["capabilities"]];
    assert_eq!(said, [&json!("suspended"), &json!("approved"), &Value::Null, &nothing]);
    let listed = world.shown("/v1/customers").await;
    assert_eq!((&listed["items"][0]["status"], &listed["items"][1]), (&json!("active"), &shown));

    let shown = world.seen(&format!("/v1/users/{user}")).await;
    assert_eq!(shown["applicationStatus"], "locked");
    let listed = world.seen("/v1/users").await;
    assert_eq!(listed["data"][1], shown);
    let verification = world.seen(&format!("/v1/verification/user/{user}")).await;
    let expected =
        json!({ "object": "verification", "userId": user, "applicationStatus": "locked" });
    assert_eq!(verification, expected);
    let funding = world.seen(&format!("/v1/users/{user}/funding")).await;
    assert_eq!(funding, json!({ "object": "funding", "userId": user, "addresses": [] }));

    let shown = world.shown(&format!("/v1/customers/{other}")).await;
    assert_eq!(
        (&shown["status"], &shown["capabilities"]["transfers"]),
        (&json!("active"), &json!(true))
    );
}
