//! One connection to a gateway.

use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::http::request::Builder;
use hyper_util::rt::TokioIo;
use ledger::{Position, Request as Command};
use ledgeros::folder::FirstKeys;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::route::{Body, Route};
use crate::books::Breach;

/// How long roles may take until they serve.
const SERVED_WITHIN: Duration = Duration::from_secs(30);
const AGAIN_AFTER: Duration = Duration::from_millis(20);

/// A boundary that no document in a test contains.
const BOUNDARY: &str = "the-end-of-a-part";

/// A connection with a key for each surface.
pub(super) struct Client {
    connection: SendRequest<Full<Bytes>>,
    authority: String,
    keys: FirstKeys,
}

/// Whose words are spoken. LedgerOS's key speaks those of ledgers, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    LedgerOs,
    LedgerApi,
}

/// What came back.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) position: Option<Position>,
    pub(super) is_replay: bool,
    pub(super) body: Value,
}

impl Client {
    pub(super) async fn connect(authority: String, keys: FirstKeys) -> Result<Self, Breach> {
        let stream = TcpStream::connect(&authority).await.map_err(told)?;
        let (connection, driver) = http1::handshake(TokioIo::new(stream)).await.map_err(told)?;
        tokio::spawn(driver);
        Ok(Self { connection, authority, keys })
    }

    /// Connects once the book is served: the roles of a service find each other in a second or two.
    pub(super) async fn once_served(authority: String, keys: FirstKeys) -> Result<Self, Breach> {
        let until = Instant::now() + SERVED_WITHIN;
        loop {
            let connected = async {
                let mut client = Self::connect(authority.clone(), keys.clone()).await?;
                client.get(Surface::LedgerOs, "/v1/agents").await?;
                Ok(client)
            };
            match connected.await {
                Err(_) if Instant::now() < until => sleep(AGAIN_AFTER).await,
                connected => return connected,
            }
        }
    }

    /// Reads what a path shows once it shows everything that this client has written.
    pub(super) async fn get(&mut self, surface: Surface, path: &str) -> Result<Value, Breach> {
        self.read(surface, path, Request::get(path)).await
    }

    /// Reads what a path shows at a position or later.
    pub(super) async fn get_at(
        &mut self,
        surface: Surface,
        path: &str,
        at: Position,
    ) -> Result<Value, Breach> {
        self.read(surface, path, Request::get(path).header("ledger-min-position", at.0)).await
    }

    async fn read(
        &mut self,
        surface: Surface,
        path: &str,
        request: Builder,
    ) -> Result<Value, Breach> {
        let response = self.exchange(surface, request, Bytes::new()).await?;
        match response.status {
            200 => Ok(response.body),
            status => Err(format!("GET {path} is answered with {status}: {}", response.body)),
        }
    }

    /// Sends a command under its id.
    pub(super) async fn send(
        &mut self,
        route: Route,
        command: &Command,
    ) -> Result<Response, Breach> {
        let Route { surface, method, path, body } = route;
        let key: String = command.id.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let request = Request::builder().method(method).uri(path).header("idempotency-key", key);
        match body {
            Body::Nothing => self.exchange(surface, request, Bytes::new()).await,
            Body::Json(body) => self.exchange(surface, request, body.to_string().into()).await,
            Body::Document { kind } => {
                let form = format!("multipart/form-data; boundary={BOUNDARY}");
                let request = request.header("content-type", form);
                self.exchange(surface, request, document(kind)).await
            }
        }
    }

    async fn exchange(
        &mut self,
        surface: Surface,
        request: Builder,
        body: Bytes,
    ) -> Result<Response, Breach> {
        let key = match surface {
            Surface::LedgerOs => &self.keys.ledger_os,
            Surface::LedgerApi => &self.keys.ledger_api,
        };
        let request = request
            .header("host", &self.authority)
            .header("api-key", key)
            .body(Full::new(body))
            .map_err(told)?;
        self.connection.ready().await.map_err(told)?;
        let (head, body) = self.connection.send_request(request).await.map_err(told)?.into_parts();
        let bytes = body.collect().await.map_err(told)?.to_bytes();
        let position = head.headers.get("ledger-position").and_then(|value| value.to_str().ok());
        Ok(Response {
            status: head.status.as_u16(),
            position: position.and_then(|position| position.parse().ok()).map(Position),
            is_replay: head.headers.contains_key("idempotent-replayed"),
            body: unwrapped(serde_json::from_slice(&bytes).unwrap_or_default()),
        })
    }
}

/// What the Ledger API answers without what it is wrapped in.
fn unwrapped(mut body: Value) -> Value {
    if body["ok"] == true { body["data"].take() } else { body }
}

fn document(kind: &str) -> Bytes {
    let part = |name: &str, file: &str, content: &str| {
        let disposition = format!("Content-Disposition: form-data; name=\"{name}\"{file}");
        format!("--{BOUNDARY}\r\n{disposition}\r\n\r\n{content}\r\n")
    };
    let file = part("file", "; filename=\"document.pdf\"", "%PDF-1.7 a document");
    format!("{}{file}--{BOUNDARY}--\r\n", part("documentType", "", kind)).into()
}

fn told(error: impl std::fmt::Display) -> Breach {
    format!("the gateway can't be reached: {error}")
}
