//! How a cluster behaves when nothing stands in its way: what safety does not promise, but users expect.
//!
//! Some safeguards of Raft protect no data; they keep the cluster available, or cheap. A monitor watches the events of a
//! run and names the habit that was broken. The habits hold where their assumptions do (see each of them); under arbitrary
//! faults they need not.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use raft_core::{Event as NodeEvent, FollowerReason, LogIndex, MessageKind, Node, NodeId, ProgressState, Term};

use crate::event::{Event, EventKind};
use crate::time::Time;
use crate::world::{Status, World};

/// Something that a healthy cluster does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Habit {
    /// A leader appears within ten of the longest election timeouts after the last disturbance, if a majority runs.
    LeaderAppears,
    /// A leader that a quorum followed within the shortest election timeout is not deposed.
    LeaderKept,
    /// A leader that no quorum answered for the shortest election timeout, by its own clock, does not go on leading.
    QuorumChecked,
    /// A diverged log is repaired with at most one probe per divergent term, and two more.
    QuickRepair,
    /// A new leader commits what it inherited within a few round trips, without waiting for a client.
    InheritanceCommitted,
    /// No follower has more unacknowledged messages with entries on their way than its window allows.
    WindowKept,
}

/// A habit that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lapse {
    /// Which one.
    pub habit: Habit,
    /// When.
    pub time: Time,
    /// What was seen.
    pub fact: String,
}

/// Watches a run.
#[derive(Clone, Debug)]
pub struct Conduct {
    /// When anybody last did anything to the cluster.
    disturbed: Time,
    leaderless: Option<Time>,
    leaderships: BTreeMap<NodeId, Leadership>,
    /// For each follower and leader, when it last accepted something from it.
    followed: BTreeMap<(NodeId, NodeId), Time>,
    /// The probes that each follower refused to each leader in a row, by the index that was tried.
    repairs: BTreeMap<(NodeId, NodeId), Repair>,
    lapses: Vec<Lapse>,
}

#[derive(Clone, Debug)]
struct Leadership {
    term: Term,
    since: Time,
    answered: BTreeMap<NodeId, Time>,
    inherited: LogIndex,
    /// First indices of the messages that each follower has not acknowledged.
    windows: BTreeMap<NodeId, BTreeSet<LogIndex>>,
}

#[derive(Clone, Debug)]
struct Repair {
    term: Term,
    tried: BTreeSet<LogIndex>,
    allowed: usize,
}

impl Habit {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::LeaderAppears,
        Self::LeaderKept,
        Self::QuorumChecked,
        Self::QuickRepair,
        Self::InheritanceCommitted,
        Self::WindowKept,
    ];

    /// The number: `C4`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::LeaderAppears => "C1",
            Self::LeaderKept => "C2",
            Self::QuorumChecked => "C3",
            Self::QuickRepair => "C4",
            Self::InheritanceCommitted => "C5",
            Self::WindowKept => "C6",
        }
    }

    /// The name: `Quick Repair`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LeaderAppears => "A Leader Appears",
            Self::LeaderKept => "A Followed Leader Is Kept",
            Self::QuorumChecked => "A Lonely Leader Steps Down",
            Self::QuickRepair => "Quick Repair",
            Self::InheritanceCommitted => "Inheritance Is Committed",
            Self::WindowKept => "The Window Is Kept",
        }
    }
}

impl Conduct {
    /// Watches a run from its start.
    pub fn new(world: &World) -> Self {
        Self {
            disturbed: world.now(),
            leaderless: Some(world.now()),
            leaderships: BTreeMap::new(),
            followed: BTreeMap::new(),
            repairs: BTreeMap::new(),
            lapses: Vec::new(),
        }
    }

    /// What went wrong so far.
    pub fn lapses(&self) -> &[Lapse] {
        &self.lapses
    }

    /// Looks at what happened in one step; `world` is as it is after the step.
    pub fn observe(&mut self, world: &World, events: &[Event]) {
        for event in events {
            self.note(world, event);
        }
        self.check_leader_appears(world);
        for node in world.nodes().filter(|node| node.role().is_leader()) {
            self.check_quorum(world, node);
            self.check_inheritance(world, node);
        }
    }

