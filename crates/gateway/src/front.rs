//! What every request passes: its name, its key, its duties, and the form of its answer.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Path, Query, RawPathParams, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, on};
use bytes::Bytes;
use futures_util::FutureExt;
use ledger::Position;
use ledger::book::Environment;
use ledger::keys::{Family, Scope};
use tracing::field::{Empty, display};
use tracing::{Instrument, Span};

use crate::call::{Answer, Call, Read, Write};
use crate::dialect::{self, Dialect};
use crate::error::Error;
use crate::gateway::Gateway;
use crate::input::json::Json;
use crate::input::{Field, idempotency, read};
use crate::keys::Caller;
use crate::limits::{Allowance, Class};
use crate::measures::{self, Measured};
use crate::openapi::{self, Access, Described, Operation};
use crate::request_id::RequestId;
use crate::routes::Route;
use crate::service::{Service, Who};

mod of_service;

pub(crate) use of_service::ServiceCall;

/// How long a body may take: an upload of 10 MiB needs 8.4 s at 10 Mbit/s.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// The largest JSON body.
const JSON_BYTES_MAX: usize = 1024 * 1024;
/// The largest upload: the largest document, and room for what multipart adds.
const UPLOAD_BYTES_MAX: usize = vault::CONTENT_BYTES_MAX + 64 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEDGER_POSITION: HeaderName = HeaderName::from_static("ledger-position");
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Whom a path is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// A platform's own keys.
    Platforms,
    /// Those of them that have the scope `admin`.
    Admins,
    /// Agents' tokens, too: the handler sees to it that an agent reaches its own things only.
    Agents,
}

/// The routes in the making, and what they do.
#[derive(Default)]
pub(crate) struct Routes {
    router: Router<Arc<Service>>,
    described: Vec<Described>,
}

