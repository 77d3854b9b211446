//! Tasks, templates, procedures, notes, links, and observables that are the same.

use std::collections::BTreeMap;

use vigie_cases::{
    ChangeError, Missing, NewObservable, NewTask, ObservableValue, PAGES_MAX, TASKS_MAX, TakeOver, TaskPatch,
    WhichTasks, apply_template, ask_of, checked_link, checked_note, checked_page_template, checked_template,
    fold_observables, missing_to_close, new_observable, new_tasks, patch_task, template_task_id, template_tasks,
};
use vigie_model::{
    AttachmentId, Case, CaseLink, CaseTemplate, CustomField, FieldId, FieldType, FieldValue, LinkId, LinkTarget,
    NamedValue, Observable, PageTemplate, Pap, Severity, Stamp, Task, TaskId, TaskStatus, TemplateId, TemplateTask,
    TimelineEntry, TimelineId, TimelineKind, Tlp,
};

use super::samples::case;
use crate::samples::{at, tenant};

fn stamp() -> Stamp {
    Stamp::new("ann", at(0))
}

fn tasks(case: &Case, known: &[Task], new: Vec<NewTask>) -> Result<Vec<Task>, ChangeError> {
    let mut number = u32::try_from(known.len()).unwrap();
    let id = || {
        number += 1;
        TaskId::derive([number.to_be_bytes()])
    };
    new_tasks(case, known, new, id, "ann", at(0))
}

fn titled(title: &str) -> NewTask {
    NewTask { title: title.into(), ..NewTask::default() }
}

#[test]
fn tasks_come_one_after_the_other() {
    let case = case(1, "x");
    let first =
        tasks(&case, &[], vec![titled("a"), NewTask { position: Some(7), ..titled("b") }, titled("c")]).unwrap();
    assert_eq!(first.iter().map(|task| task.position).collect::<Vec<_>>(), [0, 7, 8]);
    assert_eq!((first[0].group.as_str(), first[0].status), ("default", TaskStatus::Waiting));
    assert_eq!(tasks(&case, &first, vec![titled("d")]).unwrap()[0].position, 9);
    assert_eq!(tasks(&case, &[], vec![titled(" ")]), Err(ChangeError::Empty("title")));
    let many = vec![titled("x"); TASKS_MAX];
    let full = tasks(&case, &[], many).unwrap();
    assert!(tasks(&case, &full, vec![titled("x")]).is_err(), "there is an end to them");
}

#[test]
fn a_task_goes_its_way() {
    let case = case(1, "x");
    let task = tasks(&case, &[], vec![titled("a")]).unwrap().remove(0);
    let patch = |task: &Task, patch: &TaskPatch, at_s| patch_task(task, patch, "bob", at(at_s)).unwrap();
    let status = |status| TaskPatch { status: Some(status), ..TaskPatch::default() };
    assert_eq!(patch(&task, &status(TaskStatus::Waiting), 5), task, "nothing changed, so nobody did");
    let begun = patch(&task, &status(TaskStatus::InProgress), 10);
    assert_eq!((begun.started, begun.ended, begun.stamp.updated_by.as_deref()), (Some(at(10)), None, Some("bob")));
    let done = patch(&begun, &status(TaskStatus::Completed), 20);
    assert_eq!((done.started, done.ended), (Some(at(10)), Some(at(20))));
    let again = patch(&done, &status(TaskStatus::Waiting), 30);
    assert_eq!((again.started, again.ended), (Some(at(10)), None));
    let full = TaskPatch {
        description: Some(Some("how".into())),
        due: Some(Some(at(99))),
        assignee: Some(Some("eve".into())),
        group: Some("later".into()),
        mandatory: Some(true),
        ..TaskPatch::default()
    };
    let full = patch(&again, &full, 40);
    assert_eq!((full.due, full.assignee.as_deref(), full.group.as_str()), (Some(at(99)), Some("eve"), "later"));
    let empty = TaskPatch { description: Some(None), due: Some(None), assignee: Some(None), ..TaskPatch::default() };
    let empty = patch(&full, &empty, 50);
    assert_eq!((empty.due, empty.assignee, empty.description.as_str()), (None, None, ""));
    let (acme, globex) = (tenant("acme"), tenant("globex"));
    let asked = ask_of(&ask_of(&task, &globex, true, "bob", at(60)), &acme, true, "bob", at(60));
    assert_eq!(asked.asked_of, [acme.clone(), globex.clone()]);
    assert_eq!(ask_of(&asked, &globex, true, "eve", at(70)), asked, "asked already");
    assert_eq!(ask_of(&asked, &acme, false, "bob", at(70)).asked_of, [globex]);
}

