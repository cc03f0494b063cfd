//! Nodes that will behave alike, made equal: for programs that search through all states of a cluster.

use crate::node::time::Random;
use crate::node::{Node, State};
use crate::{NodeId, Rename, Rule, Ticks};

impl Node {
    /// Forgets how the present came about, as far as nothing that this node will ever do depends on it: how many writes
    /// there were, in which order votes arrived, the times of timers that do not run, and the generator of timeouts if
    /// the rule `randomised-timeout` is off. Afterwards, the last durable write has number 0, and writes on their way have
    /// numbers lower than before by what is returned.
    ///
    /// Only for a node that was just drained, whose rules stay as they are, and whose follower is not asked for reads
    /// while answers to older reads are on their way.
    ///
    /// ```
    /// # use raft_core::{Configuration, Node, NodeId, NodeSetup, Persisted, Ready, Rule, Rules};
    /// # let disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1), NodeId(2), NodeId(3)]));
    /// let rules = Rules::SAFE.without(Rule::RandomisedTimeout).without(Rule::PreVote);
    /// let mut node = Node::new(NodeSetup { rules, ..NodeSetup::new(NodeId(1)) }, disk)?;
    /// let mut ready = Ready::default();
    /// node.campaign();
    /// node.drain_into(&mut ready);
    /// node.on_persisted(ready.write.as_ref().expect("the term is new").number);
    /// node.drain_into(&mut ready);
    /// assert_eq!(node.forget_history(), 1);                // one write
    /// assert_eq!(node.forget_history(), 0);
    /// # Ok::<(), raft_core::SetupError>(())
    /// ```
    pub fn forget_history(&mut self) -> u64 {
        let shift = self.durability.forget_numbers();
        for (gate, _) in &mut self.gated {
            gate.0 = gate.0.saturating_sub(shift);
        }
        self.gated.sort_by_key(|(gate, message)| (*gate, message.to));
        if let State::PreCandidate(votes) | State::Candidate(votes) = &mut self.state {
            votes.0.sort_unstable();
        }
        if !self.role().is_leader() {
            self.timers.heartbeat_left = Ticks(0);
        }
        if !self.rules.has(Rule::RandomisedTimeout) {
            self.random = Random::new(0, NodeId(0));
        }
        if !self.rules.has(Rule::VoteStickiness) {
            self.timers.leader_silence = Ticks(0);
        }
        self.reads.forget_positions();
        shift
    }
}

impl Rename for Node {
    fn renamed(&self, name: &dyn Fn(NodeId) -> NodeId) -> Self {
        let mut node = self.clone();
        node.id = name(node.id);
        node.voted_for = node.voted_for.map(name);
        node.snapshot = node.snapshot.map(|snapshot| snapshot.renamed(name));
        node.log = node.log.renamed(name);
        match &mut node.state {
            State::Follower { leader } => *leader = leader.map(name),
            State::PreCandidate(votes) | State::Candidate(votes) => {
                votes.0.iter_mut().for_each(|(id, _)| *id = name(*id));
                votes.0.sort_unstable();
            }
            State::Leader(leadership) => {
                for peer in &mut leadership.progress {
                    peer.id = name(peer.id);
                    if let Some(outgoing) = &mut peer.outgoing {
                        outgoing.snapshot = outgoing.snapshot.renamed(name);
                    }
                }
                leadership.progress.sort_unstable_by_key(|peer| peer.id);
                leadership.reads.iter_mut().for_each(|read| read.rename(name));
                if let Some(transfer) = &mut leadership.transfer {
                    transfer.target = name(transfer.target);
                }
            }
        }
        node.messages.iter_mut().for_each(|message| *message = message.renamed(name));
        node.gated.iter_mut().for_each(|(_, message)| *message = message.renamed(name));
        node.gated.sort_by_key(|(gate, message)| (*gate, message.to));
        node
    }
}
