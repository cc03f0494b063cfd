//! What JavaScript sees of a run, as plain objects.

use std::collections::BTreeMap;

use raft_core::{Configuration, Entry, EntryKind, LogIndex, NodeId, ProgressState};
use raft_sim::{
    Event, EventId, EventKind, KindName, Level, OperationKind, Outcome, ReadName, RoleName, RuleName, Server, Status,
    Time, Timeline, World,
};
use serde::Serialize;
use tsify::Tsify;

/// Most keys of a state machine that are shown.
const MAX_KEYS: usize = 100;

/// How a run up to a condition ended.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunOutcome {
    /// Whether the condition holds.
    pub(crate) held: bool,
    /// The number of steps.
    pub(crate) steps: u32,
}

/// What an action brought about.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActOutcome {
    /// The branch on which it happened.
    pub(crate) branch: usize,
    /// Whether that branch is new.
    pub(crate) forked: bool,
    /// The event of the action; what follows comes after it.
    pub(crate) first_event: u32,
    /// The message that it was about or that it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<u32>,
    /// The log index of a proposed command or configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "number")]
    pub(crate) index: Option<u64>,
    /// The operation of a client: its place in the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operation: Option<u32>,
}

/// One branch of the timeline.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BranchView {
    id: usize,
    #[tsify(type = "number | null")]
    parent: Option<usize>,
    fork_step: u32,
    head_step: u32,
    end_time_ms: f64,
    current: bool,
    name: String,
}

/// A stretch of a log.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogWindow {
    server: u32,
    last_included_index: f64,
    last_included_term: f64,
    first_index: f64,
    last_index: f64,
    entries: Vec<LogEntryView>,
}

/// One entry of a log.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogEntryView {
    index: f64,
    term: f64,
    #[tsify(type = "'noop' | 'command' | 'configuration'")]
    kind: &'static str,
    text: String,
}

/// Everything about one server.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServerView {
    id: u32,
    #[tsify(type = "'up' | 'crashed' | 'paused'")]
    status: &'static str,
    role: RoleName,
    current_term: f64,
    #[tsify(type = "number | null")]
    voted_for: Option<f64>,
    #[tsify(type = "number | null")]
    leader: Option<f64>,
    commit_index: f64,
    last_applied: f64,
    durable: DurableView,
    disk: DiskView,
    /// How long it takes to apply an entry.
    apply_latency_ms: f64,
    /// Entries that it knows to be committed and has not applied.
    unapplied: f64,
    #[tsify(type = "Record<string, string>")]
    state: BTreeMap<String, String>,
    configuration: ConfigurationView,
    #[tsify(type = "string | null")]
    commit_blocked: Option<String>,
    /// What the oldest read waits for, in a sentence.
    #[tsify(type = "string | null")]
    read_blocked: Option<String>,
    /// What the transfer of leadership under way waits for, in a sentence.
    #[tsify(type = "string | null")]
    transfer_blocked: Option<String>,
    /// Clients that wait for an answer to a read.
    waiting_reads: usize,
    /// Whether a leader may answer reads without asking anybody; `null` for others, and where there are no leases.
    #[tsify(type = "boolean | null")]
    lease: Option<bool>,
    #[tsify(type = "SnapshotView | null")]
    snapshot: Option<SnapshotView>,
    /// The last entry that the snapshot covers which is being taken.
    #[tsify(type = "number | null")]
    snapshot_begun: Option<f64>,
    /// Whether a rule of Raft is off, so that this is another protocol.
    modified: bool,
    progress: Vec<ProgressView>,
}

/// The snapshot that stands for the beginning of a log.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SnapshotView {
    last_included_index: f64,
    last_included_term: f64,
    bytes: usize,
    configuration: ConfigurationView,
}

/// What a server's disk holds.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DurableView {
    current_term: f64,
    #[tsify(type = "number | null")]
    voted_for: Option<f64>,
    last_index: f64,
}

/// How a server's disk works.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DiskView {
    min_latency_ms: f64,
    max_latency_ms: f64,
    /// Writes that it has not finished.
    waiting: usize,
    /// Whether it says that writes are durable when they are not.
    lies: bool,
}

