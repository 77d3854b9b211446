//! Decompression that a bomb cannot use.

use std::io::{self, Read};

use bytes::Bytes;

/// How large a body may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimits {
    /// Bytes after decompression.
    pub decoded_bytes_max: usize,
}

impl BodyLimits {
    /// How large a body may be after decompression where nothing else is said: 64 MiB.
    pub const DECODED_BYTES_MAX: usize = 64 * 1024 * 1024;
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self { decoded_bytes_max: Self::DECODED_BYTES_MAX }
    }
}

/// A body that cannot be decompressed.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Larger than the limit once decompressed.
    #[error("the body is larger than {limit} bytes once decompressed: send it in parts")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The compressed stream stops before its end.
    #[error("the {encoding} stream is truncated after {decoded} decompressed bytes")]
    Truncated {
        /// The encoding.
        encoding: &'static str,
        /// How much came out of it.
        decoded: usize,
    },
    /// The compressed stream is damaged.
    #[error("the {encoding} stream is damaged after {decoded} decompressed bytes")]
    Damaged {
        /// The encoding.
        encoding: &'static str,
        /// How much came out of it.
        decoded: usize,
        /// What the decompressor said.
        #[source]
        source: io::Error,
    },
    /// An encoding that we do not read.
    #[error("the content encoding `{0}` is not known: use gzip, zstd or none")]
    UnknownEncoding(String),
}

/// Returns the decompressed body. `encoding` is a `Content-Encoding` (RFC 9110, section 8.4): `gzip`, `zstd`, `identity` or
/// none. Several gzip members or zstd frames one after the other are one body, as both formats say.
///
/// # Errors
/// Fails on an unknown encoding, on a damaged or truncated stream, and when more than the limit comes out: memory never
/// grows past the limit, however far the stream would go.
pub fn decode_body(body: Bytes, encoding: Option<&str>, limits: &BodyLimits) -> Result<Bytes, DecodeError> {
    let limit = limits.decoded_bytes_max;
    match encoding.map(|text| text.trim().to_ascii_lowercase()).as_deref() {
        None | Some("" | "identity") if body.len() > limit => Err(DecodeError::TooLarge { limit }),
        None | Some("" | "identity") => Ok(body),
        Some("gzip" | "x-gzip") => read_limited(flate2::bufread::MultiGzDecoder::new(&body[..]), "gzip", limit),
        Some("zstd") => {
            let decoder = zstd::stream::read::Decoder::with_buffer(&body[..])
                .map_err(|source| DecodeError::Damaged { encoding: "zstd", decoded: 0, source })?;
            read_limited(decoder, "zstd", limit)
        }
        Some(other) => Err(DecodeError::UnknownEncoding(other.chars().take(40).collect())),
    }
}

fn read_limited(mut reader: impl Read, encoding: &'static str, limit: usize) -> Result<Bytes, DecodeError> {
    let mut decoded = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => return Ok(decoded.into()),
            Ok(read) if decoded.len() + read > limit => return Err(DecodeError::TooLarge { limit }),
            Ok(read) => decoded.extend_from_slice(&chunk[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(DecodeError::Truncated { encoding, decoded: decoded.len() });
            }
            Err(source) => return Err(DecodeError::Damaged { encoding, decoded: decoded.len(), source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[track_caller]
    fn check(body: Vec<u8>, encoding: &str, limit: usize, expected: Result<&[u8], &str>) {
        let limits = BodyLimits { decoded_bytes_max: limit };
        let decoded = decode_body(body.into(), Some(encoding), &limits);
        match (decoded, expected) {
            (Ok(decoded), Ok(expected)) => assert_eq!(decoded, expected),
            (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{error}"),
            (decoded, expected) => panic!("{decoded:?} is not {expected:?}"),
        }
    }

    #[test]
    fn known_encodings() {
        check(b"abc".to_vec(), "identity", 3, Ok(b"abc"));
        check(b"abc".to_vec(), "", 2, Err("larger than 2 bytes"));
        check(gzip(b"abc"), "gzip", 3, Ok(b"abc"));
        check([gzip(b"abc"), gzip(b"def")].concat(), "GZIP", 10, Ok(b"abcdef"));
        check(zstd::encode_all(&b"abc"[..], 1).unwrap(), "zstd", 3, Ok(b"abc"));
        check(b"abc".to_vec(), "br", 10, Err("`br` is not known"));
    }

    #[test]
    fn truncated_and_damaged_streams_say_so() {
        let text = "a log line\n".repeat(5_000);
        let whole = gzip(text.as_bytes());
        check(whole[..whole.len() / 2].to_vec(), "gzip", usize::MAX, Err("gzip stream is truncated"));
        check(whole[..whole.len() - 1].to_vec(), "gzip", usize::MAX, Err("gzip stream is truncated"));
        check(b"not gzip at all".to_vec(), "gzip", 100, Err("gzip stream is damaged"));
        let whole = zstd::encode_all(text.as_bytes(), 1).unwrap();
        check(whole[..whole.len() / 2].to_vec(), "zstd", usize::MAX, Err("zstd stream is truncated"));
        check(b"not zstd at all".to_vec(), "zstd", 100, Err("zstd stream is damaged"));
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let zeros = vec![0; 32 * 1024 * 1024];
        check(gzip(&zeros), "gzip", 1024 * 1024, Err("larger than 1048576 bytes"));
        check(zstd::encode_all(&zeros[..], 1).unwrap(), "zstd", 1024 * 1024, Err("larger than 1048576 bytes"));
    }
}
