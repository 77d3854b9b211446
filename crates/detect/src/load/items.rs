//! Items compiled: a field, its modifiers in the written order, and its values become what the matcher looks for.

use std::collections::HashMap;

use rsigma_parser::{DetectionItem, LogSource, Modifier, SigmaString, SigmaValue, SpecialChar, StringPart};

use super::encode::{self, SPELLINGS_MAX, Spelling, Wide};
use super::values::{network, numbers, regex, texts, values};
use crate::failure::{FailureCode, Refusal};
use crate::matcher::{DatePart, Field, FieldTable, Item, ItemId, Order, Piece, Relation, Wanted};
use crate::pipeline::{Pipeline, Replacement};

/// Compiles items and keeps each different one once.
#[derive(Debug, Default)]
#[expect(clippy::struct_field_names, reason = "the items are items")]
pub(crate) struct Items {
    pub(crate) fields: FieldTable,
    pub(crate) items: Vec<Item>,
    known: HashMap<String, ItemId>,
}

/// What the operator and the rule say about an item's words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'a> {
    pub(crate) pipeline: &'a Pipeline,
    pub(crate) logsource: &'a LogSource,
}

/// What the modifiers of an item come to.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) kind: Kind,
    part: Option<DatePart>,
    relation: Option<Relation>,
    all: bool,
    negated: bool,
    pub(super) cased: bool,
    /// Some modifier has said where in the text the value stands.
    placed: bool,
    /// Some modifier has changed the values.
    changed: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Plain,
    Regex {
        case_insensitive: bool,
        multi_line: bool,
        dot_all: bool,
    },
    Networks,
    Present,
    Compare(Order),
    Fields,
}

/// A value on its way through the modifiers.
#[derive(Debug, Clone)]
pub(super) enum Draft {
    /// Any of these texts.
    Texts(Vec<Spelling>),
    /// A number, truth value or null, as written.
    Plain(SigmaValue),
}

impl Items {
    /// Compiles one line of a detection; several fields where the pipeline gives the field several names, any of which
    /// will do.
    pub(crate) fn compile(&mut self, item: &DetectionItem, words: Words<'_>) -> Result<Vec<ItemId>, Refusal> {
        let mark = item.field.name.clone().unwrap_or_default();
        let (plan, drafts) = prepare(item, words).map_err(|refusal| name_field(refusal, &mark))?;
        let names = match &item.field.name {
            Some(name) => words.pipeline.fields(name, words.logsource).into_iter().map(Some).collect(),
            None => vec![None],
        };
        let mut ids = Vec::with_capacity(names.len());
        for name in names {
            let id = self.intern(name.as_deref(), &plan, &drafts, words);
            ids.push(id.map_err(|refusal| name_field(refusal, &mark))?);
        }
        Ok(ids)
    }

    fn intern(
        &mut self,
        name: Option<&str>,
        plan: &Plan,
        drafts: &[Draft],
        words: Words<'_>,
    ) -> Result<ItemId, Refusal> {
        let field = name.map(|name| self.fields.intern(name));
        // A referenced field may go by other names in other logsources.
        let scope = (plan.kind == Kind::Fields).then_some(words.logsource);
        let key = format!("{field:?} {plan:?} {drafts:?} {scope:?}");
        if let Some(id) = self.known.get(&key) {
            return Ok(*id);
        }
        let wanted = if plan.all {
            drafts
                .iter()
                .map(|draft| self.wanted(plan, std::slice::from_ref(draft), words))
                .collect::<Result<_, _>>()?
        } else {
            [self.wanted(plan, drafts, words)?].into()
        };
        let id = ItemId(u32::try_from(self.items.len()).expect("fewer items than bytes of rules"));
        self.items.push(Item { field, wanted, negated: plan.negated });
        self.known.insert(key, id);
        Ok(id)
    }

