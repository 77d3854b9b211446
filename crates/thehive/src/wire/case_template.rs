//! Case templates, as clients send and see them.

use serde::Deserialize;
use serde_json::{Value, json};
use vigie_cases::template_task_id;
use vigie_model::{CaseTemplate, Stamp, TemplateTask};

use super::fields::{FieldsIn, definitions_for, show_fields};
use super::rank::{PapIn, SeverityIn, TlpIn};
use super::task::{TaskIn, status_word};
use super::{Shape, Wire, nullable};
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::{FieldKind, QueryField};
use crate::{Fault, Visitor};

impl Wire for CaseTemplate {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("name", "name", FieldKind::Text),
        QueryField::new("displayName", "display_name", FieldKind::Text),
    ];

    async fn show(
        templates: Vec<Self>,
        door: &Door,
        _visitor: &Visitor,
        _extra: &[String],
    ) -> Result<Vec<Value>, Fault> {
        let known = definitions_for(door, templates.iter().map(|template| template.fields.as_slice())).await?;
        let show = |template: &Self| {
            let fields = show_fields(&template.id.wire(), &template.fields, &known);
            shape(template).with("customFields", fields).with("extraData", json!({})).done()
        };
        Ok(templates.iter().map(show).collect())
    }
}

fn shape(template: &CaseTemplate) -> Shape {
    let mut shape = Shape::of(template.id, "CaseTemplate", &template.stamp)
        .with("name", template.name.as_str())
        .with("displayName", template.display_name.as_str())
        .maybe("titlePrefix", template.title_prefix.as_deref())
        .maybe("description", template.description.as_deref());
    if let Some(severity) = template.severity {
        shape = shape.severity(severity);
    }
    if let Some(tlp) = template.tlp {
        shape = shape.tlp(tlp);
    }
    if let Some(pap) = template.pap {
        shape = shape.pap(pap);
    }
    let tasks: Vec<Value> = template.tasks.iter().map(|task| show_task(template, task)).collect();
    let pages: Vec<String> = template.pages.iter().map(crate::id::WireId::wire).collect();
    shape
        .with("tags", template.tags.clone())
        .with("flag", template.flag)
        .maybe("summary", template.summary.as_deref())
        .with("tasks", tasks)
        .with("pageTemplateIds", pages)
}

/// A task of a template looks like one that waits on a case.
fn show_task(template: &CaseTemplate, task: &TemplateTask) -> Value {
    let stamp = Stamp::new(template.stamp.created_by.clone(), template.stamp.created);
    Shape::of(template_task_id(template.id, task), "Task", &stamp)
        .with("title", task.title.as_str())
        .with("group", task.group.as_str())
        .maybe("description", Some(task.description.as_str()).filter(|text| !text.is_empty()))
        .with("status", status_word(vigie_model::TaskStatus::Waiting))
        .with("flag", false)
        .maybe("assignee", task.assignee.as_deref())
        .with("order", task.position)
        .with("mandatory", task.mandatory)
        .with("extraData", json!({}))
        .done()
}

/// A new template, or what to change of one: what is not there stays, and null clears.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::option_option, reason = "kept, cleared and set are three things")]
pub(crate) struct CaseTemplateIn {
    pub(crate) name: Option<String>,
    display_name: Option<String>,
    #[serde(deserialize_with = "nullable")]
    title_prefix: Option<Option<String>>,
    #[serde(deserialize_with = "nullable")]
    description: Option<Option<String>>,
    #[serde(deserialize_with = "nullable")]
    severity: Option<Option<SeverityIn>>,
    tags: Option<Vec<String>>,
    flag: Option<bool>,
    #[serde(deserialize_with = "nullable")]
    tlp: Option<Option<TlpIn>>,
    #[serde(deserialize_with = "nullable")]
    pap: Option<Option<PapIn>>,
    #[serde(deserialize_with = "nullable")]
    summary: Option<Option<String>>,
    tasks: Option<Vec<TaskIn>>,
    pub(crate) page_template_ids: Option<Vec<String>>,
    pub(crate) custom_fields: Option<FieldsIn>,
}

impl CaseTemplateIn {
    /// Returns the template after this, but for its pages and custom fields, which the caller looks up.
    pub(crate) fn apply(self, before: CaseTemplate) -> CaseTemplate {
        let tasks = self.tasks.map(|tasks| {
            let tasks = (0..).zip(tasks).map(|(place, task)| task.template_task(place));
            tasks.collect()
        });
        CaseTemplate {
            name: self.name.unwrap_or(before.name),
            display_name: self.display_name.unwrap_or(before.display_name),
            title_prefix: self.title_prefix.unwrap_or(before.title_prefix),
            description: self.description.unwrap_or(before.description),
            severity: self.severity.map_or(before.severity, |severity| severity.map(|severity| severity.0)),
            tags: self.tags.unwrap_or(before.tags),
            flag: self.flag.unwrap_or(before.flag),
            tlp: self.tlp.map_or(before.tlp, |tlp| tlp.map(|tlp| tlp.0)),
            pap: self.pap.map_or(before.pap, |pap| pap.map(|pap| pap.0)),
            summary: self.summary.unwrap_or(before.summary),
            tasks: tasks.unwrap_or(before.tasks),
            ..before
        }
    }
}
