//! Verifications of users (KYC).

use ledger::holders::{StartVerification, Verification, VerificationStatus};
use ledger::{Command, Event, HolderId};
use projector::At;
use projector::directory::Holder;
use providers::sandbox::identity;
use serde::Serialize;
use utoipa::ToSchema;

use super::users;
use crate::call::{Answer, Call, Read, Write, Written};
use crate::error::Error;
use crate::gateway::Gateway;
use crate::input::read::id;
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};
use crate::words::Word;

/// Where users are verified.
pub(crate) const VERIFICATION_PAGES: &str = "https://kyc.ledger.so";

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Verification)]
pub(crate) struct VerificationView {
    object: &'static str,
    user_id: String,
    #[schema(schema_with = schema::word::<VerificationStatus>)]
    application_status: &'static str,
    /// Always the same link; only while the user has something to do there.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_url: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    required_fields: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// `POST /v1/verification/user`
pub(super) async fn start(call: Call<Write>) -> Result<Answer, Error> {
    let holder = call.body(|fields| fields.required("userId", id))?;
    let command = Command::StartVerification(StartVerification { holder });
    let written = call.submit(command).await?;
    VerificationView::answer(&call.gateway, &written, holder)
}

/// What [`start`] does.
pub(super) fn describe_start() -> Operation {
    Operation::new(Tag::Verification, "startVerification", "Begin a user's verification")
        .takes(object().required("userId", schema::id::<HolderId>()))
        .answers::<VerificationView>()
}

/// `GET /v1/verification/user/{userId}`
pub(super) async fn show(mut call: Call<Read>) -> Result<Answer, Error> {
    call.no_query()?;
    let At { position, value: holder } = users::find(&call).await?;
    let holder = as_shown(holder);
    let verification =
        Verification { status: holder.status, required: holder.required, reason: holder.reason };
    let view = VerificationView::new(&call.gateway, holder.id, &verification);
    Ok(Answer::shown(position, &view))
}

/// What [`show`] does.
pub(super) fn describe_show() -> Operation {
    Operation::new(Tag::Verification, "getVerification", "Show a user's verification")
        .answers::<VerificationView>()
}

/// Who is erased is shown as locked: nothing can be done for them any more.
pub(crate) fn as_shown(holder: Holder) -> Holder {
    if holder.erased_at.is_none() {
        return holder;
    }
    Holder {
        status: VerificationStatus::Locked,
        before_lock: holder.before_lock.or(Some(holder.status)),
        required: Vec::new(),
        reason: None,
        ..holder
    }
}

impl VerificationView {
    /// What an entry says that changed a verification.
    pub(crate) fn answer(
        gateway: &Gateway,
        written: &Written,
        holder: HolderId,
    ) -> Result<Answer, Error> {
        let changed = written.event("Idempotency-Key", |event| match event {
            Event::VerificationChanged(event) if event.holder == holder => Some(event),
            _ => None,
        })?;
        Ok(written.answer(&Self::new(gateway, holder, &changed.verification)))
    }

    fn new(gateway: &Gateway, holder: HolderId, verification: &Verification) -> Self {
        let has_something_to_do = matches!(
            verification.status,
            VerificationStatus::Pending
                | VerificationStatus::NeedsInformation
                | VerificationStatus::NeedsVerification
        );
        Self {
            object: "verification",
            user_id: holder.to_string(),
            application_status: verification.status.word(),
            verification_url: has_something_to_do
                .then(|| identity::verification_url(VERIFICATION_PAGES, &gateway.seed, holder)),
            required_fields: verification.required.iter().map(|kind| kind.word()).collect(),
            reason: verification.reason.map(Word::word),
        }
    }
}
