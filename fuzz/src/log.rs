//! The write-ahead log.

use vigie_events::{Log, LogError, LogItem, LogPosition, LogSettings};

/// Opens and reads a log whose only segment holds these bytes.
///
/// Entries and damage lie in order and do not overlap; what is read once is read again after the log is opened again, and
/// stays readable beside what is written then.
pub fn log(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    std::fs::write(folder.path().join("0000000000000000.log"), bytes).expect("the disk has room");
    let (mut log, _) = match Log::open(folder.path(), LogSettings::default()) {
        Ok(opened) => opened,
        Err(LogError::Version { .. }) => return,
        Err(error) => {
            panic!("{error}: {}", std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default())
        }
    };
    let first = read(&log);
    let dead = first.iter().flat_map(|entry| entry.dead.clone()).collect();
    let records = first.iter().flat_map(|entry| entry.records.clone()).collect();
    let written = log.append(crate::now(), records, dead);
    log.sync().expect("the disk has room");
    drop(log);
    let (log, _) = Log::open(folder.path(), LogSettings::default()).expect("the log opens again");
    assert_eq!(read(&log), [first, written].concat());
}

fn read(log: &Log) -> Vec<vigie_events::LogEntry> {
    let (mut at, mut entries) = (LogPosition::default(), Vec::new());
    for item in log.reader(LogPosition::default()).expect("the log is open") {
        let (from, until) = match item.expect("the disk can be read") {
            LogItem::Damage(damage) => (damage.from, damage.until),
            LogItem::Entry(entry) => {
                let place = (entry.position, entry.end);
                entries.push(entry);
                place
            }
        };
        assert!(at <= from && from <= until, "{at}, {from}, {until}");
        at = until;
    }
    entries
}
