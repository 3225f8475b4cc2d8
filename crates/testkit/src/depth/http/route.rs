//! Where a command goes over HTTP, and what is said there.

use hyper::Method;
use ledger::agents::AgentStatus;
use ledger::cards::CardStatus;
use ledger::deposits::ConfirmDeposit;
use ledger::holders::DocumentKind;
use ledger::keys::Scope;
use ledger::ledgers::LedgerStatus;
use ledger::time::SECOND_MS;
use ledger::transfers::CreateTransfer;
use ledger::wallets::{ConfirmBankDeposit, ConfirmWalletDeposit};
use ledger::{Amount, Asset, Command};
use serde_json::{Value, json};

use super::client::Surface;

mod ledgeros;
mod ledgers;
mod network;
mod wallets;
mod webhooks;

pub(super) use ledgers::entry_of;
pub(super) use webhooks::{events, status as webhook_status};

/// A request but for its headers.
pub(super) struct Route {
    pub(super) surface: Surface,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Body,
}

/// What is sent.
pub(super) enum Body {
    Nothing,
    Json(Value),
    /// A document of this kind, as a form.
    Document {
        kind: &'static str,
    },
}

impl Route {
    /// Where a command goes.
    ///
    /// # Panics
    ///
    /// For commands that nobody can send over HTTP, and for those that need more than they say.
    pub(super) fn of(command: &Command) -> Self {
        match command {
            Command::CreateHolder(_) => {
                let email = "ada@example.com";
                post("/v1/users", json!({"firstName": "Ada", "lastName": "Byron", "email": email}))
            }
            Command::CreateKey(command) => {
                post("/v1/keys", json!({"scope": scope(command.0.scope)}))
            }
            Command::RevokeKey(command) => {
                Self { method: Method::DELETE, ..call(format!("/v1/keys/{}", command.key)) }
            }
            Command::ChangeHolder(command) => wallets::customer_change(command),
            Command::StartVerification(command) => {
                post("/v1/verification/user", json!({"userId": command.holder.to_string()}))
            }
            Command::RecordVerification(command) => ledgeros::verification(command),
            Command::AddDocument(command) => Self {
                surface: Surface::LedgerOs,
                method: Method::PUT,
                path: format!("/v1/verification/user/{}/document", command.holder),
                body: Body::Document { kind: document(command.kind) },
            },
            Command::RegisterAgent(command) => ledgeros::agent(command),
            Command::ChangeAgent(command) => {
                let verb = match command.status {
                    AgentStatus::Active => "reactivate",
                    AgentStatus::Suspended => "suspend",
                };
                call(format!("/v1/agents/{}/{verb}", command.agent))
            }
            Command::ChangeAgentPolicy(command) => ledgeros::policy(command),
            Command::CreateCard(command) => ledgeros::card(command),
            Command::ChangeCard(command) => {
                let verb = match command.status {
                    CardStatus::Active => "unfreeze",
                    CardStatus::Frozen => "freeze",
                    CardStatus::Closed => "close",
                };
                call(format!("/v1/cards/{}/{verb}", command.card))
            }
            Command::ChangeCardLimits(command) => ledgeros::limits(command),
            Command::DeclareIntent(command) => ledgeros::intent(command),
            Command::ApproveIntent(command) => {
                call(format!("/v1/intents/{}/approve", command.intent))
            }
            Command::RejectIntent(command) => {
                call(format!("/v1/intents/{}/reject", command.intent))
            }
            Command::CancelIntent(command) => {
                call(format!("/v1/intents/{}/cancel", command.intent))
            }
            Command::Attest(command) => ledgeros::details(command),
            Command::AdvanceClock(command) => {
                assert!(command.by_ms.is_multiple_of(SECOND_MS), "durations are in whole seconds");
                let advance = format!("PT{}S", command.by_ms / SECOND_MS);
                post("/v1/sandbox/clock", json!({"advance": advance}))
            }
            Command::ReverseDeposit(command) => {
                call(format!("/v1/sandbox/deposits/{}/reverse", command.transaction))
            }
            Command::CreateWallet(command) => wallets::create(command),
            Command::OpenVirtualAccount(command) => wallets::account(command),
            Command::AdvanceTransfer(command) => wallets::advance(command),
            Command::ConvertTreasury(command) => wallets::convert(command),
            Command::CreateLedger(command) => ledgers::create(command),
            Command::ChangeLedger(command) => {
                let verb = match command.status {
                    LedgerStatus::Active => "unfreeze",
                    LedgerStatus::Frozen => "freeze",
                    LedgerStatus::Closed => "close",
                };
                call(format!("/v1/ledgers/{}/{verb}", uuid(command.ledger.0)))
            }
            Command::TransferBetweenLedgers(command) => ledgers::transfer(command),
            Command::PostJournal(command) => ledgers::journal(command),
            Command::ReverseJournal(command) => ledgers::reversal(command),
            Command::RegisterWebhook(command) => webhooks::register(command),
            Command::ChangeWebhook(command) => webhooks::change(command),
            Command::RemoveWebhook(command) => webhooks::remove(command),
            Command::RotateWebhookSecret(command) => {
                call(format!("/v1/webhooks/{}/rotate-secret", command.webhook))
            }
            Command::TestWebhook(command) => call(format!("/v1/webhooks/{}/test", command.webhook)),
            Command::ReplayWebhook(command) => webhooks::replay(command),
            Command::Authorize(_)
            | Command::Increment(_)
            | Command::Confirm(_)
            | Command::Reverse(_)
            | Command::ExpireAuthorization(_)
            | Command::Clear(_)
            | Command::ForceClear(_)
            | Command::Correct(_)
            | Command::Refund(_)
            | Command::ReverseRefund(_)
            | Command::RecordUnlinkedRefund(_)
            | Command::ReleaseRefund(_)
            | Command::RecordPresentment(_)
            | Command::AssignPresentment(_)
            | Command::WriteOffPresentment(_)
            | Command::SettleNetwork(_) => network::route(command),
            Command::OpenBook(_)
            | Command::RecoverJournal(_)
            | Command::EraseHolder(_)
            | Command::ExpireIntent(_)
            | Command::ConfirmDeposit(_)
            | Command::ConfirmWalletDeposit(_)
            | Command::ConfirmBankDeposit(_)
            | Command::CreateTransfer(_) => panic!("{command:?} can't be sent"),
        }
    }

