//! What each design promises, and where it stops.

use raft_sim::contrast::{Design, missed_write};
use raft_sim::{Action, ClusterConfig, ContrastWorld, OperationId, Outcome, ReadName, Scenario, Time, Timeline};

use super::register::{is_linearizable, verdict};
use super::trouble::{Mix, run};

const CALM: Mix = Mix { faults: 0, anywhere: false, loss_permille: 0, gap: Time(25_000) };
const FAULTY: Mix = Mix { faults: 300, loss_permille: 50, ..CALM };
/// One operation after the other, on a network that loses messages.
const LOSSY: Mix = Mix { anywhere: true, loss_permille: 200, gap: Time(4_000_000), ..CALM };
const ASYNC: Design = Design::AsyncPrimary { failover_ms: Some(Time(150_000)), copy_ms: Time(50_000) };

const fn quorum(r: u64, w: u64, write_back: bool) -> Design {
    Design::Quorum { n: 5, r, w, write_back }
}

fn holds(timeline: &Timeline<ContrastWorld>) -> bool {
    is_linearizable(timeline.world().operations().iter())
}

/// How many operations of many runs ended like this.
fn count(timeline: &Timeline<ContrastWorld>, wanted: Outcome) -> usize {
    let returned = timeline.world().operations().iter().filter_map(|operation| operation.returned);
    returned.filter(|(_, outcome)| *outcome == wanted).count()
}

/// Goal: a primary that waits for everybody is linearizable for those who ask it, in 200 calm and 200 faulty runs.
#[test]
fn write_all_is_linearizable_at_the_primary() {
    let mut answered = 0;
    for (seed, mix) in (0..200).flat_map(|seed| [(seed, CALM), (seed, FAULTY)]) {
        let timeline = run(&Design::WriteAll, seed, mix);
        assert!(holds(&timeline), "seed {seed}");
        assert_eq!(timeline.world().tally().stale_reads, 0, "seed {seed}");
        answered += count(&timeline, Outcome::Ok);
    }
    assert!(answered > 5_000, "only {answered} operations were answered");
}

/// Goal: without faults an asynchronous primary is linearizable; with fail-overs it is not, and acknowledged writes are missed.
#[test]
fn async_primary_loses_acknowledged_writes_only_by_fail_over() {
    for seed in 0..200 {
        let timeline = run(&ASYNC, seed, CALM);
        assert!(holds(&timeline), "seed {seed}");
    }
    let broken: Vec<_> = (0..200).filter(|&seed| !holds(&run(&ASYNC, seed, FAULTY))).collect();
    assert!(broken.len() > 10, "only {broken:?} lost something");
}

/// Goal (Attiya, Bar-Noy and Dolev 1995): with R + W > N and write-back a register is linearizable in 200 faulty runs, at
/// whichever servers the clients ask.
#[test]
fn quorums_with_write_back_are_linearizable() {
    let mut answered = 0;
    for seed in 0..200 {
        for (r, w) in [(3, 3), (2, 4)] {
            let timeline = run(&quorum(r, w, true), seed, Mix { anywhere: true, ..FAULTY });
            assert!(holds(&timeline), "seed {seed}, R = {r}, W = {w}");
            answered += count(&timeline, Outcome::Ok);
        }
    }
    assert!(answered > 3_000, "only {answered} operations were answered");
}

/// Goal: with R + W > N alone no read misses a completed write, in 200 faulty runs; but some of the histories are not
/// linearizable, because of two readers of an unfinished write the later one may see the older value.
#[test]
fn overlapping_quorums_alone_are_not_linearizable() {
    let mut broken = Vec::new();
    for seed in 0..400 {
        let timeline = run(&quorum(3, 3, false), seed, Mix { anywhere: true, ..FAULTY });
        let world = timeline.world();
        if !holds(&timeline) {
            broken.push(seed);
        }
        assert_eq!(world.tally().stale_reads, 0, "seed {seed}");
    }
    assert!(!broken.is_empty(), "no schedule shows the difference");
}

