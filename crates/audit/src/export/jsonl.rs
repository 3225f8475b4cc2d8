//! A line of JSON an entry.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journal::Stored;
use ledger::{BookId, Posting, Side};
use serde::Serialize;

use super::{ExportError, Form, calendar, words};

/// Needs to remember nothing.
pub(super) struct Jsonl;

#[derive(Serialize)]
struct Line<'a> {
    position: u64,
    hash: String,
    previous: String,
    at: String,
    command: String,
    route: u16,
    kinds: Vec<&'a str>,
    postings: Vec<PostingLine>,
    stored: String,
}

#[derive(Serialize)]
struct PostingLine {
    side: &'static str,
    account: String,
    asset: &'static str,
    /// Minor units as text: they may have more digits than a number keeps in JSON.
    amount: String,
}

impl Form for Jsonl {
    fn begin(&mut self, _: BookId, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, stored: &Stored, out: &mut dyn Write) -> Result<(), ExportError> {
        let entry = &*stored.entry;
        let line = Line {
            position: entry.position.0,
            hash: stored.hash.to_string(),
            previous: stored.previous.to_string(),
            at: calendar::time(entry.at),
            command: entry.command.0.iter().map(|byte| format!("{byte:02x}")).collect(),
            route: entry.origin.route,
            kinds: words::kinds(entry),
            postings: entry.postings.iter().map(PostingLine::of).collect(),
            stored: STANDARD.encode(&stored.bytes),
        };
        serde_json::to_writer(&mut *out, &line).map_err(io::Error::from)?;
        Ok(writeln!(out)?)
    }

    fn end(&mut self, _: &mut dyn Write) -> Result<(), ExportError> {
        Ok(())
    }
}

impl PostingLine {
    fn of(posting: &Posting) -> Self {
        Self {
            side: match posting.side {
                Side::Debit => "debit",
                Side::Credit => "credit",
            },
            account: posting.account.to_string(),
            asset: posting.asset.code(),
            amount: posting.amount.0.to_string(),
        }
    }
}
