//! What is counted, where the golden numbers alone would not say why.

use std::time::Duration;

use vigie_model::{AlertStatus, Severity};
use vigie_report::{PeriodInput, Stage, figures, period_report};

use crate::fixture::{at, quiet, week};

#[test]
fn an_action_on_a_case_and_in_the_list_counts_once() {
    let mut input = week();
    let before = figures(&input).actions;
    input.actions.extend(input.cases[1].actions.clone());
    assert_eq!(figures(&input).actions, before);
}

#[test]
fn a_block_that_was_taken_back_contains_nothing() {
    let mut input = week();
    assert_eq!(figures(&input).incidents[0].stage, Stage::Contained);
    for action in &mut input.cases[1].actions {
        if !action.kind.starts_with("notify.") {
            action.status = vigie_model::ActionStatus::Undone;
        }
    }
    assert_eq!(figures(&input).incidents[0].stage, Stage::Open);
}

#[test]
fn a_message_is_no_response() {
    let mut input = week();
    input.cases[1].actions.retain(|action| action.kind.starts_with("notify."));
    input.cases[0].actions.clear();
    assert_eq!(figures(&input).times.respond.mean_s, None);
}

#[test]
fn mean_times() {
    let times = figures(&week()).times;
    assert_eq!(times.detect.mean_s, Some(40));
    // The block two seconds after its alert, the key after six and a half minutes, the scanner's block after three seconds.
    assert_eq!((times.respond.alerts, times.respond.median_s, times.respond.longest_s), (3, Some(3), Some(387)));
}

#[track_caller]
fn check_words(input: &PeriodInput, expected: &[&str]) {
    let html = period_report(input).html();
    for words in expected {
        assert!(html.contains(words), "the page does not say {words:?}");
    }
}

#[test]
fn the_summary_is_made_of_the_numbers() {
    check_words(
        &week(),
        &[
            "Vigie read 12,430 events in this period and raised 15 alerts, 2 of them critical and 5 high.",
            "is contained and still being worked on",
            "is closed (confirmed attack)",
            "+25\u{a0}% on last week",
            "+6 on last week",
        ],
    );
    check_words(
        &quiet(),
        &[
            "Vigie read 0 events in this period and raised no alert.",
            "nothing could have been seen",
            "Close the gap in the logs",
            "not enough data",
            "No alert was raised",
        ],
    );
}

#[test]
fn a_period_of_any_length_is_bounded() {
    let mut input = week();
    input.from = vigie_model::Timestamp::MIN;
    input.to = vigie_model::Timestamp::MAX;
    assert_eq!(figures(&input).per_day.len(), 92);
    input.to = input.from;
    assert_eq!(figures(&input).per_day.len(), 0);
    period_report(&input).html();
}

#[test]
fn what_went_wrong_in_the_soc_is_advice_too() {
    let mut input = week();
    input.events_per_day.retain(|(time, _)| time.day() != "2026-11-21");
    let titles: Vec<String> = figures(&input).advice.into_iter().map(|advice| advice.title).collect();
    for expected in ["Close the gap in the logs", "Take up the severe alerts that wait"] {
        assert!(titles.iter().any(|title| title == expected), "{expected} is not among {titles:?}");
    }
}

#[track_caller]
fn check_gap(generated: vigie_model::Timestamp, days: &[u32], expected: Option<&[&str]>) {
    let mut input = week();
    input.generated = generated;
    input.events_per_day = days.iter().map(|day| (at(*day, "12:00:00"), 5)).collect();
    let advice = figures(&input).advice;
    let found = advice.iter().find(|advice| advice.title == "Close the gap in the logs");
    let found = found.map(|advice| advice.because.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(found, expected.map(<[&str]>::to_vec));
}

#[test]
fn days_without_events() {
    let after = at(23, "06:00:00");
    check_gap(after, &[16, 17, 18, 20, 21, 22], Some(&["Thu 19 Nov"]));
    check_gap(after, &[20, 21, 22], None);
    check_gap(at(20, "12:00:00"), &[18, 19], None);
    check_gap(at(20, "12:00:00"), &[17, 18, 20], Some(&["Thu 19 Nov"]));
    check_gap(at(18, "12:00:00"), &[], Some(&["Mon 16 Nov", "Tue 17 Nov"]));
}

#[test]
fn a_thousand_alerts_make_a_page_of_bounded_length() {
    let mut input = week();
    let seed = input.alerts[0].clone();
    input.alerts = (0..1_000_u64)
        .map(|index| {
            let mut alert = seed.clone();
            let mut rule = (*alert.rule).clone();
            rule.id = vigie_model::RuleId::new(&format!("rule-{index}")).unwrap();
            alert.rule = rule.into();
            alert.created = at(18, "00:00:00").plus(Duration::from_secs(index));
            alert.status = AlertStatus::New;
            alert.severity = Severity::Low;
            alert
        })
        .collect();
    let html = period_report(&input).html();
    assert!(html.contains("975 more are in Vigie."));
    assert!(html.len() < 200_000, "{} bytes", html.len());
}
