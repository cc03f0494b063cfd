//! Why trials leave some mixes out: what they do to a cluster in which everything else is well.

use raft_sim::{Condition, Outcome, Scenario, Time, Timeline};

/// What comes of a script by `end`.
fn run(cluster: &str, script: &str, end: u64) -> Timeline {
    let title = r#""version": 1, "id": "premise", "title": { "en": "A premise" }"#;
    let json = format!(r#"{{ {title}, "cluster": {{ {cluster} }}, "script": [{script}] }}"#);
    let mut timeline = Timeline::new(Scenario::parse(&json).expect("a valid scenario")).expect("it can be run");
    timeline.advance_to(Time::of_ticks(end), usize::MAX);
    timeline
}

/// Whether the last operation of a client succeeded.
fn ends_well(timeline: &Timeline) -> bool {
    timeline.world().operations().iter().next_back().is_some_and(|last| last.outcome() == Some(Outcome::Ok))
}

/// Goal: a leader that inherits as many bytes as it may leave uncommitted takes no proposal ever, unless it begins its term
/// with an entry of its own: so trials do not draw the no-op to be off together with that limit.
#[test]
fn without_a_no_op_a_leader_may_inherit_too_much_for_ever() {
    let write = |ms: u64, value: u64| {
        format!(
            r#"{{ "atMs": {ms}, "do": {{ "type": "clientWrite", "client": "c", "key": "k", "value": "{value}" }} }}"#
        )
    };
    let crash = r#"{ "atMs": 402, "do": { "type": "crash", "server": 1, "loseUnsynced": false } },
        { "atMs": 402, "do": { "type": "restart", "server": 1 } }"#;
    let script = [write(398, 1), write(398, 2), write(398, 3), crash.into(), write(9_000, 4)].join(",");
    let cluster = |no_op: bool, limit: u32| {
        format!(
            r#""seed": 7, "servers": 1, "disk": {{ "latencyMs": 5 }}, "rules": {{ "noOp": {no_op} }},
            "options": {{ "maxUncommittedBytes": {limit} }}"#
        )
    };
    assert!(!ends_well(&run(&cluster(false, 64), &script, 12_000)));
    assert!(ends_well(&run(&cluster(true, 64), &script, 12_000)));
    assert!(ends_well(&run(&cluster(false, 1_000), &script, 12_000)));
}

/// Goal: what a leader has committed and told nobody when it loses its office, the next one does not say to be committed until
/// somebody writes, unless it begins with a no-op: so trials write again where the no-op was drawn to be off.
#[test]
fn without_a_no_op_the_last_write_may_stay_uncommitted() {
    let script = r#"{ "atMs": 1, "do": { "type": "timeout", "server": 1 } },
        { "atMs": 300, "do": { "type": "clientWrite", "client": "c", "key": "k", "value": "1" } },
        { "atMs": 321, "do": { "type": "partition", "groups": [[2, 3]] } },
        { "atMs": 2000, "do": { "type": "heal" } }"#;
    let again = r#", { "atMs": 5000, "do": { "type": "clientWrite", "client": "c", "key": "k", "value": "2" } }"#;
    let converges = |no_op: bool, again: &str| {
        let cluster = r#""seed": 7, "servers": 3, "network": { "latencyMs": [10, 10] }"#;
        let cluster = format!(r#"{cluster}, "rules": {{ "noOp": {no_op} }}"#);
        Condition::Converged.holds(run(&cluster, &[script, again].concat(), 9_000).world())
    };
    assert!(!converges(false, ""));
    assert!(converges(false, again));
    assert!(converges(true, ""));
}

/// Goal: a leader that hears nobody is followed for ever by those who hear it, unless it checks that a quorum answers: so
/// trials have no deaf outsiders where that rule was drawn to be off.
#[test]
fn without_check_quorum_a_deaf_leader_is_followed_for_ever() {
    let script = r#"{ "atMs": 1, "do": { "type": "timeout", "server": 1 } },
        { "atMs": 100, "do": { "type": "cut", "a": 2, "b": 1, "oneWay": true } },
        { "atMs": 100, "do": { "type": "cut", "a": 3, "b": 1, "oneWay": true } }"#;
    for checks in [false, true] {
        let cluster = format!(r#""seed": 7, "servers": 3, "rules": {{ "checkQuorum": {checks} }}"#);
        let timeline = run(&cluster, script, 9_000);
        let leads = |id: u64| timeline.world().nodes().any(|node| node.id().0 == id && node.role().is_leader());
        assert_eq!((leads(1), leads(2) || leads(3)), (!checks, checks));
    }
}

/// Goal: a server may lack the vote of a learner that has more than it has, and that does not campaign: so trials leave
/// nobody out without whom nobody can win, though a majority be left by every configuration.
#[test]
fn a_learner_may_have_what_no_voter_has() {
    let script = r#"{ "atMs": 0, "do": { "type": "setLatency", "a": 1, "b": 2, "minMs": 1, "maxMs": 1 } },
        { "atMs": 0, "do": { "type": "crash", "server": 3 } },
        { "atMs": 240, "do": { "type": "changeMembership", "addLearner": 4 } },
        { "atMs": 240, "do": { "type": "cut", "a": 3, "b": 2 } },
        { "atMs": 240, "do": { "type": "setDiskLatency", "server": 1, "ms": 10 } },
        { "atMs": 240, "do": { "type": "restart", "server": 3 } },
        { "atMs": 284, "do": { "type": "clientWrite", "client": "c", "key": "k", "value": "1" } },
        { "atMs": 284, "do": { "type": "changeMembership", "addVoter": 4 } },
        { "atMs": 284, "do": { "type": "crash", "server": 2 } },
        { "atMs": 287, "do": { "type": "timeout", "server": 1 } },
        { "atMs": 347.001, "do": { "type": "heal" } },
        { "atMs": 347.001, "do": { "type": "setLatency", "minMs": 1, "maxMs": 5 } },
        { "atMs": 347.001, "do": { "type": "restart", "server": 2 } },
        { "atMs": 347.001, "do": { "type": "pause", "server": 1 } }"#;
    let cluster = r#""servers": 3, "spares": 1, "seed": 47747, "options": { "maxInflightMessages": 1 },
        "network": { "latencyMs": [10, 10] }"#;
    let write = r#", { "atMs": 6000, "do": { "type": "clientWrite", "client": "c", "key": "k", "value": "2" } }"#;
    let works = |resume: &str| ends_well(&run(cluster, &[script, resume, write].concat(), 9_000));
    assert!(!works(""));
    assert!(works(r#", { "atMs": 5000, "do": { "type": "resume", "server": 1 } }"#));
}
