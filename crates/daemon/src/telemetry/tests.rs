use std::io::Write;
use std::sync::{Arc, Mutex};

use super::*;

/// What is logged with this variable and this key.
fn told(variable: Option<&str>, key: &str) -> Result<String, String> {
    let log = Log { filter: key.to_owned(), ..Log::default() };
    let told = filter(variable.map(Into::into), &log);
    told.map(|filter| filter.to_string()).map_err(|error| error.to_string())
}

#[test]
fn unless_told_otherwise_everything_from_info_on_is_logged() {
    assert_eq!(told(None, &Log::default().filter), Ok("info".to_owned()));
}

#[test]
fn the_variable_goes_before_the_configuration() {
    assert_eq!(told(None, "debug"), Ok("debug".to_owned()));
    let told = told(Some("warn,writer=debug"), "debug").unwrap();
    assert!(told.contains("warn") && told.contains("writer=debug"), "{told}");
}

#[test]
fn what_is_not_a_filter_is_refused_and_named() {
    let variable = told(Some("writer=loud"), "info").unwrap_err();
    assert_eq!(variable, "`LEDGEROS_LOG` is not a log filter: `writer=loud`");
    let key = told(None, "writer=loud").unwrap_err();
    assert_eq!(key, "`log.filter` is not a log filter: `writer=loud`");
}

#[test]
fn on_a_terminal_the_log_is_for_people() {
    let shown = |format| [true, false].map(|is_terminal| is_json(format, is_terminal));
    assert_eq!(shown(LogFormat::Auto), [false, true]);
    assert_eq!(shown(LogFormat::Pretty), [false, false]);
    assert_eq!(shown(LogFormat::Json), [true, true]);
}

/// A log that can be read.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_panic_is_logged_with_its_place_and_what_is_fixed_of_it() {
    let log = Lines::default();
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
