//! Card transactions and deposits.

use ledger::authorizations::Original;
use ledger::{AgentId, Asset, CardId, HolderId, Posting, TransactionId};
use projector::At;
use projector::transactions::{
    CardTransaction, Deposit, Filter, History, State, Step, Transaction,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::call::{Answer, Call, Read};
use crate::error::Error;
use crate::exceeded::ExceededView;
use crate::input::Fields;
use crate::input::read::{Id, id, time, word};
use crate::openapi::schema;
use crate::openapi::{Operation, Tag};
use crate::words::{Word, differences, mcc_digits, rate};

/// A transaction of either kind.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = UserTransaction)]
enum TransactionView {
    Card(Box<CardTransactionView>),
    Deposit(Box<DepositView>),
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CardTransaction)]
struct CardTransactionView {
    object: &'static str,
    id: String,
    #[serde(rename = "type")]
    of: &'static str,
    /// How it began.
    kind: &'static str,
    status: &'static str,
    user_id: String,
    agent_id: String,
    card_id: String,
    /// What was asked for at first.
    amount: u128,
    currency: &'static str,
    /// The same as the merchant said it, where that was another currency.
    original: Option<OriginalView>,
    /// What was approved at first.
    approved_amount: u128,
    /// Whether the network had approved it on our behalf.
    advice: bool,
    /// What is held now.
    held: u128,
    /// What has cleared in all, without what was corrected.
    settled: u128,
    /// What a foreign currency has cost besides.
    fee: u128,
    /// What was refunded in all, without what was taken back.
    refunded: u128,
    merchant: MerchantView,
    intent_id: Option<String>,
    access_event_id: Option<String>,
    /// What differs from the intent.
    differences: Option<Vec<&'static str>>,
    decline_reason: Option<&'static str>,
    exceeded_limit: Option<ExceededView>,
    created_at: u64,
    updated_at: u64,
    expires_at: Option<u64>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OriginalAmount)]
struct OriginalView {
    amount: u128,
    currency: &'static str,
    /// The price of one unit of it in US dollars.
    rate: String,
    rate_source: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Merchant)]
struct MerchantView {
    name: String,
    mcc: Option<String>,
    city: Option<String>,
    country: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UserDeposit)]
struct DepositView {
    object: &'static str,
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    status: &'static str,
    user_id: String,
    /// What it is worth to the user.
    amount: u128,
    currency: &'static str,
    chain: &'static str,
    /// The tokens that arrived.
    asset: &'static str,
    asset_amount: String,
    rate_source: String,
    created_at: u64,
    updated_at: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CardTransactionHistory)]
struct CardHistoryView {
    #[serde(flatten)]
    transaction: CardTransactionView,
    history: Vec<StepView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = UserDepositHistory)]
struct DepositHistoryView {
    #[serde(flatten)]
    transaction: DepositView,
    history: Vec<StepView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TransactionStep)]
struct StepView {
    #[serde(rename = "type")]
    kind: &'static str,
    amount: u128,
    currency: &'static str,
    #[serde(rename = "final")]
    is_final: bool,
    late: bool,
    position: u64,
    at: u64,
    postings: Vec<PostingView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Posting)]
struct PostingView {
    side: &'static str,
    account: String,
    asset: &'static str,
    amount: String,
}

/// `GET /v1/transactions`: newest first.
pub(crate) async fn list(mut call: Call<Read>) -> Result<Answer, Error> {
    let mut listing = call.listing(filter)?;
    if let Some(own) = call.caller.agent {
        call.require_own(listing.filters.agent.unwrap_or(own), AgentId::NOUN)?;
        listing.filters.agent = Some(own);
    }
    let (filter, page) = (listing.filters.clone(), listing.page);
    let found = call.ask(|models| &models.transactions, move |t| t.list(&filter, page)).await?;
    Ok(Answer::shown(found.position, &listing.view_of::<_, TransactionView>(found.value)))
}

/// What [`list`] does.
pub(crate) fn describe_list() -> Operation {
    Operation::new(Tag::CardTransactions, "listTransactions", "List transactions")
        .about("Newest first. An agent's token sees its agent's only.")
        .filter("userId", schema::id::<HolderId>())
        .filter("agentId", schema::id::<AgentId>())
        .filter("cardId", schema::id::<CardId>())
        .filter("status", schema::word::<State>())
        .filter("from", schema::time())
        .filter("to", schema::time())
        .lists::<TransactionView>()
}

