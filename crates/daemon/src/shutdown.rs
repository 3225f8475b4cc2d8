//! The handle that tells every part of a role to finish.

use std::sync::Arc;

use tokio::sync::watch;

/// Triggered once, by a signal, by a part that cannot go on, or by a test; never taken back.
///
/// Clones are one handle.
#[derive(Debug, Clone)]
pub struct Shutdown(Arc<watch::Sender<bool>>);

impl Shutdown {
    /// A handle that nothing has triggered.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Begins the drain. Again, it does nothing.
    pub fn trigger(&self) {
        self.0.send_replace(true);
    }

    /// Whether the drain has begun.
    pub fn is_triggered(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once the handle was triggered, at once when it already is. Cancel safe.
    pub async fn triggered(&self) {
        let mut triggered = self.0.subscribe();
        triggered.wait_for(|triggered| *triggered).await.expect("`self` holds the sender");
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
