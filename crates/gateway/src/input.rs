//! Reading what clients send, once and strictly: what passes is a domain type, what does not is an
//! [`Error`](crate::error::Error) that names the field.

pub(crate) mod calendar;
pub(crate) mod duration;
pub(crate) mod email;
pub(crate) mod fields;
pub(crate) mod idempotency;
pub(crate) mod instant;
pub(crate) mod json;
pub(crate) mod metadata;
pub(crate) mod multipart;
pub(crate) mod read;
pub(crate) mod url;

pub(crate) use fields::{Field, Fields};
