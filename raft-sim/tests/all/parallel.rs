//! Seeds on all cores. The answers come in the order of the seeds, whatever the cores do.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// What `trial` says about each seed, without the seeds about which it says nothing.
pub(crate) fn over<T: Send>(seeds: Range<u64>, trial: impl Fn(u64) -> Option<T> + Sync) -> Vec<T> {
    let next = AtomicU64::new(seeds.start);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut found: Vec<(u64, T)> = std::thread::scope(|scope| {
        let work = || {
            let mut found = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    return found;
                }
                found.extend(trial(seed).map(|answer| (seed, answer)));
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker panicked")).collect()
    });
    found.sort_by_key(|(seed, _)| *seed);
    found.into_iter().map(|(_, answer)| answer).collect()
}
