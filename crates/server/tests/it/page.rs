//! The page, the headers of every answer, health and the description of the API.

use crate::app::TestApp;

#[test]
fn every_answer_carries_the_security_headers() {
    let app = TestApp::new();
    for path in ["/", "/alerts/some", "/favicon.svg", "/assets/none.js", "/healthz", "/api/v1/alerts", "/nothing"] {
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

/// Every view's address is the one page, whose files may be kept as long as they have their names.
#[test]
fn every_view_is_the_page_and_its_files_may_be_kept() {
    let app = TestApp::new();
    let page = app.send("GET", "/", &[], None);
    assert!(page.text().contains("<title>Vigie</title>"));
    for path in ["/alerts", "/alerts/0123", "/cases/0123", "/hunt?q=a", "/settings/users"] {
        assert_eq!(app.send("GET", path, &[], None).text(), page.text(), "{path}");
    }
    let etag = page.header("etag").to_owned();
    assert_eq!(app.send("GET", "/", &[("if-none-match", &etag)], None).status, 304);
    // The client of these tests unpacks by itself and says nothing of it.
    assert_eq!(page.header("vary"), "accept-encoding");
    assert_eq!(app.send("GET", "/assets/none.js", &[], None).status, 404);
    assert_eq!(app.send("GET", "/no-such-view", &[], None).status, 404);
}

#[test]
fn health_metrics_and_description() {
    let app = TestApp::new();
    app.raise_alert("acme", "203.0.113.7");
    assert!(app.send("GET", "/healthz", &[], None).text().starts_with("ok\n"));
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
