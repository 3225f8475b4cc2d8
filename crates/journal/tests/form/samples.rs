//! One fixed entry for each kind of event.

use ledger::agents::*;
use ledger::authorizations::*;
use ledger::book::{BookOpened, Environment};
use ledger::cards::*;
use ledger::clock::ClockAdvanced;
use ledger::deposits::{Chain, DepositConfirmed};
use ledger::holders::*;
use ledger::intents::*;
use ledger::keys::{Family, KeyCreated, NewKey, Scope};
use ledger::limits::{ExceededLimit, Limit, Window};
use ledger::matching::{Comparison, Expectation, Mcc, Merchant, Tolerance};
use ledger::*;

const HOLDER: HolderId = HolderId([0x10; 16]);
const AGENT: AgentId = AgentId([0x11; 16]);
const CARD: CardId = CardId([0x12; 16]);
const INTENT: IntentId = IntentId([0x13; 16]);
const ATTESTATION: AttestationId = AttestationId([0x14; 16]);
const TRANSACTION: TransactionId = TransactionId([0x15; 16]);
const NETWORK_ID: [u8; 16] = [0x16; 16];

/// The entries, each with the name of its event in `proto/`.
pub(crate) fn all() -> Vec<(&'static str, Entry)> {
    let (holder, agent, card) = (HOLDER, AGENT, CARD);
    let (intent, attestation, transaction) = (INTENT, ATTESTATION, TRANSACTION);
    vec![
        memo(
            "book_opened",
            Event::BookOpened(BookOpened {
                book: BookId([0x17; 16]),
                environment: Environment::Sandbox,
            }),
        ),
        memo(
            "key_created",
            Event::KeyCreated(KeyCreated {
                key: KeyId([0x18; 16]),
                new: NewKey {
                    family: Family::LedgerOs,
                    scope: Scope::Write,
                    prefix: *b"prefix00",
                    digest: [0x19; 32],
                },
                agent: Some(agent),
            }),
        ),
        memo("clock_advanced", Event::ClockAdvanced(ClockAdvanced { by_ms: 90_000_000 })),
        memo("holder_created", Event::HolderCreated(HolderCreated { holder, profile: sealed() })),
        memo(
            "verification_changed",
            Event::VerificationChanged(VerificationChanged {
                holder,
                verification: Verification {
                    status: VerificationStatus::NeedsInformation,
                    required: vec![DocumentKind::Selfie, DocumentKind::ProofOfAddress],
                    reason: Some(DenialReason::SanctionsMatch),
                },
            }),
        ),
        memo(
            "document_added",
            Event::DocumentAdded(DocumentAdded {
                document: DocumentId([0x1a; 16]),
                holder,
                kind: DocumentKind::GovernmentIdFront,
                content: sealed(),
            }),
        ),
        entry(
            "deposit_confirmed",
            Event::DepositConfirmed(DepositConfirmed {
                transaction,
                holder,
                chain: Chain::Solana,
                asset: Asset::Usdc,
                amount: Amount(50_000_000),
                credited: Amount(5_000),
                rate: Rate::ONE,
                rate_source: text("sandbox"),
                released: true,
                reference: [0x1b; 16],
            }),
            vec![
                posting(Side::Debit, Account::Custody, Asset::Usdc, 50_000_000),
                posting(Side::Credit, Account::Exchange, Asset::Usdc, 50_000_000),
                posting(Side::Debit, Account::Exchange, Asset::Usd, 5_000),
                posting(Side::Credit, Account::Overdrawn(holder), Asset::Usd, 1_000),
                posting(Side::Credit, Account::Available(holder), Asset::Usd, 4_000),
            ],
        ),
        memo(
            "agent_registered",
            Event::AgentRegistered(AgentRegistered {
                agent,
                holder,
                profile: AgentProfile {
                    name: text("Shopper"),
                    description: Some(text("buys books")),
                    external_id: Some(text("agent-7")),
                },
                policy: AgentPolicy {
                    limit: Limit { window: Window::Week, amount: Amount(50_000) },
                    on_exceeded: OnExceeded::Notify,
                    cards_max: Some(3),
                },
                reference: Some([0x1c; 16]),
            }),
        ),
        memo(
            "agent_status_changed",
            Event::AgentStatusChanged(AgentStatusChanged { agent, status: AgentStatus::Suspended }),
        ),
        memo(
            "agent_limit_exceeded",
            Event::AgentLimitExceeded(AgentLimitExceeded {
                agent,
                transaction,
                exceeded: exceeded(),
            }),
        ),
        memo(
            "card_created",
            Event::CardCreated(CardCreated {
                card,
                agent,
                holder,
                terms: CardTerms {
                    purpose: text("a book"),
                    kind: CardKind::Single,
                    limits: CardLimits {
                        total: Amount(10_000),
                        per_authorization: Some(Amount(5_000)),
                        per_day: None,
                        per_month: Some(Amount(0)),
                    },
                },
                number: CardNumber {
                    sealed: sealed(),
                    last4: *b"4242",
                    expiry_year: 2029,
                    expiry_month: 12,
                },
            }),
        ),
        memo(
            "card_status_changed",
            Event::CardStatusChanged(CardStatusChanged { card, status: CardStatus::Closed }),
        ),
        memo(
            "intent_declared",
            Event::IntentDeclared(IntentDeclared {
                intent,
                card,
                summary: text("Der Prozeß, gebunden"),
                expectation: Expectation {
                    amount: Amount(2_999),
                    merchant: text("Buchhandlung"),
                    mccs: vec![mcc(5_942), mcc(0)],
                    tolerance: Tolerance::Percent(10),
                },
                warnings: vec![Window::Day, Window::Total],
                expires_at: later(),
            }),
        ),
        memo(
            "attestation_recorded",
            Event::AttestationRecorded(AttestationRecorded {
                attestation,
                card,
                intent,
                declared: Position(300),
                statement: Statement {
                    summary: text("paying now"),
                    amount: Amount(2_999),
                    merchant: text("Buchhandlung"),
                },
                expires_at: later(),
            }),
        ),
        memo(
            "intent_assessed",
            Event::IntentAssessed(IntentAssessed {
                intent,
                transaction,
                comparison: Comparison { amount: true, merchant: true, mcc: false },
                declared: Position(300),
                attested: Some(Position(301)),
            }),
        ),
        memo("intent_released", Event::IntentReleased(IntentReleased { intent, transaction })),
        memo(
            "intent_closed",
            Event::IntentClosed(IntentClosed { intent, reason: IntentEnd::Canceled }),
        ),
        entry(
            "authorization_approved",
            Event::AuthorizationApproved(AuthorizationApproved {
                transaction,
                card,
                agent,
                holder,
                terms: terms(),
                intent: Some(intent),
                attestation: Some(attestation),
                expires_at: later(),
            }),
            vec![
                posting(Side::Debit, Account::Available(holder), Asset::Usd, 2_999),
                posting(Side::Credit, Account::Held(holder, transaction), Asset::Usd, 2_999),
            ],
        ),
        memo(
            "authorization_declined",
            Event::AuthorizationDeclined(AuthorizationDeclined {
                transaction,
                card,
                agent,
                holder,
                terms: terms(),
                reason: DeclineReason::LimitPerMonth,
                exceeded: Some(exceeded()),
            }),
        ),
        entry(
            "authorization_reversed",
            Event::AuthorizationReversed(AuthorizationReversed {
                transaction,
                amount: Amount(999),
                is_final: false,
                network_id: Some(NETWORK_ID),
            }),
            vec![
                posting(Side::Debit, Account::Held(holder, transaction), Asset::Usd, 999),
                posting(Side::Credit, Account::Available(holder), Asset::Usd, 999),
            ],
        ),
        by_itself(entry(
            "authorization_expired",
            Event::AuthorizationExpired(AuthorizationExpired {
                transaction,
                released: Amount(2_000),
            }),
            vec![
                posting(Side::Debit, Account::Held(holder, transaction), Asset::Usd, 2_000),
                posting(Side::Credit, Account::Available(holder), Asset::Usd, 2_000),
            ],
        )),
        entry(
            "cleared",
            Event::Cleared(Cleared {
                transaction,
                amount: Amount(u128::MAX),
                from_hold: Amount(1 << 64),
                released: Amount::ZERO,
                is_final: true,
                is_late: true,
                network_id: None,
            }),
            vec![
                posting(Side::Debit, Account::Incoming(holder), Asset::Usd, u128::MAX),
                posting(Side::Credit, Account::NetworkPayable(Scheme::Visa), Asset::Usd, u128::MAX),
            ],
        ),
        entry(
            "refunded",
            Event::Refunded(Refunded { transaction, amount: Amount(2_999), network_id: None }),
            vec![
                posting(Side::Debit, Account::NetworkReceivable(Scheme::Visa), Asset::Usd, 2_999),
                posting(Side::Credit, Account::Available(holder), Asset::Usd, 2_999),
            ],
        ),
    ]
}

