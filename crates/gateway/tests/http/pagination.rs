//! Lists while rows are added: each row once, filters kept, and cursors for their own list only.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hyper::{Method, StatusCode};
use ledger::BookId;
use ledger::book::Environment;
use serde_json::{Value, json};

use crate::tour::Tour;
use crate::tour_again::message;
use crate::world::{World, id};

/// Something that adds a row to a list.
struct Source {
    key: String,
    path: String,
    body: Value,
    /// Where the answer says which.
    id: &'static str,
    /// What the number of the row makes of a field.
    numbered: Option<&'static str>,
}

/// A list, without its parameters.
struct List {
    key: String,
    path: &'static str,
    filters: String,
    sizes: [usize; 2],
    /// How many rows it has room for besides, at each size.
    room: usize,
}

impl Source {
    async fn add(&self, world: &World, number: usize) -> String {
        let mut body = self.body.clone();
        if let Some(field) = self.numbered {
            body[field] = json!(format!("{}-{number}", body[field].as_str().unwrap()));
        }
        let headers = [("authorization", &*format!("Bearer {}", self.key))];
        let reply = world.raw(Method::POST, &self.path, &headers, body.to_string()).await;
        assert!(reply.status.is_success(), "{}: {}", self.path, reply.text);
        reply.json().pointer(self.id).unwrap().as_str().unwrap().to_owned()
    }
}

impl List {
    fn with(&self, parameters: &str) -> String {
        let all = [&self.filters, parameters];
        let all: Vec<_> = all.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{}?{}", self.path, all.join("&"))
    }

    /// The ids of a part, and the next cursor.
    async fn part(&self, world: &World, path: &str) -> (Vec<String>, Option<String>) {
        let headers = [("authorization", &*format!("Bearer {}", self.key))];
        let reply = world.raw(Method::GET, path, &headers, "").await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
        let said = reply.json();
        let (rows, cursor) = match said.pointer("/data/items") {
            Some(rows) => (rows, &said["data"]["nextCursor"]),
            None => (&said["data"], &said["cursor"]),
        };
        let rows = rows.as_array().unwrap().iter().map(id).collect();
        (rows, cursor.as_str().map(str::to_owned))
    }

    /// Every id, in parts of `limit`, or of what is usual. The cursor is sent with the filters and without, in turn.
    async fn walk(&self, world: &World, limit: Option<usize>) -> Vec<String> {
        let size = limit.unwrap_or(self.sizes[0]);
        let limit = limit.map_or_else(String::new, |limit| format!("limit={limit}"));
        let (mut ids, mut next) = self.part(world, &self.with(&limit)).await;
        let mut parts = 1;
        while let Some(cursor) = next {
            let paging = format!("cursor={cursor}&{limit}");
            let paging = paging.trim_end_matches('&');
            let path = match parts % 2 {
                0 => self.with(paging),
                _ => format!("{}?{paging}", self.path),
            };
            let part = self.part(world, &path).await;
            assert!(!part.0.is_empty() && part.0.len() <= size, "{path}");
            ids.extend(part.0);
            next = part.1;
            parts += 1;
        }
        ids
    }
}

/// Walks through `list`, of which `rows` are known, newest first, while `sources` go on.
async fn expect_each_once(world: &Arc<World>, list: List, rows: Vec<String>, sources: Vec<Source>) {
    let (sources, room) = (Arc::new(sources), list.room);
    for limit in [Some(1), None, Some(list.sizes[1])] {
        let done = Arc::new(AtomicBool::new(false));
        let adding = {
            let (world, sources, done) = (world.clone(), sources.clone(), done.clone());
            tokio::spawn(async move {
                let mut added = 0;
                while !done.load(Ordering::Relaxed) && added < room {
                    for source in sources.iter() {
                        source.add(&world, 1_000_000 + limit.unwrap_or(0) * 1_000 + added).await;
                    }
                    added += 1;
                    tokio::task::yield_now().await;
                }
            })
        };
        let seen = list.walk(world, limit).await;
        done.store(true, Ordering::Relaxed);
        adding.await.unwrap();
        let known: BTreeSet<_> = rows.iter().collect();
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "each once");
        let of_known: Vec<_> = seen.iter().filter(|id| known.contains(id)).collect();
        assert!(of_known.into_iter().eq(rows.iter()), "{} {limit:?}: all, newest first", list.path);
    }
}

