//! What must stay true for ever, once it happened.

use std::sync::Arc;

use litemap::LiteMap;
use raft_core::{Configuration, Entry, EntryKind, LogIndex, NodeId, SharedVec, Term};

use super::chain::Configurations;
use super::replay::Replay;
use super::{Invariant, Link, Violation};

/// The facts of a whole run. Copies share what does not change.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    terms: Arc<LiteMap<Term, TermFacts>>,
    votes: Arc<LiteMap<(Term, NodeId), NodeId>>,
    // The first entry seen at each index, and in the map those of other terms there.
    entries: SharedVec<(Link, NodeId)>,
    other_entries: Arc<LiteMap<(LogIndex, Term), (u64, NodeId)>>,
    committed: SharedVec<Committed>,
    // `None`: not applied by anybody yet.
    applied: SharedVec<Option<(Link, NodeId)>>,
    /// For each client the entry with which each of its commands was first carried out, by serial number.
    executed: Vec<(Arc<str>, SharedVec<Option<LogIndex>>)>,
    /// The last entry that a client was told of.
    acknowledged: LogIndex,
    /// The configuration that the cluster started with and those that were committed.
    configurations: Configurations,
    pub(super) replay: Replay,
    reported: Arc<LiteMap<Contradiction, ()>>,
}

/// How many serial numbers a client may leave out and still be followed.
const MAX_SKIPPED: usize = 4_096;

/// What makes a violation the same as one before.
type Contradiction = (Invariant, Vec<NodeId>, Option<LogIndex>);

#[derive(Clone, Copy, Debug, Default)]
struct TermFacts {
    leader: Option<NodeId>,
    creator: Option<NodeId>,
}

#[derive(Clone, Copy, Debug)]
struct Committed {
    link: Link,
    /// The term of the server that first knew it to be committed; at least that of the leader that committed it.
    commit_term: Term,
    by: NodeId,
}

/// What a commit says to the history.
pub(super) enum Commit {
    New,
    Known,
    Contradicts { known: Link, by: NodeId },
}

impl History {
    /// Notes that a client's command was carried out; returns the entry with which that was done before, if it is another.
    pub(super) fn executes(&mut self, index: LogIndex, client: &str, serial: u64) -> Option<LogIndex> {
        let known = self.executed.iter().position(|(name, _)| &**name == client);
        let at = known.unwrap_or_else(|| {
            self.executed.push((client.into(), SharedVec::new()));
            self.executed.len() - 1
        });
        let indices = &mut self.executed[at].1;
        // Serial numbers count from 1, and the entries that the world makes are few; others are not worth the memory.
        let position = usize::try_from(serial).ok().filter(|&serial| serial <= indices.len() + MAX_SKIPPED)?;
        while indices.len() <= position {
            indices.push(None);
        }
        let first = indices.get(position).copied().flatten();
        if first.is_none() {
            indices.set(position, Some(index));
        }
        first.filter(|&first| first != index)
    }

    /// Notes who leads a term; returns who did before, if it is somebody else.
    pub(super) fn leads(&mut self, term: Term, leader: NodeId) -> Option<NodeId> {
        let facts = Arc::make_mut(&mut self.terms).entry(term).or_default();
        let first = *facts.leader.get_or_insert(leader);
        (first != leader).then_some(first)
    }

    /// Who leads or led a term.
    pub(super) fn leader_of(&self, term: Term) -> Option<NodeId> {
        self.terms.get(&term)?.leader
    }

    /// Who created the first entry of a term.
    pub(super) fn creator_of(&self, term: Term) -> Option<NodeId> {
        self.terms.get(&term)?.creator
    }

    /// Notes a vote; returns the candidate of an earlier, different vote of the same voter in the same term.
    pub(super) fn votes(&mut self, voter: NodeId, term: Term, candidate: NodeId) -> Option<NodeId> {
        if let Some(&first) = self.votes.get(&(term, voter)) {
            return (first != candidate).then_some(first);
        }
        Arc::make_mut(&mut self.votes).insert((term, voter), candidate);
        None
    }

