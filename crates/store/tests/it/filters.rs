//! Filters as they are asked for, and what they find.

use proptest::prelude::*;
use vigie_model::{
    Attachment, CaseId, CaseLink, CasePage, CaseTemplate, Comment, Comparison, CustomField, DataType, Direction,
    Filter, Job, NoticeRule, ObservableKind, PageTemplate, Procedure, Profile, Selection, Severity, Share, TaskLog,
    Tenant, TimelineEntry, User, Value,
};
use vigie_store::{DEPTH_MAX, List, Listing, Object, QueryError, Store, StoreError, TERMS_MAX};

use crate::samples::{alert, case, observable, only, store};

/// a: medium, ann, night. b: high, nobody, in a case, another address. c: low, Bob, a title with LIKE's own signs.
async fn filled() -> Store {
    let store = store().await;
    let case = case("acme", 7);
    let (mut a, mut b, mut c) = (alert("acme", "a", 10), alert("acme", "b", 20), alert("acme", "c", 30));
    a.assignee = Some("ann".into());
    b.severity = Severity::High;
    b.case = Some(case.id);
    b.tags.clear();
    b.entities = vec![vigie_model::Entity::new(ObservableKind::Ip, "198.51.100.9", vigie_model::EntityRole::Source)];
    c.severity = Severity::Low;
    c.assignee = Some("Bob".into());
    c.title = "100%_sure \\ C:".into();
    let mut tx = store.begin().await.unwrap();
    tx.save_case(&case, None).await.unwrap();
    tx.upsert_observables(&[observable(&case, ObservableKind::Ip, "198.51.100.9")]).await.unwrap();
    for alert in [&a, &b, &c] {
        tx.save_alert(alert, None).await.unwrap();
    }
    tx.commit().await.unwrap();
    store
}

fn is(name: &str, comparison: Comparison, value: impl Into<Wrapped>) -> Filter {
    Filter::Field { name: name.into(), comparison, value: value.into().0 }
}

struct Wrapped(Value);

impl From<&str> for Wrapped {
    fn from(text: &str) -> Self {
        Self(Value::Text(text.into()))
    }
}

impl From<i64> for Wrapped {
    fn from(number: i64) -> Self {
        Self(Value::Integer(number))
    }
}

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

/// The rules of the alerts that a filter finds, in order: `"ab"`.
async fn found(store: &Store, filter: Filter) -> Result<String, StoreError> {
    let listing = Listing::default().filtered(filter).sorted("created", Direction::Ascending);
    let page = store.alerts(&only("acme"), &listing).await?;
    Ok(page.rows.iter().map(|row| row.rule.id.to_string()).collect())
}

#[tokio::test]
async fn filters_find_what_they_say() {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Like, Within};
    let store = filled().await;
    let case = CaseId::derive(["acme", "7"]).to_string();
    let table: Vec<(Filter, &str)> = vec![
        (Filter::All, "abc"),
        (Filter::And(vec![]), "abc"),
        (Filter::Or(vec![]), ""),
        (not(Filter::All), ""),
        (is("severity", Equal, "high"), "b"),
        (is("severity", GreaterOrEqual, "Medium"), "ab"),
        (is("severity", Less, 2), "c"),
        (is("assignee", Equal, "ANN"), "a"),
        (is("assignee", Equal, "bob"), "c"),
        (not(is("assignee", Equal, "ann")), "bc"),
        (not(not(is("assignee", Equal, "ann"))), "a"),
        (not(Filter::Or(vec![is("assignee", Equal, "ann"), is("severity", Equal, "low")])), "b"),
        (Filter::Exists("assignee".into()), "ac"),
        (not(Filter::Exists("case".into())), "ac"),
        (is("case", Equal, case.as_str()), "b"),
        (is("status", Equal, "NEW"), "abc"),
        (is("rule", Equal, "A"), "a"),
        (is("created", Greater, "2026-03-01T12:00:10Z"), "bc"),
        (is("created", LessOrEqual, "2026-03-01T12:00:10Z"), "a"),
        (is("count", Equal, "3"), "abc"),
        (is("tag", Equal, "night"), "ac"),
        (not(is("tag", Equal, "night")), "b"),
        (is("tag", Like, "attack.*"), "ac"),
        (Filter::Exists("tag".into()), "ac"),
        (is("ip", Equal, "203.0.113.7"), "ac"),
        (is("ip", Within, "203.0.113.0/24"), "ac"),
        (is("ip", Within, "198.51.100.9"), "b"),
        (is("ip", Within, "0.0.0.0/0"), "abc"),
        (is("ip", Within, "2001:db8::/32"), "ac"),
        (is("entity", Equal, "web-01"), "ac"),
        (is("host", Like, "WEB-?1"), "ac"),
        (is("user", Equal, "web-01"), ""),
        (is("title", Like, "100%_sure*"), "c"),
        (is("title", Like, "100%?sure*"), "c"),
        (is("title", Like, "1%"), ""),
        (is("title", Like, "%"), ""),
        (is("title", Like, "_*"), ""),
        (is("title", Like, r"*\ c:"), "c"),
        (Filter::Text("sure 100%".into()), "c"),
        (Filter::Text("198.51.100.9".into()), "b"),
        (Filter::Text("LOOKS nothing".into()), ""),
        (Filter::Text("  ".into()), "abc"),
        (is("title", Equal, "' OR '1'='1"), ""),
        (is("title", Like, "*' OR 1=1 --*"), ""),
        (is("id", Equal, "x') OR 1=1 --"), ""),
        (Filter::Text("') OR 1=1 --".into()), ""),
        (is("entity", Equal, "x') UNION SELECT id FROM users --"), ""),
    ];
    for (filter, expected) in table {
        let description = format!("{filter:?}");
        assert_eq!(found(&store, filter).await.unwrap(), expected, "{description}");
    }
}

