//! Several books in one service.

use std::error::Error;
use std::sync::{Arc, Mutex};

use gateway::keys::{self, ServiceKey};
use gateway::{BookCode, FirstKeys, Library, NewBook, RateLimits, Service};
use hyper::{Method, StatusCode};
use ledger::book::Environment;
use ledger::keys::{Family, Scope};
use ledger::{BookId, Position};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::Barrier;
use tokio::time::{Duration, Instant};

use crate::world::{Reply, World, id};

/// Makes books that are kept until the end of the test.
#[derive(Clone, Default)]
struct Shelf {
    books: Arc<Mutex<Vec<World>>>,
    /// How many more creations are cut short.
    failures: Arc<Mutex<usize>>,
}

impl Library for Shelf {
    fn create(
        &self,
        code: &BookCode,
        environment: Environment,
    ) -> Result<NewBook, Box<dyn Error + Send + Sync>> {
        let mut failures = self.failures.lock().unwrap();
        if 0 < *failures {
            *failures -= 1;
            return Err("no space left".into());
        }
        let number = self.books.lock().unwrap().len();
        let book = BookId([u8::try_from(number + 100).unwrap(); 16]);
        let (world, gateway) = Handle::current().block_on(World::unserved(book, environment));
        let keys = FirstKeys { ledger_os: world.lk.clone(), ledger_api: world.ld.clone() };
        let book = world.served_as(code.as_str(), gateway);
        self.books.lock().unwrap().push(world);
        Ok(NewBook { book, keys })
    }
}

/// A service with two books, and its key.
struct Two {
    default: World,
    acme: World,
    shelf: Shelf,
    key: String,
}

impl Two {
    async fn new() -> Self {
        let (key, shelf) = (ServiceKey::generate(), Shelf::default());
        let [default, acme] = World::two(&key, shelf.clone()).await;
        Self { default, acme, shelf, key }
    }

    async fn create(&self, body: &Value) -> Reply {
        let headers = [("api-key", self.key.as_str())];
        self.default.raw(Method::POST, "/v1/books", &headers, body.to_string()).await
    }

    async fn list(&self, query: &str) -> Reply {
        let headers = [("api-key", self.key.as_str())];
        self.default.raw(Method::GET, &format!("/v1/books{query}"), &headers, "").await
    }
}

