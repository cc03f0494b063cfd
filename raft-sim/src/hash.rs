//! A hash that is the same on every machine.

use std::hash::{Hash, Hasher};

/// Hashes with 64-bit multiplications only, and gives lengths and discriminants the same width everywhere, so that a
/// 32-bit wasm build and a 64-bit native build of the same run agree. Not for keeping attackers out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortableHasher(u64);

impl PortableHasher {
    /// The hash of one value.
    pub fn hash_of(value: &impl Hash) -> u64 {
        let mut hasher = Self::default();
        value.hash(&mut hasher);
        hasher.finish()
    }

    fn mix(&mut self, word: u64) {
        const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(ODD);
    }
}

impl Hasher for PortableHasher {
    fn finish(&self) -> u64 {
        // The low bits of a product depend on few bits of the input; fold the high ones in.
        let folded = (self.0 ^ (self.0 >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        folded ^ (folded >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
        self.mix(bytes.len() as u64);
    }

    fn write_u8(&mut self, value: u8) {
        self.mix(value.into());
    }

    fn write_u32(&mut self, value: u32) {
        self.mix(value.into());
    }

    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.mix(value as u64);
    }
}

/// A part of the state that says nothing while it is as it was at the start, so that a run without the fault that it
/// stands for has the hash that it has where the fault is unknown.
pub(crate) fn hash_if_unusual<T: Hash + Default + PartialEq, H: Hasher>(part: &T, state: &mut H) {
    if *part != T::default() {
        part.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: the hash is pinned, so that two builds can be compared, and the order of values counts.
    #[test]
    fn hashes_are_pinned() {
        assert_eq!(PortableHasher::hash_of(&(1_usize, Some("x"))), PortableHasher::hash_of(&(1_u64, Some("x"))));
        assert_ne!(PortableHasher::hash_of(&(1, 2)), PortableHasher::hash_of(&(2, 1)));
        assert_eq!(PortableHasher::hash_of(&0x0123_4567_89AB_CDEF_u64), 0x5FDB_D9A6_3373_FF62);
    }
}
