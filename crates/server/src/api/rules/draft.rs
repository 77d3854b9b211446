//! A search made into a rule.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vigie_model::{EventId, Filter, TenantId};

use super::super::events::{Asked, ask};
use super::super::extract::Body;
use super::super::problem::{Problem, ProblemBody};
use crate::app::App;
use crate::auth::Caller;
use crate::rules::RuleTests;
use crate::rules::{DraftQuestion, draft_rule};

/// How many events a rule's tests may be made of.
const EVENTS_MAX: usize = 20;
/// How long a title may be, in bytes.
const TITLE_BYTES_MAX: usize = 300;

/// A search to make a rule of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DraftBody {
    /// The search.
    q: String,
    /// The rule's title.
    #[serde(default)]
    title: String,
    /// One tenant's events only.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// Events that the search finds, to make the rule's tests of; the newest where none is named.
    #[serde(default)]
    events: Vec<EventId>,
}

/// A rule made of a search.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DraftedBody {
    /// The rule.
    yaml: String,
    /// A name to save it by.
    name: String,
    /// Documents that it matches, and a near miss where there is one.
    tests: RuleTests,
    /// From how many events that the search finds it was learnt: it matches all of them.
    found: usize,
    /// On how many events of the same logsource that the search does not find it was tried: it matches none of them.
    others: usize,
}

/// Makes a Sigma rule of a search, with tests made of stored events. Nothing is kept.
#[utoipa::path(post, path = "/api/v1/rules/draft", tag = "detection", request_body = DraftBody, responses(
    (status = 200, description = "The rule.", body = DraftedBody),
    (status = 400, description = "The search cannot be read, or a part of it cannot be said in Sigma: the answer names it.", body = ProblemBody),
))]
pub(crate) async fn draft_a_rule(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(asked): Body<DraftBody>,
) -> Result<Json<DraftedBody>, Problem> {
    if asked.events.len() > EVENTS_MAX {
        return Err(Problem::field("events", format!("expected at most {EVENTS_MAX}")));
    }
    if asked.title.len() > TITLE_BYTES_MAX {
        return Err(Problem::field("title", format!("expected at most {TITLE_BYTES_MAX} bytes")));
    }
    let over = Asked::read(&app, &caller, Some(&asked.q), (None, None), asked.tenant.as_ref()).await?;
    if over.filter == Filter::All {
        return Err(Problem::field("q", "the search asks for everything: add a condition"));
    }
    let (id, date) = (uuid(app.entropy.id()), app.clock.now().to_string().chars().take(10).collect::<String>());
    let author = caller.actor().to_string();
    let sources = Arc::clone(&app.sources);
    let tenants = over.tenants.clone();
    let name = name_of(&asked.title);
    let drafted = ask(&app, &tenants, move |events, budget| {
        let question = DraftQuestion {
            filter: &over.filter,
            written: &asked.q,
            title: &asked.title,
            id: &id,
            author: &author,
            date: &date,
            tenants: &over.tenants,
            chosen: &asked.events,
        };
        draft_rule(events, &sources, &question, budget)
    })
    .await?;
    let drafted = drafted.map_err(|refusal| Problem::field("q", refusal.to_string()))?;
    Ok(Json(DraftedBody {
        yaml: drafted.yaml,
        name,
        tests: drafted.tests,
        found: drafted.found,
        others: drafted.others,
    }))
}

/// Returns a random id in the form of a UUID of version 4 (RFC 9562).
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// Returns a name made of a title.
fn name_of(title: &str) -> String {
    let mut name = String::new();
    for character in title.chars().map(|character| character.to_ascii_lowercase()) {
        match character {
            'a'..='z' | '0'..='9' => name.push(character),
            _ if !name.ends_with('_') && !name.is_empty() => name.push('_'),
            _ => {}
        }
    }
    name.truncate(60);
    let name = name.trim_end_matches('_');
    if name.is_empty() { "new_rule".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids() {
        assert_eq!(name_of("Root signs in: from é afar!"), "root_signs_in_from_afar");
        assert_eq!(name_of("…"), "new_rule");
        assert_eq!(name_of(&"a".repeat(100)).len(), 60);
        assert_eq!(uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
