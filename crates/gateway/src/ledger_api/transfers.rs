//! Money that leaves a wallet.

use ledger::amount::AssetKind;
use ledger::deposits::Chain;
use ledger::transfers::{CreateTransfer, Destination, Rail, TransferCreated, TransferStatus};
use ledger::{Asset, Command, Entry, Event, Money, Text, WalletId};
use projector::transactions::Transfer;
use providers::Address;
use providers::sandbox::custody;
use vault::Kind;

use super::transactions::TransferView;
use super::{Capability, tariff};
use crate::call::{Answer, Call, Write};
use crate::error::Error;
use crate::input::read::{CustomerId, Id, asset, decimal, id, text, word};
use crate::input::{Field, Fields};
use crate::openapi::schema::{self, object};
use crate::openapi::{Operation, Tag};

/// A transfer as a client asked for it.
struct Wanted {
    customer: CustomerId,
    wallet: WalletId,
    money: Money,
    rail: Rail,
    arrives: Asset,
    address: String,
    reference: Option<Text<140>>,
    client_reference: Option<Text<100>>,
}

/// `POST /v1/transfers`
pub(super) async fn create(call: Call<Write>) -> Result<Answer, Error> {
    let wanted = call.body(Wanted::read)?;
    let Wanted { customer, wallet, money, rail, arrives, address, reference, client_reference } =
        wanted;
    let holder = call.known(|models| &models.directory, move |d| d.holder(customer.0)).await?;
    // It changes, but not whose it is: the address is put beside it.
    let profile = holder.ok_or(Error::UnknownId { noun: CustomerId::NOUN })?.profile;
    let known = call.known(|models| &models.directory, move |d| d.wallet(wallet)).await?;
    if known.is_none_or(|wallet| wallet.holder != customer.0) {
        return Err(Error::UnknownId { noun: WalletId::NOUN });
    }
    let address = call.seal_beside(customer.0, profile, Kind::Destination, address).await?;
    let command = CreateTransfer {
        wallet,
        money,
        fee: tariff::fee(rail, money.amount),
        destination: Destination { asset: arrives, rail, address },
        reference,
        client_reference,
    };
    let written = call.submit(Command::CreateTransfer(command)).await;
    let written = written.map_err(|error| Capability::Transfers.required(error))?;
    let created = written.event("Idempotency-Key", |event| match event {
        Event::TransferCreated(event) => Some(event),
        _ => None,
    })?;
    let transfer = as_created(created, &written.entry);
    let view = call.blocking(move |gateway| TransferView::new(gateway, transfer)).await;
    Ok(written.answer(&written.shown(view)?))
}

/// What [`create`] does.
pub(super) fn describe_create() -> Operation {
    Operation::new(Tag::Transfers, "createTransfer", "Send money from a wallet")
        .about(
            "To an address on a chain, or to an account at a bank. The fee is taken from the amount. \
             `sourceCurrency` is the token that is sent: on a chain the one that arrives, else USDC if \
             it is left out. Several transfers may have the same `clientReferenceId`: the \
             `Idempotency-Key` is what counts once.",
        )
        .takes(
            object()
                .required("customerId", schema::id::<CustomerId>())
                .required("walletId", schema::id::<WalletId>())
                .required("amount", schema::decimal())
                .optional("sourceCurrency", schema::asset(&[AssetKind::Token]))
                .required(
                    "destinationCurrency",
                    schema::asset(&[AssetKind::Currency, AssetKind::Token]),
                )
                .required("destinationPaymentRail", schema::word::<Rail>())
                .required("destinationAddress", schema::text(100))
                .optional("reference", schema::lasting_text(140))
                .optional("clientReferenceId", schema::lasting_text(100)),
        )
        .creates::<TransferView>()
}

