//! What servers say to each other.

use raft_core::{AppendOutcome, LogIndex, Message, MessageKind, Node, NodeId, Role, Rpc, SnapshotOutcome, Term};

use super::facts::{Kind, Vote, fact};
use super::{Checker, Invariant, position};
use crate::world::Server;

/// What a leader said to a server that is about to act on it.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) to: NodeId,
    pub(super) term: Term,
    pub(super) said: Said,
    /// Up to where the server says that its log matches.
    pub(super) accepted: Option<LogIndex>,
}

/// What a leader can say about a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Entries that follow `prev` and end with one of `last_term` at `last`.
    Append { prev: LogIndex, last: LogIndex, last_term: Term },
    /// A piece of the snapshot that ends at `index`.
    Snapshot { index: LogIndex },
}

impl Checker {
    /// Looks at a message that is about to leave.
    pub(crate) fn sent(&mut self, message: &Message, sender: &Server) {
        let Some(node) = sender.node() else { return };
        self.check_term(message, node.current_term());
        match message.rpc {
            Rpc::RequestVoteReply { granted: true, pre_vote: false } => {
                self.vote(message.from, message.term, message.to);
            }
            Rpc::RequestVote(request) if !request.pre_vote => self.vote(message.from, message.term, message.from),
            Rpc::AppendEntries(_) | Rpc::InstallSnapshot(_) => self.check_sender(message, node),
            _ => {}
        }
        self.check_durable(message, sender, node);
    }

    /// Looks at a message that is about to be handled.
    pub(crate) fn delivered(&mut self, message: &Message, receiver: &Server) {
        let said = match &message.rpc {
            Rpc::AppendEntries(append) => Said::Append {
                prev: append.prev_log_index,
                last: append.prev_log_index.plus(append.entries.len()),
                last_term: append.entries.as_slice().last().map_or(append.prev_log_term, |entry| entry.term),
            },
            Rpc::InstallSnapshot(install) => Said::Snapshot { index: install.last_included_index },
            _ => {
                self.heard = None;
                return;
            }
        };
        self.heard = Some(Heard { to: message.to, term: message.term, said, accepted: None });
        let is_rival = |node: &Node| node.role().is_leader() && node.current_term() == message.term;
        if receiver.node().is_some_and(is_rival) {
            let (from, to, term) = (message.from, message.to, message.term);
            let facts = [
                fact::LeadsTerm { server: to, term }.into(),
                fact::SentAsLeader { server: from, message: Kind::of(message.kind()) }.into(),
            ];
            self.report(Invariant::Provenance, [from, to], None, facts);
        }
    }

    /// Checks that what a server accepted is now in its log, as it is in its leader's.
    pub(super) fn check_accepted(&mut self, id: NodeId, node: &Node, heard: &Heard) {
        let (Said::Append { last, last_term, .. }, Some(accepted)) = (heard.said, heard.accepted) else { return };
        let log = &self.shadows[position(id)].log;
        if heard.term != node.current_term() || (accepted == last && last < log.base()) {
            return;
        }
        let (expected, found) = (self.history.entry(last, last_term), log.get(last));
        let is_same = found.is_some_and(|found| found.term == last_term && expected.is_none_or(|entry| entry == found));
        if accepted != last || (last.0 > 0 && last > log.base() && !is_same) {
            let facts = [
                fact::AcceptedMessage { server: id, index: last, term: last_term }.into(),
                found.filter(|_| accepted == last).map_or(fact::SaysMatch { index: accepted }.into(), |found| {
                    fact::LogThereDiffers { term: found.term }.into()
                }),
            ];
            self.report(Invariant::AppendPrefix, [id], Some(last), facts);
        }
    }

    /// Checks that a message does not carry a higher term than its sender, pre-votes aside.
    pub(super) fn check_term(&mut self, message: &Message, term: Term) {
        let is_pre_vote = matches!(message.kind(), MessageKind::PreVote | MessageKind::PreVoteReply);
        if message.term <= term || is_pre_vote {
            return;
        }
        let (from, to) = (message.from, message.to);
        let facts = [
            fact::InTerm { server: from, term }.into(),
            fact::MessageCarries { message: Kind::of(message.kind()), to, term: message.term }.into(),
        ];
        self.report(Invariant::MonotoneMessages, [from], None, facts);
    }

    /// Checks that who speaks as a leader has won that term.
    fn check_sender(&mut self, message: &Message, node: &Node) {
        let shadow = &self.shadows[position(message.from)];
        let elected = match shadow.role {
            Some(_) => shadow.elected,
            None => (node.role() == Role::Leader).then(|| node.current_term()),
        };
        if elected != Some(message.term) {
            let (from, term) = (message.from, message.term);
            let facts = [
                fact::SentInTerm { server: from, message: Kind::of(message.kind()), term }.into(),
                elected.map_or(fact::WonNothing {}.into(), |term| fact::LastWon { term }.into()),
            ];
            self.report(Invariant::Provenance, [from], None, facts);
        }
    }

    /// Checks that the sender's disk holds what the message promises.
    fn check_durable(&mut self, message: &Message, sender: &Server, node: &Node) {
        let Message { from, to, term, .. } = *message;
        let disk = sender.durable();
        let (durable_term, vote) = (disk.hard_state.current_term, disk.hard_state.voted_for);
        // What was promised in a term that is over binds nobody.
        if durable_term > term {
            return;
        }
        let promise = match message.rpc {
            Rpc::RequestVote(request) if !request.pre_vote => Some(from),
            Rpc::RequestVoteReply { granted: true, pre_vote: false } => Some(to),
            Rpc::AppendEntriesReply { outcome: AppendOutcome::Accepted { match_index }, .. }
            | Rpc::InstallSnapshotReply { outcome: SnapshotOutcome::Installed { match_index }, .. } => {
                let (log, own) = (&disk.log, node.log());
                let is_same = match_index < log.last_included_index()
                    || match_index < own.last_included_index()
                    || node.current_term() > term
                    || log.term_at(match_index) == own.term_at(match_index);
                if log.last_index() < match_index || !is_same {
                    let facts = [
                        fact::TellsLog { from, to, term, index: match_index }.into(),
                        fact::DiskHolds { last: log.last_index() }.into(),
                    ];
                    self.report(Invariant::PersistBeforeTalk, [from], Some(match_index), facts);
                }
                return;
            }
            _ => return,
        };
        if durable_term < term || vote != promise {
            let facts = [
                fact::TellsVote { from, to, term }.into(),
                fact::DiskVote { term: durable_term, candidate: Vote::of(vote) }.into(),
            ];
            self.report(Invariant::PersistBeforeTalk, [from], None, facts);
        }
    }

    fn vote(&mut self, voter: NodeId, term: Term, candidate: NodeId) {
        if let Some(first) = self.history.votes(voter, term, candidate) {
            self.report(
                Invariant::VoteOnce,
                [voter],
                None,
                [
                    fact::Voted { server: voter, candidate: first, term }.into(),
                    fact::Voted { server: voter, candidate, term }.into(),
                ],
            );
        }
    }
}
