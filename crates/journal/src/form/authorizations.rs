//! Card transactions.

use ledger::authorizations::{
    AuthorizationApproved, AuthorizationConfirmed, AuthorizationDeclined, AuthorizationExpired,
    AuthorizationIncremented, AuthorizationLinked, AuthorizationReversed, CardVerified,
    IncrementDeclined, Original, Purchased, ReversalUnusable, Terms,
};
use ledger::limits::ExceededLimit;
use ledger::matching::Merchant;
use ledger::{AgentId, Amount, AttestationId, CardId, HolderId, IntentId, Rate, TransactionId};

use super::Undecodable;
use super::fields::{
    amount, amount_or_zero, array, bytes, optional_array, optional_bytes, optional_string,
    optional_text, some, string, text, time, unless_zero,
};
use super::intents::mcc;
use super::words::Word;
use crate::proto;

impl From<&Terms> for proto::Terms {
    fn from(terms: &Terms) -> Self {
        let Merchant { name, mcc, city, country } = &terms.merchant;
        Self {
            amount: Some(terms.amount.into()),
            asset: terms.asset.number(),
            merchant: string(name),
            mcc: mcc.map(|mcc| mcc.code().into()),
            city: optional_string(city),
            country: optional_string(country),
            network_id: optional_bytes(terms.network_id),
            original: terms.original.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<&proto::Terms> for Terms {
    type Error = Undecodable;

    fn try_from(message: &proto::Terms) -> Result<Self, Undecodable> {
        Ok(Self {
            amount: amount(&message.amount, "amount")?,
            asset: Word::read(message.asset, "asset")?,
            merchant: Merchant {
                name: text(&message.merchant, "merchant")?,
                mcc: message.mcc.map(|code| mcc(code, "mcc")).transpose()?,
                city: optional_text(&message.city, "city")?,
                country: optional_text(&message.country, "country")?,
            },
            network_id: optional_array(&message.network_id, "network_id")?,
            original: message.original.as_ref().map(Original::try_from).transpose()?,
        })
    }
}

impl From<&Original> for proto::Original {
    fn from(original: &Original) -> Self {
        Self {
            amount: Some(original.amount.into()),
            asset: original.asset.number(),
            rate: original.rate.0,
            rate_source: string(&original.rate_source),
        }
    }
}

impl TryFrom<&proto::Original> for Original {
    type Error = Undecodable;

    fn try_from(message: &proto::Original) -> Result<Self, Undecodable> {
        Ok(Self {
            amount: amount(&message.amount, "amount")?,
            asset: Word::read(message.asset, "asset")?,
            rate: Rate(message.rate),
            rate_source: text(&message.rate_source, "rate_source")?,
        })
    }
}

/// What was approved, where that is not what was asked for.
fn part(approved: Amount, terms: &Terms) -> Option<proto::Amount> {
    (approved != terms.amount).then(|| approved.into())
}

fn approved(part: &Option<proto::Amount>, terms: &Terms) -> Result<Amount, Undecodable> {
    match part.as_ref().map(Amount::from) {
        None => Ok(terms.amount),
        Some(all) if all == terms.amount => Err(Undecodable::Invalid { field: "approved" }),
        Some(part) => Ok(part),
    }
}

impl From<&AuthorizationApproved> for proto::AuthorizationApproved {
    fn from(event: &AuthorizationApproved) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            card: bytes(&event.card.0),
            agent: bytes(&event.agent.0),
            holder: bytes(&event.holder.0),
            terms: Some((&event.terms).into()),
            intent: optional_bytes(event.intent.map(|id| id.0)),
            attestation: optional_bytes(event.attestation.map(|id| id.0)),
            expires_at_ms: event.expires_at.as_millis(),
            approved: part(event.approved, &event.terms),
            is_advice: event.is_advice,
        }
    }
}

impl TryFrom<&proto::AuthorizationApproved> for AuthorizationApproved {
    type Error = Undecodable;

