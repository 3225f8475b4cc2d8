//! Entries of any content that the domain's types allow.

use ledger::agents::*;
use ledger::authorizations::*;
use ledger::book::{BookOpened, Environment};
use ledger::cards::*;
use ledger::clock::ClockAdvanced;
use ledger::deposits::{Chain, DepositConfirmed};
use ledger::holders::*;
use ledger::intents::*;
use ledger::keys::{Family, KeyCreated, NewKey, Scope};
use ledger::matching::{Comparison, Expectation, Merchant, Tolerance};
use ledger::*;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use self::values::*;

mod values;

/// An entry at `position`.
pub(crate) fn entry(position: Position) -> impl Strategy<Value = Entry> {
    (time(), id(), origin(), vec(event(), 1..4), postings()).prop_map(
        move |(at, command, origin, events, postings)| Entry {
            position,
            at,
            command: CommandId(command),
            origin,
            events,
            postings,
        },
    )
}

fn origin() -> impl Strategy<Value = Origin> {
    let called =
        (any::<u16>(), id(), id(), of(id())).prop_map(|(route, fingerprint, request, actor)| {
            Origin { route, fingerprint, request, actor: actor.map(KeyId) }
        });
    prop_oneof![Just(Origin::LEDGER), called]
}

/// Pairs of a debit and a credit.
fn postings() -> impl Strategy<Value = Postings> {
    let pair = (account(), account(), select(&Asset::ALL[..]), 1..u128::MAX >> 3).prop_map(
        |(debit, credit, asset, amount)| {
            let amount = Amount(amount);
            [
                Posting { side: Side::Debit, account: debit, asset, amount },
                Posting { side: Side::Credit, account: credit, asset, amount },
            ]
        },
    );
    vec(pair, 0..4).prop_map(|pairs| Postings::new(pairs.concat()).unwrap())
}

fn event() -> impl Strategy<Value = Event> {
    // Boxed, because all of them in one are too large for the stack of a test.
    prop_oneof![
        book_event().boxed(),
        holder_event().boxed(),
        agent_event().boxed(),
        card_event().boxed(),
        intent_event().boxed(),
        transaction_event().boxed(),
    ]
}

fn book_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (id(), select(&[Environment::Sandbox, Environment::Live][..])).prop_map(
            |(book, environment)| Event::BookOpened(BookOpened { book: BookId(book), environment })
        ),
        (
            id(),
            select(&[Family::LedgerApi, Family::LedgerOs][..]),
            select(&[Scope::Read, Scope::Write, Scope::Admin][..]),
            any::<[u8; 8]>(),
            any::<[u8; 32]>(),
            of(id()),
        )
            .prop_map(|(key, family, scope, prefix, digest, agent)| {
                let new = NewKey { family, scope, prefix, digest };
                Event::KeyCreated(KeyCreated { key: KeyId(key), new, agent: agent.map(AgentId) })
            }),
        any::<u64>().prop_map(|by_ms| Event::ClockAdvanced(ClockAdvanced { by_ms })),
    ]
}

fn holder_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (id(), sealed()).prop_map(|(holder, profile)| Event::HolderCreated(HolderCreated {
            holder: HolderId(holder),
            profile
        })),
        (id(), verification()).prop_map(|(holder, verification)| Event::VerificationChanged(
            VerificationChanged { holder: HolderId(holder), verification }
        )),
        (id(), id(), document_kind(), sealed()).prop_map(|(document, holder, kind, content)| {
            let (document, holder) = (DocumentId(document), HolderId(holder));
            Event::DocumentAdded(DocumentAdded { document, holder, kind, content })
        }),
        (
            (id(), id(), select(&Chain::ALL[..]), select(&Asset::ALL[..])),
            (amount(), amount(), any::<u64>(), text(), any::<bool>(), id()),
        )
            .prop_map(|((transaction, holder, chain, asset), rest)| {
                let (amount, credited, rate, rate_source, released, reference) = rest;
                Event::DepositConfirmed(DepositConfirmed {
                    transaction: TransactionId(transaction),
                    holder: HolderId(holder),
                    chain,
                    asset,
                    amount,
                    credited,
                    rate: Rate(rate),
                    rate_source,
                    released,
                    reference,
                })
            }),
    ]
}

fn verification() -> impl Strategy<Value = Verification> {
    let status = select(
        &[
            VerificationStatus::NotStarted,
            VerificationStatus::Pending,
            VerificationStatus::NeedsInformation,
            VerificationStatus::NeedsVerification,
            VerificationStatus::ManualReview,
            VerificationStatus::Approved,
            VerificationStatus::Denied,
            VerificationStatus::Locked,
        ][..],
    );
    let reason = select(
        &[
            DenialReason::IdentityNotVerified,
            DenialReason::DocumentFraudulent,
            DenialReason::SanctionsMatch,
            DenialReason::HighRiskJurisdiction,
        ][..],
    );
    (status, vec(document_kind(), 0..4), of(reason))
        .prop_map(|(status, required, reason)| Verification { status, required, reason })
}

fn document_kind() -> impl Strategy<Value = DocumentKind> {
    select(
        &[
            DocumentKind::ProofOfAddress,
            DocumentKind::GovernmentIdFront,
            DocumentKind::GovernmentIdBack,
            DocumentKind::Selfie,
            DocumentKind::SourceOfFunds,
        ][..],
    )
}

