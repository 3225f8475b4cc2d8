//! What is written of card transactions.

use ledger::authorizations::{
    AuthorizationApproved, AuthorizationConfirmed, AuthorizationDeclined, AuthorizationIncremented,
    AuthorizationLinked, AuthorizationReversed, Authorize, CardVerified, Confirm, Increment,
    IncrementDeclined, Mode, Purchased, ReversalUnusable,
};
use ledger::clearings::{Clear, Cleared, Correct, Corrected, ForceClear, ForceCleared};
use ledger::refunds::{
    RecordUnlinkedRefund, Refund, RefundReleased, RefundReversed, Refunded, ReverseRefund,
    UnlinkedRefundReceived,
};
use ledger::settlement::{NetworkSettled, SettleNetwork};
use ledger::time::DAY_MS;
use ledger::{Account, Amount, Asset, Entry, Event, Timestamp, TransactionId};

use crate::books::{Books, Breach};

impl Books {
    /// Whichever of the answers it is: how it ends is judged already.
    pub(super) fn authorized(&self, command: &Authorize, entry: &Entry) -> Result<Event, Breach> {
        let card = &self.cards[&command.card];
        let (card, agent, holder, terms) =
            (command.card, card.agent, card.holder, command.terms.clone());
        let found = entry.events.iter().find_map(|event| match event.clone() {
            Event::AuthorizationApproved(found) => {
                Some(Event::AuthorizationApproved(AuthorizationApproved {
                    card,
                    agent,
                    holder,
                    terms: terms.clone(),
                    is_advice: command.mode == Mode::Advice,
                    ..found
                }))
            }
            Event::Purchased(found) if command.mode == Mode::Purchase => {
                let terms = terms.clone();
                Some(Event::Purchased(Purchased { card, agent, holder, terms, ..found }))
            }
            Event::AuthorizationDeclined(found) => {
                let terms = terms.clone();
                let declined = AuthorizationDeclined { card, agent, holder, terms, ..found };
                Some(Event::AuthorizationDeclined(declined))
            }
            Event::CardVerified(found) => {
                let (transaction, terms) = (found.transaction, terms.clone());
                let verified = CardVerified { transaction, card, agent, holder, terms };
                Some(Event::CardVerified(verified))
            }
            Event::AuthorizationLinked(found) => {
                let (transaction, terms) = (found.transaction, terms.clone());
                let linked = AuthorizationLinked { transaction, card, terms };
                Some(Event::AuthorizationLinked(linked))
            }
            _ => None,
        });
        let is_hold = matches!(found, Some(Event::AuthorizationApproved(_)));
        require!(!is_hold || command.mode != Mode::Purchase, "a single message holds money");
        found.ok_or_else(|| "an authorization is not answered".to_owned())
    }

    pub(super) fn incremented(&self, command: &Increment, entry: &Entry) -> Result<Event, Breach> {
        let Increment { transaction, amount, network_id } = *command;
        match &entry.events[0] {
            Event::AuthorizationIncremented(_) => {
                let event = AuthorizationIncremented { transaction, amount, network_id };
                Ok(Event::AuthorizationIncremented(event))
            }
            Event::IncrementDeclined(found) => Ok(Event::IncrementDeclined(IncrementDeclined {
                transaction,
                amount,
                network_id,
                ..found.clone()
            })),
            other => Err(format!("an increment is answered by {other:?}")),
        }
    }

    pub(super) fn confirmed(&self, command: &Confirm) -> Event {
        let Confirm { transaction, amount, network_id } = *command;
        let released = Amount(self.purchases[&transaction].held().unwrap_or(0) - amount.0);
        let event = AuthorizationConfirmed { transaction, amount, released, network_id };
        Event::AuthorizationConfirmed(event)
    }

    pub(super) fn reversed(
        &self,
        transaction: TransactionId,
        amount: Option<Amount>,
        network_id: Option<[u8; 16]>,
    ) -> Event {
        let held = Amount(self.purchases[&transaction].held().unwrap_or(0));
        let amount = amount.unwrap_or(held);
        if held < amount {
            let event = ReversalUnusable { transaction, amount, held, network_id };
            return Event::ReversalUnusable(event);
        }
        let is_final = held == amount;
        let event = AuthorizationReversed { transaction, amount, is_final, network_id };
        Event::AuthorizationReversed(event)
    }