    fn try_from(message: &proto::AuthorizationApproved) -> Result<Self, Undecodable> {
        let terms = some(&message.terms, "terms")?.try_into()?;
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            card: CardId(array(&message.card, "card")?),
            agent: AgentId(array(&message.agent, "agent")?),
            holder: HolderId(array(&message.holder, "holder")?),
            approved: approved(&message.approved, &terms)?,
            terms,
            is_advice: message.is_advice,
            intent: optional_array(&message.intent, "intent")?.map(IntentId),
            attestation: optional_array(&message.attestation, "attestation")?.map(AttestationId),
            expires_at: time(message.expires_at_ms, "expires_at_ms")?,
        })
    }
}

impl From<&AuthorizationDeclined> for proto::AuthorizationDeclined {
    fn from(event: &AuthorizationDeclined) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            card: bytes(&event.card.0),
            agent: bytes(&event.agent.0),
            holder: bytes(&event.holder.0),
            terms: Some((&event.terms).into()),
            reason: event.reason.number(),
            exceeded: event.exceeded.map(Into::into),
        }
    }
}

impl TryFrom<&proto::AuthorizationDeclined> for AuthorizationDeclined {
    type Error = Undecodable;

    fn try_from(message: &proto::AuthorizationDeclined) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            card: CardId(array(&message.card, "card")?),
            agent: AgentId(array(&message.agent, "agent")?),
            holder: HolderId(array(&message.holder, "holder")?),
            terms: some(&message.terms, "terms")?.try_into()?,
            reason: Word::read(message.reason, "reason")?,
            exceeded: message.exceeded.as_ref().map(ExceededLimit::try_from).transpose()?,
        })
    }
}

impl From<&AuthorizationReversed> for proto::AuthorizationReversed {
    fn from(event: &AuthorizationReversed) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            amount: Some(event.amount.into()),
            is_final: event.is_final,
            network_id: optional_bytes(event.network_id),
        }
    }
}

impl TryFrom<&proto::AuthorizationReversed> for AuthorizationReversed {
    type Error = Undecodable;

    fn try_from(message: &proto::AuthorizationReversed) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            amount: amount(&message.amount, "amount")?,
            is_final: message.is_final,
            network_id: optional_array(&message.network_id, "network_id")?,
        })
    }
}

impl From<&AuthorizationExpired> for proto::AuthorizationExpired {
    fn from(event: &AuthorizationExpired) -> Self {
        Self { transaction: bytes(&event.transaction.0), released: Some(event.released.into()) }
    }
}

impl TryFrom<&proto::AuthorizationExpired> for AuthorizationExpired {
    type Error = Undecodable;

    fn try_from(message: &proto::AuthorizationExpired) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            released: amount(&message.released, "released")?,
        })
    }
}

impl From<&CardVerified> for proto::CardVerified {
    fn from(event: &CardVerified) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            card: bytes(&event.card.0),
            agent: bytes(&event.agent.0),
            holder: bytes(&event.holder.0),
            terms: Some((&event.terms).into()),
        }
    }
}

impl TryFrom<&proto::CardVerified> for CardVerified {
    type Error = Undecodable;

    fn try_from(message: &proto::CardVerified) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            card: CardId(array(&message.card, "card")?),
            agent: AgentId(array(&message.agent, "agent")?),
            holder: HolderId(array(&message.holder, "holder")?),
            terms: some(&message.terms, "terms")?.try_into()?,
        })
    }
}

impl From<&AuthorizationLinked> for proto::AuthorizationLinked {
    fn from(event: &AuthorizationLinked) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            card: bytes(&event.card.0),
            terms: Some((&event.terms).into()),
        }
    }
}

impl TryFrom<&proto::AuthorizationLinked> for AuthorizationLinked {
    type Error = Undecodable;

