//! Cards.

use ledger::cards::{ActiveHours, CardControls, CardKind, CardLimits, CardStatus};
use ledger::intents::Enforcement;
use ledger::matching::Mcc;
use ledger::{AgentId, Amount, CardId, HolderId, Position, Sealed, Text, Timestamp};

use super::Directory;
use crate::Error;
use crate::field::Column;
use crate::row::row;
use crate::snapshot::{At, List, Page};

/// A card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its id.
    pub id: CardId,
    /// The entry that made it.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub agent: AgentId,
    /// Whose money it spends.
    pub holder: HolderId,
    /// What it is for, in words.
    pub purpose: Text<500>,
    /// For one purchase or for many.
    pub kind: CardKind,
    /// How many purchases may be approved that are neither voided nor expired.
    pub authorizations_max: Option<u32>,
    /// How many days it lives, if not until the end of its last month.
    pub ttl_days: Option<u16>,
    /// The only merchant categories it may be used in; any, when empty.
    pub mccs_allowed: Vec<Mcc>,
    /// Merchant categories it may not be used in.
    pub mccs_blocked: Vec<Mcc>,
    /// Some part of the only merchant's name.
    pub merchant: Option<Text<100>>,
    /// The hours of the day in which it may be used.
    pub active_hours: Option<ActiveHours>,
    /// How long after an approved purchase the next one may be approved.
    pub cooldown_minutes: u32,
    /// How long after its details were last read a purchase may be approved; any time, if not said.
    pub attestation_window_minutes: Option<u32>,
    /// Whether a purchase must have been declared.
    pub intent_required: bool,
    /// What becomes of a purchase that is not the declared one, unless its intent says otherwise.
    pub enforcement: Enforcement,
    /// Intents of more than this wait for approval.
    pub approval_above: Option<Amount>,
    /// Its number.
    pub number: Sealed,
    /// The last four digits.
    pub last4: [u8; 4],
    /// The year of its last month.
    pub expiry_year: u16,
    /// Its last month, 1 to 12.
    pub expiry_month: u8,
    /// How much may be spent in all.
    pub total: Amount,
    /// How much at once.
    pub per_authorization: Option<Amount>,
    /// How much within 24 hours.
    pub per_day: Option<Amount>,
    /// How much within a calendar month.
    pub per_month: Option<Amount>,
    /// Whether it may be used.
    pub status: CardStatus,
}

row! {
    Card in Directory "card"
    key { id: CardId }
    fixed {
        position, at, agent, holder, purpose, kind, authorizations_max, ttl_days, mccs_allowed,
        mccs_blocked, merchant, active_hours, cooldown_minutes, attestation_window_minutes,
        intent_required, enforcement, approval_above, number, last4, expiry_year, expiry_month
    }
    changing { total, per_authorization, per_day, per_month, status }
}

impl Card {
    /// How much may be spent with it.
    pub fn limits(&self) -> CardLimits {
        let Self { total, per_authorization, per_day, per_month, .. } = *self;
        CardLimits { total, per_authorization, per_day, per_month }
    }

    /// When, where and how it may be used.
    pub fn controls(&self) -> CardControls {
        CardControls {
            authorizations_max: self.authorizations_max,
            ttl_days: self.ttl_days,
            mccs_allowed: self.mccs_allowed.clone(),
            mccs_blocked: self.mccs_blocked.clone(),
            merchant: self.merchant.clone(),
            active_hours: self.active_hours,
            cooldown_minutes: self.cooldown_minutes,
            attestation_window_minutes: self.attestation_window_minutes,
            intent_required: self.intent_required,
            enforcement: self.enforcement,
            approval_above: self.approval_above,
        }
    }

    pub(super) fn set_limits(&mut self, limits: CardLimits) {
        let CardLimits { total, per_authorization, per_day, per_month } = limits;
        (self.total, self.per_authorization) = (total, per_authorization);
        (self.per_day, self.per_month) = (per_day, per_month);
    }
}

impl Directory {
    /// The card with this id.
    pub fn card(&self, id: CardId) -> Result<At<Option<Card>>, Error> {
        self.0.read(|snapshot| snapshot.row(id))
    }

    /// The cards of an agent, the newest first.
    pub fn cards(&self, agent: AgentId, page: Page) -> Result<At<List<Card>>, Error> {
        self.0.read(|snapshot| {
            snapshot.list(Some(("agent", agent.field())), page, |card: &Card| card.position)
        })
    }
}
