//! What every request passes: its name, its key, its duties, and the form of its answer.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Path, Query, RawPathParams, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, on};
use bytes::Bytes;
use ledger::Position;
use ledger::book::Environment;
use ledger::keys::{Family, Scope};
use tracing::Instrument;

use crate::call::{Answer, Call, Read, Write};
use crate::dialect::{self, Dialect};
use crate::error::Error;
use crate::gateway::Gateway;
use crate::input::json::Json;
use crate::input::{Field, idempotency, read};
use crate::keys::Caller;
use crate::openapi::{self, Access, Described, Operation};
use crate::request_id::RequestId;
use crate::routes::Route;

/// How long a body may take: an upload of 10 MiB needs 8.4 s at 10 Mbit/s.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// The largest JSON body.
const JSON_BYTES_MAX: usize = 1024 * 1024;
/// The largest upload: the largest document, and room for what multipart adds.
const UPLOAD_BYTES_MAX: usize = vault::CONTENT_BYTES_MAX + 64 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const LEDGER_POSITION: HeaderName = HeaderName::from_static("ledger-position");
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Whom a path is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// A platform's own keys.
    Platforms,
    /// Agents' tokens, too: the handler sees to it that an agent reaches its own things only.
    Agents,
}

/// The routes in the making, and what they do.
#[derive(Default)]
pub(crate) struct Routes {
    router: Router<Arc<Gateway>>,
    described: Vec<Described>,
}

