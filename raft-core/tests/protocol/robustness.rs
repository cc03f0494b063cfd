//! Whatever comes in, a node goes on: no panic, no overflow, nothing taken back, nothing growing without bound.

use proptest::prelude::*;
use raft_core::{
    AppendEntries, AppendOutcome, Committed, Configuration, Entries, Entry, EntryKind, InstallSnapshot, LogIndex,
    MembershipChange, Message, Node, NodeId, NodeSetup, Options, Persisted, ReadId, ReadMode, ReadPosition, Ready,
    RequestVote, Round, Rpc, Rule, Rules, SnapshotOutcome, Term, Ticks, Write, WriteNumber,
};

use crate::harness::voters;

/// Everything that can be done to a node.
#[derive(Clone, Debug)]
enum Input {
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

/// Small numbers, so that messages often fit together, and all the numbers that are likely to overflow.
fn number() -> impl Strategy<Value = u64> {
    let edges = prop::sample::select(vec![
        u64::MAX,
        u64::MAX - 1,
        u64::MAX / 2,
        u64::MAX / 2 + 1,
        u64::MAX / 2 - 1,
        1 << 32,
        (1 << 32) + 1,
        i64::MAX as u64 - 1,
    ]);
    prop_oneof![12 => 0_u64..8, 1 => edges]
}

fn id() -> impl Strategy<Value = NodeId> {
    prop_oneof![20 => 1_u64..=4, 1 => Just(0), 1 => Just(9), 1 => Just(u64::MAX)].prop_map(NodeId)
}

fn entry() -> impl Strategy<Value = Entry> {
    let configuration = prop::collection::vec(id(), 0..4)
        .prop_map(|ids| EntryKind::Configuration(Configuration::of_voters(ids).into()));
    let kind = prop_oneof![
        4 => Just(EntryKind::NoOp),
        4 => (0_usize..40).prop_map(|len| EntryKind::Command(vec![7; len].as_slice().into())),
        1 => configuration,
    ];
    (number(), kind).prop_map(|(term, kind)| Entry { term: Term(term), kind })
}

/// Entries whose terms rise, as a correct leader sends them, and entries that nobody would send.
fn entries() -> impl Strategy<Value = Entries> {
    (prop::collection::vec(entry(), 0..5), prop::bool::weighted(0.8)).prop_map(|(mut entries, sorted)| {
        if sorted {
            entries.sort_by_key(|entry| entry.term);
        }
        entries.into_iter().collect()
    })
}

fn rpc() -> impl Strategy<Value = Rpc> {
    let request =
        (number(), number(), any::<bool>(), any::<bool>()).prop_map(|(index, term, pre_vote, leadership_transfer)| {
            Rpc::RequestVote(RequestVote {
                last_log_index: LogIndex(index),
                last_log_term: Term(term),
                pre_vote,
                leadership_transfer,
            })
        });
    let reply = any::<(bool, bool)>().prop_map(|(granted, pre_vote)| Rpc::RequestVoteReply { granted, pre_vote });
    let append = (number(), number(), number(), entries()).prop_map(|(index, term, commit, entries)| {
        Rpc::AppendEntries(AppendEntries {
            prev_log_index: LogIndex(index),
            prev_log_term: Term(term),
            leader_commit: LogIndex(commit),
            entries,
            round: Round(index % 5),
        })
    });
    let conflict =
        (number(), number(), prop::option::of(number())).prop_map(|(prev, index, term)| AppendOutcome::Conflict {
            prev_log_index: LogIndex(prev),
            conflict_index: LogIndex(index),
            conflict_term: term.map(Term),
        });
    let accepted = number().prop_map(|index| AppendOutcome::Accepted { match_index: LogIndex(index) });
    let outcome = prop_oneof![4 => accepted, 4 => conflict, 1 => Just(AppendOutcome::StaleTerm)];
    let append_reply =
        (outcome, number()).prop_map(|(outcome, round)| Rpc::AppendEntriesReply { outcome, round: Round(round) });
    let reads = (number(), number(), any::<bool>()).prop_map(|(upto, index, is_reply)| {
        let upto = ReadPosition(upto);
        if is_reply { Rpc::ReadIndexReply { upto, read_index: LogIndex(index) } } else { Rpc::ReadIndex { upto } }
    });
    prop_oneof![
        2 => request,
        2 => reply,
        4 => append,
        3 => append_reply,
        2 => install_snapshot(),
        2 => snapshot_reply(),
        1 => Just(Rpc::TimeoutNow),
        2 => reads,
    ]
}

fn install_snapshot() -> impl Strategy<Value = Rpc> {
    let voters = prop::collection::vec(id(), 0..4);
    (number(), number(), voters, number(), 0_usize..30, any::<bool>()).prop_map(
        |(index, term, voters, offset, bytes, done)| {
            Rpc::InstallSnapshot(InstallSnapshot {
                last_included_index: LogIndex(index),
                last_included_term: Term(term),
                configuration: Configuration::of_voters(voters).into(),
                // Mostly where the first piece begins, or a second one that follows a piece of one byte.
                offset: offset / 4,
                data: vec![9; bytes].as_slice().into(),
                done,
                round: Round(offset),
            })
        },
    )
}

fn snapshot_reply() -> impl Strategy<Value = Rpc> {
    let outcome = prop_oneof![
        2 => (number(), number()).prop_map(|(index, next_offset)| SnapshotOutcome::Received {
            last_included_index: LogIndex(index),
            next_offset,
        }),
        3 => number().prop_map(|index| SnapshotOutcome::Installed { match_index: LogIndex(index) }),
        1 => Just(SnapshotOutcome::StaleTerm),
    ];
    (outcome, number()).prop_map(|(outcome, round)| Rpc::InstallSnapshotReply { outcome, round: Round(round) })
}

fn change() -> impl Strategy<Value = MembershipChange> {
    let ids = || prop::collection::vec(id(), 0..4);
    prop_oneof![
        2 => id().prop_map(MembershipChange::AddLearner),
        2 => id().prop_map(MembershipChange::AddVoter),
        1 => id().prop_map(MembershipChange::Demote),
        2 => id().prop_map(MembershipChange::Remove),
        2 => (ids(), ids()).prop_map(|(voters, learners)| MembershipChange::Replace { voters, learners }),
    ]
}

fn input() -> impl Strategy<Value = Input> {
    let to = prop_oneof![30 => Just(NodeId(1)), 1 => id()];
    let message =
        (id(), to, number(), rpc()).prop_map(|(from, to, term, rpc)| Message { from, to, term: Term(term), rpc });
    let rules = prop::collection::vec(prop::sample::select(Rule::ALL), 0..4);
    prop_oneof![
        30 => message.prop_map(Input::Step),
        4 => (0_u64..400).prop_map(Input::Advance),
        2 => Just(Input::Campaign),
        4 => (0_usize..100).prop_map(Input::Propose),
        12 => Just(Input::Answer),
        10 => Just(Input::Drain),
        10 => (0_usize..4).prop_map(Input::Sync),
        1 => number().prop_map(Input::ClaimDurable),
        1 => number().prop_map(Input::ClaimApplied),
        1 => rules.prop_map(Input::SetRules),
        3 => (0_u64..4, 0_usize..200).prop_map(|(back, bytes)| Input::Compact(back, bytes)),
        3 => change().prop_map(Input::ChangeMembership),
        1 => id().prop_map(Input::TransferLeadership),
        3 => prop::sample::select(vec![ReadMode::ReadIndex, ReadMode::Lease]).prop_map(Input::Read),
        1 => Just(Input::Restart),
    ]
}

/// A node whose driver does everything as it should, whatever the network brings.
struct Driven {
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
    fn new(rules_off: &[Rule]) -> Self {
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
        let disk = Persisted::bootstrap(Configuration::of_voters(voters(3)));
        Self {
            setup,
            node: Node::new(setup, disk.clone()).expect("a fresh disk is valid"),
            disk,
            unsynced: Vec::new(),
            asked: Vec::new(),
            applied: LogIndex(0),
        }
    }

