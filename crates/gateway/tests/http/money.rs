//! Customers with wallets, and ledgers: what the tests of these need, with a key of the Ledger API.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{Reply, World, id};

/// A USDC address of nobody here, on Ethereum and chains like it.
pub(crate) const ELSEWHERE: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

impl World {
    /// Sends a POST with a key of the Ledger API.
    pub(crate) async fn send_money(&self, path: &str, body: &Value) -> Reply {
        self.raw(Method::POST, path, &[("x-api-key", &self.ld)], body.to_string()).await
    }

    /// Asks with a key of the Ledger API.
    pub(crate) async fn ask_money(&self, path: &str) -> Reply {
        self.raw(Method::GET, path, &[("x-api-key", &self.ld)], "").await
    }

    /// The data of what must succeed.
    pub(crate) async fn made(&self, path: &str, body: &Value) -> Value {
        let reply = self.send_money(path, body).await;
        assert!(reply.status.is_success(), "{path} {body}: {}", reply.text);
        data(&reply)
    }

    /// The data of what must be there.
    pub(crate) async fn shown(&self, path: &str) -> Value {
        let reply = self.ask_money(path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
        data(&reply)
    }

    /// What a refusal says: status, code and message.
    pub(crate) async fn refused(&self, path: &str, body: &Value) -> (u16, String, String) {
        let reply = self.send_money(path, body).await;
        let said = reply.json();
        let error = if said.get("error").is_some() { &said["error"] } else { &said };
        let text = |name: &str| error[name].as_str().unwrap().to_owned();
        (reply.status.as_u16(), text("code"), text("message"))
    }

    /// A customer who was not verified.
    pub(crate) async fn stranger(&self) -> String {
        let person = json!({
            "type": "individual", "email": "ada@example.com", "firstName": "Ada", "lastName": "Byron",
        });
        id(&self.made("/v1/customers", &person).await)
    }

    /// A customer who may have wallets.
    pub(crate) async fn customer(&self) -> String {
        let customer = self.stranger().await;
        self.judge(&customer, "approved").await;
        customer
    }

    /// What the verifier says of a customer.
    pub(crate) async fn judge(&self, customer: &str, outcome: &str) {
        let path = format!("/v1/sandbox/verifications/{customer}");
        self.made(&path, &json!({ "outcome": outcome })).await;
    }

    /// A wallet of the customer.
    pub(crate) async fn wallet(&self, customer: &str) -> String {
        id(&self.made("/v1/crypto-wallets", &json!({ "customerId": customer })).await)
    }

    /// A wallet's address on a chain.
    pub(crate) async fn wallet_address(&self, wallet: &str, chain: &str) -> String {
        let path = format!("/v1/crypto-wallets/{wallet}/crypto-deposit-addresses");
        let addresses = self.shown(&path).await;
        let mut items = addresses["items"].as_array().unwrap().iter();
        let found = items.find(|address| address["chain"] == chain).unwrap();
        found["address"].as_str().unwrap().to_owned()
    }

    /// Tokens arrive at a wallet.
    pub(crate) async fn fill(&self, wallet: &str, asset: &str, amount: &str) -> Value {
        let address = self.wallet_address(wallet, "solana").await;
        let deposit = json!({ "address": address, "asset": asset, "amount": amount });
        self.made("/v1/sandbox/deposits", &deposit).await
    }

    /// A customer, and a wallet with 100 USDC.
    pub(crate) async fn funded_wallet(&self) -> (String, String) {
        let customer = self.customer().await;
        let wallet = self.wallet(&customer).await;
        self.fill(&wallet, "USDC", "100").await;
        (customer, wallet)
    }

    /// What a wallet has of an asset: available, held, settled.
    pub(crate) async fn holdings(&self, wallet: &str, asset: &str) -> [String; 3] {
        let balance = self.shown(&format!("/v1/crypto-wallets/{wallet}/balance")).await;
        let mut balances = balance["balances"].as_array().unwrap().iter();
        let found = balances.find(|balance| balance["asset"] == asset).unwrap();
        ["available", "held", "settled"].map(|part| found[part].as_str().unwrap().to_owned())
    }

    /// Ten USDC to an address.
    pub(crate) async fn transfer(&self, customer: &str, wallet: &str) -> String {
        id(&self.made("/v1/transfers", &ten_to(customer, wallet, ELSEWHERE)).await)
    }

    /// A ledger in US dollars.
    pub(crate) async fn ledger(&self, code: &str, kind: &str) -> String {
        let ledger = json!({ "code": code, "name": "A ledger", "type": kind, "currency": "USD" });
        id(&self.made("/v1/ledgers", &ledger).await)
    }

    /// An asset ledger and two of liabilities, the first with 100.00.
    pub(crate) async fn books(&self) -> [String; 3] {
        let cash = self.ledger("cash", "asset").await;
        let (ada, bob) =
            (self.ledger("ada", "liability").await, self.ledger("bob", "liability").await);
        let journal = json!({ "entries": [
            { "ledger_id": cash, "type": "debit", "amount": 100_00 },
            { "ledger_id": ada, "type": "credit", "amount": 100_00 },
        ]});
        self.made("/v1/ledgers/journals", &journal).await;
        [cash, ada, bob]
    }
}

/// A transfer of ten USDC on Ethereum.
pub(crate) fn ten_to(customer: &str, wallet: &str, address: &str) -> Value {
    json!({
        "customerId": customer, "walletId": wallet, "amount": "10.00", "destinationCurrency": "usdc",
        "destinationPaymentRail": "ethereum", "destinationAddress": address,
    })
}

/// What the Ledger API wraps, and Ledgers says bare.
fn data(reply: &Reply) -> Value {
    let said = reply.json();
    match said.get("ok") {
        Some(_) => said["data"].clone(),
        None => said,
    }
}
