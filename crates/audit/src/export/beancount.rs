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

/// What every account ends with, by its name here.
type Ended = BTreeMap<(String, Asset), Balance>;

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
        let ended: Ended = ended.collect();
        writeln!(out)?;
        for (account, asset) in ended.keys() {
            let balance = with_below(&ended, account, *asset)
                .ok_or(ExportError::TooLarge { position: self.position })?;
            let balance = signed(*asset, balance);
            writeln!(out, "{next_day} balance {account}  {balance} {asset}")?;
        }
        writeln!(out, "\n; {} memo entries, in which nothing moved, are left out", self.memos)?;
        Ok(())
    }
}

/// What an assertion is about: the account, and all that lies below it. `None` when that exceeds 128 bits.
fn with_below(ended: &Ended, account: &str, asset: Asset) -> Option<Balance> {
    let [first, ..] = Asset::ALL;
    // What comes between `:` and `;` begins with the path and a colon.
    let below = ended.range((format!("{account}:"), first)..(format!("{account};"), first));
    let below = below.filter(|((_, other), _)| *other == asset).map(|(_, balance)| *balance);
    let own = ended.get(&(account.to_owned(), asset)).copied().unwrap_or_default();
    below.chain([own]).try_fold(Balance::default(), |sum, Balance { debits, credits }| {
        let (debits, credits) =
            (sum.debits.checked_add(debits)?, sum.credits.checked_add(credits)?);
        Some(Balance { debits, credits })
    })
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

#[cfg(test)]
mod tests {
    use ledger::Amount;

    use super::*;

    #[test]
    fn an_assertion_is_about_all_that_lies_below_an_account() {
        let own = |amount| Balance { debits: Amount(amount), credits: Amount::ZERO };
        let ended = Ended::from([
            (("Assets:A".to_owned(), Asset::Usd), own(1)),
            (("Assets:A-B".to_owned(), Asset::Usd), own(2)),
            (("Assets:A1".to_owned(), Asset::Usd), own(4)),
            (("Assets:A:B".to_owned(), Asset::Usd), own(8)),
            (("Assets:A:B".to_owned(), Asset::Eurc), own(16)),
            (("Assets:A:C:D".to_owned(), Asset::Usd), own(32)),
            (("Assets:Aa:B".to_owned(), Asset::Usd), own(64)),
        ]);
        assert_eq!(with_below(&ended, "Assets:A", Asset::Usd), Some(own(1 + 8 + 32)));
        assert_eq!(with_below(&ended, "Assets:A:B", Asset::Usd), Some(own(8)));
        assert_eq!(with_below(&ended, "Assets:A:B", Asset::Eurc), Some(own(16)));
    }

    #[test]
    fn a_text_can_not_end_early() {
        assert_eq!(escaped(r#"a "b" \"#), r#"a \"b\" \\"#);
    }
}
