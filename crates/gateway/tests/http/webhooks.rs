//! Webhooks that are registered, changed, tried out, replayed and removed, on both surfaces.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::{Method, StatusCode};
use ledger::Event;
use ledger::book::Environment;
use ledger::keys::{Family, Scope};
use ledger::time::{DAY_MS, HOUR_MS};
use ledger::webhooks::Topic;
use serde_json::{Value, json};
use tokio::join;
use tokio::time::{Duration, Instant};
use vault::{Kind, Reference, Subject};

use crate::world::{Reply, World, id};

const PATH: &str = "/v1/webhooks";

async fn send(world: &World, key: &str, method: Method, path: &str, body: &Value) -> Reply {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    world.raw(method, path, &[("x-api-key", key)], body).await
}

/// What an answer says, in whichever dialect.
fn data(reply: &Reply) -> Value {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let said = reply.json();
    said.get("ok").map_or(said.clone(), |_| said["data"].clone())
}

fn hook(events: &[&str]) -> Value {
    json!({ "url": "https://example.com/hook?token=s3cr3t", "events": events })
}

async fn registered(world: &World, key: &str, events: &[&str]) -> Value {
    data(&send(world, key, Method::POST, PATH, &hook(events)).await)
}

async fn act(world: &World, key: &str, webhook: &str, verb: &str, body: &Value) -> Reply {
    send(world, key, Method::POST, &format!("{PATH}/{webhook}/{verb}"), body).await
}

#[tokio::test]
async fn a_webhook_is_registered_shown_changed_and_removed_on_either_surface() {
    let world = World::new().await;
    for (key, other, family, event) in [
        (&world.lk, &world.ld, "ledgerOs", "card.created"),
        (&world.ld, &world.lk, "ledgerApi", "customer.created"),
    ] {
        let made = registered(&world, key, &[event, "webhook.test"]).await;
        let webhook = id(&made);
        assert!(webhook.starts_with("whk_"));
        assert_eq!(made["url"], "https://example.com/hook?token=s3cr3t");
        assert_eq!(made["events"], json!([event, "webhook.test"]));
        assert_eq!((&made["status"], &made["family"]), (&json!("enabled"), &json!(family)));
        assert_eq!(made["createdAt"].is_u64(), key.starts_with("lk_"), "{made}");
        assert_eq!(made["createdAt"], made["updatedAt"]);

        let path = format!("{PATH}/{webhook}");
        let shown = data(&send(&world, key, Method::GET, &path, &Value::Null).await);
        let mut expected = made.clone();
        expected.as_object_mut().unwrap().remove("secret").unwrap();
        assert_eq!(shown, expected);
        // One book, whichever key looks.
        let elsewhere = data(&send(&world, other, Method::GET, &path, &Value::Null).await);
        assert_eq!((&elsewhere["id"], &elsewhere["family"]), (&shown["id"], &shown["family"]));

        let change =
            json!({ "url": "http://localhost:8080/", "events": ["*"], "status": "disabled" });
        let changed = data(&send(&world, key, Method::PATCH, &path, &change).await);
        for (field, value) in change.as_object().unwrap() {
            assert_eq!(&changed[field], value, "{field}");
        }
        assert_eq!(changed["createdAt"], made["createdAt"]);
        assert_eq!(data(&send(&world, key, Method::GET, &path, &Value::Null).await), changed);
        let enabled = json!({ "status": "enabled" });
        let enabled = data(&send(&world, key, Method::PATCH, &path, &enabled).await);
        assert_eq!((&enabled["url"], &enabled["events"]), (&changed["url"], &changed["events"]));

        let gone = data(&send(&world, key, Method::DELETE, &path, &Value::Null).await);
        assert_eq!(gone["id"], made["id"]);
        for (method, path, body) in [
            (Method::GET, path.clone(), Value::Null),
            (Method::PATCH, path.clone(), change),
            (Method::DELETE, path.clone(), Value::Null),
            (Method::POST, format!("{path}/test"), Value::Null),
            (Method::POST, format!("{path}/rotate-secret"), Value::Null),
            (Method::POST, format!("{path}/replay"), json!({ "fromPosition": 1 })),
        ] {
            let reply = send(&world, key, method, &path, &body).await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}: {}", reply.text);
        }
        let list = data(&send(&world, key, Method::GET, PATH, &Value::Null).await);
        assert_eq!(list.get("items").unwrap_or(&list["data"]), &json!([]));
    }
}

