//! The paths of the service itself, which take its own key.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::routing::{get, post};
use bytes::Bytes;

use super::{Arrival, JSON_BYTES_MAX, Routes, no_query, question, serve, whole};
use crate::call::{Answer, Read};
use crate::error::Error;
use crate::openapi::{Access, Operation};
use crate::service::{Service, Who};

/// A request of who holds the service's key: a question, or a command's body.
pub(crate) struct ServiceCall<Kind> {
    pub(crate) service: Arc<Service>,
    pub(crate) kind: Kind,
}

impl Routes {
    /// A path of the service that is read.
    pub(crate) fn service_read<F, R>(self, path: &'static str, handler: F, does: Operation) -> Self
    where
        F: Fn(ServiceCall<Read>) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Result<Answer, Error>> + Send,
    {
        let serve = move |State(service): State<Arc<Service>>, request: Request| {
            serve(service, request, path, async move |arrival| {
                let (service, head, _) = arrival.of_service()?;
                handler(ServiceCall { service, kind: question(head.uri, None)? }).await
            })
        };
        self.route(("GET", path), Access::ServiceRead, get(serve), does.into())
    }

    /// A path of the service that is written to.
    pub(crate) fn service_write<F, R>(self, path: &'static str, handler: F, does: Operation) -> Self
    where
        F: Fn(ServiceCall<Bytes>) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Result<Answer, Error>> + Send,
    {
        let serve = move |State(service): State<Arc<Service>>, request: Request| {
            serve(service, request, path, async move |arrival| {
                let (service, head, body) = arrival.of_service()?;
                no_query(&head)?;
                handler(ServiceCall { service, kind: whole(body, JSON_BYTES_MAX).await? }).await
            })
        };
        self.route(("POST", path), Access::ServiceWrite, post(serve), does.into())
    }
}

impl Arrival {
    fn of_service(self) -> Result<(Arc<Service>, Parts, Body), Error> {
        match self.caller? {
            Who::Service => Ok((self.service, self.head, self.body)),
            Who::Key { .. } => Err(Error::NotForBooks),
        }
    }
}