const ROWS: usize = 10_000;

#[tokio::test]
async fn ten_thousand_card_transactions_are_each_seen_once_while_others_come() {
    let world = Arc::new(World::new().await);
    let (card, other) = (world.funded_card().await, world.funded_card().await);
    let purchase = |card: &str| Source {
        key: world.lk.clone(),
        path: format!("/v1/sandbox/cards/{card}/authorizations"),
        body: json!({ "amount": 1, "merchant": { "name": "m" } }),
        id: "/transactionId",
        numbered: None,
    };
    let (mine, others) = (purchase(&card), purchase(&other));
    let mut rows = Vec::new();
    for number in 0..ROWS {
        rows.push(mine.add(&world, number).await);
        if number % 4 == 0 {
            others.add(&world, number).await;
        }
    }
    rows.reverse();
    let list = List {
        key: world.lk.clone(),
        path: "/v1/transactions",
        filters: format!("cardId={card}&status=pending"),
        sizes: [20, 100],
        room: 5_000,
    };
    expect_each_once(&world, list, rows, vec![mine, others]).await;
}

#[tokio::test]
async fn ten_thousand_wallet_transactions_are_each_seen_once_while_others_come() {
    let world = Arc::new(World::new().await);
    let customer = world.customer().await;
    let (wallet, other) = (world.wallet(&customer).await, world.wallet(&customer).await);
    let mut sources = Vec::new();
    for wallet in [&wallet, &other] {
        let address = world.wallet_address(wallet, "base").await;
        sources.push(Source {
            key: world.ld.clone(),
            path: "/v1/sandbox/deposits".to_owned(),
            body: json!({ "address": address, "asset": "USDC", "amount": "0.01" }),
            id: "/data/transactionId",
            numbered: None,
        });
    }
    let mut rows = Vec::new();
    for number in 0..ROWS {
        rows.push(sources[0].add(&world, number).await);
        if number % 4 == 0 {
            sources[1].add(&world, number).await;
        }
    }
    rows.reverse();
    let list = List {
        key: world.ld.clone(),
        path: "/v1/transactions",
        filters: format!("walletId={wallet}&type=wallet_deposit&status=completed"),
        sizes: [50, 200],
        room: 5_000,
    };
    expect_each_once(&world, list, rows, sources).await;
}

#[tokio::test]
async fn rows_of_every_other_list_are_each_seen_once_while_others_come() {
    let world = Arc::new(World::new().await);
    let tour = Tour::play(&world).await;
    let variables = &tour.variables;
    let person = json!({ "firstName": "J", "lastName": "D", "email": "j@example.com" });
    let business = json!({ "type": "business", "email": "b@example.com", "businessName": "B" });
    let bot = json!({
        "userId": variables["user2"], "name": "n", "spendingLimit": 1,
        "spendingLimitFrequency": "perYear",
    });
    let intent = json!({ "summary": "s", "amount": 1, "merchantText": "m" });
    let key = json!({ "scope": "read" });
    let webhook = json!({ "url": "https://example.com", "events": ["*"] });
    let ledger = json!({ "code": "c", "name": "n", "type": "asset", "currency": "USD" });
    let account = json!({
        "customerId": variables["business"], "sourceCurrency": "usd",
        "walletId": variables["wallet2"],
    });
    let wallet = json!({ "customerId": variables["business"] });
    let intents: &'static str = format!("/v1/cards/{}/intents", variables["card2"]).leak();
    let entries: &'static str = format!("/v1/ledgers/{}/entries", variables["ada"]).leak();
    let transfers: &'static str = format!("/v1/ledgers/{}/transfer", variables["ada"]).leak();
    let transfer = json!({ "destination_ledger_id": variables["bob"], "amount": 1 });
    let by_customer = format!("customerId={}", variables["business"]);
    let (lk, ld) = (world.lk.as_str(), world.ld.as_str());
    for (key, path, at, body, numbered, filters, count) in [
        (lk, "/v1/users", "/v1/users", &person, None, String::new(), 250),
        (
            lk,
            "/v1/agents",
            "/v1/agents/register",
            &bot,
            None,
            format!("userId={}", variables["user2"]),
            250,
        ),
        (lk, "/v1/keys", "/v1/keys", &key, None, String::new(), 250),
        (lk, "/v1/webhooks", "/v1/webhooks", &webhook, None, String::new(), 4),
        (lk, intents, intents, &intent, None, String::new(), 30),
        (ld, "/v1/customers", "/v1/customers", &business, None, String::new(), 450),
        (ld, "/v1/crypto-wallets", "/v1/crypto-wallets", &wallet, None, by_customer.clone(), 5),
        (
            ld,
            "/v1/virtual-accounts",
            "/v1/virtual-accounts",
            &account,
            None,
            by_customer.clone(),
            450,
        ),
        (ld, "/v1/ledgers", "/v1/ledgers", &ledger, Some("code"), String::new(), 450),
        (ld, entries, transfers, &transfer, None, String::new(), 450),
    ] {
        let id = match key == ld {
            true if at == transfers => "/source_entry/id",
            true if at != "/v1/ledgers" => "/data/id",
            _ => "/id",
        };
        let source =
            Source { key: key.to_owned(), path: at.to_owned(), body: body.clone(), id, numbered };
        let mut rows = Vec::new();
        for number in 0..count {
            rows.push(source.add(&world, number).await);
        }
        rows.reverse();
        let sizes = if key == lk { [20, 100] } else { [50, 200] };
        let room = match path {
            "/v1/crypto-wallets" => 10,
            "/v1/webhooks" => 8,
            _ => 20,
        };
        let list = List { key: key.to_owned(), path, filters, sizes, room };
        expect_each_once(&world, list, rows, vec![source]).await;
    }
}

