//! Entries as this surface has them: one posting each, with the ledger's balance after it.

use std::collections::BTreeMap;

use ledger::{Account, JournalId, LedgerId, Posting, Side, Text};
use projector::balances::LedgerBalance;
use serde::Serialize;
use utoipa::ToSchema;

use super::accounts::signed;
use crate::call::{Call, Write, Written};
use crate::error::Error;
use crate::input::instant;
use crate::openapi::schema;
use crate::uuid;
use crate::words::Word;

#[derive(Serialize, ToSchema)]
#[schema(as = LedgerEntry)]
pub(super) struct EntryView {
    id: String,
    ledger_id: String,
    transaction_id: String,
    amount: u128,
    #[serde(rename = "type")]
    #[schema(schema_with = schema::word::<Side>)]
    side: &'static str,
    description: Option<String>,
    /// The ledger's after it, on the side on which it grows.
    balance: i128,
    #[schema(format = DateTime)]
    timestamp: String,
    metadata: NoMetadata,
    #[schema(format = DateTime)]
    created_at: String,
    created_by: Option<String>,
}

/// Written as `{}`.
#[derive(Serialize, ToSchema)]
#[schema(as = Metadata)]
pub(super) struct NoMetadata {}

/// The postings that were written, in their order; the `n`th is for what `description` says of it.
pub(super) async fn views(
    call: &Call<Write>,
    written: &Written,
    journal: JournalId,
    description: impl Fn(usize) -> Option<String>,
) -> Result<Vec<EntryView>, Error> {
    let entry = &written.entry;
    let mut balances = balances_before(call, written).await?;
    let mut views = Vec::with_capacity(entry.postings.iter().len());
    for (number, posting) in entry.postings.iter().enumerate() {
        let Account::Ledger(_, ledger) = posting.account else { continue };
        let balance = balances.get_mut(&ledger).expect("every ledger was asked for");
        *balance += change(posting);
        let at = instant::text(entry.at);
        views.push(EntryView {
            id: uuid::text(id(journal, number)),
            ledger_id: uuid::text(ledger.0),
            transaction_id: uuid::text(journal.0),
            amount: posting.amount.0,
            side: posting.side.word(),
            description: description(number),
            balance: *balance,
            timestamp: at.clone(),
            metadata: NoMetadata {},
            created_at: at,
            created_by: entry.origin.actor.map(|key| uuid::text(key.0)),
        });
    }
    Ok(views)
}

/// What stood on each ledger of the entry before it.
async fn balances_before(
    call: &Call<Write>,
    written: &Written,
) -> Result<BTreeMap<LedgerId, i128>, Error> {
    let position = written.entry.position;
    let mut changes: BTreeMap<_, (Side, i128)> = BTreeMap::new();
    for posting in &written.entry.postings {
        let Account::Ledger(kind, ledger) = posting.account else { continue };
        changes.entry(ledger).or_insert((kind.normal_side(), 0)).1 += change(posting);
    }
    let model = &call.gateway.models.balances;
    model.reach(position).await?;
    let mut balances = BTreeMap::new();
    for (ledger, (side, change)) in changes {
        let found = model.ask(move |balances| balances.ledger(ledger, position)).await?;
        let LedgerBalance { debits, credits, .. } =
            found.value.expect("the entry posted to the ledger");
        balances.insert(ledger, signed(side, debits.0, credits.0) - change);
    }
    Ok(balances)
}

/// What a posting adds to its account's balance.
fn change(posting: &Posting) -> i128 {
    let (debit, credit) = match posting.side {
        Side::Debit => (posting.amount.0, 0),
        Side::Credit => (0, posting.amount.0),
    };
    signed(posting.account.normal_side(), debit, credit)
}

/// Names the `n`th posting of a journal.
fn id(JournalId(mut bytes): JournalId, number: usize) -> [u8; 16] {
    let number = u16::try_from(number + 1).expect("an entry has at most 1,000 postings");
    let [high, low] = number.to_be_bytes();
    bytes[14] ^= high;
    bytes[15] ^= low;
    bytes
}

/// A description as it is shown.
pub(super) fn shown<const MAX: usize>(description: &Option<Text<MAX>>) -> Option<String> {
    description.as_ref().map(|text| text.as_str().to_owned())
}
