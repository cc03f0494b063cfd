//! Every rule that protects safety is missed by an exhaustive search: it finds the shortest way to a broken invariant, and
//! nothing while the rule is on. `cargo test -p raft-sim --test all explorer -- --nocapture` prints the table of `docs/explorer.md`.

use raft_core::Rule;
use raft_sim::{
    Bounds, Counterexample, ErrorCode, Explorer, ExplorerConfig, ExplorerProgress, Scenario, Timeline, Verdict,
};
use serde_json::{Value, json};

/// A rule, and where a search finds what it is for.
struct Case {
    rule: Rule,
    breaks: &'static str,
    steps: usize,
    config: Value,
}

fn case(rule: Rule, breaks: &'static str, steps: usize, config: Value) -> Case {
    Case { rule, breaks, steps, config }
}

/// S1 is elected by everybody, and everything has arrived.
fn led() -> Vec<Value> {
    vec![json!({ "type": "timeout", "server": 1 }), json!({ "settle": true })]
}

fn led_and(more: &[Value]) -> Vec<Value> {
    led().into_iter().chain(more.iter().cloned()).collect()
}

fn deliver(kind: &str, from: u64, to: u64) -> Value {
    json!({ "type": "deliver", "message": { "kind": kind, "from": from, "to": to } })
}

fn timeout(server: u64) -> Value {
    json!({ "type": "timeout", "server": server })
}

/// AppendEntries that are lost, by sender and receiver.
fn lose(links: &[(u64, u64)]) -> Vec<Value> {
    let lost = |&(from, to)| json!({ "type": "drop", "message": { "kind": "AppendEntries", "from": from, "to": to } });
    links.iter().map(lost).collect()
}

/// A server wins an election by one other server's vote.
fn elect(server: u64, voter: u64) -> [Value; 3] {
    [timeout(server), deliver("RequestVote", server, voter), deliver("RequestVoteReply", voter, server)]
}

fn cases() -> Vec<Case> {
    let propose = |server: u64, command: &str| json!({ "type": "propose", "server": server, "command": command });
    let remove = |server: u64, gone: u64| json!({ "type": "changeMembership", "server": server, "remove": gone });
    let heartbeat = || json!({ "type": "heartbeat", "server": 1 });
    let [wins_3, wins_1] = [elect(3, 2), elect(1, 2)];
    // Figure 8 of the paper up to (c): S1 leads term 3 and has an entry of term 1 to pass on, where S3 has one of term 2.
    let figure_8 = [&[propose(1, "x=1")], &wins_3[..], &[propose(3, "x=2"), deliver("RequestVote", 3, 1)]];
    let figure_8 = [&figure_8.concat()[..], &lose(&[(1, 2), (1, 3), (3, 1), (3, 2)]), &wins_1];
    // S2 has acknowledged x=1; S3 has heard nothing for two heartbeats.
    let late_snapshot = [propose(1, "x=1"), propose(1, "x=2"), heartbeat(), heartbeat()];
    let heard = [deliver("AppendEntries", 1, 2), deliver("AppendEntriesReply", 2, 1)];
    let late_snapshot = [&late_snapshot[..], &heard, &lose(&[(1, 2), (1, 2), (1, 2)])].concat();
    // S1 has removed S2, which nobody knows, and S2 has won the next term.
    let two_changes = [&[remove(1, 2)], &elect(2, 3)[..], &[deliver("RequestVote", 2, 4)]];
    let two_changes =
        [&two_changes.concat()[..], &[deliver("RequestVoteReply", 4, 2)], &lose(&[(1, 3), (1, 4), (2, 4)])].concat();
    vec![
        case(
            Rule::PersistVote,
            "I1",
            8,
            json!({
                "servers": 3, "bounds": { "timeouts": 2, "proposals": 0, "crashes": 1 }, "invariants": ["I1"],
            }),
        ),
        case(
            Rule::PersistTerm,
            "I1",
            8,
            json!({
                "servers": 3, "bounds": { "timeouts": 2, "proposals": 0, "crashes": 1 }, "invariants": ["I1"],
            }),
        ),
        case(
            Rule::PersistLog,
            "I4",
            10,
            json!({
                "servers": 3, "slowDisks": true, "start": led(), "invariants": ["I4"],
                "bounds": { "timeouts": 1, "proposals": 1, "crashes": 1, "entries": 2 },
            }),
        ),
        case(
            Rule::Majority,
            "I1",
            6,
            json!({
                "servers": 4, "bounds": { "timeouts": 2, "proposals": 0, "terms": 1 }, "invariants": ["I1"],
            }),
        ),
        case(
            Rule::StepDownOnHigherTerm,
            "I20",
            4,
            json!({ "servers": 3, "bounds": { "timeouts": 2, "proposals": 0 } }),
        ),
        case(
            Rule::ElectionRestriction,
            "I4",
            8,
            json!({
                "servers": 3, "bounds": { "timeouts": 2, "proposals": 0 }, "invariants": ["I4"],
            }),
        ),
        case(
            Rule::ConsistencyCheck,
            "I3",
            9,
            json!({
                "servers": 3, "start": led(), "bounds": { "timeouts": 2, "proposals": 1, "entries": 3 }, "invariants": ["I3"],
            }),
        ),
        case(
            Rule::TruncateOnConflict,
            "I4",
            9,
            json!({
                "servers": 3, "start": led_and(&[propose(1, "x=1")]), "bounds": { "timeouts": 1, "proposals": 1 },
                "invariants": ["I4"],
            }),
        ),
        case(
            Rule::CommitCurrentTermOnly,
            "I4",
            8,
            json!({
                "servers": 3, "rules": { "noOp": false }, "start": led_and(&figure_8.concat()),
                "bounds": { "timeouts": 1, "proposals": 0 }, "invariants": ["I4"],
            }),
        ),
        case(
            Rule::ReadIndex,
            "I29",
            9,
            json!({
                "servers": 3, "start": led(), "bounds": { "timeouts": 1, "proposals": 1, "reads": 1 },
                "invariants": ["I29"],
            }),
        ),
        case(
            Rule::RetainSuffix,
            "I6",
            4,
            json!({
                "servers": 3, "start": led_and(&late_snapshot), "bounds": { "timeouts": 0, "proposals": 0, "snapshots": 1 },
            }),
        ),
        case(
            Rule::JointConsensus,
            "I4",
            4,
            json!({
                "servers": 3, "start": led(), "changes": [{ "voters": [1] }, { "voters": [2] }, { "voters": [3] }],
                "bounds": { "timeouts": 1, "proposals": 0, "changes": 1 }, "invariants": ["I4"],
            }),
        ),
        case(
            Rule::NoOpBeforeConfig,
            "I4",
            7,
            json!({
                "servers": 4, "start": led_and(&two_changes), "changes": [{ "remove": 1 }],
                "bounds": { "timeouts": 1, "proposals": 0, "changes": 1 }, "invariants": ["I4"],
            }),
        ),
        case(
            Rule::HonestNodes,
            "I1",
            6,
            json!({
                "servers": 3, "bounds": { "timeouts": 2, "proposals": 0 }, "invariants": ["I1"],
            }),
        ),
    ]
}

