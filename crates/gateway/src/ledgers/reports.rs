//! Reports on all accounts.

use std::collections::BTreeMap;

use ledger::{Account, LedgerId};
use projector::balances::AccountBalance;
use projector::{At, Balances};
use serde::Serialize;
use utoipa::ToSchema;

use crate::call::{Answer, Call, Read};
use crate::error::Error;
use crate::input::instant;
use crate::openapi::{Operation, Tag, schema};
use crate::uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = TrialBalance)]
struct TrialBalanceView {
    /// The time that was asked for.
    at: Option<String>,
    /// The last entry that was known when it was asked for.
    position: u64,
    /// Those in which there are accounts.
    currencies: Vec<CurrencyView>,
}

/// All amounts are minor units. Debits and credits are all that there ever were; an account that an authorization had,
/// and that has returned to zero, is left out with both.
#[derive(Serialize, ToSchema)]
#[schema(as = CurrencyTotals)]
struct CurrencyView {
    currency: &'static str,
    debits: u128,
    credits: u128,
    /// Debits less credits.
    difference: i128,
    accounts: Vec<AccountView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AccountTotals)]
struct AccountView {
    account: String,
    /// Of a ledger's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger_id: Option<String>,
    debits: u128,
    credits: u128,
}

/// `GET /v1/ledgers/reports/trial-balance`: now, or after the last entry that was posted at `at` or before. Costs a look at
/// every account; for a past time, also at the entries of an epoch (see [`projector::balances`]).
pub(super) async fn trial_balance(mut call: Call<Read>) -> Result<Answer, Error> {
    let at = call.query(|fields| fields.optional("at", instant::instant))?;
    let At { position, value: accounts } = match at {
        Some(at) => call.ask(|models| &models.balances, move |b| b.accounts_at(at)).await?,
        None => call.ask(|models| &models.balances, Balances::accounts).await?,
    };
    let mut currencies = BTreeMap::new();
    for AccountBalance { account, asset, balance } in accounts {
        let (debits, credits) = (balance.debits.0, balance.credits.0);
        let currency = currencies.entry(asset).or_insert_with(|| CurrencyView {
            currency: asset.code(),
            debits: 0,
            credits: 0,
            difference: 0,
            accounts: Vec::new(),
        });
        currency.debits += debits;
        currency.credits += credits;
        currency.difference = currency.debits.cast_signed() - currency.credits.cast_signed();
        let ledger_id = match account {
            Account::Ledger(_, LedgerId(id)) => Some(uuid::text(id)),
            _ => None,
        };
        let account = account.to_string();
        currency.accounts.push(AccountView { account, ledger_id, debits, credits });
    }
    let currencies = currencies.into_values().collect();
    let view = TrialBalanceView { at: at.map(instant::text), position: position.0, currencies };
    Ok(Answer::shown(position, &view))
}

/// What [`trial_balance`] does.
pub(super) fn describe_trial_balance() -> Operation {
    Operation::new(Tag::Reports, "getTrialBalance", "Show the trial balance")
        .about(
            "All debits and credits ever, by currency and account; with `at`, those that were posted up to then. \
             The difference is zero.",
        )
        .filter("at", schema::instant())
        .answers::<TrialBalanceView>()
}
