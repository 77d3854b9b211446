//! The TheHive that is read: its HTTP API, asked patiently.
//!
//! Questions go out on threads of their own, since the client blocks. A question only reads, so it may be asked again: where
//! the connection broke off, and where the source is busy (429) or fails (5xx), it is, each time after a longer wait.

mod address;
mod call;
mod credentials;
mod error;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Handle;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use vigie_store::{FileError, Files, Uploaded};

use address::Address;
use call::{Broken, Question};

pub use call::Patience;
pub use credentials::Credentials;
pub use error::SourceError;

/// How long a connection may take.
const CONNECT_MAX: Duration = Duration::from_secs(15);
/// How long the source may think about a question, and may pause within an answer.
const SILENCE_MAX: Duration = Duration::from_mins(3);
/// How much of a file is read at once, in bytes.
const CHUNK_BYTES: usize = 64 * 1024;

/// How to reach the source.
#[derive(Debug, Clone)]
pub struct SourceSettings {
    /// Its address, such as `https://thehive.example`.
    pub url: String,
    /// Who we are there.
    pub credentials: Credentials,
    /// The certificates to trust instead of the public ones, as PEM.
    pub certificates: Option<Vec<u8>>,
    /// What it is called in ids and marks; `None` for its address. Give the old one where the address has changed.
    pub name: Option<String>,
    /// How often a question is asked.
    pub patience: Patience,
}

/// The TheHive that is read. Cheap to clone.
#[derive(Clone)]
pub struct Source {
    inner: Arc<Inner>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.inner.address.base).finish()
    }
}

struct Inner {
    address: Address,
    name: String,
    authorization: String,
    agent: Agent,
    patience: Patience,
}

impl Source {
    /// Returns the source; nothing is asked yet.
    ///
    /// # Errors
    /// [`SourceError::Address`], [`SourceError::Credentials`], [`SourceError::NoCertificates`].
    pub fn new(settings: &SourceSettings) -> Result<Self, SourceError> {
        let address = Address::parse(&settings.url)?;
        let authorization = settings.credentials.header().ok_or(SourceError::Credentials)?;
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            // A key is sent to nobody but whom it is meant for.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT_MAX))
            .timeout_recv_response(Some(SILENCE_MAX))
            .timeout_per_read(Some(SILENCE_MAX));
        if let Some(pem) = &settings.certificates {
            let roots = RootCerts::new_with_certs(&certificates(pem)?);
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        let name = settings.name.clone().unwrap_or_else(|| address.name.clone());
        let agent = config.build().new_agent();
        Ok(Self { inner: Arc::new(Inner { address, name, authorization, agent, patience: settings.patience }) })
    }

    /// Returns what it is called in ids and marks.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Returns whether whoever is on the way can read the key: it goes to another host without TLS.
    pub fn is_open(&self) -> bool {
        self.inner.address.is_open
    }

    /// Returns the time there, in milliseconds since 1970, or `None` where it does not say.
    pub(super) async fn time(&self) -> Result<Option<i64>, SourceError> {
        let question =
            Question { what: "status".to_owned(), organisation: None, path: "/api/status".to_owned(), body: None };
        let inner = Arc::clone(&self.inner);
        blocking(move || inner.time(&question)).await
    }

    /// Returns the answer to a query: the operations as TheHive's query language writes them.
    pub(super) async fn query(
        &self,
        organisation: Option<&str>,
        what: &str,
        operations: &[Value],
    ) -> Result<Value, SourceError> {
        self.ask(organisation, what, "/api/v1/query?name=vigie-import", Some(json!({ "query": operations }))).await
    }

    /// Returns the answer to a `GET`.
    pub(super) async fn get(&self, organisation: Option<&str>, what: &str, path: &str) -> Result<Value, SourceError> {
        self.ask(organisation, what, path, None).await
    }

    async fn ask(
        &self,
        organisation: Option<&str>,
        what: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, SourceError> {
        let organisation = organisation.map(str::to_owned);
        let question = Question { what: what.to_owned(), organisation, path: path.to_owned(), body };
        let inner = Arc::clone(&self.inner);
        blocking(move || {
            let bytes = inner.bytes(&question)?;
            serde_json::from_slice(&bytes).map_err(|error| question.wrong(format!("no JSON ({error})")))
        })
        .await
    }

    /// Brings a file in. It is whole when this returns, and in a temporary place: see [`Files::keep`].
    pub(super) async fn download(
        &self,
        organisation: Option<&str>,
        what: &str,
        path: &str,
        files: &Files,
        bytes_max: u64,
    ) -> Result<Uploaded, DownloadError> {
        let organisation = organisation.map(str::to_owned);
        let question = Question { what: what.to_owned(), organisation, path: path.to_owned(), body: None };
        let (inner, files, runtime) = (Arc::clone(&self.inner), files.clone(), Handle::current());
        blocking(move || {
            let taken = inner.stream(&question, |reader| {
                let mut upload = runtime.block_on(files.begin(bytes_max)).map_err(Broken::Store)?;
                let mut chunk = vec![0; CHUNK_BYTES];
                loop {
                    let read = reader.read(&mut chunk).map_err(Broken::Off)?;
                    if read == 0 {
                        break;
                    }
                    runtime.block_on(upload.write(&chunk[..read])).map_err(Broken::Store)?;
                }
                runtime.block_on(upload.finish()).map_err(Broken::Store)
            });
            taken.map_err(|broken| match broken {
                Broken::Store(error) => DownloadError::Store(error),
                Broken::Source(error) => DownloadError::Source(error),
                Broken::Off(error) => DownloadError::Source(question.wrong(error.to_string())),
            })
        })
        .await
    }
}

/// A file that did not come in.
#[derive(Debug, thiserror::Error)]
pub(super) enum DownloadError {
    /// The source does not give it.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// It cannot be stored.
    #[error(transparent)]
    Store(#[from] FileError),
}

/// Returns the certificates in a PEM text.
fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, SourceError> {
    let found: Vec<Certificate<'static>> = parse_pem(pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() { Err(SourceError::NoCertificates) } else { Ok(found) }
}

/// Runs what blocks beside the tasks that do not.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
