//! What kind of incident a case is about, and what is usually to do about it.

use vigie_model::{Alert, AttackTag, ObservableKind};

/// What kind of incident alerts tell of. One case may be several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IncidentKind {
    /// Somebody got, or tries to get, into a machine or an account.
    Access,
    /// Somebody uses a cloud account that is not theirs.
    Cloud,
    /// A web application is probed or exploited.
    Web,
    /// Something runs that should not.
    Malware,
    /// Data leaves.
    DataTheft,
}

impl IncidentKind {
    const ALL: [Self; 5] = [Self::Access, Self::Cloud, Self::Web, Self::Malware, Self::DataTheft];

    /// Returns what kinds of incident these alerts tell of, by their rules' ATT&CK tags and by what they are about.
    pub fn of(alerts: &[Alert]) -> Vec<Self> {
        Self::ALL.into_iter().filter(|kind| alerts.iter().any(|alert| kind.fits(alert))).collect()
    }

    fn fits(self, alert: &Alert) -> bool {
        let tactic = |names: &[&str]| {
            alert.rule.attack.iter().any(|tag| matches!(tag, AttackTag::Tactic(name) if names.contains(&name.as_str())))
        };
        let technique = |prefixes: &[&str]| {
            alert.rule.attack.iter().any(
                |tag| matches!(tag, AttackTag::Technique(name) if prefixes.iter().any(|prefix| name.starts_with(prefix))),
            )
        };
        let about = |kinds: &[ObservableKind]| alert.entities.iter().any(|entity| kinds.contains(&entity.kind));
        match self {
            Self::Access => {
                tactic(&["credential-access", "initial-access", "lateral-movement", "privilege-escalation"])
                    || technique(&["T1110", "T1078", "T1021", "T1098", "T1136"])
            }
            Self::Cloud => {
                about(&[ObservableKind::AwsKey, ObservableKind::AwsArn, ObservableKind::AwsAccount])
                    || technique(&["T1580", "T1526", "T1537", "T1578"])
            }
            Self::Web => technique(&["T1190", "T1595", "T1505.003"]) || about(&[ObservableKind::Url]),
            Self::Malware => tactic(&["execution", "command-and-control", "impact"]) || about(&[ObservableKind::Hash]),
            Self::DataTheft => {
                tactic(&["exfiltration", "collection"]) || technique(&["T1041", "T1048", "T1530", "T1567"])
            }
        }
    }

    /// Returns what is usually to do: title and description of each task.
    pub(crate) const fn tasks(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Access => &[
                (
                    "Find out whether the attacker got in",
                    "Look for a success after the failures, from the same address and for the same accounts.",
                ),
                (
                    "Secure the accounts",
                    "Change passwords, end sessions, remove keys and accounts that nobody can explain.",
                ),
            ],
            Self::Cloud => &[
                (
                    "Disable the access keys and sessions",
                    "Make the keys inactive, deny older sessions of the role, and look for keys and users made since.",
                ),
                (
                    "List what was done with the credentials",
                    "Search CloudTrail for the key and the role, in all regions, from the first alert on.",
                ),
            ],
            Self::Web => &[(
                "Check the web application",
                "Look for answers 200 to the attacker's requests, for new files in the web root and for outgoing connections.",
            )],
            Self::Malware => &[(
                "Contain the machines",
                "Isolate them, keep memory and disk for analysis, and look for the same hashes and destinations elsewhere.",
            )],
            Self::DataTheft => &[(
                "Find out what data left",
                "List objects and volumes by time and destination, and tell who decides on notifications.",
            )],
        }
    }
}

/// What is to do on every case, first and last.
pub(crate) const FIRST: (&str, &str) =
    ("Confirm the alerts", "Read the events. Is it an attack, allowed behaviour, or a rule that is wrong?");
pub(crate) const BLOCK: (&str, &str) = (
    "Block the attacker's addresses",
    "Check that they are nobody's office, gateway or proxy; then approve the planned actions or block by hand.",
);
pub(crate) const LAST: (&str, &str) =
    ("Write the summary", "What happened, how it was noticed, what was done, and what would have stopped it earlier.");
