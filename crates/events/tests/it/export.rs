//! Exports: every row, every reader, beside a live index, and nothing left behind where one fails.

use std::fs;
use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use serde_json::{Value, json};
use vigie_events::{
    EventIndex, ExportError, ExportFormat, ExportRequest, Exported, StoredEvent, count_export, export, parse_search,
};
use vigie_model::{Event, Timestamp};

use crate::fixture::{Feed as _, event, events, index_of, settings, tenant, time};

fn request(search: &str) -> ExportRequest {
    ExportRequest {
        tenant: tenant("acme"),
        filter: parse_search(search, Timestamp::EPOCH).unwrap(),
        from: None,
        until: None,
    }
}

/// Exports as NDJSON and returns the rows.
#[track_caller]
fn rows(folder: &Path, request: &ExportRequest) -> Vec<Value> {
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("events.ndjson");
    let mut told = Vec::new();
    let exported = export(folder, request, ExportFormat::Ndjson, &path, &mut |events| told.push(events)).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(exported, Exported { events: rows.len() as u64, bytes: text.len() as u64 });
    assert_eq!(told.last(), Some(&exported.events));
    assert_eq!(count_export(folder, request).unwrap(), exported.events);
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1, "no partial file is left");
    rows
}

fn names(rows: &[Value]) -> Vec<&str> {
    let mut names: Vec<&str> = rows.iter().map(|row| row["device_hostname"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

/// Events whose values are hard to carry: bytes that are no text, forged times, marks of every language.
fn hard() -> Vec<Event> {
    let mut all = events();
    let mut bytes = event("bytes", "0001-01-01T00:00:00Z", "");
    bytes.native = Bytes::from_static(b"\x00\xff\xfe'\"\\\n");
    let mut marks =
        event("marks", "9999-12-29T00:00:00.000001Z", "'; DROP TABLE events; --\u{0}\r\n\"\\ é 😀 \u{202e}");
    marks.envelope.user = Some("\u{feff} null".to_owned());
    marks.envelope.process.pid = Some(u32::MAX);
    marks.envelope.dst.port = Some(u16::MAX);
    let mut late = event("late", "2026-03-01T10:00:00Z", "arrived a day later");
    late.arrival = time("2026-03-02T12:00:00Z");
    all.extend([bytes, marks, late]);
    all
}

#[test]
fn every_column_of_a_full_row() {
    let store = index_of(&events());
    let found = rows(store.folder.path(), &request("device:ssh"));
    let expected = json!({
        "time": "2026-03-01T10:00:00.000000Z",
        "logged_time": "2026-03-01T12:00:00.000000Z",
        "metadata_uid": events()[0].id.to_string(),
        "metadata_tenant_uid": "acme",
        "metadata_log_name": "syslog",
        "class_uid": 3002,
        "class_name": "authentication",
        "activity_name": "Failed password",
        "status_id": 2,
        "status": "failure",
        "severity_id": 2,
        "severity": "low",
        "message": "Failed password for root from 203.0.113.9 port 4711 ssh2",
        "actor_user_name": "root",
        "src_endpoint_ip": "203.0.113.9",
        "src_endpoint_port": 4711,
        "dst_endpoint_port": 22,
        "device_hostname": "ssh",
        "process_name": "sshd",
        "process_pid": 7,
        "logsource_product": "linux",
        "logsource_service": "sshd",
        "raw_data": "Mar  1 10:00:00 web-1 sshd[7]: Failed password for root from 203.0.113.9 port 4711 ssh2",
    });
    assert_eq!(found, [expected]);
    let other = rows(store.folder.path(), &request("device:windows OR device:web OR device:trail"));
    let of = |name: &str| other.iter().find(|row| row["device_hostname"] == name).unwrap();
    assert_eq!(of("windows")["file_hashes"], json!(["d41d8cd98f00b204e9800998ecf8427e", "ab".repeat(32)]));
    assert_eq!(of("windows")["process_file_path"], r"C:\Temp\MimiKatz.exe");
    assert_eq!(of("web")["url_string"], "/index.php?id=1%27");
    assert_eq!(of("web")["query_hostname"], "www.example.com");
    assert_eq!(of("web")["src_endpoint_hostname"], "scanner.example.net");
    assert_eq!(of("trail")["cloud_account_uid"], "111122223333");
}

#[test]
fn bytes_that_are_no_text_are_exported_exactly() {
    let store = index_of(&hard());
    let found = rows(store.folder.path(), &request("device:bytes"));
    assert_eq!(found[0]["raw_data_bytes"], "AP/+JyJcCg==");
    assert_eq!(found[0]["raw_data"], "\0\u{fffd}\u{fffd}'\"\\\n");
    let stored = StoredEvent::from(&hard()[6]);
    assert_eq!(stored.native_bytes(), b"\x00\xff\xfe'\"\\\n");
}

#[test]
fn a_range_of_times_and_a_search() {
    let store = index_of(&hard());
    let mut request = request("");
    assert_eq!(rows(store.folder.path(), &request).len(), 9);
    request.from = Some(time("2026-03-01T10:00:00Z"));
    request.until = Some(time("2026-03-01T10:00:02.000001Z"));
    assert_eq!(names(&rows(store.folder.path(), &request)), ["bare", "late", "sixth", "ssh"]);
    request.filter = parse_search("NOT class:base", Timestamp::EPOCH).unwrap();
    assert_eq!(names(&rows(store.folder.path(), &request)), ["sixth", "ssh"]);
    request.until = Some(Timestamp::MIN);
    assert_eq!(rows(store.folder.path(), &request), Vec::<Value>::new());
}

#[test]
fn a_tenant_is_exported_alone() {
    let mut other = event("secret", "2026-03-01T10:00:00Z", "of others");
    other.tenant = tenant("globex");
    let store = index_of(&[events(), vec![other]].concat());
    assert_eq!(rows(store.folder.path(), &request("")).len(), 6);
    assert_eq!(rows(store.folder.path(), &request("tenant:globex")), Vec::<Value>::new());
}

#[test]
fn an_index_that_is_being_written_to_is_exported_as_of_its_last_commit() {
    let folder = tempfile::tempdir().unwrap();
    let index = EventIndex::open(folder.path(), settings()).unwrap();
    let all: Vec<Event> = (0..30).map(|n| event(&format!("n{n}"), "2026-03-01T10:00:00Z", "a line")).collect();
    for (round, some) in all.chunks(10).enumerate() {
        index.feed(some);
        if round > 0 {
            assert_eq!(rows(folder.path(), &request("")).len(), round * 10, "what is not committed is not there");
        }
        index.settle();
        assert_eq!(rows(folder.path(), &request("")).len(), (round + 1) * 10);
    }
}

#[test]
fn what_cannot_be_exported_says_what_to_do_and_leaves_nothing_behind() {
    let store = index_of(&events());
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("events.parquet");
    let check = |request: &ExportRequest, path: &Path, expected: &str| {
        let error = export(store.folder.path(), request, ExportFormat::Parquet, path, &mut |_| ()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        error
    };
    check(&ExportRequest { tenant: tenant("nobody"), ..request("") }, &path, "no events of the tenant `nobody`");
    let unknown = ExportRequest { filter: vigie_model::Filter::Exists("usr".to_owned()), ..request("") };
    assert!(matches!(check(&unknown, &path, "search"), ExportError::Search(_)));
    check(&request(""), &out.path().join("missing/events.parquet"), "write `");
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
    fs::write(&path, "mine").unwrap();
    check(&request(""), &path, "exists already: remove it, or name another file");
    assert_eq!(fs::read(&path).unwrap(), b"mine");
}

#[test]
fn a_damaged_partition_is_named_and_leaves_nothing_behind() {
    let store = index_of(&events());
    let index = store.folder.path().join("acme/2026-03-01/index");
    for entry in fs::read_dir(&index).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "store") {
            let mut bytes = fs::read(&path).unwrap();
            let middle = bytes.len() / 4;
            bytes[..middle].fill(0x5a);
            fs::remove_file(&path).unwrap();
            fs::write(&path, bytes).unwrap();
        }
    }
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("events.ndjson");
    let error = export(store.folder.path(), &request(""), ExportFormat::Ndjson, &path, &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("acme/2026-03-01"), "{error}");
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
}

/// Returns the Python that has DuckDB and PySpark, or `None` where the test is skipped.
#[expect(clippy::print_stderr, reason = "what is skipped is said")]
fn python() -> Option<std::ffi::OsString> {
    let needed = std::env::var_os("VIGIE_REQUIRE_ARCHIVE").is_some();
    let python = std::env::var_os("VIGIE_TEST_PYTHON");
    assert!(!needed || python.is_some(), "VIGIE_REQUIRE_ARCHIVE is set, but VIGIE_TEST_PYTHON is not");
    let Some(python) = python.filter(|_| needed) else {
        eprintln!("skipped: VIGIE_REQUIRE_ARCHIVE is not set (VIGIE_TEST_PYTHON with duckdb and pyspark, and a Java)");
        return None;
    };
    Some(python)
}

/// Reads a Parquet export as an engine does, and compares its rows with the store's.
fn check_engine(engine: &str) {
    let Some(python) = python() else { return };
    let mut all = hard();
    // More than one row group: of one, values make up 32 MiB at most.
    all.extend((0..40).map(|number| {
        let mut big = event(&format!("big-{number}"), "2026-03-01T09:00:00Z", "big");
        big.native = Bytes::from(vec![b'a' + number % 26; 900_000]);
        big
    }));
    let store = index_of(&all);
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("events.parquet");
    let exported = export(store.folder.path(), &request(""), ExportFormat::Parquet, &path, &mut |_| ()).unwrap();
    assert_eq!(exported.events, 49);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/archive_readers.py");
    let output = Command::new(python).arg(script).arg(engine).arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert_eq!(lines.next().unwrap(), json!({"answer": [["failure", 1, 4711]]}), "{engine}");
    let mut expected = rows(store.folder.path(), &request(""));
    for row in &mut expected {
        for name in ["time", "logged_time"] {
            row[name] = json!(row[name].as_str().unwrap().parse::<Timestamp>().unwrap().as_micros());
        }
    }
    let by_id = |mut rows: Vec<Value>| {
        rows.sort_by_key(|row| row["metadata_uid"].to_string());
        rows
    };
    let (found, expected) = (by_id(lines.collect()), by_id(expected));
    assert_eq!(found.len(), expected.len(), "{engine}");
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "{engine}");
    }
}

#[test]
fn duckdb_reads_the_same_rows() {
    check_engine("duckdb");
}

#[test]
fn spark_reads_the_same_rows() {
    check_engine("spark");
}
