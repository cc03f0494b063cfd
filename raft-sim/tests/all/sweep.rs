//! Sweeps: shards and threads change nothing about the results, and nothing is written half.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use raft_sim::RuleName;
use raft_sim::chaos::Style;
use raft_sim::sweep::{Shard, Sweep, SweepConfig, SweepSummary, TrialOutcome};

fn sweep(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_raft-sim")).arg("sweep").args(arguments).output().unwrap()
}

/// An empty directory for one test.
fn directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

fn files_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Goal: the lines of all shards, whatever their number and their threads, are the lines of one process.
#[test]
fn shards_concatenate_to_the_whole() {
    let common = ["--seeds", "5..16", "--style", "all"];
    let whole = sweep(&common);
    assert!(whole.status.success());
    assert_eq!(String::from_utf8_lossy(&whole.stdout).lines().count(), 11 * Style::ALL.len());
    for count in [2, 3] {
        let shard = |index| sweep(&[&common[..], &["--jobs", "3", "--shard", &format!("{index}/{count}")]].concat());
        let parts: Vec<_> = (0..count).flat_map(|index| shard(index).stdout).collect();
        assert!(parts == whole.stdout, "{count} shards are not the whole");
    }
}

/// Goal: the library gives the same lines as the program, in pieces of any size, and knows how far it is.
#[test]
fn the_library_is_the_program() {
    let config = SweepConfig { seeds: 0..9, styles: vec![Style::Reads], ..SweepConfig::default() };
    let mut library = Sweep::new(config).unwrap();
    let mut lines = String::new();
    for piece in [1, 5, 100] {
        library.advance(piece).iter().for_each(|result| lines += &(result.to_json() + "\n"));
        assert_eq!(library.is_over(), library.done() == library.len());
    }
    assert!(library.is_over() && library.next().is_none());
    assert_eq!(lines, String::from_utf8(sweep(&["--seeds", "0..9", "--style", "reads"]).stdout).unwrap());
}

/// Goal: a file appears when the sweep is over, failures are counted in the exit code, and each line of a failure names
/// the property.
#[test]
fn failures_are_lines_and_an_exit_code() {
    let directory = directory("failures");
    let file = directory.join("results.jsonl");
    let out = file.to_str().unwrap();
    let broken = sweep(&["--seeds", "0..8", "--style", "swarm", "--without", "majority", "--out", out]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(broken.stdout.is_empty());
    assert_eq!(files_in(&directory), ["results.jsonl"]);
    let lines = std::fs::read_to_string(&file).unwrap();
    let failures: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(failures.len(), 8);
    let failure = failures.iter().find(|line| line["outcome"] == "violation").unwrap();
    assert!(failure["property"].as_str().unwrap().starts_with('I') && failure["problem"].is_string());

    let first = failures.iter().position(|line| line["outcome"] != "ok").unwrap();
    let fast = sweep(&["--seeds", "0..8", "--without", "majority", "--fail-fast", "--jobs", "2"]);
    assert_eq!(fast.status.code(), Some(1));
    assert_eq!(String::from_utf8(fast.stdout).unwrap().lines().count(), first + 1);
}

/// Goal: what cannot be a sweep is refused with exit code 2 and a sentence, and no file appears.
#[test]
fn bad_input_is_refused() {
    let directory = directory("refused");
    let out = directory.join("results.jsonl");
    let out = out.to_str().unwrap();
    let table: &[(&[&str], &str)] = &[
        (&[], "--seeds"),
        (&["--seeds", "9..3"], "seeds go up"),
        (&["--seeds", "0..99999999999999999999"], "are no seeds"),
        (&["--seeds", "0..9007199254740993"], "seeds go up"),
        (&["--seeds", "0..9007199254740992"], "more shards"),
        (&["--seeds", "nine"], "are no seeds"),
        (&["--seeds", "0..3", "--shard", "3/3"], "no shard"),
        (&["--seeds", "0..3", "--shard", "0/0"], "no shard"),
        (&["--seeds", "0..3", "--shard", "-1/3"], "no shard"),
        (&["--seeds", "0..3", "--style", "polite"], "no style polite"),
        (&["--seeds", "0..3", "--without", "gravity"], "no rule gravity"),
        (&["--seeds", "0..3", "--jobs", "0"], "--jobs"),
        (&["--seeds", "0..3", "--surprise"], "--surprise"),
    ];
    for (arguments, complaint) in table {
        let refused = sweep(&[arguments, &["--out", out][..]].concat());
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(complaint), "{arguments:?}: {said}");
    }
    let nowhere = directory.join("no-such-place").join("results.jsonl");
    assert_eq!(sweep(&["--seeds", "0..1", "--out", nowhere.to_str().unwrap()]).status.code(), Some(2));
    assert!(files_in(&directory).is_empty());
}

/// Goal: a sweep that is interrupted leaves no file, whole or half, and does not take the old one away.
#[cfg(unix)]
#[test]
fn an_interrupted_sweep_leaves_what_was_there() {
    let directory = directory("interrupted");
    let file = directory.join("results.jsonl");
    std::fs::write(&file, "old\n").unwrap();
    let mut running = Command::new(env!("CARGO_BIN_EXE_raft-sim"))
        .args(["sweep", "--seeds", "0..1000000", "--out", file.to_str().unwrap()])
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while files_in(&directory).len() < 2 {
        assert!(running.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert!(Command::new("kill").args(["-INT", &running.id().to_string()]).status().unwrap().success());
    assert_eq!(running.wait().unwrap().code(), Some(2));
    assert_eq!(files_in(&directory), ["results.jsonl"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "old\n");
}

/// Goal: a failure that is no safety violation is told apart.
#[test]
fn a_result_says_how_a_trial_ended() {
    let config = SweepConfig {
        seeds: 0..60,
        without: vec![RuleName::Majority],
        shard: Shard { index: 1, count: 2 },
        ..SweepConfig::default()
    };
    let results: Vec<_> = Sweep::new(config).unwrap().collect();
    assert_eq!(results.iter().map(|result| result.seed).collect::<Vec<_>>(), (30..60).collect::<Vec<_>>());
    for result in results {
        assert_eq!(result.is_ok(), result.property.is_none());
        let letter = result.property.and_then(|property| property.chars().next());
        assert_eq!(result.outcome == TrialOutcome::Liveness, letter == Some('L'), "{result}");
    }
}

/// Goal: the situations of the protocol are counted if one asks for it, in each trial and in all together, and counting changes
/// nothing about a trial. Different trials come through different ones.
#[test]
fn situations_are_counted() {
    let sweep = |covers| -> Vec<_> {
        let config = SweepConfig { seeds: 0..10, styles: vec![Style::Schemes], covers, ..SweepConfig::default() };
        Sweep::new(config).unwrap().collect()
    };
    let (plain, counted) = (sweep(false), sweep(true));
    assert!(plain.iter().map(|result| &result.trace).eq(counted.iter().map(|result| &result.trace)));
    assert!(plain.iter().all(|result| result.situations.is_none()));
    let mut summary = SweepSummary::default();
    for result in &counted {
        summary.add(result);
    }
    let (all, most) = (summary.situations.unwrap().situations().count() as u64, counted[0].situations.unwrap());
    assert!(most > 1 && all > most, "{all} in all, {most} in the first");
    assert!(all < counted.iter().filter_map(|result| result.situations).sum(), "some situations are common");
}
