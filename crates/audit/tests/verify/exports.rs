//! What is exported, and what is not.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use audit::{ExportError, Format, export};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journal::{Hash, Head, anchor, encode};
use ledger::holders::VerificationStatus;
use ledger::time::DAY_MS;
use ledger::{Entry, Timestamp};
use serde_json::Value;

use crate::play::{Play, purchase};
use crate::support::Kept;

const ALL: [Format; 3] = [Format::Hledger, Format::Beancount, Format::Jsonl];

fn exported(kept: &Kept, format: Format) -> Result<String, ExportError> {
    let anchor = anchor::read(&kept.anchor()).unwrap();
    let mut text = Vec::new();
    let end = export(&mut kept.reader(), Some(anchor.head), format, &mut text)?;
    assert_eq!(end, anchor.head);
    Ok(String::from_utf8(text).unwrap())
}

/// The message with those of its causes.
fn told(error: ExportError) -> String {
    let cause = error.source().map_or(String::new(), ToString::to_string);
    format!("{error}: {cause}")
}

#[test]
fn a_line_of_json_has_all_of_its_entry() {
    let play = purchase();
    let text = exported(&Kept::journal_of(&play.entries), Format::Jsonl).unwrap();
    assert_eq!(text.lines().count(), play.entries.len());
    for (line, stored) in text.lines().zip(&play.entries) {
        let line: Value = serde_json::from_str(line).unwrap();
        let bytes = STANDARD.decode(line["stored"].as_str().unwrap()).unwrap();
        assert_eq!(bytes, stored.bytes);
        assert_eq!(line["position"], stored.entry.position.0);
        assert_eq!(line["hash"], stored.hash.to_string());
        assert_eq!(line["previous"], stored.previous.to_string());
        assert_eq!(line["route"], stored.entry.origin.route);
        assert_eq!(line["kinds"].as_array().unwrap().len(), stored.entry.events.len());
        let mut sums: BTreeMap<_, i128> = BTreeMap::new();
        let postings = line["postings"].as_array().unwrap();
        assert_eq!(postings.len(), stored.entry.postings.iter().count());
        for posting in postings {
            let amount: i128 = posting["amount"].as_str().unwrap().parse().unwrap();
            let is_debit = posting["side"] == "debit";
            *sums.entry(posting["asset"].as_str().unwrap()).or_default() +=
                if is_debit { amount } else { -amount };
        }
        assert!(sums.values().all(|sum| *sum == 0), "{line}");
    }
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(first["at"], "2026-11-01T00:00:00.000Z");
    assert_eq!(first["kinds"], serde_json::json!(["book_opened"]));
}

#[test]
fn an_export_stops_at_an_entry_that_is_not_what_was_written() {
    let play = purchase();
    let end = play.entries.len() as u64;
    let kept = Kept::journal_of(&play.entries);
    for position in [1, end / 2, end - 1, end] {
        let copy = kept.copy();
        let mut bytes = play.entries[position as usize - 1].bytes.clone();
        *bytes.last_mut().unwrap() ^= 1;
        let sql = "update entry set bytes = ?1 where position = ?2";
        copy.force(sql, (bytes, position.cast_signed()));
        for format in ALL {
            let error = told(exported(&copy, format).unwrap_err());
            assert!(error.contains(&format!("entry `{position}`")), "{error}");
        }
    }
}

#[test]
fn of_the_last_two_entries_the_one_that_was_changed_is_named() {
    let play = purchase();
    let kept = Kept::journal_of(&play.entries);
    let last = play.entries.last().unwrap();
    let (entry, position) = (Arc::clone(&last.entry), last.entry.position);
    let bytes = encode(entry, Hash([1; 32])).bytes;
    let sql = "update entry set bytes = ?1 where position = ?2";
    kept.force(sql, (bytes, position.0.cast_signed()));
    for format in ALL {
        let error = told(exported(&kept, format).unwrap_err());
        assert!(error.contains(&format!("entry `{position}`")), "{error}");
    }
}

#[test]
fn an_export_does_not_go_back_in_time() {
    let mut entries = purchase().entries;
    let last = entries.pop().unwrap();
    let earlier = Entry { at: last.entry.at.minus_ms(1), ..(*last.entry).clone() };
    entries.push(encode(Arc::new(earlier), last.previous));
    let kept = Kept::journal_of(&entries);
    for format in ALL {
        let result = exported(&kept, format);
        let Err(ExportError::DoesNotFollow { position }) = result else { panic!("{result:?}") };
        assert_eq!(position, last.entry.position);
    }
}

#[test]
fn an_export_is_of_the_entries_that_were_acknowledged() {
    let entries = purchase().entries;
    for changed in [entries.len() - 1, entries.len() - 5] {
        let (before, rest) = entries.split_at(changed);
        let acknowledged = Head { position: rest[0].entry.position, hash: rest[0].hash };
        let mut others = before.to_vec();
        for stored in rest {
            let mut entry = (*stored.entry).clone();
            entry.origin.fingerprint = [0; 16];
            others.push(encode(Arc::new(entry), others[others.len() - 1].hash));
        }
        let kept = Kept::journal_of(&others);
        for format in ALL {
            let result = export(&mut kept.reader(), Some(acknowledged), format, &mut Vec::new());
            let Err(ExportError::NotAnchored { position }) = result else { panic!("{result:?}") };
            assert_eq!(position, acknowledged.position);
            assert!(export(&mut kept.reader(), None, format, &mut Vec::new()).is_ok());
        }
    }
}

#[test]
fn an_export_has_all_that_was_acknowledged() {
    let play = purchase();
    let end = play.entries.len() as u64;
    let shorter = Kept::journal_of(&play.entries[..play.entries.len() - 2]);
    let seen = anchor::read(&Kept::journal_of(&play.entries).anchor()).unwrap();
    for format in ALL {
        let result = export(&mut shorter.reader(), Some(seen.head), format, &mut Vec::new());
        let Err(ExportError::Lost { found, reached }) = result else { panic!("{result:?}") };
        assert_eq!((found.0, reached.0), (end - 2, end));
    }
}

#[test]
fn an_entry_that_beancount_has_no_date_for_is_not_left_out() {
    let last_day = Timestamp::from_millis(253_402_300_800_000 - DAY_MS);
    let deposit_at = |at: Timestamp| {
        let mut play = Play::new();
        let holder = play.holder();
        play.verify(holder, VerificationStatus::Approved);
        play.pass(at.as_millis() - Timestamp::of_month(2026, 11).as_millis());
        play.deposit(holder, 1_00);
        Kept::journal_of(&play.entries)
    };
    let before = deposit_at(last_day.minus_ms(1));
    let text = exported(&before, Format::Beancount).unwrap();
    assert!(text.contains("9999-12-30 *") && text.contains("9999-12-31 balance"), "{text}");
    // Its balances would be of the year 10000.
    let after = deposit_at(last_day);
    let error = exported(&after, Format::Beancount).unwrap_err();
    assert!(matches!(error, ExportError::TooLate { .. }), "{error}");
    assert!(exported(&after, Format::Hledger).unwrap().contains("9999-12-31 *"));
}
