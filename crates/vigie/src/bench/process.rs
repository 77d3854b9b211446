//! What a process costs, as Linux tells it: `proc_pid_stat(5)`, `proc_pid_status(5)`.

use std::collections::BTreeMap;
use std::fs;

/// Clock ticks in a second: `USER_HZ`, which is 100 wherever Linux runs Rust's standard library.
const TICKS_PER_S: f64 = 100.0;

/// CPU time of a process, and of its threads as far as they were seen.
#[derive(Debug, Clone, Default)]
pub(super) struct CpuTime {
    /// Of the whole process, threads that have ended included, in seconds.
    pub(super) total_s: f64,
    /// Of each thread, by id: its name and its seconds. Those that have ended keep what was last seen.
    threads: BTreeMap<String, (String, f64)>,
}

impl CpuTime {
    /// Looks again at a process; `self` or a number stands for it. A process that is gone changes nothing.
    pub(super) fn look(&mut self, process: &str) {
        let Some((_, total)) = read_stat(&format!("/proc/{process}/stat")) else { return };
        self.total_s = total;
        let Ok(tasks) = fs::read_dir(format!("/proc/{process}/task")) else { return };
        for task in tasks.flatten() {
            let id = task.file_name().to_string_lossy().into_owned();
            if let Some(seen) = read_stat(&task.path().join("stat").to_string_lossy()) {
                self.threads.insert(id, seen);
            }
        }
    }

    /// Returns seconds by the names of threads; numbered ones count together.
    pub(super) fn by_thread(&self) -> BTreeMap<String, f64> {
        let mut sums = BTreeMap::new();
        for (name, seconds) in self.threads.values() {
            let name = name.trim_end_matches(|letter: char| letter.is_ascii_digit() || "-_ ".contains(letter));
            *sums.entry(name.to_owned()).or_default() += seconds;
        }
        sums
    }
}

/// Returns a process's or thread's name, and the seconds that it ran in user and system mode.
fn read_stat(path: &str) -> Option<(String, f64)> {
    parse_stat(&fs::read_to_string(path).ok()?)
}

fn parse_stat(text: &str) -> Option<(String, f64)> {
    // The name stands in parentheses and may hold any of them itself; the numbers after it are fields 3 and on.
    let (name, rest) = text.split_once('(')?.1.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
    Some((name.to_owned(), (ticks(14)? + ticks(15)?) / TICKS_PER_S))
}

/// Returns a size of `/proc/PID/status` in bytes, such as `VmRSS` or `VmHWM`.
pub(super) fn memory(process: &str, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let line = "77 (a) (b 3) S 1 77 77 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 4 0 100 0 0";
        assert_eq!(parse_stat(line), Some(("a) (b 3".to_owned(), 3.0)));
        assert_eq!(parse_stat("77 (a) S 1"), None);
    }

    #[test]
    fn this_process_is_there() {
        let mut cpu = CpuTime::default();
        cpu.look("self");
        assert!(!cpu.by_thread().is_empty());
        assert!(memory("self", "VmHWM") >= memory("self", "VmRSS").map(|bytes| bytes.min(1)));
        assert_eq!(memory("self", "VmNothing"), None);
    }
}
