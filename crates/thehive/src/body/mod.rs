//! Bodies: JSON, with errors that name the field; forms with files; files as downloads.

mod download;
mod form;
mod paced;
mod unzip;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use crate::Fault;

pub use download::download;
pub(crate) use download::{Archive, as_zip, stream_archive};
pub(crate) use form::bare_name;
pub use form::{Form, FormFile};
pub(crate) use unzip::{Limits, unzip};

/// A JSON body. Its media type is not asked for: old feeders send none.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Fault;
    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|_| Fault::too_large("the body is too long or broke off: send less at once"))?;
        parse(&bytes).map(Self)
    }
}

/// Returns the value in a JSON text, or which field is wrong and where.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        // serde_json stops at 128 levels; its words say nothing of how many are taken.
        if error.inner().to_string().starts_with("recursion limit") {
            return Fault::bad("the body is nested too deep: at most 127 levels");
        }
        let field = error.path().to_string();
        let field = if field == "." { "body" } else { &field };
        Fault::field(field, error.inner())
    })
}
