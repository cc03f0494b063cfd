//! The built-in scenarios: each runs to its end as expected, with its rule and without.

#![allow(clippy::unwrap_used, reason = "what fails here is the point")]

use raft_sim::{EventId, Level, Scenario, Timeline};

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

fn run(scenario: Scenario) -> Timeline {
    let mut timeline = Timeline::new(scenario).unwrap();
    assert!(timeline.run_script(1_000_000), "the script does not end");
    for result in timeline.world().script().results() {
        assert!(result.held, "{} line {}: {:?}", timeline.scenario().id, result.line, result.problem);
    }
    timeline.world().audit().unwrap();
    timeline
}

/// Goal: with its rule on, every expectation holds and nothing is violated.
#[test]
fn with_their_rules_all_is_well() {
    let scenarios = all();
    assert!(scenarios.len() >= 2);
    for scenario in scenarios {
        let timeline = run(scenario);
        assert!(timeline.world().violations().is_empty());
        assert!(!timeline.world().script().results().is_empty(), "a scenario expects something");
    }
}

/// Goal: with its rule off, every expectation of that run holds, and the invariant that it names is really broken.
#[test]
fn without_their_rules_they_break_what_they_say() {
    for scenario in all().into_iter().filter(|scenario| scenario.rule.is_some()) {
        let (id, breaks) = (scenario.id.clone(), scenario.breaks.clone().expect("what breaks without the rule"));
        let timeline = run(scenario.without_rule());
        let mut broken = timeline.world().violations().iter().map(|found| found.violation.invariant.id());
        assert!(broken.any(|found| found == breaks), "{id}: {breaks} is not broken");
    }
}

/// Goal: the bilingual texts are there.
#[test]
fn every_caption_is_in_both_languages() {
    for scenario in all() {
        let captions = scenario.script.iter().filter_map(|line| line.caption.as_ref());
        for text in captions.chain([&scenario.title]).chain(&scenario.question) {
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
