//! Transfers: tokens to an address, payouts at a bank, and what becomes of them.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::money::{ELSEWHERE, ten_to};
use crate::world::{World, id};

/// A payout of ten USDC.
fn ten_by(customer: &str, wallet: &str, rail: &str, currency: &str) -> Value {
    json!({
        "customerId": customer, "walletId": wallet, "amount": "10.00", "destinationCurrency": currency,
        "destinationPaymentRail": rail, "destinationAddress": "20-00-00 55779911",
    })
}

async fn advance(world: &World, transfer: &str, body: &Value) -> Value {
    world.made(&format!("/v1/sandbox/transfers/{transfer}/advance"), body).await
}

#[tokio::test]
async fn ten_dollars_in_tokens_cost_three_cents_and_arrive() {
    let world = World::new().await;
    let (customer, wallet) = world.funded_wallet().await;
    let made = world.made("/v1/transfers", &ten_to(&customer, &wallet, ELSEWHERE)).await;
    let expected = json!({
        "id": made["id"], "type": "transfer", "status": "in_review", "customerId": customer,
        "walletId": wallet, "amount": "10.000000", "fee": "0.030000", "netAmount": "9.970000",
        "sourceCurrency": "usdc", "destinationCurrency": "usdc",
        "destinationPaymentRail": "ethereum", "destinationAddress": ELSEWHERE,
        "destinationTxHash": null, "gasFee": null, "finalAmount": null, "exchangeRate": null,
        "exchangeFee": "0.000000", "reference": null, "clientReferenceId": null, "reason": null,
        "createdAt": made["createdAt"], "updatedAt": made["createdAt"],
    });
    assert_eq!(made, expected);
    let path = format!("/v1/transactions/{}", id(&made));
    assert_eq!(world.shown(&path).await, expected);
    assert_eq!(world.holdings(&wallet, "USDC").await, ["90.000000", "10.000000", "100.000000"]);

    for status in ["funds_received", "payment_submitted", "payment_processed"] {
        let advanced = advance(&world, &id(&made), &json!({ "status": status })).await;
        assert_eq!((&advanced["status"], advanced.get("amount")), (&json!(status), None));
        assert_eq!(world.shown(&path).await["status"], status);
    }
    world.fill_coins().await;
    let arrived = json!({ "status": "completed", "transactionHash": "0xAb", "gas": "0.000021" });
    let completed = advance(&world, &id(&made), &arrived).await;
    assert_eq!(
        (&completed["amount"], &completed["currency"]),
        (&json!("9.970000"), &json!("USDC"))
    );
    let shown = world.shown(&path).await;
    let said = ["status", "destinationTxHash", "gasFee", "finalAmount", "exchangeRate"];
    let said = said.map(|field| shown[field].as_str().unwrap().to_owned());
    assert_eq!(said, ["completed", "0xAb", "0.000021000000000000", "9.970000", "1.000000000"]);
    assert_eq!(world.holdings(&wallet, "USDC").await, ["90.000000", "0.000000", "90.000000"]);
}

#[tokio::test]
async fn a_payout_costs_fifteen_cents_and_arrives_at_the_sandboxs_rate() {
    let world = World::new().await;
    let (customer, wallet) = world.funded_wallet().await;
    for (rail, currency, arrives) in [
        ("faster_payments", "gbp", "7.88"),
        ("sepa", "eur", "9.12"),
        ("ach", "usd", "9.85"),
        ("wire", "usd", "9.85"),
        ("spei", "mxn", "197.00"),
    ] {
        world.fill(&wallet, "USDC", "10").await;
        let made = world.made("/v1/transfers", &ten_by(&customer, &wallet, rail, currency)).await;
        assert_eq!((&made["fee"], &made["netAmount"]), (&json!("0.150000"), &json!("9.850000")));
        assert_eq!(made["destinationAddress"], "20-00-00 55779911");
        assert_eq!((made.get("gasFee"), &made["sourceCurrency"]), (None, &json!("usdc")));
        let completed = advance(&world, &id(&made), &json!({ "status": "completed" })).await;
        assert_eq!(completed["amount"], arrives, "{rail}");
        let shown = world.shown(&format!("/v1/transactions/{}", id(&made))).await;
        assert_eq!(
            (&shown["finalAmount"], &shown["status"]),
            (&json!(arrives), &json!("completed"))
        );
    }
}

