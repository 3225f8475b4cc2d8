//! Holds everything that was answered against the journal, by code that shares none with the rules.
//!
//! It walks the journal from its stored bytes as far as some anchor knows of it: what lies behind that is never lost. What
//! a request had to come to is foretold by `testkit::books` at the position and the time at which it was decided.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use journal::Stored;
use ledger::authorizations::ExpireAuthorization;
use ledger::intents::ExpireIntent;
use ledger::{
    Command, CommandId, Entry, IntentId, Origin, Position, Reference, Rejection, Request,
    Timestamp, TransactionId,
};
use rpc::{Answer, Refusal};
use sha2::{Digest, Sha256};
use testkit::books::verdict::{Asked, Verdict, name_of_rejection};
use testkit::books::{Books, Breach};

use crate::counters::{Counters, Path};
use crate::database::Database;

/// One sending of a request.
pub type Ticket = u64;

/// Returns the words as a breach unless the condition holds.
macro_rules! demand {
    ($condition:expr, $($words:tt)+) => {
        if !$condition {
            return Err(format!($($words)+));
        }
    };
}

/// What a writer has made of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// An entry.
    Entry,
    /// Nothing: the rules refuse it.
    Refusal,
    /// What had been made of it before.
    Replay,
}

/// What is known of a journal and of what was said about it.
#[derive(Debug, Default)]
pub struct Auditor {
    books: Books,
    entries: Vec<Arc<Entry>>,
    last_hash: [u8; 32],
    references: BTreeMap<Reference, Position>,
    /// The first body under each id that was sent.
    requests: BTreeMap<CommandId, Arc<Request>>,
    open: BTreeMap<Ticket, Open>,
    /// How often each id was sent.
    sendings: BTreeMap<CommandId, Sendings>,
    /// Refusals that were decided, by the position on which they rest.
    undecided: BTreeMap<Position, Vec<Ticket>>,
    /// What writers have made entries of, and whether that was when nobody waited any more.
    lateness: BTreeSet<(CommandId, bool)>,
    /// Positions that somebody was told of as the first answer.
    first_answers: BTreeSet<Position>,
    /// The furthest that anything rests on that was told.
    told: Position,
}

/// How often something was sent, and how often the answer was that nothing is written.
#[derive(Debug, Default)]
struct Sendings {
    sent: u32,
    unwritten: u32,
}

/// A request that was sent and not answered.
#[derive(Debug)]
struct Open {
    request: Arc<Request>,
    /// How far what was told had come when it was sent.
    floor: Position,
    decided: Option<Decided>,
}

/// How a writer has decided.
#[derive(Debug)]
struct Decided {
    rests_on: Position,
    asked: Asked,
    /// What a refusal had to be at that position, once the journal has come there.
    expected: Option<Verdict>,
}

impl Auditor {
    /// What the journal says, as far as it was walked.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// What it was walked over.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// A request is sent.
    pub fn sent(&mut self, ticket: Ticket, request: &Arc<Request>) {
        self.requests.entry(request.id).or_insert_with(|| request.clone());
        self.sendings.entry(request.id).or_default().sent += 1;
        let open = Open { request: request.clone(), floor: self.told, decided: None };
        self.open.insert(ticket, open);
    }

    /// A writer has decided a request, or found it done.
    pub fn decided(&mut self, ticket: Ticket, rests_on: Position, asked: Asked, made: Made) {
        let Some(open) = self.open.get_mut(&ticket) else { return };
        if made == Made::Entry {
            self.lateness.insert((open.request.id, asked.is_late));
        }
        open.decided = Some(Decided { rests_on, asked, expected: None });
        if made == Made::Refusal {
            self.undecided.entry(rests_on).or_default().push(ticket);
            self.judge_refusals();
        }
    }

    /// Walks on to this position.
    pub fn follow(
        &mut self,
        database: &Database,
        until: Position,
        counters: &mut Counters,
    ) -> Result<(), Breach> {
        while self.books.position < until {
            let position = self.books.position.next();
            let row = database.true_row(position);
            let row = row.ok_or_else(|| format!("entry `{position}` was anchored and is lost"))?;
            self.walk(row.to_vec(), counters)
                .map_err(|breach| format!("at entry `{position}`: {breach}"))?;
            self.judge_refusals();
        }
        Ok(())
    }

