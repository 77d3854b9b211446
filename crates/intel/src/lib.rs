//! What is known about values: indicators, warning lists, and where an address is.
//!
//! Indicators come in as lists, as CSV ([`parse_csv`]) or as MISP events ([`parse_misp_event`]). Each value is brought
//! into the canonical form of its kind ([`canonical`]), because the stream is matched by equality: `hxxp://EVIL[.]example`
//! in a list and `http://evil.example/` in a log must meet. A line that cannot be read is reported and the others are
//! kept.
//!
//! A [`Matcher`] holds the indicators of all tenants and turns events that name one of them into findings, one for each
//! event, list and value. It only looks at an event's entities, which the sources have filled already, so an event
//! costs a few hash look-ups.
//!
//! A [`WarningList`] holds what must never be called malicious: private addresses, public resolvers, well-known
//! services. Feeds contain such values every week; matching them buries the analysts.
//!
//! [`Geo`] says where an address is, from MaxMind DB files that the operator brings.

mod csv_list;
mod geo;
mod kind;
mod matcher;
mod misp_event;
mod misp_type;
mod networks;
mod parsed;
mod value;
mod warning;
mod well_known;

pub use csv_list::{CONFIDENCE_DEFAULT, CSV_BYTES_MAX, RECORD_BYTES_MAX, parse_csv};
pub use geo::{GEO_BYTES_MAX, Geo, GeoContext, GeoError};
pub use kind::guess_kind;
pub use matcher::{Matcher, Muted};
pub use misp_event::{MISP_BYTES_MAX, ParseMispError, parse_misp_event};
pub use parsed::{FAILED_MAX, LineError, Parsed};
pub use value::{VALUE_BYTES_MAX, ValueError, canonical, refang};
pub use warning::WarningList;
