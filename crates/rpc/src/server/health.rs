//! Whether the process serves, and which books it leads, as `grpc.health.v1` says it.

use futures_util::future::join_all;
use ledger::BookId;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::{Books, Served};
use crate::Role;

/// Reports every book under a name of its own, as long as the process serves.
pub(super) async fn follow(reporter: &HealthReporter, books: &Books) {
    join_all(books.served.iter().map(|(book, served)| follow_one(reporter, *book, served))).await;
    // The process itself serves on.
    std::future::pending().await
}

async fn follow_one(reporter: &HealthReporter, book: BookId, served: &Served) {
    let mut role = served.role.clone();
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
pub(super) async fn stop(reporter: &HealthReporter, books: &Books) {
    reporter.set_service_status("", ServingStatus::NotServing).await;
    for book in books.served.keys() {
        reporter.set_service_status(name(*book), ServingStatus::NotServing).await;
    }
}

fn name(book: BookId) -> String {
    format!("ledgeros.v1.Commands/{book}")
}
