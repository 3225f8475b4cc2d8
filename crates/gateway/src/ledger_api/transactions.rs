//! Transfers and deposits of wallets.

use ledger::transfers::{Rail, TransferStatus};
use ledger::{Amount, Asset, Rate, TransactionId, WalletId};
use projector::At;
use projector::transactions::{
    State, Transfer, WalletDeposit, WalletFilter, WalletTransaction, Wanted,
};
use serde::Serialize;
use utoipa::ToSchema;
use vault::Kind;

use crate::call::{Answer, Call, Read};
use crate::error::Error;
use crate::gateway::Gateway;
use crate::input::read::{CustomerId, Id, id, text, word};
use crate::input::{Fields, instant};
use crate::openapi::schema;
use crate::openapi::{Operation, Tag};
use crate::sealed::SealedError;
use crate::words::Word;

#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Transaction)]
enum TransactionView {
    Transfer(Box<TransferView>),
    Deposit(Box<DepositView>),
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Transfer)]
pub(super) struct TransferView {
    id: String,
    #[serde(rename = "type")]
    #[schema(schema_with = schema::word::<TransactionKind>)]
    kind: &'static str,
    #[schema(schema_with = schema::word::<TransferStatus>)]
    status: &'static str,
    customer_id: String,
    wallet_id: String,
    /// What leaves the wallet, the fee included.
    amount: String,
    fee: String,
    net_amount: String,
    source_currency: String,
    destination_currency: String,
    destination_payment_rail: &'static str,
    /// Null when it was erased.
    destination_address: Option<String>,
    #[serde(flatten)]
    #[schema(value_type = OnChainView)]
    on_chain: Option<OnChainView>,
    /// What has arrived.
    final_amount: Option<String>,
    exchange_rate: Option<String>,
    /// What is taken for an exchange besides the fee: nothing.
    exchange_fee: String,
    reference: Option<String>,
    /// The platform's own name of it.
    client_reference_id: Option<String>,
    reason: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OnChain)]
struct OnChainView {
    destination_tx_hash: Option<String>,
    /// In the chain's own coin. The programme pays it.
    gas_fee: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WalletDeposit)]
struct DepositView {
    id: String,
    #[serde(rename = "type")]
    #[schema(schema_with = schema::word::<TransactionKind>)]
    kind: &'static str,
    #[schema(schema_with = schema::word::<TransferStatus>)]
    status: &'static str,
    customer_id: String,
    wallet_id: String,
    /// The account that it came to, if it came to a bank.
    virtual_account_id: Option<String>,
    /// The chain on which it came, if it came as tokens.
    chain: Option<&'static str>,
    /// What the wallet has for it.
    amount: String,
    currency: String,
    source_amount: String,
    source_currency: String,
    exchange_rate: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// What this surface calls a transaction.
#[derive(Clone, Copy)]
enum TransactionKind {
    Transfer,
    WalletDeposit,
}

impl Word for TransactionKind {
    const ALL: &'static [Self] = &[Self::Transfer, Self::WalletDeposit];

    fn word(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::WalletDeposit => "wallet_deposit",
        }
    }
}

/// `GET /v1/transactions`, for a key of this surface: newest first.
pub(crate) async fn list(mut call: Call<Read>) -> Result<Answer, Error> {
    let listing = call.long_listing(filter)?;
    let (filter, page) = (listing.filters.clone(), listing.page);
    let rows = move |t: &projector::Transactions| t.wallet_list(&filter, page);
    let At { position, value } = call.ask(|models| &models.transactions, rows).await?;
    let next = value.next;
    let views = move |gateway: &Gateway| -> Result<Vec<_>, SealedError> {
        value.rows.into_iter().map(|row| TransactionView::new(gateway, row)).collect()
    };
    let views = call.blocking(views).await?;
    Ok(Answer::shown(position, &listing.items(views, next)))
}

/// What [`list`] does.
pub(crate) fn describe_list() -> Operation {
    Operation::new(Tag::Transactions, "listTransactions", "List transactions")
        .about("Newest first.")
        .filter("customerId", schema::id::<CustomerId>())
        .filter("walletId", schema::id::<WalletId>())
        .filter("type", schema::word::<TransactionKind>())
        .filter("status", schema::word::<TransferStatus>())
        .filter("clientReferenceId", schema::text(100))
        .filter("createdAfter", schema::instant())
        .filter("createdBefore", schema::instant())
        .lists::<TransactionView>()
}

/// `GET /v1/transactions/{transactionId}`, for a key of this surface.
pub(crate) async fn show(mut call: Call<Read>) -> Result<Answer, Error> {
    let id = call.path_id("transactionId")?;
    call.no_query()?;
    let At { position, value: row } = find(&call, id).await?;
    let view = call.blocking(move |gateway| TransactionView::new(gateway, row)).await?;
    Ok(Answer::shown(position, &view))
}

/// What [`show`] does.
pub(crate) fn describe_show() -> Operation {
    Operation::new(Tag::Transactions, "getTransaction", "Get a transaction")
        .answers::<TransactionView>()
}

/// A transfer or a wallet's deposit.
async fn find(call: &Call<Read>, id: TransactionId) -> Result<At<WalletTransaction>, Error> {
    let row = move |t: &projector::Transactions| t.wallet_transaction(id);
    let At { position, value } = call.ask(|models| &models.transactions, row).await?;
    let history = value.ok_or(Error::UnknownId { noun: TransactionId::NOUN })?;
    Ok(At { position, value: history.transaction })
}

