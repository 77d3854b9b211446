//! Who may do what to users, profiles and organisations.

use axum::http::Method;
use serde_json::{Value, json};
use vigie_model::{Role, TenantId, TenantScope, Timestamp};
use vigie_thehive::House as _;

use crate::client::{Answer, Client};
use crate::house::add_user;

/// A door with people of two organisations; everybody's password is `secret`.
async fn town() -> Client {
    let client = Client::stand().await;
    for (name, places) in [
        ("ann", &[("acme", "org-admin")][..]),
        ("bob", &[("acme", "analyst")]),
        ("rob", &[("acme", "read-only")]),
        ("mel", &[("acme", "analyst"), ("globex", "org-admin")]),
        ("eve", &[("globex", "analyst")]),
    ] {
        add_user(&client.door.store, client.house.now(), name, "secret", places).await;
    }
    client
}

/// `POST /path` with a body, as somebody in their organisation; `admin` is the administrator within `admin`.
async fn ask(client: &Client, who: &str, request: &str, body: &Value) -> Answer {
    let (method, path) = request.split_once(' ').unwrap();
    let method: Method = method.parse().unwrap();
    let asker = match who {
        "admin" => client.admin("admin"),
        "main" => client.admin("main-org"),
        who => client.user(who, "secret", None),
    };
    asker.json(method, path, body).await
}

/// Every request is made in a town of its own, so that none helps or hinders another.
async fn check(who: &str, request: &str, body: Value, status: u16, says: &str) {
    let client = town().await;
    let answer = ask(&client, who, request, &body).await;
    assert_eq!(answer.status, status, "{who} {request} {body}: {}", answer.body);
    assert!(answer.body.to_string().contains(says), "{who} {request} {body}: {}", answer.body);
}

/// A user to be made.
fn user(profile: &str, organisation: Value) -> Value {
    json!({"login": "new", "name": "New", "profile": profile, "organisation": organisation})
}

/// Where somebody is to be a member.
fn places(places: &[(&str, &str)]) -> Value {
    let place = |(organisation, profile): &(&str, &str)| json!({"organisation": organisation, "profile": profile});
    json!({"organisations": places.iter().map(place).collect::<Vec<_>>()})
}

#[tokio::test]
async fn whoever_runs_an_organisation_makes_its_users() {
    for (who, request, body, status, says) in [
        // Whoever runs an organisation makes and changes its users.
        ("ann", "POST /api/v1/user", user("analyst", Value::Null), 201, "\"organisation\":\"acme\""),
        ("ann", "POST /api/v1/user", user("org-admin", json!("acme")), 201, "org-admin"),
        ("ann", "PATCH /api/v1/user/bob", json!({"profile": "read-only", "name": "Bob"}), 204, ""),
        ("ann", "PATCH /api/v1/user/bob", json!({"locked": true}), 204, ""),
        ("ann", "DELETE /api/v1/user/bob", json!({}), 204, ""),
        ("ann", "DELETE /api/v1/user/bob/force", json!({}), 204, ""),
        ("ann", "POST /api/v1/user/bob/password/set", json!({"password": "x"}), 204, ""),
        ("ann", "POST /api/v1/user/bob/key/renew", json!({}), 200, "key_"),
        // Whoever is known already is answered as they are.
        (
            "ann",
            "POST /api/v1/user",
            json!({"login": "BOB", "name": "x", "profile": "analyst"}),
            201,
            "\"login\":\"bob\"",
        ),
    ] {
        check(who, request, body, status, says).await;
    }
}

