#![allow(clippy::all, clippy::unwrap_used, clippy::print_stdout, unreachable_pub, dead_code)]
use std::path::Path;
use std::time::Instant;
#[path = "../tests/verify/play.rs"]
mod play;
#[path = "../tests/verify/support.rs"]
mod support;
use journal::anchor::{self, Mark};
use journal::sqlite::{SqliteReader, SqliteStore};
use journal::*;
use ledger::agents::*;
use ledger::authorizations::*;
use ledger::cards::*;
use ledger::limits::*;
use ledger::*;
use projector::*;
use rpc::Publisher;
use support::{BOOK, INCARNATION};

fn make(path: &Path, count: usize) {
    std::fs::create_dir_all(path.join("read_model")).unwrap();
    let mark = Mark { book: BOOK, incarnation: INCARNATION, head: Head::EMPTY };
    let mut anchor = Anchor::create(&path.join("anchor"), mark).unwrap();
    let mut store = SqliteStore::create(&path.join("journal.sqlite"), BOOK, INCARNATION).unwrap();
    let epoch = store.claim().unwrap();
    let mut play = play::Play::new();
    let mut cards = vec![];
    for _ in 0..100 {
        let h = play.holder();
        play.verify(h, holders::VerificationStatus::Approved);
        play.deposit(h, 100_000_000_00);
        let agent = play.agent(h);
        let _ = agent;
        let e = play.act(Command::RegisterAgent(RegisterAgent {
            holder: h,
            profile: AgentProfile {
                name: Text::new("a").unwrap(),
                description: None,
                external_id: None,
            },
            policy: AgentPolicy {
                limit: Limit { window: Window::Total, amount: Amount(100_000_000_000) },
                on_exceeded: OnExceeded::Suspend,
                cards_max: None,
            },
            token: keys::NewKey {
                family: keys::Family::LedgerOs,
                scope: keys::Scope::Write,
                prefix: (cards.len() as u64 + (1 << 60)).to_be_bytes(),
                digest: [1; 32],
            },
            reference: None,
        }));
        let Event::AgentRegistered(ref a) = e.events[0] else { panic!() };
        let e = play.act(Command::CreateCard(CreateCard {
            agent: a.agent,
            terms: CardTerms {
                purpose: Text::new("bench").unwrap(),
                kind: CardKind::Multi,
                limits: CardLimits {
                    total: Amount(100_000_000_000),
                    per_authorization: None,
                    per_day: None,
                    per_month: None,
                },
            },
            number: CardNumber {
                sealed: Sealed { subject: [1; 16], reference: [2; 16], commitment: [3; 32] },
                last4: *b"4242",
                expiry_year: 2029,
                expiry_month: 11,
            },
        }));
        let Event::CardCreated(ref c) = e.events[0] else { panic!() };
        cards.push(c.card);
    }
    let mut head = Head::EMPTY;
    let mut done = 0;
    let mut first = 0;
    while done < count {
        for k in 0..10_000 {
            if k % 50 == 0 {
                play.pass(1);
            }
            play.authorize(cards[(done + k) % cards.len()], 100);
        }
        done += 10_000;
        let batch = std::mem::take(&mut play.entries);
        let batch = &batch[first..];
        let Outcome::Committed = store.append(batch, head, epoch) else { panic!() };
        let last = batch.last().unwrap();
        head = Head { position: last.entry.position, hash: last.hash };
        let last = last.clone();
        first = 1;
        play.entries = vec![last];
    }
    anchor.advance(head).unwrap();
}

fn project(path: &Path) {
    let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let reader = || SqliteReader::open(&path.join("journal.sqlite"), BOOK).unwrap();
    for model in ReadModel::ALL {
        let t = Instant::now();
        let publisher = Publisher::new(reader().head().unwrap().position);
        let p = Projector::start(
            model,
            &path.join("read_model"),
            Box::new(reader()),
            publisher.subscribe(),
        )
        .unwrap();
        drop(publisher);
        rt.block_on(p.progress().wait_for(|p| p.stopped.is_some())).unwrap();
        println!("{model} {:?}", t.elapsed());
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let path = Path::new(&args[2]);
    match args[1].as_str() {
        "make" => {
            let t = Instant::now();
            make(path, args[3].parse().unwrap());
            println!("made {:?}", t.elapsed());
            project(path)
        }
        "read" => {
            for _ in 0..3 {
                let mut r = SqliteReader::open(&path.join("journal.sqlite"), BOOK).unwrap();
                let end = r.head().unwrap().position;
                let t = Instant::now();
                let mut from = Position(1);
                while from <= end {
                    let n = r.read(from, 512).unwrap().len();
                    from.0 += n as u64;
                }
                println!("read {:.0}/s", end.0 as f64 / t.elapsed().as_secs_f64());
                let mut book = Book::default();
                let t = Instant::now();
                let mut from = Position(1);
                let mut a = std::time::Duration::default();
                while from <= end {
                    let p = r.read(from, 512).unwrap();
                    let t = Instant::now();
                    for s in &p {
                        book.apply(&s.entry)
                    }
                    a += t.elapsed();
                    from.0 += p.len() as u64;
                }
                println!(
                    "apply {:.0}/s, both {:.0}/s",
                    end.0 as f64 / a.as_secs_f64(),
                    end.0 as f64 / t.elapsed().as_secs_f64()
                );
                let t = Instant::now();
                println!("accounts {} {:?}", book.accounts().len(), t.elapsed());
            }
        }
        _ => {
            let with = args[1] == "all";
            for _ in 0..args[3].parse::<usize>().unwrap() {
                let journal = SqliteReader::open(&path.join("journal.sqlite"), BOOK).unwrap();
                let evidence = audit::Evidence {
                    anchor: Some(anchor::read(&path.join("anchor")).unwrap()),
                    incarnation: journal.incarnation(),
                    journal: Box::new(journal),
                    read_models: if with { path.join("read_model") } else { path.join("none") },
                };
                let t = Instant::now();
                let report = audit::verify(evidence, &mut |_| {}).unwrap();
                let e = t.elapsed();
                println!(
                    "{} {:?} {:.0}/s {:?}",
                    report.sound(),
                    e,
                    report.entries as f64 / e.as_secs_f64(),
                    report.discrepancies
                );
            }
        }
    }
}
