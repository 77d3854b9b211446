//! Templates, custom fields and types of observables.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};
use vigie_model::{
    CaseTemplate, CustomField, DataType, FieldId, FieldType, PageTemplate, TemplateId, TemplateTask, Timestamp,
};
use vigie_store::{StoreError, Tx};

use super::field::values_of;
use super::{Reading, Unread, id_of, listed, stamp_of, typed};
use crate::import::find::{by_field, named, texts};
use crate::import::kind::{Draft, Kind, Standing};
use crate::import::naming::Place;
use crate::import::source::SourceError;
use crate::import::walk::Listed;
use crate::wire::rank::{PapIn, SeverityIn, TlpIn};

/// Templates of pages.
pub(in crate::import) struct PageTemplates;

#[derive(Deserialize)]
struct OutputPageTemplate {
    title: String,
    content: String,
    order: Option<u32>,
    category: Option<String>,
}

impl Kind for PageTemplates {
    type Object = PageTemplate;
    const NAME: &'static str = "page templates";
    const LIST: &'static [&'static str] = &["listPageTemplate"];

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<PageTemplate>, Unread> {
        let theirs = id_of(row)?;
        let read: OutputPageTemplate = typed(row)?;
        let template = PageTemplate {
            id: TemplateId::derive(reading.naming.parts(theirs)),
            tenant: reading.found.tenant.clone(),
            title: read.title,
            content: read.content,
            category: read.category.unwrap_or_default(),
            position: read.order.unwrap_or_default(),
            stamp: stamp_of(row)?,
        };
        Ok(Draft::new(theirs, template))
    }

    fn updated(template: &PageTemplate) -> Option<Timestamp> {
        template.stamp.updated
    }
}

/// Templates of cases.
pub(in crate::import) struct CaseTemplates;

/// Where [`CaseTemplates::complete`] puts the ids of the page templates that a template brings.
const PAGES: &str = "_pageTemplates";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputCaseTemplate {
    name: String,
    display_name: Option<String>,
    title_prefix: Option<String>,
    description: Option<String>,
    severity: Option<SeverityIn>,
    tags: Option<Vec<String>>,
    flag: Option<bool>,
    tlp: Option<TlpIn>,
    pap: Option<PapIn>,
    summary: Option<String>,
    custom_fields: Option<Value>,
    tasks: Option<Vec<OutputTemplateTask>>,
    #[serde(rename = "_pageTemplates")]
    pages: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct OutputTemplateTask {
    title: String,
    description: Option<String>,
    group: Option<String>,
    mandatory: Option<bool>,
    assignee: Option<String>,
    order: Option<u32>,
}

impl Kind for CaseTemplates {
    type Object = CaseTemplate;
    const NAME: &'static str = "case templates";
    const LIST: &'static [&'static str] = &["listCaseTemplate"];

    async fn complete(listed: &Listed, rows: &mut [Value]) -> Result<(), SourceError> {
        for row in rows {
            let Ok(id) = id_of(row).map(str::to_owned) else { continue };
            let mut pages = listed.clone();
            pages.operations =
                vec![json!({"_name": "getCaseTemplate", "idOrName": id}), json!({"_name": "pageTemplates"})];
            let pages: Vec<Value> = match pages.all().await {
                Ok(pages) => pages.iter().filter_map(|page| page.get("_id").cloned()).collect(),
                // A source before page templates.
                Err(error) if !error.is_final() => Vec::new(),
                Err(error) => return Err(error),
            };
            if let Some(fields) = row.as_object_mut() {
                fields.insert(PAGES.to_owned(), pages.into());
            }
        }
        Ok(())
    }

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<CaseTemplate>, Unread> {
        let theirs = id_of(row)?;
        let read: OutputCaseTemplate = typed(row)?;
        let task = |task: OutputTemplateTask| TemplateTask {
            title: task.title,
            description: task.description.unwrap_or_default(),
            group: task.group.unwrap_or_else(vigie_model::Task::usual_group),
            mandatory: task.mandatory.unwrap_or_default(),
            assignee: task.assignee,
            position: task.order.unwrap_or_default(),
        };
        let fields = values_of(read.custom_fields.as_ref(), reading.fields);
        let template = CaseTemplate {
            id: TemplateId::derive(reading.naming.parts(theirs)),
            tenant: reading.found.tenant.clone(),
            display_name: read.display_name.unwrap_or_else(|| read.name.clone()),
            name: read.name,
            description: read.description,
            title_prefix: read.title_prefix,
            severity: read.severity.map(|severity| severity.0),
            tags: listed(read.tags),
            flag: read.flag.unwrap_or_default(),
            tlp: read.tlp.map(|tlp| tlp.0),
            pap: read.pap.map(|pap| pap.0),
            summary: read.summary,
            tasks: listed(read.tasks).into_iter().map(task).collect(),
            fields: fields.values,
            pages: listed(read.pages).iter().map(|page| TemplateId::derive(reading.naming.parts(page))).collect(),
            stamp: stamp_of(row)?,
        };
        Ok(Draft { left_out: fields.left_out, ..Draft::new(theirs, template) })
    }

    fn updated(template: &CaseTemplate) -> Option<Timestamp> {
        template.stamp.updated
    }

    /// A tenant has one template of a name.
    async fn fit(tx: &mut Tx, drafts: &mut [Draft<CaseTemplate>], _: Option<&Place>) -> Result<(), StoreError> {
        let names = texts(drafts.iter().map(|draft| &draft.object.name));
        let known: Vec<CaseTemplate> = by_field(tx, "name", names).await?;
        for draft in drafts {
            let own = &draft.object;
            let has_name = |known: &&CaseTemplate| known.tenant == own.tenant && named(&known.name, &own.name);
            if known.iter().find(has_name).is_some_and(|known| known.id != own.id) {
                draft.standing = Standing::Named;
            }
        }
        Ok(())
    }
}

