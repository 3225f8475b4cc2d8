//! Signed notes: checkpoints, operators' statements, keys.

use journal::checkpoint::{self, Checkpoint, Origin};
use journal::note::{Note, SigningKey, VerifyingKey};
use journal::statement::{Act, Statement, approvers};
use journal::{Hash, Head};
use ledger::recovery::Anchored;
use ledger::{BookId, HolderId, Position};

use super::Target;

pub(super) const TARGET: Target = Target { name: "note", seeds, try_on };

const BOOK: BookId = BookId([1; 16]);
const INCARNATION: [u8; 16] = [2; 16];
const SIZE: u64 = 1_000;
const ROOT: Hash = Hash([3; 32]);

fn journals_key() -> checkpoint::SigningKey {
    checkpoint::SigningKey::new(Origin::new(BOOK, INCARNATION), &[4; 32])
}

fn operators() -> [SigningKey; 2] {
    [SigningKey::new("ada", &[5; 32]), SigningKey::new("bob", &[6; 32])]
}

fn statements() -> [Statement; 3] {
    let head = Head { position: Position(17), hash: Hash([8; 32]) };
    let anchored = Anchored { incarnation: INCARNATION, position: Position(25), hash: [9; 32] };
    [
        Act::Erase(HolderId([7; 16])),
        Act::AcceptLoss { anchored: None },
        Act::AcceptLoss { anchored: Some(anchored) },
    ]
    .map(|act| Statement { book: BOOK, incarnation: INCARNATION, head, act })
}

fn seeds() -> Vec<Vec<u8>> {
    let mut texts = vec![journals_key().sign(SIZE, ROOT)];
    for statement in statements() {
        let text = statement.to_string();
        let signed: String = operators().iter().map(|operator| operator.sign(&text)).collect();
        texts.push(format!("{text}\n{signed}"));
        texts.push(text);
    }
    for operator in operators() {
        texts.push(operator.secret_text().as_str().to_owned());
        texts.push(operator.verifying_key().to_string());
    }
    texts.into_iter().map(String::into_bytes).collect()
}

/// Each form has one way to write it, and nothing passes for signed that was not.
fn try_on(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Some(statement) = Statement::parse(text) {
        assert_eq!(statement.to_string(), text, "a statement has one form");
    }
    if let Some(key) = VerifyingKey::parse(text) {
        assert_eq!(key.to_string(), text, "a key has one form");
    }
    if let Some(key) = SigningKey::parse(text) {
        assert_eq!(key.secret_text().as_str(), text, "a secret has one form");
        let (_, secret) = text.rsplit_once('+').expect("it stands behind the last sign");
        assert!(!format!("{key:?}").contains(secret), "a secret is not printed");
    }
    if let Ok(checkpoint) = checkpoint::open(&[journals_key().verifying_key()], text) {
        let signed = Checkpoint { origin: Origin::new(BOOK, INCARNATION), size: SIZE, root: ROOT };
        assert_eq!(checkpoint, signed, "only what was signed is believed");
    }
    if let Ok(note) = Note::parse(text) {
        assert!(text.starts_with(note.text()) && note.text().ends_with('\n'));
        assert!(note.signers().count() <= text.lines().count());
        let operators = operators().map(|operator| operator.verifying_key());
        if approvers(&note, &operators).is_ok() {
            let signed = statements().map(|statement| statement.to_string());
            assert!(signed.iter().any(|signed| signed == note.text()), "nobody signed this");
        }
    }
}
