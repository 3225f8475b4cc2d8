//! Money for a wallet: tokens, or what a bank takes for them.

use ledger::deposits::Chain;
use ledger::wallets::{ConfirmBankDeposit, ConfirmWalletDeposit};
use ledger::{Asset, Command, Event, HolderId, Money, TransactionId, VirtualAccountId, WalletId};
use providers::sandbox::{custody, rates};
use serde::Serialize;
use utoipa::ToSchema;

use super::Sent;
use crate::call::{Answer, Call, Write, Written};
use crate::error::Error;
use crate::input::read::{CustomerId, Id};
use crate::reference;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PlayedWalletDeposit)]
pub(super) struct DepositView {
    object: &'static str,
    transaction_id: String,
    customer_id: String,
    wallet_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<&'static str>,
    asset: &'static str,
    amount: String,
    credited: String,
    currency: &'static str,
    /// Whether it can be sent on, or waits for approval.
    released: bool,
    created_at: u64,
}

/// A deposit of either kind.
struct Confirmed {
    transaction: TransactionId,
    holder: HolderId,
    wallet: WalletId,
    account: Option<VirtualAccountId>,
    chain: Option<Chain>,
    arrived: Money,
    credited: Money,
    released: bool,
}

pub(super) async fn on_chain(
    call: Call<Write>,
    wallet: WalletId,
    chain: Chain,
    sent: Sent,
) -> Result<Answer, Error> {
    let Sent { asset, amount, hash, index } = sent;
    if !custody::chains(asset).contains(&chain) {
        return Err(Error::invalid("asset", format!("is not taken on `{chain}`")));
    }
    let reference = reference::deposit(chain, &hash, index);
    let command = ConfirmWalletDeposit { wallet, chain, asset, amount, reference };
    let written = call.submit(Command::ConfirmWalletDeposit(command)).await?;
    let confirmed = written.event("transactionHash", |event| match event {
        Event::WalletDepositConfirmed(event) if event.wallet == wallet => Some(event),
        _ => None,
    })?;
    let confirmed = Confirmed {
        transaction: confirmed.transaction,
        holder: confirmed.holder,
        wallet: confirmed.wallet,
        account: None,
        chain: Some(confirmed.chain),
        arrived: confirmed.money,
        credited: confirmed.money,
        released: confirmed.released,
    };
    Ok(confirmed.answer(&written))
}

pub(super) async fn by_bank(
    call: Call<Write>,
    account: VirtualAccountId,
    sent: Sent,
) -> Result<Answer, Error> {
    let Sent { asset: currency, amount, hash, index } = sent;
    let opened =
        call.known(|models| &models.directory, move |d| d.virtual_account(account)).await?;
    let opened = opened.ok_or(Error::UnknownId { noun: VirtualAccountId::NOUN })?;
    if currency != opened.currency {
        let taken = opened.currency.code().to_ascii_lowercase();
        return Err(Error::invalid("currency", format!("must be the account's: `{taken}`")));
    }
    let token = token(currency);
    let rate = rates::between(currency, token).expect("currencies and tokens have prices");
    let command = ConfirmBankDeposit {
        account,
        amount,
        asset: token,
        rate,
        rate_source: rates::source(),
        reference: reference::bank_deposit(account, &hash, index),
    };
    let written = call.submit(Command::ConfirmBankDeposit(command)).await?;
    let confirmed = written.event("transactionHash", |event| match event {
        Event::BankDepositConfirmed(event) if event.account == account => Some(event),
        _ => None,
    })?;
    let confirmed = Confirmed {
        transaction: confirmed.transaction,
        holder: confirmed.holder,
        wallet: confirmed.wallet,
        account: Some(confirmed.account),
        chain: None,
        arrived: confirmed.arrived,
        credited: confirmed.credited,
        released: confirmed.released,
    };
    Ok(confirmed.answer(&written))
}

impl Confirmed {
    fn answer(self, written: &Written) -> Answer {
        written.answer(&DepositView {
            object: "deposit",
            transaction_id: self.transaction.to_string(),
            customer_id: CustomerId(self.holder).to_string(),
            wallet_id: self.wallet.to_string(),
            virtual_account_id: self.account.map(|account| account.to_string()),
            chain: self.chain.map(Chain::name),
            asset: self.arrived.asset.code(),
            amount: self.arrived.asset.format(self.arrived.amount),
            credited: self.credited.asset.format(self.credited.amount),
            currency: self.credited.asset.code(),
            released: self.released,
            created_at: written.at_ms(),
        })
    }
}

/// What money in a currency is credited in.
fn token(currency: Asset) -> Asset {
    match currency {
        Asset::Eur => Asset::Eurc,
        _ => Asset::Usdc,
    }
}