fn codes(list: &Value) -> Vec<&str> {
    list["data"].as_array().unwrap().iter().map(|book| book["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_key_sees_its_own_book_and_nothing_of_another() {
    let two = Two::new().await;
    let (mine, theirs) = (two.default.user().await, two.acme.user().await);
    for (world, own, foreign) in [(&two.default, &mine, &theirs), (&two.acme, &theirs, &mine)] {
        let listed = world.seen("/v1/users").await;
        let users: Vec<_> = listed["data"].as_array().unwrap().iter().map(id).collect();
        assert_eq!(users, std::slice::from_ref(own));
        world.seen(&format!("/v1/users/{own}")).await;
        for path in ["/v1/users", "/v1/balances", "/v1/verification/user"] {
            let reply = world.get(&format!("{path}/{foreign}")).await;
            assert_eq!((reply.status, reply.code().as_str()), (StatusCode::NOT_FOUND, "not_found"));
        }
        let before = two.default.submitted() + two.acme.submitted();
        let approved = json!({ "outcome": "approved" });
        let path = format!("/v1/sandbox/verifications/{foreign}");
        let reply = world.post(&path, &approved).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{}", reply.text);
        assert_eq!(world.entry(1).events.len(), 1);
        assert!(two.default.submitted() + two.acme.submitted() <= before + 1, "in its own book");
    }
}

#[tokio::test]
async fn an_idempotency_key_belongs_to_its_book() {
    let two = Two::new().await;
    let body = json!({ "firstName": "A", "lastName": "B", "email": "a@example.com" }).to_string();
    let mut created = Vec::new();
    for world in [&two.default, &two.acme] {
        let headers = [("api-key", world.lk.as_str()), ("idempotency-key", "once")];
        let reply = world.raw(Method::POST, "/v1/users", &headers, body.clone()).await;
        assert_eq!((reply.status, reply.header("idempotent-replayed")), (StatusCode::OK, None));
        created.push(id(&reply.json()));
    }
    assert_ne!(created[0], created[1]);
}

#[tokio::test]
async fn a_new_book_is_served_at_once_under_its_own_keys() {
    let two = Two::new().await;
    let reply = two.create(&json!({ "code": "north-1" })).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let book = reply.json();
    let found = (&book["object"], &book["code"], &book["environment"]);
    assert_eq!(found, (&json!("book"), &json!("north-1"), &json!("test")));
    assert!(book["id"].as_str().unwrap().starts_with("book_") && book["createdAt"].is_u64());
    let key = book["keys"]["ledgerOs"].as_str().unwrap();
    let users = two.default.raw(Method::GET, "/v1/users", &[("api-key", key)], "").await;
    assert_eq!((users.status, users.json()["data"].clone()), (StatusCode::OK, json!([])));
    let key = book["keys"]["ledgerApi"].as_str().unwrap();
    let customers = two.default.raw(Method::GET, "/v1/customers", &[("x-api-key", key)], "").await;
    assert_eq!(customers.status, StatusCode::OK);

    let list = two.list("").await.json();
    assert_eq!(codes(&list), ["north-1", "acme", "default"]);
    assert_eq!((&list["hasMore"], &list["cursor"]), (&json!(false), &Value::Null));
    assert!(!list.to_string().contains("keys"), "they are shown once");
}

#[tokio::test]
async fn a_list_of_books_goes_on_where_it_stopped() {
    let two = Two::new().await;
    let first = two.list("?limit=1").await.json();
    assert_eq!((codes(&first), &first["hasMore"]), (vec!["acme"], &json!(true)));
    two.create(&json!({ "code": "later" })).await;
    let rest = two.list(&format!("?cursor={}", first["cursor"].as_str().unwrap())).await.json();
    assert_eq!((codes(&rest), &rest["hasMore"]), (vec!["default"], &json!(false)));
    for query in ["?limit=0", "?limit=101", "?cursor=x", "?other=1"] {
        assert_eq!(two.list(query).await.status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn a_live_book_takes_live_keys_and_has_no_sandbox() {
    let two = Two::new().await;
    let book = two.create(&json!({ "code": "real", "environment": "live" })).await.json();
    assert_eq!(book["environment"], "live");
    let key = book["keys"]["ledgerOs"].as_str().unwrap();
    assert!(key.starts_with("lk_live_"));
    let headers = [("api-key", key)];
    let reply = two.default.raw(Method::POST, "/v1/sandbox/clock", &headers, "{}").await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::NOT_FOUND, "path_not_found"));
    // The form of a live key, recorded in a test book.
    let live =
        two.acme.key(ledger::keys::Family::LedgerOs, Environment::Live, ledger::keys::Scope::Admin);
    let live = live.await;
    let reply = two.acme.raw(Method::GET, "/v1/users", &[("api-key", &live)], "").await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::UNAUTHORIZED, "invalid_key"));
}

#[tokio::test]
async fn a_code_is_taken_once() {
    let two = Two::new().await;
    let body = json!({ "code": "north" });
    let (one, other) = tokio::join!(two.create(&body), two.create(&body));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "one of two wins: {} {}", one.text, other.text);
    for code in ["north", "acme", "default"] {
        let reply = two.create(&json!({ "code": code })).await;
        assert_eq!((reply.status, reply.code().as_str()), (StatusCode::CONFLICT, "book_exists"));
    }
    assert_eq!(two.shelf.books.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_creation_that_failed_can_be_done_again() {
    let two = Two::new().await;
    *two.shelf.failures.lock().unwrap() = 1;
    let body = json!({ "code": "north" });
    let failed = two.create(&body).await;
    assert_eq!(failed.status, StatusCode::SERVICE_UNAVAILABLE, "{}", failed.text);
    assert_eq!(codes(&two.list("").await.json()), ["acme", "default"]);
    assert_eq!(two.create(&body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_names_no_book_is_refused() {
    let two = Two::new().await;
    let long = "a".repeat(41);
    for code in ["", "Acme", "1st", "-a", "a_b", "a/b", "../a", "a.b", "ä", &long] {
        let reply = two.create(&json!({ "code": code })).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{code}");
        assert!(reply.message().starts_with("`code`"), "{}", reply.text);
    }
    for (body, field) in [
        (json!({}), "`code`"),
        (json!({ "code": 1 }), "`code`"),
        (json!({ "code": "a", "environment": "sandbox" }), "`environment`"),
        (json!({ "code": "a", "name": "A" }), "`name`"),
    ] {
        let reply = two.create(&body).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(reply.message().starts_with(field), "{}", reply.text);
    }
    assert!(two.shelf.books.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_services_key_makes_books_and_opens_none() {
    let two = Two::new().await;
    let asked = async |method: Method, path: &str, key: &str| {
        let reply = two.default.raw(method, path, &[("api-key", key)], "{}").await;
        (reply.status.as_u16(), reply.code())
    };
    let (get, post) = (Method::GET, Method::POST);
    for path in ["/v1/users", "/v1/transactions", "/v1/balances/x"] {
        let refused = asked(get.clone(), path, &two.key).await;
        assert_eq!(refused, (403, "not_for_the_service".to_owned()), "{path}");
    }
    for path in ["/v1/users", "/v1/sandbox/clock"] {
        let reply = two.default.raw(post.clone(), path, &[("api-key", &two.key)], "{}").await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path}");
    }
    let required = (403, "service_key_required".to_owned());
    assert_eq!(asked(get.clone(), "/v1/books", &two.default.lk).await, required);
    assert_eq!(asked(post, "/v1/books", &two.acme.ld).await, required);
    let another = ServiceKey::generate();
    assert_eq!(asked(get.clone(), "/v1/books", &another).await, (401, "invalid_key".to_owned()));
    let last = if two.key.ends_with('0') { "1" } else { "0" };
    let mistyped = format!("{}{last}", &two.key[..two.key.len() - 1]);
    assert_eq!(asked(get, "/v1/books", &mistyped).await, (401, "invalid_key".to_owned()));
    let reply = two.default.raw(Method::GET, "/v1/books", &[], "").await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (401, "missing_key"));
}

#[tokio::test]
async fn first_requests_with_a_key_may_come_together() {
    let two = Two::new().await;
    let barrier = Barrier::new(3);
    let ask = async || {
        barrier.wait().await;
        two.acme.get("/v1/users").await.status
    };
    assert_eq!(tokio::join!(ask(), ask(), ask()), (StatusCode::OK, StatusCode::OK, StatusCode::OK));
}

#[tokio::test]
async fn books_that_are_behind_are_waited_for_together() {
    let (mut worlds, mut books) = (Vec::new(), Vec::new());
    for (number, code) in (1..).zip(["default", "acme", "other"]) {
        let (world, gateway) = World::unserved(BookId([number; 16]), Environment::Sandbox).await;
        // More than its directory will ever show.
        books.push(world.served_as(code, gateway.resume_at(Position(1_000))));
        worlds.push(world);
    }
    let key = ServiceKey::parse(&ServiceKey::generate()).unwrap();
    worlds[0].serve(Service::new(books, key, Shelf::default(), RateLimits::NONE));
    let (unknown, _) = keys::generate(Family::LedgerOs, Environment::Sandbox, Scope::Read);
    tokio::time::pause();
    let began = Instant::now();
    let reply = worlds[0].raw(Method::GET, "/v1/users", &[("api-key", &unknown)], "").await;
    let took = began.elapsed();
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (503, "behind"));
    assert!(took < Duration::from_secs(3), "{took:?}");
}
