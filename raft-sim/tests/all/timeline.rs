//! Any moment of a run can be visited again, and nothing that is done later changes it.

use raft_core::Rules;
use raft_sim::chaos::{Chaos, Style, Trial};
use raft_sim::{
    Action, BranchId, ClusterConfig, Condition, ErrorCode, Event, EventId, Lab, MessagePattern, MessageSelector,
    Recording, Scenario, Time, Timeline,
};

const FIGURE_8: &str = include_str!("../../../scenarios/figure-8.json");
const SPLIT_BRAIN: &str = include_str!("../../../scenarios/split-brain.json");

fn scenario(json: &str) -> Timeline {
    let mut timeline = Timeline::new(Scenario::parse(json).unwrap()).unwrap();
    assert!(timeline.run_script(100_000));
    timeline
}

/// A run with trouble of all kinds, done by hand so to say.
fn troubled(seed: u64) -> Timeline {
    let mut chaos = Chaos::new(Style::Swarm, seed);
    let mut timeline = Timeline::of_cluster(chaos.cluster().clone()).unwrap();
    while chaos.next_time() < Time::of_ticks(1_500) {
        timeline.advance_to(chaos.next_time(), usize::MAX);
        for action in chaos.strike(timeline.world()) {
            let _ = timeline.act(&action);
        }
    }
    timeline.advance_to(Time::of_ticks(1_500), usize::MAX);
    timeline
}

fn seek_agrees_with_a_straight_run(timeline: &mut Timeline) {
    let head = timeline.branch().head_step();
    timeline.seek(0).unwrap();
    let mut straight = vec![timeline.world().state_hash()];
    while timeline.world().steps() < head {
        assert!(timeline.step());
        straight.push(timeline.world().state_hash());
    }
    for i in 0..=head.min(300) {
        let step = i.wrapping_mul(2_654_435_761) % (head + 1);
        timeline.seek(step).unwrap();
        assert_eq!(timeline.world().steps(), step);
        assert_eq!(timeline.world().state_hash(), straight[step as usize], "step {step} of {head}");
    }
    timeline.seek(head).unwrap();
    assert_eq!(timeline.world().state_hash(), straight[head as usize]);
}

/// Goal: the same seed gives the same run, another seed another one; a world that runs alone agrees with a timeline.
#[test]
fn a_run_is_a_function_of_its_seed() {
    for seed in 0..30 {
        let (one, other) = (troubled(seed), troubled(seed));
        assert_eq!(one.world().trace_hash(), other.world().trace_hash());
        assert_eq!(one.world().state_hash(), other.world().state_hash());
        assert_ne!(one.world().trace_hash(), troubled(seed + 1_000).world().trace_hash());
    }
    let (mut one, mut other) = (Trial::new(Style::Swarm, 7), Trial::with_rules(Style::Swarm, 7, Rules::SAFE));
    assert_eq!(one.run(), other.run());
    assert_eq!(one.world().trace_hash(), other.world().trace_hash());
}

/// Goal: every moment that is sought equals the moment of the straight run, with faults and across scripts.
#[test]
fn any_moment_can_be_visited_again() {
    for json in [FIGURE_8, SPLIT_BRAIN] {
        seek_agrees_with_a_straight_run(&mut scenario(json));
    }
    for seed in 0..12 {
        seek_agrees_with_a_straight_run(&mut troubled(seed));
    }
}

/// Goal: acting in the past opens a branch; the old one keeps its events, its hashes and its head; the new one can be
/// sought like any other.
#[test]
fn a_fork_leaves_the_old_branch_untouched() {
    let mut timeline = troubled(3);
    let head = timeline.branch().head_step();
    let hash = (timeline.world().trace_hash(), timeline.world().state_hash());
    let events: Vec<_> = timeline.events(EventId(0), usize::MAX).map(|(_, event)| event).collect();
    timeline.seek(head / 2).unwrap();
    let middle = timeline.world().state_hash();
    timeline.act(&Action::Heal).unwrap();
    assert_eq!((timeline.current(), timeline.branches().len()), (BranchId(1), 2));
    assert_eq!(timeline.branch().origin, Some((BranchId(0), head / 2)));
    timeline.advance_to(Time::of_ticks(3_000), usize::MAX);
    seek_agrees_with_a_straight_run(&mut timeline);
    timeline.seek(head / 2).unwrap();
    assert_eq!(timeline.world().state_hash(), middle);

    timeline.switch_branch(BranchId(0), None).unwrap();
    assert_eq!(timeline.branch().head_step(), head);
    assert_eq!((timeline.world().trace_hash(), timeline.world().state_hash()), hash);
    assert!(timeline.events(EventId(0), usize::MAX).map(|(_, event)| event).eq(events));
}