#[test]
fn what_is_mandatory_is_missing_until_it_is_done() {
    let mut case = case(1, "x");
    let new = |title: &str, status, mandatory| NewTask { status, mandatory, ..titled(title) };
    let all = tasks(
        &case,
        &[],
        vec![
            new("done", TaskStatus::Completed, true),
            new("cancelled", TaskStatus::Cancelled, true),
            new("waiting", TaskStatus::Waiting, true),
            new("free", TaskStatus::Waiting, false),
        ],
    );
    let field = CustomField {
        id: FieldId::derive(["f"]),
        name: "f".into(),
        display_name: "F".into(),
        group: String::new(),
        description: String::new(),
        kind: FieldType::Integer,
        mandatory: true,
        options: Vec::new(),
        stamp: stamp(),
    };
    case.desk.fields = vec![NamedValue { name: "f".into(), value: None, position: 0 }];
    let missing = missing_to_close(&case, &all.unwrap(), std::slice::from_ref(&field));
    assert_eq!(missing, Missing { tasks: vec!["cancelled".into(), "waiting".into()], fields: vec!["f".into()] });
    case.desk.fields[0].value = Some(FieldValue::Integer(1));
    assert!(missing_to_close(&case, &[], &[field]).is_empty());
}

fn template() -> CaseTemplate {
    let task = |title: &str, position| TemplateTask { title: title.into(), position, ..TemplateTask::default() };
    CaseTemplate {
        id: TemplateId::from_bytes([1; 16]),
        tenant: tenant("acme"),
        name: " phishing ".into(),
        display_name: String::new(),
        description: Some("What to do".into()),
        title_prefix: Some("[PHISH]".into()),
        severity: Some(Severity::High),
        tags: vec!["phishing".into(), "x".into()],
        flag: true,
        tlp: Some(Tlp::Red),
        pap: Some(Pap::Red),
        summary: Some("Fill in".into()),
        tasks: vec![task("second", 1), task("first", 0)],
        fields: vec![NamedValue { name: "f".into(), value: Some(FieldValue::Integer(1)), position: 0 }],
        pages: Vec::new(),
        stamp: stamp(),
    }
}

#[test]
fn a_template_is_checked() {
    let checked = checked_template(template()).unwrap();
    assert_eq!((checked.name.as_str(), checked.display_name.as_str()), ("phishing", "phishing"));
    assert_eq!(checked.tasks[0].group, "default");
    for (template, expected) in [
        (CaseTemplate { name: " ".into(), ..template() }, ChangeError::Empty("name")),
        (CaseTemplate { tasks: vec![TemplateTask::default()], ..template() }, ChangeError::Empty("tasks.title")),
        (
            CaseTemplate { tasks: vec![template().tasks[0].clone(); TASKS_MAX + 1], ..template() },
            ChangeError::TooMany { what: "tasks", max: TASKS_MAX },
        ),
        (
            CaseTemplate { pages: vec![TemplateId::from_bytes([2; 16]); PAGES_MAX + 1], ..template() },
            ChangeError::TooMany { what: "pages", max: PAGES_MAX },
        ),
    ] {
        assert_eq!(checked_template(template).unwrap_err(), expected);
    }
    let page = PageTemplate {
        id: TemplateId::from_bytes([2; 16]),
        tenant: tenant("acme"),
        title: "t".into(),
        content: String::new(),
        category: " c ".into(),
        position: 0,
        stamp: stamp(),
    };
    assert_eq!(checked_page_template(page.clone()).unwrap().category, "c");
    assert_eq!(
        checked_page_template(PageTemplate { category: " ".into(), ..page }),
        Err(ChangeError::Empty("category"))
    );
}

#[test]
fn a_case_takes_over_what_a_template_has() {
    let template = checked_template(template()).unwrap();
    let before = case(1, "x");
    let applied = |case: &Case, take| apply_template(case, &template, take, "bob", at(60)).unwrap();
    let all = applied(&before, TakeOver { description: true, ..TakeOver::of_new(None, false, false) });
    assert_eq!((all.title.as_str(), all.description.as_str()), ("[PHISH] x", "What to do"));
    assert_eq!(all.tags, ["x", "phishing"]);
    assert_eq!((all.severity, all.tlp, all.pap, all.desk.flag), (Severity::High, Tlp::Red, Pap::Red, true));
    assert_eq!((all.desk.summary.as_deref(), all.desk.fields.len(), all.version), (Some("Fill in"), 1, 2));
    assert_eq!(applied(&all, TakeOver::of_new(None, false, false)), all, "twice is once");
    let own = applied(&before, TakeOver::of_new(Some(Severity::Low), true, true));
    assert_eq!((own.severity, own.tlp, own.pap), (before.severity, before.tlp, before.pap), "its own stay");
    let none = applied(&before, TakeOver::default());
    assert_eq!((none.title.as_str(), none.desk.template.as_deref()), ("x", Some("phishing")));
    let titles = |which: WhichTasks<'_>| {
        template_tasks(&template, which).into_iter().map(|task| task.title).collect::<Vec<String>>()
    };
    let (id, second) = (template_task_id(template.id, &template.tasks[1]), "second".to_owned());
    assert_eq!(titles(WhichTasks::All), ["first", "second"]);
    assert_eq!(titles(WhichTasks::Named(&[], &[second])), ["second"]);
    assert_eq!(titles(WhichTasks::Named(&[id], &[])), ["first"]);
    assert!(titles(WhichTasks::Named(&[], &[])).is_empty());
}

