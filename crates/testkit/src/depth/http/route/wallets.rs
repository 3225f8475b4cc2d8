//! What the Ledger API is told, and what becomes of its money in the sandbox.

use ledger::holders::ChangeHolder;
use ledger::transfers::{AdvanceTransfer, CreateTransfer, Rail, Step};
use ledger::treasury::ConvertTreasury;
use ledger::wallets::{ConfirmBankDeposit, CreateWallet, OpenVirtualAccount};
use ledger::{Asset, HolderId, Money, id};
use serde_json::{Value, json};

use super::super::client::Surface;
use super::{Route, hex, patch, post};

pub(super) fn create(command: &CreateWallet) -> Route {
    to_api("/v1/crypto-wallets", json!({"customerId": customer(command.holder)}))
}

/// What it is changed to differs each time: nobody looks into vaults here.
pub(super) fn customer_change(command: &ChangeHolder) -> Route {
    let email = format!("{}@example.com", hex(command.profile.reference));
    let path = format!("/v1/customers/{}", customer(command.holder));
    Route { surface: Surface::LedgerApi, ..patch(path, json!({"email": email})) }
}

pub(super) fn account(command: &OpenVirtualAccount) -> Route {
    let mut body = json!({
        "customerId": customer(command.holder),
        "sourceCurrency": command.currency.code().to_lowercase(),
    });
    if let Some(wallet) = command.wallet {
        body["walletId"] = wallet.to_string().into();
    }
    to_api("/v1/virtual-accounts", body)
}

pub(super) fn bank_deposit(command: &ConfirmBankDeposit, currency: Asset) -> Route {
    let body = json!({
        "virtualAccountId": command.account.to_string(),
        "currency": currency.code(),
        "amount": currency.format(command.amount),
        "transactionHash": hex(command.reference),
    });
    post("/v1/sandbox/deposits", body)
}

pub(super) fn transfer(command: &CreateTransfer, customer: &Value, address: &str) -> Route {
    let Money { amount, asset } = command.money;
    let mut body = json!({
        "customerId": customer,
        "walletId": command.wallet.to_string(),
        "amount": asset.format(amount),
        "sourceCurrency": asset.code().to_lowercase(),
        "destinationCurrency": command.destination.asset.code().to_lowercase(),
        "destinationPaymentRail": rail(command.destination.rail),
        "destinationAddress": address,
    });
    if let Some(reference) = &command.client_reference {
        body["clientReferenceId"] = reference.as_str().into();
    }
    to_api("/v1/transfers", body)
}

pub(super) fn advance(command: &AdvanceTransfer) -> Route {
    let body = match &command.step {
        Step::Progress(status) | Step::Fail { status, .. } => json!({"status": status.to_string()}),
        Step::Return { .. } => json!({"status": "returned"}),
        Step::Complete(completion) => {
            let mut body = json!({"status": "completed"});
            if let Some(Money { amount, asset }) = completion.gas {
                body["gas"] = asset.format(amount).into();
            }
            body
        }
    };
    post(format!("/v1/sandbox/transfers/{}/advance", command.transaction), body)
}

pub(super) fn convert(command: &ConvertTreasury) -> Route {
    let money = |Money { amount, asset }: Money| json!({"asset": asset.code(), "amount": asset.format(amount)});
    let body = json!({"sold": money(command.sold), "bought": money(command.bought)});
    post("/v1/sandbox/treasury/conversions", body)
}

fn to_api(path: &str, body: Value) -> Route {
    Route { surface: Surface::LedgerApi, ..post(path, body) }
}

fn customer(holder: HolderId) -> String {
    format!("cus_{}", id::encode(holder.0))
}

fn rail(rail: Rail) -> &'static str {
    match rail {
        Rail::Chain(chain) => chain.name(),
        Rail::Ach => "ach",
        Rail::Wire => "wire",
        Rail::Sepa => "sepa",
        Rail::FasterPayments => "faster_payments",
        Rail::Spei => "spei",
    }
}
