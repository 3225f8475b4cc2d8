//! Wallets: tokens that a person holds, and the bank accounts that lead to them.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::amount::AssetKind;
use crate::book::{Book, Effects, require_in_range};
use crate::deposits::{Chain, Deposit};
use crate::{
    Amount, Asset, CommandId, Event, HolderId, Money, Rate, Rejection, Text, Timestamp,
    TransactionId, VirtualAccountId, WalletId,
};

/// How many wallets a person may have. An approval releases what waits in all of them: four tokens in each, and the person's
/// dollars, of three postings at most, are fewer than an entry may have.
pub const WALLETS_MAX: u32 = 50;

/// Makes a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateWallet {
    /// Whose.
    pub holder: HolderId,
}

/// A wallet can hold tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletCreated {
    /// The new id.
    pub wallet: WalletId,
    /// Whose.
    pub holder: HolderId,
}

/// Opens an account at the sponsor bank: what comes in is held as tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenVirtualAccount {
    /// Whose.
    pub holder: HolderId,
    /// Where the tokens go; a new wallet, if not said.
    pub wallet: Option<WalletId>,
    /// What comes in.
    pub currency: Asset,
}

/// Money can be sent to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualAccountOpened {
    /// The new id.
    pub account: VirtualAccountId,
    /// Whose.
    pub holder: HolderId,
    /// Where the tokens go.
    pub wallet: WalletId,
    /// What comes in.
    pub currency: Asset,
}

/// A deposit of tokens that is final on its chain. It can't be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmWalletDeposit {
    /// The wallet whose address they came to.
    pub wallet: WalletId,
    /// The chain.
    pub chain: Chain,
    /// The token.
    pub asset: Asset,
    /// How much of it.
    pub amount: Amount,
    /// A hash of chain, transaction hash and index.
    pub reference: [u8; 16],
}

/// Row 32: tokens are in custody, and the wallet's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletDepositConfirmed {
    /// The new id.
    pub transaction: TransactionId,
    /// The wallet.
    pub wallet: WalletId,
    /// Whose.
    pub holder: HolderId,
    /// The chain.
    pub chain: Chain,
    /// What arrived.
    pub money: Money,
    /// Whether it can be spent, or waits for approval.
    pub released: bool,
    /// A hash of chain, transaction hash and index.
    pub reference: [u8; 16],
}

/// A bank transfer that has arrived. It can't be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmBankDeposit {
    /// The account it came to.
    pub account: VirtualAccountId,
    /// How much, in the account's currency.
    pub amount: Amount,
    /// What it is credited in.
    pub asset: Asset,
    /// The price of one unit of the currency in that asset.
    pub rate: Rate,
    /// Who said so.
    pub rate_source: Text<32>,
    /// A hash of the bank's own id of it.
    pub reference: [u8; 16],
}

/// Row 34: money is at the bank, and its worth in tokens is the wallet's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankDepositConfirmed {
    /// The new id.
    pub transaction: TransactionId,
    /// The account.
    pub account: VirtualAccountId,
    /// The wallet.
    pub wallet: WalletId,
    /// Whose.
    pub holder: HolderId,
    /// What arrived.
    pub arrived: Money,
    /// What was credited for it, rounded down; the rest stays in the exchange account.
    pub credited: Money,
    /// The price of one unit of the currency in the asset.
    pub rate: Rate,
    /// Who said so.
    pub rate_source: Text<32>,
    /// Whether it can be spent, or waits for approval.
    pub released: bool,
    /// A hash of the bank's own id of it.
    pub reference: [u8; 16],
}

/// What the rules need to know of a wallet.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Wallet {
    pub(crate) holder: HolderId,
}

/// What the rules need to know of a virtual account.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct VirtualAccount {
    wallet: WalletId,
    pub(crate) holder: HolderId,
    currency: Asset,
}

impl Book {
    pub(crate) fn wallet(&self, wallet: WalletId) -> Result<&Wallet, Rejection> {
        self.wallets.get(wallet).ok_or(Rejection::UnknownWallet(wallet))
    }

    fn require_place_for_wallet(&self, holder: HolderId) -> Result<(), Rejection> {
        self.require_approved(holder)?;
        match self.holder(holder)?.wallets {
            WALLETS_MAX.. => Err(Rejection::TooManyWallets { max: WALLETS_MAX }),
            _ => Ok(()),
        }
    }

    pub(crate) fn create_wallet(
        &self,
        command: &CreateWallet,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let CreateWallet { holder } = *command;
        self.require_place_for_wallet(holder)?;
        let wallet = WalletId::derive(now, id, 0);
        Ok(Effects::memo([Event::WalletCreated(WalletCreated { wallet, holder })]))
    }

