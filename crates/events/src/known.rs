//! Which ids a partition may hold already, in two bytes for each.

/// Which ids a partition may hold already: a Bloom filter that grows by layers, each twice as big as the one before.
///
/// A look-up in the index for every event appended would cost more than indexing it, for it asks every segment; this answers
/// "surely not" for all but some of 10,000 new ids in some nanoseconds. Ten million ids take 20 to 40 MB. Ids are hashes, so their own bits choose the places.
#[derive(Debug, Default)]
pub(crate) struct Known {
    layers: Vec<Layer>,
}

#[derive(Debug)]
struct Layer {
    bits: Vec<u64>,
    room: usize,
}

const FIRST_LAYER_IDS: usize = 4_096;
const BITS_EACH: usize = 16;
/// The best number of places for sixteen bits each.
const PLACES: u64 = 11;

impl Known {
    /// Notes an id by its first 8 bytes.
    pub(crate) fn insert(&mut self, tie: u64) {
        if self.layers.last().is_none_or(|layer| layer.room == 0) {
            let ids = FIRST_LAYER_IDS << self.layers.len();
            self.layers.push(Layer { bits: vec![0; (ids * BITS_EACH).div_ceil(64)], room: ids });
        }
        let Some(layer) = self.layers.last_mut() else { return };
        layer.room -= 1;
        for place in places(tie, layer.bits.len()) {
            layer.bits[place / 64] |= 1 << (place % 64);
        }
    }

    /// Returns false where the id was surely not noted.
    pub(crate) fn may_hold(&self, tie: u64) -> bool {
        self.layers
            .iter()
            .any(|layer| places(tie, layer.bits.len()).all(|place| layer.bits[place / 64] & (1 << (place % 64)) != 0))
    }
}

/// Two halves of a mixed id, added up over and over (Kirsch and Mitzenmacher, 2006). The mixing is for ids that are no
/// hashes, as in tests.
fn places(tie: u64, words: usize) -> impl Iterator<Item = usize> {
    let mixed = (tie ^ (tie >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let (first, step) = (mixed ^ (mixed >> 29), mixed.rotate_left(32) | 1);
    let size = words as u64 * 64;
    (0..PLACES).map(move |round| (first.wrapping_add(step.wrapping_mul(round)) % size) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_forgets_nothing_and_seldom_errs() {
        let id = |number: u64| (number + 1).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        let mut known = Known::default();
        assert!(!known.may_hold(id(0)));
        for number in 0..100_000 {
            known.insert(id(number));
        }
        assert!((0..100_000).all(|number| known.may_hold(id(number))));
        let wrong = (100_000..200_000).filter(|number| known.may_hold(id(*number))).count();
        assert!(wrong < 500, "{wrong} of 100,000");
    }
}