    fn wanted(&mut self, plan: &Plan, drafts: &[Draft], words: Words<'_>) -> Result<Wanted, Refusal> {
        Ok(match plan.kind {
            Kind::Plain => match plan.part {
                Some(part) => Wanted::Numbers { part: Some(part), order: Order::Equal, numbers: numbers(drafts)? },
                None => Wanted::Values(Box::new(values(plan, drafts)?)),
            },
            Kind::Compare(order) => Wanted::Numbers { part: plan.part, order, numbers: numbers(drafts)? },
            Kind::Regex { .. } => {
                Wanted::Regex(texts(drafts).map(|text| regex(&text?, plan.kind)).collect::<Result<_, _>>()?)
            }
            Kind::Networks => Wanted::Networks(texts(drafts).map(|text| network(&text?)).collect::<Result<_, _>>()?),
            Kind::Present => match drafts {
                [Draft::Plain(SigmaValue::Bool(present))] => Wanted::Present(*present),
                _ => return Err(Refusal::new(FailureCode::InvalidValue, "exists takes true or false")),
            },
            Kind::Fields => {
                let mut fields = Vec::new();
                for name in texts(drafts) {
                    let names = words.pipeline.fields(&name?, words.logsource);
                    fields.extend(names.iter().map(|name| self.fields.intern(name)));
                }
                let relation = plan.relation.unwrap_or(Relation::Equal);
                Wanted::Fields { fields: fields.into(), relation, cased: plan.cased }
            }
        })
    }
}

fn name_field(mut refusal: Refusal, field: &str) -> Refusal {
    let name = if field.is_empty() { "a keyword".to_owned() } else { format!("`{}`", Field::new(field).name()) };
    refusal.reason = format!("{name}: {}", refusal.reason);
    refusal.at(field)
}

/// Applies the modifiers in the written order.
fn prepare(item: &DetectionItem, words: Words<'_>) -> Result<(Plan, Vec<Draft>), Refusal> {
    let mut plan = Plan::default();
    let keyword = item.field.name.is_none();
    let mut drafts: Vec<Draft> = item.values.iter().map(draft).collect();
    for modifier in &item.field.modifiers {
        plan.take(*modifier)?;
    }
    for modifier in &item.field.modifiers {
        for draft in &mut drafts {
            plan.change(*modifier, draft, words)?;
        }
    }
    if keyword && matches!(plan.kind, Kind::Present | Kind::Fields) {
        return Err(conflict("`exists` and `fieldref` need a field"));
    }
    if keyword && plan.kind == Kind::Plain && plan.part.is_none() && !plan.placed {
        // A keyword may stand anywhere in a value; a number may be a value or stand in a text.
        for value in std::mem::take(&mut drafts) {
            match value {
                Draft::Texts(spellings) => drafts.push(Draft::Texts(spellings.into_iter().map(anywhere).collect())),
                Draft::Plain(number) if !plan.all => {
                    drafts.push(Draft::Texts(vec![anywhere(vec![Piece::Literal(number.to_string())])]));
                    drafts.push(Draft::Plain(number));
                }
                Draft::Plain(number) => {
                    drafts.push(Draft::Texts(vec![anywhere(vec![Piece::Literal(number.to_string())])]));
                }
            }
        }
    }
    Ok((plan, drafts))
}

impl Plan {
    fn take(&mut self, modifier: Modifier) -> Result<(), Refusal> {
        match modifier {
            Modifier::All => self.all = true,
            Modifier::Neq => self.negated = true,
            Modifier::Cased => self.cased = true,
            Modifier::Re => {
                self.set(Kind::Regex { case_insensitive: false, multi_line: false, dot_all: false })?;
            }
            Modifier::IgnoreCase | Modifier::Multiline | Modifier::DotAll => {
                let Kind::Regex { case_insensitive, multi_line, dot_all } = &mut self.kind else {
                    return Err(conflict("`i`, `m` and `s` must follow `re`"));
                };
                match modifier {
                    Modifier::IgnoreCase => *case_insensitive = true,
                    Modifier::Multiline => *multi_line = true,
                    _ => *dot_all = true,
                }
            }
            Modifier::Cidr => self.set(Kind::Networks)?,
            Modifier::Exists => self.set(Kind::Present)?,
            Modifier::FieldRef => self.set(Kind::Fields)?,
            Modifier::Lt => self.set(Kind::Compare(Order::Less))?,
            Modifier::Lte => self.set(Kind::Compare(Order::LessOrEqual))?,
            Modifier::Gt => self.set(Kind::Compare(Order::Greater))?,
            Modifier::Gte => self.set(Kind::Compare(Order::GreaterOrEqual))?,
            Modifier::Minute => self.date(DatePart::Minute)?,
            Modifier::Hour => self.date(DatePart::Hour)?,
            Modifier::Day => self.date(DatePart::Day)?,
            Modifier::Week => self.date(DatePart::Week)?,
            Modifier::Month => self.date(DatePart::Month)?,
            Modifier::Year => self.date(DatePart::Year)?,
            Modifier::Contains => self.place(Relation::Contains)?,
            Modifier::StartsWith => self.place(Relation::StartsWith)?,
            Modifier::EndsWith => self.place(Relation::EndsWith)?,
            Modifier::Expand => {}
            Modifier::Base64
            | Modifier::Base64Offset
            | Modifier::Wide
            | Modifier::Utf16
            | Modifier::Utf16be
            | Modifier::WindAsh => {
                if self.kind != Kind::Plain || self.part.is_some() {
                    return Err(conflict("windash, base64 and the 16-bit encodings go with plain texts only"));
                }
                self.changed = true;
            }
        }
        if self.part.is_some() && !matches!(self.kind, Kind::Plain | Kind::Compare(_)) {
            return Err(conflict("a part of a date goes with lt, lte, gt and gte only"));
        }
        Ok(())
    }

