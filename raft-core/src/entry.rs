//! Log entries, and runs of entries as they travel in messages and writes.

use alloc::sync::Arc;

use crate::{Configuration, Payload, Term};

/// One entry of the log. Its index is its position, never a field that could disagree with it.
///
/// ```
/// # use raft_core::{Entry, EntryKind, Payload, Term};
/// let entry = Entry { term: Term(2), kind: EntryKind::Command(Payload::from("x=1")) };
/// assert_eq!(entry.size(), 16 + 3);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Entry {
    /// The term of the leader that created the entry (§5.3).
    pub term: Term,
    /// What the entry carries.
    pub kind: EntryKind,
}

/// What an entry carries.
///
/// A state machine applies commands and passes over the rest.
///
/// ```
/// # use raft_core::{Configuration, EntryKind, NodeId};
/// fn apply(state: &mut Vec<u8>, kind: &EntryKind) {
///     match kind {
///         EntryKind::Command(command) => state.extend(command.as_bytes()),
///         EntryKind::NoOp | EntryKind::Configuration(_) => {}
///     }
/// }
///
/// let mut state = vec![];
/// apply(&mut state, &EntryKind::NoOp);
/// apply(&mut state, &EntryKind::Command("x".into()));
/// apply(&mut state, &EntryKind::Configuration(Configuration::of_voters([NodeId(1)]).into()));
/// assert_eq!(state, b"x");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum EntryKind {
    /// The blank entry with which a leader opens its term (§8).
    NoOp,
    /// A command for the state machine.
    Command(Payload),
    /// A cluster configuration. It counts from the moment it is appended (dissertation §4.1).
    Configuration(Arc<Configuration>),
}

impl Entry {
    /// Bytes that count against the size limits: the payload, plus a fixed header so that empty entries are not free.
    pub fn size(&self) -> usize {
        const HEADER: usize = 16;
        HEADER
            + match &self.kind {
                EntryKind::NoOp => 0,
                EntryKind::Command(payload) => payload.len(),
                EntryKind::Configuration(configuration) => configuration.size(),
            }
    }
}

/// A run of consecutive entries. Empty and single runs need no allocation; longer ones are shared by reference, so
/// sending the same run to every follower copies no entry.
///
/// ```
/// # use raft_core::{Entries, Entry, EntryKind, Term};
/// let entry = |text: &str| Entry { term: Term(1), kind: EntryKind::Command(text.into()) };
/// let run: Entries = ["a", "b", "c"].into_iter().map(entry).collect();
/// assert_eq!(run.len(), 3);
/// assert_eq!(run.as_slice()[1], entry("b"));
/// assert_eq!(run.size(), 3 * entry("a").size());
///
/// let one = Entries::from(entry("a"));
/// assert_eq!(one.as_slice(), &run.as_slice()[..1]);
/// assert!(Entries::default().is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Entries(Repr);

#[derive(Clone, Debug, Default)]
enum Repr {
    #[default]
    None,
    One(Entry),
    Many(Arc<[Entry]>),
}

impl Entries {
    /// The entries, first index first.
    pub fn as_slice(&self) -> &[Entry] {
        match &self.0 {
            Repr::None => &[],
            Repr::One(entry) => core::slice::from_ref(entry),
            Repr::Many(entries) => entries,
        }
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there is no entry (an empty `AppendEntries` is a heartbeat).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of all entries, see [`Entry::size`].
    pub fn size(&self) -> usize {
        self.as_slice().iter().map(Entry::size).sum()
    }
}

impl From<Entry> for Entries {
    fn from(only: Entry) -> Self {
        Self(Repr::One(only))
    }
}

impl FromIterator<Entry> for Entries {
    fn from_iter<I: IntoIterator<Item = Entry>>(source: I) -> Self {
        let mut source = source.into_iter();
        Self(match (source.next(), source.next()) {
            (None, _) => Repr::None,
            (Some(only), None) => Repr::One(only),
            // Known in length, this is written straight into its one allocation.
            (Some(first), Some(second)) => Repr::Many([first, second].into_iter().chain(source).collect()),
        })
    }
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Entries {}

impl core::hash::Hash for Entries {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Entries {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_slice().serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Entries {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = alloc::vec::Vec::<Entry>::deserialize(deserializer)?;
        Ok(entries.into_iter().collect())
    }
}