fn filter(fields: &mut Fields) -> Result<WalletFilter, Error> {
    let holder = fields.optional("customerId", id)?.map(|CustomerId(holder)| holder);
    let wallet = fields.optional("walletId", id)?;
    let kind = fields.optional("type", word)?;
    let client_reference = fields.optional("clientReferenceId", text)?;
    let status = fields.optional("status", word)?;
    let (transfers, deposits) = match status {
        None => (Wanted::All, Wanted::All),
        Some(status) => (Wanted::Only(status), deposits(status)),
    };
    Ok(WalletFilter {
        holder,
        wallet,
        deposits: match kind {
            Some(TransactionKind::Transfer) => Wanted::Nothing,
            Some(TransactionKind::WalletDeposit) | None => deposits,
        },
        transfers: match kind {
            Some(TransactionKind::WalletDeposit) => Wanted::Nothing,
            Some(TransactionKind::Transfer) | None => transfers,
        },
        client_reference,
        from: fields.optional("createdAfter", instant::bound)?,
        to: fields.optional("createdBefore", instant::bound)?,
    })
}

/// Which deposits have this status.
fn deposits(status: TransferStatus) -> Wanted<State> {
    let state = [State::Waiting, State::Completed, State::Reversed];
    match state.into_iter().find(|state| deposit_status(*state) == status) {
        Some(state) => Wanted::Only(state),
        None => Wanted::Nothing,
    }
}

/// The status of a deposit in the words that transfers have. One that its chain took back was never made.
fn deposit_status(state: State) -> TransferStatus {
    match state {
        State::Waiting => TransferStatus::InReview,
        State::Completed => TransferStatus::Completed,
        State::Reversed => TransferStatus::Failed,
        State::Pending
        | State::Settled
        | State::Voided
        | State::Refunded
        | State::Declined
        | State::Expired => unreachable!("deposits wait, are completed or reversed"),
    }
}

impl TransactionView {
    /// Blocks.
    fn new(gateway: &Gateway, transaction: WalletTransaction) -> Result<Self, SealedError> {
        Ok(match transaction {
            WalletTransaction::Transfer(transfer) => {
                Self::Transfer(Box::new(TransferView::new(gateway, transfer)?))
            }
            WalletTransaction::Deposit(deposit) => Self::Deposit(Box::new(deposit.into())),
        })
    }
}

impl TransferView {
    /// Blocks.
    pub(super) fn new(gateway: &Gateway, transfer: Transfer) -> Result<Self, SealedError> {
        let address = gateway.unseal(Kind::Destination, transfer.address)?;
        let address = address.and_then(|text| String::from_utf8(text.expose().to_vec()).ok());
        let money = |amount: Amount| transfer.asset.format(amount);
        let on_chain = match transfer.rail {
            Rail::Chain(_) => Some(OnChainView {
                destination_tx_hash: transfer.transaction_hash.map(|h| h.as_str().to_owned()),
                gas_fee: transfer.gas.map(|gas| gas.asset.format(gas.amount)),
            }),
            Rail::Ach | Rail::Wire | Rail::Sepa | Rail::FasterPayments | Rail::Spei => None,
        };
        Ok(Self {
            id: transfer.id.to_string(),
            kind: TransactionKind::Transfer.word(),
            status: transfer.status.word(),
            customer_id: CustomerId(transfer.holder).to_string(),
            wallet_id: transfer.wallet.to_string(),
            amount: money(transfer.amount),
            fee: money(transfer.fee),
            net_amount: money(transfer.amount - transfer.fee),
            source_currency: currency(transfer.asset),
            destination_currency: currency(transfer.destination_asset),
            destination_payment_rail: transfer.rail.word(),
            destination_address: address,
            on_chain,
            final_amount: transfer.delivered.map(|sum| transfer.destination_asset.format(sum)),
            exchange_rate: transfer.rate.map(rate),
            exchange_fee: money(Amount::ZERO),
            reference: transfer.reference.map(|reference| reference.as_str().to_owned()),
            client_reference_id: transfer.client_reference.map(|name| name.as_str().to_owned()),
            reason: transfer.reason.map(|reason| reason.as_str().to_owned()),
            created_at: instant::text(transfer.at),
            updated_at: instant::text(transfer.updated_at),
        })
    }
}

impl From<WalletDeposit> for DepositView {
    fn from(deposit: WalletDeposit) -> Self {
        Self {
            id: deposit.id.to_string(),
            kind: TransactionKind::WalletDeposit.word(),
            status: deposit_status(deposit.state).word(),
            customer_id: CustomerId(deposit.holder).to_string(),
            wallet_id: deposit.wallet.to_string(),
            virtual_account_id: deposit.account.map(|account| account.to_string()),
            chain: deposit.chain.map(|chain| chain.name()),
            amount: deposit.credited_asset.format(deposit.credited),
            currency: currency(deposit.credited_asset),
            source_amount: deposit.asset.format(deposit.amount),
            source_currency: currency(deposit.asset),
            exchange_rate: deposit.rate.map(rate),
            created_at: instant::text(deposit.at),
            updated_at: instant::text(deposit.updated_at),
        }
    }
}

/// An asset as this surface writes it in a field that is named for a currency.
fn currency(asset: Asset) -> String {
    asset.code().to_ascii_lowercase()
}

/// A rate as a decimal, with all its digits: like every amount of this surface, and unlike the rates of the other one.
fn rate(Rate(billionths): Rate) -> String {
    format!("{}.{:09}", billionths / Rate::ONE.0, billionths % Rate::ONE.0)
}
