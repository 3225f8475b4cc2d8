//! What becomes of a transfer on its way.

use ledger::transfers::{AdvanceTransfer, Completion, Rail, Step, TransferStatus};
use ledger::{Command, Event, Money, Text, TransactionId};
use projector::transactions::{Transfer, WalletTransaction};
use providers::sandbox::rates;
use serde::Serialize;
use utoipa::ToSchema;

use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::read::{Id, decimal, text, word};
use crate::input::{Field, Fields};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};
use crate::words::Word;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TransferProgress)]
struct TransferView {
    object: &'static str,
    transaction_id: String,
    #[schema(schema_with = schema::word::<TransferStatus>)]
    status: &'static str,
    /// What has arrived, or what the wallet has back.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
    updated_at: u64,
}

/// `POST /v1/sandbox/transfers/{transactionId}/advance`
pub(super) async fn advance(call: Call<Write>) -> Result<Answer, Error> {
    let transaction: TransactionId = call.path_id("transactionId")?;
    let found =
        call.known(|models| &models.transactions, move |t| t.wallet_transaction(transaction));
    let transfer = match found.await?.map(|found| found.transaction) {
        Some(WalletTransaction::Transfer(transfer)) => transfer,
        Some(WalletTransaction::Deposit(_)) | None => {
            return Err(Error::UnknownId { noun: TransactionId::NOUN });
        }
    };
    let step = call.body(|fields| step(fields, &transfer))?;
    let command = Command::AdvanceTransfer(AdvanceTransfer { transaction, step });
    let written = call.submit(command).await?;
    let (status, money) = written.event("Idempotency-Key", |event| match event {
        Event::TransferAdvanced(event) => Some((event.status, None)),
        Event::TransferCompleted(event) => Some((TransferStatus::Completed, Some(event.delivered))),
        Event::TransferFailed(event) => Some((event.status, Some(event.released))),
        Event::TransferReturned(event) => Some((TransferStatus::Returned, Some(event.credited))),
        _ => None,
    })?;
    Ok(written.answer(&TransferView {
        object: "transfer",
        transaction_id: transaction.to_string(),
        status: status.word(),
        amount: money.map(|money| money.asset.format(money.amount)),
        currency: money.map(|money| money.asset.code()),
        updated_at: written.at_ms(),
    }))
}

/// What [`advance`] does.
pub(super) fn describe_advance() -> Operation {
    Operation::new(Tag::Sandbox, "advanceTransfer", "Move a transfer along its rail")
        .takes(
            object()
                .required("status", schema::word::<TransferStatus>())
                .optional("transactionHash", schema::text(100))
                .optional("gas", schema::decimal())
                .optional("reason", schema::text(200)),
        )
        .answers::<TransferView>()
}

fn step(fields: &mut Fields, transfer: &Transfer) -> Result<Step, Error> {
    let status = fields.required("status", word)?;
    let transaction_hash = fields.optional("transactionHash", text)?;
    let gas = fields.optional("gas", |field| gas(field, transfer.rail))?;
    let reason = fields.optional("reason", text)?;
    if status != TransferStatus::Completed {
        let only = "stands with the status `completed` only";
        refuse("transactionHash", transaction_hash.is_some(), only)?;
        refuse("gas", gas.is_some(), only)?;
    }
    match status {
        TransferStatus::InReview
        | TransferStatus::FundsReceived
        | TransferStatus::PaymentSubmitted
        | TransferStatus::PaymentProcessed => {
            let only = "stands with the status `failed`, `returned` or `refunded` only";
            refuse("reason", reason.is_some(), only)?;
            Ok(Step::Progress(status))
        }
        TransferStatus::Completed => {
            let only = "stands with the status `failed`, `returned` or `refunded` only";
            refuse("reason", reason.is_some(), only)?;
            Ok(Step::Complete(completion(transfer, gas, transaction_hash)))
        }
        TransferStatus::Failed | TransferStatus::Refunded => Ok(Step::Fail { status, reason }),
        TransferStatus::Returned => Ok(Step::Return { reason }),
    }
}

fn refuse(field: &str, is_there: bool, reason: &'static str) -> Result<(), Error> {
    match is_there {
        true => Err(Error::invalid(field, reason)),
        false => Ok(()),
    }
}

fn completion(
    transfer: &Transfer,
    gas: Option<Money>,
    transaction_hash: Option<Text<100>>,
) -> Completion {
    let rate = rates::between(transfer.asset, transfer.destination_asset);
    Completion {
        rate: rate.expect("currencies and tokens have prices"),
        rate_source: rates::source(),
        gas,
        transaction_hash,
    }
}

/// What the chain was paid, in its own coin.
fn gas(field: Field, rail: Rail) -> Result<Money, Error> {
    match rail {
        Rail::Chain(chain) => {
            let asset = chain.coin();
            Ok(Money { amount: decimal(asset)(field)?, asset })
        }
        Rail::Ach | Rail::Wire | Rail::Sepa | Rail::FasterPayments | Rail::Spei => {
            Err(field.invalid("is paid on a chain only"))
        }
    }
}
