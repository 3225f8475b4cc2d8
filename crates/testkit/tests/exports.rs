//! What hledger and beancount say of the books: programs that share nothing with this one.

#![allow(clippy::unwrap_used, reason = "a test that can't go on ends")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use audit::Format;
use journal::memory::MemoryStore;
use journal::{Head, Outcome, Reader, Store, WriterId};
use ledger::authorizations::{Authorize, Mode, Terms};
use ledger::matching::Merchant;
use ledger::{Amount, Asset, Event, Text, Timestamp};
use proptest::prelude::*;
use tempfile::TempDir;
use testkit::books::Books;
use testkit::depth::Core;
use testkit::generate::Player;
use testkit::property::for_all;
use testkit::requests::{self, BOOK};
use testkit::scenario::Scenario;

/// Of up to this many merchants each.
const WRITER: WriterId = WriterId([1; 16]);
const BOOKS_OF_MERCHANTS: u32 = 8;
const MERCHANTS_MAX: usize = 100;

/// Debits less credits by account and asset, as decimals.
type Balances = BTreeMap<(String, String), String>;

/// A program that judges exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judge {
    Hledger,
    Beancount,
}

impl Judge {
    const ALL: [Self; 2] = [Self::Hledger, Self::Beancount];

    fn format(self) -> Format {
        match self {
            Self::Hledger => Format::Hledger,
            Self::Beancount => Format::Beancount,
        }
    }

    /// What it says when it refuses.
    fn judge(self, export: &str) -> Result<(), String> {
        match self {
            Self::Hledger => said("hledger", &["check", "--strict", "--file"], export),
            Self::Beancount => said("bean-check", &["--no-cache"], export),
        }
        .map(drop)
    }

    /// The balances that an export asserts at its end, in the words of the books.
    fn asserted(self, export: &str) -> Balances {
        // The last part is a comment.
        let closing = export.rsplit("\n\n").nth(1).unwrap();
        let assertions = closing.lines().filter_map(|line| match self {
            Self::Hledger => {
                let (account, balance) = line.split_once(" = ")?;
                Some((account.split_whitespace().next()?.to_owned(), balance))
            }
            Self::Beancount => {
                let (_, assertion) = line.split_once(" balance ")?;
                let (account, balance) = assertion.split_once("  ")?;
                Some((account.to_lowercase(), balance))
            }
        });
        let assertions = assertions.map(|(account, balance)| {
            let (number, asset) = balance.split_once(' ').unwrap();
            ((account, asset.to_owned()), number.to_owned())
        });
        assertions.collect()
    }
}

/// Runs a program on a text: what it prints, or what it has against it.
fn said(program: &str, arguments: &[&str], text: &str) -> Result<String, String> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("export");
    fs::write(&file, text).unwrap();
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/bin");
    let path = format!("PATH={}:{}", installed.display(), std::env::var("PATH").unwrap());
    // hledger reads in the encoding of the locale.
    let mut run = Command::new("env");
    run.args([&path, "LC_ALL=C.UTF-8", program]).args(arguments).arg(file);
    let output = run.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => Ok(String::from_utf8(output.stdout).unwrap()),
        // What `env` says of a program that is not there.
        Some(127) => panic!("`{program}` is missing: `deploy/test tests` installs it"),
        _ => Err(format!("{}{stderr}", String::from_utf8_lossy(&output.stdout))),
    }
}

fn export(core: &Core, format: Format) -> String {
    let mut hash = Head::EMPTY.hash;
    let entries = core.journal().iter().map(|entry| {
        let stored = journal::encode(entry.clone(), hash);
        hash = stored.hash;
        stored
    });
    let entries: Vec<_> = entries.collect();
    let mut store = MemoryStore::new(BOOK);
    let epoch = store.claim(WRITER).unwrap();
    let appended = store.append(&entries, Head::EMPTY, epoch);
    assert!(matches!(appended, Outcome::Committed));
    let (head, mut text) = (store.head().unwrap(), Vec::new());
    assert_eq!(audit::export(&mut store, Some(head), format, &mut text).unwrap(), head);
    String::from_utf8(text).unwrap()
}

/// What the books say, folded by code that shares none with the rules or the export.
fn expected(books: &Books) -> Balances {
    let decimal = |asset: Asset, balance: i128| {
        let sign = if balance < 0 { "-" } else { "" };
        format!("{sign}{}", asset.format(Amount(balance.unsigned_abs())))
    };
    let balances = books.balances.iter();
    let balances = balances.map(|((account, asset), balance)| {
        ((account.to_string(), asset.to_string()), decimal(*asset, *balance))
    });
    balances.collect()
}

/// The balances that hledger finds, without those of nothing.
fn found_by_hledger(export: &str) -> Balances {
    let arguments =
        ["balance", "--flat", "--no-total", "--layout=bare", "--output-format=csv", "--file"];
    let table = said("hledger", &arguments, export).unwrap();
    let rows = table.lines().skip(1).map(|row| {
        let cells: Vec<_> = row.split(',').map(|cell| cell.trim_matches('"').to_owned()).collect();
        let [account, asset, number] = cells.try_into().unwrap();
        ((account, asset), number)
    });
    rows.collect()
}

