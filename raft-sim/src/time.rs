//! Simulated time.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::limits::MAX_TIME_MS;

/// A moment or a span of simulated time, in microseconds. One tick of a clock that runs at its normal rate is one
/// millisecond. In JSON a number of milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

impl Time {
    /// Microseconds in a tick of a clock that runs at its normal rate.
    pub const TICK_US: u64 = 1_000;

    /// `ms` milliseconds; `None` unless it is a number from 0 to the largest time.
    pub fn from_ms(ms: f64) -> Option<Self> {
        (0.0..=MAX_TIME_MS).contains(&ms).then(|| Self((ms * 1_000.0).round() as u64))
    }

    /// A span of so many ticks of a clock that runs at its normal rate.
    pub const fn of_ticks(ticks: u64) -> Self {
        Self(ticks.saturating_mul(Self::TICK_US))
    }

    /// As milliseconds.
    pub fn ms(self) -> f64 {
        self.0 as f64 / 1_000.0
    }

    /// This much later.
    #[must_use]
    pub const fn after(self, span: Self) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The span since `earlier`.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03} ms", self.0 / 1_000, self.0 % 1_000)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Whole milliseconds stay integers, so that scenarios read as they were written.
        if self.0.is_multiple_of(1_000) {
            serializer.serialize_u64(self.0 / 1_000)
        } else {
            serializer.serialize_f64(self.ms())
        }
    }
}
