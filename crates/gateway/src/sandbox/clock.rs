//! The book's clock.

use ledger::clock::AdvanceClock;
use ledger::{Command, Event};
use serde::Serialize;
use utoipa::ToSchema;

use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::duration::duration_ms;
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Clock)]
struct ClockView {
    object: &'static str,
    advanced_ms: u64,
    /// What the clock showed afterwards. All that fell due by then is written.
    now: u64,
}

/// `POST /v1/sandbox/clock`
pub(super) async fn advance(call: Call<Write>) -> Result<Answer, Error> {
    let by_ms = call.body(|fields| fields.required("advance", duration_ms))?;
    let written = call.submit(Command::AdvanceClock(AdvanceClock { by_ms })).await?;
    let advanced = written.event("Idempotency-Key", |event| match event {
        Event::ClockAdvanced(event) => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&ClockView {
        object: "clock",
        advanced_ms: advanced.by_ms,
        now: written.entry.at.plus_ms(advanced.by_ms).as_millis(),
    }))
}

/// What [`advance`] does.
pub(super) fn describe_advance() -> Operation {
    Operation::new(Tag::Sandbox, "advanceClock", "Move the book's clock forward")
        .about("Answers after all that fell due is written.")
        .takes(object().required("advance", schema::duration()))
        .answers::<ClockView>()
}
