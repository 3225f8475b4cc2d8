//! Questions, answers, and what becomes of holds.

use ledger::authorizations::{
    AuthorizationApproved, AuthorizationConfirmed, AuthorizationDeclined, AuthorizationExpired,
    AuthorizationIncremented, AuthorizationLinked, AuthorizationReversed, CardVerified,
    IncrementDeclined, Purchased, ReversalUnusable,
};

use super::*;

impl TransactionsModel {
    pub(super) fn approved(&mut self, event: &AuthorizationApproved, entry: &Entry) {
        let AuthorizationApproved { transaction, card, agent, holder, ref terms, .. } = *event;
        let kind = Kind::Authorization;
        self.card_transactions.insert(CardTransaction {
            approved: event.approved,
            is_advice: event.is_advice,
            intent: event.intent,
            attestation: event.attestation,
            expires_at: Some(event.expires_at),
            state: State::Pending,
            is_counted: true,
            held: event.approved,
            ..asked(entry, kind, transaction, (holder, agent, card), terms)
        });
        let kind = StepKind::Authorization;
        self.steps.insert(step(entry, transaction, kind, event.approved, terms.asset));
    }

    pub(super) fn purchased(&mut self, event: &Purchased, entry: &Entry) {
        let Purchased { transaction, card, agent, holder, ref terms, .. } = *event;
        self.card_transactions.insert(CardTransaction {
            approved: event.approved,
            intent: event.intent,
            attestation: event.attestation,
            state: State::Settled,
            is_counted: true,
            cleared: event.approved,
            fee: event.fee,
            ..asked(entry, Kind::Purchase, transaction, (holder, agent, card), terms)
        });
        let kind = StepKind::Purchase;
        self.steps.insert(step(entry, transaction, kind, event.approved, terms.asset));
    }

    pub(super) fn verified(&mut self, event: &CardVerified, entry: &Entry) {
        let CardVerified { transaction, card, agent, holder, ref terms } = *event;
        self.card_transactions.insert(CardTransaction {
            state: State::Voided,
            ..asked(entry, Kind::Check, transaction, (holder, agent, card), terms)
        });
        self.steps.insert(step(entry, transaction, StepKind::Check, terms.amount, terms.asset));
    }

    pub(super) fn declined(&mut self, event: &AuthorizationDeclined, entry: &Entry) {
        let AuthorizationDeclined { transaction, card, agent, holder, ref terms, .. } = *event;
        self.card_transactions.insert(CardTransaction {
            reason: Some(event.reason),
            exceeded: event.exceeded,
            ..asked(entry, Kind::Authorization, transaction, (holder, agent, card), terms)
        });
        let kind = StepKind::Decline;
        self.steps.insert(step(entry, transaction, kind, terms.amount, terms.asset));
    }

    /// What has cleared stays as it is.
    pub(super) fn linked(
        &mut self,
        db: &Connection,
        event: &AuthorizationLinked,
        entry: &Entry,
    ) -> Result<(), Error> {
        let AuthorizationLinked { transaction, ref terms, .. } = *event;
        self.touch(db, transaction, entry)?;
        self.steps.insert(step(entry, transaction, StepKind::Link, terms.amount, terms.asset));
        Ok(())
    }

    pub(super) fn incremented(
        &mut self,
        db: &Connection,
        event: &AuthorizationIncremented,
        entry: &Entry,
    ) -> Result<(), Error> {
        let row = self.touch(db, event.transaction, entry)?;
        row.held = more(row.held, event.amount, entry)?;
        row.counts_at = entry.at;
        let kind = StepKind::Increment;
        self.steps.insert(step(entry, event.transaction, kind, event.amount, Asset::Usd));
        Ok(())
    }

    pub(super) fn increment_declined(
        &mut self,
        db: &Connection,
        event: &IncrementDeclined,
        entry: &Entry,
    ) -> Result<(), Error> {
        self.touch(db, event.transaction, entry)?;
        let kind = StepKind::IncrementDecline;
        self.steps.insert(step(entry, event.transaction, kind, event.amount, Asset::Usd));
        Ok(())
    }

    pub(super) fn confirmed(
        &mut self,
        db: &Connection,
        event: &AuthorizationConfirmed,
        entry: &Entry,
    ) -> Result<(), Error> {
        let row = self.touch(db, event.transaction, entry)?;
        row.held = less(row.held, event.released, entry)?;
        let kind = StepKind::Confirmation;
        self.steps.insert(step(entry, event.transaction, kind, event.amount, Asset::Usd));
        Ok(())
    }

    pub(super) fn reversed(
        &mut self,
        db: &Connection,
        event: &AuthorizationReversed,
        entry: &Entry,
    ) -> Result<(), Error> {
        let row = self.touch(db, event.transaction, entry)?;
        row.held = less(row.held, event.amount, entry)?;
        if event.is_final {
            end(row, State::Voided);
        }
        let kind = StepKind::Reversal;
        self.steps.insert(Step {
            ends_hold: event.is_final,
            ..step(entry, event.transaction, kind, event.amount, Asset::Usd)
        });
        Ok(())
    }

    pub(super) fn reversal_unusable(
        &mut self,
        db: &Connection,
        event: &ReversalUnusable,
        entry: &Entry,
    ) -> Result<(), Error> {
        self.touch(db, event.transaction, entry)?;
        let kind = StepKind::UnusableReversal;
        self.steps.insert(step(entry, event.transaction, kind, event.amount, Asset::Usd));
        Ok(())
    }

    pub(super) fn expired(
        &mut self,
        db: &Connection,
        event: &AuthorizationExpired,
        entry: &Entry,
    ) -> Result<(), Error> {
        let row = self.touch(db, event.transaction, entry)?;
        row.held = less(row.held, event.released, entry)?;
        end(row, State::Expired);
        let kind = StepKind::Expiry;
        self.steps.insert(Step {
            ends_hold: true,
            ..step(entry, event.transaction, kind, event.released, Asset::Usd)
        });
        Ok(())
    }
}

/// Ends an authorization that nothing clears any more. It was no purchase, if nothing has.
fn end(row: &mut CardTransaction, unused: State) {
    row.state = ended(row, unused);
    row.is_counted = !row.cleared.is_zero();
}
