//! Multipart bodies (RFC 7578).

use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{HeaderMap, header::CONTENT_TYPE};
use bytes::Bytes;

use crate::error::Error;

/// More parts than any request has.
const PARTS_MAX: usize = 8;

/// A part: its name and its content.
pub(crate) type Part = (String, Bytes);

/// Every part of a body, in order. The body is in memory, so its own limit is the parts', too.
pub(crate) async fn parts(headers: &HeaderMap, body: Bytes) -> Result<Vec<Part>, Error> {
    let malformed = || Error::invalid("body", "must be `multipart/form-data` with named parts");
    let mut request = Request::new(body.into());
    let content_type = headers.get(CONTENT_TYPE).ok_or_else(malformed)?;
    request.headers_mut().insert(CONTENT_TYPE, content_type.clone());
    DefaultBodyLimit::disable().apply(&mut request);
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|_| malformed())?;

    let mut parts = Vec::new();
    while let Some(part) = multipart.next_field().await.map_err(|_| malformed())? {
        if parts.len() == PARTS_MAX {
            return Err(Error::invalid("body", format!("must have at most {PARTS_MAX} parts")));
        }
        let name = part.name().ok_or_else(malformed)?.to_owned();
        parts.push((name, part.bytes().await.map_err(|_| malformed())?));
    }
    Ok(parts)
}
