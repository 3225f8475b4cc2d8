//! What operations are about.

macro_rules! tags {
    ($($tag:ident $name:literal $about:literal;)*) => {
        /// What an operation is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Tag {
            $(#[doc = $about] $tag,)*
        }

        impl Tag {
            /// What it is called.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$tag => $name,)* }
            }

            /// What it is.
            pub(crate) fn about(self) -> &'static str {
                match self { $(Self::$tag => $about,)* }
            }
        }
    };
}

// Those of the Ledger API are named and described as seed 001 does.
tags! {
    Health "Health" "API health check";
    Customers "Customers" "Manage customers (individuals or businesses) on your platform";
    CryptoWallets "Crypto Wallets" "Create and manage custodial crypto wallets";
    VirtualAccounts "Virtual Accounts" "Create and manage fiat virtual accounts with deposit instructions";
    Transactions "Transactions" "View transaction history across wallets and accounts";
    Transfers "Transfers" "Move funds between currencies and payment rails";
    Users "Users" "People who hold money and let agents spend it";
    Verification "Verification" "Identity verification of users";
    Balances "Balances" "What users have";
    Agents "Agents" "Programs that spend for a user, within a limit";
    Cards "Cards" "Cards of agents, their limits and their numbers";
    Intents "Intents" "Purchases that are declared before they are made";
    CardTransactions "Card Transactions" "What was spent, and what was deposited";
    Ledgers "Ledgers" "Accounts that the platform opens itself";
    Journals "Journals" "Postings that balance, and their reversals";
    Reports "Reports" "The books as a whole";
    Books "Books" "The books of a service, for who holds its key";
    Webhooks "Webhooks" "Configure webhook endpoints to receive real-time event notifications";
    Keys "Keys" "Keys of the platform and of its agents";
    Sandbox "Sandbox" "The outside world of a test book, played by hand";
}
