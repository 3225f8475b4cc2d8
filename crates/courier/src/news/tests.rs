use std::cell::RefCell;
use std::collections::BTreeMap;

use ledger::authorizations::{Authorize, Mode, Reverse, Terms};
use ledger::cards::{CardKind, CardStatus, ChangeCard};
use ledger::clearings::{Clear, Correct, ForceClear};
use ledger::deposits::Chain;
use ledger::deposits::ReverseDeposit;
use ledger::holders::{
    DenialReason, DocumentKind, RecordVerification, Verification, VerificationStatus,
};
use ledger::intents::DeclareIntent;
use ledger::matching::{Expectation, Merchant, Tolerance};
use ledger::refunds::{RecordUnlinkedRefund, Refund, ReleaseRefund};
use ledger::time::{DAY_MS, HOUR_MS};
use ledger::transfers::{
    AdvanceTransfer, Completion, CreateTransfer, Destination, Rail, Step, TransferStatus,
};
use ledger::wallets::{ConfirmWalletDeposit, CreateWallet, OpenVirtualAccount};
use ledger::{Amount, Asset, CardId, Command, HolderId, Money, Rate, TransactionId, WalletId};

use super::*;
use crate::testing::{Platform, sealed, text};

/// What is told from an entry on, a line each, ids by their kind. That all is told again in the same words is asked, too.
fn lines(platform: &Platform, from: u64) -> Vec<String> {
    let known = RefCell::new(BTreeMap::new());
    let load = |name: &str| Ok(known.borrow().get(name).cloned());
    let mut live = Vec::new();
    let entries = platform.entries(1);
    for stored in &entries {
        let mut facts = Facts::of_live(&load);
        live.push(told(&stored.entry, &mut facts).unwrap().news);
        let changed = facts.into_changed();
        known.borrow_mut().extend(changed);
    }
    for (stored, before) in entries.iter().zip(&live) {
        let mut facts = Facts::of_replay(&load);
        assert_eq!(told(&stored.entry, &mut facts).unwrap().news, *before);
        assert!(facts.into_changed().is_empty());
    }
    let news = live.into_iter().skip(from as usize - 1).flatten();
    news.map(|news| line(&news)).collect()
}

fn line(news: &News) -> String {
    let family = match news.family {
        Family::LedgerApi => "ld",
        Family::LedgerOs => "lk",
    };
    let resource = news.resource.split('_').next().unwrap();
    let mut data = String::new();
    let mut rest = news.data.as_str();
    // What follows an underscore for 26 characters is the rest of an id.
    while let Some((before, after)) = rest.split_once('_') {
        data += before;
        let is_id = |text: &str| ledger::id::decode(text).is_some();
        rest = match after.get(..26).filter(|text| is_id(text)) {
            Some(_) => &after[26..],
            None => {
                data.push('_');
                after
            }
        };
    }
    format!("{family} {} [{resource}] {}", news.topic.name(), (data + rest).replace('"', ""))
}

fn terms(amount: u128, merchant: &str) -> Terms {
    Terms {
        amount: Amount(amount),
        asset: Asset::Usd,
        original: None,
        merchant: Merchant { name: text(merchant), mcc: None, city: None, country: None },
        network_id: None,
    }
}

impl Platform {
    fn authorize(&mut self, card: CardId, amount: u128, mode: Mode) -> TransactionId {
        let terms = terms(amount, "Amazon");
        let question = Authorize { card, terms, mode, accepts_part: false };
        let entry = self.act(Command::Authorize(question));
        let answer = entry.events.iter().find_map(|event| match event {
            Event::AuthorizationApproved(event) => Some(event.transaction),
            Event::AuthorizationDeclined(event) => Some(event.transaction),
            Event::Purchased(event) => Some(event.transaction),
            _ => None,
        });
        answer.unwrap()
    }

    fn clear(&mut self, transaction: TransactionId, amount: u128, is_final: bool) {
        let (amount, network_id) = (Some(Amount(amount)), None);
        self.act(Command::Clear(Clear { transaction, amount, is_final, network_id }));
    }

