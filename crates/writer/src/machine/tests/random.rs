//! The machine under a random order of commands, appends, losses and restarts.

use std::collections::BTreeMap;

use journal::Stored;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// What may happen to a writer.
#[derive(Debug, Clone)]
enum Step {
    /// A command that was never sent before.
    Submit(Asked),
    /// One that was, again.
    Repeat(Index),
    /// The id of one that was, with another body: that of a deposit.
    Misuse { id: Index, reference: u8 },
    /// The next batch goes to the store.
    HandOut,
    /// The store has the batch that it was given.
    Commit,
    /// The store does not say what became of the batch that it was given.
    Fail { is_stored: bool },
}

#[derive(Debug, Clone)]
enum Asked {
    Holder,
    Deposit { reference: u8 },
    Refusable,
}

fn step() -> impl Strategy<Value = Step> {
    let asked = prop_oneof![
        3 => Just(Asked::Holder),
        2 => (0..20_u8).prop_map(|reference| Asked::Deposit { reference }),
        1 => Just(Asked::Refusable),
    ];
    prop_oneof![
        8 => asked.prop_map(Step::Submit),
        4 => any::<Index>().prop_map(Step::Repeat),
        1 => (any::<Index>(), 0..20_u8)
            .prop_map(|(id, reference)| Step::Misuse { id, reference }),
        6 => Just(Step::HandOut),
        6 => Just(Step::Commit),
        1 => any::<bool>().prop_map(|is_stored| Step::Fail { is_stored }),
    ]
}

/// The machine, the journal, and what was asked.
struct World {
    machine: Machine<u32>,
    journal: Vec<Stored>,
    /// Given to the store.
    handed_out: Option<Batch>,
    holder: HolderId,
    requests: Vec<Request>,
    /// Where each command stands that was accepted and is not lost, and with which body.
    effects: BTreeMap<CommandId, (u64, [u8; 16])>,
    references: BTreeMap<Reference, u64>,
    /// By caller: what was asked and what must be answered.
    asked: Vec<Expected>,
    answered: Vec<bool>,
    /// How many batches the store was given, and how many it has, or has confirmed.
    given: u64,
    confirmed: u64,
    is_shared: bool,
}

/// What a caller must be told.
#[derive(Debug, Clone)]
struct Expected {
    result: Result<(u64, bool), ()>,
    /// The end of what was decided when it was asked.
    rests_on: u64,
    /// How many batches the store had been given.
    asked_after: u64,
}

impl World {
    fn new(is_shared: bool) -> Self {
        let mut machine = machine().shared(is_shared);
        submit(&mut machine, 0, &create_holder(1));
        let batches = commit(&mut machine);
        let journal: Vec<Stored> =
            batches.iter().flat_map(|batch| batch.entries.iter().cloned()).collect();
        assert_eq!(machine.replies().count(), 2);
        let holder = HolderId::derive(noon(), CommandId([1; 16]), 0);
        Self {
            machine,
            journal,
            handed_out: None,
            holder,
            requests: vec![create_holder(1)],
            effects: [(CommandId([1; 16]), (2, [0; 16]))].into(),
            references: BTreeMap::new(),
            asked: Vec::new(),
            answered: Vec::new(),
            given: 0,
            confirmed: 0,
            is_shared,
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Submit(asked) => {
                let id = self.requests.len() as u32;
                let request = self.request(id, asked);
                self.requests.push(request.clone());
                self.submit(&request);
            }
            Step::Repeat(index) => self.submit(&index.get(&self.requests).clone()),
            Step::Misuse { id, reference } => {
                let mut request = deposit(1, self.holder, *reference);
                request.id = id.get(&self.requests).id;
                request.origin.fingerprint = [0x80 + reference; 16];
                self.submit(&request);
            }
            Step::HandOut => self.hand_out(),
            Step::Commit => self.commit(),
            Step::Fail { is_stored } => self.fail(*is_stored),
        }
        self.collect();
    }

    fn request(&self, id: u32, asked: &Asked) -> Request {
        let template = match asked {
            Asked::Holder => create_holder(1),
            Asked::Deposit { reference } => deposit(1, self.holder, *reference),
            Asked::Refusable => refusable(1),
        };
        let mut bytes = [0xee; 16];
        bytes[8..12].copy_from_slice(&id.to_be_bytes());
        Request { id: CommandId(bytes), ..template }
    }

    /// Submits as the driver does, and foretells the answer.
    fn submit(&mut self, request: &Request) {
        let prior = match self.machine.prior(request) {
            Prior::New => None,
            Prior::Entry(entry) => Some(entry),
            Prior::LookUp(reference) => self.find(reference),
        };
        let result = self.foretell(request);
        let caller = u32::try_from(self.asked.len()).unwrap();
        self.machine.submit(caller, request, prior, noon());
        let rests_on = self.machine.book().position().0;
        self.asked.push(Expected { result, rests_on, asked_after: self.given });
        self.answered.push(false);
    }

    fn find(&self, reference: Reference) -> Option<Arc<ledger::Entry>> {
        let mut entries = self.journal.iter().map(|stored| &stored.entry);
        entries.find(|entry| entry.references().any(|known| known == reference)).cloned()
    }

