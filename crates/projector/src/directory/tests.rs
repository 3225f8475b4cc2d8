use ledger::agents::{AgentStatus, ChangeAgent, ChangeAgentPolicy, OnExceeded};
use ledger::cards::{
    ActiveHours, CardControls, CardKind, CardStatus, ChangeCard, ChangeCardLimits, Setting,
};
use ledger::clock::AdvanceClock;
use ledger::holders::{AddDocument, ChangeHolder, RecordVerification, Verification};
use ledger::intents::Enforcement;
use ledger::keys::{CreateKey, NewKey, RevokeKey};
use ledger::ledgers::{ChangeLedger, LedgerStatus};
use ledger::limits::{Limit, Window};
use ledger::matching::Mcc;
use ledger::webhooks::*;
use ledger::{
    Account, Amount, Asset, Command, Event, LedgerId, LedgerKind, VirtualAccountId, WalletId,
};

use super::*;
use crate::testing::{Home, Play, Store, on_each_store, sealed, text};

on_each_store! {
    the_book_says_what_it_is_and_how_far_its_clock_is_ahead
    a_verification_stands_where_it_was_last
    an_agent_has_its_policy_its_status_and_its_key
    a_card_has_its_terms_and_its_status
    an_agent_has_the_policy_that_it_was_given_last
    a_card_has_the_limits_that_it_was_given_last
    a_card_has_its_controls
    wallets_and_virtual_accounts_are_their_holders
    a_ledger_says_what_it_is_and_whether_it_may_be_posted_to
    a_key_is_found_by_its_prefix
    a_key_is_revoked_when_it_was
    a_name_is_the_one_that_was_given_last
    a_lock_covers_what_was_before_it
    a_webhook_is_as_it_was_changed_last_until_it_is_removed
    lists_come_newest_first_and_of_whom_they_are_asked
}

fn project(play: &Play) -> (Home, Directory) {
    let home = play.home();
    play.project::<DirectoryModel>(&home);
    let directory = Directory::open(home.place()).unwrap();
    (home, directory)
}

fn the_book_says_what_it_is_and_how_far_its_clock_is_ahead(store: Store) {
    let mut play = Play::new(store);
    play.act(Command::AdvanceClock(AdvanceClock { by_ms: 1_000 }));
    play.act(Command::AdvanceClock(AdvanceClock { by_ms: 500 }));
    let (_home, directory) = project(&play);
    let book = directory.book().unwrap().value.unwrap();
    let id = play.book().id().unwrap();
    assert_eq!(book, Book { id, environment: Environment::Sandbox, clock_offset_ms: 1_500 });
}

fn a_verification_stands_where_it_was_last(store: Store) {
    let mut play = Play::new(store);
    let holder = play.holder();
    let find = |play: &Play| project(play).1.holder(holder).unwrap().value.unwrap();
    assert_eq!(find(&play).status, VerificationStatus::NotStarted);
    assert_eq!(find(&play).profile, sealed(1));

    let required = vec![DocumentKind::ProofOfAddress, DocumentKind::Selfie];
    let (status, reason) = (VerificationStatus::NeedsInformation, None);
    let verification = Verification { status, required: required.clone(), reason };
    play.act(Command::RecordVerification(RecordVerification { holder, verification }));
    assert_eq!((find(&play).status, find(&play).required), (status, required));

    let (kind, content) = (DocumentKind::Selfie, sealed(4));
    play.act(Command::AddDocument(AddDocument { holder, kind, content }));
    assert_eq!(find(&play).required, [DocumentKind::ProofOfAddress]);
    let documents = project(&play).1.documents(holder).unwrap().value;
    assert_eq!((documents.len(), documents[0].kind, documents[0].content), (1, kind, content));

    let (status, reason) = (VerificationStatus::Denied, Some(DenialReason::SanctionsMatch));
    let verification = Verification { status, required: Vec::new(), reason };
    play.act(Command::RecordVerification(RecordVerification { holder, verification }));
    assert_eq!((find(&play).status, find(&play).reason), (status, reason));
}