    /// All of it, if not said.
    fn correct(&mut self, transaction: TransactionId, amount: Option<u128>) {
        let (amount, network_id) = (amount.map(Amount), None);
        self.act(Command::Correct(Correct { transaction, amount, network_id }));
    }

    fn reverse(&mut self, transaction: TransactionId) {
        let (amount, network_id) = (None, None);
        self.act(Command::Reverse(Reverse { transaction, amount, network_id }));
    }

    fn judge(&mut self, holder: HolderId, verification: Verification) {
        self.act(Command::RecordVerification(RecordVerification { holder, verification }));
    }

    fn declare(&mut self, card: CardId, amount: u128) {
        self.act(Command::DeclareIntent(DeclareIntent {
            card,
            summary: text("Buy headphones"),
            expectation: Expectation {
                amount: Amount(amount),
                merchant: text("Amazon"),
                mccs: vec![],
                tolerance: Tolerance::DEFAULT,
            },
            reserves: false,
            enforcement: None,
            ttl_minutes: None,
        }));
    }

    fn wallet(&mut self, holder: HolderId) -> WalletId {
        let entry = self.act(Command::CreateWallet(CreateWallet { holder }));
        match entry.events[..] {
            [Event::WalletCreated(ref event)] => event.wallet,
            ref events => panic!("{events:?}"),
        }
    }

    fn wallet_deposit(&mut self, wallet: WalletId, number: u8) -> TransactionId {
        let (chain, asset, amount) = (Chain::Solana, Asset::Usdc, Amount(5_000_000));
        let reference = [number; 16];
        let command = ConfirmWalletDeposit { wallet, chain, asset, amount, reference };
        let entry = self.act(Command::ConfirmWalletDeposit(command));
        match entry.events[..] {
            [Event::WalletDepositConfirmed(ref event)] => event.transaction,
            ref events => panic!("{events:?}"),
        }
    }

    fn transfer(&mut self, wallet: WalletId, steps: impl IntoIterator<Item = Step>) {
        let (asset, rail, address) = (Asset::Gbp, Rail::FasterPayments, sealed(6));
        let entry = self.act(Command::CreateTransfer(CreateTransfer {
            wallet,
            money: Money { amount: Amount(1_000_000), asset: Asset::Usdc },
            fee: Amount(30_000),
            destination: Destination { asset, rail, address },
            reference: Some(text("Rent")),
            client_reference: Some(text("order-7")),
        }));
        let Event::TransferCreated(ref event) = entry.events[0] else { panic!("{entry:?}") };
        let transaction = event.transaction;
        for step in steps {
            self.act(Command::AdvanceTransfer(AdvanceTransfer { transaction, step }));
        }
    }
}

fn check(platform: &Platform, from: u64, expected: &[&str]) {
    let lines = lines(platform, from);
    assert_eq!(lines, expected, "{lines:#?}");
}

#[test]
fn a_person_is_verified() {
    let mut platform = Platform::on_sqlite();
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Pending);
    platform.judge(
        holder,
        Verification {
            status: VerificationStatus::NeedsInformation,
            required: vec![DocumentKind::ProofOfAddress, DocumentKind::GovernmentIdBack],
            reason: None,
        },
    );
    platform.verify(holder, VerificationStatus::NeedsVerification);
    platform.verify(holder, VerificationStatus::Approved);
    platform.verify(holder, VerificationStatus::Locked);
    platform.verify(holder, VerificationStatus::Approved);
    let other = platform.holder();
    platform.judge(
        other,
        Verification {
            status: VerificationStatus::Denied,
            required: vec![],
            reason: Some(DenialReason::SanctionsMatch),
        },
    );
    check(
        &platform,
        1,
        &[
            "ld customer.created [cus] {customerId:cus,status:active,kycStatus:not_started}",
            "ld customer.updated [cus] {customerId:cus,status:active,kycStatus:under_review}",
            "ld customer.updated [cus] {customerId:cus,status:active,kycStatus:incomplete}",
            "lk user.application.needs_info [user] {userId:user,applicationStatus:needsInformation,requiredFields:[proofOfAddress,governmentIdBack]}",
            "ld customer.updated [cus] {customerId:cus,status:active,kycStatus:incomplete}",
            "lk user.application.needs_info [user] {userId:user,applicationStatus:needsVerification,requiredFields:[]}",
            "ld customer.updated [cus] {customerId:cus,status:active,kycStatus:approved}",
            "lk user.application.approved [user] {userId:user,applicationStatus:approved}",
            "lk user.approved [user] {userId:user,applicationStatus:approved}",
            "ld customer.updated [cus] {customerId:cus,status:suspended,kycStatus:approved}",
            "ld customer.updated [cus] {customerId:cus,status:active,kycStatus:approved}",
            "lk user.application.approved [user] {userId:user,applicationStatus:approved}",
            "lk user.approved [user] {userId:user,applicationStatus:approved}",
            "ld customer.created [cus] {customerId:cus,status:active,kycStatus:not_started}",
            "ld customer.updated [cus] {customerId:cus,status:rejected,kycStatus:rejected}",
            "lk user.application.denied [user] {userId:user,applicationStatus:denied,reason:sanctionsMatch}",
        ],
    );
}

