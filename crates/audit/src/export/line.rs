//! An entry as a line of JSON: its stored bytes, and what they say in other words.

use std::borrow::Cow;

use journal::Stored;
use ledger::{Posting, Side};
use serde::{Deserialize, Serialize};

use super::{calendar, words};

/// A line without its line feed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line<'a> {
    pub(crate) position: u64,
    #[serde(borrow)]
    hash: Cow<'a, str>,
    #[serde(borrow)]
    previous: Cow<'a, str>,
    #[serde(borrow)]
    at: Cow<'a, str>,
    #[serde(borrow)]
    command: Cow<'a, str>,
    route: u16,
    kinds: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    postings: Vec<PostingLine<'a>>,
    /// The bytes in base64.
    #[serde(borrow)]
    pub(crate) stored: Cow<'a, str>,
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PostingLine<'a> {
    #[serde(borrow)]
    side: Cow<'a, str>,
    #[serde(borrow)]
    account: Cow<'a, str>,
    #[serde(borrow)]
    asset: Cow<'a, str>,
    /// Minor units as text: they may have more digits than a number keeps in JSON.
    #[serde(borrow)]
    amount: Cow<'a, str>,
}

impl<'a> Line<'a> {
    /// Of an entry, and its bytes in base64.
    pub(crate) fn of(entry: &Stored, stored: Cow<'a, str>) -> Self {
        let Stored { entry, previous, hash, .. } = entry;
        Self {
            position: entry.position.0,
            hash: hex(&hash.0).into(),
            previous: hex(&previous.0).into(),
            at: calendar::time(entry.at).into(),
            command: hex(&entry.command.0).into(),
            route: entry.origin.route,
            kinds: words::kinds(entry).into_iter().map(Cow::Borrowed).collect(),
            postings: entry.postings.iter().map(PostingLine::of).collect(),
            stored,
        }
    }

    /// The first field in which it differs from another line with the same bytes.
    pub(crate) fn difference(&self, other: &Self) -> Option<&'static str> {
        let Self { position, hash, previous, at, command, route, kinds, postings, stored: _ } =
            self;
        let fields = [
            ("position", *position == other.position),
            ("hash", *hash == other.hash),
            ("previous", *previous == other.previous),
            ("at", *at == other.at),
            ("command", *command == other.command),
            ("route", *route == other.route),
            ("kinds", *kinds == other.kinds),
            ("postings", *postings == other.postings),
        ];
        fields.into_iter().find(|(_, is_same)| !is_same).map(|(name, _)| name)
    }
}

impl PostingLine<'_> {
    fn of(posting: &Posting) -> Self {
        let side = match posting.side {
            Side::Debit => "debit",
            Side::Credit => "credit",
        };
        Self {
            side: side.into(),
            account: posting.account.to_string().into(),
            asset: posting.asset.code().into(),
            amount: posting.amount.0.to_string().into(),
        }
    }
}

/// Digits one by one: the formatter would take as long as all checks of a line.
fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
