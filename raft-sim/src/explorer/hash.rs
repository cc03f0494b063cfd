//! Hashes that are the same on every machine, and tables keyed by numbers.

use std::hash::Hasher;

/// Scrambles a word: every bit of the result depends on every bit of the input (the finaliser of SplitMix64). Only 64-bit
/// multiplications, so it is as quick in wasm as anywhere.
pub(super) const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// A hash of 64 good bits, the same on every machine. Slower than [`crate::PortableHasher`], and better: fingerprints of
/// states are sums of such hashes, and nothing else tells states apart.
#[derive(Default)]
pub(super) struct Fingerprinter(u64);

impl Fingerprinter {
    pub(super) fn of(value: &impl std::hash::Hash) -> u64 {
        let mut hasher = Self::default();
        value.hash(&mut hasher);
        hasher.finish()
    }
}

impl Hasher for Fingerprinter {
    fn finish(&self) -> u64 {
        mix(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
        self.write_u64(bytes.len() as u64);
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(value.into());
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(value.into());
    }

    fn write_u64(&mut self, value: u64) {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        self.0 = mix(self.0.wrapping_add(STEP) ^ mix(value.wrapping_add(STEP)));
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.write_u64(value as u64);
    }
}

/// A map from numbers other than 0 to numbers.
#[derive(Default)]
pub(super) struct NumberMap {
    // A key next to its value: one look at memory finds both.
    slots: Vec<(u64, u32)>,
    len: usize,
}

impl NumberMap {
    pub(super) fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<(u64, u32)>()
    }

    pub(super) fn get(&self, key: u64) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let (found, value) = self.slots[self.find(key)];
        (found == key).then_some(value)
    }

    /// Sets a value that was not set.
    pub(super) fn insert(&mut self, key: u64, value: u32) {
        if self.len * 4 >= self.slots.len() * 3 {
            let size = (self.slots.len() * 2).max(64);
            let slots = std::mem::replace(&mut self.slots, vec![(0, 0); size]);
            for (key, value) in slots.into_iter().filter(|(key, _)| *key != 0) {
                let at = self.find(key);
                self.slots[at] = (key, value);
            }
        }
        let at = self.find(key);
        self.len += usize::from(self.slots[at].0 == 0);
        self.slots[at] = (key, value);
    }

    fn find(&self, key: u64) -> usize {
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
        let mask = self.slots.len() - 1;
        let mut at = (key.wrapping_mul(GOLDEN) >> 32) as usize & mask;
        while self.slots[at].0 != 0 && self.slots[at].0 != key {
            at = (at + 1) & mask;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: the map holds what was put into it and nothing else, through many growths.
    #[test]
    fn the_map_holds_what_was_put_into_it() {
        let mut map = NumberMap::default();
        for number in 1..10_000_u64 {
            assert_eq!(map.get(number << 32 | 7), None);
            map.insert(number << 32 | 7, number as u32 + 1);
        }
        assert!((1..10_000_u64).all(|number| map.get(number << 32 | 7) == Some(number as u32 + 1)));
    }
}
