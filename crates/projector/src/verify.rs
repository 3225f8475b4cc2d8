//! Whether the rows are those that the projector wrote.

use ledger::Position;

use crate::balances::{AccountTotals, ClosingTotals, Epoch, HolderBalance, Journal, LedgerPosting};
use crate::directory::{
    Agent, Book, Card, Document, Holder, Key, Ledger, VirtualAccount, Wallet, Webhook,
};
use crate::intents::{Attestation, Intent};
use crate::snapshot::{At, Snapshot, read};
use crate::transactions::{CardTransaction, Deposit, Step, Transfer, WalletDeposit};
use crate::{Digest, Error, Place, ReadModel};

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
