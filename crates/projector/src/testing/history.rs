//! Histories that nobody has thought of.

use ledger::authorizations::{Authorize, Confirm, Increment, Mode, Reverse};
use ledger::clearings::{Clear, Correct, ForceClear};
use ledger::deposits::ReverseDeposit;
use ledger::intents::{CancelIntent, DeclareIntent};
use ledger::ledgers::{JournalLine, PostJournal, ReverseJournal};
use ledger::presentments::{AssignPresentment, RecordPresentment, WriteOffPresentment};
use ledger::refunds::{RecordUnlinkedRefund, Refund, ReleaseRefund, ReverseRefund};
use ledger::settlement::SettleNetwork;
use ledger::time::HOUR_MS;
use ledger::transfers::TransferStatus;
use ledger::wallets::ConfirmWalletDeposit;
use ledger::{IntentId, JournalId, LedgerId, LedgerKind, Metadata, Scheme, Side, WalletId};

use super::cards::{attestation, declaration, foreign, question, terms};
use super::wallets::{advance, payout};
use super::*;

/// Whatever can happen to three holders, their cards and their wallets; what the rules refuse is left out. A choice is an
/// action, what it is done to, and an amount.
pub(crate) fn history(store: Store, choices: &[(u8, u8, u16)]) -> Play {
    let mut play = Play::new(store);
    let kinds = [CardKind::Multi, CardKind::Single, CardKind::Multi];
    let spenders = kinds.map(|kind| play.spender(300_00, kind));
    let wallets = spenders.map(|(holder, _, _)| {
        let wallet = play.wallet(holder);
        play.wallet_deposit(wallet, 5_000);
        wallet
    });
    let ledgers = [LedgerKind::Asset, LedgerKind::Income].map(|kind| {
        let code = format!("{kind:?}");
        play.ledger(&code, kind)
    });
    let unknown = TransactionId([0; 16]);
    let mut made = Made::default();
    for (action, which, amount) in choices {
        let place = usize::from(*which);
        let (holder, _, card) = spenders[place % spenders.len()];
        let subject = Subject {
            holder,
            card,
            wallet: wallets[place % wallets.len()],
            ledgers,
            transaction: pick(&made.transactions, place).unwrap_or(unknown),
            deposit: pick(&made.deposits, place).unwrap_or(unknown),
            presentment: pick(&made.presentments, place).unwrap_or(unknown),
            transfer: pick(&made.transfers, place).unwrap_or(unknown),
            intent: pick(&made.intents, place).unwrap_or(IntentId([0; 16])),
            journal: pick(&made.journals, place).unwrap_or(JournalId([0; 16])),
            is_even: which.is_multiple_of(2),
            amount: u128::from(*amount) / 4 + 1,
        };
        if 250 < *action {
            play.pass(u64::from(*which) * HOUR_MS);
        }
        // A refusal writes nothing, and that is fine here.
        if let Ok(entry) = play.attempt(command(*action, &subject, play.reference())) {
            entry.events.iter().for_each(|event| made.note(event));
        }
    }
    play
}

/// One of the last few.
fn pick<T: Copy>(made: &[T], place: usize) -> Option<T> {
    let last = &made[made.len().saturating_sub(4)..];
    last.get(place.checked_rem(last.len())?).copied()
}

/// What a command is about.
struct Subject {
    holder: HolderId,
    card: CardId,
    wallet: WalletId,
    ledgers: [LedgerId; 2],
    transaction: TransactionId,
    deposit: TransactionId,
    presentment: TransactionId,
    transfer: TransactionId,
    intent: IntentId,
    journal: JournalId,
    is_even: bool,
    amount: u128,
}

/// What later commands may name.
#[derive(Default)]
struct Made {
    transactions: Vec<TransactionId>,
    deposits: Vec<TransactionId>,
    presentments: Vec<TransactionId>,
    transfers: Vec<TransactionId>,
    intents: Vec<IntentId>,
    journals: Vec<JournalId>,
}

impl Made {
    fn note(&mut self, event: &Event) {
        match event {
            Event::IntentDeclared(event) => self.intents.push(event.intent),
            Event::JournalPosted(event) => self.journals.push(event.journal),
            Event::DepositConfirmed(event) => self.deposits.push(event.transaction),
            Event::WalletDepositConfirmed(event) => self.deposits.push(event.transaction),
            Event::TransferCreated(event) => self.transfers.push(event.transaction),
            Event::AuthorizationApproved(event) => self.transactions.push(event.transaction),
            Event::Purchased(event) => self.transactions.push(event.transaction),
            Event::ForceCleared(event) => self.transactions.push(event.transaction),
            Event::UnlinkedRefundReceived(event) => self.transactions.push(event.transaction),
            Event::PresentmentSuspended(event) => self.presentments.push(event.transaction),
            _ => {}
        }
    }
}

