//! The Ledger API: customers, their wallets, and the money that comes to them and leaves them.

mod customers;
mod tariff;
pub(crate) mod transactions;
mod transfers;
pub(crate) mod virtual_accounts;
mod wallets;

use axum::http::StatusCode;
use ledger::Rejection;
use serde::Serialize;

use crate::call::Answer;
use crate::dialect;
use crate::error::Error;
use crate::front::Audience::Platforms;
use crate::front::Routes;
use crate::input::read::{CustomerId, Id};
use crate::routes::Route;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .open("/v1/health", health)
        .write(Route::CreateCustomer, Platforms, customers::create)
        .read("/v1/customers", Platforms, customers::list)
        .read("/v1/customers/{customerId}", Platforms, customers::show)
        .write(Route::ChangeCustomer, Platforms, customers::change)
        .write(Route::CreateWallet, Platforms, wallets::create)
        .read("/v1/crypto-wallets", Platforms, wallets::list)
        .read("/v1/crypto-wallets/{walletId}", Platforms, wallets::show)
        .read("/v1/crypto-wallets/{walletId}/balance", Platforms, wallets::balance)
        .read(
            "/v1/crypto-wallets/{walletId}/crypto-deposit-addresses",
            Platforms,
            wallets::addresses,
        )
        .write(Route::OpenVirtualAccount, Platforms, virtual_accounts::open)
        .read("/v1/virtual-accounts", Platforms, virtual_accounts::list)
        .read("/v1/virtual-accounts/{virtualAccountId}", Platforms, virtual_accounts::show)
        .write(Route::CreateTransfer, Platforms, transfers::create)
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// `GET /v1/health`: the process answers.
fn health() -> Answer {
    let body = dialect::json(&Health { status: "ok" });
    Answer { status: StatusCode::OK, body, position: None, is_replay: false }
}

/// What approval allows a customer.
#[derive(Debug, Clone, Copy)]
enum Capability {
    CryptoWallets,
    VirtualAccounts,
    Transfers,
}

impl Capability {
    /// Says a refusal in the words of this surface.
    fn required(self, error: Error) -> Error {
        let capability = match self {
            Self::CryptoWallets => "cryptoWallets",
            Self::VirtualAccounts => "virtualAccounts",
            Self::Transfers => "transfers",
        };
        match error {
            Error::Rejected(Rejection::HolderNotApproved { .. }) => {
                Error::MissingCapability { capability }
            }
            Error::Rejected(Rejection::UnknownHolder(_)) => {
                Error::UnknownId { noun: CustomerId::NOUN }
            }
            other => other,
        }
    }
}
