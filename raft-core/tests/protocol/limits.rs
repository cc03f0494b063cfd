//! Limits: windows, sizes, refusals of commands, and the numbers that a driver may choose.

use raft_core::{
    Configuration, Entry, EntryKind, Event, IgnoreReason, LogIndex, Node, NodeId, NodeSetup, Options, OptionsError,
    Payload, Persisted, ProgressState, ProposeError, Round, Rpc, Rule, SetupError, Term, Ticks,
};

use crate::harness::{Server, accepted, append, appends, message, received, vote};

/// A leader of three servers in term 1, with its blank entry acknowledged by server 2.
fn leader(change: impl FnOnce(&mut Options), rule_off: Option<Rule>) -> Server {
    let mut leader = Server::new(1, 3).without(Rule::PreVote).options(change);
    if let Some(rule) = rule_off {
        leader = leader.without(rule);
    }
    leader.campaign();
    leader.step(vote(2, 1, 1, true));
    leader.step(accepted(2, 1, 1, 1));
    assert_eq!(leader.node().progress()[0].state(), ProgressState::Replicate);
    leader
}

/// Goal: no more messages with entries are on their way to a follower than the window allows; an answer opens it again.
#[test]
fn limit_inflight_messages() {
    let mut leader = leader(|options| options.max_inflight_messages = 3, None);
    let sent: Vec<_> = (0..10).map(|_| appends(&leader.propose("x").1).len()).collect();
    assert_eq!(sent, [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
    let sent = leader.step(accepted(2, 1, 1, 2));
    assert_eq!(appends(&sent)[0].entries.len(), 7, "what had to wait travels together");
}

/// Goal: the same in bytes: a message leaves while the window is not full, so it is overdrawn by one message at most.
#[test]
fn limit_inflight_bytes() {
    let mut leader = leader(|options| options.max_inflight_bytes = 100, None);
    let sent: Vec<_> = (0..6).map(|_| appends(&leader.propose("0123456789abcdef01234").1).len()).collect();
    assert_eq!(sent, [1, 1, 1, 0, 0, 0], "37 bytes each");
}

/// Goal: without flow control a silent follower is sent everything.
#[test]
fn rule_flow_control_off_has_no_window() {
    let change = |options: &mut Options| {
        options.max_inflight_messages = 3;
        options.max_uncommitted_bytes = 40;
    };
    let mut leader = leader(change, Some(Rule::FlowControl));
    for _ in 0..10 {
        assert_eq!(appends(&leader.propose("x").1).len(), 1);
    }
    assert_eq!(leader.node().progress()[0].inflight(), 10);
}

/// Goal: one message carries no more entries and bytes than allowed, but always at least one entry.
#[test]
fn limit_entries_and_bytes_of_a_message() {
    let lengths = |change: fn(&mut Options), command: &str| -> Vec<usize> {
        let mut leader = leader(change, None);
        let sent = leader.run(|node| {
            for _ in 0..7 {
                node.propose(command.into()).unwrap();
            }
        });
        appends(&sent).iter().map(|append| append.entries.len()).collect()
    };
    assert_eq!(lengths(|options| options.max_append_entries = 3, "x"), [3, 3, 1]);
    assert_eq!(lengths(|options| options.max_append_bytes = 40, "0123"), [2, 2, 2, 1]);
    assert_eq!(lengths(|options| options.max_append_bytes = 1, "0123"), [1; 7]);
}

/// Goal: entries are handed out to be applied in portions, each after the one before is done.
#[test]
fn limit_bytes_to_apply() {
    let mut follower = Server::new(1, 3).options(|options| options.max_apply_bytes = 40);
    follower.step(append(2, 1, 1, (0, 0), &[1; 9], 9));
    assert_eq!(follower.commands().len(), 9, "all portions together are everything");

    let mut setup = NodeSetup::new(NodeId(1));
    setup.options.max_apply_bytes = 40;
    let mut node = Node::new(setup, follower.disk.clone()).unwrap();
    node.step(append(2, 1, 1, (9, 1), &[], 9));
    let mut ready = raft_core::Ready::default();
    let mut portions = Vec::new();
    for _ in 0..6 {
        node.drain_into(&mut ready);
        node.drain_into(&mut ready);
        assert!(ready.committed.is_empty(), "nothing new before the portion is applied");
        portions.push(node.last_applied().0);
        node.on_applied(LogIndex(u64::MAX));
    }
    assert_eq!(portions, [0, 3, 6, 9, 9, 9]);
}

/// Goal: commands are refused for three reasons, each with its numbers, and a refusal changes nothing.
#[test]
fn propose_errors() {
    let mut follower = Server::new(1, 3);
    let not_leader = ProposeError::NotLeader { leader_hint: None };
    assert_eq!(follower.propose("x").0, Err(not_leader));

    let change = |options: &mut Options| {
        options.max_command_bytes = 4;
        options.max_uncommitted_bytes = 30;
    };
    let mut leader = leader(change, None);
    let before = leader.node().clone();
    let too_large = ProposeError::TooLarge { bytes: 5, limit: 4 };
    assert_eq!(leader.propose("12345").0, Err(too_large));
    assert_eq!(&before, leader.node());

    leader.propose("1234").0.unwrap();
    leader.propose("1234").0.unwrap();
    let busy = ProposeError::Busy { bytes: 40, limit: 30 };
    assert_eq!(leader.propose("1234").0, Err(busy));
    // What is committed makes room again.
    leader.step(accepted(2, 1, 1, 3));
    leader.propose("1234").0.unwrap();

    for (error, text) in [
        (not_leader, "this server is not the leader; ask the leader it names, or try another server"),
        (too_large, "the command has 5 bytes, but at most 4 are allowed"),
        (busy, "40 bytes wait to be committed, the limit is 30; try again when some are"),
    ] {
        assert_eq!(error.to_string(), text);
    }
}

/// Goal: the account of uncommitted bytes starts right in every leadership, so proposals are not refused for ever.
#[test]
fn uncommitted_bytes_do_not_leak_over_leaderships() {
    let mut server = leader(|options| options.max_uncommitted_bytes = 100, None);
    for _ in 0..10 {
        let _ = server.propose("0123456789abcdef");
    }
    assert!(matches!(server.propose("x").0, Err(ProposeError::Busy { .. })));
    server.step(append(2, 1, 2, (1, 1), &[2], 2));
    server.campaign();
    server.step(vote(2, 1, 3, true));
    assert!(server.node().role().is_leader());
    server.propose("x").0.unwrap();
}

/// Goal: an empty command and a long one survive the way through the log.
#[test]
fn commands_of_any_length() {
    let mut server = Server::new(1, 1);
    server.campaign();
    let long = "x".repeat(1_000);
    for command in ["", "short", long.as_str()] {
        server.propose(command).0.unwrap();
    }
    assert_eq!(server.commands(), ["", "short", long.as_str()]);
    let kind = &server.applied.last().unwrap().entry.kind;
    assert_eq!(*kind, EntryKind::Command(Payload::from(long.as_str())));
}

/// Goal: options that make no sense are refused with the reason.
#[test]
fn options_are_validated() {
    let refusal = |change: fn(&mut Options)| {
        let mut setup = NodeSetup::new(NodeId(1));
        change(&mut setup.options);
        let disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1)]));
        Node::new(setup, disk).err()
    };
    assert_eq!(refusal(|_| {}), None);
    assert_eq!(refusal(|options| options.heartbeat_interval = Ticks(74)), None);
    assert_eq!(
        refusal(|options| options.heartbeat_interval = Ticks(0)),
        Some(SetupError::Options(OptionsError::NoHeartbeat))
    );
    for heartbeat in [75, 150, 1 << 40, u64::MAX / 2 + 1, u64::MAX] {
        let mut options = Options { heartbeat_interval: Ticks(heartbeat), ..Options::default() };
        let min = options.election_timeout_min;
        let heartbeat = options.heartbeat_interval;
        assert_eq!(options.validate(), Err(OptionsError::ElectionTimeoutTooShort { min, heartbeat }));
        options.heartbeat_interval = Ticks(1);
        assert_eq!(options.validate(), Ok(()));
    }
    for (min, max) in [(300, 299), (150, u64::MAX), (u64::MAX, u64::MAX), (150, (1 << 31) + 1)] {
        let (min, max) = (Ticks(min), Ticks(max));
        let options = Options { election_timeout_min: min, election_timeout_max: max, ..Options::default() };
        assert_eq!(options.validate(), Err(OptionsError::ElectionTimeoutRange { min, max }));
    }
    let zero: [fn(&mut Options); 7] = [
        |options| options.max_append_entries = 0,
        |options| options.max_append_bytes = 0,
        |options| options.max_inflight_messages = 0,
        |options| options.max_inflight_bytes = 0,
        |options| options.max_uncommitted_bytes = 0,
        |options| options.max_command_bytes = 0,
        |options| options.max_apply_bytes = 0,
    ];
    for change in zero {
        assert_eq!(refusal(change), Some(SetupError::Options(OptionsError::ZeroLimit)));
    }
}

