//! Intents: purchases that are declared before they are made.

use ledger::intents::{
    ApproveIntent, CancelIntent, DeclareIntent, Enforcement, IntentDeclared, RejectIntent,
    TTL_MAX_MINUTES,
};
use ledger::limits::Window;
use ledger::matching::{Expectation, Tolerance};
use ledger::{Asset, Command, Entry, Event, IntentId, Rejection};
use projector::intents::{Intent, IntentStatus};
use serde::Serialize;
use utoipa::ToSchema;

use crate::call::{Answer, Call, Read, Write, Written};
use crate::error::Error;
use crate::input::Fields;
use crate::input::read::{Id, boolean, cents, cents_or_zero, count, mccs, text, usd, word};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};
use crate::words::{Word, card_limit, differences, mcc_digits};

/// More categories than a purchase is in.
const MCCS_MAX: usize = 20;
/// Twice the declared amount: more is no tolerance.
const PERCENT_MAX: u32 = 100;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Intent)]
struct IntentView {
    object: &'static str,
    id: String,
    card_id: String,
    status: &'static str,
    summary: String,
    amount: u128,
    currency: &'static str,
    merchant_text: String,
    expected_mccs: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tolerance_amount: Option<u128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tolerance_percent: Option<u8>,
    warnings: Vec<WarningView>,
    /// Whether the amount was set aside for it.
    reserve: bool,
    /// What becomes of another purchase; null where the card says.
    enforcement: Option<&'static str>,
    /// The first access to details.
    access_event_id: Option<String>,
    transaction_id: Option<String>,
    /// What differs from the purchase; null before there is one.
    differences: Option<Vec<&'static str>>,
    created_at: u64,
    expires_at: u64,
}

/// Something that will stand in the way of the purchase, as things are now.
#[derive(Serialize, ToSchema)]
#[schema(as = IntentWarning)]
struct WarningView {
    code: &'static str,
    limit: &'static str,
    message: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = IntentStatus)]
struct StatusView {
    object: &'static str,
    id: String,
    status: &'static str,
}

/// `POST /v1/cards/{cardId}/intents`
pub(super) async fn declare(call: Call<Write>) -> Result<Answer, Error> {
    let card = call.path_id("cardId")?;
    let command = call.body(|fields| {
        fields.optional("currency", usd)?;
        Ok(DeclareIntent {
            card,
            summary: fields.required("summary", text)?,
            expectation: expectation(fields)?,
            reserves: fields.optional("reserve", boolean)?.unwrap_or(false),
            enforcement: fields.optional("enforcement", word)?,
            ttl_minutes: fields.optional("ttlMinutes", count(1, TTL_MAX_MINUTES))?,
        })
    })?;
    call.require_own_card(card).await?;
    let written = call.submit(Command::DeclareIntent(command)).await?;

    let declared = written.event("Idempotency-Key", |event| match event {
        Event::IntentDeclared(event) => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&IntentView::from(as_declared(declared, &written.entry))))
}

/// What [`declare`] does.
pub(super) fn describe_declare() -> Operation {
    Operation::new(Tag::Intents, "declareIntent", "Declare a purchase")
        .about(
            "`amount` and `merchantText` may be called `expectedAmount` and `expectedMerchant`. A purchase \
             matches within the tolerance: 10 % if none is given.",
        )
        .takes(
            object()
                .required("summary", schema::lasting_text(500))
                .optional("amount", schema::cents())
                .optional("expectedAmount", schema::cents())
                .optional("currency", schema::one_of(["usd", "USD"]))
                .optional("merchantText", schema::lasting_text(100))
                .optional("expectedMerchant", schema::lasting_text(100))
                .optional("expectedMccs", schema::list(1, MCCS_MAX, schema::mcc()))
                .optional("toleranceAmount", schema::cents_or_zero())
                .optional("tolerancePercent", schema::count(0, PERCENT_MAX))
                .optional("ttlMinutes", schema::count(1, TTL_MAX_MINUTES))
                .optional("reserve", schema::boolean())
                .optional("enforcement", schema::word::<Enforcement>())
                .one_of(["amount", "expectedAmount"])
                .one_of(["merchantText", "expectedMerchant"]),
        )
        .creates::<IntentView>()
}

