//! Fingerprints of the states that were seen.

/// Parts of the set, which threads fill side by side.
pub(super) const SHARDS: usize = 16;
/// Fingerprints whose places are fetched together.
const AHEAD: usize = 32;

/// A set of fingerprints, in parts.
#[derive(Clone)]
pub(super) struct Visited {
    shards: Vec<Fingerprints>,
}

impl Default for Visited {
    fn default() -> Self {
        Self { shards: vec![Fingerprints::default(); SHARDS] }
    }
}

impl Visited {
    pub(super) fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.slots.capacity() * size_of::<u64>()).sum()
    }

    pub(super) fn insert(&mut self, fingerprint: u64) {
        self.shards[shard(fingerprint)].insert(fingerprint);
    }

    /// Puts all in, with several threads. Returns the numbers of those that were new, in order; of equal ones the first.
    pub(super) fn insert_all<T: Sync>(
        &mut self,
        all: &[T],
        fingerprint: impl Fn(&T) -> u64 + Sync,
        threads: usize,
    ) -> Vec<u32> {
        const WORTH_A_THREAD: usize = 2_048;
        if threads == 1 || all.len() < WORTH_A_THREAD {
            return insert_part(&mut self.shards, 0, all, fingerprint);
        }
        let share = SHARDS.div_ceil(threads.min(SHARDS));
        let (own, others) = self.shards.split_at_mut(share);
        let fingerprint = &fingerprint;
        std::thread::scope(|scope| {
            let parts = others.chunks_mut(share).zip(1..);
            let spawn = |(shards, part)| scope.spawn(move || insert_part(shards, part * share, all, fingerprint));
            let others: Vec<_> = parts.map(spawn).collect();
            let mut new = insert_part(own, 0, all, fingerprint);
            for other in others {
                new.append(&mut other.join().expect("a search does not panic"));
            }
            new.sort_unstable();
            new
        })
    }
}

/// Puts those in that belong into some of the shards.
fn insert_part<T>(shards: &mut [Fingerprints], first: usize, all: &[T], fingerprint: impl Fn(&T) -> u64) -> Vec<u32> {
    let (mut new, mut batch, mut touched) = (Vec::new(), Vec::with_capacity(AHEAD), 0);
    let mut insert_batch = |shards: &mut [Fingerprints], batch: &mut Vec<(u32, usize, u64)>| {
        for (number, at, print) in batch.drain(..) {
            if shards[at].insert(print) {
                new.push(number);
            }
        }
    };
    for (number, one) in (0_u32..).zip(all) {
        let print = fingerprint(one);
        let Some(at) = shard(print).checked_sub(first).filter(|&at| at < shards.len()) else { continue };
        // The memory of a whole batch is on its way before the first one is needed.
        touched ^= shards[at].first_slot(print);
        batch.push((number, at, print));
        if batch.len() == AHEAD {
            insert_batch(shards, &mut batch);
        }
    }
    insert_batch(shards, &mut batch);
    std::hint::black_box(touched);
    new
}

const fn shard(fingerprint: u64) -> usize {
    (fingerprint >> 60) as usize % SHARDS
}

/// A set of fingerprints in one piece of memory; 0 is none. It stays in the order of the lowest 32 bits, as far as it can,
/// and so it grows by a quarter from the front to the back.
#[derive(Clone, Default)]
struct Fingerprints {
    slots: Vec<u64>,
    len: usize,
}

impl Fingerprints {
    fn first_slot(&self, fingerprint: u64) -> u64 {
        self.slots.get(self.home(fingerprint)).copied().unwrap_or_default()
    }

    const fn home(&self, fingerprint: u64) -> usize {
        (((fingerprint & 0xFFFF_FFFF) * self.slots.len() as u64) >> 32) as usize
    }

    /// Adds a fingerprint; `false` if it was there.
    fn insert(&mut self, fingerprint: u64) -> bool {
        if self.len * 4 >= self.slots.len() * 3 {
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
        let mut at = self.home(fingerprint);
        while self.slots[at] != 0 && self.slots[at] != fingerprint {
            at += 1;
            if at == self.slots.len() {
                at = 0;
            }
        }
        at
    }

    fn grow(&mut self) {
        let larger = vec![0; (self.slots.len() * 5 / 4).max(16)];
        for fingerprint in std::mem::replace(&mut self.slots, larger).into_iter().filter(|slot| *slot != 0) {
            let at = self.find(fingerprint);
            self.slots[at] = fingerprint;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::hash::mix;
    use super::*;

    /// Goal: the set holds what was put into it and nothing else, through many growths, with one thread and with several.
    #[test]
    fn the_set_holds_what_was_put_into_it() {
        let all: Vec<u64> = (1..20_000).map(|number| mix(number % 15_000 + 1)).collect();
        let expected: Vec<u32> = (0..15_000).filter(|&at| at < 15_000).collect();
        for threads in [1, 2, 3] {
            let mut set = Visited::default();
            let (first, rest) = all.split_at(5_000);
            let mut new = set.insert_all(first, |print| *print, threads);
            new.extend(set.insert_all(rest, |print| *print, threads).iter().map(|number| number + 5_000));
            assert_eq!(new, expected, "{threads} threads");
            assert_eq!(set.shards.iter().map(|shard| shard.len).sum::<usize>(), 15_000);
            assert!(set.bytes() < 15_000 * 14);
        }
    }
}
