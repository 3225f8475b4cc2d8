//! A value that knows where it is from.

use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::path::PathBuf;

use serde::de::value::StringDeserializer;
use serde::de::{self, Deserializer, IntoDeserializer, Visitor};
use toml::Value;

/// Where something was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// In none; what is missing has a default or is missed.
    Nowhere,
    File(PathBuf),
    Variable(String),
}

/// A value, or a section.
#[derive(Debug)]
pub(super) enum Setting {
    Value(Origin, Value),
    List(Origin, Vec<Setting>),
    Table(Origin, BTreeMap<String, Setting>),
}

impl Setting {
    pub(super) fn new(origin: &Origin, value: Value) -> Self {
        match value {
            Value::Table(table) => {
                let members = table.into_iter();
                let members = members.map(|(key, value)| (key, Self::new(origin, value)));
                Self::Table(origin.clone(), members.collect())
            }
            Value::Array(items) => {
                let items = items.into_iter().map(|item| Self::new(origin, item));
                Self::List(origin.clone(), items.collect())
            }
            value => Self::Value(origin.clone(), value),
        }
    }

    /// Sets a key, by its parts from the outermost section on.
    pub(super) fn put<'k>(&mut self, mut key: impl Iterator<Item = &'k str>, value: Self) {
        let Some(part) = key.next() else {
            *self = value;
            return;
        };
        if !matches!(self, Self::Table(..)) {
            *self = Self::Table(value.origin().clone(), BTreeMap::new());
        }
        let Self::Table(_, members) = self else { unreachable!("it was made a table") };
        let section = Self::Table(value.origin().clone(), BTreeMap::new());
        members.entry(part.to_owned()).or_insert(section).put(key, value);
    }

    fn origin(&self) -> &Origin {
        match self {
            Self::Value(origin, _) | Self::List(origin, _) | Self::Table(origin, _) => origin,
        }
    }
}

/// A key that is not taken, or not with this value.
#[derive(Debug)]
pub struct Refused {
    /// The parts of the key, the outermost last; empty for the configuration as a whole.
    key: Vec<String>,
    /// Known as soon as the error has passed what was wrong.
    origin: Option<Origin>,
    reason: String,
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key: Vec<_> = self.key.iter().rev().map(String::as_str).collect();
        let key = key.join(".");
        match &self.origin {
            Some(Origin::Variable(name)) => write!(f, "`{name}`: ")?,
            Some(Origin::File(path)) if key.is_empty() => write!(f, "`{}`: ", path.display())?,
            Some(Origin::File(path)) => write!(f, "`{key}` in `{}`: ", path.display())?,
            Some(Origin::Nowhere) | None if key.is_empty() => {}
            Some(Origin::Nowhere) | None => write!(f, "`{key}`: ")?,
        }
        f.write_str(&self.reason)
    }
}

impl de::Error for Refused {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self { key: Vec::new(), origin: None, reason: reason.to_string() }
    }
}

impl Refused {
    fn from(mut self, origin: Origin) -> Self {
        self.origin.get_or_insert(origin);
        self
    }

    fn under(mut self, key: String) -> Self {
        self.key.push(key);
        self
    }
}

impl<'de> Deserializer<'de> for Setting {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let origin = self.origin().clone();
        let result = match self {
            Self::Value(_, Value::String(text)) => visitor.visit_string(text),
            Self::Value(_, Value::Integer(number)) => visitor.visit_i64(number),
            Self::Value(_, Value::Float(number)) => visitor.visit_f64(number),
            Self::Value(_, Value::Boolean(is_so)) => visitor.visit_bool(is_so),
            Self::Value(_, Value::Datetime(time)) => visitor.visit_string(time.to_string()),
            Self::Value(_, Value::Array(_) | Value::Table(_)) => {
                unreachable!("they are lists and tables of settings")
            }
            Self::List(_, items) => {
                visitor.visit_seq(de::value::SeqDeserializer::new(items.into_iter()))
            }
            Self::Table(_, members) => {
                visitor.visit_map(Members { rest: members.into_iter(), value: None })
            }
        };
        result.map_err(|error| error.from(origin))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let origin = self.origin().clone();
        visitor.visit_newtype_struct(self).map_err(|error| error.from(origin))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let origin = self.origin().clone();
        let result = match self {
            Self::Value(_, Value::String(word)) => {
                let word: StringDeserializer<Refused> = word.into_deserializer();
                visitor.visit_enum(word)
            }
            _ => Err(de::Error::custom("must be a word")),
        };
        result.map_err(|error| error.from(origin))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Refused> for Setting {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The members of a section, in the order of their names.
struct Members {
    rest: btree_map::IntoIter<String, Setting>,
    value: Option<(String, Setting)>,
}

impl<'de> de::MapAccess<'de> for Members {
    type Error = Refused;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refused> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        let name: StringDeserializer<Refused> = key.clone().into_deserializer();
        let result = seed.deserialize(name).map(Some);
        let result = result.map_err(|error| error.from(value.origin().clone()).under(key.clone()));
        self.value = Some((key, value));
        result
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Refused> {
        let (key, value) = self.value.take().expect("a value is asked for after its key");
        let origin = value.origin().clone();
        seed.deserialize(value).map_err(|error| error.from(origin).under(key))
    }
}
