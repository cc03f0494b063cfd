//! What must survive a crash, and how a node learns that it would.

use alloc::collections::VecDeque;

use thiserror::Error;

use crate::{Configuration, Entries, Log, LogIndex, NodeId, Snapshot, Term};

/// The part of the persistent state that is not the log (Figure 2).
///
/// ```
/// # use raft_core::{Configuration, HardState, NodeId, Persisted, Term};
/// let disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1)]));
/// assert_eq!(disk.hard_state, HardState { current_term: Term(0), voted_for: None });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HardState {
    /// Latest term the server has seen.
    pub current_term: Term,
    /// Candidate that got the vote of `current_term`.
    pub voted_for: Option<NodeId>,
}

/// Everything a node needs to restart: what the disk holds.
///
/// ```
/// # use raft_core::{Configuration, Node, NodeId, NodeSetup, Persisted, Ready, Term};
/// let mut disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1)]));
/// let mut node = Node::new(NodeSetup::new(NodeId(1)), disk.clone())?;
/// let mut ready = Ready::default();
/// node.campaign();
/// node.drain_into(&mut ready);
/// disk.apply(ready.write.as_ref().expect("a term and a vote are to be kept"));
/// assert_eq!(disk.hard_state.current_term, Term(1));
/// assert_eq!((&disk.snapshot, disk.log.last_index().0), (&None, 0));
///
/// let node = Node::new(NodeSetup { seed: 1, ..NodeSetup::new(NodeId(1)) }, disk)?;
/// assert_eq!(node.voted_for(), Some(NodeId(1)));       // kept across the restart
/// # Ok::<(), raft_core::SetupError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Persisted {
    /// Term and vote.
    pub hard_state: HardState,
    /// The state after the entries that are no longer in the log. Before the node starts, the driver restores the state
    /// machine from it.
    pub snapshot: Option<Snapshot>,
    /// The log, starting after the snapshot.
    pub log: Log,
}

/// A position in the sequence of a node's writes. Writes become durable in this order.
///
/// One call of [`crate::Node::on_persisted`] stands for every write up to its number.
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::{LogIndex, Ready, WriteNumber};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// # cluster.node(1).campaign();
/// # cluster.settle();
/// let (node, mut ready, mut numbers) = (cluster.node(1), Ready::default(), vec![]);
/// for command in ["a", "b", "c"] {
///     node.propose(command.into())?;
///     node.drain_into(&mut ready);
///     numbers.extend(ready.write.as_ref().map(|write| write.number));
/// }
/// assert_eq!(node.durable_index(), LogIndex(1));
/// node.on_persisted(numbers[1]);                       // one sync has covered two writes
/// assert_eq!(node.durable_index(), LogIndex(3));
/// node.on_persisted(WriteNumber(99));                  // never handed out: changes nothing
/// assert_eq!(node.durable_index(), LogIndex(3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct WriteNumber(pub u64);

/// Something to be made durable, atomically and after every write with a smaller number.
///
/// ```
/// # use raft_core::{Append, Configuration, Entries, Entry, EntryKind, LogIndex, NodeId, Persisted, Term, Write};
/// # use raft_core::WriteNumber;
/// # let mut disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1)]));
/// let entries = Entries::from(Entry { term: Term(1), kind: EntryKind::NoOp });
/// let append = Some(Append { first_index: LogIndex(1), entries });
/// disk.apply(&Write { number: WriteNumber(1), hard_state: None, snapshot: None, append });
/// assert_eq!(disk.log.last_index(), LogIndex(1));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Write {
    /// To be handed back in [`crate::Node::on_persisted`].
    pub number: WriteNumber,
    /// New term and vote, if they changed. Both or none: half a write could vote twice.
    pub hard_state: Option<HardState>,
    /// New snapshot, if there is one. It replaces the older one, and the log up to its last index; a log that does not
    /// hold the snapshot's last entry goes as a whole (§7). This comes before `append`.
    pub snapshot: Option<Snapshot>,
    /// Change of the log, if there is one.
    pub append: Option<Append>,
}

