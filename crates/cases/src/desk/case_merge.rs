//! One case of several, and one observable of several that are the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vigie_model::{
    Access, AttachmentId, Case, CaseId, CaseStatus, Desk, Impact, Observable, ObservableId, Severity, Timestamp,
};

use super::case_word::case_summary;
use super::fields::take_fields;
use crate::ChangeError;
use crate::change::{PROSE_MAX, TAGS_MAX, TITLE_MAX};
use crate::open::blank;
use crate::text::one_line;

/// How many cases are merged at once.
pub const MERGED_CASES_MAX: usize = 50;

/// What the case is made of that several become.
#[derive(Debug, Clone, Copy)]
pub struct CaseMerge<'a> {
    /// Its id: random.
    pub id: CaseId,
    /// Its number within the tenant.
    pub number: u64,
    /// The cases, of one tenant.
    pub cases: &'a [Case],
    /// Who merges them.
    pub by: &'a str,
    /// When.
    pub now: Timestamp,
}

/// Returns the case that several become: titles and descriptions one after the other, the worst severity, the narrowest
/// sharing. It is open, in progress once one of them was, and closed to everybody to whom one of them was.
pub fn merge_cases(merge: &CaseMerge<'_>) -> Result<Case, ChangeError> {
    let CaseMerge { cases, by, now, .. } = *merge;
    let [first, _, ..] = cases else { return Err(ChangeError::TooFew { what: "cases", min: 2 }) };
    if cases.len() > MERGED_CASES_MAX {
        return Err(ChangeError::TooMany { what: "cases", max: MERGED_CASES_MAX });
    }
    if cases.iter().any(|case| case.tenant != first.tenant) {
        return Err(ChangeError::OtherTenant);
    }
    let mut merged = blank(merge.id, first.tenant.clone(), merge.number, now);
    merged.title = one_line(&joined(cases.iter().map(|case| case.title.as_str()), " / "), TITLE_MAX);
    merged.description = cut(joined(cases.iter().map(|case| case.description.as_str()), "\n\n"));
    merged.severity = cases.iter().map(|case| case.severity).max().unwrap_or(Severity::Medium);
    merged.tlp = cases.iter().map(|case| case.tlp).max().unwrap_or_default();
    merged.pap = cases.iter().map(|case| case.pap).max().unwrap_or_default();
    let is_begun = cases.iter().any(|case| case.status != CaseStatus::Open);
    merged.status = if is_begun { CaseStatus::InProgress } else { CaseStatus::Open };
    merged.acknowledged = cases.iter().filter_map(|case| case.acknowledged).min();
    merged.assignee = cases.iter().find_map(|case| case.assignee.clone());
    merged.first_seen = cases.iter().map(|case| case.first_seen).min().unwrap_or(now);
    merged.last_seen = cases.iter().map(|case| case.last_seen).max().unwrap_or(now);
    for tag in cases.iter().flat_map(|case| &case.tags) {
        if merged.tags.len() < TAGS_MAX && !merged.tags.contains(tag) {
            merged.tags.push(tag.clone());
        }
    }
    merged.desk = desk(cases, by);
    Ok(merged)
}

fn desk(cases: &[Case], by: &str) -> Desk {
    let mut desk = Desk { created_by: by.to_owned(), ..Desk::default() };
    desk.flag = cases.iter().any(|case| case.desk.flag);
    let summary = joined(cases.iter().filter_map(case_summary), "\n\n");
    desk.summary = (!summary.is_empty()).then(|| cut(summary));
    desk.impact = cases.iter().filter_map(|case| case.desk.impact).max_by_key(|impact| match impact {
        Impact::NotApplicable => 0,
        Impact::NoImpact => 1,
        Impact::WithImpact => 2,
    });
    desk.template = cases.iter().find_map(|case| case.desk.template.clone());
    desk.access = access(cases);
    for case in cases {
        take_fields(&mut desk.fields, &case.desk.fields);
    }
    desk
}

/// Whoever may open each of the cases may open what they become.
fn access(cases: &[Case]) -> Access {
    let mut users: Option<BTreeSet<&String>> = None;
    for case in cases {
        if let Access::Users(named) = &case.desk.access {
            let named: BTreeSet<&String> = named.iter().collect();
            users = Some(users.map_or_else(|| named.clone(), |users| users.intersection(&named).copied().collect()));
        }
    }
    users.map_or(Access::Tenant, |users| Access::Users(users.into_iter().cloned().collect()))
}

fn joined<'a>(texts: impl Iterator<Item = &'a str>, between: &str) -> String {
    let texts: Vec<&str> = texts.filter(|text| !text.trim().is_empty()).collect();
    texts.join(between)
}

fn cut(text: String) -> String {
    match text.char_indices().nth(PROSE_MAX) {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    }
}

/// What becomes of the observables of a case once the same ones are one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Folded {
    /// Those that learnt something, before and after.
    pub changed: Vec<(Observable, Observable)>,
    /// Those that go, each with the one that stays.
    pub gone: Vec<(Observable, ObservableId)>,
    /// How many stay as they are.
    pub untouched: usize,
}

/// Makes one observable of those of the same type and value; of files, of those with the same bytes and name. The first
/// stays. `digests` are those of the files.
pub fn fold_observables(
    observables: &[Observable],
    digests: &BTreeMap<AttachmentId, String>,
    by: &str,
    now: Timestamp,
) -> Folded {
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    let mut kept: Vec<(&Observable, Observable)> = Vec::new();
    let mut folded = Folded::default();
    for observable in observables {
        let value = match observable.attachment {
            // Bytes that are not known are the same as nothing.
            Some(id) => format!("{} {}", digests.get(&id).unwrap_or(&id.to_string()), observable.value),
            None => observable.value.clone(),
        };
        let word = observable.data_type.clone().unwrap_or_else(|| observable.kind.as_str().to_owned());
        let key = (word, value);
        if let Some((_, known)) = places.get(&key).and_then(|place| kept.get_mut(*place)) {
            *known = joined_observable(known, observable);
            folded.gone.push((observable.clone(), known.id));
        } else {
            places.insert(key, kept.len());
            kept.push((observable, observable.clone()));
        }
    }
    for (before, mut after) in kept {
        if *before == after {
            folded.untouched += 1;
            continue;
        }
        after.stamp = before.stamp.as_ref().map(|stamp| stamp.changed(by, now));
        folded.changed.push((before.clone(), after));
    }
    folded
}

/// Returns what is known of a value after hearing of it again.
pub(super) fn joined_observable(known: &Observable, new: &Observable) -> Observable {
    let mut joined = known.clone();
    joined.ioc |= new.ioc;
    joined.sighted = known.sighted.or(new.sighted);
    joined.message = known.message.clone().or_else(|| new.message.clone());
    joined.first_seen = known.first_seen.min(new.first_seen);
    joined.last_seen = known.last_seen.max(new.last_seen);
    joined.tlp = known.tlp.max(new.tlp);
    joined.pap = known.pap.max(new.pap);
    for tag in &new.tags {
        if joined.tags.len() < TAGS_MAX && !joined.tags.contains(tag) {
            joined.tags.push(tag.clone());
        }
    }
    joined
}
