//! Postings and accounts.

use ledger::{Account, HolderId, Posting, Scheme, TransactionId};

use super::Undecodable;
use super::fields::{from_low_and_high, low_and_high, optional_array, optional_bytes};
use super::words::Word;
use crate::proto;

impl From<&Posting> for proto::Posting {
    fn from(posting: &Posting) -> Self {
        use proto::Account as Kind;

        let (account, holder, transaction, scheme) = match posting.account {
            Account::Available(holder) => (Kind::Available, Some(holder), None, None),
            Account::Held(holder, transaction) => {
                (Kind::Held, Some(holder), Some(transaction), None)
            }
            Account::Incoming(holder) => (Kind::Incoming, Some(holder), None, None),
            Account::Overdrawn(holder) => (Kind::Overdrawn, Some(holder), None, None),
            Account::NetworkPayable(scheme) => (Kind::NetworkPayable, None, None, Some(scheme)),
            Account::NetworkReceivable(scheme) => {
                (Kind::NetworkReceivable, None, None, Some(scheme))
            }
            Account::Custody => (Kind::Custody, None, None, None),
            Account::Exchange => (Kind::Exchange, None, None, None),
        };
        let (low, high) = low_and_high(posting.amount);
        Self {
            side: posting.side.number(),
            account: account.into(),
            holder: optional_bytes(holder.map(|id| id.0)),
            transaction: optional_bytes(transaction.map(|id| id.0)),
            scheme: scheme.map(Scheme::number),
            asset: posting.asset.number(),
            low,
            high,
        }
    }
}

impl TryFrom<&proto::Posting> for Posting {
    type Error = Undecodable;

    fn try_from(message: &proto::Posting) -> Result<Self, Undecodable> {
        Ok(Self {
            side: Word::read(message.side, "side")?,
            account: account(message)?,
            asset: Word::read(message.asset, "asset")?,
            amount: from_low_and_high(message.low, message.high),
        })
    }
}

/// The account with exactly the ids that its kind asks for.
fn account(message: &proto::Posting) -> Result<Account, Undecodable> {
    use proto::Account as Kind;

    let kind =
        Kind::try_from(message.account).map_err(|_| Undecodable::Unknown { field: "account" })?;
    let holder = optional_array(&message.holder, "holder")?.map(HolderId);
    let transaction = optional_array(&message.transaction, "transaction")?.map(TransactionId);
    let scheme = message.scheme.map(|scheme| Word::read(scheme, "scheme")).transpose()?;
    match (kind, holder, transaction, scheme) {
        (Kind::Available, Some(holder), None, None) => Ok(Account::Available(holder)),
        (Kind::Held, Some(holder), Some(transaction), None) => {
            Ok(Account::Held(holder, transaction))
        }
        (Kind::Incoming, Some(holder), None, None) => Ok(Account::Incoming(holder)),
        (Kind::Overdrawn, Some(holder), None, None) => Ok(Account::Overdrawn(holder)),
        (Kind::NetworkPayable, None, None, Some(scheme)) => Ok(Account::NetworkPayable(scheme)),
        (Kind::NetworkReceivable, None, None, Some(scheme)) => {
            Ok(Account::NetworkReceivable(scheme))
        }
        (Kind::Custody, None, None, None) => Ok(Account::Custody),
        (Kind::Exchange, None, None, None) => Ok(Account::Exchange),
        (
            Kind::Unspecified
            | Kind::Available
            | Kind::Held
            | Kind::Incoming
            | Kind::Overdrawn
            | Kind::NetworkPayable
            | Kind::NetworkReceivable
            | Kind::Custody
            | Kind::Exchange,
            ..,
        ) => Err(Undecodable::Invalid { field: "account" }),
    }
}