fn memo(name: &'static str, event: Event) -> (&'static str, Entry) {
    entry(name, event, Vec::new())
}

fn entry(name: &'static str, event: Event, postings: Vec<Posting>) -> (&'static str, Entry) {
    let entry = Entry {
        position: Position(1_000_000),
        at: Timestamp::from_millis(1_800_000_000_000),
        command: CommandId([0x20; 16]),
        origin: Origin {
            route: 12,
            fingerprint: [0x21; 16],
            request: [0x22; 16],
            actor: Some(KeyId([0x23; 16])),
        },
        events: vec![event],
        postings: Postings::new(postings).unwrap(),
    };
    (name, entry)
}

/// Nobody called.
fn by_itself((name, entry): (&'static str, Entry)) -> (&'static str, Entry) {
    (name, Entry { origin: Origin::LEDGER, ..entry })
}

fn posting(side: Side, account: Account, asset: Asset, amount: u128) -> Posting {
    Posting { side, account, asset, amount: Amount(amount) }
}

fn terms() -> Terms {
    Terms {
        amount: Amount(2_999),
        asset: Asset::Usd,
        merchant: Merchant {
            name: text("BUCHHANDLUNG*42"),
            mcc: Some(mcc(5_942)),
            city: Some(text("Wien")),
            country: Some(text("AT")),
        },
        network_id: Some(NETWORK_ID),
    }
}

fn exceeded() -> ExceededLimit {
    let limit = Limit { window: Window::Month, amount: Amount(10_000) };
    ExceededLimit { limit, left: Amount(500) }
}

fn sealed() -> Sealed {
    Sealed { subject: [0x30; 16], reference: [0x31; 16], commitment: [0x32; 32] }
}

fn mcc(code: u16) -> Mcc {
    Mcc::new(code).unwrap()
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap()
}

fn later() -> Timestamp {
    Timestamp::from_millis(1_800_003_600_000)
}