    fn foretell(&mut self, request: &Request) -> Result<(u64, bool), ()> {
        if let Some((position, body)) = self.effects.get(&request.id) {
            let is_same = *body == request.origin.fingerprint;
            return if is_same { Ok((*position, true)) } else { Err(()) };
        }
        let reference = request.command.reference();
        if let Some(position) = reference.and_then(|known| self.references.get(&known)) {
            return Ok((*position, true));
        }
        if matches!(request.command, Command::StartVerification(_)) {
            return Err(());
        }
        let position = self.machine.book().position().0 + 1;
        self.effects.insert(request.id, (position, request.origin.fingerprint));
        self.references.extend(reference.map(|reference| (reference, position)));
        Ok((position, false))
    }

    fn hand_out(&mut self) {
        if self.handed_out.is_none() {
            self.handed_out = self.machine.next_batch();
            self.given += u64::from(self.handed_out.is_some());
        }
    }

    fn commit(&mut self) {
        if let Some(batch) = self.handed_out.take() {
            self.store(&batch);
            self.confirmed = self.given;
            self.machine.committed(&batch);
        }
    }

    /// What a store does, and what it asserts.
    fn store(&mut self, batch: &Batch) {
        for stored in batch.entries.iter() {
            let (position, hash) = self
                .journal
                .last()
                .map_or((0, Hash([0; 32])), |last| (last.entry.position.0, last.hash));
            assert_eq!(stored.entry.position.0, position + 1, "positions have no gaps");
            assert_eq!(stored.previous, hash, "each entry names the one before");
            self.journal.push(stored.clone());
        }
    }

    /// The machine is given up, and a new one starts from the journal.
    fn fail(&mut self, is_stored: bool) {
        let stored = self.handed_out.take().filter(|_| is_stored);
        if let Some(batch) = &stored {
            self.store(batch);
        }
        let end = self.journal.len() as u64;
        let machine = self.restarted();
        let machine = std::mem::replace(&mut self.machine, machine);
        // The book was claimed again after all that was asked.
        (self.given, self.confirmed) = (self.given + 1, self.given + 1);
        for (caller, result) in machine.abandon(stored.as_ref()) {
            if self.asked[caller as usize].rests_on <= end {
                self.check(caller, result);
            } else {
                assert!(matches!(result, Err(Refusal::Unavailable)), "{caller}: {result:?}");
                self.mark(caller);
            }
        }
        assert!(self.answered.iter().all(|answered| *answered), "nobody is forgotten");
        self.effects.retain(|_, (position, _)| *position <= end);
        self.references.retain(|_, position| *position <= end);
    }

    fn restarted(&self) -> Machine<u32> {
        restarted(&self.journal).shared(self.is_shared)
    }

    fn collect(&mut self) {
        for (caller, result) in self.machine.replies().collect::<Vec<_>>() {
            self.check(caller, result);
        }
        let unanswered = self.answered.iter().position(|answered| !answered);
        if let Some(caller) = unanswered {
            let rests_on = self.asked[caller].rests_on;
            let is_open = self.is_shared && self.confirmed <= self.asked[caller].asked_after;
            assert!(
                is_open || (self.journal.len() as u64) < rests_on,
                "{caller} waits for nothing"
            );
        }
    }

    fn check(&mut self, caller: u32, result: Result<rpc::Answer, Refusal>) {
        self.mark(caller);
        let Expected { result: expected, rests_on, asked_after } =
            self.asked[caller as usize].clone();
        assert!(rests_on <= self.journal.len() as u64, "{caller} is answered too early");
        let is_confirmed = !self.is_shared || asked_after < self.confirmed;
        assert!(is_confirmed, "{caller} is answered from what may be old");
        if let Ok(answer) = &result {
            let stored = &self.journal[answer.entry.position.0 as usize - 1];
            assert_eq!(stored.entry, answer.entry, "{caller} is told what the journal has");
        }
        assert_eq!(summary(result).map_err(drop), expected, "{caller}");
    }

    fn mark(&mut self, caller: u32) {
        let caller = caller as usize;
        assert!(!self.answered[caller], "{caller} is answered twice");
        assert!(
            self.answered[..caller].iter().all(|answered| *answered),
            "answers keep their order"
        );
        self.answered[caller] = true;
    }

    fn finish(mut self) {
        // What is in flight, then all that was decided meanwhile.
        for _ in 0..2 {
            self.hand_out();
            self.commit();
            self.collect();
        }
        assert!(self.answered.iter().all(|answered| *answered), "nobody is forgotten");
        let mut ids: Vec<_> = self.journal.iter().map(|stored| stored.entry.command).collect();
        ids.sort();
        let entries = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), entries, "a command has one effect");
        assert_eq!(restarted(&self.journal).book(), self.machine.book());
    }
}

fn restarted(journal: &[Stored]) -> Machine<u32> {
    let (mut book, mut seen) = (Book::default(), Seen::default());
    for stored in journal {
        book.apply(&stored.entry);
        seen.insert_all_of(&stored.entry);
    }
    let last = journal.last().expect("the journal of a world is never empty");
    Machine::new(book, Head { position: last.entry.position, hash: last.hash }, seen)
}

proptest! {
    /// A failure prints its steps. `PROPTEST_RNG_SEED=<number>` makes a run repeatable.
    #[test]
    fn each_command_has_one_effect_and_is_answered_when_that_is_durable(
        steps in prop::collection::vec(step(), 1..120),
        is_shared in any::<bool>(),
    ) {
        let mut world = World::new(is_shared);
        for step in &steps {
            world.take(step);
        }
        world.finish();
    }
}
