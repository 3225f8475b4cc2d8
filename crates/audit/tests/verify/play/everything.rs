//! A history in which everything happens.

use ledger::agents::{AgentStatus, ChangeAgent, ChangeAgentPolicy};
use ledger::authorizations::{Authorize, Confirm, Increment, Mode};
use ledger::cards::{
    ActiveHours, CardControls, CardKind, CardStatus, ChangeCard, ChangeCardLimits, Setting,
};
use ledger::clearings::ForceClear;
use ledger::clock::AdvanceClock;
use ledger::deposits::ReverseDeposit;
use ledger::holders::{AddDocument, DocumentKind, StartVerification, VerificationStatus};
use ledger::intents::{ApproveIntent, CancelIntent, DeclareIntent, Enforcement, RejectIntent};
use ledger::keys::{Family, RevokeKey};
use ledger::ledgers::{ChangeLedger, LedgerStatus, TransferBetweenLedgers};
use ledger::limits::{Limit, Window};
use ledger::matching::Mcc;
use ledger::presentments::{AssignPresentment, RecordPresentment, WriteOffPresentment};
use ledger::refunds::{RecordUnlinkedRefund, ReleaseRefund};
use ledger::settlement::SettleNetwork;
use ledger::time::DAY_MS;
use ledger::transfers::TransferStatus;
use ledger::webhooks::*;
use ledger::{
    AgentId, Amount, Asset, CardId, Command, Event, HolderId, IntentId, LedgerKind, Metadata,
    Position, Scheme, TransactionId, WalletId,
};

use super::cards::{
    attestation, clear, correct, declaration, foreign, question, refund, reverse, take_back, terms,
};
use super::money::{advance, conversion, posted, reversed, sealed, transfer};
use super::{Play, change, text};
use crate::support::INCARNATION;

/// Every event occurs, and every table has rows.
pub(crate) fn everything() -> Play {
    let mut play = Play::of_incarnation([9; 16]);
    play.recover(INCARNATION, None);
    let forgotten = play.holder();
    play.erase(forgotten);
    let [waiting, patient] = [11_00, 12_00].map(|cents| {
        let holder = play.holder();
        play.deposit(holder, cents);
        holder
    });
    let holder = person(&mut play);
    let agent = play.agent(holder);
    let card = play.card(agent, CardKind::Multi);
    holds(&mut play, card);
    clearings(&mut play, holder, card);
    refunds(&mut play, card);
    presentments(&mut play, card);
    let scheme = Scheme::Visa;
    play.act(Command::SettleNetwork(SettleNetwork { scheme, day: None, fees: Amount(2_50) }));
    late(&mut play, card);
    intents(&mut play, agent);
    keys_and_names(&mut play);
    wallets(&mut play, holder);
    ledgers(&mut play);
    webhooks(&mut play);
    limits(&mut play, agent, card);
    // Nothing that has happened so far can be taken back after this.
    play.pass(100 * DAY_MS);
    play.verify(patient, VerificationStatus::Approved);
    play.verify(waiting, VerificationStatus::NeedsInformation);
    play.act(Command::AdvanceClock(AdvanceClock { by_ms: DAY_MS }));
    let agent = play.agent(holder);
    let controls = CardControls { approval_above: Some(Amount(50_00)), ..CardControls::default() };
    let card = play.card_with(agent, CardKind::Single, controls);
    let [_taken, _read, approved, _unasked] =
        [12_00, 20_00, 60_00, 70_00].map(|cents| intent(&mut play, declaration(card, cents)));
    play.act(Command::ApproveIntent(ApproveIntent { intent: approved }));
    play.act(attestation(card, 20_00));
    play.authorize(card, 12_00);
    play.deposit(holder, 1_00);
    play
}

/// Somebody with money, some of which came before the approval.
fn person(play: &mut Play) -> HolderId {
    let holder = play.holder();
    play.act(Command::StartVerification(StartVerification { holder }));
    let kind = DocumentKind::GovernmentIdFront;
    play.act(Command::AddDocument(AddDocument { holder, kind, content: sealed(5) }));
    play.deposit(holder, 2_000_00);
    let never = play.deposit(holder, 5_00);
    play.act(take_deposit_back(never));
    play.verify(holder, VerificationStatus::Approved);
    let gone = play.deposit(holder, 7_00);
    play.act(take_deposit_back(gone));
    holder
}

