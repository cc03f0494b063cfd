//! What is drawn every frame, as one flat array of numbers.

use raft_core::{Configuration, MessageKind, NodeId, ProgressState, Role, TransferBlock};
use raft_sim::{Envelope, InFlight, Server, Status, Time, Timeline, World};
use serde::Serialize;
use tsify::Tsify;

/// The names of the numbers of a frame, in order. A frame is the header, then a record for each server, then one for each
/// pair of servers (progress, row by row), one for each pair again (links), then one for each message in flight.
#[derive(Serialize, Tsify)]
pub(crate) struct FrameLayout {
    #[tsify(type = "string[]")]
    header: &'static [&'static str],
    #[tsify(type = "string[]")]
    server: &'static [&'static str],
    #[tsify(type = "string[]")]
    progress: &'static [&'static str],
    #[tsify(type = "string[]")]
    link: &'static [&'static str],
    #[tsify(type = "string[]")]
    message: &'static [&'static str],
    /// The kinds of message, in the order of their numbers.
    kinds: Vec<&'static str>,
}

impl Default for FrameLayout {
    fn default() -> Self {
        Self {
            header: HEADER,
            server: SERVER,
            progress: PROGRESS,
            link: LINK,
            message: MESSAGE,
            kinds: MessageKind::ALL.iter().map(|kind| kind.name()).collect(),
        }
    }
}

const HEADER: &[&str] = &[
    "timeMs",
    "step",
    "headStep",
    "endTimeMs",
    "nextTimeMs",
    "branch",
    "servers",
    "messages",
    "events",
    "violations",
    "rulesOff",
    "logVersion",
    "clients",
    "joint",
];
const SERVER: &[&str] = &[
    "id",
    "status",
    "role",
    "term",
    "votedFor",
    "leader",
    "commitIndex",
    "lastApplied",
    "lastIndex",
    "lastTerm",
    "lastIncludedIndex",
    "durableIndex",
    "timerKind",
    "timerRemainingMs",
    "timerTotalMs",
    "clockRatePermille",
    "pendingWrites",
    "votesGranted",
    "voters",
    "member",
    "takingSnapshot",
    "transferTarget",
];
const PROGRESS: &[&str] = &["nextIndex", "matchIndex", "state", "inflight", "snapshotSent", "snapshotTotal"];
const LINK: &[&str] = &["cut", "held", "flapping"];
const MESSAGE: &[&str] =
    &["id", "kind", "from", "to", "term", "sentMs", "arrivesMs", "success", "entries", "prevIndex", "commit"];

/// The moment that a timeline looks at.
pub(crate) fn encode(timeline: &Timeline) -> Vec<f64> {
    let world = timeline.world();
    let (count, messages) = (world.servers().len(), world.messages());
    let length = HEADER.len()
        + count * SERVER.len()
        + count * count * (PROGRESS.len() + LINK.len())
        + messages.len() * MESSAGE.len();
    let mut frame = Vec::with_capacity(length);
    push_header(&mut frame, timeline, messages.len());
    for server in world.servers() {
        push_server(&mut frame, timeline.shown(), server, world.configuration());
    }
    for (leader, peer) in pairs(world) {
        push_progress(&mut frame, leader, peer);
    }
    for (from, to) in pairs(world) {
        let link = world.link(from.id(), to.id());
        frame.extend([link.is_cut, link.held.is_some(), link.flap.is_some()].map(f64::from));
    }
    for message in messages {
        push_message(&mut frame, message);
    }
    debug_assert_eq!(frame.len(), length, "every record has as many numbers as its layout has names");
    frame
}

fn pairs(world: &World) -> impl Iterator<Item = (&Server, &Server)> {
    world.servers().iter().flat_map(|a| world.servers().iter().map(move |b| (a, b)))
}

fn push_header(frame: &mut Vec<f64>, timeline: &Timeline, messages: usize) {
    let (world, branch) = (timeline.world(), timeline.branch());
    frame.extend([
        timeline.shown().ms(),
        world.steps().into(),
        branch.head_step().into(),
        branch.end_time().ms(),
        timeline.next_time().map_or(-1.0, Time::ms),
        timeline.current().0 as f64,
        world.servers().len() as f64,
        messages as f64,
        world.events().into(),
        world.violations().len() as f64,
        world.rules().off().count() as f64,
        world.log_version().into(),
        world.operations().len() as f64,
        f64::from(world.configuration().is_some_and(Configuration::is_joint)),
    ]);
}

