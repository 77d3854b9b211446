//! Events a second under many rules: routed, parse apart. The events are generated, shaped like Sysmon's, sshd's and
//! CloudTrail's; one in a hundred matches something. Set `VIGIE_TEST_DATA` to bench SigmaHQ's rules instead of ours.

mod shown;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};
use vigie_detect::{Engine, Pipeline, RuleSet};
use vigie_model::{Event, Logsource};

const EVENTS: u64 = 4_000;

fn document(number: u64) -> (Value, Logsource) {
    let hit = number.is_multiple_of(100);
    match number % 4 {
        0 => {
            let command = if hit { "powershell -enc SQBFAFgA" } else { "svchost.exe -k netsvcs -p" };
            let image = format!(r"C:\Windows\System32\tool{}.exe", number % 50);
            let document = json!({"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Image": image,
                "CommandLine": command, "ParentImage": r"C:\Windows\explorer.exe", "User": "CORP\\ann", "ProcessId": number});
            (document, Logsource::new("windows", "process_creation", "sysmon"))
        }
        1 => {
            let target = format!(r"HKLM\System\CurrentControlSet\Services\svc{number}\Start");
            let document = json!({"EventID": 13, "TargetObject": target, "Details": "DWORD (0x00000002)",
                "Image": r"C:\Windows\system32\services.exe"});
            (document, Logsource::new("windows", "registry_set", "sysmon"))
        }
        2 => {
            let message =
                format!("Failed password for invalid user u{number} from 192.0.2.{} port 40000 ssh2", number % 250);
            (json!({"program": "sshd", "pid": number, "message": message}), Logsource::new("linux", "", "sshd"))
        }
        _ => {
            let document = json!({"eventName": "DescribeInstances", "eventSource": "ec2.amazonaws.com",
                "userIdentity": {"type": "IAMUser", "userName": "ann"}, "sourceIPAddress": "198.51.100.7"});
            (document, Logsource::new("aws", "", "cloudtrail"))
        }
    }
}

fn event(number: u64) -> Event {
    let (document, logsource) = document(number);
    shown::event(number, document, logsource)
}

fn observe(criterion: &mut Criterion) {
    let ours = std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules"));
    let folder =
        std::env::var_os("VIGIE_TEST_DATA").map_or(ours, |data| std::path::PathBuf::from(data).join("sigma/rules"));
    let rules = RuleSet::load(shown::rule_files(&folder), &Pipeline::none()).rules;
    let events: Vec<Event> = (0..EVENTS).map(event).collect();
    let mut engine = Engine::new(rules.clone());
    let mut group = criterion.benchmark_group("detect");
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function(format!("observe, {} rules", rules.len()), |bencher| {
        bencher.iter(|| events.chunks(500).map(|batch| engine.observe(batch, batch[0].arrival).len()).sum::<usize>());
    });
    group.finish();
}

criterion_group!(benches, observe);
criterion_main!(benches);
