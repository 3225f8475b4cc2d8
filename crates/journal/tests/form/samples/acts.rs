//! What operators do.

use ledger::erasure::HolderErased;
use ledger::recovery::{Anchored, JournalRecovered};

use super::*;

pub(super) fn all() -> Vec<Sample> {
    let (from, to) = ([0x60; 16], [0x61; 16]);
    let recovered = |anchored| {
        let approval = approval();
        Event::JournalRecovered(JournalRecovered { from, to, anchored, approval })
    };
    let position = Position(1_000_020);
    let anchored = Anchored { incarnation: [0x62; 16], position, hash: [0x63; 32] };
    let erased = HolderErased {
        holder: HOLDER,
        subjects: vec![[0x30; 16], [0x64; 16]],
        approval: approval(),
    };
    vec![
        by_itself(memo("journal_recovered", recovered(Some(anchored)))),
        by_itself(memo("journal_recovered_with_nothing_known", recovered(None))),
        by_itself(memo("holder_erased", Event::HolderErased(erased))),
    ]
}

fn approval() -> Approval {
    Approval::new("what is done\n\n\u{2014} ada c2lnbmF0dXJl\n\u{2014} bob c2lnbmF0dXJl\n").unwrap()
}
