//! The books of a service, and whose key is whose.

use std::sync::{Arc, PoisonError, RwLock};

use axum::http::HeaderMap;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use ledger::book::Environment;
use ledger::keys::Family;
use tokio::sync::Mutex;
use tokio::task;
use tokio::time::Instant;

use crate::error::Error;
use crate::gateway::{Gateway, Seen, blocking, joined, presented};
use crate::keys::{Caller, Presented, ServiceKey};
use crate::library::{BookCode, FirstKeys, Library, ServedBook};
use crate::limits::{Limiter, RateLimits};
use crate::measures;

mod homes;

use homes::Homes;

/// Books that are served at one address. Each has keys, entries and read models of its own: what a key asks for is looked
/// for in its own book, and nowhere else.
pub struct Service {
    /// In the order in which they were opened.
    books: RwLock<Vec<Arc<ServedBook>>>,
    homes: Homes<Arc<Gateway>>,
    key: ServiceKey,
    library: Arc<dyn Library>,
    /// Held while a book is made.
    creation: Mutex<()>,
    pub(crate) limiter: Limiter,
}

/// Who calls.
pub(crate) enum Who {
    /// A key of a book.
    Key { gateway: Arc<Gateway>, caller: Caller },
    /// Who holds the service's own key.
    Service,
}

impl Service {
    /// A service with these books. Those that are made later come from the library.
    pub fn new(
        books: Vec<ServedBook>,
        key: ServiceKey,
        library: impl Library,
        limits: RateLimits,
    ) -> Self {
        measures::describe();
        let mut books: Vec<_> = books.into_iter().map(Arc::new).collect();
        books.sort_by(|one, other| one.in_order().cmp(&other.in_order()));
        Self {
            books: RwLock::new(books),
            homes: Homes::default(),
            key,
            library: Arc::new(library),
            creation: Mutex::new(()),
            limiter: Limiter::new(limits),
        }
    }

    /// Serves a book that was made elsewhere, unless it is served already.
    pub fn serve(&self, book: ServedBook) {
        let mut books = self.books.write().unwrap_or_else(PoisonError::into_inner);
        if let Err(place) = books.binary_search_by(|served| served.in_order().cmp(&book.in_order()))
        {
            books.insert(place, Arc::new(book));
        }
    }

    /// All books, in the order in which they were opened.
    pub(crate) fn books(&self) -> Vec<Arc<ServedBook>> {
        self.books.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Finds out whose key a request carries.
    pub(crate) async fn authenticate(&self, headers: &HeaderMap) -> Result<Who, Error> {
        let text = presented(headers).ok_or(Error::NoKey)?;
        if let Some(key) = ServiceKey::parse(text) {
            return if key.is(&self.key) { Ok(Who::Service) } else { Err(Error::UnusableKey) };
        }
        let presented = Presented::parse(text).ok_or(Error::UnusableKey)?;
        let look_up = || self.look_up(presented.prefix);
        let home = self.homes.find(presented.prefix, Instant::now(), look_up).await?;
        let gateway = home.ok_or(Error::UnusableKey)?;
        let caller = gateway.authenticate(&presented).await?;
        Ok(Who::Key { gateway, caller })
    }

    /// Looks for a key in every book. A book that can't be asked, or that does not show yet what it must, keeps no key of
    /// another one waiting; those that are behind are waited for together, for as long as a read waits for one.
    async fn look_up(&self, prefix: [u8; 8]) -> Result<Option<Arc<Gateway>>, Error> {
        let (mut behind, mut trouble) = (Vec::new(), None);
        for book in self.books() {
            let gateway = &book.gateway;
            match gateway.shown(prefix).await {
                Ok(Seen::Known(_)) => return Ok(Some(gateway.clone())),
                Ok(Seen::Unknown) => {}
                Ok(Seen::NotYet) => behind.push(gateway.clone()),
                Err(error) => trouble = Some(error),
            }
        }
        let awaited = |gateway: Arc<Gateway>| async move {
            let caller = gateway.awaited(prefix).await;
            (gateway, caller)
        };
        let mut behind: FuturesUnordered<_> = behind.into_iter().map(awaited).collect();
        while let Some((gateway, caller)) = behind.next().await {
            match caller {
                Ok(Some(_)) => return Ok(Some(gateway)),
                Ok(None) => {}
                Err(error) => trouble = Some(error),
            }
        }
        trouble.map_or(Ok(None), Err)
    }

    /// Makes a book and serves it, also when whoever asked has left meanwhile.
    pub(crate) async fn create(
        self: &Arc<Self>,
        code: BookCode,
        environment: Environment,
    ) -> Result<(Arc<ServedBook>, FirstKeys), Error> {
        let service = self.clone();
        let created = task::spawn(async move {
            let _alone = service.creation.lock().await;
            if service.books().iter().any(|book| book.code == code) {
                return Err(Error::BookExists { code });
            }
            let library = service.library.clone();
            let asked = code.clone();
            let make = move || library.create(&asked, environment).map_err(Failure);
            let new = blocking(make).await?;
            service.serve(new.book);
            let made = service.books().into_iter().find(|book| book.code == code);
            Ok((made.expect("it was just taken in"), new.keys))
        });
        joined(created).await?
    }
}

/// Why a library made no book.
#[derive(Debug, thiserror::Error)]
#[error("the book can't be made")]
struct Failure(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Who {
    /// What its requests are counted by.
    pub(crate) fn prefix(&self, service: &Service) -> [u8; 8] {
        match self {
            Self::Key { caller, .. } => caller.prefix,
            Self::Service => service.key.prefix,
        }
    }

    /// In whose words it is answered on paths that surfaces share.
    pub(crate) fn family(&self) -> Family {
        match self {
            Self::Key { caller, .. } => caller.family,
            Self::Service => Family::LedgerOs,
        }
    }
}
