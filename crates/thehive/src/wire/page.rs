//! Pages of cases and the templates of pages, as clients send and see them: alike but for the case.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use vigie_model::{CasePage, PageTemplate};

use super::of_case::Cases;
use super::{Shape, Wire};
use crate::door::Door;
use crate::query::{FieldKind, QueryField};
use crate::{Fault, Visitor};

impl Wire for CasePage {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("title", "title", FieldKind::Text),
        QueryField::new("category", "category", FieldKind::Text),
        QueryField::new("order", "position", FieldKind::Number),
        QueryField::new("caseId", "case", FieldKind::Id),
    ];

    async fn show(pages: Vec<Self>, door: &Door, visitor: &Visitor, extra: &[String]) -> Result<Vec<Value>, Fault> {
        let cases = Cases::load(pages.iter().map(|page| page.case), door, visitor, extra).await?;
        let show = |page: &Self| {
            let mut data = Map::new();
            for asked in extra {
                cases.describe(page.case, asked, &mut data);
            }
            Shape::of(page.id, "Page", &page.stamp)
                .with("title", page.title.as_str())
                .with("content", page.content.as_str())
                .with("order", page.position)
                .with("category", page.category.as_str())
                .with("extraData", data)
                .done()
        };
        Ok(pages.iter().map(show).collect())
    }
}

impl Wire for PageTemplate {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("title", "title", FieldKind::Text),
        QueryField::new("category", "category", FieldKind::Text),
        QueryField::new("order", "position", FieldKind::Number),
    ];

    async fn show(
        templates: Vec<Self>,
        _door: &Door,
        _visitor: &Visitor,
        _extra: &[String],
    ) -> Result<Vec<Value>, Fault> {
        let show = |template: &Self| {
            Shape::of(template.id, "PageTemplate", &template.stamp)
                .with("title", template.title.as_str())
                .with("content", template.content.as_str())
                .with("order", template.position)
                .with("category", template.category.as_str())
                .with("extraData", json!({}))
                .done()
        };
        Ok(templates.iter().map(show).collect())
    }
}

/// A new page, or a new template of one.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PageIn {
    pub(crate) title: String,
    pub(crate) content: String,
    pub(crate) category: String,
    pub(crate) order: Option<u32>,
}

/// What to change of a page or of a template.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PagePatchIn {
    pub(crate) title: Option<String>,
    pub(crate) content: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) order: Option<u32>,
}
