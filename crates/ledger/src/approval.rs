//! What operators have signed, as the entries of their acts keep it.

/// The most bytes of an approval: a statement takes less than 500, and a signature by the longest name 140, so there is
/// room for twenty.
pub const APPROVAL_BYTES_MAX: usize = 4_096;

/// A statement and the lines with the operators' signatures. Whether they are right was asked before the command was
/// made, and can be asked again by whoever has the keys; the rules don't look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval(String);

impl Approval {
    /// Checks the length, and that the text has lines of characters that can be printed.
    pub fn new(text: &str) -> Result<Self, InvalidApproval> {
        if text.is_empty() {
            return Err(InvalidApproval::Empty);
        }
        if APPROVAL_BYTES_MAX < text.len() {
            return Err(InvalidApproval::TooLong);
        }
        if text.chars().any(|letter| letter.is_control() && letter != '\n') {
            return Err(InvalidApproval::ControlCharacter);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidApproval {
    /// Nothing.
    #[error("an approval must not be empty")]
    Empty,
    /// Too long.
    #[error("an approval must have at most {APPROVAL_BYTES_MAX} bytes")]
    TooLong,
    /// A control character that is no line feed.
    #[error("an approval must not contain control characters")]
    ControlCharacter,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_is_bounded_and_has_lines() {
        assert_eq!(Approval::new("a\n\nb\n").unwrap().as_str(), "a\n\nb\n");
        assert_eq!(Approval::new(""), Err(InvalidApproval::Empty));
        assert_eq!(Approval::new("a\tb"), Err(InvalidApproval::ControlCharacter));
        let long = "a".repeat(APPROVAL_BYTES_MAX);
        assert!(Approval::new(&long).is_ok());
        assert_eq!(Approval::new(&format!("{long}a")), Err(InvalidApproval::TooLong));
    }
}
