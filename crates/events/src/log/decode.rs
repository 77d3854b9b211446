//! Reads the body of a frame. Its form is specified in the module's essay.

use std::sync::Arc;

use bytes::Bytes;
use vigie_model::{BatchContext, DeadLetter, EventId, Logsource, Position, Record, SourceName, TenantId, Timestamp};

use super::encode::{has, tag};
use super::varint::Input;

/// What a body holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) now: Timestamp,
    pub(super) records: Vec<Record>,
    pub(super) dead: Vec<DeadLetter>,
}

/// Returns what a body holds, or `None` where it is not one that [`super::encode::Encoder`] writes. The bytes of records
/// are parts of the body, not copies.
pub(super) fn decode(body: &Bytes) -> Option<Body> {
    let mut input = Input::new(body);
    let now = time(u64::from_le_bytes(input.array()?))?;
    let mut state = State { arrival: now, group: None, letters: None };
    let (mut records, mut dead) = (Vec::new(), Vec::new());
    while let Some(kind) = input.byte() {
        match kind {
            tag::RECORD => records.push(state.record(&mut input)?),
            tag::FILE | tag::BATCH | tag::RECEIVED | tag::OBJECT => {
                state.group = Some(Group::read(&mut input, kind)?);
                records.push(state.record(&mut input)?);
            }
            tag::DEAD_LETTER => dead.push(state.letter(&mut input)?),
            tag::DEAD_LETTERS => {
                state.letters = Some((TenantId::new(input.text()?).ok()?, SourceName::new(input.text()?).ok()?));
                dead.push(state.letter(&mut input)?);
            }
            _ => return None,
        }
    }
    Some(Body { now, records, dead })
}

/// Returns the time so many microseconds after 1970, or `None` where [`Timestamp`] has no such time.
fn time(micros: u64) -> Option<Timestamp> {
    let time = Timestamp::from_micros(micros as i64);
    (time.as_micros() == micros as i64).then_some(time)
}

/// What the next item refers to.
struct State {
    arrival: Timestamp,
    group: Option<Group>,
    letters: Option<(TenantId, SourceName)>,
}

impl State {
    fn record(&mut self, input: &mut Input<'_>) -> Option<Record> {
        let group = self.group.as_mut()?;
        let number = number_of(&mut group.position);
        *number = input.delta(*number)?;
        self.arrival = time(input.delta(self.arrival.as_micros() as u64)?)?;
        Some(Record {
            tenant: group.tenant.clone(),
            source: group.source.clone(),
            position: group.position.clone(),
            arrival: self.arrival,
            bytes: input.bytes()?,
            context: group.context.clone(),
        })
    }

    fn letter(&mut self, input: &mut Input<'_>) -> Option<DeadLetter> {
        let (tenant, source) = self.letters.clone()?;
        let id = EventId::from_bytes(input.array()?);
        self.arrival = time(input.delta(self.arrival.as_micros() as u64)?)?;
        let mut text = || input.text().map(str::to_owned);
        let (position, code, reason) = (text()?, text()?, text()?);
        Some(DeadLetter { id, tenant, source, position, arrival: self.arrival, code, reason, bytes: input.bytes()? })
    }
}

/// What neighbouring records share, and the place of the last of them.
struct Group {
    tenant: TenantId,
    source: SourceName,
    position: Position,
    context: Option<Arc<BatchContext>>,
}

impl Group {
    fn read(input: &mut Input<'_>, kind: u8) -> Option<Self> {
        let tenant = TenantId::new(input.text()?).ok()?;
        let source = SourceName::new(input.text()?).ok()?;
        let identity = input.text()?.to_owned();
        let position = match kind {
            tag::FILE => Position::File { identity, offset: 0 },
            tag::BATCH => Position::Batch { id: identity, index: 0 },
            tag::RECEIVED => Position::Received { receiver: identity, sequence: 0 },
            tag::OBJECT => {
                let (key, version) = (input.text()?.to_owned(), input.text()?.to_owned());
                Position::Object { bucket: identity, key, version, index: 0 }
            }
            _ => return None,
        };
        Some(Self { tenant, source, position, context: context(input)? })
    }
}

fn number_of(position: &mut Position) -> &mut u64 {
    match position {
        Position::File { offset: number, .. }
        | Position::Batch { index: number, .. }
        | Position::Received { sequence: number, .. }
        | Position::Object { index: number, .. } => number,
    }
}

/// Returns what the sender said of the batch; the outer `None` stands for bytes that make no sense.
#[expect(clippy::option_option, reason = "one layer is the format's, the other the value's")]
fn context(input: &mut Input<'_>) -> Option<Option<Arc<BatchContext>>> {
    let flags = input.byte()?;
    if flags & has::CONTEXT == 0 {
        return (flags == 0).then_some(None);
    }
    let mut part = |flag| if flags & flag == 0 { Some(None) } else { input.text().map(|text| Some(Arc::from(text))) };
    let logsource =
        Logsource { product: part(has::PRODUCT)?, category: part(has::CATEGORY)?, service: part(has::SERVICE)? };
    let header = if flags & has::HEADER == 0 { None } else { Some(input.bytes()?) };
    let named = flags & has::LOGSOURCE != 0;
    if !named && logsource != Logsource::default() {
        return None;
    }
    Some(Some(Arc::new(BatchContext { logsource: named.then_some(logsource), header })))
}
