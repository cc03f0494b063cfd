//! Snapshots, changes of membership, reads and leadership transfers, as a person asks for them.

use raft_core::NodeId;
use raft_sim::told::Value;
use raft_sim::{
    Action, ClusterConfig, Condition, ErrorCode, EventId, Membership, OptionsConfig, Outcome, ReadName, RuleName, Time,
    Timeline,
};

fn led(config: ClusterConfig) -> (Timeline, u64) {
    let mut timeline = Timeline::of_cluster(config).unwrap();
    let is_ready = |timeline: &Timeline| {
        timeline.world().leader().filter(|node| node.has_committed_in_term()).map(|node| node.id().0)
    };
    for _ in 0..10_000 {
        if let Some(leader) = is_ready(&timeline) {
            return (timeline, leader);
        }
        timeline.step();
    }
    panic!("nobody leads");
}

fn write(timeline: &mut Timeline, value: u64) {
    let action = Action::ClientWrite { client: "w".into(), key: "k".into(), value: value.to_string(), server: None };
    timeline.act(&action).unwrap();
}

fn read(server: Option<u64>, mode: ReadName) -> Action {
    Action::ClientRead { client: "r".into(), key: "k".into(), server, mode }
}

fn change(change: Membership) -> Action {
    Action::ChangeMembership { server: None, change }
}

fn wait(timeline: &mut Timeline, ms: u64) {
    let time = timeline.shown().after(Time::of_ticks(ms));
    timeline.advance_to(time, usize::MAX);
}

fn has_event(timeline: &Timeline, name: &str, words: &str) -> bool {
    let mut events = timeline.events(EventId(0), usize::MAX);
    events.any(|(_, event)| event.name() == name && event.sentence(timeline.world()).contains(words))
}

fn holds(timeline: &Timeline, json: &str) -> bool {
    Condition::parse(json).unwrap().holds(timeline.world())
}

