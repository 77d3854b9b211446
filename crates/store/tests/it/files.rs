//! Files: stored under what they hold, whole or not at all, and swept once nothing names them.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use vigie_model::{Actor, Attachment, AttachmentId, AttachmentOwner, Stamp};
use vigie_store::{Author, FileError, Files, Store, Swept, Uploaded};

use crate::samples::{at, store, tenant};

const HOUR: Duration = Duration::from_hours(1);
/// `printf abc | sha256sum`, `sha1sum`, `md5sum`: the test vectors of FIPS 180 and RFC 1321.
const ABC: [&str; 3] = [
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "a9993e364706816aba3e25717850c26c9cd0d89d",
    "900150983cd24fb0d6963f7d28e17f72",
];

async fn upload(files: &Files, chunks: &[&[u8]], bytes_max: u64) -> Result<Uploaded, FileError> {
    let mut upload = files.begin(bytes_max).await?;
    for chunk in chunks {
        upload.write(chunk).await?;
    }
    upload.finish().await
}

/// Returns the paths of all files below a folder.
fn inside(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            found.extend(inside(&path).into_iter().map(|inner| format!("{name}/{inner}")));
        } else {
            found.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    found.sort();
    found
}

async fn row(store: &Store, id: u8, sha256: &str) -> Attachment {
    let attachment = Attachment {
        id: AttachmentId::from_bytes([id; 16]),
        tenant: tenant("acme"),
        owner: AttachmentOwner::Tenant,
        name: "a.txt".into(),
        media_type: "text/plain".into(),
        bytes: 3,
        sha256: sha256.into(),
        sha1: String::new(),
        md5: String::new(),
        stamp: Stamp::new("ann", at(0)),
    };
    let mut tx = store.begin().await.unwrap();
    tx.put(&attachment).await.unwrap();
    tx.commit().await.unwrap();
    attachment
}

#[tokio::test]
async fn bytes_lie_once_under_their_digest() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::open(&folder.path().join("files"), 0).unwrap();
    for chunks in [&[b"abc".as_slice()][..], &[b"a", b"", b"bc"]] {
        let uploaded = upload(&files, chunks, 3).await.unwrap();
        assert_eq!((uploaded.bytes, [&*uploaded.sha256, &*uploaded.sha1, &*uploaded.md5]), (3, ABC));
        files.keep(uploaded).await.unwrap();
    }
    assert_eq!(inside(folder.path()), [format!("files/ba/{}", &ABC[0][2..])]);
    let read = files.read(ABC[0]).await.unwrap();
    assert_eq!(std::io::read_to_string(read).unwrap(), "abc");

    let long = vec![7_u8; 3_000_001];
    let whole = upload(&files, &[&long], u64::MAX).await.unwrap();
    let parts: Vec<&[u8]> = long.chunks(65_537).collect();
    let parts = upload(&files, &parts, 3_000_001).await.unwrap();
    assert_eq!((&whole.sha256, &whole.md5, whole.bytes), (&parts.sha256, &parts.md5, parts.bytes));
}

#[tokio::test]
async fn what_breaks_off_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::open(folder.path(), 0).unwrap();
    let long = vec![0; 1_000_000];
    for chunks in [&[b"abcd".as_slice()][..], &[b"abc", b"d"], &[&long]] {
        let error = upload(&files, chunks, 3).await.unwrap_err();
        assert!(matches!(error, FileError::TooLarge { bytes_max: 3 }), "{error}");
    }
    let mut broken = files.begin(10).await.unwrap();
    broken.write(b"abc").await.unwrap();
    assert_eq!(inside(folder.path()).len(), 1);
    drop(broken);
    drop(upload(&files, &[b"abc"], 3).await.unwrap());
    assert_eq!(inside(folder.path()), [""; 0]);
}

#[tokio::test]
async fn a_full_disk_is_said_to_be_full() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::open(folder.path(), u64::MAX).unwrap();
    let error = upload(&files, &[b"abc"], 3).await.unwrap_err();
    assert!(matches!(error, FileError::Full), "{error}");
    assert_eq!(inside(folder.path()), [""; 0]);
}

#[tokio::test]
async fn nothing_but_a_digest_names_a_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret"), "x").unwrap();
    let files = Files::open(&folder.path().join("files"), 0).unwrap();
    let long = "a".repeat(65);
    for name in ["", "../secret", "/etc/passwd", ABC[1], &ABC[0].to_uppercase(), &long, ABC[0]] {
        assert!(matches!(files.read(name).await, Err(FileError::Missing { .. })), "{name}");
    }
}

#[tokio::test]
async fn a_sweep_takes_what_nothing_names() {
    let folder = tempfile::tempdir().unwrap();
    let (files, store) = (Files::open(folder.path(), 0).unwrap(), store().await);
    let mut names = Vec::new();
    for text in ["used", "unused", "fresh"] {
        let uploaded = upload(&files, &[text.as_bytes()], 10).await.unwrap();
        names.push(uploaded.sha256.clone());
        files.keep(uploaded).await.unwrap();
    }
    fs::write(folder.path().join(".upload-broken"), "12345").unwrap();
    fs::write(folder.path().join("somebody's"), "not ours").unwrap();
    let used = row(&store, 1, &names[0]).await;
    let age = |path: &Path| {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - 2 * HOUR).unwrap();
    };
    for path in inside(folder.path()).iter().filter(|path| !path.ends_with(&names[2][2..])) {
        age(&folder.path().join(path));
    }

    assert_eq!(files.sweep(&store, HOUR).await.unwrap(), Swept { files: 2, bytes: 11 });
    assert!(files.read(&names[0]).await.is_ok() && files.read(&names[2]).await.is_ok());
    assert!(folder.path().join("somebody's").exists());
    assert_eq!(files.sweep(&store, HOUR).await.unwrap(), Swept::default());

    // Uploaded again, the file is fresh, whatever became of its row.
    let mut tx = store.begin().await.unwrap();
    let author = Author { actor: &Actor::User("ann".into()), now: at(1) };
    assert!(tx.remove(&used, author).await.unwrap());
    tx.commit().await.unwrap();
    let again = upload(&files, &[b"used"], 10).await.unwrap();
    files.keep(again).await.unwrap();
    assert_eq!(files.sweep(&store, HOUR).await.unwrap(), Swept::default());
    age(&folder.path().join(&names[0][..2]).join(&names[0][2..]));
    assert_eq!(files.sweep(&store, HOUR).await.unwrap(), Swept { files: 1, bytes: 4 });
    assert!(matches!(files.read(&names[0]).await, Err(FileError::Missing { .. })));
}