#[tokio::test]
async fn a_secret_and_an_address_lie_in_the_vault_and_the_secret_is_said_once() {
    let world = World::new().await;
    let headers = [("api-key", world.lk.as_str()), ("idempotency-key", "once")];
    let body = hook(&["*"]).to_string();
    let first = world.raw(Method::POST, PATH, &headers, body.clone()).await;
    let again = world.raw(Method::POST, PATH, &headers, body).await;
    let mut expected = first.json();
    let secret = expected["secret"].take().as_str().unwrap().to_owned();
    assert_eq!(again.json(), expected);
    let encoded = secret.strip_prefix("whsec_").unwrap();
    assert_eq!(STANDARD.decode(encoded).unwrap().len(), 32);

    let entry = world.entry(first.position());
    let Event::WebhookRegistered(event) = &entry.events[0] else { panic!("{entry:?}") };
    assert_eq!(event.url.subject, event.secret.subject, "they are erased together");
    let kept = |kind, sealed: ledger::Sealed| {
        let content = world.vault.get(kind, &stored(sealed)).unwrap().unwrap();
        String::from_utf8(content.expose().to_vec()).unwrap()
    };
    assert_eq!(kept(Kind::WebhookSecret, event.secret), secret);
    assert_eq!(kept(Kind::WebhookUrl, event.url), "https://example.com/hook?token=s3cr3t");
    let journal = world.journal();
    for private in ["s3cr3t", "example.com", encoded] {
        let is_there = journal.windows(private.len()).any(|window| window == private.as_bytes());
        assert!(!is_there, "{private}");
    }

    let webhook = id(&first.json());
    let change = json!({ "url": "https://example.com/other" });
    let changed = world.patch(&format!("{PATH}/{webhook}"), &change).await;
    let entry = world.entry(changed.position());
    let Event::WebhookChanged(change) = &entry.events[0] else { panic!("{entry:?}") };
    assert_eq!(change.url.subject, event.url.subject);
}

