//! An export in JSON lines, read again.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::{iter, str};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journal::{Head, ReadError, Stored, decode};
use ledger::{BookId, Event, Position};

use crate::export::Line;
use crate::pages::PAGE;

/// The longest line that is read. 1,000 postings with 2,000 bytes of text each are 3.4 MB; the erasure of somebody has some 85
/// bytes for each card that was open, of which there may be any number: this is enough for 750,000. The buffer grows only as
/// lines do.
const LINE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// An export of a whole journal in the form [`Format::Jsonl`](crate::Format::Jsonl).
///
/// Its evidence is the stored bytes; whatever else a line says must be the same in other words. It is read a line at a
/// time, and once more from its beginning when it is to be said which of two entries carry an id that counts once.
#[derive(Debug)]
pub struct Exported<R> {
    book: BookId,
    lines: Lines<R>,
}

/// Why a file is not verified.
#[derive(Debug, thiserror::Error)]
pub enum NotExported {
    /// It has nothing.
    #[error("the file is empty")]
    Empty,
    /// It is compressed.
    #[error("the file is compressed with gzip: unpack it first")]
    Compressed,
    /// It is something else.
    #[error("the file is no export as JSON lines: it does not begin with a brace")]
    Form,
    /// Its first line has no entry.
    #[error("the file is no export as JSON lines: {what}")]
    Line {
        /// Why not.
        what: String,
    },
    /// It is a part of an export.
    #[error(
        "the file begins with entry `{position}`: only what begins with entry `1` can be verified"
    )]
    BeginsLater {
        /// Its first entry.
        position: Position,
    },
    /// It is no journal of a book.
    #[error("the file's first entry opens no book")]
    NoBook,
    /// The system does not let it be read.
    #[error("the file can't be read")]
    File(#[from] io::Error),
}

/// Why an export can't be read on.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It is not what was exported.
    Wrong { position: Position, what: String },
    /// The system does not let it be read.
    File(io::Error),
}

impl<R: Read + Seek> Exported<R> {
    /// Looks at the first line.
    pub fn open(file: R) -> Result<Self, NotExported> {
        let mut file = BufReader::new(file);
        match *file.fill_buf()? {
            [] => return Err(NotExported::Empty),
            [0x1f, 0x8b, ..] => return Err(NotExported::Compressed),
            [b'{', ..] => {}
            [..] => return Err(NotExported::Form),
        }
        let (text, number, is_ahead) = (Vec::new(), Position::START, false);
        let mut lines = Lines { file, text, number, is_ahead };
        let first = lines.read().and_then(|_| lines.parse().map(|(_, stored)| stored));
        lines.is_ahead = true;
        match first {
            Ok(stored) => match stored.entry.events.first() {
                _ if stored.entry.position != Position::START.next() => {
                    Err(NotExported::BeginsLater { position: stored.entry.position })
                }
                Some(Event::BookOpened(event)) => Ok(Self { book: event.book, lines }),
                Some(_) | None => Err(NotExported::NoBook),
            },
            Err(Fault::Wrong { what, .. }) => Err(NotExported::Line { what }),
            Err(Fault::File(error)) => Err(error.into()),
        }
    }

    /// The book that its first entry opens.
    pub(crate) fn book(&self) -> BookId {
        self.book
    }

    /// Its entries from the first on, in pages. The first fault is the last thing that comes.
    pub(crate) fn pages(&mut self) -> impl Iterator<Item = Result<Vec<Stored>, Fault>> {
        let lines = &mut self.lines;
        let (mut last, mut fault) = (Head::EMPTY, lines.go_back().err());
        let mut is_over = fault.is_some();
        iter::from_fn(move || {
            if let Some(fault) = fault.take() {
                return Some(Err(fault));
            }
            let mut page = Vec::with_capacity(PAGE as usize);
            while !is_over && page.len() < PAGE as usize {
                match lines.next_after(last) {
                    Ok(Some(stored)) => {
                        last = Head { position: stored.entry.position, hash: stored.hash };
                        page.push(stored);
                    }
                    Ok(None) => is_over = true,
                    Err(error) => (fault, is_over) = (Some(error), true),
                }
            }
            (!page.is_empty() || fault.is_some()).then_some(Ok(page))
        })
    }
}

