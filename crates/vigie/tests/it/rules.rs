//! Our own rules: every folder says what it should, and they find what the public attack data holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vigie::rules::{SampleSource, check, findings_of, rule_files, rule_folders, test};
use vigie_detect::{Pipeline, RuleSet};
use vigie_ingest::Sources;
use vigie_model::{AttackTag, Finding, ObservableKind, SourceName};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules")
}

fn our_rules() -> RuleSet {
    let files = rule_files(&folder()).unwrap();
    assert!(files.failed.is_empty(), "{:?}", files.failed);
    let loaded = RuleSet::load(files.texts, &Pipeline::none());
    assert!(loaded.failed.is_empty(), "{:?}", loaded.failed);
    loaded.rules
}

/// The folder of shared data, or `None`, having said so, where the machine has none.
fn test_data(below: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("VIGIE_TEST_DATA") else {
        assert!(
            std::env::var_os("VIGIE_REQUIRE_DATA").is_none(),
            "VIGIE_TEST_DATA is not set, and VIGIE_REQUIRE_DATA is"
        );
        println!("skipped: VIGIE_TEST_DATA is not set");
        return None;
    };
    Some(PathBuf::from(root).join(below))
}

fn findings(source: &str, bytes: Vec<u8>, rules: &RuleSet) -> Vec<Finding> {
    let source = SampleSource { name: SourceName::new(source).unwrap(), logsource: None };
    findings_of(&source, bytes, rules, &Sources::builtin()).unwrap()
}

fn titles(findings: &[Finding]) -> BTreeMap<&str, usize> {
    let mut titles = BTreeMap::new();
    for finding in findings {
        *titles.entry(finding.rule.title.as_str()).or_default() += 1;
    }
    titles
}

#[test]
fn every_folder_says_what_it_should() {
    let report = test(&folder()).unwrap();
    assert!(report.failures.is_empty(), "{report}");
    assert!(report.folders >= 60, "{report}");
}

#[test]
fn every_folder_has_two_matches_and_a_near_miss() {
    for folder in rule_folders(&folder()).unwrap() {
        assert!(folder.matches.len() >= 2, "{}", folder.path.display());
        assert!(!folder.ignores.is_empty(), "{}", folder.path.display());
    }
}

#[test]
fn every_rule_loads() {
    let report = check(&folder(), &[]).unwrap();
    assert!(report.failed.is_empty(), "{report:?}");
    assert!(report.loaded >= 60);
}

#[test]
fn every_rule_tells_what_an_analyst_needs() {
    let rules = our_rules();
    let mut titles = BTreeSet::new();
    for rule in rules.rules() {
        let name = format!("{} ({})", rule.title, rule.id);
        assert_eq!(rule.author.as_deref(), Some("Vigie"), "{name}");
        assert!(!rule.description.is_empty(), "{name}: description");
        assert!(!rule.false_positives.is_empty(), "{name}: false positives");
        let technique = |tag: &AttackTag| matches!(tag, AttackTag::Technique(_));
        assert!(rule.attack.iter().any(technique), "{name}: technique");
        assert!(!rule.attack.iter().all(technique), "{name}: tactic");
        assert!(rule.id.as_str().len() == 36, "{name}: the id is a UUID");
    }
    for folder in rule_folders(&folder()).unwrap() {
        let files = rule_files(&folder.rule()).unwrap();
        let title = files.texts[0].1.lines().next().unwrap().to_owned();
        assert!(titles.insert(title.clone()), "two rules are called {title}");
    }
}

/// A rule that is taken away takes its findings along, and no others.
#[test]
fn removing_a_rule_removes_its_findings() {
    let attack = fs::read(folder().join("linux/ssh_success_after_brute_force/match-root-guessed.log")).unwrap();
    let files = rule_files(&folder()).unwrap();
    let all = findings("linux_auth", attack.clone(), &our_rules());
    let removed = "linux/ssh_brute_force/rule.yml";
    let fewer = files.texts.into_iter().filter(|(path, _)| !path.replace('\\', "/").ends_with(removed));
    let fewer = findings("linux_auth", attack, &RuleSet::load(fewer, &Pipeline::none()).rules);
    let mut expected = titles(&all);
    assert_eq!(expected.remove("SSH brute force from one address"), Some(1), "{expected:?}");
    assert!(!expected.is_empty());
    assert_eq!(titles(&fewer), expected);
}

