//! A case that only some may open is not found by the others, nor what is on it; one that is shared is.

use vigie_model::{
    Access, Attachment, AttachmentId, AttachmentOwner, Case, CaseLink, Comment, Comparison, Filter, Job, JobId,
    JobStatus, LinkTarget, Observable, ObservableKind, Page, Selection, Share, Stamp, Task, TaskLog, TaskLogId, Value,
};
use vigie_store::{Listing, Object, Reach, Store};

use crate::samples::{at, case, comment, observable, only, store, task, tenant};

fn reach(of: &str, name: &str) -> Reach {
    Reach { tenants: only(of), name: name.into() }
}

fn stamp() -> Stamp {
    Stamp::new("ann", at(0))
}

fn file(id: u8, owner: AttachmentOwner) -> Attachment {
    Attachment {
        id: AttachmentId::from_bytes([id; 16]),
        tenant: tenant("acme"),
        owner,
        name: "a.txt".into(),
        media_type: "text/plain".into(),
        bytes: 1,
        sha256: "0".repeat(64),
        sha1: "0".repeat(40),
        md5: "0".repeat(32),
        stamp: stamp(),
    }
}

/// A store with a case of acme that has one of everything on it; its access and shares are the test's.
async fn with_case(access: Access, share: Option<&str>) -> (Store, Case) {
    let store = store().await;
    let mut tx = store.begin().await.unwrap();
    let mut case = case("acme", 1);
    case.desk.access = access;
    tx.save_case(&case, None).await.unwrap();
    let seen = observable(&case, ObservableKind::Ip, "203.0.113.7");
    tx.save_observable(&seen).await.unwrap();
    let task = task(&case, "t", 1);
    tx.save_tasks(std::slice::from_ref(&task)).await.unwrap();
    tx.save_comment(&comment(&case, "hello", 1)).await.unwrap();
    let log = TaskLog {
        id: TaskLogId::from_bytes([1; 16]),
        tenant: tenant("acme"),
        case: case.id,
        task: task.id,
        text: "done".into(),
        date: at(0),
        on_timeline: None,
        stamp: stamp(),
    };
    tx.put(&log).await.unwrap();
    tx.put(&file(1, AttachmentOwner::Case(case.id))).await.unwrap();
    tx.put(&file(2, AttachmentOwner::Log(log.id))).await.unwrap();
    tx.put(&file(3, AttachmentOwner::Observable(seen.id))).await.unwrap();
    let target = LinkTarget::Url("https://example.com".into());
    let id = CaseLink::id_of(case.id, "x", &target);
    let link = CaseLink { id, tenant: tenant("acme"), case: case.id, kind: "x".into(), target, stamp: stamp() };
    tx.put(&link).await.unwrap();
    let job = Job {
        id: JobId::from_bytes([1; 16]),
        tenant: tenant("acme"),
        observable: seen.id,
        analyzer: "a".into(),
        server: "s".into(),
        status: JobStatus::Waiting,
        error: None,
        ended: None,
        stamp: stamp(),
    };
    tx.put(&job).await.unwrap();
    if let Some(with) = share {
        let id = Share::id_of(case.id, &tenant(with));
        let (owner, tenant) = (tenant("acme"), tenant(with));
        tx.put(&Share { id, owner, case: case.id, tenant, profile: "read-only".into(), stamp: stamp() }).await.unwrap();
    }
    tx.commit().await.unwrap();
    (store, case)
}

/// Counts what somebody finds: case, observables, tasks, comments, logs, files, links, jobs.
async fn found(store: &Store, reach: &Reach) -> Vec<usize> {
    async fn rows<T: Object>(store: &Store, reach: &Reach) -> usize {
        let all = Selection::of(Filter::All, 100);
        let rows = store.select::<T>(reach, &all).await.unwrap().len();
        assert_eq!(store.count::<T>(reach, &Filter::All).await.unwrap(), rows as u64);
        rows
    }
    vec![
        rows::<Case>(store, reach).await,
        rows::<Observable>(store, reach).await,
        rows::<Task>(store, reach).await,
        rows::<Comment>(store, reach).await,
        rows::<TaskLog>(store, reach).await,
        rows::<Attachment>(store, reach).await,
        rows::<CaseLink>(store, reach).await,
        rows::<Job>(store, reach).await,
    ]
}

const ALL: [usize; 8] = [1, 1, 1, 1, 1, 3, 1, 1];
const NONE: [usize; 8] = [0; 8];

