//! Every field of every write, missing and wrong in every way: 4xx that names it, and the writer hears nothing.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::Frame;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{Reply, World};

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

#[tokio::test]
async fn a_field_that_stands_twice_is_refused() {
    let world = World::new().await;
    let before = world.submitted();
    let body = r#"{"firstName":"A","firstName":"B","lastName":"C","email":"a@example.com"}"#;
    let reply = post(&world, "/v1/users", body.to_owned()).await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::BAD_REQUEST, "invalid_field"));
    assert_eq!(reply.message(), "`firstName` stands twice");
    assert_eq!(world.submitted(), before);
}

#[tokio::test]
async fn what_means_the_same_is_said_once() {
    let world = World::new().await;
    let card = world.funded_card().await;
    let path = format!("/v1/cards/{card}/intents");
    for (body, field) in [
        (
            json!({"summary": "s", "amount": 1, "expectedAmount": 1, "merchantText": "m"}),
            "expectedAmount",
        ),
        (
            json!({"summary": "s", "amount": 1, "merchantText": "m", "expectedMerchant": "m"}),
            "expectedMerchant",
        ),
        (
            json!({
                "summary": "s", "amount": 1, "merchantText": "m", "toleranceAmount": 1,
                "tolerancePercent": 1,
            }),
            "tolerancePercent",
        ),
    ] {
        let reply = world.post(&path, &body).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST);
        assert!(reply.message().contains(&format!("`{field}`")), "{}", reply.text);
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let world = World::new().await;
    let before = world.submitted();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let many = format!("{{{}\"a\":1}}", "\"a\":1,".repeat(100_000));
    let long = format!("{{\"firstName\":\"{}\"}}", "a".repeat(1024 * 1024));
    let bodies: [&[u8]; 12] = [
        b"{",
        b"[]",
        b"\"a\"",
        b"null",
        b"{}}",
        b"{\"a\":}",
        b"\xff\xfe",
        b"{\"firstName\":\"\xff\"}",
        b"{\"firstName\":\"\\ud800\"}",
        deep.as_bytes(),
        many.as_bytes(),
        long.as_bytes(),
    ];
    for body in bodies {
        let reply = post(&world, "/v1/users", body.to_vec()).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
        assert!(reply.message().contains('`'), "{}", reply.text);
    }
    assert_eq!(world.submitted(), before);
}

