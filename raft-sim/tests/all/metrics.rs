//! What is measured of a run, against numbers worked out by hand.

use raft_sim::{
    Action, Amount, ClusterConfig, Condition, DiskConfig, ErrorCode, EventId, EventKind, LoadConfig, MetricName,
    Metrics, MetricsReport, NetworkConfig, Scenario, Time, Timeline, limits,
};

const fn ms(ms: u64) -> Time {
    Time::of_ticks(ms)
}

/// Messages travel for exactly 10 ms; the first server campaigns at once.
fn begun(servers: usize, disk: DiskConfig) -> Timeline {
    let network = NetworkConfig { latency_ms: (ms(10), ms(10)), ..NetworkConfig::default() };
    let mut timeline = Timeline::of_cluster(ClusterConfig { network, disk, ..ClusterConfig::of(servers, 1) }).unwrap();
    timeline.act(&Action::Timeout { server: 1 }).unwrap();
    timeline
}

fn advance(timeline: &mut Timeline, to: u64) {
    timeline.advance_to(ms(to), usize::MAX);
}

fn write(timeline: &mut Timeline, value: u64) {
    let action = Action::ClientWrite { client: "w".into(), key: "k".into(), value: value.to_string(), server: None };
    timeline.act(&action).unwrap();
}

fn total(report: &MetricsReport, name: MetricName, server: Option<u64>) -> u64 {
    report.totals.iter().find(|total| (total.name, total.server) == (name, server)).unwrap().value.0
}

fn series(report: &MetricsReport, name: &str, server: Option<u64>) -> Vec<(u64, u64)> {
    let series = report.series.iter().find(|series| series.name == name && series.server == server).unwrap();
    series.points.iter().map(|(time, value)| (time.0 / 1_000, value.0)).collect()
}

/// Goal: an election and a write among three servers, 10 ms apart, measure what paper and pencil say.
///
/// Two pre-votes and their answers at 0 and 10 ms, two votes and theirs at 20 and 30, an empty entry and its answers at 40
/// and 50, the entry of the write and its answers at 65 and 75; the write is committed at 85.
#[test]
fn a_write_among_three() {
    let mut timeline = begun(3, DiskConfig::default());
    advance(&mut timeline, 65);
    write(&mut timeline, 7);
    advance(&mut timeline, 85);
    let report = Metrics::of(&timeline, ms(50));
    assert_eq!((report.window_ms, report.span_ms), (ms(50), ms(85)));
    for (name, expected) in [
        (MetricName::Throughput, 11_764),
        (MetricName::Writes, 1_000),
        (MetricName::Reads, 0),
        (MetricName::LatencyP50, 20_000),
        (MetricName::LatencyP99, 20_000),
        (MetricName::LatencyMax, 20_000),
        (MetricName::Messages, 16_000),
        (MetricName::Commits, 2_000),
        (MetricName::MessagesPerCommit, 8_000),
        (MetricName::MaxHops, 2_000),
        (MetricName::Syncs, 0),
        (MetricName::MaxBatch, 1_000),
        (MetricName::MeanBatch, 1_000),
        (MetricName::Elections, 1_000),
        (MetricName::ElectionsWon, 1_000),
        (MetricName::LeaderChanges, 0),
        (MetricName::Downtime, 40_000),
        (MetricName::LongestGap, 20_000),
    ] {
        assert_eq!(total(&report, name, None), expected, "{name:?}");
    }
    for server in 1..=3 {
        assert_eq!(total(&report, MetricName::LogEntries, Some(server)), 2_000);
        assert_eq!(total(&report, MetricName::MaxUncommitted, Some(server)), 1_000);
        assert_eq!(total(&report, MetricName::StateBytes, Some(server)), if server == 1 { 2_000 } else { 0 });
        let log = timeline.world().servers()[server as usize - 1].node().unwrap().log();
        let bytes: usize = log.iter_from(log.first_index()).map(|(_, entry)| entry.size()).sum();
        assert_eq!(total(&report, MetricName::LogBytes, Some(server)), 1_000 * bytes as u64);
    }
    assert_eq!(series(&report, "messages", None), [(0, 200_000), (50, 120_000)]);
    assert_eq!(series(&report, "messages.RequestVote", None), [(0, 40_000), (50, 0)]);
    assert_eq!(series(&report, "throughput", None), [(0, 0), (50, 20_000)]);
    assert_eq!(series(&report, "downtime", None), [(0, 40_000), (50, 0)]);
    assert_eq!(series(&report, "latencyMax", None), [(50, 20_000)]);
    assert_eq!(series(&report, "logEntries", Some(1)), [(0, 1_000), (50, 2_000)]);
}

