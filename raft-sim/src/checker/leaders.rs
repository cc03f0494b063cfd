//! What leaders know about others, and who may lead and be counted.

use raft_core::{LogIndex, Node, NodeId, Progress, ProgressState};

use super::facts::{State, fact};
use super::{Checker, Invariant, holds, position};
use crate::world::Server;

impl Checker {
    /// Checks what a leader knows about every other member.
    pub(super) fn check_peers(&mut self, id: NodeId, node: &Node, all: &[Server]) {
        let mut matches = core::mem::take(&mut self.shadows[position(id)].matches);
        let progress = node.progress();
        let is_same = |(known, peer): (&(NodeId, LogIndex), &Progress)| known.0 == peer.id();
        if matches.len() != progress.len() || !matches.iter().zip(progress).all(is_same) {
            // Who left and came back begins anew.
            let of = |peer: &Progress| matches.iter().find(|(known, _)| *known == peer.id()).map(|(_, index)| *index);
            matches = progress.iter().map(|peer| (peer.id(), of(peer).unwrap_or_default())).collect();
        }
        for ((_, known), peer) in matches.iter_mut().zip(progress) {
            let (follower, match_index) = (peer.id(), peer.match_index());
            if match_index != *known {
                if match_index < *known {
                    let facts = [
                        fact::KnewMatch { server: id, term: node.current_term(), follower, index: *known }.into(),
                        fact::SaysNow { index: match_index }.into(),
                    ];
                    self.report(Invariant::MatchMonotone, [id, follower], None, facts);
                }
                *known = match_index;
                self.check_match(node, follower, match_index, all);
            }
            if !is_consistent(node, peer) {
                let (next, last) = (peer.next_index(), node.log().last_index());
                let facts = [
                    fact::HasEntries { server: id, first: node.log().first_index(), last }.into(),
                    fact::ProgressIs {
                        follower,
                        state: State::of(peer.state()),
                        matches: match_index,
                        next,
                        inflight: peer.inflight() as u64,
                    }
                    .into(),
                ];
                self.report(Invariant::ProgressRelations, [id, follower], None, facts);
            }
        }
        self.shadows[position(id)].matches = matches;
    }

    /// Checks that a follower's disk holds the leader's log as far as the leader says.
    pub(super) fn check_match(&mut self, leader: &Node, follower: NodeId, match_index: LogIndex, all: &[Server]) {
        let id = leader.id();
        let Some(server) = all.iter().find(|server| server.id() == follower) else { return };
        let disk = server.durable();
        let own = self.shadows[position(id)].log.get(match_index);
        let is_ahead = match_index > leader.log().last_index();
        // In a later term its log may have been changed by another leader.
        let is_later = disk.hard_state.current_term > leader.current_term();
        let is_held = match own {
            Some(own) => holds(&disk.log, match_index, own.term),
            None => disk.log.last_index() >= match_index,
        };
        let theirs = &self.shadows[position(follower)].log;
        let differs = server.node().is_some_and(|node| node.current_term() <= leader.current_term())
            && own.is_some_and(|own| theirs.get(match_index).is_some_and(|theirs| theirs != own));
        if is_ahead || (!is_later && (!is_held || differs)) {
            let facts = [
                fact::CountsUpTo { server: id, follower, index: match_index }.into(),
                fact::DiskEnds { server: follower, last: disk.log.last_index() }.into(),
            ];
            self.report(Invariant::MatchSound, [id, follower], Some(match_index), facts);
        }
    }

    /// Checks that a server without a vote stops leading when it knows that to be committed.
    pub(super) fn check_removed_leader(&mut self, id: NodeId, node: &Node) {
        let Some((index, configuration)) = self.shadows[position(id)].configuration() else { return };
        if index <= node.commit_index() && !configuration.is_voter(id) {
            let facts = [
                fact::KnowsRemoved { server: id, index }.into(),
                fact::StillLeads { term: node.current_term() }.into(),
            ];
            self.report(Invariant::RemovedInert, [id], Some(index), facts);
        }
    }

    /// Checks that a counted vote is that of a voter.
    pub(super) fn check_counted(&mut self, id: NodeId, voter: NodeId) {
        let Some((index, configuration)) = self.shadows[position(id)].configuration() else { return };
        if !configuration.is_voter(voter) {
            let facts =
                [fact::DoesNotVote { voter, server: id, index }.into(), fact::CountedAnswer { server: id }.into()];
            self.report(Invariant::RemovedInert, [id, voter], Some(index), facts);
        }
    }
}

/// Whether match, next, state and window of a follower belong together.
pub(crate) fn is_consistent(node: &Node, peer: &Progress) -> bool {
    let (match_index, next, base) = (peer.match_index(), peer.next_index(), node.log().last_included_index());
    let is_in_order = match_index < next && next <= node.log().last_index().next();
    let fits = match peer.state() {
        ProgressState::Probe => peer.inflight() == 0 && next > base,
        ProgressState::Replicate => peer.inflight() <= node.options().max_inflight_messages && next > base,
        // The snapshot on its way ends right before `next`, and is not older than what the follower holds.
        ProgressState::Snapshot => match_index < next.prev() && next.prev() <= base && peer.inflight() == 0,
    };
    let has_snapshot = peer.snapshot_bytes().is_some_and(|(sent, bytes)| sent <= bytes);
    is_in_order && fits && has_snapshot == (peer.state() == ProgressState::Snapshot)
}
