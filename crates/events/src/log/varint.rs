//! Numbers and texts in as few bytes as they need.
//!
//! A varint is LEB128: seven bits a byte, the lowest first, the top bit set on all bytes but the last. A delta is the
//! difference to the number before, wrapping, in zigzag (0, -1, 1, -2, …), as a varint. Bytes are led by their count.

use bytes::Bytes;

/// A varint of 64 bits has at most so many bytes.
const VARINT_BYTES_MAX: usize = 10;

pub(super) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(super) fn put_delta(out: &mut Vec<u8>, before: u64, number: u64) {
    let delta = number.wrapping_sub(before) as i64;
    put_varint(out, (delta.wrapping_shl(1) ^ (delta >> 63)) as u64);
}

pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A body being read. Whatever it holds, reading never goes past its end.
pub(super) struct Input<'a> {
    body: &'a Bytes,
    at: usize,
}

impl<'a> Input<'a> {
    pub(super) fn new(body: &'a Bytes) -> Self {
        Self { body, at: 0 }
    }

    /// Returns the next byte, or `None` at the end.
    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.body.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// Returns the next bytes, so many, or `None` where there are fewer.
    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = *self.body.get(self.at..)?.first_chunk::<N>()?;
        self.at += N;
        Some(bytes)
    }

    pub(super) fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for index in 0..VARINT_BYTES_MAX {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            let shift = 7 * index as u32;
            if bits.leading_zeros() < shift {
                return None;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// Returns the number that follows `before`.
    pub(super) fn delta(&mut self, before: u64) -> Option<u64> {
        let zigzag = self.varint()?;
        let delta = (zigzag >> 1) ^ (zigzag & 1).wrapping_neg();
        Some(before.wrapping_add(delta))
    }

    /// Returns the next counted bytes, as a part of the body.
    pub(super) fn bytes(&mut self) -> Option<Bytes> {
        let length = usize::try_from(self.varint()?).ok()?;
        let end = self.at.checked_add(length).filter(|end| *end <= self.body.len())?;
        let bytes = self.body.slice(self.at..end);
        self.at = end;
        Some(bytes)
    }

    /// Returns the next counted bytes as text, or `None` where they are none.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.varint()?).ok()?;
        let end = self.at.checked_add(length)?;
        let text = std::str::from_utf8(self.body.get(self.at..end)?).ok()?;
        self.at = end;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let numbers = [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, u64::from(u32::MAX), u64::MAX - 1, u64::MAX];
        for before in numbers {
            for number in numbers {
                let mut out = Vec::new();
                put_varint(&mut out, number);
                put_delta(&mut out, before, number);
                let body = Bytes::from(out);
                let mut input = Input::new(&body);
                assert_eq!(input.varint(), Some(number));
                assert_eq!(input.delta(before), Some(number));
                assert_eq!(input.byte(), None);
            }
        }
    }

    #[test]
    fn what_is_no_varint_is_refused() {
        for bad in [&[][..], &[0x80], &[0xff; 10], &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02]] {
            assert_eq!(Input::new(&Bytes::from_static(bad)).varint(), None, "{bad:?}");
        }
        assert_eq!(Input::new(&Bytes::from_static(&[5, b'a'])).bytes(), None);
        assert_eq!(Input::new(&Bytes::from_static(&[1, 0xff])).text(), None);
    }
}
