//! What an operator says about the rules' words: values for placeholders and other names for fields.

use std::collections::BTreeMap;

use rsigma_parser::LogSource;
use serde::Deserialize;

/// The longest pipeline text taken, in bytes.
pub const PIPELINE_BYTES_MAX: usize = 1 << 20;

/// How many values one placeholder may stand for.
const PLACEHOLDER_VALUES_MAX: usize = 10_000;

/// A processing pipeline: a subset of pySigma's (see its "Processing Pipelines" page).
///
/// Understood are `name`, `priority`, `vars`, and the `transformations` `value_placeholders`, `wildcard_placeholders`
/// (both with `include` and `exclude`) and `field_name_mapping`, each with `rule_conditions` of the type `logsource`.
/// Everything else is refused, since a transformation that is skipped changes what rules match.
#[derive(Debug, Clone, Default)]
pub struct Pipeline {
    vars: BTreeMap<String, Vec<String>>,
    steps: Vec<Step>,
}

/// A pipeline that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PipelineError {
    /// Longer than [`PIPELINE_BYTES_MAX`].
    #[error("pipeline `{name}` is longer than {PIPELINE_BYTES_MAX} bytes")]
    TooLarge {
        /// The pipeline.
        name: String,
    },
    /// Not YAML, or with a key or type that is not understood.
    #[error("read pipeline `{name}`: {reason}")]
    Syntax {
        /// The pipeline.
        name: String,
        /// What is wrong, with line and column where known.
        reason: String,
    },
    /// A variable that is not a text, number or list of them.
    #[error("pipeline `{name}`: variable `{variable}` must be a text, a number or a list of them")]
    Variable {
        /// The pipeline.
        name: String,
        /// The variable.
        variable: String,
    },
    /// `include` and `exclude` on one transformation.
    #[error("pipeline `{name}`: transformation {position} has both `include` and `exclude`; keep one")]
    IncludeAndExclude {
        /// The pipeline.
        name: String,
        /// Which transformation, from 1.
        position: usize,
    },
}

/// What stands in the place of a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replacement<'a> {
    /// Any of these values, in Sigma's notation.
    Values(&'a [String]),
    /// Anything.
    Wildcard,
}

#[derive(Debug, Clone)]
struct Step {
    logsources: Vec<LogsourceCondition>,
    change: Change,
}

#[derive(Debug, Clone)]
enum Change {
    Values(Selection),
    Wildcard(Selection),
    Fields(BTreeMap<String, Vec<String>>),
}

#[derive(Debug, Clone)]
enum Selection {
    Every,
    Only(Vec<String>),
    AllBut(Vec<String>),
}

impl Selection {
    fn takes(&self, name: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Only(names) => names.iter().any(|known| known == name),
            Self::AllBut(names) => names.iter().all(|known| known != name),
        }
    }
}

impl Pipeline {
    /// Returns the pipeline that changes nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns the pipeline that this YAML text describes; `name` is for messages.
    ///
    /// # Errors
    /// A text that is too long, is not YAML, or asks for something that is not understood.
    pub fn parse(name: &str, text: &str) -> Result<Self, PipelineError> {
        let name = name.to_owned();
        if text.len() > PIPELINE_BYTES_MAX {
            return Err(PipelineError::TooLarge { name });
        }
        let written: Written = yaml_serde::from_str(text)
            .map_err(|error| PipelineError::Syntax { name: name.clone(), reason: error.to_string() })?;
        let mut vars = BTreeMap::new();
        for (variable, value) in written.vars {
            let values = texts(&value)
                .filter(|values| values.len() <= PLACEHOLDER_VALUES_MAX)
                .ok_or_else(|| PipelineError::Variable { name: name.clone(), variable: variable.clone() })?;
            vars.insert(variable, values);
        }
        let mut steps = Vec::with_capacity(written.transformations.len());
        for (index, written) in written.transformations.into_iter().enumerate() {
            let position = index + 1;
            let step =
                written.step().ok_or_else(|| PipelineError::IncludeAndExclude { name: name.clone(), position })?;
            steps.push(step);
        }
        Ok(Self { vars, steps })
    }

    /// Returns a pipeline that does what this one does and then what `later` does. Where both give a variable, the later
    /// one counts.
    #[must_use]
    pub fn then(mut self, later: Self) -> Self {
        self.vars.extend(later.vars);
        self.steps.extend(later.steps);
        self
    }

