//! Who belongs to the cluster and who decides in it.

use alloc::vec::Vec;

use crate::{NodeId, QuorumRule, Rename};

/// A cluster configuration: data in the log, like everything else that the servers must agree on (§6).
///
/// ```
/// # use raft_core::{Configuration, NodeId, QuorumRule};
/// let configuration = Configuration::new([1, 2, 3].map(NodeId), [4].map(NodeId));
/// assert_eq!(configuration.voters(), [1, 2, 3].map(NodeId));
/// assert_eq!(configuration.learners(), [NodeId(4)]);
/// assert_eq!(configuration.members(), [1, 2, 3, 4].map(NodeId));
/// assert!(configuration.is_member(NodeId(4)) && !configuration.is_voter(NodeId(4)));
/// assert!(configuration.members().len() <= Configuration::MAX_MEMBERS);
///
/// // Servers hold the log up to ten times their number: two of the three voters have reached 20.
/// assert_eq!(configuration.reached(QuorumRule::Majority, |id| 10 * id.0), 20);
/// assert!(configuration.is_quorum(QuorumRule::Majority, |id| id != NodeId(1)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(from = "Unsorted"))]
pub struct Configuration {
    voters: Vec<NodeId>,
    voters_outgoing: Vec<NodeId>,
    learners: Vec<NodeId>,
    learners_next: Vec<NodeId>,
}

impl Configuration {
    /// Most members that a configuration may have, counting each once.
    pub const MAX_MEMBERS: usize = 64;

    /// A configuration of voters only.
    ///
    /// ```
    /// # use raft_core::{Configuration, NodeId};
    /// let configuration = Configuration::of_voters([NodeId(2), NodeId(1), NodeId(2)]);
    /// assert_eq!(configuration.voters(), [NodeId(1), NodeId(2)]);
    /// assert!(configuration.learners().is_empty());
    /// ```
    pub fn of_voters(voters: impl IntoIterator<Item = NodeId>) -> Self {
        Self { voters: sorted(voters), ..Self::default() }
    }

    /// A configuration of voters and learners. Who is named as both is a voter.
    pub fn new(voters: impl IntoIterator<Item = NodeId>, learners: impl IntoIterator<Item = NodeId>) -> Self {
        let voters = sorted(voters);
        let learners = sorted(learners.into_iter().filter(|id| !voters.contains(id)));
        Self { voters, learners, ..Self::default() }
    }

    /// C_old,new: the way from this configuration to `new` through joint consensus (§6). Decisions need a majority of
    /// both sets of voters until [`Configuration::leave_joint`].
    ///
    /// ```
    /// # use raft_core::{Configuration, NodeId, QuorumRule};
    /// let old = Configuration::of_voters([1, 2, 3].map(NodeId));
    /// let new = Configuration::new([3, 4, 5].map(NodeId), [1].map(NodeId));
    /// let joint = old.enter_joint(&new);
    /// assert!(joint.is_joint());
    /// assert_eq!(joint.voters_outgoing(), old.voters());
    /// assert_eq!(joint.learners_next(), [NodeId(1)]);      // it votes in the old set until then
    /// assert!(!joint.is_quorum(QuorumRule::Majority, |id| id.0 >= 3)); // a majority of the new set alone
    /// assert!(joint.is_quorum(QuorumRule::Majority, |id| id.0 <= 4));
    /// assert_eq!(joint.leave_joint(), new);
    /// ```
    #[must_use]
    pub fn enter_joint(&self, new: &Self) -> Self {
        // Who will only learn still votes in C_old until then.
        let (learners_next, learners) = new.learners.iter().partition(|id| self.voters.contains(id));
        Self { voters: new.voters.clone(), voters_outgoing: self.voters.clone(), learners, learners_next }
    }

    /// C_new: this joint configuration without C_old (§6).
    #[must_use]
    pub fn leave_joint(&self) -> Self {
        Self::new(self.voters.iter().copied(), self.learners.iter().chain(&self.learners_next).copied())
    }

    /// Whether decisions need a majority of C_old as well as of C_new (§6).
    pub const fn is_joint(&self) -> bool {
        !self.voters_outgoing.is_empty()
    }

    /// The voters, in ascending order. In a joint configuration those of C_new.
    pub fn voters(&self) -> &[NodeId] {
        &self.voters
    }

    /// The voters of C_old while the configuration is joint, else empty.
    pub fn voters_outgoing(&self) -> &[NodeId] {
        &self.voters_outgoing
    }

