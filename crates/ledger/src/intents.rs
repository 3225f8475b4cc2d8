//! Declared purchases, and the accesses to card details that they allow.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::book::{Book, Effects, require_in_range};
use crate::cards::Card;
use crate::clock::Deadline;
use crate::limits::Window;
use crate::matching::{Comparison, Expectation, Mcc};
use crate::time::HOUR_MS;
use crate::{
    Amount, AttestationId, CardId, CommandId, Event, IntentId, Position, Rejection, Text,
    Timestamp, TransactionId,
};

/// How long an intent lives when no details are read (seed 004: one hour).
pub const UNREAD_MS: u64 = HOUR_MS;
/// How long it lives after its details were first read (seed 004: 24 hours).
pub const READ_MS: u64 = 24 * HOUR_MS;
/// How often a card's details may be read within an hour.
pub const READS_MAX: usize = 10;
/// How many intents of a card may live at once: more than an agent plans, few enough to compare one by one.
pub const LIVE_MAX: usize = 100;

/// Declares a purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclareIntent {
    /// The card it will be made with.
    pub card: CardId,
    /// What it is, in words.
    pub summary: Text<500>,
    /// How it will look.
    pub expectation: Expectation,
}

/// A purchase is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentDeclared {
    /// The new id.
    pub intent: IntentId,
    /// The card it will be made with.
    pub card: CardId,
    /// What it is, in words.
    pub summary: Text<500>,
    /// How it will look.
    pub expectation: Expectation,
    /// The card's limits that it would exceed now. They decide at the authorization.
    pub warnings: Vec<Window>,
    /// When it lapses unless details are read.
    pub expires_at: Timestamp,
}

/// Takes a declared purchase back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelIntent {
    /// Which.
    pub intent: IntentId,
}

/// Lets a declared purchase lapse, once its deadline has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpireIntent {
    /// Which.
    pub intent: IntentId,
}

/// An intent ended without a purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentClosed {
    /// Which.
    pub intent: IntentId,
    /// How.
    pub reason: IntentEnd,
}

/// How an intent ended without a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentEnd {
    /// Its deadline passed.
    Expired,
    /// It was taken back.
    Canceled,
}

/// Asks for a card's details and says what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attest {
    /// The card.
    pub card: CardId,
    /// The intent that is acted on; the best matching live one, if it is not named.
    pub intent: Option<IntentId>,
    /// What the details are read for.
    pub statement: Statement,
}

/// What the reader of card details says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What they are for, in words.
    pub summary: Text<500>,
    /// The amount, in minor units of US dollars.
    pub amount: Amount,
    /// Some part of the merchant's name.
    pub merchant: Text<100>,
}

/// Card details were shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestationRecorded {
    /// The new id.
    pub attestation: AttestationId,
    /// The card.
    pub card: CardId,
    /// The intent that is acted on.
    pub intent: IntentId,
    /// Where it was declared.
    pub declared: Position,
    /// What the details were read for.
    pub statement: Statement,
    /// When the intent lapses without a purchase.
    pub expires_at: Timestamp,
}

/// An authorization or its final clearing was compared with the intent that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentAssessed {
    /// The intent.
    pub intent: IntentId,
    /// The authorization that took it.
    pub transaction: TransactionId,
    /// What agrees.
    pub comparison: Comparison,
    /// Where the intent was declared.
    pub declared: Position,
    /// Where details were first read for it.
    pub attested: Option<Position>,
}

/// The authorization that had taken an intent was voided or expired: the intent can be used again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentReleased {
    /// The intent.
    pub intent: IntentId,
    /// The authorization.
    pub transaction: TransactionId,
}

/// What the rules need to know of an intent that is live or belongs to an open authorization.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Intent {
    pub(crate) card: CardId,
    pub(crate) expectation: Expectation,
    pub(crate) declared: Position,
    pub(crate) attested: Option<(AttestationId, Position)>,
    pub(crate) expires_at: Timestamp,
    /// The authorization that has taken it, and how that compared.
    pub(crate) taken: Option<(TransactionId, Comparison)>,
}

impl Intent {
    pub(crate) fn assessed(
        &self,
        intent: IntentId,
        transaction: TransactionId,
        comparison: Comparison,
    ) -> Event {
        Event::IntentAssessed(IntentAssessed {
            intent,
            transaction,
            comparison,
            declared: self.declared,
            attested: self.attested.map(|(_, position)| position),
        })
    }
}

impl Book {
    /// The live intent.
    pub(crate) fn live_intent(&self, intent: IntentId) -> Result<&Intent, Rejection> {
        let live = self.intents.get(intent).filter(|found| found.taken.is_none());
        live.ok_or(Rejection::UnknownIntent(intent))
    }

    /// The live intent of a card that suits a purchase best: one that matches before one that does not, then the
    /// smallest difference, then the oldest, then the lowest id.
    pub(crate) fn best_intent(
        &self,
        card: &Card,
        amount: Amount,
        merchant: &str,
        mcc: Option<Mcc>,
    ) -> Option<(IntentId, &Intent, Comparison)> {
        let live = card.intents.iter().filter_map(|id| {
            let intent = self.live_intent(*id).ok()?;
            Some((*id, intent, intent.expectation.compare(amount, merchant, mcc)))
        });
        live.min_by_key(|(id, intent, comparison)| {
            let difference = intent.expectation.amount.abs_diff(amount);
            (!comparison.is_match(), difference, intent.declared, *id)
        })
    }