    /// Notes an entry; returns who first had one of the same index and term with another history, if anybody.
    pub(super) fn saw_entry(&mut self, id: NodeId, index: LogIndex, link: Link) -> Result<(), NodeId> {
        let position = index.0 as usize - 1;
        match self.entries.get(position) {
            Some((known, by)) if known.term == link.term => {
                return if known.hash == link.hash { Ok(()) } else { Err(*by) };
            }
            Some(_) => {
                if let Some(&(hash, by)) = self.other_entries.get(&(index, link.term)) {
                    return if hash == link.hash { Ok(()) } else { Err(by) };
                }
                Arc::make_mut(&mut self.other_entries).insert((index, link.term), (link.hash, id));
            }
            None => {
                // Indices below may have been compacted away before anybody looked.
                while self.entries.len() < position {
                    self.entries.push((Link::default(), id));
                }
                self.entries.push((link, id));
            }
        }
        if self.creator_of(link.term).is_none() {
            Arc::make_mut(&mut self.terms).entry(link.term).or_default().creator = Some(id);
        }
        Ok(())
    }

    /// The entry of a term at an index, with all before it, as it was first seen.
    pub(super) fn entry(&self, index: LogIndex, term: Term) -> Option<Link> {
        let (first, _) = self.entries.get(usize::try_from(index.0.checked_sub(1)?).ok()?)?;
        if first.term == term {
            return Some(*first);
        }
        self.other_entries.get(&(index, term)).map(|&(hash, _)| Link { term, hash })
    }

    /// Notes the configuration that the cluster starts with.
    pub(super) fn starts_with(&mut self, configuration: &Arc<Configuration>) {
        if self.configurations.is_empty() && !configuration.voters().is_empty() {
            self.configurations.push((LogIndex(0), Arc::clone(configuration)));
        }
    }

    /// Notes what a newly committed entry says.
    pub(super) fn commits_entry(&mut self, index: LogIndex, entry: &Entry) {
        self.replay.push(index, entry);
        if let EntryKind::Configuration(configuration) = &entry.kind {
            self.configurations.push((index, Arc::clone(configuration)));
        }
    }

    /// The committed configuration at an index.
    pub(super) fn configuration_at(&self, index: LogIndex) -> Option<&Arc<Configuration>> {
        self.configurations.iter().rev().find(|(at, _)| *at <= index).map(|(_, configuration)| configuration)
    }

    /// The last index that is known to be committed.
    pub(super) fn last_committed(&self) -> LogIndex {
        LogIndex(self.committed.len() as u64)
    }

    /// Notes that `by`, in `term`, knows an entry to be committed.
    pub(super) fn commits(&mut self, index: LogIndex, link: Link, commit_term: Term, by: NodeId) -> Commit {
        let position = index.0 as usize - 1;
        match self.committed.get(position) {
            Some(known) if known.link == link => Commit::Known,
            Some(known) => Commit::Contradicts { known: known.link, by: known.by },
            None => {
                while self.committed.len() < position {
                    self.committed.push(Committed { link: Link::default(), commit_term, by });
                }
                self.committed.push(Committed { link, commit_term, by });
                Commit::New
            }
        }
    }

    /// What is committed at an index, if that is known.
    pub(super) fn committed_at(&self, index: LogIndex) -> Option<Link> {
        let position = usize::try_from(index.0.checked_sub(1)?).ok()?;
        self.committed.get(position).map(|committed| committed.link)
    }

    /// The last entry that a client was told of.
    pub(super) const fn acknowledged(&self) -> LogIndex {
        self.acknowledged
    }

    /// Notes that a client was told of what happened up to an entry.
    pub(super) fn acknowledges(&mut self, index: LogIndex) {
        self.acknowledged = self.acknowledged.max(index);
    }

    /// The last entry that was committed before `term`.
    pub(super) fn last_committed_before(&self, term: Term) -> Option<(LogIndex, Link)> {
        let (position, committed) =
            self.committed.iter().enumerate().rev().find(|(_, committed)| committed.commit_term < term)?;
        Some((LogIndex(position as u64 + 1), committed.link))
    }

    /// Notes that a server applied an entry; returns what was applied there before, if it is another one.
    pub(super) fn applies(&mut self, index: LogIndex, link: Link, by: NodeId) -> Option<(Link, NodeId)> {
        let position = index.0 as usize - 1;
        match self.applied.get(position) {
            Some(&Some((known, first))) => (known != link).then_some((known, first)),
            Some(None) => {
                self.applied.set(position, Some((link, by)));
                None
            }
            None => {
                while self.applied.len() < position {
                    self.applied.push(None);
                }
                self.applied.push(Some((link, by)));
                None
            }
        }
    }

    /// Whether a violation is the first of its kind.
    pub(super) fn is_new(&mut self, violation: &Violation) -> bool {
        let key = (violation.invariant, violation.servers.clone(), violation.index);
        !self.reported.contains_key(&key) && Arc::make_mut(&mut self.reported).insert(key, ()).is_none()
    }
}
