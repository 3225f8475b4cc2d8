use std::sync::Arc;

use journal::{Hash, Head};
use ledger::agents::{AgentPolicy, AgentProfile, OnExceeded, RegisterAgent};
use ledger::book::{Environment, OpenBook};
use ledger::cards::{CardControls, CardKind, CardLimits, CardNumber, CardTerms, CreateCard};
use ledger::clock::AdvanceClock;
use ledger::deposits::{Chain, ConfirmDeposit};
use ledger::holders::{
    CreateHolder, RecordVerification, StartVerification, Verification, VerificationStatus,
};
use ledger::intents::{DeclareIntent, UNREAD_MS};
use ledger::keys::{Family, NewKey, Scope};
use ledger::limits::{Limit, Window};
use ledger::matching::{Expectation, Tolerance};
use ledger::time::HOUR_MS;
use ledger::{
    AgentId, Amount, Asset, Book, BookId, CardId, Command, CommandId, Event, HolderId, Month,
    Origin, Position, Rate, Reference, Rejection, Request, Sealed, Text, Timestamp,
};
use rpc::Refusal;

use super::{Batch, Machine, Prior};
use crate::Seen;

pub(crate) mod due;
mod full;
mod random;
mod shared;
mod trials;

/// 2024-03-01T12:00:00Z.
fn noon() -> Timestamp {
    Timestamp::of_month(2024, 3).plus_ms(12 * HOUR_MS)
}

/// A machine with an open book in which nothing is durable, and whose callers are numbers.
fn machine() -> Machine<u32> {
    let mut machine = Machine::new(Book::default(), Head::EMPTY, Seen::default());
    let book = BookId([1; 16]);
    let open = OpenBook { book, environment: Environment::Sandbox };
    submit(&mut machine, 0, &request(0, Command::OpenBook(open)));
    machine
}

fn request(id: u8, command: Command) -> Request {
    let origin = Origin { route: u16::from(id), ..Origin::LEDGER };
    Request { id: CommandId([id; 16]), origin, command }
}

fn create_holder(id: u8) -> Request {
    let profile = Sealed { subject: [id; 16], reference: [id; 16], commitment: [id; 32] };
    request(id, Command::CreateHolder(CreateHolder { profile }))
}

fn deposit(id: u8, holder: HolderId, reference: u8) -> Request {
    let deposit = ConfirmDeposit {
        holder,
        chain: Chain::Base,
        asset: Asset::Usdc,
        amount: Amount(1_000_000),
        rate: Rate::ONE,
        rate_source: Text::new("test").unwrap(),
        reference: [reference; 16],
    };
    request(id, Command::ConfirmDeposit(deposit))
}

/// Asks for what the rules refuse: nobody has this id.
fn refusable(id: u8) -> Request {
    request(id, Command::StartVerification(StartVerification { holder: HolderId([9; 16]) }))
}

/// Submits what the machine can decide without a look into the journal.
fn submit(machine: &mut Machine<u32>, from: u32, request: &Request) {
    let prior = match machine.prior(request) {
        Prior::New => None,
        Prior::Entry(entry) => Some(entry),
        Prior::LookUp(reference) => panic!("{reference:?} may be in the journal"),
    };
    machine.submit(from, request, prior, noon());
}

/// A machine in which nothing is decided but not durable, with an intent, and when that lapses.
fn machine_with_an_intent() -> (Machine<u32>, Timestamp) {
    let mut machine = machine();
    submit(&mut machine, 1, &create_holder(1));
    let holder = HolderId::derive(noon(), CommandId([1; 16]), 0);
    let verification =
        Verification { status: VerificationStatus::Approved, ..Verification::default() };
    let approve = RecordVerification { holder, verification };
    submit(&mut machine, 2, &request(2, Command::RecordVerification(approve)));
    submit(&mut machine, 3, &register_agent(3, holder));
    submit(&mut machine, 4, &create_card(4, AgentId::derive(noon(), CommandId([3; 16]), 0)));
    submit(&mut machine, 5, &declare_intent(5, CardId::derive(noon(), CommandId([4; 16]), 0)));
    commit(&mut machine);
    assert!(machine.replies().all(|(_, result)| result.is_ok()));
    (machine, noon().plus_ms(UNREAD_MS))
}

