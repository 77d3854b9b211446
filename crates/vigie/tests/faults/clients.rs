//! Clients that never read and clients that never finish: the server answers everybody else, and its memory stays bounded.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::input::RULES;
use crate::server::{Server, memory};

/// How many clients misbehave at a time.
const CLIENTS: usize = 40;
/// How much more memory they may cost together.
const MEMORY_MAX: u64 = 150 << 20;
/// How long an answer to somebody else may take, on a machine that is busy: well below the server's own time limit.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// A line that fills an answer.
fn lines(from: u64, count: u64) -> String {
    let time = jiff::Timestamp::now();
    let line = |port: u64| {
        let address = format!("203.0.113.{}", port % 200);
        format!("{time} web-01 sshd[1]: Failed password for root from {address} port {port} ssh2\n")
    };
    (from..from + count).map(line).collect()
}

#[test]
fn clients_that_never_read_hold_up_nobody() {
    let mut server = Server::prepare(&RULES, "");
    server.start();
    for batch in 0..5 {
        assert_eq!(server.post("acme", &format!("filler-{batch}"), &lines(batch * 1_000, 1_000)).unwrap().status, 200);
    }
    server.eventually("/api/v1/events?limit=1", |found| found["total"] == 5_000);
    let before = memory(server.process(), "VmRSS");
    // Each asks for megabytes of answers, one after the other, and for the live stream, and reads nothing.
    let head = |path: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n", server.http(), server.key())
    };
    let mut deaf: Vec<TcpStream> = Vec::new();
    for path in ["/api/v1/events?limit=1000", "/api/v1/live"] {
        for _ in 0..CLIENTS {
            let mut client = TcpStream::connect(server.http()).unwrap();
            let asked = if path.ends_with("live") { head(path) } else { head(path).repeat(20) };
            client.write_all(asked.as_bytes()).unwrap();
            deaf.push(client);
        }
    }
    for batch in 0..20 {
        let start = Instant::now();
        let answer = server.post("acme", &format!("more-{batch}"), &lines(10_000 + batch * 200, 200)).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(server.ask("/readyz").unwrap().status, 200);
        assert!(start.elapsed() < ANSWER_MAX, "it took {:?}", start.elapsed());
    }
    server.eventually("/api/v1/events?limit=1", |found| found["total"] == 9_000);
    let more = memory(server.process(), "VmRSS").saturating_sub(before);
    println!("{} deaf clients cost {} MiB", deaf.len(), more >> 20);
    assert!(more < MEMORY_MAX, "{} MiB", more >> 20);
    // Who reads after all gets an answer: a whole one, or that too many of the tenant's searches ran at the time.
    let answers: Vec<String> = deaf.iter_mut().take(CLIENTS).map(first_status).collect();
    assert!(answers.iter().all(|answer| answer == "200" || answer == "429"), "{answers:?}");
    assert!(answers.iter().any(|answer| answer == "200"), "{answers:?}");
    drop(deaf);
    server.stop();
}

fn first_status(client: &mut TcpStream) -> String {
    client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut beginning = [0; 12];
    client.read_exact(&mut beginning).unwrap();
    String::from_utf8_lossy(&beginning).trim_start_matches("HTTP/1.1 ").to_owned()
}

#[test]
fn clients_that_never_finish_their_request_are_let_go() {
    let mut server = Server::prepare(&RULES, "[limits]\ningest_requests_max = 4\n");
    let config = std::fs::read_to_string(server.path("vigie.toml")).unwrap();
    let config = config.replace("[http]\n", "[http]\nrequest_timeout_s = 3\n");
    std::fs::write(server.path("vigie.toml"), config).unwrap();
    server.start();
    let head = format!(
        "POST /api/v1/ingest/linux_auth HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nX-Vigie-Tenant: acme\r\n",
        server.http(),
        server.key()
    );
    let open = |text: String| {
        let mut client = TcpStream::connect(server.http()).unwrap();
        client.write_all(text.as_bytes()).unwrap();
        client
    };
    let half_heads: Vec<TcpStream> = (0..CLIENTS).map(|_| open(head.clone())).collect();
    let half_bodies: Vec<TcpStream> =
        (0..CLIENTS).map(|_| open(format!("{head}Content-Length: 100000\r\n\r\nNov 22"))).collect();
    let start = Instant::now();
    assert_eq!(server.ask("/readyz").unwrap().status, 200);
    assert_eq!(server.ask("/api/v1/events?limit=1").unwrap().status, 200);
    assert!(start.elapsed() < ANSWER_MAX, "it took {:?}", start.elapsed());
    // Places for senders are few, and taken. Who comes now is told when to come back, until the slow ones are let go.
    let answer = loop {
        let answer = server.post("acme", "patient", &lines(0, 10)).unwrap();
        if answer.status == 200 {
            break answer;
        }
        assert_eq!((answer.status, answer.retry_after.is_some()), (429, true), "{}", answer.body);
        assert!(start.elapsed() < Duration::from_secs(30), "the slow clients hold their places");
        std::thread::sleep(Duration::from_millis(200));
    };
    assert_eq!(answer.body["accepted"], 10);
    drop((half_heads, half_bodies));
    server.stop();
}
