//! Cards and intents.

use ledger::cards::*;
use ledger::intents::*;
use ledger::matching::{Comparison, Expectation, Tolerance};

use super::*;

pub(super) fn all() -> Vec<Sample> {
    let (holder, agent, card, transaction) = (HOLDER, AGENT, CARD, TRANSACTION);
    let (intent, attestation) = (INTENT, ATTESTATION);
    vec![
        memo(
            "card_created",
            Event::CardCreated(CardCreated {
                card,
                agent,
                holder,
                terms: CardTerms {
                    purpose: text("a book"),
                    kind: CardKind::Single,
                    limits: CardLimits {
                        total: Amount(10_000),
                        per_authorization: Some(Amount(5_000)),
                        per_day: None,
                        per_month: Some(Amount(0)),
                    },
                    controls: CardControls::default(),
                },
                number: card_number(),
            }),
        ),
        memo(
            "card_created_with_controls",
            Event::CardCreated(CardCreated {
                card,
                agent,
                holder,
                terms: CardTerms {
                    purpose: text("groceries"),
                    kind: CardKind::Multi,
                    limits: CardLimits {
                        total: Amount(10_000),
                        per_authorization: None,
                        per_day: Some(Amount(4_000)),
                        per_month: None,
                    },
                    controls: CardControls {
                        authorizations_max: Some(25),
                        ttl_days: Some(90),
                        mccs_allowed: vec![mcc(5_411), mcc(5_499)],
                        mccs_blocked: vec![mcc(5_921)],
                        merchant: Some(text("Markt")),
                        active_hours: ActiveHours::new(1_320, 390),
                        cooldown_minutes: 15,
                        attestation_window_minutes: Some(60),
                        intent_required: true,
                        enforcement: Enforcement::Inform,
                        approval_above: Some(Amount::ZERO),
                    },
                },
                number: card_number(),
            }),
        ),
        memo(
            "card_created_with_enforcement",
            Event::CardCreated(CardCreated {
                card,
                agent,
                holder,
                terms: CardTerms {
                    purpose: text("groceries"),
                    kind: CardKind::Multi,
                    limits: CardLimits {
                        total: Amount(10_000),
                        per_authorization: None,
                        per_day: None,
                        per_month: None,
                    },
                    controls: CardControls {
                        enforcement: Enforcement::Decline,
                        ..CardControls::default()
                    },
                },
                number: card_number(),
            }),
        ),
        memo(
            "card_status_changed",
            Event::CardStatusChanged(CardStatusChanged { card, status: CardStatus::Closed }),
        ),
        memo(
            "card_limits_changed",
            Event::CardLimitsChanged(CardLimitsChanged {
                card,
                limits: CardLimits {
                    total: Amount(20_000),
                    per_authorization: Some(Amount(3_000)),
                    per_day: Some(Amount(4_000)),
                    per_month: Some(Amount(5_000)),
                },
            }),
        ),
        memo(
            "intent_declared",
            Event::IntentDeclared(IntentDeclared {
                intent,
                card,
                summary: text("Der Prozeß, gebunden"),
                expectation: Expectation {
                    amount: Amount(2_999),
                    merchant: text("Buchhandlung"),
                    mccs: vec![mcc(5_942), mcc(0)],
                    tolerance: Tolerance::Percent(10),
                },
                warnings: vec![Window::Day, Window::Total],
                reserves: false,
                enforcement: None,
                awaits_approval: false,
                expires_at: later(),
                expires_anyway: false,
            }),
        ),
        entry(
            "intent_declared_with_reserve",
            Event::IntentDeclared(IntentDeclared { reserves: true, ..journey() }),
            pair(Account::Available(HOLDER), Account::Reserved(HOLDER, intent), Asset::Usd, 90_000),
        ),
        memo(
            "intent_declared_with_approval",
            Event::IntentDeclared(IntentDeclared {
                awaits_approval: true,
                enforcement: Some(Enforcement::Inform),
                ..journey()
            }),
        ),
        memo(
            "intent_declared_with_deadline",
            Event::IntentDeclared(IntentDeclared { expires_anyway: true, ..journey() }),
        ),
        memo("intent_approved", Event::IntentApproved(IntentApproved { intent })),
        memo(
            "attestation_recorded",
            Event::AttestationRecorded(AttestationRecorded {
                attestation,
                card,
                intent,
                declared: Position(300),
                statement: Statement {
                    summary: text("paying now"),
                    amount: Amount(2_999),
                    merchant: text("Buchhandlung"),
                },
                expires_at: later(),
            }),
        ),
        memo(
            "intent_assessed",
            Event::IntentAssessed(IntentAssessed {
                intent,
                transaction,
                comparison: Comparison { amount: true, merchant: true, mcc: false },
                declared: Position(300),
                attested: Some(Position(301)),
            }),
        ),
        memo(
            "intent_assessed_with_other_amount",
            Event::IntentAssessed(IntentAssessed {
                intent,
                transaction,
                comparison: Comparison { amount: false, merchant: true, mcc: true },
                declared: Position(300),
                attested: None,
            }),
        ),
        memo("intent_released", Event::IntentReleased(IntentReleased { intent, transaction })),
        memo(
            "intent_closed",
            Event::IntentClosed(IntentClosed { intent, reason: IntentEnd::Canceled }),
        ),
        memos(
            "intent_closed_with_every_reason",
            [IntentEnd::Expired, IntentEnd::Canceled, IntentEnd::Rejected]
                .map(|reason| Event::IntentClosed(IntentClosed { intent, reason })),
        ),
    ]
}

fn card_number() -> CardNumber {
    CardNumber {
        sealed: sealed(),
        last4: *b"4242",
        last_month: Month::new(2029, 12).expect("it is one"),
    }
}

/// Asks for nothing besides, and is declined where it is another one.
fn journey() -> IntentDeclared {
    IntentDeclared {
        intent: INTENT,
        card: CARD,
        summary: text("a week in Graz"),
        expectation: Expectation {
            amount: Amount(90_000),
            merchant: text("Hotel"),
            mccs: Vec::new(),
            tolerance: Tolerance::Amount(Amount(5_000)),
        },
        warnings: Vec::new(),
        reserves: false,
        enforcement: Some(Enforcement::Decline),
        awaits_approval: false,
        expires_at: later(),
        expires_anyway: false,
    }
}
