//! The fields of a request, whether they come in a JSON body, a query or a path.

use std::borrow::Cow;

use ledger::cards::Setting;

use super::json::Json;
use crate::error::Error;

/// What is wrong with the body of a change that leaves every setting out.
pub(crate) const NOTHING_CHANGED: &str = "must change something";

/// The members of one object. Whoever reads it takes what it knows; what is left is refused.
pub(crate) struct Fields {
    /// What stands before a name: empty, or `merchant.`.
    prefix: String,
    members: Vec<(String, Json)>,
    taken: Vec<&'static str>,
}

/// One field: what it is called, and what stands there.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: Json,
}

impl Fields {
    /// Reads a JSON body with `read`. A body of nothing is an object of nothing.
    pub(crate) fn of_body<T>(
        body: &[u8],
        read: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if body.is_empty() {
            return Self::read(String::new(), Vec::new(), read);
        }
        match Json::parse(body) {
            Ok(Json::Object(members)) => Self::read(String::new(), members, read),
            Ok(_) => Err(Error::invalid("body", "must be a JSON object")),
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                Err(Error::invalid("body", format!("is not JSON at line {line}, column {column}")))
            }
        }
    }

    /// Reads the parameters of a query with `read`.
    pub(crate) fn of_query<T>(
        parameters: Vec<(String, String)>,
        read: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let members = parameters.into_iter().map(|(name, text)| (name, Json::Text(text))).collect();
        Self::read(String::new(), members, read)
    }

    fn read<T>(
        prefix: String,
        members: Vec<(String, Json)>,
        read: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut fields = Self { prefix, members, taken: Vec::new() };
        let value = read(&mut fields)?;
        fields.finish().map(|()| value)
    }

    /// Whether a field is there that was not read yet.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(member, _)| member == name)
    }

    /// A field that must be there.
    pub(crate) fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Field) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match self.optional(name, read)? {
            Some(value) => Ok(value),
            None => Err(Error::Missing { field: self.path(name) }),
        }
    }

    /// A field that may be left out.
    pub(crate) fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Field) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.taken.push(name);
        match self.members.iter().position(|(member, _)| member == name) {
            Some(index) => {
                let (_, value) = self.members.swap_remove(index);
                read(Field { name: self.path(name), value }).map(Some)
            }
            None => Ok(None),
        }
    }

    /// A setting, which stays what it is when it is left out.
    pub(crate) fn setting<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Field) -> Result<T, Error>,
    ) -> Result<Setting<T>, Error> {
        Ok(self.optional(name, read)?.map_or(Setting::Keep, Setting::Set))
    }

    /// A field that goes by either of two names.
    pub(crate) fn required_as<T>(
        &mut self,
        [name, other_name]: [&'static str; 2],
        read: impl Fn(Field) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match (self.optional(name, &read)?, self.optional(other_name, &read)?) {
            (Some(value), None) | (None, Some(value)) => Ok(value),
            (None, None) => Err(Error::Missing { field: self.path(name) }),
            (Some(_), Some(_)) => {
                let reason = format!("says the same as `{name}`; send one of them");
                Err(Error::invalid(self.path(other_name), reason))
            }
        }
    }

    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn finish(&self) -> Result<(), Error> {
        match self.members.first() {
            None => Ok(()),
            Some((name, _)) if self.taken.contains(&name.as_str()) => {
                Err(Error::invalid(self.path(name), "stands twice"))
            }
            Some((name, _)) => Err(Error::UnknownField { field: self.path(name) }),
        }
    }
}

impl Field {
    /// What is wrong with it.
    pub(crate) fn invalid(&self, reason: impl Into<Cow<'static, str>>) -> Error {
        Error::invalid(self.name.as_str(), reason)
    }

    /// Its text.
    pub(crate) fn text(&self) -> Result<&str, Error> {
        match &self.value {
            Json::Text(text) => Ok(text),
            _ => Err(self.invalid("must be a string")),
        }
    }

    /// Reads an object's fields with `read`.
    pub(crate) fn object<T>(
        self,
        read: impl FnOnce(&mut Fields) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match self.value {
            Json::Object(members) => Fields::read(format!("{}.", self.name), members, read),
            _ => Err(self.invalid("must be an object")),
        }
    }

    /// Reads every item of a list with `read`.
    pub(crate) fn list<T>(
        self,
        max: usize,
        read: impl Fn(Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        match self.value {
            Json::List(items) if items.len() <= max => {
                let fields = items.into_iter().enumerate();
                fields
                    .map(|(index, value)| {
                        read(Self { name: format!("{}[{index}]", self.name), value })
                    })
                    .collect()
            }
            Json::List(_) => Err(self.invalid(format!("must have at most {max} items"))),
            _ => Err(self.invalid("must be a list")),
        }
    }
}

#[cfg(test)]
mod tests;