#[test]
fn money_that_waits_is_told_of_when_it_is_there() {
    let mut platform = Platform::on_sqlite();
    let holder = platform.holder();
    platform.deposit(holder, 12_34);
    platform.verify(holder, VerificationStatus::Approved);
    let wallet = platform.wallet(holder);
    let from = platform.head().0 + 1;
    platform.verify(holder, VerificationStatus::Locked);
    platform.deposit(holder, 5_00);
    platform.wallet_deposit(wallet, 1);
    platform.wallet_deposit(wallet, 2);
    let reversed = platform.wallet_deposit(wallet, 3);
    platform.act(Command::ReverseDeposit(ReverseDeposit { transaction: reversed }));
    platform.verify(holder, VerificationStatus::Approved);
    platform.deposit(holder, 1);
    check(
        &platform,
        2,
        &[
            "ld customer.created [cus] {customerId:cus,status:active,kycStatus:not_started}",
            "ld customer.updated [cus] {customerId:cus,status:active,kycStatus:approved}",
            "lk user.application.approved [user] {userId:user,applicationStatus:approved}",
            "lk user.approved [user] {userId:user,applicationStatus:approved}",
            "lk deposit.completed [txn] {transactionId:txn,userId:user,status:completed,amount:1234,currency:USD,chain:base,asset:USDC,assetAmount:12.340000}",
            "ld wallet.created [wal] {walletId:wal,customerId:cus}",
            "ld customer.updated [cus] {customerId:cus,status:suspended,kycStatus:approved}",
            "ld transaction.created [txn] {transactionId:txn,type:wallet_deposit,status:in_review,customerId:cus,walletId:wal,virtualAccountId:null,amount:5.000000,currency:usdc}",
            "ld transaction.created [txn] {transactionId:txn,type:wallet_deposit,status:in_review,customerId:cus,walletId:wal,virtualAccountId:null,amount:5.000000,currency:usdc}",
            "ld transaction.created [txn] {transactionId:txn,type:wallet_deposit,status:in_review,customerId:cus,walletId:wal,virtualAccountId:null,amount:5.000000,currency:usdc}",
            "ld transaction.updated [txn] {transactionId:txn,type:wallet_deposit,status:failed,customerId:cus,walletId:wal,virtualAccountId:null,amount:5.000000,currency:usdc}",
            "ld wallet.updated [wal] {walletId:wal,customerId:cus}",
            "ld customer.updated [cus] {customerId:cus,status:active,kycStatus:approved}",
            "lk user.application.approved [user] {userId:user,applicationStatus:approved}",
            "lk user.approved [user] {userId:user,applicationStatus:approved}",
            "lk deposit.completed [txn] {transactionId:txn,userId:user,status:completed,amount:500,currency:USD,chain:base,asset:USDC,assetAmount:5.000000}",
            "ld transaction.completed [txn] {transactionId:txn,type:wallet_deposit,status:completed,customerId:cus,walletId:wal,virtualAccountId:null,amount:5.000000,currency:usdc}",
            "ld wallet.updated [wal] {walletId:wal,customerId:cus}",
            "ld transaction.completed [txn] {transactionId:txn,type:wallet_deposit,status:completed,customerId:cus,walletId:wal,virtualAccountId:null,amount:5.000000,currency:usdc}",
            "lk deposit.completed [txn] {transactionId:txn,userId:user,status:completed,amount:1,currency:USD,chain:base,asset:USDC,assetAmount:0.010000}",
        ],
    );
    assert!(from < platform.head().0);
}

