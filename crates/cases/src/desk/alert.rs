//! Alerts that come from elsewhere, and what people change of any alert.

use std::sync::Arc;
use std::time::Duration;

use vigie_model::{
    Alert, AlertId, AlertOrigin, AlertStatus, Desk, Entity, NamedValue, Observable, Pap, RuleId, RuleSummary, Severity,
    TenantId, Timestamp, Tlp, attack_tags,
};

use super::alert_word::{AlertStage, AlertWord, alert_word, set_word};
use crate::ChangeError;
use crate::change::{PROSE_MAX, TITLE_MAX, said, short, tags_of};
use crate::text::one_line;

/// How long an alert's kind, source and reference may be, in characters.
pub const ORIGIN_CHARS_MAX: usize = 256;
/// How long a link may be, in characters.
pub const LINK_CHARS_MAX: usize = 2_048;

/// What an alert is made of that came from elsewhere.
#[derive(Debug, Clone)]
pub struct NewAlert {
    /// Its id: random, at its time.
    pub id: AlertId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Where it came from.
    pub origin: AlertOrigin,
    /// One line.
    pub title: String,
    /// What is known, in words.
    pub description: String,
    /// How bad it is.
    pub severity: Severity,
    /// When it happened.
    pub date: Timestamp,
    /// Free words.
    pub tags: Vec<String>,
    /// Marked by somebody.
    pub flag: bool,
    /// With whom it may be shared.
    pub tlp: Tlp,
    /// What may be done with it.
    pub pap: Pap,
    /// What came of it, in words.
    pub summary: Option<String>,
    /// Where it is.
    pub word: AlertWord,
    /// Who works on it, by user name.
    pub assignee: Option<String>,
    /// The name of the template that a case is to be opened with.
    pub template: Option<String>,
    /// Fields of the tenant's own.
    pub fields: Vec<NamedValue>,
    /// The sender's rule, where it is known: its name for it, and its title.
    pub rule: Option<(String, String)>,
    /// What it is about, at most [`Alert::ENTITIES_MAX`].
    pub entities: Vec<Entity>,
    /// What the sender's repeats of the same have in common; empty where every one is an alert of its own.
    pub key: Vec<Entity>,
    /// The how-manieth alert of this rule and key.
    pub generation: u32,
    /// Who made it.
    pub by: String,
    /// When.
    pub now: Timestamp,
}

/// Returns a new alert that came from elsewhere.
pub fn new_alert(new: NewAlert) -> Result<Alert, ChangeError> {
    if new.word.stage() == AlertStage::Imported {
        return Err(ChangeError::ImportedByHand);
    }
    let word = new.word;
    let now = new.now;
    let mut alert = bare_alert(NewAlert {
        origin: checked_origin(&new.origin)?,
        title: said("title", &new.title, TITLE_MAX)?,
        tags: tags_of(&new.tags)?,
        summary: new.summary.map(|text| short("summary", &text, PROSE_MAX)).transpose()?,
        template: new.template.map(|name| short("caseTemplate", &name, TITLE_MAX)).transpose()?,
        assignee: new.assignee.map(|name| said("assignee", &name, TITLE_MAX)).transpose()?,
        description: short("description", &new.description, PROSE_MAX)?,
        ..new
    });
    if word != AlertWord::New {
        set_word(&mut alert, word, now);
    }
    Ok(alert)
}

