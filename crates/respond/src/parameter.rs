//! What a playbook or a person gives an action to work with.

use ipnet::IpNet;
use serde_json::Value;

use crate::address::{canonical, check_shape, parse_network};
use crate::template::{Placeholder, Subject, Template};
use crate::{ParameterKind, ParameterSpec};

/// How many recipients a message may name.
const RECIPIENTS_MAX: usize = 50;
/// How many characters a line may have.
const LINE_CHARS_MAX: usize = 300;
/// How many characters a text may have.
const TEXT_CHARS_MAX: usize = 8_000;

/// A parameter as given, read by its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Argument {
    /// Each attacker in turn.
    Attackers,
    /// This network.
    Network(IpNet),
    /// One line or several.
    Text(Template),
    /// Who gets a message.
    MailAddresses(Vec<String>),
    /// A name in the configuration.
    Name(String),
    /// One id, or those of one placeholder.
    Resource(Template),
}

/// What stands in the file or the request.
pub(crate) enum Given<'a> {
    Text(&'a str),
    List(Vec<&'a str>),
    Other,
}

impl<'a> Given<'a> {
    pub(crate) fn of_yaml(value: &'a yaml_serde::Value) -> Self {
        match value {
            yaml_serde::Value::String(text) => Self::Text(text),
            yaml_serde::Value::Sequence(items) => {
                items.iter().map(yaml_serde::Value::as_str).collect::<Option<_>>().map_or(Self::Other, Self::List)
            }
            _ => Self::Other,
        }
    }

    pub(crate) fn of_json(value: &'a Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text),
            Value::Array(items) => {
                items.iter().map(Value::as_str).collect::<Option<_>>().map_or(Self::Other, Self::List)
            }
            _ => Self::Other,
        }
    }
}

/// What is wrong with a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArgumentError {
    pub(crate) reason: String,
    pub(crate) suggestion: Option<String>,
}

impl ArgumentError {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), suggestion: None }
    }
}

impl Argument {
    /// Reads a parameter that may hold placeholders.
    pub(crate) fn templated(spec: &ParameterSpec, given: &Given<'_>) -> Result<Self, ArgumentError> {
        if !spec.kind.is_templated() {
            refuse_placeholders(spec, given)?;
        }
        Self::read(spec, given, |text| {
            Template::parse(text).map_err(|error| ArgumentError { reason: error.reason, suggestion: error.suggestion })
        })
    }

    /// Reads a parameter that a person gave for one action: braces are just braces.
    pub(crate) fn literal(spec: &ParameterSpec, given: &Given<'_>) -> Result<Self, ArgumentError> {
        Self::read(spec, given, |text| Ok(Template::literal(text)))
    }

    fn read(
        spec: &ParameterSpec,
        given: &Given<'_>,
        template: impl Fn(&str) -> Result<Template, ArgumentError>,
    ) -> Result<Self, ArgumentError> {
        match (spec.kind, given) {
            (ParameterKind::Network, Given::Text(text)) => network(&template(text)?),
            (ParameterKind::Line, Given::Text(text)) => line(text, template(text)?),
            (ParameterKind::Text, Given::Text(text)) => limited(text, TEXT_CHARS_MAX, template(text)?),
            (ParameterKind::MailAddresses, Given::Text(text)) => mail_addresses(&[text]),
            (ParameterKind::MailAddresses, Given::List(items)) => mail_addresses(items),
            (ParameterKind::Name, Given::Text(text)) => name(text),
            (ParameterKind::Resource, Given::Text(text)) => resource(template(text)?),
            (ParameterKind::MailAddresses, Given::Other) => {
                Err(ArgumentError::new("expected one or several addresses"))
            }
            (_, Given::List(_) | Given::Other) => Err(ArgumentError::new("expected a text")),
        }
    }

    /// Returns the parameter as executors read it. Attackers and networks are filled in by the planner, one action each.
    pub(crate) fn fill(&self, about: Option<&Subject<'_>>) -> Value {
        match self {
            Self::Attackers => Value::Null,
            Self::Network(network) => Value::String(network.to_string()),
            Self::Text(template) | Self::Resource(template) => {
                let literal = || template.as_text().unwrap_or_default().to_owned();
                Value::String(about.map_or_else(literal, |about| template.render(about)))
            }
            Self::MailAddresses(addresses) => addresses.iter().cloned().map(Value::String).collect(),
            Self::Name(name) => Value::String(name.clone()),
        }
    }
}

