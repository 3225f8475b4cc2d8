use std::io::Write;
use std::sync::{Arc, Mutex};

use super::*;

#[test]
fn without_the_variable_everything_from_info_on_is_logged() {
    assert_eq!(filter(None).unwrap().to_string(), "info");
}

#[test]
fn the_variable_says_what_is_logged() {
    let told = filter(Some("warn,writer=debug".into())).unwrap().to_string();
    assert!(told.contains("warn") && told.contains("writer=debug"), "{told}");
}

#[test]
fn what_is_not_a_filter_is_refused_and_named() {
    let error = filter(Some("writer=loud".into())).unwrap_err();
    assert_eq!(error.to_string(), "`LEDGEROS_LOG` is not a log filter: `writer=loud`");
}

/// A log that can be read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_panic_is_logged_with_its_place_and_what_is_fixed_of_it() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let before = panic::take_hook();
    panic::set_hook(Box::new(log_panic));
    let number = 4111;
    panic::catch_unwind(|| panic!("the queue is gone")).unwrap_err();
    panic::catch_unwind(|| panic!("the number {number}")).unwrap_err();
    panic::set_hook(before);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(log.matches("telemetry/tests.rs").count(), 2, "{log}");
    assert!(log.contains("the queue is gone") && !log.contains("4111"), "{log}");
}
