//! Refunds: the merchant gives money back, for a purchase or without one; and takes it back.

use crate::authorizations::{Reverse, Terms};
use crate::book::{Book, Effects, Lines, require_in_range};
use crate::card_transactions::{CardTransaction, Kind, SinceSettlement};
use crate::clearings::usable_amount;
use crate::{
    Account, AgentId, Amount, Asset, CardId, CommandId, Event, HolderId, Position, Rejection,
    Scheme, Timestamp, TransactionId,
};

/// Records that the merchant gives money back. Before anything has cleared this is a reversal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Which.
    pub transaction: TransactionId,
    /// How much; all that has cleared and is not refunded, if not said.
    pub amount: Option<Amount>,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Row 21: the network owes what the merchant gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunded {
    /// Which.
    pub transaction: TransactionId,
    /// How much.
    pub amount: Amount,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Records that the merchant takes a refund back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReverseRefund {
    /// Which.
    pub transaction: TransactionId,
    /// How much; all that is refunded, if not said.
    pub amount: Option<Amount>,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Row 24: the network does not owe it any more or, where it has paid already, is owed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundReversed {
    /// Which.
    pub transaction: TransactionId,
    /// How much.
    pub amount: Amount,
    /// How much of it the network had not paid yet.
    pub uncollected: Amount,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Records a refund to a card for which no purchase is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordUnlinkedRefund {
    /// The card that is paid.
    pub card: CardId,
    /// Who gives how much.
    pub terms: Terms,
}

/// Row 22: the network owes it, and it waits for a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlinkedRefundReceived {
    /// The new id.
    pub transaction: TransactionId,
    /// The card.
    pub card: CardId,
    /// Whose card.
    pub agent: AgentId,
    /// Whose money.
    pub holder: HolderId,
    /// Who gives how much.
    pub terms: Terms,
}

/// Ends the review of an unlinked refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRefund {
    /// Which.
    pub transaction: TransactionId,
}

/// Row 22: the holder can spend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundReleased {
    /// Which.
    pub transaction: TransactionId,
    /// How much.
    pub amount: Amount,
}

impl Book {
    /// Row 21; row 23 before anything has cleared.
    pub(crate) fn refund(&self, command: &Refund) -> Result<Effects, Rejection> {
        let Refund { transaction: id, amount, network_id } = *command;
        let transaction = self.purchase(id)?;
        if transaction.cleared.is_zero() {
            return self.reverse(&Reverse { transaction: id, amount, network_id });
        }
        let left = transaction.refundable();
        let amount = amount.unwrap_or(left);
        if left < amount || left.is_zero() {
            return Err(Rejection::ExceedsCleared { left });
        }
        require_in_range(amount)?;
        let postings = Lines::of(Asset::Usd)
            .debit(Account::NetworkReceivable(Scheme::Visa), amount)
            .extend(self.repayment(transaction.holder, Asset::Usd, amount))
            .balanced();
        let event = Event::Refunded(Refunded { transaction: id, amount, network_id });
        Ok(Effects { events: vec![event], postings })
    }

    /// Row 24. What waits for a review is taken from there.
    pub(crate) fn reverse_refund(&self, command: &ReverseRefund) -> Result<Effects, Rejection> {
        let ReverseRefund { transaction: id, amount, network_id } = *command;
        let transaction = self.card_transaction(id)?;
        let left = transaction.refunded;
        let amount = amount.unwrap_or(left);
        if left < amount || left.is_zero() {
            return Err(Rejection::ExceedsRefunded { left });
        }
        require_in_range(amount)?;
        let holder = transaction.holder;
        let taken = match transaction.kind {
            Kind::UnlinkedRefund { is_under_review: true } => {
                Lines::of(Asset::Usd).debit(Account::Incoming(holder), amount)
            }
            Kind::UnlinkedRefund { is_under_review: false } | Kind::Purchase { .. } => {
                self.shortfall(holder, Asset::Usd, amount)
            }
        };
        let uncollected = amount.min(transaction.uncollected.amount(self.settled));
        let postings = taken
            .credit(Account::NetworkReceivable(Scheme::Visa), uncollected)
            .credit(Account::NetworkPayable(Scheme::Visa), amount - uncollected)
            .balanced();
        let event = RefundReversed { transaction: id, amount, uncollected, network_id };
        Ok(Effects { events: vec![Event::RefundReversed(event)], postings })
    }

    /// Row 22, first half.
    pub(crate) fn record_unlinked_refund(
        &self,
        command: &RecordUnlinkedRefund,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let card = self.card(command.card)?;
        let amount = usable_amount(&command.terms)?;
        let event = UnlinkedRefundReceived {
            transaction: TransactionId::derive(now, id, 0),
            card: command.card,
            agent: card.agent,
            holder: card.holder,
            terms: command.terms.clone(),
        };
        let postings = Lines::of(Asset::Usd)
            .debit(Account::NetworkReceivable(Scheme::Visa), amount)
            .credit(Account::Incoming(card.holder), amount)
            .balanced();
        Ok(Effects { events: vec![Event::UnlinkedRefundReceived(event)], postings })
    }

    /// Row 22, second half.
    pub(crate) fn release_refund(&self, command: &ReleaseRefund) -> Result<Effects, Rejection> {
        let id = command.transaction;
        let transaction = self.card_transaction(id)?;
        let Kind::UnlinkedRefund { is_under_review: true } = transaction.kind else {
            return Err(Rejection::NotUnderReview);
        };
        let amount = transaction.refunded;
        if amount.is_zero() {
            return Err(Rejection::NotUnderReview);
        }
        let postings = Lines::of(Asset::Usd)
            .debit(Account::Incoming(transaction.holder), amount)
            .extend(self.repayment(transaction.holder, Asset::Usd, amount))
            .balanced();
        let event = Event::RefundReleased(RefundReleased { transaction: id, amount });
        Ok(Effects { events: vec![event], postings })
    }

    pub(crate) fn apply_refunded(&mut self, event: &Refunded, position: Position) {
        let settled = self.settled;
        let transaction = self.card_transaction_mut(event.transaction);
        transaction.refunded += event.amount;
        transaction.uncollected.add(event.amount, position, settled);
    }

    pub(crate) fn apply_refund_reversed(&mut self, event: &RefundReversed) {
        let transaction = self.card_transaction_mut(event.transaction);
        transaction.refunded -= event.amount;
        transaction.uncollected.take(event.uncollected);
    }

    pub(crate) fn apply_unlinked_refund(
        &mut self,
        event: &UnlinkedRefundReceived,
        position: Position,
        at: Timestamp,
    ) {
        let amount = event.terms.amount;
        let kind = Kind::UnlinkedRefund { is_under_review: true };
        let transaction = CardTransaction {
            refunded: amount,
            uncollected: SinceSettlement::new(amount, position),
            ..CardTransaction::new(event.card, event.holder, kind, at)
        };
        self.card_transactions.insert(event.transaction, transaction);
    }

    pub(crate) fn apply_refund_released(&mut self, event: &RefundReleased) {
        self.card_transaction_mut(event.transaction).kind =
            Kind::UnlinkedRefund { is_under_review: false };
    }
}
