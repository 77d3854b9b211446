//! The states of an action and the ways between them.

use vigie_model::{Action, ActionId, ActionStatus, ActionStep, Timestamp};

/// How many steps an action keeps: the first ten and the latest.
pub const STEPS_MAX: usize = 100;
const FIRST_STEPS_KEPT: usize = 10;

/// Something that happens to an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActionEvent {
    /// A guard rail says no; nothing was done.
    Refuse,
    /// An analyst must decide.
    AskApproval,
    /// An analyst, or the playbook itself, says yes.
    Approve,
    /// An analyst says no, or calls it off before it began.
    Reject,
    /// It is a dry run.
    Simulate,
    /// The executor is about to be called.
    Start,
    /// The executor did it.
    Succeed,
    /// The executor did not.
    Fail,
    /// It is to be tried again: it failed, or was found executing at start.
    Retry,
    /// It is about to be taken back.
    AskUndo,
    /// It was taken back.
    Undo,
    /// It could not be taken back, and stays in force.
    FailUndo,
    /// Another action made it last longer, or it was put back in force after a restart.
    Renew,
    /// It ended by itself.
    Expire,
}

impl ActionEvent {
    /// Every event.
    pub const ALL: [Self; 14] = [
        Self::Refuse,
        Self::AskApproval,
        Self::Approve,
        Self::Reject,
        Self::Simulate,
        Self::Start,
        Self::Succeed,
        Self::Fail,
        Self::Retry,
        Self::AskUndo,
        Self::Undo,
        Self::FailUndo,
        Self::Renew,
        Self::Expire,
    ];
}

/// An event that does not fit the state that an action is in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("action {id} is {}, so it cannot take {event:?}", from.as_str())]
pub struct TransitionError {
    /// The action.
    pub id: ActionId,
    /// The state that it is in.
    pub from: ActionStatus,
    /// What was to happen.
    pub event: ActionEvent,
}

/// Returns the action in its next state, with a step that tells of it. The caller stores it before acting on it.
///
/// # Errors
/// The event does not fit the state.
pub fn transition(
    mut action: Action,
    event: ActionEvent,
    by: &str,
    note: &str,
    now: Timestamp,
) -> Result<Action, TransitionError> {
    let Some(status) = next_status(action.status, event) else {
        return Err(TransitionError { id: action.id, from: action.status, event });
    };
    action.status = status;
    action.updated = now;
    action.steps.push(ActionStep { at: now, status, by: by.to_owned(), note: note.to_owned() });
    if action.steps.len() > STEPS_MAX {
        action.steps.remove(FIRST_STEPS_KEPT);
    }
    Ok(action)
}

/// Returns the state that an event leads to, or `None` where it does not fit.
pub const fn next_status(from: ActionStatus, event: ActionEvent) -> Option<ActionStatus> {
    match from {
        ActionStatus::Planned => planned(event),
        ActionStatus::AwaitingApproval => awaiting_approval(event),
        ActionStatus::Approved => approved(event),
        ActionStatus::Executing => executing(event),
        ActionStatus::Failed => failed(event),
        ActionStatus::Done => done(event),
        // The ends: nothing leads out of them.
        ActionStatus::Refused
        | ActionStatus::Rejected
        | ActionStatus::Simulated
        | ActionStatus::Undone
        | ActionStatus::Expired => None,
    }
}

/// Nothing is decided.
const fn planned(event: ActionEvent) -> Option<ActionStatus> {
    use ActionEvent as Event;
    match event {
        Event::Refuse => Some(ActionStatus::Refused),
        Event::AskApproval => Some(ActionStatus::AwaitingApproval),
        Event::Approve => Some(ActionStatus::Approved),
        Event::Reject => Some(ActionStatus::Rejected),
        Event::Simulate => Some(ActionStatus::Simulated),
        Event::Start
        | Event::Succeed
        | Event::Fail
        | Event::Retry
        | Event::AskUndo
        | Event::Undo
        | Event::FailUndo
        | Event::Renew
        | Event::Expire => None,
    }
}

/// An analyst must decide; the guard rails may still say no.
const fn awaiting_approval(event: ActionEvent) -> Option<ActionStatus> {
    use ActionEvent as Event;
    match event {
        Event::Refuse => Some(ActionStatus::Refused),
        Event::Approve => Some(ActionStatus::Approved),
        Event::Reject => Some(ActionStatus::Rejected),
        Event::Simulate => Some(ActionStatus::Simulated),
        Event::AskApproval
        | Event::Start
        | Event::Succeed
        | Event::Fail
        | Event::Retry
        | Event::AskUndo
        | Event::Undo
        | Event::FailUndo
        | Event::Renew
        | Event::Expire => None,
    }
}

/// It may begin, or be called off.
const fn approved(event: ActionEvent) -> Option<ActionStatus> {
    use ActionEvent as Event;
    match event {
        Event::Refuse => Some(ActionStatus::Refused),
        Event::Reject => Some(ActionStatus::Rejected),
        Event::Simulate => Some(ActionStatus::Simulated),
        Event::Start => Some(ActionStatus::Executing),
        Event::AskApproval
        | Event::Approve
        | Event::Succeed
        | Event::Fail
        | Event::Retry
        | Event::AskUndo
        | Event::Undo
        | Event::FailUndo
        | Event::Renew
        | Event::Expire => None,
    }
}

/// The executor checks the never-touch list once more, as its last step before the kernel, so it may refuse.
const fn executing(event: ActionEvent) -> Option<ActionStatus> {
    use ActionEvent as Event;
    match event {
        Event::Refuse => Some(ActionStatus::Refused),
        Event::Succeed => Some(ActionStatus::Done),
        Event::Fail => Some(ActionStatus::Failed),
        Event::Retry => Some(ActionStatus::Approved),
        Event::AskApproval
        | Event::Approve
        | Event::Reject
        | Event::Simulate
        | Event::Start
        | Event::AskUndo
        | Event::Undo
        | Event::FailUndo
        | Event::Renew
        | Event::Expire => None,
    }
}

/// It may be tried again or given up.
const fn failed(event: ActionEvent) -> Option<ActionStatus> {
    use ActionEvent as Event;
    match event {
        Event::Retry => Some(ActionStatus::Approved),
        Event::Reject => Some(ActionStatus::Rejected),
        Event::Refuse
        | Event::AskApproval
        | Event::Approve
        | Event::Simulate
        | Event::Start
        | Event::Succeed
        | Event::Fail
        | Event::AskUndo
        | Event::Undo
        | Event::FailUndo
        | Event::Renew
        | Event::Expire => None,
    }
}

/// It is in force, or was over at once.
const fn done(event: ActionEvent) -> Option<ActionStatus> {
    use ActionEvent as Event;
    match event {
        Event::AskUndo | Event::FailUndo | Event::Renew => Some(ActionStatus::Done),
        Event::Undo => Some(ActionStatus::Undone),
        Event::Expire => Some(ActionStatus::Expired),
        Event::Refuse
        | Event::AskApproval
        | Event::Approve
        | Event::Reject
        | Event::Simulate
        | Event::Start
        | Event::Succeed
        | Event::Fail
        | Event::Retry => None,
    }
}
