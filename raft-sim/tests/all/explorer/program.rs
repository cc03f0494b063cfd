//! `raft-sim explore` as a program: exit codes, and the same output with one thread and with two.

use std::path::PathBuf;
use std::process::{Command, Output};

fn explore(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_raft-sim")).arg("explore").args(arguments).output().unwrap()
}

fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// Goal: 0 when nothing is found, 1 with a counterexample, 2 for bad input with the reason, 3 when a limit is reached.
#[test]
fn exit_codes_say_how_it_ended() {
    let small = ["--timeouts", "1", "--proposals", "0"];
    let with = |more: &[&str]| explore(&[&small, more].concat());
    let table: [(&[&str], i32, &str); 4] = [
        (&[], 0, "nothing is broken in any state within the bounds"),
        (&["--without", "majority", "--servers", "4", "--timeouts", "2"], 1, "an invariant is broken"),
        (&["--depth", "2"], 3, "nothing is broken up to this depth"),
        (&["--max-states", "10"], 3, "the limit on states is reached"),
    ];
    for (arguments, code, line) in table {
        let output = with(arguments);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.contains(line), "{arguments:?}: {text}");
    }
}

/// Goal: bad input ends with code 2, one line that names what is wrong and where, and no output.
#[test]
fn bad_input_names_what_is_wrong() {
    let wrong = file("explore-wrong.json", br#"{ "servers": 3, "bounds": { "crashes": 99 } }"#);
    let unknown = file("explore-unknown.json", br#"{ "servers": 3, "bonds": {} }"#);
    let cut = file("explore-cut.json", br#"{ "servers": 3, "bounds"#);
    let binary = file("explore-binary.json", &[0xFF, 0xFE, 0x00]);
    let long = file("explore-long.json", &vec![b' '; 5 << 20]);
    let path = |path: &PathBuf| path.to_str().unwrap().to_owned();
    let table: [(&[&str], &str); 15] = [
        (&[&path(&wrong)], "bounds.crashes"),
        (&[&path(&unknown)], "bonds"),
        (&[&path(&cut)], "explore-cut.json"),
        (&[&path(&binary)], "explore-binary.json"),
        (&[&path(&long)], "explore-long.json"),
        (&["no-such-file.json"], "no-such-file.json"),
        (&["--servers", "6"], "servers"),
        (&["--servers", "NaN"], "NaN"),
        (&["--timeouts", "16"], "bounds.timeouts"),
        (&["--timeouts", "-1"], "-1"),
        (&["--max-states", "99999999999"], "99999999999"),
        (&["--jobs", "0"], "--jobs"),
        (&["--without", "majorty"], "majorty"),
        (&["--invariant", "I99"], "invariants[0]"),
        (&["--frobnicate"], "--frobnicate"),
    ];
    for (arguments, named) in table {
        let output = explore(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
        assert!(errors.contains(named) && output.stdout.is_empty(), "{arguments:?}: {errors}");
    }
}

/// Goal: with one thread and with two the same states are counted at every depth, and the same counterexample is written.
#[test]
fn jobs_change_nothing_but_time() {
    for (rule, code) in [("no-op", 0), ("persist-vote", 1)] {
        let told = ["1", "2"].map(|jobs| {
            let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("explored-{rule}-{jobs}.json"));
            let _ = std::fs::remove_file(&out);
            let out_text = out.to_str().unwrap();
            let bounds = ["--proposals", "0", "--crashes", "1", "--invariant", "I1"];
            let output = explore(&[&["--jobs", jobs, "--without", rule, "--out", out_text], &bounds[..]].concat());
            assert_eq!(output.status.code(), Some(code));
            let text = String::from_utf8(output.stdout).unwrap();
            let lines: Vec<_> = text.lines().filter(|line| !line.contains(" steps/s")).map(str::to_owned).collect();
            (lines, std::fs::read(&out).ok())
        });
        assert_eq!(told[0], told[1], "{rule}");
        assert!(told[0].0.len() > 10 && told[0].1.is_some() == (code == 1), "{rule}: {:?}", told[0]);
    }
}