    fn note(&mut self, world: &World, event: &Event) {
        let Some(id) = event.server() else {
            if matches!(event.kind, EventKind::Acted(_)) {
                self.disturbed = event.time;
            }
            return;
        };
        match &event.kind {
            EventKind::Acted(_) => self.disturbed = event.time,
            EventKind::Crashed(_) => {
                self.leaderships.remove(&id);
            }
            EventKind::Node(NodeEvent::BecameLeader { term }) => self.took_office(world, id, *term, event.time),
            EventKind::Node(NodeEvent::BecameFollower { reason, .. }) => {
                let was_leader = self.leaderships.remove(&id).is_some();
                if was_leader && matches!(reason, FollowerReason::HigherTerm { .. }) {
                    self.check_deposition(world, id, event.time);
                }
            }
            EventKind::Node(NodeEvent::AppendAccepted { leader, .. }) => {
                self.followed.insert((id, *leader), event.time);
                self.repairs.remove(&(id, *leader));
            }
            EventKind::Node(NodeEvent::AppendRejected { leader, prev_log_index, .. }) => {
                self.refused(world, id, *leader, *prev_log_index, event.time);
            }
            EventKind::Node(NodeEvent::ProgressChanged { follower, state: ProgressState::Probe }) => {
                if let Some(leadership) = self.leaderships.get_mut(&id) {
                    leadership.windows.remove(follower);
                }
            }
            EventKind::Sent(sent) if sent.kind == MessageKind::AppendEntries && sent.entries > 0 => {
                let limit = world.config().options().max_inflight_messages;
                let Some(leadership) = self.leaderships.get_mut(&id) else { return };
                let window = leadership.windows.entry(sent.to).or_default();
                window.insert(sent.index.next());
                if window.len() > limit {
                    let fact = format!("S{id} has {} messages on their way to S{}, not {limit}", window.len(), sent.to);
                    self.lapse(Habit::WindowKept, event.time, fact);
                }
            }
            EventKind::Delivered(reply) if reply.kind == MessageKind::AppendEntriesReply => {
                let Some(leadership) = self.leaderships.get_mut(&id) else { return };
                if reply.term == leadership.term {
                    leadership.answered.insert(reply.from, event.time);
                    if reply.success == Some(true) {
                        leadership.windows.entry(reply.from).or_default().retain(|first| *first > reply.index);
                    }
                }
            }
            _ => {}
        }
    }

    fn took_office(&mut self, world: &World, id: NodeId, term: Term, time: Time) {
        let log = world.nodes().find(|node| node.id() == id).map(Node::log);
        let inherited = log.and_then(|log| log.iter_from(LogIndex(1)).rev().find(|(_, entry)| entry.term < term));
        let inherited = inherited.map_or(LogIndex(0), |(index, _)| index);
        let (answered, windows) = (BTreeMap::new(), BTreeMap::new());
        self.leaderships.insert(id, Leadership { term, since: time, answered, inherited, windows });
    }

    fn check_leader_appears(&mut self, world: &World) {
        let running = world.servers().iter().filter(|server| server.status() == Status::Up).count();
        if world.leader().is_some() || running <= world.servers().len() / 2 {
            self.leaderless = None;
            return;
        }
        let since = *self.leaderless.get_or_insert(world.now());
        let patience = Time::of_ticks(10 * world.config().options().election_timeout_max.0);
        if world.now() > since.max(self.disturbed).after(patience) {
            self.lapse(Habit::LeaderAppears, world.now(), format!("nobody has led since {since}"));
        }
    }

    fn check_deposition(&mut self, world: &World, id: NodeId, time: Time) {
        let lease = Time::of_ticks(world.config().options().election_timeout_min.0);
        let followed = self.followed.iter().filter(|((_, leader), at)| *leader == id && at.after(lease) > time).count();
        if followed + 1 > world.servers().len() / 2 {
            let fact = format!("S{id} was deposed although {followed} others had just followed it");
            self.lapse(Habit::LeaderKept, time, fact);
        }
    }

