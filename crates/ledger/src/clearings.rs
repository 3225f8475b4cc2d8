//! Clearings: the merchant's capture reaches the books, with or without an authorization; and its correction.
//!
//! The network has paid the merchant, so a clearing can't be refused: what the holder does not have is overdrawn.

use crate::account::Income;
use crate::authorizations::Terms;
use crate::book::{Book, Effects, Lines, require_in_range};
use crate::card_transactions::{CardTransaction, Kind, SinceSettlement, release};
use crate::time::DAY_MS;
use crate::{
    Account, AgentId, Amount, Asset, CardId, CommandId, Event, HolderId, Position, Rejection,
    Scheme, Timestamp, TransactionId,
};

/// What a purchase in a foreign currency costs, in hundredths of a per cent of what clears (row 31).
pub const FOREIGN_FEE_BASIS_POINTS: u32 = 100;
/// How long a clearing that came early waits for its authorization: as long as one holds money.
/// May be lengthened, never shortened: replaying an old journal relies on it.
pub const EARLY_MS: u64 = 7 * DAY_MS;

/// Records the merchant's capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clear {
    /// Which.
    pub transaction: TransactionId,
    /// How much; what is held, if not said.
    pub amount: Option<Amount>,
    /// Whether no other clearing follows.
    pub is_final: bool,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Rows 10 to 13, 16 and 31: the network is owed what the merchant captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared {
    /// Which.
    pub transaction: TransactionId,
    /// How much.
    pub amount: Amount,
    /// What a foreign currency costs besides.
    pub fee: Amount,
    /// How much of both was held; the rest comes from `available` and, where that is not enough, is overdrawn.
    pub from_hold: Amount,
    /// What was held beyond it and is available again.
    pub released: Amount,
    /// Whether no other clearing follows.
    pub is_final: bool,
    /// Whether nothing was open any more: it was voided, had expired or was cleared before, or there was no authorization.
    pub is_late: bool,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Records a capture without an authorization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForceClear {
    /// The card that pays.
    pub card: CardId,
    /// What was captured.
    pub terms: Terms,
    /// A hash of the network's id of the authorization, if there is one that has not come yet.
    pub awaits: Option<[u8; 16]>,
}

/// Row 15: the network is owed what the merchant captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForceCleared {
    /// The new id.
    pub transaction: TransactionId,
    /// The card.
    pub card: CardId,
    /// Who spends.
    pub agent: AgentId,
    /// Whose money.
    pub holder: HolderId,
    /// What was captured.
    pub terms: Terms,
    /// What a foreign currency costs besides.
    pub fee: Amount,
    /// A hash of the network's id of the authorization, if there is one that has not come yet.
    pub awaits: Option<[u8; 16]>,
}

/// Records that the merchant has captured too much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correct {
    /// Which.
    pub transaction: TransactionId,
    /// How much too much; all that has cleared and is not refunded, if not said.
    pub amount: Option<Amount>,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

/// Row 19: less has cleared. What the network was paid for already, it owes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrected {
    /// Which.
    pub transaction: TransactionId,
    /// How much less.
    pub amount: Amount,
    /// How much of it was not settled with the network yet.
    pub unsettled: Amount,
    /// A hash of the network's id of the message.
    pub network_id: Option<[u8; 16]>,
}

impl Book {
    /// Rows 10 to 13, 16 and 31. Limits, card status and balance were asked when the purchase was approved.
    pub(crate) fn clear(&self, command: &Clear) -> Result<Effects, Rejection> {
        let Clear { transaction: id, is_final, network_id, .. } = *command;
        let transaction = self.purchase(id)?;
        let held = self.held(id, transaction);
        let amount = command.amount.unwrap_or(held);
        if amount.is_zero() && transaction.open.is_none() {
            return Err(Rejection::NotPending);
        }
        require_in_range(amount)?;
        let fee = fee(transaction.kind, amount);
        let from_hold = held.min(amount + fee);
        let released = if is_final { held - from_hold } else { Amount::ZERO };

        let mut events = Vec::with_capacity(3);
        if is_final {
            events.extend(self.final_assessment(transaction, id, transaction.cleared + amount));
        }
        events.push(Event::Cleared(Cleared {
            transaction: id,
            amount,
            fee,
            from_hold,
            released,
            is_final,
            is_late: transaction.open.is_none(),
            network_id,
        }));
        if is_final || transaction.open.is_none() {
            events.extend(self.used_up(transaction.card));
        }

        let holder = transaction.holder;
        let postings = Lines::of(Asset::Usd)
            .debit(Account::Held(holder, id), from_hold)
            .extend(self.shortfall(holder, Asset::Usd, amount + fee - from_hold))
            .credit(Account::NetworkPayable(Scheme::Visa), amount)
            .credit(Account::Income(Income::ForeignExchange), fee)
            .extend(release(holder, id, released))
            .balanced();
        Ok(Effects { events, postings })
    }

    /// Compares what has cleared in all with the intent, and says so when the result differs from the one at the
    /// authorization.
    pub(crate) fn final_assessment(
        &self,
        transaction: &CardTransaction,
        id: TransactionId,
        total: Amount,
    ) -> Option<Event> {
        let open = transaction.open.as_ref()?;
        let intent_id = open.intent?;
        let intent = self.intents.get(intent_id).expect("an open authorization keeps its intent");
        let merchant = &open.merchant;
        let comparison = intent.expectation.compare(total, merchant.name.as_str(), merchant.mcc);
        let (_, before) = intent.taken.expect("the authorization has taken it");
        (comparison != before).then(|| intent.assessed(intent_id, id, comparison))
    }

