use std::collections::BTreeSet;

use super::*;

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
