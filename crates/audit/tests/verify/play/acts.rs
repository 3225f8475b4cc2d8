//! What operators do.

use journal::Head;
use journal::note::SigningKey;
use journal::statement::{Act, Statement};
use ledger::erasure::EraseHolder;
use ledger::recovery::{Anchored, RecoverJournal};
use ledger::{Approval, Command, HolderId};

use super::Play;
use crate::support::BOOK;

impl Play {
    /// Another book, in its first incarnation.
    pub(crate) fn of_incarnation(incarnation: [u8; 16]) -> Self {
        Self { incarnation, ..Self::new() }
    }

    /// Erases a person, as two operators have approved.
    pub(crate) fn erase(&mut self, holder: HolderId) {
        let approval = self.approved(Act::Erase(holder), &operators());
        self.act(Command::EraseHolder(EraseHolder { holder, approval }));
    }

    /// Goes on as another incarnation, as two operators have approved.
    pub(crate) fn recover(&mut self, to: [u8; 16], anchored: Option<Anchored>) {
        let approval = self.approved(Act::AcceptLoss { anchored }, &operators());
        self.recover_with(to, anchored, approval);
    }

    pub(crate) fn recover_with(
        &mut self,
        to: [u8; 16],
        anchored: Option<Anchored>,
        approval: Approval,
    ) {
        let from = self.incarnation;
        self.act(Command::RecoverJournal(RecoverJournal { from, to, anchored, approval }));
        self.incarnation = to;
    }

    /// The statement that fits now, signed.
    pub(crate) fn approved(&self, act: Act, operators: &[SigningKey]) -> Approval {
        let head = self
            .entries
            .last()
            .map_or(Head::EMPTY, |last| Head { position: last.entry.position, hash: last.hash });
        let incarnation = self.incarnation;
        let text = Statement { book: BOOK, incarnation, head, act }.to_string();
        let lines: String = operators.iter().map(|key| key.sign(&text)).collect();
        Approval::new(&format!("{text}\n{lines}")).unwrap()
    }
}

pub(crate) fn operators() -> [SigningKey; 2] {
    [("ada", 1), ("bob", 2)].map(|(name, seed)| SigningKey::new(name, &[seed; 32]))
}
