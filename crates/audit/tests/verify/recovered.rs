//! Journals that have lost their end, and went on because operators have accepted it.

use audit::{Evidence, Report};
use journal::checkpoint::{Origin, SigningKey};
use journal::statement::Act;
use journal::tree::Tree;
use journal::{Hash, Stored};
use ledger::recovery::Anchored;
use ledger::{Approval, Position};
use projector::ReadModel;

use crate::play::{Play, operators};
use crate::support::{BOOK, INCARNATION, Kept, assert_first, assert_only, verify, wrong};

const BEFORE: [u8; 16] = [3; 16];

fn key(incarnation: [u8; 16]) -> SigningKey {
    SigningKey::new(Origin::new(BOOK, incarnation), &[6; 32])
}

/// A book that had come further than what is left of it.
struct Recovered {
    /// What is left, the recovery, and what came then.
    play: Play,
    /// What was lost, after what is left.
    lost: Vec<Stored>,
    /// How much is left.
    left: usize,
}

impl Recovered {
    fn new() -> Self {
        Self::approved_by(|play, act| play.approved(act, &operators()))
    }

    fn approved_by(approve: impl Fn(&Play, Act) -> Approval) -> Self {
        let [mut play, mut before] = [(); 2].map(|()| {
            let mut play = Play::of_incarnation(BEFORE);
            play.holder();
            play.holder();
            play
        });
        let left = play.entries.len();
        for _ in 0..4 {
            before.holder();
        }
        let lost = before.entries.split_off(left);
        let last = lost.last().unwrap();
        let anchored =
            Anchored { incarnation: BEFORE, position: last.entry.position, hash: last.hash.0 };
        let approval = approve(&play, Act::AcceptLoss { anchored: Some(anchored) });
        play.recover_with(INCARNATION, Some(anchored), approval);
        let person = play.holder();
        play.erase(person);
        Self { play, lost, left }
    }

    /// The journal as it is on disk, signed by the incarnations that wrote it.
    fn kept(&self) -> Kept {
        let (before, after) = self.play.entries.split_at(self.left);
        let kept = Kept::journal_of(&[]);
        kept.append_signed(before, key(BEFORE));
        kept.append_signed(after, key(INCARNATION));
        kept.advance();
        kept.project(ReadModel::ALL);
        kept
    }

    /// What somebody kept of the journal before its end was lost.
    fn checkpoint(&self, size: usize) -> String {
        let all = self.play.entries[..self.left].iter().chain(&self.lost);
        let tree: Tree = all.take(size).map(|stored| stored.hash).collect();
        key(BEFORE).sign(tree.size(), tree.root())
    }

    fn recovery(&self) -> u64 {
        self.left as u64 + 1
    }
}

fn evidence(kept: &Kept, checkpoints: Vec<String>) -> Evidence {
    let keys = [BEFORE, INCARNATION].map(|of| key(of).verifying_key()).to_vec();
    Evidence { keys, checkpoints, ..kept.evidence() }
}

fn report(recovered: &Recovered, checkpoints: Vec<String>) -> Report {
    verify(evidence(&recovered.kept(), checkpoints)).unwrap()
}

#[test]
fn a_recovered_journal_is_sound_and_both_its_incarnations_are_believed() {
    let recovered = Recovered::new();
    let report = report(&recovered, vec![recovered.checkpoint(recovered.left)]);
    assert!(report.sound(), "{report:?}");
    assert_eq!(report.notes, [""; 0]);
}

#[test]
fn what_a_kept_checkpoint_speaks_of_and_the_recovery_has_lost_is_told_as_that() {
    let recovered = Recovered::new();
    for size in [recovered.left + 1, recovered.left + 4] {
        let report = report(&recovered, vec![recovered.checkpoint(size)]);
        assert!(report.sound(), "{report:?}");
        let [told] = &report.notes[..] else { panic!("{report:?}") };
        let entry = format!("the recovery of entry `{}`", recovered.recovery());
        assert!(told.contains(&entry), "{told}");
        assert!(told.contains("signed by `ada` and `bob`"), "{told}");
        assert!(told.contains(&format!("of `{size}` entries")), "{told}");
    }
}

#[test]
fn a_kept_checkpoint_of_other_entries_than_those_that_are_left_is_wrong() {
    let recovered = Recovered::new();
    let size = recovered.left as u64;
    let note = key(BEFORE).sign(size, Hash([5; 32]));
    assert_only(&wrong(&report(&recovered, vec![note])), size, "was signed for");
}

#[test]
fn a_cut_without_a_recovery_is_wrong() {
    let recovered = Recovered::new();
    let kept = Kept::journal_of(&recovered.play.entries[..recovered.left]);
    let note = recovered.checkpoint(recovered.left + 4);
    // The anchor was replaced by who has cut it.
    let evidence = Evidence { incarnation: BEFORE, anchor: None, ..evidence(&kept, vec![note]) };
    let wrong = wrong(&verify(evidence).unwrap());
    assert_first(&wrong, recovered.recovery(), "the entry is missing");
}

#[test]
fn a_cut_after_the_recovery_is_wrong() {
    let recovered = Recovered::new();
    let entries = &recovered.play.entries;
    let kept = Kept::journal_of(&entries[..entries.len() - 1]);
    let tree: Tree = entries.iter().map(|stored| stored.hash).collect();
    let note = key(INCARNATION).sign(tree.size(), tree.root());
    let wrong = wrong(&verify(evidence(&kept, vec![note])).unwrap());
    assert_first(&wrong, entries.len() as u64, "the entry is missing");
}