    /// Row 15.
    pub(crate) fn force_clear(
        &self,
        command: &ForceClear,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let card = self.card(command.card)?;
        let amount = usable_amount(&command.terms)?;
        let kind = Kind::Purchase { is_foreign: command.terms.original.is_some() };
        let fee = fee(kind, amount);
        let cleared = ForceCleared {
            transaction: TransactionId::derive(now, id, 0),
            card: command.card,
            agent: card.agent,
            holder: card.holder,
            terms: command.terms.clone(),
            fee,
            awaits: command.awaits,
        };
        let mut events = vec![Event::ForceCleared(cleared)];
        events.extend(self.used_up(command.card));
        let postings = self
            .shortfall(card.holder, Asset::Usd, amount + fee)
            .credit(Account::NetworkPayable(Scheme::Visa), amount)
            .credit(Account::Income(Income::ForeignExchange), fee)
            .balanced();
        Ok(Effects { events, postings })
    }

    /// Row 19.
    pub(crate) fn correct(&self, command: &Correct) -> Result<Effects, Rejection> {
        let Correct { transaction: id, network_id, .. } = *command;
        let transaction = self.purchase(id)?;
        let left = transaction.refundable();
        let amount = command.amount.unwrap_or(left);
        if left < amount || left.is_zero() {
            return Err(Rejection::ExceedsCleared { left });
        }
        require_in_range(amount)?;
        let unsettled = amount.min(transaction.unsettled.amount(self.settled));
        let corrected = Corrected { transaction: id, amount, unsettled, network_id };
        let postings = Lines::of(Asset::Usd)
            .debit(Account::NetworkPayable(Scheme::Visa), unsettled)
            .debit(Account::NetworkReceivable(Scheme::Visa), amount - unsettled)
            .extend(self.repayment(transaction.holder, Asset::Usd, amount))
            .balanced();
        Ok(Effects { events: vec![Event::Corrected(corrected)], postings })
    }

    pub(crate) fn apply_cleared(&mut self, event: &Cleared, position: Position) {
        let settled = self.settled;
        let transaction = self.card_transaction_mut(event.transaction);
        transaction.cleared += event.amount;
        transaction.unsettled.add(event.amount, position, settled);
        // It is used after all.
        if std::mem::take(&mut transaction.was_unused) {
            let card = transaction.card;
            self.card_mut(card).authorizations += 1;
        }
        if event.is_final && !event.is_late {
            self.close_authorization(event.transaction);
        }
        self.recount(event.transaction);
    }

    pub(crate) fn apply_force_cleared(
        &mut self,
        event: &ForceCleared,
        position: Position,
        at: Timestamp,
    ) {
        let amount = event.terms.amount;
        let kind = Kind::Purchase { is_foreign: event.terms.original.is_some() };
        let transaction = CardTransaction {
            cleared: amount,
            unsettled: SinceSettlement::new(amount, position),
            ..CardTransaction::new(event.card, event.holder, kind, at)
        };
        self.card_transactions.insert(event.transaction, transaction);
        if let Some(awaited) = event.awaits {
            self.early_clearings.insert(awaited, event.transaction, at.plus_ms(EARLY_MS), at);
        }
        self.recount(event.transaction);
    }

    pub(crate) fn apply_corrected(&mut self, event: &Corrected) {
        let transaction = self.card_transaction_mut(event.transaction);
        transaction.cleared -= event.amount;
        transaction.unsettled.take(event.unsettled);
        let is_undone = transaction.cleared.is_zero() && transaction.open.is_none();
        if is_undone && transaction.was_asked {
            transaction.was_unused = true;
            let card = transaction.card;
            self.card_mut(card).authorizations -= 1;
        }
        self.recount(event.transaction);
    }
}

/// The amount, if it is one in US dollars: what the network sends is converted.
pub(crate) fn usable_amount(terms: &Terms) -> Result<Amount, Rejection> {
    require_in_range(terms.amount)?;
    match terms.asset {
        Asset::Usd => Ok(terms.amount),
        asset => Err(Rejection::CurrencyNotSupported { asset }),
    }
}

fn fee(kind: Kind, amount: Amount) -> Amount {
    match kind {
        Kind::Purchase { is_foreign: true } => foreign_fee(amount),
        Kind::Purchase { is_foreign: false } | Kind::UnlinkedRefund { .. } => Amount::ZERO,
    }
}

/// The largest purchase in a foreign currency that `amount` pays together with its fee.
pub(crate) fn less_foreign_fee(amount: Amount) -> Amount {
    let whole = 10_000 + u128::from(FOREIGN_FEE_BASIS_POINTS);
    let mut most = Amount(amount.0 * 10_000 / whole);
    // Both the fee and the quotient are rounded down: one unit more may fit.
    while most + Amount(1) + foreign_fee(most + Amount(1)) <= amount {
        most += Amount(1);
    }
    most
}

/// What a purchase of `amount` in a foreign currency costs, rounded down.
pub(crate) fn foreign_fee(amount: Amount) -> Amount {
    amount.basis_points(FOREIGN_FEE_BASIS_POINTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_purchase_that_an_amount_pays_with_its_fee() {
        let costs = |amount: Amount| amount + foreign_fee(amount);
        for amount in (0..=20_300).chain([1 << 60]).map(Amount) {
            let most = less_foreign_fee(amount);
            assert!(
                costs(most) <= amount && amount < costs(most + Amount(1)),
                "{amount:?}: {most:?}"
            );
        }
    }
}