    fn set(&mut self, kind: Kind) -> Result<(), Refusal> {
        // `contains|fieldref` is as good as `fieldref|contains`; all else that was done to the text is lost on the kind.
        let placed = self.placed && kind != Kind::Fields;
        if self.kind != Kind::Plain || placed || self.changed {
            return Err(conflict(
                "only one of re, cidr, exists, fieldref, lt, lte, gt and gte, and no other before it",
            ));
        }
        self.kind = kind;
        Ok(())
    }

    fn date(&mut self, part: DatePart) -> Result<(), Refusal> {
        if self.placed || self.changed || self.part.replace(part).is_some() {
            return Err(conflict("one part of a date, and no modifier of texts"));
        }
        Ok(())
    }

    fn place(&mut self, relation: Relation) -> Result<(), Refusal> {
        if !matches!(self.kind, Kind::Plain | Kind::Fields) || self.part.is_some() {
            return Err(conflict("contains, startswith and endswith go with texts and fieldref only"));
        }
        self.placed = true;
        self.relation = Some(relation);
        Ok(())
    }

    /// Applies a modifier that changes the value itself.
    fn change(&self, modifier: Modifier, draft: &mut Draft, words: Words<'_>) -> Result<(), Refusal> {
        if self.kind == Kind::Fields {
            return Ok(());
        }
        let changed = match modifier {
            Modifier::Contains => map(draft, |pieces| Ok(vec![anywhere(pieces)]))?,
            Modifier::StartsWith => map(draft, |pieces| Ok(vec![with_end(pieces)]))?,
            Modifier::EndsWith => map(draft, |pieces| Ok(vec![with_start(pieces)]))?,
            Modifier::WindAsh => map(draft, |pieces| encode::windash(&pieces))?,
            Modifier::Wide => map(draft, |pieces| Ok(vec![encode::wide(&pieces, Wide::LittleEndian)?]))?,
            Modifier::Utf16be => map(draft, |pieces| Ok(vec![encode::wide(&pieces, Wide::BigEndian)?]))?,
            Modifier::Utf16 => map(draft, |pieces| Ok(vec![encode::wide(&pieces, Wide::Marked)?]))?,
            Modifier::Base64 => map(draft, |pieces| Ok(vec![encode::base64(&pieces)?]))?,
            Modifier::Base64Offset => map(draft, |pieces| encode::base64_offsets(&pieces))?,
            Modifier::Expand => map(draft, |pieces| expand(pieces, words))?,
            _ => return Ok(()),
        };
        *draft = Draft::Texts(changed);
        Ok(())
    }
}

fn conflict(reason: &str) -> Refusal {
    Refusal::new(FailureCode::ModifierConflict, format!("modifiers that do not go together: {reason}"))
}

fn draft(value: &SigmaValue) -> Draft {
    match value {
        SigmaValue::String(text) => Draft::Texts(vec![spelling(text)]),
        other => Draft::Plain(other.clone()),
    }
}

