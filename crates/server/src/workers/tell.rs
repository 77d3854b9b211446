//! Telling people: a letter leaves by mail, webhook or chat, once, also where the receiver was away for a while.

use serde_json::{Value, json};
use vigie_actions::{MailAttachment, MailLetter};
use vigie_model::{NoticeChannel, ReportId, TenantScope};
use vigie_respond::{ExecuteError, Outcome};
use vigie_store::{Claimed, StoreError, back_off};

use super::outbox::chain;
use crate::app::App;
use crate::notices::Notice;
use crate::reports::{read_file, report_file_name};

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

/// Sends a report that was made, as it was made, and says in the outbox what came of it.
pub(super) async fn send_report(
    app: &App,
    claimed: &Claimed,
    report: ReportId,
    to: &[String],
) -> Result<(), StoreError> {
    let sent = match letter_of(app, report).await {
        Ok((subject, text, attachments)) => {
            let (key, subject, text) = (claimed.message.key.as_str(), subject.as_str(), text.as_str());
            let letter = MailLetter { key, to, subject, text, html: "", attachments: &attachments };
            match &app.messengers.mail {
                Some(mail) => mail.send_letter(&letter).await,
                None => Err(missing("send mail", "[smtp]")),
            }
        }
        Err(reason) => Err(ExecuteError::Unable { what: format!("send report {report}"), reason }),
    };
    settle(app, claimed, sent).await
}

async fn letter_of(app: &App, id: ReportId) -> Result<(String, String, Vec<MailAttachment>), String> {
    let report = app.store.report(&TenantScope::All, id).await.map_err(|error| chain(&error))?;
    let report = report.ok_or("it is not in the archive any more")?;
    let name = report_file_name(&report);
    let mut attachments = Vec::new();
    for (ending, media_type, sha256) in
        [("html", "text/html; charset=utf-8", &report.html_sha256), ("pdf", "application/pdf", &report.pdf_sha256)]
    {
        let bytes = read_file(app, sha256).await.map_err(|error| chain(&error))?;
        let (name, media_type) = (format!("{name}.{ending}"), media_type.to_owned());
        attachments.push(MailAttachment { name, media_type, bytes });
    }
    Ok((report.letter.subject, report.letter.text, attachments))
}

fn missing(what: &str, section: &str) -> ExecuteError {
    ExecuteError::Unable { what: what.to_owned(), reason: format!("the configuration has no `{section}`") }
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
    match &notice.channel {
        NoticeChannel::Email { to } => {
            let mail = app.messengers.mail.as_ref().ok_or_else(|| missing("send mail", "[smtp]"))?;
            let (subject, text, html) = (&letter.subject, &letter.text, &letter.html);
            mail.send_letter(&MailLetter { key, to, subject, text, html, attachments: &[] }).await
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