    /// Returns what stands for a placeholder in a rule of this logsource, or `None` where nothing does.
    pub(crate) fn placeholder(&self, placeholder: &str, logsource: &LogSource) -> Option<Replacement<'_>> {
        self.steps.iter().filter(|step| step.applies(logsource)).find_map(|step| match &step.change {
            Change::Values(names) if names.takes(placeholder) => {
                self.vars.get(placeholder).map(|values| Replacement::Values(values))
            }
            Change::Wildcard(names) if names.takes(placeholder) => Some(Replacement::Wildcard),
            _ => None,
        })
    }

    /// Returns the names that a field goes by in the events: any of them will do.
    pub(crate) fn fields(&self, field: &str, logsource: &LogSource) -> Vec<String> {
        let mut names = vec![field.to_owned()];
        for step in self.steps.iter().filter(|step| step.applies(logsource)) {
            if let Change::Fields(mapping) = &step.change {
                names = names
                    .into_iter()
                    .flat_map(|name| mapping.get(&name).cloned().unwrap_or_else(|| vec![name]))
                    .collect();
            }
        }
        names
    }
}

impl Step {
    fn applies(&self, logsource: &LogSource) -> bool {
        self.logsources.iter().all(|wanted| {
            let fits = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
            fits(&wanted.category, &logsource.category)
                && fits(&wanted.product, &logsource.product)
                && fits(&wanted.service, &logsource.service)
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, rename = "name")]
    _name: Option<String>,
    #[serde(default, rename = "priority")]
    _priority: Option<i64>,
    #[serde(default)]
    vars: BTreeMap<String, yaml_serde::Value>,
    #[serde(default)]
    transformations: Vec<WrittenStep>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum WrittenStep {
    ValuePlaceholders {
        #[serde(default, rename = "id")]
        _id: Option<String>,
        #[serde(default)]
        include: Option<Vec<String>>,
        #[serde(default)]
        exclude: Option<Vec<String>>,
        #[serde(default)]
        rule_conditions: Vec<LogsourceCondition>,
    },
    WildcardPlaceholders {
        #[serde(default, rename = "id")]
        _id: Option<String>,
        #[serde(default)]
        include: Option<Vec<String>>,
        #[serde(default)]
        exclude: Option<Vec<String>>,
        #[serde(default)]
        rule_conditions: Vec<LogsourceCondition>,
    },
    FieldNameMapping {
        #[serde(default, rename = "id")]
        _id: Option<String>,
        mapping: BTreeMap<String, OneOrMany>,
        #[serde(default)]
        rule_conditions: Vec<LogsourceCondition>,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogsourceCondition {
    #[serde(rename = "type")]
    _kind: LogsourceWord,
    category: Option<String>,
    product: Option<String>,
    service: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LogsourceWord {
    Logsource,
}

impl WrittenStep {
    fn step(self) -> Option<Step> {
        Some(match self {
            Self::ValuePlaceholders { include, exclude, rule_conditions, .. } => {
                Step { logsources: rule_conditions, change: Change::Values(selection(include, exclude)?) }
            }
            Self::WildcardPlaceholders { include, exclude, rule_conditions, .. } => {
                Step { logsources: rule_conditions, change: Change::Wildcard(selection(include, exclude)?) }
            }
            Self::FieldNameMapping { mapping, rule_conditions, .. } => {
                let names = |names| match names {
                    OneOrMany::One(name) => vec![name],
                    OneOrMany::Many(names) => names,
                };
                let mapping = mapping.into_iter().map(|(field, to)| (field, names(to))).collect();
                Step { logsources: rule_conditions, change: Change::Fields(mapping) }
            }
        })
    }
}

fn selection(include: Option<Vec<String>>, exclude: Option<Vec<String>>) -> Option<Selection> {
    match (include, exclude) {
        (None, None) => Some(Selection::Every),
        (Some(names), None) => Some(Selection::Only(names)),
        (None, Some(names)) => Some(Selection::AllBut(names)),
        (Some(_), Some(_)) => None,
    }
}

fn texts(value: &yaml_serde::Value) -> Option<Vec<String>> {
    let text = |value: &yaml_serde::Value| match value {
        yaml_serde::Value::String(text) => Some(text.clone()),
        yaml_serde::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match value {
        yaml_serde::Value::Sequence(values) => values.iter().map(text).collect(),
        one => Some(vec![text(one)?]),
    }
}
