use std::sync::Barrier;
use std::thread;

use super::*;

const GATEWAYS: usize = 16;

#[test]
fn those_who_ask_at_once_are_given_the_key_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let begin = Barrier::new(GATEWAYS);
    let key = || {
        begin.wait();
        open_or_create(folder.path()).unwrap()
    };
    let keys: Vec<_> = thread::scope(|scope| {
        let asked: Vec<_> = (0..GATEWAYS).map(|_| scope.spawn(key)).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    let kept = read(&folder.path().join("service.key")).unwrap();
    assert!(!kept.is_empty());
    assert!(keys.iter().all(|key| *key == kept));
}
