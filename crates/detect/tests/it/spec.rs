//! The specification, item by item: a detection, an event, and whether the one must match the other.

use serde_json::{Value, json};

use crate::builder::{engine, event, observe};

#[track_caller]
fn check(detection: &str, document: Value, expected: bool) {
    let indented = detection.replace('\n', "\n  ");
    let rule = format!("title: t\nid: t\nlogsource: {{product: p}}\ndetection:\n  {indented}\n");
    let mut engine = engine(&rule);
    let event = event(1, document.clone()).logsource("p", "", "").build();
    assert_eq!(observe(&mut engine, &[event]).len() == 1, expected, "{detection}\nagainst {document}");
}

/// A detection of one line.
#[track_caller]
fn line(line: &str, document: Value, expected: bool) {
    check(&format!("selection:\n  {line}\ncondition: selection"), document, expected);
}

#[test]
fn plain_values() {
    line("f: abc", json!({"f": "ABC"}), true);
    line("f: ABC", json!({"f": "abc"}), true);
    line("f: abc", json!({"f": "abcd"}), false);
    line("f: abc", json!({"g": "abc"}), false);
    line("F: abc", json!({"f": "abc"}), false);
    line("f: [a, b]", json!({"f": "b"}), true);
    line("f: [a, b]", json!({"f": "c"}), false);
    line("f: ÉTÉ", json!({"f": "été"}), true);
    line("f: ΣΊΣΥΦΟΣ", json!({"f": "σίσυφος"}), true);
    line("f: ''", json!({"f": ""}), true);
    line("f: ''", json!({"f": null}), false);
    line("f: ''", json!({}), false);
    line("f: ''", json!({"f": " "}), false);
}

#[test]
fn null_and_exists() {
    line("f: null", json!({}), true);
    line("f: null", json!({"f": null}), true);
    line("f: null", json!({"f": ""}), false);
    line("f: null", json!({"f": []}), false);
    line("f: null", json!({"f": ["a", null]}), true);
    line("f|exists: true", json!({"f": null}), true);
    line("f|exists: true", json!({"f": ""}), true);
    line("f|exists: true", json!({}), false);
    line("f|exists: false", json!({}), true);
    line("f|exists: false", json!({"f": null}), false);
    line("a.b|exists: true", json!({"a": {"b": 1}}), true);
    line("a.b|exists: true", json!({"a": {"c": 1}}), false);
    line("f: '*'", json!({"f": ""}), true);
    line("f: '*'", json!({"f": 1}), true);
    line("f: '*'", json!({"f": null}), false);
    line("f: '*'", json!({}), false);
}

#[test]
fn numbers_and_truths() {
    line("f: 4688", json!({"f": 4688}), true);
    line("f: 4688", json!({"f": "4688"}), true);
    line("f: '4688'", json!({"f": 4688}), true);
    line("f: 4688", json!({"f": 46880}), false);
    line("f: 4688", json!({"f": 4688.0}), true);
    line("f: 1.5", json!({"f": "1.5"}), true);
    line("f: '46*'", json!({"f": 4688}), true);
    line("f: 16", json!({"f": "0x10"}), false);
    line("f: '0x10'", json!({"f": "0X10"}), true);
    line("f: 0x10", json!({"f": 16}), true);
    line("f: '18446744073709551615'", json!({"f": 18_446_744_073_709_551_615_u64}), true);
    line("f: '18446744073709551614'", json!({"f": 18_446_744_073_709_551_615_u64}), false);
    line("f: 9007199254740993", json!({"f": 9_007_199_254_740_992_u64}), false);
    line("f: 'true'", json!({"f": true}), true);
    line("f: true", json!({"f": true}), true);
    line("f: true", json!({"f": "True"}), true);
    line("f: true", json!({"f": 1}), false);
    line("f: false", json!({"f": true}), false);
    line("f: no", json!({"f": "no"}), true);
    line("f: 1e3", json!({"f": 1000}), true);
}

