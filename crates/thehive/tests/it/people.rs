//! Who may do what to users, profiles and organisations.

mod guards;

use axum::http::Method;
use serde_json::{Value, json};
use vigie_model::{Role, TenantId, TenantScope};
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