fn explore(config: ExplorerConfig, threads: usize) -> (ExplorerProgress, Option<Counterexample>) {
    let mut explorer = Explorer::new(config).unwrap().with_threads(threads);
    while !explorer.is_over() {
        explorer.advance(usize::MAX);
    }
    (explorer.progress(), explorer.counterexample())
}

fn parse(config: &Value) -> ExplorerConfig {
    ExplorerConfig::parse(&config.to_string()).unwrap()
}

/// Goal: without a rule the search finds the shortest way to what the rule prevents, a world that replays it says the same,
/// and with the rule the same search visits every state and finds nothing.
#[test]
fn every_safety_rule_is_missed_by_the_search() {
    println!("| without | broken | steps | states | all states with the rule |\n|---|---|---|---|---|");
    for Case { rule, breaks, steps, config } in cases() {
        let name = rule.name();
        let (off, found) = explore(parse(&config).without(rule), 2);
        let found = found.unwrap_or_else(|| panic!("without {name} something must break"));
        let first = found.invariants[0];
        assert_eq!((first.id(), found.steps), (breaks, steps), "{name}: {:?}", found.invariants);

        let mut timeline =
            Timeline::new(Scenario::parse(&serde_json::to_string(&found.scenario).unwrap()).unwrap()).unwrap();
        assert!(timeline.run_script(100_000), "{name}: the script ends");
        let world = timeline.world();
        let results = world.script().results();
        assert!(!results.is_empty() && results.iter().all(|result| result.held), "{name}: {results:?}");
        for invariant in &found.invariants {
            let is_seen = world.violations().iter().any(|seen| seen.violation.invariant == *invariant);
            assert!(is_seen, "{name}: the world does not see {}", invariant.id());
        }

        let (on, nothing) = explore(parse(&config), 2);
        assert_eq!((on.verdict, nothing), (Some(Verdict::Exhausted), None), "{name}");
        println!("| {name} | {breaks} {} | {steps} | {} | {} |", first.name(), off.states, on.states);
    }
}

