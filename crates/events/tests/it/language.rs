//! Texts and the filters that they mean, or what is wrong with them and where.

use proptest::prelude::*;
use serde_json::{Value, json};
use vigie_events::parse_search;

use crate::fixture::now;

#[track_caller]
fn check(text: &str, expected: Value) {
    let filter = parse_search(text, now()).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    assert_eq!(serde_json::to_value(filter).unwrap(), expected, "{text:?}");
}

#[track_caller]
fn refuse(text: &str, position: usize, message: &str, suggestion: Option<&str>) {
    let error = parse_search(text, now()).expect_err(text);
    assert_eq!((error.position, error.suggestion.as_deref()), (position, suggestion), "{text:?}: {error}");
    assert!(error.message.contains(message), "{text:?}: {error}");
}

fn field(name: &str, comparison: &str, value: impl Into<Value>) -> Value {
    json!({"field": {"name": name, "comparison": comparison, "value": value.into()}})
}

fn text(words: &str) -> Value {
    json!({ "text": words })
}

#[test]
fn words_phrases_and_patterns() {
    check("", json!("all"));
    check("  *  ", json!("all"));
    check("mimikatz", text("mimikatz"));
    check(r#""failed password""#, text("failed password"));
    check(r#""a \" b""#, text(r#"a " b"#));
    check("mimi*", field("text", "like", "mimi*"));
    check("foo-ba?", json!({"and": [field("text", "equal", "foo"), field("text", "like", "ba?")]}));
    check(r"what\?", text("what?"));
    check(r"C:\Windows\cmd.exe", text(r"C:\Windows\cmd.exe"));
    check("https://example.com/a", text("https://example.com/a"));
    check("12:30:45", text("12:30:45"));
    check("AND_THEN ORDER NOTE TO", json!({"and": [text("AND_THEN"), text("ORDER"), text("NOTE"), text("TO")]}));
}

#[test]
fn addresses() {
    let both = |address: &str| json!({"or": [field("ip", "equal", address), text(address)]});
    check("203.0.113.9", both("203.0.113.9"));
    check("\"203.0.113.9\"", both("203.0.113.9"));
    check("2001:DB8:0::1", both("2001:db8::1"));
    check("fe80::1", both("fe80::1"));
    check("::ffff:192.0.2.1", both("192.0.2.1"));
    check("10.1.2.3/8", field("ip", "within", "10.0.0.0/8"));
    check("2001:db8::/32", field("ip", "within", "2001:db8::/32"));
    check("10.0.*", json!({"or": [field("ip", "within", "10.0.0.0/16"), field("text", "like", "10.0.*")]}));
    check("src_ip:203.0.113.9", field("src.ip", "equal", "203.0.113.9"));
    check("src.ip:10.0.0.0/8", field("src.ip", "within", "10.0.0.0/8"));
    check("dst.ip:10.*", field("dst.ip", "within", "10.0.0.0/8"));
    check(
        "ip:[10.0.0.1 TO 10.0.0.9]",
        json!({"and": [field("ip", "greater_or_equal", "10.0.0.1"), field("ip", "less_or_equal", "10.0.0.9")]}),
    );
    refuse("src.ip:10.0.0.0/33", 7, "not a value of `src.ip`", None);
    refuse("src.ip:*.9", 7, "a network such as", None);
}

#[test]
fn fields_and_their_values() {
    check("username:root", field("user", "equal", "root"));
    check("User:  root", field("user", "equal", "root"));
    check(r#"user:"Jane Doe*""#, field("user", "equal", "Jane Doe*"));
    check(r"process.path:*\cmd.exe", field("process.path", "like", r"*\cmd.exe"));
    check(r"user:a\*b", field("user", "equal", "a*b"));
    check("user:*", json!({"exists": "user"}));
    check("host:web-1", field("device", "equal", "web-1"));
    check("message:failed", field("message", "equal", "failed"));
    check("dst.port:22", field("dst.port", "equal", 22));
    check("dst.port:>=1024", field("dst.port", "greater_or_equal", 1024));
    check("dst.port:< 25", field("dst.port", "less", 25));
    check(
        "port:[20 TO 25}",
        json!({"and": [field("dst.port", "greater_or_equal", 20), field("dst.port", "less", 25)]}),
    );
    check("port:{20 TO *]", field("dst.port", "greater", 20));
    check("port:[* TO *]", json!({"exists": "dst.port"}));
    check("severity:>Low", field("severity", "greater", "low"));
    check("severity:info", field("severity", "equal", "informational"));
    check("id:00000000000000000000000000000ABC", field("id", "equal", "00000000000000000000000000000abc"));
    check("url:http://example.com/a?b", field("url", "like", "http://example.com/a?b"));
    check(
        "user:(ann OR -bob*)",
        json!({"or": [field("user", "equal", "ann"), {"not": field("user", "like", "bob*")}]}),
    );
}

#[test]
fn times() {
    let at = |comparison: &str, time: &str| field("time", comparison, format!("{time}.000000Z"));
    check(
        "time:2026-03-01",
        json!({"and": [at("greater_or_equal", "2026-03-01T00:00:00"), at("less", "2026-03-02T00:00:00")]}),
    );
    check("time:>2026-03-01", at("greater_or_equal", "2026-03-02T00:00:00"));
    check("time:>=2026-03-01", at("greater_or_equal", "2026-03-01T00:00:00"));
    check("time:<=2026-03-01", at("less", "2026-03-02T00:00:00"));
    check("time:<2026-03-01T12:00", at("less", "2026-03-01T12:00:00"));
    check("time:2026-03-01T12:00:00+01:00", at("equal", "2026-03-01T11:00:00"));
    refuse("time:yesterday", 5, "expected a time such as", Some("now-1d/d"));
    refuse("time:2026-13-01", 5, "expected a time such as", None);
}

#[test]
fn times_reckoned_from_now() {
    // It is 2026-03-02T12:34:56.789Z, a Monday.
    let at = |comparison: &str, time: &str| field("time", comparison, time);
    check("time:>now-15m", at("greater", "2026-03-02T12:19:56.789000Z"));
    check("time:now", at("equal", "2026-03-02T12:34:56.789000Z"));
    check("time:<=now+1h", at("less_or_equal", "2026-03-02T13:34:56.789000Z"));
    check("arrival:>now-1y-1M-1w-1d-1H-1s", field("arrival", "greater", "2025-01-25T11:34:55.789000Z"));
    let span = |from: &str, until: &str| json!({"and": [at("greater_or_equal", from), at("less", until)]});
    check("time:now/d", span("2026-03-02T00:00:00.000000Z", "2026-03-03T00:00:00.000000Z"));
    check("time:now-1d/d", span("2026-03-01T00:00:00.000000Z", "2026-03-02T00:00:00.000000Z"));
    check("time:now/w", span("2026-03-02T00:00:00.000000Z", "2026-03-09T00:00:00.000000Z"));
    check("time:now-1w/w", span("2026-02-23T00:00:00.000000Z", "2026-03-02T00:00:00.000000Z"));
    check("time:now/M", span("2026-03-01T00:00:00.000000Z", "2026-04-01T00:00:00.000000Z"));
    check("time:now/y", span("2026-01-01T00:00:00.000000Z", "2027-01-01T00:00:00.000000Z"));
    check("time:now/h", span("2026-03-02T12:00:00.000000Z", "2026-03-02T13:00:00.000000Z"));
    check("time:now/m+30s", span("2026-03-02T12:34:30.000000Z", "2026-03-02T12:35:30.000000Z"));
    check("time:[now-7d/d TO now/d}", span("2026-02-23T00:00:00.000000Z", "2026-03-02T00:00:00.000000Z"));
    // What is rounded goes up or down, as Elasticsearch has it.
    check("time:>now/d", at("greater_or_equal", "2026-03-03T00:00:00.000000Z"));
    check("time:>=now/d", at("greater_or_equal", "2026-03-02T00:00:00.000000Z"));
    check("time:<now/d", at("less", "2026-03-02T00:00:00.000000Z"));
    check("time:<=now/d", at("less", "2026-03-03T00:00:00.000000Z"));
    check("time:2024-03-31||-1M/d", span("2024-02-29T00:00:00.000000Z", "2024-03-01T00:00:00.000000Z"));
    check("time:>2026-03-01T10:00:00Z||+1d", at("greater", "2026-03-02T10:00:00.000000Z"));

    refuse("time:>now-15min", 6, "`min` is not a unit of time", Some("m"));
    refuse("time:>now-2hours", 6, "`hours` is not a unit of time", Some("h"));
    refuse("time:>now-1D", 6, "`D` is not a unit of time", Some("d"));
    refuse("time:>now-1Mon", 6, "`Mon` is not a unit of time", Some("M"));
    refuse("time:>now-", 6, "`` is not a unit of time", None);
    refuse("time:>now-1q", 6, "`q` is not a unit of time", None);
    refuse("time:>nowish", 6, "expected a time such as", Some("now"));
    refuse("time:>Now-1d", 6, "expected a time such as", Some("now"));
    refuse("time:now-9999y", 5, "reaches beyond the years 1 to 9999", None);
    refuse("time:now-999999999d", 5, "reaches beyond the years 1 to 9999", None);
    refuse("time:now-9999999999d", 5, "expected a time such as", Some("now"));
    refuse("time:now/2d", 5, "expected a time such as", Some("now"));
    refuse(&format!("time:now{}", "-1d".repeat(17)), 5, "too many steps", None);
    assert!(parse_search(&format!("time:now{}", "-1d".repeat(16)), now()).is_ok());
}

#[test]
fn and_or_not() {
    check("a b AND c && d", json!({"and": [text("a"), text("b"), text("c"), text("d")]}));
    check("a b OR c", json!({"or": [{"and": [text("a"), text("b")]}, text("c")]}));
    check("a || (b c)", json!({"or": [text("a"), {"and": [text("b"), text("c")]}]}));
    check("-a !b NOT c", json!({"and": [{"not": text("a")}, {"not": text("b")}, {"not": text("c")}]}));
    check("NOT(a)", json!({"not": text("a")}));
    check("a-b", text("a-b"));
    check("-user:root", json!({"not": field("user", "equal", "root")}));
}

#[test]
fn faults_name_their_place() {
    refuse("usr:root", 0, "unknown field `usr`", Some("user"));
    refuse("a AND scr.ip:1.2.3.4", 6, "unknown field `scr.ip`", Some("src.ip"));
    refuse("é zzzzzz:1", 3, "put it in quotes", None);
    refuse("(a", 0, "never closed", None);
    refuse("a)", 1, "closes nothing", None);
    refuse("a (b OR", 7, "search ends", None);
    refuse("()", 1, "expected a word", None);
    refuse("a OR OR b", 5, "before this operator", None);
    refuse("AND", 0, "before this operator", None);
    refuse("\"a", 0, "quote is never closed", None);
    refuse("user:", 5, "expected a value of `user`", None);
    refuse("user:\"", 5, "quote is never closed", None);
    refuse("port:ssh", 5, "a whole number from 0", None);
    refuse("port:-1", 5, "a whole number from 0", None);
    refuse("port:[1 2]", 8, "expected `TO`", None);
    refuse("port:[1 TO 2", 5, "range is never closed", None);
    refuse("severity:awful", 9, "informational, low", None);
    refuse("severity:>=hihg", 11, "informational, low", Some("high"));
    refuse("id:7", 3, "32 hex digits", None);
    refuse("user:>a*", 6, "pattern cannot be compared", None);
    refuse(r"user:\*a*", 5, "cannot stand in a pattern", None);
    refuse("message:>a", 9, "has no order", None);
    refuse("a %% b", 2, "no letter or digit", None);
}

#[test]
fn limits() {
    let nested = |levels: usize| format!("{}a{}", "(".repeat(levels), ")".repeat(levels));
    assert!(parse_search(&nested(32), now()).is_ok());
    refuse(&nested(33), 32, "too deep", None);
    refuse(&"NOT ".repeat(33), 128, "too deep", None);
    assert!(parse_search(&"a ".repeat(256), now()).is_ok());
    refuse(&"a ".repeat(257), 512, "too many terms", None);
    assert!(parse_search(&"a".repeat(8 * 1024), now()).is_ok());
    refuse(&"a".repeat(8 * 1024 + 1), 8 * 1024, "bytes long", None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn no_text_breaks_the_parser(text in "\\PC{0,60}") {
        check_position(&text)?;
    }

    #[test]
    fn no_nearly_right_text_breaks_the_parser(
        parts in proptest::collection::vec(prop::sample::select(PARTS), 0..24),
    ) {
        check_position(&parts.concat())?;
    }
}

const PARTS: &[&str] = &[
    "(",
    ")",
    "\"",
    "\\",
    "*",
    "?",
    ":",
    "-",
    "!",
    ">",
    "<=",
    "[",
    "]",
    "{",
    "}",
    " ",
    " TO ",
    " AND ",
    " OR ",
    "NOT ",
    "user:",
    "src.ip:",
    "time:",
    "port:",
    "text:",
    "severity:",
    "id:",
    "é",
    "a",
    "10.0.0.1",
    "::1",
    "/8",
    "2026-03-01",
    "now",
    "-7d",
    "/d",
    "+1M",
    "&&",
    "||",
    "\u{3000}",
];

fn check_position(text: &str) -> Result<(), TestCaseError> {
    if let Err(error) = parse_search(text, now()) {
        prop_assert!(text.is_char_boundary(error.position), "{error}");
    }
    Ok(())
}