/// Plays every scenario, and lets a program judge its books.
fn judge_every_scenario(judge: Judge) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let scenarios = Scenario::read_all(&folder).unwrap();
    assert!(!scenarios.is_empty());
    for scenario in scenarios {
        let scenario = scenario.unwrap_or_else(|failure| panic!("{failure}"));
        let mut core = Core::new(Timestamp::of_month(2026, 11));
        scenario.play(&mut core).unwrap_or_else(|failure| panic!("{failure}"));
        let (export, mut expected) = (export(&core, judge.format()), expected(core.books()));
        judge.judge(&export).unwrap_or_else(|said| panic!("{}: {said}", scenario.name()));
        assert_eq!(judge.asserted(&export), expected, "{}", scenario.name());
        if judge == Judge::Hledger {
            expected.retain(|_, number| number.bytes().any(|byte| matches!(byte, b'1'..=b'9')));
            assert_eq!(found_by_hledger(&export), expected, "{}", scenario.name());
        }
    }
}

#[test]
fn hledger_agrees_with_the_books_of_every_scenario() {
    judge_every_scenario(Judge::Hledger);
}

#[test]
fn beancount_agrees_with_the_books_of_every_scenario() {
    judge_every_scenario(Judge::Beancount);
}

/// A book in which a card has paid a cent to each of these merchants.
fn book_of(merchants: &[Text<100>]) -> Core {
    let mut core = Player::new().core;
    let card = *core.books().cards.keys().next().unwrap();
    for (number, name) in (1_000..).zip(merchants) {
        let merchant = Merchant { name: name.clone(), mcc: None, city: None, country: None };
        let (amount, asset) = (Amount(1), Asset::Usd);
        let terms = Terms { amount, asset, original: None, merchant, network_id: None };
        let command = ledger::Command::Authorize(Authorize {
            card,
            terms,
            mode: Mode::Hold,
            accepts_part: false,
        });
        let answer = core.ask(&requests::request(number, command)).unwrap().unwrap();
        assert!(matches!(answer.entry.events[0], Event::AuthorizationApproved(_)));
    }
    core
}

fn judge_merchants(merchants: &[Text<100>]) -> Result<(), String> {
    let core = book_of(merchants);
    for judge in Judge::ALL {
        let export = export(&core, judge.format());
        judge.judge(&export)?;
        let balances = (judge.asserted(&export), expected(core.books()));
        assert_eq!(balances.0, balances.1, "{judge:?}");
    }
    let descriptions =
        said("hledger", &["descriptions", "--file"], &export(&core, Format::Hledger))?;
    for name in merchants {
        let name = name.as_str().replace(';', ",");
        assert!(descriptions.split('\n').any(|line| line == name), "{name} in {descriptions}");
    }
    Ok(())
}

#[test]
fn a_merchant_may_be_called_anything() {
    let awkward = [
        "\"",
        "\\",
        "\\\"",
        "\"\"\"",
        "\\n",
        "a\\",
        ";",
        "; x:y, date:2020-01-01",
        "|",
        "a | b",
        "*",
        "!",
        "* (9) !",
        "(9)",
        "(",
        "2026-11-21 x",
        "2026-11-21=2027-01-01",
        "12",
        "=",
        "1 = 2 USD",
        "#tag ^link",
        "@",
        "@@ 3 USD",
        "{3 USD}",
        "[2020-01-01]",
        "~ 0",
        "account x",
        "include /etc/hosts",
        "option \"x\" \"y\"",
        "Zürich Café",
        "日本語",
        "🍕🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "\u{202e}ltr",
        "a\u{2028}b",
        "a\u{a0}\u{a0}b",
        "a  b",
        "\u{feff}bom",
        "%s $HOME `id` {{x}}",
        "<&>'",
        "\u{10ffff}",
        "\u{fffd}",
        "e\u{301}",
    ];
    judge_merchants(&awkward.map(|name| Text::new(name).unwrap())).unwrap();
}

#[test]
fn a_merchant_may_be_called_at_random() {
    let awkward = prop::sample::select(r#"";\|*!()=@#^{}[]~:, 0"#.chars().collect::<Vec<_>>());
    let letters = prop::collection::vec(prop_oneof![awkward, any::<char>()], 1..=100);
    let name = letters.prop_filter_map("no merchant's name", |letters| {
        Text::new(&letters.into_iter().collect::<String>()).ok()
    });
    let names = prop::collection::vec(name, 1..=MERCHANTS_MAX);
    for_all(BOOKS_OF_MERCHANTS, names, |names| judge_merchants(&names));
}

#[test]
fn a_falsehood_is_refused() {
    let core = book_of(&["Bistro".to_owned()].map(|name| Text::new(&name).unwrap()));
    for judge in Judge::ALL {
        let export = export(&core, judge.format());
        assert_eq!(judge.judge(&export), Ok(()));
        let (debit, credit) = ("  0.01 USD\n", "  -0.01 USD\n");
        let one_side = export.replacen(debit, "  0.02 USD\n", 1);
        let both_sides = one_side.replacen(credit, "  -0.02 USD\n", 1);
        let entry = export.find("Bistro").and_then(|at| export[..at].rfind('\n')).unwrap();
        let next = entry + export[entry..].find("\n\n").unwrap();
        let nothing = format!("{}{}", &export[..entry], &export[next..]);
        for falsehood in [one_side, both_sides, nothing] {
            assert_ne!(falsehood, export);
            assert!(judge.judge(&falsehood).is_err(), "{judge:?} accepts {falsehood}");
        }
    }
}
