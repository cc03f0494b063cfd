//! How a cluster behaves when nothing stands in its way: what safety does not promise, but users expect.
//!
//! Some safeguards of Raft protect no data; they keep the cluster available, or cheap. A monitor watches the events of a
//! run and names the habit that was broken. The habits hold where their assumptions do (see each of them); under arbitrary
//! faults they need not.

use std::collections::{BTreeMap, BTreeSet};

use raft_core::{Event as NodeEvent, LogIndex, MessageKind, Node, NodeId, ProgressState, Term};

use crate::event::{Event, EventKind};
use crate::time::Time;
use crate::world::{Server, Status, World};

/// Steps back in a log that a leader may take besides those for divergent terms: one to its end, and one because that may
/// move meanwhile.
const FREE_STEPS: usize = 2;

/// Something that a healthy cluster does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Habit {
    /// A leader appears within ten of the longest election timeouts after the last disturbance, if a majority runs.
    LeaderAppears,
    /// While a majority follows a leader, nobody else begins an election.
    LeaderKept,
    /// A leader that no quorum answered for the shortest election timeout, by its own clock, does not go on leading.
    QuorumChecked,
    /// A new leader finds where a follower's log parts from its own with one step back for each term that only the follower
    /// has, and two more.
    QuickRepair,
    /// A new leader commits what it inherited within a few round trips, without waiting for a client.
    InheritanceCommitted,
    /// No follower has more unanswered messages with entries on their way than its window allows.
    WindowKept,
    /// A server that runs takes in what reaches it, whatever else it does.
    Attentive,
    /// A write that waits for the disk is part of the next sync but one at the latest. Holds under any faults.
    SyncsShared,
    /// A server becomes a voter when the leader knows it to hold a part of its log. Holds under any faults.
    VotersGrown,
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
    /// The habits that are watched.
    habits: Vec<Habit>,
    /// When anybody last did anything to the cluster.
    disturbed: Time,
    leaderless: Option<Time>,
    /// When each server was last seen frozen.
    frozen: BTreeMap<NodeId, Time>,
    leaderships: BTreeMap<NodeId, Leadership>,
    /// For each follower and leader, since when and until when it accepted something from it again and again, without a pause
    /// as long as the shortest election timeout.
    followed: BTreeMap<(NodeId, NodeId), (Time, Time)>,
    /// For each server the writes that were waiting when a sync ended, and how many syncs may pass until they are durable.
    unsynced: BTreeMap<NodeId, Vec<(u64, u32)>>,
    /// The voters that each server knows.
    voters: BTreeMap<NodeId, Vec<NodeId>>,
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
    /// How often the leader has gone back to find where the log of each follower parts from its own, and how often it may.
    repairs: BTreeMap<NodeId, (usize, usize)>,
    /// Followers whose place it has found. What they refuse later came out of order.
    found: BTreeSet<NodeId>,
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
        Self::Attentive,
        Self::SyncsShared,
        Self::VotersGrown,
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
            Self::Attentive => "C7",
            Self::SyncsShared => "C8",
            Self::VotersGrown => "C9",
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
            Self::Attentive => "Always Attentive",
            Self::SyncsShared => "Writes Share Syncs",
            Self::VotersGrown => "Voters Are Grown Up",
        }
    }
}

impl Conduct {
    /// Watches a run from its start.
    pub fn new(world: &World) -> Self {
        Self::of_habits(world, Habit::ALL.to_vec())
    }

