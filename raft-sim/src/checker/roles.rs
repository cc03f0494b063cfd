//! Roles, and the leaders that servers follow.

use raft_core::{Event, Node, NodeId, Role, Term, Timer};

use super::facts::{Post, Vote, fact};
use super::{Checker, Invariant, position};

impl Checker {
    /// Listens to what a node says of itself.
    pub(crate) fn happened(&mut self, id: NodeId, event: &Event) {
        match *event {
            Event::AppendAccepted { match_index, .. } => {
                if let Some(heard) = self.heard.as_mut().filter(|heard| heard.to == id) {
                    heard.accepted = Some(match_index);
                }
            }
            Event::VoteCounted { voter, .. } => self.check_counted(id, voter),
            Event::BecameFollower { .. } => self.turn(id, Role::Follower, None),
            Event::BecamePreCandidate { .. } => self.turn(id, Role::PreCandidate, None),
            Event::BecameCandidate { term } => self.turn(id, Role::Candidate, Some(term)),
            Event::BecameLeader { term } => self.turn(id, Role::Leader, Some(term)),
            _ => {}
        }
    }

    fn turn(&mut self, id: NodeId, to: Role, term: Option<Term>) {
        let shadow = &mut self.shadows[position(id)];
        let from = shadow.role.replace(to).unwrap_or(Role::Follower);
        let is_permitted = match to {
            Role::Follower => true,
            Role::PreCandidate | Role::Candidate => from != Role::Leader,
            Role::Leader => from == Role::Candidate && term == Some(shadow.campaign),
        };
        match term {
            Some(term) if to == Role::Candidate => shadow.campaign = term,
            Some(_) if to == Role::Leader => shadow.elected = term,
            _ => {}
        }
        if !is_permitted {
            let campaign = shadow.campaign;
            let facts = [
                fact::WasRole { server: id, role: Post::of(Some(from)), campaign }.into(),
                match term {
                    None => fact::Became { role: Post::of(Some(to)) }.into(),
                    Some(term) => fact::BecameIn { role: Post::of(Some(to)), term }.into(),
                },
            ];
            self.report(Invariant::StateTransitions, [id], None, facts);
        }
    }

    /// Checks that a server is what it said that it became, and has what belongs to that role.
    pub(super) fn check_role(&mut self, id: NodeId, node: &Node) {
        let (role, term) = (node.role(), node.current_term());
        let shadow = &mut self.shadows[position(id)];
        let role_term = match role {
            Role::Leader => shadow.elected,
            Role::Candidate => Some(shadow.campaign),
            _ => None,
        };
        let leader = node.leader().map(|leader| (term, leader));
        let is_news = leader.is_some() && leader != shadow.followed;
        let followed = if is_news { core::mem::replace(&mut shadow.followed, leader) } else { None };
        if shadow.role != Some(role) || role_term.is_some_and(|of| of != term) {
            let said = Post::of(shadow.role);
            let facts = [
                match role_term {
                    None => fact::LastBecame { server: id, role: said }.into(),
                    Some(of) => fact::LastBecameIn { server: id, role: said, term: of }.into(),
                },
                fact::IsRole { role: Post::of(Some(role)), term }.into(),
            ];
            self.report(Invariant::StateTransitions, [id], None, facts);
        }
        if let (true, Some(leader)) = (is_news, node.leader()) {
            self.check_followed(id, term, leader, followed);
        }
        let is_leader = role == Role::Leader;
        let has_heartbeat = matches!(node.timer(), Timer::Heartbeat { .. });
        let votes_for_itself = node.voted_for() == Some(id);
        if has_heartbeat != is_leader || (is_leader && !votes_for_itself) {
            let candidate = Vote::of(node.voted_for());
            let facts = [
                fact::ServerIsRole { server: id, role: Post::of(Some(role)), term }.into(),
                if has_heartbeat {
                    fact::HasHeartbeatTimer { candidate }.into()
                } else {
                    fact::HasElectionTimer { candidate }.into()
                },
            ];
            self.report(Invariant::LeaderSelf, [id], None, facts);
        }
    }

    fn check_followed(&mut self, id: NodeId, term: Term, leader: NodeId, followed: Option<(Term, NodeId)>) {
        let seen = followed.filter(|(of, _)| *of == term).map(|(_, other)| other);
        let known = seen.or_else(|| self.history.leader_of(term));
        if let Some(other) = known.filter(|&other| other != leader) {
            let facts = [fact::LedTerm { server: other, term }.into(), fact::Follows { server: id, leader }.into()];
            self.report(Invariant::OneLeaderSeen, [id], None, facts);
        }
    }
}
