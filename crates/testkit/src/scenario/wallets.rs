//! Tokens that people hold, and what the programme does with its own money.

use ledger::deposits::Chain;
use ledger::transfers::{
    AdvanceTransfer, Completion, CreateTransfer, Destination, Rail, Step, TransferStatus,
};
use ledger::treasury::ConvertTreasury;
use ledger::wallets::{ConfirmBankDeposit, ConfirmWalletDeposit, CreateWallet, OpenVirtualAccount};
use ledger::{Amount, Asset, Command, Money, Rate};

use super::names::Thing;
use super::play::Stage;
use super::tokens::Tokens;
use crate::books::Breach;
use crate::requests;

/// Money in another form than a card's.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Movement {
    Wallet {
        name: String,
        user: String,
    },
    Virtual {
        name: String,
        user: String,
        currency: Asset,
        into: Option<String>,
    },
    Arrive {
        wallet: String,
        money: Money,
        chain: Chain,
        tx: Option<String>,
        name: Option<String>,
    },
    Wire {
        account: String,
        money: Money,
        tx: Option<String>,
        name: Option<String>,
    },
    Transfer {
        name: String,
        wallet: String,
        money: Money,
        to: (Rail, Asset),
        fee: Amount,
        /// What the platform calls it.
        called: Option<String>,
    },
    Advance {
        transfer: String,
        status: TransferStatus,
        rate: Rate,
        gas: Option<Money>,
    },
    Convert {
        sold: Money,
        bought: Money,
    },
}

impl Movement {
    /// `None` when the verb is another family's.
    pub(super) fn parse(verb: &str, tokens: &mut Tokens) -> Result<Option<Self>, String> {
        Ok(Some(match verb {
            "wallet" => {
                Self::Wallet { name: tokens.word("a wallet")?, user: tokens.word("a user")? }
            }
            "virtual" => Self::Virtual {
                name: tokens.word("an account")?,
                user: tokens.word("a user")?,
                currency: tokens.known("a currency", Asset::from_code)?,
                into: tokens.after("into")?,
            },
            "arrive" => Self::Arrive {
                wallet: tokens.word("a wallet")?,
                money: tokens.money()?,
                chain: tokens.known_after("on", "a chain", chain)?.unwrap_or(Chain::Base),
                tx: tokens.after("tx")?,
                name: tokens.after("as")?,
            },
            "wire" => Self::Wire {
                account: tokens.word("an account")?,
                money: tokens.money()?,
                tx: tokens.after("tx")?,
                name: tokens.after("as")?,
            },
            "transfer" => transfer(tokens)?,
            "advance" => Self::Advance {
                transfer: tokens.word("a transfer")?,
                status: tokens.known("a status", status)?,
                rate: tokens.known_after("rate", "a rate", rate)?.unwrap_or(Rate::ONE),
                gas: if tokens.take("gas") { Some(tokens.money()?) } else { None },
            },
            "convert" => {
                let sold = tokens.money()?;
                tokens.take("into");
                Self::Convert { sold, bought: tokens.money()? }
            }
            _ => return Ok(None),
        }))
    }
}

fn transfer(tokens: &mut Tokens) -> Result<Movement, String> {
    let (name, wallet) = (tokens.word("a transfer")?, tokens.word("a wallet")?);
    let money = tokens.money()?;
    let rail = tokens.known_after("to", "a rail", rail)?.ok_or("`to` is missing")?;
    let asset = match rail {
        Rail::Chain(_) => money.asset,
        Rail::Ach | Rail::Wire => Asset::Usd,
        Rail::Sepa => Asset::Eur,
        Rail::FasterPayments => Asset::Gbp,
        Rail::Spei => Asset::Mxn,
    };
    let fee = tokens.known_after("fee", "an amount", |word| money.asset.parse(word))?;
    let fee = fee.unwrap_or_else(|| tariff(rail, money.amount));
    let called = tokens.after("called")?;
    Ok(Movement::Transfer { name, wallet, money, to: (rail, asset), fee, called })
}

