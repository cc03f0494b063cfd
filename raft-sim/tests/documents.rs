//! Bad documents are refused with the JSON path of what is wrong, and limits hold.

#![allow(clippy::unwrap_used, reason = "what fails here is the point")]

use raft_sim::{Action, ErrorCode, Recording, Scenario, SimError, Timeline, limits};
use serde_json::{Value, json};

fn good() -> Value {
    json!({
        "version": 1,
        "id": "good",
        "title": { "en": "Good" },
        "cluster": { "servers": 3, "seed": 1 },
        "script": [
            { "atMs": 10, "do": { "type": "timeout", "server": 1 } },
            { "when": { "type": "leader" }, "expect": { "type": "not", "condition": { "type": "violation" } } },
        ],
    })
}

fn parse(document: &Value) -> Result<Scenario, SimError> {
    Scenario::parse(&document.to_string())
}

/// Goal: each mistake in a scenario is refused with its code and the path where it stands.
#[test]
fn bad_scenarios_name_the_path() {
    parse(&good()).unwrap();
    let deep = (0..20).fold(json!({ "type": "converged" }), |inner, _| json!({ "type": "not", "condition": inner }));
    let table = [
        ("/version", json!(2), ErrorCode::UnsupportedVersion, "version"),
        ("/version", json!("1"), ErrorCode::InvalidScenario, "version"),
        ("/id", json!(7), ErrorCode::InvalidScenario, "id"),
        ("/title", json!({}), ErrorCode::InvalidScenario, "title.en"),
        ("/cluster/servers", json!(0), ErrorCode::TooManyServers, "cluster.servers"),
        ("/cluster/servers", json!(26), ErrorCode::TooManyServers, "cluster.servers"),
        ("/cluster/servers", json!(2.5), ErrorCode::InvalidScenario, "cluster.servers"),
        ("/cluster/seed", json!(-1), ErrorCode::InvalidScenario, "cluster.seed"),
        ("/cluster/rules", json!({ "noSuchRule": true }), ErrorCode::UnknownRule, "cluster.rules"),
        ("/cluster/network", json!({ "latencyMs": [9, 3] }), ErrorCode::OutOfRange, "cluster.network.latencyMs"),
        ("/cluster/network", json!({ "lossPermille": 1001 }), ErrorCode::OutOfRange, "cluster.network.lossPermille"),
        ("/cluster/options", json!({ "heartbeatMs": 0 }), ErrorCode::OutOfRange, "cluster.options"),
        ("/cluster/spares", json!(23), ErrorCode::TooManyServers, "cluster.spares"),
        ("/cluster/options", json!({ "compactEvery": 0 }), ErrorCode::OutOfRange, "cluster.options.compactEvery"),
        ("/cluster/options", json!({ "leaseDriftPermille": 1001 }), ErrorCode::OutOfRange, "cluster.options"),
        ("/cluster/clients", json!({ "latencyMs": [9, 3] }), ErrorCode::OutOfRange, "cluster.clients.latencyMs"),
        (
            "/cluster/clients",
            json!({ "latencyMs": [-1, 3] }),
            ErrorCode::InvalidScenario,
            "cluster.clients.latencyMs[0]",
        ),
        ("/cluster/clients", json!({ "timeoutMs": 0.5 }), ErrorCode::OutOfRange, "cluster.clients.timeoutMs"),
        ("/cluster/clients", json!({ "retries": 1001 }), ErrorCode::OutOfRange, "cluster.clients.retries"),
        ("/cluster/clients", json!({ "patience": 1 }), ErrorCode::InvalidScenario, "cluster.clients.patience"),
        ("/cluster/load", json!({ "requestsPerSecond": 1e6 }), ErrorCode::OutOfRange, "cluster.load.requestsPerSecond"),
        ("/cluster/load", json!({ "clients": 1001 }), ErrorCode::OutOfRange, "cluster.load.clients"),
        (
            "/cluster/load",
            json!({ "clients": 1, "requestsPerSecond": 1 }),
            ErrorCode::OutOfRange,
            "cluster.load.clients",
        ),
        ("/cluster/load", json!({ "operations": {} }), ErrorCode::OutOfRange, "cluster.load.operations"),
        (
            "/cluster/load",
            json!({ "operations": { "get": 1_000_001 } }),
            ErrorCode::OutOfRange,
            "cluster.load.operations",
        ),
        (
            "/cluster/load",
            json!({ "operations": { "swap": 1 } }),
            ErrorCode::InvalidScenario,
            "cluster.load.operations.swap",
        ),
        ("/cluster/load", json!({ "keys": 0 }), ErrorCode::OutOfRange, "cluster.load.keys"),
        ("/cluster/load", json!({ "readMode": "dirty" }), ErrorCode::InvalidScenario, "cluster.load.readMode"),
        ("/cluster/load", json!({ "startMs": 2, "endMs": 1 }), ErrorCode::OutOfRange, "cluster.load.endMs"),
        ("/cluster/surprise", json!(1), ErrorCode::InvalidScenario, "cluster.surprise"),
        ("/breaks", json!("I99"), ErrorCode::InvalidScenario, "breaks"),
        ("/script/0/atMs", json!(-5), ErrorCode::InvalidScenario, "script[0].atMs"),
        ("/script/0/do/type", json!("explode"), ErrorCode::InvalidScenario, "script[0].do.type"),
        ("/script/0/do/server", json!(4), ErrorCode::UnknownServer, "script[0].do.server"),
        ("/script/0/do/server", json!("1"), ErrorCode::InvalidScenario, "script[0].do.server"),
        ("/script/0/do", json!({ "type": "snapshot" }), ErrorCode::InvalidScenario, "script[0].do.server"),
        ("/script/0/do", json!({ "type": "snapshot", "server": 4 }), ErrorCode::UnknownServer, "script[0].do.server"),
        ("/script/0/do", json!({ "type": "changeMembership" }), ErrorCode::InvalidScenario, "script[0].do"),
        (
            "/script/0/do",
            json!({ "type": "changeMembership", "remove": 1, "demote": 2 }),
            ErrorCode::InvalidScenario,
            "script[0].do",
        ),
        (
            "/script/0/do",
            json!({ "type": "changeMembership", "learners": [1] }),
            ErrorCode::InvalidScenario,
            "script[0].do",
        ),
        (
            "/script/0/do",
            json!({ "type": "changeMembership", "voters": [1, "2"] }),
            ErrorCode::InvalidScenario,
            "script[0].do.voters[1]",
        ),
        (
            "/script/0/do",
            json!({ "type": "changeMembership", "voters": [1, 4] }),
            ErrorCode::UnknownServer,
            "script[0].do.voters",
        ),
        (
            "/script/0/do",
            json!({ "type": "transferLeadership", "target": 9 }),
            ErrorCode::UnknownServer,
            "script[0].do.target",
        ),
        (
            "/script/0/do",
            json!({ "type": "clientRead", "client": "a", "key": "k", "mode": "dirty" }),
            ErrorCode::InvalidScenario,
            "script[0].do.mode",
        ),
        (
            "/cluster/disk",
            json!({ "latencyMs": 9, "maxLatencyMs": 3 }),
            ErrorCode::OutOfRange,
            "cluster.disk.maxLatencyMs",
        ),
        ("/script/0/do", json!({ "type": "tear", "server": 1 }), ErrorCode::InvalidScenario, "script[0].do.entries"),
        (
            "/script/0/do",
            json!({ "type": "tear", "server": 1, "entries": -1 }),
            ErrorCode::InvalidScenario,
            "script[0].do.entries",
        ),
        (
            "/script/0/do",
            json!({ "type": "jumpClock", "server": 1, "ms": 1.5 }),
            ErrorCode::InvalidScenario,
            "script[0].do.ms",
        ),
        (
            "/script/0/do",
            json!({ "type": "jumpClock", "server": 1, "ms": -60_001 }),
            ErrorCode::OutOfRange,
            "script[0].do.ms",
        ),
        (
            "/script/0/do",
            json!({ "type": "setClockRate", "server": 1, "permille": 0 }),
            ErrorCode::OutOfRange,
            "script[0].do.permille",
        ),
        (
            "/script/0/do",
            json!({ "type": "flap", "a": 1, "b": 2, "upMs": 0.5, "downMs": 2 }),
            ErrorCode::OutOfRange,
            "script[0].do.upMs",
        ),
        (
            "/script/0/do",
            json!({ "type": "flap", "a": 1, "b": 2, "upMs": 5 }),
            ErrorCode::InvalidScenario,
            "script[0].do.downMs",
        ),
        ("/script/0/do", json!({ "type": "holdLink", "a": 1, "b": 9 }), ErrorCode::UnknownServer, "script[0].do.b"),
        (
            "/script/0/do",
            json!({ "type": "setDuplication", "permille": 1001 }),
            ErrorCode::OutOfRange,
            "script[0].do.permille",
        ),
        (
            "/script/0/do",
            json!({ "type": "setLoss", "permille": 1001 }),
            ErrorCode::OutOfRange,
            "script[0].do.permille",
        ),
        (
            "/script/0/do",
            json!({ "type": "setLatency", "minMs": 2, "maxMs": 1 }),
            ErrorCode::OutOfRange,
            "script[0].do.maxMs",
        ),
        (
            "/script/0/do",
            json!({ "type": "setDiskLatency", "server": 1, "ms": 2, "maxMs": 1 }),
            ErrorCode::OutOfRange,
            "script[0].do.maxMs",
        ),
        (
            "/script/0/do",
            json!({ "type": "setDiskLies", "server": 1, "on": "yes" }),
            ErrorCode::InvalidScenario,
            "script[0].do.on",
        ),
        (
            "/script/0/do",
            json!({ "type": "setApplyLatency", "server": 1, "ms": -1 }),
            ErrorCode::InvalidScenario,
            "script[0].do.ms",
        ),
        (
            "/script/0/do",
            json!({ "type": "clientCas", "client": "a", "key": "k", "expected": 1, "value": "2" }),
            ErrorCode::InvalidScenario,
            "script[0].do.expected",
        ),
        (
            "/script/0/do",
            json!({ "type": "clientAppend", "client": "a", "key": "k" }),
            ErrorCode::InvalidScenario,
            "script[0].do.value",
        ),
        ("/script/0/do", json!({ "type": "clientSync" }), ErrorCode::InvalidScenario, "script[0].do.client"),
        (
            "/script/0/do",
            json!({ "type": "setRule", "rule": "paxos", "on": true }),
            ErrorCode::UnknownRule,
            "script[0].do.rule",
        ),
        (
            "/script/1/expect",
            json!({ "type": "config", "server": 1 }),
            ErrorCode::InvalidScenario,
            "script[1].expect.voters",
        ),
        (
            "/script/1/expect",
            json!({ "type": "config", "server": 1, "voters": [7] }),
            ErrorCode::UnknownServer,
            "script[1].expect",
        ),
        ("/script/1/when/server", json!(9), ErrorCode::UnknownServer, "script[1].when"),
        ("/script/1/expect", deep, ErrorCode::InvalidScenario, "script[1].expect"),
    ];
    let mut wrong = Vec::new();
    for (pointer, value, code, path) in table {
        let mut document = good();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(key.into(), value.clone());
        match parse(&document) {
            Err(error) if error.code == code && error.path.as_deref() == Some(path) && !error.message.is_empty() => {}
            other => wrong.push(format!("{pointer} = {value}: wanted {code:?} at {path}, got {:?}", other.err())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Goal: what can be asked of a cluster is written as it is read, for every form that it can have.
#[test]
fn actions_are_read_as_they_are_written() {
    let table = [
        json!({ "type": "snapshot", "server": 2 }),
        json!({ "type": "changeMembership", "addLearner": 4 }),
        json!({ "type": "changeMembership", "server": 1, "addVoter": 4 }),
        json!({ "type": "changeMembership", "demote": 4 }),
        json!({ "type": "changeMembership", "remove": 4 }),
        json!({ "type": "changeMembership", "voters": [1, 2], "learners": [3] }),
        json!({ "type": "changeMembership", "voters": [1, 2] }),
        json!({ "type": "transferLeadership", "server": 1, "target": 3 }),
        json!({ "type": "clientRead", "client": "a", "key": "k", "server": 2, "mode": "lease" }),
        json!({ "type": "clientRead", "client": "a", "key": "k", "mode": "local" }),
        json!({ "type": "clientRead", "client": "a", "key": "k", "mode": "session" }),
        json!({ "type": "clientAppend", "client": "a", "key": "k", "value": "1" }),
        json!({ "type": "clientCas", "client": "a", "key": "k", "value": "1" }),
        json!({ "type": "clientCas", "client": "a", "key": "k", "expected": "", "value": "1", "server": 2 }),
        json!({ "type": "clientDelete", "client": "a", "key": "k" }),
        json!({ "type": "clientSync", "client": "a" }),
        json!({ "type": "clientSync", "client": "a", "server": 2 }),
        json!({ "type": "clientRetry", "client": "a" }),
        json!({ "type": "clientRetry", "client": "a", "server": 3 }),
        json!({ "type": "setRule", "rule": "copyOnWrite", "on": false }),
        json!({ "type": "holdLink", "a": 1, "b": 2 }),
        json!({ "type": "releaseLink", "a": 1, "b": 2, "oneWay": true }),
        json!({ "type": "flap", "a": 1, "b": 2, "upMs": 5, "downMs": 2.5 }),
        json!({ "type": "flap", "a": 1, "b": 2, "upMs": 5, "downMs": 2, "oneWay": true }),
        json!({ "type": "tear", "server": 1, "entries": 0 }),
        json!({ "type": "jumpClock", "server": 1, "ms": -60_000 }),
        json!({ "type": "setLatency", "a": 1, "b": 2, "minMs": 1, "maxMs": 2, "oneWay": true }),
        json!({ "type": "setLatency", "minMs": 1, "maxMs": 2 }),
        json!({ "type": "setLoss", "a": 1, "b": 2, "permille": 1, "oneWay": true }),
        json!({ "type": "setDuplication", "permille": 1000 }),
        json!({ "type": "setDuplication", "a": 1, "b": 2, "permille": 0, "oneWay": true }),
        json!({ "type": "setDiskLatency", "server": 1, "ms": 5 }),
        json!({ "type": "setDiskLatency", "server": 1, "ms": 5, "maxMs": 6 }),
        json!({ "type": "setDiskLies", "server": 1, "on": true }),
        json!({ "type": "setApplyLatency", "server": 1, "ms": 5 }),
        json!({ "type": "setRule", "rule": "clientSessions", "on": false }),
    ];
    for written in table {
        let action = Action::parse(&written.to_string()).unwrap();
        assert_eq!(serde_json::to_value(&action).unwrap(), written, "{action}");
        assert!(!action.to_string().is_empty());
    }
}

/// Goal: what is said about clients is written as it is read, and a document that says nothing of them has none of it.
#[test]
fn clients_are_read_as_they_are_written() {
    let mut document = good();
    let plain = serde_json::to_value(parse(&document).unwrap()).unwrap();
    assert!(plain["cluster"].get("clients").is_none() && plain["cluster"].get("load").is_none());
    let mut whole = document["cluster"].clone();
    whole["clients"] = json!({ "latencyMs": [1, 2.5], "timeoutMs": 300, "retries": 3, "backoffMs": 10 });
    whole["load"] = json!({
        "requestsPerSecond": 0.0, "clients": 4, "thinkMs": 5, "keys": 2, "readMode": "session", "startMs": 1, "endMs": 9,
        "operations": { "get": 3, "put": 1, "append": 0, "cas": 2, "delete": 1 },
    });
    document["cluster"] = whole.clone();
    assert_eq!(serde_json::to_value(parse(&document).unwrap()).unwrap()["cluster"], whole);
}

/// Goal: what is no JSON, too long, or has too many lines is refused.
#[test]
fn documents_have_limits() {
    assert_eq!(Scenario::parse("{").unwrap_err().code, ErrorCode::InvalidScenario);
    assert_eq!(Scenario::parse("[]").unwrap_err().code, ErrorCode::InvalidScenario);
    let long = " ".repeat(limits::MAX_SCENARIO_BYTES + 1);
    assert_eq!(Scenario::parse(&long).unwrap_err().code, ErrorCode::TooLarge);
    let mut document = good();
    document["script"] = json!(vec![json!({ "afterMs": 1 }); limits::MAX_SCRIPT_STEPS + 1]);
    let error = parse(&document).unwrap_err();
    assert_eq!((error.code, error.path.as_deref()), (ErrorCode::InvalidScenario, Some("script")));
}

/// Goal: a recording of another version, or one that does not fit its run, is refused with its path.
#[test]
fn bad_recordings_name_the_path() {
    let mut timeline = Timeline::new(parse(&good()).unwrap()).unwrap();
    timeline.run_script(10_000);
    let recording = serde_json::to_value(timeline.record()).unwrap();
    let table = [
        ("/version", json!(9), ErrorCode::UnsupportedVersion, "version"),
        ("/scenario/version", json!(9), ErrorCode::UnsupportedVersion, "scenario.version"),
        ("/branches/0/parent", json!(0), ErrorCode::InvalidScenario, "branches[0].parent"),
        ("/current", json!(3), ErrorCode::UnknownMoment, "current"),
        ("/step", json!(99_999), ErrorCode::UnknownMoment, "current"),
    ];
    for (pointer, value, code, path) in table {
        let mut document = recording.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(key.into(), value);
        let error = Recording::parse(&document.to_string()).and_then(|found| Timeline::replay(&found).map(drop));
        let error = error.expect_err(pointer);
        assert_eq!((error.code, error.path.as_deref()), (code, Some(path)), "{pointer}: {error}");
    }
}
