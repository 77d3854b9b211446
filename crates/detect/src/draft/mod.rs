//! A search made into a Sigma rule.
//!
//! A search speaks of the parts that every event has (`user`, `src.ip`); a rule speaks of the source's own fields
//! (`target_user`, `sourceIPAddress`). Which field stands for which part is learnt from events that the search finds and from
//! others of the same logsource that it does not. What comes out is tried on all of them: a rule that would not match just
//! the events that the search finds is refused, never handed out.

mod fields;
mod sigma;
mod write;

use vigie_model::{Event, Filter, Logsource, Timestamp};

use crate::draft::fields::Fields;
use crate::draft::sigma::Sigma;
use crate::{Engine, Pipeline, RuleSet};

/// How many events of each kind a rule is learnt from at most; more are left out.
pub const DRAFT_EVENTS_MAX: usize = 200;

/// What a rule is to be made of.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// What the search asks for.
    pub filter: &'a Filter,
    /// The search as its author wrote it, for the rule's description.
    pub written: &'a str,
    /// The rule's title.
    pub title: &'a str,
    /// The rule's id.
    pub id: &'a str,
    /// Who asks for it.
    pub author: &'a str,
    /// The day on which it is made, `YYYY-MM-DD`.
    pub date: &'a str,
    /// Events that the search finds; at least one.
    pub found: &'a [Event],
    /// Events of the same logsources that it does not find.
    pub others: &'a [Event],
}

/// Why a search cannot be said in Sigma: names the part of it, and says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DraftRefusal(pub(crate) String);

/// Returns a Sigma rule that matches just the events that the search finds, as YAML.
///
/// # Errors
/// A part of the search that Sigma cannot say, or that none of the events' own fields stands for.
pub fn draft(draft: &Draft<'_>) -> Result<String, DraftRefusal> {
    let found = &draft.found[..draft.found.len().min(DRAFT_EVENTS_MAX)];
    let others = &draft.others[..draft.others.len().min(DRAFT_EVENTS_MAX)];
    if found.is_empty() {
        return Err(DraftRefusal("no stored event matches the search: a rule is learnt from events".to_owned()));
    }
    let logsource = common(found)?;
    let others: Vec<Event> =
        others.iter().filter(|event| crate::reaches(&logsource, &event.envelope.logsource)).cloned().collect();
    // A field that stands for its part in every event is better than one that does so in those found only.
    let mut refusal = None;
    for seen in [&[found, others.as_slice()][..], &[found][..]] {
        let fields = Fields::new(seen.iter().copied().flatten());
        match Sigma::of(draft.filter, &fields) {
            Ok(sigma) => {
                let yaml = write::rule(draft, &logsource, &sigma);
                match check(&yaml, found, &others) {
                    Ok(()) => return Ok(yaml),
                    Err(reason) => refusal = Some(reason),
                }
            }
            Err(reason) => refusal = Some(reason),
        }
    }
    Err(refusal.unwrap_or_else(|| DraftRefusal("the search asks for nothing".to_owned())))
}

/// Returns the parts of the logsource that all events share.
fn common(events: &[Event]) -> Result<Logsource, DraftRefusal> {
    let shared = |part: fn(&Logsource) -> &Option<std::sync::Arc<str>>| {
        let first = part(&events[0].envelope.logsource);
        first.clone().filter(|_| events.iter().all(|event| part(&event.envelope.logsource) == first))
    };
    let logsource = Logsource {
        product: shared(|logsource| &logsource.product),
        category: shared(|logsource| &logsource.category),
        service: shared(|logsource| &logsource.service),
    };
    if logsource == Logsource::default() {
        let mut sources: Vec<&str> = events.iter().map(|event| event.source.as_str()).collect();
        sources.sort_unstable();
        sources.dedup();
        let reason = format!(
            "the events found share no logsource (they are from {}), and a rule needs one: narrow the search with \
             `source:` or `service:`",
            sources.join(", ")
        );
        return Err(DraftRefusal(reason));
    }
    Ok(logsource)
}

/// Tries the rule on the events.
fn check(yaml: &str, found: &[Event], others: &[Event]) -> Result<(), DraftRefusal> {
    let loaded = RuleSet::load([("draft".to_owned(), yaml.to_owned())], &Pipeline::none());
    if let Some(failure) = loaded.failed.first() {
        return Err(DraftRefusal(format!("the search cannot be said in Sigma: {}", failure.reason)));
    }
    let matched = |events: &[Event]| {
        let mut engine = Engine::new(loaded.rules.clone());
        events
            .iter()
            .filter(|event| !engine.observe(std::slice::from_ref(*event), Timestamp::from_micros(0)).is_empty())
            .count()
    };
    let (right, wrong) = (matched(found), matched(others));
    if right == found.len() && wrong == 0 {
        return Ok(());
    }
    Err(DraftRefusal(format!(
        "the search cannot be said in Sigma exactly: the rule would match {right} of {} events that the search finds and \
         {wrong} of {} that it does not; put conditions on fields in place of words",
        found.len(),
        others.len()
    )))
}