fn spelling(text: &SigmaString) -> Spelling {
    let piece = |part: &StringPart| match part {
        StringPart::Plain(text) => Piece::Literal(text.clone()),
        StringPart::Special(SpecialChar::WildcardMulti) => Piece::Any,
        StringPart::Special(SpecialChar::WildcardSingle) => Piece::One,
    };
    let mut pieces: Spelling = text.parts.iter().map(piece).collect();
    pieces.dedup_by(|next, piece| matches!((next, piece), (Piece::Any, Piece::Any)));
    pieces
}

fn map(draft: &Draft, change: impl Fn(Spelling) -> Result<Vec<Spelling>, Refusal>) -> Result<Vec<Spelling>, Refusal> {
    let before = match draft {
        Draft::Texts(spellings) => spellings.clone(),
        Draft::Plain(SigmaValue::Null) => {
            return Err(Refusal::new(FailureCode::InvalidValue, "null cannot be changed by a modifier"));
        }
        Draft::Plain(value) => vec![vec![Piece::Literal(value.to_string())]],
    };
    let mut after = Vec::with_capacity(before.len());
    for pieces in before {
        after.extend(change(pieces)?);
        if after.len() > SPELLINGS_MAX {
            return Err(Refusal::new(
                FailureCode::TooComplex,
                format!("a value has more than {SPELLINGS_MAX} spellings"),
            ));
        }
    }
    Ok(after)
}

fn anywhere(pieces: Spelling) -> Spelling {
    with_start(with_end(pieces))
}

fn with_start(mut pieces: Spelling) -> Spelling {
    if !matches!(pieces.first(), Some(Piece::Any)) {
        pieces.insert(0, Piece::Any);
    }
    pieces
}

fn with_end(mut pieces: Spelling) -> Spelling {
    if !matches!(pieces.last(), Some(Piece::Any)) {
        pieces.push(Piece::Any);
    }
    pieces
}

/// Fills the placeholders (`%name%`) of a value; `\%name%` is that text and no placeholder.
fn expand(pieces: Spelling, words: Words<'_>) -> Result<Vec<Spelling>, Refusal> {
    let mut spellings: Vec<Spelling> = vec![Vec::new()];
    let mut append = |variants: &[Spelling]| {
        spellings = spellings
            .iter()
            .flat_map(|start| variants.iter().map(move |variant| start.iter().chain(variant).cloned().collect()))
            .take(SPELLINGS_MAX + 1)
            .collect();
    };
    for piece in pieces {
        let Piece::Literal(text) = piece else {
            append(&[vec![piece]]);
            continue;
        };
        let mut rest = text.as_str();
        while let Some((before, name, after)) = placeholder(rest) {
            append(&[vec![Piece::Literal(before.replace("\\%", "%"))]]);
            match words.pipeline.placeholder(name, words.logsource) {
                Some(Replacement::Wildcard) => append(&[vec![Piece::Any]]),
                Some(Replacement::Values(values)) => {
                    append(&values.iter().map(|value| spelling(&SigmaString::new(value))).collect::<Vec<_>>());
                }
                None => {
                    let reason = format!(
                        "no pipeline fills the placeholder %{name}%: add it to `vars` and to a `value_placeholders` step"
                    );
                    return Err(Refusal::new(FailureCode::UnfilledPlaceholder, reason));
                }
            }
            rest = after;
        }
        append(&[vec![Piece::Literal(rest.replace("\\%", "%"))]]);
    }
    Ok(spellings.into_iter().map(join).collect())
}

/// Puts neighbouring literals together and drops empty ones and doubled wildcards.
pub(super) fn join(pieces: Spelling) -> Spelling {
    let mut joined: Spelling = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (_, Piece::Literal(text)) if text.is_empty() => {}
            (Some(Piece::Literal(before)), Piece::Literal(text)) => before.push_str(&text),
            (Some(Piece::Any), Piece::Any) => {}
            (_, piece) => joined.push(piece),
        }
    }
    joined
}

fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find('%')?;
        let name = &text[start + 1..];
        let end = name.find(|letter: char| !letter.is_alphanumeric() && letter != '_')?;
        if end > 0 && name[end..].starts_with('%') && !text[..start].ends_with('\\') {
            return Some((&text[..start], &name[..end], &name[end + 1..]));
        }
        from = start + 1;
    }
}
