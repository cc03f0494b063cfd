//! Drills: one kind of trouble each, on an otherwise healthy cluster, to see a habit kept or broken.

use raft_core::{Rule, Rules};

use super::mix::CONCERN;
use crate::action::Action;
use crate::condition::Condition;
use crate::conduct::{Conduct, Habit, Lapse};
use crate::config::ClusterConfig;
use crate::event::Event;
use crate::random::Stream;
use crate::scenario::Scenario;
use crate::time::Time;
use crate::world::World;

/// A kind of trouble, and the habit that it puts to the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drill {
    /// All servers start at the same moment, on a network that is equally fast everywhere.
    ColdStart,
    /// One follower loses touch with the leader, or with everybody, and comes back.
    LostFollower,
    /// The leader loses touch with the majority.
    CutOffLeader,
    /// A leader that is cut off takes many commands, while the others go on without it; then it comes back.
    Divergence,
    /// A leader crashes after it replicated an entry and before anybody knows that it is committed.
    Handover,
    /// A follower stops answering while a client writes a lot.
    SlowFollower,
}

impl Drill {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::ColdStart,
        Self::LostFollower,
        Self::CutOffLeader,
        Self::Divergence,
        Self::Handover,
        Self::SlowFollower,
    ];

    /// The drill that shows what a rule is for, if the rule protects a habit.
    pub const fn of(rule: Rule) -> Option<(Self, Habit)> {
        match rule {
            Rule::RandomisedTimeout | Rule::RedrawTimeout => Some((Self::ColdStart, Habit::LeaderAppears)),
            Rule::PreVote | Rule::VoteStickiness => Some((Self::LostFollower, Habit::LeaderKept)),
            Rule::CheckQuorum => Some((Self::CutOffLeader, Habit::QuorumChecked)),
            Rule::FastBackup => Some((Self::Divergence, Habit::QuickRepair)),
            Rule::NoOp => Some((Self::Handover, Habit::InheritanceCommitted)),
            Rule::FlowControl => Some((Self::SlowFollower, Habit::WindowKept)),
            _ => None,
        }
    }

    /// Runs it; what was not as it should be.
    pub fn run(self, seed: u64, rules: Rules) -> Vec<Lapse> {
        let mut stage = Stage::new(self, seed, rules);
        match self {
            Self::ColdStart => stage.wait(2_500),
            Self::LostFollower => stage.lose_follower(),
            Self::CutOffLeader => stage.cut_off_leader(),
            Self::Divergence => stage.diverge(),
            Self::Handover => stage.hand_over(),
            Self::SlowFollower => stage.slow_follower(),
        }
        stage.conduct.lapses().to_vec()
    }

    fn cluster(self, seed: u64, stream: &mut Stream) -> ClusterConfig {
        let mut cluster = ClusterConfig::of(stream.between(3, 5) as usize, seed);
        cluster.network.latency_ms = (Time::of_ticks(1), Time::of_ticks(8));
        if self == Self::ColdStart {
            // With equal delays, chance has no other way in than the timeouts.
            cluster.servers = [2, 2, 4, 5][stream.between(0, 3) as usize];
            cluster.network.latency_ms = (Time::of_ticks(1), Time::of_ticks(1));
            cluster.options.election_timeout_ms = Some((150, 170));
        }
        if self == Self::SlowFollower {
            cluster.options.max_append_entries = Some(1);
            cluster.options.max_inflight_messages = Some(4);
        }
        cluster
    }
}

/// A cluster under observation.
struct Stage {
    world: World,
    conduct: Conduct,
    stream: Stream,
    now: Time,
    scratch: Vec<Event>,
}

impl Stage {
    fn new(drill: Drill, seed: u64, rules: Rules) -> Self {
        let mut stream = Stream::new(seed, CONCERN + 1);
        let cluster = rules.off().fold(drill.cluster(seed, &mut stream), ClusterConfig::without);
        let world = World::new(&Scenario::of_cluster(cluster)).expect("every drill is a valid cluster");
        Self { conduct: Conduct::new(&world), world, stream, now: Time(0), scratch: Vec::new() }
    }

