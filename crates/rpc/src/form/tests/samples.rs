//! Every command and every refusal, with every field that it can have.

use std::sync::Arc;

use ledger::agents::{
    AgentPolicy, AgentProfile, AgentStatus, ChangeAgent, ChangeAgentPolicy, OnExceeded,
    RegisterAgent,
};
use ledger::authorizations::{
    Authorize, Confirm, ExpireAuthorization, Increment, Mode, Original, Reverse, Terms,
};
use ledger::book::{BookOpened, Environment, OpenBook};
use ledger::cards::{
    ActiveHours, CardControls, CardKind, CardLimits, CardNumber, CardStatus, CardTerms, ChangeCard,
    ChangeCardLimits, CreateCard, Setting,
};
use ledger::clearings::{Clear, Correct, ForceClear};
use ledger::clock::AdvanceClock;
use ledger::deposits::{Chain, ConfirmDeposit, ReverseDeposit};
use ledger::erasure::{EraseHolder, Unsettled};
use ledger::holders::{
    AddDocument, ChangeHolder, CreateHolder, DenialReason, DocumentKind, RecordVerification,
    StartVerification, Verification, VerificationStatus,
};
use ledger::intents::{
    ApproveIntent, Attest, CancelIntent, DeclareIntent, Enforcement, ExpireIntent, RejectIntent,
    Statement,
};
use ledger::keys::{CreateKey, Family, NewKey, RevokeKey, Scope};
use ledger::ledgers::{
    ChangeLedger, CreateLedger, JournalLine, LedgerStatus, PostJournal, ReverseJournal,
    ReversedPart, TransferBetweenLedgers,
};
use ledger::limits::{Limit, Window};
use ledger::matching::{Expectation, Mcc, Merchant, Tolerance};
use ledger::presentments::{AssignPresentment, RecordPresentment, WriteOffPresentment};
use ledger::recovery::{Anchored, RecoverJournal};
use ledger::refunds::{RecordUnlinkedRefund, Refund, ReleaseRefund, ReverseRefund};
use ledger::settlement::SettleNetwork;
use ledger::transfers::{
    AdvanceTransfer, Completion, CreateTransfer, Destination, Rail, Step, TransferStatus,
};
use ledger::treasury::ConvertTreasury;
use ledger::wallets::{ConfirmBankDeposit, ConfirmWalletDeposit, CreateWallet, OpenVirtualAccount};
use ledger::webhooks::{
    ChangeWebhook, RegisterWebhook, RemoveWebhook, ReplayWebhook, RotateWebhookSecret, TestWebhook,
    Topic, Topics, WebhookStatus,
};
use ledger::{
    Account, AgentId, Amount, Approval, Asset, BookId, CardId, Command, CommandId, Entry, Event,
    Expense, HolderId, Income, IntentId, JournalId, KeyId, LedgerId, LedgerKind, Metadata, Money,
    Month, Origin, Position, Postings, Rate, Rejection, Request, Scheme, Sealed, Side, Text,
    Timestamp, TransactionId, VirtualAccountId, WalletId, WebhookId,
};

use crate::{Answer, Refusal};

const TRANSACTION: TransactionId = TransactionId([9; 16]);
const CARD: CardId = CardId([3; 16]);
const AGENT: AgentId = AgentId([2; 16]);
const HOLDER: HolderId = HolderId([1; 16]);
const INTENT: IntentId = IntentId([4; 16]);
const WALLET: WalletId = WalletId([5; 16]);
const ACCOUNT: VirtualAccountId = VirtualAccountId([6; 16]);
const LEDGER: LedgerId = LedgerId([7; 16]);
const JOURNAL: JournalId = JournalId([8; 16]);
/// More than 64 bits.
const AMOUNT: Amount = Amount((7 << 64) + 5);
const NETWORK_ID: Option<[u8; 16]> = Some([12; 16]);

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap()
}

fn sealed(seed: u8) -> Sealed {
    Sealed { subject: [seed; 16], reference: [seed + 1; 16], commitment: [seed + 2; 32] }
}

