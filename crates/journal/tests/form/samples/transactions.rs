//! Card transactions: what is approved and held.

use ledger::authorizations::*;

use super::*;

pub(super) fn all() -> Vec<Sample> {
    let (holder, agent, card, transaction) = (HOLDER, AGENT, CARD, TRANSACTION);
    let (intent, attestation) = (INTENT, ATTESTATION);
    let available = Account::Available(holder);
    let held = Account::Held(holder, transaction);
    vec![
        entry(
            "authorization_approved",
            Event::AuthorizationApproved(AuthorizationApproved {
                transaction,
                card,
                agent,
                holder,
                terms: terms(),
                approved: Amount(2_999),
                is_advice: false,
                intent: Some(intent),
                attestation: Some(attestation),
                expires_at: later(),
            }),
            vec![
                posting(Side::Debit, Account::Available(holder), Asset::Usd, 2_999),
                posting(Side::Credit, Account::Held(holder, transaction), Asset::Usd, 2_999),
            ],
        ),
        entry(
            "authorization_approved_with_part",
            Event::AuthorizationApproved(AuthorizationApproved {
                transaction,
                card,
                agent,
                holder,
                terms: foreign_terms(),
                approved: Amount(2_000),
                is_advice: false,
                intent: None,
                attestation: None,
                expires_at: later(),
            }),
            pair(available, held, Asset::Usd, 2_000),
        ),
        entry(
            "authorization_approved_with_advice",
            Event::AuthorizationApproved(AuthorizationApproved {
                transaction,
                card,
                agent,
                holder,
                terms: terms(),
                approved: Amount(2_999),
                is_advice: true,
                intent: Some(INTENT),
                attestation: None,
                expires_at: later(),
            }),
            vec![
                posting(Side::Debit, Account::Overdrawn(holder), Asset::Usd, 2_000),
                posting(Side::Debit, available, Asset::Usd, 999),
                posting(Side::Credit, held, Asset::Usd, 2_999),
            ],
        ),
        memo(
            "card_verified",
            Event::CardVerified(CardVerified {
                transaction,
                card,
                agent,
                holder,
                terms: Terms { amount: Amount::ZERO, ..terms() },
            }),
        ),
        memo(
            "authorization_declined",
            Event::AuthorizationDeclined(AuthorizationDeclined {
                transaction,
                card,
                agent,
                holder,
                terms: terms(),
                reason: DeclineReason::LimitPerMonth,
                exceeded: Some(exceeded()),
            }),
        ),
        memo(
            "authorization_linked",
            Event::AuthorizationLinked(AuthorizationLinked { transaction, card, terms: terms() }),
        ),
        entry(
            "authorization_incremented",
            Event::AuthorizationIncremented(AuthorizationIncremented {
                transaction,
                amount: Amount(501),
                network_id: Some(NETWORK_ID),
            }),
            pair(available, held, Asset::Usd, 501),
        ),
        memo(
            "increment_declined",
            Event::IncrementDeclined(IncrementDeclined {
                transaction,
                amount: Amount(501),
                reason: DeclineReason::LimitPerMonth,
                exceeded: Some(exceeded()),
                network_id: Some(NETWORK_ID),
            }),
        ),
        entry(
            "authorization_confirmed",
            Event::AuthorizationConfirmed(AuthorizationConfirmed {
                transaction,
                amount: Amount(1_998),
                released: Amount(1_001),
                network_id: Some(NETWORK_ID),
            }),
            pair(held, available, Asset::Usd, 1_001),
        ),
        entry(
            "authorization_reversed",
            Event::AuthorizationReversed(AuthorizationReversed {
                transaction,
                amount: Amount(999),
                is_final: false,
                network_id: Some(NETWORK_ID),
            }),
            vec![
                posting(Side::Debit, Account::Held(holder, transaction), Asset::Usd, 999),
                posting(Side::Credit, Account::Available(holder), Asset::Usd, 999),
            ],
        ),
        entry(
            "authorization_reversed_with_nothing_left",
            Event::AuthorizationReversed(AuthorizationReversed {
                transaction,
                amount: Amount(2_000),
                is_final: true,
                network_id: None,
            }),
            pair(held, available, Asset::Usd, 2_000),
        ),
        memo(
            "reversal_unusable",
            Event::ReversalUnusable(ReversalUnusable {
                transaction,
                amount: Amount(3_500),
                held: Amount(2_999),
                network_id: Some(NETWORK_ID),
            }),
        ),
        by_itself(entry(
            "authorization_expired",
            Event::AuthorizationExpired(AuthorizationExpired {
                transaction,
                released: Amount(2_000),
            }),
            vec![
                posting(Side::Debit, Account::Held(holder, transaction), Asset::Usd, 2_000),
                posting(Side::Credit, Account::Available(holder), Asset::Usd, 2_000),
            ],
        )),
    ]
}

/// As [`terms`], in a foreign currency.
pub(super) fn foreign_terms() -> Terms {
    let original = Original {
        amount: Amount(2_777),
        asset: Asset::Eur,
        rate: Rate(1_080_000_000),
        rate_source: text("sandbox"),
    };
    Terms { original: Some(original), ..terms() }
}
