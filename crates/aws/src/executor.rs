//! The actions on AWS as a server carries them out: for each tenant in its own account.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use vigie_model::{Action, Decision, ObservableKind, TenantId, Timestamp};
use vigie_respond::{ActionSpec, BoxFuture, ExecuteError, Executor, NeverTouch, NeverTouchEntry, Outcome};

use crate::actions::{AwsAction, Context, all, forget};
use crate::responder::add_own_network;
use crate::{Client, Pace, Region, Settings};

/// How long what is ours in an account is taken for granted.
const OWN_NETWORK_FOR: Duration = Duration::from_mins(1);

/// A tenant's account.
#[derive(Debug)]
pub struct Account {
    client: Client,
    settings: Settings,
    never_touch: Vec<NeverTouchEntry>,
    pace: Pace,
    /// What is never blocked, as it was at a time in each Region.
    own_network: Mutex<BTreeMap<Region, (Instant, NeverTouch)>>,
}

impl Account {
    /// Returns an account. `never_touch` is what its operator lists; what is the account's own is looked up. Nothing is asked
    /// yet.
    pub fn new(client: Client, settings: Settings, never_touch: Vec<NeverTouchEntry>) -> Self {
        Self { client, settings, never_touch, pace: Pace::default(), own_network: Mutex::default() }
    }

    fn client_in(&self, region: Option<&str>) -> Result<Client, ExecuteError> {
        let Some(region) = region else { return Ok(self.client.clone()) };
        let region = Region::new(region)
            .map_err(|error| ExecuteError::Parameter { name: "region".to_owned(), reason: error.to_string() })?;
        Ok(self.client.in_region(region))
    }

    /// Refuses an address that is ours, as the last step before AWS is asked to block it.
    fn admit(&self, client: &Client, target: &str) -> Result<(), ExecuteError> {
        let mut known = self.own_network.lock().map_err(|_| ExecuteError::Unavailable {
            what: "look up what is ours".to_owned(),
            reason: "another try broke off".to_owned(),
        })?;
        let since_and_list = match known.remove(client.region()) {
            Some(fresh) if fresh.0.elapsed() < OWN_NETWORK_FOR => fresh,
            Some(_) | None => {
                let mut list = NeverTouch::new(self.never_touch.iter().cloned());
                add_own_network(&mut list, client).map_err(|error| error.into_execute_error("look up what is ours"))?;
                (Instant::now(), list)
            }
        };
        let verdict = since_and_list.1.admit_text(target).map(drop).map_err(ExecuteError::Refused);
        known.insert(client.region().clone(), since_and_list);
        verdict
    }
}

/// One kind of action, in the accounts of all tenants that have one.
struct AwsExecutor {
    action: &'static dyn AwsAction,
    accounts: Arc<BTreeMap<TenantId, Account>>,
}

/// Returns an executor for each kind of action on AWS; none where there is no account, since none could do anything.
pub fn executors(accounts: BTreeMap<TenantId, Account>) -> Vec<Arc<dyn Executor>> {
    if accounts.is_empty() {
        return Vec::new();
    }
    let accounts = Arc::new(accounts);
    let executor = |action| Arc::new(AwsExecutor { action, accounts: Arc::clone(&accounts) }) as Arc<dyn Executor>;
    all().into_iter().map(executor).collect()
}

impl AwsExecutor {
    /// The calls wait for the network, so they run beside the server's own threads.
    fn beside<'a>(
        &self,
        tenant: &TenantId,
        work: impl FnOnce(&'static dyn AwsAction, &Account) -> Result<Outcome, ExecuteError> + Send + 'static,
    ) -> BoxFuture<'a, Result<Outcome, ExecuteError>> {
        let (action, accounts, tenant) = (self.action, Arc::clone(&self.accounts), tenant.clone());
        let task = tokio::task::spawn_blocking(move || {
            let account = accounts.get(&tenant).ok_or_else(|| ExecuteError::Unable {
                what: format!("do {}", action.spec().kind),
                reason: format!("the tenant {tenant} has no AWS account in the configuration: add an [[aws]] part"),
            })?;
            work(action, account)
        });
        Box::pin(async move {
            task.await.unwrap_or_else(|error| {
                Err(ExecuteError::Unavailable { what: "act on AWS".to_owned(), reason: error.to_string() })
            })
        })
    }
}

impl Executor for AwsExecutor {
    fn spec(&self) -> &'static ActionSpec {
        self.action.spec()
    }

    fn execute<'a>(&'a self, action: &'a Action) -> BoxFuture<'a, Result<Outcome, ExecuteError>> {
        let wanted = action.clone();
        self.beside(&action.tenant, move |kind, account| {
            let region = wanted.parameters.get("region").and_then(serde_json::Value::as_str);
            let client = account.client_in(region)?;
            if let Some(target) = wanted.target.as_ref().filter(|target| target.kind == ObservableKind::Ip) {
                account.admit(&client, &target.value)?;
            }
            let in_force = BTreeMap::new();
            let context = Context {
                client: &client,
                settings: &account.settings,
                pace: &account.pace,
                in_force: &in_force,
                remember: &forget,
                now: now(),
            };
            let mut outcome = kind.execute(&wanted, &context)?;
            // An undo is told nothing of the action, so where it was done goes along.
            if let (Some(region), Some(kept)) = (region, outcome.undo.as_object_mut()) {
                kept.insert("region".to_owned(), region.into());
            }
            Ok(outcome)
        })
    }

    fn undo<'a>(&'a self, decision: &'a Decision) -> BoxFuture<'a, Result<Outcome, ExecuteError>> {
        let kept = decision.undo.clone();
        self.beside(&decision.tenant, move |kind, account| {
            let client = account.client_in(kept.get("region").and_then(serde_json::Value::as_str))?;
            let in_force = BTreeMap::new();
            let context = Context {
                client: &client,
                settings: &account.settings,
                pace: &account.pace,
                in_force: &in_force,
                remember: &forget,
                now: now(),
            };
            kind.undo(&kept, &context)
        })
    }
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::EPOCH.plus(since)
}
