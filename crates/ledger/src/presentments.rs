//! Clearings for a card that can't be found: they wait until somebody finds it, or are written off (row 30).

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::Expense;
use crate::authorizations::Terms;
use crate::book::{Book, Effects, Lines};
use crate::card_transactions::{CardTransaction, Kind, SinceSettlement};
use crate::clearings::usable_amount;
use crate::{
    Account, AgentId, Amount, Asset, CardId, CommandId, Event, HolderId, Position, Rejection,
    Scheme, Timestamp, TransactionId,
};

/// Records a capture for a card that can't be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPresentment {
    /// What was captured.
    pub terms: Terms,
}

/// The network is owed what the merchant captured, and nobody pays for it yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentmentSuspended {
    /// The new id.
    pub transaction: TransactionId,
    /// What was captured.
    pub terms: Terms,
}

/// Says which card it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignPresentment {
    /// Which clearing.
    pub transaction: TransactionId,
    /// The card that pays.
    pub card: CardId,
}

/// The card's holder pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentmentAssigned {
    /// Which clearing.
    pub transaction: TransactionId,
    /// The card.
    pub card: CardId,
    /// Who has spent.
    pub agent: AgentId,
    /// Whose money.
    pub holder: HolderId,
    /// What was captured.
    pub terms: Terms,
}

/// Gives up looking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteOffPresentment {
    /// Which clearing.
    pub transaction: TransactionId,
}

/// The programme pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentmentWrittenOff {
    /// Which clearing.
    pub transaction: TransactionId,
    /// How much.
    pub amount: Amount,
}

/// What the rules need to know of a clearing that nobody can place.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Presentment {
    terms: Terms,
    /// Where it was recorded.
    position: Position,
}

impl Book {
    fn presentment(&self, id: TransactionId) -> Result<&Presentment, Rejection> {
        self.presentments.get(id).ok_or(Rejection::UnknownTransaction(id))
    }

    pub(crate) fn record_presentment(
        &self,
        command: &RecordPresentment,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let amount = usable_amount(&command.terms)?;
        let postings = Lines::of(Asset::Usd)
            .debit(Account::Presentments, amount)
            .credit(Account::NetworkPayable(Scheme::Visa), amount)
            .balanced();
        let transaction = TransactionId::derive(now, id, 0);
        let event = PresentmentSuspended { transaction, terms: command.terms.clone() };
        Ok(Effects { events: vec![Event::PresentmentSuspended(event)], postings })
    }

    pub(crate) fn assign_presentment(
        &self,
        command: &AssignPresentment,
    ) -> Result<Effects, Rejection> {
        let presentment = self.presentment(command.transaction)?;
        let card = self.card(command.card)?;
        let amount = presentment.terms.amount;
        let assigned = PresentmentAssigned {
            transaction: command.transaction,
            card: command.card,
            agent: card.agent,
            holder: card.holder,
            terms: presentment.terms.clone(),
        };
        let mut events = vec![Event::PresentmentAssigned(assigned)];
        events.extend(self.used_up(command.card));
        let postings = self
            .shortfall(card.holder, Asset::Usd, amount)
            .credit(Account::Presentments, amount)
            .balanced();
        Ok(Effects { events, postings })
    }

    pub(crate) fn write_off_presentment(
        &self,
        command: &WriteOffPresentment,
    ) -> Result<Effects, Rejection> {
        let transaction = command.transaction;
        let amount = self.presentment(transaction)?.terms.amount;
        let postings = Lines::of(Asset::Usd)
            .debit(Account::Expense(Expense::PresentmentLosses), amount)
            .credit(Account::Presentments, amount)
            .balanced();
        let event = Event::PresentmentWrittenOff(PresentmentWrittenOff { transaction, amount });
        Ok(Effects { events: vec![event], postings })
    }

    pub(crate) fn apply_presentment(&mut self, event: &PresentmentSuspended, position: Position) {
        let presentment = Presentment { terms: event.terms.clone(), position };
        self.presentments.insert(event.transaction, presentment);
    }

    pub(crate) fn apply_assigned(&mut self, event: &PresentmentAssigned, at: Timestamp) {
        let Presentment { terms, position } = self.drop_presentment(event.transaction);
        // It is owed to the network since it was recorded, and may have been settled.
        let kind = Kind::Purchase { is_foreign: terms.original.is_some() };
        let transaction = CardTransaction {
            cleared: terms.amount,
            unsettled: SinceSettlement::new(terms.amount, position),
            ..CardTransaction::new(event.card, event.holder, kind, at)
        };
        self.card_transactions.insert(event.transaction, transaction);
        self.recount(event.transaction);
    }

    pub(crate) fn drop_presentment(&mut self, id: TransactionId) -> Presentment {
        self.presentments.remove(id).expect("a clearing is placed once")
    }
}
