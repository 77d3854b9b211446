//! An alert as it is sent to a TheHive elsewhere: the body of `POST /api/v1/alert`.

use serde_json::{Value, json};
use vigie_model::{Alert, Observable};

use crate::time::millis;
use crate::wire::rank;

/// How many observables go with an alert: TheHive's own pages take a hundred.
pub const FORWARDED_OBSERVABLES_MAX: usize = 100;

/// Returns the body that makes this alert at a TheHive elsewhere. What came from a feeder goes on under the feeder's own
/// type, source and reference; what is ours is `vigie`, the rule, and the alert's id. So the same alert is refused there the
/// second time, and nothing is doubled. Files stay here.
pub fn forwarded(alert: &Alert, observables: &[Observable]) -> Value {
    let observables: Vec<Value> = observables
        .iter()
        .filter(|observable| observable.attachment.is_none())
        .take(FORWARDED_OBSERVABLES_MAX)
        .map(|observable| {
            let data_type = observable.data_type.as_deref().unwrap_or(observable.kind.as_str());
            json!({
                "dataType": data_type,
                "data": observable.value,
                "message": observable.message,
                "tlp": rank::tlp_number(observable.tlp),
                "pap": rank::pap_number(observable.pap),
                "tags": observable.tags,
                "ioc": observable.ioc,
            })
        })
        .collect();
    let description = if alert.description.is_empty() { &alert.rule.description } else { &alert.description };
    let id = alert.id.to_string();
    let (kind, source, reference, link) = match &alert.origin {
        Some(origin) => {
            (origin.kind.as_str(), origin.source.as_str(), origin.reference.as_str(), origin.link.as_deref())
        }
        None => ("vigie", alert.rule.id.as_str(), id.as_str(), None),
    };
    json!({
        "type": kind,
        "source": source,
        "sourceRef": reference,
        "externalLink": link,
        "title": alert.title,
        // TheHive wants one.
        "description": if description.is_empty() { &alert.title } else { description },
        "severity": rank::severity_number(alert.severity),
        "date": millis(alert.first_seen),
        "tags": alert.tags,
        "tlp": rank::tlp_number(alert.tlp),
        "pap": rank::pap_number(alert.pap),
        "observables": observables,
    })
}
