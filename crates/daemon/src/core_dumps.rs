//! Core dumps: a copy of the memory that a crash would leave on disk.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

/// Forbids core dumps for this process and its children, for good.
pub fn forbid() -> io::Result<()> {
    let nothing = Rlimit { current: Some(0), maximum: Some(0) };
    Ok(setrlimit(Resource::Core, nothing)?)
}

#[cfg(test)]
mod tests {
    use rustix::process::getrlimit;

    use super::*;

    #[test]
    fn forbidden_core_dumps_cannot_be_allowed_again() {
        forbid().unwrap();
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }
}
