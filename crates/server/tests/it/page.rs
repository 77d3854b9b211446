//! The page, the headers of every answer, health and the description of the API.

use crate::app::TestApp;

#[test]
fn every_answer_carries_the_security_headers() {
    let app = TestApp::new();
    for path in ["/", "/assets/app.js", "/assets/app.css", "/healthz", "/api/v1/alerts", "/nothing"] {
        let answer = app.send("GET", path, &[], None);
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}: other origins may not read");
        assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
    }
}

#[test]
fn the_page_keeps_to_its_policy() {
    let app = TestApp::new();
    let page = app.send("GET", "/", &[], None).text();
    let script = app.send("GET", "/assets/app.js", &[], None).text();
    assert!(page.contains("<title>Vigie</title>"));
    for forbidden in ["style=", "onclick=", "<style", "http://", "https://"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
        assert!(!script.contains(forbidden), "{forbidden}: log content is only ever text");
    }
}

#[test]
fn health_metrics_and_description() {
    let app = TestApp::new();
    app.raise_alert("acme", "203.0.113.7");
    assert_eq!(app.send("GET", "/healthz", &[], None).text(), "ok\n");
    assert_eq!(app.send("GET", "/readyz", &[], None).text(), "ready\n");
    let metrics = app.get(&app.admin, "/metrics").text();
    for line in [
        "vigie_records_total{source=\"linux_auth\"} 1",
        "vigie_alerts_total{severity=\"high\"} 1",
        "vigie_http_requests_total{method=\"POST\",route=\"/api/v1/ingest/{source}\",status=\"200\"} 1",
        "vigie_queue_depth_batches 0",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    let document = app.send("GET", "/api/v1/openapi.json", &[], None).json();
    assert_eq!(document["info"]["title"], "Vigie");
    assert!(document["components"]["schemas"]["Alert"].is_object());
}

/// A label that clients choose would grow without end.
#[test]
fn unknown_paths_and_methods_share_one_label() {
    let app = TestApp::new();
    for number in 0..5 {
        app.send("GET", &format!("/made-up-{number}"), &[], None);
    }
    let metrics = app.get(&app.admin, "/metrics").text();
    assert!(metrics.contains("route=\"unmatched\",status=\"404\"} 5"), "{metrics}");
    assert!(!metrics.contains("made-up"));
}
