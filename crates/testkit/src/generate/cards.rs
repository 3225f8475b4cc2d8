//! What happens to agents and cards.

use ledger::agents::{AgentPolicy, AgentStatus, ChangeAgent, ChangeAgentPolicy, OnExceeded};
use ledger::cards::{
    ActiveHours, CardControls, CardKind, CardLimits, CardStatus, CardTerms, ChangeCard,
    ChangeCardLimits, Setting,
};
use ledger::intents::Enforcement;
use ledger::limits::{Limit, Window};
use ledger::matching::Mcc;
use ledger::{Amount, Command};
use proptest::prelude::*;

use super::pick::{MCCS, NAMES, Pick, Scene, pick};
use crate::requests;

/// Something that happens to an agent or a card.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the commands of the ledger")]
pub enum Cards {
    Agent { user: Pick, window: Window, limit: u32, on_exceeded: OnExceeded, cards_max: Option<u8> },
    AgentStatus(Pick, AgentStatus),
    Policy { agent: Pick, limit: Option<(Window, u32)>, on_exceeded: Option<OnExceeded> },
    Card { agent: Pick, kind: CardKind, limits: [Option<u16>; 4], controls: CardControls },
    CardStatus(Pick, CardStatus),
    Limits { card: Pick, total: Option<u16>, others: [Option<Option<u16>>; 3] },
}

pub(super) fn cards() -> impl Strategy<Value = Cards> {
    let agent = (pick(), window(), 1..1_000_000_u32, on_exceeded(), prop::option::of(0..4_u8));
    let agent_status =
        prop_oneof![30 => Just(AgentStatus::Active), 1 => Just(AgentStatus::Suspended)];
    let limit = prop::option::of((window(), 0..1_000_000_u32));
    let policy = (pick(), limit, prop::option::of(on_exceeded()));
    let kind = prop_oneof![1 => Just(CardKind::Single), 2 => Just(CardKind::Multi)];
    let some = || prop::option::weighted(0.4, any::<u16>());
    let limits = [some().boxed(), some().boxed(), some().boxed(), some().boxed()];
    let other = || prop::option::of(prop::option::of(any::<u16>()));
    let others = [other().boxed(), other().boxed(), other().boxed()];
    let card_status = prop_oneof![
        30 => Just(CardStatus::Active),
        1 => Just(CardStatus::Frozen),
        1 => Just(CardStatus::Closed),
    ];
    prop_oneof![
        4 => agent.prop_map(|(user, window, limit, on_exceeded, cards_max)| {
            Cards::Agent { user, window, limit, on_exceeded, cards_max }
        }),
        12 => (pick(), agent_status).prop_map(|(agent, status)| Cards::AgentStatus(agent, status)),
        2 => policy
            .prop_map(|(agent, limit, on_exceeded)| Cards::Policy { agent, limit, on_exceeded }),
        6 => (pick(), kind, limits, controls())
            .prop_map(|(agent, kind, limits, controls)| Cards::Card { agent, kind, limits, controls }),
        3 => (pick(), card_status).prop_map(|(card, status)| Cards::CardStatus(card, status)),
        2 => (pick(), prop::option::of(any::<u16>()), others)
            .prop_map(|(card, total, others)| Cards::Limits { card, total, others }),
    ]
}

fn window() -> impl Strategy<Value = Window> {
    prop::sample::select(vec![
        Window::Authorization,
        Window::Day,
        Window::Week,
        Window::Month,
        Window::Year,
        Window::Total,
    ])
}

fn on_exceeded() -> impl Strategy<Value = OnExceeded> {
    prop::sample::select(vec![OnExceeded::Suspend, OnExceeded::Notify, OnExceeded::Ignore])
}