#[test]
fn wallets_and_transfers_go_their_way() {
    let mut platform = Platform::on_sqlite();
    let holder = platform.holder();
    platform.verify(holder, VerificationStatus::Approved);
    let from = platform.head().0 + 1;
    let currency = Asset::Usd;
    let open = OpenVirtualAccount { holder, wallet: None, currency };
    platform.act(Command::OpenVirtualAccount(open));
    let wallet = platform.wallet(holder);
    platform.wallet_deposit(wallet, 1);
    let complete = Step::Complete(Completion {
        rate: Rate(800_000_000),
        rate_source: text("sandbox"),
        gas: None,
        transaction_hash: None,
    });
    let submitted = Step::Progress(TransferStatus::PaymentSubmitted);
    let reason = Some(text("closed"));
    platform.transfer(wallet, [submitted, complete, Step::Return { reason: reason.clone() }]);
    platform.transfer(wallet, [Step::Fail { status: TransferStatus::Failed, reason }]);
    check(
        &platform,
        from,
        &[
            "ld wallet.created [wal] {walletId:wal,customerId:cus}",
            "ld virtual_account.created [va] {virtualAccountId:va,walletId:wal,customerId:cus,sourceCurrency:usd}",
            "ld wallet.created [wal] {walletId:wal,customerId:cus}",
            "ld transaction.created [txn] {transactionId:txn,type:wallet_deposit,status:completed,customerId:cus,walletId:wal,virtualAccountId:null,amount:5.000000,currency:usdc}",
            "ld transaction.completed [txn] {transactionId:txn,type:wallet_deposit,status:completed,customerId:cus,walletId:wal,virtualAccountId:null,amount:5.000000,currency:usdc}",
            "ld wallet.updated [wal] {walletId:wal,customerId:cus}",
            "ld transaction.created [txn] {transactionId:txn,type:transfer,status:in_review,customerId:cus,walletId:wal,amount:1.000000,fee:0.030000,sourceCurrency:usdc,destinationCurrency:gbp,clientReferenceId:order-7,finalAmount:null}",
            "ld wallet.updated [wal] {walletId:wal,customerId:cus}",
            "ld transaction.updated [txn] {transactionId:txn,type:transfer,status:payment_submitted,customerId:cus,walletId:wal,amount:1.000000,fee:0.030000,sourceCurrency:usdc,destinationCurrency:gbp,clientReferenceId:order-7,finalAmount:null}",
            "ld transaction.completed [txn] {transactionId:txn,type:transfer,status:completed,customerId:cus,walletId:wal,amount:1.000000,fee:0.030000,sourceCurrency:usdc,destinationCurrency:gbp,clientReferenceId:order-7,finalAmount:0.77}",
            "ld wallet.updated [wal] {walletId:wal,customerId:cus}",
            "ld transaction.updated [txn] {transactionId:txn,type:transfer,status:returned,customerId:cus,walletId:wal,amount:1.000000,fee:0.030000,sourceCurrency:usdc,destinationCurrency:gbp,clientReferenceId:order-7,finalAmount:null}",
            "ld wallet.updated [wal] {walletId:wal,customerId:cus}",
            "ld transaction.created [txn] {transactionId:txn,type:transfer,status:in_review,customerId:cus,walletId:wal,amount:1.000000,fee:0.030000,sourceCurrency:usdc,destinationCurrency:gbp,clientReferenceId:order-7,finalAmount:null}",
            "ld wallet.updated [wal] {walletId:wal,customerId:cus}",
            "ld transaction.updated [txn] {transactionId:txn,type:transfer,status:failed,customerId:cus,walletId:wal,amount:1.000000,fee:0.030000,sourceCurrency:usdc,destinationCurrency:gbp,clientReferenceId:order-7,finalAmount:null}",
            "ld wallet.updated [wal] {walletId:wal,customerId:cus}",
        ],
    );
}