/// `GET /v1/cards/{cardId}/intents`: newest first.
pub(super) async fn list(mut call: Call<Read>) -> Result<Answer, Error> {
    let card = call.path_id("cardId")?;
    let listing = call.listing(|_| Ok(()))?;
    let known = call.own_card(card).await?;
    let page = listing.page;
    let found = call.ask(|models| &models.intents, move |intents| intents.of_card(card, page));
    let found = found.await?;
    let view = listing.view_of::<_, IntentView>(found.value);
    Ok(Answer::shown(found.position.min(known.position), &view))
}

/// What [`list`] does.
pub(super) fn describe_list() -> Operation {
    Operation::new(Tag::Intents, "listIntents", "List a card's intents")
        .about("Newest first.")
        .lists::<IntentView>()
}

/// `GET /v1/intents/{intentId}`
pub(super) async fn show(mut call: Call<Read>) -> Result<Answer, Error> {
    let id = call.path_id("intentId")?;
    call.no_query()?;
    let found = call.ask(|models| &models.intents, move |intents| intents.intent(id));
    let found = found.await?;
    let intent = found.value.ok_or(UNKNOWN)?;
    if call.caller.agent.is_some() {
        call.own_card(intent.card).await.map_err(as_unknown)?;
    }
    Ok(Answer::shown(found.position, &IntentView::from(intent)))
}

/// What [`show`] does.
pub(super) fn describe_show() -> Operation {
    Operation::new(Tag::Intents, "getIntent", "Show an intent").answers::<IntentView>()
}

/// `POST /v1/intents/{intentId}/cancel`
pub(super) async fn cancel(call: Call<Write>) -> Result<Answer, Error> {
    let intent = call.path_id("intentId")?;
    call.no_body()?;
    if call.caller.agent.is_some() {
        let found = call.known(|models| &models.intents, move |intents| intents.intent(intent));
        let found = found.await?.ok_or(UNKNOWN)?;
        call.require_own_card(found.card).await.map_err(as_unknown)?;
    }
    let written = submit(&call, Command::CancelIntent(CancelIntent { intent }), |_| true).await?;
    ended(&written, intent, IntentStatus::Canceled)
}

/// What [`cancel`] does.
pub(super) fn describe_cancel() -> Operation {
    Operation::new(Tag::Intents, "cancelIntent", "Cancel an intent").answers::<StatusView>()
}

/// `POST /v1/intents/{intentId}/approve`
pub(super) async fn approve(call: Call<Write>) -> Result<Answer, Error> {
    let intent = call.path_id("intentId")?;
    call.no_body()?;
    let written = submit(&call, Command::ApproveIntent(ApproveIntent { intent }), |_| true).await?;
    written.event("Idempotency-Key", |event| match event {
        Event::IntentApproved(event) if event.intent == intent => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&StatusView::new(intent, IntentStatus::Pending)))
}

/// What [`approve`] does.
pub(super) fn describe_approve() -> Operation {
    Operation::new(Tag::Intents, "approveIntent", "Approve an intent that waits for it")
        .answers::<StatusView>()
}

/// `POST /v1/intents/{intentId}/reject`
pub(super) async fn reject(call: Call<Write>) -> Result<Answer, Error> {
    let intent = call.path_id("intentId")?;
    call.no_body()?;
    let written = submit(&call, Command::RejectIntent(RejectIntent { intent }), |_| true).await?;
    ended(&written, intent, IntentStatus::Rejected)
}

/// What [`reject`] does.
pub(super) fn describe_reject() -> Operation {
    Operation::new(Tag::Intents, "rejectIntent", "Reject an intent that waits for approval")
        .answers::<StatusView>()
}

/// Sends what names an intent. The rules know none that has ended; to who may see it, it is there.
pub(super) async fn submit(
    call: &Call<Write>,
    command: Command,
    is_visible: impl FnOnce(&Intent) -> bool,
) -> Result<Written, Error> {
    let (refused, id) = match call.submit(command).await {
        Err(Error::Rejected(refused @ Rejection::UnknownIntent(id))) => (refused, id),
        sent => return sent,
    };
    let found = call.known(|models| &models.intents, move |intents| intents.intent(id)).await?;
    let is_there = found.as_ref().is_some_and(is_visible);
    Err(if is_there { Error::IntentHasEnded } else { Error::Rejected(refused) })
}

