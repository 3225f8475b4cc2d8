//! One sequence of requests that uses every route and every path that is read, each with success: what the proofs about
//! all of them stand on. A new route is a step more in the file of its surface.

use std::collections::{BTreeMap, BTreeSet};

use gateway::routes::Route;
use hyper::Method;
use serde_json::Value;

use crate::uploads::multipart;
use crate::world::{Reply, World};

mod ledger_api;
mod ledgeros;
mod ledgers;
mod sandbox;
mod shared;

/// What earlier answers said, by the names that steps gave it, and the keys `lk` and `ld`.
pub(crate) type Variables = BTreeMap<String, String>;

/// A request as data.
#[derive(Clone)]
pub(crate) struct Step {
    /// The variable that holds its key; empty for none.
    pub(crate) key: &'static str,
    pub(crate) method: Method,
    /// With variables in braces, also in its query.
    pub(crate) path: &'static str,
    pub(crate) body: Content,
    /// Names, and where in the answer their values stand.
    kept: Vec<(&'static str, &'static str)>,
    /// Where another one than its number is wanted.
    idempotency_key: Option<&'static str>,
}

/// What is sent.
#[derive(Clone)]
pub(crate) enum Content {
    Nothing,
    /// Strings that begin with a dollar are variables.
    Json(Value),
    /// The parts of an upload.
    Parts(Vec<(&'static str, &'static [u8])>),
}

/// A request, as it is sent.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// A step that was done.
pub(crate) struct Done {
    pub(crate) step: Step,
    pub(crate) asked: Asked,
    pub(crate) reply: Reply,
}

/// All of them, and what they said.
pub(crate) struct Tour {
    pub(crate) done: Vec<Done>,
    pub(crate) variables: Variables,
}

/// Every step, in an order in which all can be done.
pub(crate) fn steps() -> Vec<Step> {
    [ledgeros::steps(), sandbox::steps(), ledger_api::steps(), ledgers::steps(), shared::steps()]
        .concat()
}

fn get(key: &'static str, path: &'static str) -> Step {
    Step::new(key, Method::GET, path, Content::Nothing)
}

fn post(key: &'static str, path: &'static str, body: Value) -> Step {
    Step::new(key, Method::POST, path, Content::Json(body))
}

fn patch(key: &'static str, path: &'static str, body: Value) -> Step {
    Step::new(key, Method::PATCH, path, Content::Json(body))
}

/// A write without a body.
fn order(key: &'static str, path: &'static str) -> Step {
    Step::new(key, Method::POST, path, Content::Nothing)
}

impl Step {
    fn new(key: &'static str, method: Method, path: &'static str, body: Content) -> Self {
        Self { key, method, path, body, kept: Vec::new(), idempotency_key: None }
    }

    /// Remembers what stands in the answer at `pointer`.
    fn keep(mut self, name: &'static str, pointer: &'static str) -> Self {
        self.kept.push((name, pointer));
        self
    }

    fn keyed(self, key: &'static str) -> Self {
        Self { idempotency_key: Some(key), ..self }
    }

    /// The same with another key.
    pub(crate) fn with(&self, key: &'static str) -> Self {
        Self { key, ..self.clone() }
    }

    /// Whether it can change something.
    pub(crate) fn writes(&self) -> bool {
        self.method != Method::GET
    }

    /// The path without its query.
    pub(crate) fn place(&self) -> &'static str {
        self.path.split_once('?').map_or(self.path, |(place, _)| place)
    }

    /// Method and path, whatever the variables are called.
    pub(crate) fn shape(&self) -> String {
        shape(&format!("{} {}", self.method, self.place()))
    }

    /// The variables in its path, query and body.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut found: Vec<_> = names(self.path).into_iter().map(str::to_owned).collect();
        if let Content::Json(body) = &self.body {
            names_in(body, &mut found);
        }
        found
    }

    /// The request, with these variables, of the `number`th step.
    pub(crate) fn asked(&self, variables: &Variables, number: usize) -> Asked {
        let mut headers = Vec::new();
        if !self.key.is_empty() {
            headers.push(("authorization", format!("Bearer {}", variables[self.key])));
        }
        if self.writes() {
            let key = self.idempotency_key.map_or_else(|| format!("tour-{number}"), str::to_owned);
            headers.push(("idempotency-key", key));
        }
        let body = match &self.body {
            Content::Nothing => Vec::new(),
            Content::Json(body) => filled(body, variables).to_string().into_bytes(),
            Content::Parts(parts) => {
                headers.push(("content-type", "multipart/form-data; boundary=tour".to_owned()));
                multipart("tour", parts)
            }
        };
        Asked {
            method: self.method.clone(),
            path: filled_path(self.path, variables),
            headers,
            body,
        }
    }

    /// What of the answer is no variable of another book's.
    fn remember(&self, reply: &Reply, variables: &mut Variables) {
        for (name, pointer) in &self.kept {
            let said = reply.json();
            let value = said.pointer(pointer).and_then(Value::as_str);
            let value = value.unwrap_or_else(|| panic!("no `{pointer}` in {}", reply.text));
            variables.insert((*name).to_owned(), value.to_owned());
        }
    }
}

