//! `vigie serve` with an account on AWS: what playbooks and people do there, against moto.

use std::fs;

use serde_json::{Value, json};
use vigie_aws_fake::{Boto, Estate};

use crate::command::{Served, ServerFolder, project};

/// The account, and a server whose tenant `acme` it is.
struct Site {
    estate: Estate,
    folder: ServerFolder,
    key: String,
    server: Option<Served>,
}

impl Site {
    fn start() -> Option<Self> {
        let estate = Estate::start()?;
        let folder = ServerFolder::new(&format!(
            "[respond]\nmode = \"enforce\"\nhost_block_ip = false\n\n[[aws]]\ntenant = \"acme\"\nregion = \"{}\"\n\
             settings = \"responder.json\"\nendpoint = \"{}\"\n",
            Estate::REGION,
            estate.url()
        ));
        let mut settings = estate.settings();
        settings["never_touch"] = json!([{"network": "203.0.113.224/27", "reason": "the office"}]);
        folder.write("responder.json", settings.to_string());
        let key = folder.key();
        let mut site = Self { estate, folder, key, server: None };
        site.restart();
        Some(site)
    }

    fn restart(&mut self) {
        if let Some(server) = self.server.take() {
            assert_eq!(server.terminate(), Some(0));
        }
        let credentials = [("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")];
        self.server = Some(Served::start_in(&credentials, &self.folder, &self.key));
    }

    fn server(&self) -> &Served {
        self.server.as_ref().unwrap()
    }

    /// Ingests an example event in which `from` stands for `to`.
    fn ingest(&self, event: &str, from: &str, to: &str) {
        let text = fs::read_to_string(project("crates/lambda/events").join(format!("{event}.json"))).unwrap();
        let path = self.folder.write(&format!("{event}.json"), text.replace(from, to));
        self.server().ask(&["ingest", "--source", "guardduty", "--tenant", "acme", &path]).good();
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let request = ureq::post(format!("{}{path}", self.server().url()));
        let request = request.header("Authorization", format!("Bearer {}", self.key));
        request.send_json(body).unwrap().body_mut().read_json().unwrap()
    }

    /// Waits until an action of this kind has a target and a status, and returns it.
    #[track_caller]
    fn action(&self, kind: &str, target: &str, status: &str) -> Value {
        let fits = |action: &Value| {
            action["kind"] == kind && action["target"].to_string().contains(target) && action["status"] == status
        };
        let list = self.server().eventually("/api/v1/actions", |list| rows(list).iter().any(fits));
        rows(&list).iter().find(|action| fits(action)).unwrap().clone()
    }

    fn order(&self, parameters: &Value) {
        self.post("/api/v1/actions", &json!({"kind": "waf.block_ip", "parameters": parameters, "tenant": "acme"}));
    }
}

fn rows(list: &Value) -> &[Value] {
    list["rows"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn at(action: &Value, verb: &str) -> String {
    format!("/api/v1/actions/{}/{verb}", action["id"].as_str().unwrap())
}

#[test]
fn scanners_are_blocked_once_and_let_go() {
    let Some(mut site) = Site::start() else { return };
    site.ingest("port_probe", "", "");
    let scanners = ["198.51.100.77", "203.0.113.9"];
    for (kind, target) in ["waf.block_ip", "nacl.block_ip"].into_iter().flat_map(|kind| scanners.map(|ip| (kind, ip))) {
        site.action(kind, target, "done");
    }
    let blocked = scanners.map(|ip| format!("{ip}/32")).to_vec();
    assert_eq!((site.estate.waf(), site.estate.nacl()), (blocked.clone(), blocked.clone()));

    // Somebody takes an address out by hand. A restart does not put it back: AWS does not forget as a host does.
    let set = json!({"Name": "vigie-v4", "Id": site.estate.ids.v4, "Scope": "REGIONAL"});
    let token = site.estate.boto.call("wafv2", "get_ip_set", set.clone())["LockToken"].clone();
    let mut emptied = set;
    emptied["Addresses"] = json!([]);
    emptied["LockToken"] = token;
    site.estate.boto.call("wafv2", "update_ip_set", emptied);
    let before = site.server().get("/api/v1/actions");
    site.restart();
    site.order(&json!({"ip": "203.0.113.40"}));
    site.action("waf.block_ip", "203.0.113.40", "done");
    assert_eq!(site.estate.waf(), ["203.0.113.40/32"]);
    let after = site.server().get("/api/v1/actions");
    let known = |action: &&Value| !action["target"].to_string().contains("203.0.113.40");
    assert_eq!(rows(&after).iter().filter(known).collect::<Vec<_>>(), rows(&before).iter().collect::<Vec<_>>());

    for target in ["203.0.113.9", "203.0.113.40"] {
        site.post(&at(&site.action("waf.block_ip", target, "done"), "undo"), &json!({}));
        site.action("waf.block_ip", target, "undone");
    }
    site.post(&at(&site.action("nacl.block_ip", "203.0.113.9", "done"), "undo"), &json!({}));
    site.action("nacl.block_ip", "203.0.113.9", "undone");
    assert_eq!((site.estate.waf(), site.estate.nacl()), (Vec::new(), vec![blocked[0].clone()]));
}

#[test]
fn what_is_ours_or_listed_is_refused_at_the_last_step() {
    let Some(site) = Site::start() else { return };
    let elastic = site.estate.elastic_address();
    let elsewhere = Boto::start(&site.estate.url(), "us-east-1");
    let other = "198.51.100.201";
    elsewhere.call("ec2", "allocate_address", json!({"Domain": "vpc", "Address": other}));
    for (address, region, reason) in [
        (elastic.as_str(), Estate::REGION, "an Elastic IP address"),
        ("203.0.113.230", Estate::REGION, "the office"),
        // What is ours there is not what is ours here.
        (other, "us-east-1", "an Elastic IP address"),
    ] {
        site.order(&json!({"ip": address, "region": region}));
        let action = site.action("waf.block_ip", address, "refused");
        assert!(action["steps"].to_string().contains(reason), "{action}");
    }
    assert_eq!(site.estate.waf(), Vec::<String>::new());
}

#[test]
fn an_instance_is_isolated_when_an_analyst_says_so() {
    let Some(site) = Site::start() else { return };
    let instance = site.estate.instance(2);
    let before = site.estate.interface_groups(&instance);
    site.ingest("portscan", "i-0123456789abcdef0", &instance);
    site.action("ec2.snapshot", &instance, "done");
    let waiting = site.action("ec2.isolate_instance", &instance, "awaiting_approval");
    assert_eq!(site.estate.interface_groups(&instance), before);
    site.post(&at(&waiting, "approve"), &json!({"note": "it scans"}));
    let done = site.action("ec2.isolate_instance", &instance, "done");
    assert_eq!(site.estate.interface_groups(&instance), vec![vec![site.estate.ids.quarantine.clone()]; 2]);
    assert_eq!((site.estate.waf(), site.estate.nacl()), (Vec::new(), Vec::new()), "the victim is not blocked");
    site.post(&at(&done, "undo"), &json!({}));
    site.action("ec2.isolate_instance", &instance, "undone");
    assert_eq!(site.estate.interface_groups(&instance), before);
}