    fn try_from(message: &proto::AuthorizationLinked) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            card: CardId(array(&message.card, "card")?),
            terms: some(&message.terms, "terms")?.try_into()?,
        })
    }
}

impl From<&Purchased> for proto::Purchased {
    fn from(event: &Purchased) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            card: bytes(&event.card.0),
            agent: bytes(&event.agent.0),
            holder: bytes(&event.holder.0),
            terms: Some((&event.terms).into()),
            approved: part(event.approved, &event.terms),
            fee: unless_zero(event.fee),
            intent: optional_bytes(event.intent.map(|id| id.0)),
            attestation: optional_bytes(event.attestation.map(|id| id.0)),
        }
    }
}

impl TryFrom<&proto::Purchased> for Purchased {
    type Error = Undecodable;

    fn try_from(message: &proto::Purchased) -> Result<Self, Undecodable> {
        let terms = some(&message.terms, "terms")?.try_into()?;
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            card: CardId(array(&message.card, "card")?),
            agent: AgentId(array(&message.agent, "agent")?),
            holder: HolderId(array(&message.holder, "holder")?),
            approved: approved(&message.approved, &terms)?,
            terms,
            fee: amount_or_zero(&message.fee, "fee")?,
            intent: optional_array(&message.intent, "intent")?.map(IntentId),
            attestation: optional_array(&message.attestation, "attestation")?.map(AttestationId),
        })
    }
}

impl From<&AuthorizationIncremented> for proto::AuthorizationIncremented {
    fn from(event: &AuthorizationIncremented) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            amount: Some(event.amount.into()),
            network_id: optional_bytes(event.network_id),
        }
    }
}

impl TryFrom<&proto::AuthorizationIncremented> for AuthorizationIncremented {
    type Error = Undecodable;

    fn try_from(message: &proto::AuthorizationIncremented) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            amount: amount(&message.amount, "amount")?,
            network_id: optional_array(&message.network_id, "network_id")?,
        })
    }
}

impl From<&IncrementDeclined> for proto::IncrementDeclined {
    fn from(event: &IncrementDeclined) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            amount: Some(event.amount.into()),
            reason: event.reason.number(),
            exceeded: event.exceeded.map(Into::into),
            network_id: optional_bytes(event.network_id),
        }
    }
}

impl TryFrom<&proto::IncrementDeclined> for IncrementDeclined {
    type Error = Undecodable;

    fn try_from(message: &proto::IncrementDeclined) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            amount: amount(&message.amount, "amount")?,
            reason: Word::read(message.reason, "reason")?,
            exceeded: message.exceeded.as_ref().map(ExceededLimit::try_from).transpose()?,
            network_id: optional_array(&message.network_id, "network_id")?,
        })
    }
}

impl From<&AuthorizationConfirmed> for proto::AuthorizationConfirmed {
    fn from(event: &AuthorizationConfirmed) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            amount: Some(event.amount.into()),
            released: Some(event.released.into()),
            network_id: optional_bytes(event.network_id),
        }
    }
}

impl TryFrom<&proto::AuthorizationConfirmed> for AuthorizationConfirmed {
    type Error = Undecodable;

    fn try_from(message: &proto::AuthorizationConfirmed) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            amount: amount(&message.amount, "amount")?,
            released: amount(&message.released, "released")?,
            network_id: optional_array(&message.network_id, "network_id")?,
        })
    }
}

impl From<&ReversalUnusable> for proto::ReversalUnusable {
    fn from(event: &ReversalUnusable) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            amount: Some(event.amount.into()),
            held: Some(event.held.into()),
            network_id: optional_bytes(event.network_id),
        }
    }
}

impl TryFrom<&proto::ReversalUnusable> for ReversalUnusable {
    type Error = Undecodable;

    fn try_from(message: &proto::ReversalUnusable) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            amount: amount(&message.amount, "amount")?,
            held: amount(&message.held, "held")?,
            network_id: optional_array(&message.network_id, "network_id")?,
        })
    }
}