#[tokio::test]
async fn a_new_secret_has_the_one_before_beside_it_for_a_day_on_the_wall() {
    let world = World::new().await;
    world.done("/v1/sandbox/clock", &json!({ "advance": "P30D" })).await;
    let made = registered(&world, &world.lk, &["*"]).await;
    let (webhook, now) = (id(&made), gateway_time());
    let reply = act(&world, &world.lk, &webhook, "rotate-secret", &Value::Null).await;
    let rotated = data(&reply);
    let secret = rotated["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && rotated["secret"] != made["secret"]);
    let until = rotated["previousSecretUntil"].as_u64().unwrap();
    assert!(now + DAY_MS - 1_000 <= until && until < now + DAY_MS + HOUR_MS, "{until}");
    let entry = world.entry(reply.position());
    let Event::WebhookSecretRotated(event) = &entry.events[0] else { panic!("{entry:?}") };
    let Event::WebhookRegistered(first) = &world.entry(reply.position() - 1).events[0] else {
        panic!("it was registered just before")
    };
    assert_eq!(event.secret.subject, first.secret.subject);
    let kept = world.vault.get(Kind::WebhookSecret, &stored(event.secret));
    assert_eq!(kept.unwrap().unwrap().expose(), secret.as_bytes());
}

fn stored(sealed: ledger::Sealed) -> vault::Sealed {
    let ledger::Sealed { subject, reference, commitment } = sealed;
    vault::Sealed { subject: Subject(subject), reference: Reference(reference), commitment }
}

fn gateway_time() -> u64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

#[tokio::test]
async fn a_webhook_wants_events_of_its_own_surface_only() {
    let world = World::new().await;
    for (key, family) in [(&world.lk, Family::LedgerOs), (&world.ld, Family::LedgerApi)] {
        let webhook = id(&registered(&world, key, &["*"]).await);
        for topic in Topic::ALL {
            let events = json!({ "events": [topic.name()] });
            let path = format!("{PATH}/{webhook}");
            let changed = send(&world, &world.lk, Method::PATCH, &path, &events).await;
            let made = send(&world, key, Method::POST, PATH, &hook(&[topic.name()])).await;
            if topic.belongs_to(family) {
                assert_eq!(data(&changed)["events"], events["events"]);
                let path = format!("{PATH}/{}", id(&data(&made)));
                data(&send(&world, key, Method::DELETE, &path, &Value::Null).await);
            } else {
                assert_eq!(changed.code(), "foreign_topic", "{}", changed.text);
                assert!(changed.message().contains("`events`"), "{}", changed.text);
                assert_eq!(made.status, StatusCode::BAD_REQUEST, "{}", made.text);
                assert!(made.text.contains("`events[0]`"), "{}", made.text);
            }
        }
    }
    for events in [json!([]), json!(["*", "card.created"]), json!(["*", "*"]), json!(["card.*"])] {
        let body = json!({ "url": "https://example.com", "events": events });
        let reply = world.post(PATH, &body).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
        assert!(reply.message().contains("`events"), "{}", reply.text);
    }
}

#[tokio::test]
async fn what_is_recorded_of_a_test_and_a_replay_is_said() {
    let world = World::new().await;
    let webhook = id(&registered(&world, &world.ld, &["customer.created"]).await);
    let reply = act(&world, &world.ld, &webhook, "test", &Value::Null).await;
    let tested = data(&reply);
    assert_eq!((&tested["id"], &tested["type"]), (&json!(webhook), &json!("webhook.test")));
    assert_eq!(tested["position"], reply.position());
    let last = reply.position();
    for (from, is_there) in [(1, true), (last + 2, true), (last + 4, false), (last + 3, true)] {
        let body = json!({ "fromPosition": from });
        let reply = act(&world, &world.ld, &webhook, "replay", &body).await;
        if is_there {
            let replayed = data(&reply);
            assert_eq!(replayed["fromPosition"], from);
            assert_eq!(replayed["toPosition"], reply.position());
        } else {
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
            assert!(reply.text.contains("`fromPosition`"), "{}", reply.text);
        }
    }
    let disabled = json!({ "status": "disabled" });
    data(&send(&world, &world.ld, Method::PATCH, &format!("{PATH}/{webhook}"), &disabled).await);
    for (verb, body) in [("test", Value::Null), ("replay", json!({ "fromPosition": 1 }))] {
        let reply = act(&world, &world.lk, &webhook, verb, &body).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::CONFLICT, "webhook_disabled".into()));
    }
}

#[tokio::test]
async fn a_removed_webhook_still_answers_what_was_asked_before() {
    let world = World::new().await;
    let webhook = id(&registered(&world, &world.lk, &["*"]).await);
    let path = format!("{PATH}/{webhook}");
    let rotate = format!("{path}/rotate-secret");
    let change = json!({ "url": "https://example.com/other" }).to_string();
    let asked = [(Method::PATCH, &path, change), (Method::POST, &rotate, String::new())];
    let mut answers = Vec::new();
    for (number, (method, path, body)) in asked.iter().enumerate() {
        let key = number.to_string();
        let headers = [("api-key", world.lk.as_str()), ("idempotency-key", key.as_str())];
        answers.push(world.raw(method.clone(), path, &headers, body.clone()).await.json());
    }
    answers[1]["secret"] = Value::Null;
    data(&send(&world, &world.lk, Method::DELETE, &path, &Value::Null).await);
    for (number, (method, path, body)) in asked.iter().enumerate() {
        let key = number.to_string();
        let headers = [("api-key", world.lk.as_str()), ("idempotency-key", key.as_str())];
        let again = world.raw(method.clone(), path, &headers, body.clone()).await;
        assert_eq!(again.json(), answers[number], "{path}");
    }
}

