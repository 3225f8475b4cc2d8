//! The rules by themselves: as stories, at the millisecond, and under random histories.

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use ledger::authorizations::{
    Authorize, DeclineReason, HOLD_MS, Increment, Mode, TRAVEL_HOLD_MS, Terms,
};
use ledger::book::{ENTRIES_AT_ONCE_MAX, Environment, OpenBook};
use ledger::cards::{CardControls, CardCreated, CardKind, CardLimits, CardTerms};
use ledger::clearings::Clear;
use ledger::clock::AdvanceClock;
use ledger::deposits::Chain;
use ledger::holders::VerificationStatus;
use ledger::intents::{Attest, DeclareIntent, LIVE_MAX, READS_MAX, Statement, UNREAD_MS};
use ledger::matching::{Expectation, Mcc, Merchant, Tolerance};
use ledger::time::{HOUR_MS, MINUTE_MS};
use ledger::wallets::{ConfirmWalletDeposit, CreateWallet, WALLETS_MAX};
use ledger::{
    Amount, Asset, Book, CardId, Command, CommandId, Event, Rejection, Timestamp, WalletId,
};
use testkit::depth::Core;
use testkit::generate::{self, Player, long};
use testkit::property::for_all;
use testkit::requests;
use testkit::scenario::Scenario;

/// Of up to this many steps each: short ones, in which little has happened yet.
const HISTORIES: u32 = 512;
const STEPS_MAX: usize = 100;
/// How many operations are played, unless `LEDGEROS_OPERATIONS` says otherwise: a quarter of a minute's worth.
const OPERATIONS: usize = 1_000_000;
/// What wallets hold.
const TOKENS: [Asset; 4] = [Asset::Usdc, Asset::Usdt, Asset::Pyusd, Asset::Eurc];
/// Within so many operations of a certain seed everything happens that can.
const REACHING: usize = 60_000;

/// A book with money, and a card that can be used many times. It was made in February 2028.
fn core() -> (Core, CardId) {
    let core = Player::new().core;
    let card = *core.books().cards.keys().next().expect("a player has cards");
    (core, card)
}

/// A dollar is asked for.
fn question(card: CardId) -> Authorize {
    let merchant =
        Merchant { name: requests::text("Bistro"), mcc: None, city: None, country: None };
    let (amount, asset) = (Amount(100), Asset::Usd);
    let terms = Terms { amount, asset, original: None, merchant, network_id: None };
    Authorize { card, terms, mode: Mode::Hold, accepts_part: false }
}

/// Whether the card may spend a dollar; `number` tells one attempt from another.
fn may_spend(core: &mut Core, card: CardId, number: u32) -> bool {
    let request = requests::request(number, Command::Authorize(question(card)));
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
    let declare = DeclareIntent {
        card,
        summary,
        expectation,
        reserves: false,
        enforcement: None,
        ttl_minutes: None,
    };
    core.ask(&requests::request(number, Command::DeclareIntent(declare)))
        .expect("the rules hold")
        .map(drop)
}

/// Reads the card's details.
fn read(core: &mut Core, card: CardId, number: u32) -> Result<(), Rejection> {
    let (summary, merchant) = (requests::text("headphones"), requests::text("Amazon"));
    let statement = Statement { summary, amount: Amount(100), merchant };
    let attest = Command::Attest(Attest { card, intent: None, statement });
    core.ask(&requests::request(number, attest)).expect("the rules hold").map(drop)
}

/// Sends the first request of all once more: nothing is written but what has fallen due.
fn ask_nothing(core: &mut Core) {
    let first = requests::request(0, requests::open_book());
    let answer = core.ask(&first).expect("the rules hold").expect("it was done");
    assert!(answer.is_replay);
}

fn number_of(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("`{variable}` is no number: `{text}`")))
}

#[test]
fn every_scenario_holds_in_the_core() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let scenarios = Scenario::read_all(&folder).expect("the folder can be read");
    assert!(!scenarios.is_empty());
    let play = |scenario: Scenario| scenario.play(&mut Core::new(Timestamp::of_month(2026, 11)));
    let failures: Vec<_> =
        scenarios.into_iter().filter_map(|read| read.and_then(play).err()).collect();
    let told: Vec<_> = failures.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{} fail:\n\n{}\n", told.len(), told.join("\n\n"));
}