fn push_server(frame: &mut Vec<f64>, now: Time, server: &Server, configuration: Option<&Configuration>) {
    let status = match server.status() {
        Status::Up => 0.0,
        Status::Crashed => 1.0,
        Status::Paused => 2.0,
    };
    let durable = server.durable();
    let number = |id: Option<NodeId>| id.map_or(0.0, |id| id.0 as f64);
    let log = server.node().map_or(&durable.log, |node| node.log());
    let (timer_kind, remaining, total) = match (server.timer(), server.node()) {
        (Some((at, total)), Some(node)) => {
            (if node.role().is_leader() { 2.0 } else { 1.0 }, at.since(now).ms(), total.ms())
        }
        _ => (0.0, 0.0, 0.0),
    };
    let node = server.node();
    let votes = node.map_or(0, |node| bits(node.votes().iter().filter(|(_, granted)| *granted).map(|(id, _)| *id)));
    frame.extend([
        server.id().0 as f64,
        status,
        node.map_or(0.0, |node| role(node.role())),
        node.map_or(durable.hard_state.current_term, raft_core::Node::current_term).0 as f64,
        number(node.map_or(durable.hard_state.voted_for, raft_core::Node::voted_for)),
        number(node.and_then(raft_core::Node::leader)),
        node.map_or(0.0, |node| node.commit_index().0 as f64),
        node.map_or(0.0, |node| node.last_applied().0 as f64),
        log.last_index().0 as f64,
        log.last_term().0 as f64,
        log.last_included_index().0 as f64,
        durable.log.last_index().0 as f64,
        timer_kind,
        remaining,
        total,
        server.clock_rate_permille().into(),
        server.waiting_writes() as f64,
        f64::from(votes),
        f64::from(bits(log.configuration().voters().iter().copied())),
        configuration.map_or(0.0, |configuration| membership(configuration, server.id())),
        f64::from(server.snapshot_begun().is_some()),
        number(node.and_then(raft_core::Node::transfer_block).map(|block| match block {
            TransferBlock::LogBehind { target, .. } | TransferBlock::NoElection { target, .. } => target,
        })),
    ]);
}

fn push_progress(frame: &mut Vec<f64>, leader: &Server, peer: &Server) {
    let progress = leader.node().and_then(|node| node.progress().iter().find(|progress| progress.id() == peer.id()));
    frame.extend(progress.map_or([0.0; 6], |progress| {
        let state = match progress.state() {
            ProgressState::Probe => 1.0,
            ProgressState::Replicate => 2.0,
            ProgressState::Snapshot => 3.0,
        };
        let (sent, total) = progress.snapshot_bytes().unwrap_or_default();
        [
            progress.next_index().0 as f64,
            progress.match_index().0 as f64,
            state,
            progress.inflight() as f64,
            sent as f64,
            total as f64,
        ]
    }));
}

fn push_message(frame: &mut Vec<f64>, message: &InFlight) {
    let envelope = Envelope::of(message.id, &message.message);
    let commit = match &message.message.rpc {
        raft_core::Rpc::AppendEntries(append) => append.leader_commit.0 as f64,
        _ => 0.0,
    };
    frame.extend([
        message.id.0.into(),
        f64::from(envelope.kind as u8),
        envelope.from.0 as f64,
        envelope.to.0 as f64,
        envelope.term.0 as f64,
        message.sent_at.ms(),
        message.arrives_at.map_or(-1.0, Time::ms),
        envelope.success.map_or(-1.0, f64::from),
        envelope.entries.into(),
        envelope.index.0 as f64,
        commit,
    ]);
}

/// What a server is in the cluster: 1 a voter, 2 a voter of C_old, 4 a learner, or a sum of these; 0 no member.
fn membership(configuration: &Configuration, id: NodeId) -> f64 {
    let sets = [configuration.voters(), configuration.voters_outgoing(), configuration.learners()];
    sets.iter().zip([1.0, 2.0, 4.0]).filter(|(ids, _)| ids.contains(&id)).fold(0.0, |sum, (_, bit)| sum + bit)
}

const fn role(role: Role) -> f64 {
    match role {
        Role::Follower => 0.0,
        Role::PreCandidate => 1.0,
        Role::Candidate => 2.0,
        Role::Leader => 3.0,
    }
}

/// A set of servers; at most 25 of them fit a 32-bit number, which every JavaScript number holds.
fn bits(ids: impl Iterator<Item = NodeId>) -> u32 {
    ids.fold(0, |bits, id| bits | 1 << (id.0 - 1))
}
