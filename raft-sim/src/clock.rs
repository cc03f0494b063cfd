//! The clock of one server: simulated time at a rate of its own.

use raft_core::Ticks;

use crate::time::Time;

/// Rate of a clock that runs at its normal rate.
const NORMAL: u32 = 1_000;

/// A clock that may run fast, slow, or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Clock {
    rate_permille: u32,
    is_stopped: bool,
    // At simulated time `since` the clock showed `shown_us`.
    since: Time,
    shown_us: u64,
    // Ticks that the node was told of.
    told: u64,
}

impl Clock {
    pub(crate) const fn new(now: Time) -> Self {
        Self { rate_permille: NORMAL, is_stopped: false, since: now, shown_us: 0, told: 0 }
    }

    pub(crate) const fn rate_permille(&self) -> u32 {
        self.rate_permille
    }

    pub(crate) fn set_rate(&mut self, now: Time, permille: u32) {
        self.rebase(now);
        self.rate_permille = permille;
    }

    pub(crate) fn set_stopped(&mut self, now: Time, is_stopped: bool) {
        self.rebase(now);
        self.is_stopped = is_stopped;
    }

    /// Ticks that have passed since this was last asked.
    pub(crate) fn take_ticks(&mut self, now: Time) -> Ticks {
        let ticks = self.shown_at(now) / Time::TICK_US;
        let news = ticks - self.told;
        self.told = ticks;
        Ticks(news)
    }

    /// The first moment at which `ticks` more will have passed than the node was told of.
    pub(crate) fn when(&self, ticks: Ticks) -> Option<Time> {
        if self.is_stopped {
            return None;
        }
        let target_us = self.told.checked_add(ticks.0)?.checked_mul(Time::TICK_US)?;
        let left_us = target_us.saturating_sub(self.shown_us);
        if self.rate_permille == NORMAL {
            return Some(self.since.after(Time(left_us)));
        }
        let span = left_us.checked_mul(NORMAL.into())?.div_ceil(self.rate_permille.into());
        Some(self.since.after(Time(span)))
    }

    fn shown_at(&self, now: Time) -> u64 {
        if self.is_stopped {
            return self.shown_us;
        }
        let span = now.since(self.since).0;
        if self.rate_permille == NORMAL {
            return self.shown_us + span;
        }
        self.shown_us + span * u64::from(self.rate_permille) / u64::from(NORMAL)
    }

    fn rebase(&mut self, now: Time) {
        self.shown_us = self.shown_at(now);
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: at the moment that `when` names, exactly that many ticks have passed, at any rate; a tick earlier fewer.
    #[test]
    fn deadlines_are_met_to_the_tick() {
        for rate in [1, 300, 999, 1_000, 1_001, 2_500, 100_000] {
            let mut clock = Clock::new(Time(777));
            clock.take_ticks(Time(5_000));
            clock.set_rate(Time(9_123), rate);
            clock.take_ticks(Time(9_123));
            for ticks in [1, 7, 150] {
                let at = clock.when(Ticks(ticks)).expect("the clock runs");
                assert!(clock.clone().take_ticks(Time(at.0 - 1)).0 < ticks);
                assert_eq!(clock.take_ticks(at), Ticks(ticks), "rate {rate}");
            }
        }
    }
}
