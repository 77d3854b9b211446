//! The columns of the index, made from the table of fields, and the row that an event becomes.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use serde_json::Value;
use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, IpAddrOptions, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{TantivyDocument, Term};
use vigie_model::Event;

use crate::fields::{FieldKind, SearchField, search_fields};
use crate::{stored, tokenizers, words};

/// How much of an event's text is searchable by its words; all of it is kept.
const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// The columns of the index.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    pub(crate) schema: Schema,
    /// The first 8 bytes of the id, by which events of one time are ordered.
    pub(crate) tie: Field,
    /// The event's place in the order of the log: the position of its entry, and one more for each event before it there.
    pub(crate) seq: Field,
    /// The names of the uncounted fields that the event has; the counted ones know by themselves.
    pub(crate) present: Field,
    /// The event as [`crate::stored`] writes it.
    pub(crate) stored: Field,
    /// The first bytes of the id: see [`Columns::id_term`].
    id: Field,
    filled: Filled,
}

/// Makes a struct of the columns that a row fills, so that none is looked up by its name for each value.
macro_rules! filled {
    ($($column:ident)*) => {
        #[derive(Debug, Clone, Copy)]
        struct Filled { $($column: Field),* }

        impl Filled {
            fn of(schema: &Schema) -> Self {
                let column = |name| schema.get_field(name).expect("the table of fields has every column that a row fills");
                Self { $($column: column(stringify!($column))),* }
            }
        }
    };
}

filled! {
    time arrival source class activity outcome severity product category service user src_ip src_port src_host dst_ip dst_port
    dst_host device process_name process_path process_pid process_command_line process_parent file_path file_hash url domain
    cloud_provider cloud_account cloud_region entity message text
}

/// The column that events of one time are ordered by.
pub(crate) const TIE: &str = "tie";
/// The column of an event's place in the order of the log, by which a live tail goes on where it was.
pub(crate) const SEQ: &str = "seq";

impl Columns {
    pub(crate) fn new() -> Self {
        let mut schema = Schema::builder();
        let number = || NumericOptions::default().set_fast().set_indexed();
        for field in search_fields() {
            let Some(name) = column_name(field) else { continue };
            match field.kind {
                FieldKind::Keyword => schema.add_text_field(&name, keyword_options(field.countable)),
                FieldKind::Text => schema.add_text_field(&name, text_options()),
                FieldKind::Address => {
                    schema.add_ip_addr_field(&name, IpAddrOptions::default().set_indexed().set_fast())
                }
                // Microseconds, not tantivy's nanoseconds: those end in the year 2262, and forged times do not.
                FieldKind::Time => schema.add_i64_field(&name, NumericOptions::default().set_fast()),
                FieldKind::Number | FieldKind::Severity => schema.add_u64_field(&name, number()),
                FieldKind::Id => schema.add_bytes_field(&name, BytesOptions::default().set_indexed()),
            };
        }
        let tie = schema.add_u64_field(TIE, NumericOptions::default().set_fast());
        let seq = schema.add_u64_field(SEQ, NumericOptions::default().set_fast());
        let present = schema.add_text_field("present", keyword_options(false));
        let stored = schema.add_bytes_field("stored", BytesOptions::default().set_stored());
        let schema = schema.build();
        let id = schema.get_field("id").expect("the table of fields has an id");
        let filled = Filled::of(&schema);
        Self { schema, tie, seq, present, stored, id, filled }
    }

    /// Returns the term that an id is looked up by. Few other ids have it too: who looks one up compares the whole tie.
    pub(crate) fn id_term(&self, id: &[u8; 16]) -> Term {
        Term::from_field_bytes(self.id, &id[..ID_TERM_BYTES])
    }

    /// Returns the column of a field, or `None` for one that has none of its own.
    pub(crate) fn of(&self, field: &SearchField) -> Option<Field> {
        self.schema.get_field(&column_name(field)?).ok()
    }

    /// Returns the row that an event becomes. `seq` is its place in the order of the log.
    pub(crate) fn row(&self, event: &Event, seq: u64) -> TantivyDocument {
        let mut row = Row { columns: self, document: TantivyDocument::default() };
        let to = &self.filled;
        row.document.add_bytes(self.id, &event.id.as_bytes()[..ID_TERM_BYTES]);
        row.document.add_u64(self.tie, tie(event.id.as_bytes()));
        row.document.add_u64(self.seq, seq);
        row.document.add_i64(to.time, event.time.as_micros());
        row.document.add_i64(to.arrival, event.arrival.as_micros());
        row.keyword(to.source, Some(event.source.as_str()));
        row.envelope(event);
        row.texts(event);
        row.document.add_bytes(self.stored, &stored::encode(event));
        row.document
    }
}

/// How many bytes of an id are indexed. All 16 would cost a tenth of all indexing: a dictionary of random keys grows by each
/// byte of each. With 4, about one look-up in 430 meets a second event in a partition of 10 million.
const ID_TERM_BYTES: usize = 4;

/// Returns what orders an event among those of the same time.
pub(crate) fn tie(id: &[u8; 16]) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&id[..8]);
    u64::from_be_bytes(first)
}

/// Returns an address as the index holds it: IPv4 mapped into IPv6.
pub(crate) fn wide(address: IpAddr) -> Ipv6Addr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

pub(crate) fn column_name(field: &SearchField) -> Option<String> {
    (!matches!(field.name, "tenant" | "ip")).then(|| field.name.replace('.', "_"))
}

