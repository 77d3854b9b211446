//! A SOC's desk of a million alerts: how long its questions take, and how fast alerts are made.
//!
//! ```text
//! taskset --cpu-list 1 cargo bench --package vigie-store --bench desk -- --alerts 1000000 --cases 100000 --folder FOLDER
//! ```
//! The rows come from a seed (`--seed`) and stay in the folder for the next run. `--runs N` asks each question so often,
//! `--only TEXT` asks only those with this in their name, `--create N` makes so many more alerts first and
//! `--clients 1,16,64` says how many clients do so at once, `--observables N` how many each alert has, at most five; these
//! stay in the folder too. `--until SECONDS` says when the last alert came, as seconds since 1970: now, where a console shall show
//! them.

mod ask;
mod create;
mod fill;
mod measure;
mod world;

use std::io::Write as _;
use std::path::PathBuf;

use crate::ask::Asking;
use crate::world::World;

/// That of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Arguments {
    alerts: u64,
    cases: u64,
    seed: u64,
    folder: PathBuf,
    runs: usize,
    only: Option<String>,
    create: u64,
    clients: Vec<usize>,
    observables: usize,
    until: i64,
}

impl Arguments {
    fn read() -> Self {
        let mut arguments = Self {
            alerts: 10_000,
            cases: 1_000,
            seed: 1,
            folder: std::env::temp_dir().join("vigie-desk"),
            runs: 100,
            only: None,
            create: 0,
            clients: vec![1, 16, 64],
            observables: world::OBSERVABLES,
            until: world::UNTIL_S,
        };
        let mut given = std::env::args().skip(1).filter(|argument| argument != "--bench");
        while let Some(name) = given.next() {
            let value = given.next().unwrap_or_else(|| panic!("{name} needs a value"));
            let number = || value.parse::<u64>().unwrap_or_else(|error| panic!("{name} {value}: {error}"));
            match name.as_str() {
                "--alerts" => arguments.alerts = number(),
                "--cases" => arguments.cases = number(),
                "--seed" => arguments.seed = number(),
                "--folder" => arguments.folder = value.into(),
                "--runs" => arguments.runs = usize::try_from(number()).expect("a machine's number"),
                "--observables" => arguments.observables = usize::try_from(number()).expect("a machine's number"),
                "--until" => arguments.until = i64::try_from(number()).expect("a time of this age"),
                "--only" => arguments.only = Some(value),
                "--create" => arguments.create = number(),
                "--clients" => {
                    let read = |text: &str| text.parse().unwrap_or_else(|error| panic!("{name} {text}: {error}"));
                    arguments.clients = value.split(',').map(read).collect();
                }
                _ => panic!("there is no option {name}"),
            }
        }
        arguments
    }
}

fn main() {
    let arguments = Arguments::read();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
    runtime.block_on(run(&arguments));
}

async fn run(arguments: &Arguments) {
    let mut out = std::io::stdout();
    let mut say = |text: String| writeln!(out, "{text}").expect("standard output takes it");
    let mut world = World::new(arguments.seed, arguments.alerts, arguments.until);
    let store = fill::filled(&arguments.folder, &mut world, arguments.alerts, arguments.cases).await;
    let bytes = std::fs::metadata(arguments.folder.join("vigie.db")).map_or(0, |file| file.len());
    let tenants = fill::tenants(&store).await.len();
    say(format!("{} alerts and {} cases of {tenants} tenants, {bytes} bytes", arguments.alerts, arguments.cases));
    // The same questions, whether it was filled just now or before.
    world.rng = fastrand::Rng::with_seed(arguments.seed + 1);
    if arguments.create > 0 {
        for clients in &arguments.clients {
            create::create(&store, &mut world, arguments.create, *clients, arguments.observables).await;
        }
    }
    if arguments.runs > 0 {
        let only = arguments.only.clone();
        let mut asking = Asking { store: &store, world: &mut world, runs: arguments.runs, only };
        say(asking.alerts().await.to_string());
        say(asking.cases().await.to_string());
        say(asking.others().await.to_string());
    }
    store.close().await;
}
