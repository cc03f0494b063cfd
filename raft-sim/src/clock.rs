//! The clock of one server: simulated time at a rate of its own.

use raft_core::Ticks;

use crate::time::Time;

/// Rate of a clock that runs at its normal rate.
const NORMAL: u32 = 1_000;

/// A clock that may run fast, slow, or not at all, and jump.
///
/// Ticks only ever come: after a jump back the node is told of none until the clock shows again what it showed before. This
/// is what the monotonic clocks of operating systems do when somebody sets the time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Clock {
    rate_permille: u32,
    is_stopped: bool,
    // At simulated time `since` the clock showed `shown_us`: less than nothing, if it was set back far enough.
    since: Time,
    shown_us: i64,
    // Ticks that the node was told of: as many as the clock has ever shown when it was asked.
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

    /// Sets it forward or back.
    pub(crate) fn jump(&mut self, now: Time, ms: i64) {
        self.rebase(now);
        self.shown_us = self.shown_us.saturating_add(ms.saturating_mul(1_000));
    }

    /// How much time it must show to pass before the node hears of any, because it was set back.
    pub(crate) fn behind(&self, now: Time) -> Time {
        let told_us = self.told.saturating_mul(Time::TICK_US) as i64;
        Time(u64::try_from(told_us.saturating_sub(self.shown_at(now))).unwrap_or_default())
    }

    /// Ticks that have passed since this was last asked.
    pub(crate) fn take_ticks(&mut self, now: Time) -> Ticks {
        let ticks = u64::try_from(self.shown_at(now)).unwrap_or_default() / Time::TICK_US;
        let news = ticks.saturating_sub(self.told);
        self.told = self.told.max(ticks);
        Ticks(news)
    }

    /// The first moment at which `ticks` more will have passed than the node was told of.
    pub(crate) fn when(&self, ticks: Ticks) -> Option<Time> {
        if self.is_stopped {
            return None;
        }
        let target_us = self.told.checked_add(ticks.0)?.checked_mul(Time::TICK_US)?;
        let left_us = u64::try_from(i64::try_from(target_us).ok()?.saturating_sub(self.shown_us)).unwrap_or_default();
        if self.rate_permille == NORMAL {
            return Some(self.since.after(Time(left_us)));
        }
        let span = left_us.checked_mul(NORMAL.into())?.div_ceil(self.rate_permille.into());
        Some(self.since.after(Time(span)))
    }

    fn shown_at(&self, now: Time) -> i64 {
        if self.is_stopped {
            return self.shown_us;
        }
        let span = now.since(self.since).0;
        if self.rate_permille == NORMAL {
            return self.shown_us + span as i64;
        }
        self.shown_us + (span * u64::from(self.rate_permille) / u64::from(NORMAL)) as i64
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

    /// Goal: a jump forward brings its ticks at once; a jump back brings none until the old reading is reached, and then
    /// the next tick comes when `when` says, at any rate.
    #[test]
    fn a_clock_that_is_set_back_stands_still() {
        for (rate, wait_us) in [(1_000, 30_000), (2_000, 15_000), (500, 60_000)] {
            let mut clock = Clock::new(Time(0));
            clock.set_rate(Time(0), rate);
            clock.take_ticks(Time(0));
            clock.jump(Time(0), 40);
            assert_eq!(clock.take_ticks(Time(0)), Ticks(40));
            clock.jump(Time(0), -30);
            assert_eq!(clock.behind(Time(0)), Time(30_000));
            assert_eq!(clock.take_ticks(Time(wait_us)), Ticks(0), "rate {rate}");
            assert_eq!(clock.behind(Time(wait_us)), Time(0));
            let tick = clock.when(Ticks(1)).expect("the clock runs");
            assert_eq!(tick, Time(wait_us + 1_000_000 / u64::from(rate)));
            assert_eq!(clock.clone().take_ticks(Time(tick.0 - 1)), Ticks(0));
            assert_eq!(clock.take_ticks(tick), Ticks(1));
        }
    }

    /// Goal: a clock can be set back to before its beginning.
    #[test]
    fn a_clock_may_show_less_than_nothing() {
        let mut clock = Clock::new(Time(0));
        clock.jump(Time(2_000), -10);
        assert_eq!(clock.take_ticks(Time(9_999)), Ticks(0));
        assert_eq!(clock.when(Ticks(3)), Some(Time(13_000)));
        assert_eq!(clock.take_ticks(Time(13_000)), Ticks(3));
    }
}
