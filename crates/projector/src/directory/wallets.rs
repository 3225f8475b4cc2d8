//! Wallets, and the bank accounts that lead to them.

use ledger::{Asset, HolderId, Position, Timestamp, VirtualAccountId, WalletId};

use super::Directory;
use crate::Error;
use crate::field::Column;
use crate::row::row;
use crate::snapshot::{At, List, Page};

/// A wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wallet {
    /// Its id.
    pub id: WalletId,
    /// The entry that made it.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub holder: HolderId,
}

row! {
    Wallet in Directory "wallet"
    key { id: WalletId }
    fixed { position, at, holder }
    changing {}
}

/// An account at the sponsor bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualAccount {
    /// Its id.
    pub id: VirtualAccountId,
    /// The entry that opened it.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub holder: HolderId,
    /// Where the tokens go.
    pub wallet: WalletId,
    /// What comes in.
    pub currency: Asset,
}

row! {
    VirtualAccount in Directory "virtual_account"
    key { id: VirtualAccountId }
    fixed { position, at, holder, wallet, currency }
    changing {}
}

impl Directory {
    /// The wallet with this id.
    pub fn wallet(&self, id: WalletId) -> Result<At<Option<Wallet>>, Error> {
        self.0.read(|snapshot| snapshot.row(id))
    }

    /// All wallets, or those of a person, the newest first.
    pub fn wallets(&self, holder: Option<HolderId>, page: Page) -> Result<At<List<Wallet>>, Error> {
        self.0.read(|snapshot| {
            let of = holder.as_ref().map(|holder| ("holder", holder.field()));
            snapshot.list(of, page, |wallet: &Wallet| wallet.position)
        })
    }

    /// The virtual account with this id.
    pub fn virtual_account(
        &self,
        id: VirtualAccountId,
    ) -> Result<At<Option<VirtualAccount>>, Error> {
        self.0.read(|snapshot| snapshot.row(id))
    }

    /// All virtual accounts, or those of a person, the newest first.
    pub fn virtual_accounts(
        &self,
        holder: Option<HolderId>,
        page: Page,
    ) -> Result<At<List<VirtualAccount>>, Error> {
        self.0.read(|snapshot| {
            let of = holder.as_ref().map(|holder| ("holder", holder.field()));
            snapshot.list(of, page, |account: &VirtualAccount| account.position)
        })
    }
}
