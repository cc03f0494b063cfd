//! How each state was reached. Two or three bytes a state: states are numbered in the order of the states that they come
//! from, so that the differences are small.

use super::frontier::{put, take};

/// States that share a starting point.
const CHUNK: usize = 1_024;

/// For each state but the first, in order: the state that it came from, and the number of the step there.
#[derive(Default)]
pub(super) struct Origins {
    full: Vec<Box<[u8]>>,
    open: Vec<u8>,
    /// For each chunk, the state that the first of its states came from.
    firsts: Vec<u32>,
    last: u32,
    len: usize,
}

impl Origins {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Adds a state that comes from no earlier one than the state before it.
    pub(super) fn push(&mut self, from: u32, ordinal: u16) {
        if self.len.is_multiple_of(CHUNK) {
            if self.len > 0 {
                self.full.push(self.open.as_slice().into());
                self.open.clear();
            }
            self.firsts.push(from);
            self.last = from;
        }
        put(&mut self.open, from - self.last);
        put(&mut self.open, ordinal.into());
        self.last = from;
        self.len += 1;
    }

    pub(super) fn get(&self, at: usize) -> Option<(u32, u16)> {
        let chunk = at / CHUNK;
        let mut bytes = self.full.get(chunk).map_or(self.open.as_slice(), |full| full);
        let (mut from, mut ordinal) = (*self.firsts.get(chunk)?, 0);
        for _ in 0..=at % CHUNK {
            from += take(&mut bytes)?;
            ordinal = take(&mut bytes)? as u16;
        }
        Some((from, ordinal))
    }

    pub(super) fn bytes(&self) -> usize {
        let full: usize = self.full.iter().map(|chunk| chunk.len()).sum();
        full + self.open.capacity() + self.full.capacity() * size_of::<Box<[u8]>>() + self.firsts.capacity() * 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: every origin is found again.
    #[test]
    fn origins_are_found_again() {
        let origin = |number: u32| (number / 3 * if number > 2_000 { 1_000 } else { 1 }, (number * 7 % 300) as u16);
        let mut origins = Origins::default();
        for number in 0..5_000 {
            let (from, ordinal) = origin(number);
            origins.push(from, ordinal);
        }
        assert!((0..5_000).all(|number| origins.get(number as usize) == Some(origin(number))));
        assert_eq!((origins.get(5_000), origins.len()), (None, 5_000));
        assert!(origins.bytes() < 5_000 * 6);
    }
}
