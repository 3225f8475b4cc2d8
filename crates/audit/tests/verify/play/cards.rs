//! What is asked of cards.

use ledger::authorizations::{Authorize, Mode, Original, Reverse, Terms};
use ledger::clearings::{Clear, Correct};
use ledger::intents::{Attest, DeclareIntent, Statement};
use ledger::matching::{Expectation, Mcc, Merchant, Tolerance};
use ledger::refunds::{Refund, ReverseRefund};
use ledger::{Amount, Asset, CardId, Command, Rate, TransactionId};

use super::text;

pub(super) fn terms(cents: u128, network_id: Option<[u8; 16]>) -> Terms {
    let merchant = Merchant {
        name: text("AMAZON.COM*MK1AB"),
        mcc: Mcc::new(5732),
        city: Some(text("Seattle")),
        country: None,
    };
    Terms { amount: Amount(cents), asset: Asset::Usd, original: None, merchant, network_id }
}

/// Terms of a merchant who asks for euros.
pub(super) fn foreign(cents: u128, network_id: Option<[u8; 16]>) -> Terms {
    let original = Original {
        amount: Amount(cents),
        asset: Asset::Eur,
        rate: Rate(1_080_000_000),
        rate_source: text("sandbox"),
    };
    Terms { original: Some(original), ..terms(cents * 108 / 100, network_id) }
}

pub(super) fn question(card: CardId, cents: u128, network_id: Option<[u8; 16]>) -> Authorize {
    Authorize { card, terms: terms(cents, network_id), mode: Mode::Hold, accepts_part: false }
}

pub(super) fn declaration(card: CardId, cents: u128) -> DeclareIntent {
    DeclareIntent {
        card,
        summary: text("Headphones"),
        expectation: Expectation {
            amount: Amount(cents),
            merchant: text("Amazon"),
            mccs: Vec::new(),
            tolerance: Tolerance::DEFAULT,
        },
        reserves: false,
        enforcement: None,
        ttl_minutes: None,
    }
}

pub(super) fn attestation(card: CardId, cents: u128) -> Command {
    let statement =
        Statement { summary: text("Headphones"), amount: Amount(cents), merchant: text("Amazon") };
    Command::Attest(Attest { card, intent: None, statement })
}

pub(super) fn reverse(transaction: TransactionId, amount: Option<Amount>) -> Command {
    Command::Reverse(Reverse { transaction, amount, network_id: None })
}

pub(super) fn clear(transaction: TransactionId, cents: u128, is_final: bool) -> Command {
    let amount = Some(Amount(cents));
    Command::Clear(Clear { transaction, amount, is_final, network_id: None })
}

pub(super) fn correct(transaction: TransactionId, amount: Option<Amount>) -> Command {
    Command::Correct(Correct { transaction, amount, network_id: None })
}

pub(super) fn refund(transaction: TransactionId, amount: Option<Amount>) -> Command {
    Command::Refund(Refund { transaction, amount, network_id: None })
}

pub(super) fn take_back(transaction: TransactionId, amount: Option<Amount>) -> Command {
    Command::ReverseRefund(ReverseRefund { transaction, amount, network_id: None })
}
