//! Customers: the persons whom LedgerOS calls users, and businesses.

use std::collections::BTreeMap;

use ledger::holders::{ChangeHolder, VerificationStatus};
use ledger::{Command, Event, HolderId, Sealed, Timestamp};
use projector::At;
use projector::directory::Holder;
use providers::sandbox::identity;
use serde::Serialize;
use utoipa::ToSchema;
use vault::Kind;

use crate::call::{Answer, Call, Read, Write};
use crate::dialect;
use crate::error::Error;
use crate::gateway::Gateway;
use crate::input::instant;
use crate::input::read::{CustomerId, Id};
use crate::ledgeros::{VERIFICATION_PAGES, as_shown};
use crate::openapi::schema::{self, Describe, object};
use crate::openapi::{Operation, Tag};
use crate::profile::{Changes, CustomerKind, Name, NamesView, Profile};
use crate::sealed::SealedError;
use crate::words::Word;

/// A customer without what only the vault knows.
struct Customer {
    id: HolderId,
    profile: Sealed,
    status: VerificationStatus,
    /// Where the verification stood before the lock.
    before_lock: Option<VerificationStatus>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What the vault knows is null when it was erased.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Customer)]
struct CustomerView {
    id: String,
    #[serde(rename = "type")]
    kind: Option<&'static str>,
    status: &'static str,
    kyc_status: &'static str,
    #[serde(flatten)]
    name: NamesView,
    email: Option<String>,
    phone: Option<String>,
    metadata: BTreeMap<String, String>,
    kyc_link: String,
    tos_link: String,
    capabilities: CapabilitiesView,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Capabilities)]
struct CapabilitiesView {
    crypto_wallets: bool,
    virtual_accounts: bool,
    transfers: bool,
}

/// `POST /v1/customers`
pub(super) async fn create(call: Call<Write>) -> Result<Answer, Error> {
    let profile = call.body(Profile::of_customer)?;
    let written = call.create_holder(&profile).await?;
    let created = written.created_holder()?;
    let customer = Customer {
        id: created.holder,
        profile: created.profile,
        status: VerificationStatus::NotStarted,
        before_lock: None,
        created_at: written.entry.at,
        updated_at: written.entry.at,
    };
    let view = call.blocking(move |gateway| customer.view(gateway)).await;
    Ok(written.answer(&written.shown(view)?))
}

/// What [`create`] does.
pub(super) fn describe_create() -> Operation {
    let customer = |kind: CustomerKind| {
        object()
            .required("type", schema::one_of([kind.word()]))
            .required("email", schema::email())
            .optional("phone", schema::phone())
            .optional("metadata", schema::metadata())
    };
    Operation::new(Tag::Customers, "createCustomer", "Create a customer")
        .takes_either(
            customer(CustomerKind::Individual)
                .required("firstName", schema::text(100))
                .required("lastName", schema::text(100)),
            customer(CustomerKind::Business).required("businessName", schema::text(100)),
        )
        .creates::<CustomerView>()
}

/// `GET /v1/customers`: newest first.
pub(super) async fn list(mut call: Call<Read>) -> Result<Answer, Error> {
    let listing = call.long_listing(|_| Ok(()))?;
    let page = listing.page;
    let found = call.ask(|models| &models.directory, move |d| d.holders(page)).await?;
    let At { position, value: holders } = found;
    let show = move |gateway: &Gateway| -> Result<_, SealedError> {
        let views = holders.rows.into_iter().map(|holder| Customer::from(holder).view(gateway));
        Ok((views.collect::<Result<Vec<_>, _>>()?, holders.next))
    };
    let (views, next) = call.blocking(show).await?;
    Ok(Answer::shown(position, &listing.items(views, next)))
}

/// What [`list`] does.
pub(super) fn describe_list() -> Operation {
    Operation::new(Tag::Customers, "listCustomers", "List customers")
        .about("Newest first.")
        .lists::<CustomerView>()
}

/// `GET /v1/customers/{customerId}`
pub(super) async fn show(mut call: Call<Read>) -> Result<Answer, Error> {
    call.no_query()?;
    let At { position, value: holder } = find(&call, call.path_id("customerId")?).await?;
    let view = call.blocking(move |gateway| Customer::from(holder).view(gateway)).await?;
    Ok(Answer::shown(position, &view))
}

/// What [`show`] does.
pub(super) fn describe_show() -> Operation {
    Operation::new(Tag::Customers, "getCustomer", "Get a customer").answers::<CustomerView>()
}

