//! Writes of the sandbox about people, deposits and cards.

use serde_json::json;

use super::Case;
use super::Kind::{self, *};
use crate::world::World;

const OF_A_MESSAGE: &[(&str, Kind)] = &[("amount", Cents), ("networkId", Text { max: 100 })];

/// What the network says of a purchase: these, and the amount.
const OF_A_CAPTURE: &[(&str, Kind)] =
    &[("amount", Cents), ("merchant", Object), ("merchant.name", Text { max: 100 })];

const OF_A_PURCHASE: &[(&str, Kind)] = &[
    ("currency", Currency),
    ("networkId", Text { max: 100 }),
    ("merchant.mcc", Mcc),
    ("merchant.city", Text { max: 50 }),
    ("merchant.country", Country),
];

/// In the order in which they can all be done.
pub(super) async fn cases(world: &World) -> Vec<Case> {
    let user = world.funded_user(500).await;
    let (agent, _) = world.agent(&user).await;
    let card = world.card(&agent).await;
    let other = world.user().await;
    let address = world.address(&user, "USDC", "solana").await;
    let purchase = json!({ "amount": 1_000, "merchant": { "name": "m" } });
    let of_transaction = async |verb: &str| {
        let held = world.authorize(&card, 1_000).await;
        format!("/v1/sandbox/transactions/{}/{verb}", held["transactionId"].as_str().unwrap())
    };
    let of_cleared = async |verb: &str| {
        let path = of_transaction("clear").await;
        world.done(&path, &json!({})).await;
        path.replace("/clear", &format!("/{verb}"))
    };
    let refund_reversal = of_cleared("refund").await;
    world.done(&refund_reversal, &json!({})).await;
    let refund_reversal = refund_reversal.replace("/refund", "/refund-reversal");
    let lost = world.done("/v1/sandbox/network/presentments", &purchase).await;
    let lost = lost["transactionId"].as_str().unwrap();
    vec![
        Case::post(
            format!("/v1/sandbox/verifications/{other}"),
            json!({ "outcome": "needsInformation" }),
            &[("outcome", Word)],
            &[("requiredFields", List), ("reason", Word)],
        ),
        Case::post(
            "/v1/sandbox/deposits",
            json!({ "address": address, "asset": "USDC", "amount": "1" }),
            &[("address", Address), ("asset", Currency), ("amount", Decimal)],
            &[
                ("transactionHash", Text { max: 100 }),
                ("index", Count { min: 0, max: u32::MAX as u64 }),
            ],
        ),
        Case::post(
            format!("/v1/sandbox/cards/{card}/authorizations"),
            purchase.clone(),
            &[("amount", CentsOrZero), ("merchant", Object), ("merchant.name", Text { max: 100 })],
            &[
                ("currency", Currency),
                ("networkId", Text { max: 100 }),
                ("merchant.mcc", Mcc),
                ("merchant.city", Text { max: 50 }),
                ("merchant.country", Country),
                ("partialAllowed", Boolean),
                ("advice", Boolean),
                ("singleMessage", Boolean),
            ],
        ),
        Case::post(
            of_transaction("increment").await,
            json!({ "amount": 1 }),
            &[("amount", Cents)],
            &[("networkId", Text { max: 100 })],
        ),
        Case::post(
            of_transaction("confirm").await,
            json!({ "amount": 1 }),
            &[("amount", Cents)],
            &[("networkId", Text { max: 100 })],
        ),
        Case::post(of_transaction("reverse").await, json!({}), &[], OF_A_MESSAGE),
        Case::post(
            of_transaction("clear").await,
            json!({}),
            &[],
            &[("amount", Cents), ("final", Boolean), ("networkId", Text { max: 100 })],
        ),
        Case::post(of_cleared("correct").await, json!({}), &[], OF_A_MESSAGE),
        Case::post(of_transaction("refund").await, json!({}), &[], OF_A_MESSAGE),
        Case::post(refund_reversal, json!({}), &[], OF_A_MESSAGE),
        Case::post(
            format!("/v1/sandbox/cards/{card}/force-clear"),
            purchase.clone(),
            OF_A_CAPTURE,
            &[
                ("currency", Currency),
                ("networkId", Text { max: 100 }),
                ("authorizationNetworkId", Text { max: 100 }),
                ("merchant.mcc", Mcc),
                ("merchant.city", Text { max: 50 }),
                ("merchant.country", Country),
            ],
        ),
        Case::post(
            format!("/v1/sandbox/cards/{card}/unlinked-refund"),
            purchase.clone(),
            OF_A_CAPTURE,
            OF_A_PURCHASE,
        ),
        Case::post("/v1/sandbox/network/presentments", purchase, OF_A_CAPTURE, OF_A_PURCHASE),
        Case::post(
            format!("/v1/sandbox/transactions/{lost}/assign"),
            json!({ "cardId": card }),
            &[("cardId", Id)],
            &[],
        ),
        Case::post(
            "/v1/sandbox/network/settle",
            json!({}),
            &[],
            &[("date", Day), ("fees", CentsOrZero)],
        ),
        Case::post(
            "/v1/sandbox/clock",
            json!({ "advance": "PT1S" }),
            &[("advance", Duration)],
            &[],
        ),
    ]
}
