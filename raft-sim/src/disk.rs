//! The disk of one server: writes become durable after a while, and a power loss takes what has not.
//!
//! A disk may also lie: it calls a write durable and forgets it when the power fails. `durable` is what the disk says, which
//! is all that the server can know; `Lie::held` is what it would still have after a power loss.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

use raft_core::{Append, LogIndex, Persisted, Write, WriteNumber};

use crate::event::EventId;
use crate::hash::hash_if_unusual;
use crate::random::Stream;
use crate::time::Time;

/// What is durable, and what is on its way there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Disk {
    /// Shortest and longest time that a sync takes.
    latency: (Time, Time),
    pub(crate) durable: Persisted,
    // Writes that are not durable, each with the event that asked for it.
    waiting: VecDeque<(Write, Option<EventId>)>,
    // How many of them the running sync covers.
    syncing: usize,
    /// The event that told of the running sync.
    pub(crate) sync_event: Option<EventId>,
    // Told apart from syncs that a crash ended.
    epoch: u32,
    lie: Option<Box<Lie>>,
}

/// A disk that does not do what it says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Lie {
    // What it really holds.
    held: Persisted,
    // Writes that it called durable and does not hold.
    writes: u32,
}

/// A sync that was started and will end unless the server crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sync {
    pub(crate) epoch: u32,
    pub(crate) upto: WriteNumber,
}

/// How the work of a disk ends when its server stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The program is gone, the power is there: everything that was written becomes durable.
    Finish,
    /// Everything that is not durable is lost.
    PowerLoss,
    /// The same, but of the entries on their way this many are found afterwards.
    Torn(u32),
}

/// What a power loss took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Losses {
    /// Writes that nobody was told of.
    pub(crate) waiting: u32,
    /// Writes that the disk had called durable.
    pub(crate) durable: u32,
    /// The last entry that is found of a write that was torn.
    pub(crate) torn: Option<LogIndex>,
}

impl Disk {
    pub(crate) const fn new(durable: Persisted, latency: (Time, Time)) -> Self {
        let waiting = VecDeque::new();
        Self { latency, durable, waiting, syncing: 0, sync_event: None, epoch: 0, lie: None }
    }

    pub(crate) const fn latency(&self) -> (Time, Time) {
        self.latency
    }

    pub(crate) const fn set_latency(&mut self, latency: (Time, Time)) {
        self.latency = latency;
    }

    /// How long the next sync takes: one draw, whatever the settings.
    pub(crate) fn draw_latency(&self, stream: &mut Stream) -> Time {
        Time(stream.between(self.latency.0.0, self.latency.1.0))
    }

    pub(crate) const fn is_lying(&self) -> bool {
        self.lie.is_some()
    }

    /// What would be left after a power loss.
    pub(crate) fn held(&self) -> &Persisted {
        self.lie.as_ref().map_or(&self.durable, |lie| &lie.held)
    }

    /// From now on it only says that writes are durable; or what it has said becomes true.
    pub(crate) fn set_lying(&mut self, is_lying: bool) {
        if !is_lying {
            self.lie = None;
        } else if self.lie.is_none() {
            self.lie = Some(Box::new(Lie { held: self.durable.clone(), writes: 0 }));
        }
    }

    /// Number of writes that are not durable.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) const fn is_syncing(&self, epoch: u32) -> bool {
        self.syncing > 0 && self.epoch == epoch
    }

    /// Takes a write. `true`: it is durable at once.
    pub(crate) fn write(&mut self, write: Write, cause: Option<EventId>) -> bool {
        if self.latency.1 == Time(0) && self.waiting.is_empty() {
            self.make_durable(&write);
            return true;
        }
        self.waiting.push_back((write, cause));
        false
    }

    /// Starts a sync, unless one runs or nothing waits: of everything that waits, or only of the first write if writes do
    /// not share syncs. The cause is that of the first write.
    pub(crate) fn start_sync(&mut self, is_shared: bool) -> Option<(Sync, Option<EventId>)> {
        if self.syncing > 0 {
            return None;
        }
        let cause = self.waiting.front().and_then(|(_, cause)| *cause);
        let covered = if is_shared { self.waiting.len() } else { 1 };
        let (last, _) = self.waiting.get(covered.checked_sub(1)?)?;
        self.syncing = covered;
        Some((Sync { epoch: self.epoch, upto: last.number }, cause))
    }

    /// Ends a sync; `false` if a crash ended it first.
    pub(crate) fn end_sync(&mut self, sync: Sync) -> bool {
        if sync.epoch != self.epoch {
            return false;
        }
        for _ in 0..core::mem::take(&mut self.syncing) {
            if let Some((write, _)) = self.waiting.pop_front() {
                self.make_durable(&write);
            }
        }
        true
    }

    /// Ends all work, and says what was lost.
    pub(crate) fn crash(&mut self, ending: Ending) -> Losses {
        self.epoch += 1;
        self.syncing = 0;
        let waiting = core::mem::take(&mut self.waiting);
        if ending == Ending::Finish {
            for (write, _) in &waiting {
                self.make_durable(write);
            }
            return Losses::default();
        }
        if let Some(lie) = &mut self.lie {
            // What was torn came after what is gone, so it is of no use either.
            self.durable = lie.held.clone();
            let durable = core::mem::take(&mut lie.writes);
            return Losses { waiting: waiting.len() as u32, durable, torn: None };
        }
        let mut losses = Losses { waiting: waiting.len() as u32, ..Losses::default() };
        let Ending::Torn(mut left) = ending else { return losses };
        for (write, _) in &waiting {
            let entries = write.append.as_ref().map_or(0, |append| append.entries.len() as u32);
            if entries > left || (entries > 0 && left == 0) {
                losses.torn = Some(self.tear(write, left as usize));
                break;
            }
            left -= entries;
            self.durable.apply(write);
            losses.waiting -= 1;
        }
        losses
    }

    /// Takes the beginning of a write: its term and vote, its snapshot, and the first of its entries. Returns the last index.
    ///
    /// A log file of records with checksums gives just that after recovery: what comes after the first bad record counts for
    /// nothing. It is sound because term and vote come before the entries, and the first entries of an AppendEntries are
    /// what a shorter one would have brought.
    fn tear(&mut self, write: &Write, entries: usize) -> LogIndex {
        let append = write.append.as_ref().filter(|_| entries > 0).map(|append| Append {
            first_index: append.first_index,
            entries: append.entries.as_slice().iter().take(entries).cloned().collect(),
        });
        self.durable.apply(&Write { append, ..write.clone() });
        self.durable.log.last_index()
    }

    fn make_durable(&mut self, write: &Write) {
        self.durable.apply(write);
        if let Some(lie) = &mut self.lie {
            lie.writes += 1;
        }
    }
}

