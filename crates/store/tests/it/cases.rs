//! Cases and what is on them.

use vigie_model::{CaseStatus, ObjectKind, ObservableKind, TaskStatus, TenantScope};
use vigie_store::{CaseFile, Store, StoreError};

use crate::samples::{action, alert, at, case, comment, know, moment, observable, only, store, task, tenant};

#[tokio::test]
async fn a_case_file_holds_all_that_is_on_the_case_and_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vigie.db");
    let store = Store::open(&path).await.unwrap();
    let case = case("acme", 1);
    let mut member = alert("acme", "r1", 100);
    member.case = Some(case.id);
    let stranger = alert("acme", "r2", 100);
    let observables =
        [observable(&case, ObservableKind::Ip, "203.0.113.7"), observable(&case, ObservableKind::Host, "web-01")];
    let tasks = [task(&case, "second", 2), task(&case, "first", 1)];
    let timeline = [moment(&case, "later", 50), moment(&case, "earlier", 40)];
    let comments = [comment(&case, "one", 1), comment(&case, "two", 2)];
    let actions = [
        action("acme", "by-alert", Some(member.id), None),
        action("acme", "by-case", Some(member.id), Some(case.id)),
        action("acme", "other", Some(stranger.id), None),
    ];
    let mut tx = store.begin().await.unwrap();
    know(&mut tx).await;
    assert_eq!(tx.next_case_number(&tenant("acme")).await.unwrap(), 1);
    tx.save_case(&case, None).await.unwrap();
    tx.save_alert(&member, None).await.unwrap();
    tx.save_alert(&stranger, None).await.unwrap();
    tx.upsert_observables(&observables).await.unwrap();
    tx.save_tasks(&tasks).await.unwrap();
    tx.add_timeline(&timeline).await.unwrap();
    tx.add_timeline(&timeline).await.unwrap();
    for comment in &comments {
        tx.save_comment(comment).await.unwrap();
    }
    for action in &actions {
        tx.save_action(action).await.unwrap();
    }
    assert_eq!(tx.next_case_number(&tenant("acme")).await.unwrap(), 2);
    assert_eq!(tx.next_case_number(&tenant("globex")).await.unwrap(), 1);
    assert_eq!(tx.case_alerts(&only("acme"), case.id).await.unwrap(), [member.clone()]);
    assert_eq!(tx.case_alerts(&only("globex"), case.id).await.unwrap(), []);
    assert_eq!(tx.case_tasks(&only("acme"), case.id).await.unwrap().len(), 2);
    assert_eq!(tx.case_observables(&only("acme"), case.id).await.unwrap().len(), 2);
    tx.commit().await.unwrap();
    store.close().await;

    let store = Store::open(&path).await.unwrap();
    let file = store.case_file(&only("acme"), case.id).await.unwrap().unwrap();
    let mut expected = CaseFile {
        case: case.clone(),
        alerts: vec![member],
        observables: vec![observables[1].clone(), observables[0].clone()],
        timeline: vec![timeline[1].clone(), timeline[0].clone()],
        tasks: vec![tasks[1].clone(), tasks[0].clone()],
        comments: comments.to_vec(),
        actions: actions[..2].to_vec(),
    };
    expected.actions.sort_by_key(|action| action.id);
    assert_eq!(file, expected);
    assert_eq!(store.case_file(&only("globex"), case.id).await.unwrap(), None);
    assert_eq!(store.case_by_number(&tenant("acme"), 1).await.unwrap(), Some(case.clone()));
    assert_eq!(store.case_by_number(&tenant("globex"), 1).await.unwrap(), None);
    assert_eq!(store.case(&only("acme"), case.id).await.unwrap(), Some(case));
}

#[tokio::test]
async fn versions_and_numbers_are_kept_apart() {
    let store = store().await;
    let saved = case("acme", 1);
    let mut tx = store.begin().await.unwrap();
    tx.save_case(&saved, None).await.unwrap();
    let mut changed = saved.clone();
    changed.version = 2;
    tx.save_case(&changed, Some(1)).await.unwrap();
    let error = tx.save_case(&changed, Some(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { object: ObjectKind::Case, found: Some(2), .. }), "{error}");
    let mut same_number = case("acme", 2);
    same_number.number = 1;
    assert!(matches!(tx.save_case(&same_number, None).await, Err(StoreError::Exists { .. })));
}

#[tokio::test]
async fn an_observable_that_is_seen_again_is_joined() {
    let store = store().await;
    let case = case("acme", 1);
    let first = observable(&case, ObservableKind::Ip, "203.0.113.7");
    let mut again = first.clone();
    again.ioc = true;
    again.first_seen = at(5);
    again.last_seen = at(15);
    again.tags = vec!["c2".into()];
    let mut tx = store.begin().await.unwrap();
    tx.save_case(&case, None).await.unwrap();
    tx.upsert_observables(&[first.clone(), again]).await.unwrap();
    tx.upsert_observables(std::slice::from_ref(&first)).await.unwrap();
    let [joined] = &tx.case_observables(&only("acme"), case.id).await.unwrap()[..] else { panic!("one") };
    assert!(joined.ioc, "what was called an indicator stays one");
    assert_eq!((joined.first_seen, joined.last_seen), (at(5), at(20)));
    assert_eq!(joined.tags, ["scanner", "c2"]);
    // What an analyst says goes.
    tx.save_observable(&first).await.unwrap();
    assert_eq!(tx.case_observables(&only("acme"), case.id).await.unwrap(), std::slice::from_ref(&first));
    assert!(tx.delete_observable(case.id, first.id).await.unwrap());
    assert!(!tx.delete_observable(case.id, first.id).await.unwrap());
}

#[tokio::test]
async fn open_cases_are_found_by_value() {
    let store = store().await;
    let (open, mut closed, foreign) = (case("acme", 1), case("acme", 2), case("globex", 1));
    closed.status = CaseStatus::Closed;
    let mut tx = store.begin().await.unwrap();
    for case in [&open, &closed, &foreign] {
        tx.save_case(case, None).await.unwrap();
        tx.upsert_observables(&[observable(case, ObservableKind::Ip, "203.0.113.7")]).await.unwrap();
    }
    let values = [(ObservableKind::Ip, "203.0.113.7".to_owned())];
    let found = tx.open_cases_sharing(&tenant("acme"), &values).await.unwrap();
    assert_eq!(
        found.iter().map(|(case, observables)| (case.id, observables.len())).collect::<Vec<_>>(),
        [(open.id, 1)]
    );
    let other = [(ObservableKind::Domain, "203.0.113.7".to_owned())];
    assert_eq!(tx.open_cases_sharing(&tenant("acme"), &other).await.unwrap(), []);
    assert_eq!(tx.open_cases_sharing(&tenant("acme"), &[]).await.unwrap(), []);
}

#[tokio::test]
async fn a_task_changes() {
    let store = store().await;
    let case = case("acme", 1);
    let mut task = task(&case, "first", 1);
    let mut tx = store.begin().await.unwrap();
    tx.save_case(&case, None).await.unwrap();
    tx.save_tasks(std::slice::from_ref(&task)).await.unwrap();
    task.status = TaskStatus::Completed;
    task.ended = Some(at(9));
    tx.save_tasks(std::slice::from_ref(&task)).await.unwrap();
    assert_eq!(tx.task(&TenantScope::All, task.id).await.unwrap(), Some(task.clone()));
    assert_eq!(tx.task(&only("globex"), task.id).await.unwrap(), None);
}