#[tokio::test]
async fn a_write_without_fields_takes_an_empty_body_and_nothing_else() {
    let world = World::new().await;
    let card = world.funded_card().await;
    let path = format!("/v1/cards/{card}/freeze");
    let refused = world.post(&path, &json!({ "reason": "lost" })).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::BAD_REQUEST, "unknown_field")
    );
    assert!(refused.message().contains("`reason`"));
    assert_eq!(post(&world, &path, "").await.status, StatusCode::OK);
    assert_eq!(post(&world, &path, "{}").await.status, StatusCode::OK);
    assert_eq!(post(&world, &format!("{path}?a=b"), "").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_id_of_the_wrong_kind_is_400_and_an_unknown_one_404() {
    let world = World::new().await;
    let unknown = "01h455vb4pex5vsknk084sn02q";
    for (method, path, prefix, name) in [
        (Method::GET, "/v1/users/{}", "user", "userId"),
        (Method::GET, "/v1/users/{}/funding", "user", "userId"),
        (Method::GET, "/v1/verification/user/{}", "user", "userId"),
        (Method::GET, "/v1/balances/{}", "user", "userId"),
        (Method::GET, "/v1/agents/{}", "agent", "agentId"),
        (Method::POST, "/v1/agents/{}/suspend", "agent", "agentId"),
        (Method::POST, "/v1/agents/{}/reactivate", "agent", "agentId"),
        (Method::GET, "/v1/cards/{}", "card", "cardId"),
        (Method::GET, "/v1/cards/{}/intents", "card", "cardId"),
        (Method::POST, "/v1/cards/{}/freeze", "card", "cardId"),
        (Method::POST, "/v1/cards/{}/unfreeze", "card", "cardId"),
        (Method::POST, "/v1/cards/{}/close", "card", "cardId"),
        (Method::GET, "/v1/intents/{}", "int", "intentId"),
        (Method::POST, "/v1/intents/{}/cancel", "int", "intentId"),
        (Method::GET, "/v1/transactions/{}", "txn", "transactionId"),
        (Method::POST, "/v1/sandbox/transactions/{}/reverse", "txn", "transactionId"),
        (Method::POST, "/v1/sandbox/transactions/{}/clear", "txn", "transactionId"),
        (Method::POST, "/v1/sandbox/transactions/{}/expire", "txn", "transactionId"),
        (Method::POST, "/v1/sandbox/transactions/{}/refund", "txn", "transactionId"),
    ] {
        let ask = async |id: &str| {
            let path = path.replace("{}", id);
            world.raw(method.clone(), &path, &[("api-key", &world.lk)], "").await
        };
        let wrong = ask(&format!("book_{unknown}")).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{path}: {}", wrong.text);
        assert!(wrong.message().contains(&format!("`{name}`")), "{path}: {}", wrong.text);
        for id in [format!("{prefix}_{unknown}"), format!("{prefix}_xxx"), format!("{prefix}_")] {
            let missing = ask(&id).await;
            assert_eq!(missing.status, StatusCode::NOT_FOUND, "{path}: {}", missing.text);
        }
        assert_eq!(ask("%ff").await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn an_upload_is_refused_that_is_no_document() {
    let world = World::new().await;
    let user = world.user().await;
    world.done("/v1/verification/user", &json!({ "userId": user })).await;
    let path = format!("/v1/verification/user/{user}/document");
    let before = world.submitted();
    let pdf: &[u8] = b"%PDF-1.7";
    let long = [pdf, &vec![0; 10 * 1024 * 1024]].concat();
    let cases: [(&[(&str, &[u8])], &str); 9] = [
        (&[("file", pdf)], "documentType"),
        (&[("documentType", b"selfie")], "file"),
        (&[("documentType", b"passport"), ("file", pdf)], "documentType"),
        (&[("documentType", b"\xff"), ("file", pdf)], "documentType"),
        (&[("documentType", b"selfie"), ("file", b"GIF89a")], "file"),
        (&[("documentType", b"selfie"), ("file", b"")], "file"),
        (&[("documentType", b"selfie"), ("file", &long)], "file"),
        (&[("documentType", b"selfie"), ("file", pdf), ("note", b"x")], "note"),
        (&[("documentType", b"selfie"), ("file", pdf), ("file", pdf)], "file"),
    ];
    for (parts, field) in cases {
        let reply = upload(&world, &path, parts).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
        assert!(reply.message().contains(&format!("`{field}`")), "{}", reply.text);
    }
    let keys = [("api-key", world.lk.as_str())];
    let reply = world.raw(Method::PUT, &path, &keys, "{}").await;
    assert_eq!((reply.status, reply.message().contains("`body`")), (StatusCode::BAD_REQUEST, true));
    let huge = vec![0; 11 * 1024 * 1024];
    let reply = upload(&world, &path, &[("documentType", b"selfie"), ("file", &huge)]).await;
    assert_eq!((reply.status, reply.message().contains("`body`")), (StatusCode::BAD_REQUEST, true));
    assert_eq!(world.submitted(), before);

    for beginning in [pdf, b"\x89PNG\r\n\x1a\n...", b"\xff\xd8\xff\xe0..."] {
        let reply =
            upload(&world, &path, &[("documentType", b"selfie"), ("file", beginning)]).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    }
}

#[tokio::test]
async fn parameters_of_a_question_are_read_strictly() {
    let world = World::new().await;
    let user = world.user().await;
    for (path, name) in [
        ("/v1/users?limit=0", "limit"),
        ("/v1/users?limit=101", "limit"),
        ("/v1/users?limit=ten", "limit"),
        ("/v1/users?limit=1&limit=2", "limit"),
        ("/v1/users?cursor=", "cursor"),
        ("/v1/users?cursor=00", "cursor"),
        ("/v1/users?cursor=zz", "cursor"),
        ("/v1/users?name=John", "name"),
        ("/v1/agents?userId=agent_01h455vb4pex5vsknk084sn02q", "userId"),
        ("/v1/transactions?status=open", "status"),
        ("/v1/transactions?from=yesterday", "from"),
        ("/v1/transactions?to=-1", "to"),
        ("/v1/transactions?from=", "from"),
        ("/v1/transactions?cardId=user_x", "cardId"),
        (&format!("/v1/users/{user}?expand=all"), "expand"),
        ("/v1/users?limit=%ff", "limit"),
    ] {
        let reply = world.get(path).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path}: {}", reply.text);
        assert!(reply.message().contains(&format!("`{name}`")), "{path}: {}", reply.text);
    }
    for position in ["", "-1", "one", "1.0", "99999999999999999999"] {
        let headers = [("api-key", world.lk.as_str()), ("ledger-min-position", position)];
        let reply = world.raw(Method::GET, "/v1/users", &headers, "").await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{position}");
        assert!(reply.message().contains("`Ledger-Min-Position`"), "{}", reply.text);
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

async fn post(world: &World, path: &str, body: impl Into<Body>) -> Reply {
    world.raw(Method::POST, path, &[("api-key", &world.lk)], body).await
}

/// Sends multipart.
pub(crate) async fn upload(world: &World, path: &str, parts: &[(&str, &[u8])]) -> Reply {
    let headers =
        [("api-key", world.lk.as_str()), ("content-type", "multipart/form-data; boundary=limit")];
    world.raw(Method::PUT, path, &headers, multipart("limit", parts)).await
}

/// A body of these parts.
pub(crate) fn multipart(boundary: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content) in parts {
        let head = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a\"\r\n\r\n"
        );
        body.extend([head.as_bytes(), content, b"\r\n"].concat());
    }
    body.extend(format!("--{boundary}--\r\n").as_bytes());
    body
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_not_waited_for() {
    let world = World::new().await;
    world.user().await;
    let before = world.submitted();
    tokio::time::pause();
    let reply = post(&world, "/v1/users", Body::new(Never)).await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::REQUEST_TIMEOUT, "slow_body"));
    assert_eq!(world.submitted(), before);
}

/// A body of a sender that has stopped.
struct Never;

impl hyper::body::Body for Never {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Pending
    }
}
