//! Files of cases, logs and observables.

use vigie_model::{
    Attachment, AttachmentId, AttachmentOwner, Case, EntityRole, Observable, ObservableKind, Pap, Parent, Stamp, Task,
    TaskId, TaskLog, TaskLogId, TaskStatus, Tlp,
};
use vigie_store::{Files, Tx};

use super::dice::{Dice, later};

/// Bytes that are in the folder of files, and what they are.
pub(super) struct Bytes {
    sha256: String,
    sha1: String,
    md5: String,
    length: u64,
}

pub(super) async fn bytes(files: &Files, number: usize) -> Bytes {
    let mut upload = files.begin(1_000_000).await.unwrap();
    upload.write(format!("file {number}").as_bytes()).await.unwrap();
    let uploaded = upload.finish().await.unwrap();
    let bytes = Bytes {
        sha256: uploaded.sha256.clone(),
        sha1: uploaded.sha1.clone(),
        md5: uploaded.md5.clone(),
        length: uploaded.bytes,
    };
    files.keep(uploaded).await.unwrap();
    bytes
}

pub(super) fn attachment(
    dice: &mut Dice,
    case: &Case,
    stored: &Bytes,
    owner: AttachmentOwner,
    name: &str,
) -> Attachment {
    Attachment {
        id: AttachmentId::from_bytes(dice.bytes()),
        tenant: case.tenant.clone(),
        owner,
        name: name.into(),
        media_type: "text/plain".into(),
        bytes: stored.length,
        sha256: stored.sha256.clone(),
        sha1: stored.sha1.clone(),
        md5: stored.md5.clone(),
        stamp: Stamp::new("ann@acme.example", later(case.created, 1)),
    }
}

pub(super) async fn with_files(tx: &mut Tx, dice: &mut Dice, case: &Case, stored: &Bytes) {
    tx.put(&attachment(dice, case, stored, AttachmentOwner::Case(case.id), "notes.txt")).await.unwrap();
    let stamp = dice.stamp(case.created);
    let task = Task {
        id: TaskId::from_bytes(dice.bytes()),
        tenant: case.tenant.clone(),
        case: case.id,
        title: "collect".into(),
        description: String::new(),
        status: TaskStatus::Waiting,
        assignee: None,
        group: "default".into(),
        position: 9,
        mandatory: false,
        flag: false,
        due: None,
        started: None,
        ended: None,
        asked_of: Vec::new(),
        stamp: stamp.clone(),
    };
    tx.put(&task).await.unwrap();
    let log = TaskLog {
        id: TaskLogId::from_bytes(dice.bytes()),
        tenant: case.tenant.clone(),
        case: case.id,
        task: task.id,
        text: "see the file".into(),
        date: case.created,
        on_timeline: None,
        stamp,
    };
    tx.put(&log).await.unwrap();
    tx.put(&attachment(dice, case, stored, AttachmentOwner::Log(log.id), "log.txt")).await.unwrap();
    observable(tx, dice, case, stored).await;
}

pub(super) async fn observable(tx: &mut Tx, dice: &mut Dice, case: &Case, stored: &Bytes) {
    let on = Parent::Case(case.id);
    let id = Observable::id_of(on, "file", &format!("{} evil.bin", stored.sha256));
    let file = attachment(dice, case, stored, AttachmentOwner::Observable(id), "evil.bin");
    let observable = Observable {
        id,
        tenant: case.tenant.clone(),
        on,
        kind: ObservableKind::File,
        data_type: None,
        value: "evil.bin".into(),
        attachment: Some(file.id),
        role: EntityRole::Related,
        ioc: true,
        warning: None,
        context: Vec::new(),
        tlp: Tlp::Amber,
        pap: Pap::Amber,
        tags: Vec::new(),
        message: None,
        sighted: None,
        unlike: false,
        first_seen: case.created,
        last_seen: case.created,
        stamp: Some(dice.stamp(case.created)),
    };
    tx.put(&observable).await.unwrap();
    tx.put(&file).await.unwrap();
}
