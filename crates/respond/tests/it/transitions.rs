//! The states of an action.

use std::collections::BTreeSet;

use vigie_model::{ActionStatus as Status, Severity};
use vigie_respond::{ActionEvent as Event, STEPS_MAX, next_status, transition};

use crate::sample::{World, alert, block, now};

const ALL: [Status; 11] = [
    Status::Planned,
    Status::Refused,
    Status::AwaitingApproval,
    Status::Rejected,
    Status::Approved,
    Status::Simulated,
    Status::Executing,
    Status::Done,
    Status::Failed,
    Status::Undone,
    Status::Expired,
];

fn reachable(from: Status) -> BTreeSet<&'static str> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(status) = open.pop() {
        for next in Event::ALL.into_iter().filter_map(|event| next_status(status, event)) {
            if seen.insert(next.as_str()) {
                open.push(next);
            }
        }
    }
    seen
}

#[test]
fn the_ends_are_ends() {
    for end in [Status::Refused, Status::Rejected, Status::Simulated, Status::Undone, Status::Expired] {
        assert!(reachable(end).is_empty(), "{end:?} leads somewhere");
    }
    for from in ALL {
        let there = reachable(from);
        let may = matches!(
            from,
            Status::Planned | Status::AwaitingApproval | Status::Approved | Status::Executing | Status::Failed
        );
        assert_eq!(there.contains("executing"), may, "{from:?}");
    }
}

#[test]
fn only_an_approved_action_begins() {
    let begins: Vec<Status> = ALL.into_iter().filter(|from| next_status(*from, Event::Start).is_some()).collect();
    assert_eq!(begins, [Status::Approved]);
    let done: Vec<Status> = ALL.into_iter().filter(|from| next_status(*from, Event::Succeed).is_some()).collect();
    assert_eq!(done, [Status::Executing]);
}

#[test]
fn a_life_is_recorded_step_by_step() {
    let alert = alert("t", Severity::High, &[], &["source ip 203.0.113.7"]);
    let mut action = World::default().plan(&[block("b", "analyst", "1h")], &alert, now()).remove(0);
    assert_eq!(action.status, Status::AwaitingApproval);
    for event in [
        Event::Approve,
        Event::Start,
        Event::Fail,
        Event::Retry,
        Event::Start,
        Event::Succeed,
        Event::AskUndo,
        Event::Undo,
    ] {
        action = transition(action, event, "ann", "because", now()).unwrap();
    }
    let life: Vec<&str> = action.steps.iter().map(|step| step.status.as_str()).collect();
    assert_eq!(
        life,
        [
            "planned",
            "awaiting_approval",
            "approved",
            "executing",
            "failed",
            "approved",
            "executing",
            "done",
            "done",
            "undone"
        ]
    );
    let error = transition(action, Event::Start, "ann", "", now()).unwrap_err();
    assert!(error.to_string().contains("is undone, so it cannot take Start"), "{error}");
}

#[test]
fn steps_do_not_grow_for_ever() {
    let alert = alert("t", Severity::High, &[], &["source ip 203.0.113.7"]);
    let mut action = World::default().plan(&[block("b", "none", "1h")], &alert, now()).remove(0);
    for round in 0..STEPS_MAX {
        for event in [Event::Start, Event::Fail, Event::Retry] {
            action = transition(action, event, "vigie", &format!("round {round}"), now()).unwrap();
        }
    }
    assert_eq!(action.steps.len(), STEPS_MAX);
    assert_eq!(action.steps[0].status, Status::Planned);
    assert_eq!(action.steps[STEPS_MAX - 1].note, format!("round {}", STEPS_MAX - 1));
}
