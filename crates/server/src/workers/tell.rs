//! Telling people: a letter leaves by mail, webhook or chat, once, also where the receiver was away for a while.

use serde_json::{Value, json};
use vigie_actions::MailLetter;
use vigie_model::NoticeChannel;
use vigie_respond::{ExecuteError, Outcome};
use vigie_store::{Claimed, StoreError, back_off};

use super::outbox::chain;
use crate::app::App;
use crate::notices::Notice;

/// How often a letter is tried: with the waits doubling to an hour, for about a day and a half.
const ATTEMPTS_MAX: u32 = 40;

/// Sends the letter of a message and says in the outbox what came of it.
pub(super) async fn tell(app: &App, claimed: &Claimed, notice: &Notice) -> Result<(), StoreError> {
    let sent = send(app, &claimed.message.key, notice).await;
    settle(app, claimed, sent).await
}

/// Sends an alert on and says in the outbox what came of it.
pub(super) async fn forward(app: &App, claimed: &Claimed, to: &str, alert: &Value) -> Result<(), StoreError> {
    let sent = match &app.messengers.forwards {
        Some(forwards) => forwards.create_alert(to, alert.to_string()).await,
        None => Err(ExecuteError::Unable {
            what: format!("send an alert to `{to}`"),
            reason: "the configuration has no `[[forward]]`".to_owned(),
        }),
    };
    settle(app, claimed, sent).await
}

async fn settle(app: &App, claimed: &Claimed, sent: Result<Outcome, ExecuteError>) -> Result<(), StoreError> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    match sent {
        Ok(outcome) => {
            tracing::debug!(outbox.key = claimed.message.key, "told somebody: {}", outcome.note);
            tx.complete(claimed, now).await?;
        }
        Err(error) if may_come_right(&error) && claimed.attempts < ATTEMPTS_MAX => {
            tx.retry(claimed, &chain(&error), now.plus(back_off(claimed.attempts))).await?;
        }
        Err(error) => {
            let error = chain(&error);
            tracing::warn!(outbox.key = claimed.message.key, error, "nobody could be told");
            tx.give_up(claimed, &error, now).await?;
        }
    }
    tx.commit().await
}

const fn may_come_right(error: &ExecuteError) -> bool {
    matches!(error, ExecuteError::Unavailable { .. })
}

async fn send(app: &App, key: &str, notice: &Notice) -> Result<Outcome, ExecuteError> {
    let letter = &notice.letter;
    let missing = |what: &str, section: &str| ExecuteError::Unable {
        what: what.to_owned(),
        reason: format!("the configuration has no `{section}`"),
    };
    match &notice.channel {
        NoticeChannel::Email { to } => {
            let mail = app.messengers.mail.as_ref().ok_or_else(|| missing("send mail", "[smtp]"))?;
            let (subject, text, html) = (&letter.subject, &letter.text, &letter.html);
            mail.send_letter(&MailLetter { key, to, subject, text, html }).await
        }
        NoticeChannel::Webhook { name } => {
            let body = json!({
                "version": 1,
                "trigger": notice.trigger,
                "tenant": notice.tenant,
                "subject": letter.subject,
                "text": letter.text,
                "object": notice.object,
            });
            let hooks = app.messengers.hooks.as_ref().ok_or_else(|| missing("post to a webhook", "[[webhook]]"))?;
            hooks.post_json(name, key, body.to_string()).await
        }
        NoticeChannel::Slack { name } => {
            let body = json!({"text": letter.slack});
            let hooks = app.messengers.hooks.as_ref().ok_or_else(|| missing("post to a webhook", "[[webhook]]"))?;
            hooks.post_json(name, key, body.to_string()).await
        }
    }
}
