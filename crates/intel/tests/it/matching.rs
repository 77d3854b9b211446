//! Indicators against events.

use bytes::Bytes;
use vigie_intel::{Matcher, WarningList, canonical, parse_csv};
use vigie_model::{
    Document, Entity, EntityRole, Envelope, Event, EventId, Finding, FindingKind, Indicator, ObservableKind as Kind,
    Severity, SourceName, TenantId, Timestamp,
};

fn tenant() -> TenantId {
    TenantId::new("acme").unwrap()
}

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn event(tenant: &TenantId, entities: &[(Kind, &str)], time: Timestamp) -> Event {
    let entities: Vec<Entity> =
        entities.iter().map(|(kind, value)| Entity::new(*kind, *value, EntityRole::Source)).collect();
    Event {
        id: EventId::derive(["event"]),
        tenant: tenant.clone(),
        source: SourceName::new("json").unwrap(),
        time,
        arrival: time,
        envelope: Envelope { message: "a message".to_owned(), ..Envelope::default() },
        entities,
        document: Document::default(),
        native: Bytes::new(),
    }
}

fn indicators(list: &str, text: &str) -> Vec<Indicator> {
    let parsed = parse_csv(&tenant(), list, text, Timestamp::EPOCH);
    assert_eq!(parsed.failed, []);
    parsed.indicators
}

fn observe(text: &str, entities: &[(Kind, &str)]) -> Vec<Finding> {
    let matcher = Matcher::new(indicators("feed", text), WarningList::none());
    matcher.observe(&[event(&tenant(), entities, now())], now())
}

#[track_caller]
fn check(indicator: &str, entity: (Kind, &str), expected: Option<(Kind, &str)>) {
    let findings = observe(indicator, &[entity]);
    let keys: Vec<(Kind, &str)> =
        findings.iter().map(|found| (found.key[0].kind, found.key[0].value.as_str())).collect();
    assert_eq!(keys, expected.into_iter().collect::<Vec<_>>(), "{indicator} against {entity:?}");
}

#[test]
fn addresses_and_networks() {
    check("203.0.113.7", (Kind::Ip, "203.0.113.7"), Some((Kind::Ip, "203.0.113.7")));
    check("203.0.113.7", (Kind::Ip, "203.0.113.8"), None);
    check("203.0.113.0/24", (Kind::Ip, "203.0.113.255"), Some((Kind::Ip, "203.0.113.255")));
    check("203.0.113.0/25", (Kind::Ip, "203.0.113.128"), None);
    check("2001:db8::/32", (Kind::Ip, "2001:db8:ffff::1"), Some((Kind::Ip, "2001:db8:ffff::1")));
    check("2001:db8::/32", (Kind::Ip, "2001:db9::1"), None);
    check("203.0.113.7", (Kind::Ip, "::ffff:203.0.113.7"), Some((Kind::Ip, "::ffff:203.0.113.7")));
    check("203.0.113.7", (Kind::Host, "203.0.113.7"), None);
}

#[test]
fn domains_match_by_labels() {
    check("evil.example", (Kind::Domain, "evil.example"), Some((Kind::Domain, "evil.example")));
    check("evil.example", (Kind::Domain, "a.b.Evil.Example."), Some((Kind::Domain, "a.b.Evil.Example.")));
    check("evil.example", (Kind::Domain, "notevil.example"), None);
    check("evil.example", (Kind::Domain, "example"), None);
    check("a.evil.example", (Kind::Domain, "evil.example"), None);
    check("evil.example", (Kind::Mail, "boss@evil.example"), Some((Kind::Domain, "evil.example")));
}

#[test]
fn urls_match_in_normal_form_and_by_host() {
    let url = "http://EVIL.example:80/gate.php?x=1#y";
    check("hxxps://evil[.]example/gate.php?x=1", (Kind::Url, url), Some((Kind::Url, url)));
    check("http://evil.example/other", (Kind::Url, url), None);
    check("evil.example", (Kind::Url, "https://a.evil.example/x"), Some((Kind::Domain, "a.evil.example")));
    check("203.0.113.0/24", (Kind::Url, "http://203.0.113.7:8080/x"), Some((Kind::Ip, "203.0.113.7")));
    check("2001:db8::1", (Kind::Url, "http://[2001:db8::1]/x"), Some((Kind::Ip, "2001:db8::1")));
    check("evil.example", (Kind::Url, "/evil.example"), None);
}

#[test]
fn other_kinds() {
    let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b850";
    check(&hash.to_uppercase(), (Kind::Hash, hash), Some((Kind::Hash, hash)));
    check("AKIAIOSFODNN7EXAMPLE", (Kind::AwsKey, "AKIAIOSFODNN7EXAMPLE"), Some((Kind::AwsKey, "AKIAIOSFODNN7EXAMPLE")));
    check("evil.exe,filename", (Kind::File, "C:\\Temp\\Evil.exe"), Some((Kind::File, "C:\\Temp\\Evil.exe")));
    check("/tmp/x,file", (Kind::File, "/var/tmp/x"), None);
    check("sqlmap/1.7,user_agent", (Kind::UserAgent, "sqlmap/1.7"), Some((Kind::UserAgent, "sqlmap/1.7")));
}