#[test]
fn every_history_keeps_the_invariants() {
    for_all(HISTORIES, generate::steps(STEPS_MAX), |steps| {
        let mut player = Player::new();
        steps.iter().try_for_each(|step| player.take(step).map(drop))?;
        player.core.replay()
    });
}

/// A failing run says which `LEDGEROS_SEED` plays its history again.
#[test]
fn a_million_operations_keep_the_invariants() {
    let operations = number_of("LEDGEROS_OPERATIONS").map_or(OPERATIONS, |number| number as usize);
    let seed = number_of("LEDGEROS_SEED").unwrap_or_else(|| RandomState::new().hash_one(()));
    long::play(operations, seed, |seed| {
        format!("LEDGEROS_SEED={seed} cargo test --release -p testkit --test core -- million")
    });
}

#[test]
fn everything_that_can_happen_happens() {
    let reach = long::play(REACHING, 0, |seed| format!("the history has the seed `{seed}`"));
    let never = [
        // Asked before any rule, by whoever takes the message.
        "card_not_active",
        "suspected_fraud",
        "system_error",
        // A player's book is a sandbox; and the tests below ask too much of a card and have too many webhooks.
        "NotASandbox",
        "TooManyWallets",
        "TooManyIntents",
        "DetailsTooOften",
        "TooManyWebhooks",
    ];
    assert_eq!(reach.missing(), never);
}

#[test]
fn nobody_is_promised_money_who_does_not_wait_for_the_answer() {
    let (mut core, card) = core();
    assert!(may_spend(&mut core, card, 1_000));
    let mut book = Book::default();
    core.journal().iter().for_each(|entry| book.apply(entry));
    let approved = core.journal().last().and_then(|entry| match entry.events[0] {
        Event::AuthorizationApproved(ref event) => Some(event.transaction),
        _ => None,
    });
    let transaction = approved.expect("it was approved");
    let late = |command: Command| {
        let entry = book.decide_late(&requests::request(1_001, command), core.now()).unwrap();
        (entry.events[0].clone(), entry.postings.is_empty())
    };
    for mode in [Mode::Hold, Mode::Purchase] {
        let (event, is_memo) = late(Command::Authorize(Authorize { mode, ..question(card) }));
        let Event::AuthorizationDeclined(declined) = event else { panic!("{event:?}") };
        assert_eq!((declined.reason, is_memo), (DeclineReason::DecisionTimeout, true));
    }
    let more = Increment { transaction, amount: Amount(1), network_id: None };
    let (event, is_memo) = late(Command::Increment(more));
    let Event::IncrementDeclined(declined) = event else { panic!("{event:?}") };
    assert_eq!((declined.reason, is_memo), (DeclineReason::DecisionTimeout, true));
    // What has happened already is no promise.
    let advice = Authorize { mode: Mode::Advice, ..question(card) };
    let (event, _) = late(Command::Authorize(advice));
    assert!(matches!(event, Event::AuthorizationApproved(_)), "{event:?}");
    let clear = Clear { transaction, amount: None, is_final: true, network_id: None };
    let (event, _) = late(Command::Clear(clear));
    assert!(matches!(event, Event::Cleared(_)), "{event:?}");
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

        let expired = &core.journal()[written];
        let mut id = match &expired.events[0] {
            Event::IntentClosed(closed) => closed.intent.0,
            Event::AuthorizationExpired(expired) => expired.transaction.0,
            other => panic!("{other:?}"),
        };
        id[0] ^= 0xff;
        assert_eq!(expired.command, CommandId(id), "no client asks by it");
    }
}

#[test]
fn an_id_is_given_once_whatever_commands_are_called() {
    let (mut core, card) = core();
    let request = requests::request(1_001, Command::Authorize(question(card)));
    core.ask(&request).expect("the rules hold").expect("a decline is an entry, too");
    let mut twin = requests::twin(&request);
    assert!(matches!(core.ask(&twin), Ok(Err(Rejection::IdTaken))));
    twin.id.0[15] ^= 1;
    assert!(matches!(core.ask(&twin), Ok(Err(Rejection::IdTaken))), "some commands make two ids");

    core.set_wall(core.now().plus_ms(1));
    let later = core.ask(&twin).expect("the rules hold");
    assert!(later.is_ok(), "a millisecond later it is another id: {later:?}");
}

