//! A role runs for every book of a site, also for those that are made while it runs.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Error, Result};
use daemon::Shutdown;
use gateway::BookCode;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time;
use tracing::{error, info, warn};

use crate::library;
use crate::site::{Site, SiteBook};

/// How often the folder is looked at for new books. Who makes one waits about as long until it is served everywhere.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What a role does for a book.
pub(crate) trait Duty: Send + Sync + 'static {
    /// What runs for a book.
    type Running: Send + 'static;

    /// Begins. What fails is tried again later; the role goes on with the other books.
    fn begin(&self, book: &SiteBook) -> impl Future<Output = Result<Self::Running>> + Send;

    /// Ends in order.
    fn end(&self, running: Self::Running) -> impl Future<Output = Result<()>> + Send;
}

/// The books that a role runs for.
pub(crate) struct Roster<D: Duty> {
    site: Arc<Site>,
    duty: Arc<D>,
    running: BTreeMap<BookCode, D::Running>,
    troubles: Troubles,
}

/// The books that a role does not run for, and why not. Clones are one.
#[derive(Clone, Default)]
pub(crate) struct Troubles(Arc<Mutex<BTreeMap<BookCode, String>>>);

impl Troubles {
    /// In words, if there are any.
    pub(crate) fn told(&self) -> Option<String> {
        let troubles = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told: Vec<_> = troubles.iter().map(|(code, why)| format!("`{code}`: {why}")).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    fn of(&self, code: &BookCode) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(code).cloned()
    }

    /// Takes note of why a book is not served, or that it is.
    pub(crate) fn note(&self, code: &BookCode, trouble: Option<String>) {
        let mut troubles = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match trouble {
            Some(trouble) => {
                troubles.insert(code.clone(), trouble);
            }
            None => drop(troubles.remove(code)),
        }
    }
}

impl<D: Duty> Roster<D> {
    /// Of a folder, which it joins.
    pub(crate) fn join(data: &Path, troubles: Troubles, duty: D) -> Result<Self> {
        let site = Arc::new(Site::join(data)?);
        library::tell_of_unfinished(data)?;
        // Nobody is to be sent here before the first look.
        troubles.note(&BookCode::default_book(), Some("it is being opened".to_owned()));
        Ok(Self { site, duty: Arc::new(duty), running: BTreeMap::new(), troubles })
    }

    /// Begins for the books that it does not run for yet.
    pub(crate) async fn look(&mut self) -> Result<()> {
        let site = self.site.clone();
        for (code, path) in spawn_blocking(move || site.places()).await?? {
            if self.running.contains_key(&code) {
                continue;
            }
            let opened = spawn_blocking({
                let code = code.clone();
                move || SiteBook::open(code, path)
            });
            let begun = match opened.await? {
                Ok(book) => self.duty.begin(&book).await,
                Err(error) => Err(error),
            };
            match begun {
                Ok(running) => {
                    info!(book = %code, "a book is served");
                    self.troubles.note(&code, None);
                    self.running.insert(code, running);
                }
                Err(error) => {
                    let error = format!("{error:#}");
                    if self.troubles.of(&code).as_ref() != Some(&error) {
                        warn!(book = %code, error, "a book is not served yet");
                    }
                    self.troubles.note(&code, Some(error));
                }
            }
        }
        Ok(())
    }

    /// Looks again and again, until `shutdown`; then ends everything in order.
    pub(crate) async fn run_until(mut self, shutdown: &Shutdown) -> Result<()> {
        loop {
            tokio::select! {
                () = shutdown.triggered() => break,
                () = time::sleep(LOOK_EVERY) => {}
            }
            if let Err(error) = self.look().await {
                error!("the folder can't be read: {error:#}");
            }
        }
        end_all(&self.duty, self.running.into_values()).await
    }
}

/// Ends everything in order, all at once: a book that takes its time keeps no other from being led elsewhere.
async fn end_all<D: Duty>(
    duty: &Arc<D>,
    running: impl IntoIterator<Item = D::Running>,
) -> Result<()> {
    let mut ends = JoinSet::new();
    for running in running {
        let duty = duty.clone();
        ends.spawn(async move { duty.end(running).await });
    }
    let mut result = Ok(());
    while let Some(ended) = ends.join_next().await {
        result = result.and(ended.map_err(Error::from).flatten());
    }
    result
}

#[cfg(test)]
mod tests {
    use tokio::sync::Barrier;

    use super::*;

    /// Ends each book once all of them are being ended.
    struct Together(Barrier);

    impl Duty for Together {
        type Running = ();

        async fn begin(&self, _: &SiteBook) -> Result<()> {
            Ok(())
        }

        async fn end(&self, (): ()) -> Result<()> {
            self.0.wait().await;
            Ok(())
        }
    }

    #[tokio::test]
    async fn no_book_waits_for_another_to_end() {
        let duty = Arc::new(Together(Barrier::new(3)));
        let ended = time::timeout(Duration::from_secs(10), end_all(&duty, [(); 3])).await;
        ended.expect("they end together").expect("each ends well");
    }
}
