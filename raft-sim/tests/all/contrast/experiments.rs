//! The experiments with other designs, before the judge.

use raft_sim::{Lab, Scenario};

use super::register::verdict;

const DOCUMENTS: [&str; 3] = [
    include_str!("../../../../scenarios/write-all.json"),
    include_str!("../../../../scenarios/async-primary.json"),
    include_str!("../../../../scenarios/read-write-quorums.json"),
];

/// Runs whose history no order explains, and the number of a read that stands in the way.
const ILLEGAL: [(&str, u64); 4] = [
    ("async-primary/with-rule", 2),
    ("async-primary/cut-off/with-rule", 3),
    ("read-write-quorums/r1-w1/with-rule", 2),
    ("read-write-quorums/unfinished-write/with-rule", 3),
];

/// Goal: the judge of linearizability says of each run what its text says, and names the read that shows it.
#[test]
fn the_judge_agrees_with_the_experiments() {
    let mut illegal = Vec::new();
    for run in DOCUMENTS.iter().flat_map(|json| Scenario::parse(json).unwrap().runs().collect::<Vec<_>>()) {
        let mut lab = Lab::new(run.scenario).unwrap();
        assert!(lab.run_script(100_000));
        assert_eq!(lab.problems(), [""; 0], "{}", run.name);
        let Lab::Contrast(timeline) = lab else { panic!("{} is not of Raft", run.name) };
        let verdict = verdict(timeline.world().operations().iter());
        let Some(conflict) = verdict.conflict() else {
            assert!(verdict.holds(), "{}: {verdict:?}", run.name);
            continue;
        };
        let named = ILLEGAL.iter().find(|(name, _)| *name == run.name).map(|(_, read)| *read);
        assert!(named.is_some_and(|read| conflict.operations.contains(&read)), "{}: {conflict:?}", run.name);
        illegal.push(run.name);
    }
    assert_eq!(illegal, ILLEGAL.map(|(name, _)| name));
}
