//! Whether the rows are those that the projector wrote.

use std::fs;

use ledger::Position;

use crate::balances::{AccountTotals, ClosingTotals, Epoch, HolderBalance, Journal, LedgerPosting};
use crate::database::Connection;
use crate::directory::{
    Agent, Book, Card, Document, Holder, Key, Ledger, VirtualAccount, Wallet, Webhook,
};
use crate::intents::{Attestation, Intent};
use crate::snapshot::{At, Snapshot, read};
use crate::transactions::{CardTransaction, Deposit, Step, Transfer, WalletDeposit};
use crate::{Digest, Error, Place, ReadModel, Set};

/// The largest file that is looked through before it is shown: about half a second's worth. A larger one would keep a start
/// waiting for longer than its book takes; whoever keeps that much asks [`verify()`] now and then.
const LOOKED_THROUGH_MAX: u64 = 64 * 1024 * 1024;

/// What was found when all rows of a read model were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verification {
    /// The last entry that the rows show.
    pub position: Position,
    /// The digest that was kept along with them.
    pub kept: Digest,
    /// The digest of the rows as they stand there.
    pub found: Digest,
}

impl Verification {
    /// Whether every row is as it was written, and none is missing or added.
    pub fn is_sound(&self) -> bool {
        self.kept == self.found
    }
}

/// Reads all rows of a read model and compares what they add up to with the digest that was kept.
///
/// It says that something was changed beside the projector, not what: comparing the rows with another fold of the
/// journal does.
pub fn verify(model: ReadModel, place: &Place) -> Result<Verification, Error> {
    let At { position, value: (kept, found) } =
        read(model, place, |snapshot| Ok((snapshot.digest(), scan(model, snapshot)?)))?;
    Ok(Verification { position, kept, found })
}

/// Refuses a small file that is not what was written into it, before anybody is shown what it says: SQLite has no checksums.
/// PostgreSQL has, and a service insists on them.
pub(crate) fn look_through(model: ReadModel, place: &Place) -> Result<(), Error> {
    let Place::Folder(folder) = place else { return Ok(()) };
    let file = Set::Live.file(model, folder);
    if LOOKED_THROUGH_MAX < fs::metadata(file).map_err(Error::Files)?.len() {
        return Ok(());
    }
    // An index that has lost a row hides what the rows themselves still have.
    Connection::open_reader(model, Set::Live, place)?.check_pages()?;
    match verify(model, place)? {
        Verification { kept, found, .. } if kept != found => {
            Err(Error::Damaged { what: format!("its rows add up to `{found}`, not to `{kept}`") })
        }
        Verification { .. } => Ok(()),
    }
}

fn scan(model: ReadModel, snapshot: &Snapshot<'_>) -> Result<Digest, Error> {
    let tables = match model {
        ReadModel::Balances => vec![
            snapshot.scan::<HolderBalance>()?,
            snapshot.scan::<AccountTotals>()?,
            snapshot.scan::<ClosingTotals>()?,
            snapshot.scan::<Epoch>()?,
            snapshot.scan::<LedgerPosting>()?,
            snapshot.scan::<Journal>()?,
        ],
        ReadModel::Transactions => vec![
            snapshot.scan::<CardTransaction>()?,
            snapshot.scan::<Deposit>()?,
            snapshot.scan::<WalletDeposit>()?,
            snapshot.scan::<Transfer>()?,
            snapshot.scan::<Step>()?,
        ],
        ReadModel::Intents => vec![snapshot.scan::<Intent>()?, snapshot.scan::<Attestation>()?],
        ReadModel::Directory => vec![
            snapshot.scan::<Book>()?,
            snapshot.scan::<Holder>()?,
            snapshot.scan::<Document>()?,
            snapshot.scan::<Agent>()?,
            snapshot.scan::<Card>()?,
            snapshot.scan::<Key>()?,
            snapshot.scan::<Wallet>()?,
            snapshot.scan::<VirtualAccount>()?,
            snapshot.scan::<Ledger>()?,
            snapshot.scan::<Webhook>()?,
        ],
    };
    let mut digest = Digest::default();
    tables.into_iter().for_each(|table| digest += table);
    Ok(digest)
}

#[cfg(test)]
mod tests;
