//! Lists of indicators as CSV (RFC 4180), or as plain text with a value on each line.
//!
//! A first line that names its columns (`value` or `indicator` among them) says which is which; the order is free,
//! unknown columns are ignored, and the separator may be a comma, a semicolon or a tab. Without it the columns are, in
//! this order and from the left as many as there are: value, type, confidence, tlp, tags, comment, valid_until.
//! Lines that begin with `#` are comments; in a line with a value only, so is what follows ` #` or ` ;`.
//! Where the type is missing or empty it is guessed from the value. Tags are separated by blanks, `;` or `|`.
//!
//! A quoted field that is never closed costs one line, not the rest of the file.

use std::borrow::Cow;
use std::collections::HashSet;

use vigie_model::{Indicator, ObservableKind, TenantId, Timestamp, Tlp};

use crate::kind::{guess_kind, kind_of_word};
use crate::parsed::{Parsed, one_line, time_of, tlp_of};
use crate::value::canonical;

/// How much of a list is read, in bytes.
pub const CSV_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The longest entry that is read, in bytes; a quoted field may hold line breaks.
pub const RECORD_BYTES_MAX: usize = 16 * 1024;
/// The confidence of an indicator whose list does not say.
pub const CONFIDENCE_DEFAULT: u8 = 60;

const TAGS_MAX: usize = 32;
const TAG_CHARS_MAX: usize = 120;
const COMMENT_CHARS_MAX: usize = 1_000;

/// Returns the indicators of a list, and what is wrong with the lines that could not be read. `list` names it; `now`
/// becomes the time from which the indicators hold. At most [`CSV_BYTES_MAX`] are read.
pub fn parse_csv(tenant: &TenantId, list: &str, text: &str, now: Timestamp) -> Parsed {
    let mut parsed = Parsed::default();
    let mut known = HashSet::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut records = Records::new(text);
    let mut columns: Option<Columns> = None;
    while let Some((line, record)) = records.next_record() {
        if record.trim().is_empty() || record.starts_with('#') {
            continue;
        }
        let columns = if let Some(columns) = &columns {
            columns
        } else {
            let found = Columns::of_header(record);
            let is_header = found.is_some();
            let found = columns.insert(found.unwrap_or_else(Columns::in_order));
            if is_header {
                continue;
            }
            found
        };
        match entry(tenant, list, record, columns, now) {
            Ok(indicator) if known.insert(indicator.id) => parsed.indicators.push(indicator),
            Ok(_) => parsed.skipped += 1,
            Err(reason) => parsed.fail(line, reason),
        }
    }
    if let Some(line) = records.cut_at {
        parsed.fail(line, format!("the list is longer than {CSV_BYTES_MAX} bytes: from here on it was not read"));
    }
    parsed
}

fn entry(tenant: &TenantId, list: &str, record: &str, columns: &Columns, now: Timestamp) -> Result<Indicator, String> {
    let mut fields = split(record, columns.separator)?;
    if record.len() > RECORD_BYTES_MAX {
        return Err(format!("the line has {} bytes, more than {RECORD_BYTES_MAX}", record.len()));
    }
    let mut remark = None;
    if fields.len() == 1 && !record.trim_start().starts_with('"') {
        remark = cut_remark(&mut fields[0]);
    }
    let field = |column: Option<usize>| {
        let text = column.and_then(|column| fields.get(column)).map_or("", |field| field.trim());
        (!text.is_empty()).then_some(text)
    };
    let value = field(columns.value).ok_or("the value is empty")?;
    let kind = match field(columns.kind) {
        Some(word) => kind_of_word(word).ok_or_else(|| unknown_kind(word))?,
        None => {
            guess_kind(value).ok_or_else(|| format!("cannot tell what `{}` is: add a type column", short(value)))?
        }
    };
    let value = canonical(kind, value).map_err(|error| error.to_string())?;
    let confidence = field(columns.confidence).map_or(Ok(CONFIDENCE_DEFAULT), confidence_of)?;
    let tlp = match field(columns.tlp) {
        Some(word) => tlp_of(word).ok_or_else(|| format!("`{}` is not a TLP level", short(word)))?,
        None => Tlp::default(),
    };
    let valid_until = match field(columns.valid_until) {
        Some(text) => Some(time_of(text).ok_or_else(|| format!("valid_until `{}` is not a time", short(text)))?),
        None => None,
    };
    let comment = field(columns.comment).map(str::to_owned).or(remark).unwrap_or_default();
    Ok(Indicator {
        id: Indicator::id_of(tenant, list, kind, &value),
        tenant: tenant.clone(),
        list: list.to_owned(),
        kind,
        value,
        confidence,
        tlp,
        valid_from: Some(now),
        valid_until,
        tags: field(columns.tags).map(tags_of).unwrap_or_default(),
        comment: one_line(&comment, COMMENT_CHARS_MAX),
    })
}

fn short(text: &str) -> String {
    one_line(text, 80)
}

fn unknown_kind(word: &str) -> String {
    let types = ObservableKind::ALL.map(ObservableKind::as_str).join(", ");
    format!("`{}` is not a type of indicator: expected one of {types}", short(word))
}

fn confidence_of(text: &str) -> Result<u8, String> {
    match text.trim_end_matches('%').trim().parse::<u8>() {
        Ok(number @ 0..=100) => Ok(number),
        _ => match text.to_ascii_lowercase().as_str() {
            "high" => Ok(85),
            "medium" => Ok(60),
            "low" => Ok(30),
            _ => Err(format!("confidence `{}` is not a number from 0 to 100", short(text))),
        },
    }
}