/// Goal: acting at the head goes on with the same branch, and forking without acting opens one.
#[test]
fn only_the_past_forks() {
    let mut timeline = Timeline::of_cluster(ClusterConfig::of(3, 1)).unwrap();
    timeline.advance_to(Time::of_ticks(400), usize::MAX);
    timeline.act(&Action::Crash { server: 1, lose_unsynced: true }).unwrap();
    assert_eq!(timeline.branches().len(), 1);
    assert_eq!(timeline.world().now(), Time::of_ticks(400));
    assert_eq!(timeline.fork().unwrap(), BranchId(1));
    timeline.act(&Action::Restart { server: 1 }).unwrap();
    assert_eq!(timeline.branches().len(), 2);
}

/// Goal: a recording of a run with branches, loaded again, has the same branches, hashes and moment.
#[test]
fn recordings_replay_to_the_same_run() {
    for seed in 0..10 {
        let mut timeline = troubled(seed);
        let third = timeline.branch().head_step() / 3;
        timeline.seek(third).unwrap();
        timeline.act(&Action::Note { text: "elsewhere".into() }).unwrap();
        timeline.advance_to(Time::of_ticks(1_000), usize::MAX);
        timeline.switch_branch(BranchId(0), Some(third)).unwrap();

        let json = serde_json::to_string(&timeline.record()).unwrap();
        let mut copy = Timeline::replay(&Recording::parse(&json).unwrap()).unwrap();
        assert_eq!(copy.record(), timeline.record());
        assert_eq!(copy.world().state_hash(), timeline.world().state_hash());
        for branch in 0..2 {
            copy.switch_branch(BranchId(branch), None).unwrap();
            timeline.switch_branch(BranchId(branch), None).unwrap();
            assert_eq!(copy.world().trace_hash(), timeline.world().trace_hash(), "seed {seed} branch {branch}");
            assert_eq!(copy.world().state_hash(), timeline.world().state_hash());
        }
    }
}

/// Goal: a branch that left where its parent stood still goes on from its own time when it is loaded again.
#[test]
fn a_recorded_branch_starts_at_its_own_time() {
    let mut timeline = Timeline::of_cluster(ClusterConfig::of(1, 1)).unwrap();
    timeline.act(&Action::Crash { server: 1, lose_unsynced: true }).unwrap();
    timeline.advance_to(Time::of_ticks(1_000), usize::MAX);
    timeline.fork().unwrap();
    timeline.act(&Action::Restart { server: 1 }).unwrap();
    timeline.switch_branch(BranchId(0), None).unwrap();
    timeline.advance_to(Time::of_ticks(2_000), usize::MAX);
    let copy = Timeline::replay(&timeline.record()).unwrap();
    assert_eq!(copy.record(), timeline.record());
}

