//! A node whose driver does everything right, and whatever else the world may bring, as data.

use raft_core::{
    AppendOutcome, Committed, Configuration, LogIndex, MembershipChange, Message, Node, NodeId, NodeSetup, Options,
    Persisted, ReadId, ReadMode, Ready, RequestVote, Rpc, Rule, Rules, SetupError, SnapshotOutcome, Term, Ticks, Write,
    WriteNumber,
};
use serde::{Deserialize, Serialize};

/// Everything that can be done to a node.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Input {
    Step(Message),
    Advance(u64),
    Campaign,
    Propose(usize),
    /// Answers the latest request that went out as a friendly server would, so that elections are won sometimes.
    Answer,
    /// Takes the output; the write goes to the disk, but is not durable yet.
    Drain,
    /// Makes the oldest writes durable.
    Sync(usize),
    /// Claims that some write is durable that may never have been handed out.
    ClaimDurable(u64),
    /// Claims that entries are applied that may never have been handed out.
    ClaimApplied(u64),
    SetRules(Vec<Rule>),
    /// Replaces the log up to some index, counted back from what is applied, by a snapshot of some bytes.
    Compact(u64, usize),
    ChangeMembership(MembershipChange),
    TransferLeadership(NodeId),
    Read(ReadMode),
    /// Crashes with some unsynced writes lost, and starts again.
    Restart,
}

/// A node whose driver does everything as it should, whatever the network brings.
pub(crate) struct Driven {
    setup: NodeSetup,
    node: Node,
    disk: Persisted,
    unsynced: Vec<Write>,
    /// Requests that went out, oldest first.
    asked: Vec<Message>,
    /// Index of the last entry that was handed out to be applied.
    applied: LogIndex,
}

impl Driven {
    /// A server of three that has never run.
    pub(crate) fn new(rules_off: &[Rule]) -> Self {
        let disk = Persisted::bootstrap(Configuration::of_voters((1..=3).map(NodeId)));
        Self::from_disk(rules_off, disk).expect("a fresh disk is valid")
    }

    /// A server that starts from a disk, if it does.
    pub(crate) fn from_disk(rules_off: &[Rule], disk: Persisted) -> Result<Self, SetupError> {
        let mut setup = NodeSetup::new(NodeId(1));
        setup.options = Options {
            max_append_entries: 3,
            max_append_bytes: 100,
            max_inflight_messages: 3,
            max_inflight_bytes: 200,
            max_uncommitted_bytes: 500,
            max_command_bytes: 60,
            max_apply_bytes: 100,
            max_snapshot_chunk_bytes: 16,
            max_snapshot_bytes: 150,
            max_pending_reads: 5,
            lease_drift_permille: Some(10),
            ..Options::default()
        };
        setup.rules = rules_without(rules_off);
        let node = Node::new(setup, disk.clone())?;
        let applied = node.last_applied();
        Ok(Self { setup, node, disk, unsynced: Vec::new(), asked: Vec::new(), applied })
    }

    fn apply(&mut self, input: Input) {
        match input {
            Input::Step(message) => self.node.step(message),
            Input::Advance(ticks) => self.node.advance(Ticks(ticks % 2_000)),
            Input::Campaign => self.node.campaign(),
            Input::Propose(bytes) => {
                let _ = self.node.propose(vec![1; bytes % 200].as_slice().into());
            }
            Input::Answer => {
                if let Some(reply) = self.asked.pop().and_then(friendly_answer) {
                    self.node.step(reply);
                }
            }
            Input::Drain => self.drain(),
            Input::Sync(count) => {
                for write in self.unsynced.drain(..count.min(self.unsynced.len())) {
                    self.disk.apply(&write);
                    self.node.on_persisted(write.number);
                }
            }
            Input::ClaimDurable(number) if self.unsynced.is_empty() => {
                self.node.on_persisted(WriteNumber(number));
            }
            Input::Compact(back, bytes) => {
                let index = LogIndex(self.node.last_applied().0.saturating_sub(back));
                let _ = self.node.compact(index, vec![3; bytes % 200]);
            }
            Input::ChangeMembership(change) => {
                let _ = self.node.propose_membership(&change);
            }
            Input::TransferLeadership(target) => {
                let _ = self.node.transfer_leadership(target);
            }
            Input::Read(mode) => {
                let _ = self.node.read_index(ReadId(1), mode);
            }
            Input::ClaimApplied(index) => self.node.on_applied(LogIndex(index)),
            // A disk that was written without safeguards may hold what no node starts from.
            Input::SetRules(off) if !self.setup.rules.is_safe() => self.node.set_rules(rules_without(&off)),
            Input::Restart if self.setup.rules.is_safe() => {
                self.unsynced.clear();
                self.applied = self.disk.log.last_included_index();
                self.node = Node::new(self.setup, self.disk.clone()).expect("what a node wrote is valid");
            }
            Input::ClaimDurable(_) | Input::SetRules(_) | Input::Restart => {}
        }
    }

