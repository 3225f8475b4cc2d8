use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use ledger::book::Environment;
use tracing::Level;

use super::*;
use crate::keys::ServiceKey;
use crate::library::{BookCode, Library, NewBook};
use crate::limits::RateLimits;

const SECRET: &str = "4111111111111111";

/// Makes no books.
struct NoLibrary;

impl Library for NoLibrary {
    fn create(
        &self,
        _: &BookCode,
        _: Environment,
    ) -> Result<NewBook, Box<dyn std::error::Error + Send + Sync>> {
        Err("there is no place for books".into())
    }
}

/// A log that can be read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        String::from_utf8(bytes).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A service without books, one of whose paths panics.
async fn ask(path: &'static str) -> (StatusCode, HeaderMap, String) {
    let key = ServiceKey::parse(&ServiceKey::generate()).unwrap();
    let service = Arc::new(Service::new(Vec::new(), key, NoLibrary, RateLimits::NONE));
    let panics = move |State(service): State<Arc<Service>>, request: Request| {
        serve(service, request, path, async |arrival| {
            panic!("the card {SECRET} of {}", arrival.head.uri)
        })
    };
    let router = Router::new().route(path, get(panics)).with_state(service);
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = Uri::from_static(path);
    let answer = TowerToHyperService::new(router).call(request).await.unwrap();
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, JSON_BYTES_MAX).await.unwrap();
    (head.status, head.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_panic_is_answered_in_the_dialect_of_its_path() {
    for (path, code) in [
        ("/v1/users", r#""type":"unavailable","code":"internal_error""#),
        ("/v1/customers", r#""code":"INTERNAL_ERROR""#),
        ("/v1/ledgers", r#""code":"internal_error""#),
    ] {
        let (status, headers, body) = ask(path).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(headers.contains_key(REQUEST_ID));
        assert!(body.contains(code) && !body.contains(SECRET), "{body}");
    }
}

#[tokio::test]
async fn a_panic_is_logged_without_what_it_says() {
    let log = Log::default();
    let subscriber = {
        let log = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(Level::INFO)
            .with_ansi(false)
            .with_writer(move || log.clone())
            .finish()
    };
    // For all threads: what another one meets first is else taken as logged by nobody.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let (_, headers, _) = ask("/v1/users").await;
    let (log, id) = (log.text(), headers[REQUEST_ID].to_str().unwrap());
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(id)).collect();
    let [line] = lines[..] else { panic!("{lines:?}") };
    assert!(line.contains("ERROR") && line.contains("it panicked"), "{line}");
    assert!(!log.contains(SECRET), "{log}");
}