/// Who belongs to the cluster, by a server's log.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConfigurationView {
    voters: Vec<f64>,
    voters_outgoing: Vec<f64>,
    learners: Vec<f64>,
    /// Voters of C_old that will be learners when the joint configuration is left.
    learners_next: Vec<f64>,
    /// Whether decisions need a majority of C_old as well as of C_new.
    joint: bool,
}

/// What a leader knows about a follower.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProgressView {
    server: f64,
    next_index: f64,
    match_index: f64,
    #[tsify(type = "'probe' | 'replicate' | 'snapshot'")]
    state: &'static str,
    inflight: usize,
    /// How much of a snapshot the follower has, while one is on its way.
    #[tsify(type = "{ sent: number; total: number } | null")]
    snapshot: Option<SentView>,
    /// How a learner catches up; `null` for voters.
    #[tsify(type = "CatchUpView | null")]
    catch_up: Option<CatchUpView>,
}

/// Bytes of a snapshot on its way.
#[derive(Serialize)]
struct SentView {
    sent: usize,
    total: usize,
}

/// How a learner catches up, in rounds.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CatchUpView {
    /// What the leader's log held when the present round began.
    target: f64,
    /// How long the present round has taken.
    round_ms: f64,
    /// Rounds that are over.
    rounds: u32,
    /// Whether it may become a voter.
    caught_up: bool,
}

/// What a client asked for.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperationView {
    id: u32,
    client: String,
    key: String,
    /// `sync` has no key: its client's next session read is not older than what was committed when it was called.
    #[tsify(type = "'get' | 'put' | 'append' | 'cas' | 'delete' | 'sync'")]
    kind: &'static str,
    /// What a read does before it is answered; `null` for others.
    #[tsify(type = "ReadName | null")]
    mode: Option<ReadName>,
    /// What was to be written, or what was read; `null` if the key was not set or there is no answer yet.
    #[tsify(type = "string | null")]
    value: Option<String>,
    /// The value that a compare-and-set asks for; `null` if the key must not be set, and for others.
    #[tsify(type = "string | null")]
    expected: Option<String>,
    /// Whether a compare-and-set found that value; `null` while it has no answer, and for others.
    #[tsify(type = "boolean | null")]
    matched: Option<bool>,
    called_ms: f64,
    #[tsify(type = "number | null")]
    returned_ms: Option<f64>,
    #[tsify(type = "'ok' | 'fail' | 'unknown' | null")]
    outcome: Option<&'static str>,
    /// The server that took it.
    #[tsify(type = "number | null")]
    server: Option<f64>,
}

/// A message in flight.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageView {
    id: u32,
    kind: KindName,
    from: f64,
    to: f64,
    term: f64,
    sent_ms: f64,
    #[tsify(type = "number | null")]
    arrives_ms: Option<f64>,
    held: bool,
    summary: String,
    sent_event: u32,
}

/// One thing that happened.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventView {
    id: u32,
    step: u32,
    time_ms: f64,
    #[tsify(type = "number | null")]
    server: Option<f64>,
    kind: &'static str,
    #[tsify(type = "number | null")]
    cause: Option<u32>,
    #[tsify(type = "number | null")]
    message: Option<u32>,
    #[tsify(type = "number | null")]
    term: Option<f64>,
    #[tsify(type = "number | null")]
    index: Option<f64>,
    text: String,
    #[tsify(type = "string | null")]
    section: Option<&'static str>,
    #[tsify(type = "'detail' | 'normal' | 'important' | 'violation'")]
    level: &'static str,
}

/// A contradiction that the checker found.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ViolationView {
    step: u32,
    time_ms: f64,
    event: u32,
    invariant: &'static str,
    name: &'static str,
    servers: Vec<f64>,
    #[tsify(type = "number | null")]
    index: Option<f64>,
    text: String,
    facts: [String; 2],
}

