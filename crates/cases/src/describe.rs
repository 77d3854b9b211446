//! A case's title and description, in plain words, from its alerts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use vigie_model::{Alert, AttackTag, EntityRole, ObservableKind};

use crate::links::{is_acting, is_external_text};
use crate::text::{count, list, moment, one_line};
use crate::title::TITLE_CHARS_MAX;

/// How many alerts a description lists.
const ALERTS_LISTED_MAX: usize = 30;

const HAPPENED: &str = "of what happened from";
const FROM: &str = "It came from";
const TOUCHED: &str = "It touched";
const INVOLVED: &str = "Accounts and keys involved:";
const STAGES: &str = "Stages of an attack (ATT&CK tactics):";
const LISTED: &str = "Alerts, by their first event:";

/// ATT&CK's enterprise tactics in the order of an attack.
const TACTICS: [&str; 14] = [
    "reconnaissance",
    "resource-development",
    "initial-access",
    "execution",
    "persistence",
    "privilege-escalation",
    "defense-evasion",
    "credential-access",
    "discovery",
    "lateral-movement",
    "collection",
    "command-and-control",
    "exfiltration",
    "impact",
];

/// Returns the title of a case of these alerts: that of the alert where there is one, else who did how much to what.
pub(crate) fn case_title(alerts: &[Alert]) -> String {
    let [first, _, ..] = alerts else {
        return alerts.first().map(|alert| alert.title.clone()).unwrap_or_default();
    };
    let attackers = attackers(alerts);
    let victims = victims(alerts);
    let what = match (attackers.is_empty(), victims.is_empty()) {
        (false, false) => format!("Attack by {} on {}", list(&attackers, 2), list(&victims, 3)),
        (false, true) => format!("Attack by {}", list(&attackers, 2)),
        (true, false) => format!("Suspicious activity on {}", list(&victims, 3)),
        (true, true) => format!("{} and more", first.rule.title),
    };
    one_line(&what, TITLE_CHARS_MAX)
}

/// Returns what is known, in words: when, who, against what, which stages of an attack, and the alerts.
pub(crate) fn case_description(alerts: &[Alert]) -> String {
    let mut text = String::new();
    let Some(from) = alerts.iter().map(|alert| alert.first_seen).min() else { return text };
    let until = alerts.iter().map(|alert| alert.last_seen).max().unwrap_or(from);
    let findings = alerts.iter().map(|alert| alert.count).sum();
    let number = u64::try_from(alerts.len()).unwrap_or(u64::MAX);
    let verb = if number == 1 { "tells" } else { "tell" };
    let _ = writeln!(
        text,
        "{} ({}) {verb} {HAPPENED} {} to {}.",
        count(number, "alert"),
        count(findings, "finding"),
        moment(from),
        moment(until),
    );
    sentence(&mut text, FROM, &attackers(alerts));
    sentence(&mut text, TOUCHED, &victims(alerts));
    sentence(&mut text, INVOLVED, &accounts(alerts));
    let stages = stages(alerts);
    if !stages.is_empty() {
        let _ = writeln!(text, "{STAGES} {}.", stages.join(" → "));
    }
    let _ = writeln!(text, "\n{LISTED}");
    let mut sorted: Vec<&Alert> = alerts.iter().collect();
    sorted.sort_by_key(|alert| (alert.first_seen, alert.id));
    for alert in sorted.iter().take(ALERTS_LISTED_MAX) {
        let _ = writeln!(
            text,
            "- {} {} ({}, {})",
            moment(alert.first_seen),
            one_line(&alert.title, TITLE_CHARS_MAX),
            alert.severity,
            count(alert.count, "finding"),
        );
    }
    if let Some(more) = sorted.len().checked_sub(ALERTS_LISTED_MAX).filter(|more| *more > 0) {
        let _ = writeln!(text, "- and {more} more");
    }
    text
}

/// Returns whether every line of a description is one that [`case_description`] writes, of whatever alerts: then it may be
/// written anew. An analyst's own line is never overwritten.
pub(crate) fn is_our_description(text: &str) -> bool {
    let mut lines = text.lines();
    let Some(first) = lines.next() else { return true };
    first.contains(HAPPENED)
        && lines.all(|line| {
            line.is_empty()
                || line == LISTED
                || ["- ", FROM, TOUCHED, INVOLVED, STAGES].iter().any(|ours| line.starts_with(ours))
        })
}

fn sentence(text: &mut String, start: &str, items: &[String]) {
    if !items.is_empty() {
        let _ = writeln!(text, "{start} {}.", list(items, 6));
    }
}

/// Returns the external addresses that acted, the most frequent first.
fn attackers(alerts: &[Alert]) -> Vec<String> {
    by_frequency(alerts, |entity| {
        entity.kind == ObservableKind::Ip && is_acting(entity) && is_external_text(&entity.value)
    })
}

fn victims(alerts: &[Alert]) -> Vec<String> {
    let named = |kind| {
        matches!(
            kind,
            ObservableKind::Host | ObservableKind::AwsInstance | ObservableKind::AwsBucket | ObservableKind::AwsAccount
        )
    };
    by_frequency(alerts, |entity| named(entity.kind) && entity.role != EntityRole::Related)
        .into_iter()
        .map(|name| if is_account(&name) { format!("AWS account {name}") } else { name })
        .collect()
}

fn accounts(alerts: &[Alert]) -> Vec<String> {
    let kinds = [ObservableKind::User, ObservableKind::AwsKey, ObservableKind::AwsArn];
    by_frequency(alerts, |entity| kinds.contains(&entity.kind) && entity.role != EntityRole::Related)
}

fn is_account(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit())
}

fn by_frequency(alerts: &[Alert], wanted: impl Fn(&vigie_model::Entity) -> bool) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entity in alerts.iter().flat_map(|alert| &alert.entities).filter(|entity| wanted(entity)) {
        *counts.entry(&entity.value).or_default() += 1;
    }
    let mut names: Vec<(&str, usize)> = counts.into_iter().collect();
    // The sort is stable: names that are as frequent stay in the order of their letters.
    names.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    names.into_iter().map(|(name, _)| one_line(name, 100)).collect()
}

fn stages(alerts: &[Alert]) -> Vec<&'static str> {
    let has = |name: &str| {
        alerts
            .iter()
            .flat_map(|alert| &alert.rule.attack)
            .any(|tag| matches!(tag, AttackTag::Tactic(tactic) if tactic == name))
    };
    TACTICS.into_iter().filter(|name| has(name)).collect()
}
