//! Bad input.

use raft_sim::ErrorCode;

use super::*;

/// Goal: what makes no sense is refused with the path where it stands.
#[test]
fn bad_configurations_name_the_path() {
    let table = [
        (json!({ "servers": 0 }), ErrorCode::TooManyServers, "servers"),
        (json!({ "servers": 4, "spares": 2 }), ErrorCode::TooManyServers, "servers"),
        (json!({ "servers": 3, "bounds": { "timeouts": 16 } }), ErrorCode::OutOfRange, "bounds.timeouts"),
        (json!({ "servers": 3, "bounds": { "terms": 256 } }), ErrorCode::OutOfRange, "bounds.terms"),
        (json!({ "servers": 3, "bounds": { "tiemouts": 1 } }), ErrorCode::InvalidScenario, "bounds.tiemouts"),
        (json!({ "servers": 3, "bounds": { "states": 50_000_001 } }), ErrorCode::OutOfRange, "bounds.states"),
        (json!({ "servers": 3, "bounds": { "timeouts": -1 } }), ErrorCode::InvalidScenario, "bounds.timeouts"),
        (json!({ "servers": 3, "bounds": { "crashes": 0.5 } }), ErrorCode::InvalidScenario, "bounds.crashes"),
        (json!({ "servers": 1e300 }), ErrorCode::InvalidScenario, "servers"),
        (json!({ "servers": "3" }), ErrorCode::InvalidScenario, "servers"),
        (json!({ "bounds": {} }), ErrorCode::InvalidScenario, "servers"),
        (json!({ "servers": 3, "cluster": {} }), ErrorCode::InvalidScenario, "cluster"),
        (json!({ "servers": 3, "reads": "local" }), ErrorCode::InvalidScenario, "reads"),
        (json!({ "servers": 3, "reads": "all" }), ErrorCode::InvalidScenario, "reads"),
        (json!({ "servers": 3, "symmetry": "yes" }), ErrorCode::InvalidScenario, "symmetry"),
        (
            json!({ "servers": 3, "rules": { "clientSessions": false } }),
            ErrorCode::InvalidScenario,
            "rules.clientSessions",
        ),
        (json!({ "servers": 3, "rules": { "sessions": false } }), ErrorCode::UnknownRule, "rules"),
        (json!({ "servers": 3, "invariants": ["I99"] }), ErrorCode::InvalidScenario, "invariants[0]"),
        (json!({ "servers": 3, "invariants": ["I4", "I36"] }), ErrorCode::InvalidScenario, "invariants[1]"),
        (json!({ "servers": 3, "start": vec![timeout(1); 1_001] }), ErrorCode::TooLarge, "start"),
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
        let accepted = ExplorerConfig::parse(&document.to_string()).and_then(Explorer::new);
        let Err(error) = accepted else { panic!("accepted: {document}") };
        assert_eq!((error.code, error.path.as_deref()), (code, Some(path)), "{document}: {error}");
    }
    let deep = ExplorerConfig::parse(r#"{ "servers": 3, "bounds": { "depth": 3 } }"#).unwrap();
    let (progress, _) = explore(deep, 1);
    assert_eq!((progress.verdict, progress.per_depth.len()), (Some(Verdict::DepthReached), 4));
}

/// Goal: what is no JSON, nested without end, or too long is refused, not followed.
#[test]
fn hostile_documents_are_refused() {
    let nested = format!("{{ \"servers\": {}3", "[".repeat(100_000));
    let long = format!("{{ \"servers\": 3{} }}", " ".repeat(5 << 20));
    for document in ["", "{", "NaN", "{ \"servers\": NaN }", "[]", "{ \"servers\": 3 } {}", &nested, &long] {
        assert!(ExplorerConfig::parse(document).is_err(), "{}", &document[..document.len().min(40)]);
    }
}
