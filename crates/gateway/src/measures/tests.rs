use axum::http::Request;
use metrics_exporter_prometheus::PrometheusBuilder;

use super::*;

#[test]
fn a_request_is_measured_by_method_route_and_status_and_nothing_that_a_client_makes_up() {
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        describe();
        for (method, route, status) in [
            ("GET", "/v1/users/{userId}", StatusCode::OK),
            ("GET", "/v1/users/{userId}", StatusCode::OK),
            ("POST", "/v1/users", StatusCode::CREATED),
            ("BREW", "", StatusCode::NOT_FOUND),
        ] {
            let request =
                Request::builder().method(method).uri("/v1/users/usr_1").body(()).unwrap();
            let (head, ()) = request.into_parts();
            let measured = Measured::begin(RequestId([1; 16]), &head, route);
            measured.end(&Response::builder().status(status).body(()).unwrap());
        }
        refused("not_found");
    });
    let shown = recorder.handle().render();
    for line in [
        "_count{http_request_method=\"GET\",http_route=\"/v1/users/{userId}\",http_response_status_code=\"200\"} 2",
        "_count{http_request_method=\"POST\",http_route=\"/v1/users\",http_response_status_code=\"201\"} 1",
        "_count{http_request_method=\"_OTHER\",http_route=\"\",http_response_status_code=\"404\"} 1",
    ] {
        let line = format!("{DURATION}{line}");
        assert!(shown.lines().any(|shown| shown == line), "{line} is not in\n{shown}");
    }
    assert!(shown.contains("ledgeros_gateway_refusals_total{code=\"not_found\"} 1\n"), "{shown}");
    assert!(shown.contains(&format!("# HELP {DURATION} ")), "{shown}");
    assert!(!shown.contains("usr_1") && !shown.contains("BREW"), "{shown}");
}
