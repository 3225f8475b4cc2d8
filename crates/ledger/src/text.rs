//! Words that people or programs gave, bounded.

use borsh::{BorshDeserialize, BorshSerialize};

/// A text of 1 to `MAX` characters without control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// Checks the length and the characters; white space around is removed.
    pub fn new(text: &str) -> Result<Self, InvalidText> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidText::Empty);
        }
        if MAX < text.chars().count() {
            return Err(InvalidText::TooLong { max: MAX });
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidText::ControlCharacter);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text can't be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Too many characters.
    #[error("must have at most {max} characters")]
    TooLong {
        /// How many it may have.
        max: usize,
    },
    /// A line feed, a tabulator or another control character.
    #[error("must not contain control characters")]
    ControlCharacter,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_bounded_and_printable() {
        assert_eq!(Text::<3>::new(" äöü ").map(|text| text.0), Ok("äöü".to_owned()));
        assert_eq!(Text::<3>::new("four"), Err(InvalidText::TooLong { max: 3 }));
        assert_eq!(Text::<3>::new("  "), Err(InvalidText::Empty));
        assert_eq!(Text::<3>::new("a\nb"), Err(InvalidText::ControlCharacter));
    }
}