fn ended(written: &Written, intent: IntentId, status: IntentStatus) -> Result<Answer, Error> {
    written.event("Idempotency-Key", |event| match event {
        Event::IntentClosed(event) if event.intent == intent => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&StatusView::new(intent, status)))
}

const UNKNOWN: Error = Error::UnknownId { noun: IntentId::NOUN };

/// An intent of a card that is not there for the caller is not there either.
fn as_unknown(error: Error) -> Error {
    match error {
        Error::UnknownId { .. } => UNKNOWN,
        other => other,
    }
}

fn expectation(fields: &mut Fields) -> Result<Expectation, Error> {
    let amount = fields.required_as(["amount", "expectedAmount"], cents)?;
    let merchant = fields.required_as(["merchantText", "expectedMerchant"], text)?;
    let mccs = fields.optional("expectedMccs", mccs(MCCS_MAX))?;
    let by_amount = fields.optional("toleranceAmount", cents_or_zero)?;
    let by_percent = fields.optional("tolerancePercent", count(0, PERCENT_MAX))?;
    let tolerance = match (by_amount, by_percent) {
        (None, None) => Tolerance::DEFAULT,
        (Some(amount), None) => Tolerance::Amount(amount),
        (None, Some(percent)) => {
            Tolerance::Percent(u8::try_from(percent).expect("a percentage is at most 100"))
        }
        (Some(_), Some(_)) => {
            let reason = "can't stand beside `toleranceAmount`; send one of them";
            return Err(Error::invalid("tolerancePercent", reason));
        }
    };
    Ok(Expectation { amount, merchant, mccs: mccs.unwrap_or_default(), tolerance })
}

/// The row that a read model makes of it.
fn as_declared(event: &IntentDeclared, entry: &Entry) -> Intent {
    let Expectation { amount, merchant, mccs, tolerance } = event.expectation.clone();
    Intent {
        id: event.intent,
        position: entry.position,
        at: entry.at,
        card: event.card,
        summary: event.summary.clone(),
        amount,
        merchant,
        mccs,
        tolerance,
        warnings: event.warnings.clone(),
        reserves: event.reserves,
        enforcement: event.enforcement,
        expires_anyway: event.expires_anyway,
        status: match event.awaits_approval {
            true => IntentStatus::PendingApproval,
            false => IntentStatus::Pending,
        },
        expires_at: event.expires_at,
        attestation: None,
        transaction: None,
        comparison: None,
    }
}

impl StatusView {
    fn new(intent: IntentId, status: IntentStatus) -> Self {
        Self { object: "intent", id: intent.to_string(), status: status.name() }
    }
}

impl From<Intent> for IntentView {
    fn from(intent: Intent) -> Self {
        let (tolerance_amount, tolerance_percent) = match intent.tolerance {
            Tolerance::Amount(amount) => (Some(amount.0), None),
            Tolerance::Percent(percent) => (None, Some(percent)),
        };
        Self {
            object: "intent",
            id: intent.id.to_string(),
            card_id: intent.card.to_string(),
            status: intent.status.name(),
            summary: intent.summary.as_str().to_owned(),
            amount: intent.amount.0,
            currency: Asset::Usd.code(),
            merchant_text: intent.merchant.as_str().to_owned(),
            expected_mccs: intent.mccs.iter().map(mcc_digits).collect(),
            tolerance_amount,
            tolerance_percent,
            warnings: intent.warnings.into_iter().map(WarningView::from).collect(),
            reserve: intent.reserves,
            enforcement: intent.enforcement.map(Word::word),
            access_event_id: intent.attestation.map(|id| id.to_string()),
            transaction_id: intent.transaction.map(|id| id.to_string()),
            differences: intent.comparison.map(differences),
            created_at: intent.at.as_millis(),
            expires_at: intent.expires_at.as_millis(),
        }
    }
}

impl From<Window> for WarningView {
    fn from(window: Window) -> Self {
        let limit = card_limit(window);
        let message = format!("the amount exceeds what is left of the card's `{limit}`");
        Self { code: "exceeds_card_limit", limit, message }
    }
}
