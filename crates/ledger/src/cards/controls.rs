//! What a card may be used for, besides its limits.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::intents::Enforcement;
use crate::matching::Mcc;
use crate::time::{DAY_MS, MINUTE_MS};
use crate::{Amount, Text, Timestamp};

/// When, where and how a card may be used. The default allows everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CardControls {
    /// How many purchases may be approved that are neither voided nor expired.
    pub authorizations_max: Option<u32>,
    /// How many days the card lives, if not until the end of its last month.
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
    /// What becomes of a purchase that is not the declared one; it is declined, too, where its intent says so.
    pub enforcement: Enforcement,
    /// Intents of more than this wait for somebody's approval.
    pub approval_above: Option<Amount>,
}

/// Hours of each day, UTC: from a minute on, until another, which may be one of the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ActiveHours {
    from_minute: u16,
    until_minute: u16,
}

impl ActiveHours {
    const MINUTES: u16 = (DAY_MS / MINUTE_MS) as u16;

    /// Minutes of the day, 0 to 1439, the second one excluded. `None` for others, and when they are the same.
    pub fn new(from_minute: u16, until_minute: u16) -> Option<Self> {
        let is_usable =
            from_minute.max(until_minute) < Self::MINUTES && from_minute != until_minute;
        is_usable.then_some(Self { from_minute, until_minute })
    }

    /// The first minute.
    pub fn from_minute(self) -> u16 {
        self.from_minute
    }

    /// The first minute that is not among them.
    pub fn until_minute(self) -> u16 {
        self.until_minute
    }

    /// Whether a time is among them.
    pub fn contains(self, at: Timestamp) -> bool {
        let minute = (at.as_millis() % DAY_MS / MINUTE_MS) as u16;
        if self.from_minute < self.until_minute {
            (self.from_minute..self.until_minute).contains(&minute)
        } else {
            !(self.until_minute..self.from_minute).contains(&minute)
        }
    }
}

#[cfg(test)]
mod tests;
