//! Configurations that the search has been in.

/// Most configurations that are kept: 64 MiB. Beyond it old ones are forgotten, which costs time but never the verdict.
const MAX_ENTRIES: usize = 1 << 22;
/// Places that are looked at before an old entry is given up.
const PROBES: usize = 8;

/// A set of fingerprints of 128 bits. At a hundred million configurations, the odds that any two of them look alike are below
/// one to 10^22.
pub(super) struct Memo {
    slots: Vec<Fingerprint>,
    used: usize,
}

/// The exclusive or of what a configuration consists of, twice, with different numbers: nothing else must be hashed when one
/// operation is placed or taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fingerprint(u64, u64);

impl Fingerprint {
    /// The fingerprint of one thing: the kind tells operations from states.
    pub(super) fn of(kind: u64, number: u32) -> Self {
        let seed = (kind << 32) | u64::from(number);
        Self(mix(seed), mix(seed ^ 0xA5A5_5A5A_C3C3_3C3C))
    }

    /// Adds something, or takes it back.
    pub(super) fn toggle(&mut self, other: Self) {
        self.0 ^= other.0;
        self.1 ^= other.1;
    }
}

impl Memo {
    pub(super) fn new() -> Self {
        Self { slots: vec![Fingerprint::default(); 1 << 10], used: 0 }
    }

    /// Adds a configuration. `false`: it was there.
    pub(super) fn insert(&mut self, entry: Fingerprint) -> bool {
        if self.used * 2 > self.slots.len() && self.slots.len() < MAX_ENTRIES {
            let larger = vec![Fingerprint::default(); self.slots.len() * 2];
            for old in std::mem::replace(&mut self.slots, larger) {
                if old != Fingerprint::default() {
                    self.place(old);
                }
            }
        }
        self.place(entry)
    }

    fn place(&mut self, entry: Fingerprint) -> bool {
        let mask = self.slots.len() - 1;
        let start = entry.0 as usize;
        for probe in 0..PROBES {
            let slot = &mut self.slots[start.wrapping_add(probe) & mask];
            if *slot == entry {
                return false;
            }
            if *slot == Fingerprint::default() {
                *slot = entry;
                self.used += 1;
                return true;
            }
        }
        // Which entry is given up does not matter for the verdict; the second half of the fingerprint is as good as chance.
        self.slots[start.wrapping_add(entry.1 as usize % PROBES) & mask] = entry;
        true
    }
}

/// Spreads 64 bits over 64 bits, one to one (the end of SplitMix64).
fn mix(seed: u64) -> u64 {
    let mut word = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}
