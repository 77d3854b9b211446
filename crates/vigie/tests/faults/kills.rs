//! Nothing acknowledged is lost or doubled, and nothing that was detected changes, however often the server dies.
//!
//! Under mixed load (batches with ids over HTTP, a followed file, syslog over TCP; two tenants) the server is killed at
//! random moments and at each failpoint. What it has at the end is held against what was sent, and its alerts against
//! those of a run on the same input that nothing disturbed.
//!
//! `VIGIE_FAULT_SEED` repeats a run, `VIGIE_FAULT_KILLS` says how many deaths at random it has.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::scope;
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::Value;
use vigie_server::FAIL_POINTS;

use crate::input::{BATCH, Lines, Portion, RULES, portions};
use crate::server::{SETTLE_MAX, Server, append, post, reload_rules};

/// Deaths at random where nobody says how many.
const KILLS_DEFAULT: usize = 10;
/// How often each failpoint is met before the process dies there, in turn.
const HITS: [u32; 2] = [1, 3];
/// How many portions may be sent until a failpoint is reached.
const PORTIONS_PER_POINT_MAX: usize = 6;
/// How many portions are sent after the last death, so that every window comes to its end.
const PORTIONS_AFTER: usize = 6;

/// What ends the server during a portion.
#[derive(Debug, Clone)]
enum Death {
    /// Killed after so long; with snapshots being written meanwhile, or none, so that much of the log is read again.
    AtRandom { after: Duration, reload: bool },
    /// By itself, at this point.
    At(String),
}

#[test]
fn whatever_kills_the_server_nothing_acknowledged_is_lost_or_doubled() {
    let seed = from_environment("VIGIE_FAULT_SEED").unwrap_or_else(|| fastrand::u64(..1 << 32));
    let kills = from_environment("VIGIE_FAULT_KILLS").map_or(KILLS_DEFAULT, |kills| kills as usize);
    println!("VIGIE_FAULT_SEED={seed} VIGIE_FAULT_KILLS={kills}");
    let mut rng = Rng::with_seed(seed);
    let mut deaths: Vec<Death> = (0..kills)
        .map(|_| Death::AtRandom { after: Duration::from_millis(rng.u64(..700)), reload: rng.bool() })
        .collect();
    for point in FAIL_POINTS {
        deaths.extend(HITS.map(|hit| Death::At(format!("{point}:{hit}"))));
    }
    rng.shuffle(&mut deaths);
    let now = jiff::Timestamp::now().as_second();
    let input = portions(seed, deaths.len() * PORTIONS_PER_POINT_MAX + PORTIONS_AFTER, now);

    let mut disturbed = Server::prepare(&RULES, SETTINGS);
    let (delivered, used) = disturb(&mut disturbed, &input, &deaths, seed);
    let input = &input[..used];
    let mut calm = Server::prepare(&RULES, SETTINGS);
    calm.start();
    for (number, portion) in input.iter().enumerate() {
        Sender::of(&calm).send_portion(portion, number, &Mutex::default());
    }
    wait_for(&calm, input);
    wait_for(&disturbed, input);
    check_events(&disturbed, input, &delivered, seed);
    let (found, expected) = (alerts(&disturbed), alerts(&calm));
    assert!(expected.len() > 15, "the input raises too few alerts to tell: {expected:#?}");
    for (alert, count) in &expected {
        assert_eq!(found.get(alert), Some(count), "seed {seed}: {alert:?}, of {used} portions");
    }
    let sent: usize = input.iter().map(|portion| portion.http[0].1.len() * 4).sum();
    println!("{} deaths, {used} portions, {sent} lines, {} alerts", deaths.len(), expected.len());
    assert_eq!(found.len(), expected.len(), "seed {seed}: alerts that should not be: {found:#?}");
    disturbed.stop();
}

/// Small segments, so that the log is rotated and trimmed within the test.
const SETTINGS: &str = "[events]\nlog_segment_bytes = 65536\n";
/// How often rules are read again where they are: each time, what detection remembers is put on disk.
const RELOAD_EVERY: Duration = Duration::from_millis(200);

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// What was written on each syslog connection, in order.
type Connections = Mutex<Vec<Lines>>;

