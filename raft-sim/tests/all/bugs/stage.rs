//! A simulated cluster in the hands of a test.

use std::collections::BTreeSet;

use raft_core::{Node, Rule};
use raft_sim::{Action, ClusterConfig, KindName, MessagePattern, MessageSelector, Pick, Time, Timeline};

/// Longer than any voter protects a leader that it does not hear, in milliseconds, where messages go by hand.
pub(crate) const LEASE: u64 = 1_100;

/// A cluster and what can be done to it.
pub(crate) struct Stage {
    timeline: Timeline,
    proposals: u64,
}

impl Stage {
    /// A cluster without some of the rules.
    pub(crate) fn new(cluster: ClusterConfig, rules_off: &[Rule]) -> Self {
        let cluster = rules_off.iter().copied().fold(cluster, ClusterConfig::without);
        Self { timeline: Timeline::of_cluster(cluster).expect("a valid cluster"), proposals: 0 }
    }

    /// A cluster in which every message waits to be delivered by hand, one entry in each, and time is slow.
    pub(crate) fn by_hand(servers: usize, rules_off: &[Rule]) -> Self {
        Self::by_hand_with_spares(servers, 0, rules_off)
    }

    /// The same with servers that belong to nobody yet.
    pub(crate) fn by_hand_with_spares(servers: usize, spares: usize, rules_off: &[Rule]) -> Self {
        let mut cluster = ClusterConfig { spares, ..ClusterConfig::of(servers, 1) };
        cluster.network.manual = true;
        cluster.options.election_timeout_ms = Some((1_000, 30_000));
        cluster.options.max_append_entries = Some(1);
        Self::new(cluster, rules_off)
    }

    pub(crate) fn act(&mut self, action: &Action) {
        self.timeline.act(action).unwrap_or_else(|error| panic!("{action}: {error}"));
    }

    pub(crate) fn wait(&mut self, ms: u64) {
        let until = self.timeline.shown().after(Time::of_ticks(ms));
        self.timeline.advance_to(until, usize::MAX);
    }

    pub(crate) fn crash(&mut self, server: u64) {
        self.act(&Action::Crash { server, lose_unsynced: true });
    }

    pub(crate) fn restart(&mut self, server: u64) {
        self.act(&Action::Restart { server });
    }

    /// Cuts the way from one server to another, and only that.
    pub(crate) fn cut_one_way(&mut self, a: u64, b: u64) {
        self.act(&Action::Cut { a, b, one_way: true });
    }

    pub(crate) fn set_rule(&mut self, rule: Rule, on: bool) {
        self.act(&Action::SetRule { rule: rule.into(), on });
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        self.timeline.world().servers().iter().map(|server| server.id().0).collect()
    }

    pub(crate) fn node(&self, id: u64) -> &Node {
        self.timeline.world().server_with_id(id).expect("a server").node().expect("a running server")
    }

    /// The servers that lead.
    pub(crate) fn leaders(&self) -> Vec<u64> {
        let nodes = self.timeline.world().nodes().filter(|node| node.role().is_leader());
        nodes.map(|node| node.id().0).collect()
    }

    /// The terms of a server's log.
    pub(crate) fn terms(&self, id: u64) -> Vec<u64> {
        let log = self.node(id).log();
        log.iter_from(log.first_index()).map(|(_, entry)| entry.term.0).collect()
    }

    /// The invariants that the checker found broken, by their numbers.
    pub(crate) fn broken(&self) -> BTreeSet<&'static str> {
        self.timeline.world().violations().iter().map(|found| found.violation.invariant.id()).collect()
    }

    /// With all rules on nothing may be broken; without some, these invariants must be.
    pub(crate) fn assert_broken(&self, rules_off: &[Rule], expected: &[&str]) {
        let broken = self.broken();
        if rules_off.is_empty() {
            assert!(broken.is_empty(), "{broken:?} with all rules on");
        } else {
            assert!(expected.iter().all(|id| broken.contains(id)), "without {rules_off:?} only {broken:?}");
        }
    }
}

/// What is done message by message.
impl Stage {
    pub(crate) fn campaign(&mut self, server: u64) {
        self.act(&Action::Timeout { server });
    }

    /// Proposes at a server that takes it.
    pub(crate) fn propose(&mut self, server: u64) {
        self.proposals += 1;
        let command = format!("x={}", self.proposals);
        self.act(&Action::Propose { server, command });
    }

    /// Delivers the newest message of a kind from one server to another; whether there was one.
    pub(crate) fn deliver(&mut self, kind: KindName, from: u64, to: u64) -> bool {
        self.deliver_which(Pick::Newest, kind, from, to)
    }

