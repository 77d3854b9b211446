//! What the senders send: lines whose times, users and addresses are fixed by a seed, in portions.
//!
//! Each address that guesses passwords belongs to one sender, which sends in order: what a correlation sees of an address
//! is then the same in every run, however often the server died in between.

use fastrand::Rng;

/// Lines of one sender in one portion.
const LINES: usize = 96;
/// Lines in a batch over HTTP.
pub(crate) const BATCH: usize = 16;

/// One sender's lines of one portion.
pub(crate) type Lines = Vec<String>;

/// What is sent between two faults.
#[derive(Debug, Clone)]
pub(crate) struct Portion {
    /// Over HTTP, a tenant each: batches with ids.
    pub(crate) http: [(&'static str, Lines); 2],
    /// The followed file, of `acme`.
    pub(crate) file: Lines,
    /// Syslog over TCP, of `globex`: nothing acknowledges it, so no rule matches it.
    pub(crate) syslog: Lines,
}

/// The rules: one for single events, one that counts, one that counts values, one that wants an order.
pub(crate) const RULES: [(&str, &str); 1] = [("rules.yml", RULES_TEXT)];

const RULES_TEXT: &str = "\
title: Failed login
id: 7d9a7a52-1f0e-4f55-9f2b-000000000001
name: failed
logsource: {product: linux, service: sshd}
detection:
    selection: {action: login_failed}
    condition: selection
level: informational
---
title: Login
id: 7d9a7a52-1f0e-4f55-9f2b-000000000002
name: success
logsource: {product: linux, service: sshd}
detection:
    selection: {action: login_success}
    condition: selection
level: informational
---
title: Marker
id: 7d9a7a52-1f0e-4f55-9f2b-000000000003
logsource: {product: linux, service: sshd}
detection:
    selection: {user|startswith: marker}
    condition: selection
level: low
---
title: Brute force
id: 7d9a7a52-1f0e-4f55-9f2b-000000000004
name: brute_force
correlation:
    type: event_count
    rules: [failed]
    group-by: [src_ip]
    timespan: 10m
    condition: {gte: 5}
level: medium
---
title: Many users
id: 7d9a7a52-1f0e-4f55-9f2b-000000000005
correlation:
    type: value_count
    rules: [failed]
    group-by: [src_ip]
    timespan: 10m
    condition: {field: user, gte: 4}
level: medium
---
title: Success after failure
id: 7d9a7a52-1f0e-4f55-9f2b-000000000006
correlation:
    type: temporal_ordered
    rules: [brute_force, success]
    group-by: [src_ip]
    timespan: 10m
level: high
";

/// Returns portions that happen before `now`, in seconds since 1970, each five seconds after the one before.
pub(crate) fn portions(seed: u64, count: usize, now: i64) -> Vec<Portion> {
    let mut rng = Rng::with_seed(seed);
    let start = now - 600 - count as i64 * 5;
    let mut writer = Writer { rng: rng.fork(), serial: 0 };
    // An attacker's guesses are spread over portions, so that windows reach over the server's deaths.
    let portion = |number: usize| {
        let time = start + number as i64 * 5;
        let mut lines = |sender: u8| writer.lines(sender, number, time);
        Portion { http: [("acme", lines(1)), ("globex", lines(2))], file: lines(3), syslog: lines(0) }
    };
    (0..count).map(portion).collect()
}

struct Writer {
    rng: Rng,
    serial: u64,
}

impl Writer {
    /// Returns one sender's lines. Sender 0 is not acknowledged and says nothing that a rule looks at.
    fn lines(&mut self, sender: u8, portion: usize, start: i64) -> Lines {
        let line = |place: usize| {
            self.serial += 1;
            let time = jiff::Timestamp::from_second(start + place as i64 / 20).unwrap();
            // The port tells lines apart; it is never that of another line.
            let (pid, port) = (1_000 + self.serial, self.serial);
            // Three attackers a sender at a time; each is active over four portions.
            let attacker = format!("203.0.{sender}.{}", 3 * (portion / 4 % 60) + self.rng.usize(..3));
            let user = ["root", "admin", "deploy", "oracle", "git", "pi"][self.rng.usize(..6)];
            let text = match self.rng.u8(..12) {
                _ if sender == 0 => format!("Received disconnect from 192.0.2.9 port {port}:11: disconnected by user"),
                0 if self.rng.u8(..4) == 0 => {
                    format!("Failed password for marker{port} from 198.51.100.{sender} port {port} ssh2")
                }
                1 if portion % 4 == 3 && self.rng.bool() => {
                    format!("Accepted password for deploy from {attacker} port {port} ssh2")
                }
                2..=3 => format!("Failed password for {user} from {attacker} port {port} ssh2"),
                _ => format!("Connection closed by 192.0.2.{sender} port {port}"),
            };
            format!("{time} web-01 sshd[{pid}]: {text}")
        };
        (0..LINES).map(line).collect()
    }
}
