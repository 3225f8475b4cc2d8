//! A line of JSON an entry.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journal::Stored;
use ledger::BookId;

use super::line::Line;
use super::{ExportError, Form};

/// Needs to remember nothing.
pub(super) struct Jsonl;

impl Form for Jsonl {
    fn begin(&mut self, _: BookId, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, stored: &Stored, out: &mut dyn Write) -> Result<(), ExportError> {
        let line = Line::of(stored, STANDARD.encode(&stored.bytes).into());
        serde_json::to_writer(&mut *out, &line).map_err(io::Error::from)?;
        Ok(writeln!(out)?)
    }

    fn end(&mut self, _: &mut dyn Write) -> Result<(), ExportError> {
        Ok(())
    }
}
