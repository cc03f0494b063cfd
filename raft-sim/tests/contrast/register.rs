//! Whether a history of one key is that of a register that does one thing after the other: brute force, for small histories.

use std::collections::BTreeSet;

use raft_sim::{Operation, OperationKind, Outcome, Time};

/// One operation: from when to when, what it wrote, what it read.
struct Interval {
    from: Time,
    to: Option<Time>,
    does: Does,
}

enum Does {
    Write(String),
    Read(Option<String>),
}

/// Tries every order that respects real time. An operation without an answer may happen later or never.
pub(crate) fn is_linearizable<'a>(operations: impl Iterator<Item = &'a Operation>) -> bool {
    let intervals: Vec<_> = operations.filter_map(interval).collect();
    assert!(intervals.len() <= 64, "too long for brute force");
    search(&intervals, 0, None, &mut BTreeSet::new())
}

fn interval(operation: &Operation) -> Option<Interval> {
    let from = operation.called_at;
    let (to, outcome) = operation.returned.map_or((None, Outcome::Unknown), |(time, outcome)| (Some(time), outcome));
    let does = match (&operation.kind, outcome) {
        (_, Outcome::Fail) | (OperationKind::Get { .. }, Outcome::Unknown) => return None,
        (OperationKind::Put { value }, _) => Does::Write(value.to_string()),
        (OperationKind::Get { result, .. }, _) => Does::Read(result.as_deref().map(Into::into)),
        (other, _) => panic!("a register has no {}", other.name()),
    };
    Some(Interval { from, to: to.filter(|_| outcome == Outcome::Ok), does })
}

/// `done` is a set of operations, `last` the last write among them.
fn search(all: &[Interval], done: u64, last: Option<usize>, seen: &mut BTreeSet<(u64, Option<usize>)>) -> bool {
    let rest = || all.iter().enumerate().filter(|(at, _)| done >> at & 1 == 0);
    let Some(first_end) = rest().filter_map(|(_, one)| one.to).min() else { return true };
    if !seen.insert((done, last)) {
        return false;
    }
    let value = last.and_then(|at| match &all[at].does {
        Does::Write(value) => Some(value),
        Does::Read(_) => None,
    });
    rest().filter(|(_, one)| one.from <= first_end).any(|(at, one)| match &one.does {
        Does::Write(_) => search(all, done | 1 << at, Some(at), seen),
        Does::Read(answer) => answer.as_ref() == value && search(all, done | 1 << at, last, seen),
    })
}
