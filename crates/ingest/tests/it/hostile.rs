//! Bad input: each ends in a clear error or a dead letter, and memory stays bounded.

use std::io::Write as _;

use bytes::Bytes;
use proptest::prelude::*;
use vigie_ingest::{BodyLimits, Deframer, Frame, RECORD_BYTES_MAX, Sources, decode_body, normalise};
use vigie_model::{DeadLetter, Position, Record, Timestamp};

use crate::{ingest, source, tenant};

#[track_caller]
fn check(source: &str, body: impl Into<Bytes>, code: &str, reason: &str) {
    let found = ingest(source, body, None);
    assert!(found.events.is_empty(), "{:?}", found.events);
    assert_eq!(found.dead.len(), 1);
    assert_eq!(found.dead[0].code, code);
    assert!(found.dead[0].reason.contains(reason), "{}", found.dead[0].reason);
    assert!(found.dead[0].bytes.len() <= DeadLetter::BYTES_MAX);
}

#[test]
fn every_fault_has_its_letter() {
    check("json", r#"{"a": tru}"#, "json_syntax", "line 1");
    check("json", "3", "not_an_object", "a number");
    check("json", format!("{{\"a\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000)), "json_depth", "127 levels");
    check("json", format!("{{\"a\": \"{}\"}}", "x".repeat(RECORD_BYTES_MAX)), "too_long", "1048576");
    check("syslog", "x".repeat(RECORD_BYTES_MAX + 1), "too_long", "1048577 bytes");
    check("syslog", "<999>x", "bad_priority", "`<999>x`");
    check("syslog", "<34>1 2026-03-01T00:00:00Z h a - - [x y", "bad_header", "does not end");
    check("linux_auth", "garbage", "bad_line", "no time and no program");
    check("web_access", "garbage", "bad_line", "no time in brackets");
    check("web_access", r#"192.0.2.1 - - [31/Feb/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 1"#, "bad_time", "31/Feb");
    check("cloudtrail", r#"{"a": 1}"#, "missing_field", "`eventName`");
    check("cloudtrail", r#"{"eventName": "A", "eventTime": "soon"}"#, "bad_time", "soon");
    check("guardduty", r#"{"detail": {"id": "1"}}"#, "missing_field", "`type`");
    check("guardduty", r#"{"detail": 7}"#, "bad_field", "`detail`");
    check("vpc_flow", "2 111122223333 eni-1", "bad_columns", "3 columns, the header names 14");
    check("vpc_flow", "2 1 eni-1 192.0.2.1 192.0.2.2 x 22 6 1 1 1 1 ACCEPT OK", "bad_field", "`srcport` is `x`");
    check("suricata_eve", r#"{"timestamp": "2026-03-01T00:00:00Z"}"#, "missing_field", "`event_type`");
    check("suricata_eve", r#"{"event_type": "dns", "timestamp": "?"}"#, "bad_time", "?");
    check("windows_event", r#"{"Channel": "Security"}"#, "missing_field", "`EventID`");
    check("windows_event", r#"{"EventID": "x"}"#, "bad_field", "`EventID`");
}

#[test]
fn one_bad_record_stops_nothing() {
    let body = "{\"eventName\": \"A\"}\n{\"eventName\": \n{\"eventName\": \"B\"}\nnot json\n{\"eventName\": \"C\"}\n";
    let found = ingest("cloudtrail", body, None);
    let names: Vec<&str> = found.events.iter().map(|event| event.envelope.activity.as_str()).collect();
    assert_eq!(names, ["A", "B", "C"]);
    assert_eq!(found.dead.len(), 2);
    assert_ne!(found.dead[0].id, found.dead[1].id);
}

/// Found by fuzzing: what followed an array on a line was dropped in silence.
#[test]
fn nothing_hides_behind_an_array() {
    for (line, events, letter) in [
        (r#"[{"eventName": "A"}] "#, 1, None),
        (r#"[{"eventName": "A"}] {"eventName": "B"}"#, 1, Some("more follows")),
        ("[]\0{\"eventName\": \"B\"}", 0, Some("at byte 2")),
        (r#"{"Records": [{"eventName": "A"}], "more": 1}"#, 1, None),
        (r#"{"Records": [{"eventName": "A"}]} {"eventName": "B"}"#, 1, Some("more follows")),
        (r#"{"Records": [{"eventName": "A"}]"#, 1, Some("more follows")),
        (r#"{"Records": []}"#, 0, None),
    ] {
        let record = Record {
            tenant: tenant(),
            source: source("cloudtrail"),
            position: Position::File { identity: "1-2".to_owned(), offset: 0 },
            arrival: Timestamp::from_seconds(1_772_323_200),
            bytes: line.into(),
            context: None,
        };
        let found = normalise(&Sources::builtin(), &[record]);
        assert_eq!(found.events.len(), events, "{line}");
        let reasons: Vec<&str> = found.dead.iter().map(|letter| letter.reason.as_str()).collect();
        assert_eq!(reasons.len(), usize::from(letter.is_some()), "{line}: {reasons:?}");
        assert!(letter.is_none_or(|part| reasons[0].contains(part)), "{line}: {reasons:?}");
    }
}

#[test]
fn absurd_times_are_kept_as_said() {
    for time in ["1970-01-01T00:00:00.000000Z", "2100-12-31T23:59:59.000000Z", "9999-01-01T00:00:00.000000Z"] {
        let found = ingest("cloudtrail", format!(r#"{{"eventName": "A", "eventTime": "{time}"}}"#), None);
        assert_eq!(found.events[0].time.to_string(), time);
        assert_eq!(found.events[0].arrival.to_string(), "2026-03-02T00:00:00.000000Z");
    }
    let found = ingest("suricata_eve", r#"{"event_type": "dns", "timestamp": "2018-03-23T23:59:59.5"}"#, None);
    assert_eq!(found.events[0].time.to_string(), "2018-03-23T23:59:59.500000Z");
}

/// A 100 MB line on a connection: what is held is one message of the largest size, and what is kept is 64 KiB.
#[test]
fn a_hundred_megabytes_without_a_newline() {
    let piece = vec![b'x'; 1024 * 1024];
    let mut deframer = Deframer::new(RECORD_BYTES_MAX);
    let mut frames = Vec::new();
    deframer.push(b"<34>", &mut frames);
    for _ in 0..100 {
        deframer.push(&piece, &mut frames);
        assert!(frames.is_empty());
    }
    deframer.push(b"\n<34>next\n", &mut frames);
    let [Frame::Bad(beginning, 0, fault), Frame::Message(next, _)] = &frames[..] else { panic!("{frames:?}") };
    assert_eq!(beginning.len(), DeadLetter::BYTES_MAX);
    assert_eq!(fault.to_string(), "104857604 bytes long, the limit is 1048576");
    assert_eq!(&next[..], b"<34>next");
}

#[test]
fn bombs_and_cut_streams_are_errors() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..200 {
        encoder.write_all(&vec![0; 1024 * 1024]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 300_000, "{}", bomb.len());
    let cut = Bytes::copy_from_slice(&bomb[..bomb.len() / 400]);
    let error = decode_body(bomb.into(), Some("gzip"), &BodyLimits::default()).unwrap_err();
    assert_eq!(error.to_string(), "the body is larger than 67108864 bytes once decompressed: send it in parts");
    let error = decode_body(cut, Some("gzip"), &BodyLimits::default()).unwrap_err();
    assert!(error.to_string().starts_with("the gzip stream is truncated after"), "{error}");
}

/// Bytes as they come, and bytes that begin as the sources' own do.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        "(<[0-9]{1,3}>)?(Mar  1 00:00:00 |2026-03-01T00:00:00Z |1 - )?(h )?(sshd|sudo|su|CRON)?(\\[1\\])?:? ?.{0,60}"
            .prop_map(String::into_bytes),
        "[0-9.:a-f -]{0,20}\\[?[0-9A-Za-z/: +]{0,28}\\]? ?\"?.{0,30}\"? ?[0-9-]{0,4}.{0,20}"
            .prop_map(String::into_bytes),
        "([0-9A-Za-z.-]{1,12} ){0,20}".prop_map(String::into_bytes),
        "[\\[{]{0,6}[\"a-z:,\\\\ \\n\\]}0-9]{0,60}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in bytes()) {
        for source in Sources::builtin().names() {
            let found = ingest(source, bytes.clone(), None);
            for event in &found.events {
                prop_assert!(memchr::memmem::find(&bytes, &event.native).is_some());
                prop_assert!(!event.envelope.message.is_empty());
            }
        }
    }

    #[test]
    fn frames_do_not_depend_on_the_pieces(
        stream in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "(([1-9] <3>x{0,6})|(<34>[a-z]{0,30}\\n)|[0-9 <>\\n]){0,20}".prop_map(String::into_bytes),
        ],
        cuts in prop::collection::vec(1_usize..40, 0..30),
    ) {
        let mut whole = Vec::new();
        let mut deframer = Deframer::new(20);
        deframer.push(&stream, &mut whole);
        deframer.finish(&mut whole);
        let mut pieces = Vec::new();
        let mut deframer = Deframer::new(20);
        let mut rest = &stream[..];
        for cut in cuts.into_iter().chain([usize::MAX]) {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            deframer.push(piece, &mut pieces);
            rest = after;
        }
        deframer.finish(&mut pieces);
        prop_assert_eq!(whole, pieces);
    }
}
