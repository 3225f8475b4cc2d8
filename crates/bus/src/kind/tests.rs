use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ledger::cards::{CardStatus, CardStatusChanged};
use ledger::erasure::HolderErased;
use ledger::{CardId, HolderId};

use super::*;

/// An entry for each kind of event there is, and more.
fn golden() -> Vec<Entry> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../journal/tests/golden");
    let files = fs::read_dir(folder).unwrap();
    files.map(|file| read(&fs::read_to_string(file.unwrap().path()).unwrap())).collect()
}

fn read(text: &str) -> Entry {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let stored = journal::decode(digits.chunks(2).map(byte).collect()).unwrap();
    Entry::clone(&stored.entry)
}

/// The variants of [`ledger::Command`], as words of subjects.
fn commands() -> BTreeSet<String> {
    let source = include_str!("../../../ledger/src/command.rs");
    let (_, rest) = source.split_once("pub enum Command {").unwrap();
    let (variants, _) = rest.split_once('}').unwrap();
    let names = variants.lines().filter_map(|line| line.trim().split_once('('));
    names.map(|(name, _)| kebab(name)).collect()
}

fn kebab(name: &str) -> String {
    let mut word = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.extend(letter.to_lowercase());
    }
    word
}

#[test]
fn every_event_is_told_by_a_command_and_every_command_by_an_event() {
    let told: BTreeSet<String> = golden().iter().map(|entry| kind(entry).to_owned()).collect();
    // It writes what recording one does.
    let commands = commands();
    let expected = commands.iter().filter(|word| *word != "start-verification").cloned();
    let expected: BTreeSet<String> = expected.collect();
    let missing: Vec<_> = expected.difference(&told).collect();
    let unknown: Vec<_> = told.difference(&expected).collect();
    assert!(unknown.is_empty(), "no commands: {unknown:?}");
    assert!(missing.iter().all(|word| made_by_other_samples(word)), "never told: {missing:?}");
}

/// Ways of an intent's end, of which the samples may hold some only.
fn made_by_other_samples(word: &str) -> bool {
    ["expire-intent", "cancel-intent", "reject-intent"].contains(&word)
}

#[test]
fn what_stands_beside_an_event_says_less_wherever_it_stands() {
    let mut entry = golden().remove(0);
    let (holder, card) = (HolderId([1; 16]), CardId([2; 16]));
    let closed = CardStatusChanged { card, status: CardStatus::Closed };
    entry.events = vec![Event::CardStatusChanged(closed)];
    assert_eq!(kind(&entry), "change-card");
    let approval =
        golden().into_iter().flat_map(|entry| entry.events).find_map(|event| match event {
            Event::HolderErased(HolderErased { approval, .. }) => Some(approval),
            _ => None,
        });
    let erased = HolderErased { holder, subjects: Vec::new(), approval: approval.unwrap() };
    entry.events.push(Event::HolderErased(erased));
    assert_eq!(kind(&entry), "erase-holder");
}
