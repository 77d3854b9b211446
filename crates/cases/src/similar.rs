//! Alerts and cases that share observables.

use std::collections::BTreeSet;

use vigie_model::{Alert, AlertId, Case, CaseId, Observable, ObservableKind};

use crate::links::{Warnings, is_external_text};

/// An alert that shares something with another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimilarAlert {
    /// The alert.
    pub alert: AlertId,
    /// What both are about.
    pub shared: Vec<(ObservableKind, String)>,
    /// How much that says; the more, the more alike.
    pub score: u32,
}

/// A case that shares something with another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimilarCase {
    /// The case.
    pub case: CaseId,
    /// What both are about.
    pub shared: Vec<(ObservableKind, String)>,
    /// How much that says; the more, the more alike.
    pub score: u32,
}

/// Returns those of the other alerts, of the same tenant, that share something with this one, the most alike first. What
/// the warning list knows counts for nothing.
pub fn similar_alerts(alert: &Alert, others: &[Alert], warnings: Warnings<'_>) -> Vec<SimilarAlert> {
    let own = alert_values(alert);
    let mut similar: Vec<SimilarAlert> = others
        .iter()
        .filter(|other| other.id != alert.id && other.tenant == alert.tenant)
        .filter_map(|other| {
            let (shared, score) = shared(&own, &alert_values(other), warnings)?;
            Some(SimilarAlert { alert: other.id, shared, score })
        })
        .collect();
    similar.sort_by_key(|similar| (std::cmp::Reverse(similar.score), similar.alert));
    similar
}

/// Returns those of the other cases, of the same tenant, that share something with this one, the most alike first.
pub fn similar_cases(
    case: &Case,
    observables: &[Observable],
    others: &[(Case, Vec<Observable>)],
    warnings: Warnings<'_>,
) -> Vec<SimilarCase> {
    let own = case_values(observables);
    let mut similar: Vec<SimilarCase> = others
        .iter()
        .filter(|(other, _)| other.id != case.id && other.tenant == case.tenant)
        .filter_map(|(other, observables)| {
            let (shared, score) = shared(&own, &case_values(observables), warnings)?;
            Some(SimilarCase { case: other.id, shared, score })
        })
        .collect();
    similar.sort_by_key(|similar| (std::cmp::Reverse(similar.score), similar.case));
    similar
}

/// Returns those of the cases, of the same tenant, that share something with an alert, the most alike first. The alert's own
/// case is not among them.
pub fn cases_like_alert(alert: &Alert, cases: &[(Case, Vec<Observable>)], warnings: Warnings<'_>) -> Vec<SimilarCase> {
    let own = alert_values(alert);
    let mut similar: Vec<SimilarCase> = cases
        .iter()
        .filter(|(case, _)| alert.case != Some(case.id) && case.tenant == alert.tenant)
        .filter_map(|(case, observables)| {
            let (shared, score) = shared(&own, &case_values(observables), warnings)?;
            Some(SimilarCase { case: case.id, shared, score })
        })
        .collect();
    similar.sort_by_key(|similar| (std::cmp::Reverse(similar.score), similar.case));
    similar
}

/// Returns those of the alerts, of the case's tenant and not part of it, that share something with it, the most alike first.
pub fn alerts_like_case(
    case: &Case,
    observables: &[Observable],
    alerts: &[Alert],
    warnings: Warnings<'_>,
) -> Vec<SimilarAlert> {
    let own = case_values(observables);
    let mut similar: Vec<SimilarAlert> = alerts
        .iter()
        .filter(|alert| alert.case != Some(case.id) && alert.tenant == case.tenant)
        .filter_map(|alert| {
            let (shared, score) = shared(&own, &alert_values(alert), warnings)?;
            Some(SimilarAlert { alert: alert.id, shared, score })
        })
        .collect();
    similar.sort_by_key(|similar| (std::cmp::Reverse(similar.score), similar.alert));
    similar
}

type Values<'a> = BTreeSet<(ObservableKind, &'a str)>;

fn alert_values(alert: &Alert) -> Values<'_> {
    alert.entities.iter().map(|entity| (entity.kind, entity.value.as_str())).collect()
}

fn case_values(observables: &[Observable]) -> Values<'_> {
    observables.iter().map(|observable| (observable.kind, observable.value.as_str())).collect()
}

fn shared(
    left: &Values<'_>,
    right: &Values<'_>,
    warnings: Warnings<'_>,
) -> Option<(Vec<(ObservableKind, String)>, u32)> {
    let shared: Vec<(ObservableKind, String)> = left
        .intersection(right)
        .filter(|(kind, value)| weight(*kind, value) > 0 && warnings(*kind, value).is_none())
        .map(|(kind, value)| (*kind, (*value).to_owned()))
        .collect();
    let score = shared.iter().map(|(kind, value)| weight(*kind, value)).sum();
    (!shared.is_empty()).then_some((shared, score))
}

/// Returns how much it says that two share a value of this kind.
fn weight(kind: ObservableKind, value: &str) -> u32 {
    match kind {
        ObservableKind::Ip if is_external_text(value) => 10,
        ObservableKind::Hash | ObservableKind::AwsKey => 10,
        ObservableKind::Domain | ObservableKind::Url | ObservableKind::Mail => 8,
        ObservableKind::User | ObservableKind::AwsArn | ObservableKind::Process | ObservableKind::File => 3,
        ObservableKind::Host | ObservableKind::AwsInstance | ObservableKind::AwsBucket => 2,
        ObservableKind::Ip | ObservableKind::UserAgent | ObservableKind::AwsAccount | ObservableKind::Other => 1,
    }
}
