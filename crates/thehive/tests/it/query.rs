//! The query language, as clients send it.

use serde_json::{Value, json};

use crate::client::Client;

/// Asks as the administrator within `admin`.
async fn check(query: Value, expected: Result<Value, &str>) {
    let client = Client::stand().await;
    let answer = client.admin("admin").post("/api/v1/query", json!({"query": query.clone()})).await;
    match expected {
        Ok(expected) => {
            assert_eq!(answer.status, 200, "{query}: {}", answer.body);
            assert_eq!(answer.body, expected, "{query}");
        }
        Err(expected) => {
            assert!(answer.status == 400 || answer.status == 404, "{query}: {}", answer.body);
            let message = format!("{} - {}", answer.body["type"], answer.body["message"]).replace('"', "");
            assert!(message.contains(expected), "{query}: {message}");
        }
    }
}

fn filtered(filter: Value) -> Value {
    let mut filter = filter;
    filter["_name"] = "filter".into();
    json!([{"_name": "listProfile"}, filter, {"_name": "count"}])
}

#[tokio::test]
async fn filters_count() {
    for (filter, count) in [
        (json!({}), 4),
        (json!({"_any": ""}), 4),
        (json!({"_eq": {"_field": "name", "_value": "Admin"}}), 1),
        (json!({"_eq": {"name": "admin"}}), 1),
        (json!({"_is": {"name": "admin"}}), 1),
        (json!({"_ne": {"_field": "name", "_value": "admin"}}), 3),
        (json!({"_not": {"_in": {"_field": "name", "_values": ["admin", "analyst", "x"]}}}), 2),
        (json!({"_in": {"name": []}}), 0),
        (json!({"_or": [{"_eq": {"name": "admin"}}, {"_eq": {"name": "analyst"}}]}), 2),
        (json!({"_and": [{"_like": {"name": "a*"}}, {"_not": {"_eq": {"name": "analyst"}}}]}), 1),
        (json!({"_and": [], "_or": []}), 0),
        (json!({"_like": {"_field": "name", "_value": "admin"}}), 2),
        (json!({"_like": {"_field": "name", "_value": "%"}}), 0),
        (json!({"_startsWith": {"_field": "name", "_value": "a"}}), 2),
        (json!({"_endsWith": {"_field": "name", "_value": "ADMIN"}}), 2),
        (json!({"_match": {"_field": "name", "_value": "org adm"}}), 1),
        (json!({"_match": {"_field": "keyword", "_value": "read"}}), 1),
        (json!({"_like": {"_field": "_any", "_value": "*only*"}}), 1),
        (json!({"_string": {"query": "name:analyst"}}), 1),
        (json!({"_string": "analyst"}), 1),
        (json!({"_has": "name"}), 4),
        (json!({"_contains": "_updatedAt"}), 0),
        (json!({"_eq": {"_field": "_updatedAt", "_value": null}}), 4),
        (json!({"_gt": {"_createdAt": 0}}), 0),
        (json!({"_gte": {"_createdAt": 0}}), 4),
        (json!({"_eq": {"_createdAt": 0}}), 4),
        (json!({"_lte": {"_createdAt": 0}}), 4),
        (json!({"_lt": {"_createdAt": 0}}), 0),
        (json!({"_lt": {"_createdAt": {"amount": 1, "unit": "day"}}}), 4),
        (json!({"_between": {"_field": "_createdAt", "_from": 0, "_to": 1}}), 4),
        (json!({"_between": {"_createdAt": {"_from": -1, "_to": 0}}}), 0),
        (json!({"_eq": {"_createdBy": "system@thehive.local"}}), 4),
        (json!({"_ne": {"_createdBy": "system@thehive.local"}}), 0),
        (json!({"_id": "~1"}), 0),
        (json!({"_id": ["~1", "x"]}), 0),
        (json!({"_ne": {"_id": "nonsense"}}), 4),
    ] {
        check(filtered(filter), Ok(count.into())).await;
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    for (query, expected) in [
        (json!([]), "BadRequest - query: expected an operation"),
        (json!("x"), "expected a list of operations"),
        (json!([1]), "an operation is an object with a _name"),
        (json!([{"_name": "listThing"}]), "unknown operation listThing: a query begins with one of listA"),
        (json!([{"_name": "filter"}]), "unknown operation filter"),
        (json!([{"_name": "getProfile"}]), "getProfile takes idOrName"),
        (json!([{"_name": "getProfile", "idOrName": "nobody"}]), "NotFoundError - Profile nobody not found"),
        (json!([{"_name": "getUser", "idOrName": "~7"}]), "NotFoundError - User ~7 not found"),
        (json!([{"_name": "listProfile"}, {"_name": "tasks"}]), "unknown operation tasks on Profile: known are filter"),
        (json!([{"_name": "listProfile"}, {"_name": "page"}, {"_name": "sort"}]), "sort cannot follow a page"),
        (json!([{"_name": "listProfile"}, {"_name": "page", "from": -1}]), "page: from is not a number"),
        (json!([{"_name": "listProfile"}, {"_name": "page", "to": 10_001}]), "at most 10000 objects"),
        (json!([{"_name": "listProfile"}, {"_name": "sort"}]), "sort takes"),
        (json!([{"_name": "listProfile"}, {"_name": "sort", "_fields": [{"name": "up"}]}]), "asc or desc, not up"),
        (json!([{"_name": "listProfile"}, {"_name": "sort", "_fields": [{"age": "asc"}]}]), "Profile has no field age"),
        (
            json!([{"_name": "listUser"}, {"_name": "sort", "_fields": [{"email": "asc"}]}]),
            "sort by one of login, name",
        ),
        (filtered(json!({"_near": {"_field": "name", "_value": "x"}})), "unknown operator _near: known are _and, _or"),
        (filtered(json!({"_eq": {"_field": "age", "_value": "x"}})), "Profile has no field age: known are name, _id"),
        (filtered(json!({"_eq": "x"})), "_eq takes"),
        (filtered(json!({"_eq": {"_field": "name"}})), "_eq takes"),
        (filtered(json!({"_eq": {"_field": "name", "_value": {}}})), "the value of name is not a text"),
        (filtered(json!({"_and": {}})), "_and takes a list of filters"),
        (filtered(json!({"_not": []})), "_not takes one filter"),
        (filtered(json!({"_in": {"_field": "name", "_values": "x"}})), "_in takes"),
        (filtered(json!({"_in": {"_field": "name", "_values": vec!["x"; 5_001]}})), "at most 5000"),
        (filtered(json!({"_between": {"_field": "_createdAt"}})), "_between takes"),
        (filtered(json!({"_has": 7})), "_has takes the name of a field"),
        (filtered(json!({"_like": {"_field": "_id", "_value": "*"}})), "_id cannot be compared with a pattern"),
        (filtered(json!({"_like": {"_field": "name", "_value": "x".repeat(1_001)}})), "at most 1000 characters"),
        (filtered(json!({"_gt": {"_field": "_createdAt", "_value": "soon"}})), "the value of _createdAt is not a date"),
        (json!(vec![json!({"_name": "listProfile"}); 31]), "too many operations: at most 30"),
    ] {
        check(query, Err(expected)).await;
    }
}

/// The limits themselves are taken.
#[tokio::test]
async fn limits_hold() {
    check(filtered(json!({"_in": {"_field": "name", "_values": vec!["admin"; 5_000]}})), Ok(1.into())).await;
    check(filtered(json!({"_like": {"_field": "name", "_value": "x".repeat(1_000)}})), Ok(0.into())).await;
    let nested = |depth: usize| {
        filtered((0..depth).fold(json!({"_eq": {"name": "admin"}}), |filter, _| json!({"_and": [filter]})))
    };
    check(nested(16), Ok(1.into())).await;
    for deep in [17, 50] {
        check(nested(deep), Err("BadRequest - the filter is nested too deep: at most 16 levels")).await;
    }
    check(nested(100), Err("BadRequest - the body is nested too deep")).await;
    let mut long = vec![json!({"_name": "listProfile"})];
    long.resize(30, json!({"_name": "filter", "_any": ""}));
    check(json!(long), Ok(json!(profiles(&["admin", "org-admin", "analyst", "read-only"]).await))).await;
}

/// Returns these profiles as clients see them.
async fn profiles(names: &[&str]) -> Vec<Value> {
    let client = Client::stand().await;
    let body = json!({"query": [{"_name": "listProfile"}]});
    let all = client.admin("admin").post("/api/v1/query", body).await.body;
    let named = |name: &&str| all.as_array().unwrap().iter().find(|profile| profile["name"] == **name).unwrap().clone();
    names.iter().map(named).collect()
}

#[tokio::test]
async fn pages_are_half_open_and_sorted() {
    let page = |from: u64, to: u64, sort: Value| json!([{"_name": "listProfile"}, {"_name": "sort", "_fields": sort}, {"_name": "page", "from": from, "to": to}]);
    for (query, names) in [
        (page(0, 2, json!([{"name": "asc"}])), &["admin", "analyst"][..]),
        (page(1, 2, json!([{"name": "desc"}])), &["org-admin"]),
        (page(3, 9, json!(["-_createdAt", "+name"])), &["read-only"]),
        (page(2, 2, json!([{"name": "asc"}])), &[]),
        (page(9, 3, json!([{"name": "asc"}])), &[]),
        (page(4, 8, json!([{"name": "asc"}])), &[]),
    ] {
        check(query, Ok(json!(profiles(names).await))).await;
    }
}

#[tokio::test]
async fn fields_can_be_left_out() {
    let client = Client::stand().await;
    let body =
        json!({"query": [{"_name": "getProfile", "idOrName": "analyst"}], "excludeFields": ["permissions", "_id"]});
    let answer = client.admin("admin").post("/api/v1/query", body).await.body;
    assert_eq!(answer[0]["name"], "analyst");
    assert!(answer[0].get("permissions").is_none() && answer[0].get("_id").is_none());
}

#[tokio::test]
async fn an_organisation_leads_to_its_users_and_back() {
    let query = |first: Value, hop: &str| json!([first, {"_name": hop}, {"_name": "count"}]);
    check(query(json!({"_name": "getOrganisation", "idOrName": "main-org"}), "users"), Ok(1.into())).await;
    check(query(json!({"_name": "getUser", "idOrName": "admin@thehive.local"}), "organisations"), Ok(2.into())).await;
    check(
        json!([{"_name": "listUser"}, {"_name": "filter", "_in": {"_field": "organisation", "_values": ["admin"]}},
            {"_name": "organisations"}, {"_name": "filter", "_eq": {"name": "main-org"}}, {"_name": "limitedCount"}]),
        Ok(1.into()),
    )
    .await;
}

/// Whatever is sent is answered or refused, and the refusal is the sender's fault, not ours.
#[test]
fn no_query_breaks_the_door() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = runtime.block_on(Client::stand());
    let admin = client.admin("admin");
    let cases = proptest::test_runner::Config { cases: 500, failure_persistence: None, ..Default::default() };
    let answered = std::cell::Cell::new(0);
    proptest::test_runner::TestRunner::new(cases)
        .run(&queries(), |body| {
            let answer = runtime.block_on(admin.post("/api/v1/query", body.clone()));
            answered.set(answered.get() + u32::from(answer.status == 200));
            proptest::prop_assert!(
                [200, 400, 404].contains(&answer.status),
                "{}: {} {}",
                body,
                answer.status,
                answer.body
            );
            Ok(())
        })
        .unwrap();
    // It would prove little if none made sense.
    assert!(answered.get() > 50, "{answered:?}");
}

