//! Observables as clients send them, whole or in part.

use serde::Deserialize;
use serde_json::Value;
use vigie_model::Timestamp;

use super::nullable;
use super::rank::{PapIn, TlpIn};
use crate::Fault;
use crate::time::read_time;

/// A new observable, or several of the same kind.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ObservableIn {
    pub(crate) data_type: String,
    #[serde(default)]
    pub(crate) data: Option<Several<String>>,
    #[serde(default)]
    pub(crate) message: Option<String>,
    #[serde(default)]
    pub(crate) start_date: Option<Value>,
    #[serde(default)]
    pub(crate) attachment: Option<Several<FileIn>>,
    #[serde(default)]
    pub(crate) tlp: Option<TlpIn>,
    #[serde(default)]
    pub(crate) pap: Option<PapIn>,
    #[serde(default)]
    pub(crate) tags: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) ioc: Option<bool>,
    #[serde(default)]
    pub(crate) sighted: Option<bool>,
    #[serde(default)]
    pub(crate) sighted_at: Option<Value>,
    #[serde(default)]
    pub(crate) ignore_similarity: Option<bool>,
    #[serde(default)]
    pub(crate) is_zip: Option<bool>,
    #[serde(default)]
    pub(crate) zip_password: Option<String>,
}

/// One or a list of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected one or a list of them")]
pub(crate) enum Several<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> Several<T> {
    /// Returns them.
    pub(crate) fn all(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// A file of an observable.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected the name of a part of the form, or a file's id")]
pub(crate) enum FileIn {
    /// The part of the form that holds it.
    Part(String),
    /// A file that is known already.
    Known {
        /// `~` and a number, or the SHA-256 that clients see as the file's `id`.
        #[serde(alias = "_id")]
        id: String,
        #[serde(default)]
        name: Option<String>,
    },
}

impl ObservableIn {
    /// Returns when it was seen at work.
    pub(crate) fn sighted(&self, now: Timestamp) -> Result<Option<Timestamp>, Fault> {
        let at = self.sighted_at.as_ref().filter(|at| !at.is_null());
        let at = at.map(|at| read_time("sightedAt", at)).transpose()?;
        Ok(match self.sighted {
            Some(false) => None,
            Some(true) => at.or(Some(now)),
            None => at,
        })
    }

    /// Returns when it was seen.
    pub(crate) fn seen(&self, now: Timestamp) -> Result<Timestamp, Fault> {
        let date = self.start_date.as_ref().filter(|date| !date.is_null());
        date.map_or(Ok(now), |date| read_time("startDate", date))
    }
}

/// What to change of an observable.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::option_option, reason = "kept, cleared and set are three things")]
pub(crate) struct ObservablePatchIn {
    pub(crate) data_type: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub(crate) message: Option<Option<String>>,
    pub(crate) start_date: Option<Value>,
    pub(crate) tlp: Option<TlpIn>,
    pub(crate) pap: Option<PapIn>,
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) add_tags: Option<Vec<String>>,
    pub(crate) remove_tags: Option<Vec<String>>,
    pub(crate) ioc: Option<bool>,
    pub(crate) sighted: Option<bool>,
    #[serde(deserialize_with = "nullable")]
    pub(crate) sighted_at: Option<Option<Value>>,
    pub(crate) ignore_similarity: Option<bool>,
}
