//! Wallets, what they hold, and where tokens are sent to reach them.

use ledger::wallets::{CreateWallet, WalletCreated};
use ledger::{Amount, Asset, Command, Event, HolderId, Rate, Timestamp, WalletId, id as ids};
use projector::At;
use projector::balances::HolderBalance;
use projector::directory::Wallet;
use providers::sandbox::custody::{self, WalletAddress};
use providers::sandbox::rates;
use serde::Serialize;
use utoipa::ToSchema;

use super::Capability;
use crate::call::{Answer, Call, Read, Write};
use crate::error::Error;
use crate::input::instant;
use crate::input::read::{CustomerId, Id, id};
use crate::openapi::schema::{self, Describe, object};
use crate::openapi::{Operation, Tag};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Wallet)]
struct WalletView {
    id: String,
    customer_id: String,
    status: &'static str,
    #[schema(format = DateTime)]
    created_at: String,
    /// A wallet does not change.
    #[schema(format = DateTime)]
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WalletBalance)]
struct BalanceView {
    wallet_id: String,
    /// What is available of all tokens together, in US dollars, in whole cents.
    balance: String,
    /// Of each token that was ever there.
    balances: Vec<AssetView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AssetBalance)]
struct AssetView {
    asset: &'static str,
    /// What may be sent now.
    available: String,
    /// What transfers on their way have taken.
    held: String,
    /// What has really moved, and is the wallet's; below zero when it was overdrawn.
    settled: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DepositAddress)]
struct AddressView {
    id: String,
    wallet_id: String,
    chain: &'static str,
    address: String,
    assets: Vec<&'static str>,
}

/// `POST /v1/crypto-wallets`
pub(super) async fn create(call: Call<Write>) -> Result<Answer, Error> {
    let CustomerId(holder) = call.body(|fields| fields.required("customerId", id))?;
    let command = Command::CreateWallet(CreateWallet { holder });
    let written = call.submit(command).await;
    let written = written.map_err(|error| Capability::CryptoWallets.required(error))?;
    let WalletCreated { wallet, holder } =
        written.event("Idempotency-Key", |event| match event {
            Event::WalletCreated(event) => Some(event),
            _ => None,
        })?;
    Ok(written.answer(&WalletView::new(*wallet, *holder, written.entry.at)))
}

/// What [`create`] does.
pub(super) fn describe_create() -> Operation {
    Operation::new(Tag::CryptoWallets, "createWallet", "Create a wallet")
        .about("Creates a new custodial crypto wallet for a customer.")
        .takes(object().required(
            "customerId",
            schema::id::<CustomerId>().about("The customer ID to associate this wallet with"),
        ))
        .creates::<WalletView>()
}

/// `GET /v1/crypto-wallets`: newest first.
pub(super) async fn list(mut call: Call<Read>) -> Result<Answer, Error> {
    let listing = call.long_listing(|fields| fields.optional("customerId", id))?;
    let page = listing.page;
    let holder = listing.filters.map(|CustomerId(holder)| holder);
    let found = call.ask(|models| &models.directory, move |d| d.wallets(holder, page)).await?;
    let views = found.value.rows.into_iter().map(WalletView::from).collect();
    Ok(Answer::shown(found.position, &listing.items(views, found.value.next)))
}

/// What [`list`] does.
pub(super) fn describe_list() -> Operation {
    Operation::new(Tag::CryptoWallets, "listWallets", "List wallets")
        .about("Newest first.")
        .filter("customerId", schema::id::<CustomerId>())
        .lists::<WalletView>()
}

/// `GET /v1/crypto-wallets/{walletId}`
pub(super) async fn show(mut call: Call<Read>) -> Result<Answer, Error> {
    call.no_query()?;
    let At { position, value: wallet } = find(&call, call.path_id("walletId")?).await?;
    Ok(Answer::shown(position, &WalletView::from(wallet)))
}

/// What [`show`] does.
pub(super) fn describe_show() -> Operation {
    Operation::new(Tag::CryptoWallets, "getWallet", "Get a wallet").answers::<WalletView>()
}