fn an_agent_has_its_policy_its_status_and_its_key(store: Store) {
    let mut play = Play::new(store);
    let (holder, agent, _) = play.spender(1, CardKind::Single);
    play.act(Command::ChangeAgent(ChangeAgent { agent, status: AgentStatus::Suspended }));
    let (_home, directory) = project(&play);
    let row = directory.agent(agent).unwrap().value.unwrap();
    assert_eq!((row.holder, row.name.as_str()), (holder, "checkout-bot"));
    assert_eq!((row.limit_window, row.limit_amount), (Window::Month, Amount(50_000_00)));
    assert_eq!((row.on_exceeded, row.status), (OnExceeded::Suspend, AgentStatus::Suspended));
    assert_eq!(directory.agent(AgentId([0; 16])).unwrap().value, None);
}

fn a_card_has_its_terms_and_its_status(store: Store) {
    let mut play = Play::new(store);
    let (holder, agent, card) = play.spender(1, CardKind::Single);
    play.act(Command::ChangeCard(ChangeCard { card, status: CardStatus::Frozen }));
    let (_home, directory) = project(&play);
    let row = directory.card(card).unwrap().value.unwrap();
    assert_eq!((row.holder, row.agent, row.kind), (holder, agent, CardKind::Single));
    assert_eq!((row.number, row.last4), (sealed(2), *b"4242"));
    assert_eq!((row.expiry_year, row.expiry_month, row.status), (2029, 11, CardStatus::Frozen));
    let limits: Vec<_> = row.limits().iter().collect();
    let limit = |window, amount| Limit { window, amount: Amount(amount) };
    assert_eq!(
        limits,
        [
            limit(Window::Authorization, 1_000_00),
            limit(Window::Month, 20_000_00),
            limit(Window::Total, 50_000_00),
        ]
    );
}

fn an_agent_has_the_policy_that_it_was_given_last(store: Store) {
    let mut play = Play::new(store);
    let (_, agent, _) = play.spender(1, CardKind::Single);
    let limit = Limit { window: Window::Week, amount: Amount(7_00) };
    play.act(Command::ChangeAgentPolicy(ChangeAgentPolicy {
        agent,
        limit: Setting::Set(limit),
        on_exceeded: Setting::Set(OnExceeded::Notify),
        cards_max: Setting::Set(Some(3)),
    }));
    let row = project(&play).1.agent(agent).unwrap().value.unwrap();
    assert_eq!((row.limit_window, row.limit_amount), (limit.window, limit.amount));
    assert_eq!((row.on_exceeded, row.cards_max), (OnExceeded::Notify, Some(3)));
}

fn a_card_has_the_limits_that_it_was_given_last(store: Store) {
    let mut play = Play::new(store);
    let (_, _, card) = play.spender(1, CardKind::Multi);
    play.act(Command::ChangeCardLimits(ChangeCardLimits {
        card,
        total: Setting::Set(Amount(9_00)),
        per_authorization: Setting::Set(None),
        per_day: Setting::Set(Some(Amount(5_00))),
        per_month: Setting::Keep,
    }));
    let limits = project(&play).1.card(card).unwrap().value.unwrap().limits();
    assert_eq!((limits.total, limits.per_authorization), (Amount(9_00), None));
    assert_eq!((limits.per_day, limits.per_month), (Some(Amount(5_00)), Some(Amount(20_000_00))));
}

