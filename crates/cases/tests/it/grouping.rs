//! What ties alerts together, and when they become a case.

use vigie_cases::{CaseLinks, IncidentPolicy, NewCase, Proposal, group, link_values, linked, links, open_case};
use vigie_model::{Alert, AlertStatus, CaseId, CaseStatus, Severity};

use crate::samples::{alert, at, tenant, warnings};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// Says what ties an alert about `left` at 12:00 to one about `right` so many seconds later.
#[track_caller]
fn check(left: &str, right: &str, seconds: i64, expected: &[&str]) {
    let (left, right) = (alert("a", Severity::Low, left, 0), alert("b", Severity::Low, right, seconds));
    let policy = IncidentPolicy::default();
    let ties: Vec<String> = linked(&left, &right, &policy, &warnings).iter().map(ToString::to_string).collect();
    assert_eq!(ties, expected);
    assert_eq!(linked(&left, &right, &policy, &warnings), linked(&right, &left, &policy, &warnings));
}

#[test]
fn what_an_attacker_brings_along_ties() {
    check("<ip:203.0.113.7 >host:a", "<ip:203.0.113.7 >host:b", 6 * 24 * HOUR, &["ip 203.0.113.7"]);
    check("<ip:203.0.113.7", "<ip:203.0.113.7", 8 * 24 * HOUR, &[]);
    check("<ip:203.0.113.7", "@ip:203.0.113.7", 0, &["ip 203.0.113.7"]);
    check("<ip:2001:db8::7", "<ip:2001:db8::7", 0, &["ip 2001:db8::7"]);
    check("@aws_key:AKIAIOSFODNN7EXAMPLE", "aws_key:AKIAIOSFODNN7EXAMPLE", 0, &["aws_key AKIAIOSFODNN7EXAMPLE"]);
    check(
        "hash:d41d8cd98f00b204e9800998ecf8427e",
        "hash:d41d8cd98f00b204e9800998ecf8427e",
        0,
        &["hash d41d8cd98f00b204e9800998ecf8427e"],
    );
    check("domain:evil.example", ">domain:evil.example", 0, &["domain evil.example"]);
    // Our machine speaks to the same stranger twice.
    check("<aws_instance:i-0abc >ip:203.0.113.7", "<ip:10.0.0.5 >ip:203.0.113.7", 0, &["ip 203.0.113.7"]);
}

#[test]
fn what_everybody_shares_does_not_tie() {
    check("<ip:10.0.0.1", "<ip:10.0.0.1", 0, &[]);
    check("<ip:192.168.1.1 >host:a", "<ip:192.168.1.1 >host:b", 0, &[]);
    check("<ip:100.64.0.1", "<ip:100.64.0.1", 0, &[]);
    check("<ip:fd00::1", "<ip:fd00::1", 0, &[]);
    check("<ip:9.9.9.9", "<ip:9.9.9.9", 0, &[]);
    check("domain:well-known.example", "domain:well-known.example", 0, &[]);
    check("ip:203.0.113.7", "ip:203.0.113.7", 0, &[]);
    check("user_agent:curl @aws_account:111122223333", "user_agent:curl @aws_account:111122223333", 0, &[]);
    // Two strangers knock at the same public address and the same site: those are ours.
    check(
        "<ip:203.0.113.7 >ip:198.51.100.5 >domain:www.example.com",
        "<ip:203.0.113.8 >ip:198.51.100.5 >domain:www.example.com",
        0,
        &[],
    );
}

#[test]
fn an_account_on_a_machine_ties_for_a_while() {
    check("@user:deploy >host:web-01", "@user:deploy >host:web-01", 2 * HOUR, &["deploy on web-01"]);
    check("@user:deploy >host:web-01", "@user:deploy >host:web-01", 2 * HOUR + 1, &[]);
    check("@user:deploy >host:web-01", "@user:deploy >host:web-02", 0, &[]);
    check("@user:ann >host:web-01", "@user:bob >host:web-01", 0, &[]);
    check("@user:SYSTEM >host:dc-01 @user:DC-01$", "@user:system >host:dc-01 @user:DC-01$", 0, &[]);
    check("<ip:203.0.113.7 @user:root >host:web-01", "@user:root >host:web-01", 0, &["root on web-01"]);
    // Each has its own attacker.
    check("<ip:203.0.113.7 @user:root >host:web-01", "<ip:203.0.113.8 @user:root >host:web-01", 0, &[]);
    check("<ip:10.0.0.7 @user:root >host:web-01", "<ip:10.0.0.8 @user:root >host:web-01", 0, &["root on web-01"]);
}

