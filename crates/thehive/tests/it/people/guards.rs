//! What guards profiles, organisations, custom fields and types, and our own accounts.

use super::{ask, check, town};
use serde_json::{Value, json};
use vigie_model::{Role, TenantId, TenantScope, Timestamp};

#[tokio::test]
async fn profiles_are_guarded() {
    let profile = |name: &str, permissions: &[&str]| json!({"name": name, "permissions": permissions});
    for (who, request, body, status, says) in [
        ("admin", "POST /api/v1/profile", profile("triage", &["manageAlert/update"]), 201, "\"editable\":true"),
        ("admin", "POST /api/v1/profile", profile("Analyst", &[]), 400, "there is a profile Analyst already"),
        ("admin", "POST /api/v1/profile", profile("x", &[""]), 400, "permissions: expected"),
        ("admin", "PATCH /api/v1/profile/analyst", profile("boss", &[]), 400, "built in"),
        ("admin", "DELETE /api/v1/profile/read-only", json!({}), 400, "built in"),
        ("admin", "DELETE /api/v1/profile/none", json!({}), 404, "Profile none not found"),
        ("ann", "POST /api/v1/profile", profile("x", &[]), 403, "manageProfile"),
        ("bob", "GET /api/v1/profile/analyst", json!({}), 200, "\"editable\":false"),
    ] {
        check(who, request, body, status, says).await;
    }
}

#[tokio::test]
async fn who_has_a_profile_follows_it() {
    let client = town().await;
    let profile = json!({"name": "triage", "permissions": ["manageAlert/update", "manageCase/update"]});
    assert_eq!(ask(&client, "admin", "POST /api/v1/profile", &profile).await.status, 201);
    let change = json!({"profile": "triage", "organisation": "acme"});
    assert_eq!(ask(&client, "admin", "PATCH /api/v1/user/bob", &change).await.status, 204);
    assert_eq!(ask(&client, "admin", "DELETE /api/v1/profile/triage", &json!({})).await.status, 400);
    let bob = async || client.door.store.user_by_name("bob").await.unwrap().unwrap().0;
    assert_eq!(bob().await.role, Role::Analyst);
    let change = json!({"name": "looking", "permissions": []});
    assert_eq!(ask(&client, "admin", "PATCH /api/v1/profile/triage", &change).await.status, 204);
    let bob = bob().await;
    assert_eq!((bob.role, bob.memberships[0].profile.as_str()), (Role::Reader, "looking"));
}

/// Somebody who may write profiles but not run the platform does not get there that way.
#[tokio::test]
async fn a_profile_is_no_ladder() {
    let client = town().await;
    let profile = json!({"name": "clerk", "permissions": ["manageProfile", "manageUser"]});
    assert_eq!(ask(&client, "admin", "POST /api/v1/profile", &profile).await.status, 201);
    let clerk = json!({"login": "cleo", "profile": "clerk", "organisation": "admin", "password": "secret"});
    assert_eq!(ask(&client, "admin", "POST /api/v1/user", &clerk).await.status, 201);
    for (request, body, status) in [
        ("PATCH /api/v1/profile/clerk", json!({"permissions": ["manageProfile", "manageUser", "managePlatform"]}), 403),
        ("POST /api/v1/profile", json!({"name": "king", "permissions": ["managePlatform"]}), 403),
        ("PATCH /api/v1/user/cleo", json!({"profile": "admin"}), 403),
        ("POST /api/v1/user/admin@thehive.local/password/set", json!({"password": "x"}), 403),
        ("POST /api/v1/profile", json!({"name": "peasant", "permissions": ["manageAlert/create"]}), 201),
    ] {
        assert_eq!(ask(&client, "cleo", request, &body).await.status, status, "{request}");
    }
}