fn a_card_has_its_controls(store: Store) {
    let mut play = Play::new(store);
    let (_, agent, free) = play.spender(1, CardKind::Multi);
    let controls = CardControls {
        authorizations_max: Some(5),
        ttl_days: Some(30),
        mccs_allowed: vec![Mcc::new(5732).unwrap(), Mcc::new(12).unwrap()],
        mccs_blocked: vec![Mcc::new(7995).unwrap()],
        merchant: Some(text("Amazon")),
        active_hours: ActiveHours::new(22 * 60, 6 * 60),
        cooldown_minutes: 10,
        attestation_window_minutes: Some(15),
        intent_required: true,
        enforcement: Enforcement::Decline,
        approval_above: Some(Amount::ZERO),
    };
    let bound = play.controlled_card(agent, CardKind::Multi, controls.clone());
    let (_home, directory) = project(&play);
    let controls_of = |card| directory.card(card).unwrap().value.unwrap().controls();
    assert_eq!(controls_of(free), CardControls::default());
    assert_eq!(controls_of(bound), controls);
}

fn wallets_and_virtual_accounts_are_their_holders(store: Store) {
    let mut play = Play::new(store);
    let [one, two] = [(); 2].map(|()| {
        let holder = play.holder();
        play.verify(holder, VerificationStatus::Approved);
        holder
    });
    let alone = play.wallet(one);
    let (account, wallet) = play.virtual_account(one);
    let (foreign, other) = play.virtual_account(two);
    let (_home, directory) = project(&play);
    let page = Page { from: None, limit: 10 };

    let row = directory.wallet(wallet).unwrap().value.unwrap();
    assert_eq!((row.id, row.holder), (wallet, one));
    let row = directory.virtual_account(account).unwrap().value.unwrap();
    assert_eq!((row.holder, row.wallet, row.currency), (one, wallet, Asset::Usd));
    assert_eq!(directory.wallet(WalletId([0; 16])).unwrap().value, None);
    assert_eq!(directory.virtual_account(VirtualAccountId([0; 16])).unwrap().value, None);

    let wallets = |of| -> Vec<_> {
        let wallets = directory.wallets(of, page).unwrap().value.rows;
        wallets.iter().map(|row| row.id).collect()
    };
    assert_eq!(wallets(Some(one)), [wallet, alone]);
    assert_eq!(wallets(None), [other, wallet, alone]);
    let accounts = |of| -> Vec<_> {
        let accounts = directory.virtual_accounts(of, page).unwrap().value.rows;
        accounts.iter().map(|row| row.id).collect()
    };
    assert_eq!(accounts(Some(one)), [account]);
    assert_eq!(accounts(None), [foreign, account]);
}

fn a_ledger_says_what_it_is_and_whether_it_may_be_posted_to(store: Store) {
    let mut play = Play::new(store);
    let first = play.ledger("1000", LedgerKind::Asset);
    let second = play.ledger("4000", LedgerKind::Income);
    let status = LedgerStatus::Frozen;
    play.act(Command::ChangeLedger(ChangeLedger { ledger: first, status }));
    let (_home, directory) = project(&play);
    let row = directory.ledger(first).unwrap().value.unwrap();
    assert_eq!((row.code.as_str(), row.name.as_str()), ("1000", "Operating"));
    assert_eq!((row.kind, row.asset), (LedgerKind::Asset, Asset::Usd));
    assert_eq!((row.overdraft_limit, row.status), (Amount(100_00), status));
    assert_eq!(row.account(), Account::Ledger(LedgerKind::Asset, first));
    assert_eq!(directory.ledger(LedgerId([0; 16])).unwrap().value, None);
    let list = |filter| {
        let page = Page { from: None, limit: 10 };
        let rows = directory.ledgers(filter, page).unwrap().value.rows;
        rows.iter().map(|row| (row.id, row.status)).collect::<Vec<_>>()
    };
    let (of_first, of_second) = ((first, status), (second, LedgerStatus::Active));
    let all = LedgerFilter::default();
    assert_eq!(list(all), [of_second, of_first]);
    assert_eq!(list(LedgerFilter { kind: Some(LedgerKind::Income), ..all }), [of_second]);
    assert_eq!(list(LedgerFilter { status: Some(status), ..all }), [of_first]);
    assert_eq!(list(LedgerFilter { asset: Some(Asset::Usd), ..all }), [of_second, of_first]);
    let both = LedgerFilter { kind: Some(LedgerKind::Income), asset: None, status: Some(status) };
    assert_eq!(list(both), []);
}

