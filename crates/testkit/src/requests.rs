//! Requests with everything in them that the rules don't look at.

use ledger::agents::{AgentPolicy, AgentProfile, RegisterAgent};
use ledger::authorizations::{Original, Terms};
use ledger::book::{Environment, OpenBook};
use ledger::cards::{CardNumber, CardTerms, CreateCard};
use ledger::deposits::{Chain, ConfirmDeposit};
use ledger::erasure::EraseHolder;
use ledger::holders::{
    ChangeHolder, CreateHolder, DocumentKind, RecordVerification, Verification, VerificationStatus,
};
use ledger::keys::{CreateKey, Family, NewKey, Scope};
use ledger::matching::Merchant;
use ledger::recovery::RecoverJournal;
use ledger::webhooks::{RegisterWebhook, Topics};
use ledger::{
    AgentId, Amount, Approval, Asset, BookId, Command, CommandId, HolderId, Money, Month, Origin,
    Rate, Request, Sealed, Text, Timestamp,
};

use crate::calendar;

/// The only book there is.
pub const BOOK: BookId = BookId([1; 16]);

/// A request whose id follows from its number.
pub fn request(number: u32, command: Command) -> Request {
    let mut id = [0; 16];
    // In the ids that the command makes, a time covers the first bytes, and the last one counts them.
    id[11..15].copy_from_slice(&number.to_be_bytes());
    Request { id: CommandId(id), origin: Origin { request: id, ..Origin::LEDGER }, command }
}

/// The same under another command, whose ids would be the same.
pub fn twin(request: &Request) -> Request {
    let mut twin = request.clone();
    twin.id.0[0] ^= 1;
    twin
}

/// Opens a sandbox.
pub fn open_book() -> Command {
    Command::OpenBook(OpenBook { book: BOOK, environment: Environment::Sandbox })
}

/// Adds a person.
pub fn create_holder(number: u32) -> Command {
    Command::CreateHolder(CreateHolder { profile: sealed(number) })
}

/// Gives a person another name than the one that is kept as `before`.
pub fn change_holder(number: u32, holder: HolderId, before: Sealed) -> Command {
    let profile = Sealed { subject: before.subject, ..sealed(number) };
    Command::ChangeHolder(ChangeHolder { holder, before: before.reference, profile })
}

/// Makes a key, whose secret nobody knows.
pub fn create_key(number: u32, scope: Scope) -> Command {
    Command::CreateKey(CreateKey(NewKey { scope, ..key(number) }))
}

/// Adds a webhook whose address nobody can reach.
pub fn register_webhook(number: u32, family: Family, topics: Topics) -> Command {
    let (url, secret) = (sealed(number), sealed(number));
    Command::RegisterWebhook(RegisterWebhook { family, topics, url, secret })
}

/// Erases a person.
pub fn erase(holder: HolderId) -> Command {
    Command::EraseHolder(EraseHolder { holder, approval: approval() })
}

/// Goes on after a loss, as an incarnation of that number.
pub fn recover(number: u32) -> Command {
    let from = sealed(number).reference;
    let to = sealed(number + 1).reference;
    let approval = approval();
    Command::RecoverJournal(RecoverJournal { from, to, anchored: None, approval })
}

fn approval() -> Approval {
    Approval::new("approved\n").expect("it is an approval")
}

/// Sets a person's verification; `required` are the documents that are wanted.
pub fn verify(
    holder: HolderId,
    status: VerificationStatus,
    required: Vec<DocumentKind>,
) -> Command {
    let verification = Verification { status, required, reason: None };
    Command::RecordVerification(RecordVerification { holder, verification })
}

/// Credits tokens, one dollar each.
pub fn deposit(holder: HolderId, asset: Asset, amount: Amount, reference: [u8; 16]) -> Command {
    Command::ConfirmDeposit(ConfirmDeposit {
        holder,
        chain: Chain::Base,
        asset,
        amount,
        rate: Rate::ONE,
        rate_source: text("sandbox"),
        reference,
    })
}

/// What a merchant asks for: dollars, or a currency that the network converts.
pub fn terms(asked: Money, merchant: Merchant, network_id: Option<[u8; 16]>) -> Terms {
    let rate = rate_in_dollars(asked.asset).filter(|_| asked.asset != Asset::Usd);
    let converted = rate.and_then(|rate| {
        let amount = rate.convert(asked.amount, asked.asset, Asset::Usd)?;
        let rate_source = text("sandbox");
        let Money { amount: before, asset } = asked;
        Some((amount, Original { amount: before, asset, rate, rate_source }))
    });
    match converted {
        Some((amount, original)) => {
            let original = Some(original);
            Terms { amount, asset: Asset::Usd, original, merchant, network_id }
        }
        None => {
            let Money { amount, asset } = asked;
            Terms { amount, asset, original: None, merchant, network_id }
        }
    }
}

/// The price of a currency in US dollars at which the sandbox converts it. `None` for what is not a currency.
pub fn rate_in_dollars(asset: Asset) -> Option<Rate> {
    Some(match asset {
        Asset::Usd => Rate::ONE,
        Asset::Eur => Rate(1_080_000_000),
        Asset::Gbp => Rate(1_250_000_000),
        Asset::Mxn => Rate(50_000_000),
        _ => return None,
    })
}

/// Adds an agent, under the platform's own id if there is one.
pub fn register_agent(
    number: u32,
    holder: HolderId,
    policy: AgentPolicy,
    external_id: Option<&str>,
) -> Command {
    let reference = external_id.map(|id| {
        // Another holder's agent may have the same id.
        let (mut reference, name) = (holder.0, outside(id));
        reference.iter_mut().zip(name).for_each(|(byte, other)| *byte ^= other);
        reference
    });
    let external_id = external_id.map(text);
    Command::RegisterAgent(RegisterAgent {
        holder,
        profile: AgentProfile { name: text("bot"), description: None, external_id },
        policy,
        token: key(number),
        reference,
    })
}

/// Makes a card that is valid for three years from `now`, beside the rest of the month.
pub fn create_card(number: u32, agent: AgentId, terms: CardTerms, now: Timestamp) -> Command {
    let today = calendar::date(now);
    let year = u16::try_from(today.year + 3).expect("times end with the year 10889");
    let month = u8::try_from(today.month).expect("at most 12");
    let number = CardNumber {
        sealed: sealed(number),
        last4: *b"1111",
        last_month: Month::new(year, month).expect("the calendar has it"),
    };
    Command::CreateCard(CreateCard { agent, terms, number })
}

/// A reference into a vault that nobody looks into.
pub fn sealed(number: u32) -> Sealed {
    let mut reference = [0; 16];
    reference[..4].copy_from_slice(&number.to_be_bytes());
    Sealed { subject: reference, reference, commitment: [0; 32] }
}

/// An id that the outside world gives: what it is called, filled up with zeros.
///
/// # Panics
///
/// Beyond sixteen bytes.
pub fn outside(name: &str) -> [u8; 16] {
    let mut id = [0; 16];
    id[..name.len()].copy_from_slice(name.as_bytes());
    id
}

/// A text that is short enough.
///
/// # Panics
///
/// When it is not.
pub fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a short text")
}

/// The key of an agent, whose secret nobody knows.
fn key(number: u32) -> NewKey {
    let mut prefix = [0; 8];
    prefix[..4].copy_from_slice(&number.to_be_bytes());
    NewKey { family: Family::LedgerOs, scope: Scope::Write, prefix, digest: [0; 32] }
}
