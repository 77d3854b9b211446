//! Names and numbers that are taken, and organisations that share.

use serde_json::json;
use vigie_model::{Alert, Case, CaseTemplate, Comment, CustomField, Parent, TenantId, User};
use vigie_thehive::TenantMap;

use super::content::{bare_alert, bare_case};
use super::hive::Hive;
use super::{Home, check_equal, figures};

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_taken_becomes_a_tag() {
    let (first, second, home) = (Hive::start().await, Hive::start().await, Home::new().await);
    first.put(&["main-org"], "Case", None, bare_case(1));
    first.put(&["main-org"], "Case", None, bare_case(4));
    home.copy(&first.url()).await;
    for (id, number) in [("~x1", 1), ("~x2", 2), ("~x3", 4), ("~x4", 6)] {
        let mut case = bare_case(number);
        case["_id"] = id.into();
        second.put(&["main-org"], "Case", None, case);
    }
    let outcome = home.copy(&second.url()).await;
    check_equal(&outcome);
    let mut numbers: Vec<(u64, String)> =
        home.all::<Case>().await.into_iter().map(|case| (case.number, case.tags.join(","))).collect();
    numbers.sort();
    let tagged = |number: u64| numbers.iter().filter(|(_, tags)| *tags == format!("thehive:number={number}")).count();
    assert_eq!((numbers.len(), tagged(1), tagged(4)), (6, 1, 1), "{numbers:?}");
    let kept: Vec<u64> = numbers.iter().filter(|(_, tags)| tags.is_empty()).map(|(number, _)| *number).collect();
    assert_eq!(kept, [1, 2, 4, 6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_its_feeder_has_sent_here_already_gets_what_hangs_on_it() {
    let (first, second, home) = (Hive::start().await, Hive::start().await, Home::new().await);
    first.put(&["main-org"], "Alert", None, bare_alert("r1"));
    home.copy(&first.url()).await;
    let mut same = bare_alert("r1");
    same["_id"] = "~other".into();
    let alert = second.put(&["main-org"], "Alert", None, same);
    second.put(&["main-org"], "Comment", Some(&alert), json!({"message": "mine"}));
    let outcome = home.copy(&second.url()).await;
    check_equal(&outcome);
    assert_eq!(figures(&outcome, "main-org", "alerts"), (Some(1), 0, 1, 0, 0));
    let (alerts, comments): (Vec<Alert>, Vec<Comment>) = (home.all().await, home.all().await);
    assert_eq!((alerts.len(), comments[0].on), (1, Parent::Alert(alerts[0].id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_a_name_here_stays_as_it_is() {
    let (first, second, home) = (Hive::start().await, Hive::start().await, Home::new().await);
    let fill = |hive: &Hive, mark: &str, kind: &str| {
        let id = |name: &str| format!("~{mark}{name}");
        hive.put(&["main-org"], "User", None, json!({"_id": id("u"), "login": "ann@acme.example", "name": mark, "profile": "analyst", "organisation": "main-org"}));
        hive.put(
            &["main-org"],
            "CustomField",
            None,
            json!({"_id": id("f"), "name": "score", "type": kind, "description": mark, "group": ""}),
        );
        hive.put(
            &["main-org"],
            "CaseTemplate",
            None,
            json!({"_id": id("t"), "name": "Phishing", "displayName": mark, "flag": false}),
        );
    };
    fill(&first, "first", "integer");
    home.copy(&first.url()).await;
    fill(&second, "second", "string");
    let outcome = home.copy(&second.url()).await;
    assert_eq!(figures(&outcome, "", "users"), (Some(1), 0, 1, 0, 0));
    assert_eq!(figures(&outcome, "main-org", "case templates"), (Some(1), 0, 1, 0, 0));
    // A field that holds something else would make nonsense of the values.
    assert_eq!(figures(&outcome, "", "custom fields"), (Some(1), 0, 0, 0, 1));
    assert_eq!(outcome.failures[0].field, "type");
    assert_eq!(home.all::<User>().await[0].display, "first");
    assert_eq!(home.all::<CustomField>().await[0].description, "first");
    assert_eq!(home.all::<CaseTemplate>().await[0].display_name, "first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_is_shared_belongs_to_its_owner_whoever_is_copied_first() {
    let (hive, home) = (Hive::start().await, Home::new().await);
    let mut case = bare_case(1);
    // An older source does not say in the list whose it is.
    case.as_object_mut().unwrap().remove("extraData");
    let case = hive.put(&["A guest", "The owner"], "Case", None, case);
    hive.put(
        &["A guest", "The owner"],
        "Share",
        Some(&case),
        json!({"organisationName": "The owner", "profileName": "org-admin", "owner": true}),
    );
    hive.put(
        &["A guest", "The owner"],
        "Share",
        Some(&case),
        json!({"organisationName": "A guest", "profileName": "analyst", "owner": false}),
    );
    hive.put(&["A guest", "The owner"], "Task", Some(&case), json!({"title": "t", "status": "Waiting"}));
    // The owner is not copied: the case cannot come.
    let outcome = home.try_copy(&hive.url(), &["A guest"], &TenantMap::new()).await.unwrap();
    assert_eq!(figures(&outcome, "A guest", "cases"), (Some(1), 0, 0, 0, 1));
    assert!(
        outcome.failures.iter().any(|failure| failure.list == "cases" && failure.reason.contains("belong")),
        "{:?}",
        outcome.failures
    );
    let outcome = home.copy(&hive.url()).await;
    check_equal(&outcome);
    let case: Case = home.all().await.pop().unwrap();
    assert_eq!(case.tenant.as_str(), "the-owner");
    assert_eq!(figures(&outcome, "A guest", "cases"), (Some(1), 0, 1, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn organisations_become_the_tenants_that_the_map_says() {
    let (hive, home) = (Hive::start().await, Home::new().await);
    hive.put(&["Client A", "client-a", "日本"], "Case", None, bare_case(1));
    let copy = async |tenants: &[(&str, &str)]| {
        let map = tenants.iter().map(|(name, tenant)| ((*name).to_owned(), TenantId::new(tenant).unwrap()));
        home.try_copy(&hive.url(), &[], &map.collect()).await.map(|_| ()).map_err(|error| error.to_string())
    };
    // Two organisations of one name, and one that has none left.
    assert!(copy(&[("日本", "japan")]).await.unwrap_err().contains("`client-a` is what"));
    assert!(copy(&[("Client A", "first")]).await.unwrap_err().contains("`日本` needs a tenant's name"));
    copy(&[("Client A", "first"), ("日本", "japan")]).await.unwrap();
    let names: Vec<String> =
        home.store.tenants().await.unwrap().into_iter().map(|tenant| tenant.id.to_string()).collect();
    assert_eq!(names, ["admin", "client-a", "first", "japan"]);
}