impl Asked {
    pub(crate) async fn send(&self, world: &World) -> Reply {
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        world.raw(self.method.clone(), &self.path, &headers, self.body.clone()).await
    }

    /// The same without what makes it one command.
    pub(crate) fn without_key(mut self) -> Self {
        self.headers.retain(|(name, _)| *name != "idempotency-key");
        self
    }
}

impl Tour {
    /// Plays all steps.
    pub(crate) async fn play(world: &World) -> Self {
        let keys = [("lk", &world.lk), ("ld", &world.ld)];
        let keys = keys.map(|(name, key)| (name.to_owned(), key.clone()));
        let mut tour = Self { done: Vec::new(), variables: Variables::from(keys) };
        for (number, step) in steps().into_iter().enumerate() {
            let asked = step.asked(&tour.variables, number);
            let reply = asked.send(world).await;
            assert!(reply.status.is_success(), "{} {}: {}", step.method, asked.path, reply.text);
            step.remember(&reply, &mut tour.variables);
            tour.done.push(Done { step, asked, reply });
        }
        tour
    }

    /// The steps that write.
    pub(crate) fn writes(&self) -> impl Iterator<Item = &Done> {
        self.done.iter().filter(|done| done.step.writes())
    }
}

/// A path with every variable written `{}`.
pub(crate) fn shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment.starts_with('{') {
        true => "{}",
        false => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The variables of a path or query, in their order.
fn names(path: &str) -> Vec<&str> {
    path.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0).collect()
}

fn names_in(body: &Value, found: &mut Vec<String>) {
    match body {
        Value::String(text) => found.extend(text.strip_prefix('$').map(str::to_owned)),
        Value::Array(items) => items.iter().for_each(|item| names_in(item, found)),
        Value::Object(members) => members.values().for_each(|value| names_in(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn filled_path(path: &str, variables: &Variables) -> String {
    let mut text = path.to_owned();
    for name in names(path) {
        let value = variables.get(name).unwrap_or_else(|| panic!("nobody kept `{name}`"));
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

pub(crate) fn filled(body: &Value, variables: &Variables) -> Value {
    match body {
        Value::String(text) => match text.strip_prefix('$') {
            Some(name) => variables[name].clone().into(),
            None => body.clone(),
        },
        Value::Array(items) => items.iter().map(|item| filled(item, variables)).collect(),
        Value::Object(members) => {
            let members = members.iter();
            members.map(|(name, value)| (name.clone(), filled(value, variables))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => body.clone(),
    }
}

#[test]
fn the_tour_uses_every_route_that_writes() {
    let used: BTreeSet<_> = steps().iter().map(Step::shape).collect();
    for route in Route::ALL {
        assert!(used.contains(&shape(&route.to_string())), "no step is a `{route}`");
    }
}

#[test]
fn the_tour_uses_every_path_that_is_read() {
    let used: BTreeSet<_> = steps().iter().map(Step::shape).collect();
    let mut paths = 0;
    for surface in ["ledgeros", "ledger_api", "ledgers", "shared", "sandbox"] {
        let file = format!("{}/src/{surface}.rs", env!("CARGO_MANIFEST_DIR"));
        let source = std::fs::read_to_string(&file).unwrap();
        for call in source.split(".read(").chain(source.split(".open(")).skip(1) {
            let Some(path) = call.trim_start().strip_prefix('"') else { continue };
            let path = path.split_once('"').unwrap().0;
            assert!(used.contains(&shape(&format!("GET {path}"))), "no step reads `{path}`");
            paths += 1;
        }
    }
    assert!(20 < paths, "{paths}");
}

#[tokio::test]
async fn every_step_of_the_tour_is_done() {
    let world = World::new().await;
    let tour = Tour::play(&world).await;
    assert_eq!(tour.done.len(), steps().len());
}
