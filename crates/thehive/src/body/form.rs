//! Forms: JSON in the part `_json`, and files.

use axum::body::Body;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;
use vigie_store::Uploaded;

use super::paced::{Paced, Unused};
use super::parse;
use crate::Fault;
use crate::door::Door;
use crate::route::BODY_BYTES_MAX;

/// How many parts a form has at most.
pub(crate) const PARTS_MAX: usize = 100;
/// How long a text that is no JSON may be, in bytes.
const TEXT_BYTES_MAX: usize = 64 * 1024;
/// How long the name of a file and a media type may be, in characters.
const NAME_CHARS_MAX: usize = 255;
/// How much is still read of a form that was refused, so that its sender comes to read why, in bytes.
const DRAINED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// What a file is where its sender does not say.
const BYTES: &str = "application/octet-stream";

/// A body that may have files: JSON alone, or a form with JSON in the part `_json`. The files are on disk but in no place
/// yet; those that are not kept are gone with it.
#[derive(Debug)]
pub struct Form {
    json: Option<Vec<u8>>,
    texts: Vec<(String, String)>,
    files: Vec<FormFile>,
}

/// A file of a form.
#[derive(Debug)]
pub struct FormFile {
    /// The name of its part.
    pub field: String,
    /// The file's name, without folders.
    pub name: String,
    /// Its media type as it was sent.
    pub media_type: String,
    /// Its bytes, on disk but in no place yet.
    pub uploaded: Uploaded,
}

impl Form {
    /// Returns the value of the JSON, or which field is wrong.
    pub(crate) fn value<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        let json = self.json.as_deref();
        parse(json.ok_or_else(|| Fault::field("_json", "missing: send the fields as JSON in a part of this name"))?)
    }

    /// Returns whether nothing was sent.
    pub(crate) fn is_empty(&self) -> bool {
        self.json.as_deref().is_none_or(|json| json.trim_ascii().is_empty())
    }

    /// Returns whether there is JSON.
    pub(crate) fn has_json(&self) -> bool {
        self.json.is_some()
    }

    /// Returns whether a text of this name is there and says yes.
    pub(crate) fn is_on(&self, name: &str) -> Option<bool> {
        let text = &self.texts.iter().find(|(known, _)| known == name)?.1;
        Some(matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on"))
    }

    /// Adds a file that came in another way.
    pub(crate) fn add(&mut self, file: FormFile) {
        self.files.push(file);
    }

    /// Takes the file of this part.
    pub(crate) fn take(&mut self, field: &str) -> Option<FormFile> {
        let place = self.files.iter().position(|file| file.field == field)?;
        Some(self.files.remove(place))
    }

    /// Returns all files, whatever their parts are called.
    pub fn into_files(self) -> Vec<FormFile> {
        self.files
    }

    /// Takes all files of this part.
    pub(crate) fn take_all(&mut self, field: &str) -> Vec<FormFile> {
        let (taken, rest) = std::mem::take(&mut self.files).into_iter().partition(|file| file.field == field);
        self.files = rest;
        taken
    }
}

impl FromRequest<Door> for Form {
    type Rejection = Fault;

    async fn from_request(request: Request, door: &Door) -> Result<Self, Fault> {
        let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !media_type.is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("multipart/")) {
            let bytes = axum::body::to_bytes(request.into_body(), BODY_BYTES_MAX).await;
            let bytes = bytes.map_err(|_| Fault::too_large("the body is too long or broke off: send less at once"))?;
            return Ok(Self { json: Some(bytes.into()), texts: Vec::new(), files: Vec::new() });
        }
        let (parts, body) = request.into_parts();
        let unused = Unused::default();
        let body = Body::from_stream(Paced::new(body.into_data_stream(), unused.clone()));
        let parts = Multipart::from_request(Request::from_parts(parts, body), door).await;
        let mut parts = parts.map_err(|error| Fault::bad(format!("the body is no form: {error}")))?;
        let form = read(&mut parts, door, &unused).await;
        if form.is_err() {
            drain(&mut parts, &unused).await;
        }
        form
    }
}

async fn read(parts: &mut Multipart, door: &Door, unused: &Unused) -> Result<Form, Fault> {
    let mut form = Form { json: None, texts: Vec::new(), files: Vec::new() };
    let mut count = 0;
    while let Some(part) = parts.next_field().await.map_err(|error| broken(&error, unused))? {
        unused.used();
        count += 1;
        if count > PARTS_MAX {
            return Err(Fault::too_large(format!("the form has too many parts: at most {PARTS_MAX}")));
        }
        let field = part.name().unwrap_or_default().to_owned();
        if field == "_json" {
            form.json = Some(text(part, &field, BODY_BYTES_MAX, unused).await?);
        } else if let Some(name) = part.file_name().map(bare_name) {
            let media_type = part.content_type().map_or(BYTES, |value| value);
            let media_type = media_type.chars().filter(char::is_ascii_graphic).take(NAME_CHARS_MAX).collect();
            let uploaded = file(part, door, unused).await?;
            form.files.push(FormFile { field, name, media_type, uploaded });
        } else {
            let bytes = text(part, &field, TEXT_BYTES_MAX, unused).await?;
            form.texts.push((field, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    Ok(form)
}

async fn text(mut part: Field<'_>, field: &str, bytes_max: usize, unused: &Unused) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(|error| broken(&error, unused))? {
        unused.used();
        if bytes.len() + piece.len() > bytes_max {
            let field: String = field.chars().take(80).collect();
            return Err(Fault::too_large(format!("{field}: too long: at most {bytes_max} bytes")));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

async fn file(mut part: Field<'_>, door: &Door, unused: &Unused) -> Result<Uploaded, Fault> {
    let mut upload = door.files.begin(door.house.file_bytes_max()).await?;
    while let Some(piece) = part.chunk().await.map_err(|error| broken(&error, unused))? {
        unused.used();
        upload.write(&piece).await?;
    }
    Ok(upload.finish().await?)
}

/// Reads on for a while, and throws away what comes: many clients send all they have before they read an answer.
async fn drain(parts: &mut Multipart, unused: &Unused) {
    let mut drained = 0;
    while let Ok(Some(mut part)) = parts.next_field().await {
        unused.used();
        while let Ok(Some(piece)) = part.chunk().await {
            unused.used();
            drained += piece.len();
            if drained > DRAINED_BYTES_MAX {
                return;
            }
        }
    }
}

fn broken(error: &MultipartError, unused: &Unused) -> Fault {
    if unused.is_too_much() || error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Fault::too_large("the headers of a part of the form are too long");
    }
    Fault::bad(format!("the form cannot be read, or broke off: {}", error.body_text()))
}

/// Returns a file's name without folders and control characters.
pub(crate) fn bare_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|letter| !letter.is_control()).take(NAME_CHARS_MAX).collect();
    let name = name.trim();
    if matches!(name, "" | "." | "..") { "unnamed".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_folders() {
        let long = "é".repeat(300);
        for (name, expected) in [
            ("a.txt", "a.txt"),
            ("/etc/passwd", "passwd"),
            (r"C:\temp\x.exe", "x.exe"),
            ("..", "unnamed"),
            ("a/", "unnamed"),
            ("a\r\nX: y\0", "aX: y"),
            (&long, &"é".repeat(255)),
        ] {
            assert_eq!(bare_name(name), expected, "{name:?}");
        }
    }
}
