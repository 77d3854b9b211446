//! Where an address is, from MaxMind DB files (MaxMind DB File Format Specification 2.0).

use std::fs::File;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use maxminddb::{MaxMindDbError, Reader, geoip2};
use serde::Serialize;

/// The largest database that is read, in bytes. It is held in memory.
pub const GEO_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// A database that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GeoError {
    /// The file cannot be read.
    #[error("read MaxMind database `{path}`")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It has more than [`GEO_BYTES_MAX`] bytes.
    #[error("MaxMind database `{name}` has more than {GEO_BYTES_MAX} bytes")]
    TooLarge {
        /// Which database.
        name: String,
    },
    /// It is cut off, damaged or no MaxMind database at all.
    #[error("MaxMind database `{name}` is broken: get the file again")]
    Broken {
        /// Which database.
        name: String,
        /// What is wrong with it.
        #[source]
        source: MaxMindDbError,
    },
    /// It holds something else than places or networks.
    #[error("MaxMind database `{name}` is of type `{kind}`: expected a City, Country, Enterprise, ASN or ISP database")]
    Unsupported {
        /// Which database.
        name: String,
        /// Its type, as its metadata says.
        kind: String,
    },
}

/// Where an address is and whose network it belongs to, as far as the databases know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct GeoContext {
    /// The country's ISO 3166-1 code.
    pub country: Option<String>,
    /// The country's English name.
    pub country_name: Option<String>,
    /// The city's English name.
    pub city: Option<String>,
    /// The autonomous system's number.
    pub asn: Option<u32>,
    /// Who runs the network.
    pub organisation: Option<String>,
}

impl GeoContext {
    /// Returns it as words for a person: `FR`, `Paris`, `AS64500 Example Net`.
    pub fn words(&self) -> Vec<String> {
        let country = self.country_name.clone().or_else(|| self.country.clone());
        let network = match (self.asn, &self.organisation) {
            (Some(asn), Some(organisation)) => Some(format!("AS{asn} {organisation}")),
            (Some(asn), None) => Some(format!("AS{asn}")),
            (None, organisation) => organisation.clone(),
        };
        [country, self.city.clone(), network].into_iter().flatten().collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Cities,
    Countries,
    Networks,
}

/// The databases that the operator brought; without any, nothing is known of an address.
#[derive(Debug, Default)]
pub struct Geo {
    databases: Vec<(Holds, Reader<Vec<u8>>)>,
}

impl Geo {
    /// Returns a view without databases.
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns a view of one database file of the types City, Country, Enterprise, ASN or ISP.
    pub fn open(path: &Path) -> Result<Self, GeoError> {
        Self::open_all([path])
    }

    /// Returns a view of several files. Of what more than one of them knows, the first one's word counts.
    pub fn open_all<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Self, GeoError> {
        let mut geo = Self::default();
        for path in paths {
            let path = path.as_ref();
            let fail = |source| GeoError::Read { path: path.to_owned(), source };
            let name = path.display().to_string();
            let file = File::open(path).map_err(fail)?;
            let mut bytes = Vec::new();
            file.take(GEO_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(fail)?;
            geo.add(&name, bytes)?;
        }
        Ok(geo)
    }

    /// Returns a view of one database in memory; `name` is for errors.
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Self, GeoError> {
        let mut geo = Self::default();
        geo.add(name, bytes)?;
        Ok(geo)
    }

    /// Returns what is known of an address, or `None` where no database knows anything.
    pub fn lookup(&self, ip: IpAddr) -> Option<GeoContext> {
        let mut context = GeoContext::default();
        for (holds, reader) in &self.databases {
            // A record that cannot be read counts as absent: the file was probed when it was opened.
            let found = read(*holds, reader, ip).ok().flatten().unwrap_or_default();
            context.country = context.country.or(found.country);
            context.country_name = context.country_name.or(found.country_name);
            context.city = context.city.or(found.city);
            context.asn = context.asn.or(found.asn);
            context.organisation = context.organisation.or(found.organisation);
        }
        (context != GeoContext::default()).then_some(context)
    }

    /// Returns whether there is no database.
    pub fn is_empty(&self) -> bool {
        self.databases.is_empty()
    }

    fn add(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), GeoError> {
        if bytes.len() as u64 > GEO_BYTES_MAX {
            return Err(GeoError::TooLarge { name: name.to_owned() });
        }
        let broken = |source| GeoError::Broken { name: name.to_owned(), source };
        let reader = Reader::from_source(bytes).map_err(broken)?;
        let kind = &reader.metadata().database_type;
        let words = [
            ("City", Holds::Cities),
            ("Enterprise", Holds::Cities),
            ("Country", Holds::Countries),
            ("ASN", Holds::Networks),
            ("ISP", Holds::Networks),
        ];
        let Some((_, holds)) = words.into_iter().find(|(word, _)| kind.contains(word)) else {
            return Err(GeoError::Unsupported { name: name.to_owned(), kind: kind.clone() });
        };
        for ip in probes(reader.metadata().ip_version) {
            read(holds, &reader, ip).map_err(broken)?;
        }
        self.databases.push((holds, reader));
        Ok(())
    }
}

/// Addresses all over the tree. Verifying a whole database takes seconds; a damaged one fails at some of these.
fn probes(ip_version: u16) -> impl Iterator<Item = IpAddr> {
    let four = (0..=u8::MAX).map(|byte| IpAddr::V4(Ipv4Addr::new(byte, byte ^ 0x5a, 1, 1)));
    let six =
        (0..=u16::from(u8::MAX)).map(|part| IpAddr::V6(Ipv6Addr::new(0x2000 + (part << 4), part, 0, 0, 0, 0, 0, 1)));
    four.chain(six.filter(move |_| ip_version == 6))
}

fn read(holds: Holds, reader: &Reader<Vec<u8>>, ip: IpAddr) -> Result<Option<GeoContext>, MaxMindDbError> {
    if ip.is_ipv6() && reader.metadata().ip_version == 4 {
        return Ok(None);
    }
    let record = reader.lookup(ip.to_canonical())?;
    let text = |text: Option<&str>| text.map(str::to_owned);
    Ok(match holds {
        Holds::Cities => record.decode::<geoip2::City<'_>>()?.map(|city| GeoContext {
            country: text(city.country.iso_code),
            country_name: text(city.country.names.english),
            city: text(city.city.names.english),
            ..GeoContext::default()
        }),
        Holds::Countries => record.decode::<geoip2::Country<'_>>()?.map(|country| GeoContext {
            country: text(country.country.iso_code),
            country_name: text(country.country.names.english),
            ..GeoContext::default()
        }),
        Holds::Networks => record.decode::<geoip2::Asn<'_>>()?.map(|asn| GeoContext {
            asn: asn.autonomous_system_number,
            organisation: text(asn.autonomous_system_organization),
            ..GeoContext::default()
        }),
    })
}
