//! What the server counts, for Prometheus.
//!
//! Labels come from closed sets (routes, sources, states), never from log content or clients, so that nobody can grow them.

mod stages;

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use stages::StageMetrics;

/// Seconds: from a look-up in memory to a long search.
const LATENCY_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Which source.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SourceLabel {
    source: String,
}

/// How bad.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SeverityLabel {
    severity: &'static str,
}

/// What kind of action, and which state it entered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ActionLabels {
    kind: String,
    status: &'static str,
}

/// Which route answered with which status.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HttpLabels {
    method: &'static str,
    route: String,
    status: u16,
}

/// Which route.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabel {
    route: String,
}

/// What the server counts. Cheap to clone; all clones count together.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    records: Family<SourceLabel, Counter>,
    events: Family<SourceLabel, Counter>,
    dead: Family<SourceLabel, Counter>,
    batches: Counter,
    findings: Family<SeverityLabel, Counter>,
    alerts: Family<SeverityLabel, Counter>,
    cases: Counter,
    actions: Family<ActionLabels, Counter>,
    dropped: Gauge,
    queue: Gauge,
    watchers: Gauge,
    stages: StageMetrics,
    requests: Family<HttpLabels, Counter>,
    latency: Family<RouteLabel, Histogram, fn() -> Histogram>,
    sign_ins_failed: Counter,
    suppressed: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Returns counters that stand at zero.
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Arc::default(),
            records: Family::default(),
            events: Family::default(),
            dead: Family::default(),
            batches: Counter::default(),
            findings: Family::default(),
            alerts: Family::default(),
            cases: Counter::default(),
            actions: Family::default(),
            dropped: Gauge::default(),
            queue: Gauge::default(),
            watchers: Gauge::default(),
            stages: StageMetrics::new(),
            requests: Family::default(),
            latency: Family::new_with_constructor(|| Histogram::new(LATENCY_BUCKETS)),
            sign_ins_failed: Counter::default(),
            suppressed: Counter::default(),
        };
        metrics.registry = Arc::new(metrics.register());
        metrics
    }

    fn register(&self) -> Registry {
        let mut registry = Registry::with_prefix("vigie");
        registry.register("records", "Records received", self.records.clone());
        registry.register("events", "Events made of records", self.events.clone());
        registry.register("dead_letters", "Records that could not be read", self.dead.clone());
        registry.register("batches", "Batches that are safe and were answered", self.batches.clone());
        registry.register("findings", "Findings made", self.findings.clone());
        registry.register(
            "suppressed_findings",
            "Findings that a suppression kept from becoming alerts",
            self.suppressed.clone(),
        );
        registry.register("alerts", "Alerts raised", self.alerts.clone());
        registry.register("cases", "Cases opened", self.cases.clone());
        registry.register("actions", "Steps of actions, by the state entered", self.actions.clone());
        registry.register(
            "receiver_dropped_records",
            "Records that a receiver could not pass on since start (UDP cannot be slowed down)",
            self.dropped.clone(),
        );
        registry.register("queue_depth_batches", "Batches that wait for the log", self.queue.clone());
        registry.register("live_watchers", "Clients of the live stream", self.watchers.clone());
        self.stages.register(&mut registry);
        registry.register("http_requests", "HTTP requests answered", self.requests.clone());
        registry.register_with_unit(
            "http_request",
            "Time to answer an HTTP request",
            Unit::Seconds,
            self.latency.clone(),
        );
        registry.register("sign_ins_failed", "Sign-ins refused", self.sign_ins_failed.clone());
        registry
    }

    /// Counts what one batch of a source held: records, the events made of them and those that could not be read.
    pub fn batch(&self, source: &str, records: u64, events: u64, dead: u64) {
        let label = SourceLabel { source: source.to_owned() };
        self.records.get_or_create(&label).inc_by(records);
        self.events.get_or_create(&label).inc_by(events);
        self.dead.get_or_create(&label).inc_by(dead);
    }

    /// Counts a finding.
    pub fn finding(&self, severity: vigie_model::Severity) {
        self.findings.get_or_create(&SeverityLabel { severity: severity.as_str() }).inc();
    }

    /// Counts findings that were suppressed.
    pub fn suppressed(&self, findings: u64) {
        self.suppressed.inc_by(findings);
    }

    /// Counts an alert that was raised; a finding that joins one is not counted here.
    pub fn alert(&self, severity: vigie_model::Severity) {
        self.alerts.get_or_create(&SeverityLabel { severity: severity.as_str() }).inc();
    }

    /// Counts a case that was opened.
    pub fn case(&self) {
        self.cases.inc();
    }

    /// Counts a step of an action: the state that it entered.
    pub fn action(&self, kind: &str, status: vigie_model::ActionStatus) {
        self.actions.get_or_create(&ActionLabels { kind: kind.to_owned(), status: status.as_str() }).inc();
    }

    /// States how many batches wait for the log.
    pub fn waiting(&self, batches: usize) {
        self.queue.set(i64::try_from(batches).unwrap_or(i64::MAX));
    }

    /// States how many records receivers have dropped since start.
    pub fn receivers_dropped(&self, records: u64) {
        self.dropped.set(i64::try_from(records).unwrap_or(i64::MAX));
    }

    /// States how many clients watch the live stream.
    pub fn watchers(&self, clients: usize) {
        self.watchers.set(i64::try_from(clients).unwrap_or(i64::MAX));
    }

    /// Counts a refused sign-in.
    pub fn sign_in_failed(&self) {
        self.sign_ins_failed.inc();
    }

    /// Counts an answered request. `route` is the route's pattern, never the path asked for.
    pub fn request(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let route = route.to_owned();
        self.latency.get_or_create(&RouteLabel { route: route.clone() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&HttpLabels { method, route, status }).inc();
    }

    /// Returns all that is counted, in OpenMetrics text.
    pub fn render(&self) -> String {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)
            .expect("writing to a string does not fail");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_shown() {
        let metrics = Metrics::new();
        metrics.clone().batch("cloudtrail", 3, 2, 1);
        metrics.alert(vigie_model::Severity::High);
        metrics.request("GET", "/api/v1/alerts", 200, Duration::from_millis(3));
        let text = metrics.render();
        for line in [
            "vigie_records_total{source=\"cloudtrail\"} 3",
            "vigie_dead_letters_total{source=\"cloudtrail\"} 1",
            "vigie_alerts_total{severity=\"high\"} 1",
            "vigie_http_requests_total{method=\"GET\",route=\"/api/v1/alerts\",status=\"200\"} 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
