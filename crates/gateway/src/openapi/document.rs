//! The description as a document.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Object, RefOr};

use super::about;
use super::examples::Examples;
use super::headers;
use super::operation::{Operation, Shown};
use super::problems;
use super::schema::{self, Describe};
use crate::dialect::Dialect;
use crate::front::Audience;
use crate::page::Sizes;

/// A method of a path, and what it does: for each dialect that may be spoken there.
pub(crate) struct Described {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) operations: Vec<(Dialect, Operation)>,
}

/// Who may do something, and whether that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Open,
    Read(Audience),
    Write(Audience),
    /// With the service's key.
    ServiceRead,
    ServiceWrite,
}

/// A document of OpenAPI 3.1.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document {
    openapi: &'static str,
    info: Value,
    servers: Vec<Value>,
    security: Vec<Value>,
    tags: Vec<Value>,
    paths: BTreeMap<&'static str, BTreeMap<String, OperationObject>>,
    components: Components,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OperationObject {
    tags: [&'static str; 1],
    summary: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    operation_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    security: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<Node>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_body: Option<RequestBody>,
    responses: BTreeMap<String, Value>,
}

#[derive(Serialize)]
struct RequestBody {
    required: bool,
    content: BTreeMap<&'static str, MediaType>,
}

#[derive(Serialize)]
struct MediaType {
    schema: RefOr<Schema>,
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<Value>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Node {
    Written(Value),
    Parameter(Box<Parameter>),
}

#[derive(Serialize)]
struct Parameter {
    name: String,
    #[serde(rename = "in")]
    place: &'static str,
    required: bool,
    schema: Object,
}

/// What operations refer to. Only what is used is there.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Components {
    schemas: BTreeMap<String, SchemaNode>,
    responses: BTreeMap<String, Value>,
    parameters: BTreeMap<&'static str, Value>,
    headers: BTreeMap<&'static str, Value>,
    security_schemes: BTreeMap<&'static str, Value>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum SchemaNode {
    Of(Box<RefOr<Schema>>),
    Written(Value),
}

impl Document {
    /// Describes what is said in these dialects.
    ///
    /// # Panics
    ///
    /// When two views have one name: the document would describe one of them wrongly.
    pub(crate) fn new(described: &[Described], spoken: &[Dialect]) -> Self {
        let mut components = Components::default();
        let examples = Examples::load();
        let mut paths: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        let mut used = Vec::new();
        for one in described {
            let operations: Vec<_> = one
                .operations
                .iter()
                .filter(|(dialect, _)| spoken.contains(dialect))
                .map(|(dialect, operation)| (*dialect, operation))
                .collect();
            let Some((_, first)) = operations.first() else { continue };
            used.push(first.tag);
            let object = components.operation(one, &operations, &examples);
            paths.entry(one.path).or_default().insert(one.method.to_ascii_lowercase(), object);
        }
        used.sort_unstable();
        used.dedup();
        components.security_schemes = about::security_schemes();
        Self {
            openapi: "3.1.0",
            info: about::info(spoken),
            servers: about::servers(spoken),
            security: about::security(),
            tags: used
                .into_iter()
                .map(|tag| json!({"name": tag.name(), "description": tag.about()}))
                .collect(),
            paths,
            components,
        }
    }
}

impl Components {
    fn operation(
        &mut self,
        described: &Described,
        operations: &[(Dialect, &Operation)],
        examples: &Examples,
    ) -> OperationObject {
        let Described { method, path, access, .. } = *described;
        let (_, first) = operations[0];
        let dialects: Vec<_> = operations.iter().map(|(dialect, _)| *dialect).collect();
        let mut responses = BTreeMap::new();
        let is_created = first.creates && dialects.contains(&Dialect::Ledgers);
        let success = if is_created { "201" } else { "200" };
        responses.insert(success.to_owned(), self.success(described, operations, examples));
        for status in problems::statuses(access) {
            let (name, response) = problems::response(*status, &dialects);
            for (name, schema) in problems::schemas(&dialects) {
                self.schemas.entry(name.to_owned()).or_insert(SchemaNode::Of(Box::new(schema)));
            }
            responses.insert(
                status.as_u16().to_string(),
                json!({"$ref": format!("#/components/responses/{name}")}),
            );
            self.responses.insert(name, response);
        }
        OperationObject {
            tags: [first.tag.name()],
            summary: first.summary,
            description: description(access, first),
            operation_id: first.id,
            security: security_of(access),
            parameters: self.parameters(path, access, operations),
            request_body: first.body.clone().map(|content| RequestBody {
                required: content.is_required,
                content: BTreeMap::from([(
                    content.media_type,
                    MediaType { schema: content.schema, example: examples.request(method, path) },
                )]),
            }),
            responses,
        }
    }

    fn success(
        &mut self,
        described: &Described,
        operations: &[(Dialect, &Operation)],
        examples: &Examples,
    ) -> Value {
        let Described { method, path, access, .. } = *described;
        let mut schemas = Vec::new();
        for (dialect, operation) in operations {
            for shown in &operation.answer {
                for (name, schema) in &shown.components {
                    self.add(name, schema);
                }
                let name = self.wrapped(*dialect, shown, operation.is_list);
                schemas.push(json!({"$ref": format!("#/components/schemas/{name}")}));
            }
        }
        schemas.dedup();
        let schema = match <[Value; 1]>::try_from(schemas) {
            Ok([schema]) => schema,
            Err(schemas) => json!({"anyOf": schemas}),
        };
        let mut headers = vec!["Request-Id"];
        if access != Access::Open {
            headers.extend(["RateLimit", "RateLimit-Policy"]);
        }
        match access {
            Access::Open | Access::ServiceRead | Access::ServiceWrite => {}
            Access::Read(_) => headers.push("Ledger-Position"),
            Access::Write(_) => headers.extend(["Ledger-Position", "Idempotent-Replayed"]),
        }
        let headers: BTreeMap<_, _> =
            headers.into_iter().map(|name| (name, self.header(name))).collect();
        let mut content = json!({"schema": schema});
        let said: Vec<_> = operations
            .iter()
            .filter_map(|(dialect, _)| Some((*dialect, examples.answer(method, path, *dialect)?)))
            .collect();
        match said.as_slice() {
            [] => {}
            [(_, answer)] => content["example"] = answer.clone(),
            several => {
                for (dialect, answer) in several {
                    content["examples"][format!("{dialect:?}")] = json!({"value": answer});
                }
            }
        }
        let (_, first) = operations[0];
        json!({
            "description": outcome(first),
            "headers": headers,
            "content": {"application/json": content},
        })
    }

    /// The name of what is answered in this dialect.
    fn wrapped(&mut self, dialect: Dialect, shown: &Shown, is_list: bool) -> String {
        let Shown { name, .. } = shown;
        let item = json!({"$ref": format!("#/components/schemas/{name}")});
        let rows = json!({"type": "array", "items": item});
        let cursor =
            json!({"type": ["string", "null"], "description": "Where the next part begins."});
        let (wrapped, schema) = match (dialect, is_list) {
            (Dialect::LedgerOs | Dialect::Ledgers, false) => return name.clone(),
            (Dialect::LedgerApi, false) => (format!("{name}Envelope"), enveloped(item)),
            (Dialect::LedgerApi, true) => {
                let data = json!({
                    "type": "object",
                    "required": ["items"],
                    "properties": {"items": rows, "nextCursor": cursor},
                });
                (format!("{name}ListEnvelope"), enveloped(data))
            }
            (Dialect::LedgerOs, true) => (format!("{name}List"), part(rows, "hasMore", cursor)),
            (Dialect::Ledgers, true) => (format!("{name}Page"), part(rows, "has_more", cursor)),
        };
        self.schemas.insert(wrapped.clone(), SchemaNode::Written(schema));
        wrapped
    }

    fn add(&mut self, name: &str, schema: &RefOr<Schema>) {
        let schema = Box::new(schema.clone());
        match self.schemas.get(name) {
            Some(SchemaNode::Of(known)) => {
                assert!(*known == schema, "two views are called `{name}`")
            }
            Some(SchemaNode::Written(_)) => unreachable!("`{name}` is called as what wraps it"),
            None => drop(self.schemas.insert(name.to_owned(), SchemaNode::Of(schema))),
        }
    }

    fn header(&mut self, name: &'static str) -> Value {
        self.headers.insert(name, headers::header(name));
        json!({"$ref": format!("#/components/headers/{name}")})
    }

    fn parameters(
        &mut self,
        path: &'static str,
        access: Access,
        operations: &[(Dialect, &Operation)],
    ) -> Vec<Node> {
        let mut parameters = Vec::new();
        let mut add = |place, name: &str, schema| {
            parameters.push(Node::Parameter(Box::new(Parameter {
                name: name.to_owned(),
                place,
                required: place == "path",
                schema,
            })));
        };
        for part in path.split('/') {
            if let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                add("path", name, schema::path_parameter(name));
            }
        }
        let mut known = Vec::new();
        for (name, schema) in operations.iter().flat_map(|(_, operation)| &operation.filters) {
            if !known.contains(name) {
                known.push(name);
                add("query", name, schema.clone());
            }
        }
        if operations.iter().any(|(_, operation)| operation.is_list) {
            let max = operations.iter().map(|(dialect, _)| Sizes::of(*dialect).max).max();
            let max = u32::try_from(max.unwrap_or_default()).expect("parts of lists are short");
            add("query", "limit", schema::count(1, max));
            add("query", "cursor", schema::string().about("Where a part of this list has ended."));
        }
        let shared: &[_] = match access {
            Access::Open | Access::ServiceRead | Access::ServiceWrite => &[],
            Access::Read(_) => &["Ledger-Min-Position"],
            Access::Write(_) => &["Idempotency-Key", "Ledger-Min-Position"],
        };
        for name in shared {
            self.parameters.insert(name, headers::parameter(name));
            parameters
                .push(Node::Written(json!({"$ref": format!("#/components/parameters/{name}")})));
        }
        parameters
    }
}

