//! A body to records.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use vigie_model::{BatchContext, DeadLetter, Position, Record, SourceName, TenantId, Timestamp};

use super::scan::{ScanFault, array_elements, member, skip_space, value_end};
use crate::{Fault, Framing, RECORD_BYTES_MAX, Source};

/// How many records one body may hold.
pub const RECORDS_MAX: usize = 1_000_000;
/// How many parts of one body may be unreadable before the rest is given up.
pub const FAULTS_MAX: usize = 10_000;
/// How many values that never end are looked for over several lines. Each costs a scan of the rest of the body, so that
/// a body made of nothing else would cost its length squared.
const UNENDING_MAX: u32 = 8;
/// How far into an object the name of a container's member is looked for.
const CONTAINER_PREFIX_BYTES: usize = 256;

/// The name of a batch, as its sender gave it or as we made it: positions, and so event ids, are made from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchName(String);

impl BatchName {
    /// Returns the name. A sender that repeats a batch under its name doubles nothing.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Returns the position of the `index`-th record of the batch.
    pub fn position(&self, index: u64) -> Position {
        Position::Batch { id: self.0.clone(), index }
    }
}

/// What a body fell into.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Split {
    /// The records, in order.
    pub records: Vec<Record>,
    /// Parts of the body that could not be told apart into records; each names the byte.
    pub dead: Vec<DeadLetter>,
}

/// Returns the records of a decompressed body, as the source frames them. Records are slices of the body: nothing is
/// copied, and the elements of arrays and containers keep their exact bytes. Never fails: what cannot be split becomes dead
/// letters, at most [`FAULTS_MAX`], and splitting goes on behind it.
pub fn split(
    source: &dyn Source,
    tenant: &TenantId,
    batch: BatchName,
    body: Bytes,
    context: Option<Arc<BatchContext>>,
    arrival: Timestamp,
) -> Split {
    let name = SourceName::new(source.name()).expect("sources have valid names");
    let mut splitter = Splitter {
        source,
        name,
        tenant,
        batch,
        context,
        arrival,
        out: Split::default(),
        index: 0,
        stopped: false,
        unending: 0,
        body,
    };
    splitter.run();
    splitter.out
}

struct Splitter<'a> {
    source: &'a dyn Source,
    name: SourceName,
    tenant: &'a TenantId,
    batch: BatchName,
    context: Option<Arc<BatchContext>>,
    arrival: Timestamp,
    body: Bytes,
    out: Split,
    index: u64,
    stopped: bool,
    unending: u32,
}

