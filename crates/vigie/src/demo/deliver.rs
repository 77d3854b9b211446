//! Sends the scenario's records through the real doors: a syslog connection, files that are tailed, the HTTP API.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::scenario::{Beat, Door, FLOW_HEADER};
use crate::client::{Client, ClientError};

/// Records in one HTTP batch.
const BATCH_RECORDS_MAX: usize = 500;

/// Why a record could not be delivered.
#[derive(Debug, thiserror::Error)]
pub(super) enum DeliverError {
    /// The syslog connection.
    #[error("send syslog to {to}")]
    Syslog {
        /// The listener.
        to: SocketAddr,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// A file that is tailed.
    #[error("append to {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// The HTTP API.
    #[error("send {source_name} records")]
    Http {
        /// The source.
        source_name: &'static str,
        /// What went wrong.
        #[source]
        source: ClientError,
    },
    /// Compression in memory.
    #[error("compress a batch")]
    Compress(#[source] io::Error),
}

/// The doors of one demo server.
pub(super) struct Doors {
    client: Client,
    syslog_address: SocketAddr,
    syslog: TcpStream,
    access_log: (PathBuf, File),
    eve: (PathBuf, File),
    batches: u64,
    run: String,
}

impl Doors {
    /// Opens them. `run` makes the names of HTTP batches unlike those of other runs.
    pub(super) fn open(
        client: Client,
        syslog: SocketAddr,
        files: &TailedFiles,
        run: &str,
    ) -> Result<Self, DeliverError> {
        let connection = TcpStream::connect(syslog).map_err(|source| DeliverError::Syslog { to: syslog, source })?;
        Ok(Self {
            client,
            syslog_address: syslog,
            syslog: connection,
            access_log: (files.access_log.clone(), append(&files.access_log)?),
            eve: (files.eve.clone(), append(&files.eve)?),
            batches: 0,
            run: run.to_owned(),
        })
    }

    /// Sends records, each through its own door, in their order for each door.
    pub(super) fn send(&mut self, beats: &[Beat]) -> Result<(), DeliverError> {
        let through = |door: Door| -> Vec<&str> {
            beats.iter().filter(|beat| beat.door == door).map(|beat| beat.record.as_str()).collect()
        };
        self.syslog(&through(Door::Syslog))?;
        write_lines(&mut self.access_log, &through(Door::AccessLog))?;
        write_lines(&mut self.eve, &through(Door::EveFile))?;
        for (source, kind, body) in bodies(beats) {
            self.post(source, kind, &body)?;
        }
        Ok(())
    }

    fn syslog(&mut self, lines: &[&str]) -> Result<(), DeliverError> {
        let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
        let sent = self.syslog.write_all(text.as_bytes()).and_then(|()| self.syslog.flush());
        sent.map_err(|source| DeliverError::Syslog { to: self.syslog_address, source })
    }

    fn post(&mut self, source_name: &'static str, kind: &str, body: &str) -> Result<(), DeliverError> {
        self.batches += 1;
        let batch = format!("demo-{}-{}", self.run, self.batches);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body.as_bytes()).map_err(DeliverError::Compress)?;
        let body = encoder.finish().map_err(DeliverError::Compress)?;
        let headers = [("Content-Type", kind), ("Content-Encoding", "gzip"), ("X-Vigie-Batch-Id", batch.as_str())];
        self.client
            .post_bytes(&format!("/api/v1/ingest/{source_name}"), &headers, &body)
            .map(drop)
            .map_err(|source| DeliverError::Http { source_name, source })
    }
}

/// Returns what is posted over HTTP: source, media type and body.
pub(super) fn bodies(beats: &[Beat]) -> Vec<(&'static str, &'static str, String)> {
    let through = |door: Door| -> Vec<&str> {
        beats.iter().filter(|beat| beat.door == door).map(|beat| beat.record.as_str()).collect()
    };
    let mut bodies = Vec::new();
    for records in through(Door::FlowLog).chunks(BATCH_RECORDS_MAX) {
        bodies.push(("vpc_flow", "text/plain", format!("{FLOW_HEADER}\n{}\n", records.join("\n"))));
    }
    for records in through(Door::CloudTrail).chunks(BATCH_RECORDS_MAX) {
        bodies.push(("cloudtrail", "application/json", format!("{{\"Records\":[{}]}}", records.join(","))));
    }
    for records in through(Door::Windows).chunks(BATCH_RECORDS_MAX) {
        bodies.push(("windows_event", "application/x-ndjson", records.join("\n")));
    }
    for record in through(Door::GuardDuty) {
        bodies.push(("guardduty", "application/json", record.to_owned()));
    }
    bodies
}

/// The files that the demo server tails.
#[derive(Debug, Clone)]
pub(super) struct TailedFiles {
    /// The web server's access log.
    pub access_log: PathBuf,
    /// Suricata's events.
    pub eve: PathBuf,
}

impl TailedFiles {
    /// Makes them, empty, in a folder.
    pub(super) fn create(folder: &Path) -> Result<Self, DeliverError> {
        let files = Self { access_log: folder.join("access.log"), eve: folder.join("eve.json") };
        append(&files.access_log)?;
        append(&files.eve)?;
        Ok(files)
    }
}

fn append(path: &Path) -> Result<File, DeliverError> {
    let opened = OpenOptions::new().create(true).append(true).open(path);
    opened.map_err(|source| DeliverError::File { path: path.to_owned(), source })
}

fn write_lines((path, file): &mut (PathBuf, File), lines: &[&str]) -> Result<(), DeliverError> {
    let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    file.write_all(text.as_bytes()).map_err(|source| DeliverError::File { path: path.clone(), source })
}
