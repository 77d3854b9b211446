//! Which partitions have been kept long enough.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use vigie_model::{LegalHold, TenantId, Timestamp};

use crate::EventIndex;
use crate::partition::{PartitionKey, lock};
use crate::partitions::split;

/// How long events are kept. Partitions go whole, the oldest first; the current day's never goes.
#[derive(Debug, Clone, Default)]
pub struct RetentionPolicy {
    /// What holds for each tenant; one that is not listed keeps its events for ever.
    pub tenants: Vec<TenantRetention>,
    /// What must not go, whatever the limits say.
    pub holds: Vec<LegalHold>,
}

/// How long one tenant's events are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRetention {
    /// Whose events.
    pub tenant: TenantId,
    /// For how many days after the day of their arrival; `None` for ever.
    pub days: Option<u32>,
    /// How many bytes of disk they may take; `None` for any number.
    pub bytes: Option<u64>,
}

/// Returns whether a hold is about a tenant's events of a day of arrival, `YYYY-MM-DD`: whether any moment of it is held.
fn covers(hold: &LegalHold, tenant: &TenantId, day: &str) -> bool {
    let last = hold.until.map(|until| Timestamp::from_micros(until.as_micros() - 1).day());
    hold.tenant == *tenant
        && hold.from.is_none_or(|from| from.day().as_str() <= day)
        && last.is_none_or(|last| day <= last.as_str())
}

/// Why a partition went, or would have gone but for a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryReason {
    /// It is older than the tenant's days.
    Age,
    /// The tenant's events take more than their bytes.
    Size,
}

/// A partition that went, or is to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Expired {
    /// Whose events.
    pub tenant: TenantId,
    /// The partition's name: the day of arrival, with `.2` and so on where that day has several.
    pub day: String,
    /// How many bytes of disk it takes.
    pub bytes: u64,
    /// Why.
    pub reason: ExpiryReason,
}

/// What retention did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Expiry {
    /// What went.
    pub deleted: Vec<Expired>,
    /// What a legal hold kept.
    pub held: Vec<Expired>,
    /// What should have gone and could not be deleted, with the reason; it is tried again the next time.
    pub failed: Vec<(Expired, String)>,
}

/// A partition as retention sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) tenant: TenantId,
    pub(crate) day: String,
    pub(crate) bytes: u64,
}

/// Returns what is to go of these partitions, and what a hold keeps. What is held counts in the bytes, so that others go in
/// its place.
pub(crate) fn plan(policy: &RetentionPolicy, mut kept: Vec<Kept>, now: Timestamp) -> Expiry {
    let today = now.day();
    kept.sort_by(|left, right| left.day.cmp(&right.day));
    let mut expiry = Expiry::default();
    for limits in &policy.tenants {
        let first_day = limits.days.map(|days| day_minus(now, days));
        let mut bytes: u64 = kept.iter().filter(|one| one.tenant == limits.tenant).map(|one| one.bytes).sum();
        for one in kept.iter().filter(|one| one.tenant == limits.tenant) {
            let (day, _) = split(&one.day);
            let too_old = first_day.as_deref().is_some_and(|first| day < first);
            let too_much = limits.bytes.is_some_and(|max| bytes > max);
            let reason = match (too_old, too_much) {
                _ if day >= today.as_str() => continue,
                (true, _) => ExpiryReason::Age,
                (false, true) => ExpiryReason::Size,
                (false, false) => continue,
            };
            let expired = Expired { tenant: one.tenant.clone(), day: one.day.clone(), bytes: one.bytes, reason };
            if policy.holds.iter().any(|hold| covers(hold, &one.tenant, day)) {
                expiry.held.push(expired);
            } else {
                bytes -= one.bytes;
                expiry.deleted.push(expired);
            }
        }
    }
    expiry
}

fn day_minus(now: Timestamp, days: u32) -> String {
    const MICROS_OF_A_DAY: i64 = 86_400_000_000;
    let micros = now.as_micros().saturating_sub(i64::from(days) * MICROS_OF_A_DAY);
    Timestamp::from_micros(micros.max(Timestamp::MIN.as_micros())).day()
}

/// What a partition's folder is called while it is being deleted. No partition has such a name, so that what a crash leaves
/// of it is no partition.
const GOING: &str = "deleting-";

impl EventIndex {
    /// Returns what [`Self::expire`] would do, and does nothing.
    pub fn expire_dry_run(&self, policy: &RetentionPolicy, now: Timestamp) -> Expiry {
        let limited: BTreeSet<&TenantId> = policy.tenants.iter().map(|limits| &limits.tenant).collect();
        let damaged = self.partitions.damaged().into_iter().map(|(partition, _)| partition);
        let all = self.partitions.all().into_iter().chain(damaged);
        let kept = all.filter(|partition| limited.contains(&partition.key.tenant)).map(|partition| Kept {
            tenant: partition.key.tenant.clone(),
            day: partition.key.day.clone(),
            bytes: folder_bytes(&partition.folder),
        });
        plan(policy, kept.collect(), now)
    }

    /// Deletes the partitions that have been kept long enough. Searches that are under way end as they began.
    pub fn expire(&self, policy: &RetentionPolicy, now: Timestamp) -> Expiry {
        let mut expiry = self.expire_dry_run(policy, now);
        for expired in std::mem::take(&mut expiry.deleted) {
            let key = PartitionKey { tenant: expired.tenant.clone(), day: expired.day.clone() };
            match self.delete(&key) {
                Ok(()) => expiry.deleted.push(expired),
                Err(error) => expiry.failed.push((expired, error.to_string())),
            }
        }
        for tenant in policy.tenants.iter().map(|limits| &limits.tenant) {
            self.sweep(tenant);
        }
        expiry
    }

