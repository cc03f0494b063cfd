//! What clients ask for is done exactly once, and what they are told is true.

use raft_sim::{
    Action, ClusterConfig, Condition, Operation, OperationKind, Outcome, ReadName, RuleName, Time, Timeline,
};

/// A cluster with a leader that has committed an entry of its term, and the leader's id.
fn led(config: ClusterConfig) -> (Timeline, u64) {
    let mut timeline = Timeline::of_cluster(config).unwrap();
    assert!(timeline.run_until(&Condition::parse(r#"{"type":"committed","index":1}"#).unwrap(), 10_000));
    let leader = timeline.world().leader().unwrap().id().0;
    (timeline, leader)
}

fn wait(timeline: &mut Timeline, ms: u64) {
    let time = timeline.shown().after(Time::of_ticks(ms));
    timeline.advance_to(time, usize::MAX);
}

fn act(timeline: &mut Timeline, json: &str) {
    timeline.act(&Action::parse(json).unwrap()).unwrap();
}

fn last(timeline: &Timeline) -> &Operation {
    timeline.world().operations().last().unwrap()
}

fn value(timeline: &Timeline, server: u64, key: &str) -> Option<String> {
    let server = timeline.world().server_with_id(server).unwrap();
    server.state().find(|(known, _)| *known == key).map(|(_, value)| value.to_owned())
}

const CHANGES: [(&str, &str); 4] = [
    (r#"{"type":"clientWrite","client":"a","key":"x","value":"1"}"#, "1"),
    (r#"{"type":"clientAppend","client":"a","key":"x","value":"1"}"#, "01"),
    (r#"{"type":"clientCas","client":"a","key":"x","expected":"0","value":"1"}"#, "1"),
    (r#"{"type":"clientDelete","client":"a","key":"x"}"#, "none"),
];

/// Goal (dissertation §6.3): every kind of write that a client sends twice is carried out once, and the client is told what
/// became of the first copy. Method: the leader takes the write and is cut off before the client hears of it; the entry
/// survives; the client asks the next leader, which has a snapshot of the state and was restarted from it.
#[test]
fn a_write_that_is_sent_again_is_carried_out_once() {
    for (change, after) in CHANGES {
        let (mut timeline, leader) = led(ClusterConfig::of(3, 1));
        act(&mut timeline, r#"{"type":"clientWrite","client":"b","key":"x","value":"0"}"#);
        wait(&mut timeline, 200);
        act(&mut timeline, change);
        // The others store the entry, and their acknowledgements are lost with the leader.
        wait(&mut timeline, 21);
        act(&mut timeline, &format!(r#"{{"type":"crash","server":{leader}}}"#));
        assert_eq!(last(&timeline).outcome(), Some(Outcome::Unknown), "{change}");
        let others: Vec<_> = (1..=3).filter(|id| *id != leader).collect();
        wait(&mut timeline, 1_500);
        for &server in &others {
            act(&mut timeline, &format!(r#"{{"type":"snapshot","server":{server}}}"#));
            act(&mut timeline, &format!(r#"{{"type":"crash","server":{server}}}"#));
            act(&mut timeline, &format!(r#"{{"type":"restart","server":{server}}}"#));
        }
        wait(&mut timeline, 1_500);
        let states = |timeline: &Timeline| {
            let values = others.iter().map(|&server| value(timeline, server, "x").unwrap_or_else(|| "none".into()));
            values.collect::<Vec<_>>()
        };
        assert_eq!(states(&timeline), [after, after], "{change}: the first copy was carried out");
        act(&mut timeline, r#"{"type":"clientRetry","client":"a"}"#);
        wait(&mut timeline, 500);
        let write = last(&timeline);
        assert_eq!(write.outcome(), Some(Outcome::Ok), "{change}");
        if let OperationKind::Cas { matched, .. } = write.kind {
            assert_eq!(matched, Some(true), "the copy finds another value, and gets the first answer all the same");
        }
        assert_eq!(states(&timeline), [after, after], "{change}: the second one was not");
        assert!(timeline.world().violations().is_empty());
    }
}

/// Goal: without client sessions the copy is carried out: an append twice, and a compare-and-set that was carried out is
/// said to have failed; the checker reports both.
#[test]
fn without_sessions_a_copy_is_carried_out() {
    for (change, after) in [(CHANGES[1].0, "011"), (CHANGES[2].0, "1")] {
        let (mut timeline, leader) = led(ClusterConfig::of(3, 1).without(RuleName::ClientSessions));
        act(&mut timeline, r#"{"type":"clientWrite","client":"b","key":"x","value":"0"}"#);
        wait(&mut timeline, 200);
        act(&mut timeline, change);
        act(&mut timeline, r#"{"type":"clientRetry","client":"a"}"#);
        wait(&mut timeline, 500);
        assert_eq!(value(&timeline, leader, "x").as_deref(), Some(after));
        if let OperationKind::Cas { matched, .. } = last(&timeline).kind {
            assert_eq!(matched, Some(false));
        }
        assert!(Condition::parse(r#"{"type":"violation","invariant":"I30"}"#).unwrap().holds(timeline.world()));
    }
}

/// Goal: a compare-and-set that finds another value is answered, and changes nothing; a key that is not set can be asked for.
#[test]
fn compare_and_set_asks_first() {
    let (mut timeline, leader) = led(ClusterConfig::of(3, 2));
    let table = [(None, "1", true), (None, "2", false), (Some("0"), "3", false), (Some("1"), "4", true)];
    for (expected, value, matches) in table {
        let (client, key) = ("a".into(), "x".into());
        let expected = expected.map(Into::into);
        timeline.act(&Action::ClientCas { client, key, expected, value: value.into(), server: None }).unwrap();
        wait(&mut timeline, 100);
        let OperationKind::Cas { matched, .. } = last(&timeline).kind else { panic!("not the last operation") };
        assert_eq!((last(&timeline).outcome(), matched), (Some(Outcome::Ok), Some(matches)));
    }
    assert_eq!(value(&timeline, leader, "x").as_deref(), Some("4"));
}

/// Goal: an append that would make a value too long fails, and is told so.
#[test]
fn an_append_that_is_too_long_fails() {
    let (mut timeline, leader) = led(ClusterConfig::of(3, 2));
    for outcome in [Outcome::Ok, Outcome::Ok, Outcome::Fail] {
        let value = "y".repeat(raft_sim::limits::MAX_TEXT_BYTES / 2);
        timeline.act(&Action::ClientAppend { client: "a".into(), key: "x".into(), value, server: None }).unwrap();
        wait(&mut timeline, 100);
        assert_eq!(last(&timeline).outcome(), Some(outcome));
    }
    assert_eq!(value(&timeline, leader, "x").map(|value| value.len()), Some(raft_sim::limits::MAX_TEXT_BYTES));
}

/// Goal: after `sync` a session read sees what others have written before, at a follower that is behind: it waits until the
/// follower has caught up. Without it the client, which has seen nothing yet, reads the past.
#[test]
fn sync_makes_a_session_catch_up() {
    for has_synced in [true, false] {
        let (mut timeline, leader) = led(ClusterConfig::of(3, 3));
        let behind = leader % 3 + 1;
        act(&mut timeline, &format!(r#"{{"type":"cut","a":{leader},"b":{behind}}}"#));
        act(&mut timeline, r#"{"type":"clientWrite","client":"w","key":"x","value":"1"}"#);
        wait(&mut timeline, 60);
        if has_synced {
            act(&mut timeline, r#"{"type":"clientSync","client":"r"}"#);
            wait(&mut timeline, 60);
            assert_eq!((last(&timeline).kind.name(), last(&timeline).outcome()), ("sync", Some(Outcome::Ok)));
        }
        let (client, key) = ("r".into(), "x".into());
        let read = Action::ClientRead { client, key, server: Some(behind), mode: ReadName::Session };
        timeline.act(&read).unwrap();
        let answer = |timeline: &Timeline| last(timeline).answer().map(|(_, value)| value.map(str::to_owned));
        if has_synced {
            assert_eq!(answer(&timeline), None, "it waits");
            act(&mut timeline, r#"{"type":"heal"}"#);
            wait(&mut timeline, 500);
        }
        assert_eq!(answer(&timeline), Some(has_synced.then(|| "1".to_owned())));
        assert!(timeline.world().violations().is_empty());
    }
}

/// Goal (dissertation §6.4): a follower that is asked for a linearizable read asks the leader, and answers with what was
/// written last, from its own state.
#[test]
fn a_follower_answers_linearizable_reads() {
    let (mut timeline, leader) = led(ClusterConfig::of(3, 4));
    let follower = leader % 3 + 1;
    act(&mut timeline, r#"{"type":"clientWrite","client":"w","key":"x","value":"1"}"#);
    wait(&mut timeline, 40);
    act(&mut timeline, &format!(r#"{{"type":"clientRead","client":"r","key":"x","server":{follower}}}"#));
    assert_eq!(last(&timeline).answer(), None);
    wait(&mut timeline, 200);
    assert_eq!(last(&timeline).answer().map(|(_, value)| value), Some(Some("1")));
    assert_eq!(last(&timeline).server.map(|server| server.0), Some(follower));
}
