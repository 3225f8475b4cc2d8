//! Card transactions.

use ledger::authorizations::*;
use ledger::clearings::*;
use ledger::matching::Merchant;
use ledger::presentments::*;
use ledger::refunds::*;
use ledger::settlement::NetworkSettled;
use ledger::*;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::values::*;

type Parties = (TransactionId, CardId, AgentId, HolderId);

fn parties() -> impl Strategy<Value = Parties> {
    (id(), id(), id(), id()).prop_map(|(transaction, card, agent, holder)| {
        (TransactionId(transaction), CardId(card), AgentId(agent), HolderId(holder))
    })
}

fn transaction() -> impl Strategy<Value = TransactionId> {
    id().prop_map(TransactionId)
}

pub(super) fn authorization_event() -> impl Strategy<Value = Event> {
    let intent = || (of(id().prop_map(IntentId)), of(id().prop_map(AttestationId)));
    prop_oneof![
        (parties(), approved_terms(), any::<bool>(), intent(), time()).prop_map(
            |(parties, (terms, approved), is_advice, (intent, attestation), expires_at)| {
                let (transaction, card, agent, holder) = parties;
                Event::AuthorizationApproved(AuthorizationApproved {
                    transaction,
                    card,
                    agent,
                    holder,
                    terms,
                    approved,
                    is_advice,
                    intent,
                    attestation,
                    expires_at,
                })
            }
        ),
        (parties(), approved_terms(), amount(), intent()).prop_map(
            |(parties, (terms, approved), fee, (intent, attestation))| {
                let (transaction, card, agent, holder) = parties;
                Event::Purchased(Purchased {
                    transaction,
                    card,
                    agent,
                    holder,
                    terms,
                    approved,
                    fee,
                    intent,
                    attestation,
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
        (parties(), terms()).prop_map(|((transaction, card, agent, holder), terms)| {
            Event::CardVerified(CardVerified { transaction, card, agent, holder, terms })
        }),
        (parties(), terms()).prop_map(|((transaction, card, _, _), terms)| {
            Event::AuthorizationLinked(AuthorizationLinked { transaction, card, terms })
        }),
    ]
}

pub(super) fn hold_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (transaction(), amount(), of(id())).prop_map(|(transaction, amount, network_id)| {
            Event::AuthorizationIncremented(AuthorizationIncremented {
                transaction,
                amount,
                network_id,
            })
        }),
        (transaction(), amount(), select(&DeclineReason::ALL[..]), of(exceeded()), of(id()))
            .prop_map(|(transaction, amount, reason, exceeded, network_id)| {
                Event::IncrementDeclined(IncrementDeclined {
                    transaction,
                    amount,
                    reason,
                    exceeded,
                    network_id,
                })
            }),
        (transaction(), amount(), amount(), of(id())).prop_map(
            |(transaction, amount, released, network_id)| {
                Event::AuthorizationConfirmed(AuthorizationConfirmed {
                    transaction,
                    amount,
                    released,
                    network_id,
                })
            }
        ),
        (transaction(), amount(), any::<bool>(), of(id())).prop_map(
            |(transaction, amount, is_final, network_id)| {
                Event::AuthorizationReversed(AuthorizationReversed {
                    transaction,
                    amount,
                    is_final,
                    network_id,
                })
            }
        ),
        (transaction(), amount(), amount(), of(id())).prop_map(
            |(transaction, amount, held, network_id)| {
                Event::ReversalUnusable(ReversalUnusable { transaction, amount, held, network_id })
            }
        ),
        (transaction(), amount()).prop_map(|(transaction, released)| {
            Event::AuthorizationExpired(AuthorizationExpired { transaction, released })
        }),
    ]
}

pub(super) fn clearing_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (transaction(), (amount(), amount(), amount(), amount()), any::<(bool, bool)>(), of(id()))
            .prop_map(|(transaction, amounts, (is_final, is_late), network_id)| {
                let (amount, fee, from_hold, released) = amounts;
                Event::Cleared(Cleared {
                    transaction,
                    amount,
                    fee,
                    from_hold,
                    released,
                    is_final,
                    is_late,
                    network_id,
                })
            }),
        (parties(), terms(), amount(), of(id())).prop_map(
            |((transaction, card, agent, holder), terms, fee, awaits)| {
                Event::ForceCleared(ForceCleared {
                    transaction,
                    card,
                    agent,
                    holder,
                    terms,
                    fee,
                    awaits,
                })
            }
        ),
        (transaction(), amount(), amount(), of(id())).prop_map(
            |(transaction, amount, unsettled, network_id)| {
                Event::Corrected(Corrected { transaction, amount, unsettled, network_id })
            }
        ),
        (transaction(), terms()).prop_map(|(transaction, terms)| Event::PresentmentSuspended(
            PresentmentSuspended { transaction, terms }
        )),
        (parties(), terms()).prop_map(|((transaction, card, agent, holder), terms)| {
            Event::PresentmentAssigned(PresentmentAssigned {
                transaction,
                card,
                agent,
                holder,
                terms,
            })
        }),
        (transaction(), amount()).prop_map(|(transaction, amount)| Event::PresentmentWrittenOff(
            PresentmentWrittenOff { transaction, amount }
        )),
        (time(), amount(), amount(), amount(), amount(), amount()).prop_map(
            |(day, paid, collected, interchange, interchange_returned, fees)| {
                Event::NetworkSettled(NetworkSettled {
                    scheme: Scheme::Visa,
                    day,
                    paid,
                    collected,
                    interchange,
                    interchange_returned,
                    fees,
                })
            }
        ),
    ]
}

pub(super) fn refund_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (transaction(), amount(), of(id())).prop_map(|(transaction, amount, network_id)| {
            Event::Refunded(Refunded { transaction, amount, network_id })
        }),
        (transaction(), amount(), amount(), of(id())).prop_map(
            |(transaction, amount, uncollected, network_id)| {
                Event::RefundReversed(RefundReversed {
                    transaction,
                    amount,
                    uncollected,
                    network_id,
                })
            }
        ),
        (parties(), terms()).prop_map(|((transaction, card, agent, holder), terms)| {
            Event::UnlinkedRefundReceived(UnlinkedRefundReceived {
                transaction,
                card,
                agent,
                holder,
                terms,
            })
        }),
        (transaction(), amount()).prop_map(|(transaction, amount)| Event::RefundReleased(
            RefundReleased { transaction, amount }
        )),
    ]
}

/// With what is approved of it: all, or any other amount.
fn approved_terms() -> impl Strategy<Value = (Terms, Amount)> {
    (terms(), of(amount())).prop_map(|(terms, part)| {
        let approved = part.unwrap_or(terms.amount);
        (terms, approved)
    })
}

fn terms() -> impl Strategy<Value = Terms> {
    let merchant = (text(), of(mcc()), of(text()), of(text()))
        .prop_map(|(name, mcc, city, country)| Merchant { name, mcc, city, country });
    let original =
        (amount(), asset(), any::<u64>(), text()).prop_map(|(amount, asset, rate, rate_source)| {
            Original { amount, asset, rate: Rate(rate), rate_source }
        });
    (amount(), asset(), of(original), merchant, of(id())).prop_map(
        |(amount, asset, original, merchant, network_id)| Terms {
            amount,
            asset,
            original,
            merchant,
            network_id,
        },
    )
}
