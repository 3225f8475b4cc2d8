//! Leaders that fall silent, lose their database, or fail.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use journal::anchor;
use journal::postgres::Leaders;
use ledger::agents::{AgentPolicy, AgentProfile, AgentRegistered, OnExceeded, RegisterAgent};
use ledger::cards::{CardControls, CardKind, CardLimits, CardNumber, CardTerms, CreateCard};
use ledger::holders::{HolderCreated, RecordVerification, Verification, VerificationStatus};
use ledger::keys::{Family, NewKey, Scope};
use ledger::limits::{Limit, Window};
use ledger::{
    AgentId, Amount, Command, CommandId, Event, HolderId, Month, Position, Request, Sealed, Text,
};
use postgres::{Client, NoTls};
use rpc::{Refusal, Role};
use servers::{Gate, Passing};
use writer::WriterStopped;

use crate::process::{
    BOOK, Process, ask, journals, refusable, request, submit, wait, wait_until, written,
};

fn client(url: &str) -> Client {
    Client::connect(url, NoTls).unwrap()
}

fn register_agent(holder: HolderId) -> Command {
    let (family, scope) = (Family::LedgerOs, Scope::Write);
    let name = Text::new("bot").expect("it is short");
    Command::RegisterAgent(RegisterAgent {
        holder,
        profile: AgentProfile { name, description: None, external_id: None },
        policy: AgentPolicy {
            limit: Limit { window: Window::Total, amount: Amount(1) },
            on_exceeded: OnExceeded::Suspend,
            cards_max: None,
        },
        token: NewKey { family, scope, prefix: [7; 8], digest: [7; 32] },
        reference: None,
    })
}

/// A card whose last digit is none: no gateway names it, and whoever writes it down panics.
fn impossible_card(agent: AgentId) -> Command {
    let total = Amount(1);
    Command::CreateCard(CreateCard {
        agent,
        terms: CardTerms {
            purpose: Text::new("books").expect("it is short"),
            kind: CardKind::Multi,
            limits: CardLimits { total, per_authorization: None, per_day: None, per_month: None },
            controls: CardControls::default(),
        },
        number: CardNumber {
            sealed: Sealed { subject: [8; 16], reference: [8; 16], commitment: [8; 32] },
            last4: *b"111x",
            last_month: Month::new(2030, 12).expect("it is one"),
        },
    })
}

/// Its beats are held up; its writer lives, and knows of nothing.
#[test]
fn a_writer_that_was_replaced_without_noticing_answers_nothing() {
    for question in ["command", "replay", "refusal", "trial"] {
        let database = journals(servers::shared(), &[BOOK]);
        let (here, there) =
            (Process::new("here:1", &database.writer), Process::new("there:1", &database.writer));
        let mut old = here.sit(BOOK);
        let (epoch, commands) = old.leads();
        let mut new = there.sit(BOOK);
        new.follows("here:1");
        ask(&commands, &request(1)).unwrap();
        let refused = ask(&commands, &refusable());
        assert!(matches!(refused, Err(Refusal::Rejected(_))), "{refused:?}");

        let mut holding = client(&database.owner);
        holding.batch_execute("begin; lock table journal.leader in exclusive mode").unwrap();
        let mut leaders = Leaders::open(&database.writer).unwrap();
        while leaders.look(BOOK).unwrap().unwrap().epoch == epoch {}
        let answer = match question {
            "command" => ask(&commands, &request(2)),
            "replay" => ask(&commands, &request(1)),
            "refusal" => ask(&commands, &refusable()),
            _ => wait(commands.try_out(request(2))),
        };
        let is_nothing = matches!(answer, Err(Refusal::Unavailable | Refusal::Unknown));
        assert!(is_nothing, "{question}: {answer:?}");
        drop(holding);

        new.leads();
        old.follows("there:1");
        let mut both = [old, new];
        assert!(submit(&mut both, &request(1)).is_replay);
        submit(&mut both, &request(2));
        assert_eq!(written(&database.writer, BOOK).len(), 2);
        let [old, new] = both;
        new.stop().unwrap();
        let mut back = [old];
        back[0].leads();
        assert!(submit(&mut back, &request(2)).is_replay, "what it knew was thrown away");
    }
}

