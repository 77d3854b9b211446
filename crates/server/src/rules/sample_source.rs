//! Which source reads the events beside a rule.

use std::path::Path;

use serde::Deserialize as _;
use vigie_ingest::Sources;
use vigie_model::{Logsource, SourceName};
use yaml_serde::{Deserializer, Value};

/// Which source reads a sample, and the logsource that its sender would name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleSource {
    /// The source.
    pub name: SourceName,
    /// For the source `json`, which knows nothing of its documents: what the rule wants them to be.
    pub logsource: Option<Logsource>,
}

/// It is not clear which source reads a sample.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SampleSourceError {
    /// The rule has no logsource.
    #[error("the rule names no logsource")]
    NoLogsource,
    /// A correlation over several sources.
    #[error("the rule looks at several sources ({0}); name one in the file's name, such as `match-x.{1}.log`")]
    Several(String, SourceName),
}

impl SampleSource {
    /// Returns the source of a sample: the one named in the file's name (`match-x.web_access.log`), else the one that
    /// delivers what the rule's logsource asks for.
    ///
    /// # Errors
    /// A rule without a logsource, or with several that come from different sources.
    pub fn of(sample: &Path, rule: &str, sources: &Sources) -> Result<Self, SampleSourceError> {
        let stem = sample.file_stem().unwrap_or_default().to_string_lossy();
        let named = stem.rsplit_once('.').and_then(|(_, name)| SourceName::new(name).ok());
        let mut wanted = logsources(rule).into_iter().map(|logsource| Self::delivering(&logsource));
        if let Some(name) = named.filter(|name| sources.get(name).is_some()) {
            let logsource = wanted.find(|source| source.name == name).and_then(|source| source.logsource);
            return Ok(Self { name, logsource });
        }
        let first = wanted.next().ok_or(SampleSourceError::NoLogsource)?;
        match wanted.find(|other| *other != first) {
            None => Ok(first),
            Some(other) => Err(SampleSourceError::Several(format!("{}, {}", first.name, other.name), other.name)),
        }
    }

    fn delivering(logsource: &Logsource) -> Self {
        let part = |part: &Option<std::sync::Arc<str>>| part.as_deref().unwrap_or_default().to_owned();
        let [product, category, service] = [&logsource.product, &logsource.category, &logsource.service].map(part);
        let name = match (product.as_str(), category.as_str(), service.as_str()) {
            ("linux", "", "auth" | "sshd" | "sudo" | "cron") => "linux_auth",
            ("linux", "", "syslog") => "syslog",
            ("aws", "", "cloudtrail") => "cloudtrail",
            ("aws", "", "guardduty") => "guardduty",
            ("aws", "", "vpcflow") => "vpc_flow",
            ("suricata", ..) => "suricata_eve",
            ("windows", ..) => "windows_event",
            ("", "webserver", "") => "web_access",
            _ => "json",
        };
        Self {
            name: SourceName::new(name).expect("the names above are valid"),
            logsource: (name == "json").then(|| logsource.clone()),
        }
    }
}

/// Returns the logsources of all documents of a rule file. What cannot be read is left out: loading has said why.
fn logsources(rule: &str) -> Vec<Logsource> {
    Deserializer::from_str(rule)
        .filter_map(|document| Value::deserialize(document).ok())
        .filter_map(|document| {
            let logsource = document.get("logsource")?;
            let part = |name| logsource.get(name).and_then(Value::as_str).unwrap_or_default();
            Some(Logsource::new(part("product"), part("category"), part("service")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sample: &str, rule: &str, expected: Result<&str, &str>) {
        let got = SampleSource::of(Path::new(sample), rule, &Sources::builtin());
        let got = got.map(|source| source.name.to_string()).map_err(|error| error.to_string());
        assert_eq!(got.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn sources_of_samples() {
        let sudo = "logsource:\n  product: linux\n  service: sudo\n";
        check("match-a.log", sudo, Ok("linux_auth"));
        check("match-a.syslog.log", sudo, Ok("syslog"));
        check("match-a.b.log", sudo, Ok("linux_auth"));
        check("match-a.json", "logsource:\n  product: okta\n  service: okta\n", Ok("json"));
        check("match-a.json", "logsource:\n  product: linux\n  category: process_creation\n", Ok("json"));
        check("match-a.json", "title: none\n", Err("the rule names no logsource"));
        let web = "logsource:\n  category: webserver\n";
        check("match-a.log", &format!("correlation: {{}}\n---\n{web}---\n{web}"), Ok("web_access"));
        check("match-a.web_access.log", &format!("{web}---\n{sudo}"), Ok("web_access"));
        check(
            "match-a.log",
            &format!("{web}---\n{sudo}"),
            Err(
                "the rule looks at several sources (web_access, linux_auth); name one in the file's name, such as `match-x.linux_auth.log`",
            ),
        );
    }
}