impl Routes {
    /// A path that answers everybody.
    pub(crate) fn open<F>(self, path: &'static str, handler: F, does: Operation) -> Self
    where
        F: Fn() -> Answer + Clone + Send + Sync + 'static,
    {
        let serve = move |State(service): State<Arc<Service>>, request: Request| {
            serve(service, request, path, async move |arrival: Arrival| {
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
        let serve = move |State(service): State<Arc<Service>>, request: Request| {
            serve(service, request, path, async move |arrival| {
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
        let serve = move |State(service): State<Arc<Service>>, request: Request| {
            serve(service, request, route.path(), async move |arrival| {
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
        serve: MethodRouter<Arc<Service>>,
        does: Does,
    ) -> Self {
        let operations = does.in_dialects(dialect::surface(path));
        self.described.push(Described { method, path, access, operations });
        Self { router: self.router.route(path, serve), ..self }
    }

    /// The router, with an answer for what is not there.
    pub(crate) fn router(self, service: Arc<Service>) -> Router {
        let nothing = |State(service): State<Arc<Service>>, request: Request| {
            serve(service, request, "", async |_| Err(Error::UnknownPath))
        };
        let other_method = |State(service): State<Arc<Service>>, request: Request| {
            serve(service, request, "", async |arrival: Arrival| {
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
            .route("/docs", get(async || named(Redirect::permanent("/docs/"))))
            .route("/docs/", get(index))
            .route("/docs/{*file}", get(file))
            .fallback(nothing)
            .method_not_allowed_fallback(other_method)
            .with_state(service)
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
    service: Arc<Service>,
    id: RequestId,
    caller: Result<Who, Error>,
    head: Parts,
    body: Body,
}

async fn serve<F, R>(
    service: Arc<Service>,
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
    let measured = Measured::begin(id, &head, path);
    let span = tracing::info_span!(
        parent: measured.span.id(),
        "gateway.answer", book = Empty, request = %id, method = %head.method, path
    );
    let response = async move {
        let mut caller = caught(service.authenticate(&head.headers)).await;
        if let Ok(Who::Key { gateway, .. }) = &caller {
            Span::current().record("book", display(gateway.book));
        }
        let family = caller.as_ref().ok().map(Who::family);
        let dialect = Dialect::of(head.uri.path(), family, &head.headers);
        let allowance = caller.as_ref().ok().and_then(|who| {
            service.limiter.take(Class::of(&head.method, path), who.prefix(&service))
        });
        if let Some(retry_after_s) = allowance.as_ref().and_then(|left| left.retry_after_s) {
            caller = Err(Error::RateLimited { retry_after_s });
        }
        let arrival = Arrival { service, id, caller, head, body };
        let mut response = match caught(async { handle(arrival).await }).await {
            Ok(answer) => answered(answer, dialect, id),
            Err(error) => failed(&error, dialect, id),
        };
        if let Some(Allowance { policy, left, .. }) = allowance {
            response.headers_mut().insert(RATE_LIMIT_POLICY, policy);
            response.headers_mut().insert(RATE_LIMIT, left);
        }
        response
    }
    .instrument(span)
    .await;
    measured.end(&response);
    response
}

/// What comes of it; a panic is an error, too. What a request leaves half done is its own: what it shares with others is
/// behind locks that are held for a few lines, and changed in one step.
async fn caught<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or(Err(Error::Panicked))
}

impl Arrival {
    async fn reading(self, audience: Audience) -> Result<Call<Read>, Error> {
        let Self { id, caller, mut head, .. } = self;
        let (gateway, caller) = admitted(caller?, head.uri.path(), audience)?;
        let path = path_parameters(&mut head).await?;
        let asked = min_position(&head.headers)?;
        let min_position = asked.unwrap_or(caller.wrote());
        let kind = question(head.uri, asked)?;
        Ok(Call { gateway, id, caller, path, min_position, kind })
    }

    async fn writing(self, route: Route, audience: Audience) -> Result<Call<Write>, Error> {
        let Self { id, caller, mut head, body, .. } = self;
        let (gateway, caller) = admitted(caller?, head.uri.path(), audience)?;
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
        let min_position = min_position(&head.headers)?.unwrap_or_default().max(gateway.wrote());
        let kind = Write { route, command, body, head, _upload: upload };
        Ok(Call { gateway, id, caller, path, min_position, kind })
    }
}

/// The caller and the gateway of its book, if it may come here at all.
fn admitted(who: Who, path: &str, audience: Audience) -> Result<(Arc<Gateway>, Caller), Error> {
    let Who::Key { gateway, caller } = who else { return Err(Error::NotForTheService) };
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
    match audience {
        Audience::Platforms | Audience::Admins if caller.agent.is_some() => {
            Err(Error::NotForAgents)
        }
        Audience::Admins if caller.scope < Scope::Admin => Err(Error::NotAnAdminKey),
        Audience::Platforms | Audience::Admins | Audience::Agents => Ok((gateway, caller)),
    }
}

/// What is asked for.
fn question(uri: Uri, asked: Option<Position>) -> Result<Read, Error> {
    let Query(parameters) = Query::try_from_uri(&uri)
        .map_err(|_| Error::invalid("query", "must be URL-encoded UTF-8"))?;
    Ok(Read { uri, asked, parameters })
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
    tracing::debug!(status = answer.status.as_u16(), "request answered");
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
    measures::refused(problem.code);
    match error {
        Error::Failed(source) => tracing::error!(error = chain(&**source), "request failed"),
        Error::DoneNotShown { source, .. } => {
            tracing::error!(error = chain(&**source), "request done, but not answered");
        }
        // What it said may hold what nobody is to read.
        Error::Panicked => tracing::error!("request failed: it panicked"),
        _ => tracing::debug!(code = problem.code, "request refused"),
    }
    let mut response = response(problem.status, dialect.error(error, problem, id), id);
    let headers = response.headers_mut();
    if let Error::DoneNotShown { position, .. } = error {
        headers.insert(LEDGER_POSITION, HeaderValue::from(position.0));
    }
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
    headers.insert(REQUEST_ID, id_value(id));
    response
}

fn id_value(id: RequestId) -> HeaderValue {
    HeaderValue::try_from(id.to_string()).expect("an id is ASCII")
}

/// An answer without content, under a new request's id.
fn named(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    let id = RequestId::new(crate::clock::wall());
    response.headers_mut().insert(REQUEST_ID, id_value(id));
    response
}

/// A file of the pages that show the API's description.
fn page(file: &str) -> Response {
    match openapi::page(file) {
        Some((content_type, content)) => shown(&content_type, content),
        None => named(StatusCode::NOT_FOUND),
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

#[cfg(test)]
mod tests;
