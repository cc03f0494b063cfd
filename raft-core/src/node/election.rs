//! Elections (§5.2, §5.4.1, dissertation §4.2.3, §9.6).

use crate::node::{State, Votes};
use crate::{
    Event, FollowerReason, IgnoreReason, LogIndex, Message, Node, NodeId, RequestVote, Rpc, Rule, Term, VoteDenial,
};

impl Node {
    /// Starts an election now, as if the election timer had run out. A leader has nothing to win and ignores it.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::NodeId;
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// cluster.node(2).campaign();
    /// cluster.settle();
    /// assert_eq!(cluster.node(3).leader(), Some(NodeId(2)));
    /// ```
    pub fn campaign(&mut self) {
        if !self.role().is_leader() {
            self.election_timeout();
        }
    }

    pub(super) fn election_timeout(&mut self) {
        self.event(Event::ElectionTimeout);
        self.restart_election_timer();
        if !self.may_campaign() {
            // The leader that was asked is silent, and there is no election here to tell so.
            return self.abandon_reads();
        }
        if self.rules.has(Rule::PreVote) { self.become_pre_candidate() } else { self.become_candidate(false) }
    }

    /// Only voters may lead. Others wait on, in case a later configuration makes them voters. And there must be a term
    /// left to campaign in, which only a forged message can use up.
    pub(super) fn may_campaign(&self) -> bool {
        let is_voter = self.configuration().is_voter(self.id);
        // Who is only about to leave may hold entries without which nobody else can win (dissertation §4.2.2).
        let is_leaving = || {
            let index = self.log.configuration_index();
            index > self.commit_index && self.log.configuration_at(index.prev()).is_voter(self.id)
        };
        self.current_term < Term::MAX && (is_voter || is_leaving())
    }

    fn become_pre_candidate(&mut self) {
        let term = self.current_term.next();
        self.abandon_reads();
        self.state = State::PreCandidate(Votes::default());
        self.event(Event::BecamePreCandidate { term });
        self.request_votes(term, true, false);
        self.count_own_vote();
    }

    /// Campaigns. When the leader itself asked for it, no lease stands in the way.
    pub(super) fn become_candidate(&mut self, leadership_transfer: bool) {
        self.abandon_reads();
        self.incoming = None;
        self.current_term = self.current_term.next();
        self.voted_for = Some(self.id);
        self.durability.touch_hard_state();
        self.state = State::Candidate(Votes::default());
        self.event(Event::BecameCandidate { term: self.current_term });
        // The own vote counts when it is durable, see `on_persisted`; the requests leave then, too.
        self.request_votes(self.current_term, false, leadership_transfer);
    }

    fn request_votes(&mut self, term: Term, pre_vote: bool, leadership_transfer: bool) {
        let rpc = Rpc::RequestVote(RequestVote {
            last_log_index: self.log.last_index(),
            last_log_term: self.log.last_term(),
            pre_vote,
            leadership_transfer,
        });
        for peer in self.configuration().members() {
            if peer != self.id && self.configuration().is_voter(peer) {
                self.send_in_term(peer, term, rpc.clone(), self.durability.hard_state_write);
            }
        }
    }

    pub(super) fn count_own_vote(&mut self) {
        if self.configuration().is_voter(self.id) {
            self.count_vote(self.id, true);
        }
    }

    fn count_vote(&mut self, voter: NodeId, granted: bool) {
        let (State::PreCandidate(votes) | State::Candidate(votes)) = &mut self.state else {
            return;
        };
        if votes.0.iter().any(|(id, _)| *id == voter) {
            return;
        }
        votes.0.push((voter, granted));
        let pre_vote = matches!(self.state, State::PreCandidate(_));
        self.event(Event::VoteCounted { voter, granted, pre_vote });

        let answered = |node: &Self, wanted: bool| {
            node.configuration().is_quorum(node.quorum_rule(), |id| node.votes().contains(&(id, wanted)))
        };
        if answered(self, true) {
            if pre_vote { self.become_candidate(false) } else { self.become_leader() }
        } else if answered(self, false) {
            // The vote of this term stays where it is: becoming a follower is no new term.
            self.become_follower(None, FollowerReason::VotesDenied);
        }
    }