impl Hash for Disk {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { latency: (shortest, longest), durable, waiting, syncing, sync_event, epoch, lie } = self;
        (shortest, durable, waiting, syncing, sync_event, epoch).hash(state);
        hash_if_unusual(&longest.since(*shortest), state);
        hash_if_unusual(lie, state);
    }
}

#[cfg(test)]
mod tests {
    use raft_core::{Configuration, Entry, EntryKind, HardState, NodeId, Term};

    use super::*;

    fn write(number: u64, first_index: u64, terms: &[u64]) -> Write {
        let entry = |term: &u64| Entry { term: Term(*term), kind: EntryKind::NoOp };
        let append = Append { first_index: LogIndex(first_index), entries: terms.iter().map(entry).collect() };
        let hard_state = HardState { current_term: Term(number), voted_for: None };
        Write { number: WriteNumber(number), hard_state: Some(hard_state), snapshot: None, append: Some(append) }
    }

    /// A disk that holds entries of terms 1 1, with two writes on their way: 2 2 2 instead of the second, then 3.
    fn busy() -> Disk {
        let persisted = Persisted::bootstrap(Configuration::of_voters([NodeId(1)]));
        let mut disk = Disk::new(persisted, (Time(0), Time(0)));
        assert!(disk.write(write(1, 1, &[1, 1]), None));
        disk.set_latency((Time(5), Time(5)));
        assert!(!disk.write(write(2, 2, &[2, 2, 2]), None));
        assert!(!disk.write(write(3, 5, &[3]), None));
        disk
    }

    fn terms(persisted: &Persisted) -> Vec<u64> {
        persisted.log.iter_from(LogIndex(1)).map(|(_, entry)| entry.term.0).collect()
    }

    /// Goal: of a torn write the disk holds term and vote and as many entries as said; of the writes before it everything, of
    /// those after it nothing. An entry that was not reached does not take the place of an older one.
    #[test]
    fn a_torn_write_leaves_a_prefix() {
        let table = [
            (0, &[1, 1][..], 2, 2, Some(2)),
            (1, &[1, 2], 2, 2, Some(2)),
            (2, &[1, 2, 2], 2, 2, Some(3)),
            (3, &[1, 2, 2, 2], 3, 1, Some(4)),
            (4, &[1, 2, 2, 2, 3], 3, 0, None),
            (u32::MAX, &[1, 2, 2, 2, 3], 3, 0, None),
        ];
        for (entries, log, term, waiting, torn) in table {
            let mut disk = busy();
            let losses = disk.crash(Ending::Torn(entries));
            assert_eq!(losses, Losses { waiting, durable: 0, torn: torn.map(LogIndex) }, "{entries}");
            assert_eq!(terms(&disk.durable), log, "{entries}");
            assert_eq!(disk.durable.hard_state.current_term, Term(term), "{entries}");
        }
        for (ending, log, waiting) in [(Ending::PowerLoss, &[1, 1][..], 2), (Ending::Finish, &[1, 2, 2, 2, 3][..], 0)] {
            let mut disk = busy();
            assert_eq!(disk.crash(ending).waiting, waiting);
            assert_eq!(terms(&disk.durable), log);
        }
    }

    /// Goal: a disk that lies says what an honest one would say, and holds what it held when it began, once the power fails;
    /// when it stops lying, what it has said is true.
    #[test]
    fn a_lie_shows_when_the_power_fails() {
        for (is_cured, ending, log, durable) in [
            (false, Ending::PowerLoss, &[1, 1][..], 1),
            (false, Ending::Torn(1), &[1, 1][..], 1),
            (false, Ending::Finish, &[1, 2, 2, 2, 3][..], 0),
            (true, Ending::PowerLoss, &[1, 2, 2, 2][..], 0),
        ] {
            let mut disk = busy();
            disk.set_lying(true);
            let (sync, _) = disk.start_sync(false).expect("two writes wait");
            assert!(disk.end_sync(sync));
            assert_eq!((terms(&disk.durable), terms(disk.held())), (vec![1, 2, 2, 2], vec![1, 1]));
            if is_cured {
                disk.set_lying(false);
            }
            let losses = disk.crash(ending);
            assert_eq!((terms(&disk.durable), losses.durable, losses.torn), (log.to_vec(), durable, None));
            assert_eq!(disk.is_lying(), !is_cured);
        }
    }
}