const WORDS: &str = "_and _or _not _any _id _eq _is _ne _lt _lte _gt _gte _between _in _has _contains _like _match \
    _startsWith _endsWith _string _field _value _values _from _to _name _fields from to extraData idOrName amount unit name \
    login email locked organisation status startDate keyword _createdAt _createdBy _updatedAt customFields.cost tags \
    severity tlp pap flag caseId number title assignee data ioc";
const STEPS: &str = "filter filter filter filter sort page count limitedCount users organisations attachments case \
    observables similarCases tasks x";
const BEGINNINGS: &str = "listUser getUser listProfile listOrganisation getOrganisation listJob listAlert listCase \
    listObservable listTask getCase";

fn split(words: &'static str) -> Vec<&'static str> {
    words.split_whitespace().collect()
}

/// Queries of words that mean something, put together without sense.
fn queries() -> impl proptest::strategy::Strategy<Value = Value> {
    use proptest::prelude::*;
    let word = prop::sample::select(split(WORDS)).prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        word.clone().prop_map(Value::from),
        prop::sample::select(&["~1", "admin", "day", "asc", "*", "%", "~340282366920938463463374607431768211456"][..])
            .prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(6, 40, 5, move |inner| {
        let pairs = prop::collection::vec((word.clone(), inner.clone()), 0..4);
        let compared = (word.clone(), word.clone(), inner.clone())
            .prop_map(|(operator, field, value)| json!({operator: {"_field": field, "_value": value}}));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            pairs.prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            compared,
        ]
    });
    let name = prop::sample::select(split(STEPS));
    let first = prop::sample::select(split(BEGINNINGS));
    let operation = |name: &str, fields: Value| {
        let mut operation = if fields.is_object() { fields } else { json!({"_fields": fields}) };
        operation["_name"] = name.into();
        operation
    };
    let exclude = prop_oneof![9 => Just(Value::Null), 1 => value.clone()];
    (first, value.clone(), prop::collection::vec((name, value), 0..4), exclude).prop_map(
        move |(first, fields, rest, exclude)| {
            let mut query = vec![operation(first, fields)];
            query.extend(rest.into_iter().map(|(name, fields)| operation(name, fields)));
            json!({"query": query, "excludeFields": exclude})
        },
    )
}