/// What a new account is tied to by the break-in before it: the alert of `severity` about `first` at 12:00 and the one about
/// `next` so many seconds later.
#[track_caller]
fn check_after(severity: Severity, first: &str, next: &str, seconds: i64, expected: &[&str]) {
    let (first, next) = (alert("a", severity, first, 0), alert("b", Severity::Low, next, seconds));
    let ties: Vec<String> =
        linked(&first, &next, &IncidentPolicy::default(), &warnings).iter().map(ToString::to_string).collect();
    assert_eq!(ties, expected);
}

#[test]
fn what_follows_a_break_in_on_the_same_machine_ties() {
    let break_in = "<ip:203.0.113.7 @user:deploy >host:web-01";
    let added = ">user:backup >host:web-01";
    check_after(Severity::Critical, break_in, added, 60, &["web-01 after somebody got in"]);
    check_after(Severity::High, break_in, added, 60, &[]);
    check_after(Severity::Critical, break_in, added, -60, &[]);
    check_after(Severity::Critical, break_in, added, 2 * HOUR + 1, &[]);
    check_after(Severity::Critical, break_in, ">user:backup >host:web-02", 60, &[]);
    // It has an attacker of its own.
    check_after(Severity::Critical, break_in, "<ip:203.0.113.8 >host:web-01", 60, &[]);
    // Nobody from outside: an administrator's mistake does not make the next change suspicious.
    check_after(Severity::Critical, "@user:deploy >host:web-01", added, 60, &[]);
}

#[test]
fn alerts_of_two_tenants_are_never_tied() {
    let left = alert("a", Severity::Critical, "<ip:203.0.113.7", 0);
    let right = Alert { tenant: tenant("globex"), ..alert("b", Severity::Critical, "<ip:203.0.113.7", 0) };
    let policy = IncidentPolicy::default();
    assert_eq!(linked(&left, &right, &policy, &warnings), []);
    let case = open(&right);
    let proposal = group(&left, std::slice::from_ref(&right), &[case], &policy, &warnings);
    assert_eq!(proposal, Proposal::Open { alerts: vec![left.id], because: vec![] });
}

#[test]
fn values_to_look_for() {
    let alert = alert("a", Severity::Low, "<ip:203.0.113.7 >ip:10.0.0.5 @user:root >host:web-01", 0);
    assert_eq!(links(&alert, &warnings).len(), 2);
    let values: Vec<String> = link_values(&alert, &warnings).into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, ["203.0.113.7", "web-01"]);
}

fn proposal(alert: &Alert, related: &[Alert], cases: &[CaseLinks]) -> Proposal {
    group(alert, related, cases, &IncidentPolicy::default(), &warnings)
}

/// What ties alerts to a case that was opened of this alert.
fn open(alert: &Alert) -> CaseLinks {
    opened(alert, 1, CaseStatus::Open, 0)
}

fn opened(alert: &Alert, number: u64, status: CaseStatus, seconds: i64) -> CaseLinks {
    let loose = Alert { case: None, ..alert.clone() };
    let new = NewCase { id: id(number), number, by: "vigie", now: at(seconds), alerts: &[loose], warnings: &warnings };
    let mut change = open_case(&new).unwrap();
    change.case.status = status;
    CaseLinks::of(&change.case, &change.observables, &warnings)
}

fn id(number: u64) -> CaseId {
    CaseId::derive([number.to_string()])
}

fn within(alert: Alert, number: u64) -> Alert {
    Alert { case: Some(id(number)), ..alert }
}

