//! One server, its log and its disk, as plain objects.

use std::collections::BTreeMap;

use raft_core::{Configuration, Entry, EntryKind, LogIndex, NodeId, ProgressState};
use raft_sim::told::Values;
use raft_sim::{RoleName, Server, Status, Time, World};
use serde::Serialize;
use tsify::Tsify;

use super::{number, numbers};

/// Most keys of a state machine that are shown.
const MAX_KEYS: usize = 100;

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
pub(crate) struct ServerRecord {
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
    /// Why a leader does not commit its next entry, as the values of a sentence.
    #[tsify(type = "unknown")]
    commit_block: Option<Values>,
    /// What the oldest read waits for.
    #[tsify(type = "unknown")]
    read_block: Option<Values>,
    /// What the transfer of leadership under way waits for.
    #[tsify(type = "unknown")]
    transfer_block: Option<Values>,
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

pub(crate) fn server(world: &World, server: &Server) -> ServerRecord {
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
    ServerRecord {
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
        commit_block: world.commit_blocked(server.id()),
        read_block: world.read_blocked(server.id()),
        transfer_block: world.transfer_blocked(server.id()),
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
