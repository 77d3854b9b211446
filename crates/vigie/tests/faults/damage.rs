//! A second server on the same folder, and a log that is damaged.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::input::RULES;
use crate::server::Server;

/// Lines in a batch.
const LINES: usize = 20;

fn lines(batch: usize) -> String {
    let time = jiff::Timestamp::now();
    let line = |place: usize| {
        let port = batch * LINES + place;
        format!("{time} web-01 sshd[1]: Connection closed by 192.0.2.7 port {port}\n")
    };
    (0..LINES).map(line).collect()
}

#[test]
fn a_second_server_is_refused_and_the_first_unharmed() {
    let mut server = Server::prepare(&RULES, "");
    server.start();
    assert_eq!(server.post("acme", "before", &lines(0)).unwrap().status, 200);
    // Other ports, the same data.
    let config = fs::read_to_string(server.path("vigie.toml")).unwrap();
    let other: String = config
        .lines()
        .map(
            |line| {
                if line.starts_with("listen") { "listen = \"127.0.0.1:0\"\n".to_owned() } else { format!("{line}\n") }
            },
        )
        .collect();
    fs::write(server.path("other.toml"), other).unwrap();
    let second = Command::new(env!("CARGO_BIN_EXE_vigie"))
        .args(["serve", "--config"])
        .arg(server.path("other.toml"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("data") && said.contains("in use by another process"), "{said}");
    assert_eq!(server.post("acme", "after", &lines(1)).unwrap().status, 200);
    server.eventually("/api/v1/events?limit=1", |found| found["total"] == 2 * LINES);
    server.stop();
}

/// A byte is changed in the middle of the log of a server that was killed: it starts, says what it skipped, and has the rest.
#[test]
fn a_corrupt_byte_in_the_log_costs_little() {
    let mut server = Server::prepare(&RULES, "");
    server.start();
    const BATCHES: usize = 60;
    for batch in 0..BATCHES {
        assert_eq!(server.post("acme", &format!("batch-{batch}"), &lines(batch)).unwrap().status, 200);
    }
    server.kill();
    let segments = log_segments(&server);
    let (path, bytes) = segments.iter().max_by_key(|(_, bytes)| bytes.len()).unwrap();
    let mut damaged = bytes.clone();
    // What was written last is surely not in the index yet; the very end would be a torn tail.
    let written = damaged.iter().rposition(|byte| *byte != 0).unwrap();
    damaged[written * 9 / 10] ^= 0x40;
    fs::write(path, damaged).unwrap();
    server.forget_log();
    server.start();
    let found = server.eventually("/api/v1/events?limit=1", |found| found["total"].as_u64() > Some(0));
    std::thread::sleep(std::time::Duration::from_secs(2));
    let total = server.get("/api/v1/events?limit=1")["total"].as_u64().unwrap();
    println!("{total} of {} are there; first seen {}", BATCHES * LINES, found["total"]);
    let log = server.log();
    let name = path.file_name().unwrap().to_string_lossy();
    assert!(log.contains("damaged") && log.contains(&*name), "nothing is said of {name}: {log}");
    // A frame holds at most what was gathered at once: one sender that waits for each answer, one batch.
    assert!(total + 2 * LINES as u64 >= (BATCHES * LINES) as u64, "{total}: {log}");
    assert_eq!(server.post("acme", "after", &lines(BATCHES)).unwrap().status, 200);
    server.eventually("/api/v1/events?limit=1", |found| found["total"] == total + LINES as u64);
    server.stop();
}

/// A byte is changed in each file in turn, of the log, of what detection remembers and of the index (the database looks after
/// itself): the server starts, answers, takes what comes, and what lies in the files that are whole is there.
#[test]
fn a_corrupt_byte_in_any_file_stops_nothing() {
    const BATCHES: usize = 6;
    let mut server = Server::prepare(&RULES, "");
    server.start();
    for batch in 0..BATCHES {
        for tenant in ["acme", "globex"] {
            assert_eq!(server.post(tenant, &format!("batch-{batch}"), &lines(batch)).unwrap().status, 200);
        }
    }
    server.eventually("/api/v1/events?limit=1", |found| found["total"] == 2 * BATCHES * LINES);
    server.stop();
    let whole = server.path("whole");
    copy_folder(&server.path("data"), &whole);
    let mut files = Vec::new();
    walk(&whole, &mut files);
    let files = files.iter().map(|path| path.strip_prefix(&whole).unwrap());
    let ours = files.filter(|path| !path.starts_with("checkpoints") && !path.to_string_lossy().starts_with("vigie.db"));
    for (number, file) in ours.enumerate() {
        let mut bytes = fs::read(whole.join(file)).unwrap();
        if bytes.is_empty() {
            continue;
        }
        fs::remove_dir_all(server.path("data")).unwrap();
        copy_folder(&whole, &server.path("data"));
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x20;
        fs::write(server.path("data").join(file), &bytes).unwrap();
        server.forget_log();
        assert!(server.try_start(None), "{}: the server does not start: {}", file.display(), server.log());
        let stored = |tenant: &str| server.ask(&format!("/api/v1/events?limit=1&tenant={tenant}"));
        let of = |tenant: &str| {
            stored(tenant)
                .filter(|answer| answer.status == 200)
                .map_or(0, |answer| answer.body["total"].as_u64().unwrap())
        };
        let (acme, globex) = (of("acme"), of("globex"));
        println!("{}: acme {acme}, globex {globex}; {}", file.display(), warnings(&server));
        let full = (BATCHES * LINES) as u64;
        assert!(
            acme.max(globex) == full,
            "{}: both tenants suffer: {acme}, {globex}: {}",
            file.display(),
            server.log()
        );
        let next = format!("after-{number}");
        for tenant in ["acme", "globex"] {
            assert_eq!(server.post(tenant, &next, &lines(BATCHES + number)).unwrap().status, 200, "{}", file.display());
        }
        let after = acme.max(globex) + LINES as u64;
        let tenant = if acme == full { "acme" } else { "globex" };
        server.eventually(&format!("/api/v1/events?limit=1&tenant={tenant}"), |found| found["total"] == after);
        server.kill();
    }
}

/// Returns what the server warned of.
fn warnings(server: &Server) -> String {
    let log = server.log();
    let told = log.lines().filter(|line| line.contains("WARN") || line.contains("ERROR"));
    told.map(|line| line.get(29..).unwrap_or(line)).collect::<Vec<_>>().join(" | ")
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = (entry.as_ref().unwrap().path(), entry.as_ref().unwrap().file_name());
        if path.is_dir() {
            copy_folder(&path, &to.join(name));
        } else {
            fs::copy(path, to.join(name)).unwrap();
        }
    }
}

/// Returns the files of the log and what is in them.
fn log_segments(server: &Server) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = server.path("data/log");
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let files = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}
