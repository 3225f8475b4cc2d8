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
fn a_vault_opens_while_another_reads_it_as_it_was() {
    let folder = Folder::new();
    let vault = folder.open();
    let (ada, bob) = (create(&vault, b"Ada"), create(&vault, b"Bob"));
    let trace = folder.cell("subject", "wrapped_key", ada.subject.0);
    let at_once = |tx: &Transaction<'_>| tx.busy_timeout(Duration::ZERO);
    vault.writer.delete(at_once).unwrap();
    let other = folder.sql();
    other.execute_batch("begin; select * from subject").unwrap();
    assert!(matches!(vault.forget(&[ada.subject]), Err(Error::LogInUse)));
    drop(vault);

    let vault = folder.open();
    assert_eq!(read(&vault, ada), None);
    assert_eq!(read(&vault, bob).unwrap(), b"Bob");
    assert!(folder.holds(&trace));

    other.execute_batch("commit").unwrap();
    drop(vault);
    folder.open();
    assert!(!folder.holds(&trace));
}

#[test]
fn the_sweep_takes_what_no_entry_names() {
    let folder = Folder::new();
    let vault = folder.open();
    let [orphan, named] = [(); 2].map(|()| create(&vault, b"Ada"));
    let upload = vault.put(named.subject, Kind::Document, b"scan", 10).unwrap();
    let trace = folder.cell("subject", "wrapped_key", orphan.subject.0);

    assert_eq!(vault.sweep(|item| item == named.reference).unwrap(), 2);

    assert!(is_lost(&vault, orphan));
    assert!(matches!(vault.get(Kind::Document, &upload), Err(Error::LostItem { .. })));
    assert_eq!(read(&vault, named).unwrap(), b"Ada");
    assert!(!folder.holds(&trace), "a subject without items goes too");
}

#[test]
fn a_sweep_passes_over_what_is_erased_meanwhile() {
    let folder = Folder::new();
    let vault = folder.open();
    let ada = create(&vault, b"Ada");
    create(&vault, b"Bob");

    let swept = vault.sweep(|item| {
        if item == ada.reference {
            vault.forget(&[ada.subject]).unwrap();
        }
        false
    });

    assert_eq!(swept.unwrap(), 1);
}

#[test]
fn what_is_discarded_is_gone_and_what_else_its_subject_has_stays() {
    let folder = Folder::new();
    let vault = folder.open();
    let [kept, orphan] = [(); 2].map(|()| create(&vault, b"Ada"));
    let upload = put(&vault, kept.subject, b"scan");
    let trace = folder.cell("subject", "wrapped_key", orphan.subject.0);

    for _ in 0..2 {
        vault.discard(&[orphan.reference, upload.reference]).unwrap();
    }

    assert!(is_lost(&vault, orphan) && is_lost(&vault, upload));
    assert_eq!(read(&vault, kept).unwrap(), b"Ada");
    vault.sweep(|_| true).unwrap();
    assert!(!folder.holds(&trace), "nor in the log, after the next sweep");
}