/// A change of the log: everything from `first_index` on is replaced by `entries`.
///
/// ```
/// # use raft_core::{Append, Configuration, Entries, Entry, EntryKind, LogIndex, NodeId, Persisted, Term, Write};
/// # use raft_core::WriteNumber;
/// # let mut disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1)]));
/// # let write = |number, append| {
/// #     Write { number: WriteNumber(number), hard_state: None, snapshot: None, append: Some(append) }
/// # };
/// let entry = |term| Entry { term: Term(term), kind: EntryKind::NoOp };
/// let old = Append { first_index: LogIndex(1), entries: [entry(1), entry(1), entry(1)].into_iter().collect() };
/// let new = Append { first_index: LogIndex(2), entries: Entries::from(entry(2)) };
/// disk.apply(&write(1, old));
/// disk.apply(&write(2, new));
/// assert_eq!((disk.log.last_index(), disk.log.last_term()), (LogIndex(2), Term(2)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Append {
    /// Index of the first entry.
    pub first_index: LogIndex,
    /// The entries; none when the log only becomes shorter.
    pub entries: Entries,
}

impl Persisted {
    /// The disk of a server that has never run, in a cluster that starts with `configuration`.
    ///
    /// A server that joins later begins with the same configuration, and learns of itself from the log.
    ///
    /// ```
    /// # use raft_core::{Configuration, LogIndex, NodeId, Persisted};
    /// let disk = Persisted::bootstrap(Configuration::of_voters([1, 2, 3].map(NodeId)));
    /// assert_eq!(disk.log.last_index(), LogIndex(0));
    /// assert_eq!(disk.log.configuration().voters().len(), 3);
    /// ```
    pub fn bootstrap(configuration: Configuration) -> Self {
        Self { hard_state: HardState::default(), snapshot: None, log: Log::bootstrap(configuration) }
    }

    /// Carries out a write: what a disk does, for drivers that keep the durable state in memory.
    ///
    /// Writes are carried out in the order of their numbers, none left out. A file of writes stays short if it begins anew, now
    /// and then, with one that says everything:
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::{Append, Configuration, NodeId, Persisted, Write, WriteNumber};
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// # cluster.node(1).compact(raft_core::LogIndex(1), b"".as_slice())?;
    /// # cluster.node(1).propose("x".into())?;
    /// # cluster.settle();
    /// let disk = &cluster.0[&1].disk;
    /// let first_index = disk.log.first_index();
    /// let everything = Write {
    ///     number: WriteNumber(0),                          // says nothing once it is on the disk
    ///     hard_state: Some(disk.hard_state),
    ///     snapshot: disk.snapshot.clone(),
    ///     append: Some(Append { first_index, entries: disk.log.run(first_index, usize::MAX, usize::MAX) }),
    /// };
    /// let mut other = Persisted::bootstrap(Configuration::of_voters([1, 2, 3].map(NodeId)));
    /// other.apply(&everything);
    /// assert_eq!(other, *disk);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply(&mut self, write: &Write) {
        if let Some(hard_state) = write.hard_state {
            self.hard_state = hard_state;
        }
        if let Some(snapshot) = &write.snapshot {
            self.log.start_after(snapshot);
            self.snapshot = Some(snapshot.clone());
        }
        if let Some(append) = &write.append {
            self.log.truncate_after(append.first_index.prev());
            self.log.append_all(append.entries.as_slice());
        }
    }

    pub(crate) fn validate(&self) -> Result<(), PersistedError> {
        let base = (self.log.last_included_index(), self.log.last_included_term());
        let covered = self
            .snapshot
            .as_ref()
            .map_or((LogIndex(0), Term(0)), |snapshot| (snapshot.last_included_index, snapshot.last_included_term));
        if base != covered {
            return Err(PersistedError::SnapshotMismatch { snapshot: covered.0, log: base.0 });
        }
        if self.log.last_index() > LogIndex::MAX {
            return Err(PersistedError::IndexTooHigh { index: self.log.last_index() });
        }
        let mut previous = self.log.last_included_term();
        for (index, entry) in self.log.iter_from(self.log.first_index()) {
            if entry.term < previous || entry.term == Term(0) {
                return Err(PersistedError::TermsDecrease { index });
            }
            previous = entry.term;
        }
        let term = self.hard_state.current_term.max(previous);
        if term > Term::MAX {
            return Err(PersistedError::TermTooHigh { term });
        }
        Ok(())
    }
}

