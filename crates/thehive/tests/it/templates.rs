//! Pages of cases, page templates and case templates.

use serde_json::{Value, json};
use vigie_cases::PAGES_MAX;
use vigie_model::{CaseId, CasePage, CaseTemplate, PageId, PageTemplate, Stamp, TemplateId, TenantId};

use crate::check::{check, golden, includes};
use crate::client::Client;
use crate::house::add_user;
use crate::opened::{bytes, case, id, make, query};

const MARKUP: &str = "<script>alert(1)</script>\u{0}\u{202e}'; DROP TABLE pages; --";

fn page(title: &str) -> Value {
    json!({"title": title, "content": "# what to do", "category": "how to"})
}

fn main_org() -> TenantId {
    TenantId::new("main-org").unwrap()
}

/// Pages and their templates are made, read, changed and deleted alike.
#[tokio::test]
async fn pages_and_their_templates_are_as_they_were_made() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let case = case(&client).await;
    let long = "x".repeat(1_000_000);
    for (path, list, get) in [
        (format!("/api/v1/case/{case}/page"), "listPage", "getPage"),
        ("/api/v1/pageTemplate".to_owned(), "listPageTemplate", "getPageTemplate"),
    ] {
        let mut first = page("first");
        first["order"] = 7.into();
        let first = make(&admin, &path, first).await;
        golden(list, &first);
        let own = format!("{path}/{}", id(&first));
        check(&admin, &format!("GET {own}"), Value::Null, 200, first.clone()).await;
        assert_eq!(query(&admin, json!([{"_name": get, "idOrName": first["_id"]}])).await, json!([first]));
        let second = make(&admin, &path, page("second")).await;
        assert_eq!(query(&admin, json!([{"_name": list}])).await, json!([first, second]));
        for (field, value, expected) in [
            ("title", json!(" "), "…`title` is empty"),
            ("title", json!(long), "…`title` is too long"),
            ("content", json!(long), "…`content` is too long"),
            ("category", json!("\t"), "…`category` is empty"),
            ("category", json!(long), "…`category` is too long"),
            ("order", json!(-1), "…order: invalid value"),
            ("content", json!([]), "…content: invalid type"),
        ] {
            let mut body = page("x");
            body[field] = value;
            check(&admin, &format!("POST {path}"), body.clone(), 400, json!({"message": expected})).await;
            check(&admin, &format!("PATCH {own}"), body, 400, json!({"message": expected})).await;
        }
        check(&admin, &format!("POST {path}"), json!({"title": "x"}), 400, json!({"message": "…missing field"})).await;
        for (change, expected) in [
            (json!({"title": "first", "other": 1}), json!({"_updatedAt": "-"})),
            (
                json!({"title": MARKUP, "content": MARKUP, "category": MARKUP}),
                json!({"title": MARKUP, "content": MARKUP}),
            ),
            (json!({"content": ""}), json!({"content": "", "category": MARKUP, "_updatedBy": "admin@thehive.local"})),
            (json!({"order": 3, "title": null}), json!({"order": 3, "title": MARKUP})),
        ] {
            check(&admin, &format!("PATCH {own}"), change, 204, Value::Null).await;
            check(&admin, &format!("GET {own}"), Value::Null, 200, expected).await;
        }
        for (filter, expected) in [
            (json!({"_eq": {"title": "SECOND"}}), json!([{"title": "second"}])),
            (json!({"_eq": {"category": "how to"}}), json!([{"title": "second"}])),
            (json!({"_lt": {"order": 4}, "_like": {"title": "<*"}}), json!([{"_id": first["_id"]}])),
        ] {
            let mut filter = filter;
            filter["_name"] = "filter".into();
            let sorted =
                json!([{"_name": list}, filter, {"_name": "sort", "_fields": [{"order": "asc"}, {"title": "asc"}]}]);
            let found = query(&admin, sorted).await;
            assert!(includes(&found, &expected), "{list} {filter}: {found}");
        }
        check(&admin, &format!("DELETE {own}"), Value::Null, 204, Value::Null).await;
        for method in ["GET", "DELETE"] {
            check(&admin, &format!("{method} {own}"), Value::Null, 404, Value::Null).await;
        }
        check(&admin, &format!("PATCH {own}"), page("x"), 404, Value::Null).await;
    }
}