fn register_agent(id: u8, holder: HolderId) -> Request {
    let name = Text::new("bot").unwrap();
    let limit = Limit { window: Window::Month, amount: Amount(50_000) };
    let register = RegisterAgent {
        holder,
        profile: AgentProfile { name, description: None, external_id: None },
        policy: AgentPolicy { limit, on_exceeded: OnExceeded::Suspend, cards_max: None },
        token: NewKey {
            family: Family::LedgerOs,
            scope: Scope::Write,
            prefix: [id; 8],
            digest: [id; 32],
        },
        reference: None,
    };
    request(id, Command::RegisterAgent(register))
}

fn create_card(id: u8, agent: AgentId) -> Request {
    let limits = CardLimits {
        total: Amount(10_000),
        per_authorization: None,
        per_day: None,
        per_month: None,
    };
    let purpose = Text::new("headphones").unwrap();
    let card = CreateCard {
        agent,
        terms: CardTerms {
            purpose,
            kind: CardKind::Multi,
            limits,
            controls: CardControls::default(),
        },
        number: CardNumber {
            sealed: Sealed { subject: [id; 16], reference: [id; 16], commitment: [id; 32] },
            last4: *b"1111",
            last_month: Month::new(2027, 3).expect("it is one"),
        },
    };
    request(id, Command::CreateCard(card))
}

fn declare_intent(id: u8, card: CardId) -> Request {
    let expectation = Expectation {
        amount: Amount(5_000),
        merchant: Text::new("Amazon").unwrap(),
        mccs: Vec::new(),
        tolerance: Tolerance::DEFAULT,
    };
    let summary = Text::new("headphones").unwrap();
    let intent = DeclareIntent {
        card,
        summary,
        expectation,
        reserves: false,
        enforcement: None,
        ttl_minutes: None,
    };
    request(id, Command::DeclareIntent(intent))
}

/// Stores everything that was decided.
fn commit(machine: &mut Machine<u32>) -> Vec<Batch> {
    let batches: Vec<Batch> = std::iter::from_fn(|| machine.next_batch()).collect();
    batches.iter().for_each(|batch| machine.committed(batch));
    batches
}

/// The position of an entry and whether it is told again, or the words of a refusal.
type Told = Result<(u64, bool), String>;

/// Who is answered now, and what.
fn answered(machine: &mut Machine<u32>) -> Vec<(u32, Told)> {
    machine.replies().map(|(from, result)| (from, summary(result))).collect()
}

fn summary(result: Result<rpc::Answer, Refusal>) -> Told {
    match result {
        Ok(answer) => Ok((answer.entry.position.0, answer.is_replay)),
        Err(refusal) => Err(refusal.to_string()),
    }
}

#[test]
fn an_answer_waits_until_its_entry_is_durable() {
    let mut machine = machine();
    submit(&mut machine, 1, &create_holder(1));
    assert_eq!(answered(&mut machine), []);
    let batch = machine.next_batch().unwrap();
    assert_eq!(answered(&mut machine), [], "handed out is not durable");
    machine.committed(&batch);
    assert_eq!(answered(&mut machine), [(0, Ok((1, false))), (1, Ok((2, false)))]);
    assert!(machine.is_idle());
    assert!(machine.next_batch().is_none());
}

#[test]
fn a_refusal_waits_for_what_it_rests_on() {
    let mut machine = machine();
    submit(&mut machine, 1, &refusable(1));
    assert_eq!(answered(&mut machine), []);
    commit(&mut machine);
    let told = Rejection::UnknownHolder(HolderId([9; 16])).to_string();
    assert_eq!(answered(&mut machine), [(0, Ok((1, false))), (1, Err(told.clone()))]);
    submit(&mut machine, 2, &refusable(2));
    assert_eq!(answered(&mut machine), [(2, Err(told))], "everything is durable already");
}