/// Most allow almost everything, so that cards are used.
fn controls() -> impl Strategy<Value = CardControls> {
    let rarely = 0.1;
    let mccs = || {
        let mccs = prop::sample::subsequence(MCCS.to_vec(), 1..MCCS.len());
        prop_oneof![9 => Just(Vec::new()), 1 => mccs]
    };
    let purchases = (
        prop::option::weighted(rarely, 0..4_u32),
        prop::option::weighted(rarely, 1..40_u16),
        mccs(),
        mccs(),
        prop::option::weighted(rarely, prop::sample::select(NAMES.to_vec())),
    );
    let times = (
        prop::option::weighted(rarely, (0..1_440_u16, 0..1_440_u16)),
        prop_oneof![9 => Just(0_u32), 1 => 1..180_u32],
        prop::option::weighted(0.2, 0..120_u32),
    );
    let plans = (
        prop::bool::weighted(rarely),
        prop::bool::weighted(0.2),
        prop::option::weighted(0.3, 0..2_000_u16),
    );
    (purchases, times, plans).prop_map(|(purchases, times, plans)| {
        let (authorizations_max, ttl_days, allowed, blocked, merchant) = purchases;
        let (hours, cooldown_minutes, attestation_window_minutes) = times;
        let (intent_required, declines, above) = plans;
        CardControls {
            authorizations_max,
            ttl_days,
            mccs_allowed: allowed.into_iter().filter_map(Mcc::new).collect(),
            mccs_blocked: blocked.into_iter().filter_map(Mcc::new).collect(),
            merchant: merchant.map(requests::text),
            active_hours: hours.and_then(|(from, until)| ActiveHours::new(from, until)),
            cooldown_minutes,
            attestation_window_minutes,
            intent_required,
            enforcement: if declines { Enforcement::Decline } else { Enforcement::Inform },
            approval_above: above.map(|amount| Amount(amount.into())),
        }
    })
}

impl Cards {
    pub(super) fn command(&self, scene: &Scene<'_>) -> Command {
        match *self {
            Self::Agent { user, window, limit, on_exceeded, cards_max } => {
                let limit = Limit { window, amount: Amount(limit.into()) };
                let cards_max = cards_max.map(u32::from);
                let policy = AgentPolicy { limit, on_exceeded, cards_max };
                requests::register_agent(scene.number, scene.holder(user), policy, None)
            }
            Self::AgentStatus(agent, status) => {
                Command::ChangeAgent(ChangeAgent { agent: scene.agent(agent), status })
            }
            Self::Policy { agent, limit, on_exceeded } => {
                let limit =
                    limit.map(|(window, amount)| Limit { window, amount: Amount(amount.into()) });
                Command::ChangeAgentPolicy(ChangeAgentPolicy {
                    agent: scene.agent(agent),
                    limit: setting(limit),
                    on_exceeded: setting(on_exceeded),
                    cards_max: Setting::Keep,
                })
            }
            Self::Card { agent, kind, limits, ref controls } => {
                let [total, per_authorization, per_day, per_month] =
                    limits.map(|limit| limit.map(|amount| Amount(amount.into())));
                let total = total.unwrap_or(Amount(10_000_000));
                let terms = CardTerms {
                    purpose: requests::text("headphones"),
                    kind,
                    limits: CardLimits { total, per_authorization, per_day, per_month },
                    controls: controls.clone(),
                };
                requests::create_card(scene.number, scene.agent(agent), terms, scene.now)
            }
            Self::CardStatus(card, status) => {
                Command::ChangeCard(ChangeCard { card: scene.card(card), status })
            }
            Self::Limits { card, total, others } => {
                let cents = |amount: u16| Amount(amount.into());
                let [per_authorization, per_day, per_month] =
                    others.map(|other| setting(other.map(|limit| limit.map(cents))));
                Command::ChangeCardLimits(ChangeCardLimits {
                    card: scene.card(card),
                    total: setting(total.map(cents)),
                    per_authorization,
                    per_day,
                    per_month,
                })
            }
        }
    }
}

fn setting<T>(value: Option<T>) -> Setting<T> {
    value.map_or(Setting::Keep, Setting::Set)
}
