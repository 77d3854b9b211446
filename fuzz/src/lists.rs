//! What operators and partners hand over: indicators, playbooks, searches, settings, free text.

use std::net::IpAddr;

use vigie_cases::{OBSERVABLES_MAX, extract};
use vigie_intel::{FAILED_MAX, Geo, Parsed, canonical, parse_csv, parse_misp_event};
use vigie_respond::{Catalogue, Playbook};

use crate::{now, tenant};

/// Reads a list of indicators.
pub fn indicator_csv(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    sound(&parse_csv(&tenant(), "fuzz", text, now()));
}

/// Reads a MISP event.
pub fn misp_event(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(parsed) = parse_misp_event(&tenant(), text, now()) {
        sound(&parsed);
    }
}

/// Opens a MaxMind file and asks it for addresses.
pub fn geo(bytes: &[u8]) {
    let Ok(geo) = Geo::from_bytes("fuzz.mmdb", bytes.to_vec()) else { return };
    for ip in ["0.0.0.0", "203.0.113.9", "255.255.255.255", "::", "2001:db8::1", "ffff::1"] {
        geo.lookup(ip.parse::<IpAddr>().expect("these are addresses"));
    }
}

/// Reads a playbook.
pub fn playbook(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Playbook::parse("fuzz.yml", text, &Catalogue::builtin()) {
        Ok(playbook) => assert!(!playbook.actions.is_empty(), "a playbook that does nothing"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Finds observables in free text.
pub fn observables(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let found = extract(&text);
    assert!(found.len() <= OBSERVABLES_MAX);
    assert!(found.iter().all(|(_, value)| !value.is_empty()));
}

/// Reads a search. A fault must lie within the text, between two characters.
#[cfg(feature = "events")]
pub fn search_language(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = vigie_events::parse_search(text, now()) {
        assert!(text.is_char_boundary(error.position), "{error}");
    }
}

/// Reads a request for aggregations. What is read keeps the limits on nesting and sizes; what is refused says why.
#[cfg(feature = "events")]
pub fn aggregations(bytes: &[u8]) {
    match vigie_events::parse_aggregations(bytes) {
        Ok(aggregations) => {
            let again = vigie_events::parse_aggregations(bytes);
            assert_eq!(again.as_ref(), Ok(&aggregations), "the same bytes mean the same");
        }
        Err(error) => assert!(!error.message.is_empty()),
    }
}

/// Reads a configuration and explains it.
#[cfg(feature = "server")]
pub fn configuration(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match vigie_server::Config::parse(text) {
        Ok(loaded) => assert!(!loaded.explain().is_empty()),
        Err(problems) => assert!(!problems.is_empty()),
    }
}

/// What holds of every list: values are in the form in which the stream is matched.
fn sound(parsed: &Parsed) {
    assert!(parsed.failed.len() <= FAILED_MAX && parsed.failed.len() <= parsed.failed_total);
    for indicator in &parsed.indicators {
        let again = canonical(indicator.kind, &indicator.value).expect("a canonical value is one");
        assert_eq!(again, indicator.value, "the canonical form has another");
        assert!(indicator.confidence <= 100);
    }
}