fn enveloped(data: Value) -> Value {
    json!({
        "type": "object",
        "required": ["ok", "data"],
        "properties": {"ok": {"type": "boolean", "enum": [true]}, "data": data},
    })
}

fn part(rows: Value, has_more: &str, cursor: Value) -> Value {
    json!({
        "type": "object",
        "required": ["data", has_more],
        "properties": {"data": rows, has_more: {"type": "boolean"}, "cursor": cursor},
    })
}

/// What a success is, in a word: something was created, or what the summary says was done.
fn outcome(operation: &Operation) -> String {
    match operation.answer.as_slice() {
        [shown] if operation.creates => {
            let spaced = shown.name.chars().enumerate().flat_map(|(index, letter)| {
                let begins_word = index != 0 && letter.is_uppercase();
                let letter = if begins_word { letter.to_ascii_lowercase() } else { letter };
                begins_word.then_some(' ').into_iter().chain([letter])
            });
            format!("{} created", spaced.collect::<String>())
        }
        _ => operation.summary.to_owned(),
    }
}

/// What it does beyond its summary, and who may do it.
fn description(access: Access, operation: &Operation) -> Option<String> {
    let who = match access {
        Access::Open => None,
        Access::ServiceRead | Access::ServiceWrite => Some("For the service's key."),
        Access::Read(Audience::Admins) | Access::Write(Audience::Admins) => {
            Some("For platforms' keys with the scope `admin`.")
        }
        Access::Read(Audience::Platforms) => Some("For platforms' keys."),
        Access::Read(Audience::Agents) => Some("For platforms' keys and agents' tokens."),
        Access::Write(Audience::Platforms) => Some("For platforms' keys that may write."),
        Access::Write(Audience::Agents) => {
            Some("For platforms' keys that may write, and agents' tokens.")
        }
    };
    let parts: Vec<_> = operation.description.into_iter().chain(who).collect();
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}

/// Nothing where the document's own holds.
fn security_of(access: Access) -> Option<Vec<Value>> {
    match access {
        Access::Open => Some(Vec::new()),
        Access::Read(_) | Access::Write(_) | Access::ServiceRead | Access::ServiceWrite => None,
    }
}
