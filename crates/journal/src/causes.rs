//! An error with what caused it.

use std::error::Error;

/// The error and its causes, the nearest first.
pub fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// Their messages in one line.
pub fn in_one_line(error: &(dyn Error + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::in_one_line;
    use crate::anchor::AnchorError;

    #[test]
    fn an_error_is_told_with_its_causes() {
        let error = AnchorError::Io(io::Error::other("no space"));
        assert_eq!(in_one_line(&error), "the anchor's file can't be used: no space");
    }
}
