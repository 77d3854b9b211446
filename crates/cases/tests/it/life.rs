//! What analysts do with alerts, cases and tasks.

use vigie_cases::{
    AlertEdit, ChangeError, CloseError, Closing, NewCase, OpenTasks, TaskEdit, acknowledge_alert, acknowledge_case,
    add_comment, add_note, add_task, assign_alert, assign_case, close_alert, close_case, edit_alert, edit_task,
    open_case, reopen_alert, reopen_case,
};
use vigie_model::{
    AlertStatus, CaseId, CaseStatus, CommentId, Resolution, Severity, TaskId, TaskStatus, TimelineId, TimelineKind,
    Verdict,
};

use crate::samples::{alert, at, warnings};

fn resolution(summary: &str) -> Resolution {
    Resolution { verdict: Verdict::TruePositive, summary: summary.into() }
}

#[test]
fn the_life_of_an_alert() {
    let new = alert("a", Severity::Low, "<ip:203.0.113.7", 0);
    let taken = acknowledge_alert(&new, "ann", at(10)).unwrap();
    assert_eq!((taken.status, taken.acknowledged, taken.version), (AlertStatus::InProgress, Some(at(10)), 2));
    assert_eq!(taken.assignee.as_deref(), Some("ann"));
    let again = acknowledge_alert(&taken, "bob", at(20)).unwrap();
    assert_eq!((again.acknowledged, again.assignee.as_deref()), (Some(at(10)), Some("ann")), "the first time counts");
    let given = assign_alert(&again, Some("bob"), at(30)).unwrap();
    assert_eq!(given.assignee.as_deref(), Some("bob"));
    assert_eq!(assign_alert(&given, None, at(30)).unwrap().assignee, None);
    assert_eq!(assign_alert(&given, Some(" "), at(30)), Err(ChangeError::Empty("assignee")));
    let edit = AlertEdit {
        severity: Some(Severity::Critical),
        tags: Some(vec![" vip ".into(), "vip".into()]),
        ..AlertEdit::default()
    };
    let edited = edit_alert(&given, &edit, at(40)).unwrap();
    assert_eq!(
        (edited.severity, edited.tags.as_slice(), edited.updated),
        (Severity::Critical, &["vip".to_owned()][..], at(40))
    );
    let long = AlertEdit { title: Some("x".repeat(513)), ..AlertEdit::default() };
    assert_eq!(edit_alert(&given, &long, at(40)), Err(ChangeError::TooLong { field: "title", chars_max: 512 }));
    let many = AlertEdit { tags: Some((0..101).map(|tag| tag.to_string()).collect()), ..AlertEdit::default() };
    assert_eq!(edit_alert(&given, &many, at(40)), Err(ChangeError::TooManyTags(100)));
    let closed = close_alert(&edited, resolution(""), at(50)).unwrap();
    assert_eq!((closed.status, closed.closed, closed.version), (AlertStatus::Closed, Some(at(50)), edited.version + 1));
    assert_eq!(close_alert(&closed, resolution(""), at(60)), Err(ChangeError::Closed));
    assert_eq!(acknowledge_alert(&closed, "ann", at(60)), Err(ChangeError::Closed));
    assert_eq!(reopen_alert(&edited, at(60)), Err(ChangeError::NotClosed));
    let reopened = reopen_alert(&closed, at(60)).unwrap();
    assert_eq!((reopened.status, reopened.closed, reopened.resolution), (AlertStatus::InProgress, None, None));
}

