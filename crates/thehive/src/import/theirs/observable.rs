//! Observables of alerts and cases.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use vigie_cases::{NewObservable, ObservableValue, entities_of, restored_observable};
use vigie_model::{Alert, Attachment, AttachmentOwner, Observable, Parent, Timestamp};
use vigie_store::{Object as _, StoreError, Tx};

use super::file::{OutputFile, file_of};
use super::{Millis, Reading, Unread, id_of, listed, stamp_of, time, typed};
use crate::import::find::{by_field, texts};
use crate::import::kind::{Draft, Kind, On};
use crate::wire::rank::{PapIn, TlpIn};

/// Observables of cases, or of alerts.
pub(in crate::import) struct Observables<const ON_ALERTS: bool>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputObservable {
    data_type: String,
    data: Option<String>,
    attachment: Option<OutputFile>,
    start_date: Option<Millis>,
    tlp: Option<TlpIn>,
    pap: Option<PapIn>,
    tags: Option<Vec<String>>,
    ioc: Option<bool>,
    sighted: Option<bool>,
    sighted_at: Option<Millis>,
    message: Option<String>,
    ignore_similarity: Option<bool>,
}

impl<const ON_ALERTS: bool> Kind for Observables<ON_ALERTS> {
    type Object = Observable;
    const NAME: &'static str = if ON_ALERTS { "alert observables" } else { "case observables" };
    const LIST: &'static [&'static str] =
        if ON_ALERTS { &["listAlert", "observables"] } else { &["listCase", "observables"] };
    const ON: On = if ON_ALERTS { On::Alert } else { On::Case };

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<Observable>, Unread> {
        let (theirs, stamp) = (id_of(row)?, stamp_of(row)?);
        let read: OutputObservable = typed(row)?;
        let on = reading.found.parent()?;
        let mut files = Vec::new();
        let value = match (read.attachment, read.data) {
            (Some(file), _) => {
                let sha256 =
                    file.sha256().ok_or_else(|| Unread::new("attachment.hashes", "no SHA-256"))?.to_lowercase();
                let path = format!("/api/v1/observable/{theirs}/attachment/{}/download", file.id());
                // The id of the observable follows from the file, and is known below.
                let mut file = file_of(file, AttachmentOwner::Tenant, theirs, path, reading)?;
                file.is_all = true;
                let (name, attachment) = (file.attachment.name.clone(), file.attachment.id);
                files.push(file);
                ObservableValue::File { name, sha256, attachment }
            }
            (None, Some(data)) if !data.is_empty() => ObservableValue::Text(data),
            (None, _) => return Err(Unread::new("data", "neither a value nor a file")),
        };
        let seen = time(read.start_date).unwrap_or(stamp.created);
        let new = NewObservable {
            on,
            tenant: reading.found.tenant.clone(),
            data_type: read.data_type,
            value,
            tlp: read.tlp.map(|tlp| tlp.0).unwrap_or_default(),
            pap: read.pap.map(|pap| pap.0).unwrap_or_default(),
            tags: listed(read.tags),
            message: read.message,
            ioc: read.ioc.unwrap_or_default(),
            sighted: time(read.sighted_at).or_else(|| (read.sighted == Some(true)).then_some(seen)),
            unlike: read.ignore_similarity.unwrap_or_default(),
            seen,
            by: String::new(),
            now: stamp.created,
        };
        let observable = restored_observable(new, stamp, &|_, _| None);
        for file in &mut files {
            file.attachment.owner = AttachmentOwner::Observable(observable.id);
        }
        Ok(Draft { files, ..Draft::new(theirs, observable) })
    }

    fn updated(observable: &Observable) -> Option<Timestamp> {
        observable.stamp.as_ref().and_then(|stamp| stamp.updated)
    }

    fn bring(observable: &mut Observable, file: &Attachment) {
        observable.attachment = Some(file.id);
    }

    /// What is known of the value here stays.
    fn over(before: &Observable, observable: Observable) -> Observable {
        Observable {
            role: before.role,
            warning: before.warning.clone(),
            context: before.context.clone(),
            last_seen: before.last_seen.max(observable.last_seen),
            ..observable
        }
    }

    /// Likeness of alerts is found by what they are about: that of its observables.
    async fn after(tx: &mut Tx, stored: &[Observable]) -> Result<(), StoreError> {
        if !ON_ALERTS {
            return Ok(());
        }
        let alerts: BTreeSet<_> = stored.iter().filter_map(|observable| observable.on.alert()).collect();
        let observables: Vec<Observable> = by_field(tx, "alert", texts(&alerts)).await?;
        let mut by_alert: BTreeMap<Parent, Vec<Observable>> = BTreeMap::new();
        for observable in observables {
            by_alert.entry(observable.on).or_default().push(observable);
        }
        let alerts: Vec<Alert> = by_field(tx, "id", texts(&alerts)).await?;
        for alert in alerts.iter().filter(|alert| alert.origin.is_some()) {
            let entities = by_alert.get(&alert.id.into()).map(|of_alert| entities_of(of_alert)).unwrap_or_default();
            if entities != alert.entities {
                Alert { entities, ..alert.clone() }.write(tx, Some(alert)).await?;
            }
        }
        Ok(())
    }
}
