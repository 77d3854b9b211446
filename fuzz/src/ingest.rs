//! Bytes from the network and from files: framing, bodies, sources.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use vigie_ingest::{
    BatchName, BodyLimits, Deframer, FAULTS_MAX, Frame, Normalised, RECORD_BYTES_MAX, RECORDS_MAX, Source, Sources,
};
use vigie_model::{BatchContext, DeadLetter, Logsource, Position, Record, SourceName};

use crate::{now, tenant};

static SOURCES: LazyLock<Sources> = LazyLock::new(Sources::builtin);

/// How large a message is in [`syslog_framing`]: small, so that the limit is met.
const MESSAGE_BYTES_MAX: usize = 64;
/// How much [`decode_body`] lets out.
const DECODED_BYTES_MAX: usize = 1024 * 1024;

/// Cuts a stream into messages at once, and in pieces as long as the first byte says: the frames must be the same.
pub fn syslog_framing(bytes: &[u8]) {
    let Some((piece, stream)) = bytes.split_first() else { return };
    let frames = |piece: usize| {
        let mut deframer = Deframer::new(MESSAGE_BYTES_MAX);
        let mut frames = Vec::new();
        for part in stream.chunks(piece) {
            deframer.push(part, &mut frames);
        }
        deframer.finish(&mut frames);
        frames
    };
    let whole = frames(stream.len().max(1));
    assert_eq!(whole, frames(usize::from(*piece).max(1)), "pieces of {piece} bytes make other frames");
    for frame in &whole {
        match frame {
            Frame::Message(message, start) => {
                assert!(message.len() <= MESSAGE_BYTES_MAX);
                assert!(*start <= stream.len() as u64);
            }
            Frame::Bad(beginning, ..) => assert!(beginning.len() <= DeadLetter::BYTES_MAX),
        }
    }
}

/// Reads one record. The first byte picks the source and whether the batch came with a context.
pub fn normalise(bytes: &[u8]) {
    let Some((choice, record)) = bytes.split_first() else { return };
    let record = Record {
        tenant: tenant(),
        source: SourceName::new(source(*choice).name()).expect("sources have valid names"),
        position: Position::Batch { id: "fuzz".to_owned(), index: 0 },
        arrival: now(),
        bytes: Bytes::copy_from_slice(record),
        context: (*choice >= 0x80).then(context),
    };
    let records = [record];
    let found = vigie_ingest::normalise(&SOURCES, &records);
    assert!(!found.events.is_empty() || !found.dead.is_empty() || is_silent(*choice, &records[0].bytes), "it vanished");
    assert_eq!(found, vigie_ingest::normalise(&SOURCES, &records), "the same record gives other events");
    sound(&found, &records[0].bytes);
}

/// Decompresses a body. The first byte picks the encoding.
pub fn decode_body(bytes: &[u8]) {
    let Some((choice, body)) = bytes.split_first() else { return };
    let encoding = [Some("gzip"), Some("zstd"), None][usize::from(*choice) % 3];
    let limits = BodyLimits { decoded_bytes_max: DECODED_BYTES_MAX };
    if let Ok(decoded) = vigie_ingest::decode_body(Bytes::copy_from_slice(body), encoding, &limits) {
        assert!(decoded.len() <= DECODED_BYTES_MAX);
    }
}

/// Cuts a body into records and reads them. The first byte picks the source.
pub fn split(bytes: &[u8]) {
    let Some((choice, body)) = bytes.split_first() else { return };
    let body = Bytes::copy_from_slice(body);
    let context = (*choice >= 0x80).then(context);
    let cut = || {
        let name = BatchName::new("fuzz");
        vigie_ingest::split(source(*choice), &tenant(), name, body.clone(), context.clone(), now())
    };
    let parts = cut();
    assert_eq!(parts, cut(), "the same body falls into other records");
    assert!(parts.records.len() <= RECORDS_MAX && parts.dead.len() <= FAULTS_MAX + 1);
    assert!(parts.records.iter().all(|record| record.bytes.len() <= RECORD_BYTES_MAX && within(&record.bytes, &body)));
    sound(&vigie_ingest::normalise(&SOURCES, &parts.records), &body);
}

/// Returns whether a record may be neither event nor dead letter: blank, a header line, or an empty array.
fn is_silent(choice: u8, bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii();
    let is_empty_array = bytes.contains(&b'[') && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
    bytes.is_empty() || source(choice).is_header(bytes) || is_empty_array
}

fn source(choice: u8) -> &'static dyn Source {
    let names: Vec<&str> = SOURCES.names().collect();
    let name = SourceName::new(names[usize::from(choice & 0x7f) % names.len()]).expect("sources have valid names");
    SOURCES.get(&name).expect("the name is one of the registry's own")
}

fn context() -> Arc<BatchContext> {
    let header = "account-id srcaddr dstaddr srcport dstport protocol action log-status";
    Arc::new(BatchContext {
        logsource: Some(Logsource::new("linux", "process_creation", "")),
        header: Some(header.into()),
    })
}

/// What holds of every event and dead letter: the native bytes are those that came, and the ids differ.
fn sound(found: &Normalised, bytes: &Bytes) {
    for event in &found.events {
        assert!(within(&event.native, bytes), "native bytes that did not come");
        serde_json::to_string(&event.document).expect("a document is JSON");
    }
    assert!(found.dead.iter().all(|letter| letter.bytes.len() <= DeadLetter::BYTES_MAX && !letter.reason.is_empty()));
    let mut ids: Vec<_> = found.events.iter().map(|event| event.id).collect();
    ids.extend(found.dead.iter().map(|letter| letter.id));
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "two events or letters of one id");
}

/// Records and native bytes are slices of what came, or at least equal to a part of it.
fn within(part: &[u8], whole: &[u8]) -> bool {
    let start = whole.as_ptr().addr();
    let inside = (start..=start + whole.len()).contains(&part.as_ptr().addr());
    inside || part.is_empty() || whole.windows(part.len()).any(|window| window == part)
}