#[test]
fn an_incarnation_signs_nothing_before_it_begins() {
    let recovered = Recovered::new();
    let tree: Tree = recovered.play.entries[..2].iter().map(|stored| stored.hash).collect();
    let note = key(INCARNATION).sign(2, tree.root());
    assert_only(&wrong(&report(&recovered, vec![note])), 0, "older than its incarnation");
}

#[test]
fn what_came_after_a_recovery_is_signed_too() {
    let recovered = Recovered::new();
    let (before, after) = recovered.play.entries.split_at(recovered.left);
    let kept = Kept::journal_of(&[]);
    kept.append_signed(before, key(BEFORE));
    kept.append(after);
    let wrong = wrong(&verify(evidence(&kept, Vec::new())).unwrap());
    assert_first(&wrong, recovered.recovery(), "no trusted key has signed");
}

#[test]
fn an_incarnation_that_no_recovery_names_is_another_journal() {
    let recovered = Recovered::new();
    let other = key([7; 16]);
    let evidence = evidence(&recovered.kept(), vec![other.sign(2, Hash([5; 32]))]);
    let keys = [evidence.keys.clone(), vec![other.verifying_key()]].concat();
    let report = verify(Evidence { keys, ..evidence }).unwrap();
    assert_only(&wrong(&report), 0, "the checkpoint that was handed in is of");
}

#[test]
fn the_journal_is_the_one_that_its_last_recovery_began() {
    let recovered = Recovered::new();
    let evidence = evidence(&recovered.kept(), Vec::new());
    let evidence = Evidence { incarnation: [7; 16], anchor: None, ..evidence };
    let wrong = wrong(&verify(evidence).unwrap());
    assert!(wrong.iter().any(|(_, what)| what.contains("its last recovery began")), "{wrong:?}");
}

#[test]
fn one_operator_alone_approves_nothing() {
    let [ada, _] = operators();
    let alone = Recovered::approved_by(|play, act| play.approved(act, std::slice::from_ref(&ada)));
    let position = alone.recovery();
    assert_only(&wrong(&report(&alone, Vec::new())), position, "`1` of the operators have signed");

    // Who has no operators' keys can't tell, and says so.
    let kept = alone.kept();
    let evidence = Evidence { operators: None, ..evidence(&kept, Vec::new()) };
    let report = verify(evidence).unwrap();
    assert!(report.sound(), "{report:?}");
    let [told] = &report.notes[..] else { panic!("{report:?}") };
    assert!(told.contains("were not checked"), "{told}");
}

#[test]
fn an_approval_of_something_else_is_none() {
    for (other, because) in [
        (Act::AcceptLoss { anchored: None }, "what was approved is something else"),
        (Act::Erase(ledger::HolderId([1; 16])), "what was approved is something else"),
    ] {
        let recovered = Recovered::approved_by(|play, _| play.approved(other, &operators()));
        let wrong = wrong(&report(&recovered, Vec::new()));
        assert_only(&wrong, recovered.recovery(), because);
    }
    let earlier = Recovered::approved_by(|_, act| {
        let mut play = Play::of_incarnation(BEFORE);
        play.holder();
        play.approved(act, &operators())
    });
    let wrong_of_earlier = wrong(&report(&earlier, Vec::new()));
    assert_only(&wrong_of_earlier, earlier.recovery(), "for another moment");

    let unsigned = Recovered::approved_by(|_, _| Approval::new("yes").unwrap());
    let wrong = wrong(&report(&unsigned, Vec::new()));
    assert_only(&wrong, unsigned.recovery(), "approved by nobody");
}

#[test]
fn a_recovery_goes_on_from_the_incarnation_before_it() {
    for (from, is_sound) in [([7; 16], true), ([8; 16], false)] {
        let mut play = Play::of_incarnation(BEFORE);
        play.recover([7; 16], None);
        play.incarnation = from;
        play.recover(INCARNATION, None);
        let report = verify(evidence(&Kept::of(&play.entries), Vec::new())).unwrap();
        assert_eq!(report.sound(), is_sound, "{report:?}");
        if !is_sound {
            assert_only(&wrong(&report), 3, "for another incarnation");
        }
    }
}

/// A recovery of a short journal that names what an anchor said.
fn recovered_from(anchored: Option<Anchored>) -> Kept {
    let mut play = Play::of_incarnation(BEFORE);
    play.holder();
    play.recover(INCARNATION, anchored);
    Kept::of(&play.entries)
}

#[test]
fn what_a_lost_incarnation_has_signed_is_told_as_lost() {
    const LOST: [u8; 16] = [4; 16];
    let (position, hash) = (Position(9), [5; 32]);
    let kept = recovered_from(Some(Anchored { incarnation: LOST, position, hash }));
    let evidence = evidence(&kept, vec![key(LOST).sign(8, Hash(hash))]);
    let keys = [evidence.keys.clone(), vec![key(LOST).verifying_key()]].concat();
    let report = verify(Evidence { keys, ..evidence }).unwrap();
    assert!(report.sound(), "{report:?}");
    assert!(report.notes.iter().any(|note| note.contains("recovery of entry `3`")), "{report:?}");
}

#[test]
fn other_entries_than_those_that_are_left_were_lost_if_the_recovery_says_so() {
    let hash = [5; 32];
    let at = |position| {
        let position = Position(position);
        let kept = recovered_from(Some(Anchored { incarnation: BEFORE, position, hash }));
        verify(evidence(&kept, vec![key(BEFORE).sign(2, Hash(hash))])).unwrap()
    };
    let fork = at(2);
    assert!(fork.sound(), "{fork:?}");
    assert!(fork.notes.iter().any(|note| note.contains("recovery of entry `3`")), "{fork:?}");
    assert_only(&wrong(&at(3)), 2, "was signed for");
}
