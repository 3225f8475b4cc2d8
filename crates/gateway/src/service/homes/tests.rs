use std::cell::Cell;

use super::*;

const PREFIX: [u8; 8] = [1; 8];

/// Looks for keys, and counts how often a book was asked.
struct Asked {
    homes: Homes<&'static str>,
    times: Cell<usize>,
}

impl Asked {
    fn new() -> Self {
        Self { homes: Homes::default(), times: Cell::new(0) }
    }

    async fn find(&self, now: Instant, home: Option<&'static str>) -> Option<&'static str> {
        let look_up = async || {
            self.times.set(self.times.get() + 1);
            tokio::task::yield_now().await;
            Ok(home)
        };
        self.homes.find(PREFIX, now, look_up).await.unwrap()
    }
}

#[tokio::test]
async fn an_unknown_prefix_is_looked_up_once_in_a_quarter_of_a_second() {
    let (asked, began) = (Asked::new(), Instant::now());
    for after in [0, 1, 249] {
        let now = began + Duration::from_millis(after);
        assert_eq!(asked.find(now, None).await, None);
    }
    assert_eq!(asked.times.get(), 1);
    assert_eq!(asked.find(began + UNKNOWN_FOR, None).await, None);
    assert_eq!(asked.times.get(), 2);
}

#[tokio::test]
async fn a_home_is_looked_up_once_for_ever() {
    let (asked, began) = (Asked::new(), Instant::now());
    assert_eq!(asked.find(began, Some("acme")).await, Some("acme"));
    assert_eq!(asked.find(began + Duration::from_secs(86_400), None).await, Some("acme"));
    assert_eq!(asked.times.get(), 1);
}

#[tokio::test]
async fn requests_that_come_meanwhile_wait_for_the_one_that_looks() {
    let (asked, now) = (Asked::new(), Instant::now());
    let found = tokio::join!(asked.find(now, Some("acme")), asked.find(now, Some("acme")));
    assert_eq!((found, asked.times.get()), ((Some("acme"), Some("acme")), 1));
}

#[tokio::test]
async fn what_failed_is_looked_up_again_at_once() {
    let (homes, now) = (Homes::default(), Instant::now());
    let failed = homes.find(PREFIX, now, async || Err(Error::NoWriter)).await;
    assert!(failed.is_err());
    assert_eq!(homes.find(PREFIX, now, async || Ok(Some("acme"))).await.unwrap(), Some("acme"));
}

#[tokio::test]
async fn no_more_searches_are_remembered_than_there_may_be() {
    let (homes, began) = (Homes::<&str>::default(), Instant::now());
    for number in 0..=SEARCHES_MAX as u64 {
        homes.find(number.to_be_bytes(), began, async || Ok(None)).await.unwrap();
    }
    assert_eq!(homes.searches.lock().unwrap().len(), SEARCHES_MAX);
    homes.find([255; 8], began + UNKNOWN_FOR, async || Ok(None)).await.unwrap();
    assert_eq!(homes.searches.lock().unwrap().len(), 1, "the old ones made room");
}
