//! One history at every level of consistency.

use raft_sim::judge::{DEFAULT_BUDGET, Ladder, Level, Model};

use super::verdicts::history;

/// A name, a history, the levels that it breaks, and who is to blame for the last of them.
type Row<'a> = (&'a str, Model, &'a str, &'a [Level], &'a [u64]);

/// Goal: each history breaks exactly the levels that it should, and the operations that are named are the offending ones.
#[test]
fn the_ladder_tells_levels_apart() {
    let (register, text) = (Model::CasRegister, Model::KvAppend);
    let all = Level::ALL;
    let table: &[Row<'_>] = &[
        ("all is well", register, "0 write 1 0-1; 1 read 1 2-3", &[], &[]),
        ("another client reads late", register, "0 write 1 0-1; 1 read - 2-3", &all[..1], &[0, 1]),
        (
            "reads go back, though every client writes once",
            register,
            "0 write 1 0-1; 1 write 2 2-3; 2 read 2 4-5; 2 read 1 6-7; 3 read 1 4-5; 3 read 2 6-7",
            &[Level::Linearizable, Level::Sequential, Level::MonotonicReads],
            &[0, 1, 2, 3],
        ),
        (
            "two orders for two readers",
            register,
            "0 write 1 0-9; 1 write 2 0-9; 2 read 1 10-11; 2 read 2 12-13; 3 read 2 10-11; 3 read 1 12-13",
            &[Level::Linearizable, Level::Sequential, Level::MonotonicReads],
            &[0, 1, 2, 3, 4, 5],
        ),
        (
            "the own write is not seen",
            register,
            "0 write 1 0-1; 0 read - 2-3",
            &[Level::Linearizable, Level::Sequential, Level::ReadYourWrites],
            &[0, 1],
        ),
        (
            "the writes of a client change places",
            register,
            "0 write 1 0-9; 0 write 2 10-19; 1 read 2 20-21; 1 read 1 22-23",
            &[Level::Linearizable, Level::Sequential, Level::MonotonicReads, Level::MonotonicWrites],
            &[0, 1, 2, 3],
        ),
        (
            "an answer of a growing text lacks what was read before",
            text,
            "0 append a 0-1; 0 append b 2-3; 1 read ab 4-5; 1 read a 6-7",
            &[Level::Linearizable, Level::Sequential, Level::MonotonicReads],
            &[2, 3],
        ),
        (
            "an answer of a growing text lacks what was appended before",
            text,
            "0 append a 0-1; 0 append b 2-3; 0 read a 6-7; 1 read ab 4-5",
            &[Level::Linearizable, Level::Sequential, Level::ReadYourWrites],
            &[1, 2, 3],
        ),
        (
            "what was appended first stands last",
            text,
            "0 append a 0-1; 0 append b 2-3; 1 read ba 4-5",
            &[Level::Linearizable, Level::Sequential, Level::MonotonicWrites],
            &[0, 1, 2],
        ),
        (
            "an answer to a question stands before it",
            text,
            "0 append a 0-1; 1 read a 2-3; 1 append b 4-5; 2 read ba 6-7",
            &[Level::Linearizable, Level::Sequential, Level::WritesFollowReads],
            &[1, 2, 3],
        ),
        (
            "an answer to a question is seen before it",
            register,
            "0 write 1 0-?; 1 read 1 2-3; 1 write 2 4-5; 2 read 2 6-7; 2 read 1 8-9",
            &[Level::Linearizable, Level::Sequential, Level::WritesFollowReads],
            &[0, 1, 2, 3, 4],
        ),
    ];
    for (name, model, lines, broken, blamed) in table {
        let verdicts = Ladder::of(&history(*model, lines), DEFAULT_BUDGET);
        let found: Vec<_> = verdicts.iter().filter(|(_, verdict)| !verdict.holds()).map(|(level, _)| *level).collect();
        assert_eq!(found, *broken, "{name}: {verdicts:#?}");
        if let Some((_, verdict)) = verdicts.iter().rev().find(|(_, verdict)| !verdict.holds()) {
            let mut operations = verdict.conflict().unwrap().operations.clone();
            operations.sort_unstable();
            assert_eq!(operations, *blamed, "{name}: {}", verdict.conflict().unwrap().words);
        }
    }
}
