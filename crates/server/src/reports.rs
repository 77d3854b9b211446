//! Reports: what they are made from, how a tenant's look, and making one to be kept.

use std::io::Read as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vigie_model::{
    ArchivedReport, ReportId, ReportLanguage, ReportLetter, ReportPeriod, ReportScheduleId, TenantId, Timestamp,
};
use vigie_report::{Accent, Logo, Report, Style, period_report};
use vigie_store::{FileError, Reach, Store, StoreError};

use crate::api::{Problem, period_input};
use crate::app::App;

/// How many bytes of a report are taken back from its file: far more than one has.
const REPORT_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// How a tenant's reports look and speak.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportStyle {
    /// Who makes the reports, on the title page; Vigie where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The colour of bands and headings, `#14304d`. White on it needs a contrast of 4.5 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) accent: Option<String>,
    /// The logo, a PNG or JPEG of at most 256 KiB, in Base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) logo: Option<String>,
    /// In which language reports speak where nobody says another.
    #[serde(default)]
    pub(crate) language: ReportLanguage,
}

impl ReportStyle {
    /// How many characters a name has at most.
    pub(crate) const NAME_CHARS_MAX: usize = 60;

    /// Looks at a style and returns how reports look with it.
    pub(crate) fn read(&self) -> Result<Style, Problem> {
        let name = self.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        if name.is_some_and(|name| name.chars().count() > Self::NAME_CHARS_MAX) {
            return Err(Problem::field("name", format!("expected at most {} characters", Self::NAME_CHARS_MAX)));
        }
        let accent = self.accent.as_deref().map(Accent::new).transpose();
        let accent = accent.map_err(|error| Problem::field("accent", error.to_string()))?;
        let wrong = |reason: String| Problem::field("logo", reason);
        let logo = self.logo.as_deref().map(|text| {
            let bytes = BASE64.decode(text).map_err(|error| wrong(format!("expected Base64: {error}")))?;
            Logo::new(bytes).map_err(|error| wrong(error.to_string()))
        });
        Ok(Style { brand: name.map(str::to_owned), accent: accent.unwrap_or_default(), logo: logo.transpose()? })
    }
}

pub(crate) fn style_key(tenant: &TenantId) -> String {
    format!("report/style/{tenant}")
}

/// Returns how a tenant's reports look; the usual way where nothing was said.
pub(crate) async fn style_of(store: &Store, tenant: &TenantId) -> Result<ReportStyle, StoreError> {
    let stored = store.setting(&style_key(tenant)).await?;
    Ok(stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
}

/// A report to make and keep.
pub(crate) struct Order {
    pub(crate) id: ReportId,
    pub(crate) tenant: TenantId,
    pub(crate) kind: ReportPeriod,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) language: Option<ReportLanguage>,
    pub(crate) schedule: Option<ReportScheduleId>,
    pub(crate) made_by: String,
    pub(crate) recipients: Vec<String>,
}

/// Makes a report and puts its files in their place. The caller notes it in the archive: files that nothing names go with a
/// sweep.
///
/// Whoever may see the tenant may read it, so that what is on a case that is closed to others is not in it.
pub(crate) async fn make(app: &Arc<App>, order: Order) -> Result<ArchivedReport, Problem> {
    let reach = Reach { tenants: vigie_model::TenantScope::Only(vec![order.tenant.clone()]), name: String::new() };
    let input = period_input(app, &reach, &order.tenant, (order.kind, order.from, order.to), order.language).await?;
    let (language, generated) = (input.language, input.generated);
    let drawn = tokio::task::spawn_blocking(move || {
        let report = period_report(&input);
        let (subject, text) = report.letter();
        let html = report.html().into_bytes();
        Ok((report.title().to_owned(), ReportLetter { subject, text }, html, report.pdf()?))
    });
    let drawn: Result<_, vigie_report::PdfError> = drawn.await.expect("drawing a report does not panic");
    let (title, letter, html, pdf) = drawn.map_err(|error| Problem::internal("write a PDF", &error))?;
    let (html_sha256, pdf_sha256) = (keep(app, &html).await?, keep(app, &pdf).await?);
    Ok(ArchivedReport {
        id: order.id,
        tenant: order.tenant,
        kind: order.kind,
        title,
        from: order.from,
        to: order.to,
        language,
        schedule: order.schedule,
        made_by: order.made_by,
        created: generated,
        recipients: order.recipients,
        letter,
        html_sha256,
        html_bytes: html.len() as u64,
        pdf_sha256,
        pdf_bytes: pdf.len() as u64,
    })
}

async fn keep(app: &App, bytes: &[u8]) -> Result<String, Problem> {
    let kept = async {
        let mut upload = app.files.begin(REPORT_BYTES_MAX).await?;
        upload.write(bytes).await?;
        let uploaded = upload.finish().await?;
        let sha256 = uploaded.sha256.clone();
        app.files.keep(uploaded).await?;
        Ok::<_, FileError>(sha256)
    };
    kept.await.map_err(|error| Problem::internal("keep a report", &error))
}

/// Returns the bytes of a report's file.
pub(crate) async fn read_file(app: &App, sha256: &str) -> Result<Vec<u8>, FileError> {
    let file = app.files.read(sha256).await?;
    let read = move || {
        let mut bytes = Vec::new();
        file.take(REPORT_BYTES_MAX).read_to_end(&mut bytes).map(|_| bytes)
    };
    let read = tokio::task::spawn_blocking(read).await.expect("reading a file does not panic");
    read.map_err(|source| FileError::Io { doing: "read a report", source })
}

/// Returns what a report's file is called, without its ending: `vigie-acme-weekly-2026-11-22`.
pub(crate) fn report_file_name(report: &ArchivedReport) -> String {
    file_name(report.tenant.as_str(), report.kind.as_str(), report.to)
}

/// Returns what a report's file is called, without its ending. The day is the last one in it.
pub(crate) fn file_name(tenant: &str, kind: &str, to: Timestamp) -> String {
    format!("vigie-{tenant}-{kind}-{}", Timestamp::from_micros(to.as_micros().saturating_sub(1)).day())
}

/// Draws a report off the threads that answer.
pub(crate) async fn drawn<T: Send + 'static>(
    report: impl FnOnce() -> Report + Send + 'static,
    set: impl FnOnce(&Report) -> T + Send + 'static,
) -> T {
    tokio::task::spawn_blocking(move || set(&report())).await.expect("drawing a report does not panic")
}
