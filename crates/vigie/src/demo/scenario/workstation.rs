//! What a Windows domain says on a day on which nothing happens to it.

use fastrand::Rng;
use serde_json::json;

use super::super::world::one_of;
use super::{Door, Script};

/// People sign in and start programs.
pub(super) fn normal_day(script: &mut Script, rng: &mut Rng) {
    for number in 0..320_u32 {
        let time = script.moment(rng);
        let person = script.world.people[rng.usize(..script.world.people.len())];
        let computer = format!("WS-{:02}.acme.example", rng.u8(1..30));
        let record = if rng.bool() {
            let image = one_of(
                rng,
                &[
                    r"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE",
                    r"C:\Program Files\Mozilla Firefox\firefox.exe",
                    r"C:\Windows\System32\notepad.exe",
                    r"C:\Windows\System32\svchost.exe",
                ],
            );
            json!({
                "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Computer": computer,
                "Provider_Name": "Microsoft-Windows-Sysmon", "TimeCreated": time.to_string(), "EventRecordID": number,
                "Image": image, "CommandLine": format!("\"{image}\""), "User": format!("ACME\\{person}"),
                "ParentImage": r"C:\Windows\explorer.exe", "ProcessId": rng.u16(500..).to_string(),
            })
        } else {
            json!({
                "EventID": 4624, "Channel": "Security", "Computer": computer,
                "Provider_Name": "Microsoft-Windows-Security-Auditing", "TimeCreated": time.to_string(), "EventRecordID": number,
                "TargetUserName": person, "TargetDomainName": "ACME", "LogonType": "2", "IpAddress": "-",
                "LogonProcessName": "User32", "AuthenticationPackageName": "Negotiate",
            })
        };
        script.beat(time, Door::Windows, record.to_string());
    }
}
