//! Agreed times.

use serde_json::json;
use vigie_cases::{NewEmptyCase, SlaPolicy, open_empty_case};
use vigie_model::{Case, CaseId, Severity};

use crate::samples::{at, tenant};

fn policy() -> SlaPolicy {
    let text = json!({"acknowledge_minutes": {"critical": 10, "high": 60}, "resolve_minutes": {"critical": 100}});
    serde_json::from_value(text).unwrap()
}

fn case(severity: Severity) -> Case {
    let new = NewEmptyCase {
        id: CaseId::from_bytes([1; 16]),
        tenant: tenant("acme"),
        number: 1,
        title: "x",
        description: "",
        severity,
        tags: &[],
        by: "ann",
        now: at(0),
    };
    open_empty_case(&new).unwrap().case
}

/// `acknowledged` and `closed` in minutes after the case was opened.
fn check(severity: Severity, acknowledged: Option<i64>, closed: Option<i64>, now: i64, expected: &[&str]) {
    let minutes = |minutes: i64| at(minutes * 60);
    let case = Case { acknowledged: acknowledged.map(minutes), closed: closed.map(minutes), ..case(severity) };
    let steps = policy().steps(&case, minutes(now));
    let words: Vec<String> = steps
        .iter()
        .map(|sla| format!("{} {}", json!(sla.step).as_str().unwrap(), json!(sla.state).as_str().unwrap()))
        .collect();
    assert_eq!(words, expected, "{severity} {acknowledged:?} {closed:?} {now}");
}

#[test]
fn a_case_is_in_time_or_late_with_each_step() {
    use Severity::{Critical, High, Low};
    check(Critical, None, None, 0, &["acknowledge running", "resolve running"]);
    check(Critical, None, None, 8, &["acknowledge near", "resolve running"]);
    check(Critical, None, None, 10, &["acknowledge near", "resolve running"]);
    check(Critical, None, None, 11, &["acknowledge breached", "resolve running"]);
    check(Critical, Some(10), None, 80, &["acknowledge met", "resolve near"]);
    check(Critical, Some(11), None, 101, &["acknowledge missed", "resolve breached"]);
    check(Critical, Some(5), Some(100), 500, &["acknowledge met", "resolve met"]);
    check(Critical, None, Some(101), 500, &["acknowledge missed", "resolve missed"]);
    check(High, None, None, 0, &["acknowledge running"]);
    check(Low, None, None, 9_999, &[]);
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let check = |change: &dyn Fn(&mut SlaPolicy), expected: &str| {
        let mut policy = policy();
        change(&mut policy);
        assert!(policy.check().unwrap_err().to_string().contains(expected));
    };
    assert_eq!(policy().check(), Ok(()));
    check(&|policy| policy.near_percent = 100, "`near_percent` is 100");
    let resolve = |severity: Severity, minutes: u32| {
        move |policy: &mut SlaPolicy| {
            policy.resolve_minutes.insert(severity, minutes);
        }
    };
    check(&resolve(Severity::Low, 0), "`resolve_minutes.low` is 0");
    check(&resolve(Severity::Critical, 9), "a critical case is to be closed sooner");
}
