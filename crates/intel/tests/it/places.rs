//! Places of addresses.

use vigie_intel::{Geo, GeoContext, GeoError};

use crate::mmdb::{Value, write};

fn names(name: &'static str) -> Value {
    Value::Map(vec![("names", Value::Map(vec![("en", Value::Text(name))]))])
}

fn country(code: &'static str, name: &'static str) -> Value {
    let Value::Map(mut fields) = names(name) else { unreachable!("names is a map") };
    fields.insert(0, ("iso_code", Value::Text(code)));
    Value::Map(fields)
}

fn city() -> Vec<u8> {
    let paris = Value::Map(vec![("city", names("Paris")), ("country", country("FR", "France"))]);
    let somewhere = Value::Map(vec![("country", country("NL", "Netherlands"))]);
    write("GeoLite2-City", &[("203.0.113.0/24", paris), ("2001:db8::/32", somewhere)])
}

fn asn() -> Vec<u8> {
    let network = Value::Map(vec![
        ("autonomous_system_number", Value::U32(64_500)),
        ("autonomous_system_organization", Value::Text("Example Hosting of a rather long name, Ltd")),
    ]);
    write("GeoLite2-ASN", &[("203.0.113.128/25", network)])
}

#[track_caller]
fn check(geo: &Geo, ip: &str, expected: Option<&[&str]>) {
    let found = geo.lookup(ip.parse().unwrap()).map(|found| found.words());
    assert_eq!(
        found.as_deref().map(|words| words.iter().map(String::as_str).collect()),
        expected.map(<[&str]>::to_vec),
        "{ip}"
    );
}

#[test]
fn several_databases_answer_as_one() {
    let folder = std::env::temp_dir().join(format!("vigie-geo-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let paths = [folder.join("city.mmdb"), folder.join("asn.mmdb")];
    std::fs::write(&paths[0], city()).unwrap();
    std::fs::write(&paths[1], asn()).unwrap();
    let geo = Geo::open_all(&paths).unwrap();
    let one = Geo::open(&paths[0]).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    check(&geo, "203.0.113.1", Some(&["France", "Paris"]));
    check(&geo, "203.0.113.200", Some(&["France", "Paris", "AS64500 Example Hosting of a rather long name, Ltd"]));
    check(&geo, "::ffff:203.0.113.1", Some(&["France", "Paris"]));
    check(&geo, "2001:db8::1", Some(&["Netherlands"]));
    check(&geo, "198.51.100.1", None);
    check(&one, "203.0.113.200", Some(&["France", "Paris"]));
    check(&Geo::none(), "203.0.113.1", None);
    assert!(Geo::none().is_empty() && !geo.is_empty());
}

#[test]
fn a_country_database() {
    let bytes = write("GeoIP2-Country", &[("203.0.113.0/24", Value::Map(vec![("country", country("FR", "France"))]))]);
    let geo = Geo::from_bytes("country", bytes).unwrap();
    let expected =
        GeoContext { country: Some("FR".to_owned()), country_name: Some("France".to_owned()), ..GeoContext::default() };
    assert_eq!(geo.lookup("203.0.113.9".parse().unwrap()), Some(expected));
}

#[test]
fn broken_files_are_clear_errors() {
    let missing = Geo::open(std::path::Path::new("/does/not/exist.mmdb")).unwrap_err();
    assert_eq!(missing.to_string(), "read MaxMind database `/does/not/exist.mmdb`");
    for bytes in [Vec::new(), b"not a database".to_vec(), city()[..100].to_vec()] {
        let error = Geo::from_bytes("x.mmdb", bytes).unwrap_err();
        assert_eq!(error.to_string(), "MaxMind database `x.mmdb` is broken: get the file again");
    }
    let other = write("GeoIP2-Anonymous-IP", &[("203.0.113.0/24", Value::Map(vec![]))]);
    assert!(
        matches!(Geo::from_bytes("x", other), Err(GeoError::Unsupported { kind, .. }) if kind == "GeoIP2-Anonymous-IP")
    );
}

proptest::proptest! {
    #[test]
    fn a_damaged_database_never_panics(at in 0_usize..2_000, byte in proptest::prelude::any::<u8>()) {
        let mut bytes = city();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(geo) = Geo::from_bytes("x", bytes) {
            for ip in ["203.0.113.1", "2001:db8::1", "198.51.100.1"] {
                geo.lookup(ip.parse().unwrap());
            }
        }
    }
}