/// Why a node refuses to start from what the disk holds.
///
/// ```
/// # use raft_core::{Configuration, HardState, Node, NodeId, NodeSetup, Persisted, PersistedError, SetupError, Term};
/// let mut disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1)]));
/// disk.hard_state = HardState { current_term: Term(u64::MAX), voted_for: None };
/// let refusal = Node::new(NodeSetup::new(NodeId(1)), disk);
/// assert_eq!(refusal, Err(SetupError::Persisted(PersistedError::TermTooHigh { term: Term(u64::MAX) })));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PersistedError {
    /// Terms along a log never decrease, and start at 1.
    #[error("the log is damaged: the term of entry {index} is lower than the one before it")]
    TermsDecrease {
        /// The first bad entry.
        index: LogIndex,
    },
    /// The log starts right after the snapshot.
    #[error("the stored state is damaged: the snapshot ends at {snapshot}, but the log starts after {log}")]
    SnapshotMismatch {
        /// Last index of the snapshot; 0 without one.
        snapshot: LogIndex,
        /// The index before the log.
        log: LogIndex,
    },
    /// Indices end at [`LogIndex::MAX`].
    #[error("the stored state is damaged: no log ever reaches index {index}")]
    IndexTooHigh {
        /// The last index.
        index: LogIndex,
    },
    /// Terms end at [`Term::MAX`].
    #[error("the stored state is damaged: no cluster ever reaches term {term}")]
    TermTooHigh {
        /// The stored term.
        term: Term,
    },
}

/// Tracks which writes are on their way and what is durable.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Durability {
    /// Number of the write that the next drain will hand out.
    pub(crate) next: WriteNumber,
    /// Every write up to this one is durable.
    pub(crate) persisted: WriteNumber,
    /// The write that carries the current term and vote.
    pub(crate) hard_state_write: WriteNumber,
    /// Whether the next write must carry the term and vote.
    pub(crate) hard_state_changed: bool,
    /// Lowest index that changed since the last drain.
    pub(crate) changed_from: Option<LogIndex>,
    // Whether the next write must carry the snapshot.
    snapshot_changed: bool,
    // The write that carries the snapshot.
    snapshot_write: WriteNumber,
    // Everything from `changed_from` on, when somebody has it at hand as one run.
    changed_run: Option<Entries>,
    /// Every entry up to here is durable.
    pub(crate) last_index: LogIndex,
    // The writes of the log that are not durable yet, oldest first.
    pending: VecDeque<PendingAppend>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct PendingAppend {
    number: WriteNumber,
    // Everything from here on is replaced.
    first_index: LogIndex,
    // Where the log ends in this write.
    last_index: LogIndex,
    last_term: Term,
}

impl Durability {
    pub(crate) fn new(log: &Log) -> Self {
        Self {
            next: WriteNumber(1),
            persisted: WriteNumber(0),
            hard_state_write: WriteNumber(0),
            hard_state_changed: false,
            changed_from: None,
            snapshot_changed: false,
            snapshot_write: WriteNumber(0),
            changed_run: None,
            last_index: log.last_index(),
            pending: VecDeque::new(),
        }
    }

    /// Notes that the term or the vote changed.
    pub(crate) fn touch_hard_state(&mut self) {
        self.hard_state_changed = true;
        self.hard_state_write = self.next;
    }

    /// The write after which the whole log is durable.
    pub(crate) fn log_write(&self) -> WriteNumber {
        match self.pending.back() {
            _ if self.changed_from.is_some() || self.snapshot_changed => self.next,
            Some(pending) => pending.number,
            None => self.persisted,
        }
    }

