//! What a webhook can be told of.

use std::collections::BTreeSet;
use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::keys::Family;

macro_rules! topics {
    ($($(#[$doc:meta])* $topic:ident $name:literal $($family:ident)+;)*) => {
        /// A type of message. Both surfaces have some of the same name.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
        )]
        pub enum Topic {
            $($(#[$doc])* $topic,)*
        }

        impl Topic {
            /// All there are.
            pub const ALL: [Self; [$(Self::$topic),*].len()] = [$(Self::$topic),*];

            /// What it is called on the wire.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$topic => $name,)*
                }
            }

            /// Whether a surface has it.
            pub fn belongs_to(self, family: Family) -> bool {
                match self {
                    $(Self::$topic => [$(Family::$family),+].contains(&family),)*
                }
            }
        }
    };
}

topics! {
    /// A customer is there.
    CustomerCreated "customer.created" LedgerApi;
    /// A customer has another name, contact or status.
    CustomerUpdated "customer.updated" LedgerApi;
    /// A wallet is there.
    WalletCreated "wallet.created" LedgerApi;
    /// A wallet has changed.
    WalletUpdated "wallet.updated" LedgerApi;
    /// A virtual account is there.
    VirtualAccountCreated "virtual_account.created" LedgerApi;
    /// A virtual account has changed.
    VirtualAccountUpdated "virtual_account.updated" LedgerApi;
    /// A transfer or a deposit has begun; on LedgerOS, an authorization is approved.
    TransactionCreated "transaction.created" LedgerApi LedgerOs;
    /// A transfer is a step further.
    TransactionUpdated "transaction.updated" LedgerApi;
    /// A transfer or a deposit has come to its end.
    TransactionCompleted "transaction.completed" LedgerApi;
    /// A counterparty is there.
    CounterpartyCreated "counterparty.created" LedgerApi;
    /// A user's application is approved.
    UserApplicationApproved "user.application.approved" LedgerOs;
    /// A user's application is denied.
    UserApplicationDenied "user.application.denied" LedgerOs;
    /// A user must hand in more.
    UserApplicationNeedsInfo "user.application.needs_info" LedgerOs;
    /// A user may hold and spend money.
    UserApproved "user.approved" LedgerOs;
    /// A deposit is credited.
    DepositCompleted "deposit.completed" LedgerOs;
    /// Funds are captured.
    TransactionSettled "transaction.settled" LedgerOs;
    /// An authorization is reversed or has expired.
    TransactionVoided "transaction.voided" LedgerOs;
    /// A refund is processed.
    TransactionRefunded "transaction.refunded" LedgerOs;
    /// An authorization is denied.
    TransactionDeclined "transaction.declined" LedgerOs;
    /// A purchase is as it was declared.
    IntentMatched "intent.matched" LedgerOs;
    /// A purchase is not as it was declared.
    IntentMismatched "intent.mismatched" LedgerOs;
    /// A declared purchase was not made in time.
    IntentExpired "intent.expired" LedgerOs;
    /// A card is there.
    CardCreated "card.created" LedgerOs;
    /// A card is frozen.
    CardFrozen "card.frozen" LedgerOs;
    /// A card is closed.
    CardClosed "card.closed" LedgerOs;
    /// An agent is there.
    AgentCreated "agent.created" LedgerOs;
    /// An agent is suspended.
    AgentSuspended "agent.suspended" LedgerOs;
    /// An agent has wanted more than its limit.
    AgentLimitExceeded "agent.limit_exceeded" LedgerOs;
    /// Somebody tries a webhook out. It is sent whatever a webhook wants.
    WebhookTest "webhook.test" LedgerApi LedgerOs;
}

impl Topic {
    /// The one of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.name() == name)
    }
}

/// What a webhook wants to be told of.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Topics {
    /// All that its surface has, also what it will have later.
    All,
    /// Some.
    Some(TopicSet),
}

impl Topics {
    /// These. `None` for none at all.
    pub fn new(topics: BTreeSet<Topic>) -> Option<Self> {
        (!topics.is_empty()).then_some(Self::Some(TopicSet(topics)))
    }

    /// Whether a message is wanted.
    pub fn want(&self, topic: Topic) -> bool {
        match self {
            Self::All => true,
            Self::Some(set) => topic == Topic::WebhookTest || set.0.contains(&topic),
        }
    }

    /// The first that a surface does not have.
    pub(super) fn foreign_to(&self, family: Family) -> Option<Topic> {
        match self {
            Self::All => None,
            Self::Some(set) => set.iter().find(|topic| !topic.belongs_to(family)),
        }
    }
}

/// At least one topic.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize)]
pub struct TopicSet(BTreeSet<Topic>);

impl TopicSet {
    /// In the order of [`Topic`].
    pub fn iter(&self) -> impl Iterator<Item = Topic> {
        self.0.iter().copied()
    }
}

impl BorshDeserialize for TopicSet {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let topics = BTreeSet::deserialize_reader(reader)?;
        if topics.is_empty() { Err(io::ErrorKind::InvalidData.into()) } else { Ok(Self(topics)) }
    }
}
