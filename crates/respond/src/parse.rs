//! Playbooks from YAML, with errors that a person can act on.

use std::str::FromStr;
use std::time::Duration;

use indexmap::IndexMap;
use vigie_model::{EntityRole, ObservableKind, PlaybookId, Severity, TenantId};
use yaml_serde::{Mapping, Value};

use crate::locate::{Step, line_of, spell};
use crate::parameter::{Argument, Given};
use crate::playbook::{Approval, PLAYBOOK_BYTES_MAX, Playbook, PlaybookAction, PlaybookError};
use crate::suggest::nearest;
use crate::{ActionSpec, Catalogue, Conditions, EntityCondition, Expiry, parse_duration, spell_duration};

/// How many actions one playbook may ask for.
const ACTIONS_MAX: usize = 20;
const PLAYBOOK_FIELDS: &[&str] = &["name", "description", "trigger", "actions"];
const ACTION_FIELDS: &[&str] = &["do", "with", "approval", "expires", "when"];
const CONDITION_FIELDS: &[&str] = &["rules", "tags", "severity", "entities", "tenants", "count", "case"];
const APPROVALS: &[&str] = &["none", "analyst"];
const ROLES: &[(&str, EntityRole)] = &[
    ("source", EntityRole::Source),
    ("actor", EntityRole::Actor),
    ("target", EntityRole::Target),
    ("related", EntityRole::Related),
];

pub(crate) fn playbook(file: &str, text: &str, catalogue: &Catalogue) -> Result<Playbook, PlaybookError> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml")).unwrap_or(name);
    let whole = |line, reason: String| PlaybookError {
        file: file.chars().take(200).collect(),
        line,
        field: String::new(),
        reason,
        suggestion: None,
    };
    if text.len() > PLAYBOOK_BYTES_MAX {
        return Err(whole(None, format!("longer than {PLAYBOOK_BYTES_MAX} bytes")));
    }
    let id = PlaybookId::new(stem).map_err(|error| whole(None, error.to_string()))?;
    let value: Value = yaml_serde::from_str(text)
        .map_err(|error| whole(error.location().map(|at| at.line()), format!("not YAML: {error}")))?;
    read_playbook(id, &value, catalogue).map_err(|fault| PlaybookError {
        line: line_of(text, &fault.path),
        field: spell(&fault.path),
        suggestion: fault.suggestion,
        ..whole(None, fault.reason)
    })
}

/// What is wrong, and where, before its line is known.
struct Fault {
    path: Vec<Step>,
    reason: String,
    suggestion: Option<String>,
}

/// A value and the way to it.
#[derive(Clone)]
struct At<'a> {
    value: &'a Value,
    path: Vec<Step>,
}

impl<'a> At<'a> {
    fn fault(&self, reason: impl Into<String>) -> Fault {
        Fault { path: self.path.clone(), reason: reason.into(), suggestion: None }
    }

    fn unknown<'w>(&self, what: &str, word: &str, known: impl IntoIterator<Item = &'w str> + Clone) -> Fault {
        let shown: String = word.chars().take(60).collect();
        let list: Vec<&str> = known.clone().into_iter().collect();
        Fault {
            path: self.path.clone(),
            reason: format!("unknown {what} `{}`: expected {}", shown.escape_debug(), list.join(", ")),
            suggestion: nearest(word, known).map(str::to_owned),
        }
    }

    fn under(&self, step: Step, value: &'a Value) -> Self {
        let mut path = self.path.clone();
        path.push(step);
        Self { value, path }
    }

    /// Returns the fields of a mapping, each of which must be known.
    fn fields(&self, known: &[&str]) -> Result<Fields<'a>, Fault> {
        let Value::Mapping(mapping) = self.value else {
            return Err(self.fault("expected fields, such as `name: …`"));
        };
        let fields = Fields { at: self.clone(), mapping };
        for (name, field) in fields.entries()? {
            if !known.contains(&name) {
                return Err(field.unknown("field", name, known.iter().copied()));
            }
        }
        Ok(fields)
    }

    fn text(&self) -> Result<&'a str, Fault> {
        self.value.as_str().ok_or_else(|| self.fault("expected a text"))
    }

    /// Returns the items of a list; a single value is a list of one.
    fn items(&self) -> Vec<Self> {
        match self.value {
            Value::Sequence(items) => {
                items.iter().enumerate().map(|(index, item)| self.under(Step::Item(index), item)).collect()
            }
            _ => vec![self.clone()],
        }
    }

    fn texts(&self) -> Result<Vec<String>, Fault> {
        let items = self.items();
        if items.is_empty() {
            return Err(self.fault("the list is empty: leave the field out where anything will do"));
        }
        items.iter().map(|item| item.text().map(str::to_owned)).collect()
    }
}

