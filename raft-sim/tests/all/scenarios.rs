//! The built-in scenarios: each runs to its end as expected, with its rule and without.

use crate::parallel;
use raft_sim::{EventId, Lab, Level, RuleName, Run, Scenario, Time, Timeline};

fn all() -> Vec<Scenario> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        path.extension().is_some_and(|extension| extension == "json") && !path.ends_with("expected-hashes.json")
    });
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let scenario = Scenario::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(path.file_stem().unwrap().to_str(), Some(scenario.id.as_str()), "the file is named after its id");
        scenario
    };
    paths.iter().map(read).collect()
}

/// The rows of the curriculum that name a rule, with that rule. Each must have its experiment.
const ROWS: &[(&str, RuleName)] = &[
    ("runaway-leader", RuleName::FlowControl),
    ("forget-the-vote", RuleName::PersistVote),
    ("forget-the-term", RuleName::PersistTerm),
    ("ack-before-fsync", RuleName::PersistLog),
    ("fsync-ceiling", RuleName::GroupCommit),
    ("split-brain", RuleName::Majority),
    ("split-vote", RuleName::RandomisedTimeout),
    ("redraw-every-time", RuleName::RedrawTimeout),
    ("old-terms-are-ignored", RuleName::StepDownOnHigherTerm),
    ("rejoining-disrupts", RuleName::PreVote),
    ("isolated-leader", RuleName::CheckQuorum),
    ("one-way-link", RuleName::CheckQuorum),
    ("one-way-link", RuleName::PreVote),
    ("consistency-check", RuleName::ConsistencyCheck),
    ("fast-backup", RuleName::FastBackup),
    ("only-truncate-on-conflict", RuleName::TruncateOnConflict),
    ("election-restriction", RuleName::ElectionRestriction),
    ("figure-8", RuleName::CommitCurrentTermOnly),
    ("dirty-minority-leader", RuleName::ElectionRestriction),
    ("why-no-op", RuleName::NoOp),
    ("executed-twice", RuleName::ClientSessions),
    ("stale-read", RuleName::ReadIndex),
    ("read-before-no-op", RuleName::NoOp),
    ("zookeeper-sessions", RuleName::SessionGuarantee),
    ("copy-on-write", RuleName::CopyOnWrite),
    ("stale-snapshot", RuleName::RetainSuffix),
    ("snapshot-carries-sessions", RuleName::ClientSessions),
    ("two-majorities", RuleName::JointConsensus),
    ("one-at-a-time-bug", RuleName::NoOpBeforeConfig),
    ("catch-up-first", RuleName::CatchUpBeforeVote),
    ("removed-server-disrupts", RuleName::VoteStickiness),
];

/// The rows of the curriculum that name no rule. Each must have its experiment, too.
const ROWS_WITHOUT_RULE: &[&str] = &[
    "one-log-one-order",
    "replay-after-crash",
    "replicas-are-not-throughput",
    "persist-when-talking",
    "no-majority-no-progress",
    "two-f-plus-one",
    "quorum-overlap",
    "single-point-of-failure",
    "partition-heals",
    "first-election",
    "three-outcomes",
    "timeout-bounds",
    "higher-term-wins",
    "leaderless-costs-more",
    "normal-operation",
    "slow-follower",
    "figure-7",
    "leader-append-only",
    "indirect-commit",
    "stored-is-not-committed",
    "commit-then-crash",
    "network-blip",
    "leader-completeness-proof",
    "log-matching-proof",
    "success-failure-unknown",
    "not-the-leader",
    "read-index",
    "lease-and-clock",
    "follower-reads",
    "consistency-ladder",
    "linearizable-or-not",
    "snapshot-is-the-table",
    "compaction",
    "install-snapshot",
    "snapshot-carries-config",
    "joint-consensus",
    "one-at-a-time",
    "leader-removes-itself",
    "learners",
    "transfer-leadership",
    "write-all",
    "async-primary",
    "read-write-quorums",
];

/// Goal: so has every other row.
#[test]
fn every_other_row_of_the_curriculum_has_its_experiment() {
    let scenarios = all();
    let is_missing = |id: &&&str| scenarios.iter().all(|scenario| scenario.id != **id);
    let missing: Vec<_> = ROWS_WITHOUT_RULE.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "there are no experiments {missing:?}");
}

/// Goal: every row of the curriculum that names a rule has an experiment that runs with and without it.
#[test]
fn every_rule_of_the_curriculum_has_its_experiment() {
    let scenarios = all();
    for (id, rule) in ROWS {
        let scenario = scenarios.iter().find(|scenario| scenario.id == *id);
        let scenario = scenario.unwrap_or_else(|| panic!("there is no experiment {id}"));
        let without = scenario.runs().any(|run| run.scenario.cluster.rules().off().any(|off| off == *rule));
        assert!(without, "{id} has no run without {}", rule.name());
    }
}

fn run(scenario: Scenario) -> Timeline {
    let mut timeline = Timeline::new(scenario).unwrap();
    timeline.run_script(1_000_000);
    timeline
}

/// Goal: each experiment, with and without its rule and in all its variants, goes as it says: with the rule every expectation
/// holds and nothing is violated; without it every expectation of that run holds, and what it names is really broken.
#[test]
fn every_run_goes_as_its_scenario_says() {
    let runs: Vec<_> = all().iter().flat_map(Scenario::runs).collect();
    let wrong = parallel::over(0..runs.len() as u64, |number| {
        let Run { name, scenario } = runs[number as usize].clone();
        let mut lab = Lab::new(scenario).unwrap();
        lab.run_script(1_000_000);
        let mut problems = lab.problems();
        if lab.script().results().is_empty() {
            problems.push("nothing was expected".into());
        }
        if lab.now() > Time::of_ticks(60_000) {
            problems.push(format!("it takes {}, which nobody watches to the end", lab.now()));
        }
        // Where a promise is broken, the checker's memory and the world need not agree any more.
        if let Lab::Raft(timeline) = &lab
            && timeline.world().violations().is_empty()
        {
            problems.extend(timeline.world().audit().err());
        }
        (!problems.is_empty()).then(|| format!("{name}: {}", problems.join("; ")))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Goal: titles and questions are there in both languages.
#[test]
fn every_title_is_in_both_languages() {
    for scenario in all() {
        let titles = scenario.variants.iter().map(|variant| &variant.title).chain([&scenario.title]);
        for text in titles.chain(&scenario.question) {
            assert!(text.zh.is_some(), "{}: {}", scenario.id, text.en);
        }
    }
}

fn transcript(id: &str) -> String {
    let scenario = all().into_iter().find(|scenario| scenario.id == id).unwrap();
    let timeline = run(scenario);
    let events = timeline.events(EventId(0), usize::MAX).filter(|(_, event)| event.level() >= Level::Normal);
    let lines = events.map(|(_, event)| {
        let section = event.section().map_or_else(String::new, |section| format!(" ({section})"));
        format!("{:>12}  {}{section}", event.time.to_string(), event.sentence(timeline.world()))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Goal: the story of figure 8 reads as it should; its diffs are reviewed.
#[test]
fn the_story_of_figure_8() {
    insta::assert_snapshot!(transcript("figure-8"));
}

/// Goal: the story of the split brain reads as it should; its diffs are reviewed.
#[test]
fn the_story_of_the_split_brain() {
    insta::assert_snapshot!(transcript("split-brain"));
}
