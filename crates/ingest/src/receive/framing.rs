//! Syslog messages in a stream of bytes: RFC 6587.
//!
//! Two ways to tell messages apart are in use. *Octet counting* leads each message by its length (`83 <34>1 …`); the other
//! ends each by a newline. Which one a connection uses shows in its first bytes, and holds for the whole connection.

use std::mem;

use bytes::Bytes;
use vigie_model::DeadLetter;

use crate::Fault;

/// The digits that a frame's length may have: enough for 999 MB, and any length past the limit is refused anyway.
const LENGTH_DIGITS_MAX: usize = 9;

/// What came out of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A message without its framing, and the offset in the stream at which it began.
    Message(Bytes, u64),
    /// A message that is a fault: its beginning, the offset at which it began, and what is wrong.
    Bad(Bytes, u64, Fault),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Unknown,
    Lines,
    Counted,
    /// The stream cannot be followed any more.
    Lost,
}

/// Cuts a stream into messages. Holds no more than one message of the largest size, whatever is pushed; the same bytes give
/// the same frames however they are cut into pushes.
#[derive(Debug)]
pub struct Deframer {
    mode: Mode,
    bytes_max: usize,
    /// The message begun, up to the limit.
    pending: Vec<u8>,
    /// How long the message begun is so far, also past the limit.
    length: u64,
    /// In [`Mode::Counted`]: the length of the message begun, once its digits are through.
    wanted: Option<u64>,
    /// Bytes of the stream taken.
    offset: u64,
    /// The offset at which the message begun began.
    start: u64,
}

impl Deframer {
    /// Returns a deframer that finds out how the stream is framed; messages may have `bytes_max` bytes.
    pub fn new(bytes_max: usize) -> Self {
        Self { mode: Mode::Unknown, bytes_max, pending: Vec::new(), length: 0, wanted: None, offset: 0, start: 0 }
    }

    /// Returns a deframer of lines whose stream begins at `offset`, for files.
    pub fn of_lines(bytes_max: usize, offset: u64) -> Self {
        Self { mode: Mode::Lines, offset, start: offset, ..Self::new(bytes_max) }
    }

    /// Returns the offset of the message begun, which is where reading must start again to lose nothing.
    pub fn resume_offset(&self) -> u64 {
        self.start
    }

    /// Returns whether the stream cannot be followed any more, so that the connection should be closed.
    pub fn is_lost(&self) -> bool {
        self.mode == Mode::Lost
    }

    /// Takes the next bytes of the stream and adds the frames that they complete.
    pub fn push(&mut self, mut bytes: &[u8], out: &mut Vec<Frame>) {
        while !bytes.is_empty() {
            let taken = match self.mode {
                Mode::Unknown => self.detect(bytes, out),
                Mode::Lines => self.take_line(bytes, out),
                Mode::Counted => self.take_counted(bytes, out),
                Mode::Lost => return,
            };
            bytes = &bytes[taken..];
        }
    }

    /// Ends the stream: a last line without its newline is a message, a counted message cut short a fault.
    pub fn finish(&mut self, out: &mut Vec<Frame>) {
        match (self.mode, self.wanted) {
            (Mode::Counted, None) if self.pending.is_empty() => {}
            (Mode::Counted, None) => self.lose(out),
            (Mode::Counted, Some(wanted)) => {
                let fault = Fault::TruncatedFrame { missing: wanted - self.length };
                out.push(Frame::Bad(self.beginning(), self.start, fault));
                self.begin();
            }
            (Mode::Unknown | Mode::Lines, _) if self.length > 0 => self.end_line(out),
            (Mode::Unknown | Mode::Lines | Mode::Lost, _) => {}
        }
    }

    /// Looks at the first bytes: digits, a space and `<` are octet counting (section 3.4.1), all else is lines.
    fn detect(&mut self, bytes: &[u8], out: &mut Vec<Frame>) -> usize {
        for (taken, &byte) in bytes.iter().enumerate() {
            let seen = self.pending.len();
            let counted_so_far = match byte {
                b'1'..=b'9' if seen == 0 => true,
                b'0'..=b'9' => (1..LENGTH_DIGITS_MAX).contains(&seen) && !self.pending.ends_with(b" "),
                b' ' => seen > 0 && !self.pending.ends_with(b" "),
                b'<' if self.pending.ends_with(b" ") => {
                    self.replay(Mode::Counted, out);
                    return taken;
                }
                _ => false,
            };
            if !counted_so_far {
                self.replay(Mode::Lines, out);
                return taken;
            }
            self.pending.push(byte);
            self.length += 1;
        }
        bytes.len()
    }

    /// Takes the bytes held during detection once more, now that the mode is known.
    fn replay(&mut self, mode: Mode, out: &mut Vec<Frame>) {
        let held = mem::take(&mut self.pending);
        self.length = 0;
        self.mode = mode;
        self.push(&held, out);
    }

    fn take_line(&mut self, bytes: &[u8], out: &mut Vec<Frame>) -> usize {
        let newline = memchr::memchr(b'\n', bytes);
        let line = &bytes[..newline.unwrap_or(bytes.len())];
        self.keep(line);
        if newline.is_some() {
            self.offset += 1;
            self.end_line(out);
        }
        line.len() + usize::from(newline.is_some())
    }

    fn end_line(&mut self, out: &mut Vec<Frame>) {
        let (length, start) = (self.length, self.start);
        if length > self.bytes_max as u64 {
            out.push(Frame::Bad(self.beginning(), start, Fault::TooLong { bytes: length }));
        } else {
            let message = trim_end(mem::take(&mut self.pending));
            if !message.trim_ascii().is_empty() {
                out.push(Frame::Message(message.into(), start));
            }
        }
        self.begin();
    }

