//! Exports: what they look like, that nothing in a run can break them, and that a trace runs again to the same end.

use raft_sim::chaos::{Chaos, Style};
use raft_sim::export::{Format, Trace};
use raft_sim::judge::History;
use raft_sim::{Action, BranchId, ClusterConfig, ErrorCode, LoadConfig, OperationMix, Scenario, Time, Timeline};
use serde_json::Value;

/// A short run of three servers with a client, a lost message and a crash.
fn small() -> Timeline {
    let mut timeline = Timeline::of_cluster(ClusterConfig::of(3, 1)).unwrap();
    let mut act = |ms: u64, action: &str| {
        timeline.advance_to(Time::of_ticks(ms), usize::MAX);
        timeline.act(&Action::parse(action).unwrap()).unwrap();
    };
    act(0, r#"{"type":"timeout","server":1}"#);
    act(90, r#"{"type":"clientWrite","client":"alice","key":"x","value":"1"}"#);
    act(91, r#"{"type":"drop","message":{"kind":"AppendEntries","to":2}}"#);
    act(130, r#"{"type":"crash","server":3}"#);
    timeline.advance_to(Time::of_ticks(150), usize::MAX);
    timeline
}

/// A run in which every name, key, value and remark tries to break out of what it stands in.
fn hostile() -> Timeline {
    let texts = [
        "a\"b'c`d\\",
        "line\nbreak\r\nand\u{2028}more",
        "-->>S1: not a message",
        "%% comment; #35; end",
        "]}],\"x\":{[",
        "参与者 \u{202E}right to left\u{0}\u{7}",
        "<script>alert(1)</script>",
        "S1 {\"S1\":99}",
        " ",
    ];
    let long = "长".repeat(2_000);
    let mut scenario = Scenario::of_cluster(ClusterConfig::of(3, 4));
    scenario.id = texts.concat();
    let mut timeline = Timeline::new(scenario).unwrap();
    timeline.act(&Action::Timeout { server: 1 }).unwrap();
    for (number, text) in texts.into_iter().chain([long.as_str()]).enumerate() {
        timeline.advance_to(Time::of_ticks(80 + 40 * number as u64), usize::MAX);
        let (client, key) = (text.to_owned(), text.replace('=', ""));
        // What a name may not be is refused; the rest must do no harm.
        let write = Action::ClientWrite { client, key: key.clone(), value: text.into(), server: None };
        let read =
            Action::ClientRead { client: "reader".into(), key, server: None, mode: raft_sim::ReadName::ReadIndex };
        for action in
            [write, read, Action::Note { text: text.into() }, Action::Propose { server: 1, command: text.into() }]
        {
            let _ = timeline.act(&action);
        }
    }
    timeline.advance_to(Time::of_ticks(600), usize::MAX);
    assert!(timeline.world().operations().len() >= 8, "most of it was accepted");
    timeline
}

/// A run with trouble of all kinds.
fn troubled(seed: u64) -> Timeline {
    let mut chaos = Chaos::new(Style::Swarm, seed);
    let mut timeline = Timeline::of_cluster(chaos.cluster().clone()).unwrap();
    while chaos.next_time() < Time::of_ticks(1_000) {
        timeline.advance_to(chaos.next_time(), usize::MAX);
        for action in chaos.strike(timeline.world()) {
            let _ = timeline.act(&action);
        }
    }
    timeline.advance_to(Time::of_ticks(1_000), usize::MAX);
    timeline
}

/// Every run of every built-in scenario, so many steps of it.
fn built_in(steps: usize) -> Vec<Timeline> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.retain(|path| !path.ends_with("expected-hashes.json"));
    paths.sort();
    let run = |scenario: Scenario| match Timeline::new(scenario) {
        Ok(mut timeline) => {
            timeline.run_script(steps);
            Some(timeline)
        }
        // Servers of another design have no messages and terms to export.
        Err(error) => {
            assert_eq!(error.code, ErrorCode::UnsupportedByDesign, "{error}");
            None
        }
    };
    let parse = |path| Scenario::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    let runs = paths.iter().map(parse).flat_map(|scenario| scenario.runs().collect::<Vec<_>>());
    runs.filter_map(|named| run(named.scenario)).collect()
}

fn text(timeline: &Timeline, format: Format) -> String {
    timeline.export_text(format).unwrap()
}

/// Goal: each format of a small run reads as it should; a change shows as a difference to be looked at.
#[test]
fn small_runs_read_well() {
    for format in Format::ALL {
        insta::assert_snapshot!(format.name(), text(&small(), format));
    }
}

/// Goal: a trace of every built-in scenario, with its rule and without, runs again to the same end.
#[test]
fn traces_of_scenarios_run_again() {
    built_in(400).iter().for_each(runs_again);
}

/// Goal: the same to the end of every script.
/// Run it: `cargo test -p raft-sim --test all export -- --ignored`
#[test]
#[ignore = "it takes half a minute"]
fn traces_of_whole_scenarios_run_again() {
    built_in(1_000_000).iter().for_each(runs_again);
}

/// Goal: so do traces of runs with trouble of all kinds, on a branch that left another one, and in the middle of it.
#[test]
fn traces_of_troubled_branches_run_again() {
    for seed in 0..12 {
        let mut timeline = troubled(seed);
        runs_again(&timeline);
        let step = timeline.branch().head_step() / 2;
        timeline.seek(step).unwrap();
        runs_again(&timeline);
        timeline.act(&Action::Heal).unwrap();
        assert_eq!(timeline.current(), BranchId(1));
        timeline.advance_to(timeline.shown().after(Time::of_ticks(300)), usize::MAX);
        runs_again(&timeline);
    }
}

fn runs_again(timeline: &Timeline) {
    let json = text(timeline, Format::TraceJson);
    let report = Trace::parse(&json).unwrap().replay().unwrap();
    assert_eq!(report.divergence, None, "{}", timeline.scenario().id);
    assert_eq!((report.steps, report.events), (timeline.world().steps(), timeline.world().events()));
}

/// Goal: whatever is changed in a trace is found at its event, or at the end where it is no event; words for people may be
/// changed, and so may the way in which numbers are written.
#[test]
fn what_differs_is_found_where_it_differs() {
    let timeline = small();
    let json = text(&timeline, Format::TraceJson);
    let events = timeline.world().events();
    let diverges = |change: &dyn Fn(&mut Value)| {
        let mut trace: Value = serde_json::from_str(&json).unwrap();
        change(&mut trace);
        let changed = trace_text(&trace);
        Trace::parse(&changed).unwrap().replay().unwrap().divergence
    };
    assert_eq!(diverges(&|_| {}), None);
    assert_eq!(diverges(&|trace| trace["events"][9]["text"] = "something else".into()), None);
    assert_eq!(diverges(&|trace| trace["seed"] = 99.into()), None);
    for at in 0..events as usize {
        let moved = |trace: &mut Value| trace["events"][at]["timeMs"] = 77_777.into();
        assert_eq!(diverges(&moved).map(|found| found.event), Some(at as u32), "event {at}");
    }
    let at = |change: &dyn Fn(&mut Value)| diverges(change).unwrap();
    let found = at(&|trace| trace["events"][3]["name"] = "becomeLeader".into());
    assert_eq!(found.event, 3);
    assert!(found.to_string().starts_with("event 3: the trace says “"), "{found}");
    let cut = at(&|trace| drop(trace["events"].as_array_mut().unwrap().pop()));
    assert_eq!((cut.event, cut.expected.as_str()), (events - 1, "nothing more happens"));
    let more = at(&|trace| {
        let last = trace["events"][events as usize - 1].clone();
        trace["events"].as_array_mut().unwrap().push(last);
    });
    assert_eq!((more.event, more.got.as_str()), (events, "the run is over"));
    assert_eq!(at(&|trace| trace["end"]["stateHash"] = "0".into()).event, events);
    assert_eq!(at(&|trace| trace["operations"][0]["value"] = "2".into()).event, events);
    assert_eq!(at(&|trace| trace["run"]["scenario"]["cluster"]["seed"] = 2.into()).event, 2);
    let late = at(&|trace| trace["run"]["branches"][0]["actions"][3]["step"] = 999.into());
    assert!(late.event < events, "an action that does not come is missed");
    let impossible = at(&|trace| trace["run"]["branches"][0]["actions"][0]["do"]["server"] = 25.into());
    assert!(impossible.got.contains("there is no server 25"), "{impossible}");
}

/// The trace as a program would write it that sorts fields and knows no integers.
fn trace_text(trace: &Value) -> String {
    serde_json::to_string_pretty(trace).unwrap().replace("\"timeMs\": 20,", "\"timeMs\": 20.0,")
}

/// Goal: whatever is no trace is refused with a code and a place, and nothing in it makes the reader panic or run for long.
#[test]
fn bad_traces_are_refused() {
    let json = text(&small(), Format::TraceJson);
    let refused = |text: &str| Trace::parse(text).and_then(|trace| trace.replay()).unwrap_err();
    for cut in (0..json.len()).step_by(997).filter(|&at| json.is_char_boundary(at)) {
        let error = refused(&json[..cut]);
        assert_eq!(error.code, ErrorCode::InvalidScenario);
        assert!(error.message.contains("line "), "{error}");
    }
    let changed = |from: &str, to: &str| {
        assert!(json.contains(from), "{from}");
        refused(&json.replacen(from, to, 1))
    };
    let versions = changed("\"version\":1", "\"version\":2");
    assert_eq!((versions.code, versions.path.as_deref()), (ErrorCode::UnsupportedVersion, Some("version")));
    let path_of = |from, to| changed(from, to).path.unwrap();
    assert_eq!(path_of("raft-playground-trace", "something"), "format");
    assert_eq!(path_of("\"run\":{\"version\":1", "\"run\":{\"version\":7"), "run.version");
    assert_eq!(path_of("\"servers\":3", "\"servers\":99"), "run.scenario.cluster.servers");
    assert_eq!(path_of("\"violations\":[]", "\"violations\":7"), "violations");
    assert_eq!(path_of("\"violations\":[]", "\"vio\":[]"), "violations");
    assert_eq!(path_of("\"generator\":", "\"extra\":"), "extra");
    assert_eq!(
        path_of("\"step\":0,\"timeMs\":0,\"do\"", "\"step\":99999,\"timeMs\":0,\"do\""),
        "run.branches[0].actions[1].step"
    );
    assert_eq!(path_of("\"headStep\":", "\"headStep\":4000000000,\"x\":"), "run.branches[0].x");
    assert!(changed("\"seed\":1,", "\"seed\":1,\"seed\":1,").message.contains("stands twice"));
    for junk in ["", "null", "[]", "{}", "7", "\u{FEFF}{}", &"[".repeat(100_000), &"{\"a\":".repeat(100_000)] {
        assert_eq!(refused(junk).code, ErrorCode::InvalidScenario);
    }
    let long: Value = serde_json::from_str(&json).unwrap();
    let mut long = long;
    long["run"]["branches"][0]["headStep"] = 4_000_000_000_u32.into();
    assert_eq!(refused(&trace_text(&long)).code, ErrorCode::OutOfRange);
}

/// Goal: names that try to break out of their places do not: JSON stays JSON, a log stays pairs of lines, and a diagram has
/// only lines of the forms that it knows.
#[test]
fn hostile_names_break_no_format() {
    let timeline = hostile();
    runs_again(&timeline);
    let _: Value = serde_json::from_str(&text(&timeline, Format::ChromeTrace)).unwrap();

    let log = text(&timeline, Format::ShiViz);
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 2 * timeline.world().events() as usize);
    for pair in lines.chunks(2) {
        let (host, clock) = pair[0].split_once(' ').unwrap();
        let clock: serde_json::Map<String, Value> = serde_json::from_str(clock).unwrap();
        assert!(clock[host].as_u64().unwrap() > 0 && !pair[1].is_empty());
    }

    for line in text(&timeline, Format::Mermaid).lines().skip(1) {
        let is_plain = |text: &str| {
            let unescaped = text.split('#').enumerate().map(|(at, part)| {
                let Some(rest) = (at > 0).then(|| part.split_once(';').unwrap()) else { return part };
                assert!(rest.0.parse::<u32>().is_ok(), "{line}");
                rest.1
            });
            unescaped
                .into_iter()
                .all(|part| part.chars().all(|letter| letter.is_alphanumeric() || " .,()=/_'→…".contains(letter)))
        };
        let line = line.trim();
        if let Some((_, name)) = line.split_once(" as ") {
            assert!(line.starts_with("actor C") && is_plain(name), "{line}");
        } else if !line.starts_with("participant S") {
            let (head, label) = line.split_once(": ").unwrap();
            assert!(head.starts_with("Note over ") || head.contains(">>") || head.contains("-x"), "{line}");
            assert!(is_plain(label), "{line}");
        }
    }
}

/// Goal: a diagram that would be too large ends with a note, below what Mermaid takes.
#[test]
fn large_diagrams_are_cut() {
    let mut timeline = Timeline::of_cluster(ClusterConfig::of(5, 3)).unwrap();
    timeline.advance_to(Time::of_ticks(10_000), usize::MAX);
    let diagram = text(&timeline, Format::Mermaid);
    assert!(diagram.chars().count() < 50_000);
    let last = diagram.lines().last().unwrap();
    assert!(last.contains("cut here") && last.ends_with("events are left out"), "{last}");
    assert!(!text(&small(), Format::Mermaid).contains("cut here"));
}

/// Goal: what Perfetto needs holds: on each track slices lie one after the other or one in the other, the roles of a server cover
/// the whole run, each flow ends after it starts, and every asynchronous slice that ends has begun.
#[test]
fn perfetto_can_draw_it() {
    for timeline in [small(), hostile(), troubled(3), troubled(6)] {
        let trace: Value = serde_json::from_str(&text(&timeline, Format::ChromeTrace)).unwrap();
        let events = trace["traceEvents"].as_array().unwrap();
        let number = |event: &Value, field: &str| event[field].as_u64().unwrap();
        let of = |phase: &'static str| events.iter().filter(move |event| event["ph"] == phase);
        let known = ["M", "X", "C", "i", "b", "e", "s", "f"];
        for event in events {
            assert!(
                known.contains(&event["ph"].as_str().unwrap()) && event["name"].is_string() && event["pid"].is_u64()
            );
            assert!(event["ph"] == "M" || event["ts"].is_u64(), "{event}");
        }
        for server in 1..=timeline.world().servers().len() as u64 {
            let mut roles: Vec<_> = of("X").filter(|e| e["pid"] == server && e["tid"] == 1).collect();
            roles.sort_by_key(|event| number(event, "ts"));
            let mut end = 0;
            for role in roles {
                assert_eq!(number(role, "ts"), end, "a gap in the roles of S{server}");
                end += number(role, "dur");
            }
            assert_eq!(end, timeline.shown().0);
            assert!(of("X").filter(|e| e["pid"] == server && e["tid"] == 2).all(|e| e["dur"] == 1));
        }
        for arrival in of("f") {
            let start = of("s").find(|start| start["id"] == arrival["id"]).unwrap();
            assert!(number(start, "ts") <= number(arrival, "ts") && start["name"] == arrival["name"]);
            assert_eq!(arrival["bp"], "e");
        }
        for end in of("e") {
            assert!(of("b").any(|begin| begin["id"] == end["id"] && number(begin, "ts") <= number(end, "ts")));
        }
    }
}

/// Goal: a trace for TLC holds what its reader relies on: a message is received only after it was sent and its sender was
/// `Ready`, and not more often; terms never fall, a vote is kept for its term, and only leaders replicate and commit. Runs that the
/// specification does not know are refused. Method: quiet runs, runs without pre-votes that lose messages and leaders, and chaos.
#[test]
fn traces_for_tlc_are_sound() {
    let mut runs = vec![small()];
    // Without a safeguard a run need not be sound; that is what TLC would find.
    runs.extend(built_in(300).into_iter().filter(|timeline| timeline.world().rules().raft.is_safe()));
    for seed in 0..20 {
        let mut config = ClusterConfig::of(3, seed).without(raft_sim::RuleName::PreVote);
        config.network.loss_permille = 50;
        let mut timeline = Timeline::of_cluster(config).unwrap();
        for round in 1..=6 {
            timeline.advance_to(Time::of_ticks(400 * round), usize::MAX);
            let Some(leader) = timeline.world().leader().map(|node| node.id().0) else { continue };
            for action in [
                Action::Propose { server: leader, command: "x=1".into() },
                Action::Crash { server: leader, lose_unsynced: true },
            ] {
                timeline.act(&action).unwrap();
            }
            timeline.advance_to(timeline.shown().after(Time::of_ticks(100)), usize::MAX);
            timeline.act(&Action::Restart { server: leader }).unwrap();
        }
        runs.push(timeline);
    }
    runs.extend((0..8).map(troubled));
    let mut told = 0;
    for timeline in &runs {
        match timeline.export_text(Format::Tla) {
            Ok(trace) => is_sound_for_tlc(&trace),
            Err(error) => {
                assert_eq!(error.code, ErrorCode::Refused);
                assert!(error.message.contains("etcd's specification knows no"), "{error}");
                continue;
            }
        }
        told += 1;
    }
    assert!(told >= 8, "only {told} of {} runs could be told", runs.len());
}

fn is_sound_for_tlc(trace: &str) {
    let (mut waiting, mut sent) = (Vec::<Value>::new(), Vec::<Value>::new());
    let mut last = std::collections::BTreeMap::<String, (u64, String)>::new();
    for (at, line) in trace.lines().enumerate() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!((line["tag"].as_str(), line["ts"].as_u64()), (Some("trace"), Some(1_000_000_000 + at as u64)));
        let event = &line["event"];
        let (name, nid) = (event["name"].as_str().unwrap(), event["nid"].as_str().unwrap());
        let (message, role) = (&event["msg"], event["role"].as_str().unwrap());
        assert!(["StateFollower", "StateCandidate", "StateLeader"].contains(&role));
        match name {
            "Ready" => {
                let (ready, rest) = waiting.into_iter().partition(|message| message["from"] == nid);
                (sent, waiting) = ([sent, ready].concat(), rest);
            }
            _ if name.starts_with("Send") => {
                assert_eq!(message["from"], nid, "line {at}");
                waiting.push(message.clone());
            }
            _ if name.starts_with("Receive") => {
                assert_eq!(message["to"], nid, "line {at}");
                let found = sent.iter().position(|sent| sent == message);
                assert!(found.is_some(), "line {at} receives what was not sent: {line}");
                found.map(|found| sent.swap_remove(found));
            }
            "Replicate" | "Commit" | "BecomeLeader" => assert_eq!(role, "StateLeader", "line {at}"),
            "BecomeCandidate" => assert_eq!((role, &event["state"]["vote"]), ("StateCandidate", &event["nid"])),
            "BecomeFollower" | "InitState" => assert_eq!(role, "StateFollower"),
            other => panic!("{other} is no name of the specification"),
        }
        let (term, vote) =
            (event["state"]["term"].as_u64().unwrap(), event["state"]["vote"].as_str().unwrap().to_owned());
        if let Some((before, voted)) = last.insert(nid.into(), (term, vote.clone())) {
            assert!(term > before || (term == before && (voted == vote || voted == "0")), "line {at}: {line}");
        }
    }
}

/// Goal: what the clients saw leaves in both formats of histories and comes back as the judges read it, the same operations
/// with the same outcomes.
#[test]
fn histories_come_back() {
    for seed in 0..4 {
        let mix = OperationMix { get: 1, put: 1, append: 0, cas: 1, delete: 1 };
        let cluster = ClusterConfig { load: LoadConfig::closed(3, mix), ..ClusterConfig::of(3, seed) };
        let mut timeline = Timeline::of_cluster(cluster).unwrap();
        timeline.advance_to(Time::of_ticks(2_000), usize::MAX);
        let told = timeline.world().history();
        assert!(told.operations.len() > 50, "clients did something");
        let lines = History::from_jsonl(&text(&timeline, Format::HistoryJsonl)).unwrap();
        assert_eq!(lines.operations, told.operations);
        let edn = History::from_edn(&text(&timeline, Format::Edn)).unwrap();
        let outcomes = |history: &History| {
            let mut outcomes: Vec<_> = history.operations.iter().map(|operation| operation.status).collect();
            outcomes.sort_unstable_by_key(|status| format!("{status:?}"));
            outcomes
        };
        assert_eq!(outcomes(&edn), outcomes(&told));
    }
}
