//! What belongs to others is not there: another book's things for every key of a book, another agent's for a token. The
//! answer is that to an id which exists nowhere, and nobody's journal moves.

use std::collections::BTreeSet;

use gateway::keys::ServiceKey;
use hyper::StatusCode;
use serde_json::{Value, json};

use crate::tour::{Asked, Done, Step, Tour, Variables};
use crate::tour_again::prefix;
use crate::world::{NoLibrary, Reply, World};

/// What an agent's token may ask for. All else is forbidden.
const FOR_AGENTS: [&str; 12] = [
    "GET /v1/agents/{}",
    "POST /v1/agents/{}/cards",
    "GET /v1/cards/{}",
    "POST /v1/cards/{}/freeze",
    "POST /v1/cards/{}/close",
    "GET /v1/cards/{}/intents",
    "POST /v1/cards/{}/intents",
    "POST /v1/cards/{}/details",
    "GET /v1/intents/{}",
    "POST /v1/intents/{}/cancel",
    "GET /v1/transactions",
    "GET /v1/transactions/{}",
];

/// The keys of the tour.
const KEYS: [&str; 4] = ["lk", "ld", "token", "token2"];

/// Names from outside, by which a request would be known that was done before.
const COUNTED_ONCE: [&str; 4] = ["networkId", "transactionHash", "externalId", "transfer_id"];

/// Ids of nothing, by what they begin with.
fn nowhere(like: &str) -> String {
    match prefix(like) {
        "uuid" => "01a1ff1c-0000-7000-8000-00000000beef".to_owned(),
        kind if kind == like => kind.chars().rev().collect(),
        kind => format!("{kind}_01h455vb4pex5vsknk084sn02q"),
    }
}

/// Whether it is an id, or an address, and no key or cursor.
fn is_id(name: &str) -> bool {
    !KEYS.contains(&name) && !name.ends_with("_cursor")
}

fn ids(variables: &Variables) -> impl Iterator<Item = (&str, &str)> {
    let all = variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    all.filter(|(name, _)| is_id(name))
}

/// The answer without what differs between two requests: its own name, and the id that was asked for.
fn normalized(reply: &Reply, id: &str) -> (StatusCode, String) {
    // A person is called by either surface's prefix.
    let suffix = id.split_once('_').map_or(id, |(_, suffix)| suffix);
    let mut text = reply.text.replace(suffix, "<id>");
    if let Some(request) = reply.header("request-id") {
        text = text.replace(request, "<request>");
    }
    (reply.status, text)
}

/// The step with another value of one variable and another key.
fn asked(step: &Step, variables: &Variables, key: &'static str, name: &str, value: &str) -> Asked {
    let mut variables = variables.clone();
    variables.insert(name.to_owned(), value.to_owned());
    let mut request = step.with(key).asked(&variables, 0).without_key();
    if let Ok(Value::Object(mut members)) = serde_json::from_slice(&request.body) {
        members.retain(|name, _| !COUNTED_ONCE.contains(&name.as_str()));
        request.body = Value::Object(members).to_string().into_bytes();
    }
    request
}

#[tokio::test]
async fn no_key_of_a_book_reaches_anything_of_another() {
    let [a, b] = World::two(&ServiceKey::generate(), NoLibrary).await;
    // The same requests with the same idempotency keys and ids from outside.
    let (of_a, of_b) = (Tour::play(&a).await, Tour::play(&b).await);
    let heads = (a.head(), b.head());
    let mut tried = 0;
    for Done { step, .. } in &of_b.done {
        let names: BTreeSet<_> = step.names().into_iter().filter(|name| is_id(name)).collect();
        for name in names {
            for key in KEYS {
                for (_, id) in ids(&of_a.variables) {
                    let nothing = nowhere(id);
                    let reply = asked(step, &of_b.variables, key, &name, id).send(&b).await;
                    let expected =
                        asked(step, &of_b.variables, key, &name, &nothing).send(&b).await;
                    let about =
                        format!("{key} {} with `{name}` = {id}: {}", step.shape(), reply.text);
                    assert_eq!(normalized(&reply, id), normalized(&expected, &nothing), "{about}");
                    assert!(is_refusal(step, &reply), "{about}");
                    let is_of_the_kind = prefix(id) == prefix(&of_b.variables[&name]);
                    let is_wrong = reply.status == StatusCode::BAD_REQUEST;
                    let is_understood = speaks(key) == speaks(step.key) && !carries_a_cursor(step);
                    assert!(!(is_of_the_kind && is_wrong && is_understood), "{about}");
                    assert!(!reveals(&reply, &of_a.variables, id), "{about}");
                    tried += 1;
                }
            }
        }
    }
    println!("{tried} requests with another book's ids refused");
    assert!(10_000 < tried, "{tried}");
    assert_eq!((a.head(), b.head()), heads);

    for Done { step, reply, .. } in &of_b.done {
        assert!(!reveals(reply, &of_a.variables, ""), "{}: {}", step.path, reply.text);
    }
    for Done { step, asked, .. } in of_b.done.iter().filter(|done| !done.step.writes()) {
        let reply = asked.send(&b).await;
        assert!(!reveals(&reply, &of_a.variables, ""), "{}: {}", step.path, reply.text);
    }
}

