//! Which rules a Windows event is for: Sigma's categories and services by channel and event id.
//!
//! After <https://sigmahq.io/docs/basics/log-sources.html> and Sysmon's event ids.

use vigie_model::{Class, Document, Logsource};

use crate::json::text;

/// Services by channel, in lower case; a channel ending in `*` is a prefix.
const SERVICES: [(&str, &str); 41] = [
    ("security", "security"),
    ("system", "system"),
    ("application", "application"),
    ("microsoft-windows-sysmon/operational", "sysmon"),
    ("microsoft-windows-powershell/operational", "powershell"),
    ("powershellcore/operational", "powershell"),
    ("windows powershell", "powershell-classic"),
    ("microsoft-windows-taskscheduler/operational", "taskscheduler"),
    ("microsoft-windows-wmi-activity/operational", "wmi"),
    ("microsoft-windows-windows defender/operational", "windefend"),
    ("microsoft-windows-bits-client/operational", "bits-client"),
    ("microsoft-windows-windows firewall with advanced security/firewall", "firewall-as"),
    ("dns server", "dns-server"),
    ("microsoft-windows-dns-server/audit", "dns-server-audit"),
    ("microsoft-windows-dns-server/analytical", "dns-server-analytic"),
    ("microsoft-windows-dns client events/operational", "dns-client"),
    ("microsoft-windows-driverframeworks-usermode/operational", "driver-framework"),
    ("microsoft-windows-dhcp-server/operational", "dhcp"),
    ("microsoft-windows-ntlm/operational", "ntlm"),
    ("microsoft-windows-lsa/operational", "lsa-server"),
    ("microsoft-windows-ldap-client/debug", "ldap"),
    ("microsoft-windows-printservice/admin", "printservice-admin"),
    ("microsoft-windows-printservice/operational", "printservice-operational"),
    ("microsoft-windows-codeintegrity/operational", "codeintegrity-operational"),
    ("microsoft-windows-smbclient/security", "smbclient-security"),
    ("microsoft-windows-smbclient/connectivity", "smbclient-connectivity"),
    ("microsoft-windows-smbserver/connectivity", "smbserver-connectivity"),
    ("microsoft-windows-terminalservices-localsessionmanager/operational", "terminalservices-localsessionmanager"),
    ("microsoft-windows-applocker/*", "applocker"),
    ("msexchange management", "msexchange-management"),
    ("microsoft-servicebus-client", "microsoft-servicebus-client"),
    ("microsoft-windows-appmodel-runtime/admin", "appmodel-runtime"),
    ("microsoft-windows-appxdeploymentserver/operational", "appxdeployment-server"),
    ("microsoft-windows-appxpackaging/operational", "appxpackaging-om"),
    ("microsoft-windows-shell-core/operational", "shell-core"),
    ("openssh/operational", "openssh"),
    ("microsoft-windows-capi2/operational", "capi2"),
    (
        "microsoft-windows-certificateservicesclient-lifecycle-system/operational",
        "certificateservicesclient-lifecycle-system",
    ),
    ("microsoft-windows-diagnosis-scripted/operational", "diagnosis-scripted"),
    ("microsoft-windows-security-mitigations*", "security-mitigations"),
    ("microsoft-windows-vhdmp-operational", "vhdmp"),
];

/// Returns the logsource of a flat event: the sender's own hint (`ls_product`, `ls_category`, `ls_service`) where it gives
/// one, else by channel and event id.
pub(super) fn logsource(event: &Document, event_id: u64) -> Logsource {
    let channel = text(event, "Channel").unwrap_or_default().to_lowercase();
    let service = service(&channel);
    if let Some(product) = text(event, "ls_product") {
        let part = |name| text(event, name).unwrap_or_default();
        return Logsource::new(product, part("ls_category"), part("ls_service"));
    }
    let category = match service {
        "sysmon" => sysmon(event_id, text(event, "EventType").unwrap_or_default()),
        "security" if event_id == 4688 => "process_creation",
        "powershell" => match event_id {
            4103 => "ps_module",
            4104 => "ps_script",
            _ => "",
        },
        "powershell-classic" => match event_id {
            400 => "ps_classic_start",
            600 => "ps_classic_provider_start",
            800 => "ps_classic_script",
            _ => "",
        },
        _ => "",
    };
    Logsource::new("windows", category, service)
}

fn service(channel: &str) -> &'static str {
    let is = |pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => channel.starts_with(prefix),
        None => channel == pattern,
    };
    SERVICES.iter().find(|(pattern, _)| is(pattern)).map_or("", |(_, service)| service)
}

/// Returns Sigma's category of a Sysmon event. 12 is for keys and values made and for those deleted.
fn sysmon(event_id: u64, event_type: &str) -> &'static str {
    match event_id {
        1 => "process_creation",
        2 => "file_change",
        3 => "network_connection",
        4 | 16 => "sysmon_status",
        5 => "process_termination",
        6 => "driver_load",
        7 => "image_load",
        8 => "create_remote_thread",
        9 => "raw_access_thread",
        10 => "process_access",
        11 => "file_event",
        12 if event_type.starts_with("Delete") => "registry_delete",
        12 => "registry_add",
        13 => "registry_set",
        14 => "registry_rename",
        15 => "create_stream_hash",
        17 | 18 => "pipe_created",
        19..=21 => "wmi_event",
        22 => "dns_query",
        23 | 26 => "file_delete",
        24 => "clipboard_capture",
        25 => "process_tampering",
        27 => "file_block_executable",
        28 => "file_block_shredding",
        29 => "file_executable_detected",
        255 => "sysmon_error",
        _ => "",
    }
}

/// Returns the class of an event by service and id.
pub(super) fn class(service: &str, event_id: u64) -> Class {
    match (service, event_id) {
        ("sysmon", 1 | 5 | 8 | 10 | 25) | ("security", 4688 | 4689) => Class::ProcessActivity,
        ("sysmon", 3) | ("security", 5152..=5159) => Class::NetworkActivity,
        ("sysmon", 2 | 11 | 15 | 23 | 26..=29) | ("security", 4656..=4663) => Class::FileActivity,
        ("sysmon", 12..=14) => Class::RegistryActivity,
        ("sysmon", 22) => Class::DnsActivity,
        ("security", 4624 | 4625 | 4634 | 4647 | 4648 | 4672 | 4768..=4779) => Class::Authentication,
        ("security", 4720..=4767 | 4781) => Class::AccountChange,
        ("windefend", 1006..=1119) => Class::DetectionFinding,
        _ => Class::Base,
    }
}
