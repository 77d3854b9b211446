//! The pages and the numbers of reports, byte for byte. `UPDATE_GOLDEN=1` writes them anew.

use std::path::Path;

use vigie_model::ReportLanguage;
use vigie_report::{IncidentInput, PeriodInput, figures, incident_figures, incident_report, period_report};

use crate::fixture;

#[track_caller]
fn check(name: &str, input: &PeriodInput) {
    let html = period_report(input).html();
    assert_eq!(html, period_report(&input.clone()).html(), "the same input gives the same bytes");
    same(&format!("{name}.out.html"), &html);
    let json = serde_json::to_string_pretty(&figures(input)).unwrap() + "\n";
    same(&format!("{name}.out.json"), &json);
}

#[track_caller]
fn check_incident(name: &str, input: &IncidentInput) {
    same(&format!("{name}.out.html"), &incident_report(input).html());
    let json = serde_json::to_string_pretty(&incident_figures(input)).unwrap() + "\n";
    same(&format!("{name}.out.json"), &json);
}

#[track_caller]
fn same(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, found).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == found, "{name} differs: run with UPDATE_GOLDEN=1 and read the diff");
}

#[test]
fn a_week_with_an_intrusion() {
    check("week", &fixture::week());
}

#[test]
fn a_quiet_week() {
    check("quiet", &fixture::quiet());
}

#[test]
fn a_month_in_french() {
    check("month-fr", &fixture::month());
}

#[test]
fn a_week_in_french() {
    check("week-fr", &PeriodInput { language: ReportLanguage::French, title: None, ..fixture::week() });
}

#[test]
fn an_incident() {
    check_incident("incident", &fixture::incident(ReportLanguage::English));
    check_incident("incident-fr", &fixture::incident(ReportLanguage::French));
}

#[test]
fn the_letter_of_a_week() {
    let (subject, text) = period_report(&fixture::week()).letter();
    same("letter.out.txt", &format!("Subject: {subject}\n\n{text}"));
}
