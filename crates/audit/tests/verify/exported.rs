//! Exports that are verified without the journal, as they should be and as they should not.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;

use audit::{CouldNotTell, Exported, Format, NotExported, Report, export, verify_export};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journal::checkpoint::{Origin, SigningKey};
use journal::note;
use journal::tree::Tree;
use journal::{Hash, Stored, encode};
use ledger::{Amount, BookId, Posting, Postings};
use serde_json::Value;

use crate::forgery::{deposit, deposit_of, forge};
use crate::play::{everything, operators, purchase};
use crate::support::{BOOK, INCARNATION, Kept, assert_only, wrong};

/// The lines of an export, without their line feeds.
fn lines(entries: &[Stored]) -> Vec<String> {
    let mut text = Vec::new();
    export(&mut Kept::journal_of(entries).reader(), None, Format::Jsonl, &mut text).unwrap();
    String::from_utf8(text).unwrap().lines().map(str::to_owned).collect()
}

fn text(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn verify(text: impl Into<Vec<u8>>) -> Report {
    verify_with(text, &key(), &[])
}

fn verify_with(text: impl Into<Vec<u8>>, key: &SigningKey, checkpoints: &[String]) -> Report {
    let exported = Exported::open(Cursor::new(text.into())).unwrap();
    let operators = operators().each_ref().map(note::SigningKey::verifying_key).into();
    let keys = [key.verifying_key()];
    verify_export(exported, &keys, Some(operators), checkpoints, &mut |_| {}).unwrap()
}

fn key() -> SigningKey {
    SigningKey::new(Origin::new(BOOK, INCARNATION), &[6; 32])
}

fn sign(key: &SigningKey, entries: &[Stored]) -> String {
    let tree: Tree = entries.iter().map(|stored| stored.hash).collect();
    key.sign(tree.size(), tree.root())
}

/// An export of [`purchase`] in which a line was changed.
fn changed(number: usize, change: impl FnOnce(&str) -> String) -> String {
    let mut lines = lines(&purchase().entries);
    let line = change(&lines[number - 1]);
    assert_ne!(line, lines[number - 1]);
    lines[number - 1] = line;
    text(&lines)
}

#[test]
fn an_export_of_everything_is_sound() {
    let entries = everything().entries;
    let last = entries.last().unwrap();
    let report = verify_with(text(&lines(&entries)), &key(), &[sign(&key(), &entries)]);
    assert!(report.sound(), "{report:?}");
    assert_eq!((report.book, report.entries), (BOOK, entries.len() as u64));
    assert_eq!(report.head.hash, last.hash);
    let told = ["no look-ups, no tree and no read models", "no anchor"];
    assert_eq!(report.notes.len(), told.len(), "{:?}", report.notes);
    assert!(report.notes.iter().zip(told).all(|(note, told)| note.contains(told)));
    let report = verify(text(&lines(&entries)));
    assert!(report.notes[1].contains("no checkpoint was handed in"), "{:?}", report.notes);
}

#[test]
fn what_operators_did_is_asked_of_their_keys() {
    let export = || Exported::open(Cursor::new(text(&lines(&everything().entries)))).unwrap();
    let unasked = verify_export(export(), &[], None, &[], &mut |_| {}).unwrap();
    assert!(unasked.sound());
    assert!(unasked.notes[2].contains("were not checked"), "{:?}", unasked.notes);
    let strangers = vec![key().verifying_key()];
    let refused = verify_export(export(), &[], Some(strangers), &[], &mut |_| {}).unwrap();
    assert_eq!(refused.discrepancies.len(), 2, "{refused:?}");
    assert!(refused.discrepancies.iter().all(|found| found.what.contains("is not approved")));
}

#[test]
fn progress_ends_at_the_last_line() {
    let lines = lines(&purchase().entries);
    let exported = Exported::open(Cursor::new(text(&lines))).unwrap();
    let mut reached = 0;
    verify_export(exported, &[], None, &[], &mut |entries| reached = entries).unwrap();
    assert_eq!(reached, lines.len() as u64);
}

#[test]
fn what_says_the_same_in_other_bytes_is_sound() {
    let lines = lines(&purchase().entries);
    let other_line_ends: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    assert!(verify(other_line_ends).sound());
    let spaced: Vec<String> = lines.iter().map(|line| line.replace("\":", "\" : ")).collect();
    assert!(verify(text(&spaced)).sound());
    let in_another_order = lines.iter().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        line.to_string()
    });
    let in_another_order: Vec<String> = in_another_order.collect();
    assert_ne!(in_another_order, lines);
    assert!(verify(text(&in_another_order)).sound());
}

