//! Users.

use ledger::holders::VerificationStatus;
use ledger::{HolderId, Sealed, Timestamp};
use projector::At;
use projector::directory::Holder;
use providers::sandbox::custody;
use serde::Serialize;
use utoipa::ToSchema;

use super::verification::as_shown;
use crate::call::{Answer, Call, Read, Write};
use crate::error::Error;
use crate::gateway::Gateway;
use crate::input::read::Id;
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};
use crate::profile::{Name, Profile};
use crate::sealed::SealedError;
use crate::words::Word;

/// A user without what only the vault knows.
struct User {
    id: HolderId,
    profile: Sealed,
    status: VerificationStatus,
    created_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
struct UserView {
    object: &'static str,
    id: String,
    /// Null when it was erased, like the two after it, and for a business.
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    #[schema(schema_with = schema::word::<VerificationStatus>)]
    application_status: &'static str,
    created_at: u64,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Funding)]
struct FundingView {
    object: &'static str,
    user_id: String,
    addresses: Vec<AddressView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FundingAddress)]
struct AddressView {
    asset: &'static str,
    chain: &'static str,
    address: String,
}

/// `POST /v1/users`
pub(super) async fn create(call: Call<Write>) -> Result<Answer, Error> {
    let profile = call.body(Profile::of_user)?;
    let written = call.create_holder(&profile).await?;
    let created = written.created_holder()?;
    let user = User {
        id: created.holder,
        profile: created.profile,
        status: VerificationStatus::NotStarted,
        created_at: written.entry.at,
    };
    let view = call.blocking(move |gateway| user.view(gateway)).await;
    Ok(written.answer(&written.shown(view)?))
}

/// What [`create`] does.
pub(super) fn describe_create() -> Operation {
    Operation::new(Tag::Users, "createUser", "Add a user")
        .takes(
            object()
                .required("firstName", schema::text(100))
                .required("lastName", schema::text(100))
                .required("email", schema::email()),
        )
        .creates::<UserView>()
}

/// `GET /v1/users`: newest first.
pub(super) async fn list(mut call: Call<Read>) -> Result<Answer, Error> {
    let listing = call.listing(|_| Ok(()))?;
    let page = listing.page;
    let found = call.ask(|models| &models.directory, move |d| d.holders(page)).await?;
    let At { position, value: holders } = found;
    let show = move |gateway: &Gateway| -> Result<_, SealedError> {
        let views = holders.rows.into_iter().map(|holder| User::from(holder).view(gateway));
        Ok((views.collect::<Result<Vec<_>, _>>()?, holders.next))
    };
    let (views, next) = call.blocking(show).await?;
    Ok(Answer::shown(position, &listing.view(views, next)))
}

/// What [`list`] does.
pub(super) fn describe_list() -> Operation {
    Operation::new(Tag::Users, "listUsers", "List users").about("Newest first.").lists::<UserView>()
}

/// `GET /v1/users/{userId}`
pub(super) async fn show(mut call: Call<Read>) -> Result<Answer, Error> {
    call.no_query()?;
    let At { position, value: holder } = find(&call).await?;
    let view = call.blocking(move |gateway| User::from(holder).view(gateway)).await?;
    Ok(Answer::shown(position, &view))
}

/// What [`show`] does.
pub(super) fn describe_show() -> Operation {
    Operation::new(Tag::Users, "getUser", "Show a user").answers::<UserView>()
}

/// `GET /v1/users/{userId}/funding`
pub(super) async fn funding(mut call: Call<Read>) -> Result<Answer, Error> {
    call.no_query()?;
    let At { position, value: holder } = find(&call).await?;
    let addresses = match holder.erased_at {
        Some(_) => Vec::new(),
        None => custody::deposit_addresses(&call.gateway.seed, holder.id),
    };
    let view = FundingView {
        object: "funding",
        user_id: holder.id.to_string(),
        addresses: addresses
            .into_iter()
            .map(|deposit| AddressView {
                asset: deposit.asset.code(),
                chain: deposit.chain.name(),
                address: deposit.address.to_string(),
            })
            .collect(),
    };
    Ok(Answer::shown(position, &view))
}

/// What [`funding`] does.
pub(super) fn describe_funding() -> Operation {
    Operation::new(Tag::Users, "getFunding", "Show where a user receives deposits")
        .about(
            "Tokens that are sent to one of these addresses are credited in US dollars. Who is erased has \
             none.",
        )
        .answers::<FundingView>()
}

/// The user whom the path names.
pub(super) async fn find(call: &Call<Read>) -> Result<At<Holder>, Error> {
    let id = call.path_id("userId")?;
    let found = call.ask(|models| &models.directory, move |d| d.holder(id)).await?;
    let value = found.value.ok_or(Error::UnknownId { noun: HolderId::NOUN })?;
    Ok(At { position: found.position, value })
}

impl From<Holder> for User {
    fn from(holder: Holder) -> Self {
        let Holder { id, profile, status, at: created_at, .. } = as_shown(holder);
        Self { id, profile, status, created_at }
    }
}

impl User {
    /// Blocks.
    fn view(self, gateway: &Gateway) -> Result<UserView, SealedError> {
        let (name, email) = match gateway.profile(self.profile)? {
            Some(known) => (Some(known.name), Some(known.email)),
            None => (None, None),
        };
        let (first_name, last_name) = match name {
            Some(Name::Individual { first_name, last_name }) => (Some(first_name), Some(last_name)),
            Some(Name::Business { .. }) | None => (None, None),
        };
        Ok(UserView {
            object: "user",
            id: self.id.to_string(),
            first_name,
            last_name,
            email,
            application_status: self.status.word(),
            created_at: self.created_at.as_millis(),
        })
    }
}
