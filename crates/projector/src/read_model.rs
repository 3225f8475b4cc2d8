//! The read models there are.

use std::fmt;
use std::path::{Path, PathBuf};

/// A read model: tables that follow the journal together, in a file of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadModel {
    /// What every holder and every account has.
    Balances,
    /// Card transactions, deposits and transfers, with their history.
    Transactions,
    /// Declared purchases, and the accesses to card details.
    Intents,
    /// Holders, documents, agents, cards, keys, wallets, ledgers.
    Directory,
}

impl ReadModel {
    /// Every read model.
    pub const ALL: [Self; 4] = [Self::Balances, Self::Transactions, Self::Intents, Self::Directory];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Balances => "balances",
            Self::Transactions => "transactions",
            Self::Intents => "intents",
            Self::Directory => "directory",
        }
    }

    /// Its file in a folder of read models. SQLite keeps two more beside it, whose names begin with this one's.
    pub fn file(self, folder: &Path) -> PathBuf {
        folder.join(self.name()).with_extension("sqlite")
    }

    pub(crate) fn schema(self) -> &'static str {
        match self {
            Self::Balances => include_str!("../../../migrations/read_model/sqlite/balances.sql"),
            Self::Transactions => {
                include_str!("../../../migrations/read_model/sqlite/transactions.sql")
            }
            Self::Intents => include_str!("../../../migrations/read_model/sqlite/intents.sql"),
            Self::Directory => include_str!("../../../migrations/read_model/sqlite/directory.sql"),
        }
    }
}

impl fmt::Display for ReadModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
