//! What is left when the demo has played: the books, and whether they are sound.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use ledger::Amount;
use ledger::posting::Balance;
use projector::Balances;

use super::stage::{say, short_ids};
use crate::audit_command::Statements;
use crate::{audit_command, folder};

/// Prints the trial balance and the head of the journal, and verifies everything.
pub(super) fn print(data: &Path, began: Instant) -> Result<ExitCode> {
    let journal = folder::reader(data)?.journal;
    let balances = Balances::open(&folder::read_models_of(data)?, journal)?;
    say("The trial balance\n");
    let heads = ["account", "debit", "credit"];
    say(&format!("      {:<48} {:>14} {:>14}", heads[0], heads[1], heads[2]));
    for row in balances.accounts()?.value {
        let Balance { debits, credits } = net(row.balance);
        let column = |amount: Amount| match amount.is_zero() {
            true => String::new(),
            false => row.asset.format(amount),
        };
        let account = format!("{} {}", short_ids(&row.account.to_string()), row.asset);
        say(&format!("      {account:<48} {:>14} {:>14}", column(debits), column(credits)));
    }
    for (asset, total) in balances.trial_balance()?.value {
        let difference = total.debits.abs_diff(total.credits);
        say(&format!("      difference in {asset}: {}", asset.format(difference)));
        ensure!(difference.is_zero(), "the books don't balance in {asset}");
    }

    say("\nThe journal, read by the auditor\n");
    let report = audit_command::report(data, Statements::default())?;
    audit_command::print(&mut std::io::stdout(), &report)?;
    ensure!(report.sound(), "the journal is not sound");
    say("\nWhat was signed of it\n");
    let signed = folder::reader(data)?.journal.last_checkpoint()?.context("nothing was signed")?;
    say(&signed.lines().map(|line| format!("      {line}")).collect::<Vec<_>>().join("\n"));
    say(&format!("\nAll as expected, in {:.2} s.", began.elapsed().as_secs_f64()));
    Ok(ExitCode::SUCCESS)
}

/// What stands on the larger side beyond the other.
fn net(Balance { debits, credits }: Balance) -> Balance {
    Balance { debits: debits.saturating_sub(credits), credits: credits.saturating_sub(debits) }
}