/// Keys that come and go, and somebody who is called otherwise, before a lock and under it.
fn keys_and_names(play: &mut Play) {
    let [gone, _kept] = [(); 2].map(|()| play.key());
    play.act(Command::RevokeKey(RevokeKey { key: gone }));
    let holder = play.holder();
    play.act(change(holder, 1, 8));
    play.verify(holder, VerificationStatus::ManualReview);
    for before in [8, 9] {
        play.verify(holder, VerificationStatus::Locked);
        play.act(change(holder, before, before + 1));
    }
}

/// One that goes, one that is changed, and one that stays as it is.
fn webhooks(play: &mut Play) {
    let [gone, changed, _kept] =
        [Family::LedgerApi, Family::LedgerOs, Family::LedgerOs].map(|family| {
            let (topics, url, secret) = (Topics::All, sealed(6), sealed(7));
            let command = RegisterWebhook { family, topics, url, secret };
            match play.act(Command::RegisterWebhook(command)).events[..] {
                [Event::WebhookRegistered(ref event)] => event.webhook,
                ref events => panic!("{events:?}"),
            }
        });
    play.act(Command::TestWebhook(TestWebhook { webhook: gone }));
    play.act(Command::ReplayWebhook(ReplayWebhook { webhook: gone, from: Position(1) }));
    play.act(Command::RemoveWebhook(RemoveWebhook { webhook: gone }));
    play.pass(DAY_MS);
    let secret = sealed(8);
    play.act(Command::RotateWebhookSecret(RotateWebhookSecret { webhook: changed, secret }));
    play.act(Command::ChangeWebhook(ChangeWebhook {
        webhook: changed,
        url: Some(sealed(9)),
        topics: Topics::new([Topic::CardCreated].into()),
        status: Some(WebhookStatus::Disabled),
    }));
}

/// What becomes of holds before they are cleared.
fn holds(play: &mut Play, card: CardId) {
    let fuel = play.authorize(card, 100_00);
    play.act(increment(fuel, 20_00));
    play.act(increment(fuel, 2_000_00));
    let (amount, network_id) = (Amount(45_30), None);
    play.act(Command::Confirm(Confirm { transaction: fuel, amount, network_id }));
    play.act(reverse(fuel, Some(Amount(200_00))));
    play.act(reverse(fuel, Some(Amount(5_30))));
    play.act(clear(fuel, 30_00, false));
    play.act(clear(fuel, 11_00, true));
    play.act(correct(fuel, Some(Amount(1_00))));

    let voided = play.authorize(card, 9_00);
    play.act(reverse(voided, None));
    let (whole, part) = (question(card, 900_00, None), question(card, 990_00, None));
    play.transaction(Command::Authorize(whole));
    play.transaction(Command::Authorize(part.clone()));
    play.transaction(Command::Authorize(Authorize { accepts_part: true, ..part.clone() }));
    play.transaction(Command::Authorize(part.clone()));
    play.transaction(Command::Authorize(Authorize { mode: Mode::Advice, ..part }));
    play.transaction(Command::Authorize(question(card, 0, None)));
}

/// Captures, asked for and not. The card's holder owes by now.
fn clearings(play: &mut Play, holder: HolderId, card: CardId) {
    let shop = Authorize { terms: foreign(10_00, None), ..question(card, 0, None) };
    play.act(Command::DeclareIntent(declaration(card, 5_00)));
    play.deposit(holder, 3_000_00);
    play.transaction(Command::Authorize(Authorize { mode: Mode::Purchase, ..shop.clone() }));
    let hotel = play.transaction(Command::Authorize(shop));
    play.act(clear(hotel, 12_00, true));

    let (early, awaited) = (foreign(20_00, None), play.reference());
    let awaits = Some(awaited);
    let early = play.transaction(Command::ForceClear(ForceClear { card, terms: early, awaits }));
    play.act(Command::Authorize(question(card, 21_60, awaits)));
    let (terms, awaits) = (terms(3_00, None), None);
    let mistaken = play.transaction(Command::ForceClear(ForceClear { card, terms, awaits }));
    play.act(correct(mistaken, None));
    play.act(refund(early, Some(Amount(2_00))));
}