/// Sends portions, and lets the server die in each. Returns what was written to syslog, and how many portions were sent.
fn disturb(server: &mut Server, input: &[Portion], deaths: &[Death], seed: u64) -> (Vec<Lines>, usize) {
    let connections = Connections::default();
    let mut used = 0;
    server.start();
    for death in deaths {
        let point = match death {
            Death::AtRandom { .. } => None,
            Death::At(point) => Some(point.as_str()),
        };
        if point.is_some() {
            server.kill();
            if !server.try_start(point) {
                // It died on the way up: that is a moment like any other.
                server.start();
                continue;
            }
        }
        let mut tries = 0;
        loop {
            let died = send_until_death(server, &input[used], used, death, &connections);
            used += 1;
            tries += 1;
            if died {
                break;
            }
            assert!(
                tries < PORTIONS_PER_POINT_MAX,
                "seed {seed}: {death:?} was not reached in {tries} portions: {}",
                server.log()
            );
        }
    }
    for portion in &input[used..used + PORTIONS_AFTER] {
        Sender::of(server).send_portion(portion, used, &connections);
        used += 1;
    }
    (connections.into_inner().unwrap(), used)
}

/// Sends a portion while the server dies and is started again. Returns whether it died; the portion is sent in any case.
fn send_until_death(
    server: &mut Server,
    portion: &Portion,
    number: usize,
    death: &Death,
    connections: &Connections,
) -> bool {
    let (done, over) = (AtomicBool::new(false), AtomicBool::new(false));
    let sender = Sender::of(server);
    scope(|scope| {
        let sending = scope.spawn(|| {
            sender.send_portion(portion, number, connections);
            done.store(true, Ordering::Relaxed);
        });
        if !matches!(death, Death::AtRandom { reload: false, .. }) {
            scope.spawn(|| sender.reload_rules_until(&over));
        }
        let start = Instant::now();
        let died = loop {
            let killed = matches!(death, Death::AtRandom { after, .. } if start.elapsed() >= *after);
            if killed {
                server.kill();
                break true;
            }
            if server.has_ended() {
                break true;
            }
            // A failpoint behind the acknowledgement is reached a little after the last of them.
            let last = start.elapsed() > Duration::from_millis(1_500);
            if done.load(Ordering::Relaxed) && matches!(death, Death::At(_)) && last {
                break false;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        over.store(true, Ordering::Relaxed);
        if died {
            server.start();
        }
        sending.join().unwrap();
        died
    })
}

/// What the senders need to know of a server, whether it runs or not.
struct Sender {
    url: String,
    key: String,
    syslog: std::net::SocketAddr,
    file: std::path::PathBuf,
}

impl Sender {
    fn of(server: &Server) -> Self {
        Self { url: server.url(), key: server.key().to_owned(), syslog: server.syslog(), file: server.path("auth.log") }
    }

    /// Has the rules read again, which changes nothing, until it is over.
    fn reload_rules_until(&self, over: &AtomicBool) {
        let mut next = Instant::now();
        while !over.load(Ordering::Relaxed) {
            if next <= Instant::now() {
                // A server that is away does not mind.
                drop(reload_rules(&self.url, &self.key));
                next = Instant::now() + RELOAD_EVERY;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends all of it at once, each sender in its own order; returns when every batch is acknowledged.
    fn send_portion(&self, portion: &Portion, number: usize, connections: &Connections) {
        scope(|scope| {
            for (tenant, lines) in &portion.http {
                scope.spawn(move || self.send_batches(tenant, lines, number));
            }
            scope.spawn(|| {
                for lines in portion.file.chunks(16) {
                    append(&self.file, &text(lines));
                    std::thread::sleep(Duration::from_millis(20));
                }
            });
            scope.spawn(|| self.send_syslog(&portion.syslog, connections));
        });
    }

    /// A batch is sent again, with its id, until it is acknowledged.
    fn send_batches(&self, tenant: &str, lines: &[String], portion: usize) {
        for (number, batch) in lines.chunks(BATCH).enumerate() {
            let (id, start) = (format!("portion-{portion}-{number}"), Instant::now());
            loop {
                assert!(start.elapsed() < SETTLE_MAX * 2, "the batch {id} of {tenant} is never acknowledged");
                let answer = post(&self.url, &self.key, tenant, &id, &text(batch));
                match answer.as_ref().map(|answer| (answer.status, &answer.body)) {
                    Some((200, body)) => {
                        assert_eq!((&body["accepted"], &body["dead"]), (&BATCH.into(), &0.into()), "{body}");
                        break;
                    }
                    Some((429 | 503, _)) | None => std::thread::sleep(Duration::from_millis(25)),
                    Some((status, body)) => panic!("the batch {id} of {tenant} was refused ({status}): {body}"),
                }
            }
        }
    }

    /// Lines are written once; a connection that breaks is opened again for the rest.
    fn send_syslog(&self, lines: &[String], connections: &Connections) {
        let mut rest = lines.iter();
        while rest.len() > 0 {
            let Ok(mut stream) = TcpStream::connect(self.syslog) else {
                std::thread::sleep(Duration::from_millis(20));
                continue;
            };
            let mut written = Lines::new();
            for line in rest.by_ref() {
                let sent = stream.write_all(format!("{line}\n").as_bytes());
                written.push(line.clone());
                std::thread::sleep(Duration::from_millis(3));
                if sent.is_err() {
                    break;
                }
            }
            connections.lock().unwrap().push(written);
        }
    }
}

fn text(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

/// Waits until all that is acknowledged, and the file, can be found.
#[track_caller]
fn wait_for(server: &Server, input: &[Portion]) {
    let count = |lines: fn(&Portion) -> usize| input.iter().map(lines).sum::<usize>() as u64;
    let acme = count(|portion| portion.http[0].1.len() + portion.file.len());
    server.eventually("/api/v1/events?limit=1&tenant=acme", |found| found["total"].as_u64() >= Some(acme));
    let globex = count(|portion| portion.http[1].1.len());
    server.eventually("/api/v1/events?limit=1&tenant=globex&q=NOT%20%22Received%20disconnect%22", |found| {
        found["total"].as_u64() >= Some(globex)
    });
    // What should not come would come by now, and what is detected is settled.
    std::thread::sleep(Duration::from_secs(2));
}

/// Every acknowledged line is there exactly once; of each syslog connection a beginning is, and nothing else is there.
#[track_caller]
fn check_events(server: &Server, input: &[Portion], connections: &[Lines], seed: u64) {
    for (place, tenant) in ["acme", "globex"].into_iter().enumerate() {
        let mut found: BTreeMap<String, u32> = BTreeMap::new();
        let mut ids = BTreeSet::new();
        for event in server.all(&format!("/api/v1/events?tenant={tenant}"), "events") {
            assert!(ids.insert(event["id"].to_string()), "seed {seed}: an event is there twice: {event}");
            *found.entry(event["native"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let doubled: Vec<_> = found.iter().filter(|(_, count)| **count > 1).collect();
        assert!(doubled.is_empty(), "seed {seed}: doubled: {doubled:#?}");
        let mut expected: Vec<&String> = input.iter().flat_map(|portion| &portion.http[place].1).collect();
        if tenant == "acme" {
            expected.extend(input.iter().flat_map(|portion| &portion.file));
        }
        let lost: Vec<_> = expected.iter().filter(|line| found.remove(**line).is_none()).collect();
        assert!(lost.is_empty(), "seed {seed}: acknowledged and lost: {lost:#?}");
        if tenant == "globex" {
            for lines in connections {
                let there = lines.iter().take_while(|line| found.remove(*line).is_some()).count();
                let after: Vec<_> = lines[there..].iter().filter(|line| found.contains_key(*line)).collect();
                assert!(after.is_empty(), "seed {seed}: after a gap in a connection: {after:#?}");
            }
        }
        assert!(found.is_empty(), "seed {seed}: never sent: {found:#?}");
    }
}

/// An alert, as far as it does not depend on when the server lived.
type Alert = (String, String, String);

/// Returns every alert with its count, first and last time.
fn alerts(server: &Server) -> BTreeMap<Alert, (u64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let alert = |alert: &Value| {
        let key = (text(&alert["tenant"]), text(&alert["rule"]["title"]), alert["entities"].to_string());
        (key, (alert["count"].as_u64().unwrap(), text(&alert["first_seen"]), text(&alert["last_seen"])))
    };
    server.all("/api/v1/alerts", "rows").iter().map(alert).collect()
}
