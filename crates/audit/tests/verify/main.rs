//! Books on disk, as they should be and as they should not.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers included")]

mod play;
mod sound;
mod support;
