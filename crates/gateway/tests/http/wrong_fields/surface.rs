//! Writes of LedgerOS.

use serde_json::json;

use super::Case;
use super::Kind::*;
use crate::world::{World, id};

pub(super) async fn cases(world: &World) -> Vec<Case> {
    let user = world.funded_user(500).await;
    let (agent, _) = world.agent(&user).await;
    let card = world.card(&agent).await;
    let other = world.user().await;
    let webhook = json!({ "url": "https://example.com", "events": ["*"] });
    let webhook = id(&world.done("/v1/webhooks", &webhook).await);
    vec![
        Case::post(
            "/v1/users",
            json!({"firstName": "J", "lastName": "D", "email": "j@example.com"}),
            &[("firstName", Text { max: 100 }), ("lastName", Text { max: 100 }), ("email", Email)],
            &[],
        ),
        Case::post("/v1/keys", json!({ "scope": "read" }), &[("scope", Word)], &[("family", Word)]),
        Case::post("/v1/verification/user", json!({ "userId": other }), &[("userId", Id)], &[]),
        Case::post(
            "/v1/agents/register",
            json!({
                "userId": user, "name": "n", "spendingLimit": 1, "spendingLimitFrequency": "perWeek",
            }),
            &[
                ("userId", Id),
                ("name", Text { max: 100 }),
                ("spendingLimit", Cents),
                ("spendingLimitFrequency", Word),
            ],
            &[
                ("description", Text { max: 500 }),
                ("externalId", Text { max: 100 }),
                ("onLimitExceeded", Word),
                ("maxCards", Count { min: 1, max: 1_000_000 }),
            ],
        ),
        Case::patch(
            format!("/v1/agents/{agent}"),
            json!({ "spendingLimit": 1_000_000, "spendingLimitFrequency": "perWeek" }),
            &[
                ("spendingLimit", Cents),
                ("spendingLimitFrequency", Word),
                ("onLimitExceeded", Word),
                ("maxCards", OrNull(&Count { min: 1, max: 1_000_000 })),
            ],
        ),
        Case::post(
            format!("/v1/agents/{agent}/cards"),
            json!({
                "purpose": "p", "type": "single", "maxAmount": 1, "limits": {},
                "activeHours": { "from": "22:00", "until": "06:00" },
            }),
            &[
                ("purpose", Text { max: 500 }),
                ("type", Word),
                ("maxAmount", Cents),
                ("activeHours.from", TimeOfDay),
                ("activeHours.until", TimeOfDay),
            ],
            &[
                ("limits", Object),
                ("limits.perAuth", Cents),
                ("limits.perDay", Cents),
                ("limits.perMonth", Cents),
                ("maxAuthCount", Count { min: 1, max: 1_000_000 }),
                ("ttlDays", Count { min: 1, max: 1_460 }),
                ("allowedMccs", Mccs),
                ("blockedMccs", Mccs),
                ("merchantHint", Text { max: 100 }),
                ("activeHours", Object),
                ("cooldownMinutes", Count { min: 0, max: 525_600 }),
                ("attestationWindowMinutes", Count { min: 1, max: 525_600 }),
                ("requireIntent", Boolean),
                ("enforcement", Word),
                ("approvalAbove", CentsOrZero),
            ],
        ),
        Case::patch(
            format!("/v1/cards/{card}"),
            json!({ "maxAmount": 500_000, "limits": {} }),
            &[
                ("maxAmount", Cents),
                ("limits", Object),
                ("limits.perAuth", OrNull(&Cents)),
                ("limits.perDay", OrNull(&Cents)),
                ("limits.perMonth", OrNull(&Cents)),
            ],
        ),
        Case::post(
            format!("/v1/cards/{card}/intents"),
            json!({ "summary": "s", "amount": 1, "merchantText": "m" }),
            &[
                ("summary", Text { max: 500 }),
                ("amount", Cents),
                ("merchantText", Text { max: 100 }),
            ],
            &[
                ("currency", Currency),
                ("expectedMccs", Mccs),
                ("toleranceAmount", CentsOrZero),
                ("tolerancePercent", Count { min: 0, max: 100 }),
                ("reserve", Boolean),
                ("enforcement", Word),
                ("ttlMinutes", Count { min: 1, max: 10_080 }),
            ],
        ),
        Case::post(
            format!("/v1/cards/{card}/details"),
            json!({ "summary": "s", "expectedAmount": 1, "merchantText": "m" }),
            &[
                ("summary", Text { max: 500 }),
                ("expectedAmount", Cents),
                ("merchantText", Text { max: 100 }),
            ],
            &[("intentId", Id)],
        ),
        Case::post(
            "/v1/webhooks",
            json!({ "url": "https://example.com", "events": ["*"] }),
            &[("url", Url), ("events", List)],
            &[],
        ),
        Case::patch(
            format!("/v1/webhooks/{webhook}"),
            json!({ "status": "enabled" }),
            &[("url", Url), ("events", List), ("status", Word)],
        ),
        Case::post(
            format!("/v1/webhooks/{webhook}/replay"),
            json!({ "fromPosition": 1 }),
            &[("fromPosition", Cents)],
            &[],
        ),
    ]
}
