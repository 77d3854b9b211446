//! Times, and a table of them.

use std::time::{Duration, Instant};

use crate::ask::For;

/// How long the same question took, again and again.
#[derive(Default)]
pub(crate) struct Clock {
    wall: Vec<Duration>,
    cpu: Vec<Duration>,
    /// What the answers were, summed up, so that nobody measures empty answers unawares.
    answers: u64,
}

impl Clock {
    pub(crate) async fn time(&mut self, ask: impl AsyncFnOnce() -> u64) {
        let (cpu, wall) = (cpu_time(), Instant::now());
        self.answers += ask().await;
        self.wall.push(wall.elapsed());
        self.cpu.push(cpu_time().saturating_sub(cpu));
    }
}

/// Returns the CPU time of all threads of this process. The part of one that runs right now may lack its last milliseconds.
pub(crate) fn cpu_time() -> Duration {
    let mut nanos = 0_u64;
    for task in std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        nanos += text.split_whitespace().next().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    }
    Duration::from_nanos(nanos)
}

/// Figures by question, and by for whom it is asked.
pub(crate) struct Table {
    title: &'static str,
    rows: Vec<(String, For, Clock)>,
}

impl Table {
    pub(crate) const fn new(title: &'static str) -> Self {
        Self { title, rows: Vec::new() }
    }

    pub(crate) fn add(&mut self, name: &str, whom: For, clock: Clock) {
        self.rows.push((name.to_owned(), whom, clock));
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "\n{}\n\n| question | tenants | p50 ms | p99 ms | most ms | p99 CPU ms | answers |", self.title)?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        for (name, whom, clock) in &self.rows {
            let (wall, cpu) = (sorted(&clock.wall), sorted(&clock.cpu));
            let whom = format!("{whom:?}").to_lowercase();
            let most = wall.last().copied().unwrap_or(0.0);
            writeln!(
                f,
                "| {name} | {whom} | {:.1} | {:.1} | {most:.1} | {:.1} | {} |",
                quantile(&wall, 0.5),
                quantile(&wall, 0.99),
                quantile(&cpu, 0.99),
                clock.answers / wall.len().max(1) as u64,
            )?;
        }
        let worst = self.rows.iter().map(|(.., clock)| quantile(&sorted(&clock.wall), 0.99)).fold(0.0, f64::max);
        writeln!(f, "\nthe worst p99 is {worst:.1} ms")
    }
}

fn sorted(times: &[Duration]) -> Vec<f64> {
    let mut times: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    times
}

/// Returns the value that this part of the values does not exceed.
pub(crate) fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(place.saturating_sub(1)).copied().unwrap_or(0.0)
}
