//! What a courier does as it is told.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use ledger::Timestamp;

/// What a courier does as it is told. By default it sends to the internet only.
#[derive(Clone, Default)]
pub struct Options {
    /// Whether messages may go to any address and any port: a machine's own, a private network's. For sandboxes.
    pub allows_private: bool,
    /// Certificates of authorities to trust besides those of the machine, in PEM.
    pub authorities: Option<Vec<u8>>,
    /// The clock on the wall.
    pub clock: Clock,
}

/// A clock on the wall.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that shows what `now` says.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl Default for Clock {
    /// The machine's.
    fn default() -> Self {
        Self::new(|| {
            let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            let millis = since_1970.unwrap_or_default().as_millis();
            Timestamp::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
        })
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("allows_private", &self.allows_private)
            .finish_non_exhaustive()
    }
}
