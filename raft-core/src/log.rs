//! The replicated log, starting after what a snapshot covers.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::{Configuration, Entries, Entry, EntryKind, LogIndex, SharedVec, Snapshot, Term};

/// The log of one server: entries `last_included_index + 1 ..= last_index`, indices contiguous by construction, and the
/// configurations that they carry.
///
/// A log is read here and changed by its node alone.
///
/// ```
/// # use raft_core::{Append, Configuration, Entry, EntryKind, Log, LogIndex, NodeId, Persisted, Term, Write, WriteNumber};
/// let first = Configuration::of_voters([NodeId(1)]);
/// assert_eq!(Log::bootstrap(first.clone()).last_index(), LogIndex(0));
///
/// let mut disk = Persisted::bootstrap(first);
/// let entries = (1..=3).map(|term| Entry { term: Term(term), kind: EntryKind::NoOp }).collect();
/// let append = Some(Append { first_index: LogIndex(1), entries });
/// disk.apply(&Write { number: WriteNumber(1), hard_state: None, snapshot: None, append });
///
/// let log = &disk.log;
/// assert_eq!((log.first_index(), log.last_index(), log.last_term()), (LogIndex(1), LogIndex(3), Term(3)));
/// assert_eq!((log.last_included_index(), log.last_included_term()), (LogIndex(0), Term(0)));
/// assert_eq!(log.term_at(LogIndex(2)), Some(Term(2)));
/// assert!(log.entry(LogIndex(4)).is_none());
/// assert!(log.iter_from(LogIndex(2)).map(|(index, _)| index.0).eq([2, 3]));
/// assert!(log.is_up_to_date(Term(3), LogIndex(3)));
/// assert!(!log.is_up_to_date(Term(2), LogIndex(9)));   // the last term decides first (§5.4.1)
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Log {
    last_included_index: LogIndex,
    last_included_term: Term,
    entries: SharedVec<Entry>,
    // Every configuration that may become the current one again: the one at `last_included_index`, then those in
    // `entries`, in log order. Never empty.
    configurations: Vec<(LogIndex, Arc<Configuration>)>,
}

impl Log {
    /// An empty log of a cluster that starts with `configuration`.
    pub fn bootstrap(configuration: Configuration) -> Self {
        Self {
            last_included_index: LogIndex(0),
            last_included_term: Term(0),
            entries: SharedVec::new(),
            configurations: Vec::from([(LogIndex(0), Arc::new(configuration))]),
        }
    }

    /// Last index that the snapshot covers; 0 without one (§7).
    pub const fn last_included_index(&self) -> LogIndex {
        self.last_included_index
    }

    /// Term of the entry at [`Log::last_included_index`].
    pub const fn last_included_term(&self) -> Term {
        self.last_included_term
    }

    /// Index of the first entry that is still in the log.
    pub const fn first_index(&self) -> LogIndex {
        self.last_included_index.next()
    }

    /// Index of the last entry, or what the snapshot covers when there is none.
    pub const fn last_index(&self) -> LogIndex {
        self.last_included_index.plus(self.entries.len())
    }

    /// Term of the last entry, or of the snapshot's last one.
    pub fn last_term(&self) -> Term {
        self.entries.last().map_or(self.last_included_term, |entry| entry.term)
    }

    /// Term at `index`; `None` past the end and inside the snapshot.
    pub fn term_at(&self, index: LogIndex) -> Option<Term> {
        if index == self.last_included_index {
            return Some(self.last_included_term);
        }
        self.entry(index).map(|entry| entry.term)
    }

    /// The entry at `index`, unless it is past the end or inside the snapshot.
    pub fn entry(&self, index: LogIndex) -> Option<&Entry> {
        self.entries.get(self.position(index)?)
    }

    /// The entries from `first` on, in order, with their indices.
    pub fn iter_from(&self, first: LogIndex) -> impl DoubleEndedIterator<Item = (LogIndex, &Entry)> {
        let first = first.max(self.first_index());
        let position = self.position(first).unwrap_or(usize::MAX);
        self.entries.range(position..self.entries.len()).enumerate().map(move |(i, entry)| (first.plus(i), entry))
    }

