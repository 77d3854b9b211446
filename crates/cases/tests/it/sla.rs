//! How soon a case must be taken up and resolved.

use std::time::Duration;

use vigie_cases::{SlaPolicy, SlaState, SlaTarget, sla};
use vigie_model::{Case, Severity};

use crate::desk::samples::case;
use crate::samples::at;

const HOUR: Duration = Duration::from_hours(1);

/// Critical cases are taken up within an hour and resolved within four, others as long as it takes.
fn policy() -> SlaPolicy {
    let mut targets = [SlaTarget::default(); 5];
    targets[Severity::Critical as usize] = SlaTarget { acknowledge: Some(HOUR), resolve: Some(4 * HOUR) };
    SlaPolicy { targets, near_percent: 75 }
}

fn check(case: &Case, now: i64, acknowledge: Option<SlaState>, resolve: Option<SlaState>, open: Option<SlaState>) {
    let stands = sla(case, &policy(), at(now));
    let states = (stands.acknowledge.map(|clock| clock.state), stands.resolve.map(|clock| clock.state));
    assert_eq!((states, stands.open_state(case)), ((acknowledge, resolve), open), "after {now} s");
}

#[test]
fn a_clock_runs_until_it_is_done() {
    use SlaState::{Breached, Met, Near, Running};
    let calm = case(1, "calm");
    check(&calm, 1_000_000, None, None, None);
    let mut bad = Case { severity: Severity::Critical, ..calm };
    let clock = sla(&bad, &policy(), at(0)).acknowledge.unwrap();
    assert_eq!((clock.near, clock.due), (at(2_700), at(3_600)));
    check(&bad, 0, Some(Running), Some(Running), Some(Running));
    check(&bad, 2_699, Some(Running), Some(Running), Some(Running));
    check(&bad, 2_700, Some(Near), Some(Running), Some(Near));
    check(&bad, 3_600, Some(Near), Some(Running), Some(Near));
    check(&bad, 3_601, Some(Breached), Some(Running), Some(Breached));
    bad.acknowledged = Some(at(3_600));
    check(&bad, 3_601, Some(Met), Some(Running), Some(Running));
    bad.acknowledged = Some(at(3_601));
    check(&bad, 3_602, Some(Breached), Some(Running), Some(Running));
    check(&bad, 4 * 3_600 + 1, Some(Breached), Some(Breached), Some(Breached));
    bad.closed = Some(at(4 * 3_600));
    check(&bad, 9 * 3_600, Some(Breached), Some(Met), None);
}

#[test]
fn times_without_end_do_no_harm() {
    let mut policy = policy();
    policy.near_percent = 4_000;
    policy.targets[Severity::Medium as usize].resolve = Some(Duration::MAX);
    let clock = sla(&case(1, "x"), &policy, at(0)).resolve.unwrap();
    assert_eq!((clock.state, clock.due), (SlaState::Running, vigie_model::Timestamp::MAX));
}
