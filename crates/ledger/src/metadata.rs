//! What a platform notes about something.

use std::collections::BTreeMap;

use crate::Text;

/// How many members there may be: as many as other platforms take, and at most 27,000 characters in an entry.
pub const MEMBERS_MAX: usize = 50;

/// Texts under names that a platform has given. No rule looks at them, and the journal keeps them for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata(BTreeMap<Text<40>, Text<500>>);

impl Metadata {
    /// `None` for more than [`MEMBERS_MAX`] members, and for a name that stands twice.
    pub fn new(members: impl IntoIterator<Item = (Text<40>, Text<500>)>) -> Option<Self> {
        let mut kept = BTreeMap::new();
        for (name, text) in members {
            if kept.len() == MEMBERS_MAX || kept.insert(name, text).is_some() {
                return None;
            }
        }
        Some(Self(kept))
    }

    /// The members, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&Text<40>, &Text<500>)> {
        self.0.iter()
    }

    /// Whether nothing is noted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(count: usize) -> impl Iterator<Item = (Text<40>, Text<500>)> {
        (0..count).rev().map(|number| {
            (Text::new(&format!("{number:02}")).unwrap(), Text::new("noted").unwrap())
        })
    }

    #[test]
    fn members_stand_in_the_order_of_their_names() {
        let metadata = Metadata::new(members(MEMBERS_MAX)).unwrap();
        let names: Vec<_> = metadata.iter().map(|(name, _)| name.as_str().to_owned()).collect();
        assert!(names.is_sorted());
        assert_eq!(names.len(), MEMBERS_MAX);
        assert!(!metadata.is_empty() && Metadata::default().is_empty());
    }

    #[test]
    fn too_many_members_and_a_name_that_stands_twice_are_refused() {
        assert_eq!(Metadata::new(members(MEMBERS_MAX + 1)), None);
        assert_eq!(Metadata::new(members(1).chain(members(1))), None);
    }
}