#[tokio::test]
async fn pages_are_of_their_case() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let (one, two) = (case(&client).await, case(&client).await);
    let own = make(&admin, &format!("/api/v1/case/{one}/page"), page("a")).await;
    let last = make(&admin, &format!("/api/v1/case/{one}/page"), page("b")).await;
    let other = make(&admin, &format!("/api/v1/case/{two}/page"), page("c")).await;
    assert_eq!((&own["order"], &last["order"], &other["order"]), (&json!(0), &json!(1), &json!(0)));
    let wrong = format!("/api/v1/case/{two}/page/{}", id(&own));
    check(&admin, &format!("GET {wrong}"), Value::Null, 404, Value::Null).await;
    check(&admin, &format!("PATCH {wrong}"), page("x"), 404, Value::Null).await;
    check(&admin, &format!("DELETE {wrong}"), Value::Null, 404, Value::Null).await;
    let extra = json!({"_name": "page", "from": 0, "to": 1, "extraData": ["case", "caseId"]});
    let found = query(&admin, json!([{"_name": "listPage"}, extra])).await;
    assert!(includes(&found, &json!([{"extraData": {"case": {"_id": one, "number": 1}, "caseId": one}}])), "{found}");
    let found = query(&admin, json!([{"_name": "listPage"}, {"_name": "filter", "_eq": {"caseId": two}}])).await;
    assert_eq!(found, json!([other]));
    let of_case = json!([{"_name": "getCase", "idOrName": "1"}, {"_name": "pages"}]);
    assert_eq!(query(&admin, of_case).await, json!([own, last]));
    check(&admin, &format!("GET /api/v1/case/2/page/{}", id(&other)), Value::Null, 200, other).await;
}

#[tokio::test]
async fn there_are_so_many_pages_and_templates() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let case = case(&client).await;
    let stamp = || Stamp::new("x", client.now());
    let mut tx = client.door.store.begin().await.unwrap();
    for number in 1..PAGES_MAX {
        let page = CasePage {
            id: PageId::derive([number.to_string()]),
            tenant: main_org(),
            case: CaseId::from_bytes(bytes(&json!(case))),
            title: "x".into(),
            content: "x".into(),
            position: 0,
            category: "x".into(),
            stamp: stamp(),
        };
        tx.put(&page).await.unwrap();
    }
    for number in 1..1_000_u64 {
        let name = number.to_string();
        let page = PageTemplate {
            id: TemplateId::derive(["page", &name]),
            tenant: main_org(),
            title: "x".into(),
            content: "x".into(),
            category: "x".into(),
            position: 0,
            stamp: stamp(),
        };
        tx.put(&page).await.unwrap();
        tx.put(&template(&name, stamp())).await.unwrap();
    }
    tx.commit().await.unwrap();
    for (path, body, most) in [
        (format!("/api/v1/case/{case}/page"), page("p"), "…too many pages: at most 500"),
        ("/api/v1/pageTemplate".to_owned(), page("p"), "…too many page templates: at most 1000"),
        ("/api/v1/caseTemplate".to_owned(), json!({"name": "t"}), "…too many case templates: at most 1000"),
    ] {
        make(&admin, &path, body.clone()).await;
        check(&admin, &format!("POST {path}"), body, 400, json!({"message": most})).await;
    }
}

fn template(name: &str, stamp: Stamp) -> CaseTemplate {
    CaseTemplate {
        id: TemplateId::derive(["case", name]),
        tenant: main_org(),
        name: name.into(),
        display_name: name.into(),
        description: None,
        title_prefix: None,
        severity: None,
        tags: Vec::new(),
        flag: false,
        tlp: None,
        pap: None,
        summary: None,
        tasks: Vec::new(),
        fields: Vec::new(),
        pages: Vec::new(),
        stamp,
    }
}