#[test]
fn no_field_may_say_what_the_stored_bytes_do_not() {
    let end = purchase().entries.len();
    let fields = [
        ("\"position\":", "\"position\":1", "position"),
        ("\"hash\":\"", "\"hash\":\"0", "hash"),
        ("\"hash\":\"", "\"hash\":\" ", "hash"),
        ("\"previous\":\"", "\"previous\":\"0", "previous"),
        ("\"at\":\"2026", "\"at\":\"2027", "at"),
        ("\"command\":\"", "\"command\":\"0", "command"),
        ("\"route\":3", "\"route\":4", "route"),
        ("\"kinds\":[", "\"kinds\":[\"cleared\",", "kinds"),
        ("\"kinds\":[\"authorization_approved\"", "\"kinds\":[\"cleared\"", "kinds"),
        ("\"postings\":[", "\"postings\":[],\"x\":[", ""),
        ("\"side\":\"debit\"", "\"side\":\"credit\"", "postings"),
        ("\"asset\":\"USD\"", "\"asset\":\"EUR\"", "postings"),
        ("\"amount\":\"", "\"amount\":\"1", "postings"),
        ("\"account\":\"", "\"account\":\"x", "postings"),
    ];
    for (from, to, field) in fields {
        let report = verify(changed(end, |line| line.replacen(from, to, 1)));
        let what = match field {
            "" => "unknown field `x`".to_owned(),
            field => format!("its `{field}` is not what its `stored` says"),
        };
        assert_only(&wrong(&report), end as u64, &what);
        assert_eq!(report.entries, end as u64 - 1);
        assert!(report.notes.iter().any(|note| note.contains("nothing was checked after entry")));
    }
}

#[test]
fn a_line_says_each_thing_once_and_nothing_else() {
    let end = purchase().entries.len();
    for (from, to, what) in [
        ("{", "{\"position\":7,", "duplicate field `position`"),
        ("{", "{\"note\":7,", "unknown field `note`"),
        ("\"route\":3,", "", "missing field `route`"),
        ("\"route\":3,", "\"route\":3.5,", "invalid type: floating point `3.5`"),
        ("\"side\":\"debit\",", "\"side\":\"debit\",\"side\":\"debit\",", "duplicate field `side`"),
        ("}", "}}", "trailing characters"),
        ("{", "", "expected"),
    ] {
        let report = verify(changed(end, |line| match from {
            "}" => format!("{line}}}"),
            from => line.replacen(from, to, 1),
        }));
        assert_only(&wrong(&report), end as u64, what);
    }
}

#[test]
fn one_changed_letter_of_the_stored_bytes_is_found_at_its_line() {
    let end = purchase().entries.len();
    for number in [2, end / 2, end] {
        let line = &lines(&purchase().entries)[number - 1];
        let from = line.find("\"stored\":\"").unwrap() + 10;
        for place in (from..line.len() - 2).step_by(7) {
            let letter = if line.as_bytes()[place] == b'A' { "B" } else { "A" };
            let text =
                changed(number, |line| format!("{}{letter}{}", &line[..place], &line[place + 1..]));
            let wrong = wrong(&verify(text));
            assert_eq!((wrong.len(), wrong[0].0), (1, number as u64), "{place}: {wrong:?}");
        }
    }
}