    /// Members that receive the log but do not vote (dissertation §4.2.1).
    pub fn learners(&self) -> &[NodeId] {
        &self.learners
    }

    /// Voters of C_old that will be learners when the joint configuration is left, else empty.
    pub fn learners_next(&self) -> &[NodeId] {
        &self.learners_next
    }

    /// Whether `node` votes and counts for commitment.
    pub fn is_voter(&self, node: NodeId) -> bool {
        self.voters.contains(&node) || self.voters_outgoing.contains(&node)
    }

    /// Whether `node` receives the log.
    pub fn is_member(&self, node: NodeId) -> bool {
        self.is_voter(node) || self.learners.contains(&node)
    }

    /// Everybody who receives the log, in ascending order.
    pub fn members(&self) -> Vec<NodeId> {
        sorted(self.voters.iter().chain(&self.voters_outgoing).chain(&self.learners).copied())
    }

    /// The largest value that a quorum has reached; in a joint configuration a quorum of both halves (§6).
    pub fn reached(&self, rule: QuorumRule, value: impl Fn(NodeId) -> u64) -> u64 {
        let half = |voters: &[NodeId]| rule.reached(voters.iter().map(|&id| value(id)));
        if self.voters_outgoing.is_empty() {
            return half(&self.voters);
        }
        half(&self.voters).min(half(&self.voters_outgoing))
    }

    /// Whether the members for which `agrees` holds form a quorum.
    pub fn is_quorum(&self, rule: QuorumRule, agrees: impl Fn(NodeId) -> bool) -> bool {
        self.reached(rule, |id| u64::from(agrees(id))) >= 1
    }

    /// How many voters agree and how many must: of the half that lacks more, if the configuration is joint.
    pub(crate) fn count(&self, rule: QuorumRule, agrees: impl Fn(NodeId) -> bool) -> (usize, usize) {
        let half = |voters: &[NodeId]| (voters.iter().filter(|id| agrees(**id)).count(), rule.needed(voters.len()));
        let (new, old) = (half(&self.voters), half(&self.voters_outgoing));
        let lack = |(have, need): (usize, usize)| need.saturating_sub(have);
        if self.voters_outgoing.is_empty() || lack(new) >= lack(old) { new } else { old }
    }

    /// Whether this has the form that every configuration of a cluster has: a voter, ascending sets, nobody twice.
    pub(crate) fn is_possible(&self) -> bool {
        let sets = [&self.voters, &self.voters_outgoing, &self.learners, &self.learners_next];
        !self.voters.is_empty()
            && sets.iter().all(|ids| ids.is_sorted_by(|a, b| a < b) && ids.len() <= Self::MAX_MEMBERS)
            && !self.learners.iter().any(|&id| self.is_voter(id))
            && self.learners_next.iter().all(|id| self.voters_outgoing.contains(id) && !self.voters.contains(id))
    }

    /// Bytes that count against size limits.
    pub(crate) fn size(&self) -> usize {
        let sets = [&self.voters, &self.voters_outgoing, &self.learners, &self.learners_next];
        size_of::<NodeId>() * sets.iter().map(|ids| ids.len()).sum::<usize>()
    }
}

impl Rename for Configuration {
    fn renamed(&self, name: &dyn Fn(NodeId) -> NodeId) -> Self {
        let renamed = |ids: &[NodeId]| sorted(ids.iter().map(|&id| name(id)));
        Self {
            voters: renamed(&self.voters),
            voters_outgoing: renamed(&self.voters_outgoing),
            learners: renamed(&self.learners),
            learners_next: renamed(&self.learners_next),
        }
    }
}

/// A configuration as it comes from outside: nobody has promised that its lists are in order.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(rename = "Configuration")]
struct Unsorted {
    voters: Vec<NodeId>,
    voters_outgoing: Vec<NodeId>,
    learners: Vec<NodeId>,
    learners_next: Vec<NodeId>,
}

#[cfg(feature = "serde")]
impl From<Unsorted> for Configuration {
    fn from(unsorted: Unsorted) -> Self {
        Self {
            voters: sorted(unsorted.voters),
            voters_outgoing: sorted(unsorted.voters_outgoing),
            learners: sorted(unsorted.learners),
            learners_next: sorted(unsorted.learners_next),
        }
    }
}

fn sorted(nodes: impl IntoIterator<Item = NodeId>) -> Vec<NodeId> {
    let mut nodes: Vec<_> = nodes.into_iter().collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}