#[tokio::test]
async fn nobody_gives_what_they_do_not_have() {
    for (who, request, body, status, says) in [
        // But not beyond what they have.
        ("ann", "POST /api/v1/user", user("admin", Value::Null), 403, "you cannot give or take admin in acme"),
        ("ann", "POST /api/v1/user", user("analyst", json!("globex")), 404, "Organisation globex not found"),
        ("ann", "POST /api/v1/user", user("admin", json!("admin")), 404, "Organisation admin not found"),
        ("ann", "PATCH /api/v1/user/bob", json!({"profile": "admin"}), 403, "you cannot give or take admin"),
        ("ann", "PATCH /api/v1/user/ann", json!({"profile": "admin"}), 403, "you cannot give or take admin"),
        (
            "ann",
            "PUT /api/v1/user/ann/organisations",
            places(&[("acme", "org-admin"), ("admin", "admin")]),
            404,
            "admin",
        ),
        ("ann", "PUT /api/v1/user/bob/organisations", places(&[("globex", "read-only")]), 404, "Organisation globex"),
    ] {
        check(who, request, body, status, says).await;
    }
}

#[tokio::test]
async fn users_of_others_are_left_alone() {
    for (who, request, body, status, says) in [
        // Nor to whom works for others too: their password opens both.
        (
            "ann",
            "POST /api/v1/user/mel/password/set",
            json!({"password": "x"}),
            403,
            "you cannot give or take org-admin",
        ),
        ("ann", "POST /api/v1/user/mel/key/renew", json!({}), 403, "in globex"),
        ("ann", "GET /api/v1/user/mel/key", json!({}), 403, "in globex"),
        ("ann", "PATCH /api/v1/user/mel", json!({"locked": true}), 403, "in globex"),
        ("ann", "PUT /api/v1/user/mel/organisations", places(&[("acme", "analyst")]), 403, "in globex"),
        ("ann", "DELETE /api/v1/user/mel/force", json!({}), 204, ""),
        // Users of others are not there.
        ("ann", "GET /api/v1/user/eve", json!({}), 404, "User eve not found"),
        ("ann", "PATCH /api/v1/user/eve", json!({"locked": true}), 404, "User eve not found"),
        ("ann", "DELETE /api/v1/user/eve/force", json!({}), 404, "User eve not found"),
        ("ann", "DELETE /api/v1/user/bob/force?organisation=globex", json!({}), 404, "Organisation globex not found"),
        ("ann", "POST /api/v1/user/eve/key/renew", json!({}), 404, "User eve not found"),
        ("ann", "POST /api/v1/user", json!({"login": "eve", "name": "Eve", "profile": "analyst"}), 400, "CreateError"),
    ] {
        check(who, request, body, status, says).await;
    }
}

#[tokio::test]
async fn who_runs_nothing_changes_only_themselves() {
    for (who, request, body, status, says) in [
        // Who does not run the organisation changes nobody but themselves.
        ("bob", "POST /api/v1/user", user("read-only", Value::Null), 403, "manageUser"),
        ("bob", "PATCH /api/v1/user/rob", json!({"locked": true}), 403, "manageUser"),
        ("bob", "GET /api/v1/user/rob", json!({}), 200, "\"login\":\"rob\""),
        ("bob", "GET /api/v1/user/rob/key", json!({}), 403, "manageUser"),
        ("bob", "POST /api/v1/user/rob/key/renew", json!({}), 403, "manageUser"),
        ("bob", "POST /api/v1/user/bob/key/renew", json!({}), 200, "key_"),
        ("rob", "DELETE /api/v1/user/rob/key", json!({}), 204, ""),
        ("rob", "GET /api/v1/user/rob/key", json!({}), 404, "Key of user rob not found"),
        (
            "bob",
            "POST /api/v1/user/rob/password/change",
            json!({"password": "x", "currentPassword": "secret"}),
            403,
            "own",
        ),
        (
            "bob",
            "POST /api/v1/user/bob/password/change",
            json!({"password": "x", "currentPassword": "y"}),
            401,
            "Authent",
        ),
        (
            "bob",
            "POST /api/v1/user/bob/password/change",
            json!({"password": "x", "currentPassword": "secret"}),
            204,
            "",
        ),
    ] {
        check(who, request, body, status, says).await;
    }
}

