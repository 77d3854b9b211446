//! What the observables of a request come to: texts, and files in hand.

use std::collections::BTreeMap;

use vigie_cases::{DATA_TYPE_CHARS_MAX, GivenType, kind_of_type};
use vigie_model::{Attachment, AttachmentId, DataType, Filter, Selection, TenantScope, Value};

use crate::body::{Form, FormFile, Limits, unzip};
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::equals;
use crate::wire::observable_in::{FileIn, ObservableIn, Several};
use crate::{Fault, Visitor};

/// How many observables one request brings.
pub(crate) const OBSERVABLES_MAX: usize = 5_000;
/// How many files an archive of files holds at most.
pub(crate) const ZIP_ENTRIES_MAX: usize = 100;
/// The password of archives of what may be malware, by custom.
const ZIP_PASSWORD: &str = "malware";
/// The part of a form that holds the file of an observable, where it names none.
const PART: &str = "attachment";

/// Observables of one kind, with what they are.
#[derive(Debug)]
pub(crate) struct Given {
    pub(super) input: ObservableIn,
    pub(super) what: What,
}

impl Given {
    /// Returns the same again, where it holds no file: a file comes in once.
    pub(crate) fn without_files(&self) -> Option<Self> {
        let What::Texts(texts) = &self.what else { return None };
        Some(Self { input: self.input.clone(), what: What::Texts(texts.clone()) })
    }
}

/// What observables are.
#[derive(Debug)]
pub(super) enum What {
    Texts(Vec<String>),
    Files(Vec<FormFile>),
    /// Files that are known already.
    Known(Vec<Attachment>),
}

/// Whether types must be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Types {
    /// They must.
    Known,
    /// Any is taken: an old feeder's alert is not to be lost for a word.
    Any,
}

/// Gathers what the observables of a request are. `place` is what errors call the list, empty where the whole body is one.
pub(crate) async fn gather(
    door: &Door,
    visitor: &Visitor,
    inputs: Vec<ObservableIn>,
    form: &mut Form,
    (place, types): (&str, Types),
) -> Result<Vec<Given>, Fault> {
    let words = inputs.iter().map(|input| input.data_type.as_str());
    let known = types_of(door, words).await?;
    let mut given = Vec::new();
    let mut count = 0;
    for (index, input) in inputs.into_iter().enumerate() {
        let at = |field: &str| if place.is_empty() { field.to_owned() } else { format!("{place}[{index}].{field}") };
        let known = known.get(&key(&input.data_type));
        if known.is_none() && types == Types::Known {
            let word: String = input.data_type.chars().take(80).collect();
            return Err(Fault::field(&at("dataType"), format!("there is no observable type `{word}`: add it first")));
        }
        let what = if known.is_some_and(|known| known.holds_file) {
            files(door, visitor, &input, form, &at).await?
        } else {
            if input.attachment.is_some() {
                return Err(Fault::field(&at("attachment"), "only observables of a type such as file have one"));
            }
            let texts = input.data.as_ref().map(|data| data.all().to_vec()).unwrap_or_default();
            if texts.is_empty() {
                return Err(Fault::field(&at("data"), "missing: give a value or a list of them"));
            }
            What::Texts(texts)
        };
        count += what.len();
        if count > OBSERVABLES_MAX {
            return Err(Fault::too_large(format!("too many observables: at most {OBSERVABLES_MAX} at once")));
        }
        given.push(Given { input, what });
    }
    Ok(given)
}

impl What {
    fn len(&self) -> usize {
        match self {
            Self::Texts(texts) => texts.len(),
            Self::Files(files) => files.len(),
            Self::Known(files) => files.len(),
        }
    }
}

async fn files(
    door: &Door,
    visitor: &Visitor,
    input: &ObservableIn,
    form: &mut Form,
    at: &impl Fn(&str) -> String,
) -> Result<What, Fault> {
    let mut files = Vec::new();
    let mut known = Vec::new();
    for file in input.attachment.iter().flat_map(Several::all) {
        match file {
            FileIn::Part(part) => files.push(form.take(part).ok_or_else(|| {
                let part: String = part.chars().take(80).collect();
                Fault::field(&at("attachment"), format!("the form has no part `{part}` with a file, or it was used"))
            })?),
            FileIn::Known { id, name } => known.push(known_file(door, visitor, id, name.as_deref()).await?),
        }
    }
    if files.is_empty() && known.is_empty() {
        files = form.take_all(PART);
    }
    if files.is_empty() && known.is_empty() {
        return Err(Fault::field(&at("attachment"), "missing: send the file in a part of this name"));
    }
    if !files.is_empty() && !known.is_empty() {
        return Err(Fault::field(&at("attachment"), "either new files or known ones: make two observables"));
    }
    if input.is_zip != Some(true) {
        return Ok(if known.is_empty() { What::Files(files) } else { What::Known(known) });
    }
    let mut unpacked = Vec::new();
    for archive in files {
        let limits = Limits {
            field: "attachment",
            password: "zipPassword",
            entries_max: ZIP_ENTRIES_MAX,
            bytes_max: door.house.file_bytes_max(),
        };
        let password = input.zip_password.clone().unwrap_or_else(|| ZIP_PASSWORD.to_owned());
        unpacked.extend(unzip(door, archive, password, limits).await?);
    }
    if unpacked.is_empty() {
        return Err(Fault::field(&at("isZip"), "only a file that is sent with the request can be unpacked"));
    }
    Ok(What::Files(unpacked))
}

/// Returns a file that the visitor may see, by its own id or that of its bytes.
async fn known_file(door: &Door, visitor: &Visitor, id: &str, name: Option<&str>) -> Result<Attachment, Fault> {
    let filter = match AttachmentId::read(id) {
        Some(id) => equals("id", id.to_string()),
        None => equals("sha256", id),
    };
    let found: Vec<Attachment> = door.store.select(&visitor.scope, &Selection::of(filter, 1)).await?;
    let found = found.into_iter().next().ok_or_else(|| Fault::not_found(AttachmentId::KIND, id))?;
    Ok(Attachment { name: name.map_or_else(|| found.name.clone(), crate::body::bare_name), ..found })
}

/// Returns what is known of these types, by [`key`].
pub(super) async fn types_of<'a>(
    door: &Door,
    words: impl Iterator<Item = &'a str>,
) -> Result<BTreeMap<String, GivenType>, Fault> {
    let mut types = BTreeMap::new();
    let mut asked = Vec::new();
    for word in words.filter(|word| word.chars().nth(DATA_TYPE_CHARS_MAX).is_none()) {
        if kind_of_type(word).1.is_some() {
            asked.push(Value::Text(key(word)));
        } else {
            let holds_file = key(word) == "file";
            types.insert(key(word), GivenType { word: word.to_owned(), holds_file });
        }
    }
    if !asked.is_empty() {
        let limit = asked.len() as u64;
        let filter = Filter::OneOf { name: "name".to_owned(), values: asked };
        let found: Vec<DataType> = door.store.select(&TenantScope::All, &Selection::of(filter, limit)).await?;
        types.extend(
            found
                .into_iter()
                .map(|found| (key(&found.name), GivenType { word: found.name, holds_file: found.is_attachment })),
        );
    }
    Ok(types)
}

/// Returns what tells types apart.
pub(super) fn key(word: &str) -> String {
    word.trim().to_ascii_lowercase()
}
