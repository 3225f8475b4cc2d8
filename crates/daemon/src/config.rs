//! A role's configuration: one TOML file, overridden by the environment.
//!
//! `LEDGEROS__LOG__FILTER` is the key `filter` of the section `[log]`. What a variable says is read as what stands behind `=` in
//! the file, and as plain text where that is no boolean, number or list; text that looks like one is put in quotes, there as here.
//!
//! What is not known, and what has another type, is refused: an error says which key, and which file or variable it is from.
//! That holds for structs with `#[serde(deny_unknown_fields)]`, which all of a configuration must have. Secrets stand in files of
//! their own: [`SecretFile`].

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

mod arguments;
mod secret_file;
mod sections;
mod setting;

pub use arguments::{Arguments, Purpose};
pub use secret_file::{SecretFile, SecretFileError};
pub use sections::{Admin, Log, LogFormat, Traces};
pub use setting::Refused;
use setting::{Origin, Setting};

/// What the variables of a configuration begin with.
pub const PREFIX: &str = "LEDGEROS__";

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("`{}` can't be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("`{}` is not TOML", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// Where, and why.
        source: toml::de::Error,
    },
    /// A variable has a name that can't be a key's.
    #[error("`{0}` is no key: `LEDGEROS__SECTION__KEY` is, in upper case")]
    Variable(String),
    /// A variable's text is not UTF-8.
    #[error("`{0}` is not UTF-8")]
    NotUtf8(String),
    /// A key or its value.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A configuration that TOML has no form for.
    #[error("the configuration can't be written")]
    Unwritable(#[from] toml::ser::Error),
}

/// Reads a configuration from a file, if there is one, and from those variables that begin with [`PREFIX`].
pub fn load<T: DeserializeOwned>(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<T, ConfigError> {
    let mut root = match file {
        None => Setting::Table(Origin::Nowhere, BTreeMap::new()),
        Some(path) => {
            let text = fs::read_to_string(path)
                .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
            let table: toml::Table = text
                .parse()
                .map_err(|source| ConfigError::NotToml { path: path.to_owned(), source })?;
            Setting::new(&Origin::File(path.to_owned()), table.into())
        }
    };
    // In the order of their names: a section as a whole comes before its keys.
    let variables: BTreeMap<_, _> = environment.into_iter().collect();
    for (name, value) in variables {
        let name = name.to_string_lossy().into_owned();
        let Some(key) = name.strip_prefix(PREFIX) else { continue };
        let is_key = key.split("__").all(|part| !part.is_empty());
        if !is_key || key.chars().any(char::is_lowercase) {
            return Err(ConfigError::Variable(name));
        }
        let key = key.to_ascii_lowercase();
        let Ok(value) = value.into_string() else { return Err(ConfigError::NotUtf8(name)) };
        root.put(key.split("__"), Setting::new(&Origin::Variable(name.clone()), written(value)));
    }
    Ok(T::deserialize(root)?)
}

/// The configuration as a file that would give the same.
pub fn dump<T: Serialize>(configuration: &T) -> Result<String, ConfigError> {
    Ok(toml::to_string_pretty(configuration)?)
}

/// What a variable says.
fn written(text: String) -> toml::Value {
    match text.parse() {
        // A time is text here as everywhere, and a table has its keys in the names of variables.
        Ok(toml::Value::Datetime(_) | toml::Value::Table(_)) | Err(_) => toml::Value::String(text),
        Ok(value) => value,
    }
}

#[cfg(test)]
mod tests;
