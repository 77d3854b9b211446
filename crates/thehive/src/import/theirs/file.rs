//! Files: what the source says of them, and where their bytes are.

use serde::Deserialize;
use serde_json::Value;
use vigie_model::{Attachment, AttachmentId, AttachmentOwner, Stamp, Timestamp};

use super::{FoundOn, Reading, Unread, id_of, is_id, typed};
use crate::import::kind::{Draft, Kind, On, TheirFile};

/// A file as the source shows it, alone or within what it hangs on.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::import) struct OutputFile {
    #[serde(rename = "_id")]
    own_id: Option<String>,
    /// What names its bytes.
    id: Option<String>,
    name: String,
    hashes: Option<Vec<String>>,
    size: Option<u64>,
    content_type: Option<String>,
    #[serde(rename = "_createdBy")]
    created_by: Option<String>,
    #[serde(rename = "_createdAt")]
    created: Option<i64>,
}

impl OutputFile {
    /// Returns what its path calls it.
    pub(in crate::import) fn id(&self) -> &str {
        self.own_id.as_deref().or(self.id.as_deref()).unwrap_or_default()
    }

    /// Returns the SHA-256 that the source says it has.
    pub(in crate::import) fn sha256(&self) -> Option<&str> {
        self.hash(64).or_else(|| self.id.as_deref().filter(|id| is_hash(id, 64)))
    }

    fn hash(&self, digits: usize) -> Option<&str> {
        self.hashes.iter().flatten().map(String::as_str).find(|hash| is_hash(hash, digits))
    }
}

fn is_hash(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns what a file becomes. `theirs` is the source's id of what it hangs on: one file may hang on two objects.
pub(in crate::import) fn file_of(
    file: OutputFile,
    owner: AttachmentOwner,
    theirs: &str,
    path: String,
    reading: &Reading<'_>,
) -> Result<TheirFile, Unread> {
    let id = file.id();
    if !is_id(id) {
        return Err(Unread::new("attachment._id", "a file without an id"));
    }
    let hash = |digits| file.hash(digits).unwrap_or_default().to_ascii_lowercase();
    let attachment = Attachment {
        id: AttachmentId::derive(reading.naming.parts(&format!("{theirs} {id}"))),
        tenant: reading.found.tenant.clone(),
        owner,
        name: bare_name(&file.name),
        media_type: file.content_type.clone().filter(|kind| !kind.is_empty()).unwrap_or_else(usual_type),
        bytes: file.size.unwrap_or_default(),
        sha256: file.sha256().unwrap_or_default().to_ascii_lowercase(),
        sha1: hash(40),
        md5: hash(32),
        stamp: Stamp::new(
            file.created_by.as_deref().map(super::person).unwrap_or_default(),
            file.created.map_or(Timestamp::EPOCH, Timestamp::from_millis),
        ),
    };
    // Every file can be had from the organisation too, where the source has no path of its own for it.
    let paths = vec![path, format!("/api/v1/attachment/{id}/download")];
    Ok(TheirFile { attachment, paths, is_all: false, is_new: false })
}

fn usual_type() -> String {
    "application/octet-stream".to_owned()
}

/// Returns a file's name without folders.
fn bare_name(name: &str) -> String {
    let bare = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if bare.is_empty() { "file".to_owned() } else { bare.to_owned() }
}

/// Files of cases, or of alerts.
pub(in crate::import) struct Attachments<const ON_ALERTS: bool>;

impl<const ON_ALERTS: bool> Kind for Attachments<ON_ALERTS> {
    type Object = Attachment;
    const NAME: &'static str = if ON_ALERTS { "alert attachments" } else { "case attachments" };
    const LIST: &'static [&'static str] =
        if ON_ALERTS { &["listAlert", "attachments"] } else { &["listCase", "attachments"] };
    const ON: On = if ON_ALERTS { On::Alert } else { On::Case };
    const IS_FILE: bool = true;
    const IS_CHANGED: bool = false;

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<Attachment>, Unread> {
        let theirs = id_of(row)?.to_owned();
        let parent = Self::ON.of(row).unwrap_or_default();
        let (owner, word) = match reading.found.on {
            FoundOn::Alert(id) => (AttachmentOwner::Alert(id), "alert"),
            FoundOn::Case(id) | FoundOn::Task(_, id) => (AttachmentOwner::Case(id), "case"),
            FoundOn::Tenant => (AttachmentOwner::Tenant, ""),
        };
        let path = format!("/api/v1/{word}/{parent}/attachment/{theirs}/download");
        let mut file = file_of(typed(row)?, owner, parent, path, reading)?;
        file.is_all = true;
        Ok(Draft { files: vec![file.clone()], ..Draft::new(&theirs, file.attachment) })
    }

    fn updated(_: &Attachment) -> Option<Timestamp> {
        None
    }

    fn bring(attachment: &mut Attachment, file: &Attachment) {
        attachment.clone_from(file);
    }
}

/// Files of the organisation itself.
pub(in crate::import) struct OrganisationFiles;

impl Kind for OrganisationFiles {
    type Object = Attachment;
    const NAME: &'static str = "organisation attachments";
    const LIST: &'static [&'static str] = &["getOrganisation", "attachments"];
    const IS_FILE: bool = true;
    const IS_CHANGED: bool = false;

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<Attachment>, Unread> {
        let theirs = id_of(row)?.to_owned();
        let path = format!("/api/v1/attachment/{theirs}/download");
        let mut file = file_of(typed(row)?, AttachmentOwner::Tenant, "", path, reading)?;
        file.is_all = true;
        Ok(Draft { files: vec![file.clone()], ..Draft::new(&theirs, file.attachment) })
    }

    fn updated(_: &Attachment) -> Option<Timestamp> {
        None
    }

    fn bring(attachment: &mut Attachment, file: &Attachment) {
        attachment.clone_from(file);
    }
}
