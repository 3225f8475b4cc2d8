//! The entry itself, and the list of events.

use ledger::{CommandId, Entry, Event, KeyId, Origin, Position, Posting, Postings};

use super::fields::{array, bytes, number, optional_array, optional_bytes};
use super::fields::{position, position_number, time};
use super::{Hash, Undecodable};
use crate::proto;
use crate::proto::event::Kind;
use crate::store::Head;

/// # Panics
///
/// When there is no event, the position is not that of an entry, or `previous` does not fit it.
pub(super) fn write(entry: &Entry, previous: Hash) -> proto::Entry {
    assert!(!entry.events.is_empty(), "an entry says what happened");
    assert!(is_linked(entry.position, previous), "only the first entry follows nothing");
    proto::Entry {
        position: position_number(entry.position),
        previous: bytes(&previous.0),
        at_ms: entry.at.as_millis(),
        command_id: bytes(&entry.command.0),
        origin: (entry.origin != Origin::LEDGER).then(|| entry.origin.into()),
        events: entry
            .events
            .iter()
            .map(|event| proto::Event { kind: Some(event.into()) })
            .collect(),
        postings: entry.postings.iter().map(proto::Posting::from).collect(),
    }
}

/// The entry, and the hash of the one before.
pub(super) fn read(message: &proto::Entry) -> Result<(Entry, Hash), Undecodable> {
    let position = position(message.position, "position")?;
    let previous = Hash(array(&message.previous, "previous")?);
    if !is_linked(position, previous) {
        return Err(Undecodable::Invalid { field: "previous" });
    }
    if message.events.is_empty() {
        return Err(Undecodable::Invalid { field: "events" });
    }
    let events = message.events.iter().map(event).collect::<Result<_, _>>()?;
    let postings = message.postings.iter().map(Posting::try_from).collect::<Result<_, _>>()?;
    let entry = Entry {
        position,
        at: time(message.at_ms, "at_ms")?,
        command: CommandId(array(&message.command_id, "command_id")?),
        origin: message.origin.as_ref().map_or(Ok(Origin::LEDGER), Origin::try_from)?,
        events,
        postings: Postings::new(postings)?,
    };
    Ok((entry, previous))
}

/// The first entry, and no other, names the hash of an empty journal.
fn is_linked(position: Position, previous: Hash) -> bool {
    (position == Position::START.next()) == (previous == Head::EMPTY.hash)
}

impl From<Origin> for proto::Origin {
    fn from(origin: Origin) -> Self {
        Self {
            route: origin.route.into(),
            fingerprint: bytes(&origin.fingerprint),
            request: bytes(&origin.request),
            actor: optional_bytes(origin.actor.map(|key| key.0)),
        }
    }
}

impl TryFrom<&proto::Origin> for Origin {
    type Error = Undecodable;

    fn try_from(message: &proto::Origin) -> Result<Self, Undecodable> {
        Ok(Self {
            route: number(message.route, "route")?,
            fingerprint: array(&message.fingerprint, "fingerprint")?,
            request: array(&message.request, "request")?,
            actor: optional_array(&message.actor, "actor")?.map(KeyId),
        })
    }
}

/// A kind that this build does not know leaves an event without one.
fn event(message: &proto::Event) -> Result<Event, Undecodable> {
    message.kind.as_ref().ok_or(Undecodable::Unknown { field: "events" })?.try_into()
}

macro_rules! events {
    ($($name:ident)*) => {
        impl From<&Event> for Kind {
            fn from(event: &Event) -> Self {
                match event {
                    $(Event::$name(event) => Self::$name(event.into()),)*
                }
            }
        }

        impl TryFrom<&Kind> for Event {
            type Error = Undecodable;

            fn try_from(kind: &Kind) -> Result<Self, Undecodable> {
                match kind {
                    $(Kind::$name(message) => message.try_into().map(Self::$name),)*
                }
            }
        }
    };
}

// A kind that is missing here does not compile: both matches are exhaustive.
events! {
    BookOpened JournalRecovered KeyCreated KeyRevoked ClockAdvanced
    HolderCreated HolderChanged VerificationChanged DocumentAdded HolderErased
    DepositConfirmed DepositReversed
    WalletCreated VirtualAccountOpened WalletDepositConfirmed BankDepositConfirmed
    TransferCreated TransferAdvanced TransferCompleted TransferFailed TransferReturned
    TreasuryConverted
    LedgerCreated LedgerStatusChanged LedgerTransferred JournalPosted JournalReversed
    AgentRegistered AgentStatusChanged AgentPolicyChanged AgentLimitExceeded
    CardCreated CardStatusChanged CardLimitsChanged
    IntentDeclared IntentApproved AttestationRecorded IntentAssessed IntentReleased IntentClosed
    AuthorizationApproved AuthorizationDeclined AuthorizationLinked CardVerified Purchased
    AuthorizationIncremented IncrementDeclined AuthorizationConfirmed AuthorizationReversed
    ReversalUnusable AuthorizationExpired
    Cleared ForceCleared Corrected
    Refunded RefundReversed UnlinkedRefundReceived RefundReleased
    PresentmentSuspended PresentmentAssigned PresentmentWrittenOff NetworkSettled
    WebhookRegistered WebhookChanged WebhookRemoved WebhookSecretRotated WebhookTested
    WebhookReplayed
}