#[tokio::test]
async fn what_does_not_arrive_is_available_again_and_what_comes_back_is_without_its_fee() {
    let world = World::new().await;
    let (customer, wallet) = world.funded_wallet().await;
    for (status, released) in [("failed", "10.000000"), ("refunded", "10.000000")] {
        let transfer = world.transfer(&customer, &wallet).await;
        let failed = json!({ "status": status, "reason": "no such account" });
        let said = advance(&world, &transfer, &failed).await;
        assert_eq!((&said["status"], &said["amount"]), (&json!(status), &json!(released)));
        assert_eq!(world.holdings(&wallet, "USDC").await, ["100.000000", "0.000000", "100.000000"]);
        let shown = world.shown(&format!("/v1/transactions/{transfer}")).await;
        assert_eq!(
            (&shown["status"], &shown["reason"]),
            (&json!(status), &json!("no such account"))
        );
    }
    let transfer = world.transfer(&customer, &wallet).await;
    advance(&world, &transfer, &json!({ "status": "completed" })).await;
    let said = advance(&world, &transfer, &json!({ "status": "returned" })).await;
    assert_eq!(said["amount"], "9.970000");
    assert_eq!(world.holdings(&wallet, "USDC").await[0], "99.970000");

    let path = format!("/v1/sandbox/transfers/{transfer}/advance");
    let (status, _, _) = world.refused(&path, &json!({ "status": "completed" })).await;
    assert_eq!(status, 404, "a transfer that came back is over");
    let transfer = world.transfer(&customer, &wallet).await;
    let path = format!("/v1/sandbox/transfers/{transfer}/advance");
    for (body, status, said) in [
        (json!({ "status": "returned" }), 409, "`in_review`"),
        (json!({ "status": "in_review" }), 409, "`in_review`"),
        (json!({ "status": "failed", "transactionHash": "0x1" }), 400, "`transactionHash`"),
        (json!({ "status": "failed", "gas": "0.1" }), 400, "`gas`"),
        (json!({ "status": "completed", "reason": "r" }), 400, "`reason`"),
        (json!({ "status": "funds_received", "reason": "r" }), 400, "`reason`"),
        (json!({ "status": "completed", "gas": "0.0000000000000000001" }), 400, "`gas`"),
    ] {
        let refused = world.refused(&path, &body).await;
        assert_eq!(refused.0, status, "{body}: {}", refused.2);
        assert!(refused.2.contains(said), "{body}: {}", refused.2);
    }
    let deposit = world.fill(&wallet, "USDC", "1").await;
    let deposit = deposit["transactionId"].as_str().unwrap();
    let path = format!("/v1/sandbox/transfers/{deposit}/advance");
    assert_eq!(world.refused(&path, &json!({ "status": "failed" })).await.0, 404);
}

