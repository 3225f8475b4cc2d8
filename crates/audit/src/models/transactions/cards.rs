//! What is asked of cards, and what they are paid.

use ledger::authorizations::{
    AuthorizationApproved, AuthorizationDeclined, CardVerified, Purchased, Terms,
};
use ledger::clearings::{Cleared, ForceCleared};
use ledger::matching::{Comparison, Merchant};
use ledger::presentments::PresentmentAssigned;
use ledger::refunds::UnlinkedRefundReceived;
use ledger::{
    Account, AgentId, Amount, CardId, Entry, HolderId, Posting, Side, Timestamp, TransactionId,
};
use projector::transactions::{CardTransaction, Kind, State};
use rustc_hash::FxHashMap;

use super::{add, take};
use crate::models::fold::known;
use crate::models::rows::Rows;

/// Transactions in which something was held, captured or given: they may change for ever.
#[derive(Default)]
pub(super) struct Cards {
    lives: FxHashMap<TransactionId, Life>,
    /// Some transaction's row, to write what others have become into.
    form: Option<CardTransaction>,
}

/// What becomes of a transaction. What it holds is what its account has; where it stands follows from the rest.
pub(super) struct Life {
    pub(super) stage: Stage,
    is_counted: bool,
    pub(super) counts_at: Timestamp,
    held: Amount,
    pub(super) cleared: Amount,
    fee: Amount,
    pub(super) refunded: Amount,
    pub(super) comparison: Option<Comparison>,
    updated_at: Timestamp,
}

/// How far a transaction has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// An authorization that has not ended.
    Open,
    /// It ended before anything had cleared, and was given back; or it was approved, and all that had cleared was
    /// corrected.
    Voided,
    /// It ended before anything had cleared, by itself.
    Expired,
    /// Captured, in whole or in part, whatever became of that.
    Cleared,
    /// A refund without a purchase that somebody looks at.
    UnderReview,
    /// Such a refund, with its holder.
    Released,
}

impl Cards {
    pub(super) fn begin(&mut self, row: CardTransaction, stage: Stage, rows: &mut dyn Rows) {
        rows.fixed(&row);
        let CardTransaction { is_counted, counts_at, cleared, fee, refunded, updated_at, .. } = row;
        let life = Life {
            stage,
            is_counted,
            counts_at,
            held: Amount::ZERO,
            cleared,
            fee,
            refunded,
            comparison: None,
            updated_at,
        };
        self.lives.insert(row.id, life);
        self.form = Some(row);
    }

    /// A transaction to which something happens.
    pub(super) fn life(&mut self, id: TransactionId, at: Timestamp) -> Result<&mut Life, String> {
        let life = known(self.lives.get_mut(&id), id)?;
        life.updated_at = at;
        Ok(life)
    }

    pub(super) fn hold(&mut self, posting: &Posting) -> Result<(), String> {
        let Posting { side, account: Account::Held(_, id), amount, .. } = *posting else {
            return Ok(());
        };
        let held = &mut known(self.lives.get_mut(&id), id)?.held.0;
        let moved = match side {
            Side::Debit => held.checked_sub(amount.0),
            Side::Credit => held.checked_add(amount.0),
        };
        *held =
            moved.ok_or_else(|| format!("what `{id}` holds is below zero or beyond 128 bits"))?;
        Ok(())
    }

    pub(super) fn finish(&mut self, rows: &mut dyn Rows) {
        for (id, life) in &self.lives {
            let row = self.form.as_mut().expect("a transaction has left its row");
            row.id = *id;
            row.state = life.state();
            row.is_counted = life.is_counted;
            row.counts_at = life.counts_at;
            row.held = life.held;
            row.cleared = life.cleared;
            row.fee = life.fee;
            row.refunded = life.refunded;
            row.comparison = life.comparison;
            row.updated_at = life.updated_at;
            rows.changing(&*row);
        }
    }
}

impl Life {
    /// Nothing is held any more, and `unused` if nothing had cleared.
    pub(super) fn end(&mut self, unused: Stage) {
        if self.cleared.is_zero() {
            (self.stage, self.is_counted) = (unused, false);
        } else {
            self.stage = Stage::Cleared;
        }
    }

    pub(super) fn clear(&mut self, event: &Cleared) -> Result<(), String> {
        add(&mut self.cleared, event.amount)?;
        add(&mut self.fee, event.fee)?;
        // What was given back is used after all.
        self.is_counted |= matches!(self.stage, Stage::Voided | Stage::Expired);
        if event.is_final || event.is_late {
            self.stage = Stage::Cleared;
        }
        Ok(())
    }

    pub(super) fn correct(&mut self, amount: Amount) -> Result<(), String> {
        take(&mut self.cleared, amount)?;
        if self.stage == Stage::Cleared && self.is_counted {
            self.end(Stage::Voided);
        }
        Ok(())
    }