fn approval() -> Approval {
    Approval::new("a statement\n\n— somebody\n").unwrap()
}

fn new_key() -> NewKey {
    NewKey { family: Family::LedgerOs, scope: Scope::Write, prefix: [1; 8], digest: [2; 32] }
}

fn limit() -> Limit {
    Limit { window: Window::Week, amount: AMOUNT }
}

fn metadata() -> Metadata {
    Metadata::new([(text("a"), text("one")), (text("b"), text("two"))]).unwrap()
}

fn terms() -> Terms {
    Terms {
        amount: AMOUNT,
        asset: Asset::Usd,
        original: Some(Original {
            amount: Amount(3),
            asset: Asset::Eur,
            rate: Rate(1_080_000_000),
            rate_source: text("network"),
        }),
        merchant: Merchant {
            name: text("Bistro"),
            mcc: Mcc::new(5812),
            city: Some(text("Lyon")),
            country: Some(text("FR")),
        },
        network_id: NETWORK_ID,
    }
}

fn few_terms() -> Terms {
    Terms {
        original: None,
        merchant: Merchant { name: text("Bistro"), mcc: None, city: None, country: None },
        network_id: None,
        ..terms()
    }
}

fn controls() -> CardControls {
    CardControls {
        authorizations_max: Some(3),
        ttl_days: Some(30),
        mccs_allowed: vec![Mcc::new(5812).unwrap()],
        mccs_blocked: vec![Mcc::new(7995).unwrap(), Mcc::new(1).unwrap()],
        merchant: Some(text("Bistro")),
        active_hours: ActiveHours::new(60, 30),
        cooldown_minutes: 5,
        attestation_window_minutes: Some(10),
        intent_required: true,
        enforcement: Enforcement::Decline,
        approval_above: Some(AMOUNT),
    }
}

fn create_card(limits: CardLimits, controls: CardControls) -> Command {
    let number = CardNumber {
        sealed: sealed(20),
        last4: *b"4242",
        last_month: Month::new(2031, 12).expect("it is one"),
    };
    let terms = CardTerms { purpose: text("Travel"), kind: CardKind::Multi, limits, controls };
    Command::CreateCard(CreateCard { agent: AGENT, terms, number })
}

fn create_transfer(rail: Rail, reference: Option<Text<140>>) -> Command {
    Command::CreateTransfer(CreateTransfer {
        wallet: WALLET,
        money: Money { amount: AMOUNT, asset: Asset::Usdc },
        fee: Amount(1),
        destination: Destination { asset: Asset::Eur, rail, address: sealed(30) },
        reference,
        client_reference: Some(text("payout 7")),
    })
}

fn advance_transfer(step: Step) -> Command {
    Command::AdvanceTransfer(AdvanceTransfer { transaction: TRANSACTION, step })
}

fn declare(tolerance: Tolerance, enforcement: Option<Enforcement>) -> Command {
    Command::DeclareIntent(DeclareIntent {
        card: CARD,
        summary: text("Dinner"),
        expectation: Expectation {
            amount: AMOUNT,
            merchant: text("Bistro"),
            mccs: vec![Mcc::new(5812).unwrap()],
            tolerance,
        },
        reserves: true,
        enforcement,
        ttl_minutes: enforcement.map(|_| 90),
    })
}

fn authorize(mode: Mode, terms: Terms) -> Command {
    Command::Authorize(Authorize { card: CARD, terms, mode, accepts_part: true })
}

