//! Imports that break off, and imports that are repeated.

use serde_json::json;
use vigie_model::{Alert, Case, Comment, Task};

use super::content::{bare_alert, bare_case, fill};
use super::hive::{Hive, Manners};
use super::{Home, check_equal, figures};

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_changes_nothing() {
    let (hive, home) = (Hive::start().await, Home::new().await);
    fill(&hive);
    let first = home.copy(&hive.url()).await;
    let (before, rows) = (home.everything().await, home.audit_rows().await);
    let again = home.copy(&hive.url()).await;
    check_equal(&again);
    assert_eq!((home.everything().await, home.audit_rows().await), (before, rows));
    for (first, again) in first.rows.iter().zip(&again.rows) {
        assert_eq!((again.imported, again.changed), (0, 0), "{again:?}");
        assert_eq!(again.already_there, first.imported + first.already_there, "{again:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_and_what_was_changed_follows() {
    let (hive, home) = (Hive::start().await, Home::new().await);
    let (case, _) = fill(&hive);
    home.copy(&hive.url()).await;
    let later = jiff::Timestamp::now().as_millisecond() + 60_000;
    hive.change(&case, &json!({"title": "Ransom, again", "_updatedAt": later, "_updatedBy": "bob@acme.example"}));
    hive.put(&["main-org"], "Comment", Some(&case), json!({"message": "late", "_createdAt": later}));
    // One that came into sight after others that were made later.
    hive.put(
        &["main-org"],
        "Task",
        Some(&case),
        json!({"title": "hidden", "status": "Waiting", "_createdAt": 1_600_000_000_000_i64}),
    );
    let outcome = home.copy(&hive.url()).await;
    check_equal(&outcome);
    assert_eq!(figures(&outcome, "main-org", "cases"), (Some(2), 0, 2, 1, 0));
    // The case is shared, and so is what comes with it: whichever organisation is read first brings it.
    let imported = |list: &str| outcome.rows.iter().filter(|row| row.list == list).map(|row| row.imported).sum::<u64>();
    assert_eq!((imported("case comments"), imported("tasks"), imported("task logs")), (1, 1, 0));
    let cases: Vec<Case> = home.all().await;
    let changed = cases.iter().find(|case| case.number == 7).unwrap();
    assert_eq!((changed.title.as_str(), changed.version), ("Ransom, again", 2));
    let comments: Vec<Comment> = home.all().await;
    assert!(comments.iter().any(|comment| comment.text == "late"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_here_later_stays() {
    let (hive, home) = (Hive::start().await, Home::new().await);
    let case = hive.put(&["main-org"], "Case", None, bare_case(1));
    home.copy(&hive.url()).await;
    let now = jiff::Timestamp::now();
    let before: Case = home.all().await.pop().unwrap();
    let ours = Case { title: "ours".into(), updated: now.into(), version: 2, ..before.clone() };
    let mut tx = home.store.begin().await.unwrap();
    tx.save_case(&ours, Some(1)).await.unwrap();
    tx.commit().await.unwrap();
    hive.change(&case, &json!({"title": "theirs", "_updatedAt": now.as_millisecond() - 1_000}));
    let outcome = home.copy(&hive.url()).await;
    check_equal(&outcome);
    assert_eq!(home.all::<Case>().await.pop().unwrap().title, "ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_breaks_off_goes_on_where_it_was() {
    let (hive, whole) = (Hive::start().await, Home::new().await);
    let (case, _) = fill(&hive);
    for number in 0..450 {
        let alert = hive.put(&["main-org"], "Alert", None, bare_alert(&format!("n{number}")));
        hive.put(
            &["main-org"],
            "Observable",
            Some(&alert),
            json!({"dataType": "ip", "data": format!("198.51.100.{}", number % 250), "tlp": 2, "pap": 2}),
        );
        hive.put(&["main-org"], "Task", Some(&case), json!({"title": format!("task {number}"), "status": "Waiting"}));
    }
    check_equal(&whole.copy(&hive.url()).await);
    let expected = whole.everything().await;
    hive.behave(Manners::default());
    let home = Home::new().await;
    let mut broken = 0;
    // Each time a little further.
    for questions in (3..).step_by(5) {
        hive.behave(Manners { locks_out_after: Some(questions), ..Manners::default() });
        match home.try_copy(&hive.url(), &[], &vigie_thehive::TenantMap::new()).await {
            Ok(outcome) => {
                check_equal(&outcome);
                break;
            }
            Err(error) => {
                assert!(error.to_string().contains("does not know the key"), "{error}");
                broken += 1;
            }
        }
    }
    assert!(broken > 5, "{broken}");
    assert_eq!(home.everything().await, expected);
    assert_eq!(home.all::<Task>().await.len(), 451);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_objects_of_one_moment_come_once() {
    let (hive, home) = (Hive::start().await, Home::new().await);
    let moment = 1_700_000_000_000_i64;
    for number in 0..1_000 {
        // Before it 150, at it 650, after it 200.
        let time = moment + i64::from(number >= 150) + i64::from(number >= 800) * i64::from(number);
        let mut alert = bare_alert(&format!("n{number}"));
        alert["_createdAt"] = time.into();
        hive.put(&["main-org"], "Alert", None, alert);
    }
    let outcome = home.copy(&hive.url()).await;
    check_equal(&outcome);
    assert_eq!(
        (home.all::<Alert>().await.len(), figures(&outcome, "main-org", "alerts")),
        (1_000, (Some(1_000), 1_000, 0, 0, 0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_at_the_source_stays_and_is_not_counted() {
    let (hive, home) = (Hive::start().await, Home::new().await);
    let gone = hive.put(&["main-org"], "Case", None, bare_case(1));
    hive.put(&["main-org"], "Case", None, bare_case(2));
    home.copy(&hive.url()).await;
    hive.delete(&gone);
    let outcome = home.copy(&hive.url()).await;
    check_equal(&outcome);
    assert_eq!(figures(&outcome, "main-org", "cases"), (Some(1), 0, 1, 0, 0));
    assert_eq!(home.all::<Case>().await.len(), 2);
}
