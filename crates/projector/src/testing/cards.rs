//! The life of cards.

use ledger::IntentId;
use ledger::authorizations::{Authorize, Confirm, Increment, Mode, Original, Reverse, Terms};
use ledger::clearings::{Clear, Correct, ForceClear};
use ledger::intents::{Attest, DeclareIntent, Statement};
use ledger::matching::{Expectation, Tolerance};
use ledger::presentments::RecordPresentment;
use ledger::refunds::{RecordUnlinkedRefund, Refund, ReverseRefund};

use super::*;

impl Play {
    pub(crate) fn intent(&mut self, card: CardId, amount: u128, merchant: &str) -> IntentId {
        self.declare(declaration(card, amount, merchant))
    }

    pub(crate) fn declare(&mut self, declaration: DeclareIntent) -> IntentId {
        let entry = self.act(Command::DeclareIntent(declaration));
        match entry.events[..] {
            [Event::IntentDeclared(ref event)] => event.intent,
            ref events => panic!("{events:?}"),
        }
    }

    pub(crate) fn attest(&mut self, card: CardId, amount: u128, merchant: &str) {
        self.act(Command::Attest(attestation(card, amount, merchant)));
    }

    pub(crate) fn authorize(&mut self, card: CardId, amount: u128, name: &str) -> TransactionId {
        self.ask(question(card, amount, name))
    }

    /// Whatever the answer is.
    pub(crate) fn ask(&mut self, question: Authorize) -> TransactionId {
        let entry = self.act(Command::Authorize(question));
        let answer = entry.events.iter().find_map(|event| match event {
            Event::AuthorizationApproved(event) => Some(event.transaction),
            Event::AuthorizationDeclined(event) => Some(event.transaction),
            Event::AuthorizationLinked(event) => Some(event.transaction),
            Event::CardVerified(event) => Some(event.transaction),
            Event::Purchased(event) => Some(event.transaction),
            _ => None,
        });
        answer.unwrap()
    }

    pub(crate) fn increment(&mut self, transaction: TransactionId, amount: u128) {
        let (amount, network_id) = (Amount(amount), None);
        self.act(Command::Increment(Increment { transaction, amount, network_id }));
    }

    pub(crate) fn confirm(&mut self, transaction: TransactionId, amount: u128) {
        let (amount, network_id) = (Amount(amount), None);
        self.act(Command::Confirm(Confirm { transaction, amount, network_id }));
    }

    pub(crate) fn clear(&mut self, transaction: TransactionId, amount: u128, is_final: bool) {
        let (amount, network_id) = (Some(Amount(amount)), None);
        self.act(Command::Clear(Clear { transaction, amount, is_final, network_id }));
    }

    pub(crate) fn correct(&mut self, transaction: TransactionId, amount: u128) {
        let (amount, network_id) = (Some(Amount(amount)), None);
        self.act(Command::Correct(Correct { transaction, amount, network_id }));
    }

    pub(crate) fn reverse(&mut self, transaction: TransactionId, amount: u128) {
        let (amount, network_id) = (Some(Amount(amount)), None);
        self.act(Command::Reverse(Reverse { transaction, amount, network_id }));
    }

    pub(crate) fn refund(&mut self, transaction: TransactionId, amount: u128) {
        let (amount, network_id) = (Some(Amount(amount)), None);
        self.act(Command::Refund(Refund { transaction, amount, network_id }));
    }

    pub(crate) fn take_refund_back(&mut self, transaction: TransactionId, amount: u128) {
        let (amount, network_id) = (Some(Amount(amount)), None);
        self.act(Command::ReverseRefund(ReverseRefund { transaction, amount, network_id }));
    }

    pub(crate) fn force_clear(&mut self, card: CardId, terms: Terms) -> TransactionId {
        let awaits = terms.network_id;
        let terms = Terms { network_id: None, ..terms };
        let entry = self.act(Command::ForceClear(ForceClear { card, terms, awaits }));
        match &entry.events[0] {
            Event::ForceCleared(event) => event.transaction,
            event => panic!("{event:?}"),
        }
    }

    pub(crate) fn unlinked_refund(&mut self, card: CardId, amount: u128) -> TransactionId {
        let terms = terms(amount, "Airline");
        let refund = RecordUnlinkedRefund { card, terms };
        let entry = self.act(Command::RecordUnlinkedRefund(refund));
        match &entry.events[0] {
            Event::UnlinkedRefundReceived(event) => event.transaction,
            event => panic!("{event:?}"),
        }
    }

    pub(crate) fn presentment(&mut self, amount: u128) -> TransactionId {
        let terms = terms(amount, "Kiosk");
        let entry = self.act(Command::RecordPresentment(RecordPresentment { terms }));
        match &entry.events[0] {
            Event::PresentmentSuspended(event) => event.transaction,
            event => panic!("{event:?}"),
        }
    }
}

pub(crate) fn terms(amount: u128, name: &str) -> Terms {
    Terms {
        amount: Amount(amount),
        asset: Asset::Usd,
        original: None,
        merchant: merchant(name),
        network_id: None,
    }
}

/// Terms of a merchant who has asked for so many cents of euros, at 1.08.
pub(crate) fn foreign(euros: u128, name: &str) -> Terms {
    let (amount, asset) = (Amount(euros), Asset::Eur);
    let (rate, rate_source) = (Rate(1_080_000_000), text("the network"));
    let original = Original { amount, asset, rate, rate_source };
    let dollars = rate.convert(amount, asset, Asset::Usd).unwrap();
    Terms { original: Some(original), ..terms(dollars.0, name) }
}

pub(crate) fn question(card: CardId, amount: u128, name: &str) -> Authorize {
    Authorize { card, terms: terms(amount, name), mode: Mode::Hold, accepts_part: false }
}

pub(crate) fn declaration(card: CardId, amount: u128, merchant: &str) -> DeclareIntent {
    DeclareIntent {
        card,
        summary: text("Buy Sony WH-1000XM5 headphones"),
        expectation: Expectation {
            amount: Amount(amount),
            merchant: text(merchant),
            mccs: Vec::new(),
            tolerance: Tolerance::DEFAULT,
        },
        reserves: false,
        enforcement: None,
        ttl_minutes: None,
    }
}

pub(super) fn attestation(card: CardId, amount: u128, merchant: &str) -> Attest {
    let (summary, amount) = (text("Buy Sony WH-1000XM5 headphones"), Amount(amount));
    let statement = Statement { summary, amount, merchant: text(merchant) };
    Attest { card, intent: None, statement }
}
