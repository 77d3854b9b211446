//! What there is to know of a kind of object: where the source lists it, and how one of the source becomes one of ours.

use serde_json::{Value, json};
use vigie_model::{Attachment, ObjectKind, Timestamp};
use vigie_store::{Object, StoreError, Tx};

use super::naming::Place;
use super::source::SourceError;
use super::theirs::{Reading, Unread, is_id};
use super::walk::Listed;

/// What a part hangs on at the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    /// The organisation, or nothing.
    Organisation,
    Alert,
    Case,
    Task,
}

impl On {
    /// Returns what the source calls it in `extraData`: as an object, and as its id.
    pub(super) const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Organisation => &[],
            Self::Alert => &["alert", "alertId"],
            Self::Case => &["case", "caseId"],
            Self::Task => &["task", "taskId"],
        }
    }

    /// Returns the operations that list what parts hang on.
    pub(super) const fn list(self) -> &'static [&'static str] {
        match self {
            Self::Organisation => &[],
            Self::Alert => &["listAlert"],
            Self::Case => &["listCase"],
            Self::Task => &["listTask"],
        }
    }

    /// Returns the operation that begins with one of them.
    pub(super) const fn get(self) -> &'static str {
        match self {
            Self::Organisation => "getOrganisation",
            Self::Alert => "getAlert",
            Self::Case => "getCase",
            Self::Task => "getTask",
        }
    }

    /// Returns the source's id of what a part hangs on, where the part says it.
    pub(super) fn of(self, row: &Value) -> Option<&str> {
        let [object, id] = self.words() else { return None };
        let extra = row.get("extraData")?;
        // Older versions have what an observable hangs on among its links.
        let found = [extra.get(*object), extra.get("links").and_then(|links| links.get(*object))];
        let by_object = found.into_iter().flatten().find_map(|object| object.get("_id")?.as_str());
        by_object.or_else(|| extra.get(*id).and_then(Value::as_str)).filter(|id| is_id(id))
    }

    /// Says what a part hangs on, where the source was asked for the parts of one object.
    pub(super) fn say(self, row: &mut Value, id: &str) {
        let Some(object) = self.words().first() else { return };
        if let Some(fields) = row.as_object_mut() {
            let extra = fields.entry("extraData").or_insert_with(|| json!({}));
            if !extra.is_object() {
                *extra = json!({});
            }
            if let Some(extra) = extra.as_object_mut() {
                extra.insert((*object).to_owned(), json!({"_id": id}));
            }
        }
    }
}

/// An object of ours that was read and is not yet stored.
#[derive(Debug, Clone)]
pub(super) struct Draft<T> {
    /// The source's id.
    pub(super) theirs: String,
    /// When it was made, in milliseconds since 1970.
    pub(super) created: i64,
    pub(super) object: T,
    /// Its files, whose bytes are to be brought.
    pub(super) files: Vec<TheirFile>,
    pub(super) standing: Standing,
    /// What of it could not be kept.
    pub(super) left_out: Vec<Unread>,
}

/// How an object that was read stands to what is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is to be stored, or is here by its id.
    Ours,
    /// Something here has its name already, and is left as it is.
    Named,
    /// It belongs to another organisation, with which it is copied.
    Elsewhere,
    /// It cannot be stored.
    Refused(Unread),
}

/// A file at the source.
#[derive(Debug, Clone)]
pub(super) struct TheirFile {
    /// What it becomes: sizes and hashes are those that the source says.
    pub(super) attachment: Attachment,
    /// Where its bytes may be, the likeliest first.
    pub(super) paths: Vec<String>,
    /// Whether the object makes no sense without it.
    pub(super) is_all: bool,
    /// Whether it was brought just now.
    pub(super) is_new: bool,
}

impl<T> Draft<T> {
    pub(super) fn new(theirs: &str, object: T) -> Self {
        Self {
            theirs: theirs.to_owned(),
            created: i64::MAX,
            object,
            files: Vec::new(),
            standing: Standing::Ours,
            left_out: Vec::new(),
        }
    }
}

/// A kind of object.
pub(super) trait Kind: Send + Sync + 'static {
    /// What it becomes.
    type Object: Object + Clone + PartialEq;

    /// What the table calls it; also part of the mark's name, so it never changes.
    const NAME: &'static str;
    /// The operations that list it.
    const LIST: &'static [&'static str];
    /// What it hangs on.
    const ON: On = On::Organisation;
    /// What each object is to say besides what it hangs on.
    const EXTRA: &'static [&'static str] = &[];
    /// Whether it is a file itself.
    const IS_FILE: bool = false;
    /// Whether the source changes such objects.
    const IS_CHANGED: bool = true;
    /// Whether the source can only be asked for those of one object after the other.
    const IS_BY_ONE: bool = false;
    /// What the objects that they are on are to say besides, where they are asked for one after the other.
    const EXTRA_ON: &'static [&'static str] = &[];

    /// Returns what an object becomes.
    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<Self::Object>, Unread>;

    /// Returns when an object of ours was changed last.
    fn updated(object: &Self::Object) -> Option<Timestamp>;

    /// Returns whether an object is to be stored over the one that is here.
    fn is_newer(before: &Self::Object, object: &Self::Object) -> bool {
        Self::updated(object) > Self::updated(before)
    }

    /// Takes note of what a file turned out to be.
    fn bring(object: &mut Self::Object, file: &Attachment) {
        let _ = (object, file);
    }

    /// Returns an object as it is to be stored over the one that is here.
    fn over(before: &Self::Object, object: Self::Object) -> Self::Object {
        let _ = before;
        object
    }

    /// Brings the objects into line with what is here: a name or number that is taken, a case that is not here.
    fn fit(
        tx: &mut Tx,
        drafts: &mut [Draft<Self::Object>],
        place: Option<&Place>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        let _ = (tx, drafts, place);
        async { Ok(()) }
    }

    /// Brings what follows from the objects into line with those that are new or changed.
    fn after(tx: &mut Tx, stored: &[Self::Object]) -> impl Future<Output = Result<(), StoreError>> + Send {
        let _ = (tx, stored);
        async { Ok(()) }
    }

    /// Asks for what the list does not say of its objects.
    fn complete(listed: &Listed, rows: &mut [Value]) -> impl Future<Output = Result<(), SourceError>> + Send {
        let _ = (listed, rows);
        async { Ok(()) }
    }

    /// Returns those of one object, given as its list shows it.
    fn of_one(listed: &Listed, one: &Value) -> impl Future<Output = Result<Vec<Value>, SourceError>> + Send {
        let id = one.get("_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut listed = listed.clone();
        listed.operations = vec![json!({"_name": Self::ON.get(), "idOrName": id})];
        listed.operations.extend(Self::LIST.iter().skip(1).map(|name| json!({ "_name": name })));
        async move {
            let mut rows = listed.all().await?;
            for row in &mut rows {
                Self::ON.say(row, &id);
            }
            Ok(rows)
        }
    }
}

/// Returns what the audit log calls the objects of a kind.
pub(super) const fn object_kind<K: Kind>() -> ObjectKind {
    <K::Object as Object>::KIND
}