/// Goal: operations that come one after the other never miss each other if R + W > N. If R + W ≤ N, reads miss completed writes,
/// and so do writers, which is a conflict.
#[test]
fn quorums_that_do_not_overlap_read_stale_values() {
    let tally = |design: &Design| {
        let runs = (0..100).map(|seed| run(design, seed, LOSSY).world().tally());
        runs.fold((0, 0), |(stale, conflicts), tally| (stale + tally.stale_reads, conflicts + tally.conflicts))
    };
    let (overlapping, apart) = (tally(&quorum(3, 3, false)), tally(&quorum(1, 1, false)));
    assert_eq!(overlapping.0, 0);
    assert!(apart.0 > 100 && apart.1 > 5 * overlapping.1, "{overlapping:?}, {apart:?}");
}

/// Goal: a read that a client makes of a backup's own copy is never refused and may be old; by the design's own way a backup
/// refuses.
#[test]
fn a_backup_answers_from_its_own_copy_only_if_asked_to() {
    let mut config = ClusterConfig::of(3, 1);
    config.design = ASYNC;
    let mut timeline: Timeline<ContrastWorld> = Timeline::begin(Scenario::of_cluster(config)).unwrap();
    let (client, key) = ("a".to_owned(), "x".to_owned());
    let write = Action::ClientWrite { client: client.clone(), key: key.clone(), value: "1".into(), server: None };
    timeline.act(&write).unwrap();
    timeline.advance_to(Time::of_ticks(1), usize::MAX);
    for (mode, expected) in [(ReadName::ReadIndex, Outcome::Fail), (ReadName::Local, Outcome::Ok)] {
        let read = Action::ClientRead { client: client.clone(), key: key.clone(), server: Some(2), mode };
        let id = timeline.act(&read).unwrap().operation.unwrap();
        let operation = timeline.world().operations().get(id.0 as usize).unwrap();
        assert_eq!(operation.returned.unwrap().1, expected, "{mode:?}");
    }
    // The last read was answered with nothing, although the write was answered before.
    assert_eq!(timeline.world().tally().stale_reads, 1);
    assert_eq!(missed_write(timeline.world().operations(), OperationId(2)), Some(OperationId(0)));
    let verdict = verdict(timeline.world().operations().iter());
    assert!(verdict.conflict().is_some_and(|conflict| conflict.operations.contains(&2)), "{verdict:?}");
}

/// Goal: a run is a function of its configuration, its seed and the actions, and every moment of it can be visited again.
#[test]
fn runs_are_deterministic_and_can_be_sought() {
    for design in [Design::WriteAll, ASYNC, quorum(2, 2, true)] {
        let mut timeline = run(&design, 5, Mix { anywhere: true, ..FAULTY });
        let again = run(&design, 5, Mix { anywhere: true, ..FAULTY });
        assert_eq!(timeline.world().trace_hash(), again.world().trace_hash());
        let (head, end) = (timeline.branch().head_step(), timeline.world().state_hash());
        assert_eq!(end, again.world().state_hash());
        timeline.seek(head / 2).unwrap();
        let middle = timeline.world().state_hash();
        assert_ne!(middle, end);
        timeline.seek(head).unwrap();
        assert_eq!(timeline.world().state_hash(), end);
        let recording = raft_sim::Recording::parse(&serde_json::to_string(&timeline.record()).unwrap()).unwrap();
        let mut repeated: Timeline<ContrastWorld> = Timeline::repeat(&recording).unwrap();
        assert_eq!(repeated.world().state_hash(), end);
        // What is done in the past opens a branch; the old one stays.
        repeated.seek(head / 2).unwrap();
        assert_eq!(repeated.world().state_hash(), middle);
        repeated.act(&Action::Note { text: "otherwise".into() }).unwrap();
        assert_eq!(repeated.branches().len(), 2);
        assert_eq!(repeated.branches()[0].head_step(), head);
    }
}
