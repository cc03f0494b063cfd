//! Things that occur in many states, once.

use raft_core::NodeId;

use super::hash::{Fingerprinter, NumberMap};
use super::symmetry::Symmetry;

/// Different things in order of appearance, each with its hashes under all names.
pub(super) struct Interned<T> {
    pub(super) items: Vec<T>,
    // One hash for each way of naming the servers, item by item. The first one is that of the item as it is.
    hashes: Vec<u64>,
    numbers: NumberMap,
    ways: usize,
}

impl<T: Eq + std::hash::Hash> Interned<T> {
    pub(super) fn new(ways: usize) -> Self {
        Self { items: Vec::new(), hashes: Vec::new(), numbers: NumberMap::default(), ways }
    }

    /// The hashes of an item.
    pub(super) fn row(&self, number: u32) -> &[u64] {
        let first = number as usize * self.ways;
        &self.hashes[first..first + self.ways]
    }

    pub(super) fn get(&self, number: u32) -> &T {
        &self.items[number as usize]
    }

    /// The number of an item, which is added if it is new.
    pub(super) fn intern(
        &mut self,
        item: T,
        symmetry: &Symmetry,
        renamed: impl Fn(&T, &dyn Fn(NodeId) -> NodeId) -> T,
    ) -> u32 {
        let hash = Fingerprinter::of(&item);
        // Different things with equal hashes take the keys after it.
        let mut key = hash.max(1);
        while let Some(number) = self.numbers.get(key) {
            if self.items[number as usize] == item {
                return number;
            }
            key = key.wrapping_add(1).max(1);
        }
        let number = self.items.len() as u32;
        self.numbers.insert(key, number);
        self.hashes.push(hash);
        for way in 1..self.ways {
            self.hashes.push(Fingerprinter::of(&renamed(&item, &|id| symmetry.name(way, id))));
        }
        self.items.push(item);
        number
    }

    pub(super) fn bytes(&self) -> usize {
        self.items.capacity() * size_of::<T>() + self.hashes.capacity() * size_of::<u64>() + self.numbers.bytes()
    }
}