/// Goal: of three writes at one server with a disk of 5 ms, the first has a sync of its own and the others share one.
#[test]
fn syncs_carry_what_waits() {
    let mut timeline = begun(1, DiskConfig { latency_ms: ms(5), max_latency_ms: None });
    advance(&mut timeline, 20);
    let before = total(&Metrics::of(&timeline, ms(10)), MetricName::Syncs, None);
    (0..3).for_each(|value| write(&mut timeline, value));
    advance(&mut timeline, 30);
    let report = Metrics::of(&timeline, ms(10));
    for (name, expected) in [
        (MetricName::Syncs, before + 2_000),
        (MetricName::MaxSyncBatch, 2_000),
        (MetricName::LatencyP50, 10_000),
        (MetricName::LatencyMax, 10_000),
        (MetricName::LongestGap, 5_000),
        (MetricName::MaxHops, 0),
        (MetricName::Messages, 0),
    ] {
        assert_eq!(total(&report, name, None), expected, "{name:?}");
    }
    assert_eq!(series(&report, "latencyP50", None), [(20, 5_000), (30, 10_000)]);
}

/// Goal: the time from the crash of a leader to the election of the next one is downtime, and clients wait for that long.
#[test]
fn a_crash_is_downtime() {
    let mut timeline = begun(3, DiskConfig::default());
    advance(&mut timeline, 200);
    timeline.act(&Action::Crash { server: 1, lose_unsynced: true }).unwrap();
    advance(&mut timeline, 2_000);
    let elected = timeline
        .events(EventId(0), usize::MAX)
        .filter(|(_, event)| matches!(event.kind, EventKind::Node(raft_core::Event::BecameLeader { .. })));
    let elected = elected.last().unwrap().1.time;
    assert!(elected > ms(200));
    let report = Metrics::of(&timeline, ms(100));
    assert_eq!(total(&report, MetricName::Downtime, None), 40_000 + elected.0 - 200_000);
    assert_eq!(total(&report, MetricName::LeaderChanges, None), 1_000);
    assert_eq!(total(&report, MetricName::ElectionsWon, None), 2_000);
}

/// Goal: each redirect and each retry of clients that are some way off is counted.
#[test]
fn clients_that_look_for_a_leader_are_counted() {
    let cluster = r#"{ "servers": 3, "seed": 9, "load": { "clients": 3 },
        "clients": { "latencyMs": [2, 4], "timeoutMs": 100, "retries": 5 } }"#;
    let mut timeline = Timeline::of_cluster(ClusterConfig::parse(cluster).unwrap()).unwrap();
    advance(&mut timeline, 1_000);
    let leader = timeline.world().leader().unwrap().id().0;
    timeline.act(&Action::Crash { server: leader, lose_unsynced: true }).unwrap();
    advance(&mut timeline, 2_000);
    let report = Metrics::of(&timeline, ms(100));
    for (name, event) in [(MetricName::Redirects, "redirected"), (MetricName::Retries, "resent")] {
        let events = timeline.events(EventId(0), usize::MAX).filter(|(_, found)| found.name() == event).count() as u64;
        assert!(events > 0, "{event}");
        assert_eq!(total(&report, name, None), 1_000 * events);
    }
}

/// Goal: a slow state machine shows as its backlog.
#[test]
fn a_backlog_is_measured() {
    let mut timeline = begun(3, DiskConfig::default());
    advance(&mut timeline, 100);
    timeline.act(&Action::SetApplyLatency { server: 1, ms: ms(40) }).unwrap();
    (0..3).for_each(|value| write(&mut timeline, value));
    advance(&mut timeline, 400);
    let report = Metrics::of(&timeline, ms(100));
    assert_eq!(total(&report, MetricName::MaxUnapplied, Some(1)), 3_000);
    assert_eq!(total(&report, MetricName::MaxUnapplied, Some(2)), 0);
    assert_eq!(total(&report, MetricName::LatencyMax, None), 140_000);
}

