//! Every field of every write, missing and wrong in every way: 4xx that names it, and the writer hears nothing.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::bad_input::post;
use crate::world::World;

/// What a field may be.
#[derive(Clone, Copy)]
enum Kind {
    Text { max: usize },
    Email,
    Cents,
    Decimal,
    Count { min: u64, max: u64 },
    Boolean,
    Word,
    Id,
    Currency,
    Mcc,
    Country,
    Duration,
    Address,
    List,
    Object,
}

use Kind::*;

/// A write with a body that is right, and what its fields are.
struct Case {
    path: String,
    body: Value,
    required: &'static [(&'static str, Kind)],
    optional: &'static [(&'static str, Kind)],
}

impl Kind {
    /// Values that are wrong, whatever else is asked.
    fn wrong(self) -> Vec<Value> {
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
            Cents => vec![
                json!(0),
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
            Country => vec![json!(""), json!("USA"), json!("1A"), json!("é"), json!(1)],
            Duration => vec![
                json!(""),
                json!("25H"),
                json!("PT0S"),
                json!("P1M"),
                json!("P4000D"),
                json!(60),
            ],
            Address => vec![json!(""), json!("0x12"), json!("nowhere"), json!(1), json!([])],
            List => vec![json!("a"), json!({}), json!(vec![5732; 200])],
            Object => vec![json!("a"), json!([]), json!(1)],
        });
        wrong
    }
}

#[tokio::test]
async fn a_wrong_field_of_a_write_is_named_and_nothing_is_written() {
    let world = World::new().await;
    let cases = cases(&world).await;
    let before = world.submitted();
    let mut tried = 0;
    for case in &cases {
        for (field, kind) in case.required.iter().chain(case.optional) {
            for wrong in kind.wrong() {
                let body = with(&case.body, field, wrong);
                expect_named(&world, case, &body.to_string(), field).await;
                tried += 1;
            }
        }
        for (field, _) in case.required {
            let body = without(&case.body, field);
            expect_named(&world, case, &body.to_string(), field).await;
        }
        let nested = case.required.iter().filter(|(_, kind)| matches!(kind, Object));
        let objects = nested.map(|(name, _)| format!("{name}.")).chain([String::new()]);
        for unknown in objects.map(|prefix| format!("{prefix}reserve")) {
            let body = with(&case.body, &unknown, json!(1));
            expect_named(&world, case, &body.to_string(), &unknown).await;
        }
    }
    assert!(400 < tried, "{tried}");
    assert_eq!(world.submitted(), before, "the writer heard of it");

    for case in &cases {
        let reply = world.post(&case.path, &case.body).await;
        assert_eq!(reply.status, StatusCode::OK, "the case is right: {} {}", case.path, reply.text);
    }
}

async fn cases(world: &World) -> Vec<Case> {
    let user = world.funded_user(500).await;
    let (agent, _) = world.agent(&user).await;
    let card = world.card(&agent).await;
    let other = world.user().await;
    let address = world.address(&user, "USDC", "solana").await;
    let held = async || world.authorize(&card, 1_000).await["transactionId"].clone();
    let sandbox = async |verb: &str| {
        format!("/v1/sandbox/transactions/{}/{verb}", held().await.as_str().unwrap())
    };
    vec![
        Case {
            path: "/v1/users".to_owned(),
            body: json!({"firstName": "J", "lastName": "D", "email": "j@example.com"}),
            required: &[
                ("firstName", Text { max: 100 }),
                ("lastName", Text { max: 100 }),
                ("email", Email),
            ],
            optional: &[],
        },
        Case {
            path: "/v1/verification/user".to_owned(),
            body: json!({ "userId": other }),
            required: &[("userId", Id)],
            optional: &[],
        },
        Case {
            path: "/v1/agents/register".to_owned(),
            body: json!({
                "userId": user, "name": "n", "spendingLimit": 1, "spendingLimitFrequency": "perWeek",
            }),
            required: &[
                ("userId", Id),
                ("name", Text { max: 100 }),
                ("spendingLimit", Cents),
                ("spendingLimitFrequency", Word),
            ],
            optional: &[
                ("description", Text { max: 500 }),
                ("externalId", Text { max: 100 }),
                ("onLimitExceeded", Word),
                ("maxCards", Count { min: 1, max: 1_000_000 }),
            ],
        },
        Case {
            path: format!("/v1/agents/{agent}/cards"),
            body: json!({ "purpose": "p", "type": "single", "maxAmount": 1, "limits": {} }),
            required: &[("purpose", Text { max: 500 }), ("type", Word), ("maxAmount", Cents)],
            optional: &[
                ("limits", Object),
                ("limits.perAuth", Cents),
                ("limits.perDay", Cents),
                ("limits.perMonth", Cents),
            ],
        },
        Case {
            path: format!("/v1/cards/{card}/intents"),
            body: json!({ "summary": "s", "amount": 1, "merchantText": "m" }),
            required: &[
                ("summary", Text { max: 500 }),
                ("amount", Cents),
                ("merchantText", Text { max: 100 }),
            ],
            optional: &[
                ("currency", Currency),
                ("expectedMccs", List),
                ("toleranceAmount", Cents),
                ("tolerancePercent", Count { min: 0, max: 100 }),
            ],
        },
        Case {
            path: format!("/v1/cards/{card}/details"),
            body: json!({ "summary": "s", "expectedAmount": 1, "merchantText": "m" }),
            required: &[
                ("summary", Text { max: 500 }),
                ("expectedAmount", Cents),
                ("merchantText", Text { max: 100 }),
            ],
            optional: &[("intentId", Id)],
        },
        Case {
            path: format!("/v1/sandbox/verifications/{other}"),
            body: json!({ "outcome": "needsInformation" }),
            required: &[("outcome", Word)],
            optional: &[("requiredFields", List), ("reason", Word)],
        },
        Case {
            path: "/v1/sandbox/deposits".to_owned(),
            body: json!({ "address": address, "asset": "USDC", "amount": "1" }),
            required: &[("address", Address), ("asset", Currency), ("amount", Decimal)],
            optional: &[
                ("transactionHash", Text { max: 100 }),
                ("index", Count { min: 0, max: u32::MAX as u64 }),
            ],
        },
        Case {
            path: format!("/v1/sandbox/cards/{card}/authorizations"),
            body: json!({ "amount": 1, "merchant": { "name": "m" } }),
            required: &[
                ("amount", Cents),
                ("merchant", Object),
                ("merchant.name", Text { max: 100 }),
            ],
            optional: &[
                ("currency", Currency),
                ("networkId", Text { max: 100 }),
                ("merchant.mcc", Mcc),
                ("merchant.city", Text { max: 50 }),
                ("merchant.country", Country),
            ],
        },
        Case {
            path: sandbox("reverse").await,
            body: json!({}),
            required: &[],
            optional: &[("amount", Cents), ("networkId", Text { max: 100 })],
        },
        Case {
            path: sandbox("clear").await,
            body: json!({}),
            required: &[],
            optional: &[("amount", Cents), ("final", Boolean), ("networkId", Text { max: 100 })],
        },
        Case {
            path: sandbox("refund").await,
            body: json!({}),
            required: &[],
            optional: &[("amount", Cents), ("networkId", Text { max: 100 })],
        },
        Case {
            path: "/v1/sandbox/clock".to_owned(),
            body: json!({ "advance": "PT1S" }),
            required: &[("advance", Duration)],
            optional: &[],
        },
    ]
}

async fn expect_named(world: &World, case: &Case, body: &str, field: &str) {
    let reply = post(world, &case.path, body.to_owned()).await;
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
