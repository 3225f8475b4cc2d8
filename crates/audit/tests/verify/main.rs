//! Books on disk, as they should be and as they should not.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers included")]
#![allow(clippy::inconsistent_digit_grouping, reason = "cents stand apart")]

mod amounts;
mod damage;
mod entries;
mod exported;
mod exports;
mod forgery;
mod kinds;
mod lookups;
mod play;
mod postgres;
mod read_models;
mod recovered;
mod signed;
mod sound;
mod support;