#[test]
fn an_entry_that_was_changed_together_with_its_line_is_found() {
    let mut entries = purchase().entries;
    let end = entries.len();
    for number in [3, end - 2, end - 1] {
        let stored = entries[number - 1].clone();
        let mut entry = (*stored.entry).clone();
        entry.origin.fingerprint = [0; 16];
        let forged = encode(Arc::new(entry), stored.previous);
        let forged_lines: Vec<String> = entries
            .iter()
            .map(|honest| line(if honest.hash == stored.hash { &forged } else { honest }))
            .collect();
        let what = format!("entry `{number}` is not what was written");
        assert_only(&wrong(&verify(text(&forged_lines))), number as u64, &what);
    }
    // The last one has no successor: only a checkpoint tells.
    let note = sign(&key(), &entries);
    let last = entries.pop().unwrap();
    let mut entry = (*last.entry).clone();
    entry.origin.fingerprint = [0; 16];
    entries.push(encode(Arc::new(entry), last.previous));
    assert!(verify(text(&lines(&entries))).sound());
    let wrong = wrong(&verify_with(text(&lines(&entries)), &key(), &[note]));
    assert_only(&wrong, end as u64, "the checkpoint that was handed in was signed for");
}

#[test]
fn postings_that_are_not_what_their_events_say_are_found() {
    let honest = purchase().entries;
    let position = deposit(&honest);
    let forged = forge(&honest, position, |entry| {
        let more = |posting: &Posting| Posting { amount: Amount(posting.amount.0 * 2), ..*posting };
        entry.postings = Postings::new(entry.postings.iter().map(more).collect()).unwrap();
    });
    assert_only(&wrong(&verify(text(&lines(&forged)))), position, "its events debit");
}

/// The line of an entry that no journal takes.
fn line(stored: &Stored) -> String {
    let mut line: Value =
        serde_json::from_str(&lines(&purchase().entries)[stored.entry.position.0 as usize - 1])
            .unwrap();
    line["stored"] = STANDARD.encode(&stored.bytes).into();
    line["hash"] = stored.hash.to_string().into();
    line.to_string()
}

#[test]
fn lines_stand_in_their_places() {
    let lines = lines(&purchase().entries);
    let mut removed = lines.clone();
    removed.remove(6);
    assert_only(
        &wrong(&verify(text(&removed))),
        7,
        "the entry is missing: in its place stands `8`",
    );
    let mut swapped = lines.clone();
    swapped.swap(6, 7);
    assert_only(&wrong(&verify(text(&swapped))), 7, "in its place stands `8`");
    let mut twice = lines.clone();
    twice.insert(6, lines[5].clone());
    assert_only(&wrong(&verify(text(&twice))), 7, "in its place stands `6`");
    let mut blank = lines.clone();
    blank.insert(6, String::new());
    assert_only(&wrong(&verify(text(&blank))), 7, "its line, at byte 0: EOF");
}

#[test]
fn a_file_that_was_cut_is_found() {
    let lines = lines(&purchase().entries);
    let end = lines.len() as u64;
    let whole = text(&lines);
    for missing in [1, 2, 40] {
        let cut = &whole[..whole.len() - missing];
        assert_only(&wrong(&verify(cut)), end, "its line is cut off");
    }
}

#[test]
fn a_line_that_no_entry_has_is_refused_before_it_fills_the_memory() {
    let long = |bytes| changed(7, |line| format!("{line}{}", " ".repeat(bytes)));
    assert_only(&wrong(&verify(long(65 << 20))), 7, "its line is longer than `67108864` bytes");
    // As long as that of an erasure that closes 120,000 cards.
    assert!(verify(long(10 << 20)).sound());
    let mut binary = text(&lines(&purchase().entries)).into_bytes();
    let seventh = binary.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(5).unwrap().0;
    binary[seventh + 5] = 0xff;
    assert_only(&wrong(&verify(binary)), 7, "its line is not UTF-8");
}

