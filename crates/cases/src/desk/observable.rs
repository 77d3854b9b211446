//! Observables that people and feeders put on alerts and cases.

use vigie_model::{AttachmentId, EntityRole, Observable, ObservableKind, Pap, Parent, Stamp, TenantId, Timestamp, Tlp};

use crate::ChangeError;
use crate::change::{PROSE_MAX, said, short, tags_of};
use crate::extract::{VALUE_CHARS_MAX, canonical};
use crate::links::Warnings;

/// How long the name of a type may be, in characters.
pub const DATA_TYPE_CHARS_MAX: usize = 64;

/// What an observable is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObservableValue {
    /// A text.
    Text(String),
    /// A file.
    File {
        /// Its name.
        name: String,
        /// SHA-256 of its bytes.
        sha256: String,
        /// Where its bytes are.
        attachment: AttachmentId,
    },
}

/// What an observable is made of.
#[derive(Debug, Clone)]
pub struct NewObservable {
    /// The alert or case that it is on.
    pub on: Parent,
    /// Whose that is.
    pub tenant: TenantId,
    /// What people call its type.
    pub data_type: String,
    /// What it is.
    pub value: ObservableValue,
    /// With whom it may be shared.
    pub tlp: Tlp,
    /// What may be done with it.
    pub pap: Pap,
    /// Free words.
    pub tags: Vec<String>,
    /// What is known of it, in words.
    pub message: Option<String>,
    /// Whether it is an indicator of compromise.
    pub ioc: bool,
    /// When somebody has seen it at work, where somebody has.
    pub sighted: Option<Timestamp>,
    /// Whether it does not count when likeness is looked for.
    pub unlike: bool,
    /// When it was seen.
    pub seen: Timestamp,
    /// Who puts it there.
    pub by: String,
    /// When.
    pub now: Timestamp,
}

/// A type, as people call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenType {
    /// Its name.
    pub word: String,
    /// Whether what is of it is a file.
    pub holds_file: bool,
}

/// Returns the kind that people call so, and their own word where none of ours says it all.
pub fn kind_of_type(word: &str) -> (ObservableKind, Option<String>) {
    let word = word.trim().to_ascii_lowercase();
    let kind = match word.as_str() {
        "hostname" | "host" => ObservableKind::Host,
        "user-agent" | "user_agent" => ObservableKind::UserAgent,
        "filename" | "file" => ObservableKind::File,
        "fqdn" => return (ObservableKind::Domain, Some(word)),
        other => match other.parse() {
            Ok(kind) => kind,
            Err(_) => return (ObservableKind::Other, Some(word)),
        },
    };
    (kind, None)
}

/// Returns what people call the type of an observable.
pub fn type_word(observable: &Observable) -> &str {
    match (&observable.data_type, observable.kind) {
        (Some(word), _) => word,
        (None, ObservableKind::File) if observable.attachment.is_none() => "filename",
        (None, ObservableKind::Host) => "hostname",
        (None, ObservableKind::UserAgent) => "user-agent",
        (None, kind) => kind.as_str(),
    }
}

/// Returns a new observable, its value in the canonical form of its kind.
pub fn new_observable(new: NewObservable, warnings: Warnings<'_>) -> Result<Observable, ChangeError> {
    let value = match new.value {
        ObservableValue::Text(text) => ObservableValue::Text(said("data", &text, VALUE_CHARS_MAX)?),
        file @ ObservableValue::File { .. } => file,
    };
    let checked = NewObservable {
        data_type: said("dataType", &new.data_type, DATA_TYPE_CHARS_MAX)?,
        value,
        tags: tags_of(&new.tags)?,
        message: new.message.map(|text| short("message", &text, PROSE_MAX)).transpose()?,
        ..new
    };
    Ok(bare_observable(checked, warnings))
}

