//! What the network says: VPC flow logs (version 2 fields) and Suricata's EVE.

use fastrand::Rng;
use serde_json::json;
use vigie_model::Timestamp;

use super::super::world::one_of;
use super::{Door, Script, seconds};

/// The header that names the columns of the flow log.
pub(crate) const FLOW_HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";

/// Customers and services talk.
pub(super) fn normal_day(script: &mut Script, rng: &mut Rng) {
    for _ in 0..1_300 {
        let time = script.moment(rng);
        let web = script.world.web_ip.to_string();
        let client = format!("192.0.2.{}", rng.u8(70..));
        let (from, to, port) = match rng.u8(..6) {
            0 => (web, format!("10.20.1.{}", rng.u8(5..9)), 5_432),
            1 => (web, "10.20.0.2".to_owned(), 53),
            _ => (client, web, one_of(rng, &["443", "443", "80"]).parse().unwrap_or(443)),
        };
        let (packets, bytes) = (rng.u32(4..60), rng.u32(600..90_000));
        flow(script, rng, time, (&from, &to), port, (packets, bytes), "ACCEPT");
    }
    for _ in 0..240 {
        let time = script.moment(rng);
        eve_dns(script, rng, time);
    }
}

/// The attacker tries the web server's ports. Returns when it is done.
pub(super) fn port_scan(script: &mut Script, rng: &mut Rng, start: Timestamp) -> Timestamp {
    let (attacker, web) = (script.world.attacker.to_string(), script.world.web_ip.to_string());
    script.chapter(start, format!("{attacker} tries the ports of {}", script.world.hosts[0]));
    let mut ports: Vec<u16> = (1..1_024).collect();
    rng.shuffle(&mut ports);
    let mut time = start;
    for port in ports.into_iter().filter(|port| ![22, 80, 443].contains(port)).take(rng.usize(60..110)) {
        flow(script, rng, time, (&attacker, &web), port, (1, 44), "REJECT");
        time = time.plus(seconds(0.15 + rng.f64() * 0.2));
    }
    let seen = (2_001_219, "ET SCAN Potential SSH Scan", "Attempted Information Leak", 2);
    eve_alert(script, rng, start.plus(seconds(4.0)), 22, seen);
    let seen = (2_010_935, "ET SCAN Suspicious inbound to MSSQL port 1433", "Potentially Bad Traffic", 2);
    eve_alert(script, rng, start.plus(seconds(7.0)), 1_433, seen);
    super::cloud::port_probe(script, rng, time.plus(seconds(5.0)));
    time
}

/// Writes an alert of Suricata's about the attacker: signature id, signature, category, severity.
pub(super) fn eve_alert(script: &mut Script, rng: &mut Rng, time: Timestamp, port: u16, seen: (u32, &str, &str, u8)) {
    let (id, signature, category, severity) = seen;
    let record = json!({
        "timestamp": eve_time(time), "flow_id": rng.u64(1 << 40..1 << 50), "in_iface": "eth0", "event_type": "alert",
        "src_ip": script.world.attacker.to_string(), "src_port": rng.u16(30_000..),
        "dest_ip": script.world.web_ip.to_string(), "dest_port": port, "proto": "TCP",
        "alert": {
            "action": "allowed", "gid": 1, "signature_id": id, "rev": 3,
            "signature": signature, "category": category, "severity": severity,
        },
    });
    script.beat(time, Door::EveFile, record.to_string());
}

fn eve_dns(script: &mut Script, rng: &mut Rng, time: Timestamp) {
    let name = one_of(
        rng,
        &["deb.debian.org", "api.payments.example", "sts.amazonaws.com", "time.example.net", "cdn.example.com"],
    );
    let record = json!({
        "timestamp": eve_time(time), "flow_id": rng.u64(1 << 40..1 << 50), "in_iface": "eth0", "event_type": "dns",
        "src_ip": script.world.web_ip.to_string(), "src_port": rng.u16(30_000..), "dest_ip": "10.20.0.2", "dest_port": 53,
        "proto": "UDP", "dns": {"type": "query", "id": rng.u16(..), "rrname": name, "rrtype": "A", "tx_id": 0},
    });
    script.beat(time, Door::EveFile, record.to_string());
}

/// Suricata writes microseconds and an offset without a colon.
fn eve_time(time: Timestamp) -> String {
    time.to_jiff().strftime("%Y-%m-%dT%H:%M:%S%.6f+0000").to_string()
}

fn flow(
    script: &mut Script,
    rng: &mut Rng,
    time: Timestamp,
    ends: (&str, &str),
    port: u16,
    size: (u32, u32),
    action: &str,
) {
    let ((from, to), (packets, bytes), start) = (ends, size, time.as_seconds());
    let (account, source_port, end) =
        (script.world.account, rng.u16(30_000..), start.min(script.world.now.as_seconds()));
    let protocol = if port == 53 { 17 } else { 6 };
    let line = format!(
        "2 {account} eni-0a1b2c3d4e5f60718 {from} {to} {source_port} {port} {protocol} {packets} {bytes} {start} {end} {action} OK"
    );
    script.beat(time, Door::FlowLog, line);
}