#[test]
fn what_is_no_export_from_the_first_entry_on_is_refused() {
    let lines = lines(&purchase().entries);
    let refused = |text: &[u8]| match Exported::open(Cursor::new(text.to_vec())) {
        Ok(exported) => panic!("{exported:?}"),
        Err(error) => error,
    };
    assert!(matches!(refused(b""), NotExported::Empty));
    assert!(matches!(refused(&[0x1f, 0x8b, 8, 0]), NotExported::Compressed));
    assert!(matches!(refused(b"\xef\xbb\xbf{}\n"), NotExported::Form));
    assert!(matches!(refused(b"2026-11-21 * opening\n"), NotExported::Form));
    let error = refused(b"{\"sound\":true}\n").to_string();
    assert!(error.contains("unknown field `sound`"), "{error}");
    let error = refused(text(&lines[4..]).as_bytes());
    assert!(matches!(error, NotExported::BeginsLater { position } if position.0 == 5), "{error}");
}

#[test]
fn what_the_system_does_not_let_read_is_neither_sound_nor_wrong() {
    /// Ends in an error.
    #[derive(Debug)]
    struct Broken(Cursor<Vec<u8>>);

    impl Read for Broken {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            match self.0.read(bytes)? {
                0 => Err(io::Error::other("the cable was pulled")),
                read => Ok(read),
            }
        }
    }

    impl Seek for Broken {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    let file = Broken(Cursor::new(text(&lines(&purchase().entries)).into_bytes()));
    let result = verify_export(Exported::open(file).unwrap(), &[], None, &[], &mut |_| {});
    assert!(matches!(result, Err(CouldNotTell::Export(_))), "{result:?}");
}

#[test]
fn an_id_that_stands_in_two_lines_is_found_at_the_second() {
    let mut entries = purchase().entries;
    let last = entries.pop().unwrap();
    let mut entry = (*last.entry).clone();
    entry.command = entries[10].entry.command;
    entries.push(encode(Arc::new(entry), last.previous));
    let mut lines: Vec<String> = lines(&entries[..entries.len() - 1]);
    let mut forged: Value = serde_json::from_str(&line(&entries[entries.len() - 1])).unwrap();
    let tenth: Value = serde_json::from_str(&lines[10]).unwrap();
    forged["command"] = tenth["command"].clone();
    lines.push(forged.to_string());
    let end = lines.len() as u64;
    assert_only(&wrong(&verify(text(&lines))), end, "its command id stands in entry `11`, too");
}

#[test]
fn rewritten_history_does_not_fit_a_checkpoint_that_was_kept() {
    let entries = purchase().entries;
    let note = sign(&key(), &entries);
    let forged = text(&lines(&forge(&entries, deposit(&entries), deposit_of(3_000_00))));
    assert!(verify(forged.clone()).sound(), "nothing in the file tells");
    let end = entries.len() as u64;
    let wrong = wrong(&verify_with(forged, &key(), &[note]));
    assert_only(&wrong, end, "the checkpoint that was handed in was signed for");
}

#[test]
fn a_missing_end_does_not_fit_a_checkpoint_that_was_kept() {
    let entries = purchase().entries;
    let note = sign(&key(), &entries);
    let shorter = text(&lines(&entries[..entries.len() - 2]));
    assert!(verify(shorter.clone()).sound(), "nothing in the file tells");
    let wrong = wrong(&verify_with(shorter, &key(), &[note]));
    assert_only(&wrong, entries.len() as u64 - 1, "the entry is missing");
}

#[test]
fn a_checkpoint_is_believed_of_a_known_key_and_of_this_book() {
    let entries = purchase().entries;
    let export = text(&lines(&entries));
    let other_secret = SigningKey::new(Origin::new(BOOK, INCARNATION), &[7; 32]);
    let report = verify_with(export.clone(), &other_secret, &[sign(&key(), &entries)]);
    assert_only(&wrong(&report), 0, "is not signed with this key");
    let other_book = SigningKey::new(Origin::new(BookId([1; 16]), INCARNATION), &[6; 32]);
    let report = verify_with(export.clone(), &other_book, &[other_book.sign(3, Hash([0; 32]))]);
    assert_only(&wrong(&report), 0, "the checkpoint that was handed in is of");
    let other_incarnation = SigningKey::new(Origin::new(BOOK, [1; 16]), &[6; 32]);
    let note = sign(&other_incarnation, &entries[..9]);
    assert!(verify_with(export, &other_incarnation, &[note]).sound());
}
