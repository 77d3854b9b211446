//! The made-up company that the demo attacks: who works there, what runs there, and who comes to steal.
//!
//! Everything follows from one seed. Addresses are from the documentation ranges (RFC 5737), accounts and keys are AWS's own
//! example values or shaped like them, so nothing here can belong to anybody.

use std::net::Ipv4Addr;

use fastrand::Rng;
use vigie_model::Timestamp;

/// Facts that the whole scenario shares.
#[derive(Debug, Clone)]
pub struct World {
    /// When the story ends: the present.
    pub now: Timestamp,
    /// The attacker's address.
    pub attacker: Ipv4Addr,
    /// Somebody else who knocks at the doors, at the same time but with nothing to do with the story.
    pub bystander: Ipv4Addr,
    /// Host names, the web server first: it is the one that falls.
    pub hosts: Vec<&'static str>,
    /// The web server's private address.
    pub web_ip: Ipv4Addr,
    /// People with accounts.
    pub people: Vec<&'static str>,
    /// Whose password is guessed.
    pub victim: &'static str,
    /// The account that the attacker adds.
    pub backdoor_user: &'static str,
    /// The AWS account.
    pub account: &'static str,
    /// The region.
    pub region: &'static str,
    /// The IAM user whose key lay on the web server.
    pub cloud_user: &'static str,
    /// That key.
    pub stolen_key: String,
    /// The web server's instance id.
    pub instance: String,
    /// The bucket that is emptied.
    pub bucket: &'static str,
    /// Where the office comes from.
    pub office: Ipv4Addr,
}

impl World {
    /// Returns the world of a seed, as it stands at `now`.
    pub fn new(seed: u64, now: Timestamp) -> (Self, Rng) {
        let mut rng = Rng::with_seed(seed);
        let attacker = Ipv4Addr::new(203, 0, 113, rng.u8(10..120));
        let bystander = Ipv4Addr::new(198, 51, 100, rng.u8(130..250));
        let people =
            pick_some(&mut rng, &["alice", "bruno", "chloe", "david", "emma", "farid", "gaelle", "hugo", "ines"], 6);
        let victim = one_of(&mut rng, &["deploy", "jenkins", "ubuntu", "webadmin"]);
        let world = Self {
            now,
            attacker,
            bystander,
            hosts: vec!["web-01", "web-02", "db-01", "bastion-01"],
            web_ip: Ipv4Addr::new(10, 20, rng.u8(1..20), rng.u8(10..200)),
            people,
            victim,
            backdoor_user: one_of(&mut rng, &["svc-backup", "sysupd", "ntpd-sync", "logrotate2"]),
            account: "111122223333",
            region: one_of(&mut rng, &["eu-west-3", "eu-west-1", "us-east-1"]),
            cloud_user: one_of(&mut rng, &["ci-deployer", "backup-writer", "app-publisher"]),
            stolen_key: format!("AKIA{}EXAMPLE", letters(&mut rng, 9)),
            instance: format!("i-{:017x}", rng.u64(..) & 0xf_ffff_ffff_ffff),
            bucket: one_of(&mut rng, &["acme-customer-exports", "acme-billing-archive", "acme-hr-documents"]),
            office: Ipv4Addr::new(192, 0, 2, rng.u8(10..60)),
        };
        (world, rng)
    }
}

/// Returns one of the words.
pub(super) fn one_of(rng: &mut Rng, words: &[&'static str]) -> &'static str {
    words[rng.usize(..words.len())]
}

fn pick_some(rng: &mut Rng, words: &[&'static str], count: usize) -> Vec<&'static str> {
    let mut words = words.to_vec();
    rng.shuffle(&mut words);
    words.truncate(count);
    words
}

fn letters(rng: &mut Rng, count: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    (0..count).map(|_| char::from(ALPHABET[rng.usize(..ALPHABET.len())])).collect()
}