/// Something that a reader may want to jump to.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Marker {
    step: u32,
    time_ms: f64,
    #[tsify(type = "'election' | 'leader' | 'fault' | 'commit' | 'violation' | 'action'")]
    kind: &'static str,
    term: f64,
    #[tsify(type = "number | null")]
    server: Option<f64>,
    text: String,
}

/// How an expectation of the scenario turned out.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExpectationView {
    text: String,
    #[tsify(type = "'pending' | 'held' | 'failed'")]
    result: &'static str,
    #[tsify(type = "number | null")]
    step: Option<u32>,
}

/// A rule and whether it is on.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RuleView {
    name: RuleName,
    /// Without a rule of `raft` the protocol is no longer Raft, and the page says so. The rules of the `world` are about
    /// the servers around it.
    #[tsify(type = "'raft' | 'world'")]
    kind: &'static str,
    on: bool,
    section: &'static str,
    protects: &'static str,
}

pub(crate) fn branches(timeline: &Timeline) -> Vec<BranchView> {
    let views = timeline.branches().iter().enumerate().map(|(id, branch)| BranchView {
        id,
        parent: branch.origin.map(|(parent, _)| parent.0),
        fork_step: branch.origin.map_or(0, |(_, step)| step),
        head_step: branch.head_step(),
        end_time_ms: branch.end_time().ms(),
        current: timeline.current().0 == id,
        name: branch.name.clone(),
    });
    views.collect()
}

pub(crate) fn log(server: &Server, first_index: u32, count: u32) -> LogWindow {
    let log = server.node().map_or(&server.durable().log, |node| node.log());
    let first = LogIndex(first_index.into()).max(log.first_index());
    let entries = log.iter_from(first).take(count as usize).map(|(index, entry)| LogEntryView {
        index: index.0 as f64,
        term: entry.term.0 as f64,
        kind: match entry.kind {
            EntryKind::NoOp => "noop",
            EntryKind::Command(_) => "command",
            EntryKind::Configuration(_) => "configuration",
        },
        text: entry_text(entry),
    });
    LogWindow {
        server: server.id().0 as u32,
        last_included_index: log.last_included_index().0 as f64,
        last_included_term: log.last_included_term().0 as f64,
        first_index: first.0 as f64,
        last_index: log.last_index().0 as f64,
        entries: entries.collect(),
    }
}

pub(crate) fn server(world: &World, server: &Server) -> ServerView {
    let (node, durable) = (server.node(), server.durable());
    let configuration = node.map_or(&durable.log, |node| node.log()).configuration();
    let progress = node.map_or(&[][..], |node| node.progress()).iter().map(|progress| ProgressView {
        server: progress.id().0 as f64,
        next_index: progress.next_index().0 as f64,
        match_index: progress.match_index().0 as f64,
        state: match progress.state() {
            ProgressState::Probe => "probe",
            ProgressState::Replicate => "replicate",
            ProgressState::Snapshot => "snapshot",
        },
        inflight: progress.inflight(),
        snapshot: progress.snapshot_bytes().map(|(sent, total)| SentView { sent, total }),
        catch_up: progress.catch_up().map(|catch_up| CatchUpView {
            target: catch_up.target.0 as f64,
            round_ms: Time::of_ticks(catch_up.ticks.0).ms(),
            rounds: catch_up.rounds,
            caught_up: catch_up.is_caught_up,
        }),
    });
    let has_leases = |node: &&raft_core::Node| node.role().is_leader() && node.options().lease_drift_permille.is_some();
    let snapshot = node.map_or(durable.snapshot.as_ref(), |node| node.snapshot());
    ServerView {
        id: server.id().0 as u32,
        status: match server.status() {
            Status::Up => "up",
            Status::Crashed => "crashed",
            Status::Paused => "paused",
        },
        role: node.map_or(RoleName::Follower, |node| node.role().into()),
        current_term: node.map_or(durable.hard_state.current_term, raft_core::Node::current_term).0 as f64,
        voted_for: number(node.map_or(durable.hard_state.voted_for, raft_core::Node::voted_for)),
        leader: number(node.and_then(raft_core::Node::leader)),
        commit_index: node.map_or(0.0, |node| node.commit_index().0 as f64),
        last_applied: node.map_or(0.0, |node| node.last_applied().0 as f64),
        durable: DurableView {
            current_term: durable.hard_state.current_term.0 as f64,
            voted_for: number(durable.hard_state.voted_for),
            last_index: durable.log.last_index().0 as f64,
        },
        disk: DiskView {
            min_latency_ms: server.disk_latency().0.ms(),
            max_latency_ms: server.disk_latency().1.ms(),
            waiting: server.waiting_writes(),
            lies: server.disk_lies(),
        },
        apply_latency_ms: server.apply_latency().ms(),
        unapplied: server.unapplied() as f64,
        state: server.state().take(MAX_KEYS).map(|(key, value)| (key.into(), value.into())).collect(),
        configuration: configuration_view(configuration),
        commit_blocked: world.commit_blocked(server.id()),
        read_blocked: world.read_blocked(server.id()),
        transfer_blocked: world.transfer_blocked(server.id()),
        waiting_reads: world.waiting_reads(server.id()),
        lease: node.filter(has_leases).map(raft_core::Node::has_lease),
        snapshot: snapshot.map(|snapshot| SnapshotView {
            last_included_index: snapshot.last_included_index.0 as f64,
            last_included_term: snapshot.last_included_term.0 as f64,
            bytes: snapshot.data.len(),
            configuration: configuration_view(&snapshot.configuration),
        }),
        snapshot_begun: server.snapshot_begun().map(|index| index.0 as f64),
        modified: !world.rules().raft.is_safe(),
        progress: progress.collect(),
    }
}