#[tokio::test]
async fn organisations_are_guarded() {
    let named = |name: &str| json!({"name": name, "description": "x"});
    for (who, request, body, status, says) in [
        ("admin", "POST /api/v1/organisation", named("New & Co"), 201, "\"locked\":false"),
        ("admin", "POST /api/v1/organisation", named("ACME"), 400, "there is an organisation ACME already"),
        ("admin", "POST /api/v1/organisation", named("admin"), 400, "already"),
        (
            "admin",
            "POST /api/v1/organisation",
            json!({"name": "x", "taskRule": "all"}),
            400,
            "there is one rule, manual",
        ),
        ("admin", "PATCH /api/v1/organisation/acme", json!({"name": "globex"}), 400, "already"),
        ("admin", "PATCH /api/v1/organisation/acme", json!({"name": "Acme Inc", "locked": true}), 204, ""),
        ("admin", "PATCH /api/v1/organisation/admin", json!({"locked": true}), 400, "never locked"),
        ("admin", "GET /api/v1/organisation/globex", json!({}), 200, "globex"),
        ("admin", "PUT /api/v1/organisation/acme/link/globex", json!({"linkType": "default"}), 204, ""),
        ("admin", "PUT /api/v1/organisation/acme/link/acme", json!({}), 400, "no link to itself"),
        ("admin", "PUT /api/v1/organisation/acme/link/nowhere", json!({}), 404, "nowhere"),
        ("ann", "POST /api/v1/organisation", named("x"), 403, "manageOrganisation"),
        ("ann", "PATCH /api/v1/organisation/acme", json!({"locked": false}), 403, "manageOrganisation"),
        ("ann", "GET /api/v1/organisation/acme", json!({}), 200, "acme"),
        ("ann", "GET /api/v1/organisation/globex", json!({}), 404, "Organisation globex not found"),
        ("ann", "GET /api/v1/organisation/nowhere", json!({}), 404, "Organisation nowhere not found"),
        ("mel", "GET /api/v1/organisation/globex", json!({}), 404, "Organisation globex not found"),
        ("ann", "GET /api/v1/organisation/globex/links", json!({}), 404, "Organisation globex not found"),
    ] {
        check(who, request, body, status, says).await;
    }
}

#[tokio::test]
async fn links_hold_at_both_ends() {
    let client = town().await;
    let links = async |name: &str| {
        let links = ask(&client, "admin", &format!("GET /api/v1/organisation/{name}/links"), &json!({})).await.body;
        let named = |link: &Value| link["organisation"]["name"].as_str().unwrap().to_owned();
        links.as_array().unwrap().iter().map(named).collect::<Vec<_>>()
    };
    ask(&client, "admin", "PUT /api/v1/organisation/acme/link/globex", &json!({})).await;
    assert_eq!((links("acme").await, links("globex").await), (vec!["globex".to_owned()], vec!["acme".to_owned()]));
    let others = json!({"links": [{"toOrganisation": "main-org", "linkType": "default", "otherLinkType": "default"}]});
    assert_eq!(ask(&client, "admin", "PUT /api/v1/organisation/acme/links", &others).await.status, 204);
    assert_eq!((links("acme").await, links("globex").await), (vec!["main-org".to_owned()], Vec::new()));
    ask(&client, "admin", "DELETE /api/v1/organisation/acme/link/main-org", &json!({})).await;
    assert_eq!((links("acme").await, links("main-org").await), (Vec::new(), Vec::new()));
}

/// A locked organisation is read, by queries too, and not changed.
#[tokio::test]
async fn a_locked_organisation_is_only_read() {
    let client = town().await;
    ask(&client, "admin", "PATCH /api/v1/organisation/acme", &json!({"locked": true})).await;
    let query = json!({"query": [{"_name": "listUser"}, {"_name": "count"}]});
    assert_eq!(ask(&client, "ann", "POST /api/v1/query", &query).await.body, 4);
    let answer = ask(&client, "ann", "PATCH /api/v1/user/bob", &json!({"locked": true})).await;
    assert_eq!((answer.status, answer.body["message"].as_str()), (403, Some("organisation acme is locked")));
}

