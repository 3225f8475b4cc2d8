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
use utoipa::ToSchema;

use crate::call::Answer;
use crate::dialect;
use crate::error::Error;
use crate::front::Audience::Platforms;
use crate::front::Routes;
use crate::input::read::{CustomerId, Id};
use crate::openapi::{Operation, Tag};
use crate::routes::Route;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .open("/v1/health", health, describe_health())
        .write(Route::CreateCustomer, Platforms, customers::create, customers::describe_create())
        .read("/v1/customers", Platforms, customers::list, customers::describe_list())
        .read("/v1/customers/{customerId}", Platforms, customers::show, customers::describe_show())
        .write(Route::ChangeCustomer, Platforms, customers::change, customers::describe_change())
        .write(Route::CreateWallet, Platforms, wallets::create, wallets::describe_create())
        .read("/v1/crypto-wallets", Platforms, wallets::list, wallets::describe_list())
        .read("/v1/crypto-wallets/{walletId}", Platforms, wallets::show, wallets::describe_show())
        .read(
            "/v1/crypto-wallets/{walletId}/balance",
            Platforms,
            wallets::balance,
            wallets::describe_balance(),
        )
        .read(
            "/v1/crypto-wallets/{walletId}/crypto-deposit-addresses",
            Platforms,
            wallets::addresses,
            wallets::describe_addresses(),
        )
        .write(
            Route::OpenVirtualAccount,
            Platforms,
            virtual_accounts::open,
            virtual_accounts::describe_open(),
        )
        .read(
            "/v1/virtual-accounts",
            Platforms,
            virtual_accounts::list,
            virtual_accounts::describe_list(),
        )
        .read(
            "/v1/virtual-accounts/{virtualAccountId}",
            Platforms,
            virtual_accounts::show,
            virtual_accounts::describe_show(),
        )
        .write(Route::CreateTransfer, Platforms, transfers::create, transfers::describe_create())
}

#[derive(Serialize, ToSchema)]
struct Health {
    status: &'static str,
}

/// `GET /v1/health`: the process answers.
fn health() -> Answer {
    let body = dialect::json(&Health { status: "ok" });
    Answer { status: StatusCode::OK, body, position: None, is_replay: false }
}

/// What [`health`] does.
fn describe_health() -> Operation {
    Operation::new(Tag::Health, "getHealth", "Check that the API answers").answers::<Health>()
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
