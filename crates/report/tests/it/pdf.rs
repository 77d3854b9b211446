//! The PDF: its bytes, its words as `pdftotext` of Poppler reads them, and what hostile values do to it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use vigie_model::{ReportLanguage, Severity};
use vigie_report::{Accent, Logo, PeriodInput, Report, figures, incident_report, period_report};

use crate::fixture::{incident, month, quiet, week};
use crate::hostile::{HOSTILE, poisoned};

/// Returns what a tool of Poppler says about a PDF, or `None` where there is no Poppler and none is required.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn poppler(tool: &str, arguments: &[&str], pdf: &[u8]) -> Option<String> {
    let child =
        Command::new(tool).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            let is_required = std::env::var_os("VIGIE_REQUIRE_POPPLER").is_some();
            assert!(!is_required, "VIGIE_REQUIRE_POPPLER is set, and {tool} cannot be run: {error}");
            println!("skipped: install poppler-utils: {tool} cannot be run: {error}");
            return None;
        }
    };
    let mut stdin = child.stdin.take().unwrap();
    let bytes = pdf.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&bytes));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    // Poppler 22 takes the word of PDF/UA that nothing is suspect for a mistake.
    let complaints: Vec<&str> =
        complaints.lines().filter(|line| !line.is_empty() && !line.contains("Suspects")).collect();
    assert!(output.status.success() && complaints.is_empty(), "{tool} complains: {complaints:?}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Returns the words of a PDF with single blanks between them.
fn words(report: &Report) -> Option<String> {
    let text = poppler("pdftotext", &["-raw", "-", "-"], &report.pdf().unwrap())?;
    // Poppler makes a plain blank of the narrow one of French numbers.
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn the_same_report_is_the_same_bytes() {
    // They stay in the folder of temporary files of the tests, to be looked at.
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (name, input) in [("week", week()), ("quiet", quiet()), ("month", month())] {
        let pdf = period_report(&input).pdf().unwrap();
        std::fs::write(folder.join(name).with_extension("pdf"), &pdf).unwrap();
        assert!(pdf.starts_with(b"%PDF-1."), "{:?}", &pdf[..8]);
        assert!(pdf == period_report(&input.clone()).pdf().unwrap());
    }
    let one = incident(ReportLanguage::French);
    let pdf = incident_report(&one).pdf().unwrap();
    std::fs::write(folder.join("incident.pdf"), &pdf).unwrap();
    assert!(pdf == incident_report(&one).pdf().unwrap());
}

#[track_caller]
fn check_words(report: &Report, expected: &[String]) {
    let Some(text) = words(report) else { return };
    for expected in expected {
        assert!(text.contains(expected.as_str()), "the PDF does not say {expected:?}:\n{text}");
    }
}

#[test]
fn the_sheets_say_what_the_figures_say() {
    let input = week();
    let found = figures(&input);
    let severe = found.of_severity(Severity::Critical) + found.of_severity(Severity::High);
    let mut expected = vec![
        format!("Events read {}", "12,430"),
        format!("Alerts raised {}", found.alerts),
        format!("Critical and high {severe}"),
        format!("Open incidents {}", found.open_incidents()),
        format!("Actions carried out {}", found.actions_done),
        "Page 1 of ".to_owned(),
        "Security week 47, 2026".to_owned(),
        "TLP:AMBER".to_owned(),
        "Vigie read 12,430 events in this period and raised 15 alerts, 2 of them critical and 5 high.".to_owned(),
    ];
    expected.extend(found.sources.iter().map(|source| source.source.to_string()));
    expected.extend(found.advice.iter().map(|advice| advice.title.clone()));
    expected.extend(found.by_rule.iter().map(|rule| rule.title.clone()));
    expected.extend(found.techniques.iter().map(|technique| technique.technique.clone()));
    check_words(&period_report(&input), &expected);
}

#[test]
fn french_is_set_as_french_is() {
    let expected = [
        "Événements lus 12 430",
        "Rapport de sécurité mensuel",
        "du 1er novembre 2026 au 30 novembre 2026",
        "Par rapport au mois précédent",
        "Page 1 sur ",
    ];
    check_words(&period_report(&month()), &expected.map(str::to_owned));
    let expected = ["RAPPORT D’INCIDENT", "Qui a participé", "En vigueur", "Élévation de privilèges"];
    check_words(&incident_report(&incident(ReportLanguage::French)), &expected.map(str::to_owned));
}

#[test]
fn a_table_goes_on_over_sheets_and_every_sheet_has_its_number() {
    let mut input = incident(ReportLanguage::English);
    let seed = input.file.observables[0].clone();
    input.file.observables = (0..150)
        .map(|index| {
            let mut observable = seed.clone();
            observable.value = format!("203.0.113.{index}");
            observable
        })
        .collect();
    let report = incident_report(&input);
    let Some(text) = words(&report) else { return };
    let said = |what: &str| text.matches(what).count();
    let Some(about) = poppler("pdfinfo", &["-"], &report.pdf().unwrap()) else { return };
    let sheets = about.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap().trim().to_owned();
    assert_eq!(said(&format!("of {sheets}")), sheets.parse::<usize>().unwrap());
    assert!((0..150).all(|index| text.contains(&format!("203.0.113.{index}"))));
    assert!(said("Type Value Part played What is known") >= 4, "the head of the table comes again on every sheet");
    for expected in ["Tagged:          yes", "Page size:       595.28 x 841.89 pts (A4)", "JavaScript:      no"] {
        assert!(about.contains(expected), "{expected:?} is not in\n{about}");
    }
    assert!(about.contains("Title:           #7 Intrusion"), "{about}");
}

#[test]
fn hostile_texts_are_shown_and_do_nothing() {
    for hostile in HOSTILE.into_iter().chain(["日本語 العربية עברית \u{1f600}"]) {
        let input = poisoned(hostile);
        let report = period_report(&input);
        let pdf = report.pdf().unwrap();
        for word in [&b"/JavaScript"[..], b"/JS ", b"/Launch", b"/URI", b"/OpenAction", b"/EmbeddedFile"] {
            assert!(!pdf.windows(word.len()).any(|window| window == word), "{hostile:?} made {word:?}");
        }
        let Some(text) = words(&report) else { return };
        for char in ['\u{202e}', '\u{2066}', '\u{0}', '\u{1b}', 'ה', 'ا'] {
            assert!(!text.contains(char), "{hostile:?} left {char:?} in the PDF");
        }
    }
    let text = words(&period_report(&poisoned("invoice\u{202e}fdp.exe")));
    assert!(text.is_none_or(|text| text.contains("invoice[U+202E]fdp.exe")));
}

#[test]
fn texts_of_a_megabyte_are_cut() {
    for text in ["x".repeat(1 << 20), "\u{202e}".repeat(1 << 20), "word ".repeat(1 << 18)] {
        let report = period_report(&poisoned(&text));
        let pdf = report.pdf().unwrap();
        assert!(pdf.len() < 2_000_000, "{} bytes", pdf.len());
        assert!(report.html().len() < 2_000_000);
        poppler("pdftotext", &["-", "-"], &pdf);
    }
}

#[test]
fn a_tenants_style_is_on_both() {
    let mut input: PeriodInput = week();
    // One pixel: deflate of a filter byte and three zeros.
    let png = [
        &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde"[..],
        b"\0\0\0\x0cIDATx\x9cc```\0\0\0\x04\0\x01\xf6\x178U\0\0\0\0IEND\xaeB`\x82",
    ]
    .concat();
    input.style.logo = Some(Logo::new(png).unwrap());
    input.style.accent = Accent::new("#5b2333").unwrap();
    input.style.brand = Some("Northwatch".to_owned());
    let report = period_report(&input);
    let html = report.html();
    assert!(html.contains(":root { --navy: #5b2333; }") && html.contains("src=\"data:image/png;base64,iVBORw0KGgo"));
    let plain = period_report(&week()).pdf().unwrap();
    assert!(report.pdf().unwrap() != plain);
    check_words(&report, &["Northwatch".to_owned()]);
}
