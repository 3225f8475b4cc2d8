//! How far a sandbox's clock is moved: mostly to where something changes.

use ledger::clock::AdvanceClock;
use ledger::limits::Window;
use ledger::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use ledger::{Command, Timestamp};
use proptest::prelude::*;

use super::pick::Scene;
use crate::books::{Books, Card};
use crate::calendar;

/// How far a sandbox's clock is moved.
#[derive(Debug, Clone, Copy)]
pub enum Move {
    /// So far.
    ByMs(u64),
    /// To the next deadline, and a few milliseconds off.
    Deadline(i8),
    /// To the end of the calendar's period, or of the day that began with a purchase, and a few milliseconds off.
    Window(Window, i8),
    /// To one of the times at which a card, a deposit, a transfer or a clearing can do something else, counted round
    /// and round, and a few milliseconds off.
    Edge(u8, i8),
}

/// How many of the next edges are moved to: behind the later ones much is over.
const SOON: usize = 6;

pub(super) fn moves() -> impl Strategy<Value = Move> {
    let window = prop::sample::select(vec![
        Window::Day,
        Window::Day,
        Window::Week,
        Window::Month,
        Window::Year,
    ]);
    let off = || -1..=1_i8;
    prop_oneof![
        48 => (0..2 * HOUR_MS).prop_map(Move::ByMs),
        4 => (0..40 * DAY_MS).prop_map(Move::ByMs),
        1 => (0..1_000 * DAY_MS).prop_map(Move::ByMs),
        20 => off().prop_map(Move::Deadline),
        8 => (window, off()).prop_map(|(window, off)| Move::Window(window, off)),
        32 => (any::<u8>(), off()).prop_map(|(nth, off)| Move::Edge(nth, off)),
    ]
}

impl Move {
    pub(super) fn command(self, scene: &Scene<'_>) -> Command {
        Command::AdvanceClock(AdvanceClock { by_ms: self.by_ms(scene) })
    }

    fn by_ms(self, scene: &Scene<'_>) -> u64 {
        let (books, now) = (scene.books, scene.now);
        let to = |time: Timestamp, off: i8| {
            (time.as_millis() - now.as_millis()).saturating_add_signed(off.into())
        };
        match self {
            Self::ByMs(by_ms) => by_ms,
            Self::Deadline(off) => to(books.next_due().unwrap_or(now).max(now), off),
            Self::Window(Window::Week, off) => {
                to(calendar::next_day(now, |before, day| before.week != day.week), off)
            }
            Self::Window(Window::Month, off) => {
                to(calendar::next_day(now, |before, day| before.month != day.month), off)
            }
            Self::Window(Window::Year, off) => {
                to(calendar::next_day(now, |before, day| before.year != day.year), off)
            }
            Self::Window(Window::Authorization | Window::Day | Window::Total, off) => {
                let ends = books.purchases.values().map(|purchase| purchase.at.plus_ms(DAY_MS));
                to(ends.filter(|end| now < *end).min().unwrap_or(now), off)
            }
            Self::Edge(nth, off) => {
                let edges = edges(scene);
                let edge = edges.iter().take(SOON).cycle().nth(nth.into()).copied();
                to(edge.unwrap_or(now), off)
            }
        }
    }
}

/// The times at which a card, a deposit, a transfer or a clearing can do something else.
fn edges(scene: &Scene<'_>) -> Vec<Timestamp> {
    let (books, now) = (scene.books, scene.now);
    let mut edges: Vec<_> =
        books.cards.values().flat_map(|card| edges_of_card(books, card, now)).collect();
    edges.extend(books.deposits.values().map(|deposit| deposit.at.plus_ms(7 * DAY_MS)));
    let completed = books.transfers.values().filter_map(|transfer| transfer.completed);
    edges.extend(completed.map(|(at, _)| at.plus_ms(90 * DAY_MS)));
    let early = books.purchases.values().filter(|one| one.awaits.is_some());
    edges.extend(early.map(|one| one.at.plus_ms(7 * DAY_MS)));
    edges.retain(|edge| now < *edge);
    edges.sort_unstable();
    edges
}

/// The ends of a card's waiting times, of the hours in which it sleeps, and of its life.
pub(super) fn edges_of_card(books: &Books, card: &Card, now: Timestamp) -> Vec<Timestamp> {
    let minutes = |minutes: u32| u64::from(minutes) * MINUTE_MS;
    let controls = &card.controls;
    let mut edges = Vec::new();
    if 0 < controls.cooldown_minutes {
        let last = card.purchases.last().map(|id| books.purchases[id].at);
        edges.extend(last.map(|at| at.plus_ms(minutes(controls.cooldown_minutes))));
    }
    let read = controls.attestation_window_minutes.map(minutes).zip(card.read_at.last());
    edges.extend(read.map(|(window, at)| at.plus_ms(window)));
    let days = controls.ttl_days.map(|days| u64::from(days) * DAY_MS);
    edges.extend(days.map(|days| card.made_at.plus_ms(days)));
    if let Some(hours) = controls.active_hours {
        let today = now.minus_ms(now.as_millis() % DAY_MS);
        for minute in [hours.from_minute(), hours.until_minute()] {
            let next = today.plus_ms(minutes(minute.into()));
            edges.extend([next, next.plus_ms(DAY_MS)]);
        }
    }
    edges
}