#[tokio::test]
async fn a_case_template_is_fetched_as_it_was_created() {
    let client = Client::stand().await;
    let (admin, platform) = (client.admin("main-org"), client.admin("admin"));
    for (name, kind) in [("cost", "integer"), ("site", "string")] {
        make(&platform, "/api/v1/customField", json!({"name": name, "type": kind, "group": "g", "description": "…"}))
            .await;
    }
    let how_to = make(&admin, "/api/v1/pageTemplate", page("how to")).await;
    let full = json!({
        "name": "phishing", "displayName": "Phishing mail", "titlePrefix": "[Phishing]", "description": "somebody clicked",
        "severity": 3, "tags": ["mail", " mail ", "click"], "flag": true, "tlp": 3, "pap": 1, "summary": "to be written",
        "tasks": [{"title": "look at the mail", "group": "first", "mandatory": true, "order": 4, "description": "…"},
            {"title": "call them", "assignee": "admin@thehive.local"}],
        "pageTemplateIds": [how_to["_id"], how_to["_id"]],
        "customFields": [{"name": "site", "value": "Bern"}, {"name": "cost"}],
    });
    let mut all = Vec::new();
    for body in [full, json!({"name": "empty", "severity": null, "tlp": null, "tasks": null, "customFields": {}})] {
        let created = make(&admin, "/api/v1/caseTemplate", body).await;
        for called in [id(&created), created["name"].as_str().unwrap().to_owned()] {
            check(&admin, &format!("GET /api/v1/caseTemplate/{called}"), Value::Null, 200, created.clone()).await;
            let get = json!([{"_name": "getCaseTemplate", "idOrName": called}]);
            assert_eq!(query(&admin, get).await, json!([created]));
        }
        all.push(created);
    }
    golden("case-templates", &json!(all));
    assert_eq!(query(&admin, json!([{"_name": "listCaseTemplate"}])).await, json!(all));
    let by_name = json!([{"_name": "listCaseTemplate"}, {"_name": "filter", "_like": {"displayName": "*MAIL"}}]);
    assert_eq!(query(&admin, by_name).await, json!([all[0]]));
}

#[tokio::test]
async fn what_is_wrong_with_a_case_template_is_named() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let own = make(&admin, "/api/v1/caseTemplate", json!({"name": "own"})).await;
    make(&admin, "/api/v1/caseTemplate", json!({"name": "taken"})).await;
    let long = "x".repeat(1_000_000);
    let tasks = |count: usize| json!(vec![json!({"title": "t"}); count]);
    for (field, value, status, expected) in [
        ("name", json!(" "), 400, "…`name` is empty"),
        ("name", json!("TAKEN"), 400, "…there is a case template taken already"),
        ("name", json!(long), 400, "…`name` is too long"),
        ("displayName", json!(long), 400, "…`displayName` is too long"),
        ("titlePrefix", json!(long), 400, "…`titlePrefix` is too long"),
        ("description", json!(long), 400, "…`description` is too long"),
        ("summary", json!(long), 400, "…`summary` is too long"),
        ("tags", json!([long]), 400, "…`tags` is too long"),
        ("severity", json!(5), 400, "…severity: expected a number from 1 to 4"),
        ("tlp", json!(-1), 400, "…tlp: expected a number"),
        ("pap", json!("x"), 400, "…pap: expected a number"),
        ("tasks", json!([{"title": "a"}, {"group": "b"}]), 400, "…tasks[1]: missing field `title`"),
        ("tasks", json!([{"title": " "}]), 400, "…`tasks.title` is empty"),
        ("tasks", json!([{"title": "a", "assignee": "nobody"}]), 400, "…tasks.assignee: there is no user nobody"),
        ("tasks", tasks(1_001), 400, "…too many tasks: at most 1000"),
        ("customFields", json!({"x": 1}), 400, "…there is no custom field `x`"),
        ("pageTemplateIds", json!(["~1"]), 404, "…PageTemplate ~1 not found"),
        ("pageTemplateIds", json!(["<b>"]), 404, "…PageTemplate <b> not found"),
        ("pageTemplateIds", json!(vec!["~1"; 501]), 400, "…too many pages: at most 500"),
    ] {
        let mut body = json!({"name": "new"});
        body[field] = value;
        check(&admin, "POST /api/v1/caseTemplate", body.clone(), status, json!({"message": expected})).await;
        check(&admin, &format!("PATCH /api/v1/caseTemplate/{}", id(&own)), body, status, json!({"message": expected}))
            .await;
    }
    check(&admin, "POST /api/v1/caseTemplate", json!({}), 400, json!({"message": "…`name` is empty"})).await;
    check(&admin, "GET /api/v1/caseTemplate/own", Value::Null, 200, own).await;
    check(&admin, "POST /api/v1/caseTemplate", json!({"name": "many", "tasks": tasks(1_000)}), 201, Value::Null).await;
}