struct Fields<'a> {
    at: At<'a>,
    mapping: &'a Mapping,
}

impl<'a> Fields<'a> {
    fn entries(&self) -> Result<Vec<(&'a str, At<'a>)>, Fault> {
        let mut entries = Vec::new();
        for (key, value) in self.mapping {
            let Some(name) = key.as_str() else { return Err(self.at.fault("the name of a field is not a text")) };
            entries.push((name, self.at.under(Step::Key(name.to_owned()), value)));
        }
        Ok(entries)
    }

    fn get(&self, name: &str) -> Option<At<'a>> {
        let value = self.mapping.get(name)?;
        Some(self.at.under(Step::Key(name.to_owned()), value))
    }

    fn need(&self, name: &str) -> Result<At<'a>, Fault> {
        self.get(name).ok_or_else(|| self.at.fault(format!("the field `{name}` is missing")))
    }
}

fn read_playbook(id: PlaybookId, value: &Value, catalogue: &Catalogue) -> Result<Playbook, Fault> {
    let root = At { value, path: Vec::new() };
    let fields = root.fields(PLAYBOOK_FIELDS)?;
    let name = fields.need("name")?;
    let title = name.text()?.trim();
    if title.is_empty() || title.chars().count() > 120 || title.chars().any(char::is_control) {
        return Err(name.fault("expected one line of 1 to 120 characters"));
    }
    let description = fields.get("description").map(|at| at.text()).transpose()?.unwrap_or_default();
    let trigger_at = fields.need("trigger")?;
    let trigger = conditions(&trigger_at)?;
    if trigger.is_empty() {
        return Err(trigger_at.fault("no condition: say `severity: informational` where every alert is meant"));
    }
    let actions_at = fields.need("actions")?;
    let items = actions_at.items();
    if items.is_empty() || items.len() > ACTIONS_MAX {
        return Err(actions_at.fault(format!("expected 1 to {ACTIONS_MAX} actions")));
    }
    let actions = items.iter().map(|item| action(item, catalogue)).collect::<Result<_, _>>()?;
    Ok(Playbook { id, name: title.to_owned(), description: description.trim().to_owned(), trigger, actions })
}

fn action(at: &At<'_>, catalogue: &Catalogue) -> Result<PlaybookAction, Fault> {
    let fields = at.fields(ACTION_FIELDS)?;
    let kind_at = fields.need("do")?;
    let kind = kind_at.text()?;
    let kinds: Vec<&str> = catalogue.iter().map(|spec| spec.kind).collect();
    let spec = catalogue.get(kind).ok_or_else(|| kind_at.unknown("action", kind, kinds.iter().copied()))?;
    let approval = match fields.get("approval") {
        None => Approval::default(),
        Some(at) => match at.text()? {
            "none" => Approval::None,
            "analyst" => Approval::Analyst,
            other => return Err(at.unknown("approval", other, APPROVALS.iter().copied())),
        },
    };
    Ok(PlaybookAction {
        spec,
        approval,
        expires: expiry(&fields, spec)?,
        when: fields.get("when").map(|at| conditions(&at)).transpose()?.unwrap_or_default(),
        arguments: arguments(at, &fields, spec)?,
    })
}

