//! What a writer takes from its queue when nobody waits for it any more.

use std::sync::Arc;
use std::time::Instant;

use journal::memory::MemoryStore;
use journal::{Head, Outcome, Store, Stored, WriterId};
use ledger::authorizations::{Authorize, DeclineReason, Mode};
use ledger::matching::Merchant;
use ledger::{Amount, Asset, Command, Event, Money};
use testkit::generate::Player;
use testkit::requests::{self, BOOK};
use writer::{Home, Writer};

/// A journal in which somebody has money and a card.
fn store(player: &Player) -> MemoryStore {
    let mut store = MemoryStore::new(BOOK);
    let epoch = store.claim(WriterId([1; 16])).expect("nobody else has it");
    let mut head = Head::EMPTY;
    let stored = |entry: &Arc<_>| {
        let stored = journal::encode(Arc::clone(entry), head.hash);
        head = Head { position: stored.entry.position, hash: stored.hash };
        stored
    };
    let batch: Vec<Stored> = player.core.journal().iter().map(stored).collect();
    assert!(matches!(store.append(&batch, Head::EMPTY, epoch), Outcome::Committed));
    store
}

#[tokio::test]
async fn a_merchant_who_has_given_up_is_declined() {
    let player = Player::new();
    let card = *player.core.books().cards.keys().next().expect("a player has cards");
    let store = store(&player);
    let home = move || {
        let store = Box::new(store.clone());
        let (anchor, snapshot, witnesses) = (None, None, Vec::new());
        Ok(Home { store, anchor, incarnation: [7; 16], snapshot, witnesses })
    };
    let (writer, commands, _) = Writer::start(home).expect("it starts");
    let merchant =
        Merchant { name: requests::text("Bistro"), mcc: None, city: None, country: None };
    let terms = requests::terms(Money { amount: Amount(100), asset: Asset::Usd }, merchant, None);
    let question = Authorize { card, terms, mode: Mode::Hold, accepts_part: false };
    let question = |number| requests::request(number, Command::Authorize(question.clone()));

    let late = commands.submit_by(question(1_000), Instant::now()).await.expect("it is an entry");
    let Event::AuthorizationDeclined(declined) = &late.entry.events[0] else { panic!("{late:?}") };
    assert_eq!(declined.reason, DeclineReason::DecisionTimeout);
    let again = commands.submit(question(1_000)).await.expect("it was decided");
    assert!(again.is_replay, "who asks once more hears the same");
    let next = commands.submit(question(1_001)).await.expect("it is an entry");
    assert!(matches!(next.entry.events[0], Event::AuthorizationApproved(_)), "{next:?}");
    drop(commands);
    writer.join().expect("it ends well");
}
