//! Sysmon's process creations (event 1) with all their fields: what most of Sigma's rules look at.

use fastrand::Rng;
use serde_json::json;

use super::template::{one_of, weighted};

type Program = (&'static str, &'static str, &'static str, &'static str);

/// Image, product, command line and parent, as ordinary workstations and servers start them.
const PROGRAMS: [(u32, Program); 14] = [
    (
        14,
        (
            r"C:\Windows\System32\svchost.exe",
            "Host Process for Windows Services",
            "-k netsvcs -p -s Schedule",
            SERVICES,
        ),
    ),
    (
        10,
        (
            r"C:\Windows\System32\backgroundTaskHost.exe",
            "Background Task Host",
            "-ServerName:CortanaUI.AppXy7vb4pc2dr3kc93kfc509b1d0arkfb2x.mca",
            SVCHOST,
        ),
    ),
    (
        10,
        (
            r"C:\Program Files\Google\Chrome\Application\chrome.exe",
            "Google Chrome",
            "--type=renderer --lang=fr --device-scale-factor=1 --num-raster-threads=4 --renderer-client-id=$port$ --mojo-platform-channel-handle=$port$",
            CHROME,
        ),
    ),
    (
        8,
        (
            r"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE",
            "Microsoft Word",
            r#"/n "C:\Users\$serial$\Documents\offer.docx""#,
            EXPLORER,
        ),
    ),
    (8, (r"C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE", "Microsoft Outlook", "/recycle", EXPLORER)),
    (
        8,
        (
            r"C:\Windows\System32\conhost.exe",
            "Console Window Host",
            "0xffffffff -ForceV1",
            r"C:\Windows\System32\cmd.exe",
        ),
    ),
    (8, (r"C:\Windows\System32\RuntimeBroker.exe", "Runtime Broker", "-Embedding", SVCHOST)),
    (6, (r"C:\Windows\System32\taskhostw.exe", "Host Process for Windows Tasks", "KEYROAMING", SVCHOST)),
    (
        6,
        (
            r"C:\Windows\System32\SearchProtocolHost.exe",
            "Microsoft Windows Search Protocol Host",
            "Global_UsGthrFltPipeMssGthrPipe$port$ 1 -2147483646",
            r"C:\Windows\System32\SearchIndexer.exe",
        ),
    ),
    (
        6,
        (
            r"C:\Program Files\Git\cmd\git.exe",
            "Git for Windows",
            "fetch --prune origin",
            r"C:\Program Files\Microsoft VS Code\Code.exe",
        ),
    ),
    (
        5,
        (
            r"C:\Windows\System32\cmd.exe",
            "Windows Command Processor",
            r#"/c "C:\Program Files\Backup Agent\job.bat" $serial$"#,
            r"C:\Program Files\Backup Agent\agent.exe",
        ),
    ),
    (
        1,
        (
            r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
            "Windows PowerShell",
            r"-NoProfile -File C:\Scripts\inventory.ps1 -Run $serial$",
            SVCHOST,
        ),
    ),
    (4, (r"C:\Windows\System32\msiexec.exe", "Windows installer", "/V", SERVICES)),
    (3, (r"C:\Windows\System32\ipconfig.exe", "IP Configuration Utility", "/all", r"C:\Windows\System32\cmd.exe")),
];
const SERVICES: &str = r"C:\Windows\System32\services.exe";
const SVCHOST: &str = r"C:\Windows\System32\svchost.exe";
const EXPLORER: &str = r"C:\Windows\explorer.exe";
const CHROME: &str = r"C:\Program Files\Google\Chrome\Application\chrome.exe";

/// Returns an event with gaps.
pub(super) fn event(rng: &mut Rng) -> String {
    let (image, description, arguments, parent) = *weighted(rng, &PROGRAMS);
    let name = image.rsplit('\\').next().unwrap_or(image);
    let system = parent == SERVICES;
    let person = one_of(rng, &["alice", "bruno", "chloe", "david", "emma", "farid", "gaelle", "hugo"]);
    let user = if system { r"NT AUTHORITY\SYSTEM".to_owned() } else { format!(r"ACME\{person}") };
    let folder = if system { r"C:\Windows\system32\".to_owned() } else { format!(r"C:\Users\{person}\") };
    let computer = format!("WS-{:03}.acme.example", rng.u16(1..400));
    let (hash, logon) = (format!("{:032X}", rng.u128(..)), rng.u32(..));
    json!({
        "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Computer": computer,
        "Provider_Name": "Microsoft-Windows-Sysmon", "TimeCreated": "$time$", "EventRecordID": "$serial$", "Level": 4,
        "RuleName": "-", "UtcTime": "$utc$", "ProcessGuid": "{$hex$-$serial$}", "ProcessId": "$port$", "Image": image,
        "FileVersion": "10.0.22631.1 (WinBuild.160101.0800)", "Description": description,
        "Product": "Microsoft® Windows® Operating System", "Company": "Microsoft Corporation", "OriginalFileName": name,
        "CommandLine": format!("\"{image}\" {arguments}"), "CurrentDirectory": folder, "User": user,
        "LogonGuid": "{3ddc5665-e7cb-5f51-e703-000000000000}", "LogonId": format!("{logon:#x}"), "TerminalSessionId": "1",
        "IntegrityLevel": if system { "System" } else { "Medium" },
        "Hashes": format!("SHA1={hash}00000000,MD5={hash},SHA256={hash}{hash},IMPHASH={hash}"),
        "ParentProcessGuid": "{3ddc5665-e7cb-5f51-0b00-000000000500}", "ParentProcessId": format!("{}", rng.u16(500..)),
        "ParentImage": parent, "ParentCommandLine": format!("\"{parent}\""), "ParentUser": r"NT AUTHORITY\SYSTEM",
    })
    .to_string()
    // A number is a gap too: the template is text.
    .replace("\"EventRecordID\":\"$serial$\"", "\"EventRecordID\":$serial$")
}
