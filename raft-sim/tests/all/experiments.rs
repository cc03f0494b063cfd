//! Schedules in which one rule makes the difference. Each says what was seen that must not be, if anything.

use raft_core::NodeId;
use raft_sim::{
    Action, ClusterConfig, Condition, Membership, OptionsConfig, Outcome, ReadName, RuleName, Time, Timeline,
};

/// Two leaders in turn change the membership of four servers, the second before it has committed anything: S5 comes in
/// where only the first knows it, the first goes out where only the second knows it (dissertation §4.1).
pub(crate) fn two_changes(seed: u64, rule: RuleName, on: bool) -> Option<String> {
    let mut stage = Stage::new(ClusterConfig { spares: 1, ..ClusterConfig::of(4, seed) }, rule, on);
    let old = stage.wait_for_leader(0)?;
    stage.act(&change(old, Membership::AddLearner { add_learner: 5 }));
    stage.wait(500);
    stage.act(&Action::Partition { groups: vec![(1..=5).filter(|&id| id != old).collect()] });
    stage.act(&change(old, Membership::AddVoter { add_voter: 5 }));
    let new = stage.wait_for_leader(old)?;
    let mut others = (1..=4).filter(|&id| id != old && id != new);
    let (follower, stranger) = (others.next()?, others.next()?);
    stage.act(&Action::Partition { groups: vec![vec![new, follower], vec![old, stranger, 5]] });
    stage.act(&Action::Mend { a: old, b: stranger, one_way: false });
    stage.act(&Action::Mend { a: old, b: 5, one_way: false });
    stage.act(&change(new, Membership::Remove { remove: old }));
    stage.wait(3_000);
    stage.violation()
}

/// A server with an empty log becomes a voter while another voter is down, and the link to it is slow.
pub(crate) fn growth(seed: u64, rule: RuleName, on: bool) -> Option<String> {
    let options =
        OptionsConfig { max_append_entries: Some(1), max_inflight_messages: Some(1), ..OptionsConfig::default() };
    let mut stage = Stage::new(ClusterConfig { spares: 1, options, ..ClusterConfig::of(3, seed) }, rule, on);
    let leader = stage.wait_for_leader(0)?;
    for _ in 0..50 {
        stage.write();
        stage.wait(40);
    }
    stage.act(&Action::Crash { server: leader % 3 + 1, lose_unsynced: true });
    stage.act(&change(leader, Membership::AddVoter { add_voter: 4 }));
    stage.write();
    stage.wait(500);
    let is_answered = stage.last_outcome() == Some(Outcome::Ok);
    (!is_answered).then(|| "a majority runs, and no write is answered for 500 ms".into())
}

/// The leader of a healthy cluster takes a snapshot for longer than an election timeout.
pub(crate) fn slow_snapshot(seed: u64, rule: RuleName, on: bool) -> Option<String> {
    let options = OptionsConfig { snapshot_ms: Time::of_ticks(600), ..OptionsConfig::default() };
    let mut stage = Stage::new(ClusterConfig { options, ..ClusterConfig::of(3, seed) }, rule, on);
    let leader = stage.wait_for_leader(0)?;
    stage.wait(300);
    stage.act(&Action::Snapshot { server: leader });
    stage.wait(1_000);
    let is_kept = stage.timeline.world().leader().map(raft_core::Node::id) == Some(NodeId(leader));
    (!is_kept).then(|| format!("S{leader} took a snapshot and lost its office meanwhile"))
}

/// Ten clients write at the same time, and the disk is slow.
pub(crate) fn slow_disk(seed: u64, rule: RuleName, on: bool) -> Option<String> {
    let mut stage = Stage::new(ClusterConfig::of(1, seed), rule, on);
    let leader = stage.wait_for_leader(0)?;
    stage.act(&Action::SetDiskLatency { server: leader, ms: Time::of_ticks(20), max_ms: None });
    for _ in 0..10 {
        stage.write();
    }
    stage.wait(100);
    let is_answered = stage.last_outcome() == Some(Outcome::Ok);
    (!is_answered).then(|| "the tenth write waits for longer than five syncs".into())
}