    fn drain(&mut self) {
        let mut ready = Ready::default();
        self.node.drain_into(&mut ready);
        self.unsynced.extend(ready.write.take());
        if let Some(snapshot) = &ready.restore {
            assert!(snapshot.last_included_index > self.applied, "only what is newer is restored");
            self.applied = snapshot.last_included_index;
            self.node.on_applied(self.applied);
        }
        for Committed { index, .. } in &ready.committed {
            assert_eq!(*index, self.applied.next(), "entries are applied in order, without a gap");
            self.applied = *index;
        }
        if !ready.committed.is_empty() {
            self.node.on_applied(self.applied);
        }
        for message in &ready.messages {
            assert_eq!(message.from, NodeId(1));
            assert!(message.term <= Term::MAX);
        }
        self.asked.append(&mut ready.messages);
    }

    fn check(&self) {
        let node = &self.node;
        assert!(node.last_applied() <= node.commit_index());
        assert!(node.durable_index() <= node.log().last_index());
        assert!(node.log().last_included_index() <= node.commit_index());
        assert!(node.current_term() <= Term::MAX);
        assert!(node.votes().len() <= node.configuration().members().len() + 1);
        assert!(node.ticks_until_deadline() <= Options::MAX_TIMEOUT);
        for progress in node.progress() {
            assert!(progress.match_index() < progress.next_index());
            assert!(progress.next_index() <= node.log().last_index().next());
            if self.setup.rules.is_safe() {
                assert!(progress.inflight() <= self.setup.options.max_inflight_messages);
            }
        }
        let _ = format!("{node:?}");
        if self.setup.rules.is_safe() {
            let terms: Vec<_> = node.log().iter_from(LogIndex(1)).map(|(_, entry)| entry.term).collect();
            assert!(terms.is_sorted(), "terms along the log: {terms:?}");
            assert!(terms.last().is_none_or(|&last| last <= node.current_term()));
        }
    }
}

fn friendly_answer(request: Message) -> Option<Message> {
    let rpc = match request.rpc {
        Rpc::RequestVote(RequestVote { pre_vote, .. }) => Rpc::RequestVoteReply { granted: true, pre_vote },
        Rpc::AppendEntries(append) => {
            let match_index = append.prev_log_index.plus(append.entries.len());
            Rpc::AppendEntriesReply { outcome: AppendOutcome::Accepted { match_index }, round: append.round }
        }
        Rpc::InstallSnapshot(install) => {
            let last_included_index = install.last_included_index;
            let next_offset = install.offset + install.data.len() as u64;
            let outcome = if install.done {
                SnapshotOutcome::Installed { match_index: last_included_index }
            } else {
                SnapshotOutcome::Received { last_included_index, next_offset }
            };
            Rpc::InstallSnapshotReply { outcome, round: install.round }
        }
        Rpc::ReadIndex { upto } => Rpc::ReadIndexReply { upto, read_index: LogIndex(1) },
        _ => return None,
    };
    Some(Message { from: request.to, to: request.from, term: request.term, rpc })
}

fn rules_without(off: &[Rule]) -> Rules {
    off.iter().fold(Rules::SAFE, |rules, &rule| rules.without(rule))
}

/// Nothing makes the node panic or take anything back.
pub(crate) fn survives(mut driven: Driven, inputs: Vec<Input>) {
    for input in inputs {
        let is_restart = matches!(input, Input::Restart);
        let (term, commit) = (driven.node.current_term(), driven.node.commit_index());
        let voted_for = driven.node.voted_for();
        let text = format!("{input:?}");
        let is_honest = driven.node.rules().has(Rule::HonestNodes);
        let durable_term = driven.disk.hard_state.current_term;
        driven.apply(input);
        driven.check();
        if is_restart {
            assert!(driven.node.current_term() >= durable_term);
            continue;
        }
        assert!(driven.node.current_term() >= term, "the term went back after {text}");
        assert!(driven.node.commit_index() >= commit, "the commit index went back after {text}");
        if driven.node.current_term() == term && voted_for.is_some() && is_honest {
            assert_eq!(driven.node.voted_for(), voted_for, "the vote changed after {text}");
        }
    }
}