/// Returns the alert that nobody has looked at, made of what was checked or is to be taken as it is.
pub(super) fn bare_alert(new: NewAlert) -> Alert {
    let desk = Desk {
        created_by: new.by,
        flag: new.flag,
        summary: new.summary,
        template: new.template,
        fields: new.fields,
        ..Desk::default()
    };
    Alert {
        id: new.id,
        tenant: new.tenant,
        rule: Arc::new(rule_of(&new.origin, new.rule, new.severity, &new.tags)),
        key: new.key,
        generation: new.generation,
        title: new.title,
        severity: new.severity,
        status: AlertStatus::New,
        assignee: new.assignee,
        tlp: new.tlp,
        pap: new.pap,
        tags: new.tags,
        count: 1,
        first_seen: new.date,
        last_seen: new.date,
        created: new.now,
        updated: new.now,
        last_finding: new.now,
        acknowledged: None,
        closed: None,
        resolution: None,
        case: None,
        entities: new.entities,
        samples: Vec::new(),
        matches: Vec::new(),
        description: new.description,
        origin: Some(new.origin),
        desk,
        version: 1,
    }
}

/// Returns what stands for the sender's rule: what the alerts of one kind and source have in common.
fn rule_of(origin: &AlertOrigin, rule: Option<(String, String)>, level: Severity, tags: &[String]) -> RuleSummary {
    let (name, title) = rule.unwrap_or_else(|| (origin.kind.clone(), origin.kind.clone()));
    RuleSummary {
        id: sender_rule(&origin.source, &name),
        title: one_line(&title, TITLE_MAX),
        description: String::new(),
        author: None,
        level,
        tags: Vec::new(),
        attack: attack_tags(tags.iter().map(String::as_str)),
        references: origin.link.iter().cloned().collect(),
        false_positives: Vec::new(),
    }
}

/// Returns the id of what a sender calls a rule.
pub fn sender_rule(source: &str, name: &str) -> RuleId {
    let id = one_line(&format!("{}:{name}", source.trim()), 200);
    RuleId::new(&id).unwrap_or_else(|_| RuleId::new("external").expect("the word is a rule's id"))
}

fn checked_origin(origin: &AlertOrigin) -> Result<AlertOrigin, ChangeError> {
    Ok(AlertOrigin {
        kind: said("type", &origin.kind, ORIGIN_CHARS_MAX)?,
        source: said("source", &origin.source, ORIGIN_CHARS_MAX)?,
        reference: said("sourceRef", &origin.reference, ORIGIN_CHARS_MAX)?,
        link: origin.link.as_deref().map(|link| page_link("externalLink", link)).transpose()?,
    })
}

/// Returns a link that runs nothing where somebody follows it.
pub(super) fn page_link(field: &'static str, link: &str) -> Result<String, ChangeError> {
    let link = short(field, link.trim(), LINK_CHARS_MAX)?;
    let scheme: String =
        link.chars().filter(|letter| !letter.is_control() && !letter.is_whitespace()).take(16).collect();
    let scheme = scheme.to_ascii_lowercase();
    if ["javascript:", "data:", "vbscript:"].iter().any(|bad| scheme.starts_with(bad)) {
        return Err(ChangeError::BadLink(field));
    }
    Ok(link)
}

/// What to change of an alert; `None` leaves it as it is, and `Some(None)` takes it away.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the alert")]
pub struct AlertPatch {
    pub kind: Option<String>,
    pub source: Option<String>,
    pub reference: Option<String>,
    pub link: Option<Option<String>>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub severity: Option<Severity>,
    pub date: Option<Timestamp>,
    pub tags: Option<Vec<String>>,
    pub add_tags: Vec<String>,
    pub remove_tags: Vec<String>,
    pub tlp: Option<Tlp>,
    pub pap: Option<Pap>,
    pub flag: Option<bool>,
    pub follow: Option<bool>,
    pub fields: Option<Vec<NamedValue>>,
    pub word: Option<AlertWord>,
    pub summary: Option<Option<String>>,
    pub assignee: Option<Option<String>>,
    pub template: Option<Option<String>>,
}

/// Returns whether a word would open an alert again that is closed: not everybody may.
pub fn reopens(alert: &Alert, word: AlertWord) -> bool {
    alert_word(alert).stage() == AlertStage::Closed && word.stage() != AlertStage::Closed
}

