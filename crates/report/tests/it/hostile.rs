//! Everything in a report came through logs: nothing of it may become markup.

use vigie_model::{Alert, Timestamp};
use vigie_report::{PeriodInput, period_report};

use crate::fixture::week;

pub(crate) const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg/onload=alert(1)>",
    "</style></title><iframe src=https://192.0.2.1/>",
    "invoice\u{202e}fdp.exe\u{2066}",
    "]]>--><!--\u{0}\u{1b}[2J\u{2028}",
];

/// Returns a week in which every text that an attacker or analyst can write is this one.
pub(crate) fn poisoned(text: &str) -> PeriodInput {
    let text = || text.to_owned();
    let mut input = week();
    input.tenant_name = text();
    input.title = Some(text());
    let poison = |alert: &mut Alert| {
        let mut rule = (*alert.rule).clone();
        rule.title = text();
        rule.description = text();
        rule.attack = vec![vigie_model::AttackTag::Technique(text()), vigie_model::AttackTag::Tactic(text())];
        alert.rule = rule.into();
        alert.title = text();
        alert.assignee = Some(text());
    };
    input.alerts.iter_mut().for_each(poison);
    for file in &mut input.cases {
        file.case.title = text();
        file.case.description = text();
        file.case.assignee = Some(text());
        if let Some(resolution) = &mut file.case.resolution {
            resolution.summary = text();
        }
        file.alerts.iter_mut().for_each(poison);
        file.timeline.iter_mut().for_each(|entry| entry.text = text());
        file.tasks.iter_mut().for_each(|task| task.title = text());
        for observable in &mut file.observables {
            observable.value = text();
            observable.context = vec![text()];
            observable.tags = vec![text()];
            observable.warning = Some(text());
        }
        for action in &mut file.actions {
            action.summary = text();
            action.steps.iter_mut().for_each(|step| (step.note, step.by) = (text(), text()));
        }
    }
    input
}

/// Returns the names of all tags of a page.
fn tags(html: &str) -> Vec<String> {
    let names = html
        .split('<')
        .skip(1)
        .map(|rest| rest.split(|char: char| char.is_whitespace() || char == '>').next().unwrap());
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn hostile_texts_add_no_tag_and_no_handler() {
    let clean = tags(&period_report(&week()).html());
    for text in HOSTILE {
        let html = period_report(&poisoned(text)).html();
        let added: Vec<String> = tags(&html).into_iter().filter(|tag| !clean.contains(tag)).collect();
        assert!(added.is_empty(), "{text:?} added the tags {added:?}");
        for char in ['\u{202e}', '\u{2066}', '\u{2028}', '\u{0}', '\u{1b}'] {
            assert!(!html.contains(char), "{text:?} left {char:?} in the page");
        }
    }
}

#[test]
fn the_page_asks_for_nothing() {
    let html = period_report(&week()).html();
    for word in ["<script", "<link", "<img", "<iframe", "<object", "<a ", "@import", "url(", " on", "src="] {
        let found = html.match_indices(word).map(|(at, _)| &html[at..(at + 30).min(html.len())]);
        let found: Vec<&str> = found.filter(|context| word != " on" || context.contains('=')).collect();
        assert!(found.is_empty(), "{word:?} is in the page: {found:?}");
    }
    assert!(html.contains("default-src 'none'"));
    assert_eq!(
        html.matches("http").count(),
        html.matches("http://www.w3.org/2000/svg").count() + html.matches("http-equiv").count()
    );
}

#[test]
fn times_at_the_edge_do_not_panic() {
    for time in [Timestamp::MIN, Timestamp::EPOCH, Timestamp::MAX] {
        let mut input = week();
        input.generated = time;
        input.from = time;
        input.to = time;
        for alert in &mut input.alerts {
            (alert.created, alert.first_seen, alert.closed) = (time, Timestamp::MAX, Some(Timestamp::MIN));
        }
        period_report(&input).html();
        period_report(&input).pdf().unwrap();
    }
}
