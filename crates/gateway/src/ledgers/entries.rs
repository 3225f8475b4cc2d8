//! Entries as this surface has them: one posting each, with the ledger's balance after it.

use std::collections::BTreeMap;

use ledger::ledgers::JournalLine;
use ledger::posting::Balance;
use ledger::{
    Account, Command, Entry, Event, JournalId, LedgerId, Metadata, Position, Posting, Side, Text,
};
use projector::balances::Posted;
use serde::Serialize;
use utoipa::ToSchema;

use super::accounts::signed;
use crate::call::{Call, Write, Written};
use crate::error::Error;
use crate::input::{instant, metadata};
use crate::openapi::schema;
use crate::uuid;
use crate::words::Word;

#[derive(Serialize, ToSchema)]
#[schema(as = LedgerEntry)]
pub(super) struct EntryView {
    /// Not of one that was only tried out.
    id: Option<String>,
    ledger_id: String,
    transaction_id: Option<String>,
    amount: u128,
    #[serde(rename = "type")]
    #[schema(schema_with = schema::word::<Side>)]
    side: &'static str,
    description: Option<String>,
    /// The ledger's after it, on the side on which it grows.
    balance: i128,
    #[schema(format = DateTime)]
    timestamp: String,
    metadata: BTreeMap<String, String>,
    #[schema(format = DateTime)]
    created_at: String,
    created_by: Option<String>,
}

/// What an entry of the journal says of what it posts to ledgers.
struct Said<'a> {
    transaction: JournalId,
    /// Of all its postings.
    description: &'a Option<Text<500>>,
    /// Those of a journal, in the order of the postings.
    lines: &'a [JournalLine],
    metadata: &'a Metadata,
}

impl<'a> Said<'a> {
    /// # Panics
    ///
    /// When the entry posts to no ledger.
    fn of(entry: &'a Entry) -> Self {
        let mut said = entry.events.iter().filter_map(|event| match event {
            Event::LedgerTransferred(event) => Some(Self {
                transaction: event.transfer,
                description: &event.description,
                lines: &[],
                metadata: &event.metadata,
            }),
            Event::JournalPosted(event) => Some(Self {
                transaction: event.journal,
                description: &event.description,
                lines: &event.lines,
                metadata: &event.metadata,
            }),
            Event::JournalReversed(event) => Some(Self {
                transaction: event.journal,
                description: &event.description,
                lines: &event.lines,
                metadata: &event.metadata,
            }),
            _ => None,
        });
        said.next().expect("what posts to ledgers is a transfer or a journal")
    }

    /// Of one posting: a journal's lines have their own.
    fn description(&self, number: u16) -> Option<String> {
        match self.lines.get(usize::from(number)) {
            Some(line) => shown(&line.description),
            None => shown(self.description),
        }
    }
}

impl EntryView {
    /// The posting with this number, after which `after` stands on the ledger.
    fn of(entry: &Entry, said: &Said<'_>, number: u16, after: Balance) -> Option<Self> {
        let posting = entry.postings.iter().nth(usize::from(number))?;
        let Account::Ledger(kind, ledger) = posting.account else { return None };
        let at = instant::text(entry.at);
        Some(Self {
            id: Some(uuid::text(id(said.transaction, number))),
            ledger_id: uuid::text(ledger.0),
            transaction_id: Some(uuid::text(said.transaction.0)),
            amount: posting.amount.0,
            side: posting.side.word(),
            description: said.description(number),
            balance: signed(kind.normal_side(), after.debits.0, after.credits.0),
            timestamp: at.clone(),
            metadata: metadata::texts(said.metadata),
            created_at: at,
            created_by: entry.origin.actor.map(|key| uuid::text(key.0)),
        })
    }

    /// The same of one that was only tried out.
    pub(super) fn tried_out(self) -> Self {
        Self { id: None, transaction_id: None, ..self }
    }
}

impl From<Posted> for EntryView {
    fn from(posted: Posted) -> Self {
        let Posted { entry, number, after } = posted;
        Self::of(&entry, &Said::of(&entry), number, after).expect("it was posted to a ledger")
    }
}

/// Sends a command that posts to ledgers, once it is known that what stands on them can be read: the answer shows that.
pub(super) async fn submit(call: &Call<Write>, command: Command) -> Result<Written, Error> {
    call.gateway.models.balances.reach(call.min_position).await?;
    call.submit(command).await
}

/// What a call has posted to ledgers.
pub(super) async fn written(
    call: &Call<Write>,
    written: &Written,
) -> Result<Vec<EntryView>, Error> {
    written.shown(views(call, &written.entry).await)
}

/// What an entry posts, or would post, to ledgers, in the order of the postings.
pub(super) async fn views<Kind>(call: &Call<Kind>, entry: &Entry) -> Result<Vec<EntryView>, Error> {
    let said = Said::of(entry);
    let mut balances = balances_before(call, entry).await?;
    let mut views = Vec::with_capacity(entry.postings.iter().len());
    for (posting, number) in entry.postings.iter().zip(0..) {
        let Account::Ledger(_, ledger) = posting.account else { continue };
        let balance = balances.get_mut(&ledger).expect("every ledger was asked for");
        let Posting { side, amount, .. } = *posting;
        balance.checked_add(side, amount).expect("the writer has added it up before");
        views.extend(EntryView::of(entry, &said, number, *balance));
    }
    Ok(views)
}

/// What stood on each ledger of the entry before it.
async fn balances_before<Kind>(
    call: &Call<Kind>,
    entry: &Entry,
) -> Result<BTreeMap<LedgerId, Balance>, Error> {
    let ledgers = entry.postings.iter().filter_map(|posting| match posting.account {
        Account::Ledger(_, ledger) => Some(ledger),
        _ => None,
    });
    let ledgers: Vec<_> = ledgers.collect();
    let before = before(entry);
    let model = &call.gateway.models.balances;
    Ok(model.ask_at(before, move |balances| balances.ledgers_after(&ledgers, before)).await?.value)
}

/// The place before an entry.
pub(super) fn before(entry: &Entry) -> Position {
    Position(entry.position.0 - 1)
}

/// Names the `n`th posting of a journal.
fn id(JournalId(mut bytes): JournalId, number: u16) -> [u8; 16] {
    let [high, low] = (number + 1).to_be_bytes();
    bytes[14] ^= high;
    bytes[15] ^= low;
    bytes
}

/// The posting of a journal that [`id`] names so.
pub(super) fn number(journal: JournalId, id: [u8; 16]) -> Option<u16> {
    let mut differences = std::array::from_fn(|at| id[at] ^ journal.0[at]);
    let [high, low] = [differences[14], differences[15]];
    (differences[14], differences[15]) = (0, 0);
    let number = u16::from_be_bytes([high, low]).checked_sub(1);
    number.filter(|_| differences == [0; 16])
}

/// A description as it is shown.
pub(super) fn shown<const MAX: usize>(description: &Option<Text<MAX>>) -> Option<String> {
    description.as_ref().map(|text| text.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_one_posting_of_one_journal() {
        let [journal, other] = [JournalId([0xa5; 16]), JournalId([0x5a; 16])];
        for posting in [0, 1, 254, 255, 256, 999] {
            let id = id(journal, posting);
            assert_eq!(number(journal, id), Some(posting));
            assert_eq!(number(other, id), None);
            assert_ne!(id, journal.0);
        }
        assert_eq!(number(journal, journal.0), None);
    }
}
