//! The rules by themselves: at the millisecond, and under random histories.

use ledger::authorizations::{Authorize, HOLD_MS, Terms};
use ledger::intents::{DeclareIntent, LIVE_MAX, UNREAD_MS};
use ledger::matching::{Expectation, Merchant, Tolerance};
use ledger::{Amount, Asset, CardId, Command, Event, Rejection, Timestamp};
use testkit::depth::Core;
use testkit::generate::{self, Player};
use testkit::property::for_all;
use testkit::requests;

/// Of up to this many steps each: 100,000 in all.
const HISTORIES: u32 = 512;
const STEPS_MAX: usize = 400;

/// A book with money, and a card that can be used many times. It was made in February 2028.
fn core() -> (Core, CardId) {
    let core = Player::new().core;
    let card = *core.books().cards.keys().next().expect("a player has cards");
    (core, card)
}

/// Whether the card may spend a dollar; `number` tells one attempt from another.
fn may_spend(core: &mut Core, card: CardId, number: u32) -> bool {
    let merchant =
        Merchant { name: requests::text("Bistro"), mcc: None, city: None, country: None };
    let terms = Terms { amount: Amount(100), asset: Asset::Usd, merchant, network_id: None };
    let request = requests::request(number, Command::Authorize(Authorize { card, terms }));
    let answer = core.ask(&request).expect("the rules hold").expect("a decline is an entry, too");
    matches!(answer.entry.events[0], Event::AuthorizationApproved(_))
}

fn declare(core: &mut Core, card: CardId, number: u32) -> Result<(), Rejection> {
    let expectation = Expectation {
        amount: Amount(100),
        merchant: requests::text("Amazon"),
        mccs: Vec::new(),
        tolerance: Tolerance::DEFAULT,
    };
    let summary = requests::text("headphones");
    let command = Command::DeclareIntent(DeclareIntent { card, summary, expectation });
    core.ask(&requests::request(number, command)).expect("the rules hold").map(drop)
}

/// Sends the first request of all once more: nothing is written but what has fallen due.
fn ask_nothing(core: &mut Core) {
    let first = requests::request(0, requests::open_book());
    let answer = core.ask(&first).expect("the rules hold").expect("it was done");
    assert!(answer.is_replay);
}

#[test]
fn every_history_keeps_the_invariants() {
    for_all(HISTORIES, generate::steps(STEPS_MAX), |steps| {
        let mut player = Player::new();
        steps.iter().try_for_each(|step| player.take(step))?;
        player.core.replay()
    });
}

#[test]
fn a_card_can_be_used_until_the_last_millisecond_of_its_last_month() {
    let (mut core, card) = core();
    let end = Timestamp::of_month(2031, 3);
    core.set_wall(end.minus_ms(1));
    assert!(may_spend(&mut core, card, 1_001));
    core.set_wall(end);
    assert!(!may_spend(&mut core, card, 1_002));
}

#[test]
fn a_deadline_passes_at_its_millisecond() {
    let (mut core, card) = core();
    let start = core.now();
    declare(&mut core, card, 1_001).unwrap();
    assert!(may_spend(&mut core, card, 1_002), "and takes the intent");
    declare(&mut core, card, 1_003).unwrap();
    for deadline in [start.plus_ms(UNREAD_MS), start.plus_ms(HOLD_MS)] {
        let written = core.journal().len();
        core.set_wall(deadline.minus_ms(1));
        ask_nothing(&mut core);
        assert_eq!(core.journal().len(), written, "before {deadline:?}");
        core.set_wall(deadline);
        ask_nothing(&mut core);
        assert!(written < core.journal().len(), "at {deadline:?}");
    }
}

#[test]
fn a_card_has_at_most_so_many_live_intents() {
    let (mut core, card) = core();
    for number in 0..LIVE_MAX as u32 {
        assert_eq!(declare(&mut core, card, 1_000 + number), Ok(()));
    }
    let refused = Err(Rejection::TooManyIntents { max: LIVE_MAX });
    assert_eq!(declare(&mut core, card, 2_000), refused);
    core.set_wall(core.now().plus_ms(UNREAD_MS));
    assert_eq!(declare(&mut core, card, 2_001), Ok(()), "those before have lapsed");
}