/// Returns the observable that is made of what was checked or is to be taken as it is.
pub(super) fn bare_observable(new: NewObservable, warnings: Warnings<'_>) -> Observable {
    let (kind, data_type) = kind_of_type(&new.data_type);
    let (value, named_by, attachment) = match new.value {
        ObservableValue::Text(text) => {
            let value = canonical(kind, &text);
            (value.clone(), value, None)
        }
        ObservableValue::File { name, sha256, attachment } => {
            let named_by = format!("{sha256} {name}");
            (name, named_by, Some(attachment))
        }
    };
    let word = data_type.clone().unwrap_or_else(|| kind.as_str().to_owned());
    Observable {
        id: Observable::id_of(new.on, &word, &named_by),
        tenant: new.tenant,
        on: new.on,
        kind,
        data_type,
        warning: attachment.is_none().then(|| warnings(kind, &value)).flatten(),
        value,
        attachment,
        role: EntityRole::Related,
        ioc: new.ioc,
        context: Vec::new(),
        tlp: new.tlp,
        pap: new.pap,
        tags: new.tags,
        message: new.message,
        sighted: new.sighted,
        unlike: new.unlike,
        first_seen: new.seen,
        last_seen: new.seen,
        stamp: Some(Stamp::new(new.by, new.now)),
    }
}

/// What to change of an observable; `None` leaves it as it is, and `Some(None)` takes it away.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the observable")]
pub struct ObservablePatch {
    pub data_type: Option<GivenType>,
    pub message: Option<Option<String>>,
    pub tlp: Option<Tlp>,
    pub pap: Option<Pap>,
    pub tags: Option<Vec<String>>,
    pub add_tags: Vec<String>,
    pub remove_tags: Vec<String>,
    pub ioc: Option<bool>,
    pub sighted: Option<bool>,
    pub sighted_at: Option<Option<Timestamp>>,
    pub unlike: Option<bool>,
    pub seen: Option<Timestamp>,
}

/// Changes an observable. Where nothing changes, it comes back as it was. Its value stays, whatever its type becomes.
pub fn patch_observable(
    before: &Observable,
    patch: &ObservablePatch,
    by: &str,
    now: Timestamp,
) -> Result<Observable, ChangeError> {
    let mut observable = before.clone();
    if let Some(GivenType { word, holds_file }) = &patch.data_type {
        let word = said("dataType", word, DATA_TYPE_CHARS_MAX)?;
        if before.attachment.is_some() != *holds_file {
            return Err(ChangeError::FileType);
        }
        (observable.kind, observable.data_type) = kind_of_type(&word);
    }
    if let Some(message) = &patch.message {
        observable.message = message.as_deref().map(|text| short("message", text, PROSE_MAX)).transpose()?;
    }
    observable.tlp = patch.tlp.unwrap_or(observable.tlp);
    observable.pap = patch.pap.unwrap_or(observable.pap);
    if patch.tags.is_some() || !patch.add_tags.is_empty() || !patch.remove_tags.is_empty() {
        let mut tags = patch.tags.clone().unwrap_or(observable.tags);
        tags.extend(patch.add_tags.iter().cloned());
        tags.retain(|tag| !patch.remove_tags.contains(tag));
        observable.tags = tags_of(&tags)?;
    }
    observable.ioc = patch.ioc.unwrap_or(observable.ioc);
    observable.unlike = patch.unlike.unwrap_or(observable.unlike);
    if let Some(seen) = patch.seen {
        observable.first_seen = seen;
        observable.last_seen = observable.last_seen.max(seen);
    }
    observable.sighted = match (patch.sighted, patch.sighted_at) {
        (Some(false), _) | (None, Some(None)) => None,
        (_, Some(Some(time))) => Some(time),
        (Some(true), _) => observable.sighted.or(Some(now)),
        (None, None) => observable.sighted,
    };
    if observable != *before {
        let stamp = before.stamp.clone().unwrap_or_else(|| Stamp::new("", before.first_seen));
        observable.stamp = Some(stamp.changed(by, now));
    }
    Ok(observable)
}