impl Routes {
    /// A path that answers everybody.
    pub(crate) fn open<F>(self, path: &'static str, handler: F, does: Operation) -> Self
    where
        F: Fn() -> Answer + Clone + Send + Sync + 'static,
    {
        let serve = move |State(gateway): State<Arc<Gateway>>, request: Request| {
            serve(gateway, request, path, async move |arrival: Arrival| {
                no_query(&arrival.head).map(|()| handler())
            })
        };
        self.route(("GET", path), Access::Open, get(serve), does.into())
    }

    /// A path that is read.
    pub(crate) fn read<F, R>(
        self,
        path: &'static str,
        audience: Audience,
        handler: F,
        does: impl Into<Does>,
    ) -> Self
    where
        F: Fn(Call<Read>) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Result<Answer, Error>> + Send,
    {
        let serve = move |State(gateway): State<Arc<Gateway>>, request: Request| {
            serve(gateway, request, path, async move |arrival| {
                handler(arrival.reading(audience).await?).await
            })
        };
        self.route(("GET", path), Access::Read(audience), get(serve), does.into())
    }

    /// A route that writes.
    pub(crate) fn write<F, R>(
        self,
        route: Route,
        audience: Audience,
        handler: F,
        does: impl Into<Does>,
    ) -> Self
    where
        F: Fn(Call<Write>) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Result<Answer, Error>> + Send,
    {
        let serve = move |State(gateway): State<Arc<Gateway>>, request: Request| {
            serve(gateway, request, route.path(), async move |arrival| {
                handler(arrival.writing(route, audience).await?).await
            })
        };
        let name = (route.method_name(), route.path());
        self.route(name, Access::Write(audience), on(route.method(), serve), does.into())
    }

    fn route(
        mut self,
        (method, path): (&'static str, &'static str),
        access: Access,
        serve: MethodRouter<Arc<Gateway>>,
        does: Does,
    ) -> Self {
        let operations = does.in_dialects(dialect::surface(path));
        self.described.push(Described { method, path, access, operations });
        Self { router: self.router.route(path, serve), ..self }
    }

    /// The router, with an answer for what is not there.
    pub(crate) fn router(self, gateway: Arc<Gateway>) -> Router {
        let nothing = |State(gateway): State<Arc<Gateway>>, request: Request| {
            serve(gateway, request, "", async |_| Err(Error::UnknownPath))
        };
        let other_method = |State(gateway): State<Arc<Gateway>>, request: Request| {
            serve(gateway, request, "", async |arrival: Arrival| {
                Err(Error::OtherMethod { method: arrival.head.method.to_string() })
            })
        };
        let mut router = self.router;
        for (path, _, spoken) in openapi::DOCUMENTS {
            let document = Bytes::from(openapi::document(&self.described, spoken));
            router = router.route(path, get(async move || shown("application/json", document)));
        }
        let index = async || page("");
        let file = async |Path(file): Path<String>| page(&file);
        router
            .route("/docs", get(async || Redirect::permanent("/docs/")))
            .route("/docs/", get(index))
            .route("/docs/{*file}", get(file))
            .fallback(nothing)
            .method_not_allowed_fallback(other_method)
            .with_state(gateway)
    }
}

/// What a route does for the keys of either surface.
pub(crate) struct Does {
    pub(crate) ledger_os: Operation,
    pub(crate) ledger_api: Operation,
}

/// The same for both.
impl From<Operation> for Does {
    fn from(operation: Operation) -> Self {
        Self { ledger_os: operation.clone(), ledger_api: operation }
    }
}

impl Does {
    /// In the dialect of the one surface that the path belongs to, or in both of those that keys speak.
    fn in_dialects(self, surface: Option<Dialect>) -> Vec<(Dialect, Operation)> {
        match surface {
            Some(dialect @ Dialect::LedgerOs) => vec![(dialect, self.ledger_os)],
            Some(dialect @ (Dialect::LedgerApi | Dialect::Ledgers)) => {
                vec![(dialect, self.ledger_api)]
            }
            None => {
                vec![(Dialect::LedgerOs, self.ledger_os), (Dialect::LedgerApi, self.ledger_api)]
            }
        }
    }
}

/// A request that has a name, and of which it is known whose it is.
struct Arrival {
    gateway: Arc<Gateway>,
    id: RequestId,
    caller: Result<Caller, Error>,
    head: Parts,
    body: Body,
}

async fn serve<F, R>(
    gateway: Arc<Gateway>,
    request: Request,
    path: &'static str,
    handle: F,
) -> Response
where
    F: FnOnce(Arrival) -> R,
    R: Future<Output = Result<Answer, Error>>,
{
    let id = RequestId::new(crate::clock::wall());
    let (head, body) = request.into_parts();
    let span = tracing::info_span!(
        "gateway.answer", book = %gateway.book, request = %id, method = %head.method, path
    );
    async move {
        let caller = gateway.authenticate(&head.headers).await;
        let family = caller.as_ref().ok().map(|caller| caller.family);
        let dialect = Dialect::of(head.uri.path(), family, &head.headers);
        match handle(Arrival { gateway, id, caller, head, body }).await {
            Ok(answer) => answered(answer, dialect, id),
            Err(error) => failed(&error, dialect, id),
        }
    }
    .instrument(span)
    .await
}

impl Arrival {
    async fn reading(self, audience: Audience) -> Result<Call<Read>, Error> {
        let Self { gateway, id, caller, mut head, .. } = self;
        let caller = admitted(&gateway, caller?, head.uri.path(), audience)?;
        let path = path_parameters(&mut head).await?;
        let Query(parameters) = Query::try_from_uri(&head.uri)
            .map_err(|_| Error::invalid("query", "must be URL-encoded UTF-8"))?;
        let min_position = min_position(&head.headers)?.unwrap_or(caller.wrote());
        let kind = Read { uri: head.uri, parameters };
        Ok(Call { gateway, id, caller, path, min_position, kind })
    }