fn configuration_view(configuration: &Configuration) -> ConfigurationView {
    ConfigurationView {
        voters: numbers(configuration.voters()),
        voters_outgoing: numbers(configuration.voters_outgoing()),
        learners: numbers(configuration.learners()),
        learners_next: numbers(configuration.learners_next()),
        joint: configuration.is_joint(),
    }
}

pub(crate) fn history(world: &World, first_id: u32, limit: u32) -> Vec<OperationView> {
    let operations = world.operations().iter().enumerate().skip(first_id as usize).take(limit as usize);
    let views = operations.map(|(id, operation)| {
        let (mode, result) = match &operation.kind {
            OperationKind::Get { mode, result } => (Some(*mode), result.as_deref()),
            _ => (None, None),
        };
        let (expected, matched) = match &operation.kind {
            OperationKind::Cas { expected, matched, .. } => (expected.as_deref(), *matched),
            _ => (None, None),
        };
        OperationView {
            id: id as u32,
            client: operation.client.to_string(),
            key: operation.key.to_string(),
            kind: operation.kind.name(),
            mode,
            value: operation.kind.value().or(result).map(Into::into),
            expected: expected.map(Into::into),
            matched,
            called_ms: operation.called_at.ms(),
            returned_ms: operation.returned.map(|(time, _)| time.ms()),
            outcome: operation.returned.map(|(_, outcome)| match outcome {
                Outcome::Ok => "ok",
                Outcome::Fail => "fail",
                Outcome::Unknown => "unknown",
            }),
            server: number(operation.server),
        }
    });
    views.collect()
}

pub(crate) fn messages(world: &World) -> Vec<MessageView> {
    let views = world.messages().into_iter().map(|message| {
        let envelope = raft_sim::Envelope::of(message.id, &message.message);
        MessageView {
            id: message.id.0,
            kind: envelope.kind.into(),
            from: envelope.from.0 as f64,
            to: envelope.to.0 as f64,
            term: envelope.term.0 as f64,
            sent_ms: message.sent_at.ms(),
            arrives_ms: message.arrives_at.map(Time::ms),
            held: message.arrives_at.is_none(),
            summary: envelope.to_string(),
            sent_event: message.sent_event.0,
        }
    });
    views.collect()
}

