//! Refunds.

use ledger::refunds::{RefundReleased, RefundReversed, Refunded, UnlinkedRefundReceived};
use ledger::{AgentId, CardId, HolderId, TransactionId};

use super::Undecodable;
use super::fields::{amount, array, bytes, optional_array, optional_bytes, some};
use crate::proto;

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

impl From<&RefundReversed> for proto::RefundReversed {
    fn from(event: &RefundReversed) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            amount: Some(event.amount.into()),
            uncollected: Some(event.uncollected.into()),
            network_id: optional_bytes(event.network_id),
        }
    }
}

impl TryFrom<&proto::RefundReversed> for RefundReversed {
    type Error = Undecodable;

    fn try_from(message: &proto::RefundReversed) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            amount: amount(&message.amount, "amount")?,
            uncollected: amount(&message.uncollected, "uncollected")?,
            network_id: optional_array(&message.network_id, "network_id")?,
        })
    }
}

impl From<&UnlinkedRefundReceived> for proto::UnlinkedRefundReceived {
    fn from(event: &UnlinkedRefundReceived) -> Self {
        Self {
            transaction: bytes(&event.transaction.0),
            card: bytes(&event.card.0),
            agent: bytes(&event.agent.0),
            holder: bytes(&event.holder.0),
            terms: Some((&event.terms).into()),
        }
    }
}

impl TryFrom<&proto::UnlinkedRefundReceived> for UnlinkedRefundReceived {
    type Error = Undecodable;

    fn try_from(message: &proto::UnlinkedRefundReceived) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            card: CardId(array(&message.card, "card")?),
            agent: AgentId(array(&message.agent, "agent")?),
            holder: HolderId(array(&message.holder, "holder")?),
            terms: some(&message.terms, "terms")?.try_into()?,
        })
    }
}

impl From<&RefundReleased> for proto::RefundReleased {
    fn from(event: &RefundReleased) -> Self {
        Self { transaction: bytes(&event.transaction.0), amount: Some(event.amount.into()) }
    }
}

impl TryFrom<&proto::RefundReleased> for RefundReleased {
    type Error = Undecodable;

    fn try_from(message: &proto::RefundReleased) -> Result<Self, Undecodable> {
        Ok(Self {
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            amount: amount(&message.amount, "amount")?,
        })
    }
}
