//! Runs of analyzers.

use serde_json::{Value, json};
use vigie_model::{Job, JobStatus};

use super::{Shape, Wire};
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::{FieldKind, QueryField};
use crate::time::millis;
use crate::{Fault, Visitor};

/// What clients call where a job is in its life, and what we call it.
const STATUS: &[(&str, &str)] =
    &[("Waiting", "waiting"), ("InProgress", "in_progress"), ("Success", "success"), ("Failure", "failure")];

impl Wire for Job {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("analyzerId", "analyzer", FieldKind::Text),
        QueryField::new("analyzerName", "analyzer", FieldKind::Text),
        QueryField::new("cortexId", "server", FieldKind::Text),
        QueryField::new("startDate", "created", FieldKind::Time),
        QueryField::new("status", "status", FieldKind::Words(STATUS)),
    ];

    async fn show(
        objects: Vec<Self>,
        _door: &Door,
        _visitor: &Visitor,
        _extra: &[String],
    ) -> Result<Vec<Value>, Fault> {
        Ok(objects.into_iter().map(shape).collect())
    }
}

fn shape(job: Job) -> Value {
    let status = match job.status {
        JobStatus::Waiting => "Waiting",
        JobStatus::InProgress => "InProgress",
        JobStatus::Success => "Success",
        JobStatus::Failure => "Failure",
    };
    let report = job.error.map(|error| json!({"success": false, "errorMessage": error}));
    Shape::of(job.id, "case_artifact_job", &job.stamp)
        .with("id", job.id.wire())
        .with("analyzerId", job.analyzer.clone())
        .with("analyzerName", job.analyzer.clone())
        .with("analyzerDefinition", job.analyzer)
        .with("status", status)
        .with("startDate", millis(job.stamp.created))
        .maybe("endDate", job.ended.map(millis))
        .with("cortexId", job.server)
        .with("cortexJobId", job.id.wire())
        .with("case_artifact", json!({"_id": job.observable.wire()}))
        .maybe("report", report)
        .with("operations", "[]")
        .done()
}