/// `GET /v1/transactions/{transactionId}`: with all that has happened, and the postings of each entry.
pub(crate) async fn show(mut call: Call<Read>) -> Result<Answer, Error> {
    let id = call.path_id("transactionId")?;
    call.no_query()?;
    let unknown = || Error::UnknownId { noun: TransactionId::NOUN };
    let At { position, value } =
        call.ask(|models| &models.transactions, move |t| t.transaction(id)).await?;
    let History { transaction, steps } = value.ok_or_else(unknown)?;
    if let Some(own) = call.caller.agent {
        match &transaction {
            Transaction::Card(transaction) if transaction.agent == own => {}
            Transaction::Card(_) | Transaction::Deposit(_) => return Err(unknown()),
        }
    }
    let history = steps.into_iter().map(StepView::from).collect();
    Ok(match transaction {
        Transaction::Card(transaction) => {
            let transaction = transaction.into();
            Answer::shown(position, &CardHistoryView { transaction, history })
        }
        Transaction::Deposit(deposit) => {
            let transaction = deposit.into();
            Answer::shown(position, &DepositHistoryView { transaction, history })
        }
    })
}

/// What [`show`] does.
pub(crate) fn describe_show() -> Operation {
    Operation::new(
        Tag::CardTransactions,
        "getTransaction",
        "Show a transaction with all that has happened",
    )
    .answers::<CardHistoryView>()
    .answers::<DepositHistoryView>()
}

fn filter(fields: &mut Fields) -> Result<Filter, Error> {
    Ok(Filter {
        holder: fields.optional("userId", id)?,
        agent: fields.optional("agentId", id)?,
        card: fields.optional("cardId", id)?,
        state: fields.optional("status", word)?,
        from: fields.optional("from", time)?,
        to: fields.optional("to", time)?,
    })
}

impl From<Transaction> for TransactionView {
    fn from(transaction: Transaction) -> Self {
        match transaction {
            Transaction::Card(transaction) => Self::Card(Box::new(transaction.into())),
            Transaction::Deposit(deposit) => Self::Deposit(Box::new(deposit.into())),
        }
    }
}

impl From<CardTransaction> for CardTransactionView {
    fn from(transaction: CardTransaction) -> Self {
        Self {
            object: "transaction",
            id: transaction.id.to_string(),
            of: "card",
            kind: transaction.kind.name(),
            status: transaction.state.word(),
            user_id: transaction.holder.to_string(),
            agent_id: transaction.agent.to_string(),
            card_id: transaction.card.to_string(),
            amount: transaction.amount.0,
            currency: transaction.asset.code(),
            original: transaction.original.map(OriginalView::from),
            approved_amount: transaction.approved.0,
            advice: transaction.is_advice,
            held: transaction.held.0,
            settled: transaction.cleared.0,
            fee: transaction.fee.0,
            refunded: transaction.refunded.0,
            merchant: MerchantView {
                name: transaction.merchant.as_str().to_owned(),
                mcc: transaction.mcc.as_ref().map(mcc_digits),
                city: transaction.city.map(|city| city.as_str().to_owned()),
                country: transaction.country.map(|country| country.as_str().to_owned()),
            },
            intent_id: transaction.intent.map(|id| id.to_string()),
            access_event_id: transaction.attestation.map(|id| id.to_string()),
            differences: transaction.comparison.map(differences),
            decline_reason: transaction.reason.map(|reason| reason.name()),
            exceeded_limit: transaction
                .reason
                .and_then(|reason| ExceededView::of(reason, transaction.exceeded)),
            created_at: transaction.at.as_millis(),
            updated_at: transaction.updated_at.as_millis(),
            expires_at: transaction.expires_at.map(|at| at.as_millis()),
        }
    }
}

impl From<Original> for OriginalView {
    fn from(original: Original) -> Self {
        Self {
            amount: original.amount.0,
            currency: original.asset.code(),
            rate: rate(original.rate),
            rate_source: original.rate_source.as_str().to_owned(),
        }
    }
}

impl From<Deposit> for DepositView {
    fn from(deposit: Deposit) -> Self {
        Self {
            object: "transaction",
            id: deposit.id.to_string(),
            kind: "deposit",
            status: deposit.state.word(),
            user_id: deposit.holder.to_string(),
            amount: deposit.credited.0,
            currency: Asset::Usd.code(),
            chain: deposit.chain.name(),
            asset: deposit.asset.code(),
            asset_amount: deposit.asset.format(deposit.amount),
            rate_source: deposit.rate_source.as_str().to_owned(),
            created_at: deposit.at.as_millis(),
            updated_at: deposit.updated_at.as_millis(),
        }
    }
}

impl From<Step> for StepView {
    fn from(step: Step) -> Self {
        Self {
            kind: step.kind.name(),
            amount: step.amount.0,
            currency: step.asset.code(),
            is_final: step.ends_hold,
            late: step.is_late,
            position: step.position.0,
            at: step.at.as_millis(),
            postings: step.postings.iter().map(PostingView::from).collect(),
        }
    }
}

impl From<&Posting> for PostingView {
    fn from(posting: &Posting) -> Self {
        Self {
            side: posting.side.word(),
            account: posting.account.to_string(),
            asset: posting.asset.code(),
            amount: posting.asset.format(posting.amount),
        }
    }
}