/// Goal: the numbers of states of two configurations are pinned, the same with one thread and with two, in one slice and in
/// many, and with the reductions the verdict is that without.
#[test]
fn numbers_of_states_are_pinned() {
    let small = json!({ "servers": 3, "bounds": { "timeouts": 2, "proposals": 0, "drops": 1 } });
    let crashes = json!({ "servers": 3, "bounds": { "timeouts": 2, "proposals": 0, "crashes": 1 } });
    for (config, states, generated) in [(&small, 22_013, 92_964), (&crashes, 63_160, 238_409)] {
        let (one, _) = explore(parse(config), 1);
        let (two, _) = explore(parse(config), 2);
        assert_eq!(one, two);
        let mut sliced = Explorer::new(parse(config)).unwrap();
        while !sliced.is_over() {
            sliced.advance(777);
        }
        assert_eq!(ExplorerProgress { bytes: one.bytes, ..sliced.progress() }, one);
        let bounds = Bounds { states: 10_000, ..parse(config).bounds };
        let (stopped, _) = explore(ExplorerConfig { bounds, ..parse(config) }, 2);
        assert!((10_000..states).contains(&stopped.states));
        assert_eq!(stopped.verdict, Some(Verdict::StatesReached));
        assert_eq!((one.states, one.generated, one.verdict), (states, generated, Some(Verdict::Exhausted)));
        assert_eq!(one.per_depth.iter().sum::<u64>(), one.states);
    }
}

/// Goal: with one thread and with two, the same way is found.
#[test]
fn finds_do_not_depend_on_threads() {
    for Case { rule, config, .. } in cases() {
        let found = |threads| explore(parse(&config).without(rule), threads);
        assert_eq!(found(1), found(2), "{}", rule.name());
    }
}

/// Goal: neither reduction changes a verdict or the length of the shortest way.
#[test]
fn reductions_change_no_verdict() {
    for Case { rule, config, .. } in cases().into_iter().filter(|case| case.steps <= 6) {
        let mut plain = parse(&config).without(rule);
        let reduced = explore(plain.clone(), 2);
        (plain.symmetry, plain.drop_stale) = (false, false);
        let plain = explore(plain, 2);
        assert!(plain.0.states >= reduced.0.states);
        let summary = |found: Option<Counterexample>| found.map(|found| (found.invariants, found.steps));
        assert_eq!(summary(plain.1), summary(reduced.1), "{}", rule.name());
    }
    let safe = json!({ "servers": 3, "bounds": { "timeouts": 1, "proposals": 1, "drops": 1, "duplicates": 1 } });
    for (symmetry, drop_stale) in [(true, true), (true, false), (false, true), (false, false)] {
        let config = ExplorerConfig { symmetry, drop_stale, ..parse(&safe) };
        assert_eq!(explore(config, 2).0.verdict, Some(Verdict::Exhausted));
    }
}

/// Goal: what makes no sense is refused with the path where it stands.
#[test]
fn bad_configurations_name_the_path() {
    let table = [
        (json!({ "servers": 0 }), ErrorCode::TooManyServers, "servers"),
        (json!({ "servers": 4, "spares": 2 }), ErrorCode::TooManyServers, "servers"),
        (json!({ "servers": 3, "bounds": { "timeouts": 16 } }), ErrorCode::OutOfRange, "bounds.timeouts"),
        (json!({ "servers": 3, "bounds": { "terms": 256 } }), ErrorCode::OutOfRange, "bounds.terms"),
        (json!({ "servers": 3, "bounds": { "tiemouts": 1 } }), ErrorCode::InvalidScenario, "bounds.tiemouts"),
        (json!({ "servers": 3, "invariants": ["I99"] }), ErrorCode::InvalidScenario, "invariants[0]"),
        (json!({ "servers": 3, "changes": [{ "remove": 4 }] }), ErrorCode::UnknownServer, "changes[0]"),
        (
            json!({ "servers": 3, "rules": { "randomisedTimeout": true } }),
            ErrorCode::OutOfRange,
            "rules.randomisedTimeout",
        ),
        (json!({ "servers": 3, "start": [{ "settle": false }] }), ErrorCode::InvalidScenario, "start[0].settle"),
        (json!({ "servers": 3, "start": [{ "type": "heal" }] }), ErrorCode::InvalidScenario, "start[0]"),
        (json!({ "servers": 3, "start": [deliver("TimeoutNow", 1, 2)] }), ErrorCode::UnknownMessage, "start[0]"),
        (json!({ "servers": 3, "start": [timeout(4)] }), ErrorCode::UnknownServer, "start[0]"),
        (json!({ "servers": 3, "start": [{ "type": "heartbeat", "server": 1 }] }), ErrorCode::Refused, "start[0]"),
    ];
    for (document, code, path) in table {
        let error = ExplorerConfig::parse(&document.to_string()).and_then(Explorer::new).map(drop).unwrap_err();
        assert_eq!((error.code, error.path.as_deref()), (code, Some(path)), "{document}: {error}");
    }
    let deep = ExplorerConfig::parse(r#"{ "servers": 3, "bounds": { "depth": 3 } }"#).unwrap();
    let (progress, _) = explore(deep, 1);
    assert_eq!((progress.verdict, progress.per_depth.len()), (Some(Verdict::DepthReached), 4));
}
