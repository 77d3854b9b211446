//! What alerts and cases have in common.

use vigie_model::{
    Comment, CommentId, EntityRole, Observable, ObservableKind, Pap, Parent, Procedure, ProcedureId, TenantId,
    Timestamp, Tlp,
};
use vigie_store::Tx;

use super::dice::{Dice, later};

pub(super) async fn on_parent(tx: &mut Tx, dice: &mut Dice, on: Parent, tenant: &TenantId, created: Timestamp) {
    for number in 0..dice.below(4) {
        let (kind, data_type, value) = match dice.below(4) {
            0 => (ObservableKind::Ip, None, format!("198.51.{}.{number}", dice.below(250))),
            1 => (ObservableKind::Domain, None, format!("d{}.n{number}.example", dice.below(300))),
            2 => (ObservableKind::Host, None, format!("web-{number}-{}", dice.below(30))),
            _ => (ObservableKind::Other, Some("badge".to_owned()), format!("{number} {}", dice.words())),
        };
        let word = data_type.clone().unwrap_or_else(|| kind.as_str().to_owned());
        let observable = Observable {
            id: Observable::id_of(on, &word, &value),
            tenant: tenant.clone(),
            on,
            kind,
            data_type,
            value,
            attachment: None,
            role: EntityRole::Related,
            ioc: dice.chance(20),
            warning: None,
            context: Vec::new(),
            tlp: dice.one(&[Tlp::Clear, Tlp::Red]),
            pap: Pap::Amber,
            tags: dice.tags(),
            message: dice.maybe(30, Dice::words),
            sighted: dice.maybe(20, |_| later(created, 7)),
            unlike: dice.chance(10),
            first_seen: created,
            last_seen: created,
            stamp: Some(dice.stamp(created)),
        };
        tx.put(&observable).await.unwrap();
    }
    if dice.chance(25) {
        let stamp = dice.stamp(created);
        let comment = Comment {
            id: CommentId::from_bytes(dice.bytes()),
            tenant: tenant.clone(),
            on,
            author: stamp.created_by,
            text: dice.words(),
            created: stamp.created,
            edited: stamp.updated,
            edited_by: stamp.updated_by,
        };
        tx.put(&comment).await.unwrap();
    }
    if dice.chance(20) {
        let procedure = Procedure {
            id: ProcedureId::from_bytes(dice.bytes()),
            tenant: tenant.clone(),
            on,
            technique: dice.one(&["T1059.006", "T1486"]).into(),
            tactic: dice.maybe(50, |_| "impact".into()),
            occurred: created,
            description: dice.maybe(50, Dice::words),
            stamp: dice.stamp(created),
        };
        tx.put(&procedure).await.unwrap();
    }
}