#[tokio::test]
async fn a_case_template_is_changed_field_by_field() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    make(&client.admin("admin"), "/api/v1/customField", json!({"name": "cost", "type": "integer"})).await;
    let body = json!({"name": "t", "description": "d", "severity": 2, "tags": ["a"], "tasks": [{"title": "1"}],
        "customFields": {"cost": 7}});
    let made = make(&admin, "/api/v1/caseTemplate", body).await;
    let path = format!("/api/v1/caseTemplate/{}", id(&made));
    for (change, expected) in [
        (json!({"name": "t"}), json!({"_updatedAt": "-"})),
        (json!({"name": "T"}), json!({"name": "T", "displayName": "t", "_updatedBy": "admin@thehive.local"})),
        (
            json!({"description": null, "severity": null}),
            json!({"description": "-", "severity": "-", "severityLabel": "-"}),
        ),
        (json!({"tlp": 4, "flag": true}), json!({"tlpLabel": "RED", "flag": true, "tags": ["a"]})),
        (
            json!({"tasks": [{"title": "2"}, {"title": "3"}]}),
            json!({"tasks": [{"title": "2"}, {"title": "3", "order": 1}]}),
        ),
        (json!({"tags": [], "titlePrefix": MARKUP}), json!({"tags": [], "titlePrefix": MARKUP})),
        (json!({"displayName": MARKUP, "summary": MARKUP}), json!({"displayName": MARKUP, "summary": MARKUP})),
        (json!({"customFields": [{"name": "cost", "value": null}]}), json!({"customFields": [{"name": "cost"}]})),
        (json!({"customFields": []}), json!({"customFields": []})),
    ] {
        check(&admin, &format!("PATCH {path}"), change, 204, Value::Null).await;
        check(&admin, &format!("GET {path}"), Value::Null, 200, expected).await;
    }
    check(&admin, "DELETE /api/v1/caseTemplate/T", Value::Null, 204, Value::Null).await;
    check(&admin, "DELETE /api/v1/caseTemplate/T", Value::Null, 404, Value::Null).await;
    check(&admin, &format!("GET {path}"), Value::Null, 404, Value::Null).await;
}

