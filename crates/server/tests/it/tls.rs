//! TLS from end to end: a certificate from the configuration, a client that trusts its issuer, and nothing in the clear.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::app::TestApp;

/// A server with a certificate for `localhost`, and that certificate.
fn tls_server() -> (TestApp, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
    std::fs::write(&certificate, cert.pem()).unwrap();
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    let app = TestApp::with(
        |config| {
            config.http.tls_certificate = Some(certificate);
            config.http.tls_key = Some(key);
        },
        Vec::new(),
    );
    (app, cert.pem())
}

fn agent(trusted: Option<&str>) -> Agent {
    let mut tls = TlsConfig::builder();
    if let Some(pem) = trusted {
        tls = tls.root_certs(RootCerts::new_with_certs(&[Certificate::from_pem(pem.as_bytes()).unwrap().to_owned()]));
    }
    Agent::config_builder().tls_config(tls.build()).http_status_as_error(false).build().new_agent()
}

#[test]
fn whoever_trusts_the_certificate_gets_in_and_nobody_else() {
    let (app, pem) = tls_server();
    let port = app.base.rsplit(':').next().unwrap().to_owned();
    let url = format!("https://localhost:{port}/healthz");
    let mut answer = agent(Some(&pem)).get(&url).call().unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("strict-transport-security"), "{:?}", answer.headers());
    assert!(!answer.body_mut().read_to_string().unwrap().is_empty());
    agent(None).get(&url).call().unwrap_err();
    // Plain HTTP on the same port gets no answer that is HTTP.
    agent(None).get(&format!("http://localhost:{port}/healthz")).call().unwrap_err();
}
