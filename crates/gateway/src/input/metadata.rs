//! What platforms note about something of theirs.

use std::collections::BTreeMap;

use ledger::{Metadata, Text};

use super::fields::Field;
use super::json::Json;
use crate::error::Error;

/// An object of texts.
pub(crate) fn metadata(field: Field) -> Result<Metadata, Error> {
    let shape = "must be an object of at most 50 texts, with names of at most 40 characters and \
                 texts of at most 500";
    let refused = field.invalid(shape);
    let Json::Object(members) = field.value else { return Err(refused) };
    let member = |(name, value): (String, Json)| match value {
        Json::Text(value) => Some((Text::new(&name).ok()?, Text::new(&value).ok()?)),
        _ => None,
    };
    let members: Option<Vec<_>> = members.into_iter().map(member).collect();
    members.and_then(Metadata::new).ok_or(refused)
}

/// As it is shown.
pub(crate) fn texts(metadata: &Metadata) -> BTreeMap<String, String> {
    let text = |(name, text): (&Text<40>, &Text<500>)| {
        (name.as_str().to_owned(), text.as_str().to_owned())
    };
    metadata.iter().map(text).collect()
}
