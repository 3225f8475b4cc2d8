//! Card transactions.

use ledger::authorizations::{
    AuthorizationApproved, AuthorizationDeclined, AuthorizationExpired, AuthorizationReversed,
    Cleared, Refunded, Terms,
};
use ledger::limits::ExceededLimit;
use ledger::matching::Merchant;
use ledger::{AgentId, AttestationId, CardId, HolderId, IntentId, TransactionId};

use super::Undecodable;
use super::fields::{
    amount, array, bytes, optional_array, optional_bytes, optional_string, optional_text, some,
    string, text, time,
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
        })
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
        }
    }
}

impl TryFrom<&proto::AuthorizationApproved> for AuthorizationApproved {
    type Error = Undecodable;

    fn try_from(message: &proto::AuthorizationApproved) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            card: CardId(array(&message.card, "card")?),
            agent: AgentId(array(&message.agent, "agent")?),
            holder: HolderId(array(&message.holder, "holder")?),
            terms: some(&message.terms, "terms")?.try_into()?,
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

impl From<&Cleared> for proto::Cleared {
    fn from(event: &Cleared) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            amount: Some(event.amount.into()),
            from_hold: Some(event.from_hold.into()),
            released: Some(event.released.into()),
            is_final: event.is_final,
            is_late: event.is_late,
            network_id: optional_bytes(event.network_id),
        }
    }
}

impl TryFrom<&proto::Cleared> for Cleared {
    type Error = Undecodable;

    fn try_from(message: &proto::Cleared) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            amount: amount(&message.amount, "amount")?,
            from_hold: amount(&message.from_hold, "from_hold")?,
            released: amount(&message.released, "released")?,
            is_final: message.is_final,
            is_late: message.is_late,
            network_id: optional_array(&message.network_id, "network_id")?,
        })
    }
}

impl From<&Refunded> for proto::Refunded {
    fn from(event: &Refunded) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            amount: Some(event.amount.into()),
            network_id: optional_bytes(event.network_id),
        }
    }
}

impl TryFrom<&proto::Refunded> for Refunded {
    type Error = Undecodable;

    fn try_from(message: &proto::Refunded) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            amount: amount(&message.amount, "amount")?,
            network_id: optional_array(&message.network_id, "network_id")?,
        })
    }
}