/// Issue 2, "It is done when" 4: at least half of the labelled Stratus techniques give a finding.
#[test]
fn stratus_techniques_give_findings() {
    let Some(data) = test_data("aws/stratus") else { return };
    let rules = our_rules();
    let mut files: Vec<_> = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut seen = 0;
    for file in &files {
        let findings = findings("cloudtrail", fs::read(file).unwrap(), &rules);
        seen += usize::from(!findings.is_empty());
        let titles: Vec<_> = titles(&findings).into_iter().map(|(title, count)| format!("{title} ×{count}")).collect();
        println!("{:60} {}", file.file_stem().unwrap().to_string_lossy(), titles.join("; "));
    }
    println!("{seen} of {} techniques", files.len());
    assert_eq!((seen, files.len()), (35, 35));
}

/// Of 20,000 lines, 14 addresses attack; everybody else mistypes now and then.
#[test]
fn ssh_brute_force_names_the_attackers_and_nobody_else() {
    let Some(data) = test_data("logs") else { return };
    let attackers = fs::read_to_string(data.join("auth.attackers.txt")).unwrap();
    let attackers: BTreeSet<String> = attackers.lines().map(str::to_owned).collect();
    let findings = findings("linux_auth", fs::read(data.join("auth.log")).unwrap(), &our_rules());
    println!("{:#?}", titles(&findings));
    let named: BTreeSet<String> = findings
        .iter()
        .filter(|finding| finding.rule.title == "SSH brute force from one address")
        .flat_map(|finding| &finding.key)
        .filter(|entity| entity.kind == ObservableKind::Ip)
        .map(|entity| entity.value.clone())
        .collect();
    assert_eq!(named, attackers);
    // No rule names a benign address.
    for finding in &findings {
        let sources = finding.entities.iter().filter(|entity| entity.kind == ObservableKind::Ip);
        for source in sources {
            assert!(attackers.contains(&source.value), "{} names {}", finding.rule.title, source.value);
        }
    }
}

/// Every type that GuardDuty has, attacked or attacking, is taken by one rule: none is lost, and none alerts twice.
#[test]
fn every_guardduty_type_is_taken_by_one_rule() {
    let Some(types) = test_data("aws/guardduty-finding-types.txt") else { return };
    let types = fs::read_to_string(types).unwrap();
    let rules = our_rules();
    let types = types.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut wrong = Vec::new();
    for kind in types.chain(["Impact:EC2/NotYetKnown"]) {
        for (severity, role) in [(2, "TARGET"), (5, "ACTOR"), (8, "TARGET")] {
            let finding = serde_json::json!({
                "schemaVersion": "2.0", "accountId": "111122223333", "region": "eu-west-3", "id": "a1b2", "type": kind,
                "severity": severity, "service": {"resourceRole": role}, "resource": {"resourceType": "Instance"},
                "createdAt": "2026-11-22T09:14:03Z", "updatedAt": "2026-11-22T09:14:03Z", "title": kind, "description": kind,
            });
            let findings = findings("guardduty", finding.to_string().into_bytes(), &rules);
            if findings.len() != 1 {
                wrong.push(format!("{kind} {severity} {role}: {:?}", titles(&findings)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Eight thousand ordinary requests with some hundred injections among them: only those are told of.
#[test]
fn ordinary_requests_are_left_alone() {
    let Some(log) = test_data("logs/mixed.log") else { return };
    let lines = fs::read_to_string(log).unwrap();
    let requests: Vec<_> =
        lines.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit())).collect();
    let injections = requests.iter().filter(|line| line.contains("UNION")).count();
    assert!(requests.len() > 8000 && injections > 100, "{} {injections}", requests.len());
    let findings = findings("web_access", requests.join("\n").into_bytes(), &our_rules());
    assert_eq!(titles(&findings), BTreeMap::from([("SQL injection tried", injections)]));
}

/// A Stratus run of many techniques in the set-up work of a day: the techniques are told of, the work is not.
#[test]
fn set_up_work_in_aws_is_left_alone() {
    let Some(data) = test_data("aws/invictus") else { return };
    let mut files: Vec<_> = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let bytes: Vec<u8> = files.iter().flat_map(|file| fs::read(file).unwrap()).collect();
    let findings = findings("cloudtrail", bytes, &our_rules());
    let titles = titles(&findings);
    println!("{titles:#?}");
    assert!(titles.len() >= 25, "{} rules", titles.len());
    assert!(findings.len() <= 40, "{} findings in 2,900 events", findings.len());
}

/// A rule's summary is shared by its findings: ten thousand of them do not hold ten thousand copies.
#[test]
fn findings_of_one_rule_share_its_summary() {
    let attack = fs::read(folder().join("web/sql_injection/match-union.log")).unwrap();
    let twice = [attack.clone(), attack].concat();
    let findings = findings("web_access", twice, &our_rules());
    let injections: Vec<_> = findings.iter().filter(|finding| finding.rule.title == "SQL injection tried").collect();
    assert_eq!(injections.len(), 2);
    assert!(Arc::ptr_eq(&injections[0].rule, &injections[1].rule));
}
