//! WAF's IP sets, with their limits: <https://docs.aws.amazon.com/waf/latest/developerguide/limits.html>.

use std::net::IpAddr;
use std::time::Instant;

use serde_json::{Value, json};

use crate::Account;
use crate::received::{Failure, Received};

const ADDRESSES_MAX: usize = 10_000;

pub(crate) fn answer(account: &mut Account, received: &Received) -> Result<String, Failure> {
    let text = |name: &str| received.json[name].as_str().unwrap_or("").to_owned();
    let scope = text("Scope");
    if scope == "CLOUDFRONT" && received.region != "us-east-1" {
        return Err(invalid("The scope is not valid: use us-east-1"));
    }
    let body = match received.operation.as_str() {
        "CreateIPSet" => {
            keep_pace(account, received)?;
            let (name, version) = (text("Name"), text("IPAddressVersion"));
            let key = (scope, name.clone());
            if account.ip_sets.contains_key(&key) {
                return Err(Failure::new(400, "WAFDuplicateItemException", "the name is taken"));
            }
            let addresses = checked(&received.json, &version)?;
            account.add_ip_set(&key.0, &name, &version);
            let set = account.ip_sets.get_mut(&key).ok_or_else(nonexistent)?;
            (set.addresses, set.description) = (addresses, text("Description"));
            json!({"Summary": {"Name": name, "Id": name, "LockToken": "0"}})
        }
        "GetIPSet" => {
            let id = text("Id");
            let set = account.ip_sets.get(&(scope, id.clone())).filter(|set| set.name == text("Name"));
            let set = set.ok_or_else(nonexistent)?;
            json!({
                "IPSet": {"Name": set.name, "Id": id, "IPAddressVersion": set.version, "Addresses": set.addresses,
                    "Description": set.description},
                "LockToken": set.changes.to_string(),
            })
        }
        "UpdateIPSet" => {
            keep_pace(account, received)?;
            let set = account.ip_sets.get_mut(&(scope, text("Id"))).filter(|set| set.name == text("Name"));
            let set = set.ok_or_else(nonexistent)?;
            if text("LockToken") != set.changes.to_string() {
                return Err(Failure::new(400, "WAFOptimisticLockException", "the set was changed meanwhile"));
            }
            set.addresses = checked(&received.json, &set.version)?;
            set.description = text("Description");
            set.changes += 1;
            json!({"NextLockToken": set.changes.to_string()})
        }
        other => return Err(Failure::new(400, "UnknownOperationException", other)),
    };
    Ok(body.to_string())
}

/// One Create, Put or Update call a second for each account and Region. A call that comes too early changes nothing.
fn keep_pace(account: &mut Account, received: &Received) -> Result<(), Failure> {
    let now = Instant::now();
    let last = account.last_update.get(&received.region);
    if last.is_some_and(|last| now.duration_since(*last) < account.update_gap) {
        return Err(Failure::new(400, "ThrottlingException", "Rate exceeded"));
    }
    account.last_update.insert(received.region.clone(), now);
    Ok(())
}

fn checked(input: &Value, version: &str) -> Result<Vec<String>, Failure> {
    let addresses = input["Addresses"].as_array().ok_or_else(|| invalid("Addresses is missing"))?;
    if addresses.len() > ADDRESSES_MAX {
        return Err(Failure::new(400, "WAFLimitsExceededException", "the set takes 10000 addresses"));
    }
    let is_valid = |text: &str| {
        let (address, length) = text.split_once('/')?;
        let (address, length): (IpAddr, u8) = (address.parse().ok()?, length.parse().ok()?);
        let length_max = if address.is_ipv4() { 32 } else { 128 };
        (address.is_ipv4() == (version == "IPV4") && (1..=length_max).contains(&length)).then_some(())
    };
    addresses
        .iter()
        .map(|address| {
            let text = address.as_str().unwrap_or("");
            is_valid(text).map(|()| text.to_owned()).ok_or_else(|| invalid(&format!("`{text}` is not valid")))
        })
        .collect()
}

fn invalid(message: &str) -> Failure {
    Failure::new(400, "WAFInvalidParameterException", message)
}

fn nonexistent() -> Failure {
    Failure::new(400, "WAFNonexistentItemException", "WAF couldn't perform the operation: it doesn't exist.")
}
