//! Bad documents are refused with the JSON path of what is wrong, and limits hold.

use raft_sim::{Action, Breaks, Condition, ErrorCode, Recording, RuleName, Scenario, SimError, Timeline, limits};
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

fn variant(id: &str) -> Value {
    json!({ "id": id, "title": { "en": "Again" } })
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
        ("/breaks", json!("H1"), ErrorCode::InvalidScenario, "breaks"),
        ("/breaks", json!(["I4"]), ErrorCode::InvalidScenario, "breaks"),
        ("/variants", json!({}), ErrorCode::InvalidScenario, "variants"),
        ("/variants", json!([{ "id": "a" }]), ErrorCode::InvalidScenario, "variants[0].title"),
        ("/variants", json!([variant("A b")]), ErrorCode::InvalidScenario, "variants[0].id"),
        ("/variants", json!([variant("a"), variant("a")]), ErrorCode::InvalidScenario, "variants[1].id"),
        (
            "/variants",
            json!([{ "id": "a", "title": { "en": "A" }, "cluster": { "servers": 26 } }]),
            ErrorCode::TooManyServers,
            "variants[0].cluster.servers",
        ),
        (
            "/variants",
            json!([{ "id": "a", "title": { "en": "A" }, "cluster": { "network": { "latencyMs": 5 } } }]),
            ErrorCode::InvalidScenario,
            "variants[0].cluster.network.latencyMs",
        ),
        (
            "/variants",
            json!([{ "id": "a", "title": { "en": "A" }, "cluster": null, "script": [{ "afterMs": -1 }] }]),
            ErrorCode::InvalidScenario,
            "variants[0].script[0].afterMs",
        ),
        (
            "/variants",
            json!([{ "id": "a", "title": { "en": "A" }, "expect": [{ "type": "durable", "server": 9, "index": 1 }] }]),
            ErrorCode::UnknownServer,
            "variants[0].script[2].expect",
        ),
        (
            "/script/1/meanwhile",
            json!({ "type": "status", "server": 4, "status": "up" }),
            ErrorCode::UnknownServer,
            "script[1].meanwhile",
        ),
        (
            "/script/1/expect",
            json!({ "type": "operation", "client": "a", "outcome": "lost" }),
            ErrorCode::InvalidScenario,
            "script[1].expect.outcome",
        ),
        (
            "/script/1/expect",
            json!({ "type": "violation", "invariant": "C1" }),
            ErrorCode::InvalidScenario,
            "script[1].expect",
        ),
        ("/script/1/expect", json!({ "type": "lapse", "habit": "I1" }), ErrorCode::InvalidScenario, "script[1].expect"),
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

/// Goal: every condition is written as it is read, says something in words, and holds exactly when it should.
#[test]
fn conditions_hold_when_they_should() {
    // S1 leads term 1; S2 has everything, S3 is cut off with an empty log, and S4 is crashed.
    let mut document = good();
    document["cluster"] = json!({
        "servers": 4,
        "seed": 1,
        "options": { "electionTimeoutMs": [1_000, 1_000] },
        "network": { "latencyMs": [10, 10] },
    });
    document["script"] = json!([
        { "do": { "type": "partition", "groups": [[1, 2, 4], [3]] } },
        { "do": { "type": "timeout", "server": 1 } },
        { "when": { "type": "leader" }, "do": { "type": "clientWrite", "client": "a", "key": "x", "value": "1" } },
        { "afterMs": 100, "do": { "type": "crash", "server": 4 } },
        { "do": { "type": "clientWrite", "client": "a", "key": "x", "value": "2" } },
        { "do": { "type": "clientRead", "client": "b", "key": "x", "server": 2 } },
        { "afterMs": 15 },
    ]);
    let mut timeline = Timeline::new(parse(&document).unwrap()).unwrap();
    assert!(timeline.run_script(10_000));
    let table = [
        (json!({ "type": "roles", "role": "leader" }), true),
        (json!({ "type": "roles", "role": "leader", "atLeast": 2 }), false),
        (json!({ "type": "roles", "role": "candidate", "atMost": 0 }), true),
        (json!({ "type": "roles", "role": "follower", "atLeast": 2, "atMost": 2 }), true),
        (json!({ "type": "status", "server": 4, "status": "crashed" }), true),
        (json!({ "type": "status", "server": 4, "status": "up" }), false),
        (json!({ "type": "status", "server": 3, "status": "up" }), true),
        (json!({ "type": "voted", "server": 2, "candidate": 1 }), true),
        (json!({ "type": "voted", "server": 3 }), true),
        (json!({ "type": "voted", "server": 4, "candidate": 1 }), false),
        (json!({ "type": "entry", "server": 2, "command": "x=1" }), true),
        (json!({ "type": "entry", "server": 2, "index": 2, "term": 1, "command": "x=1" }), true),
        (json!({ "type": "entry", "server": 2, "index": 1, "command": "x=1" }), false),
        (json!({ "type": "entry", "server": 3 }), false),
        (json!({ "type": "durable", "server": 4, "index": 2 }), true),
        (json!({ "type": "durable", "server": 4, "index": 3 }), false),
        (json!({ "type": "unsynced", "server": 1, "atMost": 0 }), true),
        (json!({ "type": "unsynced", "server": 1 }), false),
        (json!({ "type": "behind", "server": 3, "atLeast": 3, "atMost": 3 }), true),
        (json!({ "type": "behind", "server": 1 }), false),
        (json!({ "type": "behind", "server": 2, "atMost": 0 }), true),
        (json!({ "type": "progress", "leader": 1, "follower": 2, "matchIndex": 2, "nextIndex": 4 }), true),
        (json!({ "type": "progress", "leader": 1, "follower": 3, "matchIndex": 1 }), false),
        (json!({ "type": "progress", "leader": 2, "follower": 1 }), false),
        (json!({ "type": "agree", "servers": [1, 2] }), true),
        (json!({ "type": "agree", "servers": [1, 3] }), false),
        (json!({ "type": "agree", "servers": [1, 4] }), false),
        (json!({ "type": "agree" }), false),
        (json!({ "type": "operation", "client": "a", "number": 1, "outcome": "ok" }), true),
        (json!({ "type": "operation", "client": "a", "outcome": "pending" }), true),
        (json!({ "type": "operation", "client": "a", "number": 3, "outcome": "pending" }), false),
        (json!({ "type": "operation", "client": "b", "outcome": "fail" }), false),
        (json!({ "type": "operations", "outcome": "ok", "atLeast": 1, "atMost": 1 }), true),
        (json!({ "type": "operations", "client": "a", "outcome": "unknown" }), false),
        (json!({ "type": "message", "kind": "AppendEntriesReply", "from": 2, "to": 1, "atLeast": 1 }), true),
        (json!({ "type": "message", "kind": "AppendEntriesReply", "from": 2, "atLeast": 9 }), false),
        (json!({ "type": "message", "kind": "RequestVote", "atMost": 0 }), true),
        (json!({ "type": "lapse" }), false),
        (json!({ "type": "lapse", "habit": "C2" }), false),
    ];
    for (written, holds) in table {
        let condition = Condition::parse(&written.to_string()).unwrap();
        assert_eq!(serde_json::to_value(&condition).unwrap(), written, "{condition}");
        assert!(!condition.to_string().is_empty());
        assert_eq!(condition.holds(timeline.world()), holds, "{condition}");
    }
}

/// Goal: what must be true all the while ends the script when it is not, and is a kept expectation when it was.
#[test]
fn a_line_watches_while_it_waits() {
    let run = |patience: u64| {
        let mut document = good();
        document["script"] = json!([
            { "do": { "type": "timeout", "server": 1 } },
            { "when": { "type": "leader", "server": 1 }, "do": { "type": "partition", "groups": [] } },
            { "afterMs": patience, "meanwhile": { "type": "leader", "server": 1 } },
            { "do": { "type": "note", "text": "still there" } },
        ]);
        let mut timeline = Timeline::new(parse(&document).unwrap()).unwrap();
        assert!(timeline.run_script(10_000));
        let results = timeline.world().script().results().to_vec();
        (results, timeline.scenario().problems(timeline.world()))
    };
    // A leader that reaches nobody holds on for the shortest election timeout.
    let (results, problems) = run(100);
    assert!(results.len() == 1 && results[0].held && problems.is_empty(), "{problems:?}");
    let (results, problems) = run(1_000);
    assert!(results.len() == 1 && !results[0].held && results[0].line == 2);
    assert_eq!(problems, ["line 2: what must be true all the while was not"]);
}

/// Goal: a variant is the scenario with its changes and nothing else; the runs of an experiment are all of them, with and
/// without the rule.
#[test]
fn variants_are_scenarios_of_their_own() {
    let mut document = good();
    document["rule"] = json!("majority");
    document["breaks"] = json!("I5");
    document["cluster"]["network"] = json!({ "latencyMs": [5, 9], "lossPermille": 10 });
    document["variants"] = json!([
        { "id": "same", "title": { "en": "The same" }, "expect": [{ "type": "converged" }] },
        {
            "id": "five",
            "title": { "en": "Five" },
            "rule": "preVote",
            "breaks": "C2",
            "cluster": { "servers": 5, "seed": null, "network": { "lossPermille": null, "manual": true } },
            "script": [{ "do": { "type": "crash", "server": 5 } }],
            "expectOff": [{ "type": "lapse" }],
        },
    ]);
    let scenario = parse(&document).unwrap();
    assert_eq!(
        serde_json::to_value(&scenario).unwrap()["variants"],
        document["variants"],
        "it is written as it is read"
    );

    let same = scenario.variant("same").unwrap();
    assert_eq!((&same.cluster, same.rule, same.variants.len()), (&scenario.cluster, scenario.rule, 0));
    assert_eq!(same.script[..2], scenario.script[..]);
    assert_eq!(same.script[2].expect, Some(Condition::Converged));
    let five = scenario.variant("five").unwrap();
    assert_eq!((five.cluster.servers, five.cluster.seed), (5, None));
    assert_eq!((five.cluster.network.loss_permille, five.cluster.network.manual), (0, true));
    assert_eq!(five.cluster.network.latency_ms, scenario.cluster.network.latency_ms);
    assert_eq!((five.rule.map(RuleName::name), five.breaks.map(Breaks::id)), (Some("pre-vote"), Some("C2")));
    assert_eq!(five.script.len(), 2);
    assert_eq!(scenario.variant("six").unwrap_err().path.as_deref(), Some("variants"));

    let names: Vec<_> = scenario.runs().map(|run| run.name).collect();
    let expected = ["good", "good/same", "good/five"];
    let expected = expected.iter().flat_map(|name| ["with", "without"].map(|rule| format!("{name}/{rule}-rule")));
    assert_eq!(names, expected.collect::<Vec<_>>());
    let off: Vec<Vec<_>> =
        scenario.runs().map(|run| run.scenario.cluster.rules().off().map(RuleName::name).collect()).collect();
    assert_eq!(off, [vec![], vec!["majority"], vec![], vec!["majority"], vec![], vec!["pre-vote"]]);
}

/// Goal: the verdict on a run notices whatever is not as the scenario says.
#[test]
fn a_verdict_misses_nothing() {
    let problems = |change: &dyn Fn(&mut Value), without_rule: bool| {
        let mut document = good();
        document["rule"] = json!("majority");
        change(&mut document);
        let scenario = parse(&document).unwrap();
        let scenario = if without_rule { scenario.without_rule() } else { scenario };
        let mut timeline = Timeline::new(scenario).unwrap();
        timeline.run_script(10_000);
        timeline.scenario().problems(timeline.world()).join("; ")
    };
    let breaks = |name: &'static str| move |document: &mut Value| document["breaks"] = json!(name);
    assert_eq!(problems(&breaks("I5"), false), "");
    assert_eq!(problems(&|_| {}, true), "the scenario does not say what breaks without the rule");
    for name in ["I5", "L1", "C2", "expectation"] {
        assert_eq!(problems(&breaks(name), true), format!("{name} is not broken without the rule"));
    }
    let crash_all = |document: &mut Value| {
        document["breaks"] = json!("L1");
        let crash = |server| json!({ "do": { "type": "crash", "server": server } });
        document["script"] = json!([crash(1), crash(2), crash(3)]);
    };
    assert_eq!(problems(&crash_all, false), "L1 is broken in spite of the rule");
    assert_eq!(problems(&crash_all, true), "");
    let wrong = |document: &mut Value| document["script"][1]["expect"] = json!({ "type": "violation" });
    assert_eq!(problems(&wrong, false), "line 1: an invariant is violated");
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