#[tokio::test]
async fn a_transfer_that_can_not_be_is_refused() {
    let world = World::new().await;
    let (customer, wallet) = world.funded_wallet().await;
    let stranger = world.customer().await;
    let poor = world.wallet(&customer).await;
    let tron = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
    let base = ten_to(&customer, &wallet, ELSEWHERE);
    let payout = ten_by(&customer, &wallet, "ach", "usd");
    for (body, changes, status, said) in [
        (&base, json!({ "destinationAddress": tron }), 400, "not an address on `ethereum`"),
        (&base, json!({ "destinationAddress": ELSEWHERE.replace('A', "a") }), 400, "checksum"),
        (
            &base,
            json!({ "destinationPaymentRail": "tron" }),
            400,
            "`destinationCurrency` must be a token",
        ),
        (&base, json!({ "destinationCurrency": "gbp" }), 400, "`destinationCurrency`"),
        (&base, json!({ "sourceCurrency": "usd" }), 400, "`sourceCurrency` must be one of `usdc`"),
        (&base, json!({ "reference": "r" }), 400, "`reference` has no place on a chain"),
        (&base, json!({ "amount": "0.000001" }), 400, "nothing is left after the fee"),
        (&base, json!({ "amount": "100.000001" }), 409, "`100000000`"),
        (&base, json!({ "walletId": poor }), 409, "`0`"),
        (&base, json!({ "customerId": stranger }), 404, "no wallet has this id"),
        (&payout, json!({ "destinationCurrency": "eur" }), 400, "must be `usd` on this rail"),
        (
            &payout,
            json!({ "destinationAddress": "pa_01h455vb4pex5vsknk084sn02q" }),
            400,
            "counterparty",
        ),
        (&payout, json!({ "reference": "elevenchars" }), 400, "at most 10 characters"),
        (&payout, json!({ "clientReference": "x" }), 400, "`clientReference` is not known"),
    ] {
        let mut body = body.clone();
        for (field, value) in changes.as_object().unwrap() {
            body[field] = value.clone();
        }
        let refused = world.refused("/v1/transfers", &body).await;
        assert_eq!(refused.0, status, "{changes}: {}", refused.2);
        assert!(refused.2.contains(said), "{changes}: {}", refused.2);
    }
    world.judge(&customer, "locked").await;
    let (status, _, message) = world.refused("/v1/transfers", &base).await;
    assert_eq!((status, message.contains("`transfers`")), (400, true), "{message}");
}

#[tokio::test]
async fn the_address_is_in_the_vault_only() {
    let world = World::new().await;
    let (customer, wallet) = world.funded_wallet().await;
    let payout = ten_by(&customer, &wallet, "ach", "usd");
    let transfer = id(&world.made("/v1/transfers", &payout).await);
    assert!(!String::from_utf8_lossy(&world.journal()).contains("55779911"));
    let user = customer.replace("cus_", "user_");
    world.forget(&user);
    let shown = world.shown(&format!("/v1/transactions/{transfer}")).await;
    assert_eq!(shown["destinationAddress"], Value::Null);
    let (status, code, message) = world.refused("/v1/transfers", &payout).await;
    assert_eq!((status, code.as_str()), (409, "CONFLICT"));
    assert_eq!(message, format!("the user `{user}` is erased"));
}

