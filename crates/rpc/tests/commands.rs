//! What a client of the writer is told when the writer is slow or gone.

#![allow(clippy::unwrap_used, reason = "a test that can't go on ends")]

use ledger::authorizations::{Authorize, Mode, Terms};
use ledger::cards::{CardStatus, ChangeCard};
use ledger::matching::Merchant;
use ledger::{Amount, Asset, CardId, Command, CommandId, Origin, Request, Text};
use rpc::{Commands, Refusal};

fn request() -> Request {
    let command = ChangeCard { card: CardId([1; 16]), status: CardStatus::Frozen };
    let command = Command::ChangeCard(command);
    Request { id: CommandId([1; 16]), origin: Origin::LEDGER, command }
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let (commands, queue) = Commands::channel(1);
    let waiting = tokio::spawn({
        let commands = commands.clone();
        async move { commands.submit(request()).await }
    });
    while queue.is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(matches!(commands.submit(request()).await, Err(Refusal::Busy)));
    drop(queue);
    assert!(matches!(waiting.await.unwrap(), Err(Refusal::Unknown)), "it may have been taken");
}

fn authorization() -> Request {
    let name = Text::new("Bistro").unwrap();
    let merchant = Merchant { name, mcc: None, city: None, country: None };
    let (amount, asset) = (Amount(100), Asset::Usd);
    let terms = Terms { amount, asset, original: None, merchant, network_id: None };
    let (card, mode) = (CardId([1; 16]), Mode::Hold);
    let authorize = Authorize { card, terms, mode, accepts_part: false };
    Request { command: Command::Authorize(authorize), ..request() }
}

/// Sends a command and does not wait for its answer, only until it waits or is refused.
async fn waits(commands: &Commands, request: Request) -> bool {
    let mut asked = Box::pin(commands.submit(request));
    let is_refused = std::future::poll_fn(|context| {
        std::task::Poll::Ready(match asked.as_mut().poll(context) {
            std::task::Poll::Ready(Err(Refusal::Busy)) => true,
            std::task::Poll::Ready(other) => panic!("{other:?}"),
            std::task::Poll::Pending => false,
        })
    });
    !is_refused.await
}

#[tokio::test]
async fn a_flood_of_other_commands_leaves_places_for_authorizations() {
    let (commands, _queue) = Commands::channel(64);
    let mut waiting = 0;
    while waits(&commands, request()).await {
        waiting += 1;
    }
    assert_eq!(waiting, 56);
    for _ in waiting..64 {
        assert!(waits(&commands, authorization()).await);
    }
    assert!(!waits(&commands, authorization()).await, "there are no more places than that");
}

#[tokio::test]
async fn a_writer_that_is_gone_has_done_nothing() {
    let (commands, queue) = Commands::channel(1);
    drop(queue);
    assert!(matches!(commands.submit(request()).await, Err(Refusal::Unavailable)));
}

#[tokio::test]
async fn a_command_that_was_taken_and_not_answered_may_have_been_done() {
    let (commands, mut queue) = Commands::channel(1);
    let asked = tokio::spawn(async move { commands.submit(request()).await });
    drop(queue.recv().await.unwrap());
    assert!(matches!(asked.await.unwrap(), Err(Refusal::Unknown)));
}

#[tokio::test(start_paused = true)]
async fn a_writer_that_says_nothing_is_not_waited_for_without_end() {
    let (commands, _queue) = Commands::channel(2);
    let (asked, tried) = tokio::join!(commands.submit(request()), commands.try_out(request()));
    assert!(matches!(asked, Err(Refusal::Unknown)), "it may be done yet: {asked:?}");
    assert!(matches!(tried, Err(Refusal::Unavailable)), "nothing comes of a trial: {tried:?}");
}
