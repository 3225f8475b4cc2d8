//! Every field of every write of the tour, and every parameter and id of its paths, wrong in every way: 4xx that names it,
//! and nothing is written.

use hyper::StatusCode;

use crate::tour::{Asked, Content, Done, Tour, filled};
use crate::tour_again::message;
use crate::uploads::multipart;
use crate::world::World;

mod fields;
mod right;

use fields::{Change, changed, changes, places, sibling};
use right::{CALLED, is_right};

#[tokio::test]
async fn a_wrong_field_of_a_write_of_the_tour_is_named_and_nothing_is_written() {
    let world = World::new().await;
    let tour = Tour::play(&world).await;
    let (before, mut tried, mut right) = (world.submitted(), 0, Vec::new());
    for Done { step, asked, .. } in tour.writes() {
        let Content::Json(template) = &step.body else { continue };
        let body = filled(template, &tour.variables);
        for place in places(&body) {
            for (what, change) in changes(template, &body, &place) {
                let body = changed(&body, &place.pointer, &change);
                let request = Asked { body, ..asked.clone() }.without_key();
                if is_right(&step.shape(), what, &place.name) {
                    right.push((what, place.name.clone(), request));
                    continue;
                }
                let named = match change {
                    Change::Beside => sibling(&place.name, "colour"),
                    Change::Put(_) | Change::Remove | Change::Double => place.name.clone(),
                };
                expect_named(&world, &request, what, &named).await;
                tried += 1;
            }
        }
    }
    println!("{tried} wrong fields refused, {} right ones", right.len());
    assert!(4_000 < tried, "{tried}");
    assert_eq!(world.submitted(), before, "the writer heard of it");

    // Whatever else is said of them: they are not wrong.
    for (what, name, request) in right {
        let reply = request.send(&world).await;
        assert_ne!(reply.status, StatusCode::BAD_REQUEST, "{name}, {what}: {}", reply.text);
        assert!(!reply.status.is_server_error(), "{name}, {what}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_wrong_part_of_an_upload_of_the_tour_is_named_and_nothing_is_written() {
    let world = World::new().await;
    let tour = Tour::play(&world).await;
    let before = world.submitted();
    for Done { step, asked, .. } in tour.writes() {
        let Content::Parts(parts) = &step.body else { continue };
        for (index, (name, _)) in parts.iter().enumerate() {
            for content in [&b""[..], b"   ", b"\xff", b"nothing", b"\0", &[b'a'; 100_000]] {
                let mut parts = parts.clone();
                parts[index].1 = content;
                let body = multipart("tour", &parts);
                expect_named(&world, &Asked { body, ..asked.clone() }, "wrong", name).await;
            }
            let mut fewer = parts.clone();
            let part = fewer.remove(index);
            let twice = [parts.clone(), vec![part]].concat();
            let more = [parts.clone(), vec![("colour", &b"1"[..])]].concat();
            for (parts, name) in [(fewer, *name), (twice, *name), (more, "colour")] {
                let body = multipart("tour", &parts);
                expect_named(&world, &Asked { body, ..asked.clone() }, "parts", name).await;
            }
        }
        for body in [&b""[..], b"{}", b"--tour", b"--tour--\r\n", b"\xff"] {
            let request = Asked { body: body.to_owned(), ..asked.clone() };
            let reply = request.send(&world).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
        }
    }
    assert_eq!(world.submitted(), before);
}

#[tokio::test]
async fn a_wrong_id_in_a_path_of_the_tour_is_named_or_not_found() {
    let world = World::new().await;
    let tour = Tour::play(&world).await;
    let (before, mut tried) = (world.submitted(), 0);
    for Done { step, asked, .. } in &tour.done {
        for (index, segment) in step.place().split('/').enumerate() {
            if !segment.starts_with('{') {
                continue;
            }
            let with = |id: &str| {
                let place = asked.path.split('?').next().unwrap();
                let mut segments: Vec<_> = place.split('/').collect();
                segments[index] = id;
                Asked { path: segments.join("/"), ..asked.clone() }.without_key()
            };
            let long = "a".repeat(5_000);
            for id in
                ["book_01h455vb4pex5vsknk084sn02q", "nothing", "0", "-1", "%00", "null", &long]
            {
                expect_named(&world, &with(id), id, "").await;
                tried += 1;
            }
            let reply = with("%ff").send(&world).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
            assert!(message(&reply).contains("`path`"), "{}", reply.text);
        }
    }
    println!("{tried} wrong ids refused");
    assert!(300 < tried, "{tried}");
    assert_eq!(world.submitted(), before);
}

#[tokio::test]
async fn a_wrong_parameter_of_a_question_of_the_tour_is_named() {
    let world = World::new().await;
    let tour = Tour::play(&world).await;
    let mut tried = 0;
    for Done { step, asked, .. } in tour.done.iter().filter(|done| !done.step.key.is_empty()) {
        let (place, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        let asking =
            |query: &str| Asked { path: format!("{place}?{query}"), ..asked.clone() }.without_key();
        let unknown = format!("{query}&colour=1");
        // Filters beside a cursor are those that it carries.
        let named = if query.contains("cursor=") { "cursor" } else { "colour" };
        match step.writes() {
            true => expect_named(&world, &asking("colour=1"), "unknown", "query").await,
            false => {
                expect_named(&world, &asking(unknown.trim_start_matches('&')), "unknown", named)
                    .await
            }
        }
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap();
            let long = "9".repeat(5_000);
            for wrong in ["", "nothing", "-1", "1.5", "%00", "%20", "[]", "null", &long] {
                let parameter = format!("{name}={wrong}");
                let query = query.replace(&format!("{name}={value}"), &parameter);
                expect_named(&world, &asking(&query), &parameter, name).await;
                tried += 1;
            }
            expect_named(&world, &asking(&format!("{query}&{parameter}")), "twice", name).await;
            let reply = asking(&format!("{name}=%ff")).send(&world).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
        }
    }
    println!("{tried} wrong parameters refused");
    assert!(200 < tried, "{tried}");
}

/// Expects a 4xx that names the field; any, where its name is empty.
async fn expect_named(world: &World, request: &Asked, what: &str, field: &str) {
    let reply = request.send(world).await;
    let about = || {
        let body = String::from_utf8_lossy(&request.body);
        let (path, what) = (clipped(&request.path), clipped(what));
        format!("{what}: {path} {}: {} {}", clipped(&body), reply.status, reply.text)
    };
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", about());
    let said = message(&reply);
    let names =
        |name: &str| said.contains(&format!("`{name}`")) || said.contains(&format!("`{name}["));
    let other_name = CALLED.iter().find(|(name, _)| *name == field);
    let is_named = names(field)
        || other_name.is_some_and(|(_, name)| names(name))
        || said.starts_with("`body` is not JSON")
        || field.is_empty() && said.starts_with('`');
    assert!(is_named, "`{field}` is not named: {}", about());
}

fn clipped(text: &str) -> String {
    text.chars().take(300).collect()
}
