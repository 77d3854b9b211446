//! What one core takes into the event store: records appended to the log and fsynced, normalised, indexed, committed once a
//! second and merged. Prints one JSON line for each shape of record.
//!
//! ```text
//! taskset --cpu-list 1 cargo bench --package vigie-server --bench event_store -- [SHAPE] [EVENTS] [TENANTS]
//! ```
//! A commit comes with each second of CPU time, which is a second by the clock on a core of its own and does not change where
//! others load the machine. CPU time is that of the whole process, all threads, system time included, from the first record read to the last merge
//! done. The records wait in a file, so that making them does not count.

#![expect(clippy::print_stdout, reason = "a bench reports to whoever runs it")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use vigie_events::{EventIndex, EventStore as _, IndexSettings, Log, LogSettings};
use vigie_ingest::{Sources, normalise};
use vigie_model::{Position, Record, SourceName, TenantId, Timestamp};

/// Records that one sender hands over at once.
const BATCH: usize = 1_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let shapes: Vec<Shape> = match arguments.first() {
        Some(name) => SHAPES.into_iter().filter(|shape| shape.name == name).collect(),
        None => SHAPES.to_vec(),
    };
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
    for shape in shapes {
        println!("{}", run(shape, number(1).unwrap_or(500_000), number(2).unwrap_or(1)));
    }
}

fn run(shape: Shape, events: u64, tenants: u64) -> serde_json::Value {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let lines = folder.path().join("records");
    let native_bytes = write_records(shape, events, &lines);
    let index = EventIndex::open(&folder.path().join("events"), IndexSettings::default()).expect("a new folder opens");
    let settings = LogSettings { segment_bytes: 64 << 20, bytes_max: 4 << 30 };
    let (mut log, _) = Log::open(&folder.path().join("log"), settings).expect("a new folder opens");
    let sources = Sources::default();
    let (cpu, clock) = (cpu_seconds(), Instant::now());
    let mut reader = BufReader::new(File::open(&lines).expect("it was written just now"));
    let mut stages = Stages::default();
    let (mut taken, mut committed, mut batch_number) = (0_u64, cpu, 0_u64);
    loop {
        let tenant = TenantId::new(&format!("bench-{}", batch_number % tenants)).expect("it is a slug");
        batch_number += 1;
        let records = read_batch(shape, &tenant, taken, &mut reader);
        if records.is_empty() {
            break;
        }
        let entries = stages.log.time(|| {
            let entries = log.append(at(taken), records, Vec::new());
            log.sync().expect("the disk has room");
            entries
        });
        for entry in entries {
            let normalised = stages.normalise.time(|| normalise(&sources, &entry.records));
            assert!(normalised.dead.is_empty(), "{:?}", normalised.dead.first());
            let append = || index.append(&normalised.events, entry.position).expect("the disk has room");
            let new = stages.append.time(append);
            assert_eq!(new, normalised.events.len());
            taken += new as u64;
        }
        if cpu_seconds() - committed >= 1.0 {
            index.commit(log.end()).expect("the disk has room");
            log.trim(index.position()).expect("it may delete its own files");
            committed = cpu_seconds();
        }
    }
    index.commit(log.end()).expect("the disk has room");
    drop(index);
    let cpu = cpu_seconds() - cpu;
    let size = folder_bytes(&folder.path().join("events"));
    serde_json::json!({
        "shape": shape.name,
        "events": taken,
        "tenants": tenants,
        "cpu_seconds": (cpu * 100.0).round() / 100.0,
        "clock_seconds": (clock.elapsed().as_secs_f64() * 100.0).round() / 100.0,
        "events_per_cpu_second": (taken as f64 / cpu).round(),
        "log_cpu_seconds": stages.log.rounded(),
        "normalise_cpu_seconds": stages.normalise.rounded(),
        "append_cpu_seconds": stages.append.rounded(),
        "native_bytes_per_event": native_bytes / taken,
        "bytes_per_event": size / taken,
        "peak_rss_mb": peak_rss_mb(),
    })
}

/// The CPU time of this thread in each stage. What is left of the whole is the index's own threads, and freeing events.
#[derive(Default)]
struct Stages {
    log: Stage,
    normalise: Stage,
    append: Stage,
}

#[derive(Default)]
struct Stage(f64);

impl Stage {
    fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let from = thread_cpu_seconds();
        let done = work();
        self.0 += thread_cpu_seconds() - from;
        done
    }

    fn rounded(&self) -> f64 {
        (self.0 * 100.0).round() / 100.0
    }
}

/// What records look like.
#[derive(Clone, Copy)]
struct Shape {
    name: &'static str,
    source: &'static str,
    line: fn(u64) -> String,
}

const SHAPES: [Shape; 3] = [
    Shape { name: "json", source: "json", line: json },
    Shape { name: "sshd", source: "linux_auth", line: sshd },
    Shape { name: "cloudtrail", source: "cloudtrail", line: cloudtrail },
];

/// 21 November 2026.
const BEGIN: i64 = 1_795_219_200;

fn at(number: u64) -> Timestamp {
    Timestamp::from_seconds(BEGIN).plus(Duration::from_micros(number * 800))
}

