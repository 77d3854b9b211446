//! Actions, clients and one door to both.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ipnet::IpNet;
use serde_json::{Map, Value};
use vigie_aws::ec2::{Instance, describe_instance};
use vigie_aws::{Call, Client, ClientOptions, Credentials, Endpoints, Input, Mode, Operation, Pace, Region, Settings};
use vigie_aws::{Context, Effect, find_action, forget};
use vigie_model::{Action, ActionId, ActionStatus, TenantId, Timestamp, Trigger};
use vigie_respond::{ExecuteError, Outcome};

/// A stand-in with what the account has.
pub(crate) struct Account {
    pub(crate) client: Client,
    /// Sets up what an action finds and reads back what it did: the calls of `client` are looked at.
    pub(crate) maker: Client,
    pub(crate) settings: Settings,
    pub(crate) pace: Pace,
    pub(crate) in_force: BTreeMap<IpNet, Timestamp>,
    /// What the last action asked to keep before it changed anything.
    pub(crate) remembered: RefCell<Option<Value>>,
    /// Which operations each kind of action called.
    pub(crate) used: RefCell<BTreeMap<String, BTreeSet<String>>>,
}

impl Account {
    pub(crate) fn new(url: &str, settings: Value) -> Self {
        Self {
            client: client(url, Mode::Live),
            maker: client(url, Mode::Live),
            settings: serde_json::from_value(settings).unwrap(),
            pace: Pace::every(Duration::from_millis(10)),
            in_force: BTreeMap::new(),
            remembered: RefCell::default(),
            used: RefCell::default(),
        }
    }

    fn context<'a>(&'a self, remember: &'a dyn Fn(&Value) -> Result<(), ExecuteError>) -> Context<'a> {
        Context {
            client: &self.client,
            settings: &self.settings,
            pace: &self.pace,
            in_force: &self.in_force,
            remember,
            now: "2026-11-22T10:00:00Z".parse().unwrap(),
        }
    }

    /// Does an action. What it returns for its undo is what it asked to keep before its first change, and it calls what it
    /// planned to call.
    pub(crate) fn execute(&self, kind: &str, parameters: &Value) -> Result<Outcome, ExecuteError> {
        let before = self.client.calls().len();
        let remember = |undo: &Value| {
            let changed = self.client.calls().into_iter().skip(before).any(|(call, _)| call.effect == Effect::Write);
            assert!(!changed, "{kind} changed something before it was known how to take it back");
            *self.remembered.borrow_mut() = Some(undo.clone());
            Ok(())
        };
        self.remembered.take();
        let outcome = self.execute_and(kind, parameters, &remember)?;
        let planned = find_action(kind).unwrap().plan(&action(kind, parameters), &self.settings).unwrap();
        for (called, _) in self.client.calls().into_iter().skip(before) {
            // Giving room in a network ACL is not planned, and the exception.
            let is_planned = planned.iter().any(|call| call.operation == called);
            assert!(
                is_planned || called.name == "DeleteNetworkAclEntry",
                "{kind} called {called} and had not planned it"
            );
        }
        if let Some(mut remembered) = self.remembered.take() {
            // What gave room is known only afterwards.
            if let Some(evicted) = outcome.undo.get("evicted") {
                remembered["evicted"] = evicted.clone();
            }
            assert_eq!(remembered, outcome.undo, "{kind}");
        }
        Ok(outcome)
    }

    pub(crate) fn execute_and(
        &self,
        kind: &str,
        parameters: &Value,
        remember: &dyn Fn(&Value) -> Result<(), ExecuteError>,
    ) -> Result<Outcome, ExecuteError> {
        let action = action(kind, parameters);
        self.recorded(kind, || find_action(kind).unwrap().execute(&action, &self.context(remember)))
    }

    pub(crate) fn undo(&self, kind: &str, undo: &Value) -> Result<Outcome, ExecuteError> {
        self.recorded(kind, || find_action(kind).unwrap().undo(undo, &self.context(&forget)))
    }

    fn recorded<T>(&self, kind: &str, act: impl FnOnce() -> T) -> T {
        let before = self.client.calls().len();
        let outcome = act();
        let calls = self.client.calls().into_iter().skip(before).map(|(operation, _)| operation.to_string());
        self.used.borrow_mut().entry(kind.to_owned()).or_default().extend(calls);
        outcome
    }

    /// Sends a call of the Query protocol, `Name=value Name=value…`, and returns the text of the first element with a name.
    pub(crate) fn make(&self, operation: &'static Operation, pairs: &str, returned: &str) -> String {
        let pairs = pairs.split_whitespace().map(|pair| pair.split_once('=').unwrap());
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let reply = self.maker.send(&Call { operation, input: Input::Query(pairs) }).unwrap();
        let found = reply.body().split_once(&format!("<{returned}>")).map(|(_, rest)| rest.split('<').next().unwrap());
        found.unwrap_or("").to_owned()
    }

    pub(crate) fn make_json(&self, operation: &'static Operation, input: Value) -> Value {
        self.maker.send(&Call { operation, input: Input::Json(input) }).unwrap().json().unwrap()
    }

    pub(crate) fn instance(&self, id: &str) -> Instance {
        describe_instance(&self.maker, id).unwrap().unwrap()
    }
}

/// Returns a client of a stand-in.
pub(crate) fn client(url: &str, mode: Mode) -> Client {
    Client::new(ClientOptions {
        endpoints: Endpoints::all_at(url),
        credentials: Some(Credentials { key_id: "AKIATEST".into(), secret: "test".into(), token: None }),
        mode,
        timeout: Duration::from_secs(30),
        ..ClientOptions::new(Region::new("us-east-1").unwrap())
    })
}

/// Returns an action of a kind with parameters.
pub(crate) fn action(kind: &str, parameters: &Value) -> Action {
    Action {
        id: ActionId::derive([kind, &parameters.to_string()]),
        tenant: TenantId::new("default").unwrap(),
        trigger: Trigger { alert: None, case: None, playbook: None },
        kind: kind.to_owned(),
        target: None,
        parameters: parameters.as_object().cloned().unwrap_or_else(Map::new),
        summary: format!("test of {kind}"),
        blast_radius: String::new(),
        undo: String::new(),
        expires_after_s: None,
        status: ActionStatus::Executing,
        steps: Vec::new(),
        created: Timestamp::EPOCH,
        updated: Timestamp::EPOCH,
    }
}
