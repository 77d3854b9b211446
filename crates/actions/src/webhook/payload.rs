//! What a webhook says.

use serde_json::{Value, json};
use vigie_model::Action;
use vigie_respond::{Briefing, ExecuteError};

use super::WebhookFormat;

/// How many entities the one-line text names.
const ENTITIES_SHOWN_MAX: usize = 5;

/// Returns the body of the request. It depends on the action alone, so a repeat is the same, byte for byte.
pub(super) fn build(action: &Action, format: WebhookFormat) -> Result<String, ExecuteError> {
    let about = match action.parameters.get("about") {
        None => None,
        Some(about) => Some(
            serde_json::from_value::<Briefing>(about.clone())
                .map_err(|error| ExecuteError::Parameter { name: "about".to_owned(), reason: error.to_string() })?,
        ),
    };
    let text = match action.parameters.get("text") {
        None => default_text(about.as_ref()),
        Some(Value::String(text)) => text.clone(),
        Some(_) => {
            return Err(ExecuteError::Parameter { name: "text".to_owned(), reason: "expected a text".to_owned() });
        }
    };
    Ok(match format {
        WebhookFormat::Generic => json!({
            "version": 1,
            "action": action.id,
            "tenant": action.tenant,
            "planned": action.created,
            "text": text,
            "about": about,
        }),
        WebhookFormat::Slack => json!({"text": escape(&text)}),
    }
    .to_string())
}

fn default_text(about: Option<&Briefing>) -> String {
    let Some(about) = about else { return "Message from Vigie".to_owned() };
    let entities: Vec<&str> =
        about.entities.iter().take(ENTITIES_SHOWN_MAX).map(|entity| entity.value.as_str()).collect();
    let case = about.case.as_ref().map_or_else(String::new, |case| format!(", case #{}", case.number));
    let severity = about.severity.as_str().to_uppercase();
    format!("[{severity}] {} ({}{case}): {}", about.title, about.tenant, entities.join(", "))
}

/// Slack reads `<…>` as links and as calls such as `<!channel>`; its manual asks to escape these three letters. What came
/// out of a log must not call anybody.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
