//! Plays a payment on a ledger of its own, and shows what it does to the books.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::embedded::Embedded;

mod stage;
mod verdict;

use stage::{Expect, Stage};

/// Plays the payment. Fails when anything is not as expected.
pub(crate) fn run() -> Result<ExitCode> {
    let began = Instant::now();
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let ledger = Embedded::start(folder.path(), "127.0.0.1:0".parse()?).await?;
        let mut stage = Stage::set(&ledger, folder.path()).await?;
        let played = play(&mut stage).await;
        drop(stage);
        ledger.stop().await?;
        played
    })?;
    verdict::print(folder.path(), began)
}

async fn play(stage: &mut Stage) -> Result<()> {
    let user = stage
        .post(
            "A user",
            "/v1/users",
            &json!({
                "firstName": "John", "lastName": "Doe", "email": "john.doe@example.com",
            }),
        )
        .await?;
    let user = stage.follow("userId", &user, "id")?;

    let started = json!({ "userId": user });
    stage.post("Verification begins", "/v1/verification/user", &started).await?;
    let path = format!("/v1/sandbox/verifications/{user}");
    stage.post("… and is approved", &path, &json!({ "outcome": "approved" })).await?;

    let address = stage.deposit_address(&user).await?;
    let deposit = json!({ "address": address, "asset": "USDC", "amount": "500.00" });
    stage.post("500 USDC arrive", "/v1/sandbox/deposits", &deposit).await?;
    stage.expect(Expect { available: 50_000, pending: 0, settled: 50_000 }).await?;

    let agent = stage
        .post(
            "An agent",
            "/v1/agents/register",
            &json!({
                "userId": user, "name": "checkout-bot", "description": "Handles online purchases",
                "spendingLimit": 50000, "spendingLimitFrequency": "perMonth",
            }),
        )
        .await?;
    let agent = stage.follow("agentId", &agent, "id")?;

    let path = format!("/v1/agents/{agent}/cards");
    let card = stage
        .post(
            "A card for one purchase",
            &path,
            &json!({
                "purpose": "Purchase wireless headphones from Amazon", "type": "single",
                "maxAmount": 40000,
            }),
        )
        .await?;
    let card = stage.follow("cardId", &card, "id")?;

    let path = format!("/v1/cards/{card}/intents");
    let intent = stage
        .post("The agent says what it will buy", &path, &json!({
            "summary": "Buy Sony WH-1000XM5 headphones", "amount": 34999, "merchantText": "Amazon",
        }))
        .await?;
    let intent = stage.follow("intentId", &intent, "id")?;

    let path = format!("/v1/cards/{card}/details");
    let details = json!({
        "summary": "Buy Sony WH-1000XM5 headphones", "expectedAmount": 34999,
        "merchantText": "Amazon",
    });
    stage.post("… and reads the card's details", &path, &details).await?;
    stage.expect(Expect { available: 50_000, pending: 0, settled: 50_000 }).await?;

    let path = format!("/v1/sandbox/cards/{card}/authorizations");
    let purchase = json!({
        "amount": 34999,
        "merchant": { "name": "AMAZON.COM*MK1AB", "mcc": "5732", "country": "US" },
    });
    let approved = stage.post("The merchant asks: money is held", &path, &purchase).await?;
    let transaction = stage.follow("transactionId", &approved, "transactionId")?;
    stage.expect(Expect { available: 15_001, pending: 34_999, settled: 50_000 }).await?;
    stage.status("the intent", &format!("/v1/intents/{intent}"), "matched").await?;

    let path = format!("/v1/sandbox/transactions/{transaction}/clear");
    stage.post("The merchant captures: money moves", &path, &json!({})).await?;
    stage.expect(Expect { available: 15_001, pending: 0, settled: 15_001 }).await?;
    stage.status("the card", &format!("/v1/cards/{card}"), "closed").await?;

    let path = format!("/v1/sandbox/transactions/{transaction}/refund");
    stage.post("The merchant gives 50.00 back", &path, &json!({ "amount": 5000 })).await?;
    stage.expect(Expect { available: 20_001, pending: 0, settled: 20_001 }).await?;
    let path = format!("/v1/transactions/{transaction}");
    stage.status("the transaction", &path, "refunded").await?;

    let again = json!({ "amount": 1000, "merchant": { "name": "Amazon" } });
    let path = format!("/v1/sandbox/cards/{card}/authorizations");
    let declined = stage.post("The used card is tried again", &path, &again).await?;
    ensure!(declined["declineReason"] == "card_closed", "a used card was not declined: {declined}");
    stage.expect(Expect { available: 20_001, pending: 0, settled: 20_001 }).await
}
