//! Every write of the tour a second time: with the same key, with another body, path and route.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::idempotency::without_secrets;
use crate::tour::{Asked, Content, Done, Tour, filled};
use crate::world::{Reply, World};

#[tokio::test]
async fn every_write_of_the_tour_is_answered_again_as_at_first_and_done_once() {
    let world = World::new().await;
    let tour = Tour::play(&world).await;
    let head = world.head();
    for Done { asked, reply, .. } in tour.writes() {
        let again = asked.send(&world).await;
        assert_eq!(again.status, reply.status, "{}: {}", asked.path, again.text);
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "{}", asked.path);
        assert_eq!(again.position(), reply.position(), "{}", asked.path);
        assert_eq!(again.json(), without_secrets(reply.json()), "{}", asked.path);
    }
    assert_eq!(world.head(), head);
}

#[tokio::test]
async fn a_key_of_the_tour_with_another_body_or_path_is_a_conflict_that_says_so() {
    let world = World::new().await;
    let tour = Tour::play(&world).await;
    let head = world.head();
    for done in tour.writes() {
        let mut conflicts = 0;
        for other in others(done, &tour) {
            let reply = other.send(&world).await;
            let what =
                format!("{} {}: {}", other.path, String::from_utf8_lossy(&other.body), reply.text);
            match reply.status {
                StatusCode::CONFLICT => {
                    assert!(
                        message(&reply).contains("was used with another path or body"),
                        "{what}"
                    );
                    conflicts += 1;
                }
                // Not every text is a value, and not every id somebody's.
                StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND => {}
                status => panic!("{status} {what}"),
            }
        }
        assert!(0 < conflicts, "{} {}", done.step.method, done.step.path);
    }
    assert_eq!(world.head(), head);
}

#[tokio::test]
async fn a_key_of_the_tour_on_another_route_is_a_conflict_that_names_the_first() {
    let world = World::new().await;
    let tour = Tour::play(&world).await;
    let head = world.head();
    for Done { step, asked, .. } in tour.writes() {
        let (path, body) = match step.path {
            "/v1/sandbox/clock" => {
                ("/v1/verification/user", json!({ "userId": tour.variables["user"] }))
            }
            _ => ("/v1/sandbox/clock", json!({ "advance": "PT1S" })),
        };
        let mut other = asked.clone();
        other.headers.retain(|(name, _)| *name == "idempotency-key");
        other.headers.push(("api-key", world.lk.clone()));
        other = Asked {
            method: Method::POST,
            path: path.to_owned(),
            body: body.to_string().into(),
            ..other
        };
        let reply = other.send(&world).await;
        assert_eq!(reply.status, StatusCode::CONFLICT, "{}: {}", asked.path, reply.text);
        let said = message(&reply);
        let (_, named) = said.split_once("was used on `").unwrap_or_else(|| panic!("{said}"));
        let named = named.strip_suffix('`').unwrap();
        assert_eq!(crate::tour::shape(named), step.shape(), "{said}");
    }
    assert_eq!(world.head(), head);
}

/// The request with another value in one place.
fn others(done: &Done, tour: &Tour) -> Vec<Asked> {
    let Done { step, asked, .. } = done;
    let mut others = Vec::new();
    if let Content::Json(body) = &step.body {
        let bodies = changed(&filled(body, &tour.variables));
        others.extend(
            bodies.iter().map(|body| Asked { body: body.to_string().into(), ..asked.clone() }),
        );
    }
    for name in step.names() {
        let (own, prefix) = (&tour.variables[&name], prefix(&tour.variables[&name]));
        let alike = tour.variables.values().filter(|id| *id != own && self::prefix(id) == prefix);
        for id in alike {
            let mut variables = tour.variables.clone();
            variables.insert(name.clone(), id.clone());
            let Asked { path, body, .. } = step.asked(&variables, 0);
            others.push(Asked { path, body, ..asked.clone() });
        }
    }
    if let Content::Parts(parts) = &step.body {
        let [kind, (name, _)] = parts[..] else { panic!("an upload has two parts") };
        let other = crate::uploads::multipart("tour", &[kind, (name, b"%PDF-2")]);
        others.push(Asked { body: other, ..asked.clone() });
    }
    others
}

/// The body with each of its values changed or left out in turn.
fn changed(body: &Value) -> Vec<Value> {
    match body {
        Value::Null => Vec::new(),
        Value::Bool(value) => vec![json!(!value)],
        Value::Number(number) => vec![json!(number.as_u64().unwrap() + 1)],
        Value::String(text) => {
            let other_digit = text.replacen('1', "2", 1);
            let texts = [format!("{text}0"), other_digit];
            texts.into_iter().filter(|other| other != text).map(Value::from).collect()
        }
        Value::Array(items) => {
            let with = |index: usize, item| {
                let mut items = items.clone();
                items[index] = item;
                Value::Array(items)
            };
            let each = items.iter().enumerate();
            each.flat_map(|(index, item)| {
                changed(item).into_iter().map(move |item| with(index, item))
            })
            .collect()
        }
        Value::Object(members) => {
            let mut bodies = Vec::new();
            for (name, value) in members {
                for other in changed(value) {
                    let mut members = members.clone();
                    members.insert(name.clone(), other);
                    bodies.push(Value::Object(members));
                }
                let mut fewer = members.clone();
                fewer.remove(name);
                bodies.push(Value::Object(fewer));
            }
            bodies
        }
    }
}

/// What kind of id it is.
pub(crate) fn prefix(id: &str) -> &str {
    match id.split_once('_') {
        Some((prefix, _)) => prefix,
        None if id.len() == 36 => "uuid",
        None => id,
    }
}

/// What an error says, in any dialect.
pub(crate) fn message(reply: &Reply) -> String {
    let said = reply.json();
    let message = said.pointer("/error/message").or_else(|| said.pointer("/message"));
    message
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no message: {}", reply.text))
        .to_owned()
}
