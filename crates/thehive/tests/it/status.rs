//! What clients ask first.

use crate::house::stand;

#[tokio::test]
async fn a_door_opens() {
    let folder = tempfile::tempdir().unwrap();
    let (door, house) = stand(folder.path()).await;
    let _router = vigie_thehive::router(&door);
    assert!(house.changes.lock().unwrap().is_empty());
    assert!(vigie_thehive::route_table().len() > 2);
}