    /// Notes that the log changed from `first` on.
    pub(crate) fn touch_log(&mut self, first: LogIndex) {
        self.changed_from = Some(self.changed_from.map_or(first, |from| from.min(first)));
        self.changed_run = None;
        self.last_index = self.last_index.min(first.prev());
    }

    /// Notes that the log now starts after a new snapshot.
    pub(crate) fn touch_snapshot(&mut self, log: &Log) {
        self.snapshot_changed = true;
        self.snapshot_write = self.next;
        if let Some(from) = self.changed_from.filter(|&from| from < log.first_index()) {
            self.changed_from = Some(from.max(log.first_index()));
            self.changed_run = None;
        }
    }

    /// Whether the disk holds the snapshot.
    pub(crate) fn is_snapshot_durable(&self) -> bool {
        self.snapshot_write <= self.persisted
    }

    /// Notes that nothing after `index` on the disk belongs to the log any more.
    pub(crate) fn forget_after(&mut self, index: LogIndex) {
        self.last_index = self.last_index.min(index);
    }

    /// Spares the next write a copy, if `entries`, with which the log ends, are all that it has to carry.
    pub(crate) fn offer_run(&mut self, first: LogIndex, entries: &Entries) {
        if self.changed_from == Some(first) {
            self.changed_run = Some(entries.clone());
        }
    }

    /// Hands out the next write, if there is anything to write.
    pub(crate) fn take_write(
        &mut self,
        hard_state: HardState,
        snapshot: Option<&Snapshot>,
        log: &Log,
    ) -> Option<Write> {
        let has_new_log = self.changed_from.is_some() || self.snapshot_changed;
        if !self.hard_state_changed && !has_new_log {
            return None;
        }
        let number = self.next;
        self.next = WriteNumber(number.0 + 1);
        if has_new_log {
            self.pending.push_back(PendingAppend {
                number,
                first_index: self.changed_from.unwrap_or(log.last_index().next()),
                last_index: log.last_index(),
                last_term: log.last_term(),
            });
        }
        let append = self.changed_from.take().map(|first_index| {
            let run = self.changed_run.take();
            Append { first_index, entries: run.unwrap_or_else(|| log.run(first_index, usize::MAX, usize::MAX)) }
        });
        let snapshot = core::mem::take(&mut self.snapshot_changed).then(|| snapshot.cloned()).flatten();
        let hard_state = core::mem::take(&mut self.hard_state_changed).then_some(hard_state);
        Some(Write { number, hard_state, snapshot, append })
    }

    /// Notes that every write up to `number` is durable; returns whether that is news.
    pub(crate) fn on_persisted(&mut self, number: WriteNumber, log: &Log) -> bool {
        if number <= self.persisted || number >= self.next {
            return false;
        }
        self.persisted = number;
        while let Some(&done) = self.pending.front().filter(|pending| pending.number <= number) {
            self.pending.pop_front();
            // What was written may have been replaced since; then it says nothing about the present log. If the last
            // entry is still there, so is everything before it (§5.3).
            if log.term_at(done.last_index) == Some(done.last_term) {
                let untouched = self.untouched_by_later_writes().min(done.last_index);
                self.last_index = self.last_index.max(untouched);
            }
        }
        true
    }

    /// Numbers the writes from the last durable one on, which becomes number 0. Returns by how much numbers shrink.
    pub(crate) fn forget_numbers(&mut self) -> u64 {
        let shift = self.persisted.0;
        let since = |number: &mut WriteNumber| number.0 = number.0.saturating_sub(shift);
        [&mut self.next, &mut self.persisted, &mut self.hard_state_write, &mut self.snapshot_write]
            .into_iter()
            .for_each(since);
        self.pending.iter_mut().for_each(|pending| since(&mut pending.number));
        shift
    }

    /// Last index before everything that writes on their way, or still to come, will replace. Even entries that will be
    /// put back in the same form are gone from the disk for a while, and a crash may come just then.
    fn untouched_by_later_writes(&self) -> LogIndex {
        let pending = self.pending.iter().map(|pending| pending.first_index);
        let first = pending.chain(self.changed_from).min();
        first.map_or(LogIndex::MAX, LogIndex::prev)
    }
}
