//! Text with placeholders, from a fixed vocabulary.

use vigie_model::{Alert, Case, EntityRole, ObservableKind};

use crate::suggest::nearest;

/// How many characters of one inserted value are kept.
const VALUE_CHARS_MAX: usize = 300;
/// How many values of one placeholder are written out.
const VALUES_SHOWN_MAX: usize = 10;

/// Something that an alert fills in. There is nothing to compute: no code, no filter, no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// `tenant`
    Tenant,
    /// `attacker.ip`: the addresses that may be blocked.
    Attacker,
    /// `alert.id`
    AlertId,
    /// `alert.title`
    AlertTitle,
    /// `alert.severity`
    AlertSeverity,
    /// `alert.count`: how many findings it holds.
    AlertCount,
    /// `alert.first_seen`
    AlertFirstSeen,
    /// `alert.last_seen`
    AlertLastSeen,
    /// `alert.tags`
    AlertTags,
    /// `rule.id`
    RuleId,
    /// `rule.title`
    RuleTitle,
    /// `rule.description`
    RuleDescription,
    /// `case.number`
    CaseNumber,
    /// `case.title`
    CaseTitle,
    /// The alert's entities with this part and kind: `actor.user`, `target.host`, …
    Entity(EntityRole, ObservableKind),
}

const VOCABULARY: &[(&str, Placeholder)] = &[
    ("tenant", Placeholder::Tenant),
    ("attacker.ip", Placeholder::Attacker),
    ("alert.id", Placeholder::AlertId),
    ("alert.title", Placeholder::AlertTitle),
    ("alert.severity", Placeholder::AlertSeverity),
    ("alert.count", Placeholder::AlertCount),
    ("alert.first_seen", Placeholder::AlertFirstSeen),
    ("alert.last_seen", Placeholder::AlertLastSeen),
    ("alert.tags", Placeholder::AlertTags),
    ("rule.id", Placeholder::RuleId),
    ("rule.title", Placeholder::RuleTitle),
    ("rule.description", Placeholder::RuleDescription),
    ("case.number", Placeholder::CaseNumber),
    ("case.title", Placeholder::CaseTitle),
    ("source.ip", Placeholder::Entity(EntityRole::Source, ObservableKind::Ip)),
    ("source.host", Placeholder::Entity(EntityRole::Source, ObservableKind::Host)),
    ("source.user_agent", Placeholder::Entity(EntityRole::Source, ObservableKind::UserAgent)),
    ("actor.user", Placeholder::Entity(EntityRole::Actor, ObservableKind::User)),
    ("actor.process", Placeholder::Entity(EntityRole::Actor, ObservableKind::Process)),
    ("actor.aws_key", Placeholder::Entity(EntityRole::Actor, ObservableKind::AwsKey)),
    ("actor.aws_arn", Placeholder::Entity(EntityRole::Actor, ObservableKind::AwsArn)),
    ("actor.aws_instance", Placeholder::Entity(EntityRole::Actor, ObservableKind::AwsInstance)),
    ("target.ip", Placeholder::Entity(EntityRole::Target, ObservableKind::Ip)),
    ("target.host", Placeholder::Entity(EntityRole::Target, ObservableKind::Host)),
    ("target.user", Placeholder::Entity(EntityRole::Target, ObservableKind::User)),
    ("target.domain", Placeholder::Entity(EntityRole::Target, ObservableKind::Domain)),
    ("target.aws_account", Placeholder::Entity(EntityRole::Target, ObservableKind::AwsAccount)),
    ("target.aws_arn", Placeholder::Entity(EntityRole::Target, ObservableKind::AwsArn)),
    ("target.aws_bucket", Placeholder::Entity(EntityRole::Target, ObservableKind::AwsBucket)),
    ("target.aws_instance", Placeholder::Entity(EntityRole::Target, ObservableKind::AwsInstance)),
];

impl Placeholder {
    /// Returns every placeholder by its name.
    pub fn vocabulary() -> impl Iterator<Item = (&'static str, Self)> {
        VOCABULARY.iter().copied()
    }

