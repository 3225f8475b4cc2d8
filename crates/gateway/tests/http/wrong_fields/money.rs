//! Writes of the Ledger API and of Ledgers, and the sandbox calls that go with them.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::Kind::*;
use super::{Case, with, without};
use crate::money::{ELSEWHERE, ten_to};
use crate::world::{Reply, World, id};

async fn cases(world: &World) -> Vec<Case> {
    let (customer, wallet) = world.funded_wallet().await;
    let address = world.wallet_address(&wallet, "solana").await;
    let account = json!({ "customerId": customer, "sourceCurrency": "usd" });
    let account = world.made("/v1/virtual-accounts", &account).await["id"].clone();
    let transfer = world.transfer(&customer, &wallet).await;
    let [cash, ada, bob] = world.books().await;
    let line = |ledger: &str, side: &str| json!({ "ledger_id": ledger, "type": side, "amount": 1 });
    let journal = json!({ "entries": [line(&cash, "debit"), line(&bob, "credit")] });
    let journal = id(&world.made("/v1/ledgers/journals", &journal).await);
    vec![
        Case::post(
            "/v1/customers",
            json!({
                "type": "individual", "email": "a@example.com", "firstName": "A", "lastName": "B",
            }),
            &[
                ("type", Word),
                ("email", Email),
                ("firstName", Text { max: 100 }),
                ("lastName", Text { max: 100 }),
            ],
            &[("phone", Email), ("metadata", Object)],
        ),
        Case::post(
            "/v1/customers",
            json!({ "type": "business", "email": "a@example.com", "businessName": "A" }),
            &[("businessName", Text { max: 100 })],
            &[],
        ),
        Case::patch(
            format!("/v1/customers/{customer}"),
            json!({ "email": "b@example.com" }),
            &[
                ("email", Email),
                ("firstName", Text { max: 100 }),
                ("lastName", Text { max: 100 }),
                ("businessName", Text { max: 100 }),
                ("phone", OrNull(&Email)),
                ("metadata", OrNull(&Object)),
                ("type", Word),
            ],
        ),
        Case::post(
            "/v1/crypto-wallets",
            json!({ "customerId": customer }),
            &[("customerId", Id)],
            &[],
        ),
        Case::post(
            "/v1/virtual-accounts",
            json!({ "customerId": customer, "sourceCurrency": "gbp" }),
            &[("customerId", Id), ("sourceCurrency", Currency)],
            &[("walletId", Id)],
        ),
        Case::post(
            "/v1/transfers",
            ten_to(&customer, &wallet, ELSEWHERE),
            &[
                ("customerId", Id),
                ("walletId", Id),
                ("amount", Decimal),
                ("destinationCurrency", Currency),
                ("destinationPaymentRail", Word),
                ("destinationAddress", Address),
            ],
            &[("sourceCurrency", Currency), ("clientReferenceId", Text { max: 100 })],
        ),
        Case::post(
            "/v1/transfers",
            json!({
                "customerId": customer, "walletId": wallet, "amount": "1", "reference": "r",
                "destinationCurrency": "eur", "destinationPaymentRail": "sepa",
                "destinationAddress": "DE89370400440532013000",
            }),
            &[("destinationAddress", Text { max: 100 })],
            &[("reference", Text { max: 140 })],
        ),
        Case::post(
            format!("/v1/sandbox/transfers/{transfer}/advance"),
            json!({ "status": "completed" }),
            &[("status", Word)],
            &[
                ("transactionHash", Text { max: 100 }),
                ("gas", Email),
                ("reason", Text { max: 200 }),
            ],
        ),
        Case::post(
            "/v1/sandbox/deposits",
            json!({ "address": address, "asset": "EURC", "amount": "1" }),
            &[("address", Address), ("asset", Currency), ("amount", Decimal)],
            &[
                ("transactionHash", Text { max: 100 }),
                ("index", Count { min: 0, max: u32::MAX as u64 }),
            ],
        ),
        Case::post(
            "/v1/sandbox/deposits",
            json!({ "virtualAccountId": account, "currency": "usd", "amount": "1" }),
            &[("currency", Currency), ("amount", Decimal)],
            &[("virtualAccountId", Id), ("transactionHash", Text { max: 100 })],
        ),
        Case::post(
            "/v1/sandbox/treasury/conversions",
            json!({
                "sold": { "asset": "USDC", "amount": "1" }, "bought": { "asset": "USD", "amount": "1" },
            }),
            &[
                ("sold", Object),
                ("sold.asset", Currency),
                ("sold.amount", Decimal),
                ("bought", Object),
                ("bought.asset", Currency),
                ("bought.amount", Decimal),
            ],
            &[],
        ),
        Case::post(
            "/v1/ledgers",
            json!({ "code": "c", "name": "n", "type": "income", "currency": "EUR" }),
            &[
                ("code", Text { max: 50 }),
                ("name", Text { max: 100 }),
                ("type", Word),
                ("currency", Currency),
            ],
            &[("overdraftLimit", CentsOrZero)],
        ),
        Case::post(
            format!("/v1/ledgers/{ada}/transfer"),
            json!({ "destination_ledger_id": bob, "amount": 1 }),
            &[("destination_ledger_id", Id), ("amount", Cents)],
            &[("description", Text { max: 500 }), ("transfer_id", Id), ("metadata", Object)],
        ),
        Case::post(
            "/v1/ledgers/journals",
            json!({ "entries": [line(&cash, "debit"), line(&bob, "credit")] }),
            &[("entries", Object)],
            &[
                ("description", Text { max: 500 }),
                ("metadata", Object),
                ("effective_at", Instant),
                ("dry_run", Boolean),
            ],
        ),
        Case::post(
            format!("/v1/ledgers/journals/{journal}/reverse"),
            json!({}),
            &[],
            &[("entries", Object), ("description", Text { max: 500 }), ("metadata", Object)],
        ),
    ]
}