    fn take_counted(&mut self, bytes: &[u8], out: &mut Vec<Frame>) -> usize {
        let Some(wanted) = self.wanted else { return self.take_length(bytes, out) };
        let missing = usize::try_from(wanted - self.length).unwrap_or(usize::MAX);
        let part = &bytes[..bytes.len().min(missing)];
        self.keep(part);
        if self.length == wanted {
            if wanted > self.bytes_max as u64 {
                out.push(Frame::Bad(self.beginning(), self.start, Fault::TooLong { bytes: wanted }));
            } else {
                let message = trim_end(mem::take(&mut self.pending));
                if !message.trim_ascii().is_empty() {
                    out.push(Frame::Message(message.into(), self.start));
                }
            }
            self.begin();
        }
        part.len()
    }

    fn take_length(&mut self, bytes: &[u8], out: &mut Vec<Frame>) -> usize {
        let byte = bytes[0];
        match byte {
            // Some senders end counted messages by a newline that they do not count.
            b'\n' | b'\r' if self.pending.is_empty() => {
                self.offset += 1;
                self.start = self.offset;
            }
            b'0'..=b'9' if self.pending.len() < LENGTH_DIGITS_MAX => {
                self.pending.push(byte);
                self.offset += 1;
            }
            b' ' if !self.pending.is_empty() => {
                let digits = mem::take(&mut self.pending);
                let length = digits.iter().fold(0, |length, digit| length * 10 + u64::from(digit - b'0'));
                self.offset += 1;
                if length == 0 {
                    self.start = self.offset;
                } else {
                    self.wanted = Some(length);
                }
            }
            _ => {
                self.pending.push(byte);
                self.lose(out);
            }
        }
        1
    }

    fn lose(&mut self, out: &mut Vec<Frame>) {
        out.push(Frame::Bad(self.beginning(), self.start, Fault::BadFrame { offset: self.offset }));
        self.begin();
        self.mode = Mode::Lost;
    }

    /// Keeps what there is room for: past the limit only the length is counted.
    fn keep(&mut self, part: &[u8]) {
        let room = (self.bytes_max + 1).saturating_sub(self.pending.len());
        self.pending.extend_from_slice(&part[..part.len().min(room)]);
        self.length += part.len() as u64;
        self.offset += part.len() as u64;
    }

    fn beginning(&mut self) -> Bytes {
        let mut beginning = mem::take(&mut self.pending);
        beginning.truncate(DeadLetter::BYTES_MAX);
        beginning.shrink_to_fit();
        beginning.into()
    }

    fn begin(&mut self) {
        self.pending.clear();
        self.length = 0;
        self.wanted = None;
        self.start = self.offset;
    }
}

/// Takes off what senders leave at the end of a message: line ends, and the NUL of some C programs.
fn trim_end(mut message: Vec<u8>) -> Vec<u8> {
    let end = message.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n' | 0)).map_or(0, |last| last + 1);
    message.truncate(end);
    message.shrink_to_fit();
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(stream: &[u8], piece: usize, bytes_max: usize) -> Vec<Frame> {
        let mut deframer = Deframer::new(bytes_max);
        let mut out = Vec::new();
        for part in stream.chunks(piece) {
            deframer.push(part, &mut out);
        }
        deframer.finish(&mut out);
        out
    }

    #[track_caller]
    fn check(stream: &str, expected: &[&str]) {
        for piece in [1, 2, 3, 7, 1_000] {
            let found: Vec<String> = frames(stream.as_bytes(), piece, 40)
                .into_iter()
                .map(|frame| match frame {
                    Frame::Message(bytes, _) => String::from_utf8_lossy(&bytes).into_owned(),
                    Frame::Bad(bytes, _, fault) => format!("!{} {}", fault.code(), bytes.len()),
                })
                .collect();
            assert_eq!(found, expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn lines_and_counted_messages() {
        check("<34>a\r\n\n<34>b\0\n<34>c", &["<34>a", "<34>b", "<34>c"]);
        check("5 <34>a6 <34>\nb", &["<34>a", "<34>\nb"]);
        check("5 <34>a\n5 <34>b\n", &["<34>a", "<34>b"]);
        check("2026-03-01T00:00:00Z host app: x\n", &["2026-03-01T00:00:00Z host app: x"]);
        check("12 apples\n", &["12 apples"]);
        check("12", &["12"]);
        check("", &[]);
    }

    #[test]
    fn faults() {
        let long = format!("<34>{}\n<34>a\n", "x".repeat(100));
        check(&long, &["!too_long 41", "<34>a"]);
        let long = format!("104 <34>{}5 <34>a", "x".repeat(100));
        check(&long, &["!too_long 41", "<34>a"]);
        check("5 <34>a50 <34>cut", &["<34>a", "!truncated_frame 7"]);
        check("5 <34>ahello\n5 <34>b", &["<34>a", "!bad_frame 1"]);
        check("5 <34>a12", &["<34>a", "!bad_frame 2"]);
    }

    #[test]
    fn offsets_are_those_of_the_stream() {
        let mut deframer = Deframer::of_lines(100, 50);
        let mut out = Vec::new();
        deframer.push(b"ab\r\n\ncd\nef", &mut out);
        assert_eq!(out, [Frame::Message("ab".into(), 50), Frame::Message("cd".into(), 55)]);
        assert_eq!(deframer.resume_offset(), 58);
    }
}