    fn state(&self) -> State {
        let (is_cleared, is_refunded) = (!self.cleared.is_zero(), !self.refunded.is_zero());
        match self.stage {
            Stage::Open => State::Pending,
            Stage::Voided => State::Voided,
            Stage::Expired => State::Expired,
            Stage::Cleared if is_refunded => State::Refunded,
            Stage::Cleared if is_cleared => State::Settled,
            Stage::UnderReview if is_refunded => State::Pending,
            Stage::Released if is_refunded => State::Refunded,
            Stage::Cleared | Stage::UnderReview | Stage::Released => State::Voided,
        }
    }
}

pub(super) fn approved(event: &AuthorizationApproved, entry: &Entry) -> CardTransaction {
    let AuthorizationApproved { transaction, card, agent, holder, ref terms, .. } = *event;
    CardTransaction {
        approved: event.approved,
        is_advice: event.is_advice,
        intent: event.intent,
        attestation: event.attestation,
        expires_at: Some(event.expires_at),
        is_counted: true,
        ..begun(Asked { transaction, card, agent, holder, terms }, Kind::Authorization, entry)
    }
}

pub(super) fn declined(event: &AuthorizationDeclined, entry: &Entry) -> CardTransaction {
    let AuthorizationDeclined { transaction, card, agent, holder, ref terms, .. } = *event;
    CardTransaction {
        reason: Some(event.reason),
        exceeded: event.exceeded,
        state: State::Declined,
        ..begun(Asked { transaction, card, agent, holder, terms }, Kind::Authorization, entry)
    }
}

pub(super) fn verified(event: &CardVerified, entry: &Entry) -> CardTransaction {
    let CardVerified { transaction, card, agent, holder, ref terms } = *event;
    CardTransaction {
        state: State::Voided,
        ..begun(Asked { transaction, card, agent, holder, terms }, Kind::Check, entry)
    }
}

pub(super) fn purchased(event: &Purchased, entry: &Entry) -> CardTransaction {
    let Purchased { transaction, card, agent, holder, ref terms, .. } = *event;
    CardTransaction {
        approved: event.approved,
        intent: event.intent,
        attestation: event.attestation,
        is_counted: true,
        cleared: event.approved,
        fee: event.fee,
        ..begun(Asked { transaction, card, agent, holder, terms }, Kind::Purchase, entry)
    }
}

pub(super) fn force_cleared(event: &ForceCleared, entry: &Entry) -> CardTransaction {
    let ForceCleared { transaction, card, agent, holder, ref terms, .. } = *event;
    CardTransaction {
        cleared: terms.amount,
        fee: event.fee,
        ..begun(Asked { transaction, card, agent, holder, terms }, Kind::ForcePost, entry)
    }
}

pub(super) fn assigned(event: &PresentmentAssigned, entry: &Entry) -> CardTransaction {
    let PresentmentAssigned { transaction, card, agent, holder, ref terms } = *event;
    CardTransaction {
        cleared: terms.amount,
        ..begun(Asked { transaction, card, agent, holder, terms }, Kind::Presentment, entry)
    }
}

pub(super) fn unlinked_refund(event: &UnlinkedRefundReceived, entry: &Entry) -> CardTransaction {
    let UnlinkedRefundReceived { transaction, card, agent, holder, ref terms } = *event;
    CardTransaction {
        refunded: terms.amount,
        ..begun(Asked { transaction, card, agent, holder, terms }, Kind::UnlinkedRefund, entry)
    }
}

/// What all have in common.
struct Asked<'a> {
    transaction: TransactionId,
    card: CardId,
    agent: AgentId,
    holder: HolderId,
    terms: &'a Terms,
}

/// What was asked or told, before anything comes of it.
fn begun(asked: Asked<'_>, kind: Kind, entry: &Entry) -> CardTransaction {
    let Asked { transaction, card, agent, holder, terms } = asked;
    let Merchant { name, mcc, city, country } = terms.merchant.clone();
    CardTransaction {
        id: transaction,
        position: entry.position,
        at: entry.at,
        kind,
        holder,
        agent,
        card,
        amount: terms.amount,
        asset: terms.asset,
        original: terms.original.clone(),
        approved: Amount::ZERO,
        is_advice: false,
        merchant: name,
        mcc,
        city,
        country,
        intent: None,
        attestation: None,
        expires_at: None,
        reason: None,
        exceeded: None,
        state: State::Pending,
        is_counted: false,
        counts_at: entry.at,
        held: Amount::ZERO,
        cleared: Amount::ZERO,
        fee: Amount::ZERO,
        refunded: Amount::ZERO,
        comparison: None,
        updated_at: entry.at,
    }
}
