//! The name and contact of a person or a business: how they are read, kept and shown.

use std::collections::BTreeMap;

use ledger::holders::CreateHolder;
use ledger::{Command, Event, Sealed};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vault::Kind;

use crate::call::{Call, Write, Written};
use crate::clock;
use crate::dialect;
use crate::error::Error;
use crate::gateway::Gateway;
use crate::input::fields::NOTHING_CHANGED;
use crate::input::read::nullable;
use crate::input::{Field, Fields, email::email, metadata, read};
use crate::sealed::{SealedError, recorded};
use crate::words::Word;

/// Name and contact, in the form in which the vault keeps them and answers show them. Nothing else may.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    #[serde(flatten)]
    pub(crate) name: Name,
    pub(crate) email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<String>,
    /// What the platform notes about a customer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metadata: BTreeMap<String, String>,
}

/// What someone is called.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Name {
    #[serde(rename_all = "camelCase")]
    Individual { first_name: String, last_name: String },
    #[serde(rename_all = "camelCase")]
    Business { business_name: String },
}

/// What someone is called, as it is shown: nothing when it was erased.
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Names)]
pub(crate) struct NamesView {
    /// An individual's.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    /// A business's.
    #[serde(skip_serializing_if = "Option::is_none")]
    business_name: Option<String>,
}

impl From<Name> for NamesView {
    fn from(name: Name) -> Self {
        match name {
            Name::Individual { first_name, last_name } => Self {
                first_name: Some(first_name),
                last_name: Some(last_name),
                business_name: None,
            },
            Name::Business { business_name } => {
                Self { business_name: Some(business_name), ..Self::default() }
            }
        }
    }
}

/// What a customer may be.
#[derive(Clone, Copy)]
pub(crate) enum CustomerKind {
    Individual,
    Business,
}

impl Word for CustomerKind {
    const ALL: &'static [Self] = &[Self::Individual, Self::Business];

    fn word(self) -> &'static str {
        match self {
            Self::Individual => "individual",
            Self::Business => "business",
        }
    }
}

impl Profile {
    /// Reads what a client of LedgerOS sent.
    pub(crate) fn of_user(fields: &mut Fields) -> Result<Self, Error> {
        let name = Name::individual(fields)?;
        let email = fields.required("email", email)?;
        Ok(Self { name, email, phone: None, metadata: BTreeMap::new() })
    }

    /// Reads what a client of the Ledger API sent.
    pub(crate) fn of_customer(fields: &mut Fields) -> Result<Self, Error> {
        let name = match fields.required("type", read::word)? {
            CustomerKind::Individual => Name::individual(fields)?,
            CustomerKind::Business => {
                Name::Business { business_name: fields.required("businessName", name)? }
            }
        };
        Ok(Self {
            name,
            email: fields.required("email", email)?,
            phone: fields.optional("phone", phone)?,
            metadata: metadata::texts(
                &fields.optional("metadata", metadata::metadata)?.unwrap_or_default(),
            ),
        })
    }
}

/// What is to change of a customer's profile.
#[derive(Default, PartialEq)]
pub(crate) struct Changes {
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    business_name: Option<String>,
    /// Nobody has a number any more after `null`.
    phone: Option<Option<String>>,
    metadata: Option<BTreeMap<String, String>>,
}

impl Changes {
    /// Reads what a client of the Ledger API sent.
    pub(crate) fn read(fields: &mut Fields) -> Result<Self, Error> {
        fields.optional("type", |field| Err::<(), _>(field.invalid("can't change")))?;
        let changes = Self {
            email: fields.optional("email", email)?,
            first_name: fields.optional("firstName", name)?,
            last_name: fields.optional("lastName", name)?,
            business_name: fields.optional("businessName", name)?,
            phone: fields.optional("phone", nullable(phone))?,
            metadata: fields
                .optional("metadata", nullable(metadata::metadata))?
                .map(|changed| metadata::texts(&changed.unwrap_or_default())),
        };
        match changes == Self::default() {
            true => Err(Error::invalid("body", NOTHING_CHANGED)),
            false => Ok(changes),
        }
    }

    /// The profile with these changes.
    pub(crate) fn of(self, before: Profile) -> Result<Profile, Error> {
        let misplaced = |is_there: bool, field, whose| match is_there {
            true => Err(Error::invalid(field, format!("is {whose}'s"))),
            false => Ok(()),
        };
        let name = match before.name {
            Name::Individual { first_name, last_name } => {
                misplaced(self.business_name.is_some(), "businessName", "a business")?;
                Name::Individual {
                    first_name: self.first_name.unwrap_or(first_name),
                    last_name: self.last_name.unwrap_or(last_name),
                }
            }
            Name::Business { business_name } => {
                misplaced(self.first_name.is_some(), "firstName", "an individual")?;
                misplaced(self.last_name.is_some(), "lastName", "an individual")?;
                Name::Business { business_name: self.business_name.unwrap_or(business_name) }
            }
        };
        Ok(Profile {
            name,
            email: self.email.unwrap_or(before.email),
            phone: self.phone.unwrap_or(before.phone),
            metadata: self.metadata.unwrap_or(before.metadata),
        })
    }
}

impl Name {
    fn individual(fields: &mut Fields) -> Result<Self, Error> {
        Ok(Self::Individual {
            first_name: fields.required("firstName", name)?,
            last_name: fields.required("lastName", name)?,
        })
    }

    /// Whether it is an individual's or a business's.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Individual { .. } => CustomerKind::Individual.word(),
            Self::Business { .. } => CustomerKind::Business.word(),
        }
    }
}

impl Call<Write> {
    /// Adds the person or business whose profile it is.
    pub(crate) async fn create_holder(&self, profile: &Profile) -> Result<Written, Error> {
        let bytes = dialect::json(profile);
        let put = move |gateway: &Gateway| {
            gateway.vault.create_subject(Kind::Profile, &bytes, clock::wall_ms())
        };
        let profile = recorded(self.blocking(put).await?);
        self.submit(Command::CreateHolder(CreateHolder { profile })).await
    }
}

impl Written {
    /// The person or business that the entry added, and the profile.
    pub(crate) fn created_holder(&self) -> Result<&ledger::holders::HolderCreated, Error> {
        self.event("Idempotency-Key", |event| match event {
            Event::HolderCreated(event) => Some(event),
            _ => None,
        })
    }
}

impl Gateway {
    /// What the vault knows of someone; `None` when it was erased, or can't be read. Blocks.
    pub(crate) fn profile(&self, sealed: Sealed) -> Result<Option<Profile>, SealedError> {
        let content = self.unseal(Kind::Profile, sealed)?;
        Ok(content.and_then(|content| serde_json::from_slice(content.expose()).ok()))
    }
}

fn name(field: Field) -> Result<String, Error> {
    read::text::<100>(field).map(|name| name.as_str().to_owned())
}

/// ITU-T E.164: a plus and up to 15 digits, of which the first is not zero.
fn phone(field: Field) -> Result<String, Error> {
    let text = field.text()?;
    let is_number = text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    match is_number {
        true => Ok(text.to_owned()),
        false => {
            Err(field.invalid("must be a phone number in the form of E.164, such as `+15550100`"))
        }
    }
}
