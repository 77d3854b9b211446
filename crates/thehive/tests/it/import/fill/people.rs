//! Organisations, people, fields and templates.

use vigie_model::{
    CaseTemplate, CustomField, DataType, FieldId, FieldType, Membership, PageTemplate, Profile, ProfileId, Role,
    Severity, Stamp, TemplateId, TemplateTask, Tenant, TenantId, TenantScope, Timestamp, Tlp, User, UserId,
};
use vigie_store::Tx;

use super::dice::{BEGIN, Dice};

fn stamp() -> Stamp {
    Stamp::new("root@acme.example", Timestamp::from_millis(BEGIN))
}

pub(super) async fn set_up(tx: &mut Tx, dice: &mut Dice, main: &TenantId, other: &TenantId) {
    let place = Tenant {
        id: other.clone(),
        name: "Süd & Söhne".into(),
        description: "a client".into(),
        links: Vec::new(),
        locked: false,
        stamp: stamp(),
    };
    tx.put(&place).await.unwrap();
    let permissions = ["manageTask", "manageCase/update", "manageAlert/update"].map(str::to_owned).into();
    let profile =
        Profile { id: ProfileId::from_bytes(dice.bytes()), name: "hunter".into(), permissions, stamp: stamp() };
    tx.put(&profile).await.unwrap();
    users(tx, dice, main, other).await;
    fields(tx, dice).await;
    templates(tx, dice, main).await;
}

async fn users(tx: &mut Tx, dice: &mut Dice, main: &TenantId, other: &TenantId) {
    let member = |tenant: &TenantId, profile: &str, default| Membership {
        tenant: tenant.clone(),
        profile: profile.into(),
        default,
    };
    for (name, memberships) in [
        ("ann@acme.example", vec![member(main, "hunter", true), member(other, "read-only", false)]),
        ("bob@acme.example", vec![member(other, "org-admin", true)]),
    ] {
        let places = memberships.iter().map(|membership| membership.tenant.clone()).collect();
        let user = User {
            id: UserId::from_bytes(dice.bytes()),
            name: name.into(),
            role: Role::Reader,
            tenants: TenantScope::Only(places),
            disabled: false,
            display: format!("Who is {name}"),
            email: Some("soc@acme.example".into()),
            memberships,
            stamp: stamp(),
        };
        tx.put(&user).await.unwrap();
    }
}

async fn fields(tx: &mut Tx, dice: &mut Dice) {
    for (name, kind) in [
        ("score", FieldType::Integer),
        ("when", FieldType::Date),
        ("ratio", FieldType::Float),
        ("unit", FieldType::String),
        ("page", FieldType::Url),
        ("sure", FieldType::Boolean),
    ] {
        let field = CustomField {
            id: FieldId::from_bytes(dice.bytes()),
            name: name.into(),
            display_name: format!("The {name}"),
            group: "all".into(),
            description: "what it is".into(),
            kind,
            mandatory: name == "score",
            options: Vec::new(),
            stamp: stamp(),
        };
        tx.put(&field).await.unwrap();
    }
    let badge = DataType { id: DataType::id_of("badge"), name: "badge".into(), is_attachment: false, stamp: stamp() };
    tx.put(&badge).await.unwrap();
}

async fn templates(tx: &mut Tx, dice: &mut Dice, main: &TenantId) {
    let page = PageTemplate {
        id: TemplateId::from_bytes(dice.bytes()),
        tenant: main.clone(),
        title: "Notes".into(),
        content: "# Notes".into(),
        category: "c".into(),
        position: 1,
        stamp: stamp(),
    };
    tx.put(&page).await.unwrap();
    let task = TemplateTask { title: "look".into(), group: "first".into(), mandatory: true, ..TemplateTask::default() };
    let template = CaseTemplate {
        id: TemplateId::from_bytes(dice.bytes()),
        tenant: main.clone(),
        name: "phishing".into(),
        display_name: "Phishing".into(),
        description: Some("mails".into()),
        title_prefix: Some("[P]".into()),
        severity: Some(Severity::High),
        tags: vec!["mail".into()],
        flag: true,
        tlp: Some(Tlp::Green),
        pap: None,
        summary: None,
        tasks: vec![task],
        fields: dice.fields(),
        pages: vec![page.id],
        stamp: stamp(),
    };
    tx.put(&template).await.unwrap();
}