    pub(crate) fn open_virtual_account(
        &self,
        command: &OpenVirtualAccount,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let OpenVirtualAccount { holder, wallet, currency } = *command;
        self.require_approved(holder)?;
        if currency.kind() != AssetKind::Currency {
            return Err(Rejection::NotACurrency { asset: currency });
        }
        let mut events = Vec::with_capacity(2);
        let wallet = match wallet {
            Some(wallet) if self.wallet(wallet)?.holder == holder => wallet,
            Some(wallet) => return Err(Rejection::UnknownWallet(wallet)),
            None => {
                self.require_place_for_wallet(holder)?;
                let wallet = WalletId::derive(now, id, 1);
                events.push(Event::WalletCreated(WalletCreated { wallet, holder }));
                wallet
            }
        };
        let account = VirtualAccountId::derive(now, id, 0);
        let opened = VirtualAccountOpened { account, holder, wallet, currency };
        events.push(Event::VirtualAccountOpened(opened));
        Ok(Effects::memo(events))
    }

    /// Row 32.
    pub(crate) fn confirm_wallet_deposit(
        &self,
        command: &ConfirmWalletDeposit,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let holder = self.wallet(command.wallet)?.holder;
        let released = self.releases_deposits(holder)?;
        let money = token(command.asset, command.amount)?;
        let owner = command.wallet.holder();
        let deposit = Deposit { person: holder, owner, arrived: money, credited: money };
        let event = WalletDepositConfirmed {
            transaction: TransactionId::derive(now, id, 0),
            wallet: command.wallet,
            holder,
            chain: command.chain,
            money,
            released,
            reference: command.reference,
        };
        Ok(Effects {
            events: vec![Event::WalletDepositConfirmed(event)],
            postings: self.deposit_postings(&deposit, released),
        })
    }

    /// Row 34.
    pub(crate) fn confirm_bank_deposit(
        &self,
        command: &ConfirmBankDeposit,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let unknown = Rejection::UnknownVirtualAccount(command.account);
        let account = self.virtual_accounts.get(command.account).ok_or(unknown)?;
        let VirtualAccount { wallet, holder, currency } = *account;
        let released = self.releases_deposits(holder)?;
        require_in_range(command.amount)?;
        let worth = command.rate.convert(command.amount, currency, command.asset);
        let credited = token(command.asset, worth.ok_or(Rejection::AmountOutOfRange)?)?;
        let arrived = Money { amount: command.amount, asset: currency };
        let deposit = Deposit { person: holder, owner: wallet.holder(), arrived, credited };
        let event = BankDepositConfirmed {
            transaction: TransactionId::derive(now, id, 0),
            account: command.account,
            wallet,
            holder,
            arrived,
            credited,
            rate: command.rate,
            rate_source: command.rate_source.clone(),
            released,
            reference: command.reference,
        };
        Ok(Effects {
            events: vec![Event::BankDepositConfirmed(event)],
            postings: self.deposit_postings(&deposit, released),
        })
    }

    pub(crate) fn apply_wallet(&mut self, event: &WalletCreated) {
        self.wallets.insert(event.wallet, Wallet { holder: event.holder });
        let holder = self.holders.get_mut(event.holder).expect("a wallet names a holder");
        holder.wallets += 1;
    }

    pub(crate) fn apply_virtual_account(&mut self, event: &VirtualAccountOpened) {
        let VirtualAccountOpened { account, holder, wallet, currency } = *event;
        self.virtual_accounts.insert(account, VirtualAccount { wallet, holder, currency });
    }

    pub(crate) fn apply_wallet_deposited(&mut self, event: &WalletDepositConfirmed, at: Timestamp) {
        let deposit = Deposit {
            person: event.holder,
            owner: event.wallet.holder(),
            arrived: event.money,
            credited: event.money,
        };
        self.remember_deposit(event.transaction, deposit, event.released, at);
    }

    pub(crate) fn apply_bank_deposited(&mut self, event: &BankDepositConfirmed, at: Timestamp) {
        let deposit = Deposit {
            person: event.holder,
            owner: event.wallet.holder(),
            arrived: event.arrived,
            credited: event.credited,
        };
        self.remember_deposit(event.transaction, deposit, event.released, at);
    }
}

/// So much of a token: what comes on chains, and what wallets hold.
pub(crate) fn token(asset: Asset, amount: Amount) -> Result<Money, Rejection> {
    require_in_range(amount)?;
    match asset.kind() {
        AssetKind::Token => Ok(Money { amount, asset }),
        AssetKind::Currency | AssetKind::Coin => Err(Rejection::NotAToken { asset }),
    }
}