/// Nothing comes back, and nobody says that nothing does.
#[test]
fn a_leader_that_hears_nothing_of_its_database_leads_no_more() {
    let server = servers::shared();
    let database = journals(server, &[BOOK]);
    let gate = Gate::before_postgres(server);
    let (role, port, name) = (&database.writer_role, gate.port(), &database.name);
    let url = format!("postgresql://{role}@127.0.0.1:{port}/{name}");
    let (here, there) = (Process::new("here:1", &url), Process::new("there:1", &database.writer));
    let mut old = here.sit(BOOK);
    let (_, commands) = old.leads();
    let mut new = there.sit(BOOK);
    new.follows("here:1");
    ask(&commands, &request(1)).unwrap();

    gate.set(Passing::Silence);
    let silent_at = Instant::now();
    wait(old.role.wait_for(|role| matches!(role, Role::Follows { .. }))).unwrap();
    assert!(silent_at.elapsed() < Duration::from_secs(5), "{:?}", silent_at.elapsed());
    new.leads();
    assert!(submit(&mut [new], &request(1)).is_replay);
}

/// Who stops the others meanwhile leaves the book to nobody.
#[test]
fn who_has_not_loaded_its_book_or_can_not_ask_who_leads_is_hindered() {
    let server = servers::shared();
    let database = journals(server, &[BOOK]);
    let gate = Gate::before_postgres(server);
    let (role, port, name) = (&database.writer_role, gate.port(), &database.name);
    let url = format!("postgresql://{role}@127.0.0.1:{port}/{name}");
    let (here, there) = (Process::new("here:1", &database.writer), Process::new("there:1", &url));
    let mut leader = here.sit(BOOK);
    leader.leads();
    wait(leader.seat.hindered().wait_for(Option::is_none)).unwrap();

    gate.set(Passing::Nothing);
    let other = there.sit(BOOK);
    let mut hindered = other.seat.hindered();
    assert!(hindered.borrow().is_some(), "it has not begun to load");
    let is_cut_off = |why: &Option<&str>| why.is_some_and(|why| why.contains("asked"));
    wait(hindered.wait_for(is_cut_off)).unwrap();
    gate.set(Passing::All);
    wait(hindered.wait_for(Option::is_none)).unwrap();
    gate.set(Passing::Nothing);
    wait(hindered.wait_for(is_cut_off)).unwrap();
}

/// Its journal opens and can be claimed, and is not to be read: claims are no sign of life.
#[test]
fn a_writer_that_does_not_get_its_book_back_is_replaced() {
    let database = journals(servers::shared(), &[BOOK]);
    let (here, there) =
        (Process::new("here:1", &database.writer), Process::new("there:1", &database.writer));
    let mut old = here.sit(BOOK);
    let (_, commands) = old.leads();
    let mut new = there.sit(BOOK);
    ask(&commands, &request(1)).unwrap();
    let known = || anchor::read(&there.anchor_of(BOOK)).unwrap().head.position;
    wait_until("it stands by", || known() == Position(1));

    let mut owner = client(&database.owner);
    let role = &database.writer_role;
    let revoke = format!("revoke select, insert on journal.lookup from \"{role}\"");
    owner.batch_execute(&revoke).unwrap();
    let lost = ask(&commands, &request(2));
    assert!(matches!(lost, Err(Refusal::Unknown)), "{lost:?}");
    new.leads();
    let grant = format!("grant select, insert on journal.lookup to \"{role}\"");
    owner.batch_execute(&grant).unwrap();
    old.follows("there:1");
    let mut both = [old, new];
    assert!(submit(&mut both, &request(1)).is_replay);
    assert!(!submit(&mut both, &request(2)).is_replay);
}

#[test]
fn whose_connections_are_cut_loses_nothing_and_does_nothing_twice() {
    let database = journals(servers::shared(), &[BOOK]);
    let (here, there) =
        (Process::new("here:1", &database.writer), Process::new("there:1", &database.writer));
    let mut both = [here.sit(BOOK), there.sit(BOOK)];
    let cut = database.clone();
    let cutting = thread::spawn(move || {
        for _ in 0..10 {
            let length = written(&cut.owner, BOOK).len();
            while written(&cut.owner, BOOK).len() < length + 10 {}
            cut.cut_connections();
        }
    });
    let mut number = 0;
    while !cutting.is_finished() {
        number += 1;
        let answer = submit(&mut both, &request(number));
        assert_eq!(answer.entry.position.0, number);
    }
    cutting.join().unwrap();
    assert_eq!(written(&database.owner, BOOK).len() as u64, number);
}