fn command(action: u8, subject: &Subject, reference: [u8; 16]) -> Command {
    let Subject { holder, card, wallet, transaction, intent, is_even, amount, .. } = *subject;
    let some = Some(Amount(amount));
    let network_id = None;
    match action % 45 {
        0 => Command::ConfirmDeposit(ConfirmDeposit {
            holder,
            chain: Chain::Base,
            asset: Asset::Usdc,
            amount: Amount(amount * 10_000),
            rate: Rate::ONE,
            rate_source: text("sandbox"),
            reference,
        }),
        1 => verification(holder, VerificationStatus::Locked),
        2 | 3 => verification(holder, VerificationStatus::Approved),
        4..=7 => Command::Authorize(question(card, amount, "Amazon")),
        8 => Command::Authorize(Authorize {
            terms: foreign(amount, "Amazon"),
            ..question(card, amount, "Amazon")
        }),
        9 => {
            Command::Authorize(Authorize { accepts_part: true, ..question(card, amount, "Amazon") })
        }
        10 => Command::Authorize(Authorize {
            mode: Mode::Purchase,
            ..question(card, amount, "Amazon")
        }),
        11 => {
            Command::Authorize(Authorize { mode: Mode::Advice, ..question(card, amount, "Amazon") })
        }
        12 => Command::Authorize(question(card, 0, "Amazon")),
        13 => Command::DeclareIntent(declaration(card, amount, "Amazon")),
        14 | 15 => Command::DeclareIntent(DeclareIntent {
            reserves: true,
            ..declaration(card, amount, "Amazon")
        }),
        16 => Command::Attest(attestation(card, amount, "amazon")),
        17 => Command::CancelIntent(CancelIntent { intent }),
        18 => Command::Increment(Increment { transaction, amount: Amount(amount), network_id }),
        19 => Command::Confirm(Confirm { transaction, amount: Amount(amount), network_id }),
        20 | 21 => Command::Reverse(Reverse { transaction, amount: some, network_id }),
        22 => Command::Reverse(Reverse { transaction, amount: None, network_id }),
        23..=25 => Command::Clear(Clear {
            transaction,
            amount: some.filter(|_| is_even),
            is_final: action.is_multiple_of(2),
            network_id,
        }),
        26 => {
            Command::Correct(Correct { transaction, amount: some.filter(|_| is_even), network_id })
        }
        27 => Command::Refund(Refund { transaction, amount: None, network_id }),
        28 => Command::ReverseRefund(ReverseRefund {
            transaction,
            amount: some.filter(|_| is_even),
            network_id,
        }),
        29 => {
            let terms = foreign(amount, "Kiosk");
            Command::ForceClear(ForceClear { card, terms, awaits: None })
        }
        30 => {
            let terms = terms(amount, "Airline");
            Command::RecordUnlinkedRefund(RecordUnlinkedRefund { card, terms })
        }
        31 => Command::ReleaseRefund(ReleaseRefund { transaction }),
        32 => Command::RecordPresentment(RecordPresentment { terms: terms(amount, "Kiosk") }),
        33 => {
            let transaction = subject.presentment;
            if is_even {
                Command::AssignPresentment(AssignPresentment { transaction, card })
            } else {
                Command::WriteOffPresentment(WriteOffPresentment { transaction })
            }
        }
        34 => {
            let (scheme, day, fees) = (Scheme::Visa, None, Amount(20));
            Command::SettleNetwork(SettleNetwork { scheme, day, fees })
        }
        35 => Command::ReverseDeposit(ReverseDeposit { transaction: subject.deposit }),
        36 | 37 => Command::ConfirmWalletDeposit(ConfirmWalletDeposit {
            wallet,
            chain: Chain::Tron,
            asset: if amount.is_multiple_of(4) { Asset::Usdt } else { Asset::Usdc },
            amount: Amount(amount),
            reference,
        }),
        38 | 39 => Command::CreateTransfer(payout(wallet, amount / 8)),
        40..=42 => {
            use TransferStatus::{Completed, Failed, PaymentSubmitted, Returned};
            let statuses = [PaymentSubmitted, Completed, Failed, Returned];
            let place = amount as usize % statuses.len();
            Command::AdvanceTransfer(advance(subject.transfer, statuses[place]))
        }
        43 => {
            let sides = subject.ledgers.into_iter().zip([Side::Debit, Side::Credit]);
            let lines = sides.map(|(ledger, side)| JournalLine {
                ledger,
                side,
                amount: Amount(amount),
                description: None,
            });
            Command::PostJournal(PostJournal {
                lines: lines.collect(),
                description: None,
                effective_at: None,
                metadata: Metadata::default(),
            })
        }
        _ => Command::ReverseJournal(ReverseJournal {
            journal: subject.journal,
            parts: None,
            description: None,
            metadata: Metadata::default(),
        }),
    }
}

fn verification(holder: HolderId, status: VerificationStatus) -> Command {
    let verification = Verification { status, required: Vec::new(), reason: None };
    Command::RecordVerification(RecordVerification { holder, verification })
}
