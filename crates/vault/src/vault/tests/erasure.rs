use std::time::Duration;

use super::*;

#[test]
fn what_is_forgotten_reads_as_erased_and_what_is_not_stays() {
    let folder = Folder::new();
    let vault = folder.open();
    let ada = create(&vault, b"Ada");
    let also_ada = put(&vault, ada.subject, b"Adele");
    let bob = create(&vault, b"Bob");

    vault.forget(&[ada.subject]).unwrap();
    vault.forget(&[ada.subject]).unwrap();

    assert_eq!(read(&vault, ada), None);
    assert_eq!(read(&vault, also_ada), None);
    assert_eq!(read(&vault, bob).unwrap(), b"Bob");
    let refused = vault.put(ada.subject, Kind::Profile, b"Ada", 0);
    assert!(matches!(refused, Err(Error::Erased { subject }) if subject == ada.subject));
    drop(vault);
    assert_eq!(read(&folder.open(), ada), None);
}

#[test]
fn what_is_forgotten_stands_in_no_file() {
    let folder = Folder::new();
    let vault = folder.open();
    // Enough, in random order of their names, for pages to split and to merge.
    let people: Vec<Sealed> = (0..200).map(|_| create(&vault, b"Ada")).collect();
    let traces = |person: &Sealed| {
        [
            folder.cell("subject", "wrapped_key", person.subject.0),
            folder.cell("item", "ciphertext", person.reference.0),
        ]
    };
    let forgotten: Vec<_> = people.iter().step_by(2).flat_map(traces).collect();
    let kept: Vec<_> = people.iter().skip(1).step_by(20).flat_map(traces).collect();

    for person in people.iter().step_by(2) {
        vault.forget(&[person.subject]).unwrap();
    }

    assert!(!forgotten.iter().any(|trace| folder.holds(trace)));
    assert!(kept.iter().all(|trace| folder.holds(trace)));
}

#[test]
fn an_erasure_that_was_cut_short_is_completed_at_the_next_start() {
    let folder = Folder::new();
    let vault = folder.open();
    let ada = create(&vault, b"Ada");
    let trace = folder.cell("subject", "wrapped_key", ada.subject.0);

    // Held open, it keeps the log from being cleared when the vault closes.
    let other = folder.sql();
    other.execute_batch("pragma secure_delete = on; delete from subject").unwrap();
    drop(vault);
    assert!(folder.holds(&trace));

    folder.open();
    assert!(!folder.holds(&trace));
}

#[test]
fn an_erasure_says_when_old_pages_could_not_be_cleared() {
    let folder = Folder::new();
    let vault = folder.open();
    let ada = create(&vault, b"Ada");
    let trace = folder.cell("subject", "wrapped_key", ada.subject.0);
    let at_once = |tx: &Transaction<'_>| tx.busy_timeout(Duration::ZERO);
    vault.writer.delete(at_once).unwrap();

    let other = folder.sql();
    other.execute_batch("begin; select * from subject").unwrap();
    assert!(matches!(vault.forget(&[ada.subject]), Err(Error::LogInUse)));
    assert_eq!(read(&vault, ada), None);

    other.execute_batch("commit").unwrap();
    vault.forget(&[ada.subject]).unwrap();
    assert!(!folder.holds(&trace));
}

#[test]
fn the_sweep_takes_what_no_entry_names_from_its_span_of_time() {
    let folder = Folder::new();
    let vault = folder.open();
    let at = |stored_at_ms| vault.create_subject(Kind::Profile, b"Ada", stored_at_ms).unwrap();
    let (before, orphan, named, after) = (at(9), at(10), at(19), at(20));
    let upload = vault.put(named.subject, Kind::Document, b"scan", 10).unwrap();
    let trace = folder.cell("subject", "wrapped_key", orphan.subject.0);

    let swept = vault.sweep(10..20, |item| Ok::<_, Error>(item == named.reference));

    assert_eq!(swept.unwrap(), 2);
    assert!(is_lost(&vault, orphan));
    assert!(matches!(vault.get(Kind::Document, &upload), Err(Error::LostItem { .. })));
    for kept in [before, named, after] {
        assert_eq!(read(&vault, kept).unwrap(), b"Ada");
    }
    assert!(!folder.holds(&trace), "a subject without items goes too");
}

#[test]
fn a_sweep_that_can_not_ask_deletes_nothing() {
    let folder = Folder::new();
    let vault = folder.open();
    let items = [create(&vault, b"Ada"), create(&vault, b"Ada")];
    let mut asked = 0;

    let swept = vault.sweep(0..1, |_| {
        asked += 1;
        if asked == 1 { Ok(false) } else { Err(Error::LogInUse) }
    });

    assert!(swept.is_err());
    assert!(items.iter().all(|item| read(&vault, *item).is_some()));
}

#[test]
fn a_sweep_passes_over_what_is_erased_meanwhile() {
    let folder = Folder::new();
    let vault = folder.open();
    let ada = create(&vault, b"Ada");
    create(&vault, b"Bob");

    let swept = vault.sweep(0..1, |item| {
        if item == ada.reference {
            vault.forget(&[ada.subject])?;
        }
        Ok::<_, Error>(false)
    });

    assert_eq!(swept.unwrap(), 1);
}
