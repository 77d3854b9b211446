//! `vigie serve`: run until told to stop.

#![expect(clippy::print_stdout, reason = "the first administrator's password is shown once, here and nowhere else")]

use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use vigie_server::{Options, serve, start_log};

use super::{Failure, Verdict, config};
use crate::cli::ServeArguments;

pub(super) fn run(arguments: &ServeArguments) -> Result<Verdict, Failure> {
    let config = config::load(arguments.config.as_deref())?.config;
    start_log(&config.log)?;
    Runtime::new()?.block_on(async {
        let scheme = if config.http.tls() { "https" } else { "http" };
        let mut running = serve(config, Options::default()).await?;
        if let Some(admin) = running.take_first_admin() {
            println!(
                "First start: the administrator is `{}`, the password is `{}`.",
                admin.name,
                admin.expose_password()
            );
            println!("It is shown once. Sign in on {scheme}://{} and change it.", running.http());
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