    fn walk(&mut self, bytes: Vec<u8>, counters: &mut Counters) -> Result<(), Breach> {
        let hash = hash_of(&bytes);
        let stored = journal::decode(bytes).map_err(|error| error.to_string())?;
        demand!(stored.previous.0 == self.last_hash, "it does not follow the entry before");
        let entry = stored.entry;
        for reference in entry.references().collect::<BTreeSet<_>>() {
            let before = self.references.insert(reference, entry.position);
            demand!(before.is_none(), "{reference:?} stands in `{before:?}` already");
        }
        let due = self.books.next_due();
        let request = match self.requests.get(&entry.command) {
            Some(request) => {
                let is_missed = due.is_some_and(|due| due <= entry.at);
                demand!(!is_missed, "a deadline of {due:?} is missed at {:?}", entry.at);
                let request = request.clone();
                self.demand_not_denied(request.id)?;
                request
            }
            None => {
                let (at, request) = self.deadline(&entry)?;
                demand!(due == Some(at), "{at:?} is written before {due:?}");
                demand!(at <= entry.at, "it was not due before {at:?}");
                counters.add(Path::DeadlineFirst);
                Arc::new(request)
            }
        };
        self.judge(&request, &entry, counters)?;
        self.books.record(&entry)?;
        self.entries.push(entry);
        self.last_hash = hash;
        Ok(())
    }

    /// Holds an entry against its request, as a writer has decided it.
    fn judge(
        &self,
        request: &Request,
        entry: &Entry,
        counters: &mut Counters,
    ) -> Result<(), Breach> {
        let is_decided = |is_late| self.lateness.contains(&(request.id, is_late));
        let judge =
            |is_late| self.books.judge(request, Asked { now: entry.at, is_late }, Ok(entry));
        if !is_decided(true) {
            return judge(false);
        }
        counters.add(Path::Late);
        let judged = judge(true);
        if is_decided(false) { judged.or_else(|_| judge(false)) } else { judged }
    }

    /// The request that nobody has sent: something has fallen due.
    fn deadline(&self, entry: &Entry) -> Result<(Timestamp, Request), Breach> {
        let mut id = entry.command.0;
        id[0] ^= 0xff;
        let (intent, transaction) = (IntentId(id), TransactionId(id));
        let (at, command) = if let Some(found) = self.books.intents.get(&intent) {
            (found.expires_at, Command::ExpireIntent(ExpireIntent { intent }))
        } else if let Some(found) = self.books.purchases.get(&transaction) {
            let command = ExpireAuthorization { transaction };
            (found.expires_at, Command::ExpireAuthorization(command))
        } else {
            return Err("nobody has asked for it".to_owned());
        };
        Ok((at, Request { id: entry.command, origin: Origin::LEDGER, command }))
    }

    /// What refusals that rest on the last entry had to be.
    fn judge_refusals(&mut self) {
        let Some(tickets) = self.undecided.remove(&self.books.position) else { return };
        for ticket in tickets {
            let Some(open) = self.open.get_mut(&ticket) else { continue };
            // One that is earlier than the last entry was decided in a history that was lost.
            let is_of_here = |decided: &&mut Decided| self.books.at <= decided.asked.now;
            let Some(decided) = open.decided.as_mut().filter(is_of_here) else { continue };
            decided.expected = Some(self.books.verdict(&open.request, decided.asked));
        }
    }

