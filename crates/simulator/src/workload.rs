//! What clients ask for.

use std::sync::Arc;

use ledger::{Command, Request, Timestamp};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use testkit::books::Books;
use testkit::generate::{self, Step};
use testkit::requests;

use crate::random::Random;

/// How many of a million commands concern one account, card or wallet: the oldest.
const HOT: u32 = 200_000;

/// How many of a million commands would give the ids that the one before them gives.
const TWINS: u32 = 2_000;

/// The steps of a world, in order.
#[derive(Debug)]
pub(crate) struct Workload {
    steps: Vec<Step>,
    next: usize,
    number: u32,
    /// The last request, unless it has a twin.
    last: Option<Request>,
}

impl Workload {
    /// What a book begins with, and so many steps more.
    pub(crate) fn new(seed: u64, commands: usize) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let config = Config { failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, random);
        let (step, mut steps) = (generate::step(), generate::beginning());
        while steps.len() < commands {
            let tree = step.new_tree(&mut runner).expect("steps are not refused");
            let step = tree.current();
            // The others are the world's own doing.
            let is_request = !matches!(
                step,
                Step::Wall { .. }
                    | Step::Again(_)
                    | Step::Twin(_)
                    | Step::Late(_)
                    | Step::Keyed(..)
                    | Step::Reload
            );
            if is_request {
                steps.push(step);
            }
        }
        Self { steps, next: 0, number: 0, last: None }
    }

    /// Whether nothing more is asked for.
    pub(crate) fn is_over(&self) -> bool {
        self.next == self.steps.len()
    }

    /// Whether the book has begun: before, one step rests on the last.
    pub(crate) fn has_begun(&self) -> bool {
        generate::beginning().len() <= self.next
    }

    /// The next request, as it makes sense in a book that says this.
    pub(crate) fn next(
        &mut self,
        books: &Books,
        wall: Timestamp,
        random: &mut Random,
    ) -> Option<Request> {
        let step = self.steps.get(self.next)?;
        self.next += 1;
        self.number += 1;
        let now = books.at.max(wall.plus_ms(books.clock_offset_ms));
        let mut command = step.command(books, now, self.number)?;
        if random.hits(HOT) {
            heat(&mut command, books);
        }
        let mut request = requests::request(self.number, command);
        request.origin.route = 1 + (self.number % 7) as u16;
        request.origin.fingerprint[..4].copy_from_slice(&self.number.to_be_bytes());
        match self.last.take() {
            Some(last) if random.hits(TWINS) => request.id = requests::twin(&last).id,
            Some(_) | None => self.last = Some(request.clone()),
        }
        Some(request)
    }

    /// Skips a step.
    pub(crate) fn end(&mut self) {
        self.next = self.steps.len();
    }
}

/// Lets a command concern what everybody uses.
fn heat(command: &mut Command, books: &Books) {
    let card = books.cards.keys().next().copied();
    let holder = books.holders.keys().next().copied();
    let wallet = books.wallets.keys().next().copied();
    match command {
        Command::Authorize(command) => command.card = card.unwrap_or(command.card),
        Command::ForceClear(command) => command.card = card.unwrap_or(command.card),
        Command::DeclareIntent(command) => command.card = card.unwrap_or(command.card),
        Command::ConfirmDeposit(command) => command.holder = holder.unwrap_or(command.holder),
        Command::ConfirmWalletDeposit(command) => {
            command.wallet = wallet.unwrap_or(command.wallet);
        }
        Command::CreateTransfer(command) => command.wallet = wallet.unwrap_or(command.wallet),
        _ => {}
    }
}

/// Another body under the same key.
pub(crate) fn misuse(request: &Request, other: &Request) -> Arc<Request> {
    let mut misused = Request { id: request.id, ..other.clone() };
    misused.origin.fingerprint[15] ^= 0x80;
    Arc::new(misused)
}
