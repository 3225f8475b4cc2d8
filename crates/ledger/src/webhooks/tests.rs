use std::collections::BTreeSet;

use super::*;
use crate::{Command, Origin, Request};

#[test]
fn every_name_is_of_one_topic_and_every_topic_of_a_surface() {
    let names: BTreeSet<&str> = Topic::ALL.iter().map(|topic| topic.name()).collect();
    assert_eq!(names.len(), Topic::ALL.len());
    for topic in Topic::ALL {
        assert_eq!(Topic::from_name(topic.name()), Some(topic));
        assert!(
            [Family::LedgerApi, Family::LedgerOs].iter().any(|family| topic.belongs_to(*family))
        );
    }
    assert_eq!(Topic::from_name("customer.*"), None);
}

#[test]
fn a_webhook_is_told_what_it_wants_and_always_that_it_is_tried_out() {
    assert_eq!(Topics::new(BTreeSet::new()), None);
    let some = Topics::new([Topic::CardCreated].into()).unwrap();
    for topic in Topic::ALL {
        assert!(Topics::All.want(topic));
        let is_wanted = [Topic::CardCreated, Topic::WebhookTest].contains(&topic);
        assert_eq!(some.want(topic), is_wanted, "{topic:?}");
    }
}

#[test]
fn no_topics_are_read_back_from_no_image() {
    let image = borsh::to_vec(&Topics::new([Topic::CardClosed].into()).unwrap()).unwrap();
    assert!(borsh::from_slice::<Topics>(&image).is_ok());
    assert!(borsh::from_slice::<Topics>(&[1, 0, 0, 0, 0]).is_err());
}

#[test]
fn a_book_has_so_many_webhooks_and_room_for_another_once_one_is_removed() {
    let mut book = Book::default();
    let now = Timestamp::of_month(2026, 11);
    let mut number = 0;
    let mut ask = |book: &mut Book, command: Command| {
        number += 1;
        let request = Request { id: CommandId([number; 16]), origin: Origin::LEDGER, command };
        let entry = book.decide(&request, now)?;
        book.apply(&entry);
        Ok(entry.events[0].clone())
    };
    let sealed = Sealed { subject: [1; 16], reference: [1; 16], commitment: [1; 32] };
    let (family, topics) = (Family::LedgerOs, Topics::All);
    let register = RegisterWebhook { family, topics, url: sealed, secret: sealed };
    let register = Command::RegisterWebhook(register);
    let first = ask(&mut book, register.clone()).unwrap();
    for _ in 1..WEBHOOKS_MAX {
        ask(&mut book, register.clone()).unwrap();
    }
    let max = WEBHOOKS_MAX;
    assert_eq!(ask(&mut book, register.clone()), Err(Rejection::TooManyWebhooks { max }));
    let Event::WebhookRegistered(WebhookRegistered { webhook, .. }) = first else {
        panic!("{first:?}")
    };
    ask(&mut book, Command::RemoveWebhook(RemoveWebhook { webhook })).unwrap();
    ask(&mut book, register).unwrap();
}
