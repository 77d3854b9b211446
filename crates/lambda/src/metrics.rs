//! Metrics in CloudWatch's embedded format: a line of the log that CloudWatch counts.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vigie_model::Timestamp;

/// The namespace of the metrics.
pub const NAMESPACE: &str = "Vigie/Responder";

/// What one invocation counted, by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics {
    values: BTreeMap<&'static str, (f64, &'static str)>,
}

impl Metrics {
    /// Adds to a count.
    pub fn count(&mut self, name: &'static str, by: usize) {
        self.values.entry(name).or_insert((0.0, "Count")).0 += by as f64;
    }

    /// Sets a measured value: `Milliseconds`, `Percent`.
    pub fn measure(&mut self, name: &'static str, value: f64, unit: &'static str) {
        self.values.insert(name, (value, unit));
    }

    /// Returns the line, or `None` where nothing was counted. Each is counted as a whole and for
    /// the function.
    pub fn line(&self, function: &str, now: Timestamp) -> Option<Value> {
        if self.values.is_empty() {
            return None;
        }
        let metrics: Vec<Value> =
            self.values.iter().map(|(name, (_, unit))| json!({"Name": name, "Unit": unit})).collect();
        let mut line = json!({
            "_aws": {
                "Timestamp": now.as_micros() / 1_000,
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": [[], ["FunctionName"]],
                    "Metrics": metrics,
                }],
            },
            "FunctionName": function,
        });
        for (name, (value, _)) in &self.values {
            line[*name] = json!(value);
        }
        Some(line)
    }
}