impl Stage<'_> {
    pub(super) fn move_money(&mut self, movement: &Movement) -> Result<(), Breach> {
        match movement {
            Movement::Wallet { name, user } => {
                let holder = self.user(user)?;
                self.make(name, Command::CreateWallet(CreateWallet { holder }))
            }
            Movement::Virtual { name, user, currency, into } => {
                let holder = self.user(user)?;
                let wallet = into.as_ref().map(|name| self.wallet(name)).transpose()?;
                let command = OpenVirtualAccount { holder, wallet, currency: *currency };
                self.make(name, Command::OpenVirtualAccount(command))
            }
            Movement::Arrive { wallet, money: Money { amount, asset }, chain, tx, name } => {
                let deposit = ConfirmWalletDeposit {
                    wallet: self.wallet(wallet)?,
                    chain: *chain,
                    asset: *asset,
                    amount: *amount,
                    reference: self.reference(tx.as_deref()),
                };
                self.arrive(name.as_deref(), Command::ConfirmWalletDeposit(deposit))
            }
            Movement::Wire { account, money, tx, name } => {
                let account = match self.name(account)? {
                    Thing::VirtualAccount(account, _) => account,
                    other => return Err(format!("`{account}` is no account but {other:?}")),
                };
                let (asset, rate) = credited(money.asset).ok_or("banks hold no tokens")?;
                let deposit = ConfirmBankDeposit {
                    account,
                    amount: money.amount,
                    asset,
                    rate,
                    rate_source: requests::text("sandbox"),
                    reference: self.reference(tx.as_deref()),
                };
                self.arrive(name.as_deref(), Command::ConfirmBankDeposit(deposit))
            }
            Movement::Transfer { name, wallet, money, to: (rail, asset), fee, called } => {
                let address = requests::sealed(self.number());
                let transfer = CreateTransfer {
                    wallet: self.wallet(wallet)?,
                    money: *money,
                    fee: *fee,
                    destination: Destination { asset: *asset, rail: *rail, address },
                    reference: None,
                    client_reference: called.as_deref().map(requests::text),
                };
                self.make(name, Command::CreateTransfer(transfer))
            }
            Movement::Advance { transfer, status, rate, gas } => {
                let transaction = match self.name(transfer)? {
                    Thing::Transfer(transaction, _) => transaction,
                    other => return Err(format!("`{transfer}` is no transfer but {other:?}")),
                };
                let step = step(*status, *rate, *gas);
                self.ask(Command::AdvanceTransfer(AdvanceTransfer { transaction, step }))
            }
            Movement::Convert { sold, bought } => {
                let source = requests::text("sandbox");
                let (sold, bought) = (*sold, *bought);
                self.ask(Command::ConvertTreasury(ConvertTreasury { sold, bought, source }))
            }
        }
    }
}

/// What a currency is credited as, at which rate.
fn credited(currency: Asset) -> Option<(Asset, Rate)> {
    match currency {
        Asset::Eur => Some((Asset::Eurc, Rate::ONE)),
        other => Some((Asset::Usdc, requests::rate_in_dollars(other)?)),
    }
}

/// What the programme takes, if the line does not say it: 0.3 % on a chain, 1.5 % at a bank, rounded up.
fn tariff(rail: Rail, amount: Amount) -> Amount {
    let ten_thousandths = match rail {
        Rail::Chain(_) => 30,
        Rail::Ach | Rail::Wire | Rail::Sepa | Rail::FasterPayments | Rail::Spei => 150,
    };
    Amount((amount.0 * ten_thousandths).div_ceil(10_000))
}

fn step(status: TransferStatus, rate: Rate, gas: Option<Money>) -> Step {
    match status {
        TransferStatus::InReview
        | TransferStatus::FundsReceived
        | TransferStatus::PaymentSubmitted
        | TransferStatus::PaymentProcessed => Step::Progress(status),
        TransferStatus::Completed => {
            let rate_source = requests::text("sandbox");
            Step::Complete(Completion { rate, rate_source, gas, transaction_hash: None })
        }
        TransferStatus::Failed | TransferStatus::Refunded => Step::Fail { status, reason: None },
        TransferStatus::Returned => Step::Return { reason: None },
    }
}

fn chain(word: &str) -> Option<Chain> {
    Chain::ALL.into_iter().find(|chain| chain.name() == word)
}

fn rail(word: &str) -> Option<Rail> {
    Some(match word {
        "ach" => Rail::Ach,
        "wire" => Rail::Wire,
        "sepa" => Rail::Sepa,
        "faster_payments" => Rail::FasterPayments,
        "spei" => Rail::Spei,
        other => Rail::Chain(chain(other)?),
    })
}

fn status(word: &str) -> Option<TransferStatus> {
    use TransferStatus::*;
    let all = [
        InReview,
        FundsReceived,
        PaymentSubmitted,
        PaymentProcessed,
        Completed,
        Failed,
        Returned,
        Refunded,
    ];
    all.into_iter().find(|status| status.to_string() == word)
}

/// A decimal with up to nine digits after the point.
fn rate(word: &str) -> Option<Rate> {
    let amount = Asset::Sol.parse(word)?;
    amount.0.try_into().ok().map(Rate)
}
