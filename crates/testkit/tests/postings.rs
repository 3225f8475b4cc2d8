//! `docs/postings.md`: what the rules post, event by event, written from the scenarios that play each row.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ledger::{Account, Entry, Event, Posting, Side, Timestamp};
use testkit::depth::Core;
use testkit::scenario::Scenario;

const PAGE: &str = "docs/postings.md";

const HEAD: &str = "\
# Postings, as the rules make them

Written by a test from the scenarios in [`crates/testkit/scenarios`](../crates/testkit/scenarios), a section for each that
plays a row of [the table of postings](accounting.md); `LEDGEROS_UPDATE=1 cargo test --release -p testkit --test postings`
writes it anew. A line is an entry, in order. What only prepares the story (users, cards, agents) is left out.
";

#[test]
fn the_page_of_postings_is_what_the_scenarios_post() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join("crates/testkit/scenarios");
    let mut names: Vec<_> = fs::read_dir(&folder)
        .expect("the folder can be read")
        .map(|item| item.expect("the folder can be read").file_name().into_string().expect("UTF-8"))
        .filter(|name| name.starts_with("row-") && name.ends_with(".scenario"))
        .collect();
    names.sort();
    let sections = names.iter().map(|name| {
        let text = fs::read_to_string(folder.join(name)).expect("the file can be read");
        section(name, &text)
    });
    let page = HEAD.to_owned() + &sections.collect::<String>();
    if std::env::var_os("LEDGEROS_UPDATE").is_some() {
        fs::write(root.join(PAGE), &page).expect("the page can be written");
    }
    let found = fs::read_to_string(root.join(PAGE)).unwrap_or_default();
    assert!(
        found == page,
        "{PAGE} is not what the scenarios post: LEDGEROS_UPDATE=1 writes it anew"
    );
}

/// The entries of a scenario, as a table.
fn section(name: &str, text: &str) -> String {
    let mut core = Core::new(Timestamp::of_month(2026, 11));
    let scenario = Scenario::parse(name, text).unwrap_or_else(|failure| panic!("{failure}"));
    scenario.play(&mut core).unwrap_or_else(|failure| panic!("{failure}"));

    let title = name.trim_end_matches(".scenario");
    let told = text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
    let told: Vec<_> = told.collect();
    let mut section = format!("\n## {title}\n\n{}\n\n", told.join(" "));
    section += "| event | debit | credit |\n| --- | --- | --- |\n";
    let mut names = Names::default();
    for entry in core.journal().iter().filter(|entry| is_told(entry)) {
        let kinds: Vec<_> = entry.events.iter().map(kind).collect();
        let mut side = |side| {
            let postings = entry.postings.iter().filter(|posting| posting.side == side);
            postings.map(|posting| names.line(posting)).collect::<Vec<_>>().join("<br>")
        };
        let (debit, credit) = (side(Side::Debit), side(Side::Credit));
        writeln!(section, "| {} | {debit} | {credit} |", kinds.join(", ")).expect("a string grows");
    }
    section
}

/// Money moves, or a card, a transfer or an intent is spoken of.
fn is_told(entry: &Entry) -> bool {
    let prepares = |event: &Event| {
        matches!(
            event,
            Event::BookOpened(_)
                | Event::KeyCreated(_)
                | Event::ClockAdvanced(_)
                | Event::HolderCreated(_)
                | Event::VerificationChanged(_)
                | Event::DocumentAdded(_)
                | Event::AgentRegistered(_)
                | Event::CardCreated(_)
                | Event::WalletCreated(_)
                | Event::VirtualAccountOpened(_)
                | Event::LedgerCreated(_)
        )
    };
    !entry.postings.is_empty() || !entry.events.iter().all(prepares)
}

/// The name of an event, in words.
fn kind(event: &Event) -> String {
    let name = format!("{event:?}");
    let name = name.split('(').next().expect("a text has a first part");
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

/// What stands for the ids of one scenario: their kind, and a number from the second one on.
#[derive(Default)]
struct Names(BTreeMap<(&'static str, [u8; 16]), usize>);

impl Names {
    fn line(&mut self, posting: &Posting) -> String {
        let Posting { account, asset, amount, .. } = *posting;
        format!("`{}` {} {asset}", self.account(account), asset.format(amount))
    }

    fn account(&mut self, account: Account) -> String {
        let mut text = account.to_string();
        let holder = account.holder().map(|holder| ("holder", holder.0));
        let subject = match account {
            Account::Held(_, transaction) => Some(("authorization", transaction.0)),
            Account::Reserved(_, intent) => Some(("intent", intent.0)),
            Account::Ledger(_, ledger) => Some(("ledger", ledger.0)),
            _ => None,
        };
        for (kind, id) in holder.into_iter().chain(subject) {
            let name = self.name(kind, id);
            text = text.replace(&ledger::id::encode(id), &name);
        }
        text
    }

    fn name(&mut self, kind: &'static str, id: [u8; 16]) -> String {
        let known = self.0.keys().filter(|(other, _)| *other == kind).count();
        match *self.0.entry((kind, id)).or_insert(known + 1) {
            1 => format!("{{{kind}}}"),
            number => format!("{{{kind} {number}}}"),
        }
    }
}
