//! Money that arrives: as tokens, or at the bank.

mod persons;
mod wallets;

use ledger::amount::AssetKind;
use ledger::{Amount, Asset, CommandId, VirtualAccountId};
use providers::Address;
use providers::sandbox::custody::{self, Owner};

use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::hex;
use crate::input::read::{asset, count, decimal, id, text};
use crate::input::{Field, Fields};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};

/// Where something was sent.
enum Target {
    Address(Address),
    Account(VirtualAccountId),
}

/// What was sent there.
struct Sent {
    asset: Asset,
    amount: Amount,
    /// What the chain or the sender's bank calls it.
    hash: String,
    index: u32,
}

/// `POST /v1/sandbox/deposits`
pub(super) async fn play(call: Call<Write>) -> Result<Answer, Error> {
    let command = call.kind.command;
    let (target, sent) = call.body(|fields| {
        let address = fields.optional("address", address)?.map(Target::Address);
        let account = fields.optional("virtualAccountId", id)?.map(Target::Account);
        match (address, account) {
            (Some(address), None) => Ok((address, Sent::read(fields, "asset", command)?)),
            (None, Some(account)) => Ok((account, Sent::read(fields, "currency", command)?)),
            (None, None) => Err(Error::Missing { field: "address".to_owned() }),
            (Some(_), Some(_)) => {
                Err(Error::invalid("virtualAccountId", "stands without `address` only"))
            }
        }
    })?;
    let address = match target {
        Target::Account(account) => return wallets::by_bank(call, account, sent).await,
        Target::Address(address) => address,
    };
    match custody::recipient(&call.gateway.seed, &address) {
        Some((Owner::Person(holder), chain)) => persons::on_chain(call, holder, chain, sent).await,
        Some((Owner::Wallet(wallet), chain)) => wallets::on_chain(call, wallet, chain, sent).await,
        None => Err(Error::UnknownAddress),
    }
}

/// What [`play`] does.
pub(super) fn describe_play() -> Operation {
    let sent = || {
        object()
            .required("amount", schema::decimal())
            .optional("transactionHash", schema::text(100))
            .optional("index", schema::count(0, u32::MAX))
    };
    Operation::new(Tag::Sandbox, "playDeposit", "Confirm a deposit")
        .about(
            "Tokens to an address, with `asset`, or money to a virtual account, with `currency`. The same \
             `transactionHash` and `index` count once.",
        )
        .takes_either(
            sent()
                .required("address", schema::string())
                .required("asset", schema::asset(&[AssetKind::Token])),
            sent()
                .required("virtualAccountId", schema::id::<VirtualAccountId>())
                .required("currency", schema::asset(&[AssetKind::Currency])),
        )
        .answers::<persons::DepositView>()
        .answers::<wallets::DepositView>()
}

impl Sent {
    fn read(fields: &mut Fields, asset_name: &'static str, id: CommandId) -> Result<Self, Error> {
        let asset = fields.required(asset_name, asset)?;
        let amount = fields.required("amount", decimal(asset))?;
        let hash = fields.optional("transactionHash", text::<100>)?;
        let index = fields.optional("index", count(0, u32::MAX))?;
        // Without a hash, every command is a deposit of its own.
        let hash =
            hash.as_ref().map_or_else(|| hex::encode(&id.0), |hash| hash.as_str().to_owned());
        Ok(Self { asset, amount, hash, index: index.unwrap_or(0) })
    }
}

fn address(field: Field) -> Result<Address, Error> {
    Address::parse(field.text()?).map_err(|error| field.invalid(format!("is refused: {error}")))
}
