//! A person's name and contact: how they are read, kept and shown.

use ledger::Text;
use serde::{Deserialize, Serialize};

use crate::dialect;
use crate::error::Error;
use crate::input::{Fields, email::email, read::text};

/// Name and contact, in the form in which the vault keeps them and answers show them. Nothing else may.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile {
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) email: String,
}

impl Profile {
    /// Reads what a client sent.
    pub(super) fn read(fields: &mut Fields) -> Result<Self, Error> {
        let name = |name: Text<100>| name.as_str().to_owned();
        Ok(Self {
            first_name: fields.required("firstName", text).map(name)?,
            last_name: fields.required("lastName", text).map(name)?,
            email: fields.required("email", email)?,
        })
    }

    /// What the vault keeps.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        dialect::json(self)
    }

    /// Reads what the vault has kept. What it can't read reads as erased.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}
