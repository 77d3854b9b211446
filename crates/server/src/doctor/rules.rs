//! What follows from what was measured.

use std::time::Duration;

use super::{Level, Symptom, Vitals};
use crate::pipeline::{SourceSeen, Stage};

/// The share of its time that a busy stage works.
const BUSY: f64 = 0.9;
/// The share of a queue or of the log that is called full.
const FULL: f64 = 0.9;
/// How much of a disk should be free.
const FREE: f64 = 0.1;
/// How much of a disk must be free.
const FREE_LEAST: f64 = 0.02;
/// The share of a source's records that may be unreadable before somebody is told, and how many there must be.
const UNREAD: f64 = 0.05;
const UNREAD_LEAST: u64 = 20;
/// How long a source must have been silent, and how many times longer than it usually is.
const SILENT: Duration = Duration::from_mins(15);
const SILENT_TIMES: u32 = 20;
/// How many events tell how often a source usually sends.
const SILENT_EVENTS_LEAST: u64 = 20;
/// How many of a kind are named one by one.
const NAMED_MAX: usize = 10;

/// Returns what is not as it should be, the worst first.
pub(crate) fn examine(vitals: &Vitals) -> Vec<Symptom> {
    let mut found = Vec::new();
    held_up(vitals, &mut found);
    full(vitals, &mut found);
    slow(vitals, &mut found);
    lost(vitals, &mut found);
    damaged(vitals, &mut found);
    silent(vitals, &mut found);
    content(vitals, &mut found);
    found.sort_by_key(|symptom| std::cmp::Reverse(symptom.level));
    found
}

fn say(found: &mut Vec<Symptom>, level: Level, part: &str, what: String, advice: &str) {
    found.push(Symptom { level, part: part.to_owned(), what, advice: advice.to_owned() });
}

fn held_up(vitals: &Vitals, found: &mut Vec<Symptom>) {
    for (stage, what, since) in &vitals.held_up {
        let what = format!("the stage `{}` has been held up for {} s: {what}", stage.as_str(), since.as_secs());
        let advice = "make room on the disk or give the folder back its rights; it goes on by itself, and nothing that was \
                      acknowledged is lost";
        say(found, Level::Critical, stage.as_str(), what, advice);
    }
    if vitals.replaying {
        let what = "what was received before the start is still being read from the log".to_owned();
        say(found, Level::Notice, "log", what, "wait: it goes on by itself, and new records wait meanwhile");
    }
}

fn full(vitals: &Vitals, found: &mut Vec<Symptom>) {
    let share = vitals.log_bytes as f64 / vitals.log_bytes_max.max(1) as f64;
    if share >= 0.5 {
        let level = if share >= FULL { Level::Critical } else { Level::Warning };
        let what =
            format!("the write-ahead log holds {} of at most {}", bytes(vitals.log_bytes), bytes(vitals.log_bytes_max));
        let advice = "the stages behind it do not keep up or are held up: see the other lines; `events.log_bytes_max` says \
                      how large it may become";
        say(found, level, "log", what, advice);
    }
    for (name, held, max) in vitals.queues {
        if held as f64 >= FULL * max as f64 {
            let what = format!("the queue of {name} records is full ({} of {})", bytes(held as u64), bytes(max as u64));
            let advice = "more comes in than the busiest stage takes: senders are being slowed down";
            say(found, Level::Warning, "queues", what, advice);
        }
    }
    let Some((free, size)) = vitals.disk else { return };
    let share = free as f64 / size.max(1) as f64;
    if share < FREE {
        let level = if share < FREE_LEAST { Level::Critical } else { Level::Warning };
        let what = format!("{} of {} are free on the disk of the data folder", bytes(free), bytes(size));
        let advice = "make room, or keep events for a shorter time: `events.retention_days`, `events.retention_bytes`";
        say(found, level, "disk", what, advice);
    }
}

fn slow(vitals: &Vitals, found: &mut Vec<Symptom>) {
    for (stage, share) in vitals.busy.iter().filter(|(_, share)| *share >= BUSY) {
        let what = format!(
            "the stage `{}` worked {:.0} % of the last minute: it sets the pace of all the others",
            stage.as_str(),
            share * 100.0
        );
        let advice = match stage {
            Stage::Log => "the disk syncs slowly: put the data folder on a faster one",
            Stage::Ingest => "records are read as fast as one core can: send less, or split tenants over two servers",
            Stage::Index => "events are indexed as fast as one core can: send less, or split tenants over two servers",
            Stage::Detect => "rules take the time: leave out rules for products that you do not run, or send less",
            Stage::Settle => {
                "the database takes the time: a rule that fires on everything is the usual reason, see the \
                              overview's top rules"
            }
        };
        say(found, Level::Warning, stage.as_str(), what, advice);
    }
}