#[test]
fn agents_and_cards_come_and_go() {
    let mut platform = Platform::on_sqlite();
    let (_, agent) = platform.spender(1_000_00);
    let from = platform.head().0;
    let card = platform.card(agent, CardKind::Multi);
    for status in [CardStatus::Frozen, CardStatus::Active, CardStatus::Closed] {
        platform.act(Command::ChangeCard(ChangeCard { card, status }));
    }
    platform.suspend(agent);
    let card = platform.card(agent, CardKind::Multi);
    platform.authorize(card, 600_00, Mode::Hold);
    check(
        &platform,
        from,
        &[
            "lk agent.created [agent] {agentId:agent,userId:user,status:active}",
            "lk card.created [card] {cardId:card,agentId:agent,userId:user,status:active}",
            "lk card.frozen [card] {cardId:card,agentId:agent,userId:user,status:frozen}",
            "lk card.closed [card] {cardId:card,agentId:agent,userId:user,status:closed}",
            "lk agent.suspended [agent] {agentId:agent,userId:user,status:suspended}",
            "lk card.created [card] {cardId:card,agentId:agent,userId:user,status:active}",
            "lk transaction.declined [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:declined,amount:60000,currency:USD,declineReason:limit_agent}",
            "lk agent.limit_exceeded [agent] {agentId:agent,userId:user,transactionId:txn,spendingLimit:50000,spendingLimitFrequency:perMonth,left:50000}",
            "lk agent.suspended [agent] {agentId:agent,userId:user,status:suspended}",
        ],
    );
}

#[test]
fn purchases_come_to_their_end() {
    let mut platform = Platform::on_sqlite();
    let (_, agent) = platform.spender(1_000_00);
    let card = platform.card(agent, CardKind::Multi);
    let from = platform.head().0 + 1;
    let cleared = platform.authorize(card, 10_00, Mode::Hold);
    platform.clear(cleared, 4_00, false);
    platform.clear(cleared, 6_00, true);
    let (amount, network_id) = (Some(Amount(3_00)), None);
    platform.act(Command::Refund(Refund { transaction: cleared, amount, network_id }));
    let voided = platform.authorize(card, 11_00, Mode::Hold);
    platform.reverse(voided);
    let in_part = platform.authorize(card, 12_00, Mode::Hold);
    platform.clear(in_part, 2_00, false);
    platform.reverse(in_part);
    platform.authorize(card, 13_00, Mode::Hold);
    platform.pass(8 * DAY_MS);
    platform.authorize(card, 2_000_00, Mode::Hold);
    platform.authorize(card, 14_00, Mode::Purchase);
    let (force, awaits) = (terms(15_00, "Kiosk"), None);
    platform.act(Command::ForceClear(ForceClear { card, terms: force, awaits }));
    let gift = RecordUnlinkedRefund { card, terms: terms(16_00, "Airline") };
    let entry = platform.act(Command::RecordUnlinkedRefund(gift));
    let Event::UnlinkedRefundReceived(ref event) = entry.events[0] else { panic!("{entry:?}") };
    let transaction = event.transaction;
    platform.act(Command::ReleaseRefund(ReleaseRefund { transaction }));
    check(
        &platform,
        from,
        &[
            "lk transaction.created [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:pending,amount:1000,currency:USD}",
            "lk transaction.settled [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:pending,amount:400,currency:USD}",
            "lk transaction.settled [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:settled,amount:600,currency:USD}",
            "lk transaction.refunded [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:refunded,amount:300,currency:USD}",
            "lk transaction.created [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:pending,amount:1100,currency:USD}",
            "lk transaction.voided [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:voided,amount:1100,currency:USD}",
            "lk transaction.created [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:pending,amount:1200,currency:USD}",
            "lk transaction.settled [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:pending,amount:200,currency:USD}",
            "lk transaction.settled [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:settled,amount:0,currency:USD}",
            "lk transaction.created [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:pending,amount:1300,currency:USD}",
            "lk transaction.voided [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:expired,amount:1300,currency:USD}",
            "lk transaction.declined [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:declined,amount:200000,currency:USD,declineReason:limit_agent}",
            "lk agent.limit_exceeded [agent] {agentId:agent,userId:user,transactionId:txn,spendingLimit:50000,spendingLimitFrequency:perMonth,left:48800}",
            "lk agent.suspended [agent] {agentId:agent,userId:user,status:suspended}",
            "lk transaction.declined [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:declined,amount:1400,currency:USD,declineReason:agent_suspended}",
            "lk transaction.created [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:settled,amount:1500,currency:USD}",
            "lk transaction.settled [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:settled,amount:1500,currency:USD}",
            "lk transaction.created [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:pending,amount:1600,currency:USD}",
            "lk transaction.refunded [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:null,status:refunded,amount:1600,currency:USD}",
        ],
    );
}

