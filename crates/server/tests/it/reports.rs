//! Reports that are asked for, made on a schedule, kept and mailed.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vigie_model::{Role, TenantScope};

use crate::app::TestApp;
use crate::notices::{MailServer, free_port, mails, python, with_mail};

/// One pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC";

fn schedule(recipients: &[&str]) -> Value {
    json!({"tenant": "acme", "period": "weekly", "day": 1, "hour": 6, "zone": "Europe/Paris", "recipients": recipients, "language": "fr"})
}

/// Waits until so many reports are in the archive, and returns them.
fn archived(app: &TestApp, count: usize) -> Vec<Value> {
    let start = Instant::now();
    loop {
        let page = app.get(&app.admin, "/api/v1/reports?tenant=acme").expect(200);
        let rows = page["rows"].as_array().unwrap().clone();
        if rows.len() >= count {
            return rows;
        }
        assert!(start.elapsed() < Duration::from_secs(40), "{} reports of {count} were made", rows.len());
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn every_report_comes_as_page_and_pdf_in_both_languages() {
    let app = TestApp::new();
    let alert = app.raise_alert("acme", "203.0.113.7");
    let case = app.post(&app.admin, "/api/v1/cases", &json!({"alerts": [alert["id"]]})).expect(201);
    let case = format!("/api/v1/cases/{}/report?", case["id"].as_str().unwrap());
    for path in ["/api/v1/reports/weekly?tenant=acme&", "/api/v1/reports/monthly?tenant=acme&", &case] {
        for (language, word) in [("en", "What we recommend"), ("fr", "Ce que nous recommandons")] {
            let page = app.get(&app.admin, &format!("{path}language={language}"));
            assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
            assert_eq!(page.header("x-frame-options"), "SAMEORIGIN");
            assert!(page.header("content-security-policy").ends_with("sandbox"));
            assert!(page.text().contains(word), "{path} says {word}");
            let pdf = app.get(&app.admin, &format!("{path}language={language}&format=pdf"));
            assert_eq!((pdf.status, pdf.header("content-type")), (200, "application/pdf"));
            assert!(pdf.body.starts_with(b"%PDF-1.7"));
        }
        let figures = app.get(&app.admin, &path.replace('?', "/figures?")).expect(200);
        assert!(figures["advice"].is_array(), "{figures}");
    }
    for (path, field) in [
        ("/api/v1/reports/monthly?tenant=acme&days=7", "days"),
        ("/api/v1/reports/weekly?tenant=acme&language=de", "language"),
        ("/api/v1/reports/weekly?tenant=acme&format=doc", "format"),
        ("/api/v1/reports?cursor=x", "cursor"),
    ] {
        let answer = app.get(&app.admin, path);
        assert!(answer.status == 400 && answer.text().contains(field), "{path}: {}", answer.text());
    }
}

#[test]
fn what_was_made_stays_as_it_was_made() {
    let app = TestApp::new();
    app.raise_alert("acme", "203.0.113.7");
    let made = app.post(&app.admin, "/api/v1/reports", &json!({"tenant": "acme", "kind": "monthly"})).expect(201);
    let path = format!("/api/v1/reports/{}", made["id"].as_str().unwrap());
    let (page, pdf) = (app.get(&app.admin, &path), app.get(&app.admin, &format!("{path}?format=pdf")));
    assert_eq!(made["html_bytes"], page.body.len());
    assert_eq!(made["pdf_bytes"], pdf.body.len());
    app.raise_alert("acme", "203.0.113.8");
    app.clock.advance(Duration::from_hours(48));
    assert_eq!(app.get(&app.admin, &path).body, page.body);
    assert_eq!(app.get(&app.admin, &format!("{path}?format=pdf")).body, pdf.body);
    let reader = app.key_for(Role::Reader, "acme");
    assert_eq!(app.get(&reader, &path).status, 200);
    assert_eq!(app.get(&app.key_for(Role::Admin, "globex"), &path).status, 404);
    let audit = app.get(&app.admin, "/api/v1/audit?limit=200").expect(200).to_string();
    assert!(audit.contains(made["pdf_sha256"].as_str().unwrap()), "it is in the audit log with its digest");
}

#[test]
fn a_report_is_made_once_when_it_is_due_and_once_after_a_long_absence() {
    let app = TestApp::new();
    let added = app.post(&app.admin, "/api/v1/report-schedules", &schedule(&[])).expect(201);
    let first = added["next"].as_str().unwrap().to_owned();
    app.clock.advance(Duration::from_hours(24));
    let rows = archived(&app, 1);
    assert_eq!(rows[0]["schedule"], added["id"]);
    assert_eq!(rows[0]["language"], "fr");
    assert!(rows[0]["to"].as_str().unwrap() < first.as_str(), "whole days before {first}: {}", rows[0]);
    // Five are missed: one is made, of the week that ended last.
    app.clock.advance(Duration::from_hours(5 * 7 * 24));
    let rows = archived(&app, 2);
    std::thread::sleep(Duration::from_secs(11));
    assert_eq!(archived(&app, 2).len(), 2, "nothing comes twice");
    let kept = app.get(&app.admin, "/api/v1/report-schedules?tenant=acme").expect(200);
    assert!(kept[0]["last"].is_string() && kept[0]["problem"].is_null(), "{kept}");
    let span = |row: &Value| (row["from"].as_str().unwrap().to_owned(), row["to"].as_str().unwrap().to_owned());
    assert!(span(&rows[0]).0 > span(&rows[1]).1, "the later one is first, weeks after: {rows:?}");
}

#[test]
fn a_scheduled_report_is_mailed_once_with_both_files_also_where_the_server_was_away() {
    let Some(python) = python() else { return };
    let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
    let app = with_mail(port);
    app.raise_alert("acme", "203.0.113.7");
    let body = schedule(&["ciso@acme.example", "Board <board@acme.example>"]);
    let added = app.post(&app.admin, "/api/v1/report-schedules", &body).expect(201);
    let run = format!("/api/v1/report-schedules/{}/run", added["id"].as_str().unwrap());
    let report = app.post(&app.admin, &run, &json!({})).expect(201);
    // Nobody listens yet: it is tried, and waits.
    std::thread::sleep(Duration::from_millis(500));
    let _server = MailServer::start(&python, folder.path(), port);
    let mail = crate::notices::wait_for(&app, folder.path(), 1).remove(0);
    for part in [
        "To: ciso@acme.example, Board <board@acme.example>",
        "Content-Type: application/pdf",
        "Content-Type: text/html",
        "Content-Type: text/plain",
        "JVBERi0xLj",
        ".pdf\"",
        ".html\"",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(mail.contains(part), "{part:?} is not in\n{}", &mail[..mail.len().min(4_000)]);
    }
    app.clock.advance(Duration::from_hours(2));
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(mails(folder.path()).len(), 1);
    assert_eq!(archived(&app, 1)[0]["id"], report["id"]);
}

#[test]
fn schedules_that_make_no_sense_are_refused() {
    let app = TestApp::new();
    let check = |field: &str, value: Value, expected: &str| {
        let mut body = schedule(&[]);
        body[field] = value;
        let answer = app.post(&app.admin, "/api/v1/report-schedules", &body);
        assert!(answer.status == 400 && answer.text().contains(expected), "{field}: {}", answer.text());
    };
    check("day", json!(8), "8 is no day of the week");
    check("hour", json!(24), "24 is no hour");
    check("zone", json!("Europe/Nowhere"), "there is no such time zone");
    check("zone", json!("../../etc/passwd"), "there is no such time zone");
    check("recipients", json!(["a@b.example\r\nBcc: c@d.example"]), "is no mail address");
    check("recipients", json!(vec!["a@b.example"; 21]), "at most 20");
    check("recipients", json!(["a@b.example"]), "has no `[smtp]`");
    check("language", json!("de"), "language");
    for _ in 0..20 {
        app.post(&app.admin, "/api/v1/report-schedules", &schedule(&[])).expect(201);
    }
    let answer = app.post(&app.admin, "/api/v1/report-schedules", &schedule(&[]));
    assert_eq!(answer.status, 409, "{}", answer.text());
}

#[test]
fn a_schedule_is_changed_and_deleted_and_its_reports_stay() {
    let app = TestApp::new();
    let added = app.post(&app.admin, "/api/v1/report-schedules", &schedule(&[])).expect(201);
    let path = format!("/api/v1/report-schedules/{}", added["id"].as_str().unwrap());
    let body = json!({"period": "monthly", "day": 31, "hour": 0, "zone": "UTC"});
    let changed = app.change(&app.admin, "PUT", &path, &body).expect(200);
    assert_eq!((&changed["period"], &changed["day"], &changed["version"]), (&json!("monthly"), &json!(31), &json!(2)));
    let other = json!({"tenant": "globex", "period": "monthly", "day": 31, "hour": 0, "zone": "UTC"});
    assert_eq!(app.change(&app.admin, "PUT", &path, &other).status, 400, "it stays with its tenant");
    app.post(&app.admin, &format!("{path}/run"), &json!({})).expect(201);
    app.change(&app.admin, "DELETE", &path, &json!({})).expect(200);
    assert_eq!(app.change(&app.admin, "DELETE", &path, &json!({})).status, 404);
    assert_eq!(archived(&app, 1)[0]["kind"], "monthly");
    let analyst = app.key(Role::Analyst, &TenantScope::All);
    assert_eq!(app.post(&analyst, "/api/v1/report-schedules", &schedule(&[])).status, 403);
}

#[test]
fn a_tenants_style_is_on_its_reports_and_on_no_others() {
    let app = TestApp::new();
    let style = json!({"name": "Northwatch", "accent": "#5b2333", "logo": PNG, "language": "fr"});
    let path = "/api/v1/report-style?tenant=acme";
    assert_eq!(app.get(&app.admin, path).expect(200), json!({"tenant": "acme", "language": "en"}));
    app.change(&app.admin, "PUT", path, &style).expect(200);
    assert_eq!(app.get(&app.admin, path).expect(200)["logo"], PNG);
    let page = app.get(&app.admin, "/api/v1/reports/weekly?tenant=acme").text();
    for part in ["Northwatch", "--navy: #5b2333", PNG, "<html lang=\"fr\">"] {
        assert!(page.contains(part), "{part} is not in the page");
    }
    assert_eq!(app.get(&app.admin, "/api/v1/reports/weekly?tenant=acme&format=pdf").status, 200);
    let other = app.get(&app.admin, "/api/v1/reports/weekly?tenant=globex").text();
    assert!(!other.contains("Northwatch") && other.contains("<html lang=\"en\">"));
    for (field, value, expected) in [
        ("accent", json!("#ffa500"), "contrast"),
        ("accent", json!("red"), "expected a colour"),
        ("logo", json!("PHN2Zy8+"), "expected a PNG or JPEG"),
        ("logo", json!("%%%"), "expected Base64"),
        ("logo", json!("A".repeat(349_528 + 4)), "expected a PNG or JPEG"),
        ("name", json!("x".repeat(61)), "at most 60"),
    ] {
        let answer = app.change(&app.admin, "PUT", path, &json!({field: value}));
        assert!(answer.status == 400, "{field}: {} {}", answer.status, answer.text());
        let said = answer.text();
        assert!(said.contains(expected) || said.contains("it has"), "{field}: {said}");
    }
    let long = app.change(&app.admin, "PUT", path, &json!({"logo": "A".repeat(400_000)}));
    assert_eq!(long.status, 413);
    assert_eq!(app.get(&app.admin, path).expect(200)["name"], "Northwatch", "what was refused changed nothing");
}
