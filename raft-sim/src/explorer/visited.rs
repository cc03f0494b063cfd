//! Fingerprints of the states that were seen, and tables keyed by numbers.

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

/// A set of fingerprints in one piece of memory; 0 is none.
#[derive(Clone, Default)]
pub(super) struct Fingerprints {
    slots: Vec<u64>,
    len: usize,
}

impl Fingerprints {
    pub(super) fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<u64>()
    }

    pub(super) fn contains(&self, fingerprint: u64) -> bool {
        !self.slots.is_empty() && self.slots[self.find(fingerprint)] == fingerprint
    }

    /// Adds a fingerprint; `false` if it was there.
    pub(super) fn insert(&mut self, fingerprint: u64) -> bool {
        if self.len * 8 >= self.slots.len() * 7 {
            self.grow();
        }
        let at = self.find(fingerprint);
        if self.slots[at] == fingerprint {
            return false;
        }
        self.slots[at] = fingerprint;
        self.len += 1;
        true
    }

    /// Where a fingerprint is, or would be.
    fn find(&self, fingerprint: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = fingerprint as usize & mask;
        while self.slots[at] != 0 && self.slots[at] != fingerprint {
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self) {
        let larger = vec![0; (self.slots.len() * 2).max(64)];
        for fingerprint in std::mem::replace(&mut self.slots, larger).into_iter().filter(|slot| *slot != 0) {
            let at = self.find(fingerprint);
            self.slots[at] = fingerprint;
        }
    }
}

/// A map from numbers other than 0 to numbers.
#[derive(Default)]
pub(super) struct NumberMap {
    keys: Vec<u64>,
    values: Vec<u32>,
    len: usize,
}

impl NumberMap {
    pub(super) fn bytes(&self) -> usize {
        self.keys.capacity() * size_of::<u64>() + self.values.capacity() * size_of::<u32>()
    }

    pub(super) fn get(&self, key: u64) -> Option<u32> {
        if self.keys.is_empty() {
            return None;
        }
        let at = self.find(key);
        (self.keys[at] == key).then(|| self.values[at])
    }

    /// Sets a value that was not set.
    pub(super) fn insert(&mut self, key: u64, value: u32) {
        if self.len * 4 >= self.keys.len() * 3 {
            let size = (self.keys.len() * 2).max(64);
            let keys = std::mem::replace(&mut self.keys, vec![0; size]);
            let values = std::mem::replace(&mut self.values, vec![0; size]);
            for (key, value) in keys.into_iter().zip(values).filter(|(key, _)| *key != 0) {
                let at = self.find(key);
                (self.keys[at], self.values[at]) = (key, value);
            }
        }
        let at = self.find(key);
        self.len += usize::from(self.keys[at] == 0);
        (self.keys[at], self.values[at]) = (key, value);
    }

    fn find(&self, key: u64) -> usize {
        let mask = self.keys.len() - 1;
        let mut at = mix(key) as usize & mask;
        while self.keys[at] != 0 && self.keys[at] != key {
            at = (at + 1) & mask;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: the set holds what was put into it and nothing else, through many growths; the map likewise.
    #[test]
    fn tables_hold_what_was_put_into_them() {
        let (mut set, mut map) = (Fingerprints::default(), NumberMap::default());
        for number in 1..10_000_u64 {
            assert!(!set.contains(mix(number)));
            assert!(set.insert(mix(number)));
            assert!(!set.insert(mix(number)));
            assert_eq!(map.get(number), None);
            map.insert(number, number as u32 + 1);
        }
        assert_eq!(set.len, 9_999);
        assert!((1..10_000_u64).all(|number| map.get(number) == Some(number as u32 + 1)));
    }
}
