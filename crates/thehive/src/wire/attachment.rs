//! Files.

use serde_json::{Map, Value, json};
use vigie_model::{Attachment, AttachmentOwner};

use super::{Shape, Wire};
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::{FieldKind, QueryField};
use crate::{Fault, Visitor};

impl Wire for Attachment {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("name", "name", FieldKind::Text),
        QueryField::new("contentType", "media_type", FieldKind::Text),
        QueryField::new("size", "bytes", FieldKind::Number),
        QueryField::new("id", "sha256", FieldKind::Text),
        QueryField::new("hashes", "sha256", FieldKind::Text),
    ];

    async fn show(
        attachments: Vec<Self>,
        _door: &Door,
        _visitor: &Visitor,
        extra: &[String],
    ) -> Result<Vec<Value>, Fault> {
        Ok(attachments.iter().map(|attachment| shown(attachment, extra)).collect())
    }
}

/// Returns how clients see a file. Their `id` is what names its bytes: two files of the same bytes share it.
pub(crate) fn shown(attachment: &Attachment, extra: &[String]) -> Value {
    Shape::of(attachment.id, "Attachment", &attachment.stamp)
        .with("name", attachment.name.as_str())
        .with("hashes", json!([attachment.sha256, attachment.sha1, attachment.md5]))
        .with("size", attachment.bytes)
        .with("contentType", attachment.media_type.as_str())
        .with("id", attachment.sha256.as_str())
        .with("path", "")
        .with("external", false)
        .with("extraData", parent(attachment.owner, extra))
        .done()
}

/// Returns what a file hangs on, where that was asked for.
fn parent(owner: AttachmentOwner, extra: &[String]) -> Value {
    let (name, id) = match owner {
        AttachmentOwner::Alert(id) => ("alert", id.wire()),
        AttachmentOwner::Case(id) => ("case", id.wire()),
        AttachmentOwner::Log(id) => ("log", id.wire()),
        AttachmentOwner::Observable(id) => ("observable", id.wire()),
        AttachmentOwner::Tenant => return json!({}),
    };
    let mut data = Map::new();
    if extra.iter().any(|asked| asked == name) {
        data.insert(name.to_owned(), json!({"_id": id}));
    }
    if extra.iter().any(|asked| asked.strip_suffix("Id") == Some(name)) {
        data.insert(format!("{name}Id"), id.into());
    }
    Value::Object(data)
}
