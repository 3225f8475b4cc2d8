//! Which sets of a read model's tables there are, and how far each is.

use journal::Head;

use crate::database::Connection;
use crate::{Digest, Error, Place, ReadModel, Set, database};

/// A set of a read model's tables, as somebody finds it who does not use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetState {
    /// The version of its tables.
    pub version: i64,
    /// Whether this program can read it.
    pub is_readable: bool,
    /// The last entry that it shows.
    pub head: Head,
    /// The digest that is kept along with its rows.
    pub digest: Digest,
    /// Whether somebody keeps it up with the journal, or fills it; `None` where that can't be told of files.
    pub is_kept: Option<bool>,
    /// Why its projector follows the journal no more, if it has said so.
    pub stopped: Option<String>,
}

/// Looks at a set; `None` when there is none.
pub fn survey(model: ReadModel, set: Set, place: &Place) -> Result<Option<SetState>, Error> {
    if !database::exists(place, model, set)? {
        return Ok(None);
    }
    let db = Connection::open_any(model, set, place)?;
    let (version, checkpoint) = (db.version()?, db.checkpoint()?);
    let is_kept = match (place, set) {
        (_, Set::Old) => Some(false),
        (Place::Folder(_), Set::Live) => None,
        (Place::Folder(_), Set::Next) => match super::lock(place) {
            Err(Error::Taken) => Some(true),
            lock => lock.map(|_| Some(false))?,
        },
        (Place::Postgres { book, .. }, _) => Some(db.is_locked(&set.schema(model, *book))?),
    };
    let is_readable = version == database::VERSION;
    let (head, digest) = (checkpoint.head, checkpoint.digest);
    let stopped = if is_readable { db.standing()?.stopped } else { None };
    Ok(Some(SetState { version, is_readable, head, digest, is_kept, stopped }))
}