    /// Where a deposit goes that arrives at `address`.
    pub(super) fn deposit(command: &ConfirmDeposit, address: &str) -> Self {
        arrival(address, command.asset, command.amount, command.reference)
    }

    /// The same for a wallet.
    pub(super) fn wallet_deposit(command: &ConfirmWalletDeposit, address: &str) -> Self {
        arrival(address, command.asset, command.amount, command.reference)
    }

    /// Where a bank's deposit goes, in the currency of its account.
    pub(super) fn bank_deposit(command: &ConfirmBankDeposit, currency: Asset) -> Self {
        wallets::bank_deposit(command, currency)
    }

    /// Where a customer's transfer to `address` goes.
    pub(super) fn transfer(command: &CreateTransfer, customer: &Value, address: &str) -> Self {
        wallets::transfer(command, customer, address)
    }
}

fn arrival(address: &str, asset: Asset, amount: Amount, reference: [u8; 16]) -> Route {
    let body = json!({
        "address": address,
        "asset": asset.code(),
        "amount": asset.format(amount),
        "transactionHash": hex(reference),
    });
    post("/v1/sandbox/deposits", body)
}

fn post(path: impl Into<String>, body: Value) -> Route {
    let body = Body::Json(body);
    Route { surface: Surface::LedgerOs, method: Method::POST, path: path.into(), body }
}

fn patch(path: String, body: Value) -> Route {
    Route { method: Method::PATCH, ..post(path, body) }
}

fn call(path: String) -> Route {
    let body = Body::Nothing;
    Route { surface: Surface::LedgerOs, method: Method::POST, path, body }
}

/// # Panics
///
/// Above 64 bits, which no scenario names.
fn cents(amount: Amount) -> Value {
    u64::try_from(amount.0).expect("amounts of scenarios are small").into()
}

fn hex(bytes: [u8; 16]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How ledgers, journals and entries are called on their surface.
pub(super) fn uuid(id: [u8; 16]) -> String {
    let digits = hex(id);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "read",
        Scope::Write => "write",
        Scope::Admin => "admin",
    }
}

fn document(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::ProofOfAddress => "proofOfAddress",
        DocumentKind::GovernmentIdFront => "governmentIdFront",
        DocumentKind::GovernmentIdBack => "governmentIdBack",
        DocumentKind::Selfie => "selfie",
        DocumentKind::SourceOfFunds => "sourceOfFunds",
    }
}