/// Whether an answer names anything of the variables' book, besides what was asked for.
fn reveals(reply: &Reply, variables: &Variables, asked: &str) -> bool {
    ids(variables).any(|(_, id)| id != asked && reply.text.contains(id))
}

#[tokio::test]
async fn no_key_of_a_book_opens_another() {
    let [a, b] = World::two(&ServiceKey::generate(), NoLibrary).await;
    let (of_a, of_b) = (Tour::play(&a).await, Tour::play(&b).await);
    let heads = (a.head(), b.head());
    for Done { step, .. } in of_b.done.iter().filter(|done| !done.step.key.is_empty()) {
        for key in KEYS {
            let request = asked(step, &of_b.variables, "lk", "lk", &of_a.variables[key]);
            assert_eq!(request.send(&b).await.status, StatusCode::UNAUTHORIZED, "{}", step.shape());
        }
    }
    assert_eq!((a.head(), b.head()), heads);
}

/// Whether nothing was found or done: a filter that fits nothing makes an empty list.
fn is_refusal(step: &Step, reply: &Reply) -> bool {
    let is_filter = !step.writes() && step.path.contains('?');
    match reply.status {
        StatusCode::OK if is_filter => {
            let said = reply.json();
            let rows = said.pointer("/data/items").unwrap_or(&said["data"]);
            rows == &json!([])
        }
        status => [400, 403, 404].contains(&status.as_u16()),
    }
}

/// On a path of two surfaces, the key says what parameters there are.
fn speaks(key: &str) -> &str {
    if key == "ld" { "ld" } else { "lk" }
}

/// A list that another card has has no such cursor.
fn carries_a_cursor(step: &Step) -> bool {
    step.path.contains("cursor=")
}

/// What belongs to the second agent, besides its own id.
const OF_THE_OTHER: [&str; 6] = ["agent2", "card2", "intent2", "purchase2", "user2", "deposit2"];

#[tokio::test]
async fn a_token_reaches_nothing_of_another_agent_and_nothing_that_is_not_for_agents() {
    let world = World::new().await;
    let tour = Tour::play(&world).await;
    let variables = &tour.variables;
    let (head, mut refused) = (world.head(), 0);
    for Done { step, .. } in tour.done.iter().filter(|done| !done.step.key.is_empty()) {
        let request = step.with("token").asked(variables, 0).without_key();
        if !FOR_AGENTS.contains(&&*step.shape()) {
            let reply = request.send(&world).await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{}: {}", step.shape(), reply.text);
            refused += 1;
        }
        for name in step.names().into_iter().filter(|name| is_id(name)) {
            let others = OF_THE_OTHER.iter().map(|other| &variables[*other]);
            for id in others.filter(|id| prefix(id) == prefix(&variables[&name])) {
                let nothing = nowhere(id);
                let reply = asked(step, variables, "token", &name, id).send(&world).await;
                let expected = asked(step, variables, "token", &name, &nothing).send(&world).await;
                let about = format!("{} with `{name}` = {id}: {}", step.shape(), reply.text);
                assert_eq!(normalized(&reply, id), normalized(&expected, &nothing), "{about}");
                assert!(is_refusal(step, &reply), "{about}");
                refused += 1;
            }
        }
    }
    println!("{refused} requests of an agent refused");
    assert!(150 < refused, "{refused}");
    assert_eq!(world.head(), head);

    for path in ["/v1/transactions", "/v1/transactions?limit=100"] {
        let headers = [("api-key", variables["token"].as_str())];
        let reply = world.raw(hyper::Method::GET, path, &headers, "").await;
        for other in OF_THE_OTHER {
            assert!(!reply.text.contains(&variables[other]), "{other}: {}", reply.text);
        }
    }
}

#[test]
fn what_is_for_agents_is_on_the_tour() {
    let shapes: BTreeSet<_> = crate::tour::steps().iter().map(Step::shape).collect();
    for path in FOR_AGENTS {
        assert!(shapes.contains(path), "{path}");
    }
}
