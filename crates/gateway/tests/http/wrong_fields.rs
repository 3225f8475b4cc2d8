//! Every field of every write, missing and wrong in every way: 4xx that names it, and the writer hears nothing.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{Reply, World};

mod money;
mod sandbox;
mod surface;

/// What a field may be.
#[derive(Clone, Copy)]
enum Kind {
    Text {
        max: usize,
    },
    Email,
    Cents,
    CentsOrZero,
    /// `null` lifts it.
    OrNull(&'static Kind),
    Decimal,
    Count {
        min: u64,
        max: u64,
    },
    Boolean,
    Word,
    Id,
    Currency,
    Mcc,
    Mccs,
    Country,
    Duration,
    Day,
    Instant,
    TimeOfDay,
    Address,
    Url,
    List,
    Object,
}

use Kind::*;

/// A write with a body that is right, and what its fields are.
struct Case {
    method: Method,
    path: String,
    body: Value,
    required: &'static [(&'static str, Kind)],
    optional: &'static [(&'static str, Kind)],
}

impl Case {
    fn post(
        path: impl Into<String>,
        body: Value,
        required: &'static [(&'static str, Kind)],
        optional: &'static [(&'static str, Kind)],
    ) -> Self {
        Self { method: Method::POST, path: path.into(), body, required, optional }
    }

    fn patch(
        path: impl Into<String>,
        body: Value,
        optional: &'static [(&'static str, Kind)],
    ) -> Self {
        Self { method: Method::PATCH, ..Self::post(path, body, &[], optional) }
    }

    async fn send(&self, world: &World, body: &Value) -> Reply {
        let headers = [("api-key", world.lk.as_str())];
        world.raw(self.method.clone(), &self.path, &headers, body.to_string()).await
    }
}

impl Kind {
    /// Values that are wrong, whatever else is asked.
    fn wrong(self) -> Vec<Value> {
        if let OrNull(kind) = self {
            return kind.wrong().into_iter().filter(|wrong| !wrong.is_null()).collect();
        }
        let mut wrong = vec![Value::Null];
        wrong.extend(match self {
            Text { max } => vec![
                json!(""),
                json!("   "),
                json!("a\u{0}b"),
                json!("a\nb"),
                json!("ä".repeat(max + 1)),
                json!(1),
                json!(true),
                json!(["a"]),
                json!({}),
            ],
            Email => {
                vec![json!(""), json!("john"), json!("[email protected]"), json!(1), json!([])]
            }
            Cents => [vec![json!(0)], CentsOrZero.wrong()].concat(),
            CentsOrZero => vec![
                json!(-1),
                json!(10.0),
                json!(1e3),
                json!(10.5),
                json!(9_007_199_254_740_992_u64),
                json!(u64::MAX),
                json!(1e30),
                json!("100"),
                json!(true),
                json!([1]),
                json!({}),
            ],
            OrNull(_) => unreachable!("it is what it holds, but for null"),
            Decimal => vec![
                json!("0"),
                json!("0.000000"),
                json!("-1"),
                json!("1.0000001"),
                json!("1e3"),
                json!(""),
                json!("1,5"),
                json!(" 1"),
                json!(".5"),
                json!("1."),
                json!("9007199254.740992"),
                json!("9".repeat(400)),
                json!(1),
                json!(1.5),
                json!(true),
            ],
            Count { min, max } => {
                let below = json!(i64::try_from(min).unwrap() - 1);
                vec![below, json!(max + 1), json!(1.0), json!("1"), json!(true)]
            }
            Boolean => vec![json!("true"), json!(1), json!(0), json!([])],
            Word => vec![json!(""), json!("nothing"), json!(1), json!(true), json!(["pending"])],
            Id => vec![json!(""), json!("book_01h455vb4pex5vsknk084sn02q"), json!(1), json!(["x"])],
            Currency => vec![json!(""), json!("XYZ"), json!("eu"), json!(1), json!({})],
            Mcc => vec![
                json!(""),
                json!("12"),
                json!("12345"),
                json!("57 3"),
                json!(10_000),
                json!(5_732.0),
            ],
            Mccs => [vec![json!([])], List.wrong()].concat(),
            Country => vec![json!(""), json!("USA"), json!("1A"), json!("é"), json!(1)],
            Duration => vec![
                json!(""),
                json!("25H"),
                json!("PT0S"),
                json!("P1M"),
                json!("P4000D"),
                json!(60),
            ],
            Day => vec![
                json!(""),
                json!("2026-02-29"),
                json!("2026-11-31"),
                json!("30.11.2026"),
                json!("2026-11-30T00:00:00Z"),
                json!("1969-12-31"),
                json!(1_764_460_800_000_u64),
            ],
            Instant => vec![
                json!(""),
                json!("2026-11-30"),
                json!("2026-11-30T00:00:00"),
                json!("2026-02-29T00:00:00Z"),
                json!("1969-12-31T00:00:00Z"),
                json!(1_764_460_800_000_u64),
            ],
            TimeOfDay => vec![
                json!(""),
                json!("24:00"),
                json!("9:00"),
                json!("09:60"),
                json!("09:00:00"),
                json!("9am"),
                json!(540),
            ],
            Address => vec![json!(""), json!("0x12"), json!("nowhere"), json!(1), json!([])],
            Url => vec![
                json!(""),
                json!("example.com"),
                json!("ftp://example.com"),
                json!("https://a@example.com"),
                json!("https://example.com#x"),
                json!(format!("https://example.com/{}", "a".repeat(2_048))),
                json!(1),
                json!([]),
            ],
            List => vec![json!("a"), json!({}), json!(vec![5732; 200])],
            Object => vec![json!("a"), json!([]), json!(1)],
        });
        wrong
    }
}

