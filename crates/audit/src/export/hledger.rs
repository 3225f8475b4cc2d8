//! hledger's journal format.
//!
//! There is no escaping in it: a description ends where a comment begins, and so `;` in a merchant's name becomes `,`.
//! Everything else may stand there, because what could be taken for a date, a status or a code comes before it.

use std::io::{self, Write};

use journal::Stored;
use ledger::posting::Balance;
use ledger::{Amount, Asset, BookId, Timestamp};

use super::accounts::{Accounts, moved, signed};
use super::{ExportError, Form, calendar, words};

#[derive(Default)]
pub(super) struct Hledger {
    accounts: Accounts,
    at: Timestamp,
    memos: u64,
}

impl Form for Hledger {
    fn begin(&mut self, book: BookId, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "; {book}\ndecimal-mark .")?;
        for asset in Asset::ALL {
            // All decimals, by which hledger judges whether a transaction balances.
            writeln!(out, "commodity {} {asset}", asset.format(Amount::ZERO))?;
        }
        Ok(())
    }

    fn entry(&mut self, stored: &Stored, out: &mut dyn Write) -> Result<(), ExportError> {
        let entry = &*stored.entry;
        let position = entry.position;
        self.at = entry.at;
        if entry.postings.is_empty() {
            self.memos += 1;
            return Ok(());
        }
        writeln!(out)?;
        for account in self.accounts.new_among(&entry.postings) {
            writeln!(out, "account {account}")?;
        }
        let description = words::narration(entry).replace(';', ",");
        writeln!(out, "{} * ({position}) {description}", calendar::day(entry.at))?;
        let kinds = words::kinds(entry).join(" ");
        writeln!(out, "    ; position:{position}, hash:{}, kind:{kinds}", stored.hash)?;
        for posting in &entry.postings {
            let (account, asset) = (posting.account, posting.asset);
            writeln!(out, "    {account}  {} {asset}", moved(posting))?;
        }
        self.accounts.post(&entry.postings).ok_or(ExportError::TooLarge { position })
    }

    fn end(&mut self, out: &mut dyn Write) -> Result<(), ExportError> {
        writeln!(out, "\n{} * closing balances", calendar::day(self.at))?;
        for (account, asset, balance) in self.accounts.iter() {
            let nothing = signed(asset, Balance::default());
            let balance = signed(asset, balance);
            writeln!(out, "    {account}  {nothing} {asset} = {balance} {asset}")?;
        }
        writeln!(out, "\n; {} memo entries, in which nothing moved, are left out", self.memos)?;
        Ok(())
    }
}
