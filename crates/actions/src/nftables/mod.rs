//! `host.block_ip`: drops what an address sends, at this host's firewall.
//!
//! Everything is in a table of our own, `inet vigie`, so that deleting it takes all of it back (`nft delete table inet
//! vigie`, or [`NftablesBlock::remove_all`]). Each block has a timeout that the kernel keeps: a server that died cannot
//! lock anybody out for ever.

mod listing;
mod program;
mod script;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;
use serde_json::json;
use vigie_model::{Action, Decision, Entity, EntityRole, ObservableKind};
use vigie_respond::{
    ActionSpec, BoxFuture, ExecuteError, Executor, HOST_BLOCK_IP, InForce, NeverTouch, Outcome, spell_duration,
};

use listing::Held;
use program::{Ended, Program, explain, is_absent};

/// How long a block may last: 30 days, whatever an action says.
const TIMEOUT_MAX: Duration = Duration::from_hours(24 * 30);

/// Tells what must not be touched, right now.
pub type NeverTouchSource = Arc<dyn Fn() -> NeverTouch + Send + Sync>;

/// How the firewall is reached.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NftablesConfig {
    /// The `nft` program: a path, or a name to look for in the usual folders.
    pub program: PathBuf,
    /// How many seconds one call may take.
    pub timeout_s: u64,
}

impl Default for NftablesConfig {
    /// `nft`, ten seconds.
    fn default() -> Self {
        Self { program: PathBuf::from("nft"), timeout_s: 10 }
    }
}

/// Blocks addresses at this host's firewall.
pub struct NftablesBlock {
    program: Program,
    never_touch: NeverTouchSource,
    /// One writer at a time: to make a block longer is to read and then to write.
    writer: tokio::sync::Mutex<()>,
}

impl NftablesBlock {
    /// Returns an executor that asks `never_touch` before each block. Nothing is changed yet.
    pub fn new(config: &NftablesConfig, never_touch: NeverTouchSource) -> Self {
        Self {
            program: Program {
                path: config.program.clone(),
                timeout: Duration::from_secs(config.timeout_s.clamp(1, 600)),
            },
            never_touch,
            writer: tokio::sync::Mutex::new(()),
        }
    }

    /// Makes the table, its sets and rules, so that a missing right shows at start and not at the first attack.
    ///
    /// # Errors
    /// `nft` is missing, or may not.
    pub async fn prepare(&self) -> Result<(), ExecuteError> {
        let _turn = self.writer.lock().await;
        self.program.apply("prepare the nftables table", script::setup()).await
    }

    /// Takes every block back by deleting the table. A table that is not there is gone already.
    ///
    /// # Errors
    /// `nft` is missing, or may not.
    pub async fn remove_all(&self) -> Result<(), ExecuteError> {
        let _turn = self.writer.lock().await;
        self.program.apply("delete the nftables table", script::remove_all()).await
    }

    async fn block(&self, action: &Action) -> Result<Outcome, ExecuteError> {
        let text = address_of(action)?;
        let wanted = match action.expires_after_s {
            Some(seconds) if seconds > 0 => Duration::from_secs(seconds).min(TIMEOUT_MAX),
            Some(_) | None => return Err(parameter("expires", "a block needs an expiry of at least a second")),
        };
        let what = format!("block {}", text.escape_debug());
        let _turn = self.writer.lock().await;
        // The last step before the kernel: whatever was checked when it was planned may have changed since.
        let target = (self.never_touch)().admit_text(text).map_err(ExecuteError::Refused)?;
        let network = target.network();
        let held = self.look_up(&what, network).await?.and_then(|held| held.expires_in);
        let timeout = held.map_or(wanted, |left| left.max(wanted));
        self.program.apply(&what, script::block(network, timeout, &action.id)).await?;
        let set = script::set_of(network).name;
        Ok(Outcome {
            note: format!("{target} is in the set {set} for {}", spell_duration(timeout)),
            undo: json!({"table": "inet vigie", "set": set, "element": target.to_string()}),
        })
    }

    async fn unblock(&self, decision: &Decision) -> Result<Outcome, ExecuteError> {
        let target = decision.target.as_ref().ok_or_else(|| parameter("ip", "the decision has no target"))?;
        // Not asked of the never-touch list: what is on it must be free to go.
        let network = parse(&target.value)?;
        let what = format!("unblock {network}");
        let _turn = self.writer.lock().await;
        if self.look_up(&what, network).await?.is_some() {
            self.program.apply(&what, script::unblock(network)).await?;
        }
        let set = script::set_of(network).name;
        Ok(Outcome {
            note: format!("{} is not in the set {set} any more", target.value),
            undo: serde_json::Value::Null,
        })
    }