    pub(super) fn handle_vote_reply(&mut self, message: &Message, granted: bool) {
        match self.state {
            State::Candidate(_) if self.configuration().is_voter(message.from) => {
                self.count_vote(message.from, granted);
            }
            State::Candidate(_) => self.ignore(message, IgnoreReason::NotAMember),
            _ => self.ignore(message, IgnoreReason::NotAsked),
        }
    }

    pub(super) fn handle_pre_vote_reply(&mut self, message: &Message, granted: bool) {
        // A refusal carries the voter's own term: if that is higher, the campaign to come would be stale from the start.
        if !granted && message.term > self.current_term {
            return self.adopt_term(message.term, message.from);
        }
        let asked_for = if granted { self.current_term.next() } else { self.current_term };
        match self.state {
            State::PreCandidate(_) if message.term != asked_for => self.ignore(message, IgnoreReason::StaleTerm),
            State::PreCandidate(_) if self.configuration().is_voter(message.from) => {
                self.count_vote(message.from, granted);
            }
            State::PreCandidate(_) => self.ignore(message, IgnoreReason::NotAMember),
            _ => self.ignore(message, IgnoreReason::NotAsked),
        }
    }

    pub(super) fn handle_request_vote(&mut self, candidate: NodeId, term: Term, request: RequestVote) {
        let pre_vote = request.pre_vote;
        match self.judge_candidate(candidate, term, request) {
            // A candidate that must not disturb a living leader gets no answer: a reply would tell it nothing but a term
            // to outbid. A pre-vote cannot disturb, so it is answered.
            Err(reason @ VoteDenial::LeaderAlive { .. }) if !pre_vote => {
                self.event(Event::VoteDenied { candidate, term, pre_vote, reason });
            }
            Err(reason) => {
                self.event(Event::VoteDenied { candidate, term, pre_vote, reason });
                self.send(candidate, Rpc::RequestVoteReply { granted: false, pre_vote });
            }
            Ok(()) => {
                self.event(Event::VoteGranted { candidate, term, pre_vote });
                if !pre_vote {
                    self.restart_election_timer();
                    if self.voted_for != Some(candidate) {
                        self.voted_for = Some(candidate);
                        self.durability.touch_hard_state();
                    }
                }
                let gate = self.durability.hard_state_write;
                self.send_in_term(candidate, term, Rpc::RequestVoteReply { granted: true, pre_vote }, gate);
            }
        }
    }

    /// Decides on a vote and, for a real one, adopts the candidate's term first. In the order of the checks: a protected
    /// leader (nothing changes, not even the term), the term, the vote already given, the log.
    fn judge_candidate(&mut self, candidate: NodeId, term: Term, request: RequestVote) -> Result<(), VoteDenial> {
        let lease = self.lease_left();
        let is_protected = term > self.current_term && lease.0 > 0 && !request.leadership_transfer;
        if is_protected && self.rules.has(Rule::VoteStickiness) {
            return Err(VoteDenial::LeaderAlive { remaining: lease });
        }
        if term > self.current_term && !request.pre_vote {
            self.adopt_term(term, candidate);
        }
        // A pre-vote asks for a term to come; one for the current term or an older one is late.
        if term < self.current_term || (request.pre_vote && term == self.current_term) {
            return Err(VoteDenial::StaleTerm { current_term: self.current_term });
        }
        let vote_given = self.voted_for.filter(|&vote| vote != candidate && term == self.current_term);
        if let Some(voted_for) = vote_given.filter(|_| self.rules.has(Rule::HonestNodes)) {
            return Err(VoteDenial::AlreadyVoted { voted_for });
        }
        let theirs = (request.last_log_term, request.last_log_index);
        let mine: (Term, LogIndex) = (self.log.last_term(), self.log.last_index());
        if self.rules.has(Rule::ElectionRestriction) && !self.log.is_up_to_date(theirs.0, theirs.1) {
            return Err(VoteDenial::LogBehind { mine, theirs });
        }
        Ok(())
    }

    fn become_leader(&mut self) {
        self.lead();
        self.event(Event::BecameLeader { term: self.current_term });
        // A blank entry of the own term lets the leader commit what it inherited (§5.4.2, §8).
        if self.rules.has(Rule::NoOp) {
            self.append_as_leader(crate::EntryKind::NoOp);
        }
    }
}
