//! Cards and intents.

use ledger::cards::*;
use ledger::intents::*;
use ledger::matching::{Comparison, Expectation, Tolerance};
use ledger::*;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::values::*;

pub(super) fn card_event() -> impl Strategy<Value = Event> {
    let terms =
        (text(), select(&[CardKind::Single, CardKind::Multi][..]), limits(), controls()).prop_map(
            |(purpose, kind, limits, controls)| CardTerms { purpose, kind, limits, controls },
        );
    let digits = proptest::array::uniform4(b'0'..=b'9');
    let number = (sealed(), digits, month()).prop_map(|(sealed, last4, last_month)| CardNumber {
        sealed,
        last4,
        last_month,
    });
    let status = select(&[CardStatus::Active, CardStatus::Frozen, CardStatus::Closed][..]);
    prop_oneof![
        (id(), id(), id(), terms, number).prop_map(|(card, agent, holder, terms, number)| {
            let (card, agent, holder) = (CardId(card), AgentId(agent), HolderId(holder));
            Event::CardCreated(CardCreated { card, agent, holder, terms, number })
        }),
        (id(), status).prop_map(|(card, status)| Event::CardStatusChanged(CardStatusChanged {
            card: CardId(card),
            status
        })),
        (id(), limits()).prop_map(|(card, limits)| {
            Event::CardLimitsChanged(CardLimitsChanged { card: CardId(card), limits })
        }),
    ]
}

fn limits() -> impl Strategy<Value = CardLimits> {
    (amount(), of(amount()), of(amount()), of(amount())).prop_map(
        |(total, per_authorization, per_day, per_month)| CardLimits {
            total,
            per_authorization,
            per_day,
            per_month,
        },
    )
}

/// None, some and all of them.
fn controls() -> impl Strategy<Value = CardControls> {
    let merchants = (vec(mcc(), 0..3), vec(mcc(), 0..3), of(text()));
    let times = (of(any::<u16>()), of(active_hours()), minutes(), of(any::<u32>()));
    let intents = (any::<bool>(), enforcement(), of(amount()));
    let some = (of(any::<u32>()), merchants, times, intents).prop_map(
        |(authorizations_max, merchants, times, intents)| {
            let (mccs_allowed, mccs_blocked, merchant) = merchants;
            let (ttl_days, active_hours, cooldown_minutes, attestation_window_minutes) = times;
            let (intent_required, enforcement, approval_above) = intents;
            CardControls {
                authorizations_max,
                ttl_days,
                mccs_allowed,
                mccs_blocked,
                merchant,
                active_hours,
                cooldown_minutes,
                attestation_window_minutes,
                intent_required,
                enforcement,
                approval_above,
            }
        },
    );
    prop_oneof![1 => Just(CardControls::default()), 3 => some]
}

fn minutes() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), any::<u32>()]
}

fn active_hours() -> impl Strategy<Value = ActiveHours> {
    (0..1_440_u16, 0..1_440_u16)
        .prop_filter_map("hours", |(from, until)| ActiveHours::new(from, until))
}

fn enforcement() -> impl Strategy<Value = Enforcement> {
    select(&[Enforcement::Inform, Enforcement::Decline][..])
}

pub(super) fn intent_event() -> impl Strategy<Value = Event> {
    let tolerance = prop_oneof![
        amount().prop_map(Tolerance::Amount),
        any::<u8>().prop_map(Tolerance::Percent),
    ];
    let expectation = (amount(), text(), vec(mcc(), 0..4), tolerance).prop_map(
        |(amount, merchant, mccs, tolerance)| Expectation { amount, merchant, mccs, tolerance },
    );
    let statement = (text(), amount(), text()).prop_map(|(summary, amount, merchant)| Statement {
        summary,
        amount,
        merchant,
    });
    let comparison = any::<(bool, bool, bool)>().prop_map(|(amount, merchant, mcc)| Comparison {
        amount,
        merchant,
        mcc,
    });
    let ids = (id(), id());
    let end = select(&[IntentEnd::Expired, IntentEnd::Canceled, IntentEnd::Rejected][..]);
    prop_oneof![
        (
            ids,
            text(),
            expectation,
            vec(window(), 0..4),
            of(enforcement()),
            time(),
            any::<(bool, bool, bool)>()
        )
            .prop_map(
                |(
                    (intent, card),
                    summary,
                    expectation,
                    warnings,
                    enforcement,
                    expires_at,
                    flags,
                )| {
                    let (reserves, awaits_approval, expires_anyway) = flags;
                    let (intent, card) = (IntentId(intent), CardId(card));
                    Event::IntentDeclared(IntentDeclared {
                        intent,
                        card,
                        summary,
                        expectation,
                        warnings,
                        reserves,
                        enforcement,
                        awaits_approval,
                        expires_at,
                        expires_anyway,
                    })
                }
            ),
        id().prop_map(|intent| Event::IntentApproved(IntentApproved { intent: IntentId(intent) })),
        (id(), id(), id(), position(), statement, time()).prop_map(
            |(attestation, card, intent, declared, statement, expires_at)| {
                Event::AttestationRecorded(AttestationRecorded {
                    attestation: AttestationId(attestation),
                    card: CardId(card),
                    intent: IntentId(intent),
                    declared,
                    statement,
                    expires_at,
                })
            }
        ),
        (id(), id(), comparison, position(), of(position())).prop_map(
            |(intent, transaction, comparison, declared, attested)| {
                Event::IntentAssessed(IntentAssessed {
                    intent: IntentId(intent),
                    transaction: TransactionId(transaction),
                    comparison,
                    declared,
                    attested,
                })
            }
        ),
        (id(), id()).prop_map(|(intent, transaction)| Event::IntentReleased(IntentReleased {
            intent: IntentId(intent),
            transaction: TransactionId(transaction)
        })),
        (id(), end).prop_map(|(intent, reason)| Event::IntentClosed(IntentClosed {
            intent: IntentId(intent),
            reason
        })),
    ]
}

fn month() -> impl Strategy<Value = Month> {
    (1970..=u16::MAX, 1..=12_u8)
        .prop_map(|(year, number)| Month::new(year, number).expect("it is one since 1970"))
}
