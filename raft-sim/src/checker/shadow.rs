//! One server as it was when last looked at.

use raft_core::{Configuration, LogIndex, Node, NodeId, Role, Term};

use super::chain::{Chain, Configurations};

/// One server as it was when last looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Shadow {
    pub(super) current_term: Term,
    /// The term it led when last looked at.
    pub(super) leading: Option<Term>,
    pub(super) commit_index: LogIndex,
    pub(super) last_applied: LogIndex,
    pub(super) durable_term: Term,
    pub(super) log: Chain,
    /// The configuration at the base of the log, then those that the log carries.
    pub(super) configurations: Configurations,
    /// The role by its own account of what happened; `None` before anything did.
    pub(super) role: Option<Role>,
    /// The term of its last candidacy.
    pub(super) campaign: Term,
    /// The last term that it won.
    pub(super) elected: Option<Term>,
    /// The last leader that it followed or was, and in which term.
    pub(super) followed: Option<(Term, NodeId)>,
    /// The last entry that its state machine was given.
    pub(super) given: LogIndex,
    /// What it knew of the others' logs, while it leads.
    pub(super) matches: Vec<(NodeId, LogIndex)>,
}

impl Shadow {
    /// The latest configuration of the log, and where it stands.
    pub(super) fn configuration(&self) -> Option<(LogIndex, &Configuration)> {
        self.configurations.last().map(|(index, configuration)| (*index, &**configuration))
    }

    /// Removes what the log held after an index.
    pub(super) fn truncate_after(&mut self, index: LogIndex) {
        self.log.truncate_after(index);
        while self.configurations.last().is_some_and(|(at, _)| *at > index) {
            self.configurations.pop();
        }
    }

    /// Adds what a node's log holds from `first` on.
    pub(super) fn extend(&mut self, node: &Node, first: LogIndex) {
        self.log.extend(node.log(), first, &mut self.configurations);
    }

    /// Forgets what a crash takes.
    pub(super) fn crash(&mut self) {
        self.leading = None;
        self.role = Some(Role::Follower);
        self.elected = None;
        self.matches.clear();
    }
}

/// Whether two decisions, one by each configuration, always share a server: some half of the one and some half of the
/// other have no disjoint majorities.
pub(crate) fn overlap(a: &Configuration, b: &Configuration) -> bool {
    let halves = |c: &Configuration| [c.voters().to_vec(), c.voters_outgoing().to_vec()];
    let (of_a, of_b) = (halves(a), halves(b));
    let pairs = of_a.iter().flat_map(|a| of_b.iter().map(move |b| (a, b)));
    pairs.filter(|(a, b)| !a.is_empty() && !b.is_empty()).any(|(a, b)| {
        let common = a.iter().filter(|id| b.contains(id)).count();
        // What each majority must take from the common part when it takes as much as it can from elsewhere.
        let needs = |of: &[NodeId]| (of.len() / 2 + 1).saturating_sub(of.len() - common);
        needs(a) + needs(b) > common
    })
}