#[test]
fn a_purchase_whose_clearings_were_corrected_was_none() {
    let mut platform = Platform::on_sqlite();
    let (_, agent) = platform.spender(1_000_00);
    let card = platform.card(agent, CardKind::Multi);
    let mut captured = |amount| {
        let transaction = platform.authorize(card, amount, Mode::Hold);
        platform.clear(transaction, 4_00, false);
        transaction
    };
    let [reversed, in_part, again] = [10_00, 11_00, 12_00].map(&mut captured);
    let [expires, expires_in_part] = [13_00, 14_00].map(&mut captured);
    let [corrected_later, cleared_later] = [15_00, 16_00].map(captured);
    let from = platform.head().0 + 1;

    for (transaction, amounts) in [
        (reversed, vec![Some(1_00), Some(3_00)]),
        (in_part, vec![Some(3_99)]),
        (again, vec![None]),
        (cleared_later, vec![None]),
    ] {
        amounts.into_iter().for_each(|amount| platform.correct(transaction, amount));
        if transaction == again {
            platform.clear(transaction, 2_00, false);
        }
        platform.reverse(transaction);
    }
    // What comes after the end changes nothing of what was told at it.
    platform.reverse(corrected_later);
    platform.correct(corrected_later, None);
    platform.clear(cleared_later, 5_00, true);
    platform.correct(expires, None);
    platform.correct(expires_in_part, Some(1));
    platform.pass(8 * DAY_MS);
    let told = |topic, status, amount| {
        format!(
            "lk transaction.{topic} [txn] {{transactionId:txn,userId:user,agentId:agent,\
             cardId:card,intentId:null,status:{status},amount:{amount},currency:USD}}"
        )
    };
    let mut lines = lines(&platform, from);
    let mut expired = lines.split_off(6);
    // Both at the same time, in the order of their ids.
    expired.sort();
    let ended = [
        told("voided", "voided", 6_00),
        told("settled", "settled", 0),
        told("settled", "pending", 2_00),
        told("settled", "settled", 0),
        told("voided", "voided", 12_00),
        told("settled", "settled", 0),
    ];
    assert_eq!(lines, ended);
    let expected = [
        told("settled", "settled", 0),
        told("settled", "settled", 5_00),
        told("voided", "expired", 9_00),
    ];
    assert_eq!(expired, expected);
}

#[test]
fn what_was_declared_is_compared() {
    let mut platform = Platform::on_sqlite();
    let (_, agent) = platform.spender(1_000_00);
    let card = platform.card(agent, CardKind::Multi);
    let from = platform.head().0 + 1;
    platform.declare(card, 10_00);
    platform.authorize(card, 10_50, Mode::Hold);
    platform.declare(card, 10_00);
    platform.authorize(card, 20_00, Mode::Hold);
    platform.declare(card, 30_00);
    platform.pass(HOUR_MS);
    check(
        &platform,
        from,
        &[
            "lk transaction.created [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:int,status:pending,amount:1050,currency:USD}",
            "lk intent.matched [int] {intentId:int,cardId:card,agentId:agent,userId:user,status:matched,transactionId:txn,differences:[]}",
            "lk transaction.created [txn] {transactionId:txn,userId:user,agentId:agent,cardId:card,intentId:int,status:pending,amount:2000,currency:USD}",
            "lk intent.mismatched [int] {intentId:int,cardId:card,agentId:agent,userId:user,status:mismatched,transactionId:txn,differences:[amount]}",
            "lk intent.expired [int] {intentId:int,cardId:card,agentId:agent,userId:user,status:expired,transactionId:null,differences:null}",
        ],
    );
}
