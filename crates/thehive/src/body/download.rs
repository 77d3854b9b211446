//! Files as downloads: whatever they hold, a browser neither shows nor runs them.

use std::fs::File;
use std::io::{self, Write};

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::sync::mpsc;
use tokio_util::io::ReaderStream;
use vigie_model::Attachment;
use zip::unstable::write::FileOptionsExt as _;
use zip::write::SimpleFileOptions;

use crate::Fault;
use crate::door::Door;

/// The password of archives of what may be malware, by custom.
const ZIP_PASSWORD: &[u8] = b"malware";
/// How many pieces of an archive wait to be sent.
const PIECES_MAX: usize = 4;
/// How long a piece is, in bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// Returns the answer that is this file: a download, whatever it holds.
///
/// # Errors
/// A fault where its bytes are gone or cannot be read.
pub async fn download(door: &Door, attachment: &Attachment) -> Result<Response, Fault> {
    let file = door.files.read(&attachment.sha256).await?;
    let body = Body::from_stream(ReaderStream::with_capacity(tokio::fs::File::from_std(file), PIECE_BYTES));
    let length = [(header::CONTENT_LENGTH, attachment.bytes.to_string())];
    Ok((length, headers(&attachment.name), body).into_response())
}

/// Returns the answer that is an archive of this file with the password `malware`, in the old encryption, which every
/// program can open.
pub(crate) async fn as_zip(door: &Door, attachment: &Attachment) -> Result<Response, Fault> {
    let file = door.files.read(&attachment.sha256).await?;
    let name = attachment.name.clone();
    Ok(stream_archive(&format!("{}.zip", attachment.name), move |archive| write_zip(file, &name, archive)))
}

fn write_zip(mut file: File, name: &str, archive: &mut Archive) -> io::Result<()> {
    let options = SimpleFileOptions::default().large_file(file.metadata()?.len() >= u64::from(u32::MAX));
    let options = options.with_deprecated_encryption(ZIP_PASSWORD).map_err(io::Error::other)?;
    archive.start_file(name, options).map_err(io::Error::other)?;
    io::copy(&mut file, archive)?;
    Ok(())
}

/// An archive that is sent while it is written.
pub(crate) type Archive = zip::ZipWriter<zip::write::StreamWriter<Pieces>>;

/// Returns the answer that is an archive of this name. It is written on a thread of its own while it is sent.
pub(crate) fn stream_archive(
    name: &str,
    write: impl FnOnce(&mut Archive) -> io::Result<()> + Send + 'static,
) -> Response {
    let (sender, receiver) = mpsc::channel(PIECES_MAX);
    tokio::task::spawn_blocking(move || {
        let mut archive = zip::ZipWriter::new_stream(Pieces { sender: sender.clone(), piece: Vec::new() });
        let written = write(&mut archive).and_then(|()| archive.finish().map_err(io::Error::other));
        if let Err(error) = written.and_then(|pieces| pieces.into_inner().flush()) {
            // The answer breaks off, so that nobody takes it for whole. Where the client has gone, nobody is told.
            drop(sender.blocking_send(Err(error)));
        }
    });
    let pieces = stream::unfold(receiver, async |mut receiver| receiver.recv().await.map(|piece| (piece, receiver)));
    (headers(name), Body::from_stream(pieces)).into_response()
}

fn headers(name: &str) -> [(header::HeaderName, String); 4] {
    [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", percent_encoded(name))),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
    ]
}

/// Returns a name as RFC 8187 wants it in a header.
fn percent_encoded(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&hex::encode_upper([byte]));
        }
    }
    encoded
}

/// Sends what is written, piece by piece.
pub(crate) struct Pieces {
    sender: mpsc::Sender<io::Result<Bytes>>,
    piece: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}

impl Pieces {
    fn send(&mut self) -> io::Result<()> {
        let piece = Bytes::from(std::mem::take(&mut self.piece));
        self.sender.blocking_send(Ok(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_headers() {
        assert_eq!(percent_encoded("a b\"\r\né.txt"), "a%20b%22%0D%0A%C3%A9.txt");
    }
}
