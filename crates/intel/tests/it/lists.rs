//! CSV lists: what is read, what is refused and why, and that one bad line costs one line.

use proptest::prelude::*;
use vigie_intel::{CSV_BYTES_MAX, FAILED_MAX, Parsed, RECORD_BYTES_MAX, parse_csv};
use vigie_model::{ObservableKind as Kind, TenantId, Timestamp, Tlp};

fn parse(text: &str) -> Parsed {
    parse_csv(&TenantId::new("acme").unwrap(), "test", text, Timestamp::from_seconds(1_000))
}

#[track_caller]
fn check(text: &str, expected: &[(Kind, &str)], failed: &[(u64, &str)]) {
    let parsed = parse(text);
    let found: Vec<(Kind, &str)> = parsed.indicators.iter().map(|found| (found.kind, found.value.as_str())).collect();
    assert_eq!(found, expected);
    assert_eq!(parsed.failed.len(), failed.len(), "{:?}", parsed.failed);
    for (found, (line, words)) in parsed.failed.iter().zip(failed) {
        assert!(found.line == *line && found.reason.contains(words), "{found} is not {line}: {words}");
    }
}

#[test]
fn a_plain_list() {
    check(
        "# bad addresses\n\n203.0.113.7\r\n203[.]0[.]113[.]8 # seen twice\n198.51.100.0/24 ; SBL1\nhxxp://c2[.]example/a\n203.0.113.7\n",
        &[
            (Kind::Ip, "203.0.113.7"),
            (Kind::Ip, "203.0.113.8"),
            (Kind::Ip, "198.51.100.0/24"),
            (Kind::Url, "http://c2.example/a"),
        ],
        &[],
    );
    assert_eq!(parse("203.0.113.8 # seen twice").indicators[0].comment, "seen twice");
    assert_eq!(parse("203.0.113.8\n203.0.113.8/32\n").skipped, 1);
}

#[test]
fn a_list_with_a_header() {
    let text = "\u{feff}comment;type;value;confidence;tlp;tags;valid_until;colour\n\
        \"loader; \"\"stage two\"\"\";md5;D41D8CD98F00B204E9800998ECF8427F;90;TLP:RED;emotet;2027-01-01;blue\n\
        ;;c2.example;;;;;\n";
    let parsed = parse(text);
    assert_eq!(parsed.failed, []);
    let first = &parsed.indicators[0];
    assert_eq!((first.kind, first.value.as_str()), (Kind::Hash, "d41d8cd98f00b204e9800998ecf8427f"));
    assert_eq!((first.confidence, first.tlp, first.comment.as_str()), (90, Tlp::Red, "loader; \"stage two\""));
    assert_eq!(first.tags, ["emotet"]);
    assert_eq!(first.valid_until.unwrap().to_string(), "2027-01-01T00:00:00.000000Z");
    assert_eq!(first.valid_from, Some(Timestamp::from_seconds(1_000)));
    assert_eq!((parsed.indicators[1].kind, parsed.indicators[1].tlp), (Kind::Domain, Tlp::Amber));
}

#[test]
fn columns_in_order_without_a_header() {
    let parsed = parse("c2.example,domain,80,green,a b,\"first, seen\nyesterday\",2027-01-01T00:00:00Z\n");
    assert_eq!(parsed.failed, []);
    let found = &parsed.indicators[0];
    assert_eq!((found.confidence, found.tlp, found.tags.join("+").as_str()), (80, Tlp::Green, "a+b"));
    assert_eq!(found.comment, "first, seen yesterday");
}

#[test]
fn bad_lines_are_named_and_the_others_kept() {
    check(
        "value,type,confidence,tlp\n\
        203.0.113.1,ip\n\
        999.0.113.2,ip\n\
        203.0.113.3,kryptonite\n\
        203.0.113.4,ip,101\n\
        203.0.113.5,ip,50,purple\n\
        \"203.0.113.6,ip\n\
        ,ip\n\
        \"203.0.113.7\"x,ip\n\
        what is this\n\
        0.0.0.0/0,ip\n\
        203.0.113.9,ip",
        &[(Kind::Ip, "203.0.113.1"), (Kind::Ip, "203.0.113.9")],
        &[
            (3, "`999.0.113.2` is not an IP address"),
            (4, "`kryptonite` is not a type"),
            (5, "`101` is not a number from 0 to 100"),
            (6, "`purple` is not a TLP level"),
            (7, "a quoted field is not closed"),
            (8, "the value is empty"),
            (9, "text follows a quoted field"),
            (10, "cannot tell what `what is this` is"),
            (11, "too wide"),
        ],
    );
}