    fn delete(&self, key: &PartitionKey) -> io::Result<()> {
        // With the writers held nothing opens the partition meanwhile.
        let mut writers = lock(&self.writers);
        if writers.has_open(key) {
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, "events are being added to it"));
        }
        let partition = self.partitions.get(key);
        if partition.as_ref().is_some_and(|partition| partition.set_busy(true)) {
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, "it is being compacted"));
        }
        let folder = self.root().join(key.tenant.as_str()).join(&key.day);
        let going = folder.with_file_name(format!("{GOING}{}", key.day));
        if let Err(error) = fs::rename(&folder, &going) {
            if let Some(partition) = partition {
                partition.set_busy(false);
            }
            return Err(error);
        }
        self.partitions.forget(key);
        writers.forget(key);
        drop(writers);
        if let Some(partition) = partition {
            partition.close_reader();
        }
        // From here on it is gone; what cannot be deleted now is swept away the next time.
        if let Err(error) = fs::remove_dir_all(&going) {
            tracing::warn!(path = %going.display(), "what is left of an expired partition cannot be deleted yet: {error}");
        }
        Ok(())
    }

    /// Deletes what a crash left of partitions that were being deleted.
    fn sweep(&self, tenant: &TenantId) {
        let Ok(entries) = fs::read_dir(self.root().join(tenant.as_str())) else { return };
        let left: Vec<PathBuf> =
            entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| is_going(path)).collect();
        for path in left {
            if let Err(error) = fs::remove_dir_all(&path) {
                tracing::warn!(path = %path.display(), "what is left of an expired partition cannot be deleted: {error}");
            }
        }
    }
}

fn is_going(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(GOING))
}

/// Returns how many bytes the files below a folder take; what cannot be read counts as nothing.
pub(crate) fn folder_bytes(path: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(path) else { return 0 };
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.filter_map(Result::ok).map(size).sum()
}

#[cfg(test)]
mod tests {
    use vigie_model::{Actor, HoldId};

    use super::*;

    /// Plans for ten-byte partitions of `acme` on the 9th, and returns the days that go and those that are held.
    #[track_caller]
    fn check(
        days: &[&str],
        limits: (Option<u32>, Option<u64>),
        hold: Option<(&str, &str)>,
        expected: (&[&str], &[&str]),
    ) {
        let tenant = TenantId::new("acme").unwrap();
        let kept = |day: &&str| Kept { tenant: tenant.clone(), day: (*day).to_owned(), bytes: 10 };
        let moment = |day: &str, clock: &str| (!day.is_empty()).then(|| format!("{day}T{clock}Z").parse().unwrap());
        let policy = RetentionPolicy {
            tenants: vec![TenantRetention { tenant: tenant.clone(), days: limits.0, bytes: limits.1 }],
            holds: hold
                .map(|(from, until)| LegalHold {
                    id: HoldId::from_bytes([1; 16]),
                    tenant: tenant.clone(),
                    from: moment(from, "23:59:59"),
                    until: moment(until, "00:00:01"),
                    reason: "a test".to_owned(),
                    placed_by: Actor::System("test".to_owned()),
                    created: Timestamp::EPOCH,
                })
                .into_iter()
                .collect(),
        };
        let expiry = plan(&policy, days.iter().map(kept).collect(), "2026-03-09T12:00:00Z".parse().unwrap());
        let names = |list: &[Expired]| list.iter().map(|one| one.day.clone()).collect::<Vec<_>>();
        assert_eq!(
            (names(&expiry.deleted), names(&expiry.held)),
            (
                expected.0.iter().map(|&day| day.to_owned()).collect(),
                expected.1.iter().map(|&day| day.to_owned()).collect(),
            )
        );
    }

    #[test]
    fn the_oldest_go_first_and_the_current_day_never() {
        let days = ["2026-03-09", "2026-03-07", "2026-03-08", "2026-03-08.2", "2026-03-01"];
        check(&days, (None, None), None, (&[], &[]));
        check(&days, (Some(2), None), None, (&["2026-03-01"], &[]));
        check(&days, (Some(1), None), None, (&["2026-03-01", "2026-03-07"], &[]));
        check(&days, (Some(0), None), None, (&["2026-03-01", "2026-03-07", "2026-03-08", "2026-03-08.2"], &[]));
        check(&days, (None, Some(50)), None, (&[], &[]));
        check(&days, (None, Some(49)), None, (&["2026-03-01"], &[]));
        check(&days, (None, Some(0)), None, (&["2026-03-01", "2026-03-07", "2026-03-08", "2026-03-08.2"], &[]));
        check(&days, (Some(7), Some(35)), None, (&["2026-03-01", "2026-03-07"], &[]));
    }

    #[test]
    fn what_is_held_stays_and_counts() {
        let days = ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-09"];
        check(&days, (Some(0), None), Some(("", "")), (&[], &["2026-03-01", "2026-03-02", "2026-03-03"]));
        check(
            &days,
            (Some(0), None),
            Some(("2026-03-02", "2026-03-02")),
            (&["2026-03-01", "2026-03-03"], &["2026-03-02"]),
        );
        check(&days, (None, Some(30)), Some(("", "2026-03-01")), (&["2026-03-02"], &["2026-03-01"]));
        check(&days, (None, Some(10)), Some(("2026-03-03", "")), (&["2026-03-01", "2026-03-02"], &["2026-03-03"]));
    }
}
