//! What the workshop of a page must find as well: `www/src/workshop.test.ts` reads the same numbers.

use std::path::Path;

use raft_sim::judge::{DEFAULT_BUDGET, History, Ladder, Verdict};
use raft_sim::{Explorer, ExplorerConfig};
use serde_json::{Map, Value, json};

fn pinned(part: &str) -> Value {
    let pinned: Value = serde_json::from_str(include_str!("pinned.json")).unwrap();
    pinned[part].clone()
}

/// Goal: the verdicts of histories at every level are those that are pinned.
#[test]
fn verdicts_of_histories_are_pinned() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/histories");
    for (file, expected) in pinned("histories").as_object().unwrap() {
        let history = History::parse(&std::fs::read_to_string(folder.join(file)).unwrap()).unwrap();
        let name = |verdict: &Verdict| match verdict {
            Verdict::Holds { .. } => "holds",
            Verdict::Violated(_) => "violated",
            Verdict::Exhausted { .. } => "exhausted",
        };
        let verdicts: Vec<_> = Ladder::of(&history, DEFAULT_BUDGET).iter().map(|(_, verdict)| name(verdict)).collect();
        assert_eq!(json!(verdicts), *expected, "{file}");
    }
}

/// Goal: what searches find is what is pinned.
#[test]
fn explorations_are_pinned() {
    for expected in pinned("explorations").as_array().unwrap() {
        let mut explorer = Explorer::new(ExplorerConfig::parse(&expected["config"].to_string()).unwrap()).unwrap();
        let progress = explorer.advance(usize::MAX);
        let mut found: Map<String, Value> = serde_json::from_value(json!(progress)).unwrap();
        found.insert("config".into(), expected["config"].clone());
        if let Some(way) = explorer.counterexample() {
            let ids: Vec<_> = way.invariants.iter().map(|invariant| invariant.id()).collect();
            found.extend([("steps".into(), json!(way.steps)), ("invariants".into(), json!(ids))]);
        }
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(found.get(name), Some(value), "{name} of {}", expected["config"]);
        }
    }
}