/// A client hears nothing of its write, sends it again, and meanwhile another client writes the same key.
pub(crate) fn retry(seed: u64, rule: RuleName, on: bool) -> Option<String> {
    let mut stage = Stage::new(ClusterConfig::of(3, seed), rule, on);
    let leader = stage.wait_for_leader(0)?;
    let by = |client: &str, value: &str| Action::ClientWrite {
        client: client.into(),
        key: "x".into(),
        value: value.into(),
        server: Some(leader),
    };
    stage.act(&by("a", "1"));
    // The leader commits and dies before it answers.
    stage.wait(200);
    stage.act(&by("a", "2"));
    stage.wait(8);
    stage.act(&Action::Crash { server: leader, lose_unsynced: false });
    stage.wait_for_leader(leader)?;
    stage.wait(1_000);
    stage.act(&Action::ClientWrite { client: "b".into(), key: "x".into(), value: "3".into(), server: None });
    stage.wait(300);
    if !stage.try_act(&Action::ClientRetry { client: "a".into(), server: None }) {
        return None;
    }
    stage.wait(300);
    stage.violation()
}

/// A client writes at the leader and reads at a follower that has not got the write yet.
pub(crate) fn backwards(seed: u64, rule: RuleName, on: bool) -> Option<String> {
    let mut stage = Stage::new(ClusterConfig::of(3, seed), rule, on);
    let leader = stage.wait_for_leader(0)?;
    let follower = leader % 3 + 1;
    stage.write();
    stage.wait(200);
    stage.act(&Action::Cut { a: leader, b: follower, one_way: false });
    stage.write();
    stage.wait(100);
    let read = |server| Action::ClientRead {
        client: "w".into(),
        key: "k".into(),
        server: Some(server),
        mode: ReadName::Session,
    };
    let mut answers = Vec::new();
    for server in [leader, follower] {
        stage.act(&read(server));
        stage.wait(50);
        let operation = stage.timeline.world().operations().iter().last()?.clone();
        answers.extend(operation.answer().and_then(|(_, value)| value).and_then(|value| value.parse::<u64>().ok()));
    }
    (!answers.is_sorted()).then(|| format!("one client reads {answers:?}, one after the other"))
}

struct Stage {
    timeline: Timeline,
    writes: u64,
}

impl Stage {
    fn new(mut cluster: ClusterConfig, rule: RuleName, on: bool) -> Self {
        cluster.rules.insert(rule, on);
        Self { timeline: Timeline::of_cluster(cluster).expect("the cluster is valid"), writes: 0 }
    }

    /// The first leader other than `except` that a run of ten seconds brings, once it is settled unless somebody else led.
    fn wait_for_leader(&mut self, except: u64) -> Option<u64> {
        let end = self.timeline.shown().after(Time::of_ticks(10_000));
        while self.timeline.shown() < end {
            let leader = self.timeline.world().leader();
            let leader = leader.filter(|node| node.id().0 != except && (except > 0 || node.has_committed_in_term()));
            if let Some(leader) = leader {
                return Some(leader.id().0);
            }
            if !self.timeline.step() {
                break;
            }
        }
        None
    }

    fn wait(&mut self, ms: u64) {
        let time = self.timeline.shown().after(Time::of_ticks(ms));
        self.timeline.advance_to(time, usize::MAX);
    }

    fn write(&mut self) {
        self.writes += 1;
        let value = self.writes.to_string();
        self.act(&Action::ClientWrite { client: "w".into(), key: "k".into(), value, server: None });
    }

    fn act(&mut self, action: &Action) {
        self.timeline.act(action).expect("the schedule fits the cluster");
    }

    fn try_act(&mut self, action: &Action) -> bool {
        self.timeline.act(action).is_ok()
    }

    fn last_outcome(&self) -> Option<Outcome> {
        self.timeline.world().operations().iter().last()?.returned.map(|(_, outcome)| outcome)
    }

    fn violation(&self) -> Option<String> {
        let is_violated = Condition::Violation { invariant: None }.holds(self.timeline.world());
        let first = self.timeline.world().violations().get(0).filter(|_| is_violated)?;
        Some(format!("{} {}", first.violation.invariant.id(), first.violation.invariant.name()))
    }
}

fn change(server: u64, change: Membership) -> Action {
    Action::ChangeMembership { server: Some(server), change }
}
