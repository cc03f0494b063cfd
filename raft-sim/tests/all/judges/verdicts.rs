//! Histories by hand and large ones: the verdict, the witness, and who is to blame.

use raft_sim::judge::{Act, DEFAULT_BUDGET, History, Model, Operation, Status, Value, Verdict};

use super::agreement::Dice;

/// A history from lines like `0 write 1 0-3`: client, operation, value, call and return. `?` in place of the return: never;
/// `?` after it: outcome unknown; `!`: failed. A cas is written `1>2`, or `1/2` if it found something else; `-` is nothing.
/// A key stands before the value: `y=1`.
pub(crate) fn history(model: Model, lines: &str) -> History {
    let mut history = History::new("by hand", model);
    for (id, line) in (0..).zip(lines.split(';').map(str::trim).filter(|line| !line.is_empty())) {
        let words: Vec<_> = line.split(' ').collect();
        let [client, name, value, times] = words[..] else { panic!("{line}") };
        let (key, value) = value.split_once('=').unwrap_or(("x", value));
        let status = match times.chars().last() {
            Some('?') => Status::Unknown,
            Some('!') => Status::Fail,
            _ => Status::Ok,
        };
        let (call, returned) = times.trim_end_matches(['?', '!']).split_once('-').unwrap();
        let cas = |mark, swapped| {
            let (expected, new) = value.split_once(mark).unwrap();
            Act::Cas { expected: read(expected), new: read(new), swapped }
        };
        let act = match name {
            "read" => Act::Read(read(value)),
            "write" => Act::Write(read(value)),
            "append" => Act::Append(value.into()),
            "delete" => Act::Delete,
            "cas" if value.contains('>') => cas('>', true),
            _ => cas('/', false),
        };
        let (client, call) = (client.parse().unwrap(), call.parse().unwrap());
        history.operations.push(Operation {
            id,
            client,
            key: key.into(),
            act,
            call,
            returned: returned.parse().ok(),
            status,
        });
    }
    history.validate().unwrap();
    history
}

fn read(text: &str) -> Value {
    match text.parse() {
        Ok(number) => Value::Integer(number),
        Err(_) if text == "-" => Value::Null,
        Err(_) => text.into(),
    }
}

/// Goal: each kind of mistake is found, and the operations that are named are those that contradict each other.
#[test]
fn violations_name_the_operations() {
    let (register, text, store) = (Model::CasRegister, Model::KvAppend, Model::Kv);
    let table: &[(&str, Model, &str, &[u64])] = &[
        ("a value out of thin air", register, "0 write 1 0-1; 1 read 2 2-3", &[1]),
        ("a stale read", register, "0 write 1 0-1; 0 write 2 2-3; 1 read 1 4-5", &[0, 1, 2]),
        ("the first value after a write", register, "0 write 1 0-1; 1 read - 2-3", &[0, 1]),
        ("a read from the future", register, "1 read 1 0-1; 0 write 1 2-3", &[0, 1]),
        ("a read that goes back", register, "0 write 1 0-9; 1 read 1 1-2; 1 read - 3-4", &[2]),
        ("a failed write that is seen", register, "0 write 1 0-1!; 1 read 1 2-3", &[1]),
        ("a cas that took the same value twice", register, "0 write 1 0-1; 1 cas 1>2 2-5; 2 cas 1>3 2-5", &[2]),
        ("a cas that found what was there and says no", register, "0 write 1 0-1; 1 cas 1/2 2-3", &[1]),
        ("a cas out of thin air", register, "1 cas 7>2 2-3", &[0]),
        (
            "an unknown write that is seen and forgotten",
            register,
            "0 write 1 0-1; 1 write 2 2-3?; 2 read 2 4-5; 2 read 1 6-7",
            &[3],
        ),
        ("an append that is lost", text, "0 append a 0-1; 0 append b 2-3; 1 read a 4-5", &[2]),
        ("answers that fork", text, "0 append a 0-9; 1 append b 0-9; 2 read a 1-2; 3 read b 1-2", &[2, 3]),
        ("an append twice", text, "0 append a 0-1; 1 read aa 2-3", &[1]),
        ("a deleted key", store, "0 write 1 0-1; 0 delete - 2-3; 1 read 1 4-5", &[0, 1, 2]),
        ("a put, an append, and the put alone", store, "0 write a 0-1; 0 append b 2-3; 1 read a 4-5", &[2]),
        ("one key of two", store, "0 write x=1 0-1; 0 write y=1 2-3; 1 read x=1 4-5; 1 read y=- 4-5", &[1, 3]),
    ];
    for (name, model, lines, blamed) in table {
        let verdict = history(*model, lines).linearizable(DEFAULT_BUDGET);
        let conflict = verdict.conflict().unwrap_or_else(|| panic!("{name}: {verdict:?}"));
        let mut operations = conflict.operations.clone();
        operations.sort_unstable();
        assert_eq!(operations, *blamed, "{name}: {}", conflict.words);
    }
}

