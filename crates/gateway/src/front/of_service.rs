//! The paths of the service itself, which take its own key.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::routing::{get, post};
use bytes::Bytes;

use super::{Arrival, JSON_BYTES_MAX, Routes, no_query, question, serve, whole};
use crate::call::{Answer, Read};
use crate::error::Error;
use crate::service::{Service, Who};

/// A request of who holds the service's key.
pub(crate) struct ServiceCall {
    pub(crate) service: Arc<Service>,
    pub(crate) read: Read,
    /// Empty, where the path is read.
    pub(crate) body: Bytes,
}

impl Routes {
    /// A path of the service that is read.
    pub(crate) fn service_read<F, R>(self, path: &'static str, handler: F) -> Self
    where
        F: Fn(ServiceCall) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Result<Answer, Error>> + Send,
    {
        let serve = move |State(service): State<Arc<Service>>, request: Request| {
            serve(service, request, path, async move |mut arrival| {
                arrival.body = Body::empty();
                handler(arrival.serving().await?).await
            })
        };
        Self(self.0.route(path, get(serve)))
    }

    /// A path of the service that is written to.
    pub(crate) fn service_write<F, R>(self, path: &'static str, handler: F) -> Self
    where
        F: Fn(ServiceCall) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Result<Answer, Error>> + Send,
    {
        let serve = move |State(service): State<Arc<Service>>, request: Request| {
            serve(service, request, path, async move |arrival| {
                let call = arrival.serving().await?;
                no_query(&call.read.uri)?;
                handler(call).await
            })
        };
        Self(self.0.route(path, post(serve)))
    }
}

impl Arrival {
    async fn serving(self) -> Result<ServiceCall, Error> {
        let Self { service, caller, head, body, .. } = self;
        match caller? {
            Who::Service => {}
            Who::Key { .. } => return Err(Error::NotForBooks),
        }
        let read = question(head.uri)?;
        let body = whole(body, JSON_BYTES_MAX).await?;
        Ok(ServiceCall { service, read, body })
    }
}
