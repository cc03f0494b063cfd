//! What must hold within each implementation after every step, whatever happens.

use std::collections::BTreeMap;

use crate::server::{Applied, Entry, View};

/// Everything that was ever seen of one cluster.
#[derive(Default)]
pub(crate) struct Safety {
    /// The leader of each term.
    leaders: BTreeMap<u64, u64>,
    /// For each (index, term) of any log: the command, and the term of the entry before.
    entries: BTreeMap<(u64, u64), (Option<u64>, u64)>,
    /// What some server knew to be committed, from index 1 on, with the term of the leader that committed it.
    committed: Vec<(Entry, u64)>,
    /// What each server's state machine has applied since it started.
    applied: BTreeMap<u64, Vec<Entry>>,
}

impl Safety {
    /// Election safety, log matching, leader completeness and the agreement on what is committed (§5.2 to §5.4).
    pub(crate) fn observe(&mut self, server: u64, view: &View) -> Result<(), String> {
        let mut before = 0;
        for (index, entry) in (1..).zip(&view.log) {
            let known = *self.entries.entry((index, entry.term)).or_insert((entry.command, before));
            if known != (entry.command, before) {
                return Err(format!("log matching: server {server} differs from another at {index}: {entry:?}"));
            }
            before = entry.term;
        }
        if view.commit_index > view.log.len() as u64 {
            return Err(format!("server {server} has committed more than it has"));
        }
        for (at, entry) in view.committed().iter().enumerate() {
            match self.committed.get(at) {
                None => self.committed.push((*entry, view.term)),
                Some((known, _)) if known == entry => {}
                Some((known, _)) => {
                    return Err(format!("committed twice at {}: {known:?}, by server {server} {entry:?}", at + 1));
                }
            }
        }
        if view.leads {
            self.observe_leader(server, view)?;
        }
        Ok(())
    }

    fn observe_leader(&mut self, server: u64, view: &View) -> Result<(), String> {
        let leader = *self.leaders.entry(view.term).or_insert(server);
        if leader != server {
            return Err(format!("election safety: servers {leader} and {server} both lead term {}", view.term));
        }
        let lacks =
            |&(at, (entry, term)): &(usize, &(Entry, u64))| *term < view.term && view.log.get(at) != Some(entry);
        match self.committed.iter().enumerate().find(lacks) {
            None => Ok(()),
            Some((at, (entry, _))) => {
                Err(format!("leader completeness: leader {server} of term {} lacks {entry:?} at {}", view.term, at + 1))
            }
        }
    }

    /// State machine safety (§5.4.3): entries are applied in order, each once, and only committed ones; a snapshot shows
    /// what it replaces, and takes nothing back.
    pub(crate) fn apply(&mut self, server: u64, step: Applied) -> Result<(), String> {
        let applied = self.applied.entry(server).or_default();
        let checked = match step {
            Applied::Entry { index, entry } if index == applied.len() as u64 + 1 => {
                applied.push(entry);
                applied.len() - 1
            }
            Applied::Entry { index, .. } => {
                return Err(format!("server {server} applied {index} after {}", applied.len()));
            }
            Applied::Snapshot(entries) if entries.len() >= applied.len() => {
                *applied = entries;
                0
            }
            Applied::Snapshot(entries) => {
                return Err(format!("server {server} went back from {} to {}", applied.len(), entries.len()));
            }
        };
        let differs = |&at: &usize| self.committed.get(at).map(|(entry, _)| entry) != applied.get(at);
        match (checked..applied.len()).find(differs) {
            None => Ok(()),
            Some(at) => Err(format!(
                "server {server} applied {:?} at {}, committed is {:?}",
                applied[at],
                at + 1,
                self.committed.get(at)
            )),
        }
    }

    pub(crate) fn forget_applied(&mut self, server: u64) {
        self.applied.remove(&server);
    }

    pub(crate) fn applied(&self, server: u64) -> &[Entry] {
        self.applied.get(&server).map_or(&[], Vec::as_slice)
    }

    /// Everything that was ever known to be committed.
    pub(crate) fn committed(&self) -> impl Iterator<Item = Entry> {
        self.committed.iter().map(|(entry, _)| *entry)
    }

    /// How many leaders there were up to this term: a name for the term that does not depend on failed elections.
    pub(crate) fn leaders_up_to(&self, term: u64) -> usize {
        self.leaders.range(..=term).count()
    }
}