/// Goal: what looks wrong and is not is explained, and by which order.
#[test]
fn explanations_are_found() {
    let (register, text, store) = (Model::CasRegister, Model::KvAppend, Model::Kv);
    let table: &[(&str, Model, &str, &[u64])] = &[
        ("nothing", register, "", &[]),
        ("a read during a write", register, "0 write 1 0-9; 1 read - 1-2; 1 read 1 3-4", &[1, 0, 2]),
        (
            "an unknown write long after its call",
            register,
            "0 write 1 0-?; 1 write 2 1-2; 1 read 2 3-4; 1 read 1 5-6",
            &[1, 2, 0, 3],
        ),
        ("an unknown write that never was", register, "0 write 1 0-?; 1 read - 1-2", &[1]),
        (
            "two unknown cas in a chain",
            register,
            "0 cas -/7 0-?; 0 cas 1>2 0-?; 0 cas ->1 0-?; 1 read 2 1-2",
            &[2, 1, 3],
        ),
        ("a cas that says no", register, "0 write 1 0-1; 1 cas 2/3 2-3; 1 cas 1>3 4-5; 2 read 3 6-7", &[0, 1, 2, 3]),
        ("equal times tell no order", register, "0 write 1 0-1; 1 read - 1-2", &[1, 0]),
        ("appends in any order", text, "0 append a 0-9; 1 append b 0-9; 2 read ba 1-5", &[1, 0, 2]),
        ("an unknown append", text, "0 append a 0-1; 1 append b 2-?; 2 read ab 3-4", &[0, 1, 2]),
        (
            "deleted and put again",
            store,
            "0 write 1 0-1; 1 delete - 0-9; 2 read - 2-3; 0 write 1 4-5; 2 read 1 6-7",
            &[0, 1, 2, 3, 4],
        ),
    ];
    for (name, model, lines, order) in table {
        match history(*model, lines).linearizable(DEFAULT_BUDGET) {
            Verdict::Holds { witness } => {
                let found: Vec<_> = witness.into_iter().flat_map(|order| order.operations).collect();
                assert_eq!(found, *order, "{name}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// Goal: a longest legal prefix comes with a violation, and the words say what the key held.
#[test]
fn dead_ends_show_how_far_it_went_well() {
    let lines = "0 write 1 0-1; 1 cas 1>2 2-5; 2 cas 1>3 2-5; 0 read 3 6-7";
    let verdict = history(Model::CasRegister, lines).linearizable(DEFAULT_BUDGET);
    let conflict = verdict.conflict().unwrap();
    assert_eq!(conflict.prefix, [0, 1]);
    assert!(
        conflict.words.contains("x holds 2, and none of these can come next: 2 (client 2 swaps 1 for 3 in x)"),
        "{}",
        conflict.words
    );
}

/// Goal: a search that takes too long gives up after its budget.
#[test]
fn budgets_hold() {
    let history = large(Model::CasRegister, 1, 4, 400, 500, false);
    assert!(matches!(history.linearizable(10), Verdict::Exhausted { steps: 10, .. }));
}

/// A history of 50 clients, who wait for an answer for so many thousandths of the time: a store that answers from one moment
/// inside each call; if `is_illegal`, its last answers are wrong.
pub(crate) fn large(model: Model, keys: u64, values: u64, operations: u64, busy: u64, is_illegal: bool) -> History {
    const CLIENTS: usize = 50;
    let mut dice = Dice(7);
    let mut free_at = [0; CLIENTS];
    let mut moments = Vec::new();
    for id in 0..operations {
        let client = id as usize % CLIENTS;
        let call = free_at[client] + dice.roll(2 * (1_000 - busy));
        let end = call + 1 + dice.roll(2 * busy);
        free_at[client] = end + 1;
        moments.push((call + dice.roll(end - call + 1), id, client as u64, call, end));
    }
    moments.sort_unstable();
    let mut history = History::new("large", model);
    let mut states = vec![Value::Null; keys as usize];
    for (at, (_, id, client, call, end)) in moments.into_iter().enumerate() {
        let key = dice.roll(keys);
        let state = &mut states[key as usize];
        let status = if dice.roll(20) == 0 { Status::Unknown } else { Status::Ok };
        let new = Value::Integer(dice.roll(values) as i64);
        let act = match (dice.roll(3), model) {
            (0, _) => Act::Read(state.clone()),
            (1, Model::KvAppend) => Act::Append(format!("{id},").into()),
            (1, _) => {
                let expected = if dice.roll(2) == 0 { state.clone() } else { Value::Integer(dice.roll(values) as i64) };
                Act::Cas { swapped: expected == *state, expected, new }
            }
            (_, Model::KvAppend) => Act::Append(format!("{id};").into()),
            _ => Act::Write(new),
        };
        match &act {
            Act::Write(value) | Act::Cas { new: value, swapped: true, .. } => *state = value.clone(),
            Act::Append(piece) => *state = Value::Text((state.text().unwrap().to_owned() + piece).into()),
            _ => {}
        }
        let act = match act {
            Act::Read(_) if is_illegal && at as u64 > operations * 9 / 10 => Act::Read("wrong".into()),
            act => act,
        };
        let key = format!("k{key}").into();
        history.operations.push(Operation { id, client, key, act, call, returned: Some(end), status });
    }
    history.operations.sort_by_key(|operation| operation.call);
    history
}

/// Goal: histories of 10,000 operations by 50 clients are decided, one way and the other.
#[test]
fn large_histories_are_decided() {
    for (model, keys, values, busy) in [
        (Model::CasRegister, 1, 5, 50),
        (Model::CasRegister, 10, 100_000, 500),
        (Model::Kv, 5, 50, 200),
        (Model::KvAppend, 5, 1, 500),
    ] {
        let name = (model, keys, values);
        let verdict = large(model, keys, values, 10_000, busy, false).linearizable(DEFAULT_BUDGET);
        assert!(verdict.holds(), "{name:?}: {:?}", verdict.conflict().map(|conflict| &conflict.words));
        let verdict = large(model, keys, values, 10_000, busy, true).linearizable(DEFAULT_BUDGET);
        assert!(verdict.conflict().is_some(), "{name:?}");
    }
}
