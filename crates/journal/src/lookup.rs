//! The ids that count once, as rows of `lookup`.

use ledger::{CommandId, Reference};

/// The number of a reference's kind. A table's numbers never change their meaning.
pub(crate) fn kind(reference: Reference) -> i16 {
    match reference {
        Reference::Command(_) => 1,
        Reference::Deposit(_) => 2,
        Reference::Network(_) => 3,
        Reference::Agent(_) => 4,
    }
}

/// The reference of a row. `None` for a kind that there is not.
pub(crate) fn reference(kind: i16, hash: [u8; 16]) -> Option<Reference> {
    Some(match kind {
        1 => Reference::Command(CommandId(hash)),
        2 => Reference::Deposit(hash),
        3 => Reference::Network(hash),
        4 => Reference::Agent(hash),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_kinds_are_fixed() {
        let hash = [7; 16];
        let kinds = [
            (1, Reference::Command(CommandId(hash))),
            (2, Reference::Deposit(hash)),
            (3, Reference::Network(hash)),
            (4, Reference::Agent(hash)),
        ];
        for (number, of_kind) in kinds {
            assert_eq!((kind(of_kind), reference(number, hash)), (number, Some(of_kind)));
        }
        assert_eq!((reference(0, hash), reference(5, hash)), (None, None));
    }
}
