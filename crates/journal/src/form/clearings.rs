//! Clearings and settlement.

use ledger::clearings::{Cleared, Corrected, ForceCleared};
use ledger::presentments::{PresentmentAssigned, PresentmentSuspended, PresentmentWrittenOff};
use ledger::settlement::NetworkSettled;
use ledger::{AgentId, CardId, HolderId, TransactionId};

use super::Undecodable;
use super::fields::{
    amount, amount_or_zero, array, bytes, optional_array, optional_bytes, some, time, unless_zero,
};
use super::words::Word;
use crate::proto;

impl From<&Cleared> for proto::Cleared {
    fn from(event: &Cleared) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            amount: Some(event.amount.into()),
            fee: unless_zero(event.fee),
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
            fee: amount_or_zero(&message.fee, "fee")?,
            from_hold: amount(&message.from_hold, "from_hold")?,
            released: amount(&message.released, "released")?,
            is_final: message.is_final,
            is_late: message.is_late,
            network_id: optional_array(&message.network_id, "network_id")?,
        })
    }
}

impl From<&ForceCleared> for proto::ForceCleared {
    fn from(event: &ForceCleared) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            card: bytes(&event.card.0),
            agent: bytes(&event.agent.0),
            holder: bytes(&event.holder.0),
            terms: Some((&event.terms).into()),
            fee: unless_zero(event.fee),
            awaits: optional_bytes(event.awaits),
        }
    }
}

impl TryFrom<&proto::ForceCleared> for ForceCleared {
    type Error = Undecodable;

    fn try_from(message: &proto::ForceCleared) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            card: CardId(array(&message.card, "card")?),
            agent: AgentId(array(&message.agent, "agent")?),
            holder: HolderId(array(&message.holder, "holder")?),
            terms: some(&message.terms, "terms")?.try_into()?,
            fee: amount_or_zero(&message.fee, "fee")?,
            awaits: optional_array(&message.awaits, "awaits")?,
        })
    }
}

impl From<&Corrected> for proto::Corrected {
    fn from(event: &Corrected) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            amount: Some(event.amount.into()),
            unsettled: Some(event.unsettled.into()),
            network_id: optional_bytes(event.network_id),
        }
    }
}

impl TryFrom<&proto::Corrected> for Corrected {
    type Error = Undecodable;

    fn try_from(message: &proto::Corrected) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            amount: amount(&message.amount, "amount")?,
            unsettled: amount(&message.unsettled, "unsettled")?,
            network_id: optional_array(&message.network_id, "network_id")?,
        })
    }
}

impl From<&PresentmentSuspended> for proto::PresentmentSuspended {
    fn from(event: &PresentmentSuspended) -> Self {
        Self { transaction: bytes(&event.transaction.0), terms: Some((&event.terms).into()) }
    }
}

impl TryFrom<&proto::PresentmentSuspended> for PresentmentSuspended {
    type Error = Undecodable;

    fn try_from(message: &proto::PresentmentSuspended) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            terms: some(&message.terms, "terms")?.try_into()?,
        })
    }
}

impl From<&PresentmentAssigned> for proto::PresentmentAssigned {
    fn from(event: &PresentmentAssigned) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            card: bytes(&event.card.0),
            agent: bytes(&event.agent.0),
            holder: bytes(&event.holder.0),
            terms: Some((&event.terms).into()),
        }
    }
}

impl TryFrom<&proto::PresentmentAssigned> for PresentmentAssigned {
    type Error = Undecodable;

    fn try_from(message: &proto::PresentmentAssigned) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            card: CardId(array(&message.card, "card")?),
            agent: AgentId(array(&message.agent, "agent")?),
            holder: HolderId(array(&message.holder, "holder")?),
            terms: some(&message.terms, "terms")?.try_into()?,
        })
    }
}

impl From<&PresentmentWrittenOff> for proto::PresentmentWrittenOff {
    fn from(event: &PresentmentWrittenOff) -> Self {
        Self { transaction: bytes(&event.transaction.0), amount: Some(event.amount.into()) }
    }
}

impl TryFrom<&proto::PresentmentWrittenOff> for PresentmentWrittenOff {
    type Error = Undecodable;

    fn try_from(message: &proto::PresentmentWrittenOff) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            amount: amount(&message.amount, "amount")?,
        })
    }
}

impl From<&NetworkSettled> for proto::NetworkSettled {
    fn from(event: &NetworkSettled) -> Self {
        Self {
            scheme: event.scheme.number(),
            day_ms: event.day.as_millis(),
            paid: Some(event.paid.into()),
            collected: Some(event.collected.into()),
            interchange: Some(event.interchange.into()),
            interchange_returned: Some(event.interchange_returned.into()),
            fees: Some(event.fees.into()),
        }
    }
}

impl TryFrom<&proto::NetworkSettled> for NetworkSettled {
    type Error = Undecodable;

    fn try_from(message: &proto::NetworkSettled) -> Result<Self, Undecodable> {
        Ok(Self {
            scheme: Word::read(message.scheme, "scheme")?,
            day: time(message.day_ms, "day_ms")?,
            paid: amount(&message.paid, "paid")?,
            collected: amount(&message.collected, "collected")?,
            interchange: amount(&message.interchange, "interchange")?,
            interchange_returned: amount(&message.interchange_returned, "interchange_returned")?,
            fees: amount(&message.fees, "fees")?,
        })
    }
}