    /// Watches only some of the habits.
    pub(crate) fn of_habits(world: &World, habits: Vec<Habit>) -> Self {
        Self {
            habits,
            disturbed: world.now(),
            leaderless: Some(world.now()),
            frozen: BTreeMap::new(),
            leaderships: BTreeMap::new(),
            followed: BTreeMap::new(),
            unsynced: BTreeMap::new(),
            voters: world.nodes().map(|node| (node.id(), node.configuration().voters().to_vec())).collect(),
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
        self.check_attentive(world);
        if !self.habits.contains(&Habit::LeaderAppears) {
            return;
        }
        self.note_frozen(world);
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
                self.unsynced.remove(&id);
                self.followed.retain(|(follower, _), _| *follower != id);
            }
            // What was not durable is forgotten, a configuration, too.
            EventKind::Restarted => drop(self.note_voters(world, id)),
            EventKind::WriteDurable(number) => self.check_syncs(world, id, *number, event.time),
            EventKind::Node(NodeEvent::ConfigurationChanged { .. }) => {
                self.check_voters(world, id, event.time);
                // Who leaves and comes back is looked for again.
                if let Some(leadership) = self.leaderships.get_mut(&id) {
                    leadership.repairs.clear();
                }
            }
            EventKind::Node(NodeEvent::BecameCandidate { .. }) => self.check_election(world, id, event.time),
            EventKind::Node(NodeEvent::BecameLeader { term }) => self.took_office(world, id, *term, event.time),
            EventKind::Node(NodeEvent::BecameFollower { .. }) => {
                self.leaderships.remove(&id);
            }
            EventKind::Node(NodeEvent::AppendAccepted { leader, .. }) => {
                let gap = Time::of_ticks(world.config().options().election_timeout_min.0);
                let (since, until) = self.followed.entry((id, *leader)).or_insert((event.time, event.time));
                *since = if until.after(gap) > event.time { *since } else { event.time };
                *until = event.time;
            }
            // A refusal is an answer, too. What was sent before is on its way no more, or for nothing.
            EventKind::Node(NodeEvent::ProgressChanged { follower, state }) => {
                let Some(leadership) = self.leaderships.get_mut(&id) else { return };
                leadership.windows.remove(follower);
                if *state != ProgressState::Probe {
                    leadership.found.insert(*follower);
                }
            }
            EventKind::Node(NodeEvent::NextIndexMovedBack { follower, .. }) => {
                self.went_back(world, id, *follower, event.time);
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
        let (answered, windows, repairs) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let found = BTreeSet::new();
        self.leaderships.insert(id, Leadership { term, since: time, answered, inherited, windows, repairs, found });
    }

    /// The time of a frozen server stands still.
    fn note_frozen(&mut self, world: &World) {
        for server in world.servers().iter().filter(|server| server.status() == Status::Paused) {
            self.frozen.insert(server.id(), world.now());
            if let Some(leadership) = self.leaderships.get_mut(&server.id()) {
                leadership.since = world.now();
                leadership.answered.clear();
            }
        }
    }

    fn check_leader_appears(&mut self, world: &World) {
        if world.leader().is_some() || !is_whole(world) {
            self.leaderless = None;
            return;
        }
        let since = *self.leaderless.get_or_insert(world.now());
        let patience = Time::of_ticks(10 * world.config().options().election_timeout_max.0);
        if world.now() > since.max(self.disturbed).after(patience) {
            self.lapse(Habit::LeaderAppears, world.now(), format!("nobody has led since {since}"));
        }
    }

    /// A candidate needs a majority of voters that have heard no leader for a while. Who has followed one again and again has
    /// not agreed to anything since, and whoever did so before has been answered long ago.
    fn check_election(&mut self, world: &World, id: NodeId, time: Time) {
        let lease = Time::of_ticks(world.config().options().election_timeout_min.0);
        let (_, slowest) = world.config().network.latency_ms;
        // Who was frozen may find answers at its door that are as old as that.
        let patience = Time::of_ticks(world.config().options().election_timeout_max.0);
        if self.frozen.get(&id).is_some_and(|thawed| thawed.after(patience) > time) {
            return;
        }
        let long_ago = Time(8 * slowest.0 + 10 * Time::TICK_US);
        for leader in self.leaderships.keys().filter(|leader| **leader != id) {
            let follows = |(since, until): (Time, Time)| since.after(long_ago) < time && until.after(lease) > time;
            let followers = self.followed.iter().filter(|((_, to), times)| to == leader && follows(**times)).count();
            if followers + 1 > world.servers().len() / 2 {
                let fact = format!("S{id} begins an election although {followers} others follow S{leader}");
                return self.lapse(Habit::LeaderKept, time, fact);
            }
        }
    }

    fn check_attentive(&mut self, world: &World) {
        let is_taking = |server: &&Server| server.status() == Status::Up && server.snapshot_begun().is_some();
        for server in world.servers().iter().filter(is_taking) {
            let id = server.id();
            if world.messages().iter().any(|message| message.is_at_door && message.message.to == id) {
                let fact = format!("S{id} takes a snapshot, and lets a message wait meanwhile");
                return self.lapse(Habit::Attentive, world.now(), fact);
            }
        }
    }

    fn check_syncs(&mut self, world: &World, id: NodeId, number: u64, time: Time) {
        let waiting = world.server_with_id(id.0).map_or(0, Server::waiting_writes) as u64;
        let unsynced = self.unsynced.entry(id).or_default();
        unsynced.retain(|(last, _)| *last > number);
        for (_, left) in unsynced.iter_mut() {
            *left = left.saturating_sub(1);
        }
        if unsynced.iter().any(|(_, left)| *left == 0) {
            let fact = format!("a write of S{id} was not in the second sync after it was asked for");
            return self.lapse(Habit::SyncsShared, time, fact);
        }
        unsynced.push((number + waiting, 2));
    }

    fn check_voters(&mut self, world: &World, id: NodeId, time: Time) {
        let known = self.note_voters(world, id);
        let Some(node) = world.nodes().find(|node| node.id() == id && node.role().is_leader()) else { return };
        let holds_nothing = |voter: &NodeId| {
            node.progress().iter().any(|peer| peer.id() == *voter && peer.match_index() == LogIndex(0))
        };
        let new = node.configuration().voters().iter().filter(|voter| !known.contains(voter));
        if let Some(voter) = new.into_iter().find(|voter| holds_nothing(voter)) {
            let fact = format!("S{id} makes S{voter} a voter, of whose log it knows nothing");
            self.lapse(Habit::VotersGrown, time, fact);
        }
    }

    /// Remembers the voters that a server knows; the ones that it knew before.
    fn note_voters(&mut self, world: &World, id: NodeId) -> Vec<NodeId> {
        let node = world.nodes().find(|node| node.id() == id);
        let voters = node.map(|node| node.configuration().voters().to_vec()).unwrap_or_default();
        self.voters.insert(id, voters).unwrap_or_default()
    }

    fn check_quorum(&mut self, world: &World, node: &Node) {
        let Some(leadership) = self.leaderships.get(&node.id()) else { return };
        let Ok(server) = world.server_with_id(node.id().0) else { return };
        if server.status() != Status::Up {
            return;
        }
        let answered = |peer: &NodeId| leadership.answered.get(peer).copied().unwrap_or(leadership.since);
        let peers = world.servers().iter().map(Server::id).filter(|&peer| peer != node.id());
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
        if node.commit_index() >= leadership.inherited || !is_whole(world) {
            return;
        }
        let round_trip = Time(2 * world.config().network.latency_ms.1.0);
        let disk = world.config().disk.latency_ms;
        // A follower that was away is found at the next heartbeat.
        let heartbeats = Time::of_ticks(3 * world.config().options().heartbeat_interval.0);
        // What does not fit into one window takes more round trips.
        let options = world.config().options();
        let window = options.max_append_entries.saturating_mul(options.max_inflight_messages).max(1) as u64;
        let rounds = 4 + leadership.inherited.0 / window;
        let patience = Time(rounds * (round_trip.0 + 2 * disk.0)).after(heartbeats);
        if world.now() > leadership.since.max(self.disturbed).after(patience) {
            let (id, inherited, commit) = (node.id(), leadership.inherited, node.commit_index());
            let fact = format!("S{id} inherited entries up to {inherited}, but has committed only {commit}");
            self.lapse(Habit::InheritanceCommitted, world.now(), fact);
        }
    }

    fn went_back(&mut self, world: &World, id: NodeId, follower: NodeId, time: Time) {
        let Some(leadership) = self.leaderships.get_mut(&id) else { return };
        leadership.windows.remove(&follower);
        let node = |wanted: NodeId| world.nodes().find(|node| node.id() == wanted);
        let (Some(theirs), Some(mine)) = (node(follower), node(id)) else { return };
        if leadership.found.contains(&follower) {
            return;
        }
        let repair = leadership.repairs.entry(follower);
        let (steps, allowed) = repair.or_insert_with(|| (0, terms_alone(theirs, mine) + FREE_STEPS));
        *steps += 1;
        if steps > allowed {
            let fact =
                format!("S{id} has gone back {steps} times in the log of S{follower}, where {allowed} should do");
            self.lapse(Habit::QuickRepair, time, fact);
        }
    }

    fn lapse(&mut self, habit: Habit, time: Time, fact: String) {
        // What is wrong once is wrong at every later look; the first time is the one to understand.
        if self.habits.contains(&habit) && !self.lapses.iter().any(|lapse| lapse.habit == habit) {
            self.lapses.push(Lapse { habit, time, fact });
        }
    }
}

/// Whether more than half of the servers run and no link is cut.
fn is_whole(world: &World) -> bool {
    let running = world.servers().iter().filter(|server| server.status() == Status::Up).count();
    running > world.servers().len() / 2 && !world.links().any(|link| link.is_cut)
}

/// How many terms of the last entries of a follower's log the leader's has not at their places.
fn terms_alone(follower: &Node, leader: &Node) -> usize {
    let (theirs, mine) = (follower.log(), leader.log());
    let alone =
        theirs.iter_from(LogIndex(1)).rev().take_while(|(index, entry)| mine.term_at(*index) != Some(entry.term));
    alone.map(|(_, entry)| entry.term).collect::<BTreeSet<_>>().len()
}
