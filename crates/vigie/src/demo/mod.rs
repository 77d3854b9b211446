//! `vigie demo`: a real server on loopback, and an attack in the noise of a normal day.
//!
//! Nothing is staged but the records: they come in through the real listeners, our own rules and playbooks judge them, and
//! all that is shown is asked of the server through its API. Response stays a dry run.

mod deliver;
mod narrator;
mod samples;
mod scenario;
mod stage;
mod summary;
mod world;

use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::task::{JoinHandle, spawn_blocking};
use vigie_model::{Severity, Timestamp};
use vigie_server::{LiveKind, LiveMessage, Running};

pub(crate) use samples::DemoSamples;
pub use scenario::Scenario;
pub use summary::Summary;

use crate::cli::{DemoArguments, Format, print_json};
use crate::client::Client;
use crate::commands::{Failure, Verdict};
use deliver::Doors;
use narrator::Narrator;
use scenario::Beat;
use stage::Stage;

/// How long the server may take to digest what was sent before the demo gives up.
const DIGEST_MAX: Duration = Duration::from_secs(90);
/// How long each step of the attack is shown to a person.
const CHAPTER_PAUSE: Duration = Duration::from_millis(1_200);

/// Tells the story of a seed, and stays up until it is interrupted where it is not asked to end.
pub fn run(arguments: &DemoArguments) -> Result<Verdict, Failure> {
    let runtime = Runtime::new()?;
    runtime.block_on(show(arguments))
}

async fn show(arguments: &DemoArguments) -> Result<Verdict, Failure> {
    let mut narrator = Narrator::new(arguments.format);
    let stage = Stage::set(arguments)?;
    let mut running = stage.open().await?;
    narrator.opening(&running, stage.folder());
    let watcher = watch(&running, narrator.clone());

    let scenario = Scenario::new(arguments.seed, jiff::Timestamp::now().into());
    let client = stage.client(&running).await?;
    let told = {
        let (client, files, narrator) = (client.clone(), stage.files().clone(), narrator.clone());
        let syslog = Stage::syslog_address(&running)?;
        let pause = if arguments.once || arguments.format != Format::Table { Duration::ZERO } else { CHAPTER_PAUSE };
        let run = format!("{}-{}", arguments.seed, scenario.world.now.as_micros());
        spawn_blocking(move || tell(&scenario, Doors::open(client, syslog, &files, &run)?, narrator, pause)).await??
    };
    wait_for(&running, &client, told.sent, &mut narrator).await?;
    let elapsed = told.began.elapsed();
    // What was raised last may still be on its way to the terminal.
    tokio::time::sleep(Duration::from_millis(200)).await;
    watcher.abort();

    let report = stage.write_report(&client).await?;
    let summary = spawn_blocking(move || Summary::ask(&client, report, elapsed)).await??;
    match arguments.format {
        Format::Table => narrator.closing(&summary),
        Format::Json | Format::Jsonl => print_json(&summary),
    }
    if !arguments.once {
        stage.is_set_up(&running).await?;
        narrator.stays_up(&mut running).await?;
        tokio::signal::ctrl_c().await?;
    }
    running.shutdown().await;
    Ok(Verdict::Good)
}

/// What was sent, and since when.
struct Told {
    sent: usize,
    began: Instant,
}

/// Sends the normal day at once, then the attack step by step.
fn tell(
    scenario: &Scenario,
    mut doors: Doors,
    mut narrator: Narrator,
    pause: Duration,
) -> Result<Told, deliver::DeliverError> {
    let began = Instant::now();
    let first = scenario.chapters.first().map_or(Timestamp::MAX, |chapter| chapter.time);
    let (day, mut attack) = split_at(&scenario.beats, first);
    narrator.day(day.len());
    doors.send(day)?;
    for (number, chapter) in scenario.chapters.iter().enumerate() {
        let until = scenario.chapters.get(number + 1).map_or(Timestamp::MAX, |next| next.time);
        let (beats, rest) = split_at(attack, until);
        attack = rest;
        narrator.chapter(chapter);
        doors.send(beats)?;
        std::thread::sleep(pause);
    }
    Ok(Told { sent: scenario.beats.len(), began })
}

fn split_at(beats: &[Beat], time: Timestamp) -> (&[Beat], &[Beat]) {
    beats.split_at(beats.partition_point(|beat| beat.time < time))
}

/// Waits until the server has taken in and settled everything.
async fn wait_for(running: &Running, client: &Client, sent: usize, narrator: &mut Narrator) -> Result<(), Failure> {
    let until = Instant::now() + DIGEST_MAX;
    loop {
        running.app().pipeline().drain().await;
        let asked = client.clone();
        let found = spawn_blocking(move || asked.get("/api/v1/events?limit=1")).await??;
        let stored = found["total"].as_u64().unwrap_or(0);
        narrator.progress(stored, sent as u64);
        if stored >= sent as u64 {
            return Ok(());
        }
        if Instant::now() > until {
            return Err(
                format!("{stored} of {sent} records were taken in after {DIGEST_MAX:?}: the rest is lost").into()
            );
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Tells of alerts and cases as they are raised.
fn watch(running: &Running, mut narrator: Narrator) -> JoinHandle<()> {
    let mut coming = running.app().live().subscribe(None).coming;
    tokio::spawn(async move {
        while let Ok(told) = coming.recv().await {
            let LiveMessage { kind, payload, .. } = &told.message;
            let text = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
            match kind {
                LiveKind::Alert => {
                    let severity = text("severity").parse().unwrap_or(Severity::Informational);
                    narrator.alert(&text("id"), severity, &text("title"));
                }
                LiveKind::Case => narrator.case(payload["number"].as_u64().unwrap_or(0), &text("title")),
                LiveKind::Action => narrator.action(&text("status"), &text("summary")),
                LiveKind::Decision | LiveKind::Ingest => {}
            }
        }
    })
}