#[tokio::test]
async fn cases_are_found_by_what_is_on_them() {
    let store = filled().await;
    let alert = alert("acme", "b", 20).id.to_string();
    for filter in [
        is("observable", Comparison::Equal, "198.51.100.9"),
        is("ip", Comparison::Within, "198.51.100.0/24"),
        is("alert", Comparison::Equal, alert.as_str()),
        is("tag", Comparison::Equal, "SSH"),
        is("number", Comparison::Equal, 7),
        Filter::Text("what known".into()),
    ] {
        let listing = Listing::default().filtered(filter.clone());
        assert_eq!(store.cases(&only("acme"), &listing).await.unwrap().total, 1, "{filter:?}");
        let listing = Listing::default().filtered(not(filter.clone()));
        assert_eq!(store.cases(&only("acme"), &listing).await.unwrap().total, 0, "not {filter:?}");
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_said() {
    let store = filled().await;
    let table: Vec<(Filter, &str)> = vec![
        (is("sevrity", Comparison::Equal, "high"), "alerts have no field `sevrity`: known are "),
        (is("body) OR (1=1", Comparison::Equal, "x"), "alerts have no field `body) OR (1=1`"),
        (Filter::Exists("password".into()), "alerts have no field `password`"),
        (is("severity", Comparison::Equal, "bad"), "`bad` is no value of `severity`: expected one of informational"),
        (is("severity", Comparison::Equal, 5), "`5` is no value of `severity`"),
        (is("severity", Comparison::Like, "h*"), "`severity` cannot be compared with a pattern"),
        (is("created", Comparison::Equal, "yesterday"), "`yesterday` is no value of `created`: expected a time"),
        (is("count", Comparison::Equal, "many"), "`many` is no value of `count`: expected a whole number"),
        (
            is("title", Comparison::Within, "10.0.0.0/8"),
            "`title` cannot be compared with a network: it holds no addresses",
        ),
        (is("ip", Comparison::Within, "10.0.0.0/64"), "`10.0.0.0/64` is no value of `ip`: expected a network"),
    ];
    for (filter, expected) in table {
        let error = found(&store, filter).await.unwrap_err();
        assert!(matches!(error, StoreError::Query(_)));
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    let listing = Listing::default().sorted("assigneee", Direction::Ascending);
    let error = store.alerts(&only("acme"), &listing).await.unwrap_err();
    assert!(matches!(error, StoreError::Query(QueryError::UnknownField { .. })));
    let listing = Listing::default().sorted("tag", Direction::Ascending);
    let error = store.alerts(&only("acme"), &listing).await.unwrap_err();
    assert!(error.to_string().starts_with("alerts cannot be sorted by `tag`: sort by one of rule_title"), "{error}");
}

#[tokio::test]
async fn a_filter_has_an_end() {
    let store = filled().await;
    let nested = |depth: usize| (0..depth).fold(Filter::All, |filter, _| not(filter));
    let wide = |terms: usize| Filter::And(vec![Filter::All; terms - 1]);
    let too_complex = QueryError::TooComplex { terms_max: TERMS_MAX, depth_max: DEPTH_MAX };
    for (filter, fits) in [
        (nested(DEPTH_MAX), true),
        (nested(DEPTH_MAX + 1), false),
        (wide(TERMS_MAX), true),
        (wide(TERMS_MAX + 1), false),
        (Filter::Text("a ".repeat(TERMS_MAX - 1)), true),
        (Filter::Text("a ".repeat(TERMS_MAX)), false),
    ] {
        match found(&store, filter).await {
            Ok(_) => assert!(fits),
            Err(StoreError::Query(error)) => assert!(!fits && error == too_complex, "{error}"),
            Err(error) => panic!("{error}"),
        }
    }
}

/// Every field of every list, with every comparison: found or refused, never an error of the database.
#[tokio::test]
async fn every_field_is_either_lowered_or_refused() {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Like, Within};
    let store = filled().await;
    let values = ["x", "1", "true", "high", "amber", "2026-03-01T12:00:00Z", "203.0.113.0/24"];
    for list in List::ALL {
        for name in list.fields() {
            let mut taken = 0;
            for comparison in [Equal, Less, LessOrEqual, Greater, GreaterOrEqual, Like, Within] {
                for value in values {
                    taken += usize::from(asked(&store, list, is(name, comparison, value), None).await);
                }
            }
            assert!(taken > 0, "{list:?} {name}");
            assert!(asked(&store, list, Filter::Exists(name.into()), None).await);
        }
        for field in list.sortable() {
            assert!(asked(&store, list, Filter::All, Some(field)).await, "{list:?} by {field}");
        }
        assert!(asked(&store, list, Filter::Text("some words".into()), None).await);
    }
}

/// Returns whether the list takes the filter.
async fn asked(store: &Store, list: List, filter: Filter, sort: Option<&str>) -> bool {
    let mut listing = Listing::default().filtered(filter);
    if let Some(field) = sort {
        listing = listing.sorted(field, Direction::Ascending);
    }
    let scope = only("acme");
    let answer = match list {
        List::Alerts => store.alerts(&scope, &listing).await.map(|_| ()),
        List::Cases => store.cases(&scope, &listing).await.map(|_| ()),
        List::Observables => store.observables(&scope, &listing).await.map(|_| ()),
        List::Tasks => store.tasks(&scope, &listing).await.map(|_| ()),
        List::Actions => store.actions(&scope, &listing).await.map(|_| ()),
        List::Decisions => store.decisions(&scope, &listing).await.map(|_| ()),
        List::Indicators => store.indicators(&scope, &listing).await.map(|_| ()),
        List::DeadLetters => store.dead_letters(&scope, &listing).await.map(|_| ()),
        List::Audit => store.audit(&scope, &listing).await.map(|_| ()),
        List::Comments => selected::<Comment>(store, listing).await,
        List::Timeline => selected::<TimelineEntry>(store, listing).await,
        List::TaskLogs => selected::<TaskLog>(store, listing).await,
        List::Procedures => selected::<Procedure>(store, listing).await,
        List::Pages => selected::<CasePage>(store, listing).await,
        List::Attachments => selected::<Attachment>(store, listing).await,
        List::Links => selected::<CaseLink>(store, listing).await,
        List::Shares => selected::<Share>(store, listing).await,
        List::CaseTemplates => selected::<CaseTemplate>(store, listing).await,
        List::PageTemplates => selected::<PageTemplate>(store, listing).await,
        List::CustomFields => selected::<CustomField>(store, listing).await,
        List::DataTypes => selected::<DataType>(store, listing).await,
        List::Profiles => selected::<Profile>(store, listing).await,
        List::Jobs => selected::<Job>(store, listing).await,
        List::NoticeRules => selected::<NoticeRule>(store, listing).await,
        List::Users => selected::<User>(store, listing).await,
        List::Tenants => selected::<Tenant>(store, listing).await,
    };
    match answer {
        Ok(()) => true,
        Err(StoreError::Query(_)) => false,
        Err(error) => panic!("{list:?}: {error:?}"),
    }
}

async fn selected<T: Object>(store: &Store, listing: Listing) -> Result<(), StoreError> {
    let selection = Selection { filter: listing.filter, sorts: listing.sort.into_iter().collect(), from: 0, limit: 10 };
    store.select::<T>(&only("acme"), &selection).await.map(|_| ())
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let name = prop_oneof![prop::sample::select(List::Alerts.fields()).prop_map(str::to_owned), ".*", "field:.*"];
    let comparison =
        prop::sample::select(vec![Comparison::Equal, Comparison::Like, Comparison::Less, Comparison::Within]);
    let value = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Float),
        ".*".prop_map(Value::Text),
    ];
    let leaf = prop_oneof![
        Just(Filter::All),
        ".*".prop_map(Filter::Text),
        (name, comparison, value).prop_map(|(name, comparison, value)| Filter::Field { name, comparison, value }),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

/// Whatever the filter: the answer is rows of the tenant, or a refusal. Never an error of the database, never more rows.
#[test]
fn no_filter_breaks_out() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(filled());
    proptest!(ProptestConfig::with_cases(200), |(filter in any_filter())| {
        match runtime.block_on(found(&store, filter)) {
            Ok(found) => prop_assert!(found.len() <= 3),
            Err(StoreError::Query(_)) => {}
            Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
        }
    });
}
