//! How many alerts a second are made, each with its observables and rows in the audit log, each on disk when it is answered.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures_util::FutureExt as _;
use vigie_model::Actor;
use vigie_store::{Author, Store, StoreError};

use crate::measure::{cpu_time, quantile};
use crate::world::{Arrival, World};

/// Lets so many clients make alerts, each the next after it was answered.
pub(crate) async fn create(store: &Store, world: &mut World, alerts: u64, clients: usize, observables: usize) {
    let begin = world.end();
    // The folder is used again, and what an earlier run made is there already.
    let since = std::time::UNIX_EPOCH.elapsed().expect("the clock is past 1970");
    let run = format!("{clients}-{}", since.as_nanos());
    let arrivals: Arc<Vec<Arrival>> =
        Arc::new((0..alerts).map(|number| fresh(world, number, &run, observables)).collect());
    let next = Arc::new(AtomicUsize::new(0));
    let (cpu, wall) = (cpu_time(), Instant::now());
    let clients: Vec<_> = (0..clients)
        .map(|_| {
            let (store, arrivals, next) = (store.clone(), Arc::clone(&arrivals), Arc::clone(&next));
            tokio::spawn(async move {
                let mut times = Vec::new();
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    if place >= arrivals.len() {
                        return times;
                    }
                    let (arrivals, asked) = (Arc::clone(&arrivals), Instant::now());
                    let made = store.grouped(move |tx| {
                        let arrivals = Arc::clone(&arrivals);
                        async move {
                            let actor = Actor::Key("feeder".into());
                            let author = Author { actor: &actor, now: begin };
                            tx.create(&arrivals[place].alert, author).await?;
                            tx.create_all(&arrivals[place].observables, author).await
                        }
                        .boxed()
                    });
                    made.await.map_err(|error: StoreError| format!("{error:?}")).expect("a new alert can be made");
                    times.push(asked.elapsed().as_secs_f64() * 1e3);
                }
            })
        })
        .collect();
    let how_many = clients.len();
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await.expect("it did not panic"));
    }
    let (seconds, cpu) = (wall.elapsed().as_secs_f64(), (cpu_time().saturating_sub(cpu)).as_secs_f64());
    times.sort_by(f64::total_cmp);
    writeln!(
        std::io::stdout(),
        "{how_many} clients made {alerts} alerts of {observables} observables: {:.0}/s, {:.0}/CPU s; \
         answered after p50 {:.1} ms, p99 {:.1} ms",
        alerts as f64 / seconds,
        alerts as f64 / cpu,
        quantile(&times, 0.5),
        quantile(&times, 0.99),
    )
    .expect("standard output takes it");
}

/// Returns an alert of a feeder that is not there yet.
fn fresh(world: &mut World, number: u64, run: &str, observables: usize) -> Arrival {
    loop {
        let mut arrival = world.arrival(number);
        let Some(origin) = &mut arrival.alert.origin else { continue };
        origin.reference = format!("{run}-{number}");
        let created = vigie_model::Timestamp::from_micros(world.end().as_micros() + 1_000 * number as i64);
        arrival.alert.created = created;
        arrival.alert.id = vigie_model::AlertId::derive([run, &number.to_string()]).at(created);
        arrival.observables = crate::world::on(arrival.alert.id.into(), &arrival.alert);
        arrival.observables.truncate(observables);
        return arrival;
    }
}
