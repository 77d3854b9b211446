//! Severity, TLP and PAP as numbers and labels. Theirs begin at 1, 0 and 0; an informational severity of ours counts as low.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use vigie_model::{Pap, Severity, Tlp};

use super::Shape;

const SEVERITIES: [(Severity, &str); 4] =
    [(Severity::Low, "LOW"), (Severity::Medium, "MEDIUM"), (Severity::High, "HIGH"), (Severity::Critical, "CRITICAL")];
const TLPS: [(Tlp, &str); 5] = [
    (Tlp::Clear, "CLEAR"),
    (Tlp::Green, "GREEN"),
    (Tlp::Amber, "AMBER"),
    (Tlp::AmberStrict, "AMBER+STRICT"),
    (Tlp::Red, "RED"),
];
const PAPS: [(Pap, &str); 4] = [(Pap::Clear, "CLEAR"), (Pap::Green, "GREEN"), (Pap::Amber, "AMBER"), (Pap::Red, "RED")];

/// What severity an object has that says none.
pub(crate) const USUAL_SEVERITY: Severity = Severity::Medium;

/// A severity that a client has sent: 1 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeverityIn(pub(crate) Severity);

/// A TLP that a client has sent: 0 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TlpIn(pub(crate) Tlp);

/// A PAP that a client has sent: 0 to 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PapIn(pub(crate) Pap);

/// Reads a number, or the label that people see.
fn read<'de, T: Copy, D: Deserializer<'de>>(deserializer: D, first: usize, words: &[(T, &str)]) -> Result<T, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let place = match &value {
        serde_json::Value::String(text) => words.iter().position(|(_, word)| word.eq_ignore_ascii_case(text)),
        number => number.as_u64().and_then(|number| usize::try_from(number).ok()?.checked_sub(first)),
    };
    let found = place.and_then(|place| words.get(place)).map(|(ours, _)| *ours);
    found.ok_or_else(|| D::Error::custom(format!("expected a number from {first} to {}", first + words.len() - 1)))
}

impl<'de> Deserialize<'de> for SeverityIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, 1, &SEVERITIES).map(Self)
    }
}

impl<'de> Deserialize<'de> for TlpIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, 0, &TLPS).map(Self)
    }
}

impl<'de> Deserialize<'de> for PapIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, 0, &PAPS).map(Self)
    }
}

/// Returns a severity as a number, 1 to 4.
pub(crate) fn severity_number(severity: Severity) -> usize {
    SEVERITIES.iter().position(|(ours, _)| *ours == severity).unwrap_or(0) + 1
}

/// Returns a TLP as a number, 0 to 4.
pub(crate) fn tlp_number(tlp: Tlp) -> usize {
    TLPS.iter().position(|(ours, _)| *ours == tlp).unwrap_or(0)
}

/// Returns a PAP as a number, 0 to 3.
pub(crate) fn pap_number(pap: Pap) -> usize {
    PAPS.iter().position(|(ours, _)| *ours == pap).unwrap_or(0)
}

impl Shape {
    /// Adds `severity` and `severityLabel`.
    pub(crate) fn severity(self, severity: Severity) -> Self {
        let number = severity_number(severity);
        self.with("severity", number).with("severityLabel", SEVERITIES.get(number - 1).map_or("", |(_, label)| label))
    }

    /// Adds `tlp` and `tlpLabel`.
    pub(crate) fn tlp(self, tlp: Tlp) -> Self {
        let place = tlp_number(tlp);
        self.with("tlp", place).with("tlpLabel", TLPS.get(place).map_or("", |(_, label)| label))
    }

    /// Adds `pap` and `papLabel`.
    pub(crate) fn pap(self, pap: Pap) -> Self {
        let place = pap_number(pap);
        self.with("pap", place).with("papLabel", PAPS.get(place).map_or("", |(_, label)| label))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use vigie_model::{DataType, Stamp, Timestamp};

    use super::*;

    fn shape() -> Shape {
        Shape::of(DataType::id_of("x"), "x", &Stamp::new("", Timestamp::EPOCH))
    }

    #[test]
    fn numbers_and_labels_come_in_and_go_out() {
        let severity = |value: Value| serde_json::from_value::<SeverityIn>(value).map(|read| read.0).ok();
        for (number, (ours, label)) in (1..).zip(SEVERITIES) {
            assert_eq!((severity(json!(number)), severity(json!(label))), (Some(ours), Some(ours)));
            let shown = shape().severity(ours).done();
            assert_eq!((&shown["severity"], &shown["severityLabel"]), (&json!(number), &json!(label)));
        }
        assert_eq!(shape().severity(Severity::Informational).done()["severity"], json!(1));
        for bad in [json!(0), json!(5), json!(-1), json!(1.5), json!("worst"), json!(null), json!([])] {
            assert_eq!(severity(bad.clone()), None, "{bad}");
        }
        for (number, (ours, label)) in TLPS.into_iter().enumerate() {
            assert_eq!(serde_json::from_value::<TlpIn>(json!(number)).unwrap(), TlpIn(ours));
            let shown = shape().tlp(ours).done();
            assert_eq!((&shown["tlp"], &shown["tlpLabel"]), (&json!(number), &json!(label)));
        }
        for (number, (ours, label)) in PAPS.into_iter().enumerate() {
            assert_eq!(serde_json::from_value::<PapIn>(json!(number)).unwrap(), PapIn(ours));
            let shown = shape().pap(ours).done();
            assert_eq!((&shown["pap"], &shown["papLabel"]), (&json!(number), &json!(label)));
        }
        assert!(serde_json::from_value::<TlpIn>(json!(5)).is_err());
        assert!(serde_json::from_value::<PapIn>(json!(4)).is_err());
    }
}