#[tokio::test]
async fn a_wrong_field_of_a_write_is_named_and_nothing_is_written() {
    let world = World::new().await;
    let mut cases = surface::cases(&world).await;
    cases.extend(sandbox::cases(&world).await);
    let before = world.submitted();
    let mut tried = 0;
    for case in &cases {
        for (field, kind) in case.required.iter().chain(case.optional) {
            for wrong in kind.wrong() {
                expect_named(&world, case, &with(&case.body, field, wrong), field).await;
                tried += 1;
            }
        }
        for (field, _) in case.required {
            expect_named(&world, case, &without(&case.body, field), field).await;
        }
        let fields = case.required.iter().chain(case.optional);
        let objects = fields.filter(|(_, kind)| matches!(kind, Object));
        let prefixes = objects.map(|(name, _)| format!("{name}.")).chain([String::new()]);
        for unknown in prefixes.map(|prefix| format!("{prefix}colour")) {
            expect_named(&world, case, &with(&case.body, &unknown, json!(1)), &unknown).await;
        }
    }
    assert!(1_000 < tried, "{tried}");
    assert_eq!(world.submitted(), before, "the writer heard of it");

    for case in &cases {
        let reply = case.send(&world, &case.body).await;
        assert_eq!(reply.status, StatusCode::OK, "the case is right: {} {}", case.path, reply.text);
    }
}

async fn expect_named(world: &World, case: &Case, body: &Value, field: &str) {
    let reply = case.send(world, body).await;
    let (path, text) = (&case.path, &reply.text);
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path} {body}: {text}");
    assert_eq!(reply.json()["error"]["type"], "invalid_request", "{path} {body}: {text}");
    let is_named = reply.message().contains(&format!("`{field}`"));
    assert!(is_named, "{path} {body}: {text} does not name `{field}`");
}

/// The body with another value at `field`, which may be `merchant.name`.
fn with(body: &Value, field: &str, value: Value) -> Value {
    let mut body = body.clone();
    match field.split_once('.') {
        Some((object, member)) => body[object][member] = value,
        None => body[field] = value,
    }
    body
}

fn without(body: &Value, field: &str) -> Value {
    let mut body = body.clone();
    let (object, member) = match field.split_once('.') {
        Some((object, member)) => (&mut body[object], member),
        None => (&mut body, field),
    };
    object.as_object_mut().unwrap().remove(member);
    body
}
