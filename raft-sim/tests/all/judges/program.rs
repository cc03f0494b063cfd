//! `raft-sim check` as a program: verdicts, exit codes, bad input.

use std::process::Command;

/// Runs the program on histories of this folder: its exit code and what it printed.
fn check(arguments: &str) -> (i32, String, String) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/histories");
    let output = Command::new(env!("CARGO_BIN_EXE_raft-sim"))
        .arg("check")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Goal: the exit code is the verdict; of several files, what cannot be read counts first, then what is violated.
#[test]
fn exit_codes_are_verdicts() {
    let table = [
        ("late-write.jsonl deleted.jsonl", 0),
        ("stale-read.jsonl", 1),
        ("lost-append.jsonl", 1),
        ("split-brain.edn", 1),
        ("split-brain.edn --level read-your-writes", 0),
        ("stale-read.jsonl --level sequential", 0),
        ("stale-read.jsonl --level all", 1),
        ("late-write.jsonl --budget 0", 3),
        ("late-write.jsonl stale-read.jsonl --budget 0", 1),
        ("bad.jsonl", 2),
        ("bad.jsonl stale-read.jsonl", 2),
        ("no-such-file.jsonl", 2),
        ("", 2),
        ("late-write.jsonl --level serializable", 2),
        ("late-write.jsonl --budget many", 2),
    ];
    for (arguments, code) in table {
        let (found, stdout, stderr) = check(arguments);
        assert_eq!(found, code, "{arguments}\n{stdout}{stderr}");
    }
}

/// Goal: what is printed names the operations, the witness if asked, and where a bad file is bad.
#[test]
fn verdicts_are_printed() {
    let (_, out, _) = check("stale-read.jsonl late-write.jsonl --witness");
    assert!(
        out.contains("stale-read.jsonl: linearizable: VIOLATED: 2 (client 1 reads 1 from r) finds what 0"),
        "{out}"
    );
    assert!(out.contains("operations: 2 0 1"), "{out}");
    assert!(out.contains("late-write.jsonl: linearizable: holds\n  order of r: 1 2 0 3 4 5"), "{out}");
    let (_, _, err) = check("bad.jsonl");
    assert!(err.contains("bad.jsonl: line 2: return: it returned at 4, before its call at 5"), "{err}");
    let (_, out, _) = check("split-brain.edn --json --level all");
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["levels"][0]["key"], "2");
    assert_eq!(report["levels"][2]["level"], "monotonic-reads");
    assert_eq!(report["asExpected"], true);
}
