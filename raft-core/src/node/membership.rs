//! Changes of the configuration (§6, dissertation ch. 4). A configuration counts from the moment it is in the log.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::node::State;
use crate::progress::CatchUp;
use crate::{
    Configuration, EntryKind, Event, FollowerReason, LogIndex, MembershipChange, MembershipError, Node, Progress, Rule,
};

impl Node {
    /// Changes the configuration and returns the index at which the new one stands. It counts at once; the change is over
    /// when it is committed and, if it was joint, left.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::{MembershipChange, MembershipError, NodeId};
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// let leader = cluster.node(1);
    /// let index = leader.propose_membership(&MembershipChange::Remove(NodeId(3)))?;
    /// assert!(!leader.configuration().is_member(NodeId(3))); // it counts at once
    /// let refusal = leader.propose_membership(&MembershipChange::Remove(NodeId(2)));
    /// assert_eq!(refusal, Err(MembershipError::ChangePending { index }));
    /// cluster.settle();
    /// cluster.node(1).propose_membership(&MembershipChange::Remove(NodeId(2)))?;
    /// # Ok::<(), MembershipError>(())
    /// ```
    pub fn propose_membership(&mut self, change: &MembershipChange) -> Result<LogIndex, MembershipError> {
        let State::Leader(leadership) = &self.state else {
            return Err(MembershipError::NotLeader { leader_hint: self.leader() });
        };
        if let Some(transfer) = &leadership.transfer {
            return Err(MembershipError::TransferInProgress { target: transfer.target });
        }
        let index = self.log.configuration_index();
        if index > self.commit_index || self.configuration().is_joint() {
            return Err(MembershipError::ChangePending { index });
        }
        // Until then an older leader's change may still be settled by somebody else (dissertation §4.1).
        if self.rules.has(Rule::NoOpBeforeConfig) && !self.has_committed_in_term() {
            return Err(MembershipError::NothingCommitted { term: self.current_term });
        }
        let new = self.configuration().changed(change)?;
        self.check_caught_up(&new)?;
        // Old and new majorities of several servers need not meet, unless both must agree for a while (§6).
        let is_joint = matches!(change, MembershipChange::Replace { .. }) && self.rules.has(Rule::JointConsensus);
        let next = if is_joint { self.configuration().enter_joint(&new) } else { new };
        Ok(self.append_configuration(next))
    }

    fn check_caught_up(&self, new: &Configuration) -> Result<(), MembershipError> {
        let old = self.configuration();
        for &node in new.voters().iter().filter(|&&id| !old.is_voter(id)) {
            let progress = self.progress_of(node);
            let is_fit = progress.and_then(Progress::catch_up).is_some_and(|catch_up| catch_up.is_caught_up);
            // A voter with an empty log takes part in quorums that it cannot help (dissertation §4.2.1).
            if self.rules.has(Rule::CatchUpBeforeVote) && !is_fit {
                let match_index = progress.map_or(LogIndex(0), Progress::match_index);
                return Err(MembershipError::NotCaughtUp { node, match_index, last_index: self.log.last_index() });
            }
        }
        Ok(())
    }

    fn append_configuration(&mut self, configuration: Configuration) -> LogIndex {
        let before = Arc::clone(self.configuration());
        let index = self.append_as_leader(EntryKind::Configuration(Arc::new(configuration)));
        self.note_configuration(&before);
        self.follow_configuration();
        index
    }

    /// Says so if another configuration counts than `before`.
    pub(super) fn note_configuration(&mut self, before: &Arc<Configuration>) {
        if self.configuration() != before {
            let index = self.log.configuration_index();
            let joint = self.configuration().is_joint();
            self.event(Event::ConfigurationChanged { index, joint });
        }
    }

    /// Lets a leader keep progress of exactly the other members.
    pub(super) fn follow_configuration(&mut self) {
        let (configuration, last_index) = (Arc::clone(self.configuration()), self.log.last_index());
        let State::Leader(leadership) = &mut self.state else {
            return;
        };
        let known = &mut leadership.progress;
        known.retain(|peer| configuration.is_member(peer.id));
        let others = configuration.members().into_iter().filter(|&id| id != self.id);
        let new: Vec<_> = others.filter(|id| !known.iter().any(|peer| peer.id == *id)).collect();
        known.extend(new.into_iter().map(|id| Progress::new(id, last_index.next())));
        known.sort_unstable_by_key(|peer| peer.id);
        for peer in known {
            if configuration.is_voter(peer.id) {
                peer.catch_up = None;
            } else if peer.catch_up.is_none() {
                peer.catch_up = Some(Box::new(CatchUp { target: last_index, ..CatchUp::default() }));
            }
        }
        self.check_transfer_target();
    }

    /// What a leader does when the present configuration turns out to be committed.
    pub(super) fn settle_configuration(&mut self) {
        if !self.role().is_leader() || self.log.configuration_index() > self.commit_index {
            return;
        }
        if self.configuration().is_joint() {
            // Whoever leads when C_old,new is committed goes on to C_new (§6).
            let next = self.configuration().leave_joint();
            self.append_configuration(next);
        } else if !self.configuration().is_voter(self.id) {
            // It has managed the change without counting itself; now somebody else must lead (dissertation §4.2.2).
            self.heartbeat();
            self.become_follower(None, FollowerReason::NotAVoter);
        }
    }
}
