//! Account numbers at the sponsor bank, which lead to wallets.

use ledger::amount::AssetKind;
use ledger::wallets::{OpenVirtualAccount, VirtualAccountOpened};
use ledger::{Asset, Command, Event, Timestamp, VirtualAccountId, WalletId};
use projector::At;
use projector::directory::VirtualAccount;
use providers::sandbox::bank::{self, Instructions};
use serde::Serialize;
use utoipa::ToSchema;

use super::Capability;
use crate::call::{Answer, Call, Read, Write};
use crate::error::Error;
use crate::gateway::Gateway;
use crate::input::read::{CustomerId, Id, id};
use crate::input::{Field, instant};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VirtualAccount)]
struct VirtualAccountView {
    id: String,
    customer_id: String,
    wallet_id: String,
    status: &'static str,
    source_currency: String,
    deposit_instructions: InstructionsView,
    #[schema(format = DateTime)]
    created_at: String,
    /// An account does not change.
    #[schema(format = DateTime)]
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = DepositInstructions)]
enum InstructionsView {
    #[serde(rename_all = "camelCase")]
    UsBank {
        routing_number: String,
        account_number: String,
    },
    Iban {
        iban: String,
        bic: &'static str,
    },
    Clabe {
        clabe: String,
    },
    #[serde(rename_all = "camelCase")]
    GbBank {
        sort_code: &'static str,
        account_number: String,
    },
}

/// `POST /v1/virtual-accounts`
pub(super) async fn open(call: Call<Write>) -> Result<Answer, Error> {
    let command = call.body(|fields| {
        let CustomerId(holder) = fields.required("customerId", id)?;
        let currency = fields.required("sourceCurrency", currency)?;
        let wallet = fields.optional("walletId", id)?;
        Ok(OpenVirtualAccount { holder, wallet, currency })
    })?;
    let written = call.submit(Command::OpenVirtualAccount(command)).await;
    let written = written.map_err(|error| Capability::VirtualAccounts.required(error))?;
    let opened = written.event("Idempotency-Key", |event| match event {
        Event::VirtualAccountOpened(event) => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&VirtualAccountView::new(&call.gateway, opened, written.entry.at)))
}

/// What [`open`] does.
pub(super) fn describe_open() -> Operation {
    Operation::new(Tag::VirtualAccounts, "createVirtualAccount", "Open a virtual account")
        .about("What arrives there is credited to the wallet: a new one, if none is named.")
        .takes(
            object()
                .required("customerId", schema::id::<CustomerId>())
                .required("sourceCurrency", schema::asset(&[AssetKind::Currency]))
                .optional("walletId", schema::id::<WalletId>()),
        )
        .creates::<VirtualAccountView>()
}

/// `GET /v1/virtual-accounts`: newest first.
pub(super) async fn list(mut call: Call<Read>) -> Result<Answer, Error> {
    let listing = call.long_listing(|fields| fields.optional("customerId", id))?;
    let page = listing.page;
    let holder = listing.filters.map(|CustomerId(holder)| holder);
    let accounts = move |d: &projector::Directory| d.virtual_accounts(holder, page);
    let found = call.ask(|models| &models.directory, accounts).await?;
    let view = |account: VirtualAccount| {
        VirtualAccountView::new(&call.gateway, &as_opened(&account), account.at)
    };
    let views = found.value.rows.into_iter().map(view).collect();
    Ok(Answer::shown(found.position, &listing.items(views, found.value.next)))
}

/// What [`list`] does.
pub(super) fn describe_list() -> Operation {
    Operation::new(Tag::VirtualAccounts, "listVirtualAccounts", "List virtual accounts")
        .about("Newest first.")
        .filter("customerId", schema::id::<CustomerId>())
        .lists::<VirtualAccountView>()
}

/// `GET /v1/virtual-accounts/{virtualAccountId}`
pub(super) async fn show(mut call: Call<Read>) -> Result<Answer, Error> {
    call.no_query()?;
    let id = call.path_id("virtualAccountId")?;
    let At { position, value: account } = find(&call, id).await?;
    let view = VirtualAccountView::new(&call.gateway, &as_opened(&account), account.at);
    Ok(Answer::shown(position, &view))
}

/// What [`show`] does.
pub(super) fn describe_show() -> Operation {
    Operation::new(Tag::VirtualAccounts, "getVirtualAccount", "Get a virtual account")
        .answers::<VirtualAccountView>()
}

/// A virtual account of this book.
async fn find(call: &Call<Read>, id: VirtualAccountId) -> Result<At<VirtualAccount>, Error> {
    let found = call.ask(|models| &models.directory, move |d| d.virtual_account(id)).await?;
    let value = found.value.ok_or(Error::UnknownId { noun: VirtualAccountId::NOUN })?;
    Ok(At { position: found.position, value })
}

fn currency(field: Field) -> Result<Asset, Error> {
    match Asset::from_code(field.text()?) {
        Some(currency @ (Asset::Usd | Asset::Eur | Asset::Mxn | Asset::Gbp)) => Ok(currency),
        _ => Err(field.invalid("must be one of `usd`, `eur`, `mxn`, `gbp`")),
    }
}

/// The event of which the row was made.
fn as_opened(account: &VirtualAccount) -> VirtualAccountOpened {
    let VirtualAccount { id: account, holder, wallet, currency, .. } = *account;
    VirtualAccountOpened { account, holder, wallet, currency }
}

impl VirtualAccountView {
    fn new(gateway: &Gateway, opened: &VirtualAccountOpened, at: Timestamp) -> Self {
        let VirtualAccountOpened { account, holder, wallet, currency } = *opened;
        let instructions = bank::instructions(&gateway.seed, account, currency);
        Self {
            id: account.to_string(),
            customer_id: CustomerId(holder).to_string(),
            wallet_id: wallet.to_string(),
            status: "active",
            source_currency: currency.code().to_ascii_lowercase(),
            deposit_instructions: instructions.expect("accounts are in currencies").into(),
            created_at: instant::text(at),
            updated_at: instant::text(at),
        }
    }
}

impl From<Instructions> for InstructionsView {
    fn from(instructions: Instructions) -> Self {
        match instructions {
            Instructions::UnitedStates { routing_number, account_number } => {
                Self::UsBank { routing_number, account_number }
            }
            Instructions::Euro { iban, bic } => Self::Iban { iban, bic },
            Instructions::Mexico { clabe } => Self::Clabe { clabe },
            Instructions::UnitedKingdom { sort_code, account_number } => {
                Self::GbBank { sort_code, account_number }
            }
        }
    }
}
