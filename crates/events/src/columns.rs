//! The columns of the index, made from the table of fields, and the row that an event becomes.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use serde_json::Value;
use tantivy::TantivyDocument;
use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, IpAddrOptions, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use vigie_model::Event;

use crate::fields::{FieldKind, SearchField, search_fields};
use crate::stored::HeadRef;
use crate::{tokenizers, words};

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
    /// [`crate::stored::Head`] as JSON.
    pub(crate) head: Field,
    pub(crate) native: Field,
    pub(crate) id: Field,
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
                FieldKind::Id => schema.add_bytes_field(&name, BytesOptions::default().set_indexed().set_stored()),
            };
        }
        let tie = schema.add_u64_field(TIE, NumericOptions::default().set_fast());
        let seq = schema.add_u64_field(SEQ, NumericOptions::default().set_fast());
        let present = schema.add_text_field("present", keyword_options(false));
        let head = schema.add_text_field("head", TextOptions::default().set_stored());
        let native = schema.add_bytes_field("native", BytesOptions::default().set_stored());
        let schema = schema.build();
        let id = schema.get_field("id").expect("the table of fields has an id");
        Self { schema, tie, seq, present, head, native, id }
    }

    /// Returns the column of a field, or `None` for one that has none of its own.
    pub(crate) fn of(&self, field: &SearchField) -> Option<Field> {
        self.schema.get_field(&column_name(field)?).ok()
    }

    /// Returns the row that an event becomes. `seq` is its place in the order of the log.
    pub(crate) fn row(&self, event: &Event, seq: u64) -> TantivyDocument {
        let mut row = Row { columns: self, document: TantivyDocument::default() };
        row.document.add_bytes(self.id, event.id.as_bytes());
        row.document.add_u64(self.tie, tie(event.id.as_bytes()));
        row.document.add_u64(self.seq, seq);
        row.time("time", event.time.as_micros());
        row.time("arrival", event.arrival.as_micros());
        row.keyword("source", Some(event.source.as_str()));
        row.envelope(event);
        row.texts(event);
        let head =
            serde_json::to_string(&HeadRef::of(event)).expect("an envelope has only text keys and finite numbers");
        row.document.add_text(self.head, head);
        row.document.add_bytes(self.native, &event.native);
        row.document
    }
}

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
        let envelope = &event.envelope;
        self.keyword("class", Some(envelope.class.as_str()));
        self.keyword("activity", Some(&envelope.activity));
        self.keyword("outcome", Some(envelope.outcome.as_str()));
        self.number("severity", Some(envelope.severity as u64));
        self.keyword("product", envelope.logsource.product.as_deref());
        self.keyword("category", envelope.logsource.category.as_deref());
        self.keyword("service", envelope.logsource.service.as_deref());
        self.keyword("user", envelope.user.as_deref());
        for (end, [ip, port, host]) in
            [(&envelope.src, ["src_ip", "src_port", "src_host"]), (&envelope.dst, ["dst_ip", "dst_port", "dst_host"])]
        {
            if let Some(address) = end.ip {
                self.document.add_ip_addr(self.field(ip), wide(address));
            }
            self.number(port, end.port.map(u64::from));
            self.keyword(host, end.host.as_deref());
        }
        self.keyword("device", envelope.device.as_deref());
        let process = &envelope.process;
        self.keyword("process_name", process.name.as_deref());
        self.keyword("process_path", process.path.as_deref());
        self.number("process_pid", process.pid.map(u64::from));
        self.uncounted("process_command_line", process.command_line.as_deref());
        self.keyword("process_parent", process.parent.as_deref());
        self.keyword("file_path", envelope.file.path.as_deref());
        self.uncounted("file_hash", envelope.file.hashes.iter().map(String::as_str));
        self.uncounted("url", envelope.url.as_deref());
        self.keyword("domain", envelope.domain.as_deref());
        self.keyword("cloud_provider", envelope.cloud.provider.as_deref());
        self.keyword("cloud_account", envelope.cloud.account.as_deref());
        self.keyword("cloud_region", envelope.cloud.region.as_deref());
        self.uncounted("entity", event.entities.iter().map(|entity| entity.value.as_str()));
    }

    fn texts(&mut self, event: &Event) {
        let message = event.envelope.message.as_str();
        let native = native_texts(event);
        // A line of syslog ends with its message: no need to index it twice.
        let ends_with_it = |text: &str| {
            text.trim_end().strip_suffix(message).is_some_and(|before| before.is_empty() || before.ends_with(' '))
        };
        let repeats = matches!(native.as_slice(), [line] if ends_with_it(line));
        let all = (!repeats).then_some(Cow::Borrowed(message)).into_iter().chain(native);
        let mut room = TEXT_BYTES_MAX;
        let mut texts = Vec::new();
        for text in all {
            let part = &text[..text.floor_char_boundary(room)];
            room -= part.len();
            texts.push(part.to_owned());
        }
        let message = &message[..message.floor_char_boundary(TEXT_BYTES_MAX)];
        self.uncounted("message", Some(message));
        self.uncounted("text", texts.iter().map(String::as_str));
    }

    fn keyword(&mut self, column: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.document.add_text(self.field(column), words::clip(value));
        }
    }

    fn uncounted<'v>(&mut self, column: &str, values: impl IntoIterator<Item = &'v str>) {
        let field = self.field(column);
        let mut any = false;
        for value in values.into_iter().filter(|value| !value.is_empty()) {
            self.document.add_text(field, value);
            any = true;
        }
        if any {
            self.document.add_text(self.columns.present, column);
        }
    }

    fn number(&mut self, column: &str, value: Option<u64>) {
        if let Some(value) = value {
            self.document.add_u64(self.field(column), value);
        }
    }

    fn time(&mut self, column: &str, micros: i64) {
        self.document.add_i64(self.field(column), micros);
    }

    fn field(&self, column: &str) -> Field {
        self.columns.schema.get_field(column).expect("the table of fields has every column that a row fills")
    }
}

/// Returns the texts of the native document: the values, not the names, of one in JSON; the whole of any other.
fn native_texts(event: &Event) -> Vec<Cow<'_, str>> {
    let begins = event.native.iter().find(|byte| !byte.is_ascii_whitespace());
    if !matches!(begins, Some(b'{' | b'[')) || event.document.fields().is_empty() {
        return vec![String::from_utf8_lossy(&event.native)];
    }
    let mut texts = Vec::new();
    for value in event.document.fields().values() {
        collect(value, &mut texts);
    }
    texts
}

/// Collects the scalars of a JSON value. Its depth is bounded by the parser that made it.
fn collect<'a>(value: &'a Value, texts: &mut Vec<Cow<'a, str>>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => texts.push(Cow::Owned(number.to_string())),
        Value::String(text) => texts.push(Cow::Borrowed(text)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, texts)),
    }
}