    async fn writing(self, route: Route, audience: Audience) -> Result<Call<Write>, Error> {
        let Self { gateway, id, caller, mut head, body } = self;
        let caller = admitted(&gateway, caller?, head.uri.path(), audience)?;
        if caller.scope < Scope::Write {
            return Err(Error::ReadOnlyKey);
        }
        let path = path_parameters(&mut head).await?;
        no_query(&head)?;
        let command = idempotency::command_id(&head.headers, gateway.book)?;
        let (max, upload) = match route {
            Route::AddDocument => (UPLOAD_BYTES_MAX, Some(gateway.begin_upload()?)),
            _ => (JSON_BYTES_MAX, None),
        };
        let body = whole(body, max).await?;
        let min_position = gateway.wrote();
        let kind = Write { route, command, body, head, _upload: upload };
        Ok(Call { gateway, id, caller, path, min_position, kind })
    }
}

/// The caller, if it may come here at all.
fn admitted(
    gateway: &Gateway,
    caller: Caller,
    path: &str,
    audience: Audience,
) -> Result<Caller, Error> {
    if path.starts_with("/v1/sandbox/") && gateway.environment == Environment::Live {
        return Err(Error::UnknownPath);
    }
    match (dialect::surface(path), caller.family) {
        (Some(Dialect::LedgerOs), Family::LedgerApi) => {
            return Err(Error::OtherSurface { wanted: "lk_" });
        }
        (Some(Dialect::LedgerApi), Family::LedgerOs) => {
            return Err(Error::OtherSurface { wanted: "ld_" });
        }
        _ => {}
    }
    if audience == Audience::Platforms && caller.agent.is_some() {
        return Err(Error::NotForAgents);
    }
    Ok(caller)
}

fn no_query(head: &Parts) -> Result<(), Error> {
    match head.uri.query() {
        None | Some("") => Ok(()),
        Some(_) => Err(Error::invalid("query", "must be empty: this path takes no parameters")),
    }
}

async fn path_parameters(head: &mut Parts) -> Result<RawPathParams, Error> {
    let parameters = RawPathParams::from_request_parts(head, &()).await;
    parameters.map_err(|_| Error::invalid("path", "must be UTF-8"))
}

/// What the client wants to see at least.
fn min_position(headers: &HeaderMap) -> Result<Option<Position>, Error> {
    let name = "Ledger-Min-Position";
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().to_owned();
    read::position(Field { name: name.to_owned(), value: Json::Text(text) }).map(Some)
}

/// The whole body, unless it is too long or too slow.
async fn whole(body: Body, max: usize) -> Result<Bytes, Error> {
    let read = tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, max));
    read.await.map_err(|_| Error::SlowBody)?.map_err(|_| {
        Error::invalid("body", format!("must arrive whole, and have at most {max} bytes"))
    })
}

fn answered(answer: Answer, dialect: Dialect, id: RequestId) -> Response {
    let mut response = response(answer.status, dialect.answer(answer.body), id);
    let headers = response.headers_mut();
    if let Some(position) = answer.position {
        headers.insert(LEDGER_POSITION, HeaderValue::from(position.0));
    }
    if answer.is_replay {
        headers.insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

fn failed(error: &Error, dialect: Dialect, id: RequestId) -> Response {
    let problem = error.problem();
    match error {
        Error::Failed(source) => tracing::error!(error = chain(&**source), "request failed"),
        _ => tracing::debug!(code = problem.code, "request refused"),
    }
    let mut response = response(problem.status, dialect.error(error, problem, id), id);
    let headers = response.headers_mut();
    if let Some(seconds) = problem.retry_after_s {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if problem.status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn response(status: StatusCode, body: impl Into<Body>, id: RequestId) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Balances and names are nobody's but the caller's.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let id = HeaderValue::try_from(id.to_string()).expect("an id is ASCII");
    headers.insert(REQUEST_ID, id);
    response
}

/// A file of the pages that show the API's description.
fn page(file: &str) -> Response {
    match openapi::page(file) {
        Some((content_type, content)) => shown(&content_type, content.into()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What everybody may see.
fn shown(content_type: &str, content: Bytes) -> Response {
    let id = RequestId::new(crate::clock::wall());
    let mut response = response(StatusCode::OK, content, id);
    let content_type = HeaderValue::try_from(content_type).expect("content types are ASCII");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// An error's message with those of its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
