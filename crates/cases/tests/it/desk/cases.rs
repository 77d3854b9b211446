//! Cases that people open, change, close, open again and merge.

use std::time::Duration;

use vigie_cases::{
    ACCESS_USERS_MAX, CaseMerge, CasePatch, CaseStage, CaseWord, ChangeError, MERGED_CASES_MAX, case_summary,
    case_times, case_word, closes_case, merge_cases, new_desk_case, new_tasks, patch_desk_case, reopens_case,
    set_access,
};
use vigie_model::{
    Access, AlertStatus, Case, CaseId, CaseStatus, Impact, Pap, Resolution, Severity, TaskId, TaskStatus, Tlp, Verdict,
};

use super::samples::{case, new};
use crate::samples::{alert, at};

fn patched(before: &Case, patch: &CasePatch) -> Case {
    patch_desk_case(before, &[], &[], patch, "bob", at(60)).unwrap().case
}

fn word(word: CaseWord) -> CasePatch {
    CasePatch { word: Some(word), ..CasePatch::default() }
}

#[test]
fn every_word_reads_back_exactly() {
    for (text, status, verdict) in [
        ("New", CaseStatus::Open, None),
        ("InProgress", CaseStatus::InProgress, None),
        ("TruePositive", CaseStatus::Closed, Some(Verdict::TruePositive)),
        ("FalsePositive", CaseStatus::Closed, Some(Verdict::FalsePositive)),
        ("Duplicated", CaseStatus::Closed, Some(Verdict::Duplicate)),
        ("Indeterminate", CaseStatus::Closed, Some(Verdict::Indeterminate)),
        ("Other", CaseStatus::Closed, Some(Verdict::Benign)),
    ] {
        let asked = CaseWord::of(&text.to_lowercase()).unwrap();
        assert_eq!(asked.as_str(), text);
        let opened = new_desk_case(vigie_cases::NewDeskCase { word: asked, ..new(1, "x") }).unwrap().case;
        // From every other word too.
        for from in CaseWord::ALL {
            let before = patched(&case(1, "x"), &word(from));
            for case in [&opened, &patched(&before, &word(asked))] {
                let is = case.resolution.as_ref().map(|resolution| resolution.verdict);
                assert_eq!((case.status, is, case_word(case)), (status, verdict, asked), "{from:?} to {text}");
                assert_eq!(case.closed.is_some(), status == CaseStatus::Closed);
                assert_eq!(case.status == asked.stage().status(), case.resolution.is_some() == verdict.is_some());
            }
        }
    }
    assert_eq!(CaseWord::ALL.iter().filter(|word| word.stage() == CaseStage::Closed).count(), 5);
    let old = ["Open", "Resolved", "Duplicate", "Deleted", ""].map(CaseWord::of);
    assert_eq!(old, [Some(CaseWord::New), Some(CaseWord::Other), Some(CaseWord::Duplicated), None, None]);
}

#[test]
fn a_patch_changes_what_it_names() {
    let before = case(1, "x");
    let same = patched(&before, &CasePatch { title: Some(" x ".into()), ..CasePatch::default() });
    assert_eq!(same, before, "nothing changed, so the version is the same");
    let patch = CasePatch {
        title: Some("y".into()),
        severity: Some(Severity::High),
        add_tags: vec!["b".into()],
        remove_tags: vec!["x".into()],
        flag: Some(true),
        summary: Some(Some("so far".into())),
        impact: Some(Some(Impact::WithImpact)),
        assignee: Some(Some("eve".into())),
        ended: Some(Some(at(5))),
        ..CasePatch::default()
    };
    let change = patch_desk_case(&before, &[], &[], &patch, "bob", at(60)).unwrap();
    let case = &change.case;
    assert_eq!((case.title.as_str(), case.severity, case.tags.as_slice()), ("y", Severity::High, &["b".into()][..]));
    assert_eq!((case.version, case.updated, case.desk.updated_by.as_deref()), (2, at(60), Some("bob")));
    let told: Vec<&str> = change.timeline.iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!(told, ["case given to eve by bob", "severity changed from medium to high by bob"]);
    let nulls = CasePatch {
        summary: Some(None),
        impact: Some(None),
        assignee: Some(None),
        ended: Some(None),
        ..CasePatch::default()
    };
    let cleared = patched(case, &nulls);
    assert_eq!(
        (case_summary(&cleared), cleared.desk.impact, cleared.assignee.as_deref(), cleared.desk.ended),
        (None, None, None, None)
    );
    for (patch, expected) in [
        (CasePatch { title: Some(" ".into()), ..CasePatch::default() }, ChangeError::Empty("title")),
        (
            CasePatch { title: Some("x".repeat(513)), ..CasePatch::default() },
            ChangeError::TooLong { field: "title", chars_max: 512 },
        ),
        (
            CasePatch { add_tags: (0..101).map(|tag| tag.to_string()).collect(), ..CasePatch::default() },
            ChangeError::TooManyTags(100),
        ),
        (CasePatch { assignee: Some(Some(String::new())), ..CasePatch::default() }, ChangeError::Empty("assignee")),
    ] {
        assert_eq!(patch_desk_case(&before, &[], &[], &patch, "bob", at(60)).unwrap_err(), expected);
    }
}

