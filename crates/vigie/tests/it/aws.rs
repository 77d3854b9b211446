//! `vigie aws`: plans without asking anybody, and acts on an account in moto.

use std::fs;

use serde_json::{Value, json};
use vigie_aws_fake::Estate;

use crate::cli::assert_mentions;
use crate::command::{Ended, ServerFolder, project, run_in, run_with_input_in};

/// Settings with everything that an account may have.
const FULL: &str = include_str!("aws/responder.json");

/// Nobody answers there: who asks anyway fails.
const OFFLINE: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "secret"),
    ("AWS_REGION", "eu-west-3"),
    ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
];

fn event(name: &str) -> String {
    project("crates/lambda/events").join(format!("{name}.json")).display().to_string()
}

fn plan(settings: &str, finding: &str, format: &str) -> Ended {
    run_in(&[], ["aws", "plan", "--settings", settings, "--finding", finding, "--format", format])
}

#[track_caller]
fn kinds(document: &Value) -> Vec<(&str, &str)> {
    let actions = document["actions"].as_array().unwrap_or_else(|| panic!("no actions in {document}"));
    actions
        .iter()
        .map(|action| (action["action"].as_str().unwrap(), action["target"].as_str().unwrap_or("people")))
        .collect()
}

#[test]
fn every_example_event_is_planned() {
    let folder = ServerFolder::new("");
    let settings = folder.write("responder.json", FULL);
    let instance = "i-0123456789abcdef0";
    for (name, expected) in [
        ("port_probe", vec![("waf.block_ip", "203.0.113.9"), ("nacl.block_ip", "203.0.113.9")]),
        ("portscan", vec![("ec2.snapshot", instance), ("ec2.isolate_instance", instance)]),
        ("instance_alarm", vec![("ec2.isolate_instance", instance)]),
        ("stolen_session", vec![("iam.revoke_role_sessions", "web-role")]),
        ("exposed_key", vec![("iam.disable_access_key", "AKIAIOSFODNN7EXAMPLE")]),
        (
            "attack_sequence",
            vec![
                ("iam.revoke_role_sessions", "web-role"),
                ("iam.quarantine_user", "ci-deploy"),
                ("waf.block_ip", "203.0.113.9"),
                ("sns.notify", "people"),
            ],
        ),
        ("failed_logins_alarm", vec![]),
    ] {
        let document = plan(&settings, &event(name), "json").json(0);
        let planned = kinds(&document);
        for step in &expected {
            assert!(planned.contains(step), "{name}: {step:?} is not in {planned:?}");
        }
        let lines = plan(&settings, &event(name), "jsonl").good();
        assert_eq!(lines.lines().count(), 1, "{name}: {lines}");
        assert_eq!(serde_json::from_str::<Value>(&lines).unwrap()["actions"], document["actions"], "{name}");
        let table = plan(&settings, &event(name), "table").good();
        for (action, target) in expected {
            assert!(table.contains(&format!("  {action} {target}")), "{name}: {action} {target} is not in {table}");
        }
    }
    let alarm = plan(&settings, &event("failed_logins_alarm"), "json").json(0);
    assert_eq!((&alarm["verdict"], &alarm["log"]["group"]), (&json!("ask"), &json!("/vigie/secure")), "{alarm}");
    assert_mentions(&plan(&settings, &event("expire"), "json").bad(), &["expire.json", "not a GuardDuty finding"]);
}

/// The whole of what programs read. `UPDATE_GOLDEN=1` writes it anew.
#[test]
fn a_plan_is_as_programs_know_it() {
    let folder = ServerFolder::new("");
    let settings = folder.write("responder.json", FULL);
    for name in ["portscan", "port_probe"] {
        let document = plan(&settings, &event(name), "json").json(0);
        let path = project(&format!("crates/vigie/tests/it/aws/{name}.out.json"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, format!("{document:#}\n")).unwrap();
        }
        assert_eq!(document, serde_json::from_str::<Value>(&fs::read_to_string(&path).unwrap()).unwrap(), "{name}");
    }
}

