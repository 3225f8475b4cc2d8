//! Whether the process serves, and which books it leads, as `grpc.health.v1` says it.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use ledger::BookId;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::{Served, Shelf};
use crate::Role;

/// Reports every book under a name of its own, as long as the process serves.
pub(super) async fn follow(reporter: &HealthReporter, books: &Shelf) {
    let mut served = books.served.clone();
    let (mut known, mut following) = (BTreeSet::new(), FuturesUnordered::new());
    loop {
        let now = served.borrow_and_update().clone();
        for (book, served) in now.into_iter().filter(|(book, _)| known.insert(*book)) {
            following.push(follow_one(reporter, book, served));
        }
        tokio::select! {
            changed = served.changed() => if changed.is_err() { break },
            Some(()) = following.next() => {}
        }
    }
    while following.next().await.is_some() {}
    // The process itself serves on.
    std::future::pending().await
}

async fn follow_one(reporter: &HealthReporter, book: BookId, served: Served) {
    let mut role = served.role;
    loop {
        let status = match &*role.borrow_and_update() {
            Role::Leads { .. } => ServingStatus::Serving,
            Role::Follows { .. } => ServingStatus::NotServing,
        };
        reporter.set_service_status(name(book), status).await;
        if role.changed().await.is_err() {
            return reporter.set_service_status(name(book), ServingStatus::NotServing).await;
        }
    }
}

/// Nothing is served any more.
pub(super) async fn stop(reporter: &HealthReporter, books: &Shelf) {
    reporter.set_service_status("", ServingStatus::NotServing).await;
    let books: Vec<_> = books.served.borrow().keys().copied().collect();
    for book in books {
        reporter.set_service_status(name(book), ServingStatus::NotServing).await;
    }
}

fn name(book: BookId) -> String {
    format!("ledgeros.v1.Commands/{book}")
}
