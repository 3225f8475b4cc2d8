//! An HTTP server that is told things, and behaves as it is told.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::WAIT_MAX;

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Behavior {
    /// It answers.
    Answer(u16),
    /// It answers, and sends elsewhere.
    Redirect(String),
    /// It never answers.
    Hang,
    /// It closes the connection.
    Close,
    /// It takes it, but only answers once it is told to.
    Late(watch::Receiver<bool>),
}

/// What the server was sent.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    /// What it did with it.
    pub(crate) behavior: Behavior,
}

/// A server on a free port. It ends when it is dropped.
pub(crate) struct Receiver {
    pub(crate) url: String,
    seen: Arc<(Mutex<Vec<Request>>, Condvar)>,
    _runtime: Runtime,
}

impl Request {
    /// A string that stands directly in the body or in its data.
    pub(crate) fn field(&self, name: &str) -> String {
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        let found = body.get(name).or_else(|| body["data"].get(name));
        found.and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    }

    pub(crate) fn was_taken(&self) -> bool {
        matches!(self.behavior, Behavior::Answer(200..=299))
    }
}

impl Receiver {
    /// A server that does with the nth request what `behave` says.
    pub(crate) fn start(behave: impl Fn(usize, &str) -> Behavior + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let seen = Arc::<(Mutex<Vec<Request>>, Condvar)>::default();
        let (behave, seen_by_server) = (Arc::new(behave), Arc::clone(&seen));
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (behave, seen) = (Arc::clone(&behave), Arc::clone(&seen_by_server));
                tokio::spawn(async move {
                    let answer = service_fn(|request| answer(request, &*behave, &seen));
                    // A connection that is closed is one of the behaviors.
                    let _ =
                        http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
                });
            }
        });
        Self { url, seen, _runtime: runtime }
    }

    /// One that takes everything.
    pub(crate) fn kind() -> Self {
        Self::start(|_, _| Behavior::Answer(200))
    }

    /// Waits until what it has seen is enough.
    pub(crate) fn wait(&self, is_enough: impl Fn(&[Request]) -> bool) -> Vec<Request> {
        let until = Instant::now() + WAIT_MAX;
        let (seen, changed) = &*self.seen;
        let mut seen = seen.lock().unwrap();
        while !is_enough(&seen) {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{} requests: {:#?}", seen.len(), *seen);
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
        seen.clone()
    }

    /// What it has seen up to now.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.wait(|_| true)
    }
}

async fn answer(
    request: hyper::Request<Incoming>,
    behave: &(impl Fn(usize, &str) -> Behavior + Send + Sync),
    seen: &(Mutex<Vec<Request>>, Condvar),
) -> io::Result<Response<Full<Bytes>>> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let behavior = {
        let (seen, changed) = seen;
        let mut seen = seen.lock().unwrap();
        let behavior = behave(seen.len(), &body);
        seen.push(Request { headers: parts.headers, body, behavior: behavior.clone() });
        changed.notify_all();
        behavior
    };
    let response = Response::builder();
    let response = match behavior {
        Behavior::Answer(status) => response.status(status),
        Behavior::Redirect(to) => response.status(307).header("location", to),
        Behavior::Hang => {
            let never: Infallible = std::future::pending().await;
            match never {}
        }
        Behavior::Close => return Err(io::Error::other("it closes")),
        Behavior::Late(mut told) => {
            // A test that has ended tells nobody.
            let _ = told.wait_for(|is_told| *is_told).await;
            response.status(200)
        }
    };
    Ok(response.body(Full::new(Bytes::from_static(b"thanks"))).unwrap())
}