fn agent_event() -> impl Strategy<Value = Event> {
    let profile = (text(), of(text()), of(text())).prop_map(|(name, description, external_id)| {
        AgentProfile { name, description, external_id }
    });
    let on_exceeded = select(&[OnExceeded::Suspend, OnExceeded::Notify, OnExceeded::Ignore][..]);
    let policy = (limit(), on_exceeded, of(any::<u32>()))
        .prop_map(|(limit, on_exceeded, cards_max)| AgentPolicy { limit, on_exceeded, cards_max });
    prop_oneof![
        (id(), id(), profile, policy, of(id())).prop_map(
            |(agent, holder, profile, policy, reference)| {
                let (agent, holder) = (AgentId(agent), HolderId(holder));
                Event::AgentRegistered(AgentRegistered {
                    agent,
                    holder,
                    profile,
                    policy,
                    reference,
                })
            }
        ),
        (id(), select(&[AgentStatus::Active, AgentStatus::Suspended][..])).prop_map(
            |(agent, status)| Event::AgentStatusChanged(AgentStatusChanged {
                agent: AgentId(agent),
                status
            })
        ),
        (id(), id(), exceeded()).prop_map(|(agent, transaction, exceeded)| {
            let (agent, transaction) = (AgentId(agent), TransactionId(transaction));
            Event::AgentLimitExceeded(AgentLimitExceeded { agent, transaction, exceeded })
        }),
    ]
}

fn card_event() -> impl Strategy<Value = Event> {
    let limits = (amount(), of(amount()), of(amount()), of(amount())).prop_map(
        |(total, per_authorization, per_day, per_month)| CardLimits {
            total,
            per_authorization,
            per_day,
            per_month,
        },
    );
    let terms = (text(), select(&[CardKind::Single, CardKind::Multi][..]), limits)
        .prop_map(|(purpose, kind, limits)| CardTerms { purpose, kind, limits });
    let digits = proptest::array::uniform4(b'0'..=b'9');
    let number = (sealed(), digits, 1970..=u16::MAX, 1..=12_u8).prop_map(
        |(sealed, last4, expiry_year, expiry_month)| CardNumber {
            sealed,
            last4,
            expiry_year,
            expiry_month,
        },
    );
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
    ]
}

fn intent_event() -> impl Strategy<Value = Event> {
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
    prop_oneof![
        (id(), id(), text(), expectation, vec(window(), 0..4), time()).prop_map(
            |(intent, card, summary, expectation, warnings, expires_at)| {
                let (intent, card) = (IntentId(intent), CardId(card));
                Event::IntentDeclared(IntentDeclared {
                    intent,
                    card,
                    summary,
                    expectation,
                    warnings,
                    expires_at,
                })
            }
        ),
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
        (id(), select(&[IntentEnd::Expired, IntentEnd::Canceled][..])).prop_map(
            |(intent, reason)| Event::IntentClosed(IntentClosed {
                intent: IntentId(intent),
                reason
            })
        ),
    ]
}

fn transaction_event() -> impl Strategy<Value = Event> {
    let parties = || {
        (id(), id(), id(), id()).prop_map(|(transaction, card, agent, holder)| {
            (TransactionId(transaction), CardId(card), AgentId(agent), HolderId(holder))
        })
    };
    prop_oneof![
        (parties(), terms(), of(id()), of(id()), time()).prop_map(
            |((transaction, card, agent, holder), terms, intent, attestation, expires_at)| {
                Event::AuthorizationApproved(AuthorizationApproved {
                    transaction,
                    card,
                    agent,
                    holder,
                    terms,
                    intent: intent.map(IntentId),
                    attestation: attestation.map(AttestationId),
                    expires_at,
                })
            }
        ),
        (parties(), terms(), select(&DeclineReason::ALL[..]), of(exceeded())).prop_map(
            |((transaction, card, agent, holder), terms, reason, exceeded)| {
                Event::AuthorizationDeclined(AuthorizationDeclined {
                    transaction,
                    card,
                    agent,
                    holder,
                    terms,
                    reason,
                    exceeded,
                })
            }
        ),
        (id(), amount(), any::<bool>(), of(id())).prop_map(
            |(transaction, amount, is_final, network_id)| {
                let transaction = TransactionId(transaction);
                Event::AuthorizationReversed(AuthorizationReversed {
                    transaction,
                    amount,
                    is_final,
                    network_id,
                })
            }
        ),
        (id(), amount()).prop_map(|(transaction, released)| {
            let transaction = TransactionId(transaction);
            Event::AuthorizationExpired(AuthorizationExpired { transaction, released })
        }),
        (id(), amount(), amount(), amount(), any::<(bool, bool)>(), of(id())).prop_map(
            |(transaction, amount, from_hold, released, (is_final, is_late), network_id)| {
                Event::Cleared(Cleared {
                    transaction: TransactionId(transaction),
                    amount,
                    from_hold,
                    released,
                    is_final,
                    is_late,
                    network_id,
                })
            }
        ),
        (id(), amount(), of(id())).prop_map(|(transaction, amount, network_id)| {
            let transaction = TransactionId(transaction);
            Event::Refunded(Refunded { transaction, amount, network_id })
        }),
    ]
}

fn terms() -> impl Strategy<Value = Terms> {
    let merchant = (text(), of(mcc()), of(text()), of(text()))
        .prop_map(|(name, mcc, city, country)| Merchant { name, mcc, city, country });
    (amount(), select(&Asset::ALL[..]), merchant, of(id())).prop_map(
        |(amount, asset, merchant, network_id)| Terms { amount, asset, merchant, network_id },
    )
}
