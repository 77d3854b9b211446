//! Reading the file: unknown keys with their line and a suggestion, then the values.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::keys;
use super::{Config, ConfigProblem};

/// A suggestion is made only where the names are this alike (0 to 1).
const LIKENESS_MIN: f64 = 0.7;

/// Where each key that the file gives stands: its path, with indices (`syslog[0].listen`), and its line.
pub(super) type Lines = BTreeMap<String, u32>;

/// Returns the configuration and where each key stands, or everything that is wrong with the file's shape.
pub(super) fn read(text: &str) -> Result<(Config, Lines), Vec<ConfigProblem>> {
    let table = DeTable::parse(text).map_err(|error| vec![of_toml(text, &error)])?;
    let mut walk = Walk { text, lines: Lines::new(), problems: Vec::new() };
    walk.table(table.get_ref(), "", "");
    if !walk.problems.is_empty() {
        return Err(walk.problems);
    }
    let config = toml::from_str(text).map_err(|error| vec![of_toml(text, &error)])?;
    Ok((config, walk.lines))
}

/// The text of a TOML error quotes the line, which may hold a secret written by mistake; only its message is kept.
fn of_toml(text: &str, error: &toml::de::Error) -> ConfigProblem {
    ConfigProblem { line: error.span().map(|span| line_of(text, span.start)), message: error.message().to_owned() }
}

fn line_of(text: &str, byte: usize) -> u32 {
    let before = text.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count();
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}

struct Walk<'a> {
    text: &'a str,
    lines: Lines,
    problems: Vec<ConfigProblem>,
}

impl Walk<'_> {
    /// `pattern` is the table's path in the table of keys (`syslog[]`), `path` the one in the file (`syslog[0]`).
    fn table(&mut self, table: &DeTable<'_>, pattern: &str, path: &str) {
        let known = keys::names_in(pattern);
        for (name, value) in table {
            let line = line_of(self.text, name.span().start);
            let name = name.get_ref().as_ref();
            if !known.contains(&name) {
                self.problems.push(unknown(line, pattern, name, &known));
                continue;
            }
            let join = |parent: &str| if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") };
            self.value(value.get_ref(), &join(pattern), &join(path), line);
        }
    }

    fn value(&mut self, value: &DeValue<'_>, pattern: &str, path: &str, line: u32) {
        let list = format!("{pattern}[]");
        match value {
            DeValue::Table(table) if keys::is_table(pattern) => self.table(table, pattern, path),
            DeValue::Array(items) if keys::is_table(&list) => {
                for (index, item) in items.iter().enumerate() {
                    if let DeValue::Table(table) = item.get_ref() {
                        let path = format!("{path}[{index}]");
                        self.lines.insert(path.clone(), line_of(self.text, item.span().start));
                        self.table(table, &list, &path);
                    }
                }
            }
            _ => {
                self.lines.insert(path.to_owned(), line);
            }
        }
    }
}

fn unknown(line: u32, table: &str, name: &str, known: &[&str]) -> ConfigProblem {
    let place = if table.is_empty() { "at the top level".to_owned() } else { format!("in `{table}`") };
    let name = name.chars().take(80).collect::<String>();
    let alike = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(candidate, &name), *candidate))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|left, right| left.0.total_cmp(&right.0));
    let hint = match alike {
        Some((_, candidate)) => format!("did you mean `{candidate}`?"),
        None => format!("expected one of {}", known.join(", ")),
    };
    ConfigProblem { line: Some(line), message: format!("unknown key `{name}` {place}: {hint}") }
}