#[tokio::test]
async fn a_closed_case_is_found_by_whom_it_names() {
    for (access, share, expected) in [
        (Access::Tenant, None, [("acme", "bob", ALL), ("acme", "ann", ALL), ("globex", "eve", NONE)]),
        (
            Access::Users(vec!["Ann".into()]),
            None,
            [("acme", "ann", ALL), ("acme", "bob", NONE), ("globex", "ann", NONE)],
        ),
        (Access::Users(vec![]), None, [("acme", "ann", NONE), ("acme", "", NONE), ("globex", "eve", NONE)]),
        (Access::Tenant, Some("globex"), [("acme", "bob", ALL), ("globex", "eve", ALL), ("nobody", "eve", NONE)]),
        (
            Access::Users(vec!["ann".into()]),
            Some("globex"),
            [("acme", "ann", ALL), ("acme", "bob", NONE), ("globex", "eve", ALL)],
        ),
    ] {
        let (store, case) = with_case(access.clone(), share).await;
        for (of, name, expected) in expected {
            let reach = reach(of, name);
            assert_eq!(found(&store, &reach).await, expected, "{access:?}, shared with {share:?}: {name} of {of}");
            let got: Option<Case> = store.get(&reach, &case.id.to_string()).await.unwrap();
            assert_eq!(got.is_some(), expected[0] > 0);
            let listed = store.cases(&reach, &Listing::first(Page::LIMIT_MAX)).await.unwrap();
            assert_eq!((listed.rows.len(), listed.total), (expected[0], expected[0] as u64));
            let owned = store.case(&reach, case.id).await.unwrap();
            assert_eq!(owned.is_some(), expected[0] > 0 && of == "acme", "another's case is not one's own");
        }
        assert_eq!(store.cases(&only("acme"), &Listing::default()).await.unwrap().rows.len(), 1, "Vigie sees them all");
    }
}

#[tokio::test]
async fn access_follows_the_case() {
    let (store, case) = with_case(Access::Users(vec!["ann".into()]), None).await;
    let mut open = case.clone();
    open.version += 1;
    open.desk.access = Access::Users(vec!["bob".into(), "bob".into()]);
    let mut tx = store.begin().await.unwrap();
    tx.save_case(&open, Some(case.version)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(found(&store, &reach("acme", "ann")).await, NONE);
    assert_eq!(found(&store, &reach("acme", "bob")).await, ALL);
}

/// A filter over another list tells nothing of a row there that cannot be seen.
#[tokio::test]
async fn filters_do_not_ask_behind_closed_doors() {
    let (store, case) = with_case(Access::Users(vec!["ann".into()]), None).await;
    let mut alert = crate::samples::alert("acme", "r1", 0);
    alert.case = Some(case.id);
    let mut tx = store.begin().await.unwrap();
    tx.save_alert(&alert, None).await.unwrap();
    tx.commit().await.unwrap();
    let title = Filter::Field { name: "title".into(), comparison: Comparison::Like, value: Value::Text("*".into()) };
    let of = Filter::Of { name: "case".into(), list: "cases".into(), filter: Box::new(title) };
    for (name, expected) in [("ann", 1), ("bob", 0)] {
        let alerts = store.count::<vigie_model::Alert>(&reach("acme", name), &of).await.unwrap();
        assert_eq!(alerts, expected, "{name}");
    }
}

#[tokio::test]
async fn rows_are_counted_for_each_case() {
    let (store, case) = with_case(Access::Tenant, Some("globex")).await;
    let ids = vec![Value::Text(case.id.to_string())];
    let named = Filter::OneOf { name: "case".into(), values: ids };
    for of in ["acme", "globex"] {
        let counts = store.tally::<Task>(&reach(of, "x"), "case", &named).await.unwrap();
        assert_eq!(counts.get(&case.id.to_string()), Some(&1), "{of}");
    }
    assert!(store.tally::<Task>(&reach("nobody", "x"), "case", &named).await.unwrap().is_empty());
    let error = store.tally::<Task>(&only("acme"), "title", &Filter::All).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`title` cannot be compared with a count by its values: count by a field that holds ids"
    );
}

#[tokio::test]
async fn a_share_is_found_by_what_is_on_its_case() {
    let (store, case) = with_case(Access::Tenant, Some("globex")).await;
    let own = only("acme");
    let all = Selection::of(Filter::All, 100);
    let files: Vec<Attachment> = store.select(&own, &all).await.unwrap();
    let tasks: Vec<Task> = store.select(&own, &all).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let with = tenant("globex");
    assert!(tx.share_of(&case, &with).await.unwrap().is_some());
    assert!(tx.share_of(&tasks[0], &with).await.unwrap().is_some());
    for file in &files {
        assert!(tx.share_of(file, &with).await.unwrap().is_some(), "{:?}", file.owner);
    }
    assert!(tx.share_of(&case, &tenant("acme")).await.unwrap().is_none());
    assert!(tx.share_of(&crate::samples::alert("acme", "r", 1), &with).await.unwrap().is_none());
}