#[derive(Debug)]
struct Lines<R> {
    file: BufReader<R>,
    /// The line that was read last.
    text: Vec<u8>,
    /// Its number: that of the entry which must stand there.
    number: Position,
    /// Whether it was read only, so far.
    is_ahead: bool,
}

impl<R: Read + Seek> Lines<R> {
    /// Goes back to the first line, unless it is the next.
    fn go_back(&mut self) -> Result<(), Fault> {
        if !(self.is_ahead && self.number == Position::START.next()) {
            self.file.rewind().map_err(Fault::File)?;
            (self.number, self.is_ahead) = (Position::START, false);
        }
        Ok(())
    }

    /// The entry in the next line, which must follow the one before.
    fn next_after(&mut self, last: Head) -> Result<Option<Stored>, Fault> {
        let Some(stored) = self.next()? else { return Ok(None) };
        if stored.previous == last.hash {
            return Ok(Some(stored));
        }
        // Either of the two was changed: when the entry after them names another hash, too, it was the second.
        let position = match self.next() {
            Ok(Some(witness)) if witness.previous != stored.hash => stored.entry.position,
            Ok(_) | Err(_) => last.position,
        };
        let changed = ReadError::Changed { position, named_by: "the entry after it" };
        Err(Fault::Wrong { position, what: changed.to_string() })
    }

    /// The entry in the next line, once all that the line says is checked.
    fn next(&mut self) -> Result<Option<Stored>, Fault> {
        if !self.read()? {
            return Ok(None);
        }
        let (line, stored) = self.parse()?;
        let said = Line::of(&stored, (&*line.stored).into());
        if let Some(field) = said.difference(&line) {
            return Err(self.wrong(format!("its `{field}` is not what its `stored` says")));
        }
        let found = stored.entry.position;
        if found != self.number {
            return Err(self.wrong(format!("the entry is missing: in its place stands `{found}`")));
        }
        // They were hashed, and nobody else needs them.
        Ok(Some(Stored { bytes: Vec::new(), ..stored }))
    }

    /// Reads the next line, without its line feed. `false` at the end.
    fn read(&mut self) -> Result<bool, Fault> {
        if self.is_ahead {
            self.is_ahead = false;
            return Ok(true);
        }
        self.text.clear();
        let mut bounded = self.file.by_ref().take(LINE_BYTES_MAX);
        if bounded.read_until(b'\n', &mut self.text).map_err(Fault::File)? == 0 {
            return Ok(false);
        }
        self.number = self.number.next();
        match self.text.pop() {
            Some(b'\n') => Ok(true),
            _ if self.text.len() as u64 + 1 == LINE_BYTES_MAX => {
                Err(self.wrong(format!("its line is longer than `{LINE_BYTES_MAX}` bytes")))
            }
            _ => Err(self.wrong("its line is cut off: no line feed ends it".to_owned())),
        }
    }

    /// What the line says, and the entry in it.
    fn parse(&self) -> Result<(Line<'_>, Stored), Fault> {
        let text = str::from_utf8(&self.text);
        let text = text.map_err(|_| self.wrong("its line is not UTF-8".to_owned()))?;
        let line: Line<'_> = serde_json::from_str(text).map_err(|error| {
            // The parser has seen one line only.
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or_default();
            self.wrong(format!("its line, at byte {}: {what}", error.column()))
        })?;
        let bytes = STANDARD.decode(&*line.stored);
        let bytes = bytes.map_err(|error| self.wrong(format!("its `stored`: {error}")))?;
        let stored = decode(bytes).map_err(|error| {
            let cause = error.source().map_or(String::new(), |cause| format!(": {cause}"));
            self.wrong(format!("its `stored`: {error}{cause}"))
        })?;
        Ok((line, stored))
    }

    fn wrong(&self, what: String) -> Fault {
        Fault::Wrong { position: self.number, what }
    }
}
