//! What the network says: VPC flow logs (version 2 fields) and Suricata's EVE.

use fastrand::Rng;
use serde_json::json;

use super::template::{one_of, weighted};

/// Returns a flow with gaps.
pub(super) fn flow(rng: &mut Rng) -> String {
    let (from, to, port, protocol) = match weighted(rng, &[(6, 0), (2, 1), (2, 2)]) {
        0 => ("$address$".to_owned(), format!("10.20.0.{}", rng.u8(4..30)), "443", 6),
        1 => (format!("10.20.0.{}", rng.u8(4..30)), format!("10.20.1.{}", rng.u8(5..9)), "5432", 6),
        _ => (format!("10.20.0.{}", rng.u8(4..30)), "10.20.0.2".to_owned(), "53", 17),
    };
    let (packets, interface) = (rng.u32(4..60), rng.u16(..));
    format!(
        "2 111122223333 eni-0a1b2c3d4e5f6{interface:04x} {from} {to} $port$ {port} {protocol} {packets} $port$ $time$ $time$ \
         ACCEPT OK"
    )
}

/// Returns an EVE record with gaps.
pub(super) fn eve(rng: &mut Rng) -> String {
    let host = format!("10.20.{}.{}", rng.u8(..4), rng.u8(4..));
    let mut record = json!({
        "timestamp": "$time$", "flow_id": 0, "in_iface": "eth0", "event_type": "", "src_ip": host, "src_port": 0,
        "dest_ip": "", "dest_port": 0, "proto": "TCP", "community_id": "1:$hex$=",
    });
    let name = one_of(
        rng,
        &["deb.debian.org", "api.payments.example", "cdn.example.com", "time.example.net", "login.example.org"],
    );
    let server = format!("198.51.100.{}", rng.u8(1..));
    let set = |record: &mut serde_json::Value, kind: &str, to: &str, port: u16, detail: serde_json::Value| {
        record["event_type"] = kind.into();
        record["dest_ip"] = to.into();
        record["dest_port"] = port.into();
        record[kind] = detail;
    };
    match weighted(rng, &[(4, 0), (3, 1), (2, 2), (3, 3)]) {
        0 => {
            record["proto"] = "UDP".into();
            let detail =
                json!({"type": "query", "id": rng.u16(..), "rrname": name, "rrtype": "A", "tx_id": 0, "opcode": 0});
            set(&mut record, "dns", "10.20.0.2", 53, detail);
        }
        1 => {
            let detail = json!({"subject": format!("CN={name}"), "issuerdn": "C=US, O=Example CA, CN=R11", "serial": "$hex$", "sni": name, "version": "TLS 1.3", "ja3": {"hash": format!("{:032x}", rng.u128(..))}});
            set(&mut record, "tls", &server, 443, detail);
        }
        2 => {
            let detail = json!({"hostname": name, "url": "/v1/status?id=$serial$", "http_user_agent": "curl/8.5.0", "http_method": "GET", "protocol": "HTTP/1.1", "status": 200, "length": rng.u16(..)});
            set(&mut record, "http", &server, 80, detail);
        }
        _ => {
            let detail = json!({"pkts_toserver": rng.u16(3..), "pkts_toclient": rng.u16(3..), "bytes_toserver": rng.u32(200..90_000), "bytes_toclient": rng.u32(200..900_000), "start": "$time$", "end": "$time$", "age": 0, "state": "closed", "reason": "timeout", "alerted": false});
            set(&mut record, "flow", &server, 443, detail);
        }
    }
    // Numbers are gaps too: the template is text.
    record.to_string().replace("\"flow_id\":0", "\"flow_id\":$serial$").replace("\"src_port\":0", "\"src_port\":$port$")
}