/// Changes an alert, closed or not. Where nothing changes, the alert comes back as it was.
pub fn patch_alert(before: &Alert, patch: &AlertPatch, by: &str, now: Timestamp) -> Result<Alert, ChangeError> {
    let mut alert = before.clone();
    patch_origin(&mut alert, patch)?;
    if let Some(title) = &patch.title {
        alert.title = said("title", title, TITLE_MAX)?;
    }
    if let Some(description) = &patch.description {
        alert.description = short("description", description, PROSE_MAX)?;
    }
    alert.severity = patch.severity.unwrap_or(alert.severity);
    alert.tlp = patch.tlp.unwrap_or(alert.tlp);
    alert.pap = patch.pap.unwrap_or(alert.pap);
    if let Some(date) = patch.date {
        // Of an alert that has not grown, it is when all of it happened.
        alert.last_seen = if alert.count == 1 { date } else { alert.last_seen.max(date) };
        alert.first_seen = date;
    }
    alert.tags = changed_tags(&alert.tags, patch)?;
    alert.desk.flag = patch.flag.unwrap_or(alert.desk.flag);
    alert.desk.unfollowed = patch.follow.map_or(alert.desk.unfollowed, |follow| !follow);
    if let Some(fields) = &patch.fields {
        alert.desk.fields.clone_from(fields);
    }
    if let Some(summary) = &patch.summary {
        alert.desk.summary = summary.as_deref().map(|text| short("summary", text, PROSE_MAX)).transpose()?;
        if let Some(resolution) = &mut alert.resolution {
            resolution.summary = alert.desk.summary.clone().unwrap_or_default();
        }
    }
    if let Some(template) = &patch.template {
        alert.desk.template = template.as_deref().map(|name| short("caseTemplate", name, TITLE_MAX)).transpose()?;
    }
    if let Some(assignee) = &patch.assignee {
        alert.assignee = assignee.as_deref().map(|name| said("assignee", name, TITLE_MAX)).transpose()?;
    }
    if let Some(word) = patch.word.filter(|word| *word != alert_word(before)) {
        if word.stage() == AlertStage::Imported {
            return Err(ChangeError::ImportedByHand);
        }
        set_word(&mut alert, word, now);
    }
    Ok(if alert == *before { alert } else { touched(alert, by, now) })
}

/// Returns the alert as changed by somebody, one version on.
pub(super) fn touched(mut alert: Alert, by: &str, now: Timestamp) -> Alert {
    alert.updated = now;
    alert.desk.updated_by = Some(by.to_owned());
    alert.version += 1;
    alert
}

fn patch_origin(alert: &mut Alert, patch: &AlertPatch) -> Result<(), ChangeError> {
    let Some(origin) = &alert.origin else {
        let fixed = [("type", &patch.kind), ("source", &patch.source), ("sourceRef", &patch.reference)];
        if let Some((field, _)) = fixed.iter().find(|(_, value)| value.is_some()) {
            return Err(ChangeError::OfItsRule(field));
        }
        return if patch.link.is_some() { Err(ChangeError::OfItsRule("externalLink")) } else { Ok(()) };
    };
    alert.origin = Some(checked_origin(&AlertOrigin {
        kind: patch.kind.as_ref().unwrap_or(&origin.kind).clone(),
        source: patch.source.as_ref().unwrap_or(&origin.source).clone(),
        reference: patch.reference.as_ref().unwrap_or(&origin.reference).clone(),
        link: patch.link.clone().unwrap_or_else(|| origin.link.clone()),
    })?);
    Ok(())
}

fn changed_tags(tags: &[String], patch: &AlertPatch) -> Result<Vec<String>, ChangeError> {
    if patch.tags.is_none() && patch.add_tags.is_empty() && patch.remove_tags.is_empty() {
        return Ok(tags.to_vec());
    }
    let mut tags = patch.tags.clone().unwrap_or_else(|| tags.to_vec());
    tags.extend(patch.add_tags.iter().cloned());
    tags.retain(|tag| !patch.remove_tags.contains(tag));
    tags_of(&tags)
}

