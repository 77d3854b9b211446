//! Sources with bad manners.

use serde_json::json;
use vigie_model::{Attachment, Case, Task, TaskLog};
use vigie_thehive::{Credentials, Patience, Source, SourceSettings};

use super::content::{bare_alert, bare_case, fill};
use super::hive::{Hive, Manners};
use super::{Home, check_equal, figures};

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_does_not_say_what_parts_hang_on_is_asked_one_by_one() {
    let (hive, home, mute) = (Hive::start().await, Home::new().await, Home::new().await);
    let (case, _) = fill(&hive);
    for number in 0..450 {
        hive.put(&["main-org"], "Task", Some(&case), json!({"title": format!("task {number}"), "status": "Waiting"}));
    }
    check_equal(&home.copy(&hive.url()).await);
    hive.behave(Manners { is_mute: true, ..Manners::default() });
    let first = mute.copy(&hive.url()).await;
    check_equal(&first);
    assert_eq!(mute.everything().await, home.everything().await);
    let rows = mute.audit_rows().await;
    let again = mute.copy(&hive.url()).await;
    check_equal(&again);
    assert_eq!(figures(&again, "main-org", "tasks"), (Some(451), 0, 451, 0, 0));
    assert_eq!((mute.everything().await, mute.audit_rows().await), (home.everything().await, rows));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_fails_now_and_then_is_asked_again() {
    let (hive, home, sound) = (Hive::start().await, Home::new().await, Home::new().await);
    fill(&hive);
    sound.copy(&hive.url()).await;
    for every in [2, 3, 5] {
        hive.behave(Manners { fails_every: Some(every), ..Manners::default() });
        check_equal(&home.copy(&hive.url()).await);
    }
    assert_eq!(home.everything().await, sound.everything().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_listed_and_the_rest_comes() {
    let (hive, home) = (Hive::start().await, Home::new().await);
    let case = hive.put(&["main-org"], "Case", None, bare_case(1));
    let mut bad = bare_case(2);
    bad["severity"] = json!(9);
    let bad = hive.put(&["main-org"], "Case", None, bad);
    hive.put(&["main-org"], "Task", Some(&bad), json!({"title": "orphan", "status": "Waiting"}));
    hive.put(
        &["main-org"],
        "Task",
        Some(&case),
        json!({"title": "good", "status": "Waiting", "order": 4_294_967_295_u32}),
    );
    hive.put(&["main-org"], "Task", Some(&case), json!({"title": "bad", "status": "Resting"}));
    hive.put(&["main-org"], "Task", Some(&case), json!({"_id": "~1/../2", "title": "bad", "status": "Waiting"}));
    hive.put(&["main-org"], "Comment", Some(&case), json!({"message": null}));
    let outcome = home.copy(&hive.url()).await;
    assert!(!outcome.is_equal());
    assert_eq!(figures(&outcome, "main-org", "cases"), (Some(2), 1, 0, 0, 1));
    assert_eq!(figures(&outcome, "main-org", "tasks"), (Some(4), 1, 0, 0, 3));
    let told: Vec<(&str, &str)> =
        outcome.failures.iter().map(|failure| (failure.list, failure.field.as_str())).collect();
    let expected =
        [("cases", "severity"), ("tasks", "case"), ("tasks", "status"), ("tasks", "_id"), ("case comments", "message")];
    assert_eq!(told, expected);
    assert!(outcome.failures[0].reason.contains("expected a number from 1 to 4"), "{:?}", outcome.failures[0]);
    assert_eq!(home.all::<Task>().await.len(), 1);
    // Once the source is mended, they come.
    hive.change(&bad, &json!({"severity": 4}));
    let outcome = home.copy(&hive.url()).await;
    assert_eq!(figures(&outcome, "main-org", "cases"), (Some(2), 1, 1, 0, 0));
    assert_eq!(figures(&outcome, "main-org", "tasks"), (Some(4), 1, 1, 0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_the_key_may_not_read_is_named() {
    let (hive, home) = (Hive::start().await, Home::new().await);
    fill(&hive);
    hive.behave(Manners { forbids: vec!["User", "PageTemplate"], ..Manners::default() });
    let outcome = home.copy(&hive.url()).await;
    let told: Vec<(&str, &str)> =
        outcome.failures.iter().map(|failure| (failure.organisation.as_str(), failure.list)).collect();
    assert_eq!(told, [("", "users"), ("Client B", "page templates"), ("main-org", "page templates")]);
    assert!(outcome.failures[0].reason.contains("manageUser"), "{:?}", outcome.failures[0]);
    assert!(!outcome.is_equal());
    assert_eq!(home.all::<Case>().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_does_not_sort_is_not_believed() {
    let (hive, home) = (Hive::start().await, Home::new().await);
    for number in 0..3 {
        hive.put(&["main-org"], "Alert", None, bare_alert(&format!("n{number}")));
    }
    hive.behave(Manners { is_unsorted: true, ..Manners::default() });
    let outcome = home.copy(&hive.url()).await;
    assert!(
        outcome.failures.iter().any(|failure| failure.reason.contains("not in the order")),
        "{:?}",
        outcome.failures
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_held_against_what_the_source_says() {
    let (hive, home) = (Hive::start().await, Home::new().await);
    let case = hive.put(&["main-org"], "Case", None, bare_case(1));
    let task = hive.put(&["main-org"], "Task", Some(&case), json!({"title": "t", "status": "Waiting"}));
    let sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let file = |id: &str| json!({"_id": id, "name": "a.txt", "hashes": [sha256], "size": 5});
    for (id, bytes) in [("~f1", b"hello".to_vec()), ("~f2", b"jello".to_vec()), ("~f3", vec![0; 1_025])] {
        hive.put(&["main-org"], "Attachment", Some(&case), file(id));
        hive.file(&format!("/api/v1/case/{case}/attachment/{id}/download"), &bytes);
    }
    hive.put(&["main-org"], "Attachment", Some(&case), file("~f4"));
    hive.put(&["main-org"], "Log", Some(&task), json!({"message": "m", "date": 1, "attachments": [file("~f5")]}));
    let outcome = home.copy(&hive.url()).await;
    assert_eq!(figures(&outcome, "main-org", "case attachments"), (Some(4), 1, 0, 0, 3));
    // A log says something without its file.
    assert_eq!(figures(&outcome, "main-org", "task logs"), (Some(1), 1, 0, 0, 0));
    let told: Vec<&str> = outcome.failures.iter().map(|failure| failure.reason.as_str()).collect();
    for (place, words) in
        ["not found", "the source says 2cf24d", "longer than 1024 bytes", "not found"].iter().enumerate()
    {
        assert!(told[place].contains(words), "{told:?}");
    }
    assert_eq!(home.all::<Attachment>().await.len(), 1);
    // The file turns up later, and comes to the log that is here.
    hive.file("/api/v1/attachment/~f5/download", b"hello");
    home.copy(&hive.url()).await;
    let log = home.all::<TaskLog>().await.pop().unwrap();
    let files: Vec<Attachment> = home.all().await;
    assert!(files.iter().any(|file| file.owner == vigie_model::AttachmentOwner::Log(log.id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_not_there_says_what_to_do() {
    let settings = |url: &str| SourceSettings {
        url: url.to_owned(),
        credentials: Credentials::Key("k".into()),
        certificates: None,
        name: None,
        patience: Patience { attempts_max: 2, first_wait: std::time::Duration::from_millis(1) },
    };
    let ask = async |url: &str| -> String {
        let (source, home) = (Source::new(&settings(url)).unwrap(), Home::new().await);
        let import = vigie_thehive::Import {
            source: &source,
            organisations: &[],
            tenants: &vigie_thehive::TenantMap::new(),
            tell: &|_| {},
            now: &|| vigie_model::Timestamp::EPOCH,
        };
        import
            .run(vigie_thehive::Target { store: &home.store, files: &home.files, file_bytes_max: 1 })
            .await
            .unwrap_err()
            .to_string()
    };
    // A port that nobody listens on.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let said = ask(&format!("http://{free}")).await;
    assert!(said.contains("after 2 attempts") && said.contains("--url"), "{said}");
    // One that does not speak TLS.
    let hive = Hive::start().await;
    let said = ask(&format!("https://{}", hive.address)).await;
    assert!(said.contains("--ca-file") || said.contains("--url"), "{said}");
}