#[tokio::test]
async fn transactions_are_found_by_what_they_are() {
    let world = World::new().await;
    let (customer, wallet) = world.funded_wallet().await;
    let transfer = world.transfer(&customer, &wallet).await;
    let done = world.transfer(&customer, &wallet).await;
    advance(&world, &done, &json!({ "status": "completed" })).await;
    let (other, _) = world.funded_wallet().await;
    let count = async |query: &str| {
        let found = world.shown(&format!("/v1/transactions?{query}")).await;
        found["items"].as_array().unwrap().len()
    };
    let of_customer = format!("customerId={customer}");
    for (query, expected) in [
        (String::new(), 4),
        (of_customer.clone(), 3),
        (format!("customerId={other}"), 1),
        (format!("walletId={wallet}"), 3),
        ("type=transfer".to_owned(), 2),
        ("type=wallet_deposit".to_owned(), 2),
        (format!("{of_customer}&status=completed"), 2),
        (format!("{of_customer}&status=in_review"), 1),
        ("status=failed".to_owned(), 0),
        ("type=wallet_deposit&status=payment_submitted".to_owned(), 0),
        ("createdAfter=2020-01-01T00:00:00Z".to_owned(), 4),
        ("createdBefore=2020-01-01T00:00:00Z".to_owned(), 0),
    ] {
        assert_eq!(count(&query).await, expected, "{query}");
    }
    let newest = world.shown(&format!("/v1/transactions?{of_customer}&limit=1")).await;
    assert_eq!(newest["items"][0]["id"], json!(done));
    let cursor = newest["nextCursor"].as_str().unwrap();
    let next = world.shown(&format!("/v1/transactions?limit=1&cursor={cursor}")).await;
    assert_eq!(next["items"][0]["id"], json!(transfer));
    for query in ["userId=x", "type=card", "status=settled", "createdAfter=1", "customerId=user_x"]
    {
        let reply = world.ask_money(&format!("/v1/transactions?{query}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query}: {}", reply.text);
    }
}

#[tokio::test]
async fn on_a_shared_path_each_key_sees_what_its_surface_has() {
    let world = World::new().await;
    let card = world.funded_card().await;
    let decision = world.authorize(&card, 100).await;
    let of_card = decision["transactionId"].as_str().unwrap();
    let (customer, wallet) = world.funded_wallet().await;
    let transfer = world.transfer(&customer, &wallet).await;
    assert_eq!(world.ask_money(&format!("/v1/transactions/{of_card}")).await.status, 404);
    assert_eq!(world.get(&format!("/v1/transactions/{transfer}")).await.status, 404);
    world.shown(&format!("/v1/transactions/{transfer}")).await;
    world.seen(&format!("/v1/transactions/{of_card}")).await;
    let cards = world.seen("/v1/transactions").await;
    assert_eq!(cards["data"].as_array().unwrap().len(), 2, "{cards}");
}

#[tokio::test]
async fn the_treasury_sells_what_the_programme_has() {
    let world = World::new().await;
    let (_, wallet) = world.funded_wallet().await;
    let path = "/v1/sandbox/treasury/conversions";
    let money = |asset: &str, amount: &str| json!({ "asset": asset, "amount": amount });
    let sale = json!({ "sold": money("USDC", "40"), "bought": money("usd", "39.99") });
    let done = world.made(path, &sale).await;
    assert_eq!(done["sold"], money("USDC", "40.000000"));
    assert_eq!(done["bought"], money("USD", "39.99"));
    assert_eq!(world.holdings(&wallet, "USDC").await[0], "100.000000");
    for (sale, status) in [
        (json!({ "sold": money("USDC", "60.000001"), "bought": money("USD", "1") }), 409),
        (json!({ "sold": money("USD", "1"), "bought": money("USD", "1") }), 400),
        (json!({ "sold": money("USD", "1"), "bought": money("ETH", "1000000.1") }), 400),
    ] {
        assert_eq!(world.refused(path, &sale).await.0, status, "{sale}");
    }
}

impl World {
    /// The programme buys what chains are paid in.
    async fn fill_coins(&self) {
        let sale = json!({
            "sold": { "asset": "USDC", "amount": "1" }, "bought": { "asset": "ETH", "amount": "0.0005" },
        });
        self.made("/v1/sandbox/treasury/conversions", &sale).await;
    }
}

#[tokio::test]
async fn transfers_are_found_by_what_the_platform_calls_them() {
    let world = World::new().await;
    let (customer, wallet) = world.funded_wallet().await;
    let mut named = ten_to(&customer, &wallet, ELSEWHERE);
    named["clientReferenceId"] = json!("order 7");
    let one = world.made("/v1/transfers", &named).await;
    let two = world.made("/v1/transfers", &named).await;
    let other = world.transfer(&customer, &wallet).await;
    assert_ne!(one["id"], two["id"], "a name counts nothing: a key does");
    for made in [&one, &two] {
        let shown = world.shown(&format!("/v1/transactions/{}", id(made))).await;
        assert_eq!((&shown["clientReferenceId"], &shown), (&json!("order 7"), made));
    }
    let listed = async |query: &str| -> Vec<Value> {
        let listed = world.shown(&format!("/v1/transactions{query}")).await;
        listed["items"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect()
    };
    let both = [two["id"].clone(), one["id"].clone()];
    assert_eq!(listed("?clientReferenceId=order%207").await, both);
    assert_eq!(listed(&format!("?clientReferenceId=order%207&walletId={wallet}")).await, both);
    assert_eq!(listed("?clientReferenceId=order%207&status=failed").await, [] as [Value; 0]);
    assert_eq!(listed("?clientReferenceId=order%207&type=wallet_deposit").await, [] as [Value; 0]);
    assert_eq!(listed("?clientReferenceId=order").await, [] as [Value; 0]);
    assert_eq!(listed("?type=transfer").await, [&[json!(other)][..], &both].concat());
    for wrong in ["", "%20", "a%0Ab"] {
        let path = format!("/v1/transactions?clientReferenceId={wrong}");
        assert_eq!(world.ask_money(&path).await.status.as_u16(), 400, "{wrong}");
    }
}
