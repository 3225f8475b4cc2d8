//! What the verifier of identities says.

use ledger::Command;
use ledger::holders::{
    DenialReason, DocumentKind, RecordVerification, Verification, VerificationStatus,
};

use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::read::{self, word};
use crate::ledgeros::VerificationView;
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};
use crate::words::Word;

/// `POST /v1/sandbox/verifications/{userId}`
pub(super) async fn play(call: Call<Write>) -> Result<Answer, Error> {
    let holder = call.path_with("userId", read::holder)?;
    let verification = call.body(|fields| {
        let status = fields.required("outcome", word)?;
        let kinds_max = DocumentKind::ALL.len();
        let required = fields.optional("requiredFields", |field| field.list(kinds_max, word))?;
        let reason = fields.optional("reason", word)?;
        if required.is_some() && status != VerificationStatus::NeedsInformation {
            let reason = "stands with the outcome `needsInformation` only";
            return Err(Error::invalid("requiredFields", reason));
        }
        if reason.is_some() && status != VerificationStatus::Denied {
            return Err(Error::invalid("reason", "stands with the outcome `denied` only"));
        }
        Ok(Verification { status, required: required.unwrap_or_default(), reason })
    })?;
    let command = Command::RecordVerification(RecordVerification { holder, verification });
    let written = call.submit(command).await?;
    VerificationView::answer(&call.gateway, &written, holder)
}

/// What [`play`] does.
pub(super) fn describe_play() -> Operation {
    Operation::new(Tag::Sandbox, "playVerification", "Decide a verification")
        .about("The path takes a user or a customer.")
        .takes(
            object()
                .required("outcome", schema::word::<VerificationStatus>())
                .optional(
                    "requiredFields",
                    schema::list(0, DocumentKind::ALL.len(), schema::word::<DocumentKind>()),
                )
                .optional("reason", schema::word::<DenialReason>()),
        )
        .answers::<VerificationView>()
}
