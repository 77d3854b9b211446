//! Asks the server what it has, and holds it against what was sent.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use vigie_model::Timestamp;

use super::mix::Stream;
use super::tally::{Count, Difference, compare, sum};
use crate::client::{Client, query_value};
use crate::commands::Failure;

/// How many intervals are asked for at most; the server has a limit of its own above that.
const INTERVALS_MAX: i64 = 5_000;

/// What the server has of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct StreamFigures {
    /// Tenant and source.
    pub(super) stream: String,
    pub(super) sent: u64,
    /// Acknowledged, or delivered where there are no acknowledgements. Nothing is promised of datagrams: 0.
    pub(super) safe: u64,
    pub(super) stored: u64,
    pub(super) lost: u64,
    pub(super) doubled: u64,
}

/// Returns how many events of a stream the server has in all.
pub(super) fn stored(client: &Client, stream: &Stream) -> Result<u64, Failure> {
    let found = client.get(&format!("/api/v1/events?limit=1&{}", condition(stream)))?;
    found["total"].as_u64().ok_or_else(|| format!("the server's answer names no total: {found}").into())
}

fn condition(stream: &Stream) -> String {
    format!("tenant={}&q={}", stream.tenant, query_value(&format!("source:{}", stream.source)))
}

/// Compares second by second what a stream sent with what the server has. `before` is how many it had before the run.
pub(super) fn check(
    client: &Client,
    stream: &Stream,
    sent: &BTreeMap<i64, Count>,
    before: u64,
) -> Result<StreamFigures, Failure> {
    let total = stored(client, stream)?.saturating_sub(before);
    let count = sum(sent.values());
    let (Some((first, _)), Some((last, _))) = (sent.first_key_value(), sent.last_key_value()) else {
        let (lost, doubled) = (0, total);
        return Ok(StreamFigures { stream: stream.to_string(), sent: 0, safe: 0, stored: total, lost, doubled });
    };
    let interval_s = (last - first) / INTERVALS_MAX + 1;
    let (from, until) = (Timestamp::from_seconds(*first), Timestamp::from_seconds(last + 1));
    let path = format!(
        "/api/v1/events/histogram?{}&from={}&until={}&interval_s={interval_s}",
        condition(stream),
        query_value(&from.to_string()),
        query_value(&until.to_string())
    );
    let seconds = buckets(&client.get(&path)?)?;
    let found: u64 = seconds.values().sum();
    let Difference { lost, mut doubled } = compare(sent, &seconds, interval_s);
    // What is stored with a time outside of the run was never sent so.
    doubled += total.saturating_sub(found);
    let Count { sent, safe } = count;
    Ok(StreamFigures { stream: stream.to_string(), sent, safe, stored: total, lost, doubled })
}

/// Reads a histogram's buckets: the second each begins, and its count.
fn buckets(histogram: &Value) -> Result<BTreeMap<i64, u64>, Failure> {
    let bucket = |bucket: &Value| {
        let start: Timestamp = bucket["start"].as_str()?.parse().ok()?;
        Some((start.as_seconds(), bucket["count"].as_u64()?))
    };
    let buckets = histogram["buckets"].as_array().and_then(|buckets| buckets.iter().map(bucket).collect());
    buckets.ok_or_else(|| format!("the server's histogram cannot be read: {histogram}").into())
}

/// Returns how many records could not be read, for all tenants that the key may see.
pub(super) fn dead_letters(client: &Client) -> Result<u64, Failure> {
    let counts = client.get("/api/v1/dead-letters/counts")?;
    let counts = counts.as_array().into_iter().flatten();
    Ok(counts.filter_map(|count| count["count"].as_u64()).sum())
}

/// What the server counts of itself (OpenMetrics text), as far as a load test asks for it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ServerFigures {
    /// CPU or wall seconds by stage, as the server keeps them.
    pub(super) stages: BTreeMap<String, f64>,
    /// Alerts raised.
    pub(super) alerts: f64,
    /// Findings made.
    pub(super) findings: f64,
    /// Records that receivers dropped: UDP only.
    pub(super) dropped: f64,
}

/// Asks for them. A key that may not read them gets none.
pub(super) fn server_figures(client: &Client) -> ServerFigures {
    client.get_text("/metrics").map(|text| read_metrics(&text)).unwrap_or_default()
}

/// Reads OpenMetrics text: every counter of seconds that has a label `stage`, and a few by name.
fn read_metrics(text: &str) -> ServerFigures {
    let mut figures = ServerFigures::default();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((name, value)) = line.rsplit_once(' ') else { continue };
        let Ok(value) = value.parse::<f64>() else { continue };
        let (name, labels) = name.split_once('{').unwrap_or((name, ""));
        let seconds = name.contains("seconds") && (name.ends_with("_total") || name.ends_with("_sum"));
        let stage = labels.split("stage=\"").nth(1).and_then(|rest| rest.split('"').next());
        match (name, stage) {
            (_, Some(stage)) if seconds => *figures.stages.entry(stage.to_owned()).or_default() += value,
            ("vigie_alerts_total", _) => figures.alerts += value,
            ("vigie_findings_total", _) => figures.findings += value,
            ("vigie_receiver_dropped_records", _) => figures.dropped += value,
            _ => {}
        }
    }
    figures
}

impl ServerFigures {
    /// Returns what came about since an earlier look.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        let before = |stage: &str| earlier.stages.get(stage).copied().unwrap_or(0.0);
        let stages = self.stages.iter().map(|(stage, seconds)| (stage.clone(), seconds - before(stage))).collect();
        Self {
            stages,
            alerts: self.alerts - earlier.alerts,
            findings: self.findings - earlier.findings,
            dropped: self.dropped - earlier.dropped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_read_whatever_they_are_called() {
        let text = "# TYPE vigie_stage_seconds counter\nvigie_stage_seconds_total{stage=\"log\"} 1.5\n\
                    vigie_stage_seconds_total{kind=\"cpu\",stage=\"detect\"} 2\nvigie_stage_batches_total{stage=\"log\"} 9\n\
                    vigie_alerts_total{severity=\"low\"} 2\nvigie_alerts_total{severity=\"high\"} 1\nnonsense\n";
        let figures = read_metrics(text);
        let stages = BTreeMap::from([("log".to_owned(), 1.5), ("detect".to_owned(), 2.0)]);
        assert_eq!((&figures.stages, figures.alerts), (&stages, 3.0));
        assert!(figures.since(&figures).stages["detect"].abs() < f64::EPSILON);
    }

    #[test]
    fn a_histogram_is_read_to_the_second() {
        let answer = serde_json::json!({"buckets": [{"start": "2026-09-21T14:13:20Z", "count": 3}]});
        assert_eq!(buckets(&answer).unwrap(), BTreeMap::from([(1_790_000_000, 3)]));
        assert!(buckets(&serde_json::json!({})).is_err());
    }
}