fn a_key_is_found_by_its_prefix(store: Store) {
    let mut play = Play::new(store);
    let (_, agent, _) = play.spender(1, CardKind::Single);
    let (family, scope) = (Family::LedgerApi, Scope::Read);
    let new = NewKey { family, scope, prefix: *b"prefix01", digest: [5; 32] };
    play.act(Command::CreateKey(CreateKey(new)));
    let (home, directory) = project(&play);
    let key = directory.key(*b"prefix01").unwrap().value.unwrap();
    assert_eq!((key.family, key.scope, key.digest, key.agent), (family, scope, [5; 32], None));
    assert_eq!(directory.key(*b"prefix02").unwrap().value, None);

    let mut bound = Vec::new();
    crate::read(ReadModel::Directory, home.place(), |snapshot| {
        snapshot.each(|key: Key| bound.extend(key.agent))
    })
    .unwrap();
    assert_eq!(bound, [agent]);
}

fn a_key_is_revoked_when_it_was(store: Store) {
    let mut play = Play::new(store);
    play.spender(1, CardKind::Single);
    let [gone, kept] = [*b"prefix01", *b"prefix02"].map(|prefix| {
        let (family, scope) = (Family::LedgerApi, Scope::Read);
        let new = NewKey { family, scope, prefix, digest: [5; 32] };
        match play.act(Command::CreateKey(CreateKey(new))).events[..] {
            [Event::KeyCreated(ref event)] => event.key,
            ref events => panic!("{events:?}"),
        }
    });
    project(&play);
    play.pass(1_000);
    play.act(Command::RevokeKey(RevokeKey { key: gone }));
    let (_home, directory) = project(&play);
    let key = directory.key(*b"prefix01").unwrap().value.unwrap();
    assert_eq!((key.id, key.revoked_at), (gone, Some(play.now)));
    let first = directory.keys(Page { from: None, limit: 2 }).unwrap().value;
    let keys: Vec<_> = first.rows.iter().map(|key| (key.id, key.revoked_at)).collect();
    assert_eq!(keys, [(kept, None), (gone, Some(play.now))]);
    let rest = directory.keys(Page { from: first.next, limit: 2 }).unwrap().value.rows;
    assert!(matches!(rest[..], [Key { agent: Some(_), revoked_at: None, .. }]), "{rest:?}");
}

fn a_name_is_the_one_that_was_given_last(store: Store) {
    let mut play = Play::new(store);
    let holder = play.holder();
    let find = |play: &Play| project(play).1.holder(holder).unwrap().value.unwrap();
    let created_at = find(&play).at;
    assert_eq!(find(&play).updated_at, created_at);
    for (before, now) in [(1, 8), (8, 9)] {
        play.pass(1_000);
        let profile = Sealed { subject: sealed(1).subject, ..sealed(now) };
        let before = sealed(before).reference;
        play.act(Command::ChangeHolder(ChangeHolder { holder, before, profile }));
        let row = find(&play);
        assert_eq!((row.profile, row.at, row.updated_at), (profile, created_at, play.now));
    }
}

fn a_lock_covers_what_was_before_it(store: Store) {
    use VerificationStatus::{Approved, Locked, Pending};
    let mut play = Play::new(store);
    let holder = play.holder();
    for (status, before_lock) in [
        (Pending, None),
        (Locked, Some(Pending)),
        (Locked, Some(Pending)),
        (Approved, None),
        (Locked, Some(Approved)),
        (Pending, None),
    ] {
        play.pass(1_000);
        play.verify(holder, status);
        let row = project(&play).1.holder(holder).unwrap().value.unwrap();
        assert_eq!((row.status, row.before_lock), (status, before_lock));
        assert_eq!(row.updated_at, play.now);
    }
}

