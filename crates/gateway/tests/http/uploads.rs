//! Documents that are handed in.

use std::sync::Arc;

use axum::body::Body;
use hyper::{Method, StatusCode};
use serde_json::json;
use tokio::task::JoinSet;

use crate::bad_input::Never;
use crate::world::{Reply, World};

/// Names and contents.
type Parts<'a> = &'a [(&'a str, &'a [u8])];

#[tokio::test]
async fn an_upload_is_refused_that_is_no_document() {
    let world = World::new().await;
    let user = world.user().await;
    world.done("/v1/verification/user", &json!({ "userId": user })).await;
    let path = format!("/v1/verification/user/{user}/document");
    let before = world.submitted();
    let pdf: &[u8] = b"%PDF-1.7";
    let long = [pdf, &vec![0; 10 * 1024 * 1024]].concat();
    let cases: [(Parts<'_>, &str); 9] = [
        (&[("file", pdf)], "documentType"),
        (&[("documentType", b"selfie")], "file"),
        (&[("documentType", b"passport"), ("file", pdf)], "documentType"),
        (&[("documentType", b"\xff"), ("file", pdf)], "documentType"),
        (&[("documentType", b"selfie"), ("file", b"GIF89a")], "file"),
        (&[("documentType", b"selfie"), ("file", b"")], "file"),
        (&[("documentType", b"selfie"), ("file", &long)], "file"),
        (&[("documentType", b"selfie"), ("file", pdf), ("note", b"x")], "note"),
        (&[("documentType", b"selfie"), ("file", pdf), ("file", pdf)], "file"),
    ];
    for (parts, field) in cases {
        let reply = upload(&world, &path, parts).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
        assert!(reply.message().contains(&format!("`{field}`")), "{}", reply.text);
    }
    let keys = [("api-key", world.lk.as_str())];
    let reply = world.raw(Method::PUT, &path, &keys, "{}").await;
    assert_eq!((reply.status, reply.message().contains("`body`")), (StatusCode::BAD_REQUEST, true));
    let huge = vec![0; 11 * 1024 * 1024];
    let reply = upload(&world, &path, &[("documentType", b"selfie"), ("file", &huge)]).await;
    assert_eq!((reply.status, reply.message().contains("`body`")), (StatusCode::BAD_REQUEST, true));
    assert_eq!(world.submitted(), before);

    for beginning in [pdf, b"\x89PNG\r\n\x1a\n...", b"\xff\xd8\xff\xe0..."] {
        let reply =
            upload(&world, &path, &[("documentType", b"selfie"), ("file", beginning)]).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    }
}

#[tokio::test]
async fn who_was_erased_hands_in_no_document() {
    let world = World::new().await;
    let user = world.user().await;
    world.done("/v1/verification/user", &json!({ "userId": user })).await;
    world.forget(&user);
    let path = format!("/v1/verification/user/{user}/document");
    let document: Parts<'_> = &[("documentType", b"selfie"), ("file", b"%PDF-1.7")];
    let reply = upload(&world, &path, document).await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::CONFLICT, "user_erased"));
}

#[tokio::test]
async fn uploads_beyond_the_limit_are_asked_to_come_again() {
    let world = Arc::new(World::new().await);
    let user = world.user().await;
    world.done("/v1/verification/user", &json!({ "userId": user })).await;
    let path = format!("/v1/verification/user/{user}/document");
    // One more than there may be: the rest never ends.
    let mut uploads = JoinSet::new();
    for _ in 0..9 {
        let (world, path) = (world.clone(), path.clone());
        uploads.spawn(async move {
            let body = Body::new(Never);
            world.raw(Method::PUT, &path, &[("api-key", &world.lk)], body).await
        });
    }
    let refused = uploads.join_next().await.unwrap().unwrap();
    let found = (refused.status, refused.code(), refused.header("retry-after"));
    let expected = (StatusCode::SERVICE_UNAVAILABLE, "too_many_uploads".to_owned(), Some("1"));
    assert_eq!(found, expected);
    uploads.shutdown().await;
    let document: Parts<'_> = &[("documentType", b"selfie"), ("file", b"%PDF-1.7")];
    assert_eq!(upload(&world, &path, document).await.status, StatusCode::OK);
}

/// Sends multipart.
pub(crate) async fn upload(world: &World, path: &str, parts: Parts<'_>) -> Reply {
    let headers =
        [("api-key", world.lk.as_str()), ("content-type", "multipart/form-data; boundary=limit")];
    world.raw(Method::PUT, path, &headers, multipart("limit", parts)).await
}

/// A body of these parts.
pub(crate) fn multipart(boundary: &str, parts: Parts<'_>) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content) in parts {
        let head = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a\"\r\n\r\n"
        );
        body.extend([head.as_bytes(), content, b"\r\n"].concat());
    }
    body.extend(format!("--{boundary}--\r\n").as_bytes());
    body
}
