//! Faults that last: what each of them does, that it is the reason, and that it can be undone.

use raft_core::{MessageKind, NodeId};
use raft_sim::chaos::Chaos;
use raft_sim::{
    Action, ClusterConfig, DiskConfig, EventId, EventKind, MessageSelector, NetworkConfig, OptionsConfig, Outcome,
    ReadName, Server, Time, Timeline,
};

/// A cluster whose first server leads and has committed an entry of its term.
fn led(config: ClusterConfig) -> Timeline {
    let mut timeline = Timeline::of_cluster(config).unwrap();
    timeline.act(&Action::Timeout { server: 1 }).unwrap();
    wait(&mut timeline, 200);
    assert_eq!(
        timeline.world().leader().map(|node| (node.id(), node.has_committed_in_term())),
        Some((NodeId(1), true))
    );
    timeline
}

/// Three servers; messages travel for exactly 10 ms.
fn steady(seed: u64) -> ClusterConfig {
    let network = NetworkConfig { latency_ms: (ms(10), ms(10)), ..NetworkConfig::default() };
    ClusterConfig { network, ..ClusterConfig::of(3, seed) }
}

const fn ms(ms: u64) -> Time {
    Time::of_ticks(ms)
}

fn wait(timeline: &mut Timeline, span_ms: u64) {
    let time = timeline.shown().after(ms(span_ms));
    timeline.advance_to(time, usize::MAX);
}

fn act(timeline: &mut Timeline, json: &str) {
    timeline.act(&Action::parse(json).unwrap()).unwrap();
}

fn write(timeline: &mut Timeline, value: u64) {
    let action = Action::ClientWrite { client: "w".into(), key: "k".into(), value: value.to_string(), server: None };
    timeline.act(&action).unwrap();
}

fn server(timeline: &Timeline, id: usize) -> &Server {
    &timeline.world().servers()[id - 1]
}

fn last_durable(timeline: &Timeline, id: usize) -> u64 {
    server(timeline, id).durable().log.last_index().0
}

fn broken(timeline: &Timeline) -> Vec<&'static str> {
    timeline.world().violations().iter().map(|found| found.violation.invariant.id()).collect()
}

fn count(timeline: &Timeline, fits: impl Fn(&EventKind) -> bool) -> usize {
    timeline.events(EventId(0), usize::MAX).filter(|(_, event)| fits(&event.kind)).count()
}