#[test]
fn long_lines_and_many_failures_are_bounded() {
    let long = format!("203.0.113.1,ip,,,,{}\n203.0.113.2\n", "x".repeat(RECORD_BYTES_MAX));
    check(&long, &[(Kind::Ip, "203.0.113.2")], &[(1, "more than 16384")]);
    let open = format!("\"{}\n203.0.113.2\n", "x\n".repeat(RECORD_BYTES_MAX));
    assert_eq!(parse(&open).indicators.len(), 1);
    let parsed = parse(&"?\n".repeat(FAILED_MAX + 1));
    assert_eq!((parsed.failed.len(), parsed.failed_total), (FAILED_MAX, FAILED_MAX + 1));
}

#[test]
fn a_list_is_read_up_to_its_limit() {
    let comment = format!("#{}\n", "x".repeat(1_048_574));
    let within = comment.repeat(CSV_BYTES_MAX / comment.len() - 1) + "203.0.113.1\n";
    assert_eq!((parse(&within).indicators.len(), parse(&within).failed_total), (1, 0));
    let parsed = parse(&(within + &comment + "203.0.113.2\n"));
    assert_eq!((parsed.indicators.len(), parsed.failed_total), (1, 1));
    assert!(parsed.failed[0].reason.contains("was not read"), "{}", parsed.failed[0]);
}

/// A value in canonical form, with its kind.
fn value() -> impl Strategy<Value = (Kind, String)> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(|ip| (Kind::Ip, std::net::Ipv4Addr::from(ip).to_string())),
        "[a-z]{1,12}(-[a-z0-9]{1,5})?\\.(example|test)".prop_map(|name| (Kind::Domain, name)),
        "[0-9a-f]{64}".prop_map(|hash| (Kind::Hash, hash)),
        "http://[a-z]{1,9}\\.example/[a-zA-Z0-9,;\"#]{0,9}"
            .prop_filter_map("a fragment is cut", |url| { (!url.contains('#')).then_some((Kind::Url, url)) }),
        "[a-zA-Z0-9 ,;\"'#/()]{1,30}".prop_filter_map("blanks at the ends are cut", |agent| {
            (agent.trim() == agent).then_some((Kind::UserAgent, agent))
        }),
    ]
}

proptest! {
    /// What the `csv` crate writes, whatever is in the fields and between the rows, is read back whole.
    #[test]
    fn every_valid_row_survives(
        rows in prop::collection::vec((value(), 0_u8..=100, "[a-zA-Z ,;\"\n#]{0,20}"), 1..20),
        garbage in prop::collection::vec("[^\"\n]{0,30}", 0..4),
    ) {
        let mut text = b"value,type,confidence,comment\n".to_vec();
        for (index, ((kind, value), confidence, comment)) in rows.iter().enumerate() {
            let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
            writer.write_record([value.as_str(), kind.as_str(), &confidence.to_string(), comment]).unwrap();
            text.extend(writer.into_inner().unwrap());
            if let Some(garbage) = garbage.get(index) {
                text.extend(garbage.as_bytes());
                text.push(b'\n');
            }
        }
        let parsed = parse(&String::from_utf8(text).unwrap());
        for ((kind, value), ..) in &rows {
            let found = parsed.indicators.iter().any(|found| found.kind == *kind && found.value == *value);
            prop_assert!(found, "{} {:?} was lost: {:?}", kind, value, parsed.failed);
        }
    }

    #[test]
    fn no_text_panics(text in "(?s).{0,300}", lines in prop::collection::vec("[\"#,;\t value.:/@\\[\\]0-9a-f\n\r]{0,40}", 0..10)) {
        parse(&text);
        parse(&lines.join("\n"));
        let _ = vigie_intel::parse_misp_event(&TenantId::new("acme").unwrap(), &text, Timestamp::EPOCH);
        for kind in Kind::ALL {
            let _ = vigie_intel::canonical(kind, &text);
        }
        vigie_intel::guess_kind(&text);
        vigie_intel::WarningList::builtin().add_text(&lines.join("\n"));
    }

    #[test]
    fn canonical_forms_are_stable((kind, value) in value()) {
        let once = vigie_intel::canonical(kind, &value).unwrap();
        prop_assert_eq!(vigie_intel::canonical(kind, &once).unwrap(), once);
    }
}