fn refuse_placeholders(spec: &ParameterSpec, given: &Given<'_>) -> Result<(), ArgumentError> {
    let texts = match given {
        Given::Text(text) => std::slice::from_ref(text),
        Given::List(items) => items.as_slice(),
        Given::Other => &[],
    };
    if texts.iter().any(|text| text.contains("{{")) {
        return Err(ArgumentError::new(format!(
            "`{}` takes no placeholders: what an attacker wrote must not choose who is told",
            spec.name
        )));
    }
    Ok(())
}

fn network(template: &Template) -> Result<Argument, ArgumentError> {
    if template.as_placeholder() == Some(Placeholder::Attacker) {
        return Ok(Argument::Attackers);
    }
    let Some(text) = template.as_text() else {
        return Err(ArgumentError {
            reason: "only `{{attacker.ip}}` or a written address may be blocked: anything else could be a victim"
                .into(),
            suggestion: Some("{{attacker.ip}}".to_owned()),
        });
    };
    let network = parse_network(text).map(canonical).map_err(|refusal| ArgumentError::new(refusal.to_string()))?;
    check_shape(network).map_err(|refusal| ArgumentError::new(refusal.to_string()))?;
    Ok(Argument::Network(network))
}

fn line(text: &str, template: Template) -> Result<Argument, ArgumentError> {
    if text.chars().any(char::is_control) {
        return Err(ArgumentError::new("expected one line"));
    }
    limited(text, LINE_CHARS_MAX, template)
}

fn limited(text: &str, chars_max: usize, template: Template) -> Result<Argument, ArgumentError> {
    if text.chars().count() > chars_max {
        return Err(ArgumentError::new(format!("longer than {chars_max} characters")));
    }
    Ok(Argument::Text(template))
}

/// The mail library reads them again when it sends; here the plain form is enough, and anything odd is refused early.
fn mail_addresses(items: &[&str]) -> Result<Argument, ArgumentError> {
    if items.is_empty() || items.len() > RECIPIENTS_MAX {
        return Err(ArgumentError::new(format!("expected 1 to {RECIPIENTS_MAX} mail addresses")));
    }
    let wrong = |item: &str| {
        let odd = |letter: char| letter.is_whitespace() || letter.is_control() || "<>,;:\"\\()[]".contains(letter);
        let parts = item.split_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty());
        item.len() > 254 || item.contains(odd) || parts.is_none_or(|(_, domain)| domain.contains('@'))
    };
    if let Some(item) = items.iter().find(|item| wrong(item)) {
        let shown: String = item.chars().take(80).collect();
        return Err(ArgumentError::new(format!("`{}` is not a mail address", shown.escape_debug())));
    }
    Ok(Argument::MailAddresses(items.iter().map(|item| (*item).to_owned()).collect()))
}

/// How many characters an id may have: an ARN of a role takes 576 at most, names and ids far fewer.
const RESOURCE_CHARS_MAX: usize = 576;

/// Returns whether a text may be the id of something: an instance's, a key's, a name, an ARN. Nothing else passes, so that
/// what an attacker wrote cannot change a request.
pub(crate) fn is_resource_id(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.:/@+=,".contains(letter);
    (1..=RESOURCE_CHARS_MAX).contains(&text.len()) && text.chars().all(plain)
}

fn resource(template: Template) -> Result<Argument, ArgumentError> {
    let fits = match (template.as_placeholder(), template.as_text()) {
        (Some(Placeholder::Entity(..)), _) => true,
        (Some(_), _) => false,
        (None, text) => text.is_some_and(is_resource_id),
    };
    if !fits {
        return Err(ArgumentError::new(
            "expected an id (letters, digits and `-_.:/@+=,`) or one placeholder such as `{{actor.aws_instance}}`",
        ));
    }
    Ok(Argument::Resource(template))
}

fn name(text: &str) -> Result<Argument, ArgumentError> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if !(1..=63).contains(&text.len()) || !text.chars().all(plain) {
        return Err(ArgumentError::new("expected a name of 1 to 63 letters, digits, `-` and `_`"));
    }
    Ok(Argument::Name(text.to_owned()))
}