fn dice(number: u64, salt: u64) -> u64 {
    let mixed = (number ^ salt.rotate_left(17)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    mixed ^ (mixed >> 32)
}

/// The lesser of two draws: low numbers often, high ones seldom.
fn pick(number: u64, salt: u64, below: u64) -> u64 {
    ((dice(number, salt) >> 20) % below).min((dice(number, salt + 1) >> 20) % below)
}

fn address(number: u64, salt: u64) -> String {
    format!("198.51.{}.{}", pick(number, salt, 256), pick(number, salt + 2, 256))
}

/// The reference's event: 17 fields, about 540 bytes, random hex in message and command line, the worst case for an index.
fn json(number: u64) -> String {
    let (user, src) = (format!("user{}", pick(number, 1, 500)), address(number, 5));
    let message = format!(
        "Failed password for {user} from {src} port {} ssh2 session {:016x}",
        pick(number, 9, 65_536),
        dice(number, 11)
    );
    serde_json::json!({
        "timestamp": at(number).to_string(), "event_type": "authentication", "activity": "logon", "outcome": "failure",
        "user": user, "host": format!("host-{}.example.com", pick(number, 3, 200)), "src_ip": src,
        "dst_ip": "192.0.2.10", "dst_port": 22, "process": "sshd", "pid": pick(number, 17, 32_768),
        "command_line": format!("/usr/sbin/sshd -D -R --token {:016x}{:016x}", dice(number, 13), dice(number, 15)),
        "message": message, "region": "eu-west-3", "rule_level": pick(number, 19, 15), "tags": ["linux", "ssh"],
        "agent": "agent-7",
    })
    .to_string()
}

/// Lines of sshd as Debian 12 writes them, two in three of them failures.
fn sshd(number: u64) -> String {
    let head = format!("{} host-{} sshd[{}]:", at(number), pick(number, 3, 200), 1_000 + pick(number, 17, 30_000));
    let (user, src, port) = (pick(number, 1, 500), address(number, 5), 1_024 + pick(number, 9, 64_000));
    match dice(number, 21) % 6 {
        0 => format!(
            "{head} Accepted publickey for user{user} from {src} port {port} ssh2: RSA SHA256:{:016x}",
            dice(number, 11)
        ),
        1 => format!("{head} Invalid user user{user} from {src} port {port}"),
        2 => format!("{head} Connection closed by authenticating user root {src} port {port} [preauth]"),
        _ => format!("{head} Failed password for user{user} from {src} port {port} ssh2"),
    }
}

/// A management event as CloudTrail delivers it, about 1.2 KB.
fn cloudtrail(number: u64) -> String {
    const CALLS: [(&str, &str); 6] = [
        ("ec2", "DescribeInstances"),
        ("s3", "GetBucketAcl"),
        ("sts", "AssumeRole"),
        ("iam", "ListUsers"),
        ("kms", "Decrypt"),
        ("cloudtrail", "LookupEvents"),
    ];
    let (service, call) = CALLS[pick(number, 23, 6) as usize];
    let user = format!("user{}", pick(number, 1, 500));
    let account = 111_122_223_333 + pick(number, 25, 5);
    serde_json::json!({
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser", "principalId": format!("AIDA{:016X}", pick(number, 1, 500)),
            "arn": format!("arn:aws:iam::{account}:user/{user}"), "accountId": account.to_string(),
            "accessKeyId": format!("AKIA{:016X}", pick(number, 27, 800)), "userName": user,
            "sessionContext": {"attributes": {"creationDate": "2026-11-21T00:00:00Z", "mfaAuthenticated": "false"}},
        },
        "eventTime": at(number / 1_000 * 1_000).to_string(), "eventSource": format!("{service}.amazonaws.com"),
        "eventName": call, "awsRegion": "eu-west-3", "sourceIPAddress": address(number, 5),
        "userAgent": "aws-cli/2.15.30 Python/3.11.8 Linux/6.1.0 exe/x86_64.debian.12 prompt/off",
        "requestParameters": {"maxResults": 100, "roleArn": format!("arn:aws:iam::{account}:role/role{}", pick(number, 29, 60))},
        "responseElements": null, "requestID": format!("{:016x}-{:016x}", dice(number, 31), dice(number, 33)),
        "eventID": format!("{:016x}-{:016x}", dice(number, 35), dice(number, 37)), "readOnly": true,
        "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": account.to_string(),
        "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": format!("{service}.eu-west-3.amazonaws.com")},
    })
    .to_string()
}

fn write_records(shape: Shape, events: u64, path: &Path) -> u64 {
    let mut file = BufWriter::new(File::create(path).expect("the temporary folder is writable"));
    let mut bytes = 0;
    for number in 0..events {
        let line = (shape.line)(number);
        bytes += line.len() as u64;
        writeln!(file, "{line}").expect("the disk has room");
    }
    file.flush().expect("the disk has room");
    bytes
}

fn read_batch(shape: Shape, tenant: &TenantId, taken: u64, reader: &mut impl BufRead) -> Vec<Record> {
    let source = SourceName::new(shape.source).expect("it is a slug");
    let mut records = Vec::with_capacity(BATCH);
    for number in taken..taken + BATCH as u64 {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line).expect("it was written just now") == 0 {
            break;
        }
        line.pop();
        let position = Position::File { identity: "8:1:1234567:89abcdef".to_owned(), offset: number };
        records.push(Record {
            tenant: tenant.clone(),
            source: source.clone(),
            position,
            arrival: at(number),
            bytes: Bytes::from(line),
            context: None,
        });
    }
    records
}

fn folder_bytes(path: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(path) else { return 0 };
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.filter_map(Result::ok).map(size).sum()
}

/// The CPU time of this process and all its threads, those that ended included, from `/proc/self/stat` (proc(5): fields 14
/// and 15, in ticks of 1/100 s on Linux).
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The CPU time of this thread, from `/proc/thread-self/schedstat` (nanoseconds).
fn thread_cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

/// The most memory that this process ever had, in MB.
fn peak_rss_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1_000
}