/// `PATCH /v1/customers/{customerId}`
pub(super) async fn change(call: Call<Write>) -> Result<Answer, Error> {
    let id = call.path_id("customerId")?;
    let changes = call.body(Changes::read)?;
    let Holder { id, profile: before, at: created_at, .. } = find(&call, id).await?.value;
    let known = call.blocking(move |gateway| gateway.profile(before)).await?;
    let profile = match known {
        Some(known) => {
            let content = dialect::json(&changes.of(known)?);
            call.seal_beside(id, before, Kind::Profile, content).await?
        }
        None => call.erased_name(id).await?,
    };

    let command = ChangeHolder { holder: id, before: before.reference, profile };
    let written = call.submit(Command::ChangeHolder(command)).await?;
    let changed = written.event("Idempotency-Key", |event| match event {
        Event::HolderChanged(event) => Some(event),
        _ => None,
    })?;
    let customer = Customer {
        id: changed.holder,
        profile: changed.profile,
        status: changed.status,
        before_lock: changed.before_lock,
        created_at,
        updated_at: written.entry.at,
    };
    let view = call.blocking(move |gateway| customer.view(gateway)).await;
    Ok(written.answer(&written.shown(view)?))
}

/// What [`change`] does.
pub(super) fn describe_change() -> Operation {
    Operation::new(Tag::Customers, "changeCustomer", "Change a customer")
        .about("What is left out stays. `metadata` is replaced as a whole. The type can't change.")
        .takes(
            object()
                .optional("email", schema::email())
                .optional("firstName", schema::text(100).about("An individual's."))
                .optional("lastName", schema::text(100).about("An individual's."))
                .optional("businessName", schema::text(100).about("A business's."))
                .optional("phone", schema::phone().nullable())
                .optional("metadata", schema::metadata().nullable())
                .at_least_one(),
        )
        .answers::<CustomerView>()
}

/// A customer of this book.
async fn find<Kind>(call: &Call<Kind>, CustomerId(id): CustomerId) -> Result<At<Holder>, Error> {
    let found = call.ask(|models| &models.directory, move |d| d.holder(id)).await?;
    let value = found.value.ok_or(Error::UnknownId { noun: CustomerId::NOUN })?;
    Ok(At { position: found.position, value })
}

impl From<Holder> for Customer {
    fn from(holder: Holder) -> Self {
        let Holder { id, profile, status, before_lock, at: created_at, updated_at, .. } =
            as_shown(holder);
        Self { id, profile, status, before_lock, created_at, updated_at }
    }
}

impl Customer {
    /// Blocks.
    fn view(self, gateway: &Gateway) -> Result<CustomerView, SealedError> {
        let (name, email, phone, metadata) = match gateway.profile(self.profile)? {
            Some(Profile { name, email, phone, metadata }) => {
                (Some(name), Some(email), phone, metadata)
            }
            None => (None, None, None, BTreeMap::new()),
        };
        let is_approved = self.status == VerificationStatus::Approved;
        let (seed, pages) = (&gateway.seed, VERIFICATION_PAGES);
        Ok(CustomerView {
            id: CustomerId(self.id).to_string(),
            kind: name.as_ref().map(Name::kind),
            status: status(self.status),
            kyc_status: kyc_status(self.before_lock.unwrap_or(self.status)),
            name: name.map(NamesView::from).unwrap_or_default(),
            email,
            phone,
            metadata,
            kyc_link: identity::verification_url(pages, seed, self.id),
            tos_link: identity::terms_url(pages, seed, self.id),
            capabilities: CapabilitiesView {
                crypto_wallets: is_approved,
                virtual_accounts: is_approved,
                transfers: is_approved,
            },
            created_at: instant::text(self.created_at),
            updated_at: instant::text(self.updated_at),
        })
    }
}

fn status(verification: VerificationStatus) -> &'static str {
    match verification {
        VerificationStatus::NotStarted
        | VerificationStatus::Pending
        | VerificationStatus::NeedsInformation
        | VerificationStatus::NeedsVerification
        | VerificationStatus::ManualReview
        | VerificationStatus::Approved => "active",
        VerificationStatus::Denied => "rejected",
        VerificationStatus::Locked => "suspended",
    }
}

fn kyc_status(verification: VerificationStatus) -> &'static str {
    match verification {
        VerificationStatus::NotStarted => "not_started",
        // Nobody is locked from the beginning on: a lock covers another status.
        VerificationStatus::Pending
        | VerificationStatus::ManualReview
        | VerificationStatus::Locked => "under_review",
        VerificationStatus::NeedsInformation | VerificationStatus::NeedsVerification => {
            "incomplete"
        }
        VerificationStatus::Approved => "approved",
        VerificationStatus::Denied => "rejected",
    }
}