/// The clock on the wall was ahead for one entry.
#[test]
fn so_many_entries_have_one_time_and_the_next_a_later_one() {
    let ahead = Timestamp::of_month(2026, 11);
    let behind = ahead.minus_ms(HOUR_MS);
    let mut book = Book::default();
    let opened = book.decide(&requests::request(1, requests::open_book()), book.now(ahead));
    book.apply(&opened.unwrap());
    let nothing =
        |number| requests::request(number, Command::AdvanceClock(AdvanceClock { by_ms: 0 }));
    for number in 2..=ENTRIES_AT_ONCE_MAX as u32 {
        let entry = book.decide(&nothing(number), book.now(behind)).unwrap();
        assert_eq!(entry.at, ahead);
        book.apply(&entry);
        if number < 4 {
            let twin = book.decide(&requests::twin(&nothing(2)), book.now(behind));
            assert_eq!(twin, Err(Rejection::IdTaken));
        }
    }
    for twin in [2, 3, 4].map(|number| requests::twin(&nothing(number))) {
        let entry = book.decide(&twin, book.now(behind)).unwrap();
        assert_eq!(entry.at, ahead.plus_ms(1), "the same for all");
        book.apply(&entry);
    }
}

#[test]
fn what_is_called_alike_falls_due_at_the_same_millisecond() {
    let (mut core, card) = core();
    let question = |mcc| {
        let mut question = question(card);
        question.terms.merchant.mcc = mcc;
        Command::Authorize(question)
    };
    let hotel = requests::request(1_001, question(Mcc::new(7011)));
    core.ask(&hotel).expect("the rules hold").expect("a decline is an entry, too");
    core.set_wall(core.now().plus_ms(TRAVEL_HOLD_MS - HOLD_MS));
    let mut twin = requests::request(1_001, question(None));
    twin.id = requests::twin(&hotel).id;
    core.ask(&twin).expect("the rules hold").expect("a decline is an entry, too");
    let written = core.journal().len();
    core.set_wall(core.now().plus_ms(HOLD_MS));
    ask_nothing(&mut core);
    assert_eq!(core.journal().len(), written + 2, "both expire");
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

#[test]
fn an_intent_that_a_purchase_has_taken_is_not_live() {
    let (mut core, card) = core();
    for number in (0..2 * LIVE_MAX as u32).step_by(2) {
        assert_eq!(declare(&mut core, card, 1_000 + number), Ok(()));
        assert!(may_spend(&mut core, card, 1_001 + number), "and takes the intent");
    }
    for number in 0..LIVE_MAX as u32 {
        assert_eq!(declare(&mut core, card, 2_000 + number), Ok(()));
    }
    let refused = Err(Rejection::TooManyIntents { max: LIVE_MAX });
    assert_eq!(declare(&mut core, card, 3_000), refused);
}

#[test]
fn the_details_of_a_card_are_read_at_most_so_often_an_hour() {
    let (mut core, card) = core();
    declare(&mut core, card, 1_000).unwrap();
    let start = core.now();
    for number in 0..READS_MAX as u32 {
        assert_eq!(read(&mut core, card, 1_001 + number), Ok(()));
    }
    let retry_at = start.plus_ms(HOUR_MS);
    core.set_wall(retry_at.minus_ms(1));
    let refused = Err(Rejection::DetailsTooOften { max: READS_MAX, retry_at });
    assert_eq!(read(&mut core, card, 2_000), refused);
    core.set_wall(retry_at);
    assert_eq!(read(&mut core, card, 2_001), Ok(()));
}

#[test]
fn details_that_were_read_are_good_to_the_last_millisecond_of_their_window() {
    let (mut core, card) = core();
    let agent = core.books().cards[&card].agent;
    let total = Amount(100_000);
    let terms = CardTerms {
        purpose: requests::text("headphones"),
        kind: CardKind::Multi,
        limits: CardLimits { total, per_authorization: None, per_day: None, per_month: None },
        controls: CardControls { attestation_window_minutes: Some(30), ..CardControls::default() },
    };
    let create = requests::create_card(1_000, agent, terms, core.now());
    let made = core.ask(&requests::request(1_000, create)).unwrap().unwrap();
    let Event::CardCreated(CardCreated { card, .. }) = made.entry.events[0] else {
        panic!("{made:?}");
    };
    declare(&mut core, card, 1_001).unwrap();
    read(&mut core, card, 1_002).unwrap();
    let end = core.now().plus_ms(30 * MINUTE_MS);
    core.set_wall(end);
    assert!(may_spend(&mut core, card, 1_003));
    core.set_wall(end.plus_ms(1));
    assert!(!may_spend(&mut core, card, 1_004));
}

#[test]
fn a_book_says_which_it_is_and_that_it_balances() {
    let (core, _) = core();
    let mut book = Book::default();
    assert_eq!((book.id(), book.trial_balance().len()), (None, 0));
    core.journal().iter().for_each(|entry| book.apply(entry));
    assert_eq!(book.id(), Some(requests::BOOK));
    let dollars = book.trial_balance()[&Asset::Usd];
    assert!(dollars.debits == dollars.credits && Amount::ZERO < dollars.debits);
}

#[test]
fn a_book_says_how_far_its_clock_is_ahead_and_who_is_erased() {
    let mut book = Book::default();
    let mut write = |number, command| {
        let now = Timestamp::of_month(2026, 11);
        let entry = book.decide(&requests::request(number, command), book.now(now)).unwrap();
        book.apply(&entry);
        entry
    };
    write(1, requests::open_book());
    write(2, Command::AdvanceClock(AdvanceClock { by_ms: HOUR_MS }));
    let created = write(3, requests::create_holder(7));
    let Event::HolderCreated(created) = &created.events[0] else { panic!("{created:?}") };
    write(4, requests::erase(created.holder));
    assert_eq!(book.clock_offset_ms(), HOUR_MS);
    assert!(book.erased_subjects().eq([requests::sealed(7).subject]));
}

#[test]
fn where_money_is_real_nobody_moves_the_clock() {
    let now = Timestamp::of_month(2026, 11);
    let mut book = Book::default();
    let advance = requests::request(2, Command::AdvanceClock(AdvanceClock { by_ms: HOUR_MS }));
    assert_eq!(book.decide(&advance, now), Err(Rejection::NotASandbox));
    let open = OpenBook { book: requests::BOOK, environment: Environment::Live };
    let opened = book.decide(&requests::request(1, Command::OpenBook(open)), now).unwrap();
    book.apply(&opened);
    assert_eq!(book.decide(&advance, now), Err(Rejection::NotASandbox));
}

/// However much waits for an approval, what that releases is one entry.
#[test]
fn an_approval_releases_what_waits_in_as_many_wallets_as_there_may_be() {
    let (mut core, _) = core();
    let mut number = 1_000;
    let mut ask = |core: &mut Core, command| {
        number += 1;
        core.ask(&requests::request(number, command)).expect("the rules hold")
    };
    let holder = *core.books().holders.keys().next().expect("a player has holders");
    let set = |status| requests::verify(holder, status, Vec::new());
    ask(&mut core, set(VerificationStatus::Approved)).unwrap();
    while core.books().wallets.values().filter(|of| **of == holder).count() < WALLETS_MAX as usize {
        ask(&mut core, Command::CreateWallet(CreateWallet { holder })).unwrap();
    }
    let refused = ask(&mut core, Command::CreateWallet(CreateWallet { holder })).map(drop);
    assert_eq!(refused, Err(Rejection::TooManyWallets { max: WALLETS_MAX }));

    ask(&mut core, set(VerificationStatus::Locked)).unwrap();
    let wallets: Vec<_> = core.books().wallets.iter().filter(|(_, of)| **of == holder).collect();
    let wallets: Vec<WalletId> = wallets.into_iter().map(|(wallet, _)| *wallet).collect();
    let each = wallets.iter().flat_map(|wallet| TOKENS.map(|asset| (*wallet, asset)));
    for (index, (wallet, asset)) in each.enumerate() {
        let reference = requests::outside(&format!("deposit {index}"));
        let (chain, amount) = (Chain::Base, Amount(1_000_000));
        let deposit = ConfirmWalletDeposit { wallet, chain, asset, amount, reference };
        ask(&mut core, Command::ConfirmWalletDeposit(deposit)).unwrap();
    }
    let released = ask(&mut core, set(VerificationStatus::Approved)).unwrap();
    assert_eq!(released.entry.postings.iter().count(), 2 * 4 * WALLETS_MAX as usize);
}
