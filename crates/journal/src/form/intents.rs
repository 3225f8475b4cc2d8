//! Intents and attestations.

use ledger::intents::{
    AttestationRecorded, IntentApproved, IntentAssessed, IntentClosed, IntentDeclared,
    IntentReleased, Statement,
};
use ledger::matching::{Comparison, Expectation, Mcc, Tolerance};
use ledger::{AttestationId, CardId, IntentId, TransactionId};

use super::Undecodable;
use super::fields::{
    amount, array, bytes, number, position, position_number, some, string, text, time,
};
use super::words::Word;
use crate::proto;
use crate::proto::intent_declared::Tolerance as StoredTolerance;

impl From<&IntentDeclared> for proto::IntentDeclared {
    fn from(event: &IntentDeclared) -> Self {
        let Expectation { amount, merchant, mccs, tolerance } = &event.expectation;
        Self {
            intent: bytes(&event.intent.0),
            card: bytes(&event.card.0),
            summary: string(&event.summary),
            amount: Some((*amount).into()),
            merchant: string(merchant),
            mccs: mccs.iter().map(|mcc| mcc.code().into()).collect(),
            tolerance: Some(match *tolerance {
                Tolerance::Amount(amount) => StoredTolerance::ToleranceAmount(amount.into()),
                Tolerance::Percent(percent) => StoredTolerance::TolerancePercent(percent.into()),
            }),
            warnings: event.warnings.iter().map(|window| window.number()).collect(),
            expires_at_ms: event.expires_at.as_millis(),
            reserves: event.reserves,
            enforcement: event.enforcement.map(Word::number),
            awaits_approval: event.awaits_approval,
            expires_anyway: event.expires_anyway,
        }
    }
}

impl TryFrom<&proto::IntentDeclared> for IntentDeclared {
    type Error = Undecodable;

    fn try_from(message: &proto::IntentDeclared) -> Result<Self, Undecodable> {
        let mccs = message.mccs.iter().map(|code| mcc(*code, "mccs"));
        let enforcement = message.enforcement.map(|number| Word::read(number, "enforcement"));
        let warnings = message.warnings.iter().map(|window| Word::read(*window, "warnings"));
        Ok(Self {
            intent: IntentId(array(&message.intent, "intent")?),
            card: CardId(array(&message.card, "card")?),
            summary: text(&message.summary, "summary")?,
            expectation: Expectation {
                amount: amount(&message.amount, "amount")?,
                merchant: text(&message.merchant, "merchant")?,
                mccs: mccs.collect::<Result<_, _>>()?,
                tolerance: match some(&message.tolerance, "tolerance")? {
                    StoredTolerance::ToleranceAmount(amount) => Tolerance::Amount(amount.into()),
                    StoredTolerance::TolerancePercent(percent) => {
                        Tolerance::Percent(number(*percent, "tolerance_percent")?)
                    }
                },
            },
            warnings: warnings.collect::<Result<_, _>>()?,
            reserves: message.reserves,
            enforcement: enforcement.transpose()?,
            awaits_approval: message.awaits_approval,
            expires_at: time(message.expires_at_ms, "expires_at_ms")?,
            expires_anyway: message.expires_anyway,
        })
    }
}

impl From<&IntentApproved> for proto::IntentApproved {
    fn from(event: &IntentApproved) -> Self {
        Self { intent: bytes(&event.intent.0) }
    }
}

impl TryFrom<&proto::IntentApproved> for IntentApproved {
    type Error = Undecodable;

    fn try_from(message: &proto::IntentApproved) -> Result<Self, Undecodable> {
        Ok(Self { intent: IntentId(array(&message.intent, "intent")?) })
    }
}

impl From<&AttestationRecorded> for proto::AttestationRecorded {
    fn from(event: &AttestationRecorded) -> Self {
        let Statement { summary, amount, merchant } = &event.statement;
        Self {
            attestation: bytes(&event.attestation.0),
            card: bytes(&event.card.0),
            intent: bytes(&event.intent.0),
            declared: position_number(event.declared),
            summary: string(summary),
            amount: Some((*amount).into()),
            merchant: string(merchant),
            expires_at_ms: event.expires_at.as_millis(),
        }
    }
}

impl TryFrom<&proto::AttestationRecorded> for AttestationRecorded {
    type Error = Undecodable;

    fn try_from(message: &proto::AttestationRecorded) -> Result<Self, Undecodable> {
        Ok(Self {
            attestation: AttestationId(array(&message.attestation, "attestation")?),
            card: CardId(array(&message.card, "card")?),
            intent: IntentId(array(&message.intent, "intent")?),
            declared: position(message.declared, "declared")?,
            statement: Statement {
                summary: text(&message.summary, "summary")?,
                amount: amount(&message.amount, "amount")?,
                merchant: text(&message.merchant, "merchant")?,
            },
            expires_at: time(message.expires_at_ms, "expires_at_ms")?,
        })
    }
}

impl From<&IntentAssessed> for proto::IntentAssessed {
    fn from(event: &IntentAssessed) -> Self {
        let Comparison { amount, merchant, mcc } = event.comparison;
        Self {
            intent: bytes(&event.intent.0),
            transaction: bytes(&event.transaction.0),
            amount_matches: amount,
            merchant_matches: merchant,
            mcc_matches: mcc,
            declared: position_number(event.declared),
            attested: event.attested.map(position_number),
        }
    }
}

impl TryFrom<&proto::IntentAssessed> for IntentAssessed {
    type Error = Undecodable;

    fn try_from(message: &proto::IntentAssessed) -> Result<Self, Undecodable> {
        let attested = message.attested.map(|number| position(number, "attested"));
        Ok(Self {
            intent: IntentId(array(&message.intent, "intent")?),
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            comparison: Comparison {
                amount: message.amount_matches,
                merchant: message.merchant_matches,
                mcc: message.mcc_matches,
            },
            declared: position(message.declared, "declared")?,
            attested: attested.transpose()?,
        })
    }
}

impl From<&IntentReleased> for proto::IntentReleased {
    fn from(event: &IntentReleased) -> Self {
        Self { intent: bytes(&event.intent.0), transaction: bytes(&event.transaction.0) }
    }
}

impl TryFrom<&proto::IntentReleased> for IntentReleased {
    type Error = Undecodable;

    fn try_from(message: &proto::IntentReleased) -> Result<Self, Undecodable> {
        Ok(Self {
            intent: IntentId(array(&message.intent, "intent")?),
            transaction: TransactionId(array(&message.transaction, "transaction")?),
        })
    }
}

impl From<&IntentClosed> for proto::IntentClosed {
    fn from(event: &IntentClosed) -> Self {
        Self { intent: bytes(&event.intent.0), reason: event.reason.number() }
    }
}

impl TryFrom<&proto::IntentClosed> for IntentClosed {
    type Error = Undecodable;

    fn try_from(message: &proto::IntentClosed) -> Result<Self, Undecodable> {
        Ok(Self {
            intent: IntentId(array(&message.intent, "intent")?),
            reason: Word::read(message.reason, "reason")?,
        })
    }
}

pub(super) fn mcc(code: u32, field: &'static str) -> Result<Mcc, Undecodable> {
    Mcc::new(number(code, field)?).ok_or(Undecodable::Invalid { field })
}
