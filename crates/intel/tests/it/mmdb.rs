//! A writer of tiny MaxMind databases (MaxMind DB File Format Specification 2.0), for tests only.

use std::net::IpAddr;

/// A value of the data section.
#[derive(Clone)]
pub(crate) enum Value {
    Text(&'static str),
    U16(u16),
    U32(u32),
    U64(u64),
    Map(Vec<(&'static str, Value)>),
    List(Vec<Value>),
}

/// Returns the bytes of a database of this type that maps these networks of IPv6 (IPv4 as `::/96`) to values.
pub(crate) fn write(kind: &'static str, networks: &[(&str, Value)]) -> Vec<u8> {
    let mut data = Vec::new();
    // A node is two records; `Empty` until it points to a node or to data.
    let mut nodes: Vec<[Record; 2]> = vec![[Record::Empty; 2]];
    for (network, value) in networks {
        let offset = data.len();
        encode(value, &mut data);
        let (bits, length) = bits(network);
        let mut node = 0;
        for depth in 0..length - 1 {
            let side = usize::from(bits >> (127 - depth) & 1 == 1);
            node = match nodes[node][side] {
                Record::Node(next) => next,
                Record::Empty | Record::Data(_) => {
                    nodes.push([Record::Empty; 2]);
                    let next = nodes.len() - 1;
                    nodes[node][side] = Record::Node(next);
                    next
                }
            };
        }
        nodes[node][usize::from(bits >> (128 - length) & 1 == 1)] = Record::Data(offset);
    }
    let count = nodes.len();
    let mut bytes = Vec::new();
    for record in nodes.iter().flatten() {
        let number = match record {
            Record::Empty => count,
            Record::Node(node) => *node,
            Record::Data(offset) => count + 16 + offset,
        };
        bytes.extend(&u32::try_from(number).unwrap().to_be_bytes()[1..]);
    }
    bytes.extend([0; 16]);
    bytes.extend(data);
    bytes.extend(b"\xab\xcd\xefMaxMind.com");
    let metadata = Value::Map(vec![
        ("binary_format_major_version", Value::U16(2)),
        ("binary_format_minor_version", Value::U16(0)),
        ("build_epoch", Value::U64(1_795_305_600)),
        ("database_type", Value::Text(kind)),
        ("description", Value::Map(vec![("en", Value::Text("a test database"))])),
        ("ip_version", Value::U16(6)),
        ("languages", Value::List(vec![Value::Text("en")])),
        ("node_count", Value::U32(u32::try_from(count).unwrap())),
        ("record_size", Value::U16(24)),
    ]);
    encode(&metadata, &mut bytes);
    bytes
}

#[derive(Clone, Copy)]
enum Record {
    Empty,
    Node(usize),
    Data(usize),
}

fn bits(network: &str) -> (u128, u32) {
    let (address, length) = network.split_once('/').unwrap();
    let length: u32 = length.parse().unwrap();
    match address.parse().unwrap() {
        IpAddr::V4(ip) => (u128::from(u32::from(ip)), length + 96),
        IpAddr::V6(ip) => (u128::from(ip), length),
    }
}

fn encode(value: &Value, out: &mut Vec<u8>) {
    let number = |kind: u8, bytes: &[u8], out: &mut Vec<u8>| {
        let bytes: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
        control(kind, bytes.len(), out);
        out.extend(bytes);
    };
    match value {
        Value::Text(text) => {
            control(2, text.len(), out);
            out.extend(text.as_bytes());
        }
        Value::U16(value) => number(5, &value.to_be_bytes(), out),
        Value::U32(value) => number(6, &value.to_be_bytes(), out),
        Value::U64(value) => number(9, &value.to_be_bytes(), out),
        Value::Map(fields) => {
            control(7, fields.len(), out);
            for (name, value) in fields {
                encode(&Value::Text(name), out);
                encode(value, out);
            }
        }
        Value::List(items) => {
            control(11, items.len(), out);
            for item in items {
                encode(item, out);
            }
        }
    }
}

/// Kinds above 7 are written in a byte of their own, sizes above 28 too.
fn control(kind: u8, size: usize, out: &mut Vec<u8>) {
    let size_bits = u8::try_from(size.min(29)).unwrap();
    out.push(if kind <= 7 { kind << 5 | size_bits } else { size_bits });
    if kind > 7 {
        out.push(kind - 7);
    }
    if size >= 29 {
        out.push(u8::try_from(size - 29).unwrap());
    }
}
