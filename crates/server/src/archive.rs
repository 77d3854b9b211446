//! The archive: events of the data folder as files for others. It needs no server, and does not disturb one.

use std::path::Path;

pub use vigie_events::{
    ExportError, ExportFormat, ExportRequest, Exported, SearchSyntaxError, parse_search as parse_event_search,
};

use crate::Config;
use crate::serve::events_folder;

/// Writes events of the data folder to a file; see [`vigie_events::export`]. `progress` is told how many are written.
pub fn export_events(
    config: &Config,
    request: &ExportRequest,
    format: ExportFormat,
    output: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<Exported, ExportError> {
    vigie_events::export(&events_folder(config), request, format, output, progress)
}

/// Returns how many events [`export_events`] would write.
pub fn count_events(config: &Config, request: &ExportRequest) -> Result<u64, ExportError> {
    vigie_events::count_export(&events_folder(config), request)
}
