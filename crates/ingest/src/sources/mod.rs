//! The sources that this crate brings: a folder each. Start the next one with `cargo xtask new source NAME`.

mod cloudtrail;
mod guardduty;
mod json;
mod linux_auth;
mod suricata_eve;
mod syslog;
mod vpc_flow;
mod web_access;
mod windows_event;

use crate::Source;
pub(crate) use syslog::document as syslog_document;

/// Returns every source, ready for use.
pub(crate) fn all() -> Vec<Box<dyn Source>> {
    vec![
        Box::new(cloudtrail::CloudTrail),
        Box::new(guardduty::GuardDuty),
        Box::new(json::Json),
        Box::new(linux_auth::LinuxAuth),
        Box::new(suricata_eve::SuricataEve),
        Box::new(syslog::Syslog),
        Box::new(vpc_flow::VpcFlow),
        Box::new(web_access::WebAccess),
        Box::new(windows_event::WindowsEvent),
    ]
}
