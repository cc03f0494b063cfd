//! Snapshots: taken here, sent piece by piece, received and installed (§7).

use alloc::sync::Arc;
use alloc::vec::Vec;

use thiserror::Error;

use crate::progress::Outgoing;
use crate::{
    Event, IgnoreReason, InstallSnapshot, LogIndex, Message, MessageKind, Node, NodeId, Payload, Progress,
    ProgressState, Round, Rpc, Rule, Snapshot, SnapshotOutcome, Term,
};

/// The pieces of a leader's snapshot that have arrived, from the first on. Lost in a crash: the leader begins again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Incoming {
    /// The leader's term: another leader's snapshot of the same index need not be the same bytes.
    term: Term,
    last_included_index: LogIndex,
    last_included_term: Term,
    data: Vec<u8>,
}

/// Why a log was not compacted. Nothing has changed.
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::{CompactError, LogIndex};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// let refusal = cluster.node(1).compact(LogIndex(5), b"state".as_slice());
/// assert_eq!(refusal, Err(CompactError::NotApplied { index: LogIndex(5), last_applied: LogIndex(0) }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CompactError {
    /// A snapshot can only show what was applied.
    #[error("entry {index} is not applied yet, only {last_applied} is")]
    NotApplied {
        /// The index that was asked for.
        index: LogIndex,
        /// The highest index applied.
        last_applied: LogIndex,
    },
    /// The log starts after it already.
    #[error("the log is already compacted up to {last_included_index}")]
    AlreadyCompacted {
        /// Last index of the snapshot.
        last_included_index: LogIndex,
    },
    /// A server that was added to the cluster has not yet got the entry that says who else belongs to it. Nobody could
    /// start from such a snapshot.
    #[error("no configuration is known as of entry {index}; wait for the entry that adds this server")]
    NoConfiguration {
        /// The index that was asked for.
        index: LogIndex,
    },
    /// Longer than [`crate::Options::max_snapshot_bytes`].
    #[error("the snapshot has {bytes} bytes, but at most {limit} are allowed")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

impl Node {
    /// Replaces the log up to `index` by `data`, the state of the state machine right after that entry (§7).
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::{CompactError, LogIndex};
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// # cluster.node(1).propose("hello".into())?;
    /// # cluster.settle();
    /// let state = cluster.0[&1].state.clone();
    /// let (node, index) = (cluster.node(1), LogIndex(2));
    /// assert_eq!(node.last_applied(), index);              // `state` is the state right after this entry
    /// node.compact(index, state)?;
    /// assert_eq!(node.log().first_index(), LogIndex(3));
    /// let snapshot = node.snapshot().expect("it was just taken");
    /// assert_eq!((snapshot.last_included_index, &*snapshot.data), (index, b"hello".as_slice()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compact(&mut self, index: LogIndex, data: impl Into<Arc<[u8]>>) -> Result<(), CompactError> {
        if index > self.last_applied {
            return Err(CompactError::NotApplied { index, last_applied: self.last_applied });
        }
        let last_included_index = self.log.last_included_index();
        let Some(last_included_term) = self.log.term_at(index).filter(|_| index > last_included_index) else {
            return Err(CompactError::AlreadyCompacted { last_included_index });
        };
        let (data, limit) = (data.into(), self.options.max_snapshot_bytes);
        if data.len() > limit {
            return Err(CompactError::TooLarge { bytes: data.len(), limit });
        }
        let configuration = Arc::clone(self.log.configuration_at(index));
        if configuration.voters().is_empty() {
            return Err(CompactError::NoConfiguration { index });
        }
        let snapshot = Snapshot { last_included_index: index, last_included_term, configuration, data };
        self.log.start_after(&snapshot);
        self.snapshot = Some(snapshot);
        self.durability.touch_snapshot(&self.log);
        self.event(Event::LogCompacted { last_included_index: index });
        Ok(())
    }

    /// Hands out a snapshot that came from a leader, once it is durable and everything handed out before is applied.
    pub(super) fn hand_out_snapshot(&mut self) -> Option<Snapshot> {
        let index = self.log.last_included_index();
        let is_due =
            self.applying < index && self.applying == self.last_applied && self.durability.is_snapshot_durable();
        if !is_due {
            return None;
        }
        self.applying = index;
        self.snapshot.clone()
    }
}