/// Refunds with and without a purchase, kept and taken back.
fn refunds(play: &mut Play, card: CardId) {
    let bought = play.authorize(card, 60_00);
    play.act(clear(bought, 60_00, true));
    play.act(refund(bought, Some(Amount(25_00))));
    play.act(refund(bought, Some(Amount(5_00))));
    play.act(take_back(bought, Some(Amount(4_00))));
    let kept = play.authorize(card, 8_00);
    play.act(clear(kept, 8_00, true));
    play.act(refund(kept, None));
    play.act(take_back(kept, None));

    let [spent, gone, _reviewed] = [13_00, 14_00, 15_00].map(|cents| unlinked(play, card, cents));
    play.act(Command::ReleaseRefund(ReleaseRefund { transaction: spent }));
    play.act(take_back(spent, Some(Amount(3_00))));
    play.act(take_back(gone, None));
}

fn presentments(play: &mut Play, card: CardId) {
    let [found, lost, _sought] = [17_00, 18_00, 19_00].map(|cents| {
        let terms = terms(cents, None);
        play.transaction(Command::RecordPresentment(RecordPresentment { terms }))
    });
    play.act(Command::AssignPresentment(AssignPresentment { transaction: found, card }));
    play.act(Command::WriteOffPresentment(WriteOffPresentment { transaction: lost }));
}

/// What comes after the settlement, and after the end of a hold.
fn late(play: &mut Play, card: CardId) {
    let expired = play.authorize(card, 31_00);
    let part = play.authorize(card, 32_00);
    play.act(clear(part, 2_00, false));
    let voided = play.authorize(card, 33_00);
    play.act(reverse(voided, None));
    play.act(clear(voided, 33_00, false));
    play.pass(40 * DAY_MS);
    play.act(correct(part, None));
    play.act(clear(expired, 1_00, true));
    play.act(correct(expired, None));
}

/// Intents that are approved, kept, reserved and given up.
fn intents(play: &mut Play, agent: AgentId) {
    let card = play.card_with(
        agent,
        CardKind::Multi,
        CardControls {
            authorizations_max: Some(40),
            ttl_days: Some(300),
            mccs_allowed: vec![Mcc::new(5732).unwrap(), Mcc::new(5411).unwrap()],
            mccs_blocked: vec![Mcc::new(7995).unwrap()],
            merchant: Some(text("Amazon")),
            active_hours: ActiveHours::new(0, 1_439),
            cooldown_minutes: 0,
            attestation_window_minutes: Some(60),
            intent_required: true,
            enforcement: Enforcement::Inform,
            approval_above: Some(Amount(50_00)),
        },
    );
    let [large, rejected, _unasked] = [60_00, 70_00, 80_00].map(|cents| {
        let enforcement = Some(Enforcement::Decline);
        intent(play, DeclareIntent { enforcement, ..declaration(card, cents) })
    });
    play.act(Command::ApproveIntent(ApproveIntent { intent: large }));
    play.act(Command::RejectIntent(RejectIntent { intent: rejected }));
    play.act(attestation(card, 60_00));
    let voided = play.authorize(card, 60_00);
    play.act(reverse(voided, None));
    let bought = play.authorize(card, 60_00);
    play.act(clear(bought, 90_00, true));

    let [used, canceled, _unused] = [20_00, 21_00, 49_00].map(|cents| {
        let ttl_minutes = Some(90);
        intent(play, DeclareIntent { reserves: true, ttl_minutes, ..declaration(card, cents) })
    });
    play.act(attestation(card, 20_00));
    let question = question(card, 20_50, None);
    play.transaction(Command::Authorize(Authorize { mode: Mode::Purchase, ..question }));
    play.attempt(Command::CancelIntent(CancelIntent { intent: used })).unwrap_err();
    play.act(Command::CancelIntent(CancelIntent { intent: canceled }));
    play.act(Command::ChangeCard(ChangeCard { card, status: CardStatus::Closed }));
}

