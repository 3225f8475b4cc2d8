//! The messages of `proto/ledgeros/journal/v1`, generated. What other messages have in common with entries is built of them.

#![allow(missing_docs, reason = "generated")]

include!(concat!(env!("OUT_DIR"), "/ledgeros.journal.v1.rs"));
