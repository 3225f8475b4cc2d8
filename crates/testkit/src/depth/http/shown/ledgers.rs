//! Compares what is shown of the platform's own ledgers.

use std::collections::BTreeMap;

use ledger::{Command, JournalId, LedgerId};
use serde_json::Value;

use super::super::client::Surface;
use super::super::route::{entry_of, uuid};
use super::{Looking, same};
use crate::books::{Books, Breach, require};

impl Looking<'_> {
    pub(super) async fn ledger(&mut self, id: LedgerId) -> Result<(), Breach> {
        let path = format!("/v1/ledgers/{}", uuid(id.0));
        let shown = self.shown(Surface::LedgerOs, &path).await?;
        same("status", &shown["status"], self.books.ledgers[&id].status.to_string())?;
        let shown = self.shown(Surface::LedgerOs, &format!("{path}/balance")).await?;
        let balance = balance(self.books, id)?;
        same("balance", &shown["balance"], balance)?;
        let shown = self.shown(Surface::LedgerOs, &format!("{path}/entries?limit=1")).await?;
        let newest = &shown["data"][0]["balance"];
        require!(newest.is_null() || *newest == balance, "the last entry ends at {newest}");
        let shown = self.shown(Surface::LedgerOs, &format!("{path}/statement?limit=1")).await?;
        same("opening_balance", &shown["opening_balance"], 0)?;
        same("closing_balance", &shown["closing_balance"], balance)
    }

    pub(super) async fn journal(&mut self, id: JournalId) -> Result<(), Breach> {
        let path = format!("/v1/journals/{}", uuid(id.0));
        let shown = self.shown(Surface::LedgerOs, &path).await?;
        let journal = &self.books.journals[&id];
        let is_reversed = !shown["reversed_by"].is_null();
        require!(is_reversed == journal.is_reversed, "`{id}` is shown as {shown}");
        let reverses = journal.reverses.map(|journal| uuid(journal.0));
        same("reverses", &shown["reverses"], reverses.map_or(Value::Null, Value::from))?;
        for (line, number) in journal.lines.iter().zip(0..) {
            let entry = &shown["entries"][usize::from(number)];
            same("id", &entry["id"], uuid(entry_of(id, number)))?;
            same("ledger_id", &entry["ledger_id"], uuid(line.ledger.0))?;
            let amount = u64::try_from(line.amount.0).map_err(|error| error.to_string())?;
            same("amount", &entry["amount"], amount)?;
        }
        Ok(())
    }
}

/// What a journal that was only tried out would leave on each ledger.
pub(in super::super) fn tried_out(
    books: &Books,
    command: &Command,
    shown: &Value,
) -> Result<(), Breach> {
    let Command::PostJournal(journal) = command else {
        return Err("only journals are tried out".to_owned());
    };
    require!(shown["dry_run"] == true && shown["id"].is_null(), "`{shown}` is no trial");
    let mut balances: BTreeMap<LedgerId, i64> = BTreeMap::new();
    for (number, line) in journal.lines.iter().enumerate() {
        let amount = i64::try_from(line.amount.0).map_err(|error| error.to_string())?;
        let rises = line.side == books.ledgers[&line.ledger].kind.normal_side();
        let before = balance(books, line.ledger)?;
        let balance = balances.entry(line.ledger).or_insert(before);
        *balance += if rises { amount } else { -amount };
        same("balance", &shown["entries"][number]["balance"], *balance)?;
        require!(shown["entries"][number]["id"].is_null(), "nothing was made, but has an id");
    }
    Ok(())
}

/// What stands on a ledger, on the side on which it grows.
fn balance(books: &Books, id: LedgerId) -> Result<i64, Breach> {
    i64::try_from(books.balance_of_ledger(id)).map_err(|error| error.to_string())
}
