//! Cards: what they may be used for, and whether they may be used.

use std::collections::VecDeque;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::agents::AgentStatus;
use crate::book::{Book, Effects, require_in_range};
use crate::limits::{Limit, Spending, Window};
use crate::time::DAY_MS;
use crate::{
    AgentId, Amount, CardId, CommandId, Event, HolderId, IntentId, Month, Rejection, Sealed, Text,
    Timestamp,
};

pub use controls::{ActiveHours, CardControls};

/// Makes a card for an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateCard {
    /// Whose.
    pub agent: AgentId,
    /// What it may be used for.
    pub terms: CardTerms,
    /// Its number.
    pub number: CardNumber,
}

/// What a card may be used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardTerms {
    /// What it is for, in words.
    pub purpose: Text<500>,
    /// For one purchase or for many.
    pub kind: CardKind,
    /// How much may be spent with it.
    pub limits: CardLimits,
    /// When, where and how it may be used.
    pub controls: CardControls,
}

/// How many purchases a card is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum CardKind {
    /// One: it closes when that has cleared.
    Single,
    /// As many as its limits allow.
    Multi,
}

/// How much may be spent with a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CardLimits {
    /// In all.
    pub total: Amount,
    /// At once.
    pub per_authorization: Option<Amount>,
    /// Within 24 hours.
    pub per_day: Option<Amount>,
    /// Within a calendar month.
    pub per_month: Option<Amount>,
}

impl CardLimits {
    /// The limits that are set, in the order in which they are asked.
    pub fn iter(self) -> impl Iterator<Item = Limit> {
        [
            (Window::Authorization, self.per_authorization),
            (Window::Day, self.per_day),
            (Window::Month, self.per_month),
            (Window::Total, Some(self.total)),
        ]
        .into_iter()
        .filter_map(|(window, amount)| Some(Limit { window, amount: amount? }))
    }
}

/// A card's number, which only the vault knows, and what may be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardNumber {
    /// The number itself.
    pub sealed: Sealed,
    /// Its last four digits.
    pub last4: [u8; 4],
    /// The last month in which it can be used.
    pub last_month: Month,
}

/// A card can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardCreated {
    /// The new id.
    pub card: CardId,
    /// Whose.
    pub agent: AgentId,
    /// Whose money it spends.
    pub holder: HolderId,
    /// What it may be used for.
    pub terms: CardTerms,
    /// Its number.
    pub number: CardNumber,
}

/// Freezes, unfreezes or closes a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeCard {
    /// Which.
    pub card: CardId,
    /// What it is to be.
    pub status: CardStatus,
}

/// Whether a card may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum CardStatus {
    /// It may.
    Active,
    /// Not for now.
    Frozen,
    /// Never again. What it holds lives on to its clearing or expiry.
    Closed,
}

impl fmt::Display for CardStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Frozen => "frozen",
            Self::Closed => "closed",
        })
    }
}

/// Changes how much may be spent with a card. What it has spent counts towards the new limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeCardLimits {
    /// Which.
    pub card: CardId,
    /// In all.
    pub total: Setting<Amount>,
    /// At once.
    pub per_authorization: Setting<Option<Amount>>,
    /// Within 24 hours.
    pub per_day: Setting<Option<Amount>>,
    /// Within a calendar month.
    pub per_month: Setting<Option<Amount>>,
}

/// What a change does to one setting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Setting<T> {
    /// It stays what it is.
    #[default]
    Keep,
    /// It becomes this.
    Set(T),
}

impl<T> Setting<T> {
    /// The value after the change.
    pub fn or(self, now: T) -> T {
        match self {
            Self::Keep => now,
            Self::Set(value) => value,
        }
    }
}

/// A card has other limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardLimitsChanged {
    /// Which.
    pub card: CardId,
    /// What they are now.
    pub limits: CardLimits,
}

/// A card has another status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardStatusChanged {
    /// Which.
    pub card: CardId,
    /// What it is now.
    pub status: CardStatus,
}

