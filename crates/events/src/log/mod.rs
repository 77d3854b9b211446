//! The write-ahead log: what was taken in is on the disk before anybody is told so.
//!
//! One thread writes ([`Log`]): it appends what waits, and one fsync serves all of it. After a start a [`LogReader`] gives
//! the same entries again from wherever the index or the detection state stood. The log is trimmed up to where both are.
//!
//! # What is promised
//! * What [`Log::sync`] said is kept is read again, exactly, after any crash, until it is trimmed.
//! * What it did not say may be kept or not, whole entries at a time. A write that a crash cut short, or that left zeros,
//!   is cut off by the next [`Log::open`].
//! * A damaged byte costs the entry that it is in, and no other: the reader says which positions it passed over.
//! * A position is used once, also where a write failed.
//! * A file that is not named as a segment is left alone.
//!
//! # The format, version 1
//! Numbers are little-endian. CRC-32 is that of IEEE 802.3 (as in gzip, RFC 1952).
//!
//! A *segment* is a file `<first position, 16 hex digits>.log`. It begins with 64 bytes; every version keeps their first 12
//! and last 4, so that an older program knows a newer file when it sees one.
//!
//! | bytes | hold |
//! |---|---|
//! | 0–7 | `VIGIELOG` |
//! | 8–11 | the version, 1 |
//! | 12–15 | the segment's key: random, so that nobody who sends records can forge a frame |
//! | 16–23 | the position of the first frame |
//! | 24–31 | the position that this segment continues: earlier segments hold nothing that counts from there on |
//! | 32–59 | zeros |
//! | 60–63 | CRC-32 of bytes 0–59 |
//!
//! Positions 24–31 and 16–23 differ where positions were given up: a write failed, or was cut off. A reader that ends
//! before the continued position knows that a segment, or its end, is missing.
//!
//! *Frames* follow without gaps. A frame at byte `b` of the file stands at position `first + b - 64` in the log.
//!
//! | bytes | hold |
//! |---|---|
//! | 0–3 | the marker `b6 56 66 0a` |
//! | 4–7 | the segment's key |
//! | 8–11 | CRC-32 of all bytes from 12 to the end of the frame |
//! | 12–15 | the length of the body, at most 16 MiB |
//! | 16–23 | the frame's position in the log |
//! | 24– | the body |
//!
//! Where no frame stands that agrees with its CRC-32, the segment's key and its own position, the next one that does is
//! searched for by the marker. Where the header is damaged the key is that of the first frame that agrees with the rest.
//!
//! A *body* is the time at which it was written, 8 bytes, then items up to its end. Times are microseconds since 1970 UTC.
//! A *varint* is LEB128. A *delta* is the wrapping difference to the number before it, in zigzag (0, −1, 1, −2, …), as a
//! varint. *Bytes* are their count, a varint, and themselves; *text* is bytes in UTF-8. The first byte of an item tells
//! what it is:
//!
//! | first byte | then |
//! |---|---|
//! | 0: a record of the current group | number (delta), arrival (delta), bytes |
//! | 1: a record, and a new group in a file | tenant, source, identity (texts), context; as 0 |
//! | 2: … in a batch | tenant, source, batch id (texts), context; as 0 |
//! | 3: … of a receiver | tenant, source, receiver (texts), context; as 0 |
//! | 4: … in an object | tenant, source, bucket, key, version (texts), context; as 0 |
//! | 5: a dead letter of the current tenant and source | id (16 bytes), arrival (delta), position, code, reason (texts), bytes |
//! | 6: a dead letter, and a new tenant and source | tenant, source (texts); as 5 |
//!
//! The *number* is a file's offset, a batch's or object's index, a receiver's sequence; the one before the first of a group
//! is 0. The arrival before the first of a body is the time at which the body was written. The *context* is a byte of
//! flags, 0 where the sender said nothing, else 32, with 16 where it named a logsource and 1, 2, 4 for its product, category
//! and service (texts), and 8 for a header (bytes); what the flags promise follows in that order.

mod decode;
mod disk;
mod encode;
mod entry;
mod error;
mod frame;
mod open;
mod pack;
mod position;
mod reader;
mod segment;
#[cfg(test)]
mod tests;
mod varint;
mod writer;

pub use entry::{LogEntry, LogItem};
pub use error::{LogDamage, LogError, LogFault};
pub use position::LogPosition;
pub use reader::LogReader;
pub use writer::{Log, LogCounters, LogSettings};