/// A line of a journal with something wrong in it, and what it is called.
fn wrong_lines(ledger: &str) -> Vec<(Value, &'static str)> {
    let line = json!({ "ledger_id": ledger, "type": "debit", "amount": 1 });
    let changed = |field: &str, value: Value| with(&line, field, value);
    vec![
        (json!(1), "entries[1]"),
        (without(&line, "ledger_id"), "entries[1].ledger_id"),
        (without(&line, "type"), "entries[1].type"),
        (without(&line, "amount"), "entries[1].amount"),
        (changed("ledger_id", json!("x")), "entries[1].ledger_id"),
        (changed("type", json!("Debit")), "entries[1].type"),
        (changed("amount", json!(0)), "entries[1].amount"),
        (changed("amount", json!(1.0)), "entries[1].amount"),
        (changed("description", json!("ä".repeat(201))), "entries[1].description"),
        (changed("currency", json!("USD")), "entries[1].currency"),
    ]
}

fn takes_metadata(case: &Case) -> bool {
    case.optional.iter().any(|(field, _)| *field == "metadata")
}

/// The id of an entry of no journal.
fn wrong_part() -> &'static str {
    "3c90c3cc-0d44-4b50-8888-8dd25736052a"
}

/// A part of an entry to be taken back with something wrong in it, and what it is called.
fn wrong_parts() -> Vec<(Value, &'static str)> {
    let part = json!({ "entry_id": wrong_part(), "amount": 1 });
    let changed = |field: &str, value: Value| with(&part, field, value);
    vec![
        (json!(1), "entries[0]"),
        (without(&part, "entry_id"), "entries[0].entry_id"),
        (changed("entry_id", json!("x")), "entries[0].entry_id"),
        (changed("entry_id", json!(1)), "entries[0].entry_id"),
    ]
}

#[tokio::test]
async fn a_wrong_field_of_moving_money_is_named_and_nothing_is_written() {
    let world = World::new().await;
    let cases = cases(&world).await;
    let ledger = world.ledger("x", "asset").await;
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
        let unknown = with(&case.body, "colour", json!(1));
        expect_named(&world, case, &unknown, "colour").await;
    }
    for (line, field) in wrong_lines(&ledger) {
        let right = json!({ "ledger_id": ledger, "type": "credit", "amount": 1 });
        let journal = json!({ "entries": [right, line] });
        let case = Case::post("/v1/ledgers/journals", json!({}), &[], &[]);
        expect_named(&world, &case, &journal, field).await;
    }
    for (part, field) in wrong_parts() {
        let right = json!({ "entry_id": wrong_part(), "amount": 1 });
        let reversal = json!({ "entries": [part, right] });
        let case = cases.iter().find(|case| case.path.ends_with("/reverse"));
        expect_named(&world, case.unwrap(), &reversal, field).await;
    }
    let members: serde_json::Map<_, _> =
        (0..51).map(|number| (format!("{number}"), json!("a"))).collect();
    for metadata in [
        json!({ "a": 1 }),
        json!({ "a": null }),
        json!({ "": "b" }),
        json!({ "a": "" }),
        json!({ "ä".repeat(41): "b" }),
        json!({ "a": "ä".repeat(501) }),
        json!({ "a": "1", " a": "2" }),
        Value::Object(members),
    ] {
        for case in cases.iter().filter(|case| takes_metadata(case)) {
            let body = with(&case.body, "metadata", metadata.clone());
            expect_named(&world, case, &body, "metadata").await;
        }
    }
    assert!(300 < tried, "{tried}");
    assert_eq!(world.submitted(), before, "the writer heard of it");

    for case in &cases {
        let Case { path, body, .. } = case;
        let reply = send(&world, case, body).await;
        let is_done = [StatusCode::OK, StatusCode::CREATED].contains(&reply.status);
        assert!(is_done, "the case is right: {path} {body}: {}", reply.text);
    }
}

async fn send(world: &World, case: &Case, body: &Value) -> Reply {
    let headers = [("x-api-key", world.ld.as_str())];
    world.raw(case.method.clone(), &case.path, &headers, body.to_string()).await
}

async fn expect_named(world: &World, case: &Case, body: &Value, field: &str) {
    let reply = send(world, case, body).await;
    let (path, text) = (&case.path, &reply.text);
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path} {body}: {text}");
    let is_named = text.contains(&format!("`{field}`"));
    assert!(is_named, "{path} {body}: {text} does not name `{field}`");
}
