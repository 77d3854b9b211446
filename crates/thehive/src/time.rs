//! Times as TheHive's clients see them: milliseconds since 1970.

use serde_json::Value;
use vigie_model::Timestamp;

use crate::Fault;

/// Returns a time as clients see it.
pub(crate) fn millis(time: Timestamp) -> i64 {
    time.as_micros().div_euclid(1_000)
}

/// Reads a time that a client has sent. Seconds with a fraction come from feeders; a date far off is held within our limits.
pub(crate) fn read_time(field: &str, value: &Value) -> Result<Timestamp, Fault> {
    #[expect(clippy::cast_possible_truncation, reason = "held within the limits by the type")]
    let millis = value.as_i64().or_else(|| value.as_f64().map(|number| number as i64));
    millis.map(Timestamp::from_millis).ok_or_else(|| Fault::field(field, "expected milliseconds since 1970"))
}