#[test]
fn closing_by_a_word_closes_alerts_and_cancels_tasks() {
    let before = case(1, "x");
    let mut member = alert("a", Severity::High, "<ip:203.0.113.7", 0);
    member.case = Some(before.id);
    let other = alert("b", Severity::High, "<ip:203.0.113.8", 0);
    let mut number = 0;
    let id = || {
        number += 1;
        TaskId::from_bytes([number; 16])
    };
    let task = |title: &str, status| vigie_cases::NewTask { title: title.into(), status, ..Default::default() };
    let all = [TaskStatus::Waiting, TaskStatus::InProgress, TaskStatus::Completed, TaskStatus::Cancelled];
    let tasks = all.map(|status| task("t", status)).into();
    let tasks = new_tasks(&before, &[], tasks, id, "ann", at(0)).unwrap();
    let patch = CasePatch { summary: Some(Some("It was her".into())), ..word(CaseWord::TruePositive) };
    assert!(closes_case(&before, CaseWord::TruePositive) && !closes_case(&before, CaseWord::InProgress));
    let change = patch_desk_case(&before, &[member, other], &tasks, &patch, "bob", at(60)).unwrap();
    let resolution = Resolution { verdict: Verdict::TruePositive, summary: "It was her".into() };
    assert_eq!((change.case.closed, change.case.resolution.as_ref()), (Some(at(60)), Some(&resolution)));
    assert_eq!(change.alerts.len(), 1, "only its own");
    assert_eq!(
        (change.alerts[0].status, change.alerts[0].resolution.as_ref()),
        (AlertStatus::Closed, Some(&resolution))
    );
    let cancelled: Vec<_> = change.tasks.iter().map(|task| (task.id, task.status, task.ended)).collect();
    assert_eq!(cancelled, [0, 1].map(|place: usize| (tasks[place].id, TaskStatus::Cancelled, Some(at(60)))));
    assert_eq!(change.timeline[0].text, "case closed by bob as TruePositive: It was her");
    // Another word later: closed when it was, and nothing is done twice.
    let later = patch_desk_case(&change.case, &change.alerts, &tasks, &word(CaseWord::Other), "bob", at(90)).unwrap();
    assert_eq!((later.case.closed, later.alerts.len(), later.tasks.len()), (Some(at(60)), 0, 0));
    assert_eq!(case_summary(&later.case), Some("It was her"));
    // A summary may go, and the resolution still says something.
    let silent = patched(&later.case, &CasePatch { summary: Some(None), ..CasePatch::default() });
    assert_eq!((case_summary(&silent), silent.resolution.as_ref().unwrap().summary.as_str()), (None, "no summary"));
    assert!(reopens_case(&later.case, CaseWord::New) && !reopens_case(&later.case, CaseWord::Indeterminate));
    let open = patched(&later.case, &word(CaseWord::InProgress));
    assert_eq!((open.status, open.closed, open.resolution.as_ref()), (CaseStatus::InProgress, None, None));
    assert_eq!(case_summary(&open), Some("It was her"), "what was written stays");
}

#[test]
fn a_case_is_closed_to_others() {
    let before = case(1, "x");
    let users = |names: &[&str]| Access::Users(names.iter().map(|name| (*name).to_owned()).collect());
    let closed = set_access(&before, users(&["b", "a", "b"]), "bob", at(60)).unwrap().case;
    assert_eq!((closed.desk.access.clone(), closed.version), (users(&["a", "b"]), 2));
    assert_eq!(set_access(&closed, users(&["a", "b"]), "bob", at(70)).unwrap().case, closed, "nothing changed");
    assert_eq!(set_access(&before, users(&[]), "bob", at(60)), Err(ChangeError::NoUsers));
    let many = |count: usize| Access::Users((0..count).map(|user| user.to_string()).collect());
    assert!(set_access(&before, many(ACCESS_USERS_MAX), "bob", at(60)).is_ok());
    assert!(set_access(&before, many(ACCESS_USERS_MAX + 1), "bob", at(60)).is_err());
    assert_eq!(set_access(&closed, Access::Tenant, "bob", at(60)).unwrap().case.desk.access, Access::Tenant);
}

