//! What nftables says that it holds.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use serde_json::Value;

use super::script::SETS;

/// Something that the kernel holds in one of our sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) network: IpNet,
    pub(crate) expires_in: Option<Duration>,
}

/// Reads what `nft -j list table` or `nft -j list set` printed. What is not an element of our sets is passed over.
pub(crate) fn read(text: &str) -> Result<Vec<Held>, serde_json::Error> {
    let listing: Value = serde_json::from_str(text)?;
    let objects = listing.get("nftables").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut held = Vec::new();
    for object in objects {
        let Some(set) = object.get("set") else { continue };
        let is_ours =
            set.get("name").and_then(Value::as_str).is_some_and(|name| SETS.iter().any(|set| set.name == name));
        let items = set.get("elem").and_then(Value::as_array).filter(|_| is_ours);
        held.extend(items.into_iter().flatten().filter_map(element));
    }
    Ok(held)
}

fn element(item: &Value) -> Option<Held> {
    let Some(described) = item.get("elem") else { return Some(Held { network: network(item)?, expires_in: None }) };
    let expires_in = described.get("expires").and_then(Value::as_u64).map(Duration::from_secs);
    Some(Held { network: network(described.get("val")?)?, expires_in })
}

fn network(value: &Value) -> Option<IpNet> {
    let address = |value: &Value| value.as_str()?.parse::<IpAddr>().ok();
    if let Some(single) = address(value) {
        return Some(IpNet::from(single));
    }
    let prefix = value.get("prefix")?;
    let length = u8::try_from(prefix.get("len")?.as_u64()?).ok()?;
    IpNet::new(address(prefix.get("addr")?)?, length).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_of_nftables_1_0() {
        let text = r#"{"nftables": [{"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
            {"table": {"family": "inet", "name": "vigie", "handle": 1}},
            {"set": {"family": "inet", "name": "block_v4", "table": "vigie", "type": "ipv4_addr", "flags": ["timeout"],
              "elem": [{"elem": {"val": "203.0.113.7", "timeout": 60, "expires": 55, "comment": "action 00"}}, "198.51.100.1"]}},
            {"set": {"family": "inet", "name": "block_net_v6", "table": "vigie", "type": "ipv6_addr",
              "elem": [{"elem": {"val": {"prefix": {"addr": "2001:db8:1::", "len": 48}}, "timeout": 9, "expires": 3}}]}},
            {"set": {"family": "inet", "name": "other", "table": "vigie", "elem": ["192.0.2.1"]}}]}"#;
        let held: Vec<(String, Option<u64>)> = read(text)
            .unwrap()
            .into_iter()
            .map(|held| (held.network.to_string(), held.expires_in.map(|left| left.as_secs())))
            .collect();
        let expected = [("203.0.113.7/32", Some(55)), ("198.51.100.1/32", None), ("2001:db8:1::/48", Some(3))];
        assert_eq!(held, expected.map(|(network, left)| (network.to_owned(), left)));
        assert!(read("{\"nftables\": 3}").unwrap().is_empty());
        assert!(read("nonsense").is_err());
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_printed_is_read_or_refused(text in "[\\[\\]{}\":,a-z0-9./ ]{0,200}", elements in "[\\[\\]{}\":,a-z0-9./]{0,60}") {
            let _ = read(&text);
            let _ = read(&format!("{{\"nftables\": [{{\"set\": {{\"name\": \"block_v4\", \"elem\": [{elements}]}}}}]}}"));
        }
    }
}