/// Goal: a snapshot replaces the log and shows in a condition; a second one of the same state is refused and changes nothing;
/// a restart begins with its state.
#[test]
fn a_snapshot_replaces_the_log_once() {
    let (mut timeline, leader) = led(ClusterConfig::of(3, 1));
    write(&mut timeline, 1);
    wait(&mut timeline, 300);
    timeline.act(&Action::Snapshot { server: leader }).unwrap();
    assert!(holds(&timeline, &format!(r#"{{"type":"snapshot","server":{leader},"index":2}}"#)));
    assert!(!holds(&timeline, &format!(r#"{{"type":"snapshot","server":{leader},"index":3}}"#)));
    let before = timeline.world().state_hash();
    let refused = timeline.act(&Action::Snapshot { server: leader }).unwrap_err();
    assert_eq!((refused.code, timeline.world().state_hash()), (ErrorCode::Refused, before));
    timeline.act(&Action::Crash { server: leader, lose_unsynced: true }).unwrap();
    timeline.act(&Action::Restart { server: leader }).unwrap();
    assert!(holds(&timeline, &format!(r#"{{"type":"state","server":{leader},"key":"k","value":"1"}}"#)));
}

/// Goal: a server that lacks what the others have compacted gets a snapshot, takes over its state, and says so.
#[test]
fn who_is_far_behind_is_restored_from_a_snapshot() {
    let options =
        OptionsConfig { compact_every: Some(5), max_snapshot_chunk_bytes: Some(4), ..OptionsConfig::default() };
    let (mut timeline, leader) = led(ClusterConfig { options, ..ClusterConfig::of(3, 2) });
    let absent = leader % 3 + 1;
    timeline.act(&Action::Crash { server: absent, lose_unsynced: true }).unwrap();
    for value in 0..30 {
        write(&mut timeline, value);
        wait(&mut timeline, 20);
    }
    timeline.act(&Action::Restart { server: absent }).unwrap();
    wait(&mut timeline, 2_000);
    assert!(has_event(&timeline, "restored", &format!("S{absent}")));
    assert!(holds(&timeline, &format!(r#"{{"type":"state","server":{absent},"key":"k","value":"29"}}"#)));
    assert!(holds(&timeline, r#"{"type":"converged"}"#));
}

/// Goal: with copy-on-write a snapshot shows the moment in which it began while the server goes on; without it the server
/// answers nobody until the snapshot is taken, and what came meanwhile comes in then.
#[test]
fn a_snapshot_takes_its_time() {
    let options = OptionsConfig { snapshot_ms: Time::of_ticks(100), ..OptionsConfig::default() };
    for copy_on_write in [true, false] {
        let mut config = ClusterConfig { options: options.clone(), ..ClusterConfig::of(3, 3) };
        config.rules.insert(RuleName::CopyOnWrite, copy_on_write);
        let (mut timeline, leader) = led(config);
        write(&mut timeline, 1);
        wait(&mut timeline, 200);
        timeline.act(&Action::Snapshot { server: leader }).unwrap();
        let again = timeline.act(&Action::Snapshot { server: leader }).unwrap_err();
        assert_eq!(again.code, ErrorCode::Refused);
        write(&mut timeline, 2);
        wait(&mut timeline, 60);
        let at = leader as usize - 1;
        let node = |timeline: &Timeline| timeline.world().servers()[at].node().unwrap().clone();
        assert_eq!(node(&timeline).last_applied().0, if copy_on_write { 3 } else { 2 });
        assert_eq!(node(&timeline).log().last_included_index().0, 0);
        assert_eq!(has_event(&timeline, "refused", "snapshot"), !copy_on_write);
        let waits = timeline.world().messages().iter().any(|message| message.is_at_door);
        assert_eq!(waits, !copy_on_write);
        wait(&mut timeline, 60);
        assert_eq!(node(&timeline).log().last_included_index().0, 2);
        assert!(!timeline.world().messages().iter().any(|message| message.is_at_door));
        let snapshot = node(&timeline).snapshot().unwrap().data.clone();
        assert!(snapshot.ends_with(b"1"), "the state of the moment in which it began");
    }
}

/// Goal: a server that is paused while it takes a snapshot has it when it goes on; one that crashes has none.
#[test]
fn a_snapshot_survives_a_pause_but_no_crash() {
    for copy_on_write in [true, false] {
        for crashes in [true, false] {
            let options = OptionsConfig { snapshot_ms: Time::of_ticks(50), ..OptionsConfig::default() };
            let mut config = ClusterConfig { options, ..ClusterConfig::of(3, 4) };
            config.rules.insert(RuleName::CopyOnWrite, copy_on_write);
            let (mut timeline, leader) = led(config);
            timeline.act(&Action::Snapshot { server: leader }).unwrap();
            let (stop, go) = if crashes {
                (Action::Crash { server: leader, lose_unsynced: true }, Action::Restart { server: leader })
            } else {
                (Action::Pause { server: leader }, Action::Resume { server: leader })
            };
            timeline.act(&stop).unwrap();
            wait(&mut timeline, 200);
            timeline.act(&go).unwrap();
            let covered = timeline.world().servers()[leader as usize - 1].node().unwrap().log().last_included_index();
            assert_eq!(covered.0, u64::from(!crashes));
        }
    }
}

/// Goal: without group commit, writes that wait for a slow disk become durable one after the other.
#[test]
fn without_group_commit_every_write_waits_its_turn() {
    let durable_after = |group_commit: bool| {
        let mut config = ClusterConfig::of(1, 5);
        config.rules.insert(RuleName::GroupCommit, group_commit);
        let (mut timeline, leader) = led(config);
        timeline.act(&Action::SetDiskLatency { server: leader, ms: Time::of_ticks(10), max_ms: None }).unwrap();
        for value in 0..4 {
            write(&mut timeline, value);
        }
        wait(&mut timeline, 25);
        timeline.world().servers()[0].durable().log.last_index().0
    };
    assert_eq!((durable_after(true), durable_after(false)), (5, 3));
}

/// Goal: a spare joins as a learner, catches up and votes; a change that the core refuses is an event with its reason.
#[test]
fn a_spare_joins_and_votes() {
    let (mut timeline, leader) = led(ClusterConfig { spares: 1, ..ClusterConfig::of(3, 6) });
    wait(&mut timeline, 1_000);
    assert!(timeline.world().servers()[3].node().unwrap().log().last_index().0 == 0);
    assert!(holds(&timeline, r#"{"type":"converged"}"#), "a spare is no member");
    timeline.act(&change(Membership::AddVoter { add_voter: 4 })).unwrap();
    assert!(has_event(&timeline, "refused", "S4 has caught up to 0"));
    let outcome = timeline.act(&change(Membership::AddLearner { add_learner: 4 })).unwrap();
    assert_eq!(outcome.index, Some(2));
    wait(&mut timeline, 500);
    timeline.act(&change(Membership::AddVoter { add_voter: 4 })).unwrap();
    wait(&mut timeline, 200);
    assert!(holds(&timeline, r#"{"type":"config","server":4,"voters":[1,2,3,4],"learners":[]}"#));
    let replacement = Membership::Replace { voters: vec![4, leader], learners: vec![] };
    timeline.act(&change(replacement)).unwrap();
    let joint = format!(r#"{{"type":"config","server":{leader},"voters":[{leader},4],"outgoing":[1,2,3,4]}}"#);
    assert!(holds(&timeline, &joint));
    wait(&mut timeline, 500);
    assert!(holds(&timeline, &format!(r#"{{"type":"config","server":4,"voters":[{leader},4]}}"#)));
    let unknown = timeline.act(&change(Membership::AddLearner { add_learner: 5 })).unwrap_err();
    assert_eq!(unknown.code, ErrorCode::UnknownServer);
}

/// Goal: a spare cannot say who belongs to the cluster, so it takes no snapshot.
#[test]
fn a_spare_takes_no_snapshot() {
    let (mut timeline, _) = led(ClusterConfig { spares: 1, ..ClusterConfig::of(1, 7) });
    let refused = timeline.act(&Action::Snapshot { server: 2 }).unwrap_err();
    assert_eq!(refused.code, ErrorCode::Refused);
}

/// Goal: leadership goes to the chosen server; a refusal is an event with its reason.
#[test]
fn leadership_is_handed_over() {
    let (mut timeline, leader) = led(ClusterConfig { spares: 1, ..ClusterConfig::of(3, 8) });
    timeline.act(&Action::TransferLeadership { server: None, target: 4 }).unwrap();
    assert!(has_event(&timeline, "refused", "S4 is no voter"));
    let target = leader % 3 + 1;
    timeline.act(&Action::TransferLeadership { server: None, target }).unwrap();
    wait(&mut timeline, 200);
    assert_eq!(timeline.world().leader().map(raft_core::Node::id), Some(NodeId(target)));
    timeline.act(&Action::TransferLeadership { server: Some(leader), target }).unwrap();
    assert!(has_event(&timeline, "refused", "not the leader"));
}

/// Goal: reads are answered by the leader and, with its help, by a follower; where nobody leads they fail with a reason.
#[test]
fn reads_are_answered() {
    let options = OptionsConfig { lease_drift_permille: Some(10), ..OptionsConfig::default() };
    let (mut timeline, leader) = led(ClusterConfig { options, ..ClusterConfig::of(3, 9) });
    timeline.act(&read(None, ReadName::ReadIndex)).unwrap();
    assert!(!holds(&timeline, r#"{"type":"read","client":"r"}"#));
    wait(&mut timeline, 100);
    assert!(holds(&timeline, r#"{"type":"read","client":"r"}"#), "the key is not set");
    write(&mut timeline, 7);
    wait(&mut timeline, 100);
    timeline.act(&read(Some(leader % 3 + 1), ReadName::ReadIndex)).unwrap();
    wait(&mut timeline, 200);
    assert!(holds(&timeline, r#"{"type":"read","client":"r","value":"7"}"#));
    timeline.act(&read(None, ReadName::Lease)).unwrap();
    let last = timeline.world().operations().iter().last().unwrap().clone();
    assert_eq!(last.returned.map(|(_, outcome)| outcome), Some(Outcome::Ok), "a lease answers at once");
    for server in 1..=3 {
        timeline.act(&Action::Crash { server, lose_unsynced: true }).unwrap();
    }
    timeline.act(&read(None, ReadName::ReadIndex)).unwrap();
    assert!(has_event(&timeline, "refused", "no running server leads"));
    let last = timeline.world().operations().iter().last().unwrap().clone();
    assert_eq!(last.returned.map(|(_, outcome)| outcome), Some(Outcome::Fail));
}

/// Goal: a leader that is cut off answers a local read from the past, and a read that needs a quorum not at all.
#[test]
fn a_local_read_may_be_stale() {
    let (mut timeline, old) = led(ClusterConfig::of(3, 10));
    write(&mut timeline, 1);
    wait(&mut timeline, 200);
    let others: Vec<_> = (1..=3).filter(|&id| id != old).collect();
    timeline.act(&Action::Partition { groups: vec![others.clone()] }).unwrap();
    timeline.act(&read(Some(old), ReadName::ReadIndex)).unwrap();
    wait(&mut timeline, 1_000);
    let new = timeline.world().leader().unwrap().id().0;
    let action = Action::ClientWrite { client: "w".into(), key: "k".into(), value: "2".into(), server: Some(new) };
    timeline.act(&action).unwrap();
    wait(&mut timeline, 200);
    assert!(!holds(&timeline, r#"{"type":"read","client":"r","value":"1"}"#), "nobody answered the careful read");
    assert!(has_event(&timeline, "refused", "no longer leads"));
    timeline.act(&read(Some(old), ReadName::Local)).unwrap();
    assert!(holds(&timeline, r#"{"type":"read","client":"r","value":"1"}"#), "although it is 2 by now");
}

/// Goal: a crash or a lost leader ends every read that waits, as failed.
#[test]
fn reads_do_not_hang() {
    let (mut timeline, leader) = led(ClusterConfig::of(3, 11));
    timeline.act(&read(None, ReadName::ReadIndex)).unwrap();
    timeline.act(&Action::Crash { server: leader, lose_unsynced: true }).unwrap();
    let last = timeline.world().operations().iter().last().unwrap().clone();
    assert_eq!(last.returned.map(|(_, outcome)| outcome), Some(Outcome::Fail));
}

/// Goal: a client whose entry a leader's snapshot covers cannot be told what became of it.
#[test]
fn a_snapshot_hides_what_became_of_a_write() {
    let (mut timeline, old) = led(ClusterConfig::of(3, 12));
    let others: Vec<_> = (1..=3).filter(|&id| id != old).collect();
    timeline.act(&Action::Partition { groups: vec![others] }).unwrap();
    let lost = Action::ClientWrite { client: "a".into(), key: "k".into(), value: "lost".into(), server: Some(old) };
    timeline.act(&lost).unwrap();
    wait(&mut timeline, 800);
    let new = timeline.world().leader().unwrap().id().0;
    for value in 0..5 {
        let write =
            Action::ClientWrite { client: "b".into(), key: "k".into(), value: value.to_string(), server: Some(new) };
        timeline.act(&write).unwrap();
    }
    wait(&mut timeline, 200);
    timeline.act(&Action::Snapshot { server: new }).unwrap();
    // What was sent before must not arrive after.
    wait(&mut timeline, 200);
    timeline.act(&Action::Heal).unwrap();
    wait(&mut timeline, 500);
    assert!(has_event(&timeline, "restored", &format!("S{old}")));
    let first = timeline.world().operations().get(0).unwrap();
    assert_eq!(first.returned.map(|(_, outcome)| outcome), Some(Outcome::Unknown));
}

/// Goal: why a leader does not commit is said with numbers and names: how many hold the entry, how many must, who is missing.
#[test]
fn a_blocked_commit_names_who_is_missing() {
    let (mut timeline, leader) = led(ClusterConfig::of(3, 5));
    let (b, c) = (leader % 3 + 1, (leader + 1) % 3 + 1);
    timeline.act(&Action::Partition { groups: vec![vec![leader]] }).unwrap();
    write(&mut timeline, 1);
    wait(&mut timeline, 20);
    let block = timeline.world().commit_blocked(NodeId(leader)).unwrap();
    assert_eq!(block.get("type"), Some(&Value::Name("noQuorum")));
    assert_eq!((block.get("have"), block.get("need")), (Some(&Value::Number(1)), Some(&Value::Number(2))));
    let missing = vec![NodeId(b.min(c)), NodeId(b.max(c))];
    assert_eq!(block.get("missing"), Some(&Value::Servers(missing)));
    assert_eq!(timeline.world().commit_blocked(NodeId(b)), None);
}

/// Goal: a name that could be mistaken for the session of another client is refused, and changes nothing.
#[test]
fn a_client_has_a_plain_name() {
    let (mut timeline, _) = led(ClusterConfig::of(3, 5));
    let before = timeline.world().state_hash();
    for name in ["a\u{1f}1", "a\n"] {
        let (key, value) = ("k".into(), "v".into());
        let refusal = timeline.act(&Action::ClientWrite { client: name.into(), key, value, server: None });
        assert_eq!(refusal.unwrap_err().code, ErrorCode::OutOfRange);
    }
    assert_eq!(timeline.world().state_hash(), before);
}
