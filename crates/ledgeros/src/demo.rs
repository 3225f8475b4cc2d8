//! Plays a payment, a wallet and ledgers beside it, and shows what they do to the books: on a ledger of its own, or on one
//! that is running.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::embedded::Embedded;
use crate::folder;

mod stage;
mod verdict;

use stage::{Expect, Stage, say};

/// Where to play.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Where a ledger is running, such as `http://127.0.0.1:8080`; one of its own is started, if not given.
    #[arg(long, requires = "data")]
    against: Option<String>,
    /// The folder of that ledger: its keys, and its journal, which is shown and verified.
    #[arg(long, requires = "against")]
    data: Option<PathBuf>,
}

/// Plays the payment. Fails when anything is not as expected.
pub(crate) fn run(place: &Place) -> Result<ExitCode> {
    let began = Instant::now();
    let runtime = Runtime::new()?;
    if let (Some(url), Some(data)) = (&place.against, &place.data) {
        let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
        let authority = authority.with_context(|| format!("`{url}` is not `http://HOST:PORT`"))?;
        runtime.block_on(play(authority, data))?;
        return verdict::print(data, began);
    }
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    runtime.block_on(async {
        let ledger = Embedded::start(folder.path(), "127.0.0.1:0".parse()?).await?;
        let played = play(&ledger.address().to_string(), folder.path()).await;
        ledger.stop().await?;
        played
    })?;
    verdict::print(folder.path(), began)
}

async fn play(authority: &str, data: &Path) -> Result<()> {
    let keys = folder::keys_of(data)?.context("the folder has no keys")?;
    let mut stage = Stage::set(authority, &keys, data).await?;
    let user = card(&mut stage).await?;
    wallet(&mut stage, &user).await?;
    ledgers(&mut stage).await
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
    // Who plays a second time finds the codes of the first taken.
    let time = stage.position();
    for (title, name, kind) in [
        ("A ledger for cash", "cash", "asset"),
        ("… for the marketing budget", "budget:marketing", "liability"),
        ("… and for travel", "budget:travel", "liability"),
    ] {
        let code = format!("{name}:{time}");
        let ledger = json!({ "code": code, "name": name, "type": kind, "currency": "USD" });
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