/// Nobody delivers here.
#[tokio::test]
async fn deliveries_are_not_shown_from_before_what_was_asked_for() {
    let world = World::new().await;
    let webhook = id(&registered(&world, &world.lk, &["*"]).await);
    let path = format!("{PATH}/{webhook}/deliveries");
    let read = async |position: &str| {
        let headers = [("api-key", world.lk.as_str()), ("ledger-min-position", position)];
        world.raw(Method::GET, &path, &headers, "").await
    };
    tokio::time::pause();
    let began = Instant::now();
    let behind = read("1").await;
    let took = began.elapsed();
    tokio::time::resume();
    assert!(Duration::from_secs(2) <= took, "{took:?}");
    let found = (behind.status, behind.code());
    assert_eq!(found, (StatusCode::SERVICE_UNAVAILABLE, "behind".into()), "{}", behind.text);
    assert_eq!(read("0").await.status, StatusCode::OK);
    let unasked = send(&world, &world.lk, Method::GET, &path, &Value::Null).await;
    assert_eq!(unasked.status, StatusCode::OK, "what was just written is not waited for");
}

#[tokio::test]
async fn deliveries_are_waited_for_as_far_as_is_asked_for() {
    let world = World::new().await;
    let webhook = id(&registered(&world, &world.lk, &["webhook.test"]).await);
    let path = format!("{PATH}/{webhook}/deliveries");
    let head = world.head().0;
    let position = head.to_string();
    let headers = [("api-key", world.lk.as_str()), ("ledger-min-position", &position)];
    let (shown, _courier) = join!(world.raw(Method::GET, &path, &headers, ""), world.courier());
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    assert!(head <= shown.position());
}

#[tokio::test]
async fn where_money_is_real_messages_are_encrypted() {
    for (environment, status) in
        [(Environment::Live, StatusCode::BAD_REQUEST), (Environment::Sandbox, StatusCode::OK)]
    {
        let world = World::of(environment).await;
        let body = json!({ "url": "http://example.com/hook", "events": ["*"] });
        let reply = world.post(PATH, &body).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        assert_eq!(reply.text.contains("https://"), environment == Environment::Live);
    }
}

#[tokio::test]
async fn a_key_that_may_only_read_sees_webhooks_and_changes_none() {
    let world = World::new().await;
    let reader = world.key(Family::LedgerOs, Environment::Sandbox, Scope::Read).await;
    let webhook = id(&registered(&world, &world.lk, &["*"]).await);
    world.reach(world.head().0).await;
    let path = format!("{PATH}/{webhook}");
    assert_eq!(id(&data(&send(&world, &reader, Method::GET, &path, &Value::Null).await)), webhook);
    let head = world.head();
    for (method, path) in [(Method::POST, PATH), (Method::PATCH, &path), (Method::DELETE, &path)] {
        let reply = send(&world, &reader, method, path, &hook(&["*"])).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{}", reply.text);
    }
    assert_eq!(world.head(), head);
}

#[tokio::test]
async fn a_book_has_at_most_so_many_webhooks() {
    let world = World::new().await;
    for _ in 0..ledger::webhooks::WEBHOOKS_MAX {
        registered(&world, &world.lk, &["*"]).await;
    }
    let reply = world.post(PATH, &hook(&["*"])).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::CONFLICT, "too_many_webhooks".into()));
}
