use super::*;

const TEXT: &str = "first line\n\nthird line\n";

fn key(name: &str, seed: u8) -> SigningKey {
    SigningKey::new(name, &[seed; 32])
}

/// The text, signed with each key.
fn note(keys: &[&SigningKey]) -> String {
    let lines: String = keys.iter().map(|key| key.sign(TEXT)).collect();
    format!("{TEXT}\n{lines}")
}

#[test]
fn a_note_is_believed_of_each_key_that_has_signed_it_and_of_no_other() {
    let (ada, bob, eve) = (key("ada", 1), key("bob", 2), key("eve", 3));
    let signed = note(&[&ada, &bob]);
    let signed = Note::parse(&signed).expect("it is a note");
    assert_eq!(signed.text(), TEXT);
    assert_eq!(signed.signers().collect::<Vec<_>>(), ["ada", "bob"]);
    assert_eq!(signed.check(&ada.verifying_key()), Ok(()));
    assert_eq!(signed.check(&bob.verifying_key()), Ok(()));
    assert_eq!(signed.check(&eve.verifying_key()), Err(InvalidNote::NotSigned));
    // Neither another name for a key nor another key for a name.
    assert_eq!(signed.check(&key("eve", 1).verifying_key()), Err(InvalidNote::NotSigned));
    assert_eq!(signed.check(&key("ada", 3).verifying_key()), Err(InvalidNote::NotSigned));
}

#[test]
fn a_text_without_signatures_is_no_note() {
    assert_eq!(Note::parse("text\n"), Err(InvalidNote::Form));
}

#[test]
fn a_key_is_read_back_from_its_text() {
    let key = key("ada", 7).verifying_key();
    let text = key.to_string();
    assert_eq!(VerifyingKey::parse(&text), Some(key));
    for (from, to) in [("+", "-"), ("ada", "a da"), ("ada", "bob")] {
        assert_eq!(VerifyingKey::parse(&text.replacen(from, to, 1)), None, "{to}");
    }
    assert_eq!(VerifyingKey::parse(&text[..text.len() - 4]), None);
}

#[test]
fn a_secret_is_read_back_from_its_text() {
    let key = key("ada", 7);
    let text = key.secret_text();
    let found = SigningKey::parse(&text).expect("it is a secret");
    assert_eq!(found.verifying_key(), key.verifying_key());
    for (from, to) in [("PRIVATE", "PUBLIC"), ("ada", "bob"), ("ada", "a da")] {
        assert!(SigningKey::parse(&text.replacen(from, to, 1)).is_none(), "{to}");
    }
    assert!(SigningKey::parse(&text[..text.len() - 4]).is_none());
    assert!(SigningKey::parse(&key.verifying_key().to_string()).is_none());
}

#[test]
fn a_keys_name_is_one_word() {
    for name in ["", "a da", "a\u{a0}da"] {
        let key = SigningKey { name: name.to_owned(), ..key("ada", 7) };
        assert_eq!(VerifyingKey::parse(&key.verifying_key().to_string()), None, "{name:?}");
        assert!(SigningKey::parse(&key.secret_text()).is_none(), "{name:?}");
    }
}

/// From the Go implementation's documentation of the form: the key, the secret and the note that it gives as an example.
#[test]
fn a_note_of_another_implementation_is_believed() {
    let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let key = VerifyingKey::parse(key).expect("the key is one");
    let note = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n\
                \n\
                \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let read = Note::parse(note).expect("it is a note");
    assert_eq!(read.check(&key), Ok(()));
    let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let secret = SigningKey::parse(secret).expect("the secret is one");
    assert_eq!(format!("{}\n{}", read.text(), secret.sign(read.text())), note);
    let changed = note.replace("answer", "enemy");
    let changed = Note::parse(&changed).expect("it is a note");
    assert_eq!(changed.check(&key), Err(InvalidNote::BadSignature));
}

#[test]
fn every_changed_byte_is_noticed() {
    let key = key("ada", 1);
    let note = note(&[&key]).into_bytes();
    for place in 0..note.len() {
        for changed in [note[place] ^ 1, b'\n', b' '] {
            let mut other = note.clone();
            other[place] = changed;
            if let Ok(text) = String::from_utf8(other)
                && text.as_bytes() != note
            {
                let checked = Note::parse(&text).and_then(|note| note.check(&key.verifying_key()));
                assert!(checked.is_err(), "{text}");
            }
        }
    }
}

#[test]
fn a_key_does_not_show_its_secret() {
    let shown = format!("{:?}", key("ada", 7));
    assert!(shown.contains("ada"));
    assert!(!shown.contains('7'.to_string().repeat(2).as_str()));
}
