//! How far histories have come: what happened in them, and why something did not.

use std::collections::BTreeMap;

use ledger::authorizations::DeclineReason;
use ledger::{Entry, Event, Rejection};

use crate::books::verdict::{EVENTS, REJECTIONS, name_of_event, name_of_rejection};

/// How often everything has happened.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    events: BTreeMap<&'static str, u64>,
    declines: BTreeMap<&'static str, u64>,
    rejections: BTreeMap<&'static str, u64>,
}

impl Reach {
    /// Counts an entry.
    pub fn add_entry(&mut self, entry: &Entry) {
        for event in &entry.events {
            *self.events.entry(name_of_event(event)).or_default() += 1;
            if let Some(reason) = declined(event) {
                *self.declines.entry(reason.name()).or_default() += 1;
            }
        }
    }

    /// Counts a refusal.
    pub fn add_rejection(&mut self, rejection: &Rejection) {
        *self.rejections.entry(name_of_rejection(rejection)).or_default() += 1;
    }

    /// Everything that could have happened and has not.
    pub fn missing(&self) -> Vec<&'static str> {
        let events = EVENTS.iter().filter(|name| !self.events.contains_key(*name));
        let reasons = DeclineReason::ALL.map(DeclineReason::name);
        let declines = reasons.iter().filter(|name| !self.declines.contains_key(*name));
        let rejections = REJECTIONS.iter().filter(|name| !self.rejections.contains_key(*name));
        events.chain(declines).chain(rejections).copied().collect()
    }
}

fn declined(event: &Event) -> Option<DeclineReason> {
    if let Event::AuthorizationDeclined(event) = event {
        Some(event.reason)
    } else if let Event::IncrementDeclined(event) = event {
        Some(event.reason)
    } else {
        None
    }
}
