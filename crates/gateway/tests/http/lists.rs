//! Lists in parts.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::world::{World, id};

/// Every id of a list, read in parts of `limit`.
async fn walk(world: &World, path: &str, limit: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut next = format!("{path}{}limit={limit}", if path.contains('?') { '&' } else { '?' });
    loop {
        let part = world.seen(&next).await;
        let rows = part["data"].as_array().unwrap();
        assert!(rows.len() <= limit);
        ids.extend(rows.iter().map(id));
        assert_eq!(part["hasMore"], !part["cursor"].is_null());
        let Some(cursor) = part["cursor"].as_str() else { return ids };
        let (list, _) = path.split_once('?').unwrap_or((path, ""));
        next = format!("{list}?limit={limit}&cursor={cursor}");
    }
}

#[tokio::test]
async fn users_are_listed_newest_first_without_gap_or_repetition() {
    let world = World::new().await;
    let mut users = Vec::new();
    for _ in 0..7 {
        users.insert(0, world.user().await);
    }
    for limit in [1, 2, 3, 7, 100] {
        assert_eq!(walk(&world, "/v1/users", limit).await, users);
    }
    let part = world.seen("/v1/users?limit=3").await;
    world.user().await;
    let rest = format!("/v1/users?cursor={}", part["cursor"].as_str().unwrap());
    let rest: Vec<_> = world.seen(&rest).await["data"].as_array().unwrap().iter().map(id).collect();
    assert_eq!(rest, users[3..], "what was added later is not in the rest");
}

#[tokio::test]
async fn a_cursor_brings_its_filters_along_and_is_good_for_its_list_only() {
    let world = World::new().await;
    let user = world.funded_user(500).await;
    let (agent, _) = world.agent(&user).await;
    let (card, other) = (world.card(&agent).await, world.card(&agent).await);
    let mut mine = Vec::new();
    for card in [&card, &other, &card, &other, &card] {
        let decision = world.authorize(card, 100).await;
        mine.insert(0, (card.clone(), decision["transactionId"].as_str().unwrap().to_owned()));
    }
    let mine: Vec<_> = mine.into_iter().filter(|(of, _)| *of == card).map(|(_, id)| id).collect();
    let path = format!("/v1/transactions?cardId={card}&status=pending");
    for limit in [1, 2, 3] {
        assert_eq!(walk(&world, &path, limit).await, mine);
    }

    let part = world.seen(&format!("{path}&limit=1")).await;
    let cursor = part["cursor"].as_str().unwrap();
    let with_filters = format!("/v1/transactions?status=pending&cardId={card}&cursor={cursor}");
    assert_eq!(world.get(&with_filters).await.status, StatusCode::OK);
    for path in [
        format!("/v1/transactions?cardId={other}&cursor={cursor}"),
        format!("/v1/transactions?cardId={card}&cursor={cursor}"),
        format!("/v1/users?cursor={cursor}"),
        format!("/v1/cards/{card}/intents?cursor={cursor}"),
    ] {
        let reply = world.get(&path).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path}: {}", reply.text);
        assert!(reply.message().contains("`cursor`"), "{}", reply.text);
    }
}

#[tokio::test]
async fn a_cursor_that_somebody_made_up_is_refused() {
    let world = World::new().await;
    let forged = "[\"/v1/users\",5,[]]".bytes().map(|byte| format!("{byte:02x}"));
    let forged: String = forged.collect();
    for forged in [forged.clone(), format!("{}{forged}", "00".repeat(16)), "00".repeat(16)] {
        let reply = world.get(&format!("/v1/users?cursor={forged}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
    }
}

#[tokio::test]
async fn transactions_are_filtered() {
    let world = World::new().await;
    let user = world.funded_user(500).await;
    let (agent, _) = world.agent(&user).await;
    let card = world.card(&agent).await;
    let held = world.authorize(&card, 100).await;
    let declined = world.authorize(&card, 60_000).await;
    let ids = async |filter: &str| -> Vec<Value> {
        let listed = world.seen(&format!("/v1/transactions{filter}")).await;
        listed["data"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect()
    };
    let (held, declined) = (held["transactionId"].clone(), declined["transactionId"].clone());
    let all = ids("").await;
    assert_eq!((all.len(), &all[..2]), (3, &[declined.clone(), held.clone()][..]));
    assert_eq!(ids(&format!("?agentId={agent}")).await, [declined.clone(), held.clone()]);
    assert_eq!(ids("?status=declined").await, [declined]);
    assert_eq!(ids("?status=completed").await, all[2..]);
    assert_eq!(ids(&format!("?userId={user}&status=pending")).await, [held]);
    assert_eq!(ids("?to=1000").await, [] as [Value; 0]);
    assert_eq!(ids("?from=1000").await.len(), 3);
}

#[tokio::test]
async fn agents_and_intents_are_listed_newest_first() {
    let world = World::new().await;
    let (user, other) = (world.funded_user(1).await, world.user().await);
    let (first, _) = world.agent(&user).await;
    let (second, _) = world.agent(&other).await;
    let (third, _) = world.agent(&user).await;
    assert_eq!(walk(&world, "/v1/agents", 2).await, [&*third, &*second, &*first]);
    assert_eq!(walk(&world, &format!("/v1/agents?userId={user}"), 1).await, [&*third, &*first]);

    let card = world.card(&first).await;
    let path = format!("/v1/cards/{card}/intents");
    let mut intents = Vec::new();
    for amount in 1..=3 {
        let intent = json!({ "summary": "s", "amount": amount, "merchantText": "m" });
        intents.insert(0, id(&world.done(&path, &intent).await));
    }
    assert_eq!(walk(&world, &path, 2).await, intents);
}