/// The leader's side.
impl Node {
    /// Turns to the snapshot if what the follower needs next, or the entry before it, is no longer in the log.
    pub(super) fn send_snapshot_if_needed(&mut self, peer: &mut Progress) {
        if peer.next_index > self.log.last_included_index() {
            return;
        }
        // The one on its way goes on until it is installed, even if there is a newer one.
        let has_installed = |sent: &Outgoing| sent.snapshot.last_included_index <= peer.match_index;
        if !peer.outgoing.as_deref().is_none_or(has_installed) {
            return;
        }
        if let Some(snapshot) = &self.snapshot {
            peer.send_snapshot(snapshot.clone());
            self.event(Event::ProgressChanged { follower: peer.id, state: ProgressState::Snapshot });
        }
    }

    pub(super) fn send_snapshot_piece(&mut self, peer: &mut Progress) {
        peer.waiting = true;
        let Some(outgoing) = &peer.outgoing else { return };
        let data = &outgoing.snapshot.data;
        let end = data.len().min(outgoing.offset.saturating_add(self.options.max_snapshot_chunk_bytes));
        let piece = Payload::from(&data[outgoing.offset..end]);
        let done = end == data.len();
        self.send_piece(peer.id, outgoing, piece, done);
    }

    /// A heartbeat for a follower that gets a snapshot: its answer says what it has.
    pub(super) fn send_empty_piece(&mut self, peer: &Progress) {
        if let Some(outgoing) = &peer.outgoing {
            self.send_piece(peer.id, outgoing, Payload::from([].as_slice()), false);
        }
    }

    fn send_piece(&mut self, to: NodeId, outgoing: &Outgoing, data: Payload, done: bool) {
        let Snapshot { last_included_index, last_included_term, ref configuration, .. } = outgoing.snapshot;
        let install = InstallSnapshot {
            last_included_index,
            last_included_term,
            configuration: Arc::clone(configuration),
            offset: outgoing.offset as u64,
            data,
            done,
            round: self.round(),
        };
        self.send(to, Rpc::InstallSnapshot(install));
    }

    /// At each heartbeat: repeats a piece that was not answered for an interval, of the latest snapshot.
    pub(super) fn keep_sending_snapshot(&mut self, peer: &mut Progress) {
        let Some(outgoing) = &mut peer.outgoing else { return };
        if !peer.waiting || !outgoing.stalled {
            outgoing.stalled = peer.waiting;
            return self.show_alive(peer);
        }
        // The answer may have been lost, or the follower may have lost all that it had.
        let latest = self.snapshot.as_ref();
        let newer = latest.filter(|new| new.last_included_index > outgoing.snapshot.last_included_index);
        if let Some(newer) = newer {
            peer.send_snapshot(newer.clone());
        }
        peer.waiting = false;
    }

    pub(super) fn handle_snapshot_reply(&mut self, message: &Message, outcome: SnapshotOutcome, round: Round) {
        let Some(peer) = self.heard_from(message, round) else { return };
        match outcome {
            SnapshotOutcome::Installed { match_index } => self.handle_match(message, match_index),
            SnapshotOutcome::Received { last_included_index, next_offset } => {
                let outgoing = peer.outgoing.as_mut();
                let outgoing = outgoing.filter(|sent| sent.snapshot.last_included_index == last_included_index);
                let Some(outgoing) = outgoing else {
                    return self.ignore(message, IgnoreReason::Outdated);
                };
                let Some(next) = usize::try_from(next_offset).ok().filter(|&at| at <= outgoing.snapshot.data.len())
                else {
                    return self.ignore(message, IgnoreReason::Impossible);
                };
                // Less than before is an old answer, unless nothing else has come for a while: then the follower has lost
                // what it had.
                if next > outgoing.offset || (next < outgoing.offset && outgoing.stalled) {
                    outgoing.offset = next;
                    outgoing.stalled = false;
                    peer.waiting = false;
                }
            }
            SnapshotOutcome::StaleTerm => self.ignore(message, IgnoreReason::Impossible),
        }
    }
}

