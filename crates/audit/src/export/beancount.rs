//! beancount's format.

use std::collections::BTreeMap;
use std::io::{self, Write};

use journal::Stored;
use ledger::posting::Balance;
use ledger::time::DAY_MS;
use ledger::{Account, Asset, BookId, Position, Timestamp};

use super::accounts::{Accounts, moved, signed};
use super::{ExportError, Form, calendar, words};

/// The last year that a date can have.
const YEAR_MAX: u64 = 9_999;

#[derive(Default)]
pub(super) struct Beancount {
    accounts: Accounts,
    position: Position,
    at: Timestamp,
    memos: u64,
}

impl Form for Beancount {
    fn begin(&mut self, book: BookId, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "option \"title\" \"{book}\"")?;
        // Otherwise half a cent is let through, and a whole one in an assertion.
        writeln!(out, "option \"inferred_tolerance_default\" \"*:0\"")?;
        writeln!(out, "option \"tolerance_multiplier\" \"0\"\n")?;
        Asset::ALL.iter().try_for_each(|asset| writeln!(out, "1970-01-01 commodity {asset}"))
    }

    fn entry(&mut self, stored: &Stored, out: &mut dyn Write) -> Result<(), ExportError> {
        let entry = &*stored.entry;
        let position = entry.position;
        (self.position, self.at) = (position, entry.at);
        if entry.postings.is_empty() {
            self.memos += 1;
            return Ok(());
        }
        let day = day(entry.at, position)?;
        writeln!(out)?;
        for account in self.accounts.new_among(&entry.postings) {
            writeln!(out, "{day} open {}", name(account))?;
        }
        writeln!(out, "{day} * \"{}\"", escaped(words::narration(entry)))?;
        writeln!(out, "  position: {position}\n  hash: \"{}\"", stored.hash)?;
        writeln!(out, "  kind: \"{}\"", words::kinds(entry).join(" "))?;
        for posting in &entry.postings {
            let (account, asset) = (name(posting.account), posting.asset);
            writeln!(out, "  {account}  {} {asset}", moved(posting))?;
        }
        self.accounts.post(&entry.postings).ok_or(ExportError::TooLarge { position })
    }

    fn end(&mut self, out: &mut dyn Write) -> Result<(), ExportError> {
        // An assertion is about the morning of its day.
        let next_day = day(self.at.plus_ms(DAY_MS), self.position)?;
        let ended = self.accounts.iter().map(|(account, asset, end)| ((name(account), asset), end));
        let ended: BTreeMap<_, _> = ended.collect();
        writeln!(out)?;
        for ((account, asset), balance) in &ended {
            let Balance { mut debits, mut credits } = *balance;
            // beancount counts what lies below an account to it. `;` comes after `:`.
            let below =
                (format!("{account}:"), Asset::ALL[0])..(format!("{account};"), Asset::ALL[0]);
            for (_, below) in ended.range(below).filter(|((_, other), _)| other == asset) {
                let sums = (debits.checked_add(below.debits), credits.checked_add(below.credits));
                let (Some(all_debits), Some(all_credits)) = sums else {
                    return Err(ExportError::TooLarge { position: self.position });
                };
                (debits, credits) = (all_debits, all_credits);
            }
            let balance = signed(*asset, Balance { debits, credits });
            writeln!(out, "{next_day} balance {account}  {balance} {asset}")?;
        }
        writeln!(out, "\n; {} memo entries, in which nothing moved, are left out", self.memos)?;
        Ok(())
    }
}

/// The account's path with each part as beancount wants it: a capital letter or a digit, then letters, digits and
/// hyphens.
fn name(account: Account) -> String {
    let mut before = ':';
    let path = account.to_string();
    let letters = path.chars().map(|letter| {
        let begins = std::mem::replace(&mut before, letter) == ':';
        match letter {
            letter if begins => letter.to_ascii_uppercase(),
            letter if letter == ':' || letter.is_ascii_alphanumeric() => letter,
            _ => '-',
        }
    });
    letters.collect()
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn day(at: Timestamp, position: Position) -> Result<String, ExportError> {
    let (year, _) = at.year_and_month();
    if YEAR_MAX < year {
        return Err(ExportError::TooLate { position });
    }
    Ok(calendar::day(at))
}
