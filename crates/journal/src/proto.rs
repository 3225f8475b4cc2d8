//! The messages of `proto/ledgeros/journal/v1`, generated.

#![expect(unreachable_pub, reason = "generated for crates that show their messages")]

include!(concat!(env!("OUT_DIR"), "/ledgeros.journal.v1.rs"));
