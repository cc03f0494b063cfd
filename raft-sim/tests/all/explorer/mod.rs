//! Every rule that protects safety is missed by an exhaustive search: it finds the shortest way to a broken invariant, and
//! nothing while the rule is on. `cargo test -p raft-sim --test all explorer -- --nocapture` prints the table of `docs/explorer.md`.

mod documents;
mod program;
mod reductions;

use raft_core::Rule;
use raft_sim::{Bounds, Counterexample, Explorer, ExplorerConfig, ExplorerProgress, Scenario, Timeline, Verdict};
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
            Rule::VoteStickiness,
            "I29",
            9,
            json!({
                "servers": 3, "reads": "lease", "rules": { "voteStickiness": true },
                "start": led_and(&[heartbeat(), json!({ "settle": true })]),
                "bounds": { "timeouts": 1, "proposals": 1, "reads": 1 }, "invariants": ["I29"],
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
    println!(
        "| without | broken | steps | states until then | all states with the rule | bytes a state | tables, KB |"
    );
    println!("|---|---|---|---|---|---|---|");
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
        let per_state = on.bytes as f64 / on.states as f64;
        assert!(per_state <= 64.0 || on.states < 2_000, "{name}: {per_state} bytes a state");
        assert_eq!((on.verdict, nothing), (Some(Verdict::Exhausted), None), "{name}");
        let states = format!("{} | {}", off.states, on.states);
        let kilobytes = on.table_bytes / 1_000;
        println!("| {name} | {breaks} {} | {steps} | {states} | {per_state:.0} | {kilobytes} |", first.name());
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
        let memory = ExplorerProgress { bytes: one.bytes, table_bytes: one.table_bytes, ..sliced.progress() };
        assert_eq!(memory, one);
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

/// Goal: the rules that make Raft quick and available protect no invariant: where they matter most, all states without them
/// are fine, too.
#[test]
fn other_rules_protect_no_invariant() {
    let elections = json!({ "servers": 3, "bounds": { "timeouts": 2, "proposals": 1 } });
    let votes = json!({ "servers": 3, "bounds": { "timeouts": 2, "proposals": 0, "terms": 1 } });
    let reads = json!({ "servers": 3, "start": led(), "bounds": { "timeouts": 1, "proposals": 1, "reads": 1 } });
    let newcomer = json!({
        "servers": 3, "spares": 1, "start": led(), "changes": [{ "addLearner": 4 }, { "addVoter": 4 }],
        "bounds": { "timeouts": 1, "proposals": 0, "changes": 2, "entries": 4, "messages": 5 },
    });
    let searches = [
        (Rule::RedrawTimeout, &elections),
        (Rule::PreVote, &votes),
        (Rule::CheckQuorum, &elections),
        (Rule::FlowControl, &elections),
        (Rule::FastBackup, &elections),
        (Rule::NoOp, &reads),
        (Rule::CatchUpBeforeVote, &newcomer),
    ];
    println!("| without | all states | all states with the rule |\n|---|---|---|");
    for (rule, config) in searches {
        let off = explore(parse(config).without(rule), 2).0;
        let mut with = parse(config);
        with.rules.insert(rule.into(), true);
        let on = explore(with, 2).0;
        assert_eq!((off.verdict, on.verdict), (Some(Verdict::Exhausted), Some(Verdict::Exhausted)), "{}", rule.name());
        println!("| {} | {} | {} |", rule.name(), off.states, on.states);
    }
    // Every rule is either here, or above, or about drawing times at random, of which there is none.
    let named = cases().into_iter().map(|case| case.rule).chain(searches.map(|(rule, _)| rule));
    let mut named: Vec<_> = named.chain([Rule::RandomisedTimeout]).collect();
    named.sort_unstable();
    assert_eq!(named, Rule::ALL);
}
