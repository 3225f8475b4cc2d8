//! The admin port: what a process measures, whether it lives, and whether it can do its work.
//!
//! - `/metrics`: the [`Exposition`], in Prometheus' text format;
//! - `/livez`: 200 while the process answers at all;
//! - `/readyz`: 200 if every one of the [`Checks`] passes, else 503; with the reason of each that fails, as text, or as JSON for
//!   who accepts `application/json`.
//!
//! It asks for no key, and so listens on a loopback address unless the configuration allows another. It answers during a drain.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::{Checks, Drained, Exposition, Limits, Shutdown, serve};

/// Connections at a time: a scraper, what probes the process, an operator, each with one; four times as many.
const CONNECTIONS_MAX: usize = 16;

/// Time for a request's head, and for some of an answer to be taken. Who asks is near.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(5);

/// Time for answers in flight at the end: each is made at once.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// The version of the text format.
const EXPOSITION_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// An admin port that listens.
#[derive(Debug)]
pub struct AdminPort {
    address: SocketAddr,
    stop: Shutdown,
    server: JoinHandle<Drained>,
}

impl AdminPort {
    /// Listens, until it is stopped.
    pub async fn start(
        listen: SocketAddr,
        exposition: Exposition,
        checks: Checks,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let stop = Shutdown::new();
        let limits = Limits {
            connections: CONNECTIONS_MAX,
            head: CLIENT_TIMEOUT,
            write: CLIENT_TIMEOUT,
            drain: DRAIN_TIMEOUT,
        };
        let server =
            tokio::spawn(serve(listener, router(exposition, checks), stop.clone(), limits));
        Ok(Self { address, stop, server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it, when the process has no more to do.
    pub async fn stop(self) {
        self.stop.trigger();
        // An operator's request that is cut is no loss.
        let _: Result<Drained, _> = self.server.await;
    }
}

fn router(exposition: Exposition, checks: Checks) -> Router {
    let metrics = async move || {
        ([(CONTENT_TYPE, EXPOSITION_TYPE), (CACHE_CONTROL, "no-store")], exposition.render())
    };
    Router::new()
        .route("/metrics", get(metrics))
        .route("/livez", get(async || ([(CACHE_CONTROL, "no-store")], "ok\n")))
        .route("/readyz", get(readyz))
        .with_state(checks)
}

async fn readyz(State(checks): State<Checks>, headers: HeaderMap) -> impl IntoResponse {
    let health = checks.run();
    let status = match health.ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let accepts = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let answer = match accepts.contains("application/json") {
        true => Json(health).into_response(),
        false => health.to_string().into_response(),
    };
    (status, [(CACHE_CONTROL, "no-store")], answer)
}

#[cfg(test)]
mod tests;
