//! A growable sequence whose copies share memory.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Range;

/// Items per shared block. Small enough that the copy made on the first push after a clone is cheap, large enough that
/// cloning a log of 100,000 entries touches few counters.
const CHUNK: usize = 64;

/// A sequence that grows and shrinks at the end and can drop items at the front.
///
/// A clone shares all full blocks with the original; writing to a shared block copies that block only. A log can thus be
/// kept once per checkpoint of a simulation for little more than the entries that differ.
///
/// ```
/// # use raft_core::SharedVec;
/// let mut log: SharedVec<u32> = (1..=5).collect();
/// let checkpoint = log.clone();
/// log.push(6);
/// log.extend_from_slice(&[7, 8]);
/// log.set(0, 10);
/// log.drop_front(1);
/// log.truncate(6);
/// assert!(log.iter().eq(&[2, 3, 4, 5, 6, 7]));
/// assert!(log.range(1..3).eq(&[3, 4]));
/// assert_eq!((log.len(), log.get(0), log.get(6), log.last()), (6, Some(&2), None, Some(&7)));
/// assert_eq!(log.partition_point(|&item| item < 4), 2);
///
/// assert!(checkpoint.iter().eq(&[1, 2, 3, 4, 5]));     // what a clone holds never changes
/// assert!(SharedVec::<u32>::new().is_empty());
/// ```
pub struct SharedVec<T> {
    // Every chunk but the last holds exactly CHUNK items.
    chunks: Vec<Arc<Vec<T>>>,
    // Items at the start of the first chunk that were dropped; less than CHUNK.
    skipped: usize,
    len: usize,
}

impl<T: Clone> SharedVec<T> {
    /// An empty sequence; allocates nothing.
    pub const fn new() -> Self {
        Self { chunks: Vec::new(), skipped: 0, len: 0 }
    }

    /// Number of items.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no item.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The item at `position`.
    pub fn get(&self, position: usize) -> Option<&T> {
        if position >= self.len {
            return None;
        }
        let at = self.skipped + position;
        self.chunks.get(at / CHUNK)?.get(at % CHUNK)
    }

    /// The last item.
    pub fn last(&self) -> Option<&T> {
        self.get(self.len.checked_sub(1)?)
    }

    /// Adds an item at the end.
    pub fn push(&mut self, item: T) {
        if (self.skipped + self.len).is_multiple_of(CHUNK) {
            // A short sequence stays small; one that has filled a block will fill the next one, too.
            let capacity = if self.chunks.is_empty() { 0 } else { CHUNK };
            self.chunks.push(Arc::new(Vec::with_capacity(capacity)));
        }
        let chunk = self.chunks.last_mut().expect("a chunk with room was just ensured");
        unshare(chunk).push(item);
        self.len += 1;
    }

    /// Adds copies of `items` at the end, a block at a time.
    pub fn extend_from_slice(&mut self, mut items: &[T]) {
        while let [first, rest @ ..] = items {
            self.push(first.clone());
            let filled = (self.skipped + self.len) % CHUNK;
            let (near, far) = rest.split_at(((CHUNK - filled) % CHUNK).min(rest.len()));
            let chunk = self.chunks.last_mut().expect("something was just pushed");
            unshare(chunk).extend_from_slice(near);
            self.len += near.len();
            items = far;
        }
    }

    /// Replaces the item at `position`; a position past the end is ignored.
    pub fn set(&mut self, position: usize, item: T) {
        if position < self.len {
            let at = self.skipped + position;
            unshare(&mut self.chunks[at / CHUNK])[at % CHUNK] = item;
        }
    }

    /// Keeps the first `len` items.
    pub fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        let end = self.skipped + len;
        self.chunks.truncate(end.div_ceil(CHUNK));
        if !end.is_multiple_of(CHUNK) {
            let chunk = self.chunks.last_mut().expect("a chunk that is cut in its middle exists");
            unshare(chunk).truncate(end % CHUNK);
        }
        self.len = len;
        if len == 0 {
            self.chunks.clear();
            self.skipped = 0;
        }
    }

    /// Removes the first `count` items.
    pub fn drop_front(&mut self, count: usize) {
        if count >= self.len {
            return self.truncate(0);
        }
        let at = self.skipped + count;
        self.chunks.drain(..at / CHUNK);
        self.skipped = at % CHUNK;
        self.len -= count;
    }

    /// The items at the positions of `range`, cut to what exists.
    pub fn range(&self, range: Range<usize>) -> impl ExactSizeIterator<Item = &T> + DoubleEndedIterator {
        let range = range.start.min(self.len)..range.end.min(self.len);
        range.map(|position| self.get(position).expect("the range was cut to the length"))
    }

    /// All items.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &T> + DoubleEndedIterator {
        self.range(0..self.len)
    }

    /// The first position whose item does not satisfy `predicate`, given that all items that do come first.
    pub fn partition_point(&self, mut predicate: impl FnMut(&T) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle).is_some_and(&mut predicate) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// The chunk for writing; copied first when another sequence shares it.