/// Goal: after a power loss in the middle of a write, a follower has the first of its entries and not the others, has told
/// nobody of them, and gets the rest again; no promise is broken.
#[test]
fn a_torn_write_leaves_some_of_its_entries() {
    for (entries, last) in [(0, 1), (1, 2), (2, 3), (3, 4)] {
        let mut timeline = led(steady(1));
        act(&mut timeline, r#"{ "type": "setDiskLatency", "server": 2, "ms": 1000 }"#);
        (0..3).for_each(|value| write(&mut timeline, value));
        wait(&mut timeline, 50);
        assert_eq!((server(&timeline, 2).node().unwrap().log().last_index().0, last_durable(&timeline, 2)), (4, 1));
        act(&mut timeline, &format!(r#"{{ "type": "tear", "server": 2, "entries": {entries} }}"#));
        assert_eq!(last_durable(&timeline, 2), last);
        let torn = timeline.events(EventId(0), usize::MAX).find(|(_, event)| event.name() == "torn");
        assert_eq!(torn.is_some(), entries < 3);
        if let Some((id, event)) = torn {
            assert!(timeline.explain(id).unwrap().len() > 1, "it follows from the crash");
            assert!(event.sentence(timeline.world()).contains(&format!("up to {last}")));
        }
        act(&mut timeline, r#"{ "type": "setDiskLatency", "server": 2, "ms": 0 }"#);
        act(&mut timeline, r#"{ "type": "restart", "server": 2 }"#);
        assert_eq!(server(&timeline, 2).node().unwrap().log().last_index().0, last);
        wait(&mut timeline, 500);
        assert_eq!(last_durable(&timeline, 2), 4);
        assert_eq!(broken(&timeline), [""; 0]);
    }
}

/// Goal: entries that a majority of lying disks called durable are committed, and the checker says at once that they are
/// not; when the power fails they are gone.
#[test]
fn a_quorum_of_lying_disks_is_a_violation() {
    let mut timeline = led(steady(2));
    for server in [2, 3] {
        act(&mut timeline, &format!(r#"{{ "type": "setDiskLies", "server": {server}, "on": true }}"#));
    }
    assert_eq!(broken(&timeline), [""; 0]);
    write(&mut timeline, 7);
    wait(&mut timeline, 100);
    assert_eq!(timeline.world().operations().get(0).unwrap().returned.map(|(_, outcome)| outcome), Some(Outcome::Ok));
    assert_eq!(broken(&timeline), ["I8"]);
    act(&mut timeline, r#"{ "type": "crash", "server": 1 }"#);
    for server in [2, 3] {
        act(&mut timeline, &format!(r#"{{ "type": "crash", "server": {server} }}"#));
        act(&mut timeline, &format!(r#"{{ "type": "restart", "server": {server} }}"#));
    }
    assert_eq!(count(&timeline, |kind| matches!(kind, EventKind::Forgotten(1..))), 2);
    wait(&mut timeline, 2_000);
    assert!(server(&timeline, 2).state().next().is_none(), "what the client was told of is lost");
    assert!(broken(&timeline).contains(&"I6") && broken(&timeline).contains(&"I5"), "{:?}", broken(&timeline));
}

/// Goal: one lying disk of three breaks nothing as long as its server keeps power, even if its program is killed; when it
/// loses power, what its server promised is broken; and when it stopped lying before, nothing is.
#[test]
fn a_lying_disk_breaks_promises_only_when_the_power_fails() {
    for (loses_power, is_cured, is_broken) in [(false, false, false), (true, false, true), (true, true, false)] {
        let mut timeline = led(steady(3));
        act(&mut timeline, r#"{ "type": "setDiskLies", "server": 2, "on": true }"#);
        (0..5).for_each(|value| write(&mut timeline, value));
        wait(&mut timeline, 300);
        assert_eq!(broken(&timeline), [""; 0]);
        if is_cured {
            act(&mut timeline, r#"{ "type": "setDiskLies", "server": 2, "on": false }"#);
        }
        act(&mut timeline, &format!(r#"{{ "type": "crash", "server": 2, "loseUnsynced": {loses_power} }}"#));
        assert_eq!(last_durable(&timeline, 2), if is_broken { 1 } else { 6 });
        act(&mut timeline, r#"{ "type": "restart", "server": 2 }"#);
        wait(&mut timeline, 500);
        assert_eq!(!broken(&timeline).is_empty(), is_broken, "{:?}", broken(&timeline));
    }
}

/// Goal: each sync takes a time of its own from the range that is given, the same in every run.
#[test]
fn a_disk_takes_a_time_from_its_range() {
    let run = || {
        let disk = DiskConfig { latency_ms: ms(5), max_latency_ms: Some(ms(25)) };
        let mut timeline = led(ClusterConfig { disk, ..steady(4) });
        for value in 0..40 {
            write(&mut timeline, value);
            wait(&mut timeline, 40);
        }
        let mut started = None;
        let mut spans = Vec::new();
        for (_, event) in timeline.events(EventId(0), usize::MAX).filter(|(_, event)| event.server() == Some(NodeId(1)))
        {
            match event.kind {
                EventKind::WriteStarted(_) => started = Some(event.time),
                EventKind::WriteDurable(_) => spans.push(event.time.since(started.take().unwrap())),
                _ => {}
            }
        }
        spans
    };
    let spans = run();
    assert!(spans.len() >= 40 && spans.iter().all(|span| (ms(5)..=ms(25)).contains(span)));
    assert!(spans.iter().min() < Some(&ms(8)) && spans.iter().max() > Some(&ms(22)), "{spans:?}");
    assert_eq!(spans, run());
}

/// Goal: a follower whose clock jumps forward campaigns at once; one whose clock is set back waits for that much longer.
#[test]
fn clocks_jump() {
    let campaign = |jump: i64| {
        let mut timeline = led(steady(5));
        act(&mut timeline, r#"{ "type": "crash", "server": 1 }"#);
        act(&mut timeline, r#"{ "type": "crash", "server": 3 }"#);
        act(&mut timeline, &format!(r#"{{ "type": "jumpClock", "server": 2, "ms": {jump} }}"#));
        let before = timeline.shown();
        wait(&mut timeline, 5_000);
        let fired = |kind: &EventKind| matches!(kind, EventKind::Node(raft_core::Event::ElectionTimeout));
        let mut events = timeline.events(EventId(0), usize::MAX).filter(|(_, event)| event.server() == Some(NodeId(2)));
        events.find(|(_, event)| fired(&event.kind)).unwrap().1.time.since(before)
    };
    let normal = campaign(0);
    assert_eq!((campaign(300), campaign(-1_000)), (Time(0), normal.after(ms(1_000))));
}

/// Goal: a lease that allows for no drift is as good as its clock: with an exact one a leader that was cut off and replaced
/// refuses a read, with one that is slow or was set back it answers with an old value, and the checker says so.
#[test]
fn leases_depend_on_clocks() {
    for (fault, is_stale) in [
        (r#"{ "type": "note", "text": "the clock is exact" }"#, false),
        (r#"{ "type": "setClockRate", "server": 1, "permille": 20 }"#, true),
        (r#"{ "type": "jumpClock", "server": 1, "ms": -2000 }"#, true),
    ] {
        let options = OptionsConfig { lease_drift_permille: Some(0), ..OptionsConfig::default() };
        let mut timeline = led(ClusterConfig { options, ..steady(6) });
        write(&mut timeline, 1);
        wait(&mut timeline, 100);
        act(&mut timeline, fault);
        act(&mut timeline, r#"{ "type": "partition", "groups": [[1], [2, 3]] }"#);
        wait(&mut timeline, 800);
        let other = timeline.world().leader().unwrap().id();
        assert_ne!(other, NodeId(1));
        let write =
            Action::ClientWrite { client: "w".into(), key: "k".into(), value: "2".into(), server: Some(other.0) };
        timeline.act(&write).unwrap();
        wait(&mut timeline, 100);
        let read = Action::ClientRead { client: "r".into(), key: "k".into(), server: Some(1), mode: ReadName::Lease };
        timeline.act(&read).unwrap();
        let answer = timeline.world().operations().last().unwrap().answer();
        assert_eq!(answer.and_then(|(_, value)| value), is_stale.then_some("1"), "{fault}");
        assert_eq!(broken(&timeline).is_empty(), !is_stale, "{fault}: {:?}", broken(&timeline));
    }
}

/// Goal: what travels over a held link arrives when that is released, in its order, and not before; the other direction works.
#[test]
fn a_held_link_keeps_its_messages() {
    let mut timeline = led(steady(7));
    act(&mut timeline, r#"{ "type": "holdLink", "a": 1, "b": 2, "oneWay": true }"#);
    (0..3).for_each(|value| write(&mut timeline, value));
    wait(&mut timeline, 60);
    assert_eq!((last_durable(&timeline, 2), last_durable(&timeline, 3)), (1, 4));
    let link = timeline.world().link(NodeId(1), NodeId(2));
    assert!(link.held.as_ref().is_some_and(|held| held.len() >= 3));
    assert_eq!(timeline.world().link(NodeId(2), NodeId(1)).held, None);
    let kept = link.held.clone().unwrap();
    // By hand means no matter what.
    timeline.act(&Action::Deliver { message: MessageSelector::Id(kept[0].0.into()) }).unwrap();
    assert_eq!(last_durable(&timeline, 2), 2);
    let before = timeline.world().steps();
    act(&mut timeline, r#"{ "type": "releaseLink", "a": 1, "b": 2, "oneWay": true }"#);
    wait(&mut timeline, 0);
    assert_eq!(last_durable(&timeline, 2), 4);
    let arrived: Vec<_> = timeline
        .events(EventId(0), usize::MAX)
        .filter(|(_, event)| event.step > before && event.server() == Some(NodeId(2)))
        .filter_map(|(_, event)| match event.kind {
            EventKind::Delivered(envelope) => Some(envelope.message),
            _ => None,
        })
        .collect();
    assert_eq!(arrived, kept[1..]);
    assert_eq!(timeline.world().link(NodeId(1), NodeId(2)).held, None);
}

/// Goal: a flapping link is cut for as long as it is told and works for as long as it is told, in the direction that is
/// named; mending, cutting and healing end that.
#[test]
fn a_flapping_link_breaks_and_recovers() {
    for (end, is_cut) in [
        (r#"{ "type": "mend", "a": 1, "b": 2 }"#, false),
        (r#"{ "type": "cut", "a": 1, "b": 2 }"#, true),
        (r#"{ "type": "heal" }"#, false),
    ] {
        let mut timeline = led(steady(8));
        act(&mut timeline, r#"{ "type": "flap", "a": 1, "b": 2, "upMs": 30, "downMs": 70, "oneWay": true }"#);
        let mut pattern = Vec::new();
        for _ in 0..20 {
            wait(&mut timeline, 5);
            pattern.push(timeline.world().link(NodeId(1), NodeId(2)).is_cut);
            assert!(!timeline.world().link(NodeId(2), NodeId(1)).is_cut);
            wait(&mut timeline, 5);
        }
        let expected: Vec<_> = (0..20).map(|i| i % 10 >= 3).collect();
        assert_eq!(pattern, expected);
        let lost = |kind: &EventKind| matches!(kind, EventKind::Lost(_, raft_sim::Loss::Cut));
        assert!(count(&timeline, lost) > 0);
        let (id, _) = timeline.events(EventId(0), usize::MAX).find(|(_, e)| e.name() == "linkBroke").unwrap();
        let first = timeline.event(timeline.explain(id).unwrap()[0]).unwrap();
        assert!(first.sentence(timeline.world()).contains("again and again"));
        act(&mut timeline, end);
        let changes = |timeline: &Timeline| {
            count(timeline, |kind| matches!(kind, EventKind::LinkBroke(_) | EventKind::LinkRecovered(_)))
        };
        let before = changes(&timeline);
        wait(&mut timeline, 200);
        assert_eq!((changes(&timeline), timeline.world().link(NodeId(1), NodeId(2)).is_cut), (before, is_cut), "{end}");
    }
}

/// Goal: latency, loss and duplication can be set for one direction of a link alone.
#[test]
fn links_have_directions() {
    let run = |action: &str| {
        let mut timeline = led(steady(9));
        act(&mut timeline, action);
        let from = timeline.world().events();
        wait(&mut timeline, 500);
        let tally = |kind: fn(&EventKind) -> Option<(NodeId, NodeId)>| {
            let mut links: Vec<_> =
                timeline.events(EventId(from), usize::MAX).filter_map(|(_, event)| kind(&event.kind)).collect();
            links.sort_unstable();
            links.dedup();
            links
        };
        let lost = tally(|kind| match kind {
            EventKind::Lost(envelope, _) => Some((envelope.from, envelope.to)),
            _ => None,
        });
        let doubled = tally(|kind| match kind {
            EventKind::Duplicated(envelope) => Some((envelope.from, envelope.to)),
            _ => None,
        });
        let slow: Vec<_> = timeline
            .world()
            .messages()
            .iter()
            .filter(|m| m.arrives_at.is_some_and(|at| at.since(m.sent_at) > ms(100)))
            .map(|m| (m.message.from, m.message.to))
            .collect();
        (lost, doubled, slow.first().copied())
    };
    let (there, back) = ((NodeId(1), NodeId(2)), (NodeId(2), NodeId(1)));
    let (lost, doubled, slow) = run(r#"{ "type": "setLoss", "a": 1, "b": 2, "permille": 1000, "oneWay": true }"#);
    assert_eq!((lost, doubled, slow), (vec![there], vec![], None));
    let (lost, doubled, slow) =
        run(r#"{ "type": "setDuplication", "a": 2, "b": 1, "permille": 1000, "oneWay": true }"#);
    assert_eq!((lost, doubled, slow), (vec![], vec![back], None));
    let (_, doubled, _) = run(r#"{ "type": "setDuplication", "a": 2, "b": 1, "permille": 1000 }"#);
    assert_eq!(doubled, [there, back]);
    let (lost, doubled, slow) =
        run(r#"{ "type": "setLatency", "a": 1, "b": 2, "minMs": 900, "maxMs": 900, "oneWay": true }"#);
    assert_eq!((lost, doubled, slow), (vec![], vec![], Some(there)));
}

/// Goal: a slow state machine applies its entries one after the other, each in its time; answers wait for it, the backlog can
/// be seen, a pause makes it wait, and a crash takes the backlog, which the log brings back.
#[test]
fn a_slow_state_machine_is_behind() {
    let mut timeline = led(steady(10));
    act(&mut timeline, r#"{ "type": "setApplyLatency", "server": 1, "ms": 40 }"#);
    (0..3).for_each(|value| write(&mut timeline, value));
    let answered = |timeline: &Timeline| timeline.world().operations().iter().filter(|o| o.returned.is_some()).count();
    // They are committed after 20 ms, and applied after 60, 100 and 140.
    let mut seen = Vec::new();
    for _ in 0..4 {
        wait(&mut timeline, 30);
        seen.push((server(&timeline, 1).unapplied(), answered(&timeline)));
    }
    assert_eq!(seen, [(3, 0), (2, 1), (2, 1), (1, 2)]);
    let read = Action::ClientRead { client: "r".into(), key: "k".into(), server: Some(1), mode: ReadName::ReadIndex };
    timeline.act(&read).unwrap();
    act(&mut timeline, r#"{ "type": "pause", "server": 1 }"#);
    wait(&mut timeline, 60);
    assert_eq!((server(&timeline, 1).unapplied(), answered(&timeline)), (1, 2));
    act(&mut timeline, r#"{ "type": "resume", "server": 1 }"#);
    wait(&mut timeline, 40);
    assert_eq!((server(&timeline, 1).unapplied(), answered(&timeline)), (0, 4));
    let last = timeline.world().operations().last().unwrap();
    assert_eq!(last.answer().unwrap().1, Some("2"), "a read waits for what is committed");
    (3..6).for_each(|value| write(&mut timeline, value));
    wait(&mut timeline, 30);
    assert_eq!(server(&timeline, 1).unapplied(), 3);
    act(&mut timeline, r#"{ "type": "crash", "server": 1 }"#);
    act(&mut timeline, r#"{ "type": "restart", "server": 1 }"#);
    wait(&mut timeline, 2_000);
    assert_eq!(server(&timeline, 1).state().collect::<Vec<_>>(), [("k", "5")]);
    assert_eq!(broken(&timeline), [""; 0]);
}

/// Goal: a slow state machine goes together with snapshots: its own, and one that it takes over while entries wait.
#[test]
fn a_slow_state_machine_takes_snapshots() {
    let options = OptionsConfig { compact_every: Some(4), ..OptionsConfig::default() };
    let mut timeline = led(ClusterConfig { options, ..steady(11) });
    act(&mut timeline, r#"{ "type": "setApplyLatency", "server": 2, "ms": 80 }"#);
    act(&mut timeline, r#"{ "type": "setApplyLatency", "server": 3, "ms": 15 }"#);
    for value in 0..20 {
        write(&mut timeline, value);
        wait(&mut timeline, 20);
    }
    assert!(server(&timeline, 2).unapplied() > 10);
    act(&mut timeline, r#"{ "type": "cut", "a": 1, "b": 2 }"#);
    for value in 20..40 {
        write(&mut timeline, value);
        wait(&mut timeline, 20);
    }
    act(&mut timeline, r#"{ "type": "mend", "a": 1, "b": 2 }"#);
    wait(&mut timeline, 1_000);
    assert!(count(&timeline, |kind| matches!(kind, EventKind::Restored(_))) > 0);
    wait(&mut timeline, 3_000);
    for id in 1..=3 {
        assert_eq!(server(&timeline, id).state().collect::<Vec<_>>(), [("k", "39")], "S{id}");
    }
    assert_eq!((timeline.world().audit(), broken(&timeline)), (Ok(()), vec![]));
}

/// Goal: healing undoes every fault that lasts, so that all servers agree again soon; and a run with all of them is the same
/// from any moment to which time travels.
#[test]
fn every_fault_heals_and_can_be_visited_again() {
    let faults = [
        r#"{ "type": "setDiskLatency", "server": 1, "ms": 5, "maxMs": 60 }"#,
        r#"{ "type": "setDiskLies", "server": 2, "on": true }"#,
        r#"{ "type": "setApplyLatency", "server": 3, "ms": 300 }"#,
        r#"{ "type": "jumpClock", "server": 2, "ms": -60000 }"#,
        r#"{ "type": "jumpClock", "server": 2, "ms": -60000 }"#,
        r#"{ "type": "jumpClock", "server": 3, "ms": 700 }"#,
        r#"{ "type": "holdLink", "a": 1, "b": 3 }"#,
        r#"{ "type": "flap", "a": 1, "b": 2, "upMs": 3, "downMs": 50 }"#,
        r#"{ "type": "setDuplication", "permille": 300 }"#,
        r#"{ "type": "setLatency", "a": 3, "b": 2, "minMs": 100, "maxMs": 200, "oneWay": true }"#,
        r#"{ "type": "tear", "server": 1, "entries": 1 }"#,
    ];
    let mut timeline = led(steady(12));
    let mut hashes = vec![];
    for fault in faults {
        act(&mut timeline, fault);
        write(&mut timeline, 1);
        wait(&mut timeline, 100);
        hashes.push((timeline.world().steps(), timeline.world().state_hash()));
    }
    let spread: std::collections::BTreeSet<_> = hashes.iter().map(|(_, hash)| hash).collect();
    assert_eq!(spread.len(), hashes.len());
    for action in Chaos::healing(timeline.world()) {
        // Some may be refused, such as the release of a message that has just arrived.
        let _ = timeline.act(&action);
    }
    for at in timeline.world().servers() {
        assert_eq!((at.disk_latency(), at.disk_lies(), at.apply_latency()), ((Time(0), Time(0)), false, Time(0)));
        assert_eq!(at.clock_behind(timeline.world().now()), Time(0));
    }
    for (a, b) in [(1, 2), (2, 1), (1, 3), (3, 1)].map(|(a, b)| (NodeId(a), NodeId(b))) {
        let link = timeline.world().link(a, b);
        assert!(!link.is_cut && link.flap.is_none() && link.held.is_none() && link.duplicate_permille == Some(0));
    }
    wait(&mut timeline, 3_000);
    write(&mut timeline, 2);
    wait(&mut timeline, 1_000);
    for id in 1..=3 {
        assert_eq!(server(&timeline, id).state().collect::<Vec<_>>(), [("k", "2")], "S{id}");
    }
    for (step, hash) in hashes.into_iter().rev() {
        timeline.seek(step).unwrap();
        assert_eq!(timeline.world().state_hash(), hash);
    }
    let copy = Timeline::replay(&timeline.record()).unwrap();
    assert_eq!(copy.branch().event_count(), timeline.branch().event_count());
    assert!(count(&copy, |kind| matches!(kind, EventKind::Sent(e) if e.kind == MessageKind::AppendEntries)) > 0);
}
