//! Frames: how a body is told from what lies around it, and found again behind damage.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use bytes::Bytes;
use memchr::memmem;

use super::LogPosition;
use super::segment::HEADER_BYTES;

/// What each frame begins with.
pub(super) const MARKER: [u8; 4] = [0xb6, b'V', b'f', 0x0a];
/// Marker, key, CRC-32, length of the body, position.
pub(super) const FRAME_HEADER_BYTES: usize = 24;
/// How long the body of a frame may be: 16 MiB. A length beyond is damage.
pub(super) const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How much is read at once.
const WINDOW_BYTES: usize = 1024 * 1024;

/// Makes room in a buffer for the header of a frame whose body is written next.
pub(super) fn begin(out: &mut Vec<u8>) -> usize {
    let at = out.len();
    out.resize(at + FRAME_HEADER_BYTES, 0);
    at
}

/// Fills in the header of the frame that begins at `at` and ends with the buffer.
///
/// The key is the segment's and is known only when that is: see [`seal`].
pub(super) fn finish(out: &mut [u8], at: usize, position: LogPosition) {
    let length = (out.len() - at - FRAME_HEADER_BYTES) as u32;
    let frame = &mut out[at..];
    frame[..4].copy_from_slice(&MARKER);
    frame[12..16].copy_from_slice(&length.to_le_bytes());
    frame[16..24].copy_from_slice(&position.get().to_le_bytes());
    let crc = crc32fast::hash(&frame[12..]);
    frame[8..12].copy_from_slice(&crc.to_le_bytes());
}

/// Writes the segment's key into every frame of a buffer that [`finish`] made.
pub(super) fn seal(frames: &mut [u8], key: u32) {
    let mut at = 0;
    while let Some(header) = frames.get_mut(at..at + FRAME_HEADER_BYTES) {
        header[4..8].copy_from_slice(&key.to_le_bytes());
        at += FRAME_HEADER_BYTES + number(&header[12..16]) as usize;
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// What stands next in a segment.
#[derive(Debug)]
pub(super) enum Found {
    /// A whole frame.
    Frame { from: LogPosition, until: LogPosition, body: Bytes },
    /// Bytes that are no frame, up to the next one or the end.
    Bad { from: LogPosition, until: LogPosition },
}

/// Finds the frames of one segment file, in order.
#[derive(Debug)]
pub(super) struct Frames {
    file: File,
    /// The position of the first frame.
    first: LogPosition,
    /// Where in the file to look next, and where to stop.
    at: u64,
    limit: u64,
    /// The segment's key; learnt from the first whole frame where the header is damaged.
    key: Option<u32>,
    window: Bytes,
    window_at: u64,
}

impl Frames {
    /// Looks for frames in the first `limit` bytes of a segment file.
    pub(super) fn new(file: File, first: LogPosition, key: Option<u32>, limit: u64) -> Self {
        Self { file, first, at: HEADER_BYTES as u64, limit, key, window: Bytes::new(), window_at: 0 }
    }

    /// Returns the next frame, or the damage before it; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Found>> {
        if self.at >= self.limit {
            return Ok(None);
        }
        let from = self.at;
        if let Some(body) = self.frame(from)? {
            self.at = from + (FRAME_HEADER_BYTES + body.len()) as u64;
            let (from, until) = (self.position(from), self.position(self.at));
            return Ok(Some(Found::Frame { from, until, body }));
        }
        self.at = self.find(from + 1)?;
        Ok(Some(Found::Bad { from: self.position(from), until: self.position(self.at) }))
    }

    /// Goes on at a position where a whole frame is known to begin, for readers that resume; stays where there is none.
    pub(super) fn skip_to(&mut self, position: LogPosition) -> io::Result<()> {
        let at = position.get().saturating_sub(self.first.get()).saturating_add(HEADER_BYTES as u64);
        if at > self.at && self.frame(at)?.is_some() {
            self.at = at;
        }
        Ok(())
    }

    fn position(&self, at: u64) -> LogPosition {
        self.first.plus(at - HEADER_BYTES as u64)
    }

    /// Returns the body of the frame that begins here, or `None` where none does.
    fn frame(&mut self, at: u64) -> io::Result<Option<Bytes>> {
        let Some(header) = self.bytes(at, FRAME_HEADER_BYTES)? else { return Ok(None) };
        let (key, crc, length) = (number(&header[4..8]) as u32, number(&header[8..12]) as u32, number(&header[12..16]));
        // The position is the file's own word for this place, so that a frame copied into a record is not taken for one.
        let plausible = header[..4] == MARKER
            && self.key.is_none_or(|known| known == key)
            && number(&header[16..24]) == self.position(at).get()
            && length <= BODY_BYTES_MAX as u64;
        if !plausible {
            return Ok(None);
        }
        let Some(frame) = self.bytes(at, FRAME_HEADER_BYTES + length as usize)? else { return Ok(None) };
        if crc32fast::hash(&frame[12..]) != crc {
            return Ok(None);
        }
        self.key = Some(key);
        Ok(Some(frame.slice(FRAME_HEADER_BYTES..)))
    }

    /// Returns where the first whole frame at or after `at` begins, or the end.
    fn find(&mut self, mut at: u64) -> io::Result<u64> {
        while at < self.limit {
            let Some(view) = self.view(at, MARKER.len())? else { break };
            if let Some(found) = memmem::find(&view, &MARKER) {
                let candidate = at + found as u64;
                if self.frame(candidate)?.is_some() {
                    return Ok(candidate);
                }
                at = candidate + 1;
            } else {
                at += (view.len() - (MARKER.len() - 1)) as u64;
            }
        }
        Ok(self.limit)
    }

    /// Returns so many bytes, or `None` where the segment has fewer.
    fn bytes(&mut self, at: u64, count: usize) -> io::Result<Option<Bytes>> {
        Ok(self.view(at, count)?.map(|view| view.slice(..count)))
    }

    /// Returns at least so many bytes, and what else is in memory behind them.
    fn view(&mut self, at: u64, count: usize) -> io::Result<Option<Bytes>> {
        if at.saturating_add(count as u64) > self.limit {
            return Ok(None);
        }
        let held = at.checked_sub(self.window_at).filter(|skip| skip + count as u64 <= self.window.len() as u64);
        if let Some(skip) = held {
            return Ok(Some(self.window.slice(skip as usize..)));
        }
        let room = (self.limit - at).min(count.max(WINDOW_BYTES) as u64);
        let mut bytes = Vec::with_capacity(room as usize);
        self.file.seek(SeekFrom::Start(at))?;
        self.file.by_ref().take(room).read_to_end(&mut bytes)?;
        (self.window, self.window_at) = (Bytes::from(bytes), at);
        Ok((self.window.len() >= count).then(|| self.window.clone()))
    }
}
