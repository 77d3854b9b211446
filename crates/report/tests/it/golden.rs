//! The page and the numbers of two weeks, byte for byte. `UPDATE_GOLDEN=1` writes them anew.

use std::path::Path;

use vigie_report::{WeeklyInput, figures, weekly_html};

use crate::fixture;

#[track_caller]
fn check(name: &str, input: &WeeklyInput) {
    let html = weekly_html(input);
    assert_eq!(html, weekly_html(&input.clone()), "the same input gives the same bytes");
    same(&format!("{name}.out.html"), &html);
    let json = serde_json::to_string_pretty(&figures(input)).unwrap() + "\n";
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