    fn lose_follower(&mut self) {
        let Some(leader) = self.wait_for_leader() else { return };
        self.wait(300);
        let Some(follower) = self.others(&[leader]).first().copied() else { return };
        if self.stream.happens(500) {
            self.act(&Action::Cut { a: leader, b: follower, one_way: true });
        } else {
            let groups = vec![self.others(&[follower])];
            self.act(&Action::Partition { groups });
        }
        let absence = self.stream.between(200, 2_000);
        self.wait(absence);
        self.act(&Action::Heal);
        self.wait(1_000);
    }

    fn cut_off_leader(&mut self) {
        let Some(leader) = self.wait_for_leader() else { return };
        self.wait(300);
        let permille = [500, 1_000, 2_000][self.stream.between(0, 2) as usize];
        self.act(&Action::SetClockRate { server: leader, permille });
        self.wait(300);
        if let Some(leader) = self.world.leader().map(|node| node.id().0) {
            let groups = vec![self.others(&[leader])];
            self.act(&Action::Partition { groups });
            self.wait(1_000);
        }
    }

    fn diverge(&mut self) {
        for _ in 0..2 {
            let Some(old) = self.wait_for_leader() else { return };
            self.wait(200);
            let groups = vec![self.others(&[old])];
            self.act(&Action::Partition { groups });
            for number in 0..self.stream.between(10, 60) {
                self.act(&Action::Propose { server: old, command: format!("lost={number}") });
            }
            self.wait(800);
            for number in 0..self.stream.between(10, 60) {
                let leader = self.world.leader().map(|node| node.id().0).filter(|&leader| leader != old);
                if let Some(server) = leader {
                    self.act(&Action::Propose { server, command: format!("kept={number}") });
                }
            }
            self.wait(200);
            // Only a new leader starts at the end of its log; the one before has been probing all the while.
            if let Some(server) = self.world.leader().map(|node| node.id().0) {
                self.act(&Action::Crash { server, lose_unsynced: true });
                self.act(&Action::Restart { server });
            }
            self.wait(800);
            self.act(&Action::Heal);
            self.wait(500);
        }
    }

    fn hand_over(&mut self) {
        let Some(leader) = self.wait_for_leader() else { return };
        self.wait(200);
        self.act(&Action::Propose { server: leader, command: "inherited=1".into() });
        // Long enough for the entry to reach somebody, too short for the news of its commitment.
        let delay = self.stream.between(3, 9);
        self.wait(delay);
        self.act(&Action::Crash { server: leader, lose_unsynced: true });
        self.wait(3_000);
    }

    fn slow_follower(&mut self) {
        let Some(leader) = self.wait_for_leader() else { return };
        self.wait(200);
        let Some(follower) = self.others(&[leader]).first().copied() else { return };
        self.act(&Action::Pause { server: follower });
        for number in 0..100 {
            self.act(&Action::Propose { server: leader, command: format!("x={number}") });
            self.wait(3);
        }
        self.act(&Action::Resume { server: follower });
        self.wait(500);
    }

    fn others(&self, except: &[u64]) -> Vec<u64> {
        self.world.servers().iter().map(|server| server.id().0).filter(|id| !except.contains(id)).collect()
    }

    fn wait_for_leader(&mut self) -> Option<u64> {
        let is_led = Condition::Leader { server: None, term: None };
        for _ in 0..3_000 {
            if is_led.holds(&self.world) {
                break;
            }
            self.wait(1);
        }
        self.world.leader().map(|node| node.id().0)
    }

    fn wait(&mut self, ms: u64) {
        self.now = self.now.after(Time::of_ticks(ms));
        while self.world.next_time().is_some_and(|next| next <= self.now) {
            self.scratch.clear();
            self.world.step(&mut self.scratch);
            self.conduct.observe(&self.world, &self.scratch);
        }
    }

    /// Does something; if the cluster refuses, the drill goes on without it.
    fn act(&mut self, action: &Action) {
        self.scratch.clear();
        if self.world.act(action, self.now, &mut self.scratch).is_ok() {
            self.conduct.observe(&self.world, &self.scratch);
        }
    }
}
