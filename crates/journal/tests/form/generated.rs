//! Entries of any content that the domain's types allow.

use ledger::book::{BookOpened, Environment};
use ledger::clock::ClockAdvanced;
use ledger::keys::{Family, KeyCreated, KeyRevoked, NewKey, Scope};
use ledger::recovery::{Anchored, JournalRecovered};
use ledger::*;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use self::values::*;

mod cards;
mod holders;
mod ledgers;
mod transactions;
mod transfers;
mod values;
mod webhooks;

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
    let pair = (account(), account(), asset(), 1..u128::MAX >> 3).prop_map(
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
        holders::holder_event().boxed(),
        holders::agent_event().boxed(),
        cards::card_event().boxed(),
        cards::intent_event().boxed(),
        transactions::authorization_event().boxed(),
        transactions::hold_event().boxed(),
        transactions::clearing_event().boxed(),
        transactions::refund_event().boxed(),
        transfers::deposit_event().boxed(),
        transfers::transfer_event().boxed(),
        ledgers::ledger_event().boxed(),
        webhooks::webhook_event().boxed(),
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
        id().prop_map(|key| Event::KeyRevoked(KeyRevoked { key: KeyId(key) })),
        any::<u64>().prop_map(|by_ms| Event::ClockAdvanced(ClockAdvanced { by_ms })),
        (id(), id(), of((id(), any::<u64>(), any::<[u8; 32]>())), approval()).prop_map(
            |(from, to, anchored, approval)| {
                let anchored = anchored.map(|(incarnation, position, hash)| Anchored {
                    incarnation,
                    position: Position(position),
                    hash,
                });
                Event::JournalRecovered(JournalRecovered { from, to, anchored, approval })
            }
        ),
    ]
}