/// Every command at least once.
pub(super) fn commands() -> Vec<Command> {
    let money = |asset| Money { amount: AMOUNT, asset };
    let rails = [Rail::Chain(Chain::Tron), Rail::Ach, Rail::Wire, Rail::Sepa];
    let rails = rails.into_iter().chain([Rail::FasterPayments, Rail::Spei]);
    let anchored = Anchored { incarnation: [40; 16], position: Position(7), hash: [41; 32] };
    let line =
        |side, description| JournalLine { ledger: LEDGER, side, amount: AMOUNT, description };
    let limits = CardLimits {
        total: AMOUNT,
        per_authorization: Some(Amount(1)),
        per_day: Some(Amount(2)),
        per_month: Some(Amount(3)),
    };
    let few_limits =
        CardLimits { total: AMOUNT, per_authorization: None, per_day: None, per_month: None };
    let mut commands: Vec<Command> =
        rails.map(|rail| create_transfer(rail, Some(text("invoice 7")))).collect();
    commands.extend([
        Command::OpenBook(OpenBook { book: BookId([1; 16]), environment: Environment::Live }),
        Command::RecoverJournal(RecoverJournal {
            from: [1; 16],
            to: [2; 16],
            anchored: Some(anchored),
            approval: approval(),
        }),
        Command::CreateKey(CreateKey(new_key())),
        Command::RevokeKey(RevokeKey { key: KeyId([1; 16]) }),
        Command::AdvanceClock(AdvanceClock { by_ms: 86_400_000 }),
        Command::CreateHolder(CreateHolder { profile: sealed(1) }),
        Command::ChangeHolder(ChangeHolder { holder: HOLDER, before: [9; 16], profile: sealed(1) }),
        Command::StartVerification(StartVerification { holder: HOLDER }),
        Command::RecordVerification(RecordVerification {
            holder: HOLDER,
            verification: Verification {
                status: VerificationStatus::NeedsInformation,
                required: vec![DocumentKind::Selfie, DocumentKind::ProofOfAddress],
                reason: Some(DenialReason::SanctionsMatch),
            },
        }),
        Command::AddDocument(AddDocument {
            holder: HOLDER,
            kind: DocumentKind::GovernmentIdBack,
            content: sealed(1),
        }),
        Command::EraseHolder(EraseHolder { holder: HOLDER, approval: approval() }),
        Command::ConfirmDeposit(ConfirmDeposit {
            holder: HOLDER,
            chain: Chain::Base,
            asset: Asset::Usdc,
            amount: AMOUNT,
            rate: Rate::ONE,
            rate_source: text("oracle"),
            reference: [4; 16],
        }),
        Command::ReverseDeposit(ReverseDeposit { transaction: TRANSACTION }),
        Command::CreateWallet(CreateWallet { holder: HOLDER }),
        Command::OpenVirtualAccount(OpenVirtualAccount {
            holder: HOLDER,
            wallet: Some(WALLET),
            currency: Asset::Mxn,
        }),
        Command::ConfirmWalletDeposit(ConfirmWalletDeposit {
            wallet: WALLET,
            chain: Chain::Solana,
            asset: Asset::Pyusd,
            amount: AMOUNT,
            reference: [4; 16],
        }),
        Command::ConfirmBankDeposit(ConfirmBankDeposit {
            account: ACCOUNT,
            amount: AMOUNT,
            asset: Asset::Eurc,
            rate: Rate(17),
            rate_source: text("bank"),
            reference: [4; 16],
        }),
        create_transfer(Rail::Ach, None),
        advance_transfer(Step::Progress(TransferStatus::PaymentSubmitted)),
        advance_transfer(Step::Complete(Completion {
            rate: Rate(17),
            rate_source: text("bank"),
            gas: Some(money(Asset::Eth)),
            transaction_hash: Some(text("0xabc")),
        })),
        advance_transfer(Step::Fail {
            status: TransferStatus::Refunded,
            reason: Some(text("closed")),
        }),
        advance_transfer(Step::Return { reason: None }),
        advance_transfer(Step::Return { reason: Some(text("unknown account")) }),
        Command::ConvertTreasury(ConvertTreasury {
            sold: money(Asset::Usdc),
            bought: money(Asset::Sol),
            source: text("desk"),
        }),
        Command::CreateLedger(CreateLedger {
            code: text("1000"),
            name: text("Cash"),
            kind: LedgerKind::Equity,
            asset: Asset::Gbp,
            overdraft_limit: AMOUNT,
        }),
        Command::ChangeLedger(ChangeLedger { ledger: LEDGER, status: LedgerStatus::Frozen }),
        Command::TransferBetweenLedgers(TransferBetweenLedgers {
            source: LEDGER,
            destination: LedgerId([17; 16]),
            amount: AMOUNT,
            description: Some(text("rent")),
            metadata: metadata(),
        }),
        Command::PostJournal(PostJournal {
            lines: vec![line(Side::Debit, Some(text("a"))), line(Side::Credit, None)],
            description: Some(text("rent")),
            effective_at: Some(Timestamp::from_millis(1_700_000_000_000)),
            metadata: metadata(),
        }),
        Command::ReverseJournal(ReverseJournal {
            journal: JOURNAL,
            parts: Some(vec![ReversedPart { line: 1, amount: AMOUNT }]),
            description: Some(text("mistake")),
            metadata: metadata(),
        }),
        Command::ReverseJournal(ReverseJournal {
            journal: JOURNAL,
            parts: Some(Vec::new()),
            description: None,
            metadata: Metadata::default(),
        }),
        Command::RegisterAgent(RegisterAgent {
            holder: HOLDER,
            profile: AgentProfile {
                name: text("Scout"),
                description: Some(text("books trains")),
                external_id: Some(text("a-7")),
            },
            policy: AgentPolicy {
                limit: limit(),
                on_exceeded: OnExceeded::Notify,
                cards_max: Some(0),
            },
            token: new_key(),
            reference: Some([5; 16]),
        }),
        Command::ChangeAgent(ChangeAgent { agent: AGENT, status: AgentStatus::Suspended }),
        Command::ChangeAgentPolicy(ChangeAgentPolicy {
            agent: AGENT,
            limit: Setting::Set(limit()),
            on_exceeded: Setting::Set(OnExceeded::Ignore),
            cards_max: Setting::Set(Some(0)),
        }),
        Command::ChangeAgentPolicy(ChangeAgentPolicy {
            agent: AGENT,
            limit: Setting::Keep,
            on_exceeded: Setting::Keep,
            cards_max: Setting::Set(None),
        }),
        create_card(limits, controls()),
        create_card(few_limits, CardControls::default()),
        Command::ChangeCard(ChangeCard { card: CARD, status: CardStatus::Closed }),
        Command::ChangeCardLimits(ChangeCardLimits {
            card: CARD,
            total: Setting::Set(AMOUNT),
            per_authorization: Setting::Set(None),
            per_day: Setting::Set(Some(Amount::ZERO)),
            per_month: Setting::Keep,
        }),
        declare(Tolerance::Amount(AMOUNT), Some(Enforcement::Inform)),
        declare(Tolerance::Percent(0), None),
        Command::ApproveIntent(ApproveIntent { intent: INTENT }),
        Command::RejectIntent(RejectIntent { intent: INTENT }),
        Command::CancelIntent(CancelIntent { intent: INTENT }),
        Command::ExpireIntent(ExpireIntent { intent: INTENT }),
        Command::Attest(Attest {
            card: CARD,
            intent: Some(INTENT),
            statement: Statement {
                summary: text("Dinner"),
                amount: AMOUNT,
                merchant: text("Bistro"),
            },
        }),
        authorize(Mode::Hold, terms()),
        authorize(Mode::Purchase, few_terms()),
        authorize(Mode::Advice, few_terms()),
        Command::Increment(Increment {
            transaction: TRANSACTION,
            amount: AMOUNT,
            network_id: NETWORK_ID,
        }),
        Command::Confirm(Confirm {
            transaction: TRANSACTION,
            amount: AMOUNT,
            network_id: NETWORK_ID,
        }),
        Command::Reverse(Reverse {
            transaction: TRANSACTION,
            amount: Some(AMOUNT),
            network_id: NETWORK_ID,
        }),
        Command::Reverse(Reverse { transaction: TRANSACTION, amount: None, network_id: None }),
        Command::ExpireAuthorization(ExpireAuthorization { transaction: TRANSACTION }),
        Command::Clear(Clear {
            transaction: TRANSACTION,
            amount: Some(Amount::ZERO),
            is_final: true,
            network_id: NETWORK_ID,
        }),
        Command::ForceClear(ForceClear { card: CARD, terms: terms(), awaits: Some([6; 16]) }),
        Command::Correct(Correct {
            transaction: TRANSACTION,
            amount: Some(AMOUNT),
            network_id: NETWORK_ID,
        }),
        Command::Refund(Refund {
            transaction: TRANSACTION,
            amount: Some(AMOUNT),
            network_id: NETWORK_ID,
        }),
        Command::ReverseRefund(ReverseRefund {
            transaction: TRANSACTION,
            amount: Some(AMOUNT),
            network_id: NETWORK_ID,
        }),
        Command::RecordUnlinkedRefund(RecordUnlinkedRefund { card: CARD, terms: terms() }),
        Command::ReleaseRefund(ReleaseRefund { transaction: TRANSACTION }),
        Command::RecordPresentment(RecordPresentment { terms: terms() }),
        Command::AssignPresentment(AssignPresentment { transaction: TRANSACTION, card: CARD }),
        Command::WriteOffPresentment(WriteOffPresentment { transaction: TRANSACTION }),
        Command::SettleNetwork(SettleNetwork {
            scheme: Scheme::Visa,
            day: Some(Timestamp::from_millis(0)),
            fees: AMOUNT,
        }),
    ]);
    commands.extend(webhooks());
    commands
}

