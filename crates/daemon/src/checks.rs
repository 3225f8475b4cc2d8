//! Whether a process can do its work.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;

use crate::Shutdown;

type Check = Box<dyn Fn() -> Result<(), String> + Send + Sync>;

/// What has to hold for a process to be given work, by name. Clones are one.
#[derive(Clone, Default)]
pub struct Checks(Arc<RwLock<BTreeMap<String, Check>>>);

/// What the checks have said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// Whether every check passes.
    pub ready: bool,
    /// Why a check fails; nothing for one that passes.
    pub checks: BTreeMap<String, Option<String>>,
}

impl Checks {
    /// No checks but one: a process that is to end gets no more work.
    pub fn new(shutdown: &Shutdown) -> Self {
        let (checks, shutdown) = (Self::default(), shutdown.clone());
        checks.add("shutdown", move || match shutdown.is_triggered() {
            true => Err("the process is about to end".to_owned()),
            false => Ok(()),
        });
        checks
    }

    /// Adds a check, or replaces the one of this name. It is asked on a thread of the runtime, and so looks at what is known, and
    /// waits for nothing. Its reason may be shown to whoever operates the process: there is nothing secret in it.
    pub fn add(
        &self,
        name: impl Into<String>,
        check: impl Fn() -> Result<(), String> + Send + Sync + 'static,
    ) {
        let mut checks = self.0.write().unwrap_or_else(PoisonError::into_inner);
        checks.insert(name.into(), Box::new(check));
    }

    /// Asks every check.
    pub fn run(&self) -> Health {
        let checks = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let checks: BTreeMap<_, _> =
            checks.iter().map(|(name, check)| (name.clone(), check().err())).collect();
        Health { ready: checks.values().all(Option::is_none), checks }
    }
}

impl fmt::Debug for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checks = self.0.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_set().entries(checks.keys()).finish()
    }
}

/// A line a check.
impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, reason) in &self.checks {
            match reason {
                None => writeln!(f, "{name}: ok")?,
                Some(reason) => writeln!(f, "{name}: {reason}")?,
            }
        }
        Ok(())
    }
}
