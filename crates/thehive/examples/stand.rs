//! TheHive's door alone, on a port of this machine, for the suites of its clients: `cargo run --example stand -- 9000`.
//! The administrator is `admin@thehive.local` with the password `secret`: never let anybody else reach it.

#![expect(clippy::unwrap_used, reason = "an example, and it shares the house of the tests")]

#[path = "../tests/it/house.rs"]
mod house;

#[tokio::main]
async fn main() {
    let port: u16 = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(9000);
    let folder = tempfile::tempdir().unwrap();
    let (door, _house) = house::stand(folder.path()).await;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    axum::serve(listener, vigie_thehive::router(&door)).await.unwrap();
}
