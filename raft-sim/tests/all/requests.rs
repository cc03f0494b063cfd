//! How clients find the leader, what they do when nobody answers, and what they ask for by themselves.

use std::collections::{BTreeMap, BTreeSet};

use raft_sim::judge::{DEFAULT_BUDGET, History, Status};
use raft_sim::{
    Action, ClientsConfig, ClusterConfig, Condition, EventId, LoadConfig, Operation, OperationKind, OperationMix,
    Outcome, ReadName, RuleName, Time, Timeline,
};

const ALL: OperationMix = OperationMix { get: 3, put: 2, append: 2, cas: 2, delete: 1 };

const fn ms(from: u64, to: u64) -> (Time, Time) {
    (Time::of_ticks(from), Time::of_ticks(to))
}

fn led(config: ClusterConfig) -> (Timeline, u64) {
    let mut timeline = Timeline::of_cluster(config).unwrap();
    assert!(timeline.run_until(&Condition::parse(r#"{"type":"committed","index":1}"#).unwrap(), 10_000));
    let leader = timeline.world().leader().unwrap().id().0;
    (timeline, leader)
}

fn of_clients(clients: ClientsConfig) -> ClusterConfig {
    ClusterConfig { clients, ..ClusterConfig::of(3, 1) }
}

fn wait(timeline: &mut Timeline, ms: u64) {
    let time = timeline.shown().after(Time::of_ticks(ms));
    timeline.advance_to(time, usize::MAX);
}

fn append(client: &str, server: Option<u64>) -> Action {
    Action::ClientAppend { client: client.into(), key: "x".into(), value: "1".into(), server }
}

fn last(timeline: &Timeline) -> &Operation {
    timeline.world().operations().last().unwrap()
}

fn value(timeline: &Timeline, server: u64) -> Option<String> {
    let server = timeline.world().server_with_id(server).unwrap();
    server.state().find(|(known, _)| *known == "x").map(|(_, value)| value.to_owned())
}

fn count(timeline: &Timeline, name: &str) -> usize {
    timeline.events(EventId(0), usize::MAX).filter(|(_, event)| event.name() == name).count()
}

/// Goal: a client that asks a follower is told who leads, asks there, and remembers it; each step follows from the one
/// before.
#[test]
fn a_client_follows_the_hint() {
    let (mut timeline, leader) = led(of_clients(ClientsConfig { latency_ms: ms(2, 5), ..ClientsConfig::default() }));
    for client in ["a", "b", "c", "d", "e", "f"] {
        timeline.act(&append(client, None)).unwrap();
        wait(&mut timeline, 200);
        assert_eq!(last(&timeline).outcome(), Some(Outcome::Ok));
        assert_eq!(last(&timeline).server.map(|server| server.0), Some(leader));
    }
    let redirects = timeline.world().client_tally().redirects;
    assert!((1..=6).contains(&redirects), "some of six guesses are wrong: {redirects}");
    assert_eq!(count(&timeline, "redirected") as u64, redirects);
    let (redirected, _) =
        timeline.events(EventId(0), usize::MAX).find(|(_, event)| event.name() == "redirected").unwrap();
    let chain: Vec<_> =
        timeline.explain(redirected).unwrap().iter().map(|id| timeline.event(*id).unwrap().name()).collect();
    assert_eq!(chain, ["acted", "called", "asked", "redirected"]);
    for client in ["a", "b", "c", "d", "e", "f"] {
        timeline.act(&append(client, None)).unwrap();
        wait(&mut timeline, 200);
    }
    assert_eq!(timeline.world().client_tally().redirects, redirects, "everybody remembers");
    assert_eq!(value(&timeline, leader).map(|value| value.len()), Some(12));
}

/// Goal: a client turns to the next server when the one that it asks is crashed or says nothing, until it finds the leader.
#[test]
fn a_client_turns_to_the_next_server_after_a_silence() {
    for action in ["crash", "pause"] {
        let clients = ClientsConfig {
            latency_ms: ms(1, 3),
            timeout_ms: Time::of_ticks(400),
            retries: 5,
            ..ClientsConfig::default()
        };
        let (mut timeline, leader) = led(of_clients(clients));
        timeline.act(&append("a", None)).unwrap();
        wait(&mut timeline, 200);
        timeline.act(&Action::parse(&format!(r#"{{"type":"{action}","server":{leader}}}"#)).unwrap()).unwrap();
        timeline.act(&append("a", None)).unwrap();
        wait(&mut timeline, 4_000);
        assert_eq!(last(&timeline).outcome(), Some(Outcome::Ok), "{action}");
        let new = timeline.world().leader().unwrap().id().0;
        assert_ne!(new, leader);
        assert_eq!(value(&timeline, new).as_deref(), Some("11"), "{action}");
    }
}

/// Goal: what a client is told is sound. Refused by the only server that it may ask: failed, and never carried out. No answer
/// in time: unknown, and it turns out either way.
#[test]
fn three_outcomes() {
    for clients in [ClientsConfig::default(), ClientsConfig { latency_ms: ms(1, 2), ..ClientsConfig::default() }] {
        let clients = ClientsConfig { timeout_ms: Time::of_ticks(100), ..clients };
        let (mut timeline, leader) = led(of_clients(clients));
        timeline.act(&append("a", Some(leader % 3 + 1))).unwrap();
        wait(&mut timeline, 50);
        assert_eq!(last(&timeline).outcome(), Some(Outcome::Fail));
        wait(&mut timeline, 500);
        assert_eq!(value(&timeline, leader), None);

        // The leader takes it, the others get it, and it sleeps until the client has given up.
        timeline.act(&append("a", Some(leader))).unwrap();
        wait(&mut timeline, 10);
        timeline.act(&Action::Pause { server: leader }).unwrap();
        wait(&mut timeline, 100);
        assert_eq!((last(&timeline).outcome(), value(&timeline, leader)), (Some(Outcome::Unknown), None));
        timeline.act(&Action::Resume { server: leader }).unwrap();
        wait(&mut timeline, 500);
        assert_eq!(value(&timeline, leader).as_deref(), Some("1"), "it was carried out");

        // The leader takes it, and nobody else ever hears of it.
        let leader = timeline.world().leader().unwrap().id().0;
        timeline
            .act(&Action::Partition { groups: vec![vec![leader], vec![leader % 3 + 1, (leader + 1) % 3 + 1]] })
            .unwrap();
        timeline.act(&append("a", Some(leader))).unwrap();
        wait(&mut timeline, 110);
        assert_eq!(last(&timeline).outcome(), Some(Outcome::Unknown));
        wait(&mut timeline, 1_500);
        timeline.act(&Action::Heal).unwrap();
        wait(&mut timeline, 1_500);
        assert_eq!(value(&timeline, leader).as_deref(), Some("1"), "it was not carried out");
        assert!(timeline.world().violations().is_empty());
    }
}

/// Goal (dissertation §6.3): a client whose connection is lost tries again by itself, in the same session: its append is
/// carried out once, whether the first copy survived the leader or not.
#[test]
fn a_client_retries_by_itself() {
    for latency_ms in [ms(0, 0), ms(1, 3)] {
        for survives in [true, false] {
            let clients = ClientsConfig { latency_ms, retries: 5, ..ClientsConfig::default() };
            let (mut timeline, leader) = led(of_clients(clients));
            if !survives {
                timeline.act(&Action::Partition { groups: vec![vec![leader]] }).unwrap();
            }
            timeline.act(&append("a", None)).unwrap();
            wait(&mut timeline, 22);
            timeline.act(&Action::Crash { server: leader, lose_unsynced: true }).unwrap();
            timeline.act(&Action::Heal).unwrap();
            wait(&mut timeline, 3_000);
            timeline.act(&Action::Restart { server: leader }).unwrap();
            wait(&mut timeline, 1_000);
            assert_eq!(last(&timeline).outcome(), Some(Outcome::Ok));
            assert_eq!(value(&timeline, leader).as_deref(), Some("1"));
            let retries = timeline.world().client_tally().retries;
            assert!(retries > 0 && retries as usize == count(&timeline, "resent"));
            assert!(timeline.world().violations().is_empty());
        }
    }
}

/// Operations by client, and whether each client called the next one only when the last had ended.
fn by_client(timeline: &Timeline) -> BTreeMap<String, Vec<&Operation>> {
    let mut clients: BTreeMap<String, Vec<&Operation>> = BTreeMap::new();
    for operation in timeline.world().operations().iter() {
        clients.entry(operation.client.to_string()).or_default().push(operation);
    }
    for operations in clients.values() {
        for pair in operations.windows(2) {
            let (ended, _) = pair[0].returned.expect("the next one was called");
            assert!(ended <= pair[1].called_at, "{pair:?}");
        }
    }
    clients
}

fn troubled(config: ClusterConfig) -> Timeline {
    let (mut timeline, _) = led(config);
    for _ in 0..4 {
        wait(&mut timeline, 800);
        let leader = timeline.world().leader().map_or(1, |node| node.id().0);
        timeline.act(&Action::Crash { server: leader, lose_unsynced: true }).unwrap();
        wait(&mut timeline, 800);
        timeline.act(&Action::Restart { server: leader }).unwrap();
    }
    wait(&mut timeline, 2_000);
    timeline
}

/// Goal: in a closed loop each client has one operation outstanding, also when leaders crash; all kinds are called, every
/// value is written once, the checker finds nothing, and with linearizable reads the judge neither.
#[test]
fn a_closed_loop_has_one_operation_for_each_client() {
    for (clients, read_mode) in [
        (ClientsConfig::default(), ReadName::ReadIndex),
        (ClientsConfig { latency_ms: ms(1, 8), retries: 3, ..ClientsConfig::default() }, ReadName::ReadIndex),
        (
            ClientsConfig { latency_ms: ms(1, 8), timeout_ms: Time::of_ticks(60), ..ClientsConfig::default() },
            ReadName::Session,
        ),
        (ClientsConfig::default(), ReadName::Local),
    ] {
        let load = LoadConfig { read_mode, think_ms: Time::of_ticks(3), ..LoadConfig::closed(7, ALL) };
        let timeline = troubled(ClusterConfig { load, ..of_clients(clients) });
        let clients = by_client(&timeline);
        assert_eq!(clients.len(), 7);
        assert!(clients.values().all(|operations| operations.len() > 20), "nobody is stuck");
        let operations = timeline.world().operations();
        let kinds: BTreeSet<_> = operations.iter().map(|operation| operation.kind.name()).collect();
        assert_eq!(kinds.len(), 5);
        let values: Vec<_> = operations.iter().filter_map(|operation| operation.kind.value()).collect();
        assert_eq!(values.iter().collect::<BTreeSet<_>>().len(), values.len());
        let is_match = |operation: &Operation| matches!(operation.kind, OperationKind::Cas { matched: Some(true), .. });
        assert!(operations.iter().any(is_match));
        if read_mode == ReadName::ReadIndex {
            let verdict = timeline.world().history().linearizable(DEFAULT_BUDGET);
            assert!(verdict.holds(), "{verdict:?}");
        }
        assert!(timeline.world().violations().is_empty(), "{:?}", timeline.world().violations().iter().next());
    }
}

/// Goal: an open loop calls as many operations as it says, between its start and its end, and a client of it has one
/// outstanding; a plain one is called by one client as ever.
#[test]
fn an_open_loop_keeps_its_rate() {
    let rich = LoadConfig { operations: ALL, ..LoadConfig::open(200.0) };
    for load in [rich, LoadConfig::open(200.0)] {
        let is_rich = load.operations == ALL;
        let (start_ms, end_ms) = (Time::of_ticks(1_000), Some(Time::of_ticks(6_000)));
        let mut timeline = Timeline::of_cluster(ClusterConfig {
            load: LoadConfig { start_ms, end_ms, ..load },
            ..ClusterConfig::of(3, 1)
        })
        .unwrap();
        timeline.advance_to(Time::of_ticks(9_000), usize::MAX);
        let operations = timeline.world().operations();
        assert_eq!(operations.len(), 1_000);
        assert!(operations.iter().all(|operation| (start_ms..=end_ms.unwrap()).contains(&operation.called_at)));
        assert!(operations.iter().all(|operation| operation.outcome() == Some(Outcome::Ok)));
        if is_rich {
            assert!((2..20).contains(&by_client(&timeline).len()), "clients that are free are used again");
        } else {
            assert!(operations.iter().all(|operation| &*operation.client == "load"));
        }
    }
}

/// Goal: nobody else asks in the name of a client of the load, whose session would not tell their commands apart.
#[test]
fn clients_of_the_load_are_left_alone() {
    let (mut timeline, _) = led(ClusterConfig { load: LoadConfig::closed(1, ALL), ..ClusterConfig::of(3, 1) });
    assert!(timeline.act(&append("load-1", None)).is_err());
    assert!(timeline.act(&Action::ClientRetry { client: "load-1".into(), server: None }).is_err());
    assert!(timeline.act(&append("loader", None)).is_ok());
}

/// Goal: a run with distant clients and a load of all kinds is a function of its seed, and any moment of it can be visited
/// again. The hash is pinned: the same on every machine.
#[test]
fn a_run_with_clients_is_a_function_of_its_seed() {
    let clients =
        ClientsConfig { latency_ms: ms(0, 9), retries: 2, timeout_ms: Time::of_ticks(300), ..ClientsConfig::default() };
    let load = LoadConfig { read_mode: ReadName::Session, ..LoadConfig::closed(4, ALL) };
    let config = ClusterConfig { load, ..of_clients(clients) };
    let mut timeline = troubled(config.clone());
    assert_eq!(timeline.world().trace_hash(), troubled(config.clone()).world().trace_hash());
    assert_ne!(timeline.world().trace_hash(), troubled(ClusterConfig { seed: Some(2), ..config }).world().trace_hash());
    assert_eq!(format!("{:016x}", timeline.world().trace_hash()), "d9e9929b034269ae");
    let head = timeline.branch().head_step();
    let hash = timeline.world().state_hash();
    for i in 0..20_u32 {
        let step = i.wrapping_mul(2_654_435_761) % head;
        timeline.seek(step).unwrap();
        let state = timeline.world().state_hash();
        timeline.seek(0).unwrap();
        timeline.seek(step).unwrap();
        assert_eq!(timeline.world().state_hash(), state);
    }
    timeline.seek(head).unwrap();
    assert_eq!(timeline.world().state_hash(), hash);
}

/// Goal (dissertation §6.3): what a client is told of an append that it sent twice can be explained with sessions, and not
/// without: the judge, who knows nothing of either, sees a value that nobody asked for.
#[test]
fn the_judge_sees_a_copy_that_was_carried_out() {
    for has_sessions in [true, false] {
        let mut config = ClusterConfig::of(3, 1);
        config.rules.insert(RuleName::ClientSessions, has_sessions);
        let (mut timeline, _) = led(config);
        timeline.act(&append("a", None)).unwrap();
        timeline.act(&Action::ClientRetry { client: "a".into(), server: None }).unwrap();
        wait(&mut timeline, 200);
        let (client, key) = ("a".into(), "x".into());
        timeline.act(&Action::ClientRead { client, key, server: None, mode: ReadName::ReadIndex }).unwrap();
        wait(&mut timeline, 200);
        let verdict = timeline.world().history().linearizable(DEFAULT_BUDGET);
        assert_eq!(verdict.conflict().is_none(), has_sessions, "{verdict:?}");
    }
}

/// Goal: the judges get every operation on a key as its client saw it: what is not known has no return, and a read that was
/// not answered has failed.
#[test]
fn judges_get_what_clients_saw() {
    let clients = ClientsConfig { latency_ms: ms(1, 8), timeout_ms: Time::of_ticks(60), ..ClientsConfig::default() };
    let mut timeline = troubled(ClusterConfig { load: LoadConfig::closed(5, ALL), ..of_clients(clients) });
    timeline.act(&Action::ClientSync { client: "s".into(), server: None }).unwrap();
    let history = timeline.world().history();
    history.validate().unwrap();
    assert_eq!(history.operations.len() + 1, timeline.world().operations().len());
    for operation in &history.operations {
        let of_run = timeline.world().operations().get(operation.id as usize).unwrap();
        assert_eq!(operation.returned.is_none(), operation.status == Status::Unknown);
        if of_run.outcome() == Some(Outcome::Unknown) {
            assert!(of_run.is_write());
        }
    }
    let statuses: BTreeSet<_> = history.operations.iter().map(|operation| format!("{:?}", operation.status)).collect();
    assert_eq!(statuses.len(), 3, "{statuses:?}");
    assert_eq!(History::from_jsonl(&history.to_jsonl()).unwrap(), history);
}