/// What the rules need to know of a card.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Card {
    /// Under which the vault keeps the number.
    pub(crate) subject: [u8; 16],
    pub(crate) agent: AgentId,
    pub(crate) holder: HolderId,
    pub(crate) kind: CardKind,
    pub(crate) limits: CardLimits,
    pub(crate) controls: CardControls,
    pub(crate) expires_at: Timestamp,
    pub(crate) status: CardStatus,
    pub(crate) spending: Spending,
    /// When a purchase was last approved.
    pub(crate) last_approved: Option<Timestamp>,
    /// How many of its authorizations are neither voided nor expired.
    pub(crate) authorizations: u32,
    /// How many of its authorizations are neither cleared, voided nor expired.
    pub(crate) open_authorizations: u32,
    /// Its intents that are live or belong to an open authorization, oldest first.
    pub(crate) intents: Vec<IntentId>,
    /// When its details were read within the last hour, oldest first.
    pub(crate) attested: VecDeque<Timestamp>,
    /// When they were last read.
    pub(crate) last_attested: Option<Timestamp>,
}

impl Card {
    pub(crate) fn new(created: &CardCreated, at: Timestamp) -> Self {
        let controls = &created.terms.controls;
        let last = created.number.last_month.end();
        let ttl = controls.ttl_days.map(|days| at.plus_ms(u64::from(days) * DAY_MS));
        Self {
            subject: created.number.sealed.subject,
            agent: created.agent,
            holder: created.holder,
            kind: created.terms.kind,
            limits: created.terms.limits,
            controls: controls.clone(),
            expires_at: ttl.map_or(last, |end| end.min(last)),
            status: CardStatus::Active,
            spending: Spending::default(),
            last_approved: None,
            authorizations: 0,
            open_authorizations: 0,
            intents: Vec::new(),
            attested: VecDeque::new(),
            last_attested: None,
        }
    }
}

impl Book {
    pub(crate) fn card(&self, card: CardId) -> Result<&Card, Rejection> {
        self.cards.get(card).ok_or(Rejection::UnknownCard(card))
    }

    /// The card, if its status, its time and its agent let it be used.
    pub(crate) fn active_card(&self, card: CardId, now: Timestamp) -> Result<&Card, Rejection> {
        let card = self.card(card)?;
        match card.status {
            CardStatus::Active if card.expires_at <= now => Err(Rejection::CardExpired),
            CardStatus::Active if self.agent_of(card).status == AgentStatus::Suspended => {
                Err(Rejection::AgentSuspended)
            }
            CardStatus::Active => Ok(card),
            status @ (CardStatus::Frozen | CardStatus::Closed) => {
                Err(Rejection::CardNotActive { status })
            }
        }
    }

    pub(crate) fn create_card(
        &self,
        command: &CreateCard,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let agent = self.agent(command.agent)?;
        self.require_approved(agent.holder)?;
        if agent.status == AgentStatus::Suspended {
            return Err(Rejection::AgentSuspended);
        }
        if let Some(max) = agent.policy.cards_max.filter(|max| *max <= agent.open_cards) {
            return Err(Rejection::TooManyCards { max });
        }
        for limit in command.terms.limits.iter() {
            require_in_range(limit.amount)?;
        }
        Ok(Effects::memo([Event::CardCreated(CardCreated {
            card: CardId::derive(now, id, 0),
            agent: command.agent,
            holder: agent.holder,
            terms: command.terms.clone(),
            number: command.number.clone(),
        })]))
    }

    pub(crate) fn change_card_limits(
        &self,
        command: &ChangeCardLimits,
    ) -> Result<Effects, Rejection> {
        let card = self.card(command.card)?;
        if card.status == CardStatus::Closed {
            return Err(Rejection::CardNotActive { status: CardStatus::Closed });
        }
        let limits = CardLimits {
            total: command.total.or(card.limits.total),
            per_authorization: command.per_authorization.or(card.limits.per_authorization),
            per_day: command.per_day.or(card.limits.per_day),
            per_month: command.per_month.or(card.limits.per_month),
        };
        limits.iter().try_for_each(|limit| require_in_range(limit.amount))?;
        let changed = CardLimitsChanged { card: command.card, limits };
        Ok(Effects::memo([Event::CardLimitsChanged(changed)]))
    }

    pub(crate) fn change_card(&self, command: &ChangeCard) -> Result<Effects, Rejection> {
        let ChangeCard { card, status } = *command;
        if self.card(card)?.status == CardStatus::Closed {
            return Err(Rejection::CardNotActive { status: CardStatus::Closed });
        }
        Ok(Effects::memo([Event::CardStatusChanged(CardStatusChanged { card, status })]))
    }
}

mod controls;
