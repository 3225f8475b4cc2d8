//! The API's description in the form of OpenAPI 3.1, made of what the router is made of: a path is served with an
//! [`Operation`] or not at all.
//!
//! `schema` says what the readers of `input` take, under their names; what is answered is described by the views
//! themselves; `examples` are what a test was answered. `document` puts it together, one document for all and one a
//! surface; `about` says what each is; `pages` serves them.

mod about;
mod document;
mod examples;
mod headers;
mod operation;
mod pages;
mod problems;
pub(crate) mod schema;
mod tags;

pub(crate) use document::{Access, Described};
pub(crate) use operation::Operation;
pub(crate) use pages::{DOCUMENTS, document, page};
pub(crate) use tags::Tag;