/// Returns what observables make an alert be about: that is how likeness is found.
pub fn entities_of(observables: &[Observable]) -> Vec<Entity> {
    let counts = |observable: &&Observable| {
        observable.data_type.is_none() && observable.attachment.is_none() && !observable.unlike
    };
    let entity = |observable: &Observable| Entity::new(observable.kind, observable.value.clone(), observable.role);
    let mut entities: Vec<Entity> = observables.iter().filter(counts).map(entity).collect();
    entities.sort();
    entities.dedup_by(|right, left| (right.kind, &right.value) == (left.kind, &left.value));
    entities.truncate(Alert::ENTITIES_MAX);
    entities
}

/// Returns the alert after observables were put on it. It counts as changed, whatever it was about before; what an alert of
/// our own findings is about, those say.
pub fn learn_observables(alert: &Alert, observables: &[Observable], by: &str, now: Timestamp) -> Alert {
    let mut alert = alert.clone();
    if alert.origin.is_some() {
        let is_new = |entity: &Entity| {
            alert.entities.iter().all(|known| (known.kind, &known.value) != (entity.kind, &entity.value))
        };
        let room = Alert::ENTITIES_MAX.saturating_sub(alert.entities.len());
        let new: Vec<Entity> = entities_of(observables).into_iter().filter(is_new).take(room).collect();
        alert.entities.extend(new);
        alert.entities.sort();
    }
    touched(alert, by, now)
}

/// Returns the alert after an observable was taken off it.
pub fn forget_observable(alert: &Alert, observable: &Observable, by: &str, now: Timestamp) -> Alert {
    let mut alert = alert.clone();
    if alert.origin.is_some() && observable.data_type.is_none() && observable.attachment.is_none() {
        alert.entities.retain(|entity| entity.kind != observable.kind || entity.value != observable.value);
    }
    touched(alert, by, now)
}

/// How long a feeder's repeats of the same join the same alert, from the last one on.
pub const REPEATS_WITHIN: Duration = Duration::from_hours(24);

/// Returns the alert after its sender has told of the same again, or `None` where that begins a new one: it is closed and
/// somebody follows it, or it was long ago. The version stays, as with a finding that joins: nobody could have meant to
/// prevent it.
pub fn repeated(alert: &Alert, date: Timestamp, now: Timestamp) -> Option<Alert> {
    let is_over = alert.status == AlertStatus::Closed && !alert.desk.unfollowed;
    if is_over || now.since(alert.last_finding) >= REPEATS_WITHIN {
        return None;
    }
    Some(Alert {
        count: alert.count + 1,
        first_seen: alert.first_seen.min(date),
        last_seen: alert.last_seen.max(date),
        updated: now,
        last_finding: alert.last_finding.max(now),
        ..alert.clone()
    })
}

/// How long the steps of an alert took, as far as they were taken. They begin when it happened or when it was raised; a
/// date in the future counts as now.
///
/// <https://docs.strangebee.com/thehive/user-guides/key-performance-indicators/key-performance-indicators-formulas>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertTimes {
    /// From when it happened until it was raised.
    pub detect: Duration,
    /// From when it was raised until somebody took it up.
    pub triage: Option<Duration>,
    /// From when it happened until somebody took it up.
    pub acknowledge: Option<Duration>,
    /// From when it was raised until it was closed or came into a case.
    pub qualify: Option<Duration>,
}

/// Returns how long the steps of an alert took.
pub fn alert_times(alert: &Alert) -> AlertTimes {
    let qualified = alert.desk.imported.max(alert.closed);
    AlertTimes {
        detect: alert.created.since(alert.first_seen),
        triage: alert.acknowledged.map(|time| time.since(alert.created)),
        acknowledge: alert.acknowledged.map(|time| time.since(alert.first_seen)),
        qualify: qualified.map(|time| time.since(alert.created)),
    }
}
