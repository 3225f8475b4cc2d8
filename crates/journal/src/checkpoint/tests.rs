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
    assert_eq!(open(&[key], &note()), Ok(expected));
}

#[test]
fn a_signed_note_that_is_no_checkpoint_is_refused() {
    let key = note::SigningKey::new(origin().to_string(), &SECRET);
    let note = format!("a text\n\n{}", key.sign("a text\n"));
    assert_eq!(open(&[key.verifying_key()], &note), Err(InvalidNote::Form));
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
                assert!(open(std::slice::from_ref(&key), &text).is_err(), "{text}");
            }
        }
    }
}

#[test]
fn signatures_of_others_are_passed_over() {
    let other = SigningKey::new(origin(), &[8; 32]);
    let theirs = other.sign(1_000, Hash([3; 32]));
    let line = theirs.lines().last().expect("the signature is the last line");
    assert!(open(&[key().verifying_key()], &theirs).is_err());
    let both = note().replacen("\n\n", &format!("\n\n{line}\n"), 1);
    assert!(open(&[key().verifying_key()], &both).is_ok());
    assert!(open(&[other.verifying_key()], &both).is_ok());
}

#[test]
fn an_origin_is_of_its_book_whatever_the_incarnation() {
    let book = BookId([1; 16]);
    assert!(origin().is_of(book));
    assert!(Origin::new(book, [9; 16]).is_of(book));
    assert!(!origin().is_of(BookId([2; 16])));
    assert!(!Origin(format!("{}/more", origin())).is_of(book));
}

#[test]
fn one_of_the_keys_is_enough_whichever_it_is() {
    let keys = [8, 7, 9].map(|seed| SigningKey::new(origin(), &[seed; 32]).verifying_key());
    assert!(open(&keys, &note()).is_ok());
    assert_eq!(open(&[keys[0].clone(), keys[2].clone()], &note()), Err(InvalidNote::NotSigned));
}

#[test]
fn another_journals_checkpoint_is_refused() {
    let body =
        Checkpoint { origin: Origin::new(BookId([1; 16]), [9; 16]), size: 1, root: Hash([0; 32]) }
            .body();
    let key = key();
    let note = format!("{body}\n{}", key.key.sign(&body));
    assert_eq!(open(&[key.verifying_key()], &note), Err(InvalidNote::OtherOrigin));
}

#[test]
fn other_ways_to_write_the_same_are_refused() {
    let key = key();
    for (from, to) in [("1000", "01000"), ("1000", "+1000"), ("1000\n", "1000\n\n")] {
        let checkpoint = Checkpoint { origin: origin(), size: 1_000, root: Hash([3; 32]) };
        let body = checkpoint.body().replacen(from, to, 1);
        let note = format!("{body}\n{}", key.key.sign(&body));
        assert_eq!(open(&[key.verifying_key()], &note), Err(InvalidNote::Form), "{to}");
    }
}
