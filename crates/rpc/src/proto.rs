//! The messages and services of `proto/ledgeros/v1`, generated.

#![allow(missing_docs, clippy::all, reason = "generated")]

include!(concat!(env!("OUT_DIR"), "/ledgeros.v1.rs"));

/// What servers show of them to whoever asks by reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