fn keyword_options(countable: bool) -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(tokenizers::KEYWORD)
        .set_index_option(IndexRecordOption::Basic)
        .set_fieldnorms(false);
    let options = TextOptions::default().set_indexing_options(indexing);
    // The fast column keeps the case, so that top values read as the events write them.
    if countable { options.set_fast("raw") } else { options }
}

fn text_options() -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(tokenizers::WORDS)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions)
        .set_fieldnorms(false);
    TextOptions::default().set_indexing_options(indexing)
}

/// A row being filled.
struct Row<'a> {
    columns: &'a Columns,
    document: TantivyDocument,
}

impl Row<'_> {
    fn envelope(&mut self, event: &Event) {
        let to = self.columns.filled;
        let envelope = &event.envelope;
        self.keyword(to.class, Some(envelope.class.as_str()));
        self.keyword(to.activity, Some(&envelope.activity));
        self.keyword(to.outcome, Some(envelope.outcome.as_str()));
        self.number(to.severity, Some(envelope.severity as u64));
        self.keyword(to.product, envelope.logsource.product.as_deref());
        self.keyword(to.category, envelope.logsource.category.as_deref());
        self.keyword(to.service, envelope.logsource.service.as_deref());
        self.keyword(to.user, envelope.user.as_deref());
        for (end, [ip, port, host]) in [
            (&envelope.src, [to.src_ip, to.src_port, to.src_host]),
            (&envelope.dst, [to.dst_ip, to.dst_port, to.dst_host]),
        ] {
            if let Some(address) = end.ip {
                self.document.add_ip_addr(ip, wide(address));
            }
            self.number(port, end.port.map(u64::from));
            self.keyword(host, end.host.as_deref());
        }
        self.keyword(to.device, envelope.device.as_deref());
        let process = &envelope.process;
        self.keyword(to.process_name, process.name.as_deref());
        self.keyword(to.process_path, process.path.as_deref());
        self.number(to.process_pid, process.pid.map(u64::from));
        self.uncounted(to.process_command_line, process.command_line.as_deref());
        self.keyword(to.process_parent, process.parent.as_deref());
        self.keyword(to.file_path, envelope.file.path.as_deref());
        self.uncounted(to.file_hash, envelope.file.hashes.iter().map(String::as_str));
        self.uncounted(to.url, envelope.url.as_deref());
        self.keyword(to.domain, envelope.domain.as_deref());
        self.keyword(to.cloud_provider, envelope.cloud.provider.as_deref());
        self.keyword(to.cloud_account, envelope.cloud.account.as_deref());
        self.keyword(to.cloud_region, envelope.cloud.region.as_deref());
        self.uncounted(to.entity, event.entities.iter().map(|entity| entity.value.as_str()));
    }

    fn texts(&mut self, event: &Event) {
        let message = clip_text(&event.envelope.message, TEXT_BYTES_MAX);
        self.uncounted(self.columns.filled.message, Some(message));
        let mut room = TEXT_BYTES_MAX;
        let mut any = false;
        let mut add = |text: &str| {
            let part = clip_text(text, room);
            room -= part.len();
            if !part.is_empty() {
                self.document.add_text(self.columns.filled.text, part);
                any = true;
            }
        };
        // What stands in the native document as it is, or at the end of a line, is not indexed a second time.
        if let Some(line) = native_line(event) {
            if !ends_with(&line, &event.envelope.message) {
                add(&event.envelope.message);
            }
            add(&line);
        } else {
            add(&event.envelope.message);
            for value in event.document.fields().values() {
                each_scalar(value, &mut |text| {
                    if text != event.envelope.message {
                        add(text);
                    }
                });
            }
        }
        if any {
            self.document.add_text(self.columns.present, "text");
        }
    }

    fn keyword(&mut self, column: Field, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.document.add_text(column, words::clip(value));
        }
    }

    fn uncounted<'v>(&mut self, column: Field, values: impl IntoIterator<Item = &'v str>) {
        let mut any = false;
        for value in values.into_iter().filter(|value| !value.is_empty()) {
            self.document.add_text(column, value);
            any = true;
        }
        if any {
            self.document.add_text(self.columns.present, self.columns.schema.get_field_name(column));
        }
    }

    fn number(&mut self, column: Field, value: Option<u64>) {
        if let Some(value) = value {
            self.document.add_u64(column, value);
        }
    }
}

fn clip_text(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// Returns whether a line ends with its message, as one of syslog does.
fn ends_with(line: &str, message: &str) -> bool {
    line.trim_end().strip_suffix(message).is_some_and(|before| before.is_empty() || before.ends_with(' '))
}

/// Returns the native document where it is a line; `None` where it is JSON, of which the values are searched and not the
/// names.
fn native_line(event: &Event) -> Option<Cow<'_, str>> {
    let begins = event.native.iter().find(|byte| !byte.is_ascii_whitespace());
    let line = !matches!(begins, Some(b'{' | b'[')) || event.document.fields().is_empty();
    line.then(|| String::from_utf8_lossy(&event.native))
}

/// Walks the texts and numbers of a JSON value. Its depth is bounded by the parser that made it.
fn each_scalar(value: &Value, see: &mut impl FnMut(&str)) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => see(&number.to_string()),
        Value::String(text) => see(text),
        Value::Array(items) => items.iter().for_each(|item| each_scalar(item, see)),
        Value::Object(fields) => fields.values().for_each(|field| each_scalar(field, see)),
    }
}