    /// The current configuration: the latest one in the log, committed or not (dissertation §4.1).
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::{LogIndex, MembershipChange, NodeId};
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// let index = cluster.node(1).propose_membership(&MembershipChange::Remove(NodeId(3)))?;
    /// let log = cluster.node(1).log();
    /// assert_eq!(log.configuration_index(), index);
    /// assert_eq!(log.configuration().voters().len(), 2);
    /// assert_eq!(log.configuration_at(index.prev()).voters().len(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn configuration(&self) -> &Arc<Configuration> {
        &self.latest_configuration().1
    }

    /// Where the current configuration stands.
    pub fn configuration_index(&self) -> LogIndex {
        self.latest_configuration().0
    }

    /// Whether a log that ends with `last_term` and `last_index` is at least as up-to-date as this one (§5.4.1).
    pub fn is_up_to_date(&self, last_term: Term, last_index: LogIndex) -> bool {
        (last_term, last_index) >= (self.last_term(), self.last_index())
    }

    /// A run of at most `max_entries` entries from `first` on, at most `max_bytes` long unless the first alone is longer.
    ///
    /// ```
    /// # use raft_core::{Entry, EntryKind, LogIndex, Node, NodeSetup, NodeId, Configuration, Persisted};
    /// let mut node = Node::new(NodeSetup::new(NodeId(1)), Persisted::bootstrap(Configuration::of_voters([NodeId(1)])))?;
    /// # node.campaign();
    /// # let mut ready = raft_core::Ready::default();
    /// # node.drain_into(&mut ready);
    /// # node.on_persisted(ready.write.as_ref().expect("a vote is written").number);
    /// for _ in 0..9 { node.propose("twenty-one bytes long".into())?; }
    /// assert_eq!(node.log().run(LogIndex(1), usize::MAX, usize::MAX).len(), 10); // with the no-op
    /// assert_eq!(node.log().run(LogIndex(3), 5, usize::MAX).len(), 5);
    /// assert_eq!(node.log().run(LogIndex(3), 5, 100).size(), 2 * (16 + 21));
    /// assert_eq!(node.log().run(LogIndex(3), 5, 1).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run(&self, first: LogIndex, max_entries: usize, max_bytes: usize) -> Entries {
        let Some(start) = self.position(first).filter(|&start| start < self.entries.len()) else {
            return Entries::default();
        };
        let end = start.saturating_add(max_entries).min(self.entries.len());
        if let (1, Some(only)) = (end - start, self.entries.get(start)) {
            return only.clone().into();
        }
        let mut bytes = 0;
        let fitting = self.entries.range(start..end).take_while(|entry| {
            let is_first = bytes == 0;
            bytes += entry.size();
            is_first || bytes <= max_bytes
        });
        let count = fitting.count();
        self.entries.range(start..start + count).cloned().collect()
    }

    /// The first index whose entry has the term of the entry at `index`, as far as the log reaches back.
    pub(crate) fn first_index_of_term_at(&self, index: LogIndex) -> LogIndex {
        let Some(term) = self.term_at(index) else {
            return index;
        };
        // Terms never decrease along a log, so equal terms are neighbours.
        let before = self.entries.partition_point(|entry| entry.term < term);
        self.first_index().plus(before).min(index)
    }

    /// The last index of the entries up to `index` whose term is at most `term`.
    pub(crate) fn last_index_with_term_at_most(&self, term: Term, index: LogIndex) -> LogIndex {
        let upto = self.entries.partition_point(|entry| entry.term <= term);
        self.last_included_index.plus(upto).min(index)
    }

    /// Adds an entry at the end.
    pub(crate) fn append(&mut self, entry: Entry) {
        if let EntryKind::Configuration(configuration) = &entry.kind {
            self.configurations.push((self.last_index().next(), Arc::clone(configuration)));
        }
        self.entries.push(entry);
    }

    /// Adds entries at the end.
    pub(crate) fn append_all(&mut self, entries: &[Entry]) {
        let first = self.last_index().next();
        for (position, entry) in entries.iter().enumerate() {
            if let EntryKind::Configuration(configuration) = &entry.kind {
                self.configurations.push((first.plus(position), Arc::clone(configuration)));
            }
        }
        self.entries.extend_from_slice(entries);
    }

    /// Removes every entry after `index`. With them go the configurations that they carried: the one before counts again.
    pub(crate) fn truncate_after(&mut self, index: LogIndex) {
        let keep = index.0.saturating_sub(self.last_included_index.0);
        self.entries.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
        let last_index = self.last_index();
        self.configurations.retain(|(at, _)| *at <= last_index);
    }

    /// Lets the log start after a snapshot. Where it holds the snapshot's last entry, what follows stays; a log that does not
    /// is discarded as a whole (§7). Returns whether anything is left of it.
    pub(crate) fn start_after(&mut self, snapshot: &Snapshot) -> bool {
        let index = snapshot.last_included_index;
        if index < self.last_included_index {
            return !self.entries.is_empty();
        }
        if self.term_at(index) != Some(snapshot.last_included_term) {
            self.restart_after(snapshot);
            return false;
        }
        let covered = index.0.saturating_sub(self.last_included_index.0);
        self.entries.drop_front(usize::try_from(covered).unwrap_or(usize::MAX));
        self.configurations.retain(|(at, _)| *at > index);
        self.configurations.insert(0, (index, Arc::clone(&snapshot.configuration)));
        (self.last_included_index, self.last_included_term) = (index, snapshot.last_included_term);
        !self.entries.is_empty()
    }

    /// Discards every entry: the log starts, and for now ends, with what a snapshot covers.
    pub(crate) fn restart_after(&mut self, snapshot: &Snapshot) {
        *self = Self {
            last_included_index: snapshot.last_included_index,
            last_included_term: snapshot.last_included_term,
            entries: SharedVec::new(),
            configurations: Vec::from([(snapshot.last_included_index, Arc::clone(&snapshot.configuration))]),
        };
    }

    /// The configuration as of `index`, which is not inside the snapshot.
    pub fn configuration_at(&self, index: LogIndex) -> &Arc<Configuration> {
        let known = self.configurations.iter().rev().find(|(at, _)| *at <= index);
        &known.or(self.configurations.first()).expect("the configuration at the snapshot is never removed").1
    }

    /// The same log with other configurations.
    pub(crate) fn map_configurations(&self, map: impl Fn(&Arc<Configuration>) -> Arc<Configuration>) -> Self {
        let mut mapped = self.clone();
        for (index, configuration) in &mut mapped.configurations {
            *configuration = map(configuration);
            let position =
                index.0.checked_sub(self.first_index().0).and_then(|position| usize::try_from(position).ok());
            if let Some((position, entry)) = position.and_then(|at| Some((at, self.entries.get(at)?))) {
                let kind = EntryKind::Configuration(Arc::clone(configuration));
                mapped.entries.set(position, Entry { term: entry.term, kind });
            }
        }
        mapped
    }

    fn latest_configuration(&self) -> &(LogIndex, Arc<Configuration>) {
        self.configurations.last().expect("the configuration at the snapshot is never removed")
    }

    fn position(&self, index: LogIndex) -> Option<usize> {
        index.0.checked_sub(self.first_index().0).and_then(|position| usize::try_from(position).ok())
    }
}
