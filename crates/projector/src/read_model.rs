//! The read models there are.

use std::fmt;
use std::path::{Path, PathBuf};

use ledger::BookId;

/// A read model: tables that follow the journal together, in a file or a schema of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadModel {
    /// What every holder and every account has.
    Balances,
    /// Card transactions, deposits and transfers, with their history.
    Transactions,
    /// Declared purchases, and the accesses to card details.
    Intents,
    /// Holders, documents, agents, cards, keys, wallets, ledgers, webhooks.
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

    /// Its schema in a PostgreSQL database, a plain name.
    pub fn schema(self, book: BookId) -> String {
        let hex: String = book.0.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{self}_{hex}")
    }
}

impl fmt::Display for ReadModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
