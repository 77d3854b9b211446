//! Processes that die at every point of the log that has a name.

use std::io::Write as _;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use vigie_events::{FAIL_POINTS, Log, LogItem, LogPosition};
use vigie_model::Timestamp;

use super::{SMALL, record};

const FOLDER: &str = "VIGIE_TEST_LOG_FOLDER";
const GROUP: u64 = 5;

/// Writes groups of records until it dies, and says on standard output which of them are kept. Run by the test below.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let (mut log, _) = Log::open(folder.as_ref(), SMALL).unwrap();
    for group in 0..50 {
        let records = (group * GROUP..(group + 1) * GROUP).map(record).collect();
        let entries = log.append(Timestamp::from_seconds(group as i64), records, vec![]);
        log.sync().unwrap();
        writeln!(std::io::stdout(), "kept {group}").unwrap();
        if group % 10 == 9 {
            log.trim(entries[0].position).unwrap();
            writeln!(std::io::stdout(), "trimmed {group}").unwrap();
        }
    }
}

#[test]
fn whoever_dies_where_ever_keeps_what_was_said_to_be_kept() {
    let points = FAIL_POINTS.iter().filter(|name| name.starts_with("log."));
    for (point, hit) in points.flat_map(|point| [1, 2, 7].map(|hit| (point, hit))) {
        let folder = TempDir::new().unwrap();
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "log::crash::child", "--nocapture"])
            .env(FOLDER, folder.path())
            .env("VIGIE_FAILPOINT", format!("{point}:{hit}"))
            .stderr(Stdio::null())
            .output()
            .unwrap();
        assert!(!output.status.success(), "{point}:{hit} was not reached");
        let said = String::from_utf8(output.stdout).unwrap();
        let kept = said.matches("kept ").count() as u64;
        let (mut log, _) = Log::open(folder.path(), SMALL).unwrap();
        let again = log.append(Timestamp::EPOCH, vec![record(0)], vec![]);
        log.sync().unwrap();
        let first = log.reader(LogPosition::default()).unwrap().find_map(|item| match item.unwrap() {
            LogItem::Entry(entry) => Some(entry.position),
            LogItem::Damage(_) => None,
        });
        let mut groups = Vec::new();
        for item in log.reader(first.unwrap()).unwrap() {
            let LogItem::Entry(entry) = item.unwrap() else { panic!("{point}:{hit}: damage") };
            if entry.position == again[0].position {
                continue;
            }
            groups.push(entry.now.as_seconds() as u64);
            let expected: Vec<_> = (groups[groups.len() - 1] * GROUP..).take(GROUP as usize).map(record).collect();
            assert_eq!(entry.records, expected, "{point}:{hit}");
        }
        let oldest = groups.first().copied().unwrap_or(0);
        let newest = groups.last().map_or(0, |last| last + 1);
        assert_eq!(groups, (oldest..newest).collect::<Vec<_>>(), "{point}:{hit}");
        assert!(newest == kept || newest == kept + 1, "{point}:{hit}: {kept} kept, {newest} found");
    }
}
