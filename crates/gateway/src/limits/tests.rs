use super::*;

const KEY: [u8; 8] = [1; 8];

fn limits(reads: u32) -> Limiter {
    Limiter::new(RateLimits { reads, ..RateLimits::NONE })
}

fn said(allowance: &Allowance) -> [&str; 2] {
    [&allowance.policy, &allowance.left].map(|value| value.to_str().unwrap())
}

#[test]
fn a_key_may_do_so_much_and_is_told_what_is_left() {
    let limiter = limits(2);
    for (left, retry_after_s) in [
        (r#""reads";r=1;t=30"#, false),
        (r#""reads";r=0;t=60"#, false),
        (r#""reads";r=0;t=60"#, true),
    ] {
        let allowance = limiter.take(Class::Reads, KEY).unwrap();
        assert_eq!(said(&allowance), [r#""reads";q=2;w=60"#, left]);
        assert_eq!(allowance.retry_after_s.is_some(), retry_after_s);
        assert!(allowance.retry_after_s.is_none_or(|wait| (1..=30).contains(&wait)));
    }
}

#[test]
fn every_key_and_every_class_is_counted_by_itself() {
    let limiter = Limiter::new(RateLimits { reads: 1, writes: 1, cards: 1 });
    for key in [KEY, [2; 8]] {
        for class in [Class::Reads, Class::Writes, Class::Cards] {
            assert!(limiter.take(class, key).unwrap().retry_after_s.is_none());
            assert!(limiter.take(class, key).unwrap().retry_after_s.is_some());
        }
    }
}

#[test]
fn a_limit_of_zero_is_none() {
    assert!(limits(0).take(Class::Reads, KEY).is_none());
}

#[test]
fn keys_that_have_their_whole_quota_are_forgotten() {
    // So large that a request is made up for at once.
    let limiter = limits(u32::MAX);
    let requests = u64::from(SWEPT_AFTER) + 10;
    for number in 0..requests {
        limiter.take(Class::Reads, number.to_be_bytes());
    }
    let remembered = limiter.reads.as_ref().unwrap().keys.len();
    assert!(remembered < 1_000, "{remembered} of {requests} are remembered");
}

#[test]
fn creating_a_card_is_a_class_of_its_own() {
    let create = Route::CreateCard.path();
    assert_eq!(Class::of(&Method::POST, create), Class::Cards);
    assert_eq!(Class::of(&Method::GET, create), Class::Reads);
    assert_eq!(Class::of(&Method::POST, "/v1/users"), Class::Writes);
    assert_eq!(Class::of(&Method::PATCH, create), Class::Writes);
}