#[test]
fn the_life_of_a_case() {
    let member = alert("a", Severity::High, "<ip:203.0.113.7", 0);
    let id = CaseId::from_bytes([1; 16]);
    let new = NewCase { id, number: 1, by: "vigie", now: at(0), alerts: &[member], warnings: &warnings };
    let opened = open_case(&new).unwrap();
    let taken = acknowledge_case(&opened.case, "ann", at(10)).unwrap();
    assert_eq!((taken.case.status, taken.case.assignee.as_deref()), (CaseStatus::InProgress, Some("ann")));
    assert_eq!((taken.expected_version, taken.case.version), (Some(1), 2));
    let given = assign_case(&taken.case, Some("bob"), "ann", at(20)).unwrap();
    assert_eq!(given.timeline[0].text, "case given to bob by ann");
    assert_eq!(given.case.acknowledged, Some(at(10)));

    let case = given.case;
    let mut tasks = opened.tasks;
    tasks[0] = edit_task(
        &tasks[0],
        &TaskEdit { status: Some(TaskStatus::Completed), assignee: Some(Some("bob".into())), ..TaskEdit::default() },
        at(30),
    )
    .unwrap();
    assert_eq!((tasks[0].ended, tasks[0].assignee.as_deref()), (Some(at(30)), Some("bob")));
    let closing =
        |summary: &str, open_tasks| Closing { resolution: resolution(summary), open_tasks, by: "bob", now: at(40) };
    let close = |summary: &str, open_tasks| close_case(&case, &opened.alerts, &tasks, &closing(summary, open_tasks));
    assert_eq!(close(" \n ", OpenTasks::Cancel), Err(CloseError::EmptySummary));
    let Err(CloseError::OpenTasks { titles }) = close("blocked", OpenTasks::Refuse) else { panic!("closed") };
    assert_eq!(titles, ["Block the attacker's addresses", "Write the summary"]);
    let closed = close(" blocked ", OpenTasks::Cancel).unwrap();
    assert_eq!((closed.case.status, closed.case.closed), (CaseStatus::Closed, Some(at(40))));
    assert_eq!(closed.case.resolution, Some(resolution("blocked")));
    assert_eq!(closed.timeline[0].text, "case closed by bob as a true positive: blocked");
    assert!(closed.alerts.iter().all(|alert| alert.status == AlertStatus::Closed));
    assert_eq!(closed.alerts.len(), 1);
    assert!(closed.tasks.iter().all(|task| task.status == TaskStatus::Cancelled && task.ended == Some(at(40))));
    assert_eq!(closed.tasks.len(), 2);
    let again = close_case(&closed.case, &[], &[], &closing("x", OpenTasks::Cancel));
    assert_eq!(again, Err(CloseError::Closed));

    assert_eq!(acknowledge_case(&closed.case, "ann", at(50)), Err(ChangeError::Closed));
    assert_eq!(reopen_case(&case, "ann", at(50)), Err(ChangeError::NotClosed));
    let reopened = reopen_case(&closed.case, "ann", at(50)).unwrap().case;
    assert_eq!((reopened.status, reopened.closed, reopened.resolution), (CaseStatus::InProgress, None, None));
    assert_eq!(reopened.version, closed.case.version + 1);
}

#[test]
fn tasks_comments_and_notes() {
    let id = CaseId::from_bytes([1; 16]);
    let member = alert("a", Severity::High, "<ip:203.0.113.7", 0);
    let new = NewCase { id, number: 1, by: "vigie", now: at(0), alerts: &[member], warnings: &warnings };
    let opened = open_case(&new).unwrap();
    let task =
        add_task(&opened.case, &opened.tasks, TaskId::from_bytes([2; 16]), "Call the client", "", at(5)).unwrap();
    assert_eq!((task.position, task.status), (3, TaskStatus::Waiting));
    assert_eq!(add_task(&opened.case, &[], TaskId::from_bytes([2; 16]), "x", "", at(5)).unwrap().position, 0);
    let status = |status| TaskEdit { status: Some(status), ..TaskEdit::default() };
    let done = edit_task(&task, &status(TaskStatus::Completed), at(6)).unwrap();
    assert_eq!(edit_task(&done, &status(TaskStatus::Completed), at(7)).unwrap().ended, Some(at(6)));
    assert_eq!(edit_task(&done, &status(TaskStatus::InProgress), at(8)).unwrap().ended, None);
    assert!(edit_task(&done, &TaskEdit { title: Some(String::new()), ..TaskEdit::default() }, at(8)).is_err());
    let comment = add_comment(&opened.case, CommentId::from_bytes([3; 16]), "ann", " Called them. ", at(9)).unwrap();
    assert_eq!((comment.text.as_str(), comment.on), ("Called them.", id.into()));
    assert!(add_comment(&opened.case, CommentId::from_bytes([3; 16]), "ann", "", at(9)).is_err());
    let note = add_note(&opened.case, TimelineId::from_bytes([4; 16]), at(-60), "The client saw a pop-up").unwrap();
    assert_eq!((note.kind, note.time), (TimelineKind::Note, at(-60)));
}
