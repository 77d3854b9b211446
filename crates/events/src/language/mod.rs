//! The search language: text in, [`Filter`] out.

mod error;
mod moment;
mod parser;
mod value;

use vigie_model::{Filter, Timestamp};

pub use error::SearchSyntaxError;
pub use moment::{TimeSyntaxError, parse_time};
pub(crate) use value::octets;

/// How long a search may be, in bytes.
pub(crate) const SEARCH_BYTES_MAX: usize = 8 * 1024;
/// How deep parentheses and negations may nest.
pub(crate) const SEARCH_DEPTH_MAX: usize = 32;
/// How many words, phrases and conditions a search may have.
pub(crate) const SEARCH_TERMS_MAX: usize = 256;

/// Reads a search.
///
/// | written | finds events |
/// |---|---|
/// | `mimikatz` | with this word in the message or the native document, in any case |
/// | `"failed password"` | with these words, one after the other |
/// | `203.0.113.9`, `2001:db8::1` | of this source or destination address, or with it in the text |
/// | `10.0.0.0/8` | of a source or destination address in this network |
/// | `mimi*`, `m?mikatz` | with a word like this: `*` is any run of characters, `?` is one |
/// | `user:root` | whose field is just this, in any ASCII case |
/// | `user:"Jane Doe"` | the same for values with spaces or brackets; between quotes `*` and `?` are themselves |
/// | `process.path:*\cmd.exe` | whose field is like this |
/// | `src.ip:10.0.0.0/8`, `src.ip:10.*` | whose address is in this network |
/// | `dst.port:>=1024`, `severity:>low` | whose field is greater; also `<`, `<=`, `>` |
/// | `dst.port:[20 TO 25]` | whose field is in this range; `{` and `}` leave the end out, `*` leaves it open |
/// | `time:2026-03-01` | of this day in UTC; times are RFC 3339, or a date with or without `T12:00` or `T12:00:00` |
/// | `time:>now-15m`, `time:[now-7d/d TO now/d}` | of the last quarter of an hour; of the seven days before today: see [`parse_time`] |
/// | `user:*` | whose field has a value |
/// | `user:(ann OR bob*)` | whose field satisfies what is between the parentheses |
/// | `a b`, `a AND b`, `a && b` | that satisfy both |
/// | `a OR b`, `a \|\| b` | that satisfy one at least; `AND` binds tighter |
/// | `NOT a`, `-a`, `!a` | that do not satisfy it |
///
/// `AND`, `OR`, `NOT` and `TO` are upper case; between quotes they are words. A backslash stands for itself, save before
/// `"`, `*` and `?`, which it takes the meaning from. Fields and their aliases are [`crate::search_fields`]. The empty text
/// finds everything. `now` is what times such as `now-15m` are reckoned from. At most 8 KiB, 256 terms, 32 levels.
///
/// # Errors
/// The first place where the text cannot be read, as a byte offset, what was expected there, and for a misspelt field the
/// nearest one.
pub fn parse_search(text: &str, now: Timestamp) -> Result<Filter, SearchSyntaxError> {
    if text.len() > SEARCH_BYTES_MAX {
        let message = format!("the search is {} bytes long: at most {SEARCH_BYTES_MAX}", text.len());
        return Err(SearchSyntaxError::new(SEARCH_BYTES_MAX, message));
    }
    parser::Parser::new(text, now).parse()
}