#[tokio::test]
async fn a_case_template_brings_page_templates() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let (one, two) = (
        make(&admin, "/api/v1/pageTemplate", page("one")).await,
        make(&admin, "/api/v1/pageTemplate", page("two")).await,
    );
    let template = make(&admin, "/api/v1/caseTemplate", json!({"name": "t"})).await;
    let link = format!("PUT /api/v1/caseTemplate/{}/pageTemplate/link", id(&template));
    let linked = || query(&admin, json!([{"_name": "getCaseTemplate", "idOrName": "t"}, {"_name": "pageTemplates"}]));
    for (pages, expected) in [
        (json!([two["_id"], one["_id"]]), json!([one, two])),
        (json!([two["_id"]]), json!([two])),
        (json!([]), json!([])),
        (json!([one["_id"], two["_id"]]), json!([one, two])),
    ] {
        check(&admin, &link, json!({"pageTemplateIds": pages}), 204, Value::Null).await;
        assert_eq!(linked().await, expected);
    }
    check(&admin, &link, json!({"pageTemplateIds": [one["_id"], "~1"]}), 404, Value::Null).await;
    check(&admin, &link, json!({}), 400, Value::Null).await;
    let back = json!([{"_name": "getPageTemplate", "idOrName": one["_id"]}, {"_name": "caseTemplates"}]);
    assert!(includes(&query(&admin, back).await, &json!([{"name": "t"}])));
    check(&admin, &format!("DELETE /api/v1/pageTemplate/{}", id(&one)), Value::Null, 204, Value::Null).await;
    assert_eq!(linked().await, json!([two]));
    check(&admin, "GET /api/v1/caseTemplate/t", Value::Null, 200, json!({"pageTemplateIds": [two["_id"]]})).await;
}

#[tokio::test]
async fn another_organisation_sees_no_page_and_no_template() {
    let client = Client::stand().await;
    add_user(&client.door.store, client.now(), "eve", "x", &[("other-org", "org-admin")]).await;
    add_user(&client.door.store, client.now(), "ann", "x", &[("main-org", "analyst")]).await;
    add_user(&client.door.store, client.now(), "rod", "x", &[("main-org", "read-only")]).await;
    let (admin, eve, rod) = (client.admin("main-org"), client.user("eve", "x", None), client.user("rod", "x", None));
    let case = case(&client).await;
    let on_case = make(&admin, &format!("/api/v1/case/{case}/page"), page("secret")).await;
    let of_page = make(&admin, "/api/v1/pageTemplate", page("secret")).await;
    let of_case = make(&admin, "/api/v1/caseTemplate", json!({"name": "secret"})).await;
    let link = |template: &str| format!("PUT /api/v1/caseTemplate/{template}/pageTemplate/link");
    let mut requests = vec![
        (format!("POST /api/v1/case/{case}/page"), page("x")),
        (link(&id(&of_case)), json!({"pageTemplateIds": []})),
        ("GET /api/v1/caseTemplate/secret".to_owned(), Value::Null),
    ];
    for path in [
        format!("/api/v1/case/{case}/page/{}", id(&on_case)),
        format!("/api/v1/pageTemplate/{}", id(&of_page)),
        format!("/api/v1/caseTemplate/{}", id(&of_case)),
    ] {
        requests.push((format!("GET {path}"), Value::Null));
        requests.push((format!("PATCH {path}"), json!({"title": "x", "name": "x"})));
        requests.push((format!("DELETE {path}"), Value::Null));
    }
    for (request, body) in requests {
        check(&eve, &request, body.clone(), 404, json!({"type": "NotFoundError"})).await;
        if !request.starts_with("GET") {
            check(&rod, &request, body, 403, json!({"type": "AuthorizationError"})).await;
        }
    }
    for list in ["listPage", "listPageTemplate", "listCaseTemplate"] {
        assert_eq!(query(&eve, json!([{"_name": list}])).await, json!([]), "{list}");
        assert_eq!(query(&rod, json!([{"_name": list}])).await.as_array().unwrap().len(), 1, "{list}");
    }
    // The name is free elsewhere, and what is linked must be one's own.
    make(&eve, "/api/v1/caseTemplate", json!({"name": "secret"})).await;
    check(&eve, &link("secret"), json!({"pageTemplateIds": [of_page["_id"]]}), 404, Value::Null).await;
    // Analysts write pages; templates are the organisation's.
    let ann = client.user("ann", "x", None);
    make(&ann, &format!("/api/v1/case/{case}/page"), page("x")).await;
    check(&ann, "POST /api/v1/pageTemplate", page("x"), 403, Value::Null).await;
    check(&ann, "POST /api/v1/caseTemplate", json!({"name": "x"}), 403, Value::Null).await;
}