    /// Returns what the kernel holds of just this network. `get element` asks for one, but up to nftables 1.0 it cannot
    /// answer in JSON; so it tells whether there is one, and only then the whole set is read.
    async fn look_up(&self, what: &str, network: IpNet) -> Result<Option<Held>, ExecuteError> {
        let is_single = network.prefix_len() == network.max_prefix_len();
        let element = if is_single { format!("{{ {} }}", network.addr()) } else { format!("{{ {network} }}") };
        let set = [script::FAMILY, script::TABLE, script::set_of(network).name];
        let get = [["get", "element"].as_slice(), &set, &[element.as_str()]].concat();
        if self.ask(what, &get).await?.is_none() {
            return Ok(None);
        }
        let list = [["-j", "list", "set"].as_slice(), &set].concat();
        let Some(ended) = self.ask(what, &list).await? else { return Ok(None) };
        Ok(read(what, &ended.stdout)?.into_iter().find(|held| held.network == network))
    }

    async fn list(&self) -> Result<Vec<InForce>, ExecuteError> {
        let what = "list the nftables table";
        let Some(ended) = self.ask(what, &["-j", "list", "table", script::FAMILY, script::TABLE]).await? else {
            return Ok(Vec::new());
        };
        Ok(read(what, &ended.stdout)?.into_iter().map(in_force).collect())
    }

    /// Returns the answer to a question, or `None` where there is no such thing.
    async fn ask(&self, what: &str, arguments: &[&str]) -> Result<Option<Ended>, ExecuteError> {
        let ended = self.program.run(what, arguments, "").await?;
        match ended.success {
            true => Ok(Some(ended)),
            false if is_absent(&ended.stderr) => Ok(None),
            false => Err(explain(what, &ended.stderr)),
        }
    }
}

impl Executor for NftablesBlock {
    fn spec(&self) -> &'static ActionSpec {
        &HOST_BLOCK_IP
    }

    fn execute<'a>(&'a self, action: &'a Action) -> BoxFuture<'a, Result<Outcome, ExecuteError>> {
        Box::pin(self.block(action))
    }

    fn undo<'a>(&'a self, decision: &'a Decision) -> BoxFuture<'a, Result<Outcome, ExecuteError>> {
        Box::pin(self.unblock(decision))
    }

    fn forgets(&self) -> bool {
        true
    }

    fn in_force(&self) -> BoxFuture<'_, Result<Vec<InForce>, ExecuteError>> {
        Box::pin(self.list())
    }
}

impl std::fmt::Debug for NftablesBlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NftablesBlock").field("program", &self.program).finish_non_exhaustive()
    }
}

/// The target and the parameter must name the same address: if they differ, somebody changed one of them.
fn address_of(action: &Action) -> Result<&str, ExecuteError> {
    let target = action.target.as_ref().filter(|target| target.kind == ObservableKind::Ip);
    let target = target.ok_or_else(|| parameter("ip", "the action has no address as its target"))?;
    match action.parameters.get("ip").and_then(serde_json::Value::as_str) {
        Some(given) if given == target.value => Ok(given),
        Some(_) => Err(parameter("ip", "differs from the action's target")),
        None => Err(parameter("ip", "is missing or not a text")),
    }
}

fn parse(text: &str) -> Result<IpNet, ExecuteError> {
    let single = text.parse::<std::net::IpAddr>().map(IpNet::from);
    single.or_else(|_| text.parse::<IpNet>()).map_err(|_| parameter("ip", "is not an address or network"))
}

fn parameter(name: &str, reason: &str) -> ExecuteError {
    ExecuteError::Parameter { name: name.to_owned(), reason: reason.to_owned() }
}

fn read(what: &str, stdout: &str) -> Result<Vec<Held>, ExecuteError> {
    listing::read(stdout).map_err(|error| ExecuteError::Unable {
        what: what.to_owned(),
        reason: format!("`nft` printed what is not JSON ({error}): nftables 0.9.1 or later is needed"),
    })
}

fn in_force(held: Held) -> InForce {
    let network = held.network;
    let is_single = network.prefix_len() == network.max_prefix_len();
    let value = if is_single { network.addr().to_string() } else { network.to_string() };
    InForce { target: Entity::new(ObservableKind::Ip, value, EntityRole::Source), expires_in: held.expires_in }
}