/// `GET /v1/crypto-wallets/{walletId}/balance`
pub(super) async fn balance(mut call: Call<Read>) -> Result<Answer, Error> {
    call.no_query()?;
    let wallet = find(&call, call.path_id("walletId")?).await?.value.id;
    let assets = move |balances: &projector::Balances| balances.balances(wallet.holder());
    let At { position, value: balances } = call.ask(|models| &models.balances, assets).await?;
    // Rounded once: a cent that no token makes alone is one all the same.
    let dollars: Amount = balances.iter().filter_map(in_dollars).sum();
    let cents = Rate::ONE.convert(dollars, Asset::Usdc, Asset::Usd);
    let view = BalanceView {
        wallet_id: wallet.to_string(),
        balance: Asset::Usd.format(cents.expect("it is less than what was converted")),
        balances: balances.iter().map(AssetView::from).collect(),
    };
    Ok(Answer::shown(position, &view))
}

/// What [`balance`] does.
pub(super) fn describe_balance() -> Operation {
    Operation::new(Tag::CryptoWallets, "getWalletBalance", "Get what a wallet holds")
        .answers::<BalanceView>()
}

/// `GET /v1/crypto-wallets/{walletId}/crypto-deposit-addresses`: one a chain.
pub(super) async fn addresses(mut call: Call<Read>) -> Result<Answer, Error> {
    let listing = call.long_listing(|_| Ok(()))?;
    let At { position, value: wallet } = find(&call, call.path_id("walletId")?).await?;
    let addresses = custody::wallet_addresses(&call.gateway.seed, wallet.id);
    let views = addresses.into_iter().map(|address| AddressView::new(wallet.id, address));
    Ok(Answer::shown(position, &listing.items(views.collect(), None)))
}

/// What [`addresses`] does.
pub(super) fn describe_addresses() -> Operation {
    Operation::new(
        Tag::CryptoWallets,
        "listDepositAddresses",
        "List where a wallet receives deposits",
    )
    .about("One address a chain.")
    .lists::<AddressView>()
}

/// A wallet of this book.
async fn find(call: &Call<Read>, id: WalletId) -> Result<At<Wallet>, Error> {
    let found = call.ask(|models| &models.directory, move |d| d.wallet(id)).await?;
    let value = found.value.ok_or(Error::UnknownId { noun: WalletId::NOUN })?;
    Ok(At { position: found.position, value })
}

/// What is available, in US dollars with the decimals of a token.
fn in_dollars(balance: &HolderBalance) -> Option<Amount> {
    rates::in_dollars(balance.asset)?.convert(balance.available, balance.asset, Asset::Usdc)
}

impl WalletView {
    fn new(wallet: WalletId, holder: HolderId, at: Timestamp) -> Self {
        Self {
            id: wallet.to_string(),
            customer_id: CustomerId(holder).to_string(),
            status: "active",
            created_at: instant::text(at),
            updated_at: instant::text(at),
        }
    }
}

impl From<Wallet> for WalletView {
    fn from(wallet: Wallet) -> Self {
        Self::new(wallet.id, wallet.holder, wallet.at)
    }
}

impl From<&HolderBalance> for AssetView {
    fn from(balance: &HolderBalance) -> Self {
        let asset = balance.asset;
        let held = balance.held + balance.reserved + balance.withdrawing;
        let (owned, owed) = (balance.available + held, balance.overdrawn);
        let sign = if owned < owed { "-" } else { "" };
        Self {
            asset: asset.code(),
            available: asset.format(balance.available),
            held: asset.format(held),
            settled: format!("{sign}{}", asset.format(owned.abs_diff(owed))),
        }
    }
}

impl AddressView {
    fn new(wallet: WalletId, address: WalletAddress) -> Self {
        Self {
            id: format!("cda_{}", ids::encode(address.id)),
            wallet_id: wallet.to_string(),
            chain: address.chain.name(),
            address: address.address.to_string(),
            assets: address.assets.into_iter().map(Asset::code).collect(),
        }
    }
}
