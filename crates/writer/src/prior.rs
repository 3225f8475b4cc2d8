//! Looking for what a request may be a repetition of.

use std::error::Error;
use std::sync::Arc;

use journal::Reader;
use ledger::{Entry, Request};
use tracing::error;

use crate::machine::{Machine, Prior};

/// Nobody can tell what the request repeats: to decide it might be to do it twice.
#[derive(Debug)]
pub struct Untold;

/// The entry that one of the request's ids stands in.
pub fn prior<T>(
    machine: &Machine<T>,
    request: &Request,
    reader: &mut dyn Reader,
) -> Result<Option<Arc<Entry>>, Untold> {
    let reference = match machine.prior(request) {
        Prior::New => return Ok(None),
        Prior::Entry(entry) => return Ok(Some(entry)),
        Prior::LookUp(reference) => reference,
    };
    match reader.find(reference) {
        Ok(Some(found)) => Ok(Some(found.entry)),
        Ok(None) => {
            // To decide it would be to do it twice.
            error!("the journal's index has lost an id that counts once");
            Err(Untold)
        }
        Err(error) => {
            let error = &error as &dyn Error;
            error!(error, "an earlier entry can't be read");
            Err(Untold)
        }
    }
}
