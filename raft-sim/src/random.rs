//! One stream of random numbers per concern, so that turning one dial does not reshuffle the others.

use std::hash::{Hash, Hasher};

use rand_core::Rng;
use rand_pcg::Pcg32;

/// Random decisions of the world. Each is drawn in full for every message or sync, whatever the settings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Streams {
    pub(crate) latency: Stream,
    pub(crate) loss: Stream,
    pub(crate) duplicate: Stream,
    // Begun by the first sync: a world without slow disks has none.
    disk: BegunStream,
}

/// A stream that begins when it is first needed. Its seed is that of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
struct BegunStream {
    seed: u64,
    stream: Option<Stream>,
}

/// One stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stream(Pcg32);

impl Streams {
    pub(crate) fn new(seed: u64) -> Self {
        let stream = |concern| Stream::new(seed, concern);
        let disk = BegunStream { seed, stream: None };
        Self { latency: stream(1), loss: stream(2), duplicate: stream(3), disk }
    }

    /// How long syncs take.
    pub(crate) fn disk(&mut self) -> &mut Stream {
        let seed = self.disk.seed;
        self.disk.stream.get_or_insert_with(|| Stream::new(seed, 4))
    }
}

impl Hash for BegunStream {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if let Some(stream) = &self.stream {
            stream.hash(state);
        }
    }
}

impl Hash for Stream {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The generator hides its state; equal generators give equal numbers, which is all that a hash needs.
        self.0.clone().next_u64().hash(state);
    }
}

impl Stream {
    /// The stream of one concern.
    pub(crate) fn new(seed: u64, concern: u64) -> Self {
        // Stream numbers far from those of the nodes, which use their ids.
        Self(Pcg32::new(seed, (1 << 32) + concern))
    }

    /// A number from `low` to `high`, from one draw.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        let draw = u64::from(self.0.next_u32());
        // The span stays below 2^31 microseconds times 1000, so the product fits 128 bits with room to spare.
        let span = u128::from(high.saturating_sub(low)) + 1;
        low + ((u128::from(draw) * span) >> 32) as u64
    }

    /// Whether something happens that happens `permille` times out of a thousand, from one draw.
    pub(crate) fn happens(&mut self, permille: u32) -> bool {
        self.between(0, 999) < u64::from(permille)
    }
}