#[test]
fn a_finding_tells_what_it_rests_on() {
    let text = "value,type,confidence,tags,comment\n203.0.113.0/24,ip,40,scanner,noisy\n203.0.113.7,ip,90,c2,seen at a client\n";
    let findings = observe(text, &[(Kind::Ip, "203.0.113.7"), (Kind::User, "root"), (Kind::Ip, "203.0.113.7")]);
    let [finding] = &findings[..] else { panic!("{} findings", findings.len()) };
    assert_eq!(
        (finding.kind, finding.rule.id.as_str(), finding.rule.level),
        (FindingKind::Indicator, "intel:feed", Severity::High)
    );
    assert_eq!(finding.events[0].message, "a message");
    assert_eq!(finding.entities.len(), 2);
    let matches: Vec<String> = finding.matches.iter().map(|found| format!("{}={}", found.field, found.value)).collect();
    assert_eq!(
        matches[..4],
        [
            "entity.ip=203.0.113.7",
            "indicator.value=203.0.113.7",
            "indicator.confidence=90",
            "indicator.comment=seen at a client"
        ]
    );
    assert!(matches.contains(&"indicator.value=203.0.113.0/24".to_owned()));
}

#[test]
fn two_lists_and_two_values_are_four_findings_with_ids_that_stay() {
    let both = "203.0.113.7\nevil.example\n";
    let all: Vec<Indicator> = indicators("one", both).into_iter().chain(indicators("two", both)).collect();
    let matcher = Matcher::new(all.clone(), WarningList::none());
    let events = [event(&tenant(), &[(Kind::Ip, "203.0.113.7"), (Kind::Domain, "evil.example")], now())];
    let findings = matcher.observe(&events, now());
    let mut ids: Vec<_> = findings.iter().map(|found| found.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((findings.len(), ids.len()), (4, 4));
    let reversed = Matcher::new(all.into_iter().rev(), WarningList::none());
    assert_eq!(reversed.observe(&events, now()), findings);
}

#[test]
fn tenants_never_meet() {
    let matcher = Matcher::new(indicators("feed", "203.0.113.7\n203.0.113.0/24\n"), WarningList::none());
    let other = TenantId::new("globex").unwrap();
    assert_eq!(matcher.observe(&[event(&other, &[(Kind::Ip, "203.0.113.7")], now())], now()), []);
    assert!(matcher.lookup(&other, Kind::Ip, "203.0.113.7", now()).is_empty());
    assert_eq!(matcher.lookup(&tenant(), Kind::Ip, "203[.]0.113.7", now()).len(), 2);
}

#[test]
fn what_is_on_the_warning_list_never_matches() {
    let text = "10.0.0.5\n8.8.8.8\nexample.com\ngithub.io\n8.8.0.0/16\n172.0.0.0/8\nevil.github.io\n203.0.113.7\n";
    let matcher = Matcher::new(indicators("feed", text), WarningList::builtin());
    let muted: Vec<&str> = matcher.muted().iter().map(|muted| muted.indicator.value.as_str()).collect();
    assert_eq!(muted, ["10.0.0.5", "8.8.8.8", "example.com", "github.io"]);
    let observe = |kind, value| matcher.observe(&[event(&tenant(), &[(kind, value)], now())], now()).len();
    // The networks are known, but these addresses in them are on the warning list.
    assert_eq!((observe(Kind::Ip, "8.8.8.8"), observe(Kind::Ip, "172.16.0.1")), (0, 0));
    assert!(matcher.lookup(&tenant(), Kind::Ip, "8.8.8.8", now()).is_empty());
    assert_eq!(observe(Kind::Ip, "::ffff:8.8.8.8"), 0);
    assert_eq!((observe(Kind::Ip, "8.8.1.1"), observe(Kind::Ip, "203.0.113.7")), (1, 1));
    assert_eq!((observe(Kind::Domain, "a.github.io"), observe(Kind::Domain, "a.evil.github.io")), (0, 1));
}

#[test]
fn the_operators_own_names_are_spared_below_a_known_domain() {
    let mut warnings = WarningList::none();
    assert_eq!(warnings.add_text(".ours.evil.example # our own"), []);
    let matcher = Matcher::new(indicators("feed", "evil.example"), warnings);
    let observe = |value| matcher.observe(&[event(&tenant(), &[(Kind::Domain, value)], now())], now()).len();
    assert_eq!((observe("A.Ours.Evil.Example."), observe("a.evil.example")), (0, 1));
}

#[test]
fn validity() {
    let mut indicator = indicators("feed", "203.0.113.7").remove(0);
    indicator.valid_from = Some("2026-11-20T00:00:00Z".parse().unwrap());
    indicator.valid_until = Some("2026-11-22T00:00:00Z".parse().unwrap());
    let matcher = Matcher::new([indicator], WarningList::none());
    let found = |happened: &str, now: &str| {
        let event = event(&tenant(), &[(Kind::Ip, "203.0.113.7")], happened.parse().unwrap());
        matcher.observe(&[event], now.parse().unwrap()).len()
    };
    assert_eq!(found("2026-11-21T00:00:00Z", "2026-11-21T00:00:01Z"), 1);
    assert_eq!(found("2026-11-22T00:00:00Z", "2026-11-22T00:00:01Z"), 0, "it has ended");
    assert_eq!(found("2026-11-21T23:59:59Z", "2026-11-23T00:00:00Z"), 1, "it held when the event happened");
    assert_eq!(found("2026-11-19T00:00:00Z", "2026-11-19T00:00:01Z"), 0, "it does not hold yet");
    assert_eq!(found("2100-01-01T00:00:00Z", "2026-11-21T00:00:00Z"), 1, "a forged time hides nothing");
}

#[test]
fn what_lists_hold_is_what_events_name() {
    for (kind, value) in
        [(Kind::Ip, "203.0.113.7"), (Kind::Domain, "evil.example"), (Kind::Url, "http://evil.example/")]
    {
        assert_eq!(canonical(kind, value).as_deref(), Ok(value));
    }
    assert!(Matcher::default().observe(&[event(&tenant(), &[], now())], now()).is_empty());
}