#[test]
fn an_attacker_of_ours_blocks_nobody() {
    let listed = run_in(&[], ["aws", "example", "list"]).good();
    // The settings name no sets: what would be blocked is planned all the same.
    let types: Vec<&str> =
        listed.lines().filter(|kind| kind.contains(":EC2/") || kind.contains(":Runtime/")).step_by(9).collect();
    assert!(types.len() > 5, "{listed}");
    for kind in types {
        let finding = run_in(&[], ["aws", "example", kind, "--role", "actor"]).good();
        let plan = ["aws", "plan", "--finding", "-", "--format", "json"];
        let document = run_with_input_in(&[], plan, &finding).json(0);
        assert!(kinds(&document).iter().all(|(action, _)| !action.ends_with("block_ip")), "{kind}: {document}");
    }
    let scan = run_in(&[], ["aws", "example", "Recon:EC2/Portscan", "--role", "actor"]).good();
    let settings = [("VIGIE_RESPONDER", r#"{"portscan_actor_response": "block_remote"}"#)];
    let plan = ["aws", "plan", "--finding", "-", "--format", "json"];
    let document = run_with_input_in(&settings, plan, &scan).json(0);
    assert!(kinds(&document).iter().any(|(action, _)| action.ends_with("block_ip")), "who asks for it gets it");
    let said = run_in(&[], ["aws", "example", "Recon:EC2/Portscam"]).bad();
    assert_mentions(&said, &["no finding type `Recon:EC2/Portscam`", "vigie aws example list"]);
}

#[test]
fn bad_input_is_refused_with_what_to_do() {
    let folder = ServerFolder::new("");
    let settings = |text: &str| folder.write("settings.json", text);
    let good = settings("{}");
    assert_mentions(&plan(&good, "/nowhere/finding.json", "json").bad(), &["/nowhere/finding.json", "No such file"]);
    let text = folder.write("finding.txt", "this is no JSON");
    assert_mentions(&plan(&good, &text, "table").bad(), &["finding.txt", "not JSON"]);
    let other = folder.write("other.json", r#"{"detail-type": "EC2 Instance State-change Notification"}"#);
    assert_mentions(&plan(&good, &other, "table").bad(), &["not a GuardDuty finding", "EC2 Instance State-change"]);
    let long = folder.write("long.json", vec![b' '; 5 * 1024 * 1024]);
    assert_mentions(&plan(&good, &long, "table").bad(), &["long.json", "at most 4194304"]);
    let probe = event("port_probe");
    assert_mentions(&plan("/nowhere/settings.json", &probe, "json").bad(), &["/nowhere/settings.json", "No such file"]);
    for (text, parts) in [
        ("[]", &["not a JSON object"][..]),
        (r#"{"blok_for": "1h"}"#, &["`blok_for`", "did you mean `block_for`?"]),
        (r#"{"block_for": "a while"}"#, &["`block_for`", "a while"]),
        (r#"{"nacl": {"first_rule": -1}}"#, &["`nacl`", "-1"]),
        (r#"{"waf": [{"ipv4": {"name": "x"}}]}"#, &["`waf`", "id"]),
        (r#"{"never_touch": ["everybody"]}"#, &["`never_touch`"]),
    ] {
        assert_mentions(&plan(&settings(text), &probe, "json").bad(), parts);
    }
    // Settings that name nothing: the plan says what is missing for each action.
    let table = plan(&settings("{}"), &probe, "table").good();
    assert_mentions(&table, &["missing:", "add `waf`", "add `nacl.ids`"]);
    // What a finding says cannot move the cursor.
    let steers = fs::read_to_string(&probe).unwrap().replace("Recon:EC2/PortProbe", "Recon:EC2/\\u001b[2JPortProbe");
    let steers = folder.write("steers.json", steers);
    assert!(!plan(&good, &steers, "table").good().contains('\u{1b}'));
}

#[test]
fn where_aws_is_and_who_asks_is_told_by_the_environment() {
    let list = |environment: &[(&str, &str)], region: Option<&str>| {
        let mut environment = environment.to_vec();
        environment.push(("VIGIE_RESPONDER", r#"{"table": "vigie-decisions"}"#));
        let arguments = ["aws", "list"].into_iter().chain(region.into_iter().flat_map(|name| ["--region", name]));
        run_in(&environment, arguments).bad()
    };
    assert_mentions(&list(&OFFLINE[3..], None), &["no AWS Region", "AWS_REGION"]);
    assert_mentions(&list(&OFFLINE[3..], Some("Mars 1")), &["`Mars 1` is not a Region", "eu-west-3"]);
    assert_mentions(&list(&OFFLINE[2..], None), &["AWS_ACCESS_KEY_ID"]);
    assert_mentions(
        &list(&[OFFLINE[0], OFFLINE[1], ("AWS_ENDPOINT_URL", "here")], Some("eu-west-3")),
        &["AWS_ENDPOINT_URL"],
    );
    let no_table = [OFFLINE.as_slice(), &[("VIGIE_RESPONDER", "{}")]].concat();
    assert_mentions(&run_in(&no_table, ["aws", "list"]).bad(), &["no table of decisions", "--settings"]);
    assert_mentions(&run_in(&no_table, ["aws", "undo", "x"]).bad(), &["no table of decisions", "`table`"]);
}

/// The account, and the binary with credentials for it.
struct Shell {
    estate: Estate,
    folder: ServerFolder,
    settings: String,
}

impl Shell {
    /// Returns one, or `None` where there is no moto. `adjust` changes the settings.
    fn start(adjust: impl FnOnce(&mut Value, &Estate)) -> Option<Self> {
        let estate = Estate::start()?;
        let mut settings = estate.settings();
        adjust(&mut settings, &estate);
        let folder = ServerFolder::new("");
        let settings = folder.write("responder.json", settings.to_string());
        Some(Self { estate, folder, settings })
    }

    fn aws(&self, arguments: &[&str]) -> Ended {
        let url = self.estate.url();
        let mut environment = OFFLINE;
        environment[3].1 = &url;
        let more = ["--settings", &self.settings];
        run_in(&environment, ["aws"].iter().chain(arguments).chain(&more))
    }

    fn listed(&self) -> Vec<Value> {
        let lines = self.aws(&["list", "--format", "jsonl"]).good();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn without_queue(settings: &mut Value, _: &Estate) {
    settings.as_object_mut().unwrap().remove("edge_queue");
}

#[test]
fn addresses_are_blocked_listed_and_taken_back() {
    let Some(shell) = Shell::start(without_queue) else { return };
    let probe = event("port_probe");
    let said = shell.aws(&["run", "--dry-run", "--finding", &probe]).good();
    assert_mentions(
        &said,
        &["nothing was changed", "wafv2:UpdateIPSet", "ec2:CreateNetworkAclEntry", "203.0.113.9/32"],
    );
    let line = shell.aws(&["run", "--dry-run", "--finding", &probe, "--format", "jsonl"]).json(0);
    let operations: Vec<&str> =
        line["calls"].as_array().unwrap().iter().map(|call| call["operation"].as_str().unwrap()).collect();
    assert!(operations.contains(&"wafv2:UpdateIPSet"), "{operations:?}");
    assert_eq!((shell.estate.waf(), shell.estate.nacl(), shell.listed().len()), (Vec::new(), Vec::new(), 0));
    assert_eq!(shell.estate.inbox(), Vec::<Value>::new());

    let answer = shell.aws(&["run", "--finding", &probe, "--format", "json"]).json(0);
    let steps = answer["answers"][0]["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["status"] == "done"), "{answer}");
    let blocked = ["198.51.100.77/32", "203.0.113.9/32"].map(str::to_owned).to_vec();
    assert_eq!((shell.estate.waf(), shell.estate.nacl()), (blocked.clone(), blocked.clone()));
    let again = shell.aws(&["run", "--finding", &probe]).good();
    assert_mentions(&again, &["done before"]);

    let rows = shell.listed();
    assert_eq!(rows.len(), 4, "{rows:?}");
    let row = rows.iter().find(|row| row["action"] == "waf.block_ip" && row["target"] == "203.0.113.9").unwrap();
    let id = row["id"].as_str().unwrap();
    assert_eq!((&row["state"], &row["count"]), (&json!("in_force"), &json!(1)), "{row}");
    assert_mentions(&shell.aws(&["list"]).good(), &["ID", "waf.block_ip", "203.0.113.9", id]);

    let would = shell.aws(&["undo", id, "--dry-run"]).good();
    assert_mentions(&would, &["nothing was changed", "wafv2:UpdateIPSet"]);
    assert_eq!((shell.estate.waf(), shell.listed().len()), (blocked.clone(), 4));
    let said = shell.aws(&["undo", id]).good();
    assert_mentions(&said, &["203.0.113.9", "is out of the IP sets"]);
    assert_eq!((shell.estate.waf(), shell.estate.nacl()), (vec![blocked[0].clone()], blocked));
    assert_mentions(&shell.aws(&["undo", id]).bad(), &[id, "ended already"]);
    for row in shell.listed() {
        shell.aws(&["undo", row["id"].as_str().unwrap(), "--format", "json"]).json(0);
    }
    assert_eq!((shell.estate.waf(), shell.estate.nacl(), shell.listed().len()), (Vec::new(), Vec::new(), 0));
    assert_mentions(&shell.aws(&["undo", "0123"]).bad(), &["no decision `0123`", "vigie aws list"]);
}

#[test]
fn an_instance_is_isolated_and_let_go() {
    let Some(shell) = Shell::start(|_, _| ()) else { return };
    let instance = shell.estate.instance(2);
    let before = shell.estate.interface_groups(&instance);
    let scan = fs::read_to_string(event("portscan")).unwrap().replace("i-0123456789abcdef0", &instance);
    let scan = shell.folder.write("scan.json", scan);
    let would = shell.aws(&["run", "--dry-run", "--finding", &scan]).good();
    assert_mentions(&would, &["ec2:ModifyNetworkInterfaceAttribute", "ec2:CreateSnapshots"]);
    assert_eq!(shell.estate.interface_groups(&instance), before);
    shell.aws(&["run", "--finding", &scan]).good();
    assert_eq!(shell.estate.interface_groups(&instance), vec![vec![shell.estate.ids.quarantine.clone()]; 2]);
    assert_eq!((shell.estate.waf(), shell.estate.nacl()), (Vec::new(), Vec::new()), "the victim is not blocked");
    let rows = shell.listed();
    let row = rows.iter().find(|row| row["action"] == "ec2.isolate_instance").unwrap();
    shell.aws(&["undo", row["id"].as_str().unwrap()]).good();
    assert_eq!(shell.estate.interface_groups(&instance), before);
    // With a queue, a block is on its way and the writer at its end does it.
    let said = shell.aws(&["run", "--finding", &event("port_probe")]).good();
    assert_mentions(&said, &["queued"]);
    assert_eq!(shell.estate.take_batch(&shell.estate.ids.queue).len(), 4);
}

#[test]
fn what_cannot_be_undone_is_not_done() {
    let folder = ServerFolder::new("");
    let settings = folder.write("responder.json", r#"{"mode": "enforce"}"#);
    let arguments = ["aws", "run", "--settings", &settings, "--finding", &event("port_probe")];
    assert_mentions(&run_in(&OFFLINE, arguments).bad(), &["no table of decisions", "--settings", "--dry-run"]);
}

#[test]
fn the_doctor_says_what_is_missing() {
    let name_the_group = |settings: &mut Value, estate: &Estate| {
        settings["quarantine_groups"] = json!({(estate.ids.vpc.as_str()): estate.ids.quarantine});
    };
    let Some(mut shell) = Shell::start(name_the_group) else { return };
    shell.estate.instance(1);
    let checks = shell.aws(&["doctor", "--format", "json"]).json(0);
    let state = |checks: &Value, what: &str| {
        let checks = checks.as_array().unwrap();
        let found = checks.iter().find(|check| check["what"].as_str().unwrap().starts_with(what));
        found.unwrap_or_else(|| panic!("nothing about {what} in {checks:?}"))["state"].clone()
    };
    for what in
        ["identity", "GuardDuty", "IP set vigie-v4", "network ACL", "quarantine group", "table", "queue", "topic"]
    {
        assert_eq!(state(&checks, what), "good", "{what}: {checks:#}");
    }
    assert_mentions(&shell.aws(&["doctor"]).good(), &["good", "vigie-v6", "TO DO"]);

    let gone = json!({"waf": [{"ipv4": {"name": "gone", "id": "gone"}}], "table": "gone", "nacl": {"ids": ["acl-0"]}});
    shell.settings = shell.folder.write("gone.json", gone.to_string());
    let checks = shell.aws(&["doctor", "--format", "json"]).json(1);
    for what in ["IP set gone", "network ACL acl-0", "table gone", "topic"] {
        assert_eq!(state(&checks, what), "bad", "{what}: {checks:#}");
    }
    assert_mentions(&shell.aws(&["doctor"]).bad(), &["BAD", "table gone", "correct `table`"]);
}