#[tokio::test]
async fn custom_fields_and_types_are_checked() {
    let field = |more: Value| {
        let mut field = json!({"name": "f", "group": "g", "description": "d", "type": "string"});
        field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        field
    };
    for (who, request, body, status, says) in [
        ("admin", "POST /api/v1/customField", field(json!({})), 201, "\"displayName\":\"f\""),
        ("admin", "POST /api/v1/customField", field(json!({"type": "colour"})), 400, "colour"),
        ("admin", "POST /api/v1/customField", field(json!({"options": ["a", 1]})), 400, "options[1]"),
        ("admin", "POST /api/v1/customField", field(json!({"type": "integer", "options": [1, 2]})), 201, ""),
        ("admin", "POST /api/v1/customField", field(json!({"options": vec!["x"; 1_001]})), 400, "at most 1000"),
        ("admin", "DELETE /api/v1/customField/none?force=False", json!({}), 404, "CustomField none not found"),
        ("ann", "POST /api/v1/customField", field(json!({})), 403, "manageCustomField"),
        ("admin", "POST /api/v1/observable/type", json!({"name": "iban"}), 201, "\"isAttachment\":false"),
        ("admin", "POST /api/v1/observable/type", json!({"name": "IP"}), 400, "already"),
        ("admin", "DELETE /api/v1/observable/type/ip", json!({}), 400, "built in"),
        ("bob", "GET /api/v1/observable/type/ip", json!({}), 200, "\"name\":\"ip\""),
        ("bob", "GET /api/v1/observable/type/~5", json!({}), 404, "ObservableType ~5 not found"),
    ] {
        check(who, request, body, status, says).await;
    }
}

#[tokio::test]
async fn a_session_begins_and_ends() {
    let client = town().await;
    let wrong = json!({"user": "bob", "password": "no"});
    assert_eq!(client.anonymous().post("/api/v1/login", wrong).await.status, 401);
    let answer = client.anonymous().post("/api/v1/login", json!({"user": "bob", "password": "secret"})).await;
    assert_eq!((answer.status, answer.body["login"].as_str()), (200, Some("bob")));
    assert!(answer.headers["set-cookie"].to_str().unwrap().starts_with("THEHIVE-SESSION="));
    let answer = client.anonymous().get("/api/v1/logout").await;
    assert!(answer.status == 204 && answer.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
}

/// An account of our own making has no memberships: what it is in follows from its role.
#[tokio::test]
async fn our_own_accounts_are_shown() {
    let client = town().await;
    let (bob, _) = client.door.store.user_by_name("bob").await.unwrap().unwrap();
    let mut tx = client.door.store.begin().await.unwrap();
    let tenants = TenantScope::Only(vec![TenantId::new("acme").unwrap(), TenantId::new("globex").unwrap()]);
    let stamp = vigie_model::Stamp::new("", Timestamp::EPOCH);
    let user = vigie_model::User { role: Role::Reader, tenants, memberships: Vec::new(), stamp, ..bob };
    tx.save_user(&user).await.unwrap();
    tx.commit().await.unwrap();
    let shown = ask(&client, "bob", "GET /api/v1/user/current", &json!({})).await.body;
    assert_eq!(shown["profile"], "read-only");
    assert_eq!(shown["organisations"].as_array().unwrap().len(), 2, "{shown}");
    assert_eq!(shown["_createdBy"], "system@thehive.local");
}

/// They are members of their tenants in every list, and those who may see all tenants of each.
#[tokio::test]
async fn our_own_accounts_are_listed() {
    let client = town().await;
    let (bob, _) = client.door.store.user_by_name("bob").await.unwrap().unwrap();
    let mut tx = client.door.store.begin().await.unwrap();
    for (name, role, tenants) in [
        ("nina", Role::Analyst, TenantScope::Only(vec![TenantId::new("acme").unwrap()])),
        ("olaf", Role::Analyst, TenantScope::Only(vec![TenantId::new("globex").unwrap()])),
        ("pia", Role::Admin, TenantScope::All),
        ("sensor", Role::Ingest, TenantScope::Only(vec![TenantId::new("acme").unwrap()])),
    ] {
        let user = vigie_model::User {
            id: vigie_model::UserId::derive([name]),
            name: name.into(),
            role,
            tenants,
            memberships: Vec::new(),
            ..bob.clone()
        };
        tx.create_user(&user, &vigie_store::PasswordHash::none()).await.unwrap();
    }
    tx.commit().await.unwrap();
    let query = json!({"query": [{"_name": "listUser"}, {"_name": "sort", "_fields": [{"login": "asc"}]}]});
    let shown = ask(&client, "ann", "POST /api/v1/query", &query).await.body;
    let logins: Vec<&str> = shown.as_array().unwrap().iter().map(|user| user["login"].as_str().unwrap()).collect();
    assert_eq!(logins, ["ann", "bob", "mel", "nina", "pia", "rob"]);
    for name in ["nina", "pia"] {
        let answer = ask(&client, "ann", &format!("PATCH /api/v1/user/{name}"), &json!({"locked": true})).await;
        assert_eq!(answer.status, 403, "{name}");
    }
}