    /// Delivers the oldest, which must be there.
    pub(crate) fn deliver_oldest(&mut self, kind: KindName, from: u64, to: u64) {
        assert!(self.deliver_which(Pick::Oldest, kind, from, to), "no {kind:?} from {from} to {to}");
    }

    fn deliver_which(&mut self, pick: Pick, kind: KindName, from: u64, to: u64) -> bool {
        let pick = Some(pick);
        let pattern = MessagePattern { kind: Some(kind), from: Some(from), to: Some(to), pick };
        self.timeline.act(&Action::Deliver { message: MessageSelector::Fits(pattern) }).is_ok()
    }

    /// Delivers the newest request of a kind and the answer to it.
    pub(crate) fn call(&mut self, kind: KindName, from: u64, to: u64) {
        let reply = match kind {
            KindName::PreVote => KindName::PreVoteReply,
            KindName::RequestVote => KindName::RequestVoteReply,
            _ => KindName::AppendEntriesReply,
        };
        assert!(self.deliver(kind, from, to), "no {kind:?} from {from} to {to}");
        self.deliver(reply, to, from);
    }

    /// Delivers everything that goes between the servers of a group, and what follows from it. The rest is lost.
    pub(crate) fn settle_among(&mut self, group: &[u64]) {
        let is_inside = |message: &raft_core::Message| group.contains(&message.from.0) && group.contains(&message.to.0);
        loop {
            let in_flight = self.timeline.world().messages();
            let Some(id) = in_flight.iter().find(|flying| is_inside(&flying.message)).map(|flying| flying.id) else {
                break;
            };
            let message = MessageSelector::Id(id.0.into());
            if self.timeline.act(&Action::Deliver { message }).is_err() {
                break;
            }
        }
        self.lose_everything();
    }

    pub(crate) fn lose_everything(&mut self) {
        let ids: Vec<u64> = self.timeline.world().messages().iter().map(|flying| flying.id.0.into()).collect();
        for id in ids {
            self.act(&Action::Drop { message: MessageSelector::Id(id) });
        }
    }

    /// Has a server ask for the votes of some others, again if it learns a higher term. Whether it leads.
    pub(crate) fn campaign_among(&mut self, candidate: u64, voters: &[u64]) -> bool {
        for _ in 0..3 {
            self.lose_everything();
            self.campaign(candidate);
            for (question, reply) in
                [(KindName::PreVote, KindName::PreVoteReply), (KindName::RequestVote, KindName::RequestVoteReply)]
            {
                for &voter in voters {
                    self.deliver(question, candidate, voter);
                    self.deliver(reply, voter, candidate);
                }
            }
            if self.node(candidate).role().is_leader() {
                return true;
            }
        }
        false
    }

    /// The same for a server that must win.
    pub(crate) fn elect(&mut self, candidate: u64, voters: &[u64]) {
        assert!(self.campaign_among(candidate, voters), "server {candidate} did not win");
    }
}

/// What is seen over time.
impl Stage {
    /// Waits until exactly one server leads, for at most so many milliseconds.
    pub(crate) fn leader_within(&mut self, ms: u64) -> Option<u64> {
        for _ in 0..ms {
            if let [leader] = self.leaders()[..] {
                return Some(leader);
            }
            self.wait(1);
        }
        None
    }

    /// Proposes at every leader every 20 ms; whether a majority commits something new within so many milliseconds.
    pub(crate) fn progresses_within(&mut self, ms: u64) -> bool {
        let mine = self.proposals;
        let before = self.timeline.world().committed_by_majority();
        for _ in 0..ms / 20 {
            for leader in self.leaders() {
                self.propose(leader);
            }
            self.wait(20);
            // The blank entry of a new leader does not help a client: three are more than one blank entry and a heartbeat.
            if self.proposals > mine && self.timeline.world().committed_by_majority().0 >= before.0 + 3 {
                return true;
            }
        }
        false
    }

    /// How often a server became leader within so many milliseconds.
    pub(crate) fn elections_within(&mut self, ms: u64) -> usize {
        let mut seen: BTreeSet<_> = self.leading();
        let before = seen.len();
        for _ in 0..ms {
            self.wait(1);
            seen.append(&mut self.leading());
        }
        seen.len() - before
    }

    fn leading(&self) -> BTreeSet<(u64, u64)> {
        self.leaders().into_iter().map(|id| (self.node(id).current_term().0, id)).collect()
    }
}