    /// A writer answers. `anchored` is how far its anchor knows the journal.
    pub fn answered(
        &mut self,
        ticket: Ticket,
        result: &Result<Answer, Refusal>,
        anchored: Position,
        counters: &mut Counters,
    ) -> Result<(), Breach> {
        let Some(open) = self.open.remove(&ticket) else { return Ok(()) };
        let is_told =
            !matches!(result, Err(Refusal::Busy | Refusal::Unavailable | Refusal::Unknown));
        if !is_told {
            if !matches!(result, Err(Refusal::Unknown)) {
                let sendings = self.sendings.entry(open.request.id).or_default();
                sendings.unwritten += 1;
            }
            return self.demand_not_denied(open.request.id);
        }
        let decided = open.decided.ok_or("an answer without a decision")?;
        let rests_on = decided.rests_on;
        demand!(
            rests_on <= anchored,
            "what rests on `{rests_on}` is told, anchored is `{anchored}`"
        );
        demand!(
            open.floor <= rests_on,
            "what rests on `{rests_on}` is told to who asked when `{}` was known",
            open.floor
        );
        self.told = self.told.max(rests_on);
        let request = &*open.request;
        let earlier = request.references().find_map(|reference| {
            let position = self.references.get(&reference)?;
            (*position <= rests_on).then_some((reference, *position))
        });
        match result {
            Ok(Answer { entry, is_replay }) => {
                let index = entry.position.0 as usize - 1;
                let found = self.entries.get(index);
                demand!(found == Some(entry), "what is told is not entry `{}`", entry.position);
                demand!(entry.position <= rests_on, "an answer rests on less than it tells");
                let is_own = entry.command == request.id;
                let is_same = is_own && entry.origin.fingerprint == request.origin.fingerprint;
                let carries = |known| entry.references().any(|reference| reference == known);
                if *is_replay {
                    counters.add(Path::Replayed);
                    let is_other = !is_own && request.command.reference().is_some_and(carries);
                    demand!(is_same || is_other, "the replay of another request");
                } else {
                    demand!(is_same, "the answer to another request");
                    demand!(open.floor < entry.position, "the entry is older than its request");
                    let is_first = self.first_answers.insert(entry.position);
                    demand!(is_first, "`{}` is told twice as done", entry.position);
                }
            }
            Err(Refusal::Reused { route }) => {
                counters.add(Path::Reused);
                let first = match earlier {
                    Some((Reference::Command(_), position)) => {
                        &self.entries[position.0 as usize - 1].origin
                    }
                    _ => return Err("a key was not used before, and is refused".to_owned()),
                };
                demand!(*route == first.route, "it was used on another route");
                let is_other = first.fingerprint != request.origin.fingerprint;
                demand!(is_other, "a request is refused as if it were another one");
            }
            Err(Refusal::Rejected(rejection)) => {
                counters.add(Path::Rejected);
                demand!(earlier.is_none(), "refused, and done before: {earlier:?}");
                if let Rejection::IdTaken = rejection {
                    counters.add(Path::IdTaken);
                }
                let found = Verdict::Rejected(name_of_rejection(rejection));
                let expected = decided.expected.ok_or("a refusal from what was old")?;
                demand!(found == expected, "refused as {found:?}, not as {expected:?}");
            }
            Err(Refusal::Busy | Refusal::Unavailable | Refusal::Unknown) => {}
        }
        Ok(())
    }

    /// What was only ever answered with "nothing was written" is not in the journal.
    fn demand_not_denied(&self, id: CommandId) -> Result<(), Breach> {
        let is_denied = self.sendings.get(&id).is_some_and(|it| it.sent == it.unwritten);
        demand!(!(is_denied && self.is_written(id)), "{id:?} is written, and was told not to be");
        Ok(())
    }

    /// Everything once more, when nothing happens any more: the bytes as they lie there, and the books as a whole.
    pub fn finish(&self, rows: &[Stored]) -> Result<[u8; 32], Breach> {
        demand!(rows.len() == self.entries.len(), "the journal was not walked to its end");
        let hash = rows.last().map_or([0; 32], |last| hash_of(&last.bytes));
        demand!(hash == self.last_hash, "the last entry was changed");
        for (asset, difference) in self.books.trial_balance() {
            demand!(difference == 0, "in `{asset}` debits exceed credits by `{difference}`");
        }
        self.books.sound()?;
        Ok(hash)
    }

    /// Whether a request was written.
    pub fn is_written(&self, id: CommandId) -> bool {
        self.references.contains_key(&Reference::Command(id))
    }
}

/// The leaf hash of RFC 6962.
fn hash_of(bytes: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}