#[test]
fn a_database_that_is_killed_under_both_comes_back_and_nothing_is_lost() {
    let mut server = servers::Postgres::start();
    let database = journals(&server, &[BOOK]);
    let (here, there) =
        (Process::new("here:1", &database.writer), Process::new("there:1", &database.writer));
    let mut both = [here.sit(BOOK), there.sit(BOOK)];
    submit(&mut both, &request(1));
    let url = database.owner.clone();
    let killing = thread::spawn(move || {
        for _ in 0..3 {
            let length = written(&url, BOOK).len();
            while written(&url, BOOK).len() < length + 5 {}
            server.kill();
            server.start_again();
        }
        server
    });
    let mut number = 1;
    while !killing.is_finished() {
        number += 1;
        submit(&mut both, &request(number));
    }
    let _server = killing.join().unwrap();
    let ids: BTreeSet<CommandId> = written(&database.owner, BOOK).into_iter().collect();
    let expected: BTreeSet<CommandId> = (1..=number).map(|number| request(number).id).collect();
    assert_eq!(ids, expected);
    for sitting in both {
        sitting.stop().unwrap();
    }
}

/// Clients of a leader that has crashed send thousands of commands again. Here each look-up takes long instead.
#[test]
fn a_flood_of_replays_leaves_the_leader_in_its_seat() {
    let database = journals(servers::shared(), &[BOOK]);
    let here = Process::new("here:1", &database.writer);
    let mut sitting = here.sit(BOOK);
    let (_, commands) = sitting.leads();
    let flood = || {
        wait(async {
            let mut sent = tokio::task::JoinSet::new();
            for number in 1..=300 {
                let commands = commands.clone();
                sent.spawn(async move { commands.submit(request(number)).await.unwrap() });
            }
            sent.join_all().await
        })
    };
    flood();
    client(&database.owner)
        .batch_execute(
            "create policy slow on journal.lookup using (pg_sleep(0.01) is not null);
             alter table journal.lookup enable row level security",
        )
        .unwrap();
    let begun = Instant::now();
    assert!(flood().iter().all(|answer| answer.is_replay));
    assert!(Duration::from_millis(2_900) < begun.elapsed(), "nobody was stuck for so long");
    assert!(!sitting.role.has_changed().unwrap(), "it was taken for stuck");
}

#[test]
fn a_process_whose_writer_has_panicked_does_not_take_the_book_again() {
    let database = journals(servers::shared(), &[BOOK]);
    let (here, there) =
        (Process::new("here:1", &database.writer), Process::new("there:1", &database.writer));
    let mut broken = here.sit(BOOK);
    let (_, commands) = broken.leads();
    let mut whole = there.sit(BOOK);
    whole.follows("here:1");
    let made = ask(&commands, &request(1)).unwrap();
    let Event::HolderCreated(HolderCreated { holder, .. }) = made.entry.events[0] else {
        panic!("{made:?}")
    };
    let verification =
        Verification { status: VerificationStatus::Approved, required: Vec::new(), reason: None };
    let approve = Command::RecordVerification(RecordVerification { holder, verification });
    ask(&commands, &Request { command: approve, ..request(2) }).unwrap();
    let made = ask(&commands, &Request { command: register_agent(holder), ..request(4) }).unwrap();
    let Event::AgentRegistered(AgentRegistered { agent, .. }) = made.entry.events[0] else {
        panic!("{made:?}")
    };
    let answer = ask(&commands, &Request { command: impossible_card(agent), ..request(5) });
    assert!(matches!(answer, Err(Refusal::Unknown)), "{answer:?}");
    let mut role = broken.role.clone();
    wait(async { while role.changed().await.is_ok() {} });
    assert!(matches!(&*role.borrow(), Role::Follows { .. }));
    assert!(matches!(broken.seat.join(), Err(WriterStopped::Panicked)));
    assert_eq!(here.led.count(), 0);

    let mut left = [whole];
    assert!(submit(&mut left, &request(1)).is_replay);
    assert!(!submit(&mut left, &request(3)).is_replay);
}