fn tags_of(text: &str) -> Vec<String> {
    let words = text.split(|char: char| char.is_whitespace() || matches!(char, ';' | '|' | ','));
    let mut tags: Vec<String> =
        words.filter(|word| !word.is_empty()).take(TAGS_MAX).map(|word| one_line(word, TAG_CHARS_MAX)).collect();
    tags.sort();
    tags.dedup();
    tags
}

/// Cuts ` # remark` and ` ; remark` off a line that holds a value only, as block lists write it.
fn cut_remark(field: &mut Cow<'_, str>) -> Option<String> {
    let at = field
        .char_indices()
        .zip(field.chars().skip(1))
        .find_map(|((at, char), next)| (char.is_whitespace() && matches!(next, '#' | ';')).then_some(at))?;
    let remark = field[at..].trim_start().trim_start_matches(['#', ';']).trim().to_owned();
    *field = Cow::Owned(field[..at].to_owned());
    Some(remark)
}

/// Which column holds what.
struct Columns {
    separator: char,
    value: Option<usize>,
    kind: Option<usize>,
    confidence: Option<usize>,
    tlp: Option<usize>,
    tags: Option<usize>,
    comment: Option<usize>,
    valid_until: Option<usize>,
}

impl Columns {
    fn in_order() -> Self {
        Self {
            separator: ',',
            value: Some(0),
            kind: Some(1),
            confidence: Some(2),
            tlp: Some(3),
            tags: Some(4),
            comment: Some(5),
            valid_until: Some(6),
        }
    }

    fn of_header(record: &str) -> Option<Self> {
        [',', ';', '\t'].into_iter().find_map(|separator| {
            let fields = split(record, separator).ok()?;
            let names: Vec<String> = fields.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
            let place = |words: &[&str]| names.iter().position(|name| words.contains(&name.as_str()));
            let value = place(&["value", "indicator", "ioc", "observable", "ioc_value"])?;
            Some(Self {
                separator,
                value: Some(value),
                kind: place(&["kind", "type", "indicator_type", "ioc_type"]),
                confidence: place(&["confidence", "confidence_level"]),
                tlp: place(&["tlp"]),
                tags: place(&["tags", "tag"]),
                comment: place(&["comment", "description", "reference"]),
                valid_until: place(&["valid_until", "expires", "expiry"]),
            })
        })
    }
}

/// Splits a record into fields. A quote that does not begin a field is a plain character, as spreadsheets read it.
fn split(record: &str, separator: char) -> Result<Vec<Cow<'_, str>>, String> {
    let mut fields = Vec::new();
    let mut rest = record;
    loop {
        let Some(quoted) = rest.trim_start_matches(' ').strip_prefix('"') else {
            let end = rest.find(separator).unwrap_or(rest.len());
            fields.push(Cow::Borrowed(&rest[..end]));
            match rest[end..].strip_prefix(separator) {
                Some(after) => rest = after,
                None => return Ok(fields),
            }
            continue;
        };
        let end = closing_quote(quoted).ok_or("a quoted field is not closed")?;
        fields.push(Cow::Owned(quoted[..end].replace("\"\"", "\"")));
        let after = quoted[end + 1..].trim_start_matches(' ');
        match after.strip_prefix(separator) {
            Some(after) => rest = after,
            None if after.is_empty() => return Ok(fields),
            None => return Err("text follows a quoted field".to_owned()),
        }
    }
}

/// Returns where the quote is that closes a field, passing doubled ones.
fn closing_quote(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'"' {
            at += 1;
        } else if bytes.get(at + 1) == Some(&b'"') {
            at += 2;
        } else {
            return Some(at);
        }
    }
    None
}

/// Walks the records of a text: lines, joined where a quoted field holds a line break.
struct Records<'a> {
    rest: &'a str,
    line: u64,
    read: usize,
    cut_at: Option<u64>,
}

impl<'a> Records<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text, line: 1, read: 0, cut_at: None }
    }

    fn next_record(&mut self) -> Option<(u64, &'a str)> {
        if self.rest.is_empty() {
            return None;
        }
        if self.read >= CSV_BYTES_MAX {
            self.cut_at = Some(self.line);
            self.rest = "";
            return None;
        }
        let begun = self.line;
        let first_end = self.rest.find('\n').unwrap_or(self.rest.len());
        let mut end = first_end;
        if self.rest[..first_end].contains('"') && !self.rest.starts_with('#') {
            end = self.end_of_quoted(first_end).unwrap_or(first_end);
        }
        let record = &self.rest[..end];
        self.line += 1 + record.matches('\n').count() as u64;
        self.read += end + 1;
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        Some((begun, record.strip_suffix('\r').unwrap_or(record)))
    }

    /// Returns the end of a record whose quotes are even in number, not further on than a record may be long.
    fn end_of_quoted(&self, first_end: usize) -> Option<usize> {
        let is_odd = |text: &str| text.matches('"').count() % 2 == 1;
        let mut open = is_odd(&self.rest[..first_end]);
        let mut end = first_end;
        while open && end < self.rest.len() {
            if end > RECORD_BYTES_MAX {
                return None;
            }
            let begin = end + 1;
            let line = self.rest[begin..].split('\n').next().unwrap_or_default();
            open ^= is_odd(line);
            end = begin + line.len();
        }
        (!open).then_some(end)
    }
}
