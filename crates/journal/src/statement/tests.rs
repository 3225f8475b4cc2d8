use ledger::Approval;

use super::*;
use crate::note::SigningKey;

fn statement(act: Act) -> Statement {
    let head = Head { position: Position(17), hash: Hash([0xab; 32]) };
    Statement { book: BookId([1; 16]), incarnation: [2; 16], head, act }
}

fn all() -> [Statement; 3] {
    let anchored = Anchored { incarnation: [2; 16], position: Position(25), hash: [3; 32] };
    [
        statement(Act::Erase(HolderId([4; 16]))),
        statement(Act::AcceptLoss { anchored: Some(anchored) }),
        statement(Act::AcceptLoss { anchored: None }),
    ]
}

#[test]
fn a_statement_reads_as_it_is_documented() {
    let [erase, loss, unknown] = all();
    let book = BookId([1; 16]);
    let common =
        format!("book {book}\nincarnation {}\nhead 17 {}\n", "02".repeat(16), "ab".repeat(32));
    let holder = HolderId([4; 16]);
    assert_eq!(erase.to_string(), format!("ledgeros statement 1\nerase {holder}\n{common}"));
    let accept = "ledgeros statement 1\naccept the loss of what the journal lacks\n";
    let anchor = format!("anchor {} 25 {}\n", "02".repeat(16), "03".repeat(32));
    assert_eq!(loss.to_string(), format!("{accept}{common}{anchor}"));
    assert_eq!(unknown.to_string(), format!("{accept}{common}anchor unknown\n"));
}

#[test]
fn a_statement_is_read_back_and_nothing_else_is_one() {
    for statement in all() {
        let text = statement.to_string();
        assert_eq!(Statement::parse(&text), Some(statement));
        for place in 0..text.len() {
            let mut cut = text.clone();
            cut.remove(place);
            assert_ne!(Statement::parse(&cut), Some(statement), "without {place}: {cut}");
        }
        assert_eq!(Statement::parse(&format!("{text}\n")), None);
        assert_eq!(Statement::parse(&text.replace("head 17", "head 017")), None);
        assert_eq!(Statement::parse(&text.replace("abab", "ABAB")), None);
        assert_eq!(Statement::parse(&text.replace("statement 1", "statement 2")), None);
    }
    assert_eq!(Statement::parse(""), None);
}

#[test]
fn a_statement_allows_the_act_that_it_names_and_no_other() {
    let [erase, loss, unknown] = all();
    let approval = Approval::new("signed").expect("it is a text");
    let erased = |holder| {
        let approval = approval.clone();
        Event::HolderErased(HolderErased { holder, subjects: Vec::new(), approval })
    };
    let recovered = |from, anchored| {
        let approval = approval.clone();
        Event::JournalRecovered(JournalRecovered { from, to: [9; 16], anchored, approval })
    };
    let Act::AcceptLoss { anchored } = loss.act else { panic!("it is of a loss") };
    assert!(erase.allows(&erased(HolderId([4; 16]))));
    assert!(!erase.allows(&erased(HolderId([5; 16]))));
    assert!(loss.allows(&recovered([2; 16], anchored)));
    assert!(!loss.allows(&recovered([3; 16], anchored)));
    assert!(!loss.allows(&recovered([2; 16], None)));
    assert!(unknown.allows(&recovered([2; 16], None)));
    assert!(!unknown.allows(&erased(HolderId([4; 16]))));
    let other = Event::ClockAdvanced(ledger::clock::ClockAdvanced { by_ms: 1 });
    assert!(!erase.allows(&other));
}

#[test]
fn two_operators_must_sign_with_keys_and_names_of_their_own() {
    let text = all()[0].to_string();
    let key = |name: &str, seed| SigningKey::new(name, &[seed; 32]);
    let approved = |signers: &[SigningKey], operators: &[SigningKey]| {
        let lines: String = signers.iter().map(|key| key.sign(&text)).collect();
        let note = format!("{text}\n{lines}");
        let operators: Vec<_> = operators.iter().map(SigningKey::verifying_key).collect();
        let note = Note::parse(&note).expect("it is a note");
        approvers(&note, &operators).map(|signers| signers.len())
    };
    let (ada, bob, eve) = (key("ada", 1), key("bob", 2), key("eve", 3));
    let operators = [ada.clone(), bob.clone()];
    assert_eq!(approved(&[ada.clone(), bob.clone()], &operators), Ok(2));
    let too_few = |count| Err(NotApproved::TooFew { count });
    assert_eq!(approved(&[], &operators), too_few(0));
    assert_eq!(approved(std::slice::from_ref(&ada), &operators), too_few(1));
    assert_eq!(approved(&[ada.clone(), ada.clone()], &operators), too_few(1));
    assert_eq!(approved(&[ada.clone(), eve], &operators), too_few(1));
    // One key under two names, and two keys under one name.
    let (twin, second) = (key("bob", 1), key("ada", 2));
    let both = [ada.clone(), twin];
    assert_eq!(approved(&both, &both), too_few(1));
    let both = [ada.clone(), second];
    assert_eq!(approved(&both, &both), too_few(1));
}

#[test]
fn a_wrong_signature_of_an_operator_spoils_the_note() {
    let [erase, loss, _] = all().map(|statement| statement.to_string());
    let keys = [1, 2, 3].map(|seed| SigningKey::new(format!("operator-{seed}"), &[seed; 32]));
    let operators = keys.each_ref().map(SigningKey::verifying_key);
    let lines = format!("{}{}{}", keys[0].sign(&erase), keys[1].sign(&erase), keys[2].sign(&loss));
    let note = format!("{erase}\n{lines}");
    let note = Note::parse(&note).expect("it is a note");
    let refused = NotApproved::BadSignature { operator: "operator-3".to_owned() };
    assert_eq!(approvers(&note, &operators), Err(refused));
    assert_eq!(approvers(&note, &operators[..2]).map(|signers| signers.len()), Ok(2));
}