/// Custom fields.
pub(in crate::import) struct CustomFields;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputCustomField {
    name: String,
    display_name: Option<String>,
    group: Option<String>,
    description: Option<String>,
    #[serde(rename = "type")]
    kind: TheirFieldType,
    mandatory: Option<bool>,
    options: Option<Vec<Value>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TheirFieldType {
    String,
    #[serde(alias = "number")]
    Integer,
    Boolean,
    Date,
    Float,
    Url,
}

impl Kind for CustomFields {
    type Object = CustomField;
    const NAME: &'static str = "custom fields";
    const LIST: &'static [&'static str] = &["listCustomField"];

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<CustomField>, Unread> {
        let theirs = id_of(row)?;
        let read: OutputCustomField = typed(row)?;
        let field = CustomField {
            id: FieldId::derive(reading.naming.parts(theirs)),
            display_name: read.display_name.unwrap_or_else(|| read.name.clone()),
            name: read.name,
            group: read.group.unwrap_or_default(),
            description: read.description.unwrap_or_default(),
            kind: match read.kind {
                TheirFieldType::String => FieldType::String,
                TheirFieldType::Integer => FieldType::Integer,
                TheirFieldType::Boolean => FieldType::Boolean,
                TheirFieldType::Date => FieldType::Date,
                TheirFieldType::Float => FieldType::Float,
                TheirFieldType::Url => FieldType::Url,
            },
            mandatory: read.mandatory.unwrap_or_default(),
            options: listed(read.options),
            stamp: stamp_of(row)?,
        };
        Ok(Draft::new(theirs, field))
    }

    fn updated(field: &CustomField) -> Option<Timestamp> {
        field.stamp.updated
    }

    /// There is one field of a name. One that holds something else here would make nonsense of the values.
    async fn fit(tx: &mut Tx, drafts: &mut [Draft<CustomField>], _: Option<&Place>) -> Result<(), StoreError> {
        let known: Vec<CustomField> =
            by_field(tx, "name", texts(drafts.iter().map(|draft| &draft.object.name))).await?;
        for draft in drafts {
            let Some(known) = known.iter().find(|known| named(&known.name, &draft.object.name)) else { continue };
            if known.id == draft.object.id {
                continue;
            }
            draft.standing = if known.kind == draft.object.kind {
                Standing::Named
            } else {
                Standing::Refused(Unread::new("type", format!("a field `{}` of another type is here", known.name)))
            };
        }
        Ok(())
    }
}

/// Types of observables.
pub(in crate::import) struct DataTypes;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputObservableType {
    name: String,
    is_attachment: Option<bool>,
}

impl Kind for DataTypes {
    type Object = DataType;
    const NAME: &'static str = "observable types";
    const LIST: &'static [&'static str] = &["listObservableType"];

    fn read(row: &Value, _: &Reading<'_>) -> Result<Draft<DataType>, Unread> {
        let theirs = id_of(row)?;
        let read: OutputObservableType = typed(row)?;
        let data_type = DataType {
            id: DataType::id_of(&read.name),
            name: read.name,
            is_attachment: read.is_attachment.unwrap_or_default(),
            stamp: stamp_of(row)?,
        };
        Ok(Draft::new(theirs, data_type))
    }

    fn updated(data_type: &DataType) -> Option<Timestamp> {
        data_type.stamp.updated
    }

    /// A type is its name: one that is here stays as it is.
    async fn fit(tx: &mut Tx, drafts: &mut [Draft<DataType>], _: Option<&Place>) -> Result<(), StoreError> {
        let known: Vec<DataType> = by_field(tx, "name", texts(drafts.iter().map(|draft| &draft.object.name))).await?;
        let names: BTreeSet<String> = known.iter().map(|known| known.name.to_lowercase()).collect();
        for draft in drafts {
            if names.contains(&draft.object.name.to_lowercase()) {
                draft.standing = Standing::Named;
            }
        }
        Ok(())
    }
}