impl Wanted {
    fn read(fields: &mut Fields) -> Result<Self, Error> {
        let customer = fields.required("customerId", id)?;
        let wallet = fields.required("walletId", id)?;
        let rail = fields.required("destinationPaymentRail", word)?;
        let arrives = fields.required("destinationCurrency", arriving(rail))?;
        let source = fields.optional("sourceCurrency", token)?;
        let source = source.unwrap_or(match rail {
            Rail::Chain(_) => arrives,
            Rail::Ach | Rail::Wire | Rail::Sepa | Rail::FasterPayments | Rail::Spei => Asset::Usdc,
        });
        let amount = fields.required("amount", decimal(source))?;
        let address = fields.required("destinationAddress", destination(rail))?;
        let reference = fields.optional("reference", reference(rail))?;
        let client_reference = fields.optional("clientReferenceId", text)?;
        let money = Money { amount, asset: source };
        Ok(Self { customer, wallet, money, rail, arrives, address, reference, client_reference })
    }
}

/// What a rail carries.
fn arriving(rail: Rail) -> impl FnOnce(Field) -> Result<Asset, Error> {
    move |field| {
        let currency = match rail {
            Rail::Chain(chain) => return token_on(chain, field),
            Rail::Ach | Rail::Wire => Asset::Usd,
            Rail::Sepa => Asset::Eur,
            Rail::FasterPayments => Asset::Gbp,
            Rail::Spei => Asset::Mxn,
        };
        let code = currency.code().to_ascii_lowercase();
        match Asset::from_code(field.text()?) {
            Some(named) if named == currency => Ok(currency),
            _ => Err(field.invalid(format!("must be `{code}` on this rail"))),
        }
    }
}

fn token_on(chain: Chain, field: Field) -> Result<Asset, Error> {
    let refused = field.invalid(format!("must be a token that is on `{chain}`"));
    let token = Asset::from_code(field.text()?);
    token.filter(|token| custody::chains(*token).contains(&chain)).ok_or(refused)
}

fn token(field: Field) -> Result<Asset, Error> {
    let refused = field.invalid("must be one of `usdc`, `usdt`, `pyusd`, `eurc`");
    let token = asset(field)?;
    custody::WALLET_ASSETS.contains(&token).then_some(token).ok_or(refused)
}

/// Where a transfer goes, in the one form in which it is kept.
fn destination(rail: Rail) -> impl FnOnce(Field) -> Result<String, Error> {
    move |field| match rail {
        Rail::Chain(chain) => {
            let address = Address::parse(field.text()?)
                .map_err(|error| field.invalid(format!("is refused: {error}")))?;
            match address.is_of(chain) {
                true => Ok(address.to_string()),
                false => Err(field.invalid(format!("is not an address on `{chain}`"))),
            }
        }
        Rail::Ach | Rail::Wire | Rail::Sepa | Rail::FasterPayments | Rail::Spei => {
            if field.text()?.trim_start().starts_with("pa_") {
                let reason =
                    "names a counterparty, which is not supported yet: write out the account";
                return Err(field.invalid(reason));
            }
            text::<100>(field).map(|account| account.as_str().to_owned())
        }
    }
}

/// What the receiver reads. Each rail has room for so many characters.
fn reference(rail: Rail) -> impl FnOnce(Field) -> Result<Text<140>, Error> {
    move |field| {
        let max = match rail {
            Rail::Chain(_) => return Err(field.invalid("has no place on a chain")),
            Rail::Ach => 10,
            Rail::FasterPayments => 18,
            Rail::Spei => 40,
            Rail::Wire | Rail::Sepa => 140,
        };
        let too_long = field.invalid(format!("must have at most {max} characters on this rail"));
        let reference = text::<140>(field)?;
        (reference.as_str().chars().count() <= max).then_some(reference).ok_or(too_long)
    }
}

/// The row that a read model makes of it.
fn as_created(event: &TransferCreated, entry: &Entry) -> Transfer {
    let Destination { asset: destination_asset, rail, address } = event.destination;
    Transfer {
        id: event.transaction,
        position: entry.position,
        at: entry.at,
        holder: event.holder,
        wallet: event.wallet,
        amount: event.money.amount,
        asset: event.money.asset,
        fee: event.fee,
        destination_asset,
        rail,
        address,
        reference: event.reference.clone(),
        client_reference: event.client_reference.clone(),
        status: TransferStatus::InReview,
        delivered: None,
        rate: None,
        rate_source: None,
        gas: None,
        transaction_hash: None,
        reason: None,
        updated_at: entry.at,
    }
}