fn unshare<T: Clone>(chunk: &mut Arc<Vec<T>>) -> &mut Vec<T> {
    if Arc::strong_count(chunk) > 1 {
        let mut copy = Vec::with_capacity((chunk.len() + 1).next_power_of_two().min(CHUNK));
        copy.extend_from_slice(chunk);
        *chunk = Arc::new(copy);
    }
    Arc::make_mut(chunk)
}

impl<T: Clone> Default for SharedVec<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for SharedVec<T> {
    fn clone(&self) -> Self {
        Self { chunks: self.chunks.clone(), skipped: self.skipped, len: self.len }
    }
}

impl<T: Clone + PartialEq> PartialEq for SharedVec<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<T: Clone + Eq> Eq for SharedVec<T> {}

impl<T: Clone + Hash> Hash for SharedVec<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len.hash(state);
        self.iter().for_each(|item| item.hash(state));
    }
}

impl<T: Clone + fmt::Debug> fmt::Debug for SharedVec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: Clone> Extend<T> for SharedVec<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, source: I) {
        source.into_iter().for_each(|item| self.push(item));
    }
}

impl<T: Clone> FromIterator<T> for SharedVec<T> {
    fn from_iter<I: IntoIterator<Item = T>>(source: I) -> Self {
        let mut items = Self::new();
        items.extend(source);
        items
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use alloc::{format, vec};
    use std::hash::DefaultHasher;

    /// Goal: sequences are equal, hash alike and print alike when their items are, however they came to be.
    #[test]
    fn compares_hashes_and_prints_by_items() {
        let hash = |items: &SharedVec<u64>| {
            let mut hasher = DefaultHasher::new();
            items.hash(&mut hasher);
            hasher.finish()
        };
        let direct: SharedVec<u64> = (10..20).collect();
        let mut later: SharedVec<u64> = (0..30).collect();
        later.drop_front(10);
        later.truncate(10);
        assert_eq!((&direct, hash(&direct)), (&later, hash(&later)));
        assert_eq!(format!("{later:?}"), "[10, 11, 12, 13, 14, 15, 16, 17, 18, 19]");
        let other: SharedVec<u64> = (10..19).chain([0]).collect();
        let shorter: SharedVec<u64> = (10..19).collect();
        for unlike in [&other, &shorter] {
            assert_ne!(unlike, &direct);
            assert_ne!(hash(unlike), hash(&direct));
        }
    }

    /// Goal: there is nothing to replace past the end.
    #[test]
    fn sets_nothing_past_the_end() {
        let mut items: SharedVec<u64> = (0..3).collect();
        items.set(2, 7);
        items.set(3, 7);
        assert_eq!(items.iter().copied().collect::<vec::Vec<_>>(), [0, 1, 7]);
    }

    /// Goal: every operation agrees with a plain vector, and a clone never sees later changes.
    #[test]
    fn behaves_like_a_vector_and_clones_are_independent() {
        let mut state = 1_u32;
        let mut random = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % below
        };
        let (mut shared, mut plain) = (SharedVec::new(), vec![]);
        for round in 0..4_000 {
            let (kept, kept_plain) = (shared.clone(), plain.clone());
            match random(10) {
                0 => {
                    let len = random(plain.len() + 1);
                    shared.truncate(len);
                    plain.truncate(len);
                }
                1 => {
                    let count = random(plain.len() / 4 + 1);
                    shared.drop_front(count);
                    plain.drain(..count);
                }
                2 if !plain.is_empty() => {
                    let position = random(plain.len());
                    shared.set(position, round);
                    plain[position] = round;
                }
                3 => {
                    let items: Vec<_> = (round..round + random(200)).collect();
                    shared.extend_from_slice(&items);
                    plain.extend_from_slice(&items);
                }
                _ => {
                    let items = random(90);
                    shared.extend(round..round + items);
                    plain.extend(round..round + items);
                }
            }
            assert!(shared.iter().eq(plain.iter()));
            assert_eq!(shared.last(), plain.last());
            assert!(kept.iter().eq(kept_plain.iter()));
        }
    }
}