    pub(crate) fn declare_intent(
        &self,
        command: &DeclareIntent,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let card = self.active_card(command.card)?;
        require_in_range(command.expectation.amount)?;
        if LIVE_MAX <= card.intents.len() {
            return Err(Rejection::TooManyIntents { max: LIVE_MAX });
        }
        let exceeded = card.limits.iter().filter(|limit| {
            card.spending.exceeded([*limit], command.expectation.amount, now).is_some()
        });
        Ok(Effects::memo([Event::IntentDeclared(IntentDeclared {
            intent: IntentId::derive(now, id, 0),
            card: command.card,
            summary: command.summary.clone(),
            expectation: command.expectation.clone(),
            warnings: exceeded.map(|limit| limit.window).collect(),
            expires_at: now.plus_ms(UNREAD_MS),
        })]))
    }

    pub(crate) fn cancel_intent(&self, command: &CancelIntent) -> Result<Effects, Rejection> {
        let CancelIntent { intent } = *command;
        self.live_intent(intent)?;
        Ok(Effects::memo([Event::IntentClosed(IntentClosed {
            intent,
            reason: IntentEnd::Canceled,
        })]))
    }

    pub(crate) fn expire_intent(
        &self,
        command: &ExpireIntent,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let ExpireIntent { intent } = *command;
        if now < self.live_intent(intent)?.expires_at {
            return Err(Rejection::NotDue);
        }
        Ok(Effects::memo([Event::IntentClosed(IntentClosed {
            intent,
            reason: IntentEnd::Expired,
        })]))
    }

    pub(crate) fn attest(
        &self,
        command: &Attest,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let card = self.active_card(command.card)?;
        self.require_approved(card.holder)?;
        let Statement { amount, merchant, .. } = &command.statement;
        require_in_range(*amount)?;
        let (intent, found) = match command.intent {
            Some(named) => {
                let found = self.live_intent(named)?;
                if found.card != command.card {
                    return Err(Rejection::UnknownIntent(named));
                }
                (named, found)
            }
            None => self
                .best_intent(card, *amount, merchant.as_str(), None)
                .map(|(intent, found, _)| (intent, found))
                .ok_or(Rejection::IntentRequired { card: command.card })?,
        };
        let recent = || card.attested.iter().filter(|at| now < at.plus_ms(HOUR_MS));
        if READS_MAX <= recent().count() {
            let oldest = recent().next().expect("there are as many as the limit");
            return Err(Rejection::DetailsTooOften {
                max: READS_MAX,
                retry_at: oldest.plus_ms(HOUR_MS),
            });
        }
        Ok(Effects::memo([Event::AttestationRecorded(AttestationRecorded {
            attestation: AttestationId::derive(now, id, 0),
            card: command.card,
            intent,
            declared: found.declared,
            statement: command.statement.clone(),
            expires_at: match found.attested {
                Some(_) => found.expires_at,
                None => now.plus_ms(READ_MS),
            },
        })]))
    }

    pub(crate) fn apply_declared(&mut self, event: &IntentDeclared, position: Position) {
        let card = self.cards.get_mut(event.card).expect("an intent names a card");
        card.intents.push(event.intent);
        self.deadlines.insert((event.expires_at, Deadline::Intent(event.intent)));
        self.intents.insert(
            event.intent,
            Intent {
                card: event.card,
                expectation: event.expectation.clone(),
                declared: position,
                attested: None,
                expires_at: event.expires_at,
                taken: None,
            },
        );
    }

    pub(crate) fn apply_attested(
        &mut self,
        event: &AttestationRecorded,
        position: Position,
        at: Timestamp,
    ) {
        let card = self.cards.get_mut(event.card).expect("an attestation names a card");
        card.attested.retain(|read| at < read.plus_ms(HOUR_MS));
        card.attested.push_back(at);
        let intent =
            self.intents.get_mut(event.intent).expect("an attestation names a live intent");
        if intent.attested.is_none() {
            self.deadlines.remove(&(intent.expires_at, Deadline::Intent(event.intent)));
            self.deadlines.insert((event.expires_at, Deadline::Intent(event.intent)));
            intent.attested = Some((event.attestation, position));
            intent.expires_at = event.expires_at;
        }
    }

    pub(crate) fn apply_assessed(&mut self, event: &IntentAssessed) {
        let intent = self.intents.get_mut(event.intent).expect("an assessment names an intent");
        intent.taken = Some((event.transaction, event.comparison));
        self.deadlines.remove(&(intent.expires_at, Deadline::Intent(event.intent)));
    }

    pub(crate) fn apply_released(&mut self, event: &IntentReleased) {
        let intent = self.intents.get_mut(event.intent).expect("a release names an intent");
        intent.taken = None;
        self.deadlines.insert((intent.expires_at, Deadline::Intent(event.intent)));
    }

    /// Forgets an intent that can't be used again.
    pub(crate) fn drop_intent(&mut self, id: IntentId) {
        let intent = self.intents.remove(id).expect("an intent ends once");
        self.deadlines.remove(&(intent.expires_at, Deadline::Intent(id)));
        let card = self.cards.get_mut(intent.card).expect("an intent names a card");
        card.intents.retain(|other| *other != id);
    }
}