#[test]
fn a_repeated_command_gets_the_first_entry_once_that_is_durable() {
    let mut machine = machine();
    commit(&mut machine);
    assert_eq!(answered(&mut machine), [(0, Ok((1, false)))]);
    submit(&mut machine, 1, &create_holder(1));
    submit(&mut machine, 2, &create_holder(1));
    assert_eq!(answered(&mut machine), []);
    let batches = commit(&mut machine);
    assert_eq!(batches.iter().map(|batch| batch.entries.len()).sum::<usize>(), 1);
    assert_eq!(answered(&mut machine), [(1, Ok((2, false))), (2, Ok((2, true)))]);
}

#[test]
fn an_id_that_was_used_for_another_request_is_refused() {
    let mut machine = machine();
    let first = create_holder(1);
    submit(&mut machine, 1, &first);
    let mut other_body = first.clone();
    other_body.origin.fingerprint = [1; 16];
    submit(&mut machine, 2, &other_body);
    let mut other_route = first.clone();
    other_route.origin.route = 99;
    submit(&mut machine, 3, &other_route);
    let mut other_caller = first.clone();
    other_caller.origin.request = [1; 16];
    submit(&mut machine, 4, &other_caller);
    commit(&mut machine);
    let reused = Err(Refusal::Reused { route: 1 }.to_string());
    assert_eq!(
        answered(&mut machine)[1..],
        [
            (1, Ok((2, false))),
            (2, reused.clone()),
            (3, reused),
            (4, Ok((2, true))) // the id of the HTTP request is another one each time
        ]
    );
}

#[test]
fn the_route_that_an_id_was_used_on_is_told() {
    let mut machine = machine();
    submit(&mut machine, 1, &create_holder(1));
    let other = request(1, create_holder(2).command);
    let other = Request { origin: Origin { route: 7, ..other.origin }, ..other };
    submit(&mut machine, 2, &other);
    commit(&mut machine);
    let last = machine.replies().last().unwrap();
    assert!(matches!(last, (2, Err(Refusal::Reused { route: 1 }))), "{last:?}");
}

#[test]
fn an_id_from_outside_counts_once_whatever_command_carries_it() {
    let mut machine = machine();
    submit(&mut machine, 1, &create_holder(1));
    let holder = HolderId::derive(noon(), CommandId([1; 16]), 0);
    submit(&mut machine, 2, &deposit(2, holder, 5));
    submit(&mut machine, 3, &deposit(3, holder, 5));
    submit(&mut machine, 4, &deposit(4, holder, 6));
    commit(&mut machine);
    assert_eq!(
        answered(&mut machine)[2..],
        [(2, Ok((3, false))), (3, Ok((3, true))), (4, Ok((4, false)))]
    );
}

#[test]
fn an_id_that_is_durable_is_looked_up_in_the_journal() {
    let mut machine = machine();
    submit(&mut machine, 1, &create_holder(1));
    assert!(matches!(machine.prior(&create_holder(1)), Prior::Entry(_)));
    commit(&mut machine);
    let Prior::LookUp(reference) = machine.prior(&create_holder(1)) else {
        panic!("a durable entry is not kept in memory");
    };
    assert_eq!(reference, Reference::Command(CommandId([1; 16])));
    assert!(matches!(machine.prior(&create_holder(2)), Prior::New));
}

#[test]
fn the_ids_of_the_journal_are_known_from_the_start() {
    let mut seen = Seen::default();
    seen.insert(Reference::Command(CommandId([1; 16])), Position(1));
    let machine: Machine<u32> = Machine::new(Book::default(), Head::EMPTY, seen);
    assert!(matches!(machine.prior(&create_holder(1)), Prior::LookUp(_)));
    assert!(matches!(machine.prior(&create_holder(2)), Prior::New));
}

#[test]
fn a_batch_names_the_end_of_the_journal_that_it_follows() {
    let mut machine = machine();
    let first = machine.next_batch().unwrap();
    submit(&mut machine, 1, &create_holder(1));
    submit(&mut machine, 2, &create_holder(2));
    let second = machine.next_batch().unwrap();
    assert_eq!(first.expected, Head::EMPTY);
    assert_eq!(second.expected, Head { position: Position(1), hash: first.entries[0].hash });
    assert_eq!(second.entries[0].previous, first.entries[0].hash);
    assert_eq!(second.entries[1].previous, second.entries[0].hash);
    machine.committed(&first);
    assert_eq!(machine.durable(), second.expected);
    assert!(!machine.is_idle());
}