fn wallets(play: &mut Play, holder: HolderId) {
    let wallet = play.wallet(holder);
    let account = play.virtual_account(holder);
    play.transaction(play.euros(account, 250_00));
    let reversed = play.transaction(play.euros(account, 50_00));
    play.act(take_deposit_back(reversed));
    play.transaction(play.tokens(wallet, Asset::Usdc, 90_000_000));
    let spent = play.transaction(play.tokens(wallet, Asset::Usdc, 40_000_000));
    play.transaction(play.tokens(wallet, Asset::Pyusd, 40_000_000));
    transfers(play, wallet);
    play.act(take_deposit_back(spent));
    play.transaction(play.tokens(wallet, Asset::Usdc, 500_000));

    let waiting = play.holder();
    play.verify(waiting, VerificationStatus::Approved);
    let account = play.virtual_account(waiting);
    play.verify(waiting, VerificationStatus::ManualReview);
    let euros = [30_00, 31_00, 32_00].map(|cents| play.transaction(play.euros(account, cents)));
    play.act(take_deposit_back(euros[1]));
    play.verify(waiting, VerificationStatus::Approved);
    play.verify(waiting, VerificationStatus::ManualReview);
    play.transaction(play.euros(account, 33_00));
    play.act(conversion(12_00));
}

/// One that comes to each status.
fn transfers(play: &mut Play, wallet: WalletId) {
    use TransferStatus::{
        Completed, Failed, FundsReceived, PaymentProcessed, PaymentSubmitted, Refunded, Returned,
    };
    let ways: [&[TransferStatus]; 8] = [
        &[],
        &[FundsReceived],
        &[FundsReceived, PaymentSubmitted],
        &[PaymentSubmitted, PaymentProcessed],
        &[PaymentProcessed, Completed],
        &[Failed],
        &[Completed, Returned],
        &[FundsReceived, Refunded],
    ];
    for (way, amount) in ways.into_iter().zip(10_000_000..) {
        let transaction = play.transaction(transfer(wallet, amount));
        for status in way {
            play.act(advance(transaction, *status));
        }
    }
}

fn ledgers(play: &mut Play) {
    let reserve = play.ledger("1000", LedgerKind::Asset);
    let merchants = play.ledger("2000", LedgerKind::Liability);
    let fees = play.ledger("4000", LedgerKind::Income);
    let entry = play.act(posted(reserve, merchants, 80_00));
    let Event::JournalPosted(journal) = &entry.events[0] else { panic!("{entry:?}") };
    play.act(reversed(journal.journal));
    play.act(posted(reserve, merchants, 80_00));
    play.act(Command::TransferBetweenLedgers(TransferBetweenLedgers {
        source: merchants,
        destination: fees,
        amount: Amount(1_20),
        description: Some(text("Fee of March")),
        metadata: Metadata::default(),
    }));
    let status = LedgerStatus::Frozen;
    play.act(Command::ChangeLedger(ChangeLedger { ledger: fees, status }));
}

/// Other limits, and what happens at them.
fn limits(play: &mut Play, agent: AgentId, card: CardId) {
    play.act(Command::ChangeCardLimits(ChangeCardLimits {
        card,
        total: Setting::Set(Amount(40_000_00)),
        per_authorization: Setting::Set(None),
        per_day: Setting::Set(Some(Amount(3_000_00))),
        per_month: Setting::Keep,
    }));
    play.act(Command::ChangeAgentPolicy(ChangeAgentPolicy {
        agent,
        limit: Setting::Set(Limit { window: Window::Year, amount: Amount(1_00) }),
        on_exceeded: Setting::Keep,
        cards_max: Setting::Set(Some(5)),
    }));
    play.authorize(card, 2_00);
    play.act(Command::ChangeAgent(ChangeAgent { agent, status: AgentStatus::Active }));
}

fn intent(play: &mut Play, declaration: DeclareIntent) -> IntentId {
    let entry = play.act(Command::DeclareIntent(declaration));
    match entry.events[..] {
        [Event::IntentDeclared(ref event)] => event.intent,
        ref events => panic!("{events:?}"),
    }
}

fn unlinked(play: &mut Play, card: CardId, cents: u128) -> TransactionId {
    let terms = terms(cents, None);
    play.transaction(Command::RecordUnlinkedRefund(RecordUnlinkedRefund { card, terms }))
}

fn increment(transaction: TransactionId, cents: u128) -> Command {
    Command::Increment(Increment { transaction, amount: Amount(cents), network_id: None })
}

fn take_deposit_back(transaction: TransactionId) -> Command {
    Command::ReverseDeposit(ReverseDeposit { transaction })
}