    pub(super) fn cleared(&self, command: &Clear) -> Event {
        let Clear { transaction, is_final, network_id, .. } = *command;
        let purchase = &self.purchases[&transaction];
        let held = purchase.held().unwrap_or(0);
        let amount = command.amount.map_or(held, |amount| amount.0);
        let fee = if purchase.is_foreign { amount / 100 } else { 0 };
        let from_hold = held.min(amount + fee);
        Event::Cleared(Cleared {
            transaction,
            amount: Amount(amount),
            fee: Amount(fee),
            from_hold: Amount(from_hold),
            released: Amount(if is_final { held - from_hold } else { 0 }),
            is_final,
            is_late: !purchase.is_open,
            network_id,
        })
    }

    pub(super) fn force_cleared(
        &self,
        command: &ForceClear,
        entry: &Entry,
    ) -> Result<Event, Breach> {
        let Event::ForceCleared(found) = &entry.events[0] else {
            return Err("a force post is something else".to_owned());
        };
        let card = &self.cards[&command.card];
        let amount = command.terms.amount.0;
        let fee = if command.terms.original.is_some() { amount / 100 } else { 0 };
        Ok(Event::ForceCleared(ForceCleared {
            transaction: found.transaction,
            card: command.card,
            agent: card.agent,
            holder: card.holder,
            terms: command.terms.clone(),
            fee: Amount(fee),
            awaits: command.awaits,
        }))
    }

    pub(super) fn corrected(&self, command: &Correct) -> Event {
        let Correct { transaction, network_id, .. } = *command;
        let purchase = &self.purchases[&transaction];
        let left = purchase.cleared - purchase.refunded;
        let amount = command.amount.unwrap_or(Amount(left));
        let unsettled = Amount(amount.0.min(purchase.unsettled));
        Event::Corrected(Corrected { transaction, amount, unsettled, network_id })
    }

    /// Before anything has cleared it is a reversal: row 23.
    pub(super) fn refunded(&self, command: &Refund) -> Event {
        let Refund { transaction, network_id, .. } = *command;
        let purchase = &self.purchases[&transaction];
        if purchase.cleared == 0 {
            return self.reversed(transaction, command.amount, network_id);
        }
        let left = purchase.cleared - purchase.refunded;
        let amount = command.amount.unwrap_or(Amount(left));
        Event::Refunded(Refunded { transaction, amount, network_id })
    }

    pub(super) fn refund_reversed(&self, command: &ReverseRefund) -> Event {
        let ReverseRefund { transaction, network_id, .. } = *command;
        let purchase = &self.purchases[&transaction];
        let amount = command.amount.unwrap_or(Amount(purchase.refunded));
        let uncollected = Amount(amount.0.min(purchase.uncollected));
        Event::RefundReversed(RefundReversed { transaction, amount, uncollected, network_id })
    }

    pub(super) fn unlinked_refund(
        &self,
        command: &RecordUnlinkedRefund,
        entry: &Entry,
    ) -> Result<Event, Breach> {
        let Event::UnlinkedRefundReceived(found) = &entry.events[0] else {
            return Err("an unlinked refund is something else".to_owned());
        };
        let card = &self.cards[&command.card];
        Ok(Event::UnlinkedRefundReceived(UnlinkedRefundReceived {
            transaction: found.transaction,
            card: command.card,
            agent: card.agent,
            holder: card.holder,
            terms: command.terms.clone(),
        }))
    }

    pub(super) fn released(&self, transaction: TransactionId) -> Event {
        let amount = Amount(self.purchases[&transaction].refunded);
        Event::RefundReleased(RefundReleased { transaction, amount })
    }

    pub(super) fn settled_with(&self, command: &SettleNetwork, now: Timestamp) -> Event {
        let SettleNetwork { scheme, day, fees } = *command;
        let paid = self.credit(Account::NetworkPayable(scheme), Asset::Usd);
        let collected = self.debit(Account::NetworkReceivable(scheme), Asset::Usd);
        let midnight = now.minus_ms(now.as_millis() % DAY_MS);
        Event::NetworkSettled(NetworkSettled {
            scheme,
            day: day.unwrap_or(midnight),
            paid: Amount(paid),
            collected: Amount(collected),
            interchange: Amount(paid * 15 / 1_000),
            interchange_returned: Amount(collected * 15 / 1_000),
            fees,
        })
    }
}