fn webhooks() -> Vec<Command> {
    let webhook = WebhookId([13; 16]);
    let some = Topics::new([Topic::CardCreated, Topic::CustomerCreated].into()).unwrap();
    let change = |url, topics, status| {
        Command::ChangeWebhook(ChangeWebhook { webhook, url, topics, status })
    };
    vec![
        Command::RegisterWebhook(RegisterWebhook {
            family: Family::LedgerOs,
            topics: some.clone(),
            url: sealed(40),
            secret: sealed(43),
        }),
        change(Some(sealed(40)), Some(some), Some(WebhookStatus::Disabled)),
        change(None, Some(Topics::All), None),
        change(None, None, None),
        Command::RemoveWebhook(RemoveWebhook { webhook }),
        Command::RotateWebhookSecret(RotateWebhookSecret { webhook, secret: sealed(40) }),
        Command::TestWebhook(TestWebhook { webhook }),
        Command::ReplayWebhook(ReplayWebhook { webhook, from: Position(7) }),
    ]
}

/// A request for a command, as a gateway makes it.
pub(super) fn request(command: Command) -> Request {
    let origin = Origin {
        route: 17,
        fingerprint: [51; 16],
        request: [52; 16],
        actor: Some(KeyId([53; 16])),
    };
    Request { id: CommandId([50; 16]), origin, command }
}

