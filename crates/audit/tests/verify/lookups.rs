//! Ids that count once, and the look-ups that lead to them.

use std::sync::Arc;

use journal::{Reader, encode};
use ledger::Event;

use crate::play::purchase;
use crate::support::{Kept, assert_first, assert_only};

#[test]
fn a_deleted_look_up_is_found() {
    let kept = Kept::journal_of(&purchase().entries);
    kept.force("delete from lookup where position = 4", ());
    assert_only(&kept.wrong(), 4, "the look-up of its command id does not lead here");
}

#[test]
fn a_look_up_that_leads_to_another_entry_is_found() {
    let kept = Kept::journal_of(&purchase().entries);
    kept.force("update lookup set position = 5 where kind = 3 and position = 15", ());
    let wrong = kept.wrong();
    assert_first(&wrong, 15, "the look-up of its network id does not lead here");
    assert!(wrong[1].0 == 5 && wrong[1].1.contains("leads here in vain"), "{wrong:?}");
}

#[test]
fn a_look_up_of_what_no_entry_carries_is_found() {
    let kept = Kept::journal_of(&purchase().entries);
    let sql = "insert into lookup (book, kind, hash, position) values (1, 2, randomblob(16), 6)";
    kept.force(sql, ());
    assert_only(&kept.wrong(), 6, "the look-up of a deposit reference leads here in vain");
}

#[test]
fn a_look_up_beyond_the_end_is_found() {
    let kept = Kept::journal_of(&purchase().entries);
    let sql = "insert into lookup (book, kind, hash, position) values (1, 1, randomblob(16), 600)";
    kept.force(sql, ());
    assert_only(&kept.wrong(), 0, "look-ups lead to `600`");
}

#[test]
fn an_id_that_stands_in_two_entries_is_found_at_the_second() {
    let play = purchase();
    let kept = Kept::journal_of(&play.entries);
    let last = play.entries.last().unwrap();
    let (mut entry, position) = ((*last.entry).clone(), last.entry.position.0);
    entry.command = play.entries[10].entry.command;
    kept.set_bytes(position, &encode(Arc::new(entry), last.previous).bytes);
    kept.anchor_anew();
    let wrong = kept.wrong();
    assert_first(&wrong, position, "its command id stands in entry `11`, too");
}

#[test]
fn an_entry_may_carry_an_id_twice() {
    let mut play = purchase();
    let last = play.entries.pop().unwrap();
    let mut entry = (*last.entry).clone();
    let mut declined = play.declined();
    let Event::AuthorizationApproved(approved) = &entry.events[0] else { panic!() };
    declined.terms.network_id = approved.terms.network_id;
    entry.events.push(Event::AuthorizationDeclined(declined));
    play.entries.push(encode(Arc::new(entry), last.previous));
    let kept = Kept::journal_of(&play.entries);
    assert_eq!(kept.reader().head().unwrap().position.0, play.entries.len() as u64);
    assert!(kept.verify().unwrap().sound());
}