fn expiry(fields: &Fields<'_>, spec: &ActionSpec) -> Result<Option<Duration>, Fault> {
    let given = fields.get("expires");
    match (spec.expiry, given) {
        (Expiry::AtOnce | Expiry::UntilUndone { .. }, None) => Ok(None),
        (Expiry::AtOnce, Some(at)) => {
            Err(at.fault(format!("`{}` is over when it is done: leave `expires` out", spec.kind)))
        }
        (Expiry::After { default, .. }, None) => Ok(Some(default)),
        (Expiry::UntilUndone { longest } | Expiry::After { longest, .. }, Some(at)) => {
            let wrong = || at.fault("expected a duration such as `24h`");
            let text = at.value.as_str().ok_or_else(wrong)?;
            let span = parse_duration(text).map_err(|reason| at.fault(reason))?;
            if span > longest {
                let longest = spell_duration(longest);
                return Err(at.fault(format!("`{text}` is too long: `{}` lasts at most {longest}", spec.kind)));
            }
            Ok(Some(span))
        }
    }
}

fn arguments(
    action: &At<'_>,
    fields: &Fields<'_>,
    spec: &'static ActionSpec,
) -> Result<IndexMap<&'static str, Argument>, Fault> {
    let mut read = IndexMap::new();
    if let Some(with) = fields.get("with") {
        let Value::Mapping(mapping) = with.value else {
            return Err(with.fault("expected parameters, such as `ip: \"{{attacker.ip}}\"`"));
        };
        for (name, at) in (Fields { at: with.clone(), mapping }).entries()? {
            let known = spec.parameters.iter().map(|parameter| parameter.name);
            let parameter =
                spec.parameter(name).ok_or_else(|| at.unknown(&format!("parameter of {}", spec.kind), name, known))?;
            let argument = Argument::templated(parameter, &Given::of_yaml(at.value)).map_err(|error| Fault {
                path: at.path.clone(),
                reason: error.reason,
                suggestion: error.suggestion,
            })?;
            read.insert(parameter.name, argument);
        }
    }
    let missing = spec.parameters.iter().find(|parameter| parameter.required && !read.contains_key(parameter.name));
    match missing {
        Some(parameter) => Err(action.fault(format!("`{}` needs the parameter `{}`", spec.kind, parameter.name))),
        None => Ok(read),
    }
}

fn conditions(at: &At<'_>) -> Result<Conditions, Fault> {
    let fields = at.fields(CONDITION_FIELDS)?;
    let texts = |name: &str| fields.get(name).map(|at| at.texts()).transpose();
    let severity = fields.get("severity").map(|at| severity(&at)).transpose()?;
    let entities = match fields.get("entities") {
        Some(at) => at.items().iter().map(entity).collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    let tenants = match fields.get("tenants") {
        Some(at) => at.items().iter().map(tenant).collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    let count = match fields.get("count") {
        Some(at) => {
            let count = at.value.as_u64().filter(|count| *count > 0);
            Some(count.ok_or_else(|| at.fault("expected a whole number of at least 1"))?)
        }
        None => None,
    };
    let case = match fields.get("case") {
        Some(at) => Some(at.value.as_bool().ok_or_else(|| at.fault("expected `true` or `false`"))?),
        None => None,
    };
    Ok(Conditions {
        rules: texts("rules")?.unwrap_or_default(),
        tags: texts("tags")?.unwrap_or_default(),
        severity,
        entities,
        tenants,
        count,
        case,
    })
}

fn severity(at: &At<'_>) -> Result<Severity, Fault> {
    let text = at.text()?;
    text.parse().map_err(|_| at.unknown("severity", text, Severity::ALL.map(Severity::as_str)))
}

fn tenant(at: &At<'_>) -> Result<TenantId, Fault> {
    TenantId::new(at.text()?).map_err(|error| at.fault(error.to_string()))
}

/// Reads `ip` or, with the part that it must play, `source.ip`.
fn entity(at: &At<'_>) -> Result<EntityCondition, Fault> {
    let text = at.text()?;
    let (role, kind) = match text.split_once('.') {
        None => (None, text),
        Some((role, kind)) => {
            let known = ROLES.iter().find(|(name, _)| *name == role);
            let names = ROLES.iter().map(|(name, _)| *name);
            (Some(known.ok_or_else(|| at.unknown("part", role, names))?.1), kind)
        }
    };
    let kind = ObservableKind::from_str(kind)
        .map_err(|_| at.unknown("entity type", kind, ObservableKind::ALL.map(ObservableKind::as_str)))?;
    Ok(EntityCondition { role, kind })
}
