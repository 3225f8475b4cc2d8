//! What a client of the writer is told when the writer is slow or gone.

#![allow(clippy::unwrap_used, reason = "a test that can't go on ends")]

use ledger::cards::{CardStatus, ChangeCard};
use ledger::{CardId, Command, CommandId, Origin, Request};
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
