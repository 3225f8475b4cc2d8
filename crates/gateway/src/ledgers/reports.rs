//! Reports on all accounts.

use std::collections::BTreeMap;

use projector::balances::AccountTotals;
use serde::Serialize;
use utoipa::ToSchema;

use crate::call::{Answer, Call, Read};
use crate::error::Error;
use crate::input::Field;
use crate::openapi::{Operation, Tag};

#[derive(Serialize, ToSchema)]
#[schema(as = TrialBalance)]
struct TrialBalanceView {
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
    debits: u128,
    credits: u128,
}

/// `GET /v1/ledgers/reports/trial-balance`: costs a look at every account.
pub(super) async fn trial_balance(mut call: Call<Read>) -> Result<Answer, Error> {
    call.query(|fields| fields.optional("at", past))?;
    let found = call.ask(|models| &models.balances, |balances| balances.accounts()).await?;
    let mut currencies = BTreeMap::new();
    for AccountTotals { account, asset, debits, credits } in found.value {
        let (debits, credits) = (debits.0, credits.0);
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
        currency.accounts.push(AccountView { account: account.to_string(), debits, credits });
    }
    let currencies = currencies.into_values().collect();
    let view = TrialBalanceView { position: found.position.0, currencies };
    Ok(Answer::shown(found.position, &view))
}

/// What [`trial_balance`] does.
pub(super) fn describe_trial_balance() -> Operation {
    Operation::new(Tag::Reports, "getTrialBalance", "Show the trial balance")
        .about("All debits and credits ever, by currency and account. The difference is zero.")
        .answers::<TrialBalanceView>()
}

fn past(field: Field) -> Result<(), Error> {
    Err(field.invalid("is not supported yet: the report is about now"))
}
