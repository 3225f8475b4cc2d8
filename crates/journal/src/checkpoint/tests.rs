use super::*;

const SECRET: [u8; 32] = [7; 32];

fn origin() -> Origin {
    Origin::new(BookId([1; 16]), [2; 16])
}

fn key() -> SigningKey {
    SigningKey::new(origin(), &SECRET)
}

fn note() -> String {
    key().sign(1_000, Hash([3; 32]))
}

#[test]
fn a_checkpoint_is_read_back_by_its_key() {
    let key = key().verifying_key();
    let expected = Checkpoint { origin: origin(), size: 1_000, root: Hash([3; 32]) };
    assert_eq!(key.open(&note()), Ok(expected));
}

#[test]
fn a_key_is_read_back_from_its_text() {
    let key = key().verifying_key();
    let text = key.to_string();
    assert_eq!(VerifyingKey::parse(&text), Some(key));
    for (from, to) in [("+", "-"), ("ledgeros", "ledger os"), ("ledgeros", "other")] {
        assert_eq!(VerifyingKey::parse(&text.replacen(from, to, 1)), None, "{to}");
    }
    assert_eq!(VerifyingKey::parse(&text[..text.len() - 4]), None);
}

/// From the Go implementation's documentation of the form: the key and the note that it gives as an example.
#[test]
fn a_note_of_another_implementation_is_believed() {
    let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let key = VerifyingKey::parse(key).expect("the key is one");
    let note = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n\
                \n\
                \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    // It is signed, and is no checkpoint.
    assert_eq!(key.open(note), Err(InvalidNote::Form));
    assert_eq!(key.open(&note.replace("answer", "enemy")), Err(InvalidNote::BadSignature));
}

#[test]
fn every_changed_byte_is_noticed() {
    let key = key().verifying_key();
    let note = note().into_bytes();
    for place in 0..note.len() {
        for changed in [note[place] ^ 1, b'\n', b' '] {
            let mut other = note.clone();
            other[place] = changed;
            if let Ok(text) = String::from_utf8(other)
                && text.as_bytes() != note
            {
                assert!(key.open(&text).is_err(), "{text}");
            }
        }
    }
}

#[test]
fn signatures_of_others_are_passed_over() {
    let other = SigningKey::new(origin(), &[8; 32]);
    let theirs = other.sign(1_000, Hash([3; 32]));
    let line = theirs.lines().last().expect("the signature is the last line");
    assert!(key().verifying_key().open(&theirs).is_err());
    let both = note().replacen("\n\n", &format!("\n\n{line}\n"), 1);
    assert!(key().verifying_key().open(&both).is_ok());
    assert!(other.verifying_key().open(&both).is_ok());
}

#[test]
fn another_journals_checkpoint_is_refused() {
    let body =
        Checkpoint { origin: Origin::new(BookId([1; 16]), [9; 16]), size: 1, root: Hash([0; 32]) }
            .body();
    let key = key();
    let signature = key.key.sign(body.as_bytes()).to_bytes();
    let signed = BASE64.encode([key.verifying_key().id().as_slice(), &signature].concat());
    let note = format!("{body}\n{SIGNED_BY}{} {signed}\n", origin());
    assert_eq!(key.verifying_key().open(&note), Err(InvalidNote::OtherOrigin));
}

#[test]
fn other_ways_to_write_the_same_are_refused() {
    let key = key();
    for (from, to) in [("1000", "01000"), ("1000", "+1000"), ("1000\n", "1000\n\n")] {
        let checkpoint = Checkpoint { origin: origin(), size: 1_000, root: Hash([3; 32]) };
        let body = checkpoint.body().replacen(from, to, 1);
        let signature = key.key.sign(body.as_bytes()).to_bytes();
        let signed = BASE64.encode([key.verifying_key().id().as_slice(), &signature].concat());
        let note = format!("{body}\n{SIGNED_BY}{} {signed}\n", origin());
        assert_eq!(key.verifying_key().open(&note), Err(InvalidNote::Form), "{to}");
    }
}

#[test]
fn a_key_does_not_show_its_secret() {
    let shown = format!("{:?}", key());
    assert!(shown.contains("ledgeros/book_"));
    assert!(!shown.contains('7'.to_string().repeat(2).as_str()));
}