    fn apply(&mut self, input: Input) {
        match input {
            Input::Step(message) => self.node.step(message),
            Input::Advance(ticks) => self.node.advance(Ticks(ticks)),
            Input::Campaign => self.node.campaign(),
            Input::Propose(bytes) => {
                let _ = self.node.propose(vec![1; bytes].as_slice().into());
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
                let _ = self.node.compact(index, vec![3; bytes]);
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

fn survives(rules_off: &[Rule], inputs: Vec<Input>) {
    let mut driven = Driven::new(rules_off);
    for input in inputs {
        let is_restart = matches!(input, Input::Restart);
        let (term, commit) = (driven.node.current_term(), driven.node.commit_index());
        let voted_for = driven.node.voted_for();
        let text = format!("{input:?}");
        let durable_term = driven.disk.hard_state.current_term;
        driven.apply(input);
        driven.check();
        if is_restart {
            assert!(driven.node.current_term() >= durable_term);
            continue;
        }
        assert!(driven.node.current_term() >= term, "the term went back after {text}");
        assert!(driven.node.commit_index() >= commit, "the commit index went back after {text}");
        let is_honest = !rules_off.contains(&Rule::HonestNodes);
        if driven.node.current_term() == term && voted_for.is_some() && is_honest {
            assert_eq!(driven.node.voted_for(), voted_for, "the vote changed after {text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    /// Goal: no sequence of messages, sensible or not, makes an unmodified node panic or take anything back.
    #[test]
    fn any_input_is_survived(inputs in prop::collection::vec(input(), 1..120)) {
        survives(&[], inputs);
    }

    /// Goal: nor does it a node without some of its safeguards.
    #[test]
    fn any_input_is_survived_without_safeguards(
        off in prop::collection::vec(prop::sample::select(Rule::ALL), 1..5),
        inputs in prop::collection::vec(input(), 1..120),
    ) {
        survives(&off, inputs);
    }
}
