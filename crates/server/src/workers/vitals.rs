//! What is measured now and then, so that the doctor can say what the last minute was like.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::doctor::{SAMPLES_MAX, Sample};

/// How often a sample is taken.
const PERIOD: Duration = Duration::from_secs(10);

pub(super) async fn run(app: Arc<App>) {
    loop {
        note(&app, Sample::take(&app));
        if !super::wait(&app, PERIOD).await {
            return;
        }
    }
}

fn note(app: &App, sample: Sample) {
    let mut samples = app.vitals.lock().expect("no one panics while holding this lock");
    if samples.len() == SAMPLES_MAX {
        samples.pop_front();
    }
    samples.push_back(sample);
}