fn lost(vitals: &Vitals, found: &mut Vec<Symptom>) {
    let (lately, ever) = vitals.dropped;
    let advice = "UDP cannot be slowed down: send over TCP, or send less";
    if lately > 0 {
        let what = format!("{lately} datagrams were lost in the last minute, {ever} since the start");
        say(found, Level::Critical, "sources", what, advice);
    } else if ever > 0 {
        say(found, Level::Notice, "sources", format!("{ever} datagrams were lost since the start"), advice);
    }
    if vitals.refused > 0 {
        let what = format!("{} batches were refused in the last minute", vitals.refused);
        say(
            found,
            Level::Warning,
            "log",
            what,
            "their senders were told to send them again: see what holds the log up",
        );
    }
}

fn damaged(vitals: &Vitals, found: &mut Vec<Symptom>) {
    for (part, all, advice) in [
        (
            "log",
            &vitals.log_damage,
            "what was in that place and not yet indexed is lost: have its senders send it again",
        ),
        ("index", &vitals.index_damage, vigie_events::Damage::CURE),
    ] {
        for what in all.iter().take(NAMED_MAX) {
            say(found, Level::Critical, part, what.clone(), advice);
        }
    }
}

fn silent(vitals: &Vitals, found: &mut Vec<Symptom>) {
    for ((tenant, source), seen) in &vitals.sources {
        if let Some(quiet) = silence(seen.events, vitals.now.since(seen.last), usual(seen)) {
            let what = format!(
                "`{source}` of `{tenant}` has sent nothing for {}; it used to send every {}",
                span(quiet),
                span(usual(seen))
            );
            say(found, Level::Warning, "sources", what, "look at the machine or the shipper that sends it");
        }
    }
    if vitals.now.since(vitals.started) < SILENT {
        return;
    }
    for (tenant, source, kind) in &vitals.expected {
        if !heard(vitals, tenant, source) {
            let what = format!(
                "the {kind} for `{source}` of `{tenant}` has had nothing since the start, {} ago",
                span(vitals.now.since(vitals.started))
            );
            say(found, Level::Warning, "sources", what, "look at the sender, the address and the firewall between");
        }
    }
}

fn heard(vitals: &Vitals, tenant: &vigie_model::TenantId, source: &vigie_model::SourceName) -> bool {
    // `syslog` hands lines on to the source that knows their program, so any source of the tenant may stand for it.
    let any = source.as_str() == "syslog";
    vitals.sources.keys().any(|(of, name)| of == tenant && (any || name == source))
}

/// Returns how long a source has been silent, where that is much longer than it usually lets pass between two events.
pub(crate) fn silence(events: u64, quiet: Duration, usual: Duration) -> Option<Duration> {
    let is_silent = quiet >= SILENT.max(usual * SILENT_TIMES) && events >= SILENT_EVENTS_LEAST;
    is_silent.then_some(quiet)
}

/// Returns how long a source usually lets pass between two events.
pub(crate) fn usual(seen: &SourceSeen) -> Duration {
    let spans = u32::try_from(seen.events.saturating_sub(1)).unwrap_or(u32::MAX).max(1);
    seen.last.since(seen.first) / spans
}

fn content(vitals: &Vitals, found: &mut Vec<Symptom>) {
    for ((tenant, source), SourceSeen { events, dead, .. }) in &vitals.sources {
        if *dead >= UNREAD_LEAST && *dead as f64 >= UNREAD * (events + dead) as f64 {
            let what =
                format!("{dead} records of `{source}` of `{tenant}` could not be read since the start, {events} could");
            let advice = "`/api/v1/dead-letters` keeps them with the reason: is the right source named for them?";
            say(found, Level::Warning, "sources", what, advice);
        }
    }
    if !vitals.refused_rules.is_empty() {
        let first = &vitals.refused_rules[0];
        let what = format!(
            "{} rules could not be read and are not in force; the first is {}: {}",
            vitals.refused_rules.len(),
            first.path,
            first.reason
        );
        say(found, Level::Warning, "rules", what, "`vigie rules check DIR` names them all");
    }
    if vitals.rules == 0 {
        let what = "no rule is in force: nothing is detected".to_owned();
        say(found, Level::Critical, "rules", what, "set `rules.builtin = true`, or name folders in `rules.folders`");
    }
}

/// Returns a number of bytes for a person.
fn bytes(number: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = number as f64;
    let mut unit = 0;
    while value >= 1_024.0 && unit + 1 < units.len() {
        value /= 1_024.0;
        unit += 1;
    }
    if unit == 0 { format!("{number} B") } else { format!("{value:.1} {}", units[unit]) }
}

/// Returns a span of time for a person.
fn span(duration: Duration) -> String {
    match duration.as_secs() {
        0 => format!("{} ms", duration.as_millis()),
        seconds @ 1..=119 => format!("{seconds} s"),
        seconds @ 120..=7_199 => format!("{} min", seconds / 60),
        seconds @ 7_200..=172_799 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests;
