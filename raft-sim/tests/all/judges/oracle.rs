//! A second opinion that is too simple to be wrong: every order is tried.

use std::collections::BTreeMap;

use raft_sim::judge::{Act, History, Model, Operation, Status, Value};

/// Whether one operation must come before another.
pub(crate) type Before = fn(&Operation, &Operation) -> bool;

/// The order of real time.
pub(crate) fn real_time(a: &Operation, b: &Operation) -> bool {
    a.status == Status::Ok && a.returned.unwrap() < b.call
}

/// The order of each client.
pub(crate) fn of_client(a: &Operation, b: &Operation) -> bool {
    a.client == b.client && real_time(a, b)
}

/// Whether some order of the operations explains what clients saw.
pub(crate) fn is_explained(history: &History, before: Before) -> bool {
    let kept = history.operations.iter().filter(|operation| operation.status != Status::Fail);
    place(history, &mut kept.collect(), &mut BTreeMap::new(), before)
}

fn place(history: &History, left: &mut Vec<&Operation>, state: &mut BTreeMap<String, Value>, before: Before) -> bool {
    if left.iter().all(|operation| operation.status == Status::Unknown) {
        return true;
    }
    for at in 0..left.len() {
        let one = left[at];
        if left.iter().any(|other| before(other, one)) {
            continue;
        }
        let held = state.get(&*one.key).cloned();
        let Some(next) = apply(history, &held.clone().unwrap_or_else(|| history.initial.clone()), one) else {
            continue;
        };
        left.remove(at);
        state.insert(one.key.to_string(), next);
        let found = place(history, left, state, before);
        left.insert(at, one);
        match held {
            Some(held) => state.insert(one.key.to_string(), held),
            None => state.remove(&*one.key),
        };
        if found {
            return true;
        }
    }
    false
}

/// What a key holds after an operation; `None` if the answer does not fit. An answer that nobody got fits always.
fn apply(history: &History, state: &Value, operation: &Operation) -> Option<Value> {
    let is_text = history.model == Model::KvAppend;
    let same = |a: &Value, b: &Value| a == b || (is_text && a.text() == Some("") && b.text() == Some(""));
    let is_ok = operation.status == Status::Ok;
    match &operation.act {
        Act::Read(value) => (!is_ok || same(value, state)).then(|| state.clone()),
        Act::Write(value) => Some(value.clone()),
        Act::Delete => Some(Value::Null),
        Act::Append(piece) => {
            let text = match state {
                Value::Null => String::new(),
                Value::Text(text) => text.to_string(),
                Value::Integer(number) => number.to_string(),
                Value::Bool(value) => value.to_string(),
            };
            Some(Value::Text((text + piece).into()))
        }
        Act::Cas { expected, new, swapped: true } => same(expected, state).then(|| new.clone()),
        Act::Cas { expected, .. } => (!is_ok || !same(expected, state)).then(|| state.clone()),
    }
}

/// Goal: a witness is legal by the rules of the model, keeps the order of real time or of each client, and contains every
/// operation that took effect and none that failed, each once.
pub(crate) fn check_witness(history: &History, key: Option<&str>, order: &[u64], before: Before) {
    let find = |id: &u64| history.operations.iter().find(|operation| operation.id == *id).unwrap();
    let order: Vec<_> = order.iter().map(find).collect();
    let mut state: BTreeMap<&str, Value> = BTreeMap::new();
    for (at, one) in order.iter().enumerate() {
        assert!(key.is_none_or(|key| key == &*one.key) && one.status != Status::Fail, "{one:?}");
        let held = state.get(&*one.key).unwrap_or(&history.initial);
        let next = apply(history, held, one).unwrap_or_else(|| panic!("{held:?} {one:?}"));
        state.insert(&one.key, next);
        for later in &order[at + 1..] {
            assert!(one.id != later.id && !before(later, one), "{later:?} before {one:?}");
        }
    }
    let must = |one: &&Operation| one.status == Status::Ok && key.is_none_or(|key| key == &*one.key);
    for one in history.operations.iter().filter(must) {
        assert!(order.iter().any(|placed| placed.id == one.id), "{one:?} is missing");
    }
}
