//! Handing leadership to a chosen server (dissertation §3.10).

use thiserror::Error;

use crate::node::State;
use crate::{Event, IgnoreReason, LogIndex, Message, Node, NodeId, Progress, Rpc, Ticks};

/// A hand-over under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Transfer {
    pub(super) target: NodeId,
    /// Until the leader gives it up.
    pub(super) left: Ticks,
    /// Whether the target was asked to campaign.
    is_requested: bool,
}

/// Why a transfer was refused. Nothing has changed.
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::{NodeId, TransferError};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// # cluster.node(1).campaign();
/// # cluster.settle();
/// let refusal = cluster.node(1).transfer_leadership(NodeId(9));
/// assert_eq!(refusal, Err(TransferError::NotAVoter { target: NodeId(9) }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TransferError {
    /// Only the leader can hand over.
    #[error("this server is not the leader; ask the leader it names, or try another server")]
    NotLeader {
        /// The leader, if this server knows it.
        leader_hint: Option<NodeId>,
    },
    /// The target leads already.
    #[error("S{target} leads already")]
    AlreadyLeader {
        /// The target.
        target: NodeId,
    },
    /// Only voters can lead.
    #[error("S{target} is no voter; make it one first")]
    NotAVoter {
        /// The target.
        target: NodeId,
    },
    /// One at a time.
    #[error("leadership is being handed to S{target}; wait until that has succeeded or failed")]
    TransferInProgress {
        /// The target of the other transfer.
        target: NodeId,
    },
}

/// What a transfer waits for.
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::{LogIndex, NodeId, Ticks, TransferBlock};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// # cluster.node(1).campaign();
/// # cluster.settle();
/// let leader = cluster.node(1);
/// leader.propose("x".into())?;
/// leader.transfer_leadership(NodeId(2))?;
/// let (match_index, last_index, left) = (LogIndex(1), LogIndex(2), Ticks(150));
/// let waits = TransferBlock::LogBehind { target: NodeId(2), match_index, last_index, left };
/// assert_eq!(leader.transfer_block(), Some(waits));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransferBlock {
    /// The target lacks entries.
    LogBehind {
        /// The target.
        target: NodeId,
        /// What it is known to hold.
        match_index: LogIndex,
        /// What it must hold.
        last_index: LogIndex,
        /// Time left.
        left: Ticks,
    },
    /// The target was asked to campaign and has not shown yet that it does.
    NoElection {
        /// The target.
        target: NodeId,
        /// Time left.
        left: Ticks,
    },
}

impl Node {
    /// Hands leadership to `target`: proposals are refused until it campaigns, which it is asked to as soon as its log is
    /// complete. After the shortest election timeout the leader gives up and goes on.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::{Event, NodeId, ProposeError, Ready, Ticks};
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// # let crashed = cluster.0.remove(&2);
    /// cluster.node(1).transfer_leadership(NodeId(2))?;     // S2 is down
    /// for _ in 0..3 {
    ///     cluster.node(1).advance(Ticks(50));
    ///     cluster.settle();
    /// }
    /// assert!(cluster.node(1).role().is_leader());         // it has given up and goes on
    /// cluster.node(1).propose("x".into())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn transfer_leadership(&mut self, target: NodeId) -> Result<(), TransferError> {
        let leader_hint = self.leader();
        let is_voter = self.configuration().is_voter(target);
        let State::Leader(leadership) = &mut self.state else {
            return Err(TransferError::NotLeader { leader_hint });
        };
        if let Some(transfer) = &leadership.transfer {
            return Err(TransferError::TransferInProgress { target: transfer.target });
        }
        if target == self.id {
            return Err(TransferError::AlreadyLeader { target });
        }
        if !is_voter {
            return Err(TransferError::NotAVoter { target });
        }
        let left = self.options.election_timeout_min;
        leadership.transfer = Some(Transfer { target, left, is_requested: false });
        self.event(Event::TransferStarted { target });
        Ok(())
    }

    /// What the transfer under way waits for; `None` without one.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::{NodeId, Ticks, TransferBlock};
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// let leader = cluster.node(1);
    /// leader.transfer_leadership(NodeId(2))?;
    /// leader.drain_into(&mut Default::default());          // S2 has the whole log: it is asked to campaign
    /// let waits = TransferBlock::NoElection { target: NodeId(2), left: Ticks(150) };
    /// assert_eq!(leader.transfer_block(), Some(waits));
    /// # Ok::<(), raft_core::TransferError>(())
    /// ```
    pub fn transfer_block(&self) -> Option<TransferBlock> {
        let State::Leader(leadership) = &self.state else {
            return None;
        };
        let Transfer { target, left, is_requested } = *leadership.transfer.as_ref()?;
        let last_index = self.log.last_index();
        let match_index = self.progress_of(target).map_or(LogIndex(0), Progress::match_index);
        Some(if is_requested {
            TransferBlock::NoElection { target, left }
        } else {
            TransferBlock::LogBehind { target, match_index, last_index, left }
        })
    }

    /// Asks the target to campaign once its log is complete.
    pub(super) fn hand_over(&mut self) {
        let Some(TransferBlock::LogBehind { target, match_index, last_index, .. }) = self.transfer_block() else {
            return;
        };
        let State::Leader(leadership) = &mut self.state else { return };
        let Some(transfer) = leadership.transfer.as_mut().filter(|_| match_index == last_index) else { return };
        transfer.is_requested = true;
        leadership.has_waived_lease = true;
        self.event(Event::TransferRequested { target });
        self.send(target, Rpc::TimeoutNow);
    }

    /// The request or the campaign may have been lost.
    pub(super) fn repeat_timeout_now(&mut self) {
        if let Some(TransferBlock::NoElection { target, .. }) = self.transfer_block() {
            self.send(target, Rpc::TimeoutNow);
        }
    }

    /// Who is no voter any more cannot take over.
    pub(super) fn check_transfer_target(&mut self) {
        if let State::Leader(leadership) = &self.state
            && let Some(transfer) = &leadership.transfer
            && !self.configuration().is_voter(transfer.target)
        {
            self.abort_transfer();
        }
    }

    pub(super) fn abort_transfer(&mut self) {
        let State::Leader(leadership) = &mut self.state else { return };
        if let Some(Transfer { target, .. }) = leadership.transfer.take() {
            self.event(Event::TransferAborted { target });
        }
    }

    pub(super) fn handle_timeout_now(&mut self, message: &Message) {
        // Only the leader of the term can ask for this, whether it was heard in this term or not.
        if self.leader().is_some_and(|leader| leader != message.from) {
            return self.ignore(message, IgnoreReason::Impossible);
        }
        if !self.configuration().is_voter(self.id) || !self.may_campaign() {
            return self.ignore(message, IgnoreReason::NotAVoter);
        }
        self.restart_election_timer();
        self.become_candidate(true);
    }
}