#[test]
fn words_on_a_case_say_something() {
    let case = case(1, "x");
    let note = TimelineEntry {
        id: TimelineId::from_bytes([1; 16]),
        tenant: tenant("acme"),
        case: case.id,
        time: at(0),
        kind: TimelineKind::Note,
        text: "seen".into(),
        until: Some(at(0)),
        description: None,
        stamp: Some(stamp()),
    };
    assert!(checked_note(note.clone()).is_ok());
    assert_eq!(checked_note(TimelineEntry { until: Some(at(-1)), ..note }), Err(ChangeError::EndsBefore));
    let link = |target| {
        let (id, kind) = (LinkId::derive(["x"]), " kin ".to_owned());
        checked_link(CaseLink { id, tenant: tenant("acme"), case: case.id, kind, target, stamp: stamp() })
    };
    let page = link(LinkTarget::Url("https://example.com".into())).unwrap();
    assert_eq!((page.kind.as_str(), page.id), ("kin", CaseLink::id_of(case.id, "kin", &page.target)));
    for (target, expected) in [
        (LinkTarget::Linked(case.id), ChangeError::LinkToItself),
        (LinkTarget::Url(" ".into()), ChangeError::Empty("url")),
        (LinkTarget::Url("java\nscript:alert(1)".into()), ChangeError::BadLink("url")),
    ] {
        assert_eq!(link(target).unwrap_err(), expected);
    }
}

fn observable(value: &str, tags: &[&str], file: Option<u8>) -> Observable {
    let value = match file {
        None => ObservableValue::Text(value.into()),
        Some(number) => ObservableValue::File {
            name: value.into(),
            sha256: String::new(),
            attachment: AttachmentId::from_bytes([number; 16]),
        },
    };
    let new = NewObservable {
        on: case(1, "x").id.into(),
        tenant: tenant("acme"),
        data_type: if matches!(value, ObservableValue::Text(_)) { "domain" } else { "file" }.into(),
        value,
        tlp: Tlp::Green,
        pap: Pap::Green,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        message: None,
        ioc: false,
        sighted: None,
        unlike: false,
        seen: at(0),
        by: "ann".into(),
        now: at(0),
    };
    new_observable(new, &|_, _| None).unwrap()
}

#[test]
fn the_same_observables_become_one() {
    let other = |observable: Observable, number: u8| Observable {
        id: vigie_model::ObservableId::from_bytes([number; 16]),
        tlp: Tlp::Red,
        ioc: true,
        ..observable
    };
    let all = [
        observable("a.example", &["x"], None),
        observable("b.example", &[], None),
        other(observable("a.example", &["y"], None), 2),
        observable("f", &[], Some(1)),
        other(observable("f", &[], Some(2)), 3),
        other(observable("f", &[], Some(3)), 4),
    ];
    let digests: BTreeMap<AttachmentId, String> = [(1, "same"), (2, "same"), (3, "other")]
        .map(|(id, digest)| (AttachmentId::from_bytes([id; 16]), digest.into()))
        .into();
    let folded = fold_observables(&all, &digests, "bob", at(60));
    let gone: Vec<_> = folded.gone.iter().map(|(gone, stays)| (gone.id, *stays)).collect();
    assert_eq!(gone, [(all[2].id, all[0].id), (all[4].id, all[3].id)]);
    assert_eq!(folded.untouched, 2, "the other domain and the other file");
    let (before, after) = &folded.changed[0];
    assert_eq!((before.id, after.tags.as_slice()), (all[0].id, &["x".into(), "y".into()][..]));
    assert_eq!((after.tlp, after.ioc), (Tlp::Red, true));
    assert_eq!(after.stamp.as_ref().unwrap().updated_by.as_deref(), Some("bob"));
    assert_eq!(fold_observables(&all[..2], &digests, "bob", at(60)).untouched, 2);
}
