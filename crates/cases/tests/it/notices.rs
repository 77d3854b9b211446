//! Who is told what, in which words.

use vigie_cases::{About, Letter, NoticeRuleError, Occasion, asks_for, check_notice_rule, letter};
use vigie_model::{Alert, NoticeChannel, NoticeRule, NoticeRuleId, NoticeTrigger, Severity, Stamp, Timestamp};

use crate::samples::{alert, at, tenant};

fn rule(trigger: NoticeTrigger, subject: &str, body: &str) -> NoticeRule {
    NoticeRule {
        id: NoticeRuleId::from_bytes([1; 16]),
        tenant: tenant("acme"),
        name: "on call".into(),
        enabled: true,
        trigger,
        severity_min: Severity::High,
        channel: NoticeChannel::Email { to: Vec::new() },
        subject: subject.into(),
        body: body.into(),
        stamp: Stamp::new("ann", at(0)),
    }
}

fn hostile() -> Alert {
    let title = "<script>x</script> {{tenant}}\r\nBcc: a@b".into();
    Alert { title, ..alert("a", Severity::Critical, "<ip:203.0.113.7", 0) }
}

fn told(rule: &NoticeRule, alert: &Alert, due: Option<Timestamp>) -> Letter {
    let link = Some("https://soc.example/alerts/1");
    let occasion =
        Occasion { trigger: rule.trigger, about: About::Alert(alert), tenant: "Acme & Co", by: "vigie", link, due };
    assert!(asks_for(rule, &occasion));
    letter(rule, &occasion)
}

#[test]
fn what_an_attacker_wrote_stays_text() {
    let usual = told(&rule(NoticeTrigger::AlertCreated, "", ""), &hostile(), None);
    assert!(!usual.subject.contains(['\r', '\n']), "{}", usual.subject);
    assert!(
        usual.subject.starts_with("[Acme & Co] critical alert: <script>x</script> {{tenant}}"),
        "{}",
        usual.subject
    );
    assert!(usual.text.contains("Title:") && usual.text.contains("https://soc.example/alerts/1"), "{}", usual.text);
    assert!(!usual.html.contains("<script>") && usual.html.contains("&lt;script&gt;"), "{}", usual.html);
    assert!(!usual.slack.contains('<'), "{}", usual.slack);

    let own =
        told(&rule(NoticeTrigger::AlertCreated, "{{ severity }}!", "<b>{{title}}</b>\n{{missing"), &hostile(), None);
    assert_eq!(own.subject, "critical!");
    assert!(own.text.starts_with("<b><script>x</script> {{tenant}}"), "{}", own.text);
    assert!(own.text.ends_with("{{missing"), "{}", own.text);
    assert!(own.html.contains("&lt;b&gt;&lt;script&gt;"), "{}", own.html);
}

#[test]
fn a_rule_asks_from_its_severity_on() {
    let check = |severity: Severity, enabled: bool, expected: bool| {
        let alert = alert("a", severity, "<ip:203.0.113.7", 0);
        let rule = NoticeRule { enabled, ..rule(NoticeTrigger::AlertCreated, "", "") };
        let about = About::Alert(&alert);
        let mut occasion = Occasion { trigger: rule.trigger, about, tenant: "acme", by: "", link: None, due: None };
        assert_eq!(asks_for(&rule, &occasion), expected, "{severity} {enabled}");
        occasion.trigger = NoticeTrigger::CaseCreated;
        assert!(!asks_for(&rule, &occasion));
    };
    check(Severity::Critical, true, true);
    check(Severity::High, true, true);
    check(Severity::Medium, true, false);
    check(Severity::Critical, false, false);
}

#[test]
fn a_template_names_what_is_known() {
    assert_eq!(check_notice_rule(&rule(NoticeTrigger::SlaNear, "{{title}} {{due}}", "{{by}}")), Ok(()));
    let error = check_notice_rule(&rule(NoticeTrigger::SlaNear, "{{titel}}", "")).unwrap_err();
    assert!(error.to_string().starts_with("`subject` names `{{titel}}`, which is not known: use one of"), "{error}");
    let long = rule(NoticeTrigger::SlaNear, "", &"x".repeat(20_001));
    assert_eq!(check_notice_rule(&long), Err(NoticeRuleError::TooLong("body")));
    let nameless = NoticeRule { name: " ".into(), ..rule(NoticeTrigger::SlaNear, "", "") };
    assert_eq!(check_notice_rule(&nameless), Err(NoticeRuleError::NoName));
}