/// The follower's side.
impl Node {
    pub(super) fn handle_install_snapshot(&mut self, leader: NodeId, install: InstallSnapshot) {
        if !self.obey(leader, MessageKind::InstallSnapshot) {
            return;
        }
        let round = install.round;
        if install.data.is_empty() {
            self.retry_reads();
        }
        // Late, or this server has caught up in another way. What is committed here is what the leader has, too.
        if install.last_included_index <= self.commit_index {
            self.incoming = None;
            self.ignore_kind(leader, MessageKind::InstallSnapshot, IgnoreReason::Outdated);
            return self.acknowledge_snapshot(leader, self.commit_index, round);
        }
        let Some(data) = self.collect(&install) else {
            let there = |incoming: &Incoming| (incoming.last_included_index, incoming.data.len() as u64);
            let (last_included_index, next_offset) =
                self.incoming.as_ref().map_or((install.last_included_index, 0), there);
            let outcome = SnapshotOutcome::Received { last_included_index, next_offset };
            return self.send(leader, Rpc::InstallSnapshotReply { outcome, round });
        };
        let InstallSnapshot { last_included_index, last_included_term, configuration, .. } = install;
        self.install(Snapshot { last_included_index, last_included_term, configuration, data: data.into() });
        self.acknowledge_snapshot(leader, last_included_index, round);
    }

    /// Adds a piece to what has arrived; returns the whole when it is complete.
    fn collect(&mut self, install: &InstallSnapshot) -> Option<Vec<u8>> {
        let InstallSnapshot { last_included_index, last_included_term, offset, ref data, done, .. } = *install;
        let term = self.current_term;
        let is_same = |incoming: &Incoming| {
            (incoming.term, incoming.last_included_index, incoming.last_included_term)
                == (term, last_included_index, last_included_term)
        };
        // Within a term a leader turns only to newer snapshots, so a piece of an older one is late.
        if self.incoming.as_ref().is_some_and(|it| it.term == term && it.last_included_index > last_included_index) {
            return None;
        }
        if !self.incoming.as_ref().is_some_and(is_same) {
            self.incoming = Some(Incoming { term, last_included_index, last_included_term, data: Vec::new() });
        }
        let limit = self.options.max_snapshot_bytes;
        let incoming = self.incoming.as_mut()?;
        let is_next = offset == incoming.data.len() as u64;
        if !is_next || incoming.data.len() + data.len() > limit {
            return None;
        }
        incoming.data.extend_from_slice(data.as_bytes());
        let bytes = incoming.data.len() as u64;
        if !data.is_empty() {
            self.event(Event::SnapshotReceived { last_included_index, bytes });
        }
        if done { self.incoming.take().map(|incoming| incoming.data) } else { None }
    }

    /// Lets a snapshot, which reaches further than what is known to be committed, replace the beginning of the log.
    fn install(&mut self, snapshot: Snapshot) {
        let (index, old_commit) = (snapshot.last_included_index, self.commit_index);
        let configuration = Arc::clone(self.configuration());
        let matches = self.log.term_at(index) == Some(snapshot.last_included_term);
        // Entries after the snapshot that follow its last one may have been acknowledged (§7).
        let kept_suffix = if matches && self.rules.has(Rule::RetainSuffix) {
            self.log.start_after(&snapshot)
        } else {
            let was_longer = self.log.last_index() > index;
            self.log.restart_after(&snapshot);
            self.durability.forget_after(old_commit);
            self.take_back_acknowledgements(index.next());
            if was_longer {
                self.durability.touch_log(index.next());
            }
            false
        };
        self.snapshot = Some(snapshot);
        self.durability.touch_snapshot(&self.log);
        self.commit_index = index;
        self.event(Event::SnapshotInstalled { last_included_index: index, kept_suffix });
        self.event(Event::CommitAdvanced { from: old_commit, to: index });
        self.note_configuration(&configuration);
    }

    /// Tells the leader up to where this server's state is its own, once that is durable.
    fn acknowledge_snapshot(&mut self, leader: NodeId, match_index: LogIndex, round: Round) {
        let mut gate = self.durability.hard_state_write;
        if self.rules.has(Rule::PersistLog) && match_index > self.durability.last_index {
            gate = gate.max(self.durability.log_write());
        }
        let outcome = SnapshotOutcome::Installed { match_index };
        self.send_in_term(leader, self.current_term, Rpc::InstallSnapshotReply { outcome, round }, gate);
    }
}
