//! Wallets, the addresses and accounts that lead to them, and what arrives there.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::world::{World, id};

#[tokio::test]
async fn a_wallet_is_what_seed_001_shows() {
    let world = World::new().await;
    let customer = world.customer().await;
    let reply = world.send_money("/v1/crypto-wallets", &json!({ "customerId": customer })).await;
    assert_eq!(reply.status, StatusCode::OK);
    let said = reply.json();
    assert_eq!(said["ok"], true);
    let wallet = &said["data"];
    let mut fields: Vec<_> = wallet.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["createdAt", "customerId", "id", "status", "updatedAt"]);
    assert!(id(wallet).starts_with("wal_"));
    assert_eq!((&wallet["customerId"], &wallet["status"]), (&json!(customer), &json!("active")));
    assert_eq!(&world.shown(&format!("/v1/crypto-wallets/{}", id(wallet))).await, wallet);

    let other = world.customer().await;
    let others = world.wallet(&other).await;
    let listed = world.shown(&format!("/v1/crypto-wallets?customerId={other}")).await;
    let items = listed["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["id"]), (1, &json!(others)));
    let all = world.shown("/v1/crypto-wallets").await;
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn without_the_capability_nothing_is_opened() {
    let world = World::new().await;
    let stranger = world.stranger().await;
    let nobody = "cus_01h455vb4pex5vsknk084sn02q";
    for (path, capability, body) in [
        ("/v1/crypto-wallets", "cryptoWallets", json!({})),
        ("/v1/virtual-accounts", "virtualAccounts", json!({ "sourceCurrency": "usd" })),
    ] {
        let of = |customer: &str| {
            let mut body = body.clone();
            body["customerId"] = json!(customer);
            body
        };
        let (status, code, message) = world.refused(path, &of(&stranger)).await;
        assert_eq!((status, code.as_str()), (400, "INVALID_REQUEST"), "{path}");
        assert!(message.contains(&format!("`{capability}`")), "{message}");
        let (status, code, message) = world.refused(path, &of(nobody)).await;
        assert_eq!((status, code.as_str()), (404, "NOT_FOUND"), "{path}");
        assert_eq!(message, "no customer has this id");
    }
}

#[tokio::test]
async fn a_wallet_has_an_address_on_each_chain_and_what_comes_there_is_its_own() {
    let world = World::new().await;
    let customer = world.customer().await;
    let wallet = world.wallet(&customer).await;
    let path = format!("/v1/crypto-wallets/{wallet}/crypto-deposit-addresses");
    let addresses = world.shown(&path).await;
    let addresses = addresses["items"].as_array().unwrap();
    let chains: Vec<_> = addresses.iter().map(|a| a["chain"].as_str().unwrap()).collect();
    let all =
        ["solana", "ethereum", "arbitrum", "base", "optimism", "polygon", "avalanche", "tron"];
    assert_eq!(chains, all);
    for address in addresses {
        assert!(id(address).starts_with("cda_"));
        let asset = address["assets"][0].clone();
        let deposit = json!({ "address": address["address"], "asset": asset, "amount": "1.5" });
        let done = world.made("/v1/sandbox/deposits", &deposit).await;
        assert_eq!((&done["walletId"], &done["chain"]), (&json!(wallet), &address["chain"]));
        assert_eq!((&done["credited"], &done["currency"]), (&json!("1.500000"), &asset));
    }
    assert_eq!(world.holdings(&wallet, "USDC").await, ["10.500000", "0.000000", "10.500000"]);
    assert_eq!(world.holdings(&wallet, "USDT").await, ["1.500000", "0.000000", "1.500000"]);
    let user = customer.replace("cus_", "user_");
    let cash = world.seen(&format!("/v1/balances/{user}")).await;
    assert_eq!((&cash["available"], &cash["deposited"]), (&json!(0), &json!(0)));

    let deposit = json!({ "address": addresses[7]["address"], "asset": "EURC", "amount": "1" });
    let (status, _, message) = world.refused("/v1/sandbox/deposits", &deposit).await;
    assert_eq!((status, message.as_str()), (400, "`asset` is not taken on `tron`"));
}

#[tokio::test]
async fn a_balance_is_the_sum_of_its_tokens_in_dollars() {
    let world = World::new().await;
    let customer = world.customer().await;
    let wallet = world.wallet(&customer).await;
    let path = format!("/v1/crypto-wallets/{wallet}/balance");
    let empty = json!({ "walletId": wallet, "balance": "0.00", "balances": [] });
    assert_eq!(world.shown(&path).await, empty);
    for (asset, amount) in [("USDC", "1.409999"), ("EURC", "2.5"), ("PYUSD", "0.300002")] {
        world.fill(&wallet, asset, amount).await;
    }
    let balance = world.shown(&path).await;
    assert_eq!(balance["balance"], "4.41", "4.410001, rounded once");
    assert_eq!(balance["balances"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_deposit_for_a_locked_customer_waits_for_approval() {
    let world = World::new().await;
    let customer = world.customer().await;
    let wallet = world.wallet(&customer).await;
    world.judge(&customer, "locked").await;
    let deposit = world.fill(&wallet, "USDC", "5").await;
    assert_eq!(deposit["released"], false);
    assert_eq!(world.holdings(&wallet, "USDC").await, ["0.000000", "0.000000", "0.000000"]);
    let path = format!("/v1/transactions/{}", deposit["transactionId"].as_str().unwrap());
    assert_eq!(world.shown(&path).await["status"], "in_review");
    world.judge(&customer, "approved").await;
    assert_eq!(world.shown(&path).await["status"], "completed");
    assert_eq!(world.holdings(&wallet, "USDC").await, ["5.000000", "0.000000", "5.000000"]);
}

#[tokio::test]
async fn money_sent_to_a_virtual_account_is_tokens_in_its_wallet() {
    let world = World::new().await;
    let customer = world.customer().await;
    for (currency, kind, sent, asset, credited) in [
        ("usd", "us_bank", "100.00", "USDC", "100.000000"),
        ("eur", "iban", "100.00", "EURC", "100.000000"),
        ("gbp", "gb_bank", "10.01", "USDC", "12.512500"),
        ("mxn", "clabe", "100", "USDC", "5.000000"),
    ] {
        let body = json!({ "customerId": customer, "sourceCurrency": currency });
        let account = world.made("/v1/virtual-accounts", &body).await;
        assert!(id(&account).starts_with("va_"), "{account}");
        assert_eq!(account["depositInstructions"]["type"], kind);
        assert_eq!(account["sourceCurrency"], currency);
        let shown = world.shown(&format!("/v1/virtual-accounts/{}", id(&account))).await;
        assert_eq!(shown, account);

        let deposit =
            json!({ "virtualAccountId": account["id"], "currency": currency, "amount": sent });
        let done = world.made("/v1/sandbox/deposits", &deposit).await;
        assert_eq!((&done["credited"], &done["currency"]), (&json!(credited), &json!(asset)));
        let wallet = account["walletId"].as_str().unwrap();
        assert_eq!(world.holdings(wallet, asset).await[0], credited);
        let path = format!("/v1/transactions/{}", done["transactionId"].as_str().unwrap());
        let transaction = world.shown(&path).await;
        assert_eq!(transaction["type"], "wallet_deposit");
        let source = (&transaction["virtualAccountId"], &transaction["sourceCurrency"]);
        assert_eq!(source, (&account["id"], &json!(currency)));
        assert_eq!(
            (&transaction["amount"], &transaction["chain"]),
            (&json!(credited), &Value::Null)
        );
    }
    let accounts = world.shown(&format!("/v1/virtual-accounts?customerId={customer}")).await;
    assert_eq!(accounts["items"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_virtual_account_may_lead_to_a_wallet_that_is_there() {
    let world = World::new().await;
    let customer = world.customer().await;
    let wallet = world.wallet(&customer).await;
    let body = json!({ "customerId": customer, "sourceCurrency": "usd", "walletId": wallet });
    let account = world.made("/v1/virtual-accounts", &body).await;
    assert_eq!(account["walletId"], json!(wallet));

    let others = world.wallet(&world.customer().await).await;
    let body = json!({ "customerId": customer, "sourceCurrency": "usd", "walletId": others });
    assert_eq!(world.refused("/v1/virtual-accounts", &body).await.0, 404);
    let deposit = json!({ "virtualAccountId": account["id"], "currency": "eur", "amount": "1" });
    let (status, _, message) = world.refused("/v1/sandbox/deposits", &deposit).await;
    assert_eq!((status, message.as_str()), (400, "`currency` must be the account's: `usd`"));
}

#[tokio::test]
async fn a_deposit_counts_once_and_for_one_wallet() {
    let world = World::new().await;
    let customer = world.customer().await;
    let (wallet, other) = (world.wallet(&customer).await, world.wallet(&customer).await);
    let account = json!({ "customerId": customer, "sourceCurrency": "usd", "walletId": wallet });
    let account = id(&world.made("/v1/virtual-accounts", &account).await);
    let (here, there) =
        (world.wallet_address(&wallet, "base").await, world.wallet_address(&other, "base").await);
    let to = |target: &str, place: &str, name: &str, asset: &str| json!({ target: place, name: asset, "amount": "7", "transactionHash": "0xAB" });
    for deposit in
        [to("address", &here, "asset", "USDC"), to("virtualAccountId", &account, "currency", "usd")]
    {
        let first = world.send_money("/v1/sandbox/deposits", &deposit).await;
        let again = world.send_money("/v1/sandbox/deposits", &deposit).await;
        assert_eq!((first.status, &first.text), (StatusCode::OK, &again.text));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
    }
    assert_eq!(world.holdings(&wallet, "USDC").await[0], "14.000000");
    let elsewhere = to("address", &there, "asset", "USDC");
    let (status, code, message) = world.refused("/v1/sandbox/deposits", &elsewhere).await;
    assert_eq!((status, code.as_str()), (409, "CONFLICT"));
    assert!(message.contains("`transactionHash`"), "{message}");
}

#[tokio::test]
async fn persons_still_take_only_what_becomes_dollars() {
    let world = World::new().await;
    let user = world.funded_user(0).await;
    let address = world.address(&user, "USDC", "ethereum").await;
    for asset in ["PYUSD", "EURC"] {
        let deposit = json!({ "address": address, "asset": asset, "amount": "1" });
        assert_eq!(world.refused("/v1/sandbox/deposits", &deposit).await.0, 400, "{asset}");
    }
}
