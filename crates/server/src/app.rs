//! Everything that the API and the workers share.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use serde::Serialize;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use vigie_actions::{EmailNotify, TheHiveForward, WebhookNotify};
use vigie_detect::LoadFailure;
use vigie_events::EventStore;
use vigie_ingest::{ReceiverCounters, Sources};
use vigie_intel::{Matcher, WarningList};
use vigie_model::{Action, ObservableKind, TenantId, TenantScope, Timestamp};
use vigie_respond::{Catalogue, Executors, NeverTouch, Playbook, RateLimits};
use vigie_store::{Files, Store, StoreError};

use crate::auth::{Hashers, SignInLimiter, SignInLinks, VerifiedPairs};
use crate::clock::{Clock, Entropy};
use crate::config::{Config, RespondMode};
use crate::doctor::Sample;
use crate::live::{LiveBus, LiveKind, LiveMessage};
use crate::metrics::Metrics;
use crate::notices::Notices;
use crate::pipeline::PipelineHandle;
use crate::rules::RuleDesk;
use crate::samples::SampleRecords;
use crate::searches::SearchSlots;
use crate::swap::Swap;

/// How many addresses of administrators are remembered, so that no action locks them out.
const ADMIN_ADDRESSES_MAX: usize = 1_000;

/// Who carries letters to people, as far as the configuration names them.
#[derive(Default)]
pub(crate) struct Messengers {
    pub(crate) mail: Option<Arc<EmailNotify>>,
    pub(crate) hooks: Option<Arc<WebhookNotify>>,
    pub(crate) forwards: Option<Arc<TheHiveForward>>,
}

/// Everything that the API and the workers share. Built by [`crate::serve`].
pub struct App {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) files: Files,
    pub(crate) events: Arc<dyn EventStore>,
    pub(crate) live: Arc<LiveBus>,
    pub(crate) metrics: Metrics,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) sources: Arc<Sources>,
    pub(crate) executors: Executors,
    pub(crate) messengers: Messengers,
    pub(crate) notices: Notices,
    pub(crate) playbooks: Swap<Vec<Playbook>>,
    pub(crate) rules: RuleDesk,
    pub(crate) never_touch: Swap<NeverTouch>,
    pub(crate) matcher: Swap<Matcher>,
    pub(crate) warnings: WarningList,
    pub(crate) pipeline: PipelineHandle,
    pub(crate) sign_ins: SignInLimiter,
    pub(crate) links: SignInLinks,
    pub(crate) hashers: Hashers,
    /// What a fresh server can be tried with.
    pub(crate) samples: Option<Arc<dyn SampleRecords>>,
    pub(crate) pairs: VerifiedPairs,
    /// One for each ingest request whose body is held in memory.
    pub(crate) ingest_slots: Semaphore,
    pub(crate) live_slots: Arc<Semaphore>,
    pub(crate) searches: Arc<SearchSlots>,
    /// Batches that are being taken in now, by tenant and name.
    pub(crate) in_flight: Mutex<HashSet<(TenantId, String)>>,
    pub(crate) admin_addresses: Mutex<HashMap<IpAddr, Timestamp>>,
    /// Rung when something was put into the outbox.
    pub(crate) outbox_bell: Arc<Notify>,
    /// The rules that could not be read when the rules were loaded last.
    pub(crate) refused_rules: Swap<Vec<LoadFailure>>,
    /// What was measured during the last minute.
    pub(crate) vitals: Mutex<VecDeque<Sample>>,
    pub(crate) receivers: Vec<Arc<ReceiverCounters>>,
    pub(crate) started: Timestamp,
    pub(crate) stop: CancellationToken,
}

impl App {
    /// Returns the database.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Returns the event store. Its methods block.
    pub fn events(&self) -> &Arc<dyn EventStore> {
        &self.events
    }

    /// Returns the live bus.
    pub fn live(&self) -> &Arc<LiveBus> {
        &self.live
    }

    /// Returns the way into the pipeline.
    pub fn pipeline(&self) -> &PipelineHandle {
        &self.pipeline
    }

    /// Returns how many records receivers have dropped since start.
    pub(crate) fn dropped_by_receivers(&self) -> u64 {
        self.receivers.iter().map(|counters| counters.dropped.load(Ordering::Relaxed)).sum()
    }

    /// Returns the kinds of action that can be done here.
    pub(crate) fn catalogue(&self) -> Catalogue {
        self.executors.catalogue()
    }

    /// Returns whether actions are only planned and checked.
    pub(crate) fn dry_run(&self) -> bool {
        self.config.respond.mode == RespondMode::DryRun
    }

    pub(crate) fn rate_limits(&self) -> RateLimits {
        RateLimits { per_hour: self.config.respond.actions_per_hour_max, ..RateLimits::default() }
    }

    /// Returns why a value is never called malicious, if it is not.
    pub(crate) fn warning(&self, kind: ObservableKind, value: &str) -> Option<String> {
        self.warnings.check(kind, value).map(str::to_owned)
    }

    /// Tells whoever watches that an object changed.
    pub(crate) fn tell(&self, kind: LiveKind, tenant: &TenantId, object: &impl Serialize) {
        let payload = serde_json::to_value(object).expect("the objects of the model have text keys only");
        self.live.publish(LiveMessage { tenant: tenant.clone(), kind, payload });
    }

    /// Tells of an action's step and counts it.
    pub(crate) fn tell_action(&self, action: &Action) {
        self.metrics.action(&action.kind, action.status);
        self.tell(LiveKind::Action, &action.tenant, action);
    }

    /// Remembers an address that an administrator works from, until their session ends.
    pub(crate) fn admin_seen(&self, address: IpAddr, until: Timestamp) {
        let now = self.clock.now();
        let mut addresses = self.admin_addresses.lock().expect("no one panics while holding this lock");
        addresses.retain(|_, until| now < *until);
        if addresses.len() < ADMIN_ADDRESSES_MAX {
            addresses.insert(address.to_canonical(), until);
        }
        drop(addresses);
        self.never_touch.set(crate::workers::never_touch(self));
    }

    /// Returns the tenants in a scope, one by one.
    pub(crate) async fn tenants_in(&self, scope: &TenantScope) -> Result<Vec<TenantId>, StoreError> {
        match scope {
            TenantScope::Only(tenants) => Ok(tenants.clone()),
            TenantScope::All => Ok(self.store.tenants().await?.into_iter().map(|tenant| tenant.id).collect()),
        }
    }
}