/// The lists of the tour, each with a cursor that it gave.
async fn cursors(world: &World, tour: &Tour) -> BTreeMap<String, (&'static str, String)> {
    let mut found = BTreeMap::new();
    for done in tour.done.iter().filter(|done| done.step.path.ends_with("?limit=1")) {
        let said = done.reply.json();
        let cursor = said.pointer("/data/nextCursor").unwrap_or(&said["cursor"]);
        let path = done.asked.path.split('?').next().unwrap();
        let name = format!("{} {path}", done.step.key);
        assert!(done.asked.send(world).await.status.is_success());
        found.insert(name, (done.step.key, cursor.as_str().unwrap().to_owned()));
    }
    found
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_in_its_own_book_as_it_was_given() {
    let world = World::of_book(BookId([1; 16]), Environment::Sandbox).await;
    let other = World::of_book(BookId([2; 16]), Environment::Sandbox).await;
    let tour = Tour::play(&world).await;
    let of_other = Tour::play(&other).await;
    let lists = cursors(&world, &tour).await;
    assert!(9 <= lists.len(), "{:?}", lists.keys());
    let mut refused = 0;
    let mut ask = async |list: &str, cursor: &str, filter: &str, is_good: bool| {
        let (key, path) = list.split_once(' ').unwrap();
        let headers = [("authorization", &*format!("Bearer {}", tour.variables[key]))];
        let path = format!("{path}?cursor={cursor}{filter}");
        let reply = world.raw(Method::GET, &path, &headers, "").await;
        let expected = if is_good { StatusCode::OK } else { StatusCode::BAD_REQUEST };
        assert_eq!(reply.status, expected, "{path}: {}", reply.text);
        assert!(is_good || message(&reply).contains("`cursor`"), "{path}: {}", reply.text);
        refused += usize::from(!is_good);
    };
    for (name, (_, cursor)) in &lists {
        for list in lists.keys() {
            ask(list, cursor, "", list == name).await;
        }
        for (_, cursor) in cursors(&other, &of_other).await.into_values() {
            ask(name, &cursor, "", false).await;
        }
        for place in 0..cursor.len() {
            let digit = if cursor.as_bytes()[place] == b'0' { "1" } else { "0" };
            let mut tampered = cursor.clone();
            tampered.replace_range(place..=place, digit);
            ask(name, &tampered, "", false).await;
        }
        for tampered in [&cursor[2..], &cursor[..cursor.len() - 2], &cursor.to_uppercase()] {
            ask(name, tampered, "", false).await;
        }
        ask(name, cursor, "&colour=1", false).await;
    }
    println!("{refused} cursors refused");
    assert!(900 < refused, "{refused}");
}
