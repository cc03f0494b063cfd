//! What other designs cannot do is refused with the path in the document.

use raft_sim::{Action, ContrastWorld, ErrorCode, Lab, Scenario, SimError, Timeline};
use serde_json::{Value, json};

fn document(design: &Value) -> Value {
    json!({
        "version": 1,
        "id": "good",
        "title": { "en": "Good" },
        "cluster": { "servers": 3, "seed": 1, "design": design },
        "script": [
            { "atMs": 10, "do": { "type": "clientWrite", "client": "a", "key": "x", "value": "1" } },
            { "afterMs": 100, "expect": { "type": "state", "server": 1, "key": "x", "value": "1" } },
        ],
    })
}

fn parse(document: &Value) -> Result<Scenario, SimError> {
    Scenario::parse(&document.to_string())
}

/// Goal: designs are read by name or as objects, and what they do not say has a default.
#[test]
fn designs_are_read() {
    for design in [json!("raft"), json!("writeAll"), json!({ "type": "asyncPrimary" }), json!({ "type": "quorum" })] {
        let scenario = parse(&document(&design)).unwrap();
        let again = parse(&serde_json::to_value(&scenario).unwrap()).unwrap();
        assert_eq!(scenario, again);
    }
    let scenario = parse(&document(&json!({ "type": "quorum", "r": 1 }))).unwrap();
    let expected = json!({ "type": "quorum", "n": 3, "r": 1, "w": 2 });
    assert_eq!(serde_json::to_value(&scenario.cluster.design).unwrap(), expected);
}

/// Goal: each mistake in a design, and each thing that a design cannot do, is refused with its code and its path.
#[test]
fn bad_designs_name_the_path() {
    let quorum = |n: u64, r: u64, w: u64| json!({ "type": "quorum", "n": n, "r": r, "w": w });
    let failover = json!({ "type": "asyncPrimary", "failoverMs": 50 });
    for (design, code, path) in [
        (quorum(3, 4, 2), ErrorCode::OutOfRange, "cluster.design.r"),
        (quorum(3, 0, 2), ErrorCode::OutOfRange, "cluster.design.r"),
        (quorum(3, 2, 0), ErrorCode::OutOfRange, "cluster.design.w"),
        (quorum(2, 2, 3), ErrorCode::OutOfRange, "cluster.design.w"),
        (quorum(4, 2, 2), ErrorCode::OutOfRange, "cluster.design.n"),
        (quorum(0, 1, 1), ErrorCode::OutOfRange, "cluster.design.n"),
        (json!({ "type": "quorum", "n": -1 }), ErrorCode::InvalidScenario, "cluster.design.n"),
        (json!({ "type": "asyncPrimary", "copyMs": 0 }), ErrorCode::OutOfRange, "cluster.design.copyMs"),
        (failover, ErrorCode::OutOfRange, "cluster.design.failoverMs"),
        (json!("paxos"), ErrorCode::InvalidScenario, "cluster.design.type"),
        (json!({ "type": "writeAll", "w": 2 }), ErrorCode::InvalidScenario, "cluster.design.w"),
        (json!(3), ErrorCode::InvalidScenario, "cluster.design"),
    ] {
        let error = parse(&document(&design)).unwrap_err();
        assert_eq!((error.code, error.path.as_deref()), (code, Some(path)), "{design}: {error}");
    }
}

/// Goal: what a document asks of servers that cannot do it is refused when it is read, and by hand when it is done.
#[test]
fn what_a_design_cannot_do_is_refused() {
    let unsupported = [
        ("/cluster/spares", json!(1), "cluster.spares"),
        ("/cluster/rules", json!({ "majority": false }), "cluster.rules"),
        ("/cluster/options", json!({ "heartbeatMs": 10 }), "cluster.options"),
        ("/cluster/disk", json!({ "latencyMs": 10 }), "cluster.disk"),
        ("/cluster/load", json!({ "requestsPerSecond": 10 }), "cluster.load"),
        ("/rule", json!("majority"), "rule"),
        ("/script/0/do", json!({ "type": "timeout", "server": 2 }), "script[0].do"),
        ("/script/0/do", json!({ "type": "snapshot", "server": 2 }), "script[0].do"),
        ("/script/0/do", json!({ "type": "setClockRate", "server": 2, "permille": 900 }), "script[0].do"),
        ("/script/0/do", json!({ "type": "drop", "message": { "kind": "AppendEntries" } }), "script[0].do"),
        ("/script/0/do", json!({ "type": "clientRead", "client": "a", "key": "x", "mode": "lease" }), "script[0].do"),
        ("/script/1/expect", json!({ "type": "violation" }), "script[1].expect"),
        (
            "/script/1/expect",
            json!({ "type": "all", "conditions": [{ "type": "not", "condition": { "type": "log", "server": 1, "terms": [] } }] }),
            "script[1].expect.conditions[0].condition",
        ),
    ];
    for (pointer, value, path) in unsupported {
        let mut document = document(&json!("writeAll"));
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[field] = value;
        let error = parse(&document).unwrap_err();
        assert_eq!((error.code, error.path.as_deref()), (ErrorCode::UnsupportedByDesign, Some(path)), "{error}");
    }
    let scenario = parse(&document(&json!("writeAll"))).unwrap();
    assert_eq!(Timeline::new(scenario.clone()).err().unwrap().code, ErrorCode::UnsupportedByDesign);
    let mut timeline: Timeline<ContrastWorld> = Timeline::begin(scenario).unwrap();
    let before = timeline.world().state_hash();
    for (action, code) in [
        (Action::Timeout { server: 2 }, ErrorCode::UnsupportedByDesign),
        (Action::Propose { server: 1, command: "x=1".into() }, ErrorCode::UnsupportedByDesign),
        (Action::Restart { server: 1 }, ErrorCode::ServerRunning),
        (Action::Crash { server: 9, lose_unsynced: true }, ErrorCode::UnknownServer),
        (Action::Cut { a: 1, b: 1, one_way: false }, ErrorCode::InvalidLink),
    ] {
        assert_eq!(timeline.act(&action).unwrap_err().code, code, "{action}");
    }
    assert_eq!(timeline.world().state_hash(), before, "a refused action changes nothing");
}

/// Goal: a run of each design is pinned, and the compiled engine is held against the same file (`www/src/contrast.test.ts`).
/// To pin them anew after a change of behaviour: `UPDATE_HASHES=1 cargo test -p raft-sim --test all pinned`.
#[test]
fn runs_are_pinned() {
    let path = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/all/contrast/pinned.json"));
    let pinned: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let found = pinned.iter().map(|run| {
        let mut lab = Lab::new(parse(&run["scenario"]).unwrap()).unwrap();
        assert!(lab.run_script(100_000));
        json!({
            "scenario": run["scenario"],
            "steps": lab.steps(),
            "traceHash": format!("{:016x}", lab.trace_hash()),
            "stateHash": format!("{:016x}", lab.state_hash()),
        })
    });
    let found: Vec<_> = found.collect();
    if std::env::var_os("UPDATE_HASHES").is_some() {
        std::fs::write(path, format!("{:#}\n", Value::from(found.clone()))).unwrap();
        return;
    }
    assert_eq!(found, pinned, "if the behaviour was meant to change, pin the runs anew");
}