#[tokio::test]
async fn whoever_runs_the_platform_does_so_for_all() {
    for (who, request, body, status, says) in [
        // Whoever runs the platform does so for all, wherever they are about.
        ("admin", "POST /api/v1/user", user("admin", json!("admin")), 201, "\"profile\":\"admin\""),
        ("admin", "PATCH /api/v1/user/eve", json!({"profile": "org-admin", "organisation": "globex"}), 204, ""),
        ("admin", "POST /api/v1/user/mel/password/set", json!({"password": "x"}), 204, ""),
        (
            "admin",
            "POST /api/v1/user",
            json!({"login": "eve", "profile": "analyst", "organisation": "acme"}),
            201,
            "acme",
        ),
        ("admin", "DELETE /api/v1/user/mel/force", json!({}), 204, ""),
        (
            "main",
            "PUT /api/v1/user/admin@thehive.local/organisations",
            places(&[("main-org", "org-admin"), ("admin", "admin")]),
            200,
            "\"default\":true",
        ),
        ("main", "POST /api/v1/user", user("admin", json!("admin")), 201, "admin"),
    ] {
        check(who, request, body, status, says).await;
    }
}

#[tokio::test]
async fn nobody_shuts_themselves_out() {
    for (who, request, body, status, says) in [
        // Nobody shuts themselves out.
        ("admin", "PATCH /api/v1/user/admin@thehive.local", json!({"locked": true}), 400, "nobody locks themselves"),
        ("admin", "DELETE /api/v1/user/admin@thehive.local/force", json!({}), 400, "nobody deletes themselves"),
        (
            "admin",
            "PUT /api/v1/user/admin@thehive.local/organisations",
            places(&[("main-org", "org-admin")]),
            400,
            "themselves",
        ),
        (
            "admin",
            "PUT /api/v1/user/eve/organisations",
            places(&[("acme", "analyst"), ("acme", "read-only")]),
            400,
            "twice",
        ),
        ("admin", "PUT /api/v1/user/eve/organisations", places(&[]), 400, "expected 1 to 1000"),
        (
            "admin",
            "PUT /api/v1/user/eve/organisations",
            places(&[("acme", "boss")]),
            400,
            "no profile boss: known are admin,",
        ),
    ] {
        check(who, request, body, status, says).await;
    }
}

#[tokio::test]
async fn fields_of_users_are_checked() {
    let login = |login: &str| json!({"login": login, "name": "x", "profile": "analyst"});
    for (body, status, says) in [
        (login(""), 400, "login: expected 1 to 100"),
        (login(" x"), 400, "login: expected"),
        (login("a\nb"), 400, "login: expected"),
        (login("a\u{0}b"), 400, "login: expected"),
        (login(&"x".repeat(100)), 201, ""),
        (login(&"x".repeat(101)), 400, "login: expected"),
        (login("<script>alert(1)</script>"), 201, "<script>"),
        (json!({"login": "x", "name": "x", "profile": "nobody"}), 400, "there is no profile nobody"),
        (json!({"login": "x", "name": "x"}), 400, "missing field `profile`"),
        (json!({"login": "x", "profile": "analyst", "email": "nowhere"}), 400, "email: expected an address"),
        (json!({"login": "x", "profile": "analyst", "type": "Service"}), 201, ""),
        (json!({"login": "x", "profile": "analyst", "type": "Robot"}), 400, "Robot"),
    ] {
        check("ann", "POST /api/v1/user", body, status, says).await;
    }
    check("ann", "PATCH /api/v1/user/bob", json!({"avatar": "data:…"}), 400, "pictures of users are not kept").await;
    check("ann", "PATCH /api/v1/user/bob", json!({"defaultOrganisation": "acme", "email": null}), 204, "").await;
}