fn lists_come_newest_first_and_of_whom_they_are_asked(store: Store) {
    let mut play = Play::new(store);
    let (one, _, _) = play.spender(1, CardKind::Multi);
    let (two, agent, card) = play.spender(1, CardKind::Multi);
    let second = play.agent(two);
    let third = play.card(agent, CardKind::Multi);
    let (_home, directory) = project(&play);
    let page = Page { from: None, limit: 10 };

    let holders = directory.holders(page).unwrap().value.rows;
    assert_eq!(holders.iter().map(|row| row.id).collect::<Vec<_>>(), [two, one]);
    let agents = directory.agents(Some(two), page).unwrap().value.rows;
    assert_eq!(agents.iter().map(|row| row.id).collect::<Vec<_>>(), [second, agent]);
    assert_eq!(directory.agents(None, page).unwrap().value.rows.len(), 3);
    let cards = directory.cards(agent, page).unwrap().value.rows;
    assert_eq!(cards.iter().map(|row| row.id).collect::<Vec<_>>(), [third, card]);

    let first = directory.holders(Page { from: None, limit: 1 }).unwrap().value;
    let rest = directory.holders(Page { from: first.next, limit: 1 }).unwrap().value;
    assert_eq!((rest.rows[0].id, rest.next), (one, None));
}

fn a_webhook_is_as_it_was_changed_last_until_it_is_removed(store: Store) {
    let mut play = Play::new(store);
    let [gone, kept] = [Family::LedgerApi, Family::LedgerOs].map(|family| {
        play.pass(1_000);
        let (topics, url, secret) = (Topics::All, sealed(4), sealed(5));
        let command = RegisterWebhook { family, topics, url, secret };
        match play.act(Command::RegisterWebhook(command)).events[..] {
            [Event::WebhookRegistered(ref event)] => event.webhook,
            ref events => panic!("{events:?}"),
        }
    });
    let (_home, directory) = project(&play);
    let row = directory.webhook(kept).unwrap().value.unwrap();
    assert_eq!((row.family, row.topics, row.url), (Family::LedgerOs, Topics::All, sealed(4)));
    assert_eq!((row.status, row.at, row.updated_at), (WebhookStatus::Enabled, play.now, play.now));
    let page = |from| Page { from, limit: 1 };
    let first = directory.webhooks(page(None)).unwrap().value;
    let rest = directory.webhooks(page(first.next)).unwrap().value;
    assert_eq!([first.rows[0].id, rest.rows[0].id], [kept, gone]);

    let created_at = play.now;
    play.pass(1_000);
    let topics = Topics::new([Topic::CardFrozen, Topic::CardCreated].into());
    play.act(Command::ChangeWebhook(ChangeWebhook {
        webhook: kept,
        url: Some(sealed(6)),
        topics: topics.clone(),
        status: Some(WebhookStatus::Disabled),
    }));
    let (_home, directory) = project(&play);
    let row = directory.webhook(kept).unwrap().value.unwrap();
    assert_eq!(
        (Some(row.topics), row.url, row.status),
        (topics, sealed(6), WebhookStatus::Disabled)
    );
    assert_eq!((row.at, row.updated_at), (created_at, play.now));

    play.pass(1_000);
    let secret = sealed(7);
    play.act(Command::RotateWebhookSecret(RotateWebhookSecret { webhook: kept, secret }));
    play.act(Command::RemoveWebhook(RemoveWebhook { webhook: gone }));
    let (_home, directory) = project(&play);
    assert_eq!(directory.webhook(gone).unwrap().value, None);
    let all = directory.webhooks(Page { from: None, limit: 10 }).unwrap().value.rows;
    let all: Vec<_> = all.iter().map(|row| (row.id, row.updated_at)).collect();
    assert_eq!(all, [(kept, play.now)]);
}