    fn check_quorum(&mut self, world: &World, node: &Node) {
        let Some(leadership) = self.leaderships.get(&node.id()) else { return };
        let Ok(server) = world.server_with_id(node.id().0) else { return };
        if server.status() != Status::Up {
            return;
        }
        let answered = |peer: &NodeId| leadership.answered.get(peer).copied().unwrap_or(leadership.since);
        let peers = world.servers().iter().map(crate::world::Server::id).filter(|&peer| peer != node.id());
        let mut answers: Vec<_> = peers.map(|peer| answered(&peer)).collect();
        answers.sort_unstable_by(|a, b| b.cmp(a));
        // The leader itself makes up for one.
        let Some(&quorum) = answers.get((world.servers().len() / 2).wrapping_sub(1)) else { return };
        let ticks = world.config().options().election_timeout_min.0 + 1;
        let patience = Time(ticks * Time::TICK_US * 1_000 / u64::from(server.clock_rate_permille()));
        if world.now() > quorum.after(patience) {
            let fact = format!("S{} leads, but no quorum has answered since {quorum}", node.id());
            self.lapse(Habit::QuorumChecked, world.now(), fact);
        }
    }

    fn check_inheritance(&mut self, world: &World, node: &Node) {
        let Some(leadership) = self.leaderships.get(&node.id()) else { return };
        if node.commit_index() >= leadership.inherited {
            return;
        }
        let round_trip = Time(2 * world.config().network.latency_ms.1.0);
        let disk = world.config().disk.latency_ms;
        let patience = Time(4 * (round_trip.0 + 2 * disk.0));
        if world.now() > leadership.since.max(self.disturbed).after(patience) {
            let (id, inherited, commit) = (node.id(), leadership.inherited, node.commit_index());
            let fact = format!("S{id} inherited entries up to {inherited}, but has committed only {commit}");
            self.lapse(Habit::InheritanceCommitted, world.now(), fact);
        }
    }

    fn refused(&mut self, world: &World, id: NodeId, leader: NodeId, prev: LogIndex, time: Time) {
        let node = |wanted: NodeId| world.nodes().find(|node| node.id() == wanted);
        let (Some(mine), Some(theirs)) = (node(id), node(leader)) else { return };
        let term = mine.current_term();
        self.repairs.retain(|pair, repair| *pair != (id, leader) || repair.term == term);
        let repair = match self.repairs.entry((id, leader)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                // A log that is merely short has not diverged: what it refuses came out of order.
                let Some(allowed) = allowed_probes(mine, theirs) else { return };
                unknown.insert(Repair { term, tried: BTreeSet::new(), allowed })
            }
        };
        repair.tried.insert(prev);
        if repair.tried.len() > repair.allowed {
            let (tried, allowed) = (repair.tried.len(), repair.allowed);
            let fact = format!("S{id} has refused {tried} probes of S{leader}, where {allowed} should do");
            self.lapse(Habit::QuickRepair, time, fact);
        }
    }

    fn lapse(&mut self, habit: Habit, time: Time, fact: String) {
        // What is wrong once is wrong at every later look; the first time is the one to understand.
        if !self.lapses.iter().any(|lapse| lapse.habit == habit) {
            self.lapses.push(Lapse { habit, time, fact });
        }
    }
}

/// What the repair of a follower's log may cost; `None` if it has nothing that the leader's has not.
fn allowed_probes(follower: &Node, leader: &Node) -> Option<usize> {
    let (mine, theirs) = (follower.log(), leader.log());
    let of_mine_alone =
        mine.iter_from(LogIndex(1)).rev().take_while(|(index, entry)| theirs.term_at(*index) != Some(entry.term));
    let divergent: BTreeSet<_> = of_mine_alone.map(|(_, entry)| entry.term).collect();
    (!divergent.is_empty()).then_some(divergent.len() + 2)
}
