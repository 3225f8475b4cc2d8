//! Plays a payment on a ledger of its own, a wallet and ledgers beside it, and shows what they do to the books.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::embedded::Embedded;

mod stage;
mod verdict;

use stage::{Expect, Stage, say};

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
    let user = card(stage).await?;
    wallet(stage, &user).await?;
    ledgers(stage).await
}

/// A user's money is spent with a card.
async fn card(stage: &mut Stage) -> Result<String> {
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
    stage.expect(Expect { available: 20_001, pending: 0, settled: 20_001 }).await?;

    let path = "/v1/sandbox/network/settle";
    stage.post("The day is settled with the network", path, &json!({ "fees": 20 })).await?;
    stage.expect(Expect { available: 20_001, pending: 0, settled: 20_001 }).await?;
    Ok(user)
}

/// The same person, as a customer of the Ledger API, holds tokens and sends some.
async fn wallet(stage: &mut Stage, user: &str) -> Result<()> {
    let customer = user.replacen("user_", "cus_", 1);
    let asked = json!({ "customerId": customer });
    let wallet = stage.post("A wallet for tokens", "/v1/crypto-wallets", &asked).await?;
    let wallet = stage.follow("walletId", &wallet, "id")?;

    let address = stage.wallet_address(&wallet, "base").await?;
    let deposit = json!({ "address": address, "asset": "USDC", "amount": "100.00" });
    stage.post("100 USDC arrive", "/v1/sandbox/deposits", &deposit).await?;
    stage.wallet_has(&wallet, "100.00").await?;

    let payout = json!({
        "customerId": customer, "walletId": wallet, "amount": "10.00",
        "destinationCurrency": "usdc", "destinationPaymentRail": "ethereum",
        "destinationAddress": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    });
    let transfer = stage.post("10 USDC leave", "/v1/transfers", &payout).await?;
    let transfer = stage.follow("transferId", &transfer, "id")?;
    let path = format!("/v1/sandbox/transfers/{transfer}/advance");
    let arrived = json!({ "status": "completed", "gas": "0.000021" });
    stage.post("… and have arrived", &path, &arrived).await?;
    stage.wallet_has(&wallet, "90.00").await
}

/// The platform's own accounts.
async fn ledgers(stage: &mut Stage) -> Result<()> {
    let mut ids = Vec::new();
    for (title, code, kind) in [
        ("A ledger for cash", "cash", "asset"),
        ("… for the marketing budget", "budget:marketing", "liability"),
        ("… and for travel", "budget:travel", "liability"),
    ] {
        let ledger = json!({ "code": code, "name": code, "type": kind, "currency": "USD" });
        let ledger = stage.post(title, "/v1/ledgers", &ledger).await?;
        ids.push(stage.follow("ledgerId", &ledger, "id")?);
    }
    let journal = json!({ "entries": [
        { "ledger_id": ids[0], "type": "debit", "amount": 100_000 },
        { "ledger_id": ids[1], "type": "credit", "amount": 100_000 },
    ] });
    stage.post("The budget is funded", "/v1/ledgers/journals", &journal).await?;
    let path = format!("/v1/ledgers/{}/transfer", ids[1]);
    let transfer = json!({ "destination_ledger_id": ids[2], "amount": 25_000 });
    stage.post("A quarter of it goes to travel", &path, &transfer).await?;
    say("");
    Ok(())
}
