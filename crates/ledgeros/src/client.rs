//! A small HTTP client for the demo, the benchmark and the tests.

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::http::request;
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// One connection to a gateway, with one key.
pub struct Client {
    connection: SendRequest<Full<Bytes>>,
    authority: String,
    key: String,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as it came.
    pub bytes: Bytes,
}

impl Response {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// The position that the answer rests on or shows.
    pub fn position(&self) -> Option<u64> {
        self.headers.get("ledger-position")?.to_str().ok()?.parse().ok()
    }

    /// Whether it is the answer to an earlier request with the same key.
    pub fn is_replay(&self) -> bool {
        self.headers.contains_key("idempotent-replayed")
    }
}

impl Client {
    /// Connects to `authority`, such as `127.0.0.1:8080`.
    pub async fn connect(authority: &str, key: &str) -> Result<Self> {
        let stream = TcpStream::connect(authority)
            .await
            .with_context(|| format!("no connection to `{authority}`"))?;
        stream.set_nodelay(true)?;
        let (connection, driver) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(driver);
        Ok(Self { connection, authority: authority.to_owned(), key: key.to_owned() })
    }

    /// Sends a GET.
    pub async fn get(&mut self, path: &str) -> Result<Response> {
        self.exchange(Request::get(path), Bytes::new()).await
    }

    /// Sends a GET that shows what any key had written up to a position.
    pub async fn get_from(&mut self, position: u64, path: &str) -> Result<Response> {
        let request = Request::get(path).header("ledger-min-position", position);
        self.exchange(request, Bytes::new()).await
    }

    /// Sends a POST with a JSON body.
    pub async fn post(&mut self, path: &str, body: &Value) -> Result<Response> {
        self.exchange(Request::post(path), body.to_string().into()).await
    }

    /// Sends a POST with a body as it is.
    pub async fn post_bytes(&mut self, path: &str, body: Bytes) -> Result<Response> {
        self.exchange(Request::post(path), body).await
    }

    /// Sends a POST under an Idempotency-Key.
    pub async fn post_once(&mut self, key: &str, path: &str, body: &Value) -> Result<Response> {
        let request = Request::post(path).header("idempotency-key", key);
        self.exchange(request, body.to_string().into()).await
    }

    /// Sends any request.
    pub async fn send(&mut self, method: Method, path: &str, body: Bytes) -> Result<Response> {
        self.exchange(Request::builder().method(method).uri(path), body).await
    }

    async fn exchange(&mut self, request: request::Builder, body: Bytes) -> Result<Response> {
        let request = request
            .header("host", &self.authority)
            .header("api-key", &self.key)
            .header("content-type", "application/json")
            .body(Full::new(body))?;
        self.connection.ready().await?;
        let (head, body) = self.connection.send_request(request).await?.into_parts();
        let bytes = body.collect().await?.to_bytes();
        Ok(Response { status: head.status, headers: head.headers, bytes })
    }
}
