//! What is in force, and where each value came from.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::Loaded;
use super::keys::KEYS;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The file does not give it.
    Default,
    /// This line of the file.
    Line(u32),
}

/// One value that is in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// The key's path, such as `http.listen` or `syslog[0].tenant`.
    pub key: String,
    /// The value; secrets are shown as where they lie.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.origin {
            Origin::Default => write!(f, "{} = {}  # default", self.key, self.value),
            Origin::Line(line) => write!(f, "{} = {}  # line {line}", self.key, self.value),
        }
    }
}

pub(super) fn explain(loaded: &Loaded) -> Vec<Setting> {
    let values = serde_json::to_value(&loaded.config).expect("a configuration has text keys only");
    let mut settings = Vec::new();
    for key in KEYS {
        collect(&values, key.path, String::new(), loaded, &mut settings);
    }
    settings
}

fn collect(value: &Value, rest: &str, path: String, loaded: &Loaded, settings: &mut Vec<Setting>) {
    let (name, rest) = rest.split_once('.').map_or((rest, None), |(name, rest)| (name, Some(rest)));
    let (name, is_list) = name.strip_suffix("[]").map_or((name, false), |name| (name, true));
    let Some(value) = value.get(name).filter(|value| !value.is_null()) else { return };
    let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match rest {
        None => {
            let origin = loaded.lines.get(&path).map_or(Origin::Default, |line| Origin::Line(*line));
            settings.push(Setting { key: path, value: value.clone(), origin });
        }
        Some(rest) if is_list => {
            for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                collect(item, rest, format!("{path}[{index}]"), loaded, settings);
            }
        }
        Some(rest) => collect(value, rest, path, loaded, settings),
    }
}