/// Goal: whatever is refused changes nothing and has the code that programs match on.
#[test]
fn refused_actions_change_nothing() {
    let mut timeline = Timeline::of_cluster(ClusterConfig::of(3, 4)).unwrap();
    assert!(timeline.run_until(&Condition::Leader { server: None, term: None }, 10_000));
    let leader = timeline.world().leader().unwrap().id().0;
    let (crashed, paused) = (leader % 3 + 1, (leader + 1) % 3 + 1);
    timeline.act(&Action::Crash { server: crashed, lose_unsynced: true }).unwrap();
    timeline.act(&Action::Pause { server: paused }).unwrap();
    let long = "x".repeat(10_000);
    let write =
        |key: &str| Action::ClientWrite { client: "c".into(), key: key.into(), value: "1".into(), server: None };
    let missing = MessagePattern { from: Some(crashed), to: Some(crashed), ..MessagePattern::default() };
    let latency = |a, b, min: u64, max: u64| Action::SetLatency {
        a,
        b,
        min_ms: Time::of_ticks(min),
        max_ms: Time::of_ticks(max),
        one_way: false,
    };
    let table = [
        (Action::Crash { server: 4, lose_unsynced: true }, ErrorCode::UnknownServer),
        (Action::Restart { server: 0 }, ErrorCode::UnknownServer),
        (Action::SetDiskLatency { server: 9, ms: Time(0), max_ms: None }, ErrorCode::UnknownServer),
        (Action::Cut { a: 1, b: 7, one_way: false }, ErrorCode::UnknownServer),
        (Action::Partition { groups: vec![vec![1], vec![8]] }, ErrorCode::UnknownServer),
        (Action::Drop { message: MessageSelector::Id(999_999) }, ErrorCode::UnknownMessage),
        (Action::Deliver { message: MessageSelector::Fits(missing) }, ErrorCode::UnknownMessage),
        (Action::Crash { server: crashed, lose_unsynced: true }, ErrorCode::ServerCrashed),
        (Action::Timeout { server: crashed }, ErrorCode::ServerCrashed),
        (Action::Pause { server: crashed }, ErrorCode::ServerCrashed),
        (Action::Restart { server: leader }, ErrorCode::ServerRunning),
        (Action::Resume { server: leader }, ErrorCode::ServerRunning),
        (Action::Propose { server: paused, command: "x=1".into() }, ErrorCode::Refused),
        (Action::Timeout { server: paused }, ErrorCode::Refused),
        (Action::SetClockRate { server: 1, permille: 0 }, ErrorCode::OutOfRange),
        (Action::SetLoss { a: None, b: None, permille: 1_001, one_way: false }, ErrorCode::OutOfRange),
        (latency(None, None, 5, 4), ErrorCode::OutOfRange),
        (write(""), ErrorCode::OutOfRange),
        (write("a=b"), ErrorCode::OutOfRange),
        (Action::Propose { server: leader, command: long.clone() }, ErrorCode::TooLarge),
        (Action::Note { text: long }, ErrorCode::TooLarge),
        (Action::Cut { a: 2, b: 2, one_way: true }, ErrorCode::InvalidLink),
        (Action::Partition { groups: vec![vec![1, 2], vec![2, 3]] }, ErrorCode::InvalidLink),
        (latency(Some(1), None, 1, 2), ErrorCode::InvalidLink),
        (Action::SetLoss { a: None, b: None, permille: 1, one_way: true }, ErrorCode::InvalidLink),
        (Action::SetDuplication { a: Some(1), b: None, permille: 1, one_way: false }, ErrorCode::InvalidLink),
        (Action::SetDuplication { a: None, b: None, permille: 1_001, one_way: false }, ErrorCode::OutOfRange),
        (Action::HoldLink { a: 2, b: 2, one_way: false }, ErrorCode::InvalidLink),
        (Action::ReleaseLink { a: 1, b: 9, one_way: false }, ErrorCode::UnknownServer),
        (Action::Flap { a: 1, b: 2, up_ms: Time(0), down_ms: Time(9_000), one_way: true }, ErrorCode::OutOfRange),
        (Action::Tear { server: crashed, entries: 1 }, ErrorCode::ServerCrashed),
        (Action::JumpClock { server: crashed, ms: 1 }, ErrorCode::ServerCrashed),
        (Action::JumpClock { server: leader, ms: i64::MIN }, ErrorCode::OutOfRange),
        (Action::SetDiskLies { server: 9, on: true }, ErrorCode::UnknownServer),
        (Action::SetApplyLatency { server: 9, ms: Time(0) }, ErrorCode::UnknownServer),
        (Action::SetDiskLatency { server: 1, ms: Time(2), max_ms: Some(Time(1)) }, ErrorCode::OutOfRange),
    ];
    for (action, code) in table {
        let before = (timeline.world().state_hash(), timeline.world().trace_hash(), timeline.record());
        let error = timeline.act(&action).expect_err(&action.to_string());
        assert_eq!(error.code, code, "{action}: {error}");
        assert_eq!(
            (timeline.world().state_hash(), timeline.world().trace_hash(), timeline.record()),
            before,
            "{action}"
        );
    }
    let before = (timeline.world().state_hash(), timeline.record());
    assert_eq!(timeline.seek(9_999).unwrap_err().code, ErrorCode::UnknownMoment);
    assert_eq!(timeline.switch_branch(BranchId(5), None).unwrap_err().code, ErrorCode::UnknownMoment);
    assert_eq!(timeline.switch_branch(BranchId(0), Some(9_999)).unwrap_err().code, ErrorCode::UnknownMoment);
    assert_eq!(timeline.explain(EventId(9_999)).unwrap_err().code, ErrorCode::UnknownMoment);
    assert_eq!((timeline.world().state_hash(), timeline.record()), before);
    while timeline.branches().len() < raft_sim::limits::MAX_BRANCHES {
        timeline.fork().unwrap();
    }
    assert_eq!(timeline.fork().unwrap_err().code, ErrorCode::TooManyBranches);
    assert_eq!(timeline.branches().len(), raft_sim::limits::MAX_BRANCHES);
}

