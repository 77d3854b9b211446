//! A normal day, and an attack in it: raw records as real products write them, in the order in which they happen.

mod cloud;
mod host;
mod network;
mod web;
mod workstation;

use std::time::Duration;

use fastrand::Rng;
use vigie_model::Timestamp;

pub(super) use network::FLOW_HEADER;

use super::world::World;

/// How far back the normal day reaches.
const DAY: Duration = Duration::from_hours(24);
/// How long before the present the attack begins.
const ATTACK: Duration = Duration::from_mins(8);

/// Through which door a record comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Door {
    /// Syslog over TCP, one line a record: `linux_auth`.
    Syslog,
    /// The web server's access log, a file that Vigie tails: `web_access`.
    AccessLog,
    /// Suricata's `eve.json`, a file that Vigie tails: `suricata_eve`.
    EveFile,
    /// CloudTrail records over HTTP: `cloudtrail`.
    CloudTrail,
    /// GuardDuty findings in EventBridge envelopes over HTTP: `guardduty`.
    GuardDuty,
    /// VPC flow log lines over HTTP: `vpc_flow`.
    FlowLog,
    /// Windows events over HTTP: `windows_event`.
    Windows,
}

/// One record, when it happens, and how it reaches us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    /// When it happens.
    pub time: Timestamp,
    /// Through which door it comes in.
    pub door: Door,
    /// The record, without a line end.
    pub record: String,
}

/// A step of the attack, for the person at the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// When it begins.
    pub time: Timestamp,
    /// What the attacker does, in words.
    pub text: String,
}

/// The whole story of one seed.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The facts behind it.
    pub world: World,
    /// Every record, oldest first.
    pub beats: Vec<Beat>,
    /// What the attacker does, oldest first.
    pub chapters: Vec<Chapter>,
}

impl Scenario {
    /// Returns the story of a seed that ends at `now`: about 5,000 records, of which about 300 are the attack's.
    pub fn new(seed: u64, now: Timestamp) -> Self {
        let (world, mut rng) = World::new(seed, now);
        let mut script = Script { world, beats: Vec::new(), chapters: Vec::new() };
        host::normal_day(&mut script, &mut rng);
        web::normal_day(&mut script, &mut rng);
        network::normal_day(&mut script, &mut rng);
        cloud::normal_day(&mut script, &mut rng);
        workstation::normal_day(&mut script, &mut rng);

        let mut clock = now.minus(ATTACK);
        // Reconnaissance comes first, but which door is tried first differs from seed to seed.
        let mut knocks: [fn(&mut Script, &mut Rng, Timestamp) -> Timestamp; 2] = [network::port_scan, web::scan];
        rng.shuffle(&mut knocks);
        for knock in knocks {
            clock = knock(&mut script, &mut rng, clock).plus(pause(&mut rng));
        }
        clock = host::brute_force(&mut script, &mut rng, clock).plus(pause(&mut rng));
        clock = host::take_over(&mut script, &mut rng, clock).plus(pause(&mut rng));
        cloud::stolen_key(&mut script, &mut rng, clock);
        host::bystander(&mut script, &mut rng, now.minus(ATTACK));

        script.beats.sort_by_key(|beat| beat.time);
        script.chapters.sort_by_key(|chapter| chapter.time);
        Self { world: script.world, beats: script.beats, chapters: script.chapters }
    }
}

/// What the scenes write on.
struct Script {
    world: World,
    beats: Vec<Beat>,
    chapters: Vec<Chapter>,
}

impl Script {
    fn beat(&mut self, time: Timestamp, door: Door, record: String) {
        self.beats.push(Beat { time, door, record });
    }

    fn chapter(&mut self, time: Timestamp, text: String) {
        self.chapters.push(Chapter { time, text });
    }

    /// Returns a moment of the normal day, busier by daylight.
    fn moment(&self, rng: &mut Rng) -> Timestamp {
        let back = rng.u64(..DAY.as_secs()).min(rng.u64(..DAY.as_secs() * 2));
        self.world.now.minus(Duration::from_secs(back)).minus(Duration::from_millis(rng.u64(..1_000)))
    }
}

fn pause(rng: &mut Rng) -> Duration {
    Duration::from_secs(rng.u64(8..25))
}

fn seconds(count: f64) -> Duration {
    Duration::from_secs_f64(count)
}

/// Returns a time as CloudTrail and GuardDuty write it: RFC 3339 to the second.
fn iso_seconds(time: Timestamp) -> String {
    let text = time.to_string();
    format!("{}Z", &text[..19])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_tells_one_story_and_another_seed_another() {
        let now = Timestamp::from_seconds(1_790_000_000);
        let first = Scenario::new(7, now);
        assert_eq!(first.beats, Scenario::new(7, now).beats);
        assert_ne!(first.beats, Scenario::new(8, now).beats);
    }

    #[test]
    fn every_door_is_used_and_nothing_happens_after_now() {
        let now = Timestamp::from_seconds(1_790_000_000);
        for seed in 0..20 {
            let scenario = Scenario::new(seed, now);
            let doors: BTreeSet<Door> = scenario.beats.iter().map(|beat| beat.door).collect();
            assert_eq!(doors.len(), 7, "seed {seed}");
            assert!(scenario.beats.len() > 2_000, "seed {seed}");
            assert!(scenario.beats.iter().all(|beat| beat.time <= now), "seed {seed}");
            assert!(scenario.beats.is_sorted_by_key(|beat| beat.time));
        }
    }
}