/// Every rejection at least once.
pub(super) fn rejections() -> Vec<Rejection> {
    let accounts = [
        Account::Available(HOLDER),
        Account::Held(HOLDER, TRANSACTION),
        Account::Reserved(HOLDER, INTENT),
        Account::NetworkPayable(Scheme::Visa),
        Account::Custody,
        Account::Income(Income::Transfers),
        Account::Expense(Expense::Gas),
        Account::Ledger(LedgerKind::Income, LEDGER),
    ];
    let unsettled = accounts.map(|account| Unsettled::Account(account, Asset::Pyusd));
    let unsettled = unsettled
        .into_iter()
        .chain([Unsettled::Authorization(TRANSACTION), Unsettled::Intent(INTENT)]);
    let mut rejections: Vec<_> = unsettled.map(Rejection::HolderNotSettled).collect();
    rejections.extend([
        Rejection::BookIsOpen,
        Rejection::NotASandbox,
        Rejection::UnknownKey(KeyId([1; 16])),
        Rejection::KeyIsRevoked,
        Rejection::CallerIsRevoked,
        Rejection::UnknownHolder(HOLDER),
        Rejection::UnknownAgent(AGENT),
        Rejection::UnknownCard(CARD),
        Rejection::UnknownIntent(INTENT),
        Rejection::UnknownTransaction(TRANSACTION),
        Rejection::HolderNotApproved { status: VerificationStatus::Denied },
        Rejection::HolderErased(HOLDER),
        Rejection::ProfileChanged,
        Rejection::VerificationClosed { status: VerificationStatus::Approved },
        Rejection::AgentSuspended,
        Rejection::TooManyCards { max: 3 },
        Rejection::CardNotActive { status: CardStatus::Frozen },
        Rejection::CardExpired,
        Rejection::TooManyWallets { max: 0 },
        Rejection::IntentRequired { card: CARD },
        Rejection::TooManyIntents { max: 7 },
        Rejection::DetailsTooOften { max: 7, retry_at: Timestamp::from_millis(9) },
        Rejection::NotPending,
        Rejection::ExceedsHold { held: AMOUNT },
        Rejection::ExceedsCleared { left: AMOUNT },
        Rejection::InsufficientFunds { available: Amount::ZERO },
        Rejection::ExceedsRefunded { left: AMOUNT },
        Rejection::NotAPurchase,
        Rejection::NotUnderReview,
        Rejection::CurrencyNotSupported { asset: Asset::Trx },
        Rejection::NothingToSettle,
        Rejection::IntentAwaitsApproval,
        Rejection::IntentAwaitsNothing,
        Rejection::UnknownWallet(WALLET),
        Rejection::UnknownVirtualAccount(ACCOUNT),
        Rejection::TransferIs { status: TransferStatus::Returned },
        Rejection::SameAsset,
        Rejection::UnknownLedger(LEDGER),
        Rejection::LedgerCodeTaken { code: text("1000") },
        Rejection::LedgerNotActive { ledger: LEDGER, status: LedgerStatus::Closed },
        Rejection::LedgerNotEmpty(LEDGER),
        Rejection::SameLedger,
        Rejection::DifferentAssets,
        Rejection::DifferentSides,
        Rejection::LedgerInsufficientFunds { ledger: LEDGER, left: AMOUNT },
        Rejection::JournalUnbalanced { asset: Asset::Eur, difference: AMOUNT },
        Rejection::JournalLength,
        Rejection::UnknownJournal(JOURNAL),
        Rejection::JournalReversed { by: JOURNAL },
        Rejection::JournalIsReversal,
        Rejection::NoSuchLine { place: 0 },
        Rejection::ExceedsLine { place: 3, amount: AMOUNT },
        Rejection::NotAToken { asset: Asset::Usd },
        Rejection::NotACurrency { asset: Asset::Usdc },
        Rejection::NotACoin { asset: Asset::Usdt },
        Rejection::NothingLeftAfterFee { fee: AMOUNT },
        Rejection::NotDue,
        Rejection::AmountOutOfRange,
        Rejection::UnknownWebhook(WebhookId([13; 16])),
        Rejection::TooManyWebhooks { max: 32 },
        Rejection::ForeignTopic(Topic::CardFrozen),
        Rejection::WebhookDisabled,
        Rejection::NoSuchPosition { last: Position(7) },
        Rejection::IdTaken,
    ]);
    rejections
}

/// An answer, and every refusal.
pub(super) fn outcomes() -> Vec<Result<Answer, Refusal>> {
    let answers = [(1, true), (7, false)].map(|(position, is_replay)| {
        let opened = BookOpened { book: BookId([1; 16]), environment: Environment::Sandbox };
        let entry = Entry {
            position: Position(position),
            at: Timestamp::from_millis(1_700_000_000_000),
            command: CommandId([50; 16]),
            origin: Origin::LEDGER,
            events: vec![Event::BookOpened(opened)],
            postings: Postings::new(Vec::new()).unwrap(),
        };
        Ok(Answer { entry: Arc::new(entry), is_replay })
    });
    let refusals =
        [Refusal::Reused { route: 17 }, Refusal::Busy, Refusal::Unavailable, Refusal::Unknown];
    let rejected = rejections().into_iter().map(Refusal::Rejected);
    answers.into_iter().chain(refusals.into_iter().chain(rejected).map(Err)).collect()
}