#[test]
fn wildcards_and_escapes() {
    line("f: 'a*c'", json!({"f": "AbbC"}), true);
    line("f: 'a?c'", json!({"f": "abc"}), true);
    line("f: 'a?c'", json!({"f": "ac"}), false);
    line("f: 'a?c'", json!({"f": "aéc"}), true);
    line("f: 'a?c'", json!({"f": "abbc"}), false);
    line(r"f: 'a\*c'", json!({"f": "a*c"}), true);
    line(r"f: 'a\*c'", json!({"f": "abc"}), false);
    line(r"f: 'a\?c'", json!({"f": "a?c"}), true);
    line(r"f: 'C:\dir\f'", json!({"f": r"c:\dir\f"}), true);
    line(r"f: 'C:\\dir'", json!({"f": r"c:\dir"}), true);
    line(r"f: 'a\\*'", json!({"f": r"a\b"}), true);
    line(r"f: 'a\\*'", json!({"f": "ab"}), false);
    line(r"f: 'a\\\*'", json!({"f": r"a\*"}), true);
    line(r"f: 'a\\\*'", json!({"f": r"a\b"}), false);
    line(r"f: '\\\\host'", json!({"f": r"\\host"}), true);
    line(r"f: '\\\host'", json!({"f": r"\\host"}), true);
    line(r"f|startswith: '\\'", json!({"f": r"\x"}), true);
    line(r"f|endswith: '\'", json!({"f": r"x\"}), true);
    line("f: '**a'", json!({"f": "ba"}), true);
}

#[test]
fn parts_of_texts() {
    line("f|contains: bc", json!({"f": "aBCd"}), true);
    line("f|contains: bc", json!({"f": "b c"}), false);
    line("f|startswith: ab", json!({"f": "ABC"}), true);
    line("f|startswith: ab", json!({"f": "cab"}), false);
    line("f|endswith: bc", json!({"f": "aBC"}), true);
    line("f|endswith: bc", json!({"f": "bcd"}), false);
    line("f|contains: 'a*c'", json!({"f": "xxabcxx"}), true);
    line("f|startswith: 'a?c'", json!({"f": "abcd"}), true);
    line("f|contains: 46", json!({"f": 1468}), true);
    line("f|contains: ''", json!({"f": "x"}), true);
    line("f|contains: [a, b, c, d, e, f]", json!({"f": "xxFxx"}), true);
    line("f|contains: [a, b, c, d, e, f]", json!({"f": "xyz"}), false);
    line("f|contains|all: [a, b]", json!({"f": "xbxa"}), true);
    line("f|contains|all: [a, b]", json!({"f": "xb"}), false);
    line("f|all|contains: [a, b]", json!({"f": "xb"}), false);
    line("f|contains|all: [a, b]", json!({"f": ["a", "b"]}), true);
}

#[test]
fn case() {
    line("f|cased: Abc", json!({"f": "Abc"}), true);
    line("f|cased: Abc", json!({"f": "abc"}), false);
    line("f|contains|cased: B", json!({"f": "aBc"}), true);
    line("f|contains|cased: B", json!({"f": "abc"}), false);
    line("f|cased|endswith: [A, B, C, D, E, F]", json!({"f": "xf"}), false);
    line("f|re: abc", json!({"f": "xABC"}), false);
    line("f|re: abc", json!({"f": "xabcx"}), true);
    line("f|re|i: abc", json!({"f": "xABC"}), true);
}

#[test]
fn negated_values() {
    line("f|neq: a", json!({"f": "b"}), true);
    line("f|neq: a", json!({"f": "A"}), false);
    line("f|neq: [a, b]", json!({"f": "b"}), false);
    line("f|neq: [a, b]", json!({"f": "c"}), true);
    line("f|neq: a", json!({}), true);
    line("f|neq: 5", json!({"f": 6}), true);
    line("f|contains|neq: a", json!({"f": "xax"}), false);
    line("f|neq: a", json!({"f": ["a", "b"]}), false);
}

#[test]
fn windash() {
    for dash in ["-", "/", "–", "—", "―"] {
        line("f|windash|contains: ' -enc '", json!({"f": format!("powershell {dash}ENC x")}), true);
        line("f|contains|windash: '-enc'", json!({"f": format!("powershell {dash}enc x")}), true);
        line("f|windash: '/a -b'", json!({"f": format!("{dash}a /b")}), true);
    }
    line("f|windash|contains: ' -enc '", json!({"f": "powershell +enc x"}), false);
    line("f|windash|contains: 'a-b'", json!({"f": "xa/bx"}), false);
    line("f|windash|contains|all: ['-a', '-b']", json!({"f": "/a –b"}), true);
    line("f|windash|contains|all: ['-a', '-b']", json!({"f": "/a"}), false);
}

#[test]
fn regexes() {
    line("f|re: '^a.c$'", json!({"f": "abc"}), true);
    line("f|re: '^a.c$'", json!({"f": "xabc"}), false);
    line("f|re: ['x', 'b+']", json!({"f": "abbc"}), true);
    line("f|re|m: '^b'", json!({"f": "a\nb"}), true);
    line("f|re: '^b'", json!({"f": "a\nb"}), false);
    line("f|re|s: 'a.b'", json!({"f": "a\nb"}), true);
    line("f|re: 'a.b'", json!({"f": "a\nb"}), false);
    line("f|re|i|s: 'A.B'", json!({"f": "a\nb"}), true);
    line(r"f|re: '\d{4}'", json!({"f": 4688}), true);
    line(r"f|re: '[\[a]x'", json!({"f": "[x"}), true);
    line(r"f|re: '\<b\>'", json!({"f": "a<b>c"}), true);
    line(r"f|re: '\w'", json!({"f": "é"}), false);
    line("f|re|all: ['a', 'b']", json!({"f": "ba"}), true);
    line("f|re: '.'", json!({"f": null}), false);
}

#[test]
fn encodings() {
    line("f|base64: foo", json!({"f": "Zm9v"}), true);
    line("f|base64|contains: foobar", json!({"f": "x Zm9vYmFy x"}), true);
    // "xfoobar.." and "xxfoobar." in Base64.
    line("f|base64offset|contains: foobar", json!({"f": "eGZvb2Jhci4u"}), true);
    line("f|base64offset|contains: foobar", json!({"f": "eHhmb29iYXIu"}), true);
    line("f|base64offset|contains: foobar", json!({"f": "eHhmb296YXou"}), false);
    // "foo" in UTF-16LE, in Base64.
    line("f|wide|base64: foo", json!({"f": "ZgBvAG8A"}), true);
    line("f|utf16le|base64: foo", json!({"f": "ZgBvAG8A"}), true);
    line("f|utf16be|base64: foo", json!({"f": "AGYAbwBv"}), true);
    line("f|utf16|base64: foo", json!({"f": "//5mAG8AbwA="}), true);
    line("f|wide|base64offset|contains: foo", json!({"f": "xxZgBvAG8Axx"}), true);
    line("f|wide|base64: é", json!({"f": "6QA="}), true);
    line("f|wide: ab", json!({"f": "a\0b\0"}), true);
}

#[test]
fn comparisons() {
    line("f|lt: 5", json!({"f": 4}), true);
    line("f|lt: 5", json!({"f": 5}), false);
    line("f|lte: 5", json!({"f": 5}), true);
    line("f|gt: 5", json!({"f": "6"}), true);
    line("f|gt: 5", json!({"f": "six"}), false);
    line("f|gte: 5.5", json!({"f": 5.5}), true);
    line("f|gte: '5'", json!({"f": 5}), true);
    line("f|gt: 5", json!({}), false);
    line("f|gt: 5", json!({"f": [1, 9]}), true);
    line("f|gt: 9007199254740992", json!({"f": 9_007_199_254_740_993_u64}), true);
    line("f|gt: 5\n  f|lt: 9", json!({"f": 7}), true);
}

#[test]
fn dates() {
    let date = || json!({"f": "2026-03-01T08:15:30Z"});
    line("f|minute: 15", date(), true);
    line("f|hour: 8", date(), true);
    line("f|hour: 9", date(), false);
    line("f|day: 1", date(), true);
    line("f|week: 9", date(), true);
    line("f|month: 3", date(), true);
    line("f|year: 2026", date(), true);
    line("f|hour|gte: 8\n  f|hour|lt: 18", date(), true);
    line("f|hour|gt: 8", date(), false);
    line("f|hour: 23", json!({"f": "2026-03-01 23:59:59.123"}), true);
    line("f|hour: 8", json!({"f": "2026-03-01T08:15:30+09:00"}), true);
    line("f|year: 2026", json!({"f": "soon"}), false);
    line("f|year: 2023", json!({"f": 1_700_000_000}), true);
    line("f|year: 2023", json!({"f": 1_700_000_000_000_u64}), true);
    line("f|hour: 8", json!({"f": "2026-03-01"}), false);
}

#[test]
fn networks() {
    line("f|cidr: 192.0.2.0/24", json!({"f": "192.0.2.77"}), true);
    line("f|cidr: 192.0.2.0/24", json!({"f": "192.0.3.1"}), false);
    line("f|cidr: ['198.51.100.0/24', '203.0.113.0/24']", json!({"f": "203.0.113.9"}), true);
    line("f|cidr: '::1/128'", json!({"f": "::1"}), true);
    line("f|cidr: '2001:db8::/32'", json!({"f": "2001:DB8:1::5"}), true);
    line("f|cidr: 192.0.2.0/24", json!({"f": "::ffff:192.0.2.1"}), true);
    line("f|cidr: 'fe80::/10'", json!({"f": "fe80::1%eth0"}), true);
    line("f|cidr: 192.0.2.0/24", json!({"f": "-"}), false);
    line("f|cidr: 192.0.2.0/24", json!({"f": 3_221_225_984_u32}), false);
    line("f|cidr: 192.0.2.1", json!({"f": "192.0.2.1"}), true);
    line("f|cidr: 192.0.2.9/24", json!({"f": "192.0.2.1"}), true);
    line("f|cidr|neq: 192.0.2.0/24", json!({"f": "198.51.100.1"}), true);
}

#[test]
fn other_fields() {
    line("f|fieldref: g", json!({"f": "A", "g": "a"}), true);
    line("f|fieldref: g", json!({"f": "a", "g": "b"}), false);
    line("f|fieldref: g", json!({"f": "a"}), false);
    line("f|fieldref: g", json!({}), false);
    line("f|fieldref|neq: g", json!({"f": "a", "g": "b"}), true);
    line("f|fieldref|neq: g", json!({"f": "a", "g": "a"}), false);
    line("f|fieldref|startswith: g", json!({"f": "abc", "g": "ab"}), true);
    line("f|fieldref|endswith: g", json!({"f": "abc", "g": "bc"}), true);
    line("f|fieldref|contains: g", json!({"f": "abc", "g": "b"}), true);
    line("f|contains|fieldref: g", json!({"f": "abc", "g": "b"}), true);
    line("f|fieldref|cased: g", json!({"f": "A", "g": "a"}), false);
    line("f|fieldref: g", json!({"f": 5, "g": "5"}), true);
    line("f|fieldref: [g, h]", json!({"f": "x", "g": "a", "h": "x"}), true);
}

#[test]
fn fields() {
    line("a.b: x", json!({"a": {"b": "x"}}), true);
    line("a.b: x", json!({"a.b": "x"}), true);
    line("a.b.c: x", json!({"a.b": {"c": "x"}}), true);
    line("a.b: y", json!({"a": [{"b": "x"}, {"b": "y"}]}), true);
    line("a.b: z", json!({"a": [{"b": "x"}, {"b": ["y", "z"]}]}), true);
    line("f: b", json!({"f": ["a", "b"]}), true);
    line("f: c", json!({"f": ["a", ["b", ["c"]]]}), true);
    line("'Threat Name': x", json!({"Threat Name": "x"}), true);
    line("'Threat Name': x", json!({"ThreatName": "x"}), true);
    line("ThreatName: x", json!({"Threat Name": "x"}), true);
    line("'f[0]': x", json!({"f[0]": "x"}), true);
    line("f|contains: Failure", json!({"f": {"ConsoleLogin": "Failure"}}), true);
    check("sel:\n  f: a\ncondition: not sel", json!({"f": ["a", "b"]}), false);
}

#[test]
fn hashes() {
    let event = || json!({"Hashes": "SHA1=AB,MD5=CD,IMPHASH=EF"});
    line("Hashes|contains: MD5=cd", event(), true);
    line("md5: cd", event(), true);
    line("Imphash: ef", event(), true);
    line("sha256: ab", event(), false);
    line("md5: '11'", json!({"md5": "11", "Hashes": "MD5=22"}), true);
}

#[test]
fn keywords() {
    let rule = |words: &str| format!("keywords:\n{words}\ncondition: keywords");
    check(&rule("  - needle"), json!({"a": {"b": ["x", "a NEEDLE b"]}}), true);
    check(&rule("  - needle"), json!({"needle": "x"}), false);
    check(&rule("  - one\n  - two"), json!({"a": "two"}), true);
    check(&rule("  '|all':\n    - one\n    - two"), json!({"a": "one", "b": "two"}), true);
    check(&rule("  '|all':\n    - one\n    - two"), json!({"a": "one"}), false);
    check(&rule("  - 'a*c'"), json!({"a": "xxabbcxx"}), true);
    check(&rule("  - 4625"), json!({"a": 4625}), true);
    check(&rule("  - 4625"), json!({"a": "id 4625."}), true);
    check(&rule("  - 4625"), json!({"a": 1}), false);
    check(&rule("  '|re': 'b+$'"), json!({"a": {"c": "abb"}}), true);
    check(&rule("  '|cidr': 192.0.2.0/24"), json!({"a": {"c": "192.0.2.4"}}), true);
    check("keywords: needle\ncondition: keywords", json!({"a": "a needle"}), true);
}

#[test]
fn lists_of_maps() {
    let rule = "sel:\n  - a: 1\n    b: 2\n  - c: 3\ncondition: sel";
    check(rule, json!({"a": 1, "b": 2}), true);
    check(rule, json!({"a": 1, "b": 3}), false);
    check(rule, json!({"c": 3}), true);
    let mixed = "sel:\n  - word\n  - c: 3\ncondition: sel";
    check(mixed, json!({"x": "a word"}), true);
    check(mixed, json!({"c": 3}), true);
    check(mixed, json!({"c": 4}), false);
}

#[test]
fn conditions() {
    let rule =
        |condition: &str| format!("a1: {{f: 1}}\na2: {{g: 1}}\nb: {{h: 1}}\n_hidden: {{i: 1}}\ncondition: {condition}");
    let fgh = |f: i32, g: i32, h: i32| json!({"f": f, "g": g, "h": h, "i": 0});
    for (condition, document, expected) in [
        ("a1 and a2", fgh(1, 1, 0), true),
        ("a1 and a2", fgh(1, 0, 0), false),
        ("a1 or a2 and b", fgh(1, 0, 0), true),
        ("(a1 or a2) and b", fgh(1, 0, 0), false),
        ("not a1 and a2", fgh(0, 1, 0), true),
        ("not (a1 and a2)", fgh(1, 0, 0), true),
        ("not not a1", fgh(1, 0, 0), true),
        ("1 of a*", fgh(0, 1, 0), true),
        ("any of a*", fgh(0, 1, 0), true),
        ("all of a*", fgh(0, 1, 0), false),
        ("all of a*", fgh(1, 1, 0), true),
        ("2 of them", fgh(1, 0, 1), true),
        ("2 of them", fgh(1, 0, 0), false),
        ("1 of them", json!({"i": 1}), false),
        ("all of them", fgh(1, 1, 1), true),
        ("1 of _h*", json!({"i": 1}), true),
        ("not 1 of them", fgh(0, 0, 0), true),
        ("a1 and not 1 of b*", fgh(1, 0, 1), false),
        ("[a1 and a2, b]", fgh(0, 0, 1), true),
        ("[a1 and a2, b]", fgh(1, 0, 0), false),
        ("1 of *1", fgh(1, 0, 0), true),
    ] {
        check(&rule(condition), document, expected);
    }
    check("and_x: {f: 1}\nnotable: {g: 1}\ncondition: and_x or notable", json!({"g": 1}), true);
}

#[test]
fn a_long_list() {
    let values: Vec<String> = (0..5_000).map(|number| format!("value-{number}")).collect();
    let rule = format!("f: {}", serde_json::to_string(&values).unwrap());
    line(&rule, json!({"f": "VALUE-4999"}), true);
    line(&rule, json!({"f": "value-5000"}), false);
}