    fn values(self, about: &Subject<'_>) -> Vec<String> {
        let alert = about.alert;
        match self {
            Self::Tenant => vec![alert.tenant.to_string()],
            Self::Attacker => about.attackers.to_vec(),
            Self::AlertId => vec![alert.id.to_string()],
            Self::AlertTitle => vec![alert.title.clone()],
            Self::AlertSeverity => vec![alert.severity.to_string()],
            Self::AlertCount => vec![alert.count.to_string()],
            Self::AlertFirstSeen => vec![alert.first_seen.to_string()],
            Self::AlertLastSeen => vec![alert.last_seen.to_string()],
            Self::AlertTags => alert.tags.clone(),
            Self::RuleId => vec![alert.rule.id.to_string()],
            Self::RuleTitle => vec![alert.rule.title.clone()],
            Self::RuleDescription => vec![alert.rule.description.clone()],
            Self::CaseNumber => about.case.map(|case| case.number.to_string()).into_iter().collect(),
            Self::CaseTitle => about.case.map(|case| case.title.clone()).into_iter().collect(),
            Self::Entity(role, kind) => {
                let plays = alert.entities.iter().filter(|entity| entity.role == role && entity.kind == kind);
                plays.map(|entity| entity.value.clone()).collect()
            }
        }
    }
}

/// What a template is filled in from.
pub(crate) struct Subject<'a> {
    pub(crate) alert: &'a Alert,
    pub(crate) case: Option<&'a Case>,
    pub(crate) attackers: &'a [String],
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Value(Placeholder),
}

/// Text with placeholders in double braces: `{{alert.title}} on {{target.host}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateError {
    pub(crate) reason: String,
    pub(crate) suggestion: Option<String>,
}

impl Template {
    /// Reads a template.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, behind)) = after.split_once("}}") else {
                return Err(TemplateError { reason: "`{{` without `}}`".to_owned(), suggestion: None });
            };
            push_text(&mut pieces, before);
            pieces.push(Piece::Value(placeholder(name.trim())?));
            rest = behind;
        }
        push_text(&mut pieces, rest);
        Ok(Self { pieces })
    }

    /// Returns a template that is this text, braces and all.
    pub(crate) fn literal(text: &str) -> Self {
        Self { pieces: vec![Piece::Text(text.to_owned())] }
    }

    /// Returns the placeholder where the template is one and nothing else.
    pub(crate) fn as_placeholder(&self) -> Option<Placeholder> {
        match self.pieces.as_slice() {
            [Piece::Value(placeholder)] => Some(*placeholder),
            _ => None,
        }
    }

    /// Returns the text where there is no placeholder in it.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Returns what a template that is one placeholder, or none, stands for: each value by itself and whole.
    pub(crate) fn values(&self, about: &Subject<'_>) -> Vec<String> {
        match (self.as_placeholder(), self.as_text()) {
            (Some(placeholder), _) => placeholder.values(about),
            (None, Some(text)) => vec![text.to_owned()],
            (None, None) => Vec::new(),
        }
    }

    /// Fills in what is known. What came out of logs is hostile: its control characters become spaces, so that it cannot
    /// begin a new line or header.
    pub(crate) fn render(&self, about: &Subject<'_>) -> String {
        let mut filled = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Value(placeholder) => filled.push_str(&spell(&placeholder.values(about))),
            }
        }
        filled
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

fn placeholder(name: &str) -> Result<Placeholder, TemplateError> {
    if let Some((_, found)) = VOCABULARY.iter().find(|(known, _)| *known == name) {
        return Ok(*found);
    }
    let shown: String = name.chars().take(60).collect();
    Err(TemplateError {
        reason: format!("unknown placeholder `{{{{{shown}}}}}`"),
        suggestion: nearest(name, VOCABULARY.iter().map(|(known, _)| *known)).map(str::to_owned),
    })
}

fn spell(values: &[String]) -> String {
    if values.is_empty() {
        return "unknown".to_owned();
    }
    let mut spelt: Vec<String> = values.iter().take(VALUES_SHOWN_MAX).map(|value| one_line(value)).collect();
    if values.len() > VALUES_SHOWN_MAX {
        spelt.push(format!("and {} more", values.len() - VALUES_SHOWN_MAX));
    }
    spelt.join(", ")
}

/// Returns at most 300 characters of a value on one line.
pub(crate) fn one_line(value: &str) -> String {
    let mut line: String = value
        .chars()
        .take(VALUE_CHARS_MAX)
        .map(|letter| if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') { ' ' } else { letter })
        .collect();
    if value.chars().nth(VALUE_CHARS_MAX).is_some() {
        line.push('…');
    }
    line
}
