//! Texts and the filters that they mean, or what is wrong with them and where.

use proptest::prelude::*;
use serde_json::{Value, json};
use vigie_events::parse_search;

#[track_caller]
fn check(text: &str, expected: Value) {
    let filter = parse_search(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    assert_eq!(serde_json::to_value(filter).unwrap(), expected, "{text:?}");
}

#[track_caller]
fn refuse(text: &str, position: usize, message: &str, suggestion: Option<&str>) {
    let error = parse_search(text).expect_err(text);
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
    refuse("time:yesterday", 5, "expected a time such as", None);
    refuse("time:2026-13-01", 5, "expected a time such as", None);
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
    refuse("id:7", 3, "32 hex digits", None);
    refuse("user:>a*", 6, "pattern cannot be compared", None);
    refuse(r"user:\*a*", 5, "cannot stand in a pattern", None);
    refuse("message:>a", 9, "has no order", None);
    refuse("a %% b", 2, "no letter or digit", None);
}

#[test]
fn limits() {
    let nested = |levels: usize| format!("{}a{}", "(".repeat(levels), ")".repeat(levels));
    assert!(parse_search(&nested(32)).is_ok());
    refuse(&nested(33), 32, "too deep", None);
    refuse(&"NOT ".repeat(33), 128, "too deep", None);
    assert!(parse_search(&"a ".repeat(256)).is_ok());
    refuse(&"a ".repeat(257), 512, "too many terms", None);
    assert!(parse_search(&"a".repeat(8 * 1024)).is_ok());
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
    "&&",
    "||",
    "\u{3000}",
];

fn check_position(text: &str) -> Result<(), TestCaseError> {
    if let Err(error) = parse_search(text) {
        prop_assert!(text.is_char_boundary(error.position), "{error}");
    }
    Ok(())
}
