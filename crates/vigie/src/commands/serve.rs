//! `vigie serve`: run until told to stop.

#![expect(clippy::print_stdout, reason = "the first administrator's password is shown once, here and nowhere else")]

use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use vigie_server::{Options, serve, start_log};

use super::{Failure, Verdict, config};
use crate::cli::ServeArguments;
use crate::demo::DemoSamples;

pub(super) fn run(arguments: &ServeArguments) -> Result<Verdict, Failure> {
    let config = config::load(arguments.config.as_deref())?.config;
    start_log(&config.log)?;
    Runtime::new()?.block_on(async {
        let scheme = if config.http.tls() { "https" } else { "http" };
        let options = Options { samples: Some(Arc::new(DemoSamples)), ..Options::default() };
        let mut running = serve(config, options).await?;
        if let Some(admin) = running.take_first_admin() {
            println!(
                "First start: the administrator is `{}`, the password is `{}`.",
                admin.name,
                admin.expose_password()
            );
            println!("It is shown once. Sign in on {scheme}://{} and change it.", running.http());
            if let Some(link) = running.app().sign_in_link(&admin.name).await? {
                println!(
                    "Or open {scheme}://{}{link} within an hour: it signs you in once and sets Vigie up.",
                    running.http()
                );
            }
        }
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        loop {
            tokio::select! {
                interrupted = tokio::signal::ctrl_c() => break interrupted?,
                _ = terminate.recv() => break,
                // As daemons do: read again what may have changed. What is wrong with it is in the log.
                _ = hang_up.recv() => running.reload_rules().await,
            }
        }
        running.shutdown().await;
        Ok(Verdict::Good)
    })
}
