//! What stands for the domain's values in the messages of `proto/ledgeros/v1`.
//!
//! What is read is exactly what was written, or nothing: a field that is missing, or has a value that it can't have, is
//! an error that names it.

use journal::Undecodable;

pub(crate) use outcome::{outcome, read_outcome};
pub(crate) use request::{book, read_request, request};

/// A value of the domain, and the `M` that stands for it.
trait Form<M>: Sized {
    fn write(&self) -> M;

    /// The value. `field` is the name of what holds the message.
    fn read(message: &M, field: &'static str) -> Result<Self, Undecodable>;
}

/// Types whose fields have the same names on both sides; one that is missing on either side does not compile.
macro_rules! records {
    ($($name:ident { $($field:ident)* })*) => {$(
        impl crate::form::Form<crate::proto::$name> for $name {
            fn write(&self) -> crate::proto::$name {
                let Self { $($field),* } = self;
                crate::proto::$name { $($field: crate::form::Form::write($field)),* }
            }

            fn read(
                message: &crate::proto::$name,
                _: &'static str,
            ) -> Result<Self, journal::Undecodable> {
                let crate::proto::$name { $($field),* } = message;
                Ok(Self { $($field: crate::form::Form::read($field, stringify!($field))?),* })
            }
        }

        required!($name as crate::proto::$name);
    )*};
}

/// A message that must be there.
macro_rules! required {
    ($name:ty as $message:ty) => {
        impl crate::form::Form<Option<$message>> for $name {
            fn write(&self) -> Option<$message> {
                Some(crate::form::Form::write(self))
            }

            fn read(
                message: &Option<$message>,
                field: &'static str,
            ) -> Result<Self, journal::Undecodable> {
                let message = message.as_ref().ok_or(journal::Undecodable::Invalid { field })?;
                crate::form::Form::read(message, field)
            }
        }
    };
}

mod agents;
mod book;
mod cards;
mod holders;
mod intents;
mod ledgers;
mod outcome;
mod rejection;
mod request;
mod transactions;
mod transfers;
mod values;
mod wallets;
mod webhooks;

#[cfg(test)]
mod tests;