#[test]
fn moving_the_clock_is_answered_after_all_that_fell_due() {
    let (mut machine, expires) = machine_with_an_intent();
    let by_ms = expires.as_millis() - noon().as_millis();
    let advance = request(50, Command::AdvanceClock(AdvanceClock { by_ms }));
    submit(&mut machine, 50, &advance);
    let batch = machine.next_batch().unwrap();
    let kinds: Vec<_> = batch.entries.iter().map(|stored| &stored.entry.events[0]).collect();
    assert!(matches!(kinds[..], [Event::ClockAdvanced(_), Event::IntentClosed(_)]), "{kinds:?}");
    machine.committed(&Batch { entries: batch.entries[..1].into(), ..batch.clone() });
    assert_eq!(answered(&mut machine), [], "an entry that fell due is not durable");
    machine.committed(&Batch { entries: batch.entries[1..].into(), ..batch });
    assert_eq!(answered(&mut machine).len(), 1);
}

#[test]
fn what_has_fallen_due_is_written_before_a_command_is_decided() {
    let (mut machine, expires) = machine_with_an_intent();
    machine.submit(51, &create_holder(51), None, expires);
    let batch = machine.next_batch().unwrap();
    let kinds: Vec<_> = batch.entries.iter().map(|stored| &stored.entry.events[0]).collect();
    assert!(matches!(kinds[..], [Event::IntentClosed(_), Event::HolderCreated(_)]), "{kinds:?}");
}

#[test]
fn a_deadline_that_has_not_passed_writes_nothing() {
    let (mut machine, expires) = machine_with_an_intent();
    machine.expire(expires.minus_ms(1));
    assert_eq!(machine.backlog(), 0);
    machine.expire(expires);
    assert_eq!(machine.backlog(), 1);
    machine.expire(expires);
    assert_eq!(machine.backlog(), 1, "nothing expires twice");
}

#[test]
fn an_id_of_the_command_counts_before_one_from_outside() {
    let mut machine = machine();
    submit(&mut machine, 1, &create_holder(1));
    let batch = machine.next_batch().unwrap();
    machine.committed(&batch);
    let [Event::HolderCreated(created)] = &batch.entries[1].entry.events[..] else {
        panic!("a holder is created");
    };
    submit(&mut machine, 2, &deposit(2, created.holder, 7));
    let misused = deposit(1, created.holder, 7);
    let Prior::LookUp(reference) = machine.prior(&misused) else {
        panic!("the command's id is in the journal");
    };
    assert_eq!(reference, Reference::Command(misused.id));
}

#[test]
fn an_abandoned_machine_answers_by_what_the_journal_has() {
    let unavailable = Err(Refusal::Unavailable.to_string());
    for is_stored in [true, false] {
        let mut machine = machine();
        commit(&mut machine);
        submit(&mut machine, 1, &create_holder(1));
        let batch = machine.next_batch().unwrap();
        submit(&mut machine, 2, &create_holder(1));
        submit(&mut machine, 3, &create_holder(3));
        submit(&mut machine, 4, &create_holder(1));
        let results = machine.abandon(is_stored.then_some(&batch));
        let results: Vec<_> = results.map(|(from, result)| (from, summary(result))).collect();
        let if_stored = |answer| if is_stored { answer } else { unavailable.clone() };
        assert_eq!(
            results,
            [
                (0, Ok((1, false))),
                (1, if_stored(Ok((2, false)))),
                (2, if_stored(Ok((2, true)))),
                (3, unavailable.clone()),
                (4, unavailable.clone()) // it rests on something that is lost
            ]
        );
    }
}

#[test]
#[should_panic(expected = "the book is the journal's")]
fn a_book_of_another_position_is_not_taken() {
    let head = Head { position: Position(1), hash: Hash([0; 32]) };
    Machine::<u32>::new(Book::default(), head, Seen::default());
}