#[test]
fn times_begin_where_they_should() {
    let mut first = alert("a", Severity::High, "<ip:203.0.113.7", 0);
    (first.first_seen, first.created, first.acknowledged) = (at(-100), at(-90), Some(at(-80)));
    first.desk.imported = Some(at(-10));
    let mut case = case(1, "x");
    let alone = case_times(&case, None);
    assert_eq!((alone.detect, alone.triage, alone.acknowledge), (Duration::from_mins(1), None, None));
    case = patched(&case, &word(CaseWord::InProgress));
    case = patch_desk_case(&case, &[], &[], &word(CaseWord::Other), "bob", at(100)).unwrap().case;
    let times = case_times(&case, Some(&first));
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs());
    assert_eq!((times.detect.as_secs(), seconds(times.triage), seconds(times.qualify)), (10, Some(10), Some(80)));
    assert_eq!((seconds(times.acknowledge), seconds(times.resolve)), (Some(60), Some(100)));
    assert_eq!(seconds(times.handling), Some(160), "from its start until its end");
    case.desk.ended = Some(at(-30));
    assert_eq!(seconds(case_times(&case, None).handling), Some(30), "the end that somebody gave");
    case.first_seen = at(1_000);
    assert_eq!(case_times(&case, None).detect, Duration::ZERO, "a start in the future is now");
}

#[test]
fn cases_become_one() {
    let mut one = case(1, "one");
    let mut two = patched(&case(2, "two"), &word(CaseWord::InProgress));
    (one.severity, one.tlp, one.assignee) = (Severity::Critical, Tlp::Clear, Some("eve".into()));
    (two.tlp, two.pap, two.desk.flag) = (Tlp::Red, Pap::Red, true);
    two.desk.impact = Some(Impact::NoImpact);
    let merge = |cases: &[Case]| {
        merge_cases(&CaseMerge { id: CaseId::from_bytes([9; 16]), number: 9, cases, by: "bob", now: at(60) })
    };
    let merged = merge(&[one.clone(), two.clone()]).unwrap();
    assert_eq!((merged.title.as_str(), merged.description.as_str()), ("one / two", "About one\n\nAbout two"));
    assert_eq!((merged.severity, merged.tlp, merged.pap), (Severity::Critical, Tlp::Red, Pap::Red));
    assert_eq!((merged.status, merged.acknowledged), (CaseStatus::InProgress, Some(at(60))));
    assert_eq!((merged.assignee.as_deref(), merged.tags.as_slice()), (Some("eve"), &["one".into(), "two".into()][..]));
    assert_eq!((merged.desk.flag, merged.desk.impact, merged.version), (true, Some(Impact::NoImpact), 1));
    let closed = |case: &Case, names: &[&str]| {
        let users = names.iter().map(|name| (*name).to_owned()).collect();
        set_access(case, Access::Users(users), "bob", at(60)).unwrap().case
    };
    let access = |cases: &[Case]| merge(cases).unwrap().desk.access;
    assert_eq!(access(&[one.clone(), closed(&two, &["a", "b"])]), Access::Users(vec!["a".into(), "b".into()]));
    assert_eq!(
        access(&[closed(&one, &["b", "c"]), closed(&two, &["a", "b"])]),
        Access::Users(vec!["b".into()]),
        "whoever might not open one of them may not open what they become"
    );
    assert_eq!(merge(&[one.clone()]), Err(ChangeError::TooFew { what: "cases", min: 2 }));
    let foreign = Case { tenant: crate::samples::tenant("globex"), ..two.clone() };
    assert_eq!(merge(&[one.clone(), foreign]), Err(ChangeError::OtherTenant));
    let many = vec![case(1, &"long".repeat(30)); MERGED_CASES_MAX];
    assert!(merge(&many).unwrap().title.chars().count() <= 512);
    let more = vec![one; MERGED_CASES_MAX + 1];
    assert_eq!(merge(&more), Err(ChangeError::TooMany { what: "cases", max: MERGED_CASES_MAX }));
}