/// Goal: the longest timeouts that are allowed overflow nowhere.
#[test]
fn the_longest_timeouts_work() {
    let mut server = Server::new(1, 1).options(|options| {
        options.election_timeout_min = Options::MAX_TIMEOUT;
        options.election_timeout_max = Options::MAX_TIMEOUT;
    });
    server.tick(Options::MAX_TIMEOUT.0);
    assert!(server.node().role().is_leader());
}

/// Goal: an acknowledgement beyond the log is impossible, and so is a refusal of what was never sent.
#[test]
fn impossible_replies_do_not_move_the_leader() {
    let mut leader = leader(|_| {}, None);
    let conflict = raft_core::AppendOutcome::Conflict {
        prev_log_index: LogIndex(40),
        conflict_index: LogIndex(30),
        conflict_term: None,
    };
    for reply in [accepted(2, 1, 1, 40), crate::harness::append_reply(2, 1, 1, conflict)] {
        leader.step(reply);
        assert_eq!(leader.node().progress()[0].next_index(), LogIndex(2));
        assert!(matches!(leader.events.last(), Some(Event::MessageIgnored { reason: IgnoreReason::Impossible, .. })));
    }
}

/// Goal: with no limit on the size of a piece, a follower may still say that it has only a part of the snapshot.
#[test]
fn the_longest_pieces_of_a_snapshot_work() {
    let mut leader = leader(|options| options.max_snapshot_chunk_bytes = usize::MAX, None);
    leader.propose("0123").0.expect("a leader takes commands");
    leader.step(accepted(2, 1, 1, 2));
    leader.compact(2).0.expect("entry 2 is applied");
    leader.tick(50);
    let reply = Rpc::InstallSnapshotReply { outcome: received(2, 1), round: Round(0) };
    let sent = leader.step(message(3, 1, 1, reply));
    assert!(matches!(&sent[0].rpc, Rpc::InstallSnapshot(piece) if piece.offset == 1 && piece.done));
}

/// Goal: a configuration counts against limits of size with every server that it names, in each of its roles.
#[test]
fn a_configuration_has_a_size() {
    let now = Configuration::new([1, 2, 3].map(NodeId), [NodeId(4)]);
    let size = |configuration: Configuration| {
        Entry { term: Term(1), kind: EntryKind::Configuration(configuration.into()) }.size()
    };
    let empty = Entry { term: Term(1), kind: EntryKind::NoOp }.size();
    assert_eq!(size(now.clone()), empty + 4 * size_of::<NodeId>());
    let next = Configuration::new([1, 2].map(NodeId), [NodeId(3)]);
    let joint = now.enter_joint(&next);
    assert!(joint.is_joint() && !joint.learners_next().is_empty());
    // 1 and 2 stand in both halves; 3 is a voter of the old half that becomes a learner; 4 leaves.
    assert_eq!(size(joint), empty + (2 + 3 + 1) * size_of::<NodeId>());
}
