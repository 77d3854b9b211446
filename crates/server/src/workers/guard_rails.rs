//! Who must never be locked out: what the operator lists, and what is known at run time.

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use vigie_respond::{NeverTouch, NeverTouchEntry};

use crate::app::App;

/// Returns the never-touch list as it is now: this host's addresses, gateways and resolvers, those of the administrators who
/// are signed in, and what the operator lists. Reads `/proc` and `/etc/resolv.conf`: a few milliseconds.
pub(crate) fn never_touch(app: &App) -> NeverTouch {
    let now = app.clock.now();
    let mut facts = vigie_actions::host_facts();
    let admins = app.admin_addresses.lock().expect("no one panics while holding this lock");
    facts.admin_networks =
        admins.iter().filter(|(_, until)| now < **until).map(|(address, _)| IpNet::from(*address)).collect();
    facts.operator = app.config.respond.never_touch.iter().map(|network| listed(*network)).collect();
    NeverTouch::from_facts(&facts)
}

fn listed(network: IpNet) -> NeverTouchEntry {
    NeverTouchEntry { network, reason: "listed in `respond.never_touch`".to_owned() }
}

pub(super) async fn run(app: Arc<App>, period: Duration) {
    while super::wait(&app, period).await {
        let fresh = never_touch(&app);
        if *app.never_touch.get() != fresh {
            tracing::info!(
                entries = fresh.entries().len(),
                "the never-touch list changed: it has {} entries",
                fresh.entries().len()
            );
            app.never_touch.set(fresh);
        }
    }
}