#[test]
fn a_bad_alert_opens_a_case_alone_and_others_do_so_together() {
    let low = |name: &str, about: &str| alert(name, Severity::Low, about, 0);
    let high = alert("h", Severity::High, "<ip:203.0.113.7", 0);
    assert_eq!(proposal(&high, &[], &[]), Proposal::Open { alerts: vec![high.id], because: vec![] });
    let (one, two) = (low("a", "<ip:203.0.113.7"), low("b", "<ip:203.0.113.7"));
    assert_eq!(proposal(&one, &[], &[]), Proposal::None);
    let Proposal::Open { alerts, because } = proposal(&one, &[two.clone(), low("c", "<ip:198.51.100.9")], &[]) else {
        panic!("no case")
    };
    assert_eq!((alerts, because.len()), (vec![one.id, two.id], 1));
    // What is only worth knowing opens none, however much of it there is.
    let info = |name: &str| alert(name, Severity::Informational, "<ip:203.0.113.7", 0);
    assert_eq!(proposal(&info("a"), &[info("b"), info("c")], &[]), Proposal::None);
    let closed = Alert { status: AlertStatus::Closed, ..two };
    assert_eq!(proposal(&one, std::slice::from_ref(&closed), &[]), Proposal::None);
    assert_eq!(proposal(&closed, &[one], &[]), Proposal::None);
}

#[test]
fn alerts_that_are_tied_through_others_come_along() {
    let near = alert("a", Severity::Low, "<ip:203.0.113.7 @user:deploy >host:web-01", 0);
    let middle = alert("b", Severity::Low, "@user:deploy >host:web-01 hash:aa", 60);
    let far = alert("c", Severity::Low, "hash:aa", 120);
    for related in [[middle.clone(), far.clone()], [far.clone(), middle.clone()]] {
        let Proposal::Open { alerts, .. } = proposal(&near, &related, &[]) else { panic!("no case") };
        assert_eq!(alerts, [near.id, middle.id, far.id]);
    }
}

#[test]
fn an_alert_joins_the_open_case_that_it_is_tied_to() {
    let member = within(alert("a", Severity::High, "<ip:203.0.113.7", 0), 1);
    let new = alert("b", Severity::Low, "<ip:203.0.113.7", 60);
    let merge = |alerts: &[&Alert]| alerts.iter().map(|alert| alert.id).collect::<Vec<_>>();
    let Proposal::Merge { case, alerts, suggested, because } = proposal(&new, &[], &[open(&member)]) else {
        panic!("by the observable")
    };
    assert_eq!((case, alerts, suggested, because.len()), (id(1), merge(&[&new]), vec![], 1));
    // By a member whose account is no observable that ties.
    let member = within(alert("a", Severity::High, "@user:deploy >host:web-01", 0), 1);
    let new = alert("b", Severity::Low, "@user:deploy >host:web-01", 60);
    let Proposal::Merge { case, .. } = proposal(&new, std::slice::from_ref(&member), &[open(&member)]) else {
        panic!("by a member")
    };
    assert_eq!(case, id(1));
    // A closed case is left alone, and its alerts with it.
    let closed = opened(&member, 1, CaseStatus::Closed, 0);
    assert_eq!(proposal(&new, std::slice::from_ref(&member), &[closed]), Proposal::None);
    assert_eq!(proposal(&new, &[member], &[]), Proposal::None);
}

#[test]
fn two_cases_that_become_tied_are_suggested_and_not_merged() {
    let older = within(alert("a", Severity::High, "<ip:203.0.113.7", 0), 2);
    let newer = within(alert("b", Severity::High, "<ip:198.51.100.9", 0), 1);
    let cases = [opened(&newer, 1, CaseStatus::Open, 10), opened(&older, 2, CaseStatus::Open, 5)];
    let related = [older.clone(), newer.clone()];
    let bridge = alert("c", Severity::Low, "<ip:203.0.113.7 <ip:198.51.100.9", 60);
    let Proposal::Merge { case, alerts, suggested, .. } = proposal(&bridge, &related, &cases) else { panic!("none") };
    assert_eq!((case, alerts, suggested), (id(2), vec![bridge.id], vec![id(1)]), "the older case takes it");
    // Once it is part of a case, only the suggestion is left; and a loose alert that it has become tied to.
    let part = within(bridge, 2);
    let loose = alert("d", Severity::Informational, "<ip:203.0.113.7", 90);
    let Proposal::Merge { case, alerts, suggested, .. } =
        proposal(&part, &[related.to_vec(), vec![loose.clone()]].concat(), &cases)
    else {
        panic!("none")
    };
    assert_eq!((case, alerts, suggested), (id(2), vec![loose.id], vec![id(1)]));
    assert_eq!(proposal(&part, &[], &cases[1..]), Proposal::None, "nothing new");
}
