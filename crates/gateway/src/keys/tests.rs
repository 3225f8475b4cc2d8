use super::*;

fn parse(text: &str) -> Option<Presented> {
    Presented::parse(text)
}

#[test]
fn a_key_is_recognised_by_what_is_recorded_of_it() {
    for (family, environment) in FORMS {
        let (text, recorded) = generate(family, environment, Scope::Write);
        let presented = parse(&text).unwrap();
        assert!(text.starts_with(start(family, environment)));
        assert_eq!((presented.environment, presented.prefix), (environment, recorded.prefix));
        assert!(presented.is(family, &recorded.digest));
    }
}

#[test]
fn another_secret_or_family_is_not_the_recorded_key() {
    let (_, recorded) = generate(Family::LedgerOs, Environment::Sandbox, Scope::Write);
    let (other, _) = generate(Family::LedgerOs, Environment::Sandbox, Scope::Write);
    assert!(!parse(&other).unwrap().is(Family::LedgerOs, &recorded.digest));

    let (text, recorded) = generate(Family::LedgerApi, Environment::Sandbox, Scope::Write);
    assert!(!parse(&text).unwrap().is(Family::LedgerOs, &recorded.digest));
}

#[test]
fn the_secret_is_not_recorded() {
    let (text, recorded) = generate(Family::LedgerOs, Environment::Sandbox, Scope::Admin);
    let secret: [u8; SECRET_BYTES] = unhex(&text[25..][..64]).unwrap();
    assert_eq!(recorded.digest, <[u8; 32]>::from(Sha256::digest(secret)));
    assert_ne!(recorded.digest, secret);
}

#[test]
fn every_changed_character_is_noticed() {
    let (text, _) = generate(Family::LedgerOs, Environment::Sandbox, Scope::Write);
    for index in 0..text.len() {
        for other in ["0", "f", "G", "_", "ä"] {
            let mut changed = text.clone();
            changed.replace_range(index..=index, other);
            assert!(changed == text || parse(&changed).is_none(), "{changed}");
        }
        assert!(parse(&text[..index]).is_none());
        assert!(parse(&format!("{text}0")).is_none());
    }
}

#[test]
fn what_seeds_show_as_keys_is_none() {
    for text in ["", "lk_live_xxx", "ld_test_", "lk_test__", "Bearer", "lk_test_0_0"] {
        assert!(parse(text).is_none(), "{text}");
    }
}

#[test]
fn the_services_key_is_of_the_same_form_and_no_key_of_a_book() {
    let text = ServiceKey::generate();
    let key = ServiceKey::parse(&text).unwrap();
    assert!(text.starts_with("ls_") && parse(&text).is_none());
    assert!(key.is(&ServiceKey::parse(&text).unwrap()));
    assert!(!key.is(&ServiceKey::parse(&ServiceKey::generate()).unwrap()));
    for index in 0..text.len() {
        assert!(ServiceKey::parse(&text[..index]).is_none());
    }
    let last = if text.ends_with('0') { "1" } else { "0" };
    assert!(ServiceKey::parse(&format!("{}{last}", &text[..text.len() - 1])).is_none());
    let (of_a_book, _) = generate(Family::LedgerOs, Environment::Sandbox, Scope::Admin);
    assert!(ServiceKey::parse(&of_a_book).is_none());
}
