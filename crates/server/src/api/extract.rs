//! Reading requests: bodies, parameters and paths, with errors that name the field.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use serde::de::DeserializeOwned;

use super::problem::{FieldError, Problem};

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let kind = kind.split(';').next().unwrap_or("").trim();
        // A form of another site can send `text/plain` without asking, but not JSON; so the type is required.
        if !kind.eq_ignore_ascii_case("application/json") {
            let detail = "send the body as JSON, with `Content-Type: application/json`";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(of_bytes)?;
        parse(&bytes).map(Self)
    }
}

/// Returns the value in a JSON text, or which field is wrong and where.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        let field = if field == "." { "body".to_owned() } else { field };
        Problem::fields(vec![FieldError { field, message: error.inner().to_string() }])
    })?;
    reader.end().map_err(|error| Problem::field("body", format!("something follows the JSON value: {error}")))?;
    Ok(value)
}

/// Says why a body could not be read.
pub(crate) fn of_bytes(rejection: BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::too_large(
            "the body is longer than this server takes: send less at once, or raise the limit in `[limits]`",
        );
    }
    Problem::new(StatusCode::BAD_REQUEST, "broken_body", "the body ended before it was complete: send it again")
}

/// Query parameters.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        axum::extract::Query::try_from_uri(&parts.uri).map(|axum::extract::Query(value)| Self(value)).map_err(
            |rejection| {
                let text = rejection.body_text();
                let said = text.rsplit_once("query string: ").map_or(text.as_str(), |(_, said)| said);
                match said.split_once(": ") {
                    Some((field, message)) if !field.contains(' ') => Problem::field(field, message),
                    _ => Problem::field("query", said),
                }
            },
        )
    }
}

/// The id in a path: what cannot be an id is of no object.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(rejection) => {
                let status = rejection.into_response().status();
                if status.is_server_error() {
                    return Err(Problem::new(
                        status,
                        "internal",
                        "the route and its handler disagree: report this as a bug",
                    ));
                }
                Err(Problem::field("path", "an id in the path is not an id of that kind"))
            }
        }
    }
}
