//! Which alerts are one incident.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use vigie_model::{
    Alert, AlertId, AlertStatus, Case, CaseId, CaseStatus, Observable, ObservableKind, Severity, TenantId, Timestamp,
};

use crate::links::{Link, Tied, Warnings, is_external_text};

/// When alerts become a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentPolicy {
    /// An alert at least this bad opens a case by itself.
    pub alone: Severity,
    /// So many alerts that are tied together open a case.
    pub together: usize,
    /// At least one of them is this bad.
    pub together_severity: Severity,
    /// How far apart two alerts are at most that a value ties together.
    pub values_within: Duration,
    /// How far apart two alerts are at most that an account on a machine ties together.
    pub accounts_within: Duration,
}

impl Default for IncidentPolicy {
    fn default() -> Self {
        Self {
            alone: Severity::High,
            together: 2,
            together_severity: Severity::Low,
            values_within: Duration::from_hours(7 * 24),
            accounts_within: Duration::from_hours(2),
        }
    }
}

/// A case as far as it ties alerts to it.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseLinks {
    case: CaseId,
    tenant: TenantId,
    status: CaseStatus,
    created: Timestamp,
    links: BTreeSet<Link>,
}

impl CaseLinks {
    /// Returns what ties alerts to a case: of its observables those that an attacker brings along, and those that an
    /// analyst marked.
    pub fn of(case: &Case, observables: &[Observable], warnings: Warnings<'_>) -> Self {
        let links = observables
            .iter()
            .filter(|observable| observable.tenant == case.tenant && ties(observable, warnings))
            .map(|observable| Link::Value { kind: observable.kind, value: observable.value.clone() })
            .collect();
        Self { case: case.id, tenant: case.tenant.clone(), status: case.status, created: case.created, links }
    }
}

fn ties(observable: &Observable, warnings: Warnings<'_>) -> bool {
    use vigie_model::EntityRole::{Actor, Source, Target};
    let ties = match observable.kind {
        ObservableKind::Ip => {
            is_external_text(&observable.value) && (observable.ioc || matches!(observable.role, Source | Actor))
        }
        ObservableKind::Domain => observable.ioc || observable.role != Target,
        ObservableKind::AwsKey | ObservableKind::Hash => true,
        _ => observable.ioc,
    };
    ties && observable.warning.is_none() && warnings(observable.kind, &observable.value).is_none()
}

/// What to do with an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// Leave it.
    None,
    /// Open a case of these alerts.
    Open {
        /// The alerts, this one first.
        alerts: Vec<AlertId>,
        /// What ties them together; nothing where one is bad enough by itself.
        because: Vec<Link>,
    },
    /// Merge these alerts into an open case.
    Merge {
        /// The case: the one that the alert is part of, else the oldest that it is tied to.
        case: CaseId,
        /// The alerts that are not part of it yet; none where there is only something to suggest.
        alerts: Vec<AlertId>,
        /// Other open cases that these alerts are tied to. They are not merged: that is an analyst's decision.
        suggested: Vec<CaseId>,
        /// What ties them together.
        because: Vec<Link>,
    },
}

/// Says what to do with an alert that was opened or has grown.
///
/// `related` are the alerts that share one of its [`crate::link_values`], also those that are part of a case; `cases` are
/// the cases of these alerts and those with an observable of the same value. Alerts tied to an alert that is tied to this
/// one come along. Closed alerts and closed cases are left alone.
pub fn group(
    alert: &Alert,
    related: &[Alert],
    cases: &[CaseLinks],
    policy: &IncidentPolicy,
    warnings: Warnings<'_>,
) -> Proposal {
    if alert.status == AlertStatus::Closed {
        return Proposal::None;
    }
    let open: BTreeMap<CaseId, &CaseLinks> = cases
        .iter()
        .filter(|case| case.tenant == alert.tenant && case.status != CaseStatus::Closed)
        .map(|case| (case.case, case))
        .collect();
    let incident = Incident::around(alert, related, &open, policy, warnings);
    let loose: Vec<AlertId> =
        incident.alerts.iter().filter(|member| member.case.is_none()).map(|member| member.id).collect();
    let because = incident.because.into_iter().collect();
    if let Some(own) = alert.case {
        let suggested: Vec<CaseId> = incident.cases.into_iter().filter(|case| *case != own).collect();
        if !open.contains_key(&own) || (loose.is_empty() && suggested.is_empty()) {
            return Proposal::None;
        }
        return Proposal::Merge { case: own, alerts: loose, suggested, because };
    }
    let oldest = incident.cases.iter().copied().min_by_key(|case| (open.get(case).map(|case| case.created), *case));
    if let Some(case) = oldest {
        let suggested = incident.cases.into_iter().filter(|other| *other != case).collect();
        return Proposal::Merge { case, alerts: loose, suggested, because };
    }
    let worst = incident.alerts.iter().map(|member| member.severity).max().unwrap_or_default();
    let together = incident.alerts.len() >= policy.together && worst >= policy.together_severity;
    if together || alert.severity >= policy.alone {
        return Proposal::Open { alerts: loose, because };
    }
    Proposal::None
}

/// An alert, the alerts tied to it, and the open cases tied to any of them.
struct Incident<'a> {
    /// The alert first, then those without a case in the order in which they were reached.
    alerts: Vec<&'a Alert>,
    cases: BTreeSet<CaseId>,
    because: BTreeSet<Link>,
}

impl<'a> Incident<'a> {
    fn around(
        alert: &'a Alert,
        related: &'a [Alert],
        open: &BTreeMap<CaseId, &CaseLinks>,
        policy: &IncidentPolicy,
        warnings: Warnings<'_>,
    ) -> Self {
        let mut others: Vec<Tied<'a>> = related
            .iter()
            .filter(|other| other.id != alert.id && other.tenant == alert.tenant)
            .map(|other| Tied::of(other, warnings))
            .collect();
        // The order in which the store found them must not matter.
        others.sort_by_key(|other| (other.alert.first_seen, other.alert.id));
        let mut incident = Self { alerts: Vec::new(), cases: BTreeSet::new(), because: BTreeSet::new() };
        let mut queue = vec![Tied::of(alert, warnings)];
        while let Some(member) = queue.pop() {
            for case in open.values() {
                let shared: Vec<Link> = member.links.intersection(&case.links).cloned().collect();
                if !shared.is_empty() {
                    incident.cases.insert(case.case);
                    incident.because.extend(shared);
                }
            }
            let mut left = Vec::new();
            for other in others {
                let shared = member.to(&other, policy);
                let case = other.alert.case;
                let out =
                    other.alert.status == AlertStatus::Closed || case.is_some_and(|case| !open.contains_key(&case));
                if shared.is_empty() || out {
                    left.push(other);
                    continue;
                }
                incident.because.extend(shared);
                match case {
                    // What a case holds is together already; looking beyond it would merge whole cases.
                    Some(case) => _ = incident.cases.insert(case),
                    None => queue.push(other),
                }
            }
            others = left;
            incident.alerts.push(member.alert);
        }
        incident
    }
}