pub(crate) fn event(world: &World, id: EventId, event: &Event) -> EventView {
    let (term, index) = event.term_and_index();
    EventView {
        id: id.0,
        step: event.step,
        time_ms: event.time.ms(),
        server: number(event.server()),
        kind: event.name(),
        cause: event.cause().map(|cause| cause.0),
        message: event.envelope().map(|envelope| envelope.message.0),
        term: term.map(|term| term as f64),
        index: index.map(|index| index as f64),
        text: event.sentence(world),
        section: event.section(),
        level: match event.level() {
            Level::Detail => "detail",
            Level::Normal => "normal",
            Level::Important => "important",
            Level::Violation => "violation",
        },
    }
}

pub(crate) fn violations(world: &World) -> Vec<ViolationView> {
    let views = world.violations().iter().map(|found| ViolationView {
        step: found.step,
        time_ms: found.time.ms(),
        event: found.event.0,
        invariant: found.violation.invariant.id(),
        name: found.violation.invariant.name(),
        servers: numbers(&found.violation.servers),
        index: found.violation.index.map(|index| index.0 as f64),
        text: found.violation.to_string(),
        facts: found.violation.facts.clone(),
    });
    views.collect()
}

pub(crate) fn markers(timeline: &Timeline) -> Vec<Marker> {
    use raft_core::Event as NodeEvent;
    // The highest term that anybody has begun by then.
    let mut term = 0;
    let views = timeline.landmarks().map(|(_, event)| {
        let kind = match &event.kind {
            EventKind::Node(NodeEvent::BecameLeader { .. }) => "leader",
            EventKind::Node(NodeEvent::BecameCandidate { term: begun }) => {
                term = term.max(begun.0);
                "election"
            }
            EventKind::Node(NodeEvent::CommitAdvanced { .. }) => "commit",
            EventKind::Violated(_) | EventKind::Node(NodeEvent::EntriesTruncated { committed: true, .. }) => {
                "violation"
            }
            EventKind::Crashed(_) | EventKind::Restarted => "fault",
            _ => "action",
        };
        Marker {
            step: event.step,
            time_ms: event.time.ms(),
            kind,
            term: term as f64,
            server: number(event.server()),
            text: event.sentence(timeline.world()),
        }
    });
    views.collect()
}

pub(crate) fn expectations(world: &World) -> Vec<ExpectationView> {
    let results = world.script().results();
    let lines = world.script().lines().iter().enumerate().filter_map(|(number, line)| {
        let result = results.iter().find(|result| result.line == number);
        let (script, rules) = (world.script(), world.rules());
        let expected = script.expected(line, rules).or_else(|| script.meanwhile(line, rules));
        let text = match (expected, result.and_then(|result| result.problem.as_ref())) {
            (_, Some(problem)) => problem.clone(),
            (Some(expected), None) => expected.to_string(),
            (None, None) => return None,
        };
        Some(ExpectationView {
            text,
            result: result.map_or("pending", |result| if result.held { "held" } else { "failed" }),
            step: result.map(|result| result.step),
        })
    });
    lines.collect()
}

pub(crate) fn rules(world: &World) -> Vec<RuleView> {
    let views = RuleName::ALL.iter().map(|&rule| RuleView {
        name: rule,
        kind: if rule.rule().is_ok() { "raft" } else { "world" },
        on: world.rules().has(rule),
        section: rule.section(),
        protects: rule.protects(),
    });
    views.collect()
}

fn entry_text(entry: &Entry) -> String {
    match &entry.kind {
        EntryKind::NoOp => "no-op".into(),
        EntryKind::Command(command) => raft_sim::command_text(command.as_bytes()),
        EntryKind::Configuration(configuration) => {
            let mut text = names(configuration.voters());
            for (before, ids) in [(" · C_old ", configuration.voters_outgoing()), (" + ", configuration.learners())] {
                if !ids.is_empty() {
                    text.push_str(before);
                    text.push_str(&names(ids));
                }
            }
            text
        }
    }
}

fn names(ids: &[NodeId]) -> String {
    let names: Vec<_> = ids.iter().map(|id| format!("S{id}")).collect();
    names.join(" ")
}

fn number(id: Option<NodeId>) -> Option<f64> {
    id.map(|id| id.0 as f64)
}

fn numbers(ids: &[NodeId]) -> Vec<f64> {
    ids.iter().map(|id| id.0 as f64).collect()
}
