//! What the rules remember of card transactions, however they began.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::book::{Book, Lines};
use crate::cards::{Card, CardKind, CardStatus, CardStatusChanged};
use crate::clock::Deadline;
use crate::limits::Spending;
use crate::matching::Merchant;
use crate::{
    Account, Amount, Asset, CardId, Event, HolderId, IntentId, Position, Rejection, Timestamp,
    TransactionId,
};

/// What the rules need to know of a card transaction. What it holds is the balance of its account.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct CardTransaction {
    pub(crate) card: CardId,
    pub(crate) holder: HolderId,
    pub(crate) kind: Kind,
    /// When it began, or more was last asked for: the time at which all of it counts towards limits.
    pub(crate) counts_at: Timestamp,
    /// Less what was corrected.
    pub(crate) cleared: Amount,
    /// Less what was taken back.
    pub(crate) refunded: Amount,
    /// What counts towards limits: held and cleared.
    pub(crate) counted: Amount,
    /// What of `cleared` is still owed to the network.
    pub(crate) unsettled: SinceSettlement,
    /// What of `refunded` the network still owes.
    pub(crate) uncollected: SinceSettlement,
    /// Whether it was approved: only then it counts towards how often the card may be used.
    pub(crate) was_asked: bool,
    /// Whether it was voided or expired before anything had cleared, or all of that was corrected: the card may be used
    /// once more for it.
    pub(crate) was_unused: bool,
    /// Until it is cleared, voided or expired.
    pub(crate) open: Option<Open>,
}

/// What a card transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) enum Kind {
    /// The card pays.
    Purchase {
        /// In a foreign currency: its clearings cost a fee.
        is_foreign: bool,
    },
    /// The card is paid, and no purchase is known.
    UnlinkedRefund {
        /// It waits to be released.
        is_under_review: bool,
    },
}

/// What matters only until the end of an authorization.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Open {
    pub(crate) merchant: Merchant,
    pub(crate) intent: Option<IntentId>,
    pub(crate) expires_at: Timestamp,
}

/// An amount that counts until the next settlement with the network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct SinceSettlement {
    amount: Amount,
    /// The entry that last added to it.
    last: Position,
}

impl SinceSettlement {
    pub(crate) fn new(amount: Amount, last: Position) -> Self {
        Self { amount, last }
    }

    /// What is left of it after a settlement in the entry `settled`.
    pub(crate) fn amount(self, settled: Position) -> Amount {
        if settled < self.last { self.amount } else { Amount::ZERO }
    }

    pub(crate) fn add(&mut self, amount: Amount, at: Position, settled: Position) {
        *self = Self { amount: self.amount(settled) + amount, last: at };
    }

    /// Takes away what is part of [`SinceSettlement::amount`].
    pub(crate) fn take(&mut self, amount: Amount) {
        if !amount.is_zero() {
            self.amount -= amount;
        }
    }
}

impl CardTransaction {
    /// A transaction of which nothing is known but who pays or is paid.
    pub(crate) fn new(card: CardId, holder: HolderId, kind: Kind, at: Timestamp) -> Self {
        Self {
            card,
            holder,
            kind,
            counts_at: at,
            cleared: Amount::ZERO,
            refunded: Amount::ZERO,
            counted: Amount::ZERO,
            unsettled: SinceSettlement::default(),
            uncollected: SinceSettlement::default(),
            was_asked: false,
            was_unused: false,
            open: None,
        }
    }

    /// What was cleared and is not refunded.
    pub(crate) fn refundable(&self) -> Amount {
        self.cleared - self.refunded
    }
}

impl Book {
    pub(crate) fn card_transaction(
        &self,
        transaction: TransactionId,
    ) -> Result<&CardTransaction, Rejection> {
        self.card_transactions.get(transaction).ok_or(Rejection::UnknownTransaction(transaction))
    }

    /// The transaction, if the card pays with it.
    pub(crate) fn purchase(
        &self,
        transaction: TransactionId,
    ) -> Result<&CardTransaction, Rejection> {
        let found = self.card_transaction(transaction)?;
        match found.kind {
            Kind::Purchase { .. } => Ok(found),
            Kind::UnlinkedRefund { .. } => Err(Rejection::NotAPurchase),
        }
    }

    /// What an authorization holds.
    pub(crate) fn held(&self, id: TransactionId, transaction: &CardTransaction) -> Amount {
        self.accounts.balance(Account::Held(transaction.holder, id), Asset::Usd)
    }

    pub(crate) fn card_transaction_mut(&mut self, id: TransactionId) -> &mut CardTransaction {
        self.card_transactions.get_mut(id).expect("the event names a card transaction")
    }

    /// A card for one purchase is closed by its clearing.
    pub(crate) fn used_up(&self, id: CardId) -> Option<Event> {
        let card = self.card(id).expect("a card transaction names a card");
        let closes = card.kind == CardKind::Single && card.status != CardStatus::Closed;
        let status = CardStatus::Closed;
        closes.then_some(Event::CardStatusChanged(CardStatusChanged { card: id, status }))
    }

    /// Ends an authorization. An intent that led to a purchase ends with it; another one is given back by an event.
    pub(crate) fn close_authorization(&mut self, id: TransactionId) {
        let transaction = self.card_transaction_mut(id);
        let open = transaction.open.take().expect("an authorization ends once");
        let (card, is_purchase) = (transaction.card, !transaction.cleared.is_zero());
        transaction.was_unused = !is_purchase;
        if let Some(intent) = open.intent.filter(|_| is_purchase) {
            self.drop_intent(intent);
        }
        self.deadlines.remove(&(open.expires_at, Deadline::Authorization(id)));
        let card = self.card_mut(card);
        card.open_authorizations -= 1;
        if !is_purchase {
            card.authorizations -= 1;
        }
    }

    /// From now on all of it counts at another time.
    pub(crate) fn count_at(&mut self, id: TransactionId, at: Timestamp) {
        let transaction = self.card_transaction_mut(id);
        let CardTransaction { card, counts_at: before, counted, .. } = *transaction;
        transaction.counts_at = at;
        for spending in self.spendings(card) {
            spending.give_back(before, counted);
            spending.add(at, counted);
        }
    }

    /// Brings what counts towards limits to what is held and cleared now.
    pub(crate) fn recount(&mut self, id: TransactionId) {
        let transaction = self.card_transaction(id).expect("the event names it");
        let counts = self.held(id, transaction) + transaction.cleared;
        let CardTransaction { card, counts_at, counted, .. } = *transaction;
        self.card_transaction_mut(id).counted = counts;
        for spending in self.spendings(card) {
            if counted < counts {
                spending.add(counts_at, counts - counted);
            } else if counts < counted {
                spending.give_back(counts_at, counted - counts);
            }
        }
    }

    /// A card's, and its agent's.
    fn spendings(&mut self, card: CardId) -> [&mut Spending; 2] {
        let card = self.cards.get_mut(card).expect("a card transaction names a card");
        let agent = self.agents.get_mut(card.agent).expect("a card names an agent");
        [&mut card.spending, &mut agent.spending]
    }

    pub(crate) fn card_mut(&mut self, card: CardId) -> &mut Card {
        self.cards.get_mut(card).expect("a card transaction names a card")
    }
}

/// Held money becomes available: not new money, so it repays nothing.
pub(crate) fn release(holder: HolderId, transaction: TransactionId, amount: Amount) -> Lines {
    Lines::of(Asset::Usd)
        .debit(Account::Held(holder, transaction), amount)
        .credit(Account::Available(holder), amount)
}
