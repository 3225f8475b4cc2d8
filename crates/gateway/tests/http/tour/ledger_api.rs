//! The Ledger API: a person and a business, their wallets, and money that comes and goes.

use serde_json::json;

use super::{Step, get, order, patch, post};
use crate::money::ELSEWHERE;

pub(super) fn steps() -> Vec<Step> {
    [customers(), wallets(), transfers()].concat()
}

fn customers() -> Vec<Step> {
    vec![
        get("", "/v1/health"),
        post(
            "ld",
            "/v1/customers",
            json!({
                "type": "individual", "email": "ada@example.com", "firstName": "Ada",
                "lastName": "Byron", "phone": "+15550100", "metadata": { "plan": "gold" },
            }),
        )
        .keep("customer", "/data/id"),
        post(
            "ld",
            "/v1/customers",
            json!({ "type": "business", "email": "books@example.com", "businessName": "Books" }),
        )
        .keep("business", "/data/id"),
        get("ld", "/v1/customers?limit=1").keep("customers_cursor", "/data/nextCursor"),
        get("ld", "/v1/customers?cursor={customers_cursor}"),
        get("ld", "/v1/customers/{customer}"),
        patch(
            "ld",
            "/v1/customers/{customer}",
            json!({
                "email": "ada@example.net", "lastName": "King", "phone": "+15550101",
                "metadata": { "plan": "silver" },
            }),
        ),
        post("ld", "/v1/sandbox/verifications/{customer}", json!({ "outcome": "approved" })),
        post("ld", "/v1/sandbox/verifications/{business}", json!({ "outcome": "approved" })),
    ]
}

fn wallets() -> Vec<Step> {
    let addresses = "/v1/crypto-wallets/{wallet}/crypto-deposit-addresses";
    let account =
        json!({ "customerId": "$customer", "sourceCurrency": "usd", "walletId": "$wallet" });
    vec![
        post("ld", "/v1/crypto-wallets", json!({ "customerId": "$customer" }))
            .keep("wallet", "/data/id"),
        post("ld", "/v1/crypto-wallets", json!({ "customerId": "$business" }))
            .keep("wallet2", "/data/id"),
        get("ld", "/v1/crypto-wallets?customerId={customer}"),
        get("ld", "/v1/crypto-wallets?limit=1").keep("wallets_cursor", "/data/nextCursor"),
        get("ld", "/v1/crypto-wallets?cursor={wallets_cursor}"),
        get("ld", "/v1/crypto-wallets/{wallet}"),
        get("ld", addresses)
            .keep("wallet_address", "/data/items/0/address")
            .keep("wallet_address_id", "/data/items/0/id"),
        post("ld", "/v1/virtual-accounts", account).keep("account", "/data/id"),
        post(
            "ld",
            "/v1/virtual-accounts",
            json!({ "customerId": "$business", "sourceCurrency": "eur" }),
        )
        .keep("account2", "/data/id"),
        get("ld", "/v1/virtual-accounts?customerId={customer}"),
        get("ld", "/v1/virtual-accounts?limit=1").keep("accounts_cursor", "/data/nextCursor"),
        get("ld", "/v1/virtual-accounts?cursor={accounts_cursor}"),
        get("ld", "/v1/virtual-accounts/{account}"),
        post(
            "ld",
            "/v1/sandbox/deposits",
            json!({ "address": "$wallet_address", "asset": "USDC", "amount": "1000" }),
        )
        .keep("wallet_deposit", "/data/transactionId"),
        post(
            "ld",
            "/v1/sandbox/deposits",
            json!({
                "virtualAccountId": "$account", "currency": "usd", "amount": "100.00",
                "transactionHash": "wire-1", "index": 0,
            }),
        )
        .keep("bank_deposit", "/data/transactionId"),
        post(
            "ld",
            "/v1/sandbox/deposits",
            json!({ "address": "$wallet_address", "asset": "USDC", "amount": "5" }),
        )
        .keep("lost_wallet_deposit", "/data/transactionId"),
        order("ld", "/v1/sandbox/deposits/{lost_wallet_deposit}/reverse"),
        get("ld", "/v1/crypto-wallets/{wallet}/balance"),
    ]
}

fn transfers() -> Vec<Step> {
    vec![
        post(
            "ld",
            "/v1/transfers",
            json!({
                "customerId": "$customer", "walletId": "$wallet", "amount": "10.00",
                "sourceCurrency": "usdc", "destinationCurrency": "usdc",
                "destinationPaymentRail": "ethereum", "destinationAddress": ELSEWHERE,
            }),
        )
        .keep("transfer", "/data/id"),
        post(
            "ld",
            "/v1/transfers",
            json!({
                "customerId": "$customer", "walletId": "$wallet", "amount": "10.00",
                "destinationCurrency": "eur", "destinationPaymentRail": "sepa",
                "destinationAddress": "DE89370400440532013000", "reference": "Rent",
                "clientReferenceId": "order-7",
            }),
        )
        .keep("payout", "/data/id"),
        post(
            "ld",
            "/v1/sandbox/transfers/{transfer}/advance",
            json!({ "status": "completed", "transactionHash": "0xCD", "gas": "0.001" }),
        ),
        post(
            "ld",
            "/v1/sandbox/transfers/{payout}/advance",
            json!({ "status": "failed", "reason": "account closed" }),
        ),
        post(
            "ld",
            "/v1/sandbox/treasury/conversions",
            json!({
                "sold": { "asset": "USDC", "amount": "1" },
                "bought": { "asset": "USD", "amount": "1" },
            }),
        ),
        get("ld", "/v1/transactions?limit=1").keep("movements_cursor", "/data/nextCursor"),
        get("ld", "/v1/transactions?cursor={movements_cursor}"),
        get(
            "ld",
            "/v1/transactions?customerId={customer}&walletId={wallet}&type=transfer&status=completed&createdAfter=2020-01-01T00:00:00Z&createdBefore=2200-01-01T00:00:00Z",
        ),
        get("ld", "/v1/transactions/{transfer}"),
        get("ld", "/v1/transactions/{wallet_deposit}"),
    ]
}
