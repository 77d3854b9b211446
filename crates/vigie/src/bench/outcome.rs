//! What a run showed.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::books::StreamFigures;
use super::latency::LatencyFigures;
use crate::cli::Table;

/// The figures of a run. The first five are what a script looks at.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Outcome {
    /// Events sent, datagrams and markers included.
    pub(super) sent: u64,
    /// Events that the server has, by search.
    pub(super) stored: u64,
    /// Events acknowledged, or delivered over TCP or in the file, that the server has not. Must be 0.
    pub(super) lost: u64,
    /// From when a marker was due to its alert on the live stream.
    pub(super) alert_p99_ms: Option<f64>,
    /// Events that the server has more than once. Must be 0.
    pub(super) doubled: u64,
    /// Records that the server could not read. Must be 0.
    pub(super) dead: u64,
    /// Markers whose alert never came. Must be 0.
    pub(super) alerts_missing: u64,
    /// Datagrams that never arrived. UDP promises nothing; a full queue counts them.
    pub(super) udp_lost: u64,
    /// Records that the server says its receivers dropped.
    pub(super) udp_dropped: u64,
    /// Sent per second, from the first to the last.
    pub(super) events_per_s: f64,
    /// Events that were due by the end and not sent, because the server took them too slowly.
    pub(super) behind: u64,
    /// From the end of sending until the last event could be found.
    pub(super) drain_s: f64,
    /// From a marker's due time to its alert.
    pub(super) alert: LatencyFigures,
    /// From when a batch was due to its acknowledgement.
    pub(super) acknowledgement: LatencyFigures,
    /// How often a batch was sent again: refused for now (429, 503), or not answered.
    pub(super) retries: u64,
    /// Alerts raised, markers included.
    pub(super) alerts: u64,
    /// Findings made.
    pub(super) findings: u64,
    /// What the server's process cost.
    pub(super) server: Option<ServerCost>,
    /// Seconds of CPU that the generator itself used.
    pub(super) generator_cpu_s: f64,
    /// What was asked for.
    pub(super) plan: Plan,
    /// Stream by stream.
    pub(super) streams: Vec<StreamFigures>,
}

/// What the server's process cost.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ServerCost {
    /// The most memory it ever held (VmHWM).
    pub(super) memory_peak_mb: f64,
    /// The median of what it held in the second half of the run (VmRSS).
    pub(super) memory_steady_mb: f64,
    /// Seconds of CPU from the first event to the last that was found.
    pub(super) cpu_s: f64,
    /// Events stored per second of CPU.
    pub(super) events_per_cpu_s: f64,
    /// Bytes in the data folder for each event stored.
    pub(super) bytes_per_event: f64,
    /// Seconds by stage, as the server counts them.
    pub(super) stages_s: BTreeMap<String, f64>,
    /// Seconds of CPU by the names of threads.
    pub(super) threads_s: BTreeMap<String, f64>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Plan {
    /// Events a second; 0 means as fast as the server takes them.
    pub(super) rate: f64,
    /// How long events became due.
    pub(super) seconds: f64,
    /// Seconds from burst to burst, where events come in bursts.
    pub(super) burst_s: Option<f64>,
    /// The kinds and their weights.
    pub(super) mix: String,
    /// What the records were made from.
    pub(super) seed: u64,
    /// HTTP connections.
    pub(super) connections: usize,
    /// Markers a second.
    pub(super) markers_per_s: f64,
}

impl Outcome {
    /// Returns whether everything that was promised was kept.
    pub(crate) fn is_good(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.dead == 0 && self.alerts_missing == 0
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&["stream", "sent", "safe", "stored", "lost", "doubled"]);
        for stream in &self.streams {
            let counts = [stream.sent, stream.safe, stream.stored, stream.lost, stream.doubled];
            table.row(std::iter::once(stream.stream.clone()).chain(counts.map(|count| count.to_string())));
        }
        let mut lines = Table::new(&["figure", "seen"]);
        let mut line = |name: &str, seen: String| lines.row([name.to_owned(), seen]);
        line("mix", self.plan.mix.clone());
        line("sent", format!("{} events, {:.0} a second", self.sent, self.events_per_s));
        line(
            "stored",
            format!("{}; lost {}, doubled {}, unreadable {}", self.stored, self.lost, self.doubled, self.dead),
        );
        line("UDP", format!("{} datagrams lost; the server counts {} dropped", self.udp_lost, self.udp_dropped));
        line(
            "behind at the end",
            format!("{} events; found {:.1} s after the last was sent", self.behind, self.drain_s),
        );
        line("event to alert", latency(&self.alert, "alerts"));
        line("acknowledgement", format!("{}; {} sent again", latency(&self.acknowledgement, "batches"), self.retries));
        line("alerts", format!("{} of {} findings; {} missing", self.alerts, self.findings, self.alerts_missing));
        if let Some(server) = &self.server {
            let (peak, steady) = (server.memory_peak_mb, server.memory_steady_mb);
            line("memory", format!("{peak:.0} MB at most, {steady:.0} MB in the second half"));
            line("server CPU", format!("{:.1} s, {:.0} events per CPU-second", server.cpu_s, server.events_per_cpu_s));
            line("disk", format!("{:.0} bytes an event", server.bytes_per_event));
            line("stages", seconds(&server.stages_s));
            line("threads", seconds(&server.threads_s));
        }
        line("generator CPU", format!("{:.1} s", self.generator_cpu_s));
        write!(f, "{table}\n{lines}")
    }
}

fn latency(figures: &LatencyFigures, what: &str) -> String {
    let (Some(p50), Some(p99), Some(max)) = (figures.p50_ms, figures.p99_ms, figures.max_ms) else {
        return "not measured".to_owned();
    };
    format!("p50 {p50} ms, p99 {p99} ms, max {max} ms over {} {what}", figures.count)
}

/// Returns the dearest first.
fn seconds(parts: &BTreeMap<String, f64>) -> String {
    let mut parts: Vec<(&String, &f64)> = parts.iter().filter(|(_, seconds)| **seconds >= 0.05).collect();
    parts.sort_by(|left, right| right.1.total_cmp(left.1));
    let parts: Vec<String> = parts.iter().map(|(name, seconds)| format!("{name} {seconds:.1} s")).collect();
    if parts.is_empty() { "–".to_owned() } else { parts.join(", ") }
}