/// Goal: what happens at the same moment happens in the order in which it was planned, every time.
#[test]
fn ties_are_broken_the_same_way_every_time() {
    let run = || {
        let mut config = ClusterConfig::of(5, 9);
        config.network.latency_ms = (Time::of_ticks(10), Time::of_ticks(10));
        let mut timeline = Timeline::of_cluster(config).unwrap();
        for server in 1..=5 {
            timeline.act(&Action::Timeout { server }).unwrap();
        }
        timeline.advance_to(Time::of_ticks(10), usize::MAX);
        timeline
    };
    let timeline = run();
    let ids = timeline.events(EventId(0), usize::MAX).filter(|(_, event)| event.name() == "delivered");
    let ids: Vec<_> = ids.filter_map(|(_, event)| event.envelope().map(|envelope| envelope.message)).collect();
    assert!(ids.len() >= 20 && ids.is_sorted(), "{ids:?}");
    assert_eq!(timeline.world().trace_hash(), run().world().trace_hash());
}

/// Goal: causes come before their effects, and each follows from what it should: an arrival from a sending or a copy, a
/// loss from either or from a crash, a write that is durable from one that was started.
#[test]
fn every_event_knows_its_cause() {
    for seed in 0..40 {
        let timeline = troubled(seed);
        for (id, event) in timeline.events(EventId(0), usize::MAX) {
            let cause = event.cause().and_then(|cause| timeline.event(cause));
            assert!(event.cause().is_none_or(|cause| cause < id), "event {} comes before its cause", id.0);
            let cause_name = cause.as_ref().map_or("none", Event::name);
            let expected: &[&str] = match event.name() {
                "delivered" | "duplicated" => &["sent", "duplicated"],
                "lost" => &["sent", "duplicated", "acted"],
                "writeDurable" => &["writeStarted"],
                "crashed" | "restarted" => &["acted"],
                _ => continue,
            };
            assert!(expected.contains(&cause_name), "{} follows from {cause_name}", event.name());
            let same_message = cause.as_ref().and_then(Event::envelope).zip(event.envelope());
            if let Some((of_cause, of_event)) = same_message.filter(|_| event.name() != "duplicated") {
                assert_eq!(of_cause.message, of_event.message);
            }
        }
    }
}

/// Goal: the hashes of the built-in scenarios are pinned, so that every build of the engine can be compared with this one.
/// To pin them anew after a change of behaviour: `UPDATE_HASHES=1 cargo test -p raft-sim --test all pinned`.
#[test]
fn hashes_of_the_scenarios_are_pinned() {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios"));
    let pinned = folder.join("expected-hashes.json");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json") && *path != pinned);
    files.sort();
    let mut found = serde_json::Map::new();
    for file in files {
        let scenario = Scenario::parse(&std::fs::read_to_string(file).unwrap()).unwrap();
        for run in scenario.runs() {
            let mut lab = Lab::new(run.scenario).unwrap();
            assert!(lab.run_script(1_000_000));
            let hashes = serde_json::json!({
                "steps": lab.steps(),
                "events": lab.events(),
                "traceHash": format!("{:016x}", lab.trace_hash()),
                "stateHash": format!("{:016x}", lab.state_hash()),
            });
            found.insert(run.name, hashes);
        }
    }
    let found = serde_json::Value::Object(found);
    if std::env::var_os("UPDATE_HASHES").is_some() {
        return std::fs::write(pinned, format!("{found:#}\n")).unwrap();
    }
    let expected: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(pinned).unwrap()).unwrap();
    assert_eq!(found, expected, "if the behaviour was meant to change, pin the hashes anew");
}