/// Goal: a series never has more points than it may, whatever the window, and totals do not depend on windows; looking at the
/// past measures the past.
#[test]
fn windows_widen_and_time_travels() {
    let load = LoadConfig { requests_per_second: 100.0, ..LoadConfig::default() };
    let mut timeline = Timeline::of_cluster(ClusterConfig { load, ..ClusterConfig::of(3, 5) }).unwrap();
    advance(&mut timeline, 1_500);
    let early = Metrics::of(&timeline, ms(100));
    advance(&mut timeline, 3_000);
    let (coarse, fine) = (Metrics::of(&timeline, ms(100)), Metrics::of(&timeline, Time(1)));
    assert_eq!(coarse.totals, fine.totals);
    assert_ne!(coarse.totals, early.totals);
    let most = fine.series.iter().map(|series| series.points.len()).max().unwrap();
    assert!(most <= limits::MAX_METRIC_POINTS && most > limits::MAX_METRIC_POINTS / 2, "{most}");
    let count = |report: &MetricsReport| {
        let sum: u64 = series(report, "messages", None).iter().map(|(_, rate)| rate).sum();
        // Rates are rounded down to thousandths, each point for itself.
        (sum as f64 * report.window_ms.ms() / 1e6).round() as u64 * 1_000
    };
    assert!(count(&coarse).abs_diff(total(&coarse, MetricName::Messages, None)) <= 1_000);
    assert!(count(&fine).abs_diff(total(&coarse, MetricName::Messages, None)) <= 1_000);
    timeline.seek_time(ms(1_500)).unwrap();
    assert_eq!(Metrics::of(&timeline, ms(100)), early);
    let json = serde_json::to_value(&early).unwrap();
    assert_eq!(json["windowMs"], 100);
    assert!(json["series"][0]["points"][3].is_array(), "{json}");
    assert!(early.to_csv().lines().any(|line| line.starts_with("logEntries,entries,2,100,")));
}

/// Goal: a scenario can wait for what is measured and expect it, and its world measures what an onlooker does; other runs
/// measure nothing.
#[test]
fn scenarios_have_conditions_on_metrics() {
    let scenario = serde_json::json!({
        "version": 1,
        "id": "measured",
        "title": { "en": "Measured" },
        "cluster": { "servers": 3, "seed": 3, "load": { "requestsPerSecond": 50 } },
        "script": [
            { "when": { "type": "metric", "name": "writes", "atLeast": 20 } },
            { "expect": { "type": "all", "conditions": [
                { "type": "metric", "name": "writes", "atLeast": 20, "atMost": 20 },
                { "type": "metric", "name": "elections", "atLeast": 1 },
                { "type": "metric", "name": "latencyP99", "atMost": 60.5 },
                { "type": "metric", "name": "logEntries", "server": 2, "atLeast": 15 },
                { "type": "not", "condition": { "type": "metric", "name": "syncs", "atLeast": 1 } }
            ] } }
        ]
    });
    let mut timeline = Timeline::new(Scenario::parse(&scenario.to_string()).unwrap()).unwrap();
    assert!(timeline.run_script(100_000));
    assert!(timeline.world().script().results().iter().all(|result| result.held));
    let seen = Metrics::of(&timeline, Metrics::WINDOW);
    let own = timeline.world().metrics().unwrap().report();
    assert_eq!(own.totals, seen.totals);
    assert_eq!(own.series, seen.series);
    let writes = Condition::parse(r#"{ "type": "metric", "name": "writes", "atMost": 9 }"#).unwrap();
    let free = Timeline::of_cluster(ClusterConfig::of(3, 3)).unwrap();
    assert!(free.world().metrics().is_none() && !writes.holds(free.world()));
    assert_eq!(Amount(1_500).to_string(), "1.500");
    for (condition, code, path) in [
        (r#"{ "type": "metric", "name": "joy", "atLeast": 1 }"#, ErrorCode::InvalidScenario, "script[0].when.name"),
        (r#"{ "type": "metric", "name": "syncs" }"#, ErrorCode::InvalidScenario, "script[0].when"),
        (r#"{ "type": "metric", "name": "syncs", "atMost": -1 }"#, ErrorCode::InvalidScenario, "script[0].when.atMost"),
        (
            r#"{ "type": "metric", "name": "syncs", "server": 1, "atMost": 1 }"#,
            ErrorCode::InvalidScenario,
            "script[0].when.server",
        ),
        (
            r#"{ "type": "metric", "name": "logBytes", "atMost": 1 }"#,
            ErrorCode::InvalidScenario,
            "script[0].when.server",
        ),
        (
            r#"{ "type": "metric", "name": "logBytes", "server": 9, "atMost": 1 }"#,
            ErrorCode::UnknownServer,
            "script[0].when",
        ),
    ] {
        let mut document = scenario.clone();
        document["script"][0]["when"] = serde_json::from_str(condition).unwrap();
        let error = Scenario::parse(&document.to_string()).unwrap_err();
        assert_eq!((error.code, error.path.as_deref()), (code, Some(path)), "{condition}");
    }
}
