//! What AWS answers, and its files of profiles.

use vigie_aws::{Fault, Profiles, Service};

/// Reads an answer that says what is wrong; the first byte says whose.
pub fn aws_answer(bytes: &[u8]) {
    let Some((which, body)) = bytes.split_first() else { return };
    let Ok(body) = std::str::from_utf8(body) else { return };
    let service = Service::ALL[usize::from(*which) % Service::ALL.len()];
    let fault = Fault::read(service.protocol(), body);
    assert!(fault.message.chars().count() <= 1_001, "a message that is not cut");
    assert_eq!(fault, Fault::read(service.protocol(), body), "the same bytes mean the same");
}

/// Reads both kinds of files. What is refused says where, and repeats nothing of what may be a secret.
pub fn aws_profiles(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for read in [Profiles::parse_config, Profiles::parse_credentials] {
        match read(text) {
            Ok(profiles) => assert_eq!(read(text), Ok(profiles), "the same bytes mean the same"),
            Err(error) => assert!(error.to_string().len() < 120, "{error}"),
        }
    }
}