impl Splitter<'_> {
    fn run(&mut self) {
        let start = if self.body.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let first = self.body.get(skip_space(&self.body, start)).copied();
        match self.source.framing() {
            Framing::Json => self.values(start),
            Framing::LinesOrJson if matches!(first, Some(b'{' | b'[')) => self.values(start),
            Framing::Lines | Framing::LinesOrJson => self.lines(start),
        }
    }

    fn lines(&mut self, mut at: usize) {
        while at < self.body.len() && !self.stopped {
            let end = self.line_end(at);
            self.line(at..end);
            at = end + 1;
        }
    }

    fn line(&mut self, range: Range<usize>) {
        let line = self.body[range.clone()].trim_ascii_end();
        if line.trim_ascii_start().is_empty() {
            return;
        }
        if self.source.is_header(line) {
            let logsource = self.context.as_ref().and_then(|context| context.logsource.clone());
            let header = Some(self.body.slice_ref(line));
            self.context = Some(Arc::new(BatchContext { logsource, header }));
            return;
        }
        // Only the line's end is taken off: blanks before it are the sender's.
        let carriage_return = usize::from(self.body[range.clone()].ends_with(b"\r"));
        self.record(range.start..range.end - carriage_return);
    }

    fn values(&mut self, mut at: usize) {
        loop {
            // Commas between values and the record separators of RFC 7464 are taken as blanks.
            at = skip_space(&self.body, at);
            match self.body.get(at) {
                None => return,
                _ if self.stopped => return,
                Some(b',' | 0x1e) => at += 1,
                Some(b'[') => at = self.array(at),
                Some(b'{') => at = self.object(at),
                Some(_) => {
                    let end = self.line_end(at);
                    self.line(at..end);
                    at = end;
                }
            }
        }
    }

    /// Takes the elements of an array; returns where to go on.
    fn array(&mut self, open: usize) -> usize {
        let body = self.body.clone();
        let mut elements = array_elements(&body, open);
        while let Some(element) = elements.next() {
            match element {
                Ok(range) => self.record(range),
                Err(fault) => return self.unsplittable(open, elements.offset().min(fault.offset), fault),
            }
            if self.stopped {
                break;
            }
        }
        elements.offset()
    }

    fn object(&mut self, open: usize) -> usize {
        let body = self.body.clone();
        let line_only = self.unending >= UNENDING_MAX;
        let scope = if line_only { &body[..self.line_end(open)] } else { &body[..] };
        let end = match value_end(scope, open) {
            Ok(end) => end,
            Err(fault) => {
                self.unending += 1;
                return self.unsplittable(open, open, fault);
            }
        };
        let value = &body[open..end];
        let prefix = &value[..value.len().min(CONTAINER_PREFIX_BYTES)];
        let array = self
            .source
            .container()
            .filter(|name| value.len() > RECORD_BYTES_MAX || memchr::memmem::find(prefix, name.as_bytes()).is_some())
            .and_then(|name| member(&body, open, name))
            .filter(|&array| body.get(array) == Some(&b'['));
        match array {
            Some(array) => {
                self.array(array);
            }
            None => self.record(open..end),
        }
        end
    }

    /// Makes a dead letter of what stands at `from`, a part of the value that begins at `value`; returns where the next
    /// value may begin: at the next line that opens one.
    fn unsplittable(&mut self, value: usize, from: usize, fault: ScanFault) -> usize {
        let mut next = self.line_end(from.max(value));
        while self.unending < UNENDING_MAX && next + 1 < self.body.len() && !matches!(self.body[next + 1], b'{' | b'[')
        {
            next = self.line_end(next + 1);
        }
        self.fault(from..next, &Fault::BadBody { reason: fault.reason, offset: fault.offset });
        next
    }

    fn record(&mut self, range: Range<usize>) {
        if self.out.records.len() >= RECORDS_MAX {
            self.stop("records", RECORDS_MAX, range.start);
            return;
        }
        let record = self.make(range);
        self.out.records.push(record);
    }

    fn fault(&mut self, range: Range<usize>, fault: &Fault) {
        if self.out.dead.len() >= FAULTS_MAX {
            self.stop("faults", FAULTS_MAX, range.start);
            return;
        }
        let letter = fault.letter(&self.make(range));
        self.out.dead.push(letter);
    }

    fn stop(&mut self, what: &'static str, limit: usize, offset: usize) {
        self.stopped = true;
        let letter = Fault::TooMany { what, limit, offset }.letter(&self.make(offset..self.body.len()));
        self.out.dead.push(letter);
    }

    fn make(&mut self, range: Range<usize>) -> Record {
        let position = self.batch.position(self.index);
        self.index += 1;
        Record {
            tenant: self.tenant.clone(),
            source: self.name.clone(),
            position,
            arrival: self.arrival,
            bytes: self.body.slice(range),
            context: self.context.clone(),
        }
    }

    fn line_end(&self, at: usize) -> usize {
        memchr::memchr(b'\n', &self.body[at..]).map_or(self.body.len(), |newline| at + newline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sources;

    #[track_caller]
    fn check(source: &str, body: &str, records: &[&str], codes: &[&str]) -> Split {
        let sources = Sources::builtin();
        let source = sources.get(&SourceName::new(source).unwrap()).unwrap();
        let tenant = TenantId::new("acme").unwrap();
        let body = Bytes::copy_from_slice(body.as_bytes());
        let split = split(source, &tenant, BatchName::new("b"), body, None, Timestamp::EPOCH);
        let found: Vec<&str> = split.records.iter().map(|record| std::str::from_utf8(&record.bytes).unwrap()).collect();
        assert_eq!(found, records);
        let said: Vec<&str> = split.dead.iter().map(|letter| letter.code.as_str()).collect();
        assert_eq!(said, codes);
        split
    }

    #[test]
    fn lines() {
        check("syslog", "one\r\n\n  two \nthree", &["one", "  two ", "three"], &[]);
        check("syslog", "\u{feff}one\n", &["one"], &[]);
        check("syslog", "", &[], &[]);
    }

    #[test]
    fn json_in_every_arrangement() {
        let two = &[r#"{"a": 1}"#, r#"{"b":2}"#];
        check("json", "{\"a\": 1}\n{\"b\":2}\n", two, &[]);
        check("json", " [ {\"a\": 1} ,\n {\"b\":2} ] ", two, &[]);
        check("json", "{\"a\": 1}{\"b\":2}", two, &[]);
        check("json", "[{\"a\": 1}]\n[{\"b\":2}]", two, &[]);
        check("json", "{\n  \"a\": [\n1\n]\n}\n{\n}\n", &["{\n  \"a\": [\n1\n]\n}", "{\n}"], &[]);
        check("cloudtrail", "{\"Records\": [{\"a\": 1}, {\"b\":2}]}", two, &[]);
        check("cloudtrail", "{\"Records\": 1}", &["{\"Records\": 1}"], &[]);
        check("web_access", "{\"a\": 1}\n{\"b\":2}\n", two, &[]);
    }

    #[test]
    fn a_fault_costs_only_its_line() {
        check("json", "{\"a\": 1}\n{\"x\":\n{\"b\":2}\n{\"y\":\"\n", &["{\"a\": 1}", "{\"b\":2}"], &["bad_body"; 2]);
        check("json", "{\"a\": 1}\n{\"x\": 1\n{\"b\":2}\n", &["{\"a\": 1}", "{\"b\":2}"], &["bad_body"]);
        check("json", "{\"a\": \"1\n{\"b\":2}\n", &["{\"b\":2}"], &["bad_body"]);
        check("json", "hello\n{\"b\":2}", &["hello", "{\"b\":2}"], &[]);
        let split = check("json", "[{\"a\":1} {\"b\":2}]\n", &["{\"a\":1}"], &["bad_body"]);
        assert!(split.dead[0].reason.contains("byte 9"), "{}", split.dead[0].reason);
    }

    #[test]
    fn a_header_line_is_context() {
        let split = check("vpc_flow", "version account-id\n2 111122223333\n", &["2 111122223333"], &[]);
        let context = split.records[0].context.as_ref().unwrap();
        assert_eq!(context.header.as_deref(), Some(&b"version account-id"[..]));
    }

    #[test]
    fn values_that_never_end_do_not_cost_their_length_squared() {
        let body = "{\"a\":[\n".repeat(200_000);
        let sources = Sources::builtin();
        let source = sources.get(&SourceName::new("json").unwrap()).unwrap();
        let tenant = TenantId::new("acme").unwrap();
        let split = split(source, &tenant, BatchName::new("b"), body.into(), None, Timestamp::EPOCH);
        assert_eq!(split.dead.len(), FAULTS_MAX + 1);
        assert_eq!(split.dead.last().map(|letter| letter.code.as_str()), Some("too_many"));
    }
}
