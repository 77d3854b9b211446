//! Marker events: each raises an alert of its own, whose arrival on the live stream is waited for.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::latency::Latencies;
use crate::cli::Connection;
use crate::client::Client;
use crate::commands::Failure;

/// The rule that markers match; a server that is not ours needs it among its rules.
pub(super) const RULE: &str = include_str!("marker.yml");
/// Its id.
pub(super) const RULE_ID: &str = "5b1f0a52-6a0e-4c1b-9d7e-3f0f6f1c8b11";
/// How long to wait before the live stream is asked for again.
const AGAIN: Duration = Duration::from_millis(200);

/// The markers of one run.
#[derive(Debug)]
pub(super) struct Markers {
    run: String,
    /// When each that was sent was due.
    due: Mutex<BTreeMap<u64, Instant>>,
    /// Which have raised their alert.
    seen: Mutex<BTreeMap<u64, Duration>>,
    over: AtomicBool,
}

impl Markers {
    /// Returns the markers of a run, none of them sent; its name tells them from those of other runs.
    pub(super) fn new(run: &str) -> Self {
        Self { run: run.to_owned(), due: Mutex::default(), seen: Mutex::default(), over: AtomicBool::new(false) }
    }

    /// Returns a marker as a syslog line, and remembers when it was due.
    pub(super) fn line(&self, number: u64, due: Instant, second: i64) -> String {
        self.due.lock().expect("no one panics while holding this lock").insert(number, due);
        let time = vigie_model::Timestamp::from_seconds(second).to_jiff().strftime("%Y-%m-%dT%H:%M:%SZ");
        format!("<13>{time} {}{number} vigie-bench[1]: marker {number} of the run {}", self.host_prefix(), self.run)
    }

    fn host_prefix(&self) -> String {
        format!("marker-{}-", self.run)
    }

    /// Reads the live stream until the run is over; begun again where it is cut off. Returns once it is over.
    pub(super) fn watch(&self, connection: &Connection) {
        let mut last_id = None;
        while !self.over.load(Ordering::Relaxed) {
            // What was missed on the way is counted as a marker without an alert, and asked for at the end.
            drop(self.read_stream(connection, &mut last_id));
            std::thread::sleep(AGAIN);
        }
    }

    fn read_stream(&self, connection: &Connection, last_id: &mut Option<String>) -> Result<(), Failure> {
        let agent = ureq::Agent::config_builder().http_status_as_error(true).build().new_agent();
        let mut request = agent.get(format!("{}/api/v1/live", connection.server.trim_end_matches('/')));
        if let Some(key) = &connection.key {
            request = request.header("Authorization", format!("Bearer {key}"));
        }
        if let Some(id) = last_id.as_deref() {
            request = request.header("Last-Event-ID", id);
        }
        let mut alert = false;
        for line in BufReader::new(request.call()?.into_body().into_reader()).lines() {
            let line = line?;
            let now = Instant::now();
            if let Some(id) = line.strip_prefix("id:") {
                *last_id = Some(id.trim().to_owned());
            } else if let Some(kind) = line.strip_prefix("event:") {
                alert = kind.trim() == "alert";
            } else if let Some(data) = line.strip_prefix("data:").filter(|_| alert)
                && data.contains(RULE_ID)
                && let Some(number) = self.number_in(data)
            {
                self.arrived(number, now);
            }
            if self.over.load(Ordering::Relaxed) {
                break;
            }
        }
        Ok(())
    }

    /// Finds the marker's number in an alert's text: it is the end of the host's name.
    fn number_in(&self, alert: &str) -> Option<u64> {
        let prefix = self.host_prefix();
        let rest = &alert[alert.find(&prefix)? + prefix.len()..];
        let end = rest.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse().ok()
    }

    fn arrived(&self, number: u64, now: Instant) {
        let due = self.due.lock().expect("no one panics while holding this lock").get(&number).copied();
        if let Some(due) = due {
            let mut seen = self.seen.lock().expect("no one panics while holding this lock");
            seen.entry(number).or_insert_with(|| now.saturating_duration_since(due));
        }
    }

    /// Returns how many were sent.
    pub(super) fn sent(&self) -> usize {
        self.due.lock().expect("no one panics while holding this lock").len()
    }

    /// Returns how many alerts the stream has told of.
    pub(super) fn arrived_count(&self) -> usize {
        self.seen.lock().expect("no one panics while holding this lock").len()
    }

    /// Ends the watching.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Returns the times from due to alert.
    pub(super) fn latencies(&self) -> Latencies {
        let latencies = Latencies::default();
        let seen = self.seen.lock().expect("no one panics while holding this lock");
        seen.values().for_each(|latency| latencies.add(*latency));
        latencies
    }
}

/// Returns whether the server has the markers' rule.
pub(super) fn is_known(client: &Client) -> Result<bool, Failure> {
    let rules = client.get("/api/v1/rules")?;
    Ok(rules.as_array().is_some_and(|rules| rules.iter().any(|rule| rule["id"] == RULE_ID)))
}

/// Returns how many alerts of the markers' rule there are.
pub(super) fn count_alerts(client: &Client) -> Result<u64, Failure> {
    let query = crate::client::query_value(&format!("rule:{RULE_ID}"));
    let found = client.get(&format!("/api/v1/alerts?limit=1&q={query}"))?;
    Ok(found["total"].as_u64().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_known_by_its_host() {
        let markers = Markers::new("7f");
        let line = markers.line(12, Instant::now(), 0);
        assert_eq!(line, "<13>1970-01-01T00:00:00Z marker-7f-12 vigie-bench[1]: marker 12 of the run 7f");
        assert_eq!(markers.number_in(&line), Some(12));
        assert_eq!(markers.number_in("marker-8f-12"), None);
        markers.arrived(12, Instant::now());
        markers.arrived(13, Instant::now());
        assert_eq!((markers.sent(), markers.arrived_count()), (1, 1));
    }
}