#[tokio::test]
async fn custom_fields_are_compared_by_their_types() {
    let client = Client::stand().await;
    for (name, kind) in
        [("cost", "integer"), ("due", "date"), ("unit", "string"), ("ratio", "float"), ("vip", "boolean")]
    {
        let field = json!({"name": name, "group": "g", "description": "d", "type": kind});
        assert_eq!(client.admin("admin").post("/api/v1/customField", field).await.status, 201);
    }
    let main = client.admin("main-org");
    let alert = json!({
        "type": "t", "source": "s", "sourceRef": "r", "title": "x", "description": "x",
        "customFields": {"cost": 7, "due": 1_700_000_000_000_i64, "unit": "Paris", "ratio": 0.5, "vip": true},
    });
    assert_eq!(main.post("/api/v1/alert", alert).await.status, 201);
    for (filter, count) in [
        (json!({"_eq": {"_field": "customFields.cost", "_value": 7}}), 1),
        (json!({"_eq": {"_field": "customFields.cost", "_value": "7"}}), 1),
        (json!({"_gt": {"_field": "customFields.cost", "_value": 7}}), 0),
        (json!({"_between": {"_field": "customFields.cost", "_from": 0, "_to": 8}}), 1),
        (json!({"_eq": {"customFields.due": 1_700_000_000_000_i64}}), 1),
        (json!({"_lt": {"customFields.due": {"amount": 1, "unit": "day"}}}), 1),
        (json!({"_eq": {"customFields.unit": "PARIS"}}), 1),
        (json!({"_like": {"customFields.unit": "par"}}), 1),
        (json!({"_in": {"_field": "customFields.unit", "_values": ["Rome", "Paris"]}}), 1),
        (json!({"_gte": {"customField.ratio": 0.5}}), 1),
        (json!({"_eq": {"customFields.vip": true}}), 1),
        (json!({"_eq": {"customFields.vip": false}}), 0),
        (json!({"_has": "customFields.unit"}), 1),
        (json!({"_not": {"_has": "customFields.cost"}}), 0),
        (json!({"_ne": {"customFields.unit": "Rome"}}), 1),
        (json!({"_eq": {"customFields.unit": null}}), 0),
    ] {
        let query = json!({"query": [{"_name": "listAlert"}, with(filter.clone()), {"_name": "count"}]});
        let answer = main.post("/api/v1/query", query).await;
        assert_eq!(answer.body, json!(count), "{filter}");
    }
    for (filter, says) in [
        (json!({"_eq": {"customFields.colour": 7}}), "there is no custom field colour: known are cost, due"),
        (json!({"_like": {"customFields.cost": "7"}}), "cost cannot be compared with a pattern"),
        (json!({"_gt": {"customFields.due": "soon"}}), "the value of due is not a date"),
    ] {
        let query = json!({"query": [{"_name": "listAlert"}, with(filter.clone())]});
        let answer = main.post("/api/v1/query", query).await;
        assert_eq!(answer.status, 400, "{filter}");
        assert!(answer.body["message"].as_str().unwrap().contains(says), "{filter}: {}", answer.body);
    }
}

fn with(mut filter: Value) -> Value {
    filter["_name"] = "filter".into();
    filter
}