/// What a user may do at our own doors is what the least of their profiles allows, and never more than it was.
#[tokio::test]
async fn our_own_doors_follow_the_memberships() {
    let acme = || TenantScope::Only(vec![TenantId::new("acme").unwrap()]);
    for (before, given, expected) in [
        ((Role::Reader, acme()), places(&[("acme", "analyst")]), (Role::Analyst, acme())),
        ((Role::Admin, acme()), places(&[("acme", "read-only")]), (Role::Reader, acme())),
        ((Role::Admin, TenantScope::All), places(&[("acme", "org-admin")]), (Role::Admin, acme())),
        ((Role::Reader, acme()), places(&[("acme", "analyst"), ("admin", "admin")]), (Role::Analyst, acme())),
        (
            (Role::Admin, TenantScope::All),
            places(&[("acme", "analyst"), ("admin", "admin")]),
            (Role::Admin, TenantScope::All),
        ),
        ((Role::Reader, acme()), places(&[("admin", "admin")]), (Role::Reader, TenantScope::Only(Vec::new()))),
    ] {
        let client = town().await;
        let (bob, _) = client.door.store.user_by_name("bob").await.unwrap().unwrap();
        let mut tx = client.door.store.begin().await.unwrap();
        let (role, tenants) = before.clone();
        // Memberships that are there already change nothing, so that these are new ones.
        tx.save_user(&vigie_model::User { role, tenants, memberships: Vec::new(), ..bob }).await.unwrap();
        tx.commit().await.unwrap();
        let answer = ask(&client, "admin", "PUT /api/v1/user/bob/organisations", &given).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let (bob, _) = client.door.store.user_by_name("bob").await.unwrap().unwrap();
        assert_eq!((bob.role, bob.tenants), expected, "{before:?} {given}");
    }
}

#[tokio::test]
async fn a_key_is_shown_once_and_holds_until_it_is_renewed() {
    let client = town().await;
    let first = ask(&client, "ann", "POST /api/v1/user/bob/key/renew", &json!({})).await.body;
    let first = first.as_str().unwrap();
    let told = ask(&client, "bob", "GET /api/v1/user/bob/key", &json!({})).await.body;
    assert!(
        told.as_str().unwrap().ends_with("is the public half of the key: the whole was shown once, when it was made")
    );
    assert_eq!(client.key(first, None).get("/api/v1/user/current").await.body["login"], "bob");
    let second = ask(&client, "bob", "POST /api/v1/user/bob/key/renew", &json!({})).await.body;
    assert_eq!(client.key(first, None).get("/api/v1/user/current").await.status, 401);
    assert_eq!(client.key(second.as_str().unwrap(), None).get("/api/v1/user/current").await.status, 200);
    assert_eq!(ask(&client, "ann", "DELETE /api/v1/user/bob/key", &json!({})).await.status, 204);
    assert_eq!(client.key(second.as_str().unwrap(), None).get("/api/v1/user/current").await.status, 401);
}

/// The audit log says who made the key and the password, and holds neither.
#[tokio::test]
async fn changes_of_users_are_in_the_audit_log() {
    let client = town().await;
    let key = ask(&client, "ann", "POST /api/v1/user/bob/key/renew", &json!({})).await.body;
    ask(&client, "ann", "POST /api/v1/user/bob/password/set", &json!({"password": "hunter2"})).await;
    ask(&client, "ann", "PATCH /api/v1/user/bob", &json!({"name": "Bobby"})).await;
    let rows = client.door.store.audit(&TenantScope::All, &vigie_store::Listing::first(100)).await.unwrap().rows;
    let text = serde_json::to_string(&rows).unwrap();
    assert!(!text.contains(key.as_str().unwrap()) && !text.contains("hunter2"), "{text}");
    let by_ann = |object: &str| text.matches(&format!("\"object\":\"{object}\"")).count();
    assert_eq!((by_ann("api_key"), by_ann("user")), (1, 2), "{text}");
    assert!(text.contains("\"display\":\"Bobby\""), "{text}");
    assert_eq!(client.door.store.verify_chain().await.unwrap().broken, None);
}

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
