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
